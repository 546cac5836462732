// SPDX-License-Identifier: MIT
//
// recipe.js - networks that learn a text, in a worker and Node; and where a text stands in another one.
//
//     import { Training } from "./recipe.js";
//     const training = await Training.begin(text, { hidden: 128, passes: 10 });
//     while (training.done < training.updates) training.update();
//     const model = await load(training.weights());
//
// A thin layer over rnn.wasm, as model.js is. A window's streams are in two slices, whether one worker runs both or two workers
// one each, so the numbers do not depend on how many there are; nextchar train --slices 2 has the same.
import { RnnError, checkNumber, checkOptions, checkWhole } from "./errors.js";
import { CELLS, Core, buildFor, decoder, encoder } from "./wasm.js";

export const SLICES = 2;
const MOST_TEXT = 20 * 2 ** 20; // bytes of UTF-8
const HELD_OUT_STREAMS = 32;
const HELD_OUT_STEPS = 320; // of the held-out text so much is read each time it is measured
const PIECE = 16; // steps of it at once: some milliseconds
const MOST_GRAMS = 3 * 10 ** 6; // that are counted: 200 MB; of a longer text the beginning
const ORDERS = 6;
const NATS = Math.LN2;

/** Level as a setting -> its number in rnn.h, and its name in a file. */
const LEVELS = /** @type {const} */ ({ characters: [0, ""], words: [1, "words"], folded: [2, "words, folded"] });
const OPTIMIZERS = /** @type {const} */ ({ adam: 0, rmsprop: 1 });

/**
 * @typedef {object} TrainSettings
 * @property {keyof typeof LEVELS} level what a token is; folded: words in small letters
 * @property {number} vocabulary of words: only the most frequent so many, the unknown one among them; 0 = all
 * @property {keyof typeof CELLS} cell
 * @property {number} layers 1 to 4
 * @property {number} hidden units of a layer, 1 to 1024
 * @property {number} embedding width of the learnt input; 0 = one-hot
 * @property {number} batch parallel streams of text; even
 * @property {number} window steps back through time
 * @property {number} passes times through the text
 * @property {keyof typeof OPTIMIZERS} optimizer
 * @property {number} rate highest learning rate
 * @property {number} finalRate share of it that is left at the end of the cosine
 * @property {number} warmup updates until the highest rate
 * @property {number} clip largest norm of the gradients; 0 = any
 * @property {number} dropout share of each layer's outputs that is dropped
 * @property {number} seed of weights, offsets and dropout
 * @property {number} heldOut share of the text's end that is never trained on
 */

/** @type {Readonly<TrainSettings>} */
export const defaults = Object.freeze({
  level: "characters",
  vocabulary: 5000,
  cell: "lstm",
  layers: 1,
  hidden: 128,
  embedding: 64,
  batch: 16,
  window: 64,
  passes: 10,
  optimizer: "adam",
  rate: 0.01,
  finalRate: 0.02,
  warmup: 100,
  clip: 1,
  dropout: 0,
  seed: 1,
  heldOut: 0.1,
});

/** @type {Record<string, [least: number, most: number]>} */
export const limits = {
  vocabulary: [0, 65536],
  layers: [1, 4],
  hidden: [1, 1024],
  embedding: [0, 1024],
  batch: [2, 256],
  window: [1, 1024],
  passes: [1, 10000],
  warmup: [0, 10 ** 6],
  seed: [0, 2 ** 32 - 1],
  rate: [0, 1000],
  finalRate: [0, 1],
  clip: [0, 10 ** 6],
  dropout: [0, 0.95],
  heldOut: [0, 0.5],
};
const WHOLE = ["vocabulary", "layers", "hidden", "embedding", "batch", "window", "passes", "warmup", "seed"];

/** @param {string} name @param {string} value @param {object} among */
function checkName(name, value, among) {
  if (!Object.hasOwn(among, value))
    throw new RnnError("E_RANGE", `${name} is ${value}; it must be one of ${Object.keys(among).join(", ")}`);
}

