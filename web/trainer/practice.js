// SPDX-License-Identifier: MIT
//
// practice.js - one training of examples with all that belongs to it: what it is asked in between, the network that answered best,
// and where it goes back to when its numbers run away. session.js is its like for a text.
import { packCheckpoint, unpackCheckpoint } from "../core/checkpoint.js";
import { RnnError } from "../core/errors.js";
import { ExampleTraining } from "../core/examples.js";
import { MOST_WRITTEN, loadPattern } from "../core/pattern.js";
import { baselineOf, shareRight } from "./baseline.js";
import { Setbacks } from "./setbacks.js";
import { Interval, now, turn } from "./timing.js";

/** @typedef {import("./messages.js").Event} Event */
/** @typedef {import("./tasks.js").Example} Example */
/** @typedef {import("./tasks.js").Examples} Examples */
/** @typedef {import("./messages.js").Lesson} Lesson */
/** @typedef {import("./messages.js").Best} Best */
/** @typedef {import("../core/pattern.js").Pattern} Pattern */
/** @typedef {Pick<import("./session.js").Tools, "post" | "partner">} Tools */

/** @typedef {import("../core/examples.js").ExampleSettings} ExampleSettings */
/** What is to be learnt. @typedef {{ examples: Examples, settings: Partial<ExampleSettings> } & About} Given */
/** What is told of it. @typedef {Pick<Lesson, "name" | "why" | "problems" | "refused">} About */

const MEASURE_FIRST = 0.5; // seconds
const MEASURE_GROWTH = 1.1;
const MOST_ASKED = 300; // held-out examples that it is measured on
const MOST_CHARACTERS = 20_000; // of them
const WATCHED = 10; // that are answered before one's eyes
const MORE = 10; // labels that such an answer may have beyond the longest right one

/** As the library takes them. @param {Example[]} examples */
const linesOf = examples => examples.map(example => example.join("\t")).join("\n");
/** @param {string} lines */
const examplesOf = lines =>
  lines
    .split(/\r?\n/)
    .filter(line => line)
    .map(line => /** @type {Example} */ (line.split("\t")));

export class Practice {
  #tools;
  #training;
  #examples;
  #about;
  #asked;
  #most; // labels of an answer
  #baseline;
  #good; // the checkpoint where a training that runs away goes back to
  #setbacks = new Setbacks();
  /** @type {{ best: Best, weights: Uint8Array } | null} the network that answered best */
  #best = null;
  #measured = -1; // the update after which it was measured last
  #seconds = 0;
  #isRunning = false;
  #isStopping = false;
  #isRetired = false;
  /** @type {Promise<unknown>} resolves when the loop has ended that was told to */
  #ended = Promise.resolve();

  /** A new training. @param {Tools} tools @param {Given} given */
  static async begin(tools, { examples, settings, ...about }) {
    const training = await ExampleTraining.begin(linesOf(examples.train), { ...settings, heldOut: 0 }, heldOutOf(examples));
    return new Practice(tools, training, examples, about);
  }

  /** The one of a file that file() gave, or the command. @param {Tools} tools @param {Uint8Array} bytes @throws {RnnError} E_CHECKPOINT */
  static async open(tools, bytes) {
    const { text, heldOut, best } = await unpackCheckpoint(bytes);
    const training = await ExampleTraining.resume(bytes, text);
    const examples = { train: examplesOf(text), heldOut: examplesOf(heldOut ?? "") };
    if (training.facts.heldOut !== examples.heldOut.length)
      throw new RnnError(
        "E_CHECKPOINT",
        "the checkpoint holds out a share of its examples, and does not say which",
        "The command goes on with it; here those are taken whose held-out examples were a file of their own.",
      );
    const practice = new Practice(tools, training, examples, { name: null, why: null, problems: [], refused: 0 });
    if (best) practice.#takeBest(await loadPattern(best), best);
    return practice;
  }

