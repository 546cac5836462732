// SPDX-License-Identifier: MIT
//
// step.js - one character written, with the distribution behind it.
import { checkWhole } from "./errors.js";

/** @typedef {{ temperature: number, topK: number, topP: number }} Sampling how a distribution is made of logits */

/**
 * Makes distributions, draws from them, measures surprise.
 * @typedef {object} Sampler
 * @property {(logits: Float32Array, sampling: Sampling) => Float32Array} probs
 * @property {(probs: Float32Array, u: number) => number} pick
 * @property {(logits: Float32Array, id: number) => number} surprisal
 */

/**
 * What a state gives a step: the token, its probability, the dice (null: given, not drawn), and the state before the token.
 * @typedef {{ id: number, text: string, p: number, u: number | null, logits: Float32Array, h: Float32Array, c: Float32Array, gates:
 *   Float32Array }} Drawn
 */

/**
 * One character written or read, with the distribution it was drawn from or could have been. Plain data: it stays valid after
 * further steps and after its model was freed. It holds V + (cell + 2) * H floats: keep what you need; h, c
 * and gates are views of one buffer (three would slow writing), which each of them keeps whole. To post or
 * transfer one of them alone, send its slice().
 */
export class Step {
  #sampler;
  #vocabulary;
  #surprisal = NaN;

  /**
   * @internal
   * @param {Sampler} sampler
   * @param {string[]} vocabulary
   * @param {Drawn} drawn
   * @param {Sampling} sampling
   * @param {number} position
   */
  constructor(sampler, vocabulary, { id, text, p, u, logits, h, c, gates }, { temperature, topK, topP }, position) {
    this.#sampler = sampler;
    this.#vocabulary = vocabulary;
    this.id = id;
    /** as it stands behind the token before: a word may have a space in front */
    this.text = text;
    /** from 0; also the dice's */
    this.position = position;
    /** the dice, in [0, 1); null where the character was given */
    this.u = u;
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    /** (V) before the character was drawn, as are h, c and gates */
    this.logits = logits;
    /** last layer's hidden units (H) */
    this.h = h;
    /** last layer's cell states (H); empty unless LSTM */
    this.c = c;
    /** last layer's gates, see State.gates() */
    this.gates = gates;
    /** -log2 of the character's probability in the distribution it was drawn from */
    this.bits = Math.log2(1 / p);
  }

  /**
   * The distribution (V) that it was drawn from, or the one that another temperature or cut would make of the same logits.
   * @param {number} [temperature]
   * @param {{ topK?: number, topP?: number }} [cut]
   * @returns {Float32Array}
   */
  probs(temperature = this.temperature, { topK = this.topK, topP = this.topP } = {}) {
    return this.#sampler.probs(this.logits, { temperature, topK, topP });
  }

  /** -log2 of the character's probability at temperature 1, without a cut: how much it surprised the network, bits. */
  get surprisal() {
    if (Number.isNaN(this.#surprisal)) this.#surprisal = this.#sampler.surprisal(this.logits, this.id);
    return this.#surprisal;
  }

  /** The character's place among all, 1 the most probable; equals share the better place. */
  get rank() {
    const mine = this.logits[this.id];
    return this.logits.reduce((rank, logit) => (logit > mine ? rank + 1 : rank), 1);
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
    const ids = Array.from(probs.keys()).sort((a, b) => probs[b] - probs[a]);
    return ids.slice(0, n).map(id => ({ id, text: this.#vocabulary[id], p: probs[id] }));
  }
}
