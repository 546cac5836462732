// SPDX-License-Identifier: MIT
//
// grams.js - counts of what follows the last 0 to 6 tokens (Kneser-Ney, see src/markov.c): the baseline of a training, and markov.js.

/** @typedef {import("./wasm.js").Core} Core */

export const ORDERS = 6;
const MOST = 3 * 10 ** 6; // different grams that are counted: 200 MB; of a longer text the beginning
const PIECE = 20_000; // tokens that are counted at once: some milliseconds

/** Its memory is given back with the instance. */
export class Grams {
  #core;
  #markov;

  /**
   * @param {Core} core an instance for it alone
   * @param {number} tokens V
   * @param {number} never an id that cannot follow; -1: there is none
   */
  constructor(core, tokens, never) {
    this.#core = core;
    this.#markov = core.made(core.wasm.rnn_markov_new(tokens, ORDERS, never, MOST));
  }

  /** Counts a text. @param {Int32Array} ids @returns {Generator<undefined, void>} yields now and then, so that others have their turn */
  *count(ids) {
    const core = this.#core;
    for (let from = 0, read = PIECE; from < ids.length && read === PIECE; from += PIECE) {
      const some = ids.subarray(from, from + PIECE);
      read = core.lend(4 * some.length, at => {
        core.allIds.set(some, at / 4);
        return core.check(core.wasm.rnn_markov_read(this.#markov, at, some.length));
      });
      yield;
    }
  }

  /**
   * Bits per token of another text.
   * @param {number} order tokens that are looked back @param {Int32Array} ids
   * @returns {Generator<undefined, number>} yields now and then; NaN if there is nothing to count
   */
  *score(order, ids) {
    const core = this.#core;
    const at = core.alloc(4 * ids.length + 4);
    const count = at + 4 * ids.length;
    let bits = 0;
    let counted = 0;
    try {
      core.allIds.set(ids, at / 4);
      for (let from = 0; from < ids.length; from += PIECE) {
        bits += core.wasm.rnn_markov_score(this.#markov, order, at, from, Math.min(from + PIECE, ids.length), count);
        counted += core.count(count);
        yield;
      }
    } finally {
      core.wasm.rnn_free(at);
    }
    return bits / counted;
  }

  /** ln p of each token (V) behind others, written to an address. @param {number} order @param {Int32Array} context @param {number} out */
  logits(order, context, out) {
    const core = this.#core;
    core.lend(4 * context.length, at => {
      core.allIds.set(context, at / 4);
      core.check(core.wasm.rnn_markov_logits(this.#markov, order, at, context.length, out));
    });
  }
}
