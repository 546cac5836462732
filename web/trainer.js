// SPDX-License-Identifier: MIT
//
// trainer.js - the module worker that trains. The page posts Commands and gets Events; between two updates it answers.
// A second worker (this file again, under the name "partner") runs the second slice of each window, and the two exchange
// what their slices leave behind: the numbers are those of one worker.
import { metadataOf, pack, unpack } from "./checkpoint.js";
import { RnnError } from "./error.js";
import { spawn } from "./spawn.js";
import * as store from "./store.js";
import { TextIndex, Training, quantize } from "./train.js";

/** @typedef {import("./train.js").TrainSettings} TrainSettings */

/**
 * What the page asks for.
 * read: prepares a training, answers facts. peek: says what is kept in the browser's storage; forget: no more. resume: prepares that
 * training, answers facts; open: one of a file that checkpoint gave. start: begins or goes on; keep: in the browser's storage. factor: of the learning rate. temperature: of the samples. stop: ends early, the network
 * stays. weights: answers with a file. index: takes a text in which copies finds what of another one stands there. ping: answers pong.
 * @typedef {{ type: "read", text: string, settings: Partial<TrainSettings> } | { type: "peek" } | { type: "forget" } | { type: "resume" } | { type: "open", file: Blob } | { type: "start", workers: number, keep: boolean } | { type: "pause" } |
 *   { type: "factor", factor: number } | { type: "temperature", temperature: number } | { type: "stop" } | { type: "weights", quantized: boolean, use: string } |
 *   { type: "checkpoint" } | { type: "index", text: string } | { type: "copies", text: string, least: number } | { type: "ping" }} Command
 */

/** @typedef {{ done: number, seconds: number, bits: number, heldOut: number | null }} Point bits per token */
/** @typedef {{ done: number, temperature: number, text: string }} Sample */
/** @typedef {{ points: Point[], samples: Sample[], best: { done: number, heldOut: number } | null, seconds: number }} History */

const SMOOTH = 0.95; // of the loss that is shown, a window
const SAY_EVERY = 0.25, KEEP_EVERY = 5; // seconds
const POINTS = 500, SAMPLES = 100; // kept at most: of more every second one goes
const SAMPLE_FIRST = 1, SAMPLE_GROWTH = 1.25, SAMPLE_LENGTH = { characters: 240, words: 60, folded: 60 };
const MEASURE_MOST = 500; // updates between two measurements on the held-out text
const RUNAWAY = { over: 1, uniform: 1 }; // bits above the best so far, or above a guess at random
const LAST_ROLLBACK = 3;
const ESTIMATE = 0.4; // seconds
const PATIENCE = 5; // seconds without a word from the partner

const scope = /** @type {any} */ (globalThis);
/** @param {object} event @param {Transferable[]} [transfer] */
const post = (event, transfer = []) => scope.postMessage(event, transfer);
const now = () => performance.now() / 1000;

/** @param {unknown} error */
function trouble(error) {
  const { code = "E_WORKER", message, hint = "" } = /** @type {RnnError} */ (error instanceof Error ? error : new Error(String(error)));
  post({ type: "trouble", code, message, hint });
}

