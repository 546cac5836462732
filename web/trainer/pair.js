// SPDX-License-Identifier: MIT
//
// pair.js - worker.js, and the second one that a training may ask for. The page starts both and hands on what they
// tell each other. Workers that workers start hang Firefox 153 now and then when one of them ends; and what goes through a
// MessageChannel between two workers is copied there through another process, where these messages' arrays move.
import { spawn } from "./spawn.js";

export class Pair {
  #trainer = spawn("trainer");
  /** @type {Worker | null} */
  #partner = null;

  /** @param {(event: any) => void} hear what the trainer says @param {(message: string) => void} failed it has died of an error */
  constructor(hear, failed) {
    this.#trainer.onmessage = ({ data }) => {
      if (data.type !== "partner") hear(data);
      else if (data.message) this.#partner?.postMessage(data.message, arraysOf(data.message));
      else if (data.wanted) this.#invite();
      else this.#dismiss();
    };
    this.#trainer.onerror = event => {
      event.preventDefault();
      failed(event.message ?? "");
    };
  }

  /** @param {import("./worker.js").Command} command */
  post(command) {
    this.#trainer.postMessage(command);
  }

  /** Ends both, whatever they are at. */
  end() {
    this.#dismiss();
    this.#trainer.terminate();
  }

  #invite() {
    if (this.#partner) return;
    const partner = (this.#partner = spawn("partner"));
    partner.onmessage = ({ data: message }) => this.#trainer.postMessage({ type: "partner", message }, arraysOf(message));
    partner.onerror = event => event.preventDefault(); // the trainer goes on alone after a while
  }

  #dismiss() {
    this.#partner?.terminate();
    this.#partner = null;
  }
}

/** The memory of a message's arrays, to be moved with it. @param {object} message @returns {ArrayBuffer[]} */
function arraysOf(message) {
  return Object.values(message)
    .filter(ArrayBuffer.isView)
    .map(array => /** @type {ArrayBuffer} */ (array.buffer));
}
