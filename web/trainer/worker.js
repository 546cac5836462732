// SPDX-License-Identifier: MIT
//
// worker.js - the module worker that trains. The page posts Commands and gets Events; between two updates it answers.
// A second worker (this file again, under the name "partner") runs the second slice of each window, and the two exchange
// what their slices leave behind: the numbers are those of one worker. pair.js starts both.
import { metadataOf, pack, unpack } from "./checkpoint.js";
import { RnnError } from "../core/errors.js";
import { thin } from "./history.js";
import * as store from "./storage.js";
import { readText } from "./decoding.js";
import { TextIndex, Training, quantize } from "../core/recipe.js";
import { decoder, encoder } from "../core/wasm.js";

/** @typedef {import("../core/recipe.js").TrainSettings} TrainSettings */

/**
 * What the page asks for.
 * text: makes one text of files, or of a given one, answers what was read. read: prepares a training of it, answers facts.
 * peek: says what is kept in the browser's storage; forget: no more. resume: prepares that training, answers facts; open: one
 * of a file that checkpoint gave. start: begins or goes on; keep: in the browser's storage. factor: of the learning rate. temperature:
 * of the samples. stop: ends early, the network stays. weights: answers with a file. index: takes a text in which copies finds what
 * of another one stands there. partner: what the second worker says. ping: answers pong.
 * @typedef {{ type: "text", given: string | File[], id: number } | { type: "read", text: string, settings: Partial<TrainSettings> } | {
 *   type: "peek" } |
 * { type: "forget" } | { type: "resume" } | { type: "open", file: Blob } | { type: "start", workers: number, keep: boolean } | { type:
 *   "pause" } |
 * { type: "factor", factor: number } | { type: "temperature", temperature: number } | { type: "stop" } | { type: "weights", quantized:
 *   boolean, use: string } |
 *   { type: "checkpoint" } | { type: "index", text: string } | { type: "copies", text: string, least: number } |
 *   { type: "partner", message: any } | { type: "ping" }} Command
 */

/** @typedef {import("./history.js").History} History */

const SMOOTH = 0.95; // of the loss that is shown, a window
const SAY_EVERY = 0.25;
const KEEP_EVERY = 5; // seconds
const SAMPLES = 100; // kept at most: of more every second one goes
const SAMPLE_FIRST = 1;
const SAMPLE_GROWTH = 1.25;
const SAMPLE_LENGTH = { characters: 240, words: 60, folded: 60 };
const MEASURE_MOST = 500; // updates between two measurements on the held-out text
const RUNAWAY = { over: 1, uniform: 1 }; // bits above the best so far, or above a guess at random
const LAST_ROLLBACK = 3;
const ESTIMATE = 0.4; // seconds
const PATIENCE = 5; // seconds without a word from the partner

const scope = /** @type {any} */ (globalThis);
/** @param {object} event @param {Transferable[]} [transfer] */
const post = (event, transfer = []) => scope.postMessage(event, transfer);
const now = () => performance.now() / 1000;

