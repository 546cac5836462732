// SPDX-License-Identifier: MIT
//
// model.js - recurrent networks that write, in a page, a worker and Node.
//
//     import { load } from "./model.js";
//     const model = await load("weights/shakespeare.safetensors");
//     for (const step of model.write("ROMEO:", { temperature: 0.8, seed: 7, length: 300 }))
//       page.append(step.text);
//
// A thin layer over rnn.wasm (src/rnn.h). Every model has an instance of its own: a freed one gives all its memory back, and a
// hostile file can hurt no other.
import { BUILDS, buildFor, checkEngine, useWasm } from "./builds.js";
import { RnnError, checkOptions, checkText, checkWhole, wrongType } from "./errors.js";
import { Network } from "./network.js";
import { checkWeights, nameOf, readBytes, unlessAborted } from "./sources.js";
import { State } from "./state.js";
import { Step } from "./step.js";
import { Streams } from "./streams.js";
import { Core, SAMPLING, checkSampling, encoder } from "./wasm.js";

/** @import { Build, Encoded, Isa, LoadOptions, Sampling, Source, WriteOptions } from "./types.js" */

export { RnnError, State, Step, useWasm };

const MOST_TEXT = 2 ** 20; // bytes of UTF-8 in one call
const MOST_TOGETHER = 64; // texts written together
const MOST_U32 = 2 ** 32 - 1;
const LOADING = ["signal", "onProgress", "isa"];
export const WRITING = [...SAMPLING, "seed", "length", "position"];

/**
 * @internal The options with what is not given filled in; checked before they cross into wasm.
 * @param {WriteOptions} options
 */
export function writeSettings({ temperature = 1, topK = 0, topP = 1, seed = 1, length = 300, position = 0 }) {
  const sampling = { temperature, topK, topP };
  checkSampling(sampling);
  checkWhole("seed", seed, 0, MOST_U32);
  checkWhole("length", length, 0, Infinity);
  checkWhole("position", position, 0, MOST_U32);
  return { sampling, seed, length, position };
}

/** After the last place of the dice comes the first one again. @param {number} count */
const placeOf = count => count % 2 ** 32;

/**
 * @internal What `use` makes of a file.
 * @template T @param {Source} source @param {LoadOptions} options
 * @param {(core: Core, file: Uint8Array, build: Build) => T} use @returns {Promise<T>}
 */
