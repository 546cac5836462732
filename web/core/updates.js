// SPDX-License-Identifier: MIT
//
// updates.js - what every training does, of a text or of examples: settings, update after update, saving. It stands on rnn_recipe of
// src/rnn.h, which says what a training is.
import { buildFor } from "./builds.js";
import { RnnError, checkFloats, checkNumber, checkOptions, checkText, wrongType } from "./errors.js";
import { Core } from "./wasm.js";

/** @typedef {import("./wasm.js").Handle<"rnn_recipe">} RecipeHandle */
/** @typedef {import("./wasm.js").Handle<"rnn_trainer">} TrainerHandle */

// ---- settings ----

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

/**
 * Those settings that are given, each of the type that `like` has of that name.
 * @template {object} Settings @param {Readonly<Settings>} like @param {Partial<Settings>} given @returns {Partial<Settings>}
 */
export function givenOf(like, given) {
  checkOptions(given, Object.keys(like), "settings");
  const names = /** @type {(keyof Settings)[]} */ (Object.keys(like)).filter(name => given[name] !== undefined);
  for (const name of names)
    if (typeof given[name] !== typeof like[name]) throw wrongType(String(name), `a ${typeof like[name]}`, given[name]);
  return /** @type {Partial<Settings>} */ (Object.fromEntries(names.map(name => [name, given[name]])));
}

/**
 * The settings as the recipe has them; of those that `like` names, each of the type that it has there.
 * @template {object} Settings @param {Core} core @param {RecipeHandle} recipe @param {Readonly<Settings>} like
 * @returns {Readonly<Settings>}
 */
export function settingsOf(core, recipe, like) {
  const valueOf = (/** @type {[string, unknown]} */ [name, initial]) => {
    const text = get(core, recipe, name);
    return [name, typeof initial === "number" ? Number(text) : text];
  };
  return /** @type {any} */ (Object.freeze(Object.fromEntries(Object.entries(like).map(valueOf))));
}

/** A recipe in an instance of its own, with these settings. @param {object} [settings] */
export async function start(settings = {}) {
  const build = await buildFor();
  const core = await Core.start(build.module);
  const recipe = core.made(core.wasm.rnn_recipe_new());
  for (const [name, value] of Object.entries(settings)) set(core, recipe, name, String(value));
  return { build, core, recipe };
}

// ---- metadata ----

/** Keys that say how the file is to be read. */
const OF_THE_FILE = [
  "nextchar.format",
  "level",
  "end",
  "pad",
  "unknown",
  "pattern",
  "side",
  "delay",
  "reversed",
  "decoder.end",
  "decoder.pad",
  "decoder.unknown",
];

/** @param {Record<string, string>} metadata */
function checkedMetadata(metadata) {
  checkOptions(metadata, null, "metadata");
  for (const [key, value] of Object.entries(metadata)) {
    checkText(value, `metadata ${JSON.stringify(key)}`);
    if (OF_THE_FILE.includes(key)) throw new RnnError("E_ARGUMENT", `the file itself says its ${key}`, "Take another key.");
    if (`${key}${value}`.includes("\0"))
      throw new RnnError("E_ARGUMENT", `metadata ${JSON.stringify(key)} has a NUL in it`, "Leave it out.");
  }
  return metadata;
}

// ---- a training ----

/** A training that has begun: a base of those of texts and of examples. */
export class Updates {
  #trainers;
  /** @internal @protected */
  core;
  /** @internal @protected */
  recipe;
  /** @internal @protected */
  slices;

  /** @internal @param {Core} core @param {RecipeHandle} recipe that has begun @param {number} slices */
  constructor(core, recipe, slices) {
    const { wasm } = core;
    this.core = core;
    this.recipe = recipe;
    this.slices = slices;
    const encoder = /** @type {TrainerHandle} */ (wasm.rnn_recipe_encoder(recipe) >>> 0);
    this.#trainers = [wasm.rnn_recipe_trainer(recipe), ...(encoder ? [encoder] : [])];
    /** updates of a pass */
    this.windows = wasm.rnn_recipe_windows(recipe) >>> 0;
    /** updates in all */
    this.updates = wasm.rnn_recipe_updates(recipe) >>> 0;
  }

  /** What stands on the weights is told that they have changed. @protected */
  weightsChanged() {}

