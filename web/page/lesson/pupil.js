// SPDX-License-Identifier: MIT
//
// pupil.js - a network that learns a text in a worker of its own, and is handed over as far as it has come, again and again.
import { RnnError } from "../../core/errors.js";
import { load } from "../../core/model.js";
import { Client } from "../../trainer/client.js";

/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {import("../../trainer/messages.js").Event} Event */

/**
 * @typedef {object} Teacher
 * @property {(parameters: number) => void} begun
 * @property {(share: number, seconds: number) => void} progress of the training
 * @property {(model: Model, isLast: boolean) => void} learnt the network as it is now, the listener's to free
 * @property {(error: RnnError) => void} failed
 */

const HANDED_EVERY = 1500; // milliseconds
const SILENT = 1; // seconds, longer than an update takes

export class Pupil {
  #client;
  #teacher;
  #updates = 0;
  #handedAt = 0;
  #isEnded = false;

  /** @param {string} text @param {Partial<import("../../core/recipe.js").TrainSettings>} settings @param {Teacher} teacher */
  constructor(text, settings, teacher) {
    this.#teacher = teacher;
    this.#client = new Client({ hear: event => this.#hear(event), failed: error => this.#fail(error) });
    this.#client.post({ type: "read", text, settings });
  }

  /** Whatever it is at. */
  end() {
    this.#isEnded = true;
    this.#client.end();
  }

  /** @param {Event} event */
  #hear(event) {
    if (event.type === "prepared") {
      this.#updates = event.updates;
      this.#teacher.begun(event.parameters);
      this.#client.watch(SILENT);
      this.#client.post({ type: "start", workers: 1, keep: false });
    } else if (event.type === "progress") {
      this.#teacher.progress(event.done / this.#updates, event.seconds);
      if (performance.now() > this.#handedAt + HANDED_EVERY) this.#ask("now");
    } else if (event.type === "end") this.#ask("end");
    else if (event.type === "weights") this.#hand(event.bytes, event.use === "end").catch(error => this.#fail(error));
    else if (event.type === "trouble") this.#fail(new RnnError(event.code, event.message, event.hint));
  }

  /** @param {"now" | "end"} use */
  #ask(use) {
    this.#handedAt = performance.now();
    this.#client.post({ type: "weights", quantized: false, use, which: "last" });
  }

  /** @param {Uint8Array} bytes @param {boolean} isLast */
  async #hand(bytes, isLast) {
    if (isLast) this.#client.end();
    const model = await load(bytes);
    if (this.#isEnded) model.free();
    else this.#teacher.learnt(model, isLast);
  }

  /** @param {RnnError} error */
  #fail(error) {
    if (this.#isEnded) return;
    this.end();
    this.#teacher.failed(error);
  }
}
