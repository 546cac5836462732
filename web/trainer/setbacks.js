// SPDX-License-Identifier: MIT
//
// setbacks.js - how often a training has run away and gone back to its last good state; once too often it is given up.
import { RnnError } from "../core/errors.js";

const MOST = 2;

export class Setbacks {
  #count = 0;

  /** It begins or goes on, as a person wants it: what was before does not count. */
  restart() {
    this.#count = 0;
  }

  /**
   * @param {number} done the update that failed @param {{ done: number, rateFactor: number }} back the training as it was
   * @returns {import("./messages.js").Event} @throws {RnnError} E_DIVERGED
   */
  add(done, back) {
    if (++this.#count > MOST)
      throw new RnnError(
        "E_DIVERGED",
        `the loss ran away again at update ${done}`,
        "Begin anew with a lower learning rate, or with clipped gradients.",
      );
    return { type: "diverged", done, back: back.done, factor: back.rateFactor };
  }
}