  /** Updates so far. */
  get done() {
    return this.core.wasm.rnn_trainer_updates(this.#trainers[0]) >>> 0;
  }

  /** The learning rate is the schedule's times it. */
  get rateFactor() {
    return Number(get(this.core, this.recipe, "rateFactor"));
  }

  set rateFactor(factor) {
    checkNumber("rateFactor", factor, 0, Infinity);
    set(this.core, this.recipe, "rateFactor", String(factor));
  }

  // ---- updates: update() alone; or prepare(), slice() of some, takePart() of the others, finish() ----

  /** One update. @returns {{ done: number, bits: number, rate: number }} bits per target of its window */
  update() {
    this.prepare();
    return this.finish(Array.from({ length: this.slices }, (_, slice) => this.slice(slice)));
  }

  /** The next window; at the beginning of a pass the streams start anew. */
  prepare() {
    this.core.check(this.core.wasm.rnn_recipe_window(this.recipe, 0, 0));
  }

  /** Forward and back through a slice. @param {number} slice @returns {number} nats per target */
  slice(slice) {
    this.#checkSlice(slice);
    const nats = this.core.wasm.rnn_recipe_slice(this.recipe, slice);
    if (!Number.isFinite(nats)) throw this.core.error();
    return nats;
  }

  /** Before it is cut to an int32. @param {number} slice */
  #checkSlice(slice) {
    if (!Number.isInteger(slice)) throw new RnnError("E_ARGUMENT", `slice ${slice}, expected a whole number`);
    checkNumber("slice", slice, 0, this.slices - 1);
  }

  /** What a slice leaves behind in each trainer: views for use at once. @param {number} slice */
  #parts(slice) {
    this.#checkSlice(slice);
    const { core } = this;
    return core.lend(4, out =>
      this.#trainers.map(trainer => {
        const address = core.made(core.wasm.rnn_trainer_part(trainer, slice, out));
        return core.floats(address, core.count(out));
      }),
    );
  }

  /**
   * All that slice() left behind, for takePart() of another one.
   * @param {number} slice
   * @param {Float32Array} [into] where it goes, if it is of the right length
   * @returns {Float32Array}
   */
  part(slice, into) {
    const parts = this.#parts(slice);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const whole = into instanceof Float32Array && into.length === length ? into : new Float32Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** @param {number} slice @param {Float32Array} part */
  takePart(slice, part) {
    const own = this.#parts(slice);
    checkFloats(
      "the part",
      part,
      own.reduce((sum, each) => sum + each.length, 0),
    );
    let at = 0;
    for (const each of own) each.set(part.subarray(at, (at += each.length)));
  }

  /**
   * Updates the weights.
   * @param {number[]} nats what slice() gave, in the slices' order
   * @returns {{ done: number, bits: number, rate: number }}
   */
  finish(nats) {
    if (!Array.isArray(nats)) throw wrongType("what slice() gave", "a list of numbers", nats);
    if (nats.length !== this.slices) throw new RnnError("E_ARGUMENT", `${nats.length} losses, expected one a slice`);
    for (const each of nats) checkNumber("a loss", each, -Infinity, Infinity);
    const rate = this.core.wasm.rnn_recipe_update(this.recipe);
    if (!Number.isFinite(rate)) throw this.core.error();
    this.weightsChanged();
    return { done: this.done, bits: nats.reduce((sum, each) => sum + each, 0) / nats.length / Math.LN2, rate };
  }

  // ---- saving ----

  /** @param {Record<string, string>} metadata @param {boolean} checkpoint @returns {Uint8Array} */
  #saved(metadata, checkpoint) {
    const { core } = this;
    const list = Object.entries(checkedMetadata(metadata)).filter(([key, value]) => key && value);
    const meta = list.map(([key, value]) => `${key}\0${value}\0`).join("");
    return core.lendText(meta, at =>
      core.written((out, room) => core.wasm.rnn_recipe_save(this.recipe, at, Number(checkpoint), out, room)),
    );
  }

  /** A checkpoint: all that resume() needs besides the text. @returns {Uint8Array} */
  save() {
    return this.#saved({}, true);
  }

  /**
   * The network as it is now, as a .safetensors file.
   * @param {Record<string, string>} [metadata] more that the file says of itself; what is empty is left out
   * @returns {Uint8Array}
   * @throws {RnnError} E_ARGUMENT: a key that the file has a meaning for, or a NUL
   */
  weights(metadata = {}) {
    return this.#saved(metadata, false);
  }
}