/** @param {unknown} error @param {string} command that failed */
function trouble(error, command) {
  const { code = "E_WORKER", message, hint = "" } = /** @type {RnnError} */ (error instanceof Error ? error : new Error(String(error)));
  post({ type: "trouble", code, message, hint, command });
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

/**
 * One training with all that belongs to it; when another one takes its place, it ends and says nothing more.
 * @typedef {object} Session
 * @property {Training} training
 * @property {string} text
 * @property {History} history
 * @property {Uint8Array | null} best weights of the network that was best on the held-out text
 * @property {Uint8Array} good checkpoint where a training that runs away goes back to
 * @property {number} smooth bits, of the loss
 * @property {number} lowest of them
 * @property {number} rollbacks
 * @property {boolean} running
 * @property {Promise<void>} ended when the loop has ended that was told to
 * @property {boolean} stopping
 * @property {boolean} counted whether the n-grams' figures were asked for
 * @property {"" | "text" | "checkpoints"} kept what goes into the browser's storage: nothing, first the text, all
 */

/** @type {Session | null} */
let session = null;
let temperature = 0.8; // of the samples
/** @type {TextIndex | null} the text in which copies are looked for */
let index = null;

/** @param {Session} of */
const isCurrent = of => of === session;

/**
 * @param {Training} training
 * @param {string} text
 * @param {History} history
 * @param {Uint8Array | null} best
 * @param {object} more that is said with the facts
 */
function adopt(training, text, history, best, more) {
  if (session) session.running = false;
  const bits = history.points.map(point => point.bits);
  session = {
    training,
    text,
    history,
    best,
    good: training.save(),
    smooth: bits.at(-1) ?? NaN,
    lowest: bits.reduce((least, each) => Math.min(least, each), Infinity),
    rollbacks: 0,
    running: false,
    ended: Promise.resolve(),
    stopping: false,
    counted: false,
    kept: "",
  };
  const { facts, parameters, windows, updates, done, settings, uniform, rateFactor } = training;
  post({
    type: "facts",
    facts,
    parameters,
    windows,
    updates,
    done,
    settings,
    uniform,
    factor: rateFactor,
    example: training.window(3),
    ...more,
  });
}

/**
 * Tokens a second on this machine, of one worker, by some updates of a copy.
 * @param {string} text
 * @param {Partial<TrainSettings>} settings
 */
async function estimate(text, settings) {
  const copy = await Training.begin(text, settings);
  const { batch, window } = copy.settings;
  let began = now();
  let count = 1;
  copy.update();
  if (now() - began < ESTIMATE) [began, count] = [now(), 0]; // a quick one is not counted: the code was still being compiled
  while (now() - began < ESTIMATE && copy.done < copy.updates) {
    copy.update();
    count++;
  }
  return (count * batch * window) / (now() - began);
}

// ---- the second worker ----

/**
 * @typedef {object} Partner
 * @property {boolean} there it has said something
 * @property {Training | null} training what it has joined
 * @property {number} round of joining: what it says of an older one is not wanted
 * @property {{ nats: number, part: Float32Array }[]} parts
 * @property {() => void} wake whoever waits for a part
 */
/** @type {Partner | null} */
let partner = null;
let rounds = 0;
/** @type {Float32Array | undefined} */
let spare;

/** Asks pair.js for one; until it is there, and wherever it cannot be, one worker does both slices. */
function invitePartner() {
  partner ??= { there: false, training: null, round: 0, parts: [], wake() {} };
  post({ type: "partner", wanted: true });
}

function dismissPartner() {
  post({ type: "partner", wanted: false });
  partner?.wake();
  partner = null;
}

/** From the next update on it is at the same training. @param {Partner} mine @param {Training} training @param {string} text */
function join(mine, training, text) {
  mine.training = training;
  mine.round = ++rounds;
  mine.parts = [];
  mine.wake();
  const checkpoint = training.save();
  const utf8 = encoder.encode(text);
  post({ type: "partner", message: { round: rounds, checkpoint, utf8 } }, [checkpoint.buffer, utf8.buffer]);
}

/**
 * What the partner's slice left behind; null if it is gone, at another training, or silent for so long.
 * @param {Partner} mine
 * @param {number} seconds
 */
async function partOf(mine, seconds) {
  const { round } = mine;
  const isMine = () => partner === mine && mine.round === round;
  const timer = setTimeout(() => isMine() && dismissPartner(), 1000 * seconds);
  while (isMine() && !mine.parts.length)
    await new Promise(resolve => {
      mine.wake = () => resolve(undefined);
    });
  clearTimeout(timer);
  return isMine() ? mine.parts.shift() : null;
}

/** One update, shared if there is a partner. @param {Session} session */
async function update({ training: of, text }) {
  if (!partner?.there) return of.update();
  const mine = partner;
  if (mine.training !== of) join(mine, of, text);
  of.prepare();
  const began = now();
  const first = of.slice(0);
  const theirs = await partOf(mine, Math.max(PATIENCE, 5 * (now() - began)));
  if (!theirs) return of.finish([first, of.slice(1)]);
  of.takePart(1, theirs.part);
  const nats = [first, theirs.nats];
  const part = of.part(0, spare);
  spare = theirs.part;
  post({ type: "partner", message: { round: mine.round, nats, part, factor: of.rateFactor } }, [part.buffer]);
  return of.finish(nats);
}

/** What the partner is at. @type {{ training: Training, round: number, spare?: Float32Array } | null} */
let joined = null;

/** @param {any} message of the trainer */
async function asPartner({ round, checkpoint, utf8, part: theirs, nats: both, factor }) {
  if (checkpoint) joined = { training: await Training.resume(checkpoint, decoder.decode(utf8)), round };
  const mine = joined;
  if (!mine || mine.round !== round) return;
  const { training } = mine;
  if (theirs) {
    training.takePart(0, theirs);
    training.rateFactor = factor;
    training.finish(both);
    mine.spare = theirs;
  }
  if (training.done >= training.updates) return;
  training.prepare(); // the next slice at once: it is wanted soon
  const nats = training.slice(1);
  const part = training.part(1, mine.spare);
  mine.spare = undefined;
  post({ round, nats, part }, [part.buffer]);
}

/** The whole life of the second worker, one message after the other. */
function bePartner() {
  let before = Promise.resolve();
  scope.onmessage = (/** @type {MessageEvent} */ { data }) => {
    before = before.then(() => asPartner(data)).catch(() => post({ round: data.round, failed: true }));
  };
  post({ there: true });
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

/** @param {Session} of */
async function measure(of) {
  const { training, history } = of;
  const heldOut = await finish(training.heldOut());
  if (Number.isNaN(heldOut)) return;
  history.points.push(point(of, heldOut));
  if (history.best && heldOut >= history.best.heldOut) return;
  history.best = { done: training.done, heldOut };
  of.best = training.weights({ "heldOut.bitsPerToken": String(heldOut) });
}

/** @param {Session} of @param {number | null} heldOut @returns {import("./history.js").Point} */
function point({ training, history, smooth }, heldOut = null) {
  return { done: training.done, seconds: history.seconds, bits: smooth, heldOut };
}

/** @param {Session} of */
function sample({ training, history }) {
  const length = SAMPLE_LENGTH[training.settings.level];
  const taken = { done: training.done, temperature, text: training.write({ prompt: "\n", temperature, length, seed: 1 }).trimStart() };
  history.samples.push(taken);
  if (history.samples.length > SAMPLES) history.samples = history.samples.filter((_, i) => i % 2 === 0);
  post({ type: "sample", ...taken });
}

/** @param {Session} of @param {number} rate @param {number} tokensPerSecond */
function say(of, rate, tokensPerSecond) {
  const { training, history } = of;
  const { batch, window } = training.settings;
  const left = ((training.updates - training.done) * batch * window) / tokensPerSecond;
  const heldOut = history.points.findLast(point => point.heldOut !== null)?.heldOut ?? null;
  post({
    type: "progress",
    ...point(of, heldOut),
    best: history.best,
    rate,
    factor: training.rateFactor,
    tokensPerSecond,
    left,
    workers: partner?.training === training ? 2 : 1,
  });
}

/** Keeps all in the browser, if it was asked for and can be. @param {Session} of */
async function keep(of) {
  const { training, history, text } = of;
  const { done, updates, settings } = training;
  of.good = training.save();
  if (!of.kept) return;
  const began = now();
  try {
    if (of.kept === "text") await store.putText(text);
    of.kept = "checkpoints";
    await store.put({ checkpoint: of.good, best: of.best, about: { history, settings, done, updates } });
    if (isCurrent(of)) post({ type: "saved", bytes: of.good.length, milliseconds: 1000 * (now() - began), done });
  } catch (error) {
    of.kept = "";
    if (isCurrent(of)) post({ type: "unsaved", reason: "refused", message: error instanceof Error ? error.message : String(error) });
  }
}

/** Whether the loss has run away. @param {Session} of */
function runsAway(of) {
  of.lowest = Math.min(of.lowest, of.smooth);
  return of.smooth > Math.min(of.lowest + RUNAWAY.over, of.training.uniform + RUNAWAY.uniform);
}

/** Back to the last good state, with half the learning rate; once too often it is left there. @param {Session} of */
async function rollBack(of) {
  const { done, rateFactor } = of.training;
  const { history } = of;
  const back = await Training.resume(of.good, of.text);
  back.rateFactor = rateFactor / 2;
  history.points = history.points.filter(point => point.done <= back.done);
  history.samples = history.samples.filter(sample => sample.done <= back.done);
  of.smooth = history.points.at(-1)?.bits ?? NaN;
  of.training = back;
  if (!isCurrent(of)) return;
  if (++of.rollbacks >= LAST_ROLLBACK)
    throw new RnnError(
      "E_DIVERGED",
      `the loss ran away again at update ${done}`,
      "Begin anew with a lower learning rate, or with clipped gradients.",
    );
  post({ type: "diverged", done, back: back.done, factor: back.rateFactor });
}

/** @param {Session} of @returns {Promise<{ bits: number, rate: number } | null>} null: the numbers are no numbers any more */
async function tryUpdate(of) {
  try {
    const step = await update(of);
    of.smooth = Number.isNaN(of.smooth) ? step.bits : SMOOTH * of.smooth + (1 - SMOOTH) * step.bits;
    return runsAway(of) ? null : step;
  } catch (error) {
    if (error instanceof RnnError && error.code === "E_NONFINITE") return null;
    throw error;
  }
}

/**
 * Updates, and what is said, sampled, measured and kept in between, until it is over or told to rest.
 * @param {Session} of
 * @param {number} workers
 */
async function train(of, workers) {
  const { history } = of;
  const {
    windows,
    updates,
    settings: { batch, window },
  } = of.training;
  const every = Math.min(MEASURE_MOST, Math.ceil(windows / 2));
  let said = now();
  let saidDone = of.training.done;
  let savedAt = said;
  let sampledAt = said;
  let nextSample = SAMPLE_FIRST;
  let last = said;
  if (workers > 1) invitePartner();
  else dismissPartner();
  while (of.running && of.training.done < updates) {
    await turn();
    if (!of.running) break;
    const step = await tryUpdate(of);
    const time = now();
    history.seconds += time - last;
    last = time;
    if (!step) {
      await rollBack(of);
      if (workers > 1 && isCurrent(of)) invitePartner(); // it may have failed at the same numbers
      saidDone = of.training.done;
      continue;
    }
    const { done } = of.training;
    const isLast = done === updates;
    if (done % every === 0 || isLast) await measure(of);
    if (!isCurrent(of)) return;
    if (now() - said >= SAY_EVERY || isLast) {
      history.points.push(point(of));
      history.points = thin(history.points);
      say(of, step.rate, ((done - saidDone) * batch * window) / (now() - said));
      said = now();
      saidDone = done;
    }
    if (now() - sampledAt >= nextSample || isLast) {
      sample(of);
      sampledAt = now();
      nextSample *= SAMPLE_GROWTH;
    }
    if (now() - savedAt >= KEEP_EVERY) {
      await keep(of);
      savedAt = now();
    }
  }
  if (!isCurrent(of)) return;
  of.running = false;
  await keep(of);
  if (!isCurrent(of)) return;
  const { done } = of.training;
  const { best } = history;
  if (done >= updates || of.stopping) dismissPartner();
  if (done >= updates) post({ type: "end", reason: "done", best });
  else post(of.stopping ? { type: "end", reason: "stopped", best } : { type: "paused", done });
  of.stopping = false;
}

/** The n-grams' figures, between updates; once. @param {Session} of */
async function count(of) {
  if (of.counted) return;
  of.counted = true;
  for await (const figure of of.training.markov()) {
    if (figure) post({ type: "markov", ...figure });
    await turn();
    if (!isCurrent(of)) return;
  }
}

// ---- commands ----

/** @returns {Session} */
function current() {
  if (!session) throw new RnnError("E_ARGUMENT", "no network is there yet");
  return session;
}

/** @type {Record<string, (command: any) => unknown>} */
const commands = {
  async text({ given, id }) {
    post({ type: "text", id, ...(await readText(given)) });
  },
  async read({ text, settings }) {
    if (session) session.running = false;
    session = null; // says no more
    const begun = await Training.begin(text, settings);
    adopt(begun, text, { points: [], samples: [], best: null, seconds: 0 }, null, { tokensPerSecond: await estimate(text, settings) });
  },
  async peek() {
    // where the browser keeps nothing there is nothing kept
    const found = (await store.isTaken()) ? null : await store.newest().catch(() => null);
    post({ type: "kept", about: found && { done: found.about.done, updates: found.about.updates } });
  },
  forget: () => store.clear(),
  async resume() {
    const found = await store.newest();
    if (!found) throw new RnnError("E_CHECKPOINT", "no training is kept here", "Begin a new one.");
    const {
      checkpoint,
      text,
      best,
      about: { history },
    } = found;
    adopt(await Training.resume(checkpoint, text), text, history, best, { history, text, isKept: true });
  },
  async open({ file }) {
    const { checkpoint, text, best } = unpack(new Uint8Array(await file.arrayBuffer()));
    const begun = await Training.resume(checkpoint, text);
    const { "train.updates": done, "heldOut.bitsPerToken": heldOut } = best ? metadataOf(best) : {};
    const history = { points: [], samples: [], best: best && { done: Number(done), heldOut: Number(heldOut) }, seconds: 0 };
    adopt(begun, text, history, best, { history, text });
  },
  async start({ workers, keep: wanted }) {
    const of = current();
    if (of.running) return;
    await of.ended;
    if (of.running || !isCurrent(of)) return;
    of.running = true;
    of.rollbacks = 0;
    const locked = wanted && (await store.lock());
    if (wanted && !locked) post({ type: "unsaved", reason: "other tab", message: "" });
    of.kept = !locked ? "" : (await store.holds(of.text).catch(() => false)) ? "checkpoints" : "text";
    if (!of.history.samples.length) sample(of);
    count(of).catch(() => {}); // lines to compare with: it learns without them, where there is no memory
    const training = train(of, workers);
    of.ended = training.catch(() => {});
    await training;
  },
  pause() {
    current().running = false;
  },
  stop() {
    const of = current();
    of.stopping = of.running;
    if (!of.running) post({ type: "end", reason: "stopped", best: of.history.best });
    of.running = false;
  },
  factor({ factor }) {
    if (factor > 0 && factor <= 1000) current().training.rateFactor = factor;
  },
  temperature({ temperature: wanted }) {
    if (wanted >= 0) temperature = wanted;
  },
  async weights({ quantized, use }) {
    const { best, training } = current();
    const file = best ?? training.weights();
    const bytes = quantized ? await quantize(file) : file.slice();
    post({ type: "weights", bytes, quantized, use }, [bytes.buffer]);
  },
  checkpoint() {
    const { training, text, best } = current();
    post({ type: "checkpoint", bytes: pack({ checkpoint: training.save(), text, best }) });
  },
  async index({ text }) {
    index = await TextIndex.of(text);
    post({ type: "index" });
  },
  copies({ text, least }) {
    post({ type: "copies", .../** @type {TextIndex} */ (index).find(text, least) });
  },
  partner({ message }) {
    if (!partner) return;
    partner.there = true;
    if (message.round !== partner.round) return;
    if (message.failed) return dismissPartner();
    partner.parts.push(message);
    partner.wake();
  },
  ping() {
    post({ type: "pong" });
  },
};

/** @param {MessageEvent} event */
async function asTrainer({ data }) {
  const of = session;
  try {
    await commands[data.type]?.(data);
  } catch (error) {
    if (data.type === "start" && of !== session) return; // another training has taken its place
    if (data.type === "start" && of) {
      of.running = false;
      dismissPartner();
    }
    trouble(error, data.type);
  }
}

if (scope.name === "partner") bePartner();
else scope.onmessage = asTrainer;
