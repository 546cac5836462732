// SPDX-License-Identifier: MIT
//
// pair.js - the worker that trains, and the partner that a training may ask for. The page starts both and hands on what they
// tell each other. Workers that workers start hang Firefox 153 now and then when one of them ends; and what goes through a
// MessageChannel between two workers is copied there through another process, where these messages' arrays move.
import { RnnError } from "../core/errors.js";
import { notStarted, spawn } from "./spawn.js";

/** @typedef {import("./messages.js").Command} Command */
/** @typedef {import("./messages.js").Event} Event */
/** @typedef {import("./messages.js").ToPartner} ToPartner */
/** @typedef {import("./messages.js").FromPartner} FromPartner */

/**
 * @typedef {object} Listener
 * @property {(event: Event) => void} hear what the trainer says
 * @property {(error: RnnError, hasStarted: boolean) => void} failed E_WORKER: it has died of an error, or could not be started
 */

export class Pair {
  #listener;
  #trainer;
  #hasStarted = false;
  /** @type {ReturnType<typeof spawn> | null} */
  #partner = null;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#trainer = spawn("trainer");
    this.#trainer.onmessage = ({ data }) => this.#hear(data);
    this.#trainer.onerror = event => {
      event.preventDefault();
      const why = event.message ?? "";
      listener.failed(this.#hasStarted ? new RnnError("E_WORKER", `the worker ended: ${why}`) : notStarted(why), this.#hasStarted);
    };
  }

  /** @param {Command} command */
  post(command) {
    this.#trainer.postMessage(command);
  }

  /** Ends both, whatever they are at. */
  end() {
    this.#dismiss();
    this.#trainer.terminate();
  }

  /** @param {Event} event */
  #hear(event) {
    this.#hasStarted = true;
    if (event.type === "relay") this.#partner?.postMessage(event.message, arraysOf(event.message));
    else if (event.type === "invite") this.#partner ??= this.#startPartner();
    else if (event.type === "dismiss") this.#dismiss();
    else this.#listener.hear(event);
  }

  #startPartner() {
    const partner = spawn("partner");
    partner.onmessage = ({ data: message }) => this.#trainer.postMessage({ type: "relay", message }, arraysOf(message));
    partner.onerror = event => event.preventDefault(); // where there is none, or it is silent, the trainer goes on alone
    return partner;
  }

  #dismiss() {
    this.#partner?.terminate();
    this.#partner = null;
  }
}

/** The memory of a message's arrays, to be moved with it. @param {ToPartner | FromPartner} message @returns {ArrayBuffer[]} */
function arraysOf(message) {
  return Object.values(message)
    .filter(ArrayBuffer.isView)
    .map(array => /** @type {ArrayBuffer} */ (array.buffer));
}
