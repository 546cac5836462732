// SPDX-License-Identifier: MIT
//
// pattern.js - networks that answer: what language a name is of, a year in Roman numerals, the name of a picture.
//
//     import { loadPattern } from "./pattern.js";
//     const roman = await loadPattern("weights/roman.safetensors");
//     roman.answer("1999"); // "MCMXCIX"
//     for (const unit of roman.units("1999")) draw(unit.stack, unit.token, unit.label, unit.h);
//
// The patterns are those of src/rnn.h: one-to-many, many-to-one, synchronous, sequence.
import { RnnError, bytesOf, checkFloats, checkNumber, checkOptions, checkWhole } from "./errors.js";
import { openWeights } from "./model.js";
import { utf8Of } from "./utf8.js";
import { CELLS, decoder, encoder } from "./wasm.js";

const INPUT = { name: "what is to be read", most: 2 ** 20 }; // bytes of UTF-8
const MOST_BEAM = 512;
export const MOST_WRITTEN = 1024; // labels of an answer
const MOST_LABEL = 255; // bytes
const FIGURES = 5; // of RNN_FIGURES
export const EXAMPLES = { name: "the text of examples", most: 64 * 2 ** 20 };
const ASKING = ["temperature", "seed", "most"];
const NAMED = 20; // classes in a hint
const PARTS = /** @type {const} */ ({ h: 0, c: 1, gates: 2, maps: 3 });
const RULES = /** @type {const} */ ({ kind: 0, side: 1, delay: 2 });
/** @type {Record<number, "one-to-many" | "many-to-one" | "synchronous" | "sequence">} by their numbers in src/rnn.h */
const KINDS = { 2: "one-to-many", 3: "many-to-one", 4: "synchronous", 5: "sequence" };

/** @typedef {import("./wasm.js").Core} Core */
/** @typedef {import("./wasm.js").Handle<"rnn_model">} ModelHandle */
/** @typedef {import("./wasm.js").Handle<"rnn_pattern">} PatternHandle */
/** @typedef {import("./wasm.js").Handle<"rnn_vocab">} VocabHandle */
/** @typedef {string | Uint8Array} Input a text or the name of a class; of a picture its bytes, 0 to 255, row after row */

/**
 * @typedef {object} Asking
 * @property {number} [temperature] above 0 what is written is drawn; 0 takes the most probable label each time
 * @property {number} [seed] of the dice
 * @property {number} [most] labels of an answer, 1 to 1024
 */

/**
 * One unit of the unrolled network.
 * @typedef {object} Unit
 * @property {"encoder" | "network"} stack that it is of; the decoder is "network"
 * @property {string | null} token that it reads; null: none
 * @property {string | null} label that it writes; null: none, as the end
 * @property {Float32Array | null} probs (labels) of each label; null where nothing is written
 * @property {Float32Array} h of its last layer, behind the step
 * @property {Float32Array} c
 * @property {Float32Array} gates
 */

/** @param {Asking} asking @param {string[]} [known] names */
function checkAsking(asking, known = ASKING) {
  checkOptions(asking, known);
  const { temperature = 0, seed = 1, most = 200 } = asking;
  checkNumber("temperature", temperature, 0, Infinity);
  checkWhole("seed", seed, 0, 2 ** 32 - 1);
  checkWhole("most", most, 1, MOST_WRITTEN);
  return { temperature, seed, most };
}

/** Bytes as base64. @param {Uint8Array} bytes */
function base64Of(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** One stream of one stack, in wasm memory. */
export class Stream {
  #core;
  #model;
  #state;

  /** @param {Core} core @param {ModelHandle} model */
  constructor(core, model) {
    this.#core = core;
    this.#model = model;
    this.#state = core.made(core.wasm.rnn_state_new(model, 1));
  }

  /** @param {number} id -1: no input */
  read(id) {
    this.#core.lend(4, at => {
      this.#core.allIds[at / 4] = id;
      this.#core.check(this.#core.wasm.rnn_step(this.#model, this.#state, at));
    });
  }

  /** @param {Float32Array} vector that it begins from */
  begin(vector) {
    this.#core.lend(4 * vector.length, at => {
      this.#core.floats(at, vector.length).set(vector);
      this.#core.check(this.#core.wasm.rnn_state_begin(this.#state, at));
    });
  }

  /** A copy. @param {number} count of labels */
  logits(count) {
    return this.#core.floats(this.#core.wasm.rnn_logits(this.#state) >>> 0, count).slice();
  }

  /**
   * A part of a layer, or the maps of a convolution: a view for use at once.
   * @param {number} layer @param {keyof typeof PARTS} name @param {number} width
   */
  part(layer, name, width) {
    return this.#core.floats(this.#core.made(this.#core.wasm.rnn_state_part(this.#state, layer, PARTS[name])), width);
  }

  free() {
    this.#core.wasm.rnn_state_free(this.#state);
  }
}