  /** @param {Tools} tools @param {ExampleTraining} training @param {Examples} examples @param {About} about */
  constructor(tools, training, examples, about) {
    this.#tools = tools;
    this.#training = training;
    this.#examples = examples;
    this.#about = about;
    this.#good = training.save();
    const { pattern, side } = training.settings;
    this.#asked = askedOf(examples.heldOut.length ? examples.heldOut : examples.train, side > 0);
    this.#most = Math.max(...this.#asked.map(([, answer]) => answer.length)) + MORE;
    this.#baseline = baselineOf(pattern, examples.train, this.#asked);
  }

  // ---- what it is asked for ----

  /** What a page shows before it begins. @returns {Lesson} */
  describe() {
    const { facts, parameters, updates, done, settings, network, rateFactor: factor } = this.#training;
    return {
      type: "lesson",
      ...this.#about,
      pattern: settings.pattern,
      facts: { ...facts, asked: this.#asked.length, tokens: network.vocabulary.length, labels: network.labels.length },
      settings,
      parameters,
      updates,
      done,
      factor,
      best: this.#best && this.#best.best,
      baseline: this.#baseline,
      watched: this.#asked.slice(0, WATCHED),
    };
  }

  /** Another training takes its place: it ends and says nothing more. */
  retire() {
    this.#isRetired = true;
    this.#isRunning = false;
  }

  /** Begins or goes on; resolves when it rests. */
  async start() {
    if (this.#isRunning) return;
    await this.#ended;
    if (this.#isRunning || this.#isRetired) return;
    this.#isRunning = true;
    this.#setbacks.restart();
    this.#tools.partner.dismiss(); // it may be at another training
    const running = this.#run();
    this.#ended = running.catch(() => {});
    await running;
  }

  pause() {
    this.#isRunning = false;
  }

  /** Ends it early. */
  stop() {
    this.#isStopping = this.#isRunning;
    if (!this.#isRunning) this.#end("stopped");
    this.#isRunning = false;
  }

  /** @param {number} factor of the learning rate */
  setRate(factor) {
    if (factor > 0 && factor <= 1000) this.#training.rateFactor = factor;
  }

  /** The network's file, and which one that is: the last one too, where none was measured. @param {"last" | "best"} [which] */
  weights(which = "best") {
    const best = which === "best" ? this.#best : null;
    return { which: /** @type {typeof which} */ (best ? "best" : "last"), file: best ? best.weights : this.#training.weights() };
  }

  /** The whole as a file. */
  file() {
    const { train, heldOut } = this.#examples;
    return packCheckpoint(
      this.#training.save(),
      linesOf(train),
      this.#best && this.#best.weights,
      heldOutOf({ train, heldOut }).heldOutLines,
    );
  }

  // ---- the loop ----

  /** Updates, and what is asked in between, until it is over or told to rest. */
  async #run() {
    const measuring = new Interval(MEASURE_FIRST, MEASURE_GROWTH);
    let rate = 0;
    let last = now();
    if (!this.#training.done) this.#measure(rate, null); // how a network answers that has learnt nothing
    let measured = this.#training.done;
    while (this.#training.done < this.#training.updates) {
      await turn();
      if (!this.#isRunning) break;
      const holds = this.#tryNext(() => {
        rate = this.#training.update().rate;
        const { done, updates } = this.#training;
        this.#seconds += now() - last;
        last = now();
        if (!measuring.isOver && done < updates) return;
        this.#measure(rate, ((updates - done) * measuring.elapsed) / (done - measured));
        this.#good = this.#training.save();
        measured = done;
        measuring.restart();
      });
      if (!holds) {
        await this.#goBack();
        measured = this.#training.done;
      }
    }
    this.#rest(rate);
  }

  /** Whether the numbers are still numbers. @param {() => void} next */
  #tryNext(next) {
    try {
      next();
      return true;
    } catch (error) {
      if (error instanceof RnnError && error.code === "E_NONFINITE") return false;
      throw error;
    }
  }

  /** Back to the last good state, with half the learning rate; once too often it is left there. */
  async #goBack() {
    const { done, rateFactor } = this.#training;
    const back = await ExampleTraining.resume(this.#good, linesOf(this.#examples.train), heldOutOf(this.#examples));
    back.rateFactor = rateFactor / 2;
    this.#training = back;
    if (!this.#isRetired) this.#tell(this.#setbacks.add(done, back));
  }

  /** @param {number} rate of learning */
  #rest(rate) {
    if (this.#isRetired) return;
    this.#isRunning = false;
    const { done, updates } = this.#training;
    if (done !== this.#measured) this.#tryNext(() => this.#measure(rate, null));
    if (done >= updates) this.#end("done");
    else if (this.#isStopping) this.#end("stopped");
    else this.#tell({ type: "paused", done });
    this.#isStopping = false;
  }

  /** @param {"done" | "stopped"} reason */
  #end(reason) {
    this.#tell({ type: "end", reason, best: this.#best && this.#best.best });
  }

  // ---- between updates ----

  /** @param {Pattern} network */
  #figuresOf(network) {
    const { pattern } = this.#training.settings;
    const { right, examples, bitsPerLabel } = network.score(linesOf(this.#asked));
    const options = { most: Math.min(this.#most, MOST_WRITTEN) };
    const answers = (/** @type {Example[]} */ list) => list.map(([input]) => network.answer(inputOf(network, input), options));
    const accuracy = pattern === "synchronous" ? shareRight(pattern, this.#asked, answers(this.#asked)) : right / examples;
    return { accuracy, bitsPerLabel, answers: answers(this.#asked.slice(0, WATCHED)) };
  }

  /** How it answers now; it is kept if it is the best so far. @param {number} rate of learning @param {number | null} left seconds */
  #measure(rate, left) {
    const training = this.#training;
    const { done, updates } = training;
    const figures = this.#figuresOf(training.network);
    this.#measured = done;
    this.#tell({ type: "accuracy", done, updates, seconds: this.#seconds, ...figures, rate, factor: training.rateFactor, left });
    if (!done || !this.#isBetter(figures)) return;
    const { accuracy, bitsPerLabel: heldOut } = figures;
    const weights = training.weights({ name: this.#about.name ?? "", "heldOut.accuracy": String(accuracy) });
    this.#best = { best: { done, heldOut, accuracy }, weights };
  }

  /** @param {{ accuracy: number, bitsPerLabel: number }} figures */
  #isBetter({ accuracy, bitsPerLabel }) {
    if (!this.#best) return true;
    const { best } = this.#best;
    return accuracy > (best.accuracy ?? 0) || (accuracy === best.accuracy && bitsPerLabel < best.heldOut);
  }

  /** Of a file. @param {Pattern} network @param {Uint8Array} weights */
  #takeBest(network, weights) {
    const { accuracy, bitsPerLabel: heldOut } = this.#figuresOf(network);
    this.#best = { best: { done: Number(network.metadata["train.updates"]), heldOut, accuracy }, weights };
    network.free();
  }

  /** @param {Event} event */
  #tell(event) {
    if (!this.#isRetired) this.#tools.post(event);
  }
}

/** As the library takes them, if there are any. @param {Examples} examples @returns {{ heldOutLines?: string }} */
const heldOutOf = ({ heldOut }) => (heldOut.length ? { heldOutLines: linesOf(heldOut) } : {});

/** The first ones, as many as can be answered now and then. @param {Example[]} examples @param {boolean} arePictures read at once */
function askedOf(examples, arePictures) {
  let characters = 0;
  const isTooMuch = (/** @type {Example} */ [input, answer]) =>
    (characters += (arePictures ? 0 : input.length) + answer.length) > MOST_CHARACTERS;
  const end = examples.slice(0, MOST_ASKED).findIndex(isTooMuch);
  return examples.slice(0, end < 0 ? MOST_ASKED : Math.max(end, 1));
}

/** What a network reads: of a picture its bytes. @param {Pattern} network @param {string} input */
const inputOf = (network, input) => (network.side ? Uint8Array.from(atob(input), byte => byte.charCodeAt(0)) : input);