/**
 * The settings with what is not given filled in; checked.
 * @param {Partial<TrainSettings>} given
 * @returns {TrainSettings}
 */
export function checkSettings(given) {
  checkOptions(given);
  const settings = { ...defaults };
  for (const name of Object.keys(defaults))
    if (given[/** @type {keyof TrainSettings} */ (name)] !== undefined)
      Object.assign(settings, { [name]: given[/** @type {keyof TrainSettings} */ (name)] });
  checkName("level", settings.level, LEVELS);
  checkName("cell", settings.cell, CELLS);
  checkName("optimizer", settings.optimizer, OPTIMIZERS);
  for (const [name, [least, most]] of Object.entries(limits)) {
    const value = settings[/** @type {keyof TrainSettings} */ (name)];
    (WHOLE.includes(name) ? checkWhole : checkNumber)(name, value, least, most);
  }
  if (settings.batch % SLICES)
    throw new RnnError("E_RANGE", `batch is ${settings.batch}; it must be even`, "Its streams are trained in two equal slices.");
  if (settings.vocabulary === 1)
    throw new RnnError("E_RANGE", "vocabulary is 1; it must be 0 or 2 and more", "One of the words is the unknown one.");
  return settings;
}

/** FNV-1a over ids: which text a checkpoint is of. @param {Int32Array} ids */
function hashOf(ids) {
  let hash = 0x811c9dc5;
  for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** @param {string} text @returns {Uint8Array} */
function utf8Of(text) {
  if (typeof text !== "string") throw new RnnError("E_ARGUMENT", `the text is not a string but ${typeof text}`);
  const utf8 = encoder.encode(text);
  if (utf8.length > MOST_TEXT)
    throw new RnnError(
      "E_TOO_BIG",
      `the text has ${utf8.length} bytes; at most ${MOST_TEXT} are taken`,
      "Take a part of it: a million characters are plenty for these networks.",
    );
  return utf8;
}

/**
 * The ids of a text, -1 for what the vocabulary lacks, and the byte behind each token.
 * @param {Core} core
 * @param {number} vocab
 * @param {Uint8Array} utf8
 */
function encode(core, vocab, utf8) {
  return core.lendBytes(utf8, address => {
    const count = core.wasm.rnn_encode(vocab, address, utf8.length, 0, 0, 0);
    return core.lend(8 * count, out => {
      core.wasm.rnn_encode(vocab, address, utf8.length, out, out + 4 * count, count);
      return { ids: core.ids(out, count).slice(), ends: core.ids(out + 4 * count, count).slice() };
    });
  });
}

/**
 * Of words those of the held-out end may be unknown, as words of any other text; of characters none is.
 * @param {Core} core @param {Uint8Array} utf8 @param {TrainSettings} settings @returns {number} the vocabulary's address
 */
function buildVocabulary(core, utf8, { level, vocabulary, heldOut }) {
  const { wasm } = core;
  const [number] = LEVELS[level];
  const build = (/** @type {number} */ bytes, /** @type {number} */ most) =>
    core.lendBytes(utf8, address => core.made(wasm.rnn_vocab_build(address, bytes, number, most)));
  if (level === "characters") return build(utf8.length, 0);
  const any = build(utf8.length, 2);
  const { ends } = encode(core, any, utf8);
  const kept = ends.length - Math.floor(heldOut * ends.length); // any one says where tokens end
  wasm.rnn_vocab_free(any);
  return build(ends[kept - 1], vocabulary);
}

/** A text's tokens. @typedef {{ vocab: number, ids: Int32Array, heldOut: Int32Array, characters: number, unknown: number }} Tokens */

/**
 * @param {Core} core
 * @param {number} vocab
 * @param {Uint8Array} utf8
 * @param {string} text
 * @param {TrainSettings} settings
 * @returns {Tokens}
 */
function tokensOf(core, vocab, utf8, text, { level, heldOut, batch, window }) {
  const all = encode(core, vocab, utf8).ids.filter(id => id >= 0);
  const characters = level === "characters";
  const ids = all.subarray(0, all.length - Math.floor(heldOut * all.length));
  const least = batch * window + 1;
  const unit = characters ? "characters" : "tokens";
  if (!core.wasm.rnn_windows(ids.length, batch, window))
    throw new RnnError(
      "E_TEXT",
      `the text has ${ids.length} ${unit} to train on; ${batch} streams of ${window} need ${least}`,
      "Take a longer text, or a smaller batch or window.",
    );
  return {
    vocab,
    ids,
    heldOut: all.subarray(ids.length),
    characters: [...text].length,
    unknown: characters ? 0 : ids.reduce((sum, id) => sum + Number(id === 0), 0),
  };
}

/**
 * What a training is made of in wasm: addresses, and how many floats the weights are.
 * @typedef {{ model: number, trainer: number, parameters: number }} Network
 */

/** A network that learns a text. */
export class Training {
  #core;
  /** @type {Network} */
  #network;
  #tokens;
  #sentinel;
  #hash;
  #at; // addresses: the ids to train on, the window's inputs and targets
  /** the learning rate is the schedule's times it */
  rateFactor = 1;

  /**
   * Begins a training.
   * @param {string} text @param {Partial<TrainSettings>} [settings]
   * @returns {Promise<Training>}
   * @throws {RnnError} E_TEXT: too short, or of one character alone
   */
  static async begin(text, settings = {}) {
    const checked = checkSettings(settings);
    const utf8 = utf8Of(text);
    if (!text.trim()) throw new RnnError("E_TEXT", "the text is empty", "Paste a text, or choose a file.");
    const core = await Core.start((await buildFor()).module);
    const { cell, layers, hidden, embedding, seed, level } = checked;
    const vocab = buildVocabulary(core, utf8, checked);
    const V = core.wasm.rnn_vocab_size(vocab);
    if (V < 2 || (level !== "characters" && V < 3))
      throw new RnnError(
        "E_TEXT",
        "the text is one and the same token over and over: there is nothing to learn",
        "Take a text with different characters.",
      );
    const tokens = tokensOf(core, vocab, utf8, text, checked);
    const model = core.made(core.wasm.rnn_model_new(CELLS[cell], layers, V, embedding, hidden, V, seed));
    if (level !== "characters") core.lendBytes(encoder.encode("unknown"), name => core.check(core.wasm.rnn_set_special(model, name, 0)));
    return new Training(core, checked, tokens, model);
  }

  /**
   * Goes on from a checkpoint, to the numbers that it would have had without a stop.
   * @param {Uint8Array} checkpoint what save() gave @param {string} text the same one
   * @returns {Promise<Training>}
   * @throws {RnnError} E_CHECKPOINT: it is none, or of another text
   */
  static async resume(checkpoint, text) {
    const core = await Core.start((await buildFor()).module);
    return core.lendBytes(checkpoint, address => {
      const { wasm } = core;
      const bytes = checkpoint.length;
      const model = core.made(wasm.rnn_model_load(address, bytes));
      const vocab = core.made(wasm.rnn_vocab_load(address, bytes));
      const metadata = core.metadata(wasm.rnn_meta(model) >>> 0);
      const settings = readSettings(metadata);
      const training = new Training(core, settings, tokensOf(core, vocab, utf8Of(text), text, settings), model);
      if (training.#hash !== metadata["train.text"])
        throw new RnnError("E_CHECKPOINT", "the checkpoint is of another text", "Choose the text that it was made with.");
      core.check(wasm.rnn_trainer_load(training.#network.trainer, address, bytes));
      training.rateFactor = Number(metadata["train.rateFactor"]) || 1;
      return training;
    });
  }

  /** @param {Core} core @param {TrainSettings} settings @param {Tokens} tokens @param {number} model */
  constructor(core, settings, tokens, model) {
    const { wasm } = core;
    const { batch, window, passes, dropout, seed } = settings;
    const { ids } = tokens;
    this.#core = core;
    this.#tokens = tokens;
    this.#hash = hashOf(ids);
    this.settings = Object.freeze({ ...settings });
    this.#sentinel = settings.level === "characters" ? -1 : 0;
    const trainer = core.made(wasm.rnn_trainer_new(model, batch, window, SLICES, dropout, seed));
    const parameters = core.lend(4, out => (wasm.rnn_params(model, out), core.ids(out, 1)[0]));
    this.#network = { model, trainer, parameters };
    const places = 4 * batch * window;
    const at = core.alloc(4 * ids.length + 2 * places);
    core.ids(at, ids.length).set(ids);
    this.#at = { ids: at, x: at + 4 * ids.length, y: at + 4 * ids.length + places };
    /** floats that are learnt */
    this.parameters = parameters;
    /** updates of a pass */
    this.windows = wasm.rnn_windows(ids.length, batch, window);
    /** updates in all */
    this.updates = this.windows * passes;
    /** of the text: characters; tokens trained on and held out; size of the vocabulary; unknown words trained on */
    this.facts = Object.freeze({
      characters: tokens.characters,
      tokens: ids.length,
      heldOut: tokens.heldOut.length,
      vocabulary: wasm.rnn_vocab_size(tokens.vocab),
      unknown: tokens.unknown,
    });
  }

  /** Updates so far. */
  get done() {
    return this.#core.wasm.rnn_trainer_updates(this.#network.trainer) >>> 0;
  }

  /** Bits of a guess at random. */
  get uniform() {
    return Math.log2(this.facts.vocabulary - (this.#sentinel + 1));
  }

  /** Texts of the tokens, in id order. */
  get vocabulary() {
    const { wasm } = this.#core;
    return Array.from({ length: this.facts.vocabulary }, (_, id) => this.#core.text(wasm.rnn_token(this.#tokens.vocab, id)));
  }

  /**
   * The inputs and targets of the first streams of the next window: how it reads.
   * @param {number} streams @returns {{ inputs: string[], targets: string[] }[]}
   */
  window(streams) {
    this.#fillWindow(this.done);
    const { batch, window } = this.settings;
    const { vocabulary } = this;
    const column = (/** @type {number} */ address, /** @type {number} */ b) =>
      Array.from({ length: window }, (_, t) => vocabulary[this.#core.ids(address, batch * window)[t * batch + b]]);
    return Array.from({ length: Math.min(streams, batch) }, (_, b) => ({ inputs: column(this.#at.x, b), targets: column(this.#at.y, b) }));
  }

  /** @param {number} update @returns {boolean} whether a pass begins */
  #fillWindow(update) {
    const { batch, window, seed } = this.settings;
    const { ids, x, y } = this.#at;
    return this.#core.check(this.#core.wasm.rnn_window(ids, this.facts.tokens, batch, window, seed, update, x, y)) === 1;
  }

  // ---- updates: update() alone; or prepare(), slice() of some, takePart() of the others, finish() ----

  /** One update. @returns {{ done: number, bits: number, rate: number }} bits per token of its window */
  update() {
    this.prepare();
    return this.finish(Array.from({ length: SLICES }, (_, slice) => this.slice(slice)));
  }

  /** The next window; at the beginning of a pass the streams start anew. */
  prepare() {
    if (this.#fillWindow(this.done)) this.#core.wasm.rnn_trainer_reset(this.#network.trainer);
  }

  /** Forward and back through a slice. @param {number} slice @returns {number} nats per token */
  slice(slice) {
    const nats = this.#core.wasm.rnn_trainer_slice(this.#network.trainer, slice, this.#at.x, this.#at.y);
    if (!Number.isFinite(nats)) throw this.#core.error();
    return nats;
  }

  /** Where a slice's part is. @param {number} slice @returns {[address: number, floats: number]} */
  #part(slice) {
    return this.#core.lend(4, out => {
      const address = this.#core.made(this.#core.wasm.rnn_trainer_part(this.#network.trainer, slice, out));
      return [address, this.#core.ids(out, 1)[0]];
    });
  }

  /**
   * All that slice() left behind, for takePart() of another one.
   * @param {number} slice
   * @param {Float32Array} [into] of the right length
   * @returns {Float32Array}
   */
  part(slice, into) {
    const [address, floats] = this.#part(slice);
    const view = this.#core.floats(address, floats);
    if (into?.length !== floats) return view.slice();
    into.set(view);
    return into;
  }

  /** @param {number} slice @param {Float32Array} part */
  takePart(slice, part) {
    const [address, floats] = this.#part(slice);
    if (part.length !== floats) throw new RnnError("E_ARGUMENT", `a part of ${part.length} numbers, expected ${floats}`);
    this.#core.floats(address, floats).set(part);
  }

  /**
   * Updates the weights.
   * @param {number[]} nats what slice() gave, in the slices' order
   * @returns {{ done: number, bits: number, rate: number }}
   */
  finish(nats) {
    const { wasm } = this.#core;
    const { optimizer, rate, finalRate, warmup, clip } = this.settings;
    const now = wasm.rnn_rate(this.done, this.updates, warmup, rate, finalRate) * this.rateFactor;
    this.#core.check(wasm.rnn_trainer_update(this.#network.trainer, OPTIMIZERS[optimizer], now, clip));
    return { done: this.done, bits: nats.reduce((sum, each) => sum + each, 0) / nats.length / NATS, rate: now };
  }

  // ---- measuring ----

  /**
   * Bits per token of the held-out text (of a long one: of a part spread over it), in streams side by side from the zero state.
   * @returns {Generator<undefined, number>} yields now and then, so that others have their turn; NaN if nothing is held out
   */
  *heldOut() {
    const core = this.#core;
    const { wasm } = core;
    const { heldOut } = this.#tokens;
    const streams = Math.min(HELD_OUT_STREAMS, Math.max(1, Math.floor(heldOut.length / PIECE)));
    const each = Math.floor(heldOut.length / streams);
    const steps = Math.min(each, HELD_OUT_STEPS);
    if (!steps) return NaN;
    const state = core.made(wasm.rnn_state_new(this.#network.model, streams));
    let bits = 0;
    let counted = 0;
    try {
      for (let from = 0; from < steps; from += PIECE) {
        const length = Math.min(PIECE, steps - from);
        const piece = new Int32Array(length * streams);
        for (let t = 0; t < length; t++) for (let b = 0; b < streams; b++) piece[t * streams + b] = heldOut[b * each + from + t];
        core.lend(4 * piece.length + 4, address => {
          core.ids(address, piece.length).set(piece);
          bits += wasm.rnn_score(this.#network.model, state, address, length, address + 4 * piece.length);
          counted += core.ids(address + 4 * piece.length, 1)[0];
        });
        yield;
      }
    } finally {
      wasm.rnn_state_free(state);
    }
    return bits / counted;
  }

  /**
   * Held-out bits per token of one who only counts what follows the last 1 to 6 tokens; in a memory of its own, which is
   * given back in the end.
   * @returns {AsyncGenerator<{ order: number, bits: number } | undefined, void>} yields now and then, and each order's figure
   */
  async *markov() {
    const core = await Core.start((await buildFor()).module);
    const { wasm } = core;
    const { ids, heldOut } = this.#tokens;
    const piece = 20_000;
    const markov = core.made(wasm.rnn_markov_new(this.facts.vocabulary, ORDERS, this.#sentinel, MOST_GRAMS));
    const most = Math.max(Math.min(piece, ids.length), heldOut.length);
    const at = core.alloc(4 * most + 4);
    for (let from = 0, read = piece; from < ids.length && read === piece; from += piece) {
      const some = ids.subarray(from, from + piece);
      core.ids(at, some.length).set(some);
      read = core.check(wasm.rnn_markov_read(markov, at, some.length));
      yield;
    }
    core.ids(at, heldOut.length).set(heldOut);
    for (let order = 1; order <= ORDERS; order++) {
      let bits = 0;
      let counted = 0;
      for (let from = 0; from < heldOut.length; from += piece) {
        bits += wasm.rnn_markov_score(markov, order, at, from, Math.min(from + piece, heldOut.length), at + 4 * heldOut.length);
        counted += core.ids(at + 4 * heldOut.length, 1)[0];
        yield;
      }
      if (counted) yield { order, bits: bits / counted };
    }
  }

  /**
   * A text that the network writes as it is now.
   * @param {{ prompt?: string, temperature?: number, seed?: number, length?: number }} [options] length in tokens
   * @returns {string}
   */
  write({ prompt = "", temperature = 0.8, seed = 1, length = 200 } = {}) {
    const core = this.#core;
    const { wasm } = core;
    const { vocab } = this.#tokens;
    const V = this.facts.vocabulary;
    const state = core.made(wasm.rnn_state_new(this.#network.model, 1));
    const ids = encode(core, vocab, encoder.encode(prompt)).ids.filter(id => id >= 0);
    let text = "";
    let before = -1;
    try {
      core.lend(4 * V, scratch => {
        const read = (/** @type {number} */ id) => {
          text += (wasm.rnn_space(vocab, before, id) ? " " : "") + core.text(wasm.rnn_token(vocab, id));
          core.ids(scratch, 1)[0] = before = id;
          core.check(wasm.rnn_step(this.#network.model, state, scratch));
        };
        ids.forEach(read);
        for (let i = 0; i < length; i++)
          read(core.draw(wasm.rnn_logits(state) >>> 0, scratch, V, { temperature, topK: 0, topP: 1 }, seed, i).id);
      });
      return text;
    } finally {
      wasm.rnn_state_free(state);
    }
  }

  // ---- saving ----

  /** @param {Record<string, string>} more @returns {Uint8Array} */
  #metadata(more) {
    const { level } = this.settings;
    const name = LEVELS[level][1];
    const pairs = {
      "nextchar.format": "1",
      ...more,
      ...(name ? { level: name, unknown: "0" } : {}),
      "train.settings": JSON.stringify(this.settings),
      "train.rateFactor": String(this.rateFactor),
      "train.text": this.#hash,
      "train.updates": String(this.done),
    };
    return encoder.encode(
      `${Object.entries(pairs)
        .filter(([, value]) => value)
        .map(pair => pair.join("\0"))
        .join("\0")}\0\0`,
    );
  }

  /** @param {Record<string, string>} more @param {(meta: number, out: number, room: number) => number} save @returns {Uint8Array} */
  #saved(more, save) {
    const core = this.#core;
    return core.lendBytes(this.#metadata(more), meta => {
      const bytes = save(meta, 0, 0) >>> 0;
      if (!bytes) throw core.error();
      return core.lend(bytes, out => {
        save(meta, out, bytes);
        return core.bytes(out, bytes).slice();
      });
    });
  }

  /** A checkpoint: all that resume() needs besides the text. @returns {Uint8Array} */
  save() {
    const { trainer } = this.#network;
    const { vocab } = this.#tokens;
    return this.#saved({}, (meta, out, room) => this.#core.wasm.rnn_trainer_save(trainer, vocab, meta, out, room));
  }

  /**
   * The network as it is now, as a .safetensors file for load().
   * @param {Record<string, string>} [metadata] more that the file says of itself
   * @returns {Uint8Array}
   */
  weights(metadata = {}) {
    const { model } = this.#network;
    const { vocab } = this.#tokens;
    return this.#saved(metadata, (meta, out, room) => this.#core.wasm.rnn_model_save(model, vocab, meta, out, room));
  }
}

/** A checkpoint's settings. @param {Record<string, string>} metadata @returns {TrainSettings} */
function readSettings(metadata) {
  try {
    return checkSettings(JSON.parse(metadata["train.settings"]));
  } catch (cause) {
    throw new RnnError(
      "E_CHECKPOINT",
      "these bytes are a network, but no checkpoint of a training in a page",
      "Choose the file that was downloaded as a checkpoint.",
      cause,
    );
  }
}

/**
 * A network's file with its weights as int8: a quarter of the size.
 * @param {Uint8Array} file @returns {Promise<Uint8Array>}
 */
export async function quantize(file) {
  const core = await Core.start((await buildFor()).module);
  const { wasm } = core;
  return core.lendBytes(file, address => {
    const model = core.made(wasm.rnn_model_load(address, file.length));
    const vocab = core.made(wasm.rnn_vocab_load(address, file.length));
    const small = core.made(wasm.rnn_model_quantize(model));
    const meta = wasm.rnn_meta(small);
    const bytes = wasm.rnn_model_save(small, vocab, meta, 0, 0) >>> 0;
    return core.lend(bytes, out => {
      wasm.rnn_model_save(small, vocab, meta, out, bytes);
      return core.bytes(out, bytes).slice();
    });
  });
}

// ---- what of a text stands in another one ----

/** A text in which others are looked up, character by character. */
export class TextIndex {
  #core;
  #vocab;
  #index;
  #starts;

  /** @param {string} text @returns {Promise<TextIndex>} */
  static async of(text) {
    return new TextIndex(await Core.start((await buildFor()).module), text);
  }

  /** @param {Core} core @param {string} text */
  constructor(core, text) {
    const { wasm } = core;
    const utf8 = utf8Of(text);
    this.#core = core;
    this.#vocab = core.lendBytes(utf8, address => core.made(wasm.rnn_vocab_build(address, utf8.length, 0, 0)));
    const { ids } = encode(core, this.#vocab, utf8);
    this.#index = core.lend(4 * ids.length, address => {
      core.ids(address, ids.length).set(ids);
      return core.made(wasm.rnn_index_new(address, ids.length));
    });
    this.#starts = startsOf(text);
  }

  /**
   * The spans of a text that stand in the indexed one letter for letter, each as long as can be; they may overlap.
   * @param {string} text @param {number} [least] characters of a span
   * @returns {{ spans: { from: number, to: number, at: number }[], novelty: number }} places as in a string: `at` in the
   *   indexed text; novelty is the share of the characters that stand in no span
   */
  find(text, least = 20) {
    checkWhole("least", least, 1, 2 ** 20);
    const core = this.#core;
    const { ids } = encode(core, this.#vocab, utf8Of(text));
    const starts = startsOf(text);
    /** @type {{ from: number, to: number, at: number }[]} */
    const spans = [];
    let copied = 0;
    let end = 0;
    core.lend(4 * ids.length + 4, address => {
      core.ids(address, ids.length).set(ids);
      const place = address + 4 * ids.length;
      for (let i = 0; i < ids.length;) {
        const length = core.wasm.rnn_index_find(this.#index, address + 4 * i, ids.length - i, place);
        if (length < least) {
          i++;
          continue;
        }
        spans.push({ from: starts(i), to: starts(i + length), at: this.#starts(core.ids(place, 1)[0]) });
        copied += i + length - Math.max(i, end);
        end = i + length;
        i = end - least + 1; // the next one may begin within this one, but not end there
      }
    });
    return { spans, novelty: ids.length ? 1 - copied / ids.length : 1 };
  }
}

/** From the number of a character to its place in the string. @param {string} text @returns {(character: number) => number} */
function startsOf(text) {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return character => character;
  const starts = new Int32Array([...text].length + 1);
  let at = 0;
  let i = 0;
  for (const character of text) starts[i++] = (at += character.length) - character.length;
  starts[i] = at;
  return character => starts[character];
}
