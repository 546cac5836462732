// SPDX-License-Identifier: MIT
//
// session.js - one training with all that belongs to it: its text, its course so far, what is told, sampled, measured and kept
// between its updates, and where it goes back to when its loss runs away.
import { metadataOf, packCheckpoint, unpackCheckpoint } from "../core/checkpoint.js";
import { RnnError, checkWhole } from "../core/errors.js";
import { load } from "../core/model.js";
import { Training } from "../core/recipe.js";
import { addPoint, addSample, cutHistory, emptyHistory, lastHeldOut } from "./history.js";
import { beginOf, knowing, writeItems } from "./items.js";
import { Setbacks } from "./setbacks.js";
import { Interval, finish, now, turn } from "./timing.js";

/** @typedef {import("./messages.js").Event} Event */
/** @typedef {import("./messages.js").Prepared} Prepared */
/** @typedef {import("./history.js").History} History */
/** @typedef {import("./storage.js").Storage} Storage */
/** @typedef {import("./partner.js").Partner} Partner */

/**
 * What a session works with; others after it have the same.
 * @typedef {object} Tools
 * @property {(event: Event, transfer?: Transferable[]) => void} post to the page
 * @property {Storage} storage
 * @property {Partner} partner
 */

/**
 * What a session goes on from; best: weights.
 * @typedef {{ training: Training, text: string, history: History, best: Uint8Array | null }} Course
 */

const SMOOTH = 0.95; // of the loss that is shown, a window
const REPORT_EVERY = 0.25; // seconds
const KEEP_EVERY = 5;
const SAMPLE_FIRST = 1;
const SAMPLE_GROWTH = 1.25;
const SAMPLE_LENGTH = { characters: 240, words: 60, folded: 60 };
const SAMPLE_ITEMS = 12; // of a list
const MOST_ITEMS = 1000;
const MEASURE_MOST = 500; // updates between two measurements on the held-out text
const MEASURE_LEAST = 20; // where the passes are short
const RUNAWAY = { over: 1, uniform: 1 }; // bits above the best so far, or above a guess at random
const PARTNER_SLICES = 2; // one for each worker: a training of the command may have others

export class Session {
  #tools;
  #training;
  #text;
  #history;
  #best; // weights of the network that was best on the held-out text, or the command's best by the loss, carried along for it
  #good; // the checkpoint where a training that runs away goes back to
  #smooth; // bits, of the loss
  #first; // of them: a network that learns on may know another text than this one
  #lowest;
  #setbacks = new Setbacks();
  #temperature = 0.8; // of the samples
  #isRunning = false;
  #isStopping = false;
  #isRetired = false;
  /** @type {((item: string) => boolean) | null} what stands in the text */
  #isKnown = null;
  #isCounted = false; // whether the n-grams' figures were asked for
  #keeps = false; // whether it goes into the browser's storage
  /** @type {Promise<unknown>} resolves when the loop has ended that was told to */
  #ended = Promise.resolve();
  /** @type {Promise<unknown>} resolves between two updates */
  #updated = Promise.resolve();

  /** A new training. @param {Tools} tools @param {Parameters<typeof Training.begin>} given */
  static async begin(tools, ...given) {
    const [text] = given;
    return new Session(tools, { training: await Training.begin(...given), text, history: emptyHistory(), best: null });
  }

  /** The one that the browser keeps. @param {Tools} tools @throws {RnnError} E_CHECKPOINT: there is none */
  static async resume(tools) {
    const stored = await tools.storage.newest();
    if (!stored) throw new RnnError("E_CHECKPOINT", "no training is kept here", "Begin a new one.");
    const { checkpoint, text, best, about } = stored;
    return new Session(tools, { training: await Training.resume(checkpoint, text), text, history: about.history, best });
  }

