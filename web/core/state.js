// SPDX-License-Identifier: MIT
//
// state.js - where a network stands in a text, for whoever drives it by hand.
import { RnnError, bytesOf, checkOptions, checkWhole, wrongType } from "./errors.js";
import { Step } from "./step.js";
import { Streams } from "./streams.js";
import { CELLS, SAMPLING, checkSampling, encoder } from "./wasm.js";

/** @import { Model } from "./model.js" */
/** @import { Network } from "./network.js" */
/** @import { Sampler, Sampling } from "./types.js" */

const AS_LEARNT = Object.freeze({ temperature: 1, topK: 0, topP: 1 });
const MOST_U32 = 2 ** 32 - 1;
const MAGIC = encoder.encode("rnnstate");
const HEADER = MAGIC.length + 12; // magic; fingerprint, count of floats and last token, 32 bits little-endian

/** @param {Int32Array} ids @param {number} V */
function checkIds(ids, V) {
  if (!(ids instanceof Int32Array)) throw wrongType("the list of ids", "an Int32Array", ids);
  for (const id of ids) checkWhole("an id", id, 0, V - 1);
}

/** Where a network stands in a text: h, c, gates of each layer, and the logits of what may follow. */
export class State {
  #network;
  #sampler;
  #streams;

  /**
   * @internal Model.start() makes them.
   * @param {Model} model @param {Network} network @param {Sampler} sampler @param {Streams} [streams]
   */
  constructor(model, network, sampler, streams = new Streams(network, 1)) {
    this.model = model;
    this.#network = network;
    this.#sampler = sampler;
    this.#streams = streams;
  }

  /** @internal What it stands on. @param {State} state */
  static streamsOf(state) {
    return state.#streams;
  }

  // ---- reading and drawing ----

  /** Reads a text. @param {string} text at most 1 MiB as UTF-8 @returns {string[]} what the vocabulary lacks; it was left out */
  read(text) {
    const { ids, unknown } = this.model.encode(text);
    this.advance(ids);
    return unknown;
  }

