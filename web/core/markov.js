// SPDX-License-Identifier: MIT
//
// markov.js - a Markov chain that writes as a network does: it knows nothing but how often what followed the last few characters.
//
//     import { Markov } from "./markov.js";
//     const markov = await Markov.of(text, { heldOut: 0.1 });
//     for (const step of markov.write("ROMEO:\n", { order: 4, temperature: 0.8, seed: 7 })) page.append(step.text);
//     console.log(markov.bits(4), markov.seen("the ", 4).times);
//
// The temperature divides ln p, so what is less probable never becomes the more probable one. Its ids are those of a network that
// learns the same text: the same dice fall on the same characters where the probabilities are equal.
import { buildFor } from "./builds.js";
import { RnnError, checkNumber, checkOptions, checkText, checkWhole } from "./errors.js";
import { Grams, ORDERS } from "./grams.js";
import { WRITING, writeSettings } from "./model.js";
import { encode } from "./network.js";
import { Step } from "./step.js";
import { utf8Of } from "./utf8.js";
import { Core } from "./wasm.js";

/** @import { Sampler, Sampling, WriteOptions } from "./types.js" */

/**
 * What followed a context in the counted text, the most frequent first.
 * @typedef {{ id: number, text: string, count: number }[]} Followers
 */

const LIMIT = { most: 20 * 2 ** 20, hint: "Take a part of it." }; // of a text
const NOT_OF_A_COUNT = {
  layerOf() {
    throw new RnnError("E_STATE", "a count has no hidden units", "Ask a network's step.");
  },
};

/** @param {number} [order] */
function checked(order = ORDERS) {
  checkWhole("order", order, 1, ORDERS);
  return order;
}

export class Markov {
  /** @type {{ core: Core, grams: Grams } | null} null: it was freed */
  #made;
  #sampler;
  #ids;
  #counted;
  #heldOut;
  /** what a token is */
  level = /** @type {const} */ ("characters");
  /** the largest order: 1 to it are possible */
  orders = ORDERS;

  /**
   * Counts a text.
   * @param {string} text @param {{ heldOut?: number }} [options] heldOut: share of the text's end that is not counted (0), as in a Training
   * @returns {Promise<Markov>}
   * @throws {RnnError} E_TEXT: it is empty
   */
  static async of(text, options = {}) {
    checkOptions(options, ["heldOut"]);
    const { heldOut = 0 } = options;
    checkNumber("heldOut", heldOut, 0, 1);
    const utf8 = utf8Of(text, LIMIT);
    if (!utf8.length) throw new RnnError("E_TEXT", "the text is empty: there is nothing to count", "Give it a text.");
    const { module, sampler } = await buildFor();
    return new Markov(await Core.start(module), sampler, utf8, heldOut);
  }

