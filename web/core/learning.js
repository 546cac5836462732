// SPDX-License-Identifier: MIT
//
// learning.js - a network that learns as it reads (dynamic evaluation; src/rnn.h has the rule).
//
//     import { Reader } from "./learning.js";
//     const reader = new Reader(model, { rate: 0.0007 });
//     reader.read(text);
//     for (const step of reader.model.write(reader)) page.append(step.text); // with what it has learnt
//
// The model itself stays as it was: the reader has a copy of it in the same instance, with what a training needs beside it.
import { checkNumber, checkOptions, checkWhole, RnnError, wrongType } from "./errors.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { State } from "./state.js";
import { Streams } from "./streams.js";

/** @typedef {import("./streams.js").ReaderHandle} ReaderHandle */

/**
 * @typedef {object} ReaderOptions
 * @property {number} rate size of a step, 0 to 1; 0.0007 is a good one, 0: it learns nothing
 * @property {number} [tokens] so many teach it (Infinity); what is read behind them is only read
 */

/** A state whose network learns what it reads. */
export class Reader extends State {
  #network;
  #streams;

  /**
   * @param {Model} model @param {ReaderOptions} options
   * @throws {RnnError} E_RANGE: a number; E_FREED: the model was; E_MEMORY
   */
  constructor(model, options) {
    const { streams, network, build } = begun(model, options);
    super(new Model(network, build, 0), network, build.sampler, streams);
    this.#network = network;
    this.#streams = streams;
    this.rate = options.rate;
  }

  /** How many tokens it learns yet. */
  get left() {
    return this.#streams.left;
  }

  /** A state of its model that stands where it stands; what that one reads teaches nothing. */
  start() {
    const state = this.model.start();
    State.streamsOf(state).spread(this.#streams);
    return state;
  }

  /** From now on it only reads. */
  settle() {
    this.#streams.settle();
  }

  /** @override @returns {never} */
  load() {
    throw new RnnError("E_STATE", "a reader reads its text from the beginning", "Load it into a state of its model.");
  }

  /** Gives its memory back, and its model's; a second time is fine. */
  free() {
    super.free();
    this.#network.free();
  }
}

/** One stream, of a reader that learns so many tokens. */
class LearningStreams extends Streams {
  #network;
  #reader;

  /** @param {Network} network of the reader @param {ReaderHandle} reader it is this one's to free @param {number} left */
  constructor(network, reader, left) {
    super(network, 1, reader);
    this.#network = network;
    this.#reader = reader;
    this.left = left;
  }

  /** @override @param {number} id */
  step(id) {
    if (this.left <= 0) return super.step(id);
    this.left--;
    this.#network.weightsChanged();
    return this.#network.core.wasm.rnn_reader_take(this.#reader, id);
  }

  /** @override */
  settle() {
    this.left = 0;
  }
}

/** What a reader stands on. @param {Model} model @param {ReaderOptions} options */
function begun(model, options) {
  if (!(model instanceof Model)) throw wrongType("what is to learn", "a Model", model);
  checkOptions(options, ["rate", "tokens"]);
  const { rate, tokens = Infinity } = options;
  checkNumber("rate", rate, 0, 1);
  checkWhole("tokens", tokens, 0, Infinity);
  const { network: from, ...build } = Model.partsOf(model);
  const { core } = from;
  const reader = core.made(core.wasm.rnn_reader_new(from.model, rate));
  /** Whoever has the reader's model has its streams: while it is used the collector frees no reader. */
  const home = {
    /** @type {Streams | null} */
    streams: null,
    get core() {
      return from.core;
    },
    get isFreed() {
      return from.isFreed;
    },
  };
  const network = new Network(home, core.made(core.wasm.rnn_reader_model(reader)), from.vocab);
  const streams = (home.streams = new LearningStreams(network, reader, tokens));
  return { streams, network, build };
}
