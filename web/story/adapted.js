// SPDX-License-Identifier: MIT
//
// adapted.js - texts whose prompt the network has learnt as it read it: what their branches stand on. Fetched when the reader wants it.
import { Reader } from "../core/learning.js";

/** @typedef {import("./story.js").Branch} Branch */
/** @typedef {import("../core/model.js").State} State */

export const RATE = 0.0007; // the best one on text never trained on, of 384 units
const MOST = 2; // readers kept: each takes some eight times what its network's weights do

/** The readers of one prompt. One that was dropped is made again by reading the prompt again, to the same bits. */
export class Readers {
  /** @type {{ reader: Reader, place: number }[]} as far as each has read; the one that was used last is the last */
  #kept = [];

  /**
   * What a branch begins to read from, as far before a place of the whole text as is known; the caller frees the state.
   * @param {Branch} branch @param {number} place @returns {{ state: State, from: number }}
   */
  start(branch, place) {
    if (place < branch.given) return this.#within(branch, place);
    const { state, from } = this.#take(branch, branch.given) ?? { state: newReader(branch), from: 0 };
    try {
      state.advance(branch.prompt.ids.subarray(from));
    } catch (error) {
      state.free();
      throw error;
    }
    this.#put(state, branch.given);
    return { state: state.start(), from: branch.given };
  }

  /**
   * Takes the state of a branch that was read so far, for who goes on; false: it is none that learns, or it failed at a token.
   * @param {Branch} branch @param {State} state
   */
  keep(branch, state) {
    if (!(state instanceof Reader) || state.left !== branch.given - branch.steps.length) return false;
    this.#take(branch, branch.given)?.state.free();
    this.#put(state, branch.steps.length);
    return true;
  }

  free() {
    for (const { reader } of this.#kept.splice(0)) reader.free();
  }

  /** @param {Branch} branch @param {number} place of the prompt */
  #within(branch, place) {
    return this.#take(branch, place) ?? { state: newReader(branch), from: 0 };
  }

  /**
   * The one of the branch's rate, if it has not read beyond a place; it is not kept any more.
   * @param {Branch} branch @param {number} place
   */
  #take(branch, place) {
    const at = this.#kept.findIndex(each => each.reader.rate === branch.learn && each.place <= place);
    if (at < 0) return undefined;
    const [{ reader, place: from }] = this.#kept.splice(at, 1);
    return { state: reader, from };
  }

  /** @param {Reader} reader @param {number} place */
  #put(reader, place) {
    this.#kept.push({ reader, place });
    for (const { reader } of this.#kept.splice(0, this.#kept.length - MOST)) reader.free();
  }
}

/** @param {Branch} branch */
const newReader = ({ model, learn, given }) => new Reader(model, { rate: learn, tokens: given });
