// SPDX-License-Identifier: MIT
//
// network.js - a network in wasm memory: its model and its vocabulary. Reading, writing and training all stand on it.
import { RnnError } from "./errors.js";
import { CELLS, decoder } from "./wasm.js";

/** @import { Encoded } from "./types.js" */
/** @import { Core } from "./wasm.js" */
/** @typedef {import("./wasm.js").Handle<"rnn_model">} ModelHandle */
/** @typedef {import("./wasm.js").Handle<"rnn_vocab">} VocabHandle */

/** What a token is, by its number in src/rnn.h. */
export const LEVELS = /** @type {const} */ (["characters", "words", "words, folded"]);

/**
 * The ids of a text's tokens, -1 for what the vocabulary lacks, and the byte of the text behind each.
 * @param {Core} core @param {VocabHandle} vocab @param {Uint8Array} utf8 @returns {{ ids: Int32Array, ends: Int32Array }}
 */
export function encode(core, vocab, utf8) {
  return core.lendBytes(utf8, from => {
    const count = core.wasm.rnn_encode(vocab, from, utf8.length, 0, 0, 0);
    return core.lend(8 * count, out => {
      core.wasm.rnn_encode(vocab, from, utf8.length, out, out + 4 * count, count);
      return { ids: core.ids(out, count).slice(), ends: core.ids(out + 4 * count, count).slice() };
    });
  });
}

/** Who has the instance: a network's own, or another one. @typedef {{ readonly core: Core, readonly isFreed?: boolean }} Home */

export class Network {
  /** @type {Home | null} null: it was freed */
  #home;
  /** @type {string | null} null: the weights have changed since it was asked for */
  #fingerprint = null;

  /**
   * @param {Home} home @param {ModelHandle} model in its instance
   * @param {VocabHandle} vocab in it too, of just the tokens that the model reads and writes
   */
  constructor(home, model, vocab) {
    const { core } = home;
    const { wasm } = core;
    this.#home = home;
    this.model = model;
    this.vocab = vocab;
    /** @type {keyof typeof CELLS} */
    this.cell = wasm.rnn_cell(model) === CELLS.lstm ? "lstm" : wasm.rnn_cell(model) === CELLS.gru ? "gru" : "tanh";
    this.layers = wasm.rnn_layers(model);
    if (!this.layers) throw new RnnError("E_SHAPE", "the network has no layers");
    this.hidden = wasm.rnn_hidden(model);
    this.inputs = wasm.rnn_inputs(model);
    this.outputs = wasm.rnn_outputs(model);
    /** texts of the tokens, in id order */
    this.vocabulary = Array.from({ length: this.outputs }, (_, id) => core.text(wasm.rnn_token(vocab, id)));
    this.level = LEVELS[wasm.rnn_vocab_level(vocab)];
    this.end = this.#special("end");
    this.unknown = this.#special("unknown");
    this.pad = this.#special("pad");
  }

  /** The network of a weights file. @param {Core} core an instance for it alone @param {Uint8Array} file */
  static ofFile(core, file) {
    return core.lendBytes(file, address =>
      core.lend(4, out => {
        if (core.wasm.rnn_file_answers(address, file.length) > 0)
          throw new RnnError("E_SHAPE", "the network answers, and does not write on", "loadPattern() opens it.");
        const model = core.made(core.wasm.rnn_network_load(address, file.length, out));
        return new Network({ core }, model, /** @type {VocabHandle} */ (core.count(out)));
      }),
    );
  }

  get core() {
    if (!this.#home) throw new RnnError("E_FREED", "the network was freed", "Load it again.");
    return this.#home.core;
  }

  /** Gives its instance back, with all that is in it. */
  free() {
    this.#home = null;
  }

  get isFreed() {
    return !this.#home || this.#home.isFreed;
  }

  /** The id under a name; -1 if there is none. @param {"end" | "unknown" | "pad"} name */
  #special(name) {
    return this.core.lendText(name, address => this.core.wasm.rnn_special(this.model, address));
  }

  /** 8 hex digits: a hash of shapes and weights. */
  get fingerprint() {
    this.#fingerprint ??= (this.core.wasm.rnn_fingerprint(this.model) >>> 0).toString(16).padStart(8, "0");
    return this.#fingerprint;
  }

  /** Whoever trains the network says so after each update. */
  weightsChanged() {
    this.#fingerprint = null;
  }

  /** Whether the logit of an id is always -Infinity. @param {number} id */
  isNeverDrawn(id) {
    return id === this.pad || id === this.unknown;
  }

  /** See Model.encode(). @param {Uint8Array} utf8 @returns {Encoded} */
  encode(utf8) {
    const { ids, ends } = encode(this.core, this.vocab, utf8);
    const ofWords = this.level !== "characters";
    const textAt = (/** @type {number} */ i) => decoder.decode(utf8.subarray(i ? ends[i - 1] : 0, ends[i]));
    const unknown = new Set();
    for (const [i, id] of ids.entries())
      if (id < 0 || (ofWords && id === this.unknown)) unknown.add(ofWords ? textAt(i).trim() : textAt(i));
    return { ids: ids.filter(id => id >= 0), unknown: [...unknown], own: ofWords ? this.#own(ids, textAt) : new Map() };
  }

  /**
   * See Encoded. Behind what is left out a token is joined to the one before by the rule.
   * @param {Int32Array} ids -1 is left out @param {(i: number) => string} textAt what the person wrote for it, with the blanks in front
   */
  #own(ids, textAt) {
    const own = new Map();
    let [before, place] = [-1, 0];
    for (const [i, id] of ids.entries()) {
      if (id < 0) continue;
      const isBehindGap = i > 0 && ids[i - 1] < 0;
      if (!isBehindGap && textAt(i) !== this.textBehind(before, id)) own.set(place, textAt(i));
      before = id;
      place++;
    }
    return own;
  }

  /**
   * A token's text as it stands behind another one: words have a space in front where the rules of src/words.h put one.
   * @param {number} before -1: the beginning of a text @param {number} id
   */
  textBehind(before, id) {
    const text = this.vocabulary[id];
    if (this.level === "characters") return text;
    return this.core.wasm.rnn_space(this.vocab, before, id) ? ` ${text}` : text;
  }
}