  /** Reads a token. @param {number} id */
  take(id) {
    checkWhole("the id", id, 0, this.#network.inputs - 1); // before it is cut to an int32
    this.#streams.readOne(id);
  }

  /** Reads tokens, as Model.encode() gives them. @param {Int32Array} ids */
  advance(ids) {
    checkIds(ids, this.#network.inputs);
    for (const id of ids) this.#streams.readOne(id);
  }

  /**
   * Reads tokens, a Step for each, whose u is null.
   * @param {Int32Array} ids @param {Map<number, string>} [own] words as the text has them, as Model.encode() gives them
   * @returns {Generator<Step, void, undefined>}
   */
  *steps(ids, own = new Map()) {
    if (!(own instanceof Map)) throw wrongType("the list of words", "a Map", own);
    checkIds(ids, this.#network.inputs);
    for (const [position, id] of ids.entries()) {
      const step = new Step(this.#sampler, this.#network.vocabulary, this.#streams.given(0, id, own.get(position)), AS_LEARNT, position);
      this.#streams.readOne(id);
      yield step;
    }
  }

  /**
   * The step that comes next; take(step.id) then reads it.
   * @param {Sampling} sampling
   * @param {number} seed
   * @param {number} position of the dice
   */
  draw(sampling, seed, position) {
    checkSampling(sampling);
    checkWhole("seed", seed, 0, MOST_U32);
    checkWhole("position", position, 0, MOST_U32);
    return new Step(this.#sampler, this.#network.vocabulary, this.#streams.draw(0, sampling, seed, position), sampling, position);
  }

  // ---- what is in it ----

  /** A copy of the logits (V) of what may follow; -Infinity for what is never drawn. */
  get logits() {
    return this.#streams.logits(0);
  }

  /** The distribution of what may follow (V). @param {Partial<Sampling>} [sampling] */
  probs(sampling = {}) {
    checkOptions(sampling, SAMPLING, "sampling");
    const { temperature = 1, topK = 0, topP = 1 } = sampling;
    return this.#sampler.probs(this.logits, { temperature, topK, topP });
  }

  /** How much a token would surprise the network here, bits. @param {number} id */
  surprisal(id) {
    checkWhole("the id", id, 0, this.#network.outputs - 1);
    const bits = this.#streams.surprisal(0, id);
    if (Number.isNaN(bits)) throw new RnnError("E_NONFINITE", "the logits are no numbers any more: the weights are too large");
    return bits;
  }

  /** A copy of a layer's hidden units (H). @param {number} layer from 0 */
  h(layer) {
    return this.#part("h", layer, this.#network.hidden);
  }

  /** A copy of a layer's cell states (H); empty unless LSTM. @param {number} layer */
  c(layer) {
    return this.#part("c", layer, this.#network.cell === "lstm" ? this.#network.hidden : 0);
  }

  /** A copy of a layer's gates after their sigmoid or tanh, blocks of H: i f g o (LSTM), r z n (GRU), h (tanh). @param {number} layer */
  gates(layer) {
    return this.#part("gates", layer, CELLS[this.#network.cell] * this.#network.hidden);
  }

  /** @param {"h" | "c" | "gates"} name @param {number} layer @param {number} length */
  #part(name, layer, length) {
    checkWhole("the layer", layer, 0, this.#network.layers - 1);
    if (!length) return new Float32Array();
    const address = this.#streams.partAddress(name, layer);
    return this.#network.core.floats(address, length).slice();
  }

  // ---- saving ----

  /** The state as bytes, for load() of a state of the same network. */
  save() {
    const { floats, last } = this.#streams;
    const bytes = new Uint8Array(HEADER + floats.byteLength);
    bytes.set(MAGIC);
    const numbers = new DataView(bytes.buffer, MAGIC.length);
    numbers.setUint32(0, parseInt(this.#network.fingerprint, 16), true);
    numbers.setUint32(4, floats.length, true);
    numbers.setInt32(8, last[0], true);
    bytes.set(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), HEADER);
    return bytes;
  }

  /** Takes over what save() gave. On an error nothing changes. @param {Uint8Array | ArrayBuffer} bytes */
  load(bytes) {
    const saved = bytesOf("the saved state", bytes).slice(); // aligned
    const { floats } = this.#streams;
    const numbers = new DataView(saved.buffer);
    if (saved.length < HEADER || MAGIC.some((byte, i) => byte !== saved[i]))
      throw new RnnError("E_STATE", "these bytes are no saved state");
    if (numbers.getUint32(8, true) !== parseInt(this.#network.fingerprint, 16))
      throw new RnnError("E_STATE", "the saved state is of another network", "Load the network that it was saved with.");
    if (numbers.getUint32(12, true) !== floats.length || saved.length !== HEADER + floats.byteLength)
      throw new RnnError("E_STATE", `the saved state has ${saved.length} bytes, expected ${HEADER + floats.byteLength}`);
    const values = new Float32Array(saved.buffer, HEADER);
    const last = numbers.getInt32(16, true);
    this.#checkValues(values);
    if (!(last >= -1 && last < this.#network.inputs)) throw new RnnError("E_STATE", `the last token of the saved state is ${last}`);
    this.#streams.restore(values, last);
  }

  /** @param {Float32Array} values */
  #checkValues(values) {
    const logits = values.length - this.#network.outputs;
    values.forEach((value, i) => {
      const good = i >= logits && this.#network.isNeverDrawn(i - logits) ? value === -Infinity : Number.isFinite(value);
      if (!good) throw new RnnError("E_STATE", `number ${i} of the saved state is ${value}`);
    });
  }

  /** Gives its memory back; a second time is fine. */
  free() {
    this.#streams.free();
  }
}
