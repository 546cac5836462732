// SPDX-License-Identifier: MIT
//
// model.js - recurrent networks that write, in a page, a worker and Node.
//
//     import { load } from "./model.js";
//     const model = await load("weights/shakespeare.safetensors");
//     for (const step of model.write("ROMEO:", { temperature: 0.8, seed: 7, length: 300 }))
//       page.append(step.text);
//
// A thin layer over rnn.wasm, whose functions src/rnn.h describes; all computing is done there.
//
// The wasm is compiled once; every model has an instance of its own. So a freed model gives back all its
// memory, and a hostile file can hurt no other model.
import { RnnError, checkNumber, checkOptions, checkWhole } from "./errors.js";
import { checkWeights, nameOf, readBytes, unlessAborted } from "./sources.js";
import { Step } from "./step.js";
import { BUILDS, CELLS, Core, buildFor, checkSampling, decoder, encoder } from "./wasm.js";

export { RnnError, Step };

const PARTS = /** @type {const} */ ({ h: 0, c: 1, gates: 2 });
const MOST_TEXT = 2 ** 20; // bytes of UTF-8 in one call
const MOST_TOGETHER = 64; // texts written together
const AS_LEARNT = Object.freeze({ temperature: 1, topK: 0, topP: 1 });
const MOST_U32 = 2 ** 32 - 1;

/** @typedef {import("./sources.js").Source} Source */
/** @typedef {import("./wasm.js").Isa} Isa */
/** @typedef {import("./wasm.js").Build} Build */

/**
 * How to draw from a distribution.
 * @typedef {object} Sampling
 * @property {number} [temperature] softmax(logits / temperature): 0 is exactly argmax, 1 (default) the network's own, Infinity uniform
 * @property {number} [topK] only the most probable so many; 0 (default) = all
 * @property {number} [topP] only the fewest that reach this probability together; 1 (default) = all
 */

/**
 * @typedef {object} WriteOptions
 * @property {number} [seed] of the dice, 0 to 2^32 - 1 (default 1)
 * @property {number} [length] characters at most (default 300); Infinity: until `end` is drawn or you stop
 * @property {number} [position] place of the first dice (default 0): to go on in the midst of a text with the same dice
 */

// ---- options: every argument is checked before it crosses into wasm ----

/**
 * The options with what is not given filled in; checked.
 * @param {Sampling & WriteOptions} options
 */
function writeSettings({ temperature = 1, topK = 0, topP = 1, seed = 1, length = 300, position = 0 }) {
  checkSampling({ temperature, topK, topP });
  checkWhole("seed", seed, 0, MOST_U32);
  checkWhole("length", length, 0, Infinity);
  checkWhole("position", position, 0, MOST_U32);
  return { temperature, topK, topP, seed, length, position };
}

/** @param {Int32Array} ids @param {number} V */
function checkIds(ids, V) {
  if (!(ids instanceof Int32Array)) throw new RnnError("E_ARGUMENT", "the ids are not an Int32Array");
  ids.forEach(id => checkWhole("an id", id, 0, V - 1));
}

// ---- model ----

/**
 * A model's place in wasm: addresses, room for a token or a distribution (V floats) during one call, and
 * the ids whose logits are always -Infinity.
 * @typedef {{ core: Core, model: number, vocab: number, scratch: number, neverDrawn: Set<number> }} Network
 */

/** @type {WeakMap<Model, Network>} */
const networks = new WeakMap();

/** @param {Model} model */
function networkOf(model) {
  const network = networks.get(model);
  if (!network) throw new RnnError("E_FREED", "the network was freed", "Load it again.");
  return network;
}

/** @param {Core} core @param {Uint8Array} file */
function readFile(core, file) {
  return core.lendBytes(file, address => {
    const model = core.made(core.wasm.rnn_model_load(address, file.length));
    const vocab = core.made(core.wasm.rnn_vocab_load(address, file.length));
    return { model, vocab };
  });
}

const LEVELS = /** @type {const} */ (["characters", "words", "words, folded"]);