export async function openWeights(source, options, use) {
  checkOptions(options, LOADING);
  const { signal, onProgress, isa } = options;
  if (isa !== undefined && !Object.hasOwn(BUILDS, isa))
    throw new RnnError("E_ARGUMENT", `isa is "relaxed", "simd128", "scalar" or not given, but not ${String(isa)}`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType("signal", "an AbortSignal", signal);
  if (onProgress !== undefined && typeof onProgress !== "function") throw wrongType("onProgress", "a function", onProgress);
  checkEngine();
  const building = buildFor(isa); // while the file is on its way
  building.catch(() => {}); // the file's own error comes first
  const file = await readBytes(source, { signal, onProgress, check: checkWeights });
  const build = await unlessAborted(building, signal);
  const core = await unlessAborted(Core.start(build.module), signal);
  try {
    return use(core, file, build);
  } catch (error) {
    if (error instanceof RnnError) throw new RnnError(error.code, `${nameOf(source)}: ${error.message}`, error.hint);
    throw error;
  }
}

/**
 * Loads a network.
 * @param {Source} source an address (in Node also a path), a File or Blob, or the bytes of a .safetensors file
 * @param {LoadOptions} [options]
 * @returns {Promise<Model>}
 */
export async function load(source, options = {}) {
  return openWeights(source, options, (core, file, build) => new Model(Network.ofFile(core, file), build, file.length));
}

/** A network: its weights and vocabulary. Made by load(); a Training has one too, which changes as it learns. */
export class Model {
  #network;
  #sampler;

  /** @internal @param {Network} network @param {Omit<Build, "module">} build @param {number} bytes of its file; 0: there is none */
  constructor(network, { sampler, refused }, bytes) {
    const { core, model, cell, layers, hidden, inputs, outputs, vocabulary, level, end, unknown } = network;
    const { wasm } = core;
    this.#network = network;
    this.#sampler = sampler;
    this.cell = cell;
    /** L, 1 to 4 */
    this.layers = layers;
    /** H, units of a layer */
    this.hidden = hidden;
    /** E, width of the embedding; 0 = one-hot input */
    this.embedding = wasm.rnn_embedding(model);
    /** V, tokens that it reads */
    this.inputs = inputs;
    /** V, tokens that it writes */
    this.outputs = outputs;
    /** whether the weights are int8 with a scale per row */
    this.quantized = wasm.rnn_quantized(model) === 1;
    /** of the file */
    this.bytes = bytes;
    /** @type {Isa} the build in use */
    this.isa = /** @type {Isa} */ (core.text(wasm.rnn_isa()));
    /** why better builds are not in use that were tried: their errors, the best one's first */
    this.refused = [...refused];
    /** what the file says of itself; without a prototype, so that any key is safe */
    this.metadata = core.metadata(wasm.rnn_meta(model) >>> 0);
    /** texts of the tokens, in id order */
    this.vocabulary = vocabulary;
    /** what a token is */
    this.level = level;
    /** id that ends a text when drawn; -1 if there is none */
    this.end = end;
    /** id of what the vocabulary lacks, never drawn; -1 if there is none */
    this.unknown = unknown;
  }

  /** @internal What another model of its build is made of. @param {Model} model */
  static partsOf(model) {
    return { network: model.#network, sampler: model.#sampler, refused: model.refused };
  }

  /** 8 hex digits: a hash of shapes and weights */
  get fingerprint() {
    return this.#network.fingerprint;
  }

  /**
   * The ids of a text's tokens, and what the vocabulary lacks.
   * @param {string} text at most 1 MiB as UTF-8 @returns {Encoded}
   */
  encode(text) {
    checkText(text);
    const utf8 = encoder.encode(text);
    if (utf8.length > MOST_TEXT)
      throw new RnnError(
        "E_TOO_BIG",
        `the text has ${utf8.length} bytes; at most ${MOST_TEXT} are taken at once`,
        "Take less, or read it in pieces.",
      );
    return this.#network.encode(utf8);
  }

  /** A new state: zeros, its logits the head's bias. */
  start() {
    return new State(this, this.#network, this.#sampler);
  }

  /**
   * Reads the prompt, then writes a character for each Step that is pulled; leave the loop to stop. The options are read anew at
   * each step, so they may be changed while it writes. Ends after `length` characters, or when `end` is drawn, which is not part
   * of the text. Same options, same text.
   * @param {string | State} prompt "": the zero state; what the vocabulary lacks is left out, of words the blanks at the end too.
   *   Or a State of this model: it is advanced; a Reader learns nothing from then on
   * @param {WriteOptions} [options]
   * @returns {Generator<Step, void, undefined>}
   */
  write(prompt, options = {}) {
    checkOptions(options, WRITING);
    writeSettings(options);
    return this.#from(prompt, state => this.#continue(state, options));
  }

  /** @template T @param {string | State} prompt @param {(state: State) => Generator<T, void, undefined>} write from where it ends */
  #from(prompt, write) {
    if (!(prompt instanceof State)) return this.#behind(this.encode(prompt).ids, write);
    if (prompt.model !== this) throw new RnnError("E_STATE", "the state is of another network");
    return write(prompt);
  }

  /** @template T @param {Int32Array} ids @param {(state: State) => Generator<T, void, undefined>} write */
  *#behind(ids, write) {
    const state = this.start();
    try {
      state.advance(ids);
      yield* write(state);
    } finally {
      state.free();
    }
  }

  /** @param {State} state @param {WriteOptions} options @returns {Generator<Step, void, undefined>} */
  *#continue(state, options) {
    const streams = State.streamsOf(state);
    streams.settle();
    for (let count = 0; ; count++) {
      const { sampling, seed, length, position } = writeSettings(options);
      if (count >= length) return;
      const step = this.#step(streams, 0, sampling, seed, placeOf(position + count));
      if (step.id === this.end) return;
      streams.readOne(step.id);
      yield step;
    }
  }

  /** @param {Streams} streams @param {number} b @param {Sampling} sampling checked @param {number} seed @param {number} position */
  #step(streams, b, sampling, seed, position) {
    return new Step(this.#sampler, this.vocabulary, streams.draw(b, sampling, seed, position), sampling, position);
  }

  /**
   * Writes several texts from one beginning as one batch: each is what write() makes alone of the same options.
   * @param {string | State} prompt as write() takes it, but a State is not advanced
   * @param {WriteOptions[]} texts the options of each, 1 to 64
   * @param {WriteOptions} [options] of those that have none of their own
   * @returns {Generator<(Step | null)[], void, undefined>} a step for each text; null for one that has ended
   */
  writeTogether(prompt, texts, options = {}) {
    checkOptions(options, WRITING);
    if (!Array.isArray(texts) || !texts.length || texts.length > MOST_TOGETHER)
      throw new RnnError("E_ARGUMENT", `the texts are not a list of 1 to ${MOST_TOGETHER} options`);
    const settings = Array.from(texts, (text, i) => {
      checkOptions(text, WRITING, `text ${i}`);
      return writeSettings({ ...options, ...text });
    });
    return this.#from(prompt, state => this.#together(state, settings));
  }

  /** @param {State} state @param {ReturnType<typeof writeSettings>[]} settings @returns {Generator<(Step | null)[], void, undefined>} */
  *#together(state, settings) {
    const streams = new Streams(this.#network, settings.length);
    const longest = Math.max(...settings.map(({ length }) => length));
    const ended = settings.map(() => false);
    try {
      streams.spread(State.streamsOf(state));
      for (let count = 0; count < longest; count++) {
        const steps = settings.map(({ sampling, seed, position }, b) => this.#step(streams, b, sampling, seed, placeOf(position + count)));
        steps.forEach(({ id }, b) => {
          ended[b] ||= id === this.end || count >= settings[b].length;
        });
        if (!ended.includes(false)) return;
        streams.read(steps.map(({ id }) => id));
        yield steps.map((step, b) => (ended[b] ? null : step));
      }
    } finally {
      streams.free();
    }
  }

  /**
   * How surprising a text is, read from the zero state: -log2 of the probability of each token. What the vocabulary lacks is left
   * out; the unknown word has Infinity bits and is not counted.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {{ tokens: { id: number, text: string, bits: number }[], bitsPerCharacter: number, unknown: string[] }}
   *   text: as it stands in the text, of words with the blanks in front (behind what is left out, by the rule of spaces);
   *   bitsPerCharacter: of words, per token; NaN where there is none
   */
  score(text) {
    const { ids, unknown, own } = this.encode(text);
    const state = this.start();
    try {
      const tokens = Array.from(ids, (id, i) => {
        const bits = state.surprisal(id);
        state.take(id);
        return { id, text: own.get(i) ?? this.#network.textBehind(i ? ids[i - 1] : -1, id), bits };
      });
      const counted = tokens.filter(({ bits }) => bits < Infinity);
      return { tokens, bitsPerCharacter: counted.reduce((sum, token) => sum + token.bits, 0) / counted.length, unknown };
    } finally {
      state.free();
    }
  }

  /** Gives its memory back. It and its states must not be used any more; its Steps may. */
  free() {
    this.#network.free();
  }
}