  /** The one of a file that file() gave, or the command. @param {Tools} tools @param {Uint8Array} bytes @throws {RnnError} E_CHECKPOINT */
  static async open(tools, bytes) {
    const { text, best } = await unpackCheckpoint(bytes);
    const training = await Training.resume(bytes, text);
    const history = emptyHistory();
    if (best) {
      const { "train.updates": done, "heldOut.bitsPerToken": heldOut } = await metadataOf(best);
      if (Number(heldOut) > 0) history.best = { done: Number(done), heldOut: Number(heldOut) };
    }
    return new Session(tools, { training, text, history, best });
  }

  /** @param {Tools} tools @param {Course} course */
  constructor(tools, { training, text, history, best }) {
    const bits = history.points.map(point => point.bits);
    this.#tools = tools;
    this.#training = training;
    this.#text = text;
    this.#history = history;
    this.#best = best;
    this.#good = training.save();
    this.#smooth = bits.at(-1) ?? NaN;
    this.#first = bits.at(0) ?? NaN;
    this.#lowest = bits.reduce((least, each) => Math.min(least, each), Infinity);
  }

  // ---- what it is asked for ----

  get isRunning() {
    return this.#isRunning;
  }

  /** What a page shows before it begins. @returns {Prepared} */
  describe() {
    const { facts, plan, parameters, windows, updates, done, settings, uniform, rateFactor: factor } = this.#training;
    const example = this.#training.window(3);
    return { type: "prepared", facts, plan, parameters, windows, updates, done, settings, uniform, factor, example };
  }