/**
 * A token's text as it stands behind another one: words have a space in front where the rules of src/words.h put one.
 * @param {Model} model @param {number} before -1: the beginning of a text @param {number} id
 */
function textBehind(model, before, id) {
  const text = model.vocabulary[id];
  if (model.level === "characters") return text;
  const { core, vocab } = networkOf(model);
  return core.wasm.rnn_space(vocab, before, id) ? ` ${text}` : text;
}

/**
 * Loads a network.
 * @param {Source} source an address (in Node also a path), a File or Blob, or the bytes of a .safetensors file
 * @param {object} [options]
 * @param {AbortSignal} [options.signal] stops loading; its reason is thrown
 * @param {(progress: { loaded: number, total: number }) => void} [options.onProgress] bytes so far and in all (0: not known)
 * @param {Isa} [options.isa] forces a build; without it the fastest is taken that runs and computes right
 * @returns {Promise<Model>}
 * @throws {RnnError} with a code of error.js
 */
export async function load(source, options = {}) {
  checkOptions(options);
  const { signal, onProgress, isa } = options;
  if (isa !== undefined && !Object.hasOwn(BUILDS, isa))
    throw new RnnError("E_ARGUMENT", `isa is "relaxed", "simd128", "scalar" or not given, but not ${String(isa)}`);
  if (typeof WebAssembly === "undefined")
    throw new RnnError("E_WASM", "there is no WebAssembly here", "Use a current browser, with WebAssembly allowed.");
  const building = buildFor(isa); // while the file is on its way
  building.catch(() => {}); // the file's own error comes first
  const file = await readBytes(source, { signal, onProgress, check: checkWeights });
  const build = await unlessAborted(building, signal);
  const core = await unlessAborted(Core.start(build.module), signal);
  try {
    return new Model(core, build, file);
  } catch (error) {
    if (error instanceof RnnError) throw new RnnError(error.code, `${nameOf(source)}: ${error.message}`, error.hint);
    throw error;
  }
}

/** A network: its weights and vocabulary. Made by load(). */
export class Model {
  #sampler;

  /** @internal @param {Core} core an instance for this model alone @param {Build} build @param {Uint8Array} file */
  constructor(core, { sampler, refused }, file) {
    const { wasm } = core;
    const { model, vocab } = readFile(core, file);
    this.#sampler = sampler;
    /** @type {keyof typeof CELLS} */
    this.cell = wasm.rnn_cell(model) === CELLS.lstm ? "lstm" : wasm.rnn_cell(model) === CELLS.gru ? "gru" : "tanh";
    /** L, 1 to 4 */
    this.layers = wasm.rnn_layers(model);
    /** H, units of a layer */
    this.hidden = wasm.rnn_hidden(model);
    /** E, width of the embedding; 0 = one-hot input */
    this.embedding = wasm.rnn_embedding(model);
    /** V, tokens that it reads */
    this.inputs = wasm.rnn_inputs(model);
    /** V, tokens that it writes */
    this.outputs = wasm.rnn_outputs(model);
    /** whether the weights are int8 with a scale per row */
    this.quantized = wasm.rnn_quantized(model) === 1;
    /** of the file */
    this.bytes = file.length;
    /** @type {Isa} the build in use */
    this.isa = /** @type {Isa} */ (core.text(wasm.rnn_isa()));
    /** why better builds are not in use that were tried: their errors, the best one's first */
    this.refused = [...refused];
    /** 8 hex digits: a hash of shapes and weights */
    this.fingerprint = (wasm.rnn_fingerprint(model) >>> 0).toString(16).padStart(8, "0");
    /** what the file says of itself; without a prototype, so that any key is safe */
    this.metadata = core.metadata(wasm.rnn_meta(model) >>> 0);
    /** texts of the tokens, in id order */
    this.vocabulary = Array.from({ length: wasm.rnn_vocab_size(vocab) }, (_, id) => core.text(wasm.rnn_token(vocab, id)));
    /** what a token is */
    this.level = LEVELS[wasm.rnn_vocab_level(vocab)];
    /** id that ends a text when drawn; -1 if there is none */
    this.end = core.special(model, "end");
    /** id of what the vocabulary lacks, never drawn; -1 if there is none */
    this.unknown = core.special(model, "unknown");
    const tokens = this.vocabulary.length;
    if (tokens !== this.inputs || tokens !== this.outputs)
      throw new RnnError(
        "E_VOCAB",
        `the vocabulary has ${tokens} tokens, the network reads ${this.inputs} and writes ${this.outputs}`,
        "The three numbers must be equal: give the file the vocabulary that the network was trained with.",
      );
    const neverDrawn = new Set([core.special(model, "pad"), core.special(model, "unknown")]);
    networks.set(this, { core, model, vocab, scratch: core.alloc(4 * tokens), neverDrawn });
  }

