// SPDX-License-Identifier: MIT
//
// recipe.js - networks that learn a text, in a worker and Node.
//
//     import { Training } from "./recipe.js";
//     const training = await Training.begin(text, { hidden: 128, passes: 10 });
//     while (training.done < training.updates) training.update();
//     for (const step of training.model.write("ROMEO:\n")) page.append(step.text);
//
// What a training is, from the settings to the last update, src/recipe.c says, for the command too: so both end with the same
// weights, and each goes on from the other's checkpoints.
import { buildFor } from "./builds.js";
import { RnnError, bytesOf, checkFloats, checkNumber, checkOptions, checkText, checkWhole, wrongType } from "./errors.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { Streams } from "./streams.js";
import { Core, charactersIn, encoder } from "./wasm.js";

const MOST_TEXT = 20 * 2 ** 20; // bytes of UTF-8
const HELD_OUT_STREAMS = 32;
const HELD_OUT_STEPS = 320; // of the held-out text so much is read each time it is measured
const PIECE = 16; // steps of it at once: some milliseconds
const MOST_GRAMS = 3 * 10 ** 6; // that are counted: 200 MB; of a longer text the beginning
const GRAM_PIECE = 20_000; // tokens that are counted at once: some milliseconds
const ORDERS = 6;

/** @typedef {import("./wasm.js").Handle<"rnn_recipe">} RecipeHandle */

/**
 * @typedef {object} TrainSettings their limits are in src/rnn.h
 * @property {"characters" | "words" | "folded"} level what a token is; folded: words in small letters
 * @property {number} vocabulary of words: only the most frequent so many, the unknown one among them; 0 = all
 * @property {"lstm" | "gru" | "tanh"} cell
 * @property {number} layers
 * @property {number} hidden units of a layer
 * @property {number} embedding width of the learnt input; 0 = one-hot
 * @property {number} batch parallel streams of text
 * @property {number} window steps back through time
 * @property {number} slices equal groups of streams, each with gradients of its own: so many workers can share a training
 * @property {number} passes times through the text
 * @property {"adam" | "rmsprop"} optimizer
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
  slices: 2,
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
const NAMES = /** @type {(keyof TrainSettings)[]} */ (Object.keys(defaults));

/** A setting's name as the core, the command and the files have it: final-rate. @param {string} name */
const nameInCore = name => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** @param {Core} core @param {RecipeHandle} recipe @param {string} name @param {string} value */
function set(core, recipe, name, value) {
  core.lendText(nameInCore(name), at => core.lendText(value, text => core.check(core.wasm.rnn_recipe_set(recipe, at, text))));
}

/** @param {Core} core @param {RecipeHandle} recipe @param {string} name @returns {string} */
function get(core, recipe, name) {
  return core.lendText(nameInCore(name), at => core.text(core.wasm.rnn_recipe_get(recipe, at)));
}

/** The settings with what is not given filled in. @param {Partial<TrainSettings>} given @returns {TrainSettings} */
function withDefaults(given) {
  checkOptions(given);
  const settings = { ...defaults };
  for (const name of NAMES) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== typeof defaults[name]) throw wrongType(name, `a ${typeof defaults[name]}`, value);
    Object.assign(settings, { [name]: value });
  }
  return settings;
}

/** @param {Core} core @param {RecipeHandle} recipe @returns {Readonly<TrainSettings>} */
function settingsOf(core, recipe) {
  const valueOf = (/** @type {keyof TrainSettings} */ name) => {
    const text = get(core, recipe, name);
    return typeof defaults[name] === "number" ? Number(text) : text;
  };
  return /** @type {any} */ (Object.freeze(Object.fromEntries(NAMES.map(name => [name, valueOf(name)]))));
}

/** @param {string} text @returns {Uint8Array} */
function utf8Of(text) {
  checkText(text);
  const utf8 = encoder.encode(text);
  if (utf8.length > MOST_TEXT)
    throw new RnnError(
      "E_TOO_BIG",
      `the text has ${utf8.length} bytes; at most ${MOST_TEXT} are taken`,
      "Take a part of it: a million characters are plenty for these networks.",
    );
  return utf8;
}

/** A network that learns a text. */
export class Training {
  #core;
  #recipe;
  #trainer;
  #network;

