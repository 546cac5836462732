// SPDX-License-Identifier: MIT
//
// recipe.js - networks that learn a text, in a worker and Node.
//
//     import { Training } from "./recipe.js";
//     const training = await Training.begin(text); // or with settings: { hidden: 128, passes: 10 }
//     while (training.done < training.updates) training.update();
//     for (const step of training.model.write("ROMEO:\n")) page.append(step.text);
//
// What a training is, from the settings to the last update, src/recipe.c says, for the command too: so both end with the same
// weights, and each goes on from the other's checkpoints.
import { buildFor } from "./builds.js";
import { RnnError, bytesOf, checkWhole } from "./errors.js";
import { Grams, ORDERS } from "./grams.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { Streams } from "./streams.js";
import { Updates, givenOf, settingsOf, start } from "./updates.js";
import { utf8Of } from "./utf8.js";
import { Core, charactersIn } from "./wasm.js";

const LIMIT = { most: 20 * 2 ** 20, hint: "Take a part of it: a million characters are plenty for these networks." }; // of a text
const HELD_OUT_STREAMS = 32;
const HELD_OUT_STEPS = 320; // of each at most; half of that at least: the beginning, which knows nothing yet, weighs little
const PIECE = 16; // steps of it at once: some milliseconds

/** @typedef {import("./wasm.js").Handle<"rnn_recipe">} RecipeHandle */

/**
 * What is not given follows from the text, its length and its kind; src/rnn.h says how, and has the limits.
 * @typedef {object} TrainSettings
 * @property {"text" | "list"} kind list: its lines are names, words, towns, whose order says nothing
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
 * @property {number} recurrentDropout share of each layer's recurrent weights that an update drops
 * @property {number} seed of weights, offsets, dropout and a list's order
 * @property {number} heldOut share that is never trained on: the text's end; of a list any of its lines
 */

/** What the text was taken for, and what of it is held out. @typedef {{ kind: "text" | "list", heldOut: "none" | "end" | "lines" }} Plan */

/** Of each setting something of its type. @type {Readonly<TrainSettings>} */
const LIKE = Object.freeze({
  kind: "text",
  level: "characters",
  vocabulary: 0,
  cell: "lstm",
  layers: 0,
  hidden: 0,
  embedding: 0,
  batch: 0,
  window: 0,
  slices: 0,
  passes: 0,
  optimizer: "adam",
  rate: 0,
  finalRate: 0,
  warmup: 0,
  clip: 0,
  dropout: 0,
  recurrentDropout: 0,
  seed: 0,
  heldOut: 0,
});

/** A network that learns a text. */
export class Training extends Updates {
  #network;

  /**
   * Begins a training.
   * @param {string} text @param {Partial<TrainSettings>} [settings]
   * @param {Uint8Array | ArrayBuffer} [from] a file of weights, not of int8: its network learns on, and its level, cell and sizes become
   *   the settings; characters that it does not know are left out
   * @returns {Promise<Training>}
   * @throws {RnnError} E_TEXT: too short, or of one character alone; E_RANGE: a setting; of from: as load()
   */
  static async begin(text, settings = {}, from) {
    const file = from === undefined ? undefined : bytesOf("the network", from);
    const given = givenOf(LIKE, settings);
    const utf8 = utf8Of(text, LIMIT);
    if (!text.trim()) throw new RnnError("E_TEXT", "the text is empty", "Paste a text, or choose a file.");
    const { build, core, recipe } = await start(given);
    core.lendBytes(utf8, at =>
      core.lendBytes(file ?? new Uint8Array(), network =>
        core.check(core.wasm.rnn_recipe_begin(recipe, at, utf8.length, 0, 0, file ? network : 0, file?.length ?? 0)),
      ),
    );
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
    const utf8 = utf8Of(text, LIMIT);
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
    if (core.wasm.rnn_recipe_pattern(recipe))
      throw new RnnError("E_CHECKPOINT", "the checkpoint is of a training of examples", "ExampleTraining.resume() goes on with it.");
    const settings = settingsOf(core, recipe, LIKE);
    super(core, recipe, settings.slices);
    const { wasm } = core;
    this.#network = new Network({ core }, wasm.rnn_recipe_model(recipe), wasm.rnn_recipe_vocab(recipe));
    /** all of them, as they were given or follow from the text */
    this.settings = settings;
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
    if (unknown === ids.length)
      throw new RnnError("E_TEXT", "the network knows no word of the text", "Begin with another network, or with a new one.");
    const { kind } = settings;
    /** @type {Readonly<Plan>} */
    this.plan = Object.freeze({ kind, heldOut: !this.facts.heldOut ? "none" : kind === "list" ? "lines" : "end" });
  }

  /** @protected */
  weightsChanged() {
    this.#network.weightsChanged();
  }

  /** Tokens that can come. */
  get #alphabet() {
    return this.#network.vocabulary.length - Number(this.#network.unknown >= 0);
  }

  /** The text's tokens: a view for use at once. @param {boolean} heldOut those that are held out, or those that are trained on */
  #tokens(heldOut) {
    const core = this.core;
    return core.lend(4, out => {
      const address = core.wasm.rnn_recipe_tokens(this.recipe, Number(heldOut), out) >>> 0;
      return core.ids(address, core.count(out));
    });
  }

  /** Bits of a guess at random. */
  get uniform() {
    return Math.log2(this.#alphabet);
  }

  /**
   * The inputs and targets of the first streams of the next window: how it reads.
   * @param {number} streams @returns {{ inputs: string[], targets: string[] }[]}
   */
  window(streams) {
    checkWhole("streams", streams, 0, Infinity);
    const core = this.core;
    const { batch, window } = this.settings;
    const [x, y] = core.lend(8, out => {
      core.check(core.wasm.rnn_recipe_window(this.recipe, out, out + 4));
      return [core.count(out), core.count(out + 4)].map(address => core.ids(address, batch * window).slice());
    });
    const column = (/** @type {Int32Array} */ ids, /** @type {number} */ b) =>
      Array.from({ length: window }, (_, t) => this.#network.vocabulary[ids[t * batch + b]]);
    return Array.from({ length: Math.min(streams, batch) }, (_, b) => ({ inputs: column(x, b), targets: column(y, b) }));
  }

  // ---- measuring ----

  /**
   * Bits per token of the held-out text (of a long one: of a part spread over it), in streams side by side from the zero state.
   * @returns {Generator<undefined, number>} yields now and then, so that others have their turn; NaN if nothing is held out
   */
  *heldOut() {
    const ids = this.#tokens(true).slice();
    const count = Math.min(HELD_OUT_STREAMS, Math.max(1, Math.floor((2 * ids.length) / HELD_OUT_STEPS)));
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
    const grams = new Grams(await Core.start((await buildFor()).module), this.facts.vocabulary, this.#network.unknown);
    yield* grams.count(ids);
    for (let order = 1; order <= ORDERS; order++) {
      const bits = yield* grams.score(order, heldOut);
      if (!Number.isNaN(bits)) yield { order, bits };
    }
  }
}