  /** The same, where the page has another text. @param {boolean} isKept @returns {Prepared} */
  describeResumed(isKept) {
    return { ...this.describe(), resumed: { text: this.#text, history: this.#history, isKept } };
  }

  /** Another training takes its place: it ends and says nothing more. */
  retire() {
    this.#isRetired = true;
    this.#isRunning = false;
  }

  /** Begins or goes on; resolves when it rests. @param {number} workers @param {boolean} wantsKeeping */
  async start(workers, wantsKeeping) {
    if (this.#isRunning) return;
    await this.#ended;
    if (this.#isRunning || this.#isRetired) return;
    this.#isRunning = true;
    this.#setbacks.restart();
    this.#keeps = wantsKeeping && (await this.#takeStorage());
    if (!this.#history.samples.length) this.#sample();
    this.#count().catch(() => {}); // lines to compare with: it learns without them, where there is no memory
    const running = this.#run(workers);
    this.#ended = running.catch(() => {});
    await running;
  }

  pause() {
    this.#isRunning = false;
  }

  /** Ends it early. */
  stop() {
    this.#isStopping = this.#isRunning;
    if (!this.#isRunning) this.#tell({ type: "end", reason: "stopped", best: this.#history.best });
    this.#isRunning = false;
  }

  /** @param {number} factor of the learning rate */
  setRate(factor) {
    if (factor > 0 && factor <= 1000) this.#training.rateFactor = factor;
  }

  /** @param {number} temperature of the samples */
  setTemperature(temperature) {
    if (temperature >= 0) this.#temperature = temperature;
  }

  /** The network's file, and which one that is: the last one too, where none was measured. @param {"last" | "best"} [which] */
  weights(which = "best") {
    const best = this.#history.best && this.#best;
    const isBest = which === "best" && best !== null;
    return { which: /** @type {typeof which} */ (isBest ? "best" : "last"), file: isBest ? best : this.#training.weights() };
  }

  /** What it writes, piece by piece. @param {Omit<Extract<import("./messages.js").Command, { type: "items" }>, "type">} options */
  async items({ which, count, temperature, seed }) {
    checkWhole("count", count, 1, MOST_ITEMS);
    const { plan, model } = this.#training;
    const wanted = this.weights(which);
    const options = { begin: beginOf(this.#text), count, temperature, seed };
    const texts = writeItems(wanted.which === "best" ? await load(wanted.file) : model, plan.kind, options);
    const isKnown = (this.#isKnown ??= knowing(this.#text, plan.kind));
    return { which: wanted.which, items: texts.map(text => ({ text, isKnown: isKnown(text) })) };
  }

  /** The whole as a file. Amid an update that two workers share, the streams of one slice would be ahead of the weights. */
  async file() {
    await this.#updated;
    return packCheckpoint(this.#training.save(), this.#text, this.#best);
  }

  // ---- the loop ----

  /** Updates, and all that is done in between, until it is over or told to rest. @param {number} workers */
  async #run(workers) {
    const { partner } = this.#tools;
    const { windows, updates, settings } = this.#training;
    const measureEvery = Math.min(MEASURE_MOST, Math.max(MEASURE_LEAST, Math.ceil(windows / 2)));
    const reporting = new Interval(REPORT_EVERY);
    const sampling = new Interval(SAMPLE_FIRST, SAMPLE_GROWTH);
    const keeping = new Interval(KEEP_EVERY);
    let reported = this.#training.done;
    let rate = 0;
    const report = () => {
      const { done } = this.#training;
      this.#report(rate, (done - reported) / reporting.elapsed);
      reporting.restart();
      reported = done;
    };
    let last = now();
    const isShared = workers > 1 && settings.slices === PARTNER_SLICES;
    if (isShared) partner.invite();
    else partner.dismiss();
    while (this.#training.done < updates) {
      await turn();
      if (!this.#isRunning) break;
      const came = await this.#tryUpdate();
      this.#history.seconds += now() - last;
      last = now();
      if (came === null) {
        await this.#rollBack();
        if (isShared && !this.#isRetired) partner.invite(); // it may have failed at the same numbers
        reported = this.#training.done;
        continue;
      }
      rate = came;
      const { done } = this.#training;
      const isLast = done === updates;
      if (done % measureEvery === 0 || isLast) await this.#measure();
      if (this.#isRetired) return;
      if (reporting.isOver || isLast) report();
      if (sampling.isOver || isLast) {
        this.#sample();
        sampling.restart();
      }
      if (keeping.isOver) {
        await this.#keep();
        keeping.restart();
      }
    }
    if (this.#training.done > reported && !this.#isRetired) report(); // what is named from now on is the network as it is
    await this.#rest();
  }

  /** The learning rate; null if the numbers are no numbers any more, or the loss has run away. */
  async #tryUpdate() {
    try {
      const updating = this.#tools.partner.update(this.#training, this.#text);
      this.#updated = updating.catch(() => {});
      const { bits, rate } = await updating;
      if (bits === 0) return rate; // nothing of this window was known
      this.#smooth = Number.isNaN(this.#smooth) ? bits : SMOOTH * this.#smooth + (1 - SMOOTH) * bits;
      if (Number.isNaN(this.#first)) this.#first = bits;
      return this.#runsAway() ? null : rate;
    } catch (error) {
      if (error instanceof RnnError && error.code === "E_NONFINITE") return null;
      throw error;
    }
  }

  #runsAway() {
    this.#lowest = Math.min(this.#lowest, this.#smooth);
    return this.#smooth > Math.min(this.#lowest + RUNAWAY.over, Math.max(this.#training.uniform, this.#first) + RUNAWAY.uniform);
  }

  /** Back to the last good state, with half the learning rate; once too often it is left there. */
  async #rollBack() {
    const { done, rateFactor } = this.#training;
    const back = await Training.resume(this.#good, this.#text);
    back.rateFactor = rateFactor / 2;
    cutHistory(this.#history, back.done);
    this.#smooth = this.#history.points.at(-1)?.bits ?? NaN;
    this.#training = back;
    if (!this.#isRetired) this.#tell(this.#setbacks.add(done, back));
  }

  async #rest() {
    if (this.#isRetired) return;
    this.#isRunning = false;
    await this.#keep();
    if (this.#isRetired) return;
    const { done, updates } = this.#training;
    const { best } = this.#history;
    if (done >= updates || this.#isStopping) this.#tools.partner.dismiss();
    if (done >= updates) this.#tell({ type: "end", reason: "done", best });
    else this.#tell(this.#isStopping ? { type: "end", reason: "stopped", best } : { type: "paused", done });
    this.#isStopping = false;
  }

  // ---- between updates ----

  /** @param {number | null} heldOut bits @returns {import("./history.js").Point} */
  #point(heldOut) {
    return { done: this.#training.done, seconds: this.#history.seconds, bits: this.#smooth, heldOut };
  }

  /** The bits of the held-out text, and the network, if it is the best so far. */
  async #measure() {
    const training = this.#training;
    const history = this.#history;
    const heldOut = await finish(training.heldOut());
    if (Number.isNaN(heldOut)) return;
    addPoint(history, this.#point(heldOut));
    if (history.best && heldOut >= history.best.heldOut) return;
    history.best = { done: training.done, heldOut };
    this.#best = training.weights({ "heldOut.bitsPerToken": String(heldOut) });
  }

  /** @param {number} rate of learning @param {number} updatesPerSecond */
  #report(rate, updatesPerSecond) {
    const training = this.#training;
    const history = this.#history;
    const { batch, window } = training.settings;
    addPoint(history, this.#point(null));
    this.#tell({
      type: "progress",
      ...this.#point(lastHeldOut(history)),
      best: history.best,
      rate,
      factor: training.rateFactor,
      tokensPerSecond: updatesPerSecond * batch * window,
      left: (training.updates - training.done) / updatesPerSecond,
      workers: this.#tools.partner.isAt(training) ? 2 : 1,
    });
  }

  /** What the network writes as it is now: of a list whole lines. */
  #sample() {
    const { done, plan } = this.#training;
    const temperature = this.#temperature;
    const text = plan.kind === "list" ? this.#sampleLines() : this.#sampleText();
    addSample(this.#history, { done, temperature, text });
    this.#tell({ type: "sample", done, temperature, text });
  }

  #sampleLines() {
    return writeItems(this.#training.model, "list", { count: SAMPLE_ITEMS, temperature: this.#temperature, seed: 1 }).join("\n");
  }

  #sampleText() {
    const { settings, model } = this.#training;
    const begin = beginOf(this.#text);
    const steps = model.write(begin, { temperature: this.#temperature, length: SAMPLE_LENGTH[settings.level], seed: 1 });
    return `${begin}${Array.from(steps, step => step.text).join("")}`.trimStart();
  }

  /** The n-grams' figures, between updates; once. */
  async #count() {
    if (this.#isCounted) return;
    this.#isCounted = true;
    for await (const figure of this.#training.markov()) {
      if (figure) this.#tell({ type: "markov", ...figure });
      await turn();
      if (this.#isRetired) return;
    }
  }

  // ---- the browser's storage ----

  /** Whether it is this worker's alone now; says so if it is not. */
  async #takeStorage() {
    const isOurs = await this.#tools.storage.lock();
    if (!isOurs) this.#tell({ type: "unkept", reason: "other tab", message: "" });
    return isOurs;
  }

  /** A place to go back to; it goes into the browser's storage too, if that was asked for and can be. */
  async #keep() {
    const { done, updates, settings } = this.#training;
    const checkpoint = (this.#good = this.#training.save());
    if (!this.#keeps) return;
    const began = now();
    try {
      await this.#tools.storage.put(this.#text, {
        checkpoint,
        best: this.#best,
        about: { history: this.#history, settings, done, updates },
      });
      this.#tell({ type: "kept", bytes: checkpoint.length, milliseconds: 1000 * (now() - began), done });
    } catch (error) {
      this.#keeps = false;
      this.#tell({ type: "unkept", reason: "refused", message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {Event} event */
  #tell(event) {
    if (!this.#isRetired) this.#tools.post(event);
  }
}