  /**
   * Begins a training.
   * @param {string} text @param {Partial<TrainSettings>} [settings]
   * @returns {Promise<Training>}
   * @throws {RnnError} E_TEXT: too short, or of one character alone; E_RANGE: a setting
   */
  static async begin(text, settings = {}) {
    const wanted = withDefaults(settings);
    const utf8 = utf8Of(text);
    if (!text.trim()) throw new RnnError("E_TEXT", "the text is empty", "Paste a text, or choose a file.");
    const { build, core, recipe } = await start();
    for (const name of NAMES) set(core, recipe, name, String(wanted[name]));
    core.lendBytes(utf8, at => core.check(core.wasm.rnn_recipe_begin(recipe, at, utf8.length, 0, 0, 0, 0)));
    return new Training(build, core, recipe, text);
  }

  /**
   * Goes on from a checkpoint, to the numbers that it would have had without a stop.
   * @param {Uint8Array | ArrayBuffer} checkpoint what save() gave, or a file of the command
   * @param {string} text the same one
   * @returns {Promise<Training>}
   * @throws {RnnError} E_CHECKPOINT: it is none, or of another text; E_DAMAGED: its bytes are not those that were written
   */
  static async resume(checkpoint, text) {
    const bytes = bytesOf("the checkpoint", checkpoint);
    const utf8 = utf8Of(text);
    const { build, core, recipe } = await start();
    core.lendBytes(bytes, file =>
      core.lendBytes(utf8, at => core.check(core.wasm.rnn_recipe_resume(recipe, file, bytes.length, at, utf8.length, 0, 0))),
    );
    return new Training(build, core, recipe, text);
  }