/**
 * Loads a network that answers.
 * @param {import("./types.js").Source} source as load() takes it
 * @param {import("./types.js").LoadOptions} [options]
 * @returns {Promise<Pattern>}
 * @throws {RnnError}
 */
export async function loadPattern(source, options = {}) {
  return openWeights(source, options, (core, file) =>
    core.lendBytes(file, at => {
      if (core.wasm.rnn_file_answers(at, file.length) === 0)
        throw new RnnError("E_SHAPE", "the file is no network that answers", "If it writes on, load() opens it.");
      return new Pattern(core, core.made(core.wasm.rnn_pattern_load(at, file.length)), file.length);
    }),
  );
}

/** A network that answers. Made by loadPattern(). */
export class Pattern {
  /** @type {Core | null} null: it was freed */
  #core;
  #pattern;
  #model;
  #encoder;

  /** @internal @param {Core} core an instance for it alone @param {PatternHandle} pattern @param {number} bytes of its file */
  constructor(core, pattern, bytes) {
    const { wasm } = core;
    const model = core.made(wasm.rnn_pattern_model(pattern));
    const encoder = /** @type {ModelHandle} */ (wasm.rnn_pattern_encoder(pattern) >>> 0);
    const cell = wasm.rnn_cell(model);
    this.#core = core;
    this.#pattern = pattern;
    this.#model = model;
    this.#encoder = encoder || null;
    /** id of the label that ends what it writes; -1: it gives a label to what it reads */
    this.end = core.lendText("end", at => wasm.rnn_special(model, at));
    /** what the file says of itself; without a prototype, so that any key is safe */
    this.metadata = core.metadata(wasm.rnn_meta(model) >>> 0);
    const rule = (/** @type {number} */ which) => wasm.rnn_pattern_rule(pattern, which);
    this.pattern = KINDS[rule(RULES.kind)];
    /** @type {"lstm" | "gru" | "tanh"} */
    this.cell = cell === CELLS.lstm ? "lstm" : cell === CELLS.gru ? "gru" : "tanh";
    this.layers = wasm.rnn_layers(model);
    this.hidden = wasm.rnn_hidden(model);
    this.quantized = wasm.rnn_quantized(model) === 1;
    /** of the file */
    this.bytes = bytes;
    /** numbers that a state begins from; 0: none */
    this.inputs = wasm.rnn_vector(model);
    /** of the pictures that it reads, how many places a side has; 0: it reads none */
    this.side = rule(RULES.side);
    /** steps from a token to its answer */
    this.delay = rule(RULES.delay);
    /** texts of what it reads, in id order: characters, or classes; of pictures none */
    this.vocabulary = this.side ? [] : this.#tokens(wasm.rnn_pattern_vocab(pattern));
    /** texts of what it writes, in id order */
    this.labels = this.#tokens(wasm.rnn_pattern_labels(pattern));
  }

  get #alive() {
    if (!this.#core) throw new RnnError("E_FREED", "the network was freed", "Load it again.");
    return this.#core;
  }

  /** @param {VocabHandle} vocab */
  #tokens(vocab) {
    const { wasm } = this.#alive;
    return Array.from({ length: wasm.rnn_vocab_size(vocab) }, (_, id) => this.#alive.text(wasm.rnn_token(vocab, id)));
  }

