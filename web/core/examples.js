// SPDX-License-Identifier: MIT
//
// examples.js - networks that learn examples, in a worker and Node: what is read, a tab, what is written, a line each.
//
//     import { ExampleTraining } from "./examples.js";
//     const training = await ExampleTraining.begin("I\t1\nII\t2\nIII\t3\n...", { pattern: "sequence", hidden: 64 });
//     while (training.done < training.updates) training.update();
//     training.network.answer("XIX");
//
// The same trainings as nextchar train --pattern has, to the same weights; each goes on from the other's checkpoints.
import { RnnError, bytesOf, checkOptions } from "./errors.js";
import { EXAMPLES, Pattern } from "./pattern.js";
import { Updates, givenOf, settingsOf, start } from "./updates.js";
import { utf8Of } from "./utf8.js";

/** @typedef {import("./wasm.js").Core} Core */

/**
 * @typedef {object} ExampleSettings their limits are in src/rnn.h
 * @property {"sequence" | "many-to-one" | "synchronous" | "one-to-many"} pattern
 * @property {number} side one-to-many: of the pictures that are read, as base64; 0: classes
 * @property {number} maps of the first convolution that reads them
 * @property {number} delay synchronous: steps from a character to its answer
 * @property {number} reversed sequence: 1: what is read is read from its end
 * @property {"each" | "last"} targets many-to-one: the class is the target at each character, or at the last alone
 * @property {"lstm" | "gru" | "tanh"} cell
 * @property {number} layers
 * @property {number} hidden units of a layer
 * @property {number} embedding width of the learnt input; 0 = one-hot
 * @property {number} batch examples of an update
 * @property {number} slices equal groups of them, each with gradients of its own
 * @property {number} passes times through the examples
 * @property {"adam" | "rmsprop"} optimizer
 * @property {number} rate highest learning rate
 * @property {number} finalRate share of it that is left at the end of the cosine
 * @property {number} warmup updates until the highest rate
 * @property {number} clip largest norm of the gradients; 0 = any
 * @property {number} dropout share of each layer's outputs that is dropped
 * @property {number} recurrentDropout share of each layer's recurrent weights that an update drops
 * @property {number} seed of weights, order and dropout
 * @property {number} heldOut share of the examples that is never trained on; equal inputs stay together
 */

/** @type {Readonly<ExampleSettings>} */
export const exampleDefaults = Object.freeze({
  pattern: "sequence",
  side: 0,
  maps: 8,
  delay: 0,
  reversed: 1,
  targets: "each",
  cell: "lstm",
  layers: 1,
  hidden: 64,
  embedding: 32,
  batch: 32,
  slices: 2,
  passes: 20,
  optimizer: "adam",
  rate: 0.005,
  finalRate: 0.02,
  warmup: 100,
  clip: 1,
  dropout: 0,
  recurrentDropout: 0,
  seed: 1,
  heldOut: 0.1,
});

const PATTERNS = ["sequence", "many-to-one", "synchronous", "one-to-many"];

/** Held-out examples that are given apart. @typedef {{ heldOutLines?: string }} Apart heldOutLines: none of them is trained on */

/**
 * Lends held-out examples; none: the setting heldOut takes some, or a checkpoint has its own.
 * @template T @param {Core} core @param {Apart} apart @param {(at: number, bytes: number) => T} use
 */
function lendApart(core, { heldOutLines }, use) {
  if (heldOutLines === undefined) return use(0, 0);
  const utf8 = utf8Of(heldOutLines, { ...EXAMPLES, name: "the text of held-out examples" });
  return core.lendBytes(utf8, at => use(at, utf8.length));
}

/** A network that learns examples. */
export class ExampleTraining extends Updates {
  /**
   * @param {string} lines @param {Partial<ExampleSettings>} [settings] @param {Apart} [apart] in place of the share heldOut
   * @returns {Promise<ExampleTraining>}
   * @throws {import("./errors.js").RnnError} E_TEXT: a line is no example; E_RANGE: a setting
   */
  static async begin(lines, settings = {}, apart = {}) {
    checkOptions(apart, ["heldOutLines"]);
    const wanted = { ...exampleDefaults, ...givenOf(exampleDefaults, settings), ...(apart.heldOutLines !== undefined && { heldOut: 0 }) };
    const utf8 = utf8Of(lines, EXAMPLES);
    if (!PATTERNS.includes(wanted.pattern))
      throw new RnnError("E_RANGE", `pattern is ${wanted.pattern}; it must be one of ${PATTERNS.join(", ")}`);
    const { core, recipe } = await start(wanted);
    core.lendBytes(utf8, at =>
      lendApart(core, apart, (heldOut, bytes) => core.check(core.wasm.rnn_recipe_begin(recipe, at, utf8.length, heldOut, bytes, 0, 0))),
    );
    return new ExampleTraining(core, recipe);
  }

  /**
   * Goes on from a checkpoint, to the numbers that it would have had without a stop.
   * @param {Uint8Array | ArrayBuffer} checkpoint what save() gave, or a file of the command @param {string} lines the same ones
   * @param {Apart} [apart] the same too; not needed where packCheckpoint() or the command has put them into the file
   * @returns {Promise<ExampleTraining>}
   * @throws {import("./errors.js").RnnError} E_CHECKPOINT: it is none, or of other examples
   */
  static async resume(checkpoint, lines, apart = {}) {
    checkOptions(apart, ["heldOutLines"]);
    const bytes = bytesOf("the checkpoint", checkpoint);
    const utf8 = utf8Of(lines, EXAMPLES);
    const { core, recipe } = await start();
    core.lendBytes(bytes, file =>
      core.lendBytes(utf8, at =>
        lendApart(core, apart, (heldOut, size) =>
          core.check(core.wasm.rnn_recipe_resume(recipe, file, bytes.length, at, utf8.length, heldOut, size)),
        ),
      ),
    );
    return new ExampleTraining(core, recipe);
  }

  /** @internal @param {Core} core @param {import("./updates.js").RecipeHandle} recipe that has begun */
  constructor(core, recipe) {
    const pattern = core.made(core.wasm.rnn_recipe_pattern(recipe)); // first: a checkpoint may be of a text
    const settings = settingsOf(core, recipe, exampleDefaults);
    super(core, recipe, settings.slices);
    this.settings = settings;
    const count = (/** @type {number} */ heldOut) =>
      core.lend(4, out => (core.wasm.rnn_recipe_tokens(recipe, heldOut, out), core.count(out)));
    /** examples that are trained on, and held out */
    this.facts = Object.freeze({ examples: count(0), heldOut: count(1) });
    const stacks = [core.wasm.rnn_pattern_model(pattern), core.wasm.rnn_pattern_encoder(pattern)].filter(stack => stack);
    /** floats that are learnt */
    this.parameters = stacks.reduce((sum, stack) => sum + core.lend(4, out => (core.wasm.rnn_params(stack, out), core.count(out))), 0);
    /** the network as it is now: whoever asks it between two updates asks what it has learnt so far */
    this.network = new Pattern(core, pattern, 0);
  }

  /** How the held-out examples are answered; of none, all is NaN. */
  heldOut() {
    return this.network.figures(out => this.core.wasm.rnn_recipe_score(this.recipe, 1, out));
  }
}