  /**
   * @internal
   * @param {import("./types.js").Build} build
   * @param {Core} core
   * @param {RecipeHandle} recipe that has begun
   * @param {string} text
   */
  constructor(build, core, recipe, text) {
    const { wasm } = core;
    this.#core = core;
    this.#recipe = recipe;
    this.#trainer = wasm.rnn_recipe_trainer(recipe);
    this.#network = new Network(core, wasm.rnn_recipe_model(recipe), wasm.rnn_recipe_vocab(recipe));
    this.settings = settingsOf(core, recipe);
    if (this.#alphabet < 2)
      throw new RnnError(
        "E_TEXT",
        "the text is one and the same token over and over: there is nothing to learn",
        "Take a text with different characters.",
      );
    /** the network as it is now: whoever writes with it between two updates uses what it has learnt so far */
    this.model = new Model(this.#network, build, 0);
    /** floats that are learnt */
    this.parameters = core.lend(4, out => (wasm.rnn_params(this.#network.model, out), core.count(out)));
    /** updates of a pass */
    this.windows = wasm.rnn_recipe_windows(recipe) >>> 0;
    /** updates in all */
    this.updates = wasm.rnn_recipe_updates(recipe) >>> 0;
    const ids = this.#tokens(false);
    const unknown = this.#network.unknown < 0 ? 0 : ids.reduce((sum, id) => sum + Number(id === this.#network.unknown), 0);
    /** of the text: characters; tokens trained on and held out; size of the vocabulary; unknown words trained on */
    this.facts = Object.freeze({
      characters: charactersIn(text),
      tokens: ids.length,
      heldOut: this.#tokens(true).length,
      vocabulary: this.#network.vocabulary.length,
      unknown,
    });
  }

  /** Tokens that can come. */
  get #alphabet() {
    return this.#network.vocabulary.length - Number(this.#network.unknown >= 0);
  }

  /** The text's tokens: a view for use at once. @param {boolean} heldOut those that are held out, or those that are trained on */
  #tokens(heldOut) {
    const core = this.#core;
    return core.lend(4, out => {
      const address = core.wasm.rnn_recipe_tokens(this.#recipe, Number(heldOut), out) >>> 0;
      return core.ids(address, core.count(out));
    });
  }

  /** Updates so far. */
  get done() {
    return this.#core.wasm.rnn_trainer_updates(this.#trainer) >>> 0;
  }

  /** Bits of a guess at random. */
  get uniform() {
    return Math.log2(this.#alphabet);
  }

  /** The learning rate is the schedule's times it. */
  get rateFactor() {
    return Number(get(this.#core, this.#recipe, "rateFactor"));
  }

  set rateFactor(factor) {
    checkNumber("rateFactor", factor, 0, Infinity);
    set(this.#core, this.#recipe, "rateFactor", String(factor));
  }

  /**
   * The inputs and targets of the first streams of the next window: how it reads.
   * @param {number} streams @returns {{ inputs: string[], targets: string[] }[]}
   */
  window(streams) {
    checkWhole("streams", streams, 0, Infinity);
    const core = this.#core;
    const { batch, window } = this.settings;
    const [x, y] = core.lend(8, out => {
      core.check(core.wasm.rnn_recipe_window(this.#recipe, out, out + 4));
      return [core.count(out), core.count(out + 4)].map(address => core.ids(address, batch * window).slice());
    });
    const column = (/** @type {Int32Array} */ ids, /** @type {number} */ b) =>
      Array.from({ length: window }, (_, t) => this.#network.vocabulary[ids[t * batch + b]]);
    return Array.from({ length: Math.min(streams, batch) }, (_, b) => ({ inputs: column(x, b), targets: column(y, b) }));
  }

  // ---- updates: update() alone; or prepare(), slice() of some, takePart() of the others, finish() ----

  /** One update. @returns {{ done: number, bits: number, rate: number }} bits per token of its window */
  update() {
    this.prepare();
    return this.finish(Array.from({ length: this.settings.slices }, (_, slice) => this.slice(slice)));
  }

  /** The next window; at the beginning of a pass the streams start anew. */
  prepare() {
    this.#core.check(this.#core.wasm.rnn_recipe_window(this.#recipe, 0, 0));
  }

  /** Forward and back through a slice. @param {number} slice @returns {number} nats per token */
  slice(slice) {
    this.#checkSlice(slice);
    const nats = this.#core.wasm.rnn_recipe_slice(this.#recipe, slice);
    if (!Number.isFinite(nats)) throw this.#core.error();
    return nats;
  }

  /** Before it is cut to an int32. @param {number} slice */
  #checkSlice(slice) {
    if (!Number.isInteger(slice)) throw new RnnError("E_ARGUMENT", `slice ${slice}, expected a whole number`);
    checkNumber("slice", slice, 0, this.settings.slices - 1);
  }

  /** What a slice leaves behind: a view for use at once. @param {number} slice */
  #part(slice) {
    this.#checkSlice(slice);
    const core = this.#core;
    return core.lend(4, out => {
      const address = core.made(core.wasm.rnn_trainer_part(this.#trainer, slice, out));
      return core.floats(address, core.count(out));
    });
  }

  /**
   * All that slice() left behind, for takePart() of another one.
   * @param {number} slice
   * @param {Float32Array} [into] where it goes, if it is of the right length
   * @returns {Float32Array}
   */
  part(slice, into) {
    const part = this.#part(slice);
    if (!(into instanceof Float32Array) || into.length !== part.length) return part.slice();
    into.set(part);
    return into;
  }

  /** @param {number} slice @param {Float32Array} part */
  takePart(slice, part) {
    const own = this.#part(slice);
    checkFloats("the part", part, own.length);
    own.set(part);
  }

  /**
   * Updates the weights.
   * @param {number[]} nats what slice() gave, in the slices' order
   * @returns {{ done: number, bits: number, rate: number }}
   */
  finish(nats) {
    if (!Array.isArray(nats)) throw wrongType("what slice() gave", "a list of numbers", nats);
    if (nats.length !== this.settings.slices) throw new RnnError("E_ARGUMENT", `${nats.length} losses, expected one a slice`);
    for (const each of nats) checkNumber("a loss", each, -Infinity, Infinity);
    const rate = this.#core.wasm.rnn_recipe_update(this.#recipe);
    if (!Number.isFinite(rate)) throw this.#core.error();
    this.#network.weightsChanged();
    return { done: this.done, bits: nats.reduce((sum, each) => sum + each, 0) / nats.length / Math.LN2, rate };
  }

  // ---- measuring ----

  /**
   * Bits per token of the held-out text (of a long one: of a part spread over it), in streams side by side from the zero state.
   * @returns {Generator<undefined, number>} yields now and then, so that others have their turn; NaN if nothing is held out
   */
  *heldOut() {
    const ids = this.#tokens(true).slice();
    const count = Math.min(HELD_OUT_STREAMS, Math.max(1, Math.floor(ids.length / PIECE)));
    const each = Math.floor(ids.length / count);
    const steps = Math.min(each, HELD_OUT_STEPS);
    if (!steps) return NaN;
    const streams = new Streams(this.#network, count);
    let bits = 0;
    let counted = 0;
    try {
      for (let from = 0; from < steps; from += PIECE) {
        const length = Math.min(PIECE, steps - from);
        const piece = Int32Array.from({ length: length * count }, (_, i) => ids[(i % count) * each + from + Math.floor(i / count)]);
        const scored = streams.score(piece);
        bits += scored.bits;
        counted += scored.counted;
        yield;
      }
    } finally {
      streams.free();
    }
    return bits / counted;
  }

  /**
   * Held-out bits per token of one who only counts what follows the last 1 to 6 tokens; in a memory of its own, which is
   * given back in the end.
   * @returns {AsyncGenerator<{ order: number, bits: number } | undefined, void>} yields now and then, and each order's figure
   */
  async *markov() {
    const ids = this.#tokens(false).slice();
    const heldOut = this.#tokens(true).slice();
    const core = await Core.start((await buildFor()).module);
    const { wasm } = core;
    const markov = core.made(wasm.rnn_markov_new(this.facts.vocabulary, ORDERS, this.#network.unknown, MOST_GRAMS));
    const at = core.alloc(4 * Math.max(GRAM_PIECE, heldOut.length) + 4);
    for (let from = 0, read = GRAM_PIECE; from < ids.length && read === GRAM_PIECE; from += GRAM_PIECE) {
      const some = ids.subarray(from, from + GRAM_PIECE);
      core.allIds.set(some, at / 4);
      read = core.check(wasm.rnn_markov_read(markov, at, some.length));
      yield;
    }
    core.allIds.set(heldOut, at / 4);
    const count = at + 4 * heldOut.length;
    for (let order = 1; order <= ORDERS; order++) {
      let bits = 0;
      let counted = 0;
      for (let from = 0; from < heldOut.length; from += GRAM_PIECE) {
        bits += wasm.rnn_markov_score(markov, order, at, from, Math.min(from + GRAM_PIECE, heldOut.length), count);
        counted += core.count(count);
        yield;
      }
      if (counted) yield { order, bits: bits / counted };
    }
  }

  // ---- saving ----

  /** @param {Record<string, string>} metadata @param {boolean} checkpoint @returns {Uint8Array} */
  #saved(metadata, checkpoint) {
    const core = this.#core;
    const list = Object.entries(checkedMetadata(metadata)).filter(([key, value]) => key && value);
    const meta = list.map(([key, value]) => `${key}\0${value}\0`).join("");
    return core.lendText(meta, at =>
      core.written((out, room) => core.wasm.rnn_recipe_save(this.#recipe, at, Number(checkpoint), out, room)),
    );
  }

  /** A checkpoint: all that resume() needs besides the text. @returns {Uint8Array} */
  save() {
    return this.#saved({}, true);
  }

  /**
   * The network as it is now, as a .safetensors file for load().
   * @param {Record<string, string>} [metadata] more that the file says of itself; what is empty is left out
   * @returns {Uint8Array}
   * @throws {RnnError} E_ARGUMENT: a key that the file has a meaning for, or a NUL
   */
  weights(metadata = {}) {
    return this.#saved(metadata, false);
  }
}

/** Keys that say how the file is to be read. */
const OF_THE_FILE = ["nextchar.format", "level", "end", "pad", "unknown"];

/** @param {Record<string, string>} metadata */
function checkedMetadata(metadata) {
  checkOptions(metadata, "metadata");
  for (const [key, value] of Object.entries(metadata)) {
    checkText(value, `metadata ${JSON.stringify(key)}`);
    if (OF_THE_FILE.includes(key)) throw new RnnError("E_ARGUMENT", `the file itself says its ${key}`, "Take another key.");
    if (`${key}${value}`.includes("\0"))
      throw new RnnError("E_ARGUMENT", `metadata ${JSON.stringify(key)} has a NUL in it`, "Leave it out.");
  }
  return metadata;
}

/** A recipe in an instance of its own. */
async function start() {
  const build = await buildFor();
  const core = await Core.start(build.module);
  return { build, core, recipe: core.made(core.wasm.rnn_recipe_new()) };
}
