// SPDX-License-Identifier: MIT
//
// client.js - the page's end of the worker that trains: starts it when it is needed, and notices when it has died. A worker
// that was killed tells nobody; so while it computes it is asked now and then, and whoever stays silent counts as dead. Silence is
// counted in questions, not by a clock: a page that slept has asked none.
import { RnnError } from "../core/errors.js";
import { Pair } from "./pair.js";

/** @typedef {import("./pair.js").Listener} Listener */
/** @typedef {import("./messages.js").Command} Command */

const EVERY = 1000; // milliseconds between two questions
const LEAST = 10; // questions without a word
const SLACK = 3; // times the length of an update

export class Client {
  #listener;
  /** @type {Pair | null} */
  #pair = null;
  #unanswered = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {Listener} listener failed: the next post() starts another worker */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {Command} command */
  post(command) {
    (this.#pair ??= this.#start()).post(command);
  }

  /** From now on it computes, an update taking so long. @param {number} seconds */
  watch(seconds) {
    this.rest();
    const most = Math.max(LEAST, Math.ceil((SLACK * 1000 * seconds) / EVERY));
    this.#timer = setInterval(() => {
      if (this.#unanswered++ >= most) this.#die(new RnnError("E_WORKER", "the worker was silent"), true);
      else this.#pair?.post({ type: "ping" });
    }, EVERY);
  }

  /** It has nothing to do. */
  rest() {
    clearInterval(this.#timer);
    this.#unanswered = 0;
  }

  /** Ends it, whatever it is at. */
  end() {
    this.rest();
    this.#pair?.end();
    this.#pair = null;
  }

  #start() {
    const pair = new Pair({
      hear: event => {
        if (pair !== this.#pair) return; // it was ended, and a word of it was still on its way
        this.#unanswered = 0;
        if (event.type !== "pong") this.#listener.hear(event);
      },
      failed: (error, hasStarted) => {
        if (pair === this.#pair) this.#die(error, hasStarted);
      },
    });
    return pair;
  }

  /** @param {RnnError} error @param {boolean} hasStarted */
  #die(error, hasStarted) {
    this.end();
    this.#listener.failed(error, hasStarted);
  }
}