  /** @internal @param {Core} core an instance for it alone @param {Sampler} sampler @param {Uint8Array} utf8 @param {number} heldOut */
  constructor(core, sampler, utf8, heldOut) {
    const { wasm } = core;
    const vocab = core.lendBytes(utf8, at => core.made(wasm.rnn_vocab_build(at, utf8.length, 0, 0)));
    const { ids } = encode(core, vocab, utf8);
    const kept = ids.length - Math.floor(heldOut * ids.length);
    this.#sampler = sampler;
    /** texts of the tokens, in id order */
    this.vocabulary = Array.from({ length: wasm.rnn_vocab_size(vocab) }, (_, id) => core.text(wasm.rnn_token(vocab, id)));
    this.#ids = new Map(this.vocabulary.map((token, id) => [token, id]));
    this.#counted = ids.subarray(0, kept);
    this.#heldOut = ids.subarray(kept);
    const grams = new Grams(core, this.vocabulary.length, -1);
    for (const _ of grams.count(this.#counted));
    this.#made = { core, grams };
  }

  get #open() {
    if (!this.#made) throw new RnnError("E_FREED", "the count was freed", "Count the text again.");
    return this.#made;
  }

  /** The ids of a text's characters, and those that the counted text lacks, each once. @param {string} text */
  encode(text) {
    checkText(text);
    const characters = Array.from(text);
    const unknown = [...new Set(characters.filter(character => !this.#ids.has(character)))];
    const ids = Int32Array.from(characters.flatMap(character => this.#ids.get(character) ?? []));
    return { ids, unknown };
  }

  /** Held-out bits per character; NaN if nothing is held out. @param {number} order characters that are looked back, 1 to 6 */
  bits(order) {
    const scoring = this.#open.grams.score(checked(order), this.#heldOut);
    for (;;) {
      const { done, value } = scoring.next();
      if (done) return value;
    }
  }

  /**
   * Writes behind a prompt, a Step for each character, as Model.write() does: of the same dice, and with the same options.
   * @param {string} prompt what the text lacks is left out @param {WriteOptions & { order?: number }} [options] order: 1 to 6 (6)
   * @returns {Generator<Step, void, undefined>}
   */
  write(prompt, options = {}) {
    checkOptions(options, [...WRITING, "order"]);
    writeSettings(options);
    checked(options.order);
    return this.#behind([...this.encode(prompt).ids.slice(-ORDERS)], options);
  }

  /** @param {number[]} context @param {WriteOptions & { order?: number }} options read anew at each step */
  *#behind(context, options) {
    for (let count = 0; ; count++) {
      const { sampling, seed, length, position } = writeSettings(options);
      if (count >= length) return;
      const step = this.#draw(context, checked(options.order), sampling, seed, (position + count) % 2 ** 32);
      context = [...context, step.id].slice(-ORDERS);
      yield step;
    }
  }

  /** @param {number[]} context @param {number} order @param {Sampling} sampling @param {number} seed @param {number} position */
  #draw(context, order, sampling, seed, position) {
    const page = this.#logits(Int32Array.from(context), order);
    const probs = this.#sampler.probs(page, sampling);
    const u = this.#open.core.wasm.rnn_dice(seed, position);
    const id = this.#sampler.pick(probs, u);
    const drawn = { id, text: this.vocabulary[id], p: probs[id], u, page, from: 0, streams: NOT_OF_A_COUNT, stream: 0, tick: 0 };
    return new Step(this.#sampler, this.vocabulary, drawn, sampling, position);
  }

  /** ln p (V) of what may follow. @param {string} context @param {number} [order] @returns {Float32Array} */
  logits(context, order = ORDERS) {
    return this.#logits(this.encode(context).ids, checked(order));
  }

  /**
   * A context that is shorter than the order has an order of its own: it is not the rest of one that was never seen.
   * @param {Int32Array} context @param {number} order
   */
  #logits(context, order) {
    const { core, grams } = this.#open;
    const V = this.vocabulary.length;
    const known = context.slice(-order);
    return core.lend(4 * V, out => {
      grams.logits(known.length, known, out);
      return core.floats(out, V).slice();
    });
  }

  /**
   * What stands behind the last characters of a context in the counted text. Where they never stood there, fewer of them are taken.
   * @param {string} context @param {number} [order] characters that are looked back
   * @returns {{ context: string, times: number, next: Followers }} context: the characters that were found; times: how often
   */
  seen(context, order = ORDERS) {
    const ids = this.encode(context).ids.slice(-checked(order));
    for (let from = 0; ; from++) {
      const found = this.#followers(ids.subarray(from));
      const times = found.reduce((sum, count) => sum + count, 0);
      if (!times && from < ids.length) continue;
      const next = Array.from(found, (count, id) => ({ id, text: this.vocabulary[id], count })).filter(({ count }) => count);
      next.sort((a, b) => b.count - a.count || a.id - b.id);
      return { context: Array.from(ids.subarray(from), id => this.vocabulary[id]).join(""), times, next };
    }
  }

  /** How often each token (V) stands behind these. @param {Int32Array} ids */
  #followers(ids) {
    const text = this.#counted;
    const counts = new Uint32Array(this.vocabulary.length);
    for (let at = 0; at + ids.length < text.length; at++) {
      let length = 0;
      while (length < ids.length && text[at + length] === ids[length]) length++;
      if (length === ids.length) counts[text[at + length]]++;
    }
    return counts;
  }

  /** Gives its memory back. Its Steps may still be used. */
  free() {
    this.#made = null;
  }
}