/** Lets messages in: a timer would be slowed in a hidden tab, and a promise lets none in. @returns {Promise<void>} */
function turn() {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

// ---- what is trained ----

/** @type {Training | null} */
let training = null;
let text = "";
/** @type {History} */
let history = { points: [], samples: [], best: null, seconds: 0 };
/** @type {Uint8Array | null} */
let bestWeights = null;
let temperature = 0.8;
/** @type {TextIndex | null} the text in which copies are looked for */
let index = null;
let smooth = NaN, lowest = Infinity; // bits, of the loss
let running = false, stopping = false, counted = false, rollbacks = 0;
let generation = 0; // of what is trained: a loop of an earlier one ends
/** @type {Uint8Array} where a training that runs away goes back to */
let good;
/** @type {"" | "text" | "checkpoints"} what is kept in the browser: nothing (yet), the text, all */
let kept = "";

/** @param {Training} begun @param {string} itsText @param {History} itsHistory */
function adopt(begun, itsText, itsHistory) {
  dismissPartner();
  generation++;
  running = stopping = counted = false;
  training = begun;
  text = itsText;
  history = itsHistory;
  smooth = history.points.at(-1)?.bits ?? NaN;
  lowest = Math.min(Infinity, ...history.points.map(({ bits }) => bits));
  good = training.save();
  rollbacks = 0;
}

/** @param {Training} of @param {object} more */
function facts(of, more) {
  const { facts, parameters, windows, updates, done, settings, uniform, rateFactor } = of;
  post({ type: "facts", facts, parameters, windows, updates, done, settings, uniform, factor: rateFactor, example: of.window(3), ...more });
}

/** Tokens a second on this machine, of one worker, by some updates of a copy. @param {string} text @param {Partial<TrainSettings>} settings */
async function estimate(text, settings) {
  const copy = await Training.begin(text, settings), { batch, window } = copy.settings;
  let began = now(), count = 1;
  copy.update();
  if (now() - began < ESTIMATE) [began, count] = [now(), 0]; // a quick one is not counted: the code was still being compiled
  while (now() - began < ESTIMATE && copy.done < copy.updates) {
    copy.update();
    count++;
  }
  return (count * batch * window) / (now() - began);
}

// ---- the second worker ----

/** @typedef {{ worker: Worker, there: boolean, joined: boolean, parts: { nats: number, part: Float32Array }[], wake: () => void }} Partner */
/** @type {Partner | null} */
let partner = null;
/** @type {Float32Array | undefined} */
let spare;

function dismissPartner() {
  partner?.worker.terminate();
  partner?.wake();
  partner = null;
}

/** Until it is there, and wherever it cannot be, one worker does both slices. */
function invitePartner() {
  dismissPartner();
  try {
    const worker = spawn("partner");
    /** @type {Partner} */
    const mine = { worker, there: false, joined: false, parts: [], wake() {} };
    partner = mine;
    const lost = () => {
      if (partner === mine) dismissPartner();
    };
    worker.addEventListener("message", ({ data }) => {
      if (data.failed) return lost();
      if (data.there) mine.there = true;
      else mine.parts.push(data);
      mine.wake();
    });
    worker.addEventListener("error", lost);
    worker.addEventListener("messageerror", lost);
  } catch {
    partner = null; // no workers within workers here
  }
}

/** What the partner's slice left behind; null if it is gone, or silent for so long. @param {number} seconds */
async function partOfPartner(seconds) {
  const timer = setTimeout(dismissPartner, 1000 * seconds);
  while (partner && !partner.parts.length) await new Promise(resolve => { if (partner) partner.wake = () => resolve(undefined); });
  clearTimeout(timer);
  return partner?.parts.shift() ?? null;
}

/** One update, shared if there is a partner. @param {Training} of */
async function update(of) {
  if (!partner?.there) return of.update();
  const mine = partner;
  if (!mine.joined) mine.worker.postMessage({ join: of.save(), text });
  mine.joined = true;
  of.prepare();
  const began = now(), first = of.slice(0), theirs = await partOfPartner(Math.max(PATIENCE, 5 * (now() - began)));
  if (!theirs) return of.finish([first, of.slice(1)]);
  of.takePart(1, theirs.part);
  const nats = [first, theirs.nats], part = of.part(0, spare);
  spare = theirs.part;
  mine.worker.postMessage({ nats, part, factor: of.rateFactor }, [part.buffer]);
  return of.finish(nats);
}

/** What the partner is at. @type {{ training: Training, spare?: Float32Array } | null} */
let joined = null;

/** @param {any} data */
async function asPartner(data) {
  if (data.join) joined = { training: await Training.resume(data.join, data.text) };
  if (!joined) return;
  const { training } = joined;
  if (data.part) {
    training.takePart(0, data.part);
    training.rateFactor = data.factor;
    training.finish(data.nats);
    joined.spare = data.part;
  }
  if (training.done >= training.updates) return;
  training.prepare(); // the next slice at once: it is wanted soon
  const nats = training.slice(1), part = training.part(1, joined.spare);
  joined.spare = undefined;
  post({ nats, part }, [part.buffer]);
}

// ---- the loop ----

/** A generator to its end, with turns in between. @template T @param {Generator<unknown, T>} steps @returns {Promise<T>} */
async function finish(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return /** @type {T} */ (value);
    await turn();
  }
}

/** @param {Training} of */
async function measure(of) {
  const heldOut = await finish(of.heldOut());
  if (Number.isNaN(heldOut)) return;
  history.points.push(point(of, heldOut));
  if (history.best && heldOut >= history.best.heldOut) return;
  history.best = { done: of.done, heldOut };
  bestWeights = of.weights({ "heldOut.bitsPerToken": String(heldOut) });
}