  /**
   * The ids of a text's tokens. What the vocabulary lacks is named in `unknown`, each once: characters are left out,
   * a word is read as the unknown one. Half of a surrogate pair counts as U+FFFD.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {{ ids: Int32Array, unknown: string[] }}
   */
  encode(text) {
    if (typeof text !== "string") throw new RnnError("E_ARGUMENT", `the text is not a string but ${typeof text}`);
    const { core, vocab } = networkOf(this);
    const utf8 = encoder.encode(text);
    if (utf8.length > MOST_TEXT)
      throw new RnnError(
        "E_RANGE",
        `the text has ${utf8.length} bytes; at most ${MOST_TEXT} are taken at once`,
        "Take less, or read it in pieces.",
      );
    const room = utf8.length; // a token takes at least a byte
    const { all, ends } = core.lend(8 * room, address =>
      core.lendBytes(utf8, from => {
        const count = core.wasm.rnn_encode(vocab, from, room, address, address + 4 * room, room);
        return { all: core.ids(address, count).slice(), ends: core.ids(address + 4 * room, count).slice() };
      }),
    );
    const isUnknown = (/** @type {number} */ id) => id < 0 || (id === this.unknown && this.level !== "characters");
    if (!all.some(isUnknown)) return { ids: all, unknown: [] };
    const textOf = (/** @type {number} */ i) => decoder.decode(utf8.subarray(i ? ends[i - 1] : 0, ends[i]));
    const unknown = [...all.keys()].filter(i => isUnknown(all[i])).map(i => (this.level === "characters" ? textOf(i) : textOf(i).trim()));
    return { ids: all.filter(id => id >= 0), unknown: [...new Set(unknown)] };
  }

  /**
   * A new state: zeros, its logits the head's bias.
   * @returns {State}
   */
  start() {
    return new State(this, this.#sampler);
  }

  /**
   * Reads the prompt, then writes a character for each Step that is pulled. Leave the loop to stop.
   * Arguments are checked at once. The options are read anew at each step from the object given, so that
   * they may be changed while it writes. Ends after `length` characters or when `end` is drawn, which is
   * not part of the text. The dice depend on seed and position alone: same options, same text.
   * @param {string | State} prompt what to begin with ("": the zero state); characters that the vocabulary lacks are left
   *   out, encode() names them. Or a State of this model to go on from; it is advanced.
   * @param {Sampling & WriteOptions} [options]
   * @returns {Generator<Step, void, undefined>}
   */
  write(prompt, options = {}) {
    checkOptions(options);
    writeSettings(options);
    if (!(prompt instanceof State)) return this.#write(this.encode(prompt).ids, options);
    if (prompt.model !== this) throw new RnnError("E_STATE", "the state is of another network");
    return this.#continue(prompt, options);
  }

  /** @param {Int32Array} ids @param {Sampling & WriteOptions} options */
  *#write(ids, options) {
    const state = this.start();
    try {
      state.advance(ids);
      yield* this.#continue(state, options);
    } finally {
      state.free();
    }
  }