  /** Whether it writes a text of its own length, and does not give a label to what it reads. */
  get #writes() {
    return this.end >= 0;
  }

  /** The names of its classes, or of the first ones. */
  get #classes() {
    const more = this.vocabulary.length - NAMED;
    const names = this.vocabulary.slice(0, NAMED).map(name => JSON.stringify(name));
    return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
  }

  /** @param {Input} input @returns {Uint8Array} as the core takes it */
  #bytes(input) {
    if (this.side) {
      const picture = bytesOf("the picture", input);
      if (picture.length !== this.side ** 2)
        throw new RnnError("E_ARGUMENT", `the picture has ${picture.length} bytes, expected ${this.side} x ${this.side}`);
      return encoder.encode(base64Of(picture));
    }
    const text = /** @type {string} */ (input);
    const utf8 = utf8Of(text, INPUT);
    if (this.inputs && text && !this.vocabulary.includes(text))
      throw new RnnError("E_ARGUMENT", `${JSON.stringify(text)} is no class that the network knows`, `It knows ${this.#classes}.`);
    return utf8;
  }

  /**
   * The characters of an input that the network does not know, each once: they are read as no input. Of a class or a picture none.
   * @param {Input} input
   */
  unknown(input) {
    const characters = this.inputs ? [] : decoder.decode(this.#bytes(input));
    return [...new Set(characters)].filter(character => !this.vocabulary.includes(character));
  }

  /**
   * The answer as text: the label of the whole, a label for each token, or what it writes. Of an empty input it is empty. A text is
   * read as it is: a line end at its end is a character too.
   * @param {Input} input
   * @param {Asking & { beam?: number }} [options] beam: so many texts are followed at once, 1 to 512
   */
  answer(input, options = {}) {
    const { temperature, seed, most } = checkAsking(options, [...ASKING, "beam"]);
    const { beam = 1 } = options;
    checkWhole("beam", beam, 1, MOST_BEAM);
    if (beam > 1 && temperature > 0) throw new RnnError("E_ARGUMENT", "a beam takes the best text: it needs temperature 0");
    const core = this.#alive;
    const utf8 = this.#bytes(input);
    return core.lendBytes(utf8, at => {
      const ask = (/** @type {number} */ out, /** @type {number} */ room) =>
        core.check(core.wasm.rnn_pattern_answer(this.#pattern, at, utf8.length, beam, temperature, seed, most, out, room));
      const room = this.#writes ? most * MOST_LABEL + 1 : ask(0, 0) + 1;
      return core.lend(room, out => (ask(out, room), core.text(out)));
    });
  }

  /**
   * What examples cost and how many are right: an example is right if each of its labels is the most probable one.
   * @param {string} lines an example each: what is read, a tab, what is written
   */
  score(lines) {
    const core = this.#alive;
    const utf8 = utf8Of(lines, EXAMPLES);
    return core.lendBytes(utf8, at => this.figures(out => core.wasm.rnn_pattern_score(this.#pattern, at, utf8.length, out)));
  }

  /** @internal The figures that a function of the core writes. @param {(out: number) => number} write */
  figures(write) {
    const core = this.#alive;
    return core.lend(8 * FIGURES, out => {
      core.check(write(out));
      const [examples, right, labels, labelsRight, bits] = new Float64Array(core.wasm.memory.buffer.slice(out, out + 8 * FIGURES));
      return { examples, right, labels, labelsRight, bitsPerLabel: bits / labels };
    });
  }

  // ---- unit by unit ----

  /**
   * The units of the unrolled network, one after another: what is read, then what is written. Of an empty input there are none.
   * @param {Input} input @param {Asking} [options]
   * @returns {Generator<Unit, void, undefined>}
   */
  units(input, options = {}) {
    return this.#units(input, checkAsking(options));
  }

  /** @param {Input} input @param {Required<Asking>} asking @returns {Generator<Unit, void, undefined>} */
  *#units(input, asking) {
    if (!this.#bytes(input).length) return;
    const stream = new Stream(this.#alive, this.#encoder ?? this.#model);
    try {
      if (!this.#encoder && this.inputs) stream.begin(this.#vector(input));
      for (const [place, id] of this.#ids(input).entries()) {
        stream.read(id);
        const unit = this.#unit(stream, this.#encoder ? "encoder" : "network", this.vocabulary[id] ?? null);
        yield place < this.delay ? { ...unit, label: null, probs: null } : unit; // what comes before its first answer was never taught
      }
      if (this.#writes) yield* this.#write(this.#carried(stream), asking);
    } finally {
      stream.free();
    }
  }

  /**
   * The state that a text is written from: all that the network then knows of the input.
   * @param {Input} input @returns {Float32Array} for each layer h (H) and, if LSTM, c (H)
   */
  begin(input) {
    const stream = new Stream(this.#alive, this.#encoder ?? this.#model);
    try {
      if (!this.#writes) throw new RnnError("E_STATE", `the pattern ${this.pattern} hands no state to what writes`);
      if (!this.#bytes(input).length) throw new RnnError("E_ARGUMENT", "nothing is there to read: there is no state behind it");
      if (!this.#encoder) stream.begin(this.#vector(input));
      else for (const id of this.#ids(input)) stream.read(id);
      return this.#carried(stream);
    } finally {
      stream.free();
    }
  }

  /**
   * What the two convolutions make of a picture, behind ReLU and halving.
   * @param {Uint8Array} picture
   * @returns {{ side: number, maps: Float32Array[] }[]} of each convolution its maps (side * side), row after row
   */
  maps(picture) {
    if (!this.side) throw new RnnError("E_STATE", "the network reads no pictures");
    const stream = new Stream(this.#alive, this.#model);
    try {
      stream.begin(this.#vector(picture));
      let side = this.side;
      return [0, 1].map(which => {
        const count = this.#alive.wasm.rnn_maps(this.#model, which);
        side = Math.floor((side - 2) / 2);
        const values = stream.part(which, "maps", side * side * count);
        const mapOf = (/** @type {number} */ map) => Float32Array.from({ length: side * side }, (_, place) => values[place * count + map]);
        return { side, maps: Array.from({ length: count }, (_, map) => mapOf(map)) };
      });
    } finally {
      stream.free();
    }
  }

  /**
   * The units that write from a state, as begin() gives it; or another one's, or one that a hand has changed.
   * @param {Float32Array} state @param {Asking} [options]
   * @returns {Generator<Unit, void, undefined>}
   */
  write(state, options = {}) {
    return this.#write(state, checkAsking(options));
  }

  /** @param {Float32Array} state @param {Required<Asking>} asking @returns {Generator<Unit, void, undefined>} */
  *#write(state, { temperature, seed, most }) {
    const core = this.#alive;
    const stream = new Stream(core, this.#model);
    try {
      this.#carry(stream, state);
      for (let position = 0, before = -1; position < most; position++) {
        stream.read(before);
        const logits = stream.logits(this.labels.length);
        const probs = core.probs(logits, { temperature, topK: 0, topP: 1 });
        const id = core.pick(probs, core.wasm.rnn_dice(seed, position));
        const label = id === this.end ? null : this.labels[id];
        yield { ...this.#unit(stream, "network", before < 0 ? null : this.labels[before]), label };
        if (label === null) return;
        before = id;
      }
    } finally {
      stream.free();
    }
  }

  /** @param {Stream} stream @param {"encoder" | "network"} stack @param {string | null} token @returns {Unit} */
  #unit(stream, stack, token) {
    const { hidden, layers } = this;
    const probs = stack === "encoder" ? null : this.#alive.probs(stream.logits(this.labels.length), { temperature: 1, topK: 0, topP: 1 });
    const part = (/** @type {keyof typeof PARTS} */ name, /** @type {number} */ width) => stream.part(layers - 1, name, width).slice();
    return {
      stack,
      token,
      label: probs && this.labels[probs.indexOf(Math.max(...probs))],
      probs,
      h: part("h", hidden),
      c: this.cell === "lstm" ? part("c", hidden) : new Float32Array(),
      gates: part("gates", CELLS[this.cell] * hidden),
    };
  }

  /** What the first stack reads, -1 for what the vocabulary lacks. @param {Input} input @returns {Int32Array} */
  #ids(input) {
    const core = this.#alive;
    const utf8 = this.#bytes(input);
    return core.lendBytes(utf8, at => {
      const count = core.check(core.wasm.rnn_pattern_read(this.#pattern, at, utf8.length, 0, 0));
      return core.lend(
        4 * count,
        out => (core.wasm.rnn_pattern_read(this.#pattern, at, utf8.length, out, count), core.ids(out, count).slice()),
      );
    });
  }

  /** What a state begins from. @param {Input} input @returns {Float32Array} */
  #vector(input) {
    const core = this.#alive;
    const utf8 = this.#bytes(input);
    return core.lendBytes(utf8, at =>
      core.lend(4 * this.inputs, out => {
        core.check(core.wasm.rnn_pattern_vector(this.#pattern, at, utf8.length, out));
        return core.floats(out, this.inputs).slice();
      }),
    );
  }

  /** @returns {["h", "c"] | ["h"]} the parts of a layer that are carried on */
  get #carries() {
    return this.cell === "lstm" ? ["h", "c"] : ["h"];
  }

  /** @param {Stream} stream @returns {Float32Array} */
  #carried(stream) {
    const parts = Array.from({ length: this.layers }, (_, layer) => this.#carries.map(name => [...stream.part(layer, name, this.hidden)]));
    return Float32Array.from(parts.flat(2));
  }

  /** @param {Stream} stream @param {Float32Array} state */
  #carry(stream, state) {
    checkFloats("the state", state, this.layers * this.#carries.length * this.hidden);
    for (const number of state)
      if (!Number.isFinite(number)) throw new RnnError("E_ARGUMENT", "the state holds a number that is not finite");
    let from = 0;
    for (let layer = 0; layer < this.layers; layer++)
      for (const name of this.#carries) stream.part(layer, name, this.hidden).set(state.subarray(from, (from += this.hidden)));
  }

  /** Gives its memory back. */
  free() {
    this.#core = null;
  }
}