/** @param {Training} of @param {number | null} heldOut @returns {Point} */
function point(of, heldOut = null) {
  return { done: of.done, seconds: history.seconds, bits: smooth, heldOut };
}

/** @param {Training} of */
function sample(of) {
  const length = SAMPLE_LENGTH[of.settings.level], taken = { done: of.done, temperature, text: of.write({ prompt: "\n", temperature, length, seed: 1 }).trimStart() };
  history.samples.push(taken);
  if (history.samples.length > SAMPLES) history.samples = history.samples.filter((_, i) => i % 2 === 0);
  post({ type: "sample", ...taken });
}

/** @param {Training} of @param {number} rate @param {number} tokensPerSecond */
function say(of, rate, tokensPerSecond) {
  const { batch, window } = of.settings, left = ((of.updates - of.done) * batch * window) / tokensPerSecond;
  const heldOut = history.points.findLast(point => point.heldOut !== null)?.heldOut ?? null;
  post({ type: "progress", ...point(of, heldOut), best: history.best, rate, factor: of.rateFactor, tokensPerSecond, left, workers: partner?.joined ? 2 : 1 });
}

function thin() {
  if (history.points.length > POINTS) history.points = history.points.filter(({ heldOut }, i) => heldOut !== null || i % 2 === 0);
  if (history.points.length > POINTS) history.points = history.points.filter((_, i) => i % 2 === 0);
}

/** Keeps all in the browser, if it was asked for and can be. @param {Training} of */
async function keep(of) {
  good = of.save();
  if (!kept) return;
  const began = now();
  try {
    if (kept === "text") await store.putText(text);
    kept = "checkpoints";
    await store.put({ checkpoint: good, best: bestWeights, about: { history, settings: of.settings, done: of.done, updates: of.updates } });
    post({ type: "saved", bytes: good.length, milliseconds: 1000 * (now() - began), done: of.done });
  } catch (error) {
    post({ type: "unsaved", reason: "refused", message: error instanceof Error ? error.message : String(error) });
    kept = "";
  }
}

/** Whether the loss has run away. @param {Training} of */
function runsAway(of) {
  lowest = Math.min(lowest, smooth);
  return smooth > Math.min(lowest + RUNAWAY.over, of.uniform + RUNAWAY.uniform);
}

/** Back to the last good state, with half the learning rate. @param {Training} of */
async function rollBack(of) {
  const { done, rateFactor } = of;
  if (++rollbacks >= LAST_ROLLBACK)
    throw new RnnError("E_DIVERGED", `the loss ran away again at update ${done}`, "Begin anew with a lower learning rate, or with clipped gradients.");
  const back = await Training.resume(good, text);
  back.rateFactor = rateFactor / 2;
  const { points, samples } = history;
  history.points = points.filter(point => point.done <= back.done);
  history.samples = samples.filter(sample => sample.done <= back.done);
  smooth = history.points.at(-1)?.bits ?? NaN;
  training = back;
  post({ type: "diverged", done, back: back.done, factor: back.rateFactor });
  return back;
}

/** @param {Training} of @returns {Promise<{ bits: number, rate: number } | null>} null: the numbers are no numbers any more */
async function tryUpdate(of) {
  try {
    const step = await update(of);
    smooth = Number.isNaN(smooth) ? step.bits : SMOOTH * smooth + (1 - SMOOTH) * step.bits;
    return runsAway(of) ? null : step;
  } catch (error) {
    if (error instanceof RnnError && error.code === "E_NONFINITE") return null;
    throw error;
  }
}

/** @param {number} workers */
async function train(workers) {
  let of = /** @type {Training} */ (training);
  const mine = generation, every = Math.min(MEASURE_MOST, Math.ceil(of.windows / 2)), { batch, window } = of.settings;
  let said = now(), saidDone = of.done, savedAt = said, sampledAt = said, nextSample = SAMPLE_FIRST, last = said;
  if (workers > 1) invitePartner();
  while (running && of.done < of.updates) {
    await turn();
    if (mine !== generation) return;
    const step = await tryUpdate(of), time = now();
    history.seconds += time - last;
    last = time;
    if (!step) {
      of = await rollBack(of);
      if (workers > 1) invitePartner();
      saidDone = of.done;
      continue;
    }
    if (of.done % every === 0 || of.done === of.updates) await measure(of);
    if (now() - said >= SAY_EVERY || of.done === of.updates) {
      history.points.push(point(of));
      thin();
      say(of, step.rate, ((of.done - saidDone) * batch * window) / (now() - said));
      said = now();
      saidDone = of.done;
    }
    if (now() - sampledAt >= nextSample || of.done === of.updates) {
      sample(of);
      sampledAt = now();
      nextSample *= SAMPLE_GROWTH;
    }
    if (now() - savedAt >= KEEP_EVERY) {
      await keep(of);
      savedAt = now();
    }
  }
  if (mine !== generation) return;
  dismissPartner();
  await keep(of);
  running = false;
  if (of.done >= of.updates) post({ type: "end", reason: "done", best: history.best });
  else post(stopping ? { type: "end", reason: "stopped", best: history.best } : { type: "paused", done: of.done });
  stopping = false;
}