  /** @param {State} state @param {Sampling & WriteOptions} options */
  *#continue(state, options) {
    for (let count = 0; ; count++) {
      const { seed, length, position, ...sampling } = writeSettings(options);
      if (count >= length) return;
      const place = position + count;
      const step = new Step(this.#sampler, this.vocabulary, state[draw](sampling, seed, place), sampling, place);
      if (step.id === this.end) return;
      state.take(step.id);
      yield step;
    }
  }

  /**
   * Writes several texts from one beginning together, as one batch: each weight is read once for all of them. Each
   * is the text that write() makes alone of the same options. Arguments are checked at once.
   * @param {string | State} prompt as write() takes it, but a State is not advanced
   * @param {(Sampling & { seed?: number })[]} texts 1 to 64
   * @param {{ length?: number, position?: number }} [options] of all of them, see WriteOptions
   * @returns {Generator<(Step | null)[], void, undefined>} a step for each text; null for one that has ended
   */
  writeTogether(prompt, texts, options = {}) {
    checkOptions(options);
    if (!Array.isArray(texts) || !texts.length || texts.length > MOST_TOGETHER)
      throw new RnnError("E_ARGUMENT", `the texts are not a list of 1 to ${MOST_TOGETHER} options`);
    texts.forEach(checkOptions);
    const settings = texts.map(text => writeSettings({ ...text, ...options }));
    if (!(prompt instanceof State)) return this.#together(this.encode(prompt).ids, settings);
    if (prompt.model !== this) throw new RnnError("E_STATE", "the state is of another network");
    return this.#togetherFrom(prompt, settings);
  }

  /** @param {Int32Array} ids @param {ReturnType<typeof writeSettings>[]} settings */
  *#together(ids, settings) {
    const state = this.start();
    try {
      state.advance(ids);
      yield* this.#togetherFrom(state, settings);
    } finally {
      state.free();
    }
  }

  /** @param {State} state @param {ReturnType<typeof writeSettings>[]} settings */
  *#togetherFrom(state, settings) {
    const batch = new Batch(this, state, settings.length);
    const ended = settings.map(() => false);
    try {
      for (let count = 0; count < settings[0].length; count++) {
        const steps = settings.map(
          ({ seed, position, ...sampling }, b) =>
            new Step(this.#sampler, this.vocabulary, batch.draw(b, sampling, seed, position + count), sampling, position + count),
        );
        steps.forEach(({ id }, b) => {
          ended[b] ||= id === this.end;
        });
        if (!ended.includes(false)) return;
        batch.take(steps.map(({ id }) => id));
        yield steps.map((step, b) => (ended[b] ? null : step));
      }
    } finally {
      batch.free();
    }
  }

  /**
   * How surprising a text is to the network, read from the zero state: `bits` is -log2 of the probability
   * (at temperature 1) that it gave to each token, the first one too. Characters that the vocabulary lacks are left out; the
   * unknown word is read, has Infinity bits and is not counted.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {{ tokens: { id: number, text: string, bits: number }[], bitsPerCharacter: number, unknown: string[] }}
   *   bitsPerCharacter (of words: per token) is NaN where the text has no known one
   */
  score(text) {
    const { ids, unknown } = this.encode(text);
    const state = this.start();
    try {
      const tokens = Array.from(ids, (id, i) => {
        const bits = this.#sampler.surprisal(state.logits, id);
        state.take(id);
        return { id, text: textBehind(this, i ? ids[i - 1] : -1, id), bits };
      });
      const counted = tokens.filter(({ bits }) => bits < Infinity);
      return { tokens, bitsPerCharacter: counted.reduce((sum, token) => sum + token.bits, 0) / counted.length, unknown };
    } finally {
      state.free();
    }
  }

  /** Gives its memory back. It and its states must not be used any more; its Steps may. */
  free() {
    networks.delete(this);
  }
}

// ---- state ----

const STATE_MAGIC = encoder.encode("rnnstate");
const STATE_HEADER = STATE_MAGIC.length + 12; // magic; fingerprint, count of floats and last token, 32 bits little-endian

