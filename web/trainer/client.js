// SPDX-License-Identifier: MIT
//
// client.js - the page's end of worker.js: starts it when it is needed, and notices when it has died. A worker
// that was killed tells nobody; so while it computes it is asked now and then, and whoever stays silent counts as dead. Silence is
// counted in questions, not by a clock: a page that slept has asked none.
import { Pair } from "./pair.js";

const EVERY = 1000; // milliseconds between two questions
const LEAST = 10; // questions without a word
const SLACK = 3; // times the length of an update

export class Lifeline {
  #hear;
  #lost;
  /** @type {Pair | null} */
  #pair = null;
  #unanswered = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {(event: any) => void} hear what the worker says
   * @param {(why: string) => void} lost it has died; the next post() starts another one
   */
  constructor(hear, lost) {
    this.#hear = hear;
    this.#lost = lost;
  }

  /** @param {import("./worker.js").Command} command */
  post(command) {
    (this.#pair ??= this.#start()).post(command);
  }

  /** From now on it computes, an update taking so long. @param {number} seconds */
  watch(seconds) {
    this.rest();
    const most = Math.max(LEAST, Math.ceil((SLACK * 1000 * seconds) / EVERY));
    this.#timer = setInterval(() => {
      if (this.#unanswered++ >= most) this.#die("it was silent");
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
    const pair = new Pair(
      event => {
        this.#unanswered = 0;
        if (event.type !== "pong") this.#hear(event);
      },
      message => {
        if (pair === this.#pair) this.#die(message);
      },
    );
    return pair;
  }

  /** @param {string} why */
  #die(why) {
    this.end();
    this.#lost(why);
  }
}
