// SPDX-License-Identifier: MIT
//
// step.js - one character written, with the distribution behind it.
import { checkFloats, checkOptions, checkWhole } from "./errors.js";

/**
 * One character written or read, with the distribution it was drawn from or could have been. It stays valid after further steps
 * and after its model was freed, with the exception of h, c and gates: they are copied only when someone looks, which must be
 * before the next step is taken.
 */
export class Step {
  #sampler;
  #vocabulary;
  #surprisal = NaN;
  /** @type {Float32Array | null} the reader's own copy */
  #logits = null;
  #drawn;
  /** @type {import("./types.js").Layer | null} a copy */
  #layer = null;

  /**
   * @internal
   * @param {import("./types.js").Sampler} sampler
   * @param {string[]} vocabulary
   * @param {import("./types.js").Drawn} drawn
   * @param {import("./types.js").Sampling} sampling
   * @param {number} position
   */
  constructor(sampler, vocabulary, drawn, sampling, position) {
    this.#sampler = sampler;
    this.#vocabulary = vocabulary;
    this.#drawn = drawn;
    this.id = drawn.id;
    /** as it stands behind the token before: a word may have a space in front */
    this.text = drawn.text;
    /** from 0; also the dice's */
    this.position = position;
    /** the dice, in [0, 1); null where the character was given */
    this.u = drawn.u;
    this.temperature = sampling.temperature;
    this.topK = sampling.topK;
    this.topP = sampling.topP;
  }

  /** (V) before the character was drawn, as are h, c and gates. */
  get logits() {
    this.#logits ??= this.#view.slice();
    return this.#logits;
  }

  /** They lie in a page with those of other steps: an array of its own for each would cost as much as a step of a small network. */
  get #view() {
    const { page, from } = this.#drawn;
    return page.subarray(from, from + this.#vocabulary.length);
  }

  /** Last layer's hidden units (H). Throws E_STATE if a further step was taken, as do c and gates. */
  get h() {
    return this.#lastLayer.h;
  }

  /** Last layer's cell states (H); empty unless LSTM. */
  get c() {
    return this.#lastLayer.c;
  }

  /** Last layer's gates, see State.gates(). */
  get gates() {
    return this.#lastLayer.gates;
  }

  get #lastLayer() {
    this.#layer ??= this.#drawn.streams.layerOf(this.#drawn.stream, this.#drawn.tick);
    return this.#layer;
  }

  /** -log2 of the character's probability in the distribution it was drawn from. */
  get bits() {
    return Math.log2(1 / this.#drawn.p);
  }

  /**
   * The distribution (V) that it was drawn from, or the one that another temperature or cut would make of the same logits.
   * @param {number} [temperature]
   * @param {{ topK?: number, topP?: number }} [cut]
   * @returns {Float32Array}
   */
  probs(temperature = this.temperature, cut = {}) {
    checkOptions(cut, ["temperature", "topK", "topP"], "the cut"); // a whole Sampling will do
    const { topK = this.topK, topP = this.topP } = cut;
    return this.#sampler.probs(this.#view, { temperature, topK, topP });
  }

  /** -log2 of the character's probability at temperature 1, without a cut: how much it surprised the network, bits. */
  get surprisal() {
    if (Number.isNaN(this.#surprisal)) this.#surprisal = this.#sampler.surprisal(this.#view, this.id);
    return this.#surprisal;
  }

  /** The character's place among all, 1 the most probable; equals share the better place. */
  get rank() {
    const logits = this.#view;
    const mine = logits[this.id];
    return logits.reduce((rank, logit) => (logit > mine ? rank + 1 : rank), 1);
  }

  /**
   * The id on which the same dice falls at another temperature or cut.
   * @param {number} temperature
   * @param {{ topK?: number, topP?: number }} [cut]
   * @returns {number} NaN where there was no dice
   */
  pick(temperature, cut) {
    return this.u === null ? NaN : this.#sampler.pick(this.probs(temperature, cut), this.u);
  }

  /** Entropy of the distribution that it was drawn from, bits. */
  get entropy() {
    return this.probs().reduce((sum, p) => (p > 0 ? sum + p * Math.log2(1 / p) : sum), 0);
  }

  /**
   * The n most probable tokens of that distribution or another, most probable first; of equals the lower id.
   * @param {number} n
   * @param {Float32Array} [probs] as probs() makes it
   * @returns {{ id: number, text: string, p: number }[]}
   */
  top(n, probs = this.probs()) {
    checkWhole("n", n, 0, Infinity);
    checkFloats("the distribution", probs, this.#vocabulary.length);
    const ids = Array.from(probs.keys()).sort((a, b) => probs[b] - probs[a]);
    return ids.slice(0, n).map(id => ({ id, text: this.#vocabulary[id], p: probs[id] }));
  }
}