/** States that were dropped without free() are freed when the collector finds them. */
const dropped = new FinalizationRegistry((/** @type {{ core: WeakRef<Core>, address: number }} */ { core, address }) => {
  core.deref()?.wasm.rnn_state_free(address);
});

const draw = Symbol("draw");
const part = Symbol("part");
const last = Symbol("last"); // what this module alone needs of a State

/** Where a network stands in a text: h, c, gates of each layer, and the logits of what may follow. */
export class State {
  #address;
  #sampler;
  #last = -1; // the token read last

  /** @internal Model.start() makes them. @param {Model} model @param {Core} sampler */
  constructor(model, sampler) {
    const { core, model: address } = networkOf(model);
    this.model = model;
    this.#sampler = sampler;
    this.#address = core.made(core.wasm.rnn_state_new(address, 1));
    dropped.register(this, { core: new WeakRef(core), address: this.#address }, this);
  }

  get #network() {
    const network = networkOf(this.model);
    if (!this.#address) throw new RnnError("E_FREED", "the state was freed", "Start a new one.");
    return network;
  }

  /**
   * Reads a text.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {string[]} the characters that the vocabulary lacks; they were left out
   */
  read(text) {
    const { ids, unknown } = this.model.encode(text);
    this.advance(ids);
    return unknown;
  }

  /**
   * Reads one token.
   * @param {number} id
   */
  take(id) {
    checkWhole("the id", id, 0, this.model.inputs - 1); // before it is cut to an int32
    const { core, model, scratch } = this.#network;
    core.ids(scratch, 1)[0] = id;
    core.check(core.wasm.rnn_step(model, this.#address, scratch));
    this.#last = id;
  }

  /**
   * Reads tokens, as encode() gives them: a long text in pieces, for example.
   * @param {Int32Array} ids
   */
  advance(ids) {
    checkIds(ids, this.model.inputs);
    const { core, model } = this.#network;
    core.lend(4 * ids.length, address => {
      core.ids(address, ids.length).set(ids);
      for (let i = 0; i < ids.length; i++) {
        core.check(core.wasm.rnn_step(model, this.#address, address + 4 * i));
        this.#last = ids[i];
      }
    });
  }

  /** A copy of the logits (V) of what may follow; -Infinity for what is never drawn. */
  get logits() {
    const { core } = this.#network;
    return core.floats(core.wasm.rnn_logits(this.#address) >>> 0, this.model.outputs).slice();
  }

  /**
   * The distribution of what may follow (V).
   * @param {Sampling} [sampling]
   */
  probs({ temperature = 1, topK = 0, topP = 1 } = {}) {
    return this.#sampler.probs(this.logits, { temperature, topK, topP });
  }

  /**
   * A token drawn from that distribution, its probability, the dice that chose it, and what it was drawn from.
   * @param {Required<Sampling>} sampling checked
   * @param {number} seed
   * @param {number} position
   * @returns {import("./step.js").Drawn}
   */
  [draw](sampling, seed, position) {
    const { core, scratch } = this.#network;
    const drawn = core.draw(core.wasm.rnn_logits(this.#address), scratch, this.model.outputs, sampling, seed, position);
    return { ...drawn, text: textBehind(this.model, this.#last, drawn.id), logits: this.logits, ...this.#lastLayer() };
  }

  /**
   * Reads tokens, a Step for each: what the network expected in its place. Its u is null, for it was given.
   * @param {Int32Array} ids
   * @returns {Generator<Step, void, undefined>}
   */
  *steps(ids) {
    checkIds(ids, this.model.inputs);
    for (const [i, id] of ids.entries()) {
      const logits = this.logits;
      const p = 2 ** -this.#sampler.surprisal(logits, id);
      const text = textBehind(this.model, this.#last, id);
      const step = new Step(this.#sampler, this.model.vocabulary, { id, text, p, u: null, logits, ...this.#lastLayer() }, AS_LEARNT, i);
      this.take(id);
      yield step;
    }
  }

  /**
   * A copy of a layer's hidden units (H).
   * @param {number} layer from 0
   */
  h(layer) {
    return this.#part("h", layer, this.model.hidden);
  }

  /**
   * A copy of a layer's cell states (H); empty unless LSTM.
   * @param {number} layer from 0
   */
  c(layer) {
    return this.#part("c", layer, this.model.cell === "lstm" ? this.model.hidden : 0);
  }

  /**
   * A copy of a layer's gates, after their sigmoid or tanh: blocks of H, i f g o (LSTM), r z n (GRU), h (tanh).
   * @param {number} layer from 0
   */
  gates(layer) {
    return this.#part("gates", layer, CELLS[this.model.cell] * this.model.hidden);
  }

  /** @param {keyof typeof PARTS} name @param {number} layer @param {number} length */
  #part(name, layer, length) {
    checkWhole("the layer", layer, 0, this.model.layers - 1);
    if (!length) return new Float32Array();
    return this.#network.core.floats(this[part](name, layer), length).slice();
  }

  /** The token read last; -1: none yet. */
  get [last]() {
    return this.#last;
  }

  /** Address of a part, or of the logits. @param {keyof typeof PARTS | "logits"} name @param {number} layer */
  [part](name, layer) {
    const { wasm } = this.#network.core;
    return (
      (name === "logits"
        ? wasm.rnn_logits(this.#address)
        : this.#network.core.made(wasm.rnn_state_part(this.#address, layer, PARTS[name]))) >>> 0
    );
  }

  /**
   * The last layer's h, c and gates, which lie in a row, in one copy: three would take as long as a step
   * of a small network.
   */
  #lastLayer() {
    const { hidden, cell, layers } = this.model;
    const { core } = this.#network;
    const ofH = cell === "lstm" ? 2 * hidden : hidden;
    const all = ofH + CELLS[cell] * hidden;
    const floats = core.floats(core.made(core.wasm.rnn_state_part(this.#address, layers - 1, PARTS.h)), all).slice();
    return { h: floats.subarray(0, hidden), c: floats.subarray(hidden, ofH), gates: floats.subarray(ofH) };
  }

  /** The state's floats in wasm memory: a view for use at once. */
  #floats() {
    const { core } = this.#network;
    return core.lend(4, out => {
      const address = core.wasm.rnn_state_data(this.#address, out) >>> 0;
      const [count] = new Uint32Array(core.wasm.memory.buffer, out, 1);
      return core.floats(address, count);
    });
  }

  /**
   * The state as bytes, for load() of a state of the same network.
   * @returns {Uint8Array}
   */
  save() {
    const floats = this.#floats();
    const bytes = new Uint8Array(STATE_HEADER + floats.byteLength);
    bytes.set(STATE_MAGIC);
    const numbers = new DataView(bytes.buffer, STATE_MAGIC.length);
    numbers.setUint32(0, parseInt(this.model.fingerprint, 16), true);
    numbers.setUint32(4, floats.length, true);
    numbers.setInt32(8, this.#last, true);
    bytes.set(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), STATE_HEADER);
    return bytes;
  }

  /**
   * Takes over a saved state. On an error nothing changes.
   * @param {Uint8Array | ArrayBuffer} bytes what save() gave
   */
  load(bytes) {
    if (!(bytes instanceof Uint8Array) && !(bytes instanceof ArrayBuffer))
      throw new RnnError("E_ARGUMENT", "a saved state is a Uint8Array or an ArrayBuffer");
    const saved = new Uint8Array(bytes).slice(); // aligned
    const floats = this.#floats();
    const numbers = new DataView(saved.buffer);
    if (saved.length < STATE_HEADER || STATE_MAGIC.some((byte, i) => byte !== saved[i]))
      throw new RnnError("E_STATE", "these bytes are no saved state");
    if (numbers.getUint32(8, true) !== parseInt(this.model.fingerprint, 16))
      throw new RnnError("E_STATE", "the saved state is of another network", "Load the network that it was saved with.");
    if (numbers.getUint32(12, true) !== floats.length || saved.length !== STATE_HEADER + floats.byteLength)
      throw new RnnError("E_STATE", `the saved state has ${saved.length} bytes, expected ${STATE_HEADER + floats.byteLength}`);
    const values = new Float32Array(saved.buffer, STATE_HEADER);
    const last = numbers.getInt32(16, true);
    this.#checkValues(values);
    if (!(last >= -1 && last < this.model.inputs)) throw new RnnError("E_STATE", `the last token of the saved state is ${last}`);
    floats.set(values);
    this.#last = last;
  }

  /** @param {Float32Array} values */
  #checkValues(values) {
    const { neverDrawn } = this.#network;
    const logits = values.length - this.model.outputs;
    values.forEach((value, i) => {
      const good = i >= logits && neverDrawn.has(i - logits) ? value === -Infinity : Number.isFinite(value);
      if (!good) throw new RnnError("E_STATE", `number ${i} of the saved state is ${value}`);
    });
  }

  /** Gives its memory back; a second time is fine. */
  free() {
    if (this.#address) networks.get(this.model)?.core.wasm.rnn_state_free(this.#address);
    this.#address = 0;
    dropped.unregister(this);
  }
}

// ---- batch ----

/** States of several texts that advance together; each began as a copy of one. */
class Batch {
  #network;
  #address;

  /** @param {Model} model @param {State} state where all begin @param {number} count */
  constructor(model, state, count) {
    const network = networkOf(model);
    this.#network = network;
    this.model = model;
    this.count = count;
    this.last = Array(count).fill(state[last]);
    this.#address = network.core.made(network.core.wasm.rnn_state_new(network.model, count));
    for (let layer = 0; layer < model.layers; layer++)
      for (const [name, length] of this.#parts()) this.#spread(state[part](name, layer), this.#part(name, layer), length);
    this.#spread(state[part]("logits", 0), this.#part("logits", 0), model.outputs);
  }

  /** Names and lengths of a layer's parts in one stream. @returns {[keyof typeof PARTS, number][]} */
  #parts() {
    const { cell, hidden } = this.model;
    return [["h", hidden], ...(cell === "lstm" ? [/** @type {["c", number]} */ (["c", hidden])] : []), ["gates", CELLS[cell] * hidden]];
  }

  /** Address of a part of all streams. @param {keyof typeof PARTS | "logits"} name @param {number} layer */
  #part(name, layer) {
    const { core } = this.#network;
    return (
      (name === "logits" ? core.wasm.rnn_logits(this.#address) : core.made(core.wasm.rnn_state_part(this.#address, layer, PARTS[name]))) >>>
      0
    );
  }

  /** @param {number} from @param {number} to @param {number} length */
  #spread(from, to, length) {
    const { core } = this.#network;
    const one = core.floats(from, length);
    const all = core.floats(to, this.count * length);
    for (let b = 0; b < this.count; b++) all.set(one, b * length);
  }

  /**
   * A token drawn for a stream, with what it was drawn from.
   * @param {number} b @param {Required<Sampling>} sampling @param {number} seed @param {number} position
   * @returns {import("./step.js").Drawn}
   */
  draw(b, sampling, seed, position) {
    const { core, scratch } = this.#network;
    const { outputs, layers } = this.model;
    const logits = this.#part("logits", 0) + 4 * b * outputs;
    const drawn = core.draw(logits, scratch, outputs, sampling, seed, position);
    const parts = this.#parts().map(([name, length]) => [name, core.floats(this.#part(name, layers - 1) + 4 * b * length, length).slice()]);
    const text = textBehind(this.model, this.last[b], drawn.id);
    return { ...drawn, text, logits: core.floats(logits, outputs).slice(), c: new Float32Array(), ...Object.fromEntries(parts) };
  }

  /** Each stream reads its token. @param {number[]} ids */
  take(ids) {
    const { core, model } = this.#network;
    this.last = ids;
    core.lend(4 * this.count, address => {
      core.ids(address, this.count).set(ids);
      core.check(core.wasm.rnn_step(model, this.#address, address));
    });
  }

  free() {
    this.#network.core.wasm.rnn_state_free(this.#address);
  }
}