/** The n-grams' figures, between updates; once. @param {Training} of */
async function count(of) {
  const mine = generation;
  if (counted) return;
  counted = true;
  for await (const figure of of.markov()) {
    if (figure) post({ type: "markov", ...figure });
    await turn();
    if (mine !== generation) return;
  }
}

// ---- commands ----

/** @type {Record<string, (command: any) => unknown>} */
const commands = {
  async read({ text: given, settings }) {
    const begun = await Training.begin(given, settings);
    adopt(begun, given, { points: [], samples: [], best: null, seconds: 0 });
    bestWeights = null;
    kept = "";
    facts(begun, { tokensPerSecond: await estimate(given, settings) });
  },
  async peek() {
    const found = await store.newest().catch(() => null); // where the browser keeps nothing there is nothing kept
    post({ type: "kept", about: found && { done: found.about.done, updates: found.about.updates } });
  },
  async forget() {
    await store.clear();
  },
  async resume() {
    const found = await store.newest();
    if (!found) throw new RnnError("E_CHECKPOINT", "no training is kept here", "Begin a new one.");
    const begun = await Training.resume(found.checkpoint, found.text);
    adopt(begun, found.text, found.about.history);
    bestWeights = found.best;
    kept = "checkpoints";
    facts(begun, { history, text: found.text });
  },
  async open({ file }) {
    const { checkpoint, text: itsText, best } = unpack(new Uint8Array(await file.arrayBuffer())), begun = await Training.resume(checkpoint, itsText);
    const { "train.updates": done, "heldOut.bitsPerToken": heldOut } = best ? metadataOf(best) : {};
    adopt(begun, itsText, { points: [], samples: [], best: best && { done: Number(done), heldOut: Number(heldOut) }, seconds: 0 });
    bestWeights = best;
    kept = "";
    facts(begun, { history, text: itsText });
  },
  async start({ workers, keep: wanted }) {
    if (!training || running) return;
    running = true;
    const locked = wanted && (await store.lock());
    if (wanted && !locked) post({ type: "unsaved", reason: "other tab", message: "" });
    kept = locked ? kept || "text" : "";
    if (!history.samples.length) sample(training);
    count(training).catch(() => {}); // lines to compare with: it learns without them, where there is no memory
    await train(workers);
  },
  pause() {
    running = false;
  },
  stop() {
    if (!running) return post({ type: "end", reason: "stopped", best: history.best });
    stopping = true;
    running = false;
  },
  factor({ factor }) {
    if (training && factor > 0 && factor <= 1000) training.rateFactor = factor;
  },
  temperature({ temperature: wanted }) {
    if (wanted >= 0) temperature = wanted;
  },
  async weights({ quantized, use }) {
    if (!training) throw new RnnError("E_ARGUMENT", "no network is there yet");
    const file = bestWeights ?? training.weights(), bytes = quantized ? await quantize(file) : file.slice();
    post({ type: "weights", bytes, quantized, use }, [bytes.buffer]);
  },
  checkpoint() {
    if (training) post({ type: "checkpoint", bytes: pack({ checkpoint: training.save(), text, best: bestWeights }) });
  },
  async index({ text }) {
    index = await TextIndex.of(text);
    post({ type: "index" });
  },
  copies({ text, least }) {
    post({ type: "copies", .../** @type {TextIndex} */ (index).find(text, least) });
  },
  ping() {
    post({ type: "pong" });
  },
};

scope.onmessage = async (/** @type {MessageEvent} */ { data }) => {
  try {
    if (scope.name === "partner") await asPartner(data);
    else await commands[data.type]?.(data);
  } catch (error) {
    if (scope.name === "partner") return post({ failed: true });
    running = false;
    dismissPartner();
    trouble(error);
  }
};
if (scope.name === "partner") post({ there: true });
