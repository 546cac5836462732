// SPDX-License-Identifier: MIT
//
// train.js - the view "Train": a network for the text of corpus.js, and how it learns. The worker worker.js computes.
import { isPacked } from "../trainer/checkpoint.js";
import * as corpora from "./corpus.js";
import { nameOf, short, signOf } from "./describe.js";
import { button, field, folded, make, save, select, style } from "./elements.js";
import { RnnError } from "../core/errors.js";
import { addPoint, cutHistory, emptyHistory, lastHeldOut } from "../trainer/history.js";
import { number, say } from "./words.js";
import { Client } from "../trainer/client.js";
import { at, noTrouble, speak, status, trouble } from "./desk.js";
import { read as readSetting } from "./settings.js";
import { defaults, limits } from "../core/recipe.js";
import { draw as drawCurve } from "../views/curve.js";
import { draw as drawWindows } from "../views/windows.js";

/** @typedef {import("../core/recipe.js").TrainSettings} TrainSettings */

const SAMPLED = 40; // of a window's tokens that are drawn
const UNITS = [32, 64, 128, 256, 512];
const MORE = /** @type {const} */ ([
  "embedding",
  "batch",
  "window",
  "passes",
  "rate",
  "finalRate",
  "warmup",
  "clip",
  "dropout",
  "vocabulary",
  "heldOut",
  "seed",
]);
/** Settings of what the lesson shows and links to. @type {Record<string, Partial<TrainSettings>>} */
const PRESETS = {
  ours: {},
  pytorch: { embedding: 0, hidden: 64, batch: 16, window: 100, rate: 0.01, finalRate: 1, warmup: 0, clip: 0 },
  tensorflow: { embedding: 0, hidden: 128, batch: 8, window: 40, optimizer: "rmsprop", rate: 0.001, finalRate: 1, warmup: 0, clip: 0 },
  keras: {
    embedding: 0,
    hidden: 128,
    batch: 128,
    window: 40,
    optimizer: "rmsprop",
    rate: 0.01,
    finalRate: 1,
    warmup: 0,
    clip: 0,
    passes: 40,
  },
};

/** Words are fewer and rarer than characters: more updates of less text, and more dropout. */
const OF_WORDS = { embedding: 128, batch: 8, window: 32, rate: 0.003, dropout: 0.6 };
/** @type {Record<string, Partial<TrainSettings>>} */
const OF_LEVEL = {
  characters: Object.fromEntries(Object.keys(OF_WORDS).map(name => [name, defaults[/** @type {keyof TrainSettings} */ (name)]])),
  words: OF_WORDS,
  folded: OF_WORDS,
};
const OPERATIONS = 6;
const SLOWEST = 1e9; // of an update: operations for each number to learn and token; a second, on a slow machine
const LIVES = 3; // deaths of the worker without an update in between: it would die again

/** @type {{ useNetwork: (bytes: Uint8Array, name: string, prompt: string, text: string) => void, openFile: (file: File) => void }} */
let events = { useNetwork() {}, openFile() {} };
/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

// ---- state ----

/** @type {TrainSettings} */
let settings = { ...defaults };
let preset = "ours";
let workers = navigator.hardwareConcurrency > 1 ? 2 : 1;
/** @type {"none" | "reading" | "ready" | "running" | "paused" | "over" | "reviving"} */
let state = "none";
/** @type {{ done: number, updates: number } | null | undefined} how far a training is that the browser keeps; undefined: not asked yet */
let before;
/** @type {any} what the worker said last of each kind */
let facts = null;
/** @type {any} */
let progress = null;
let course = emptyHistory();
/** @type {{ order: number, bits: number }[]} */
let markov = [];
let overTime = false;
let windowsOpen = true;
let moreOpen = false;
let temperature = 0.8;
let goesOn = false; // begins as soon as it is ready
let keptAt = -1; // update of what the browser keeps of this training; -1: nothing
let notice = "";
let isUnsaved = false;
let deaths = 0; // of the worker, since the last progress

const root = at("view-train", HTMLElement);
/** @type {Record<string, HTMLElement>} */
let parts = {};

await style("./train.css");

/** Hands the text to the worker, which measures the machine and knows how long it would take. */
function prepare() {
  const { text } = corpora.corpus;
  begin();
  forget();
  if (text) lifeline.post({ type: "read", text, settings });
  else state = "none";
  show();
}

/** Has the worker go on with a training that is kept, or in a file. @param {import("../trainer/messages.js").Command} command */
function takeUp(command) {
  begin();
  lifeline.post(command);
  showState();
}

/** Another training is to come: what the worker is at is not wanted any more, and may take long. */
function begin() {
  if (!["none", "ready", "over"].includes(state)) lifeline.end();
  lifeline.rest();
  noTrouble();
  goesOn = false;
  state = "reading";
}

/** What was said of another training. */
function forget() {
  facts = progress = null;
  course = emptyHistory();
  markov = [];
  notice = "";
  isUnsaved = false;
  keptAt = -1;
}

/** @param {Partial<TrainSettings>} changes */
function change(changes) {
  settings = { ...settings, ...changes };
  prepare();
}

corpora.connect({
  read(given, id) {
    if (state === "reading") lifeline.end(); // it would first measure what is not wanted any more
    lifeline.post({ type: "text", given, id });
  },
  taken: prepare,
  async opened(file) {
    if (await isPacked(file)) takeUp({ type: "open", file });
    else events.openFile(file);
  },
});

// ---- the worker ----

const lifeline = new Client({
  hear(event) {
    hear[event.type]?.(event);
    showProgress();
  },
  failed: died,
});

/** The worker is gone: on from what is kept, or from the beginning. @param {RnnError} error @param {boolean} hasStarted */
function died(error, hasStarted) {
  if (state === "running" && keptAt >= 0 && ++deaths < LIVES) {
    state = "reviving";
    return lifeline.post({ type: "resume" });
  }
  state = "none"; // the worker has ended already
  if (hasStarted && ++deaths < LIVES) prepare();
  else show();
  trouble(hasStarted ? new RnnError("E_WORKER", say("train.died", { why: error.message })) : error);
}

/** @type {Record<string, (event: any) => void>} */
const hear = {
  text: corpora.take,
  prepared(event) {
    const revived = state === "reviving";
    const isOther = event.resumed !== undefined;
    if (isOther && !revived) {
      corpora.dismiss();
      corpora.takeAsItIs(event.resumed.text);
      forget();
    }
    if (isOther) {
      before = null;
      markov = []; // the worker counts again
    }
    facts = event;
    settings = { ...event.settings };
    state = event.done ? (event.done >= event.updates ? "over" : "paused") : "ready";
    if (isOther) course = event.resumed.history;
    if (event.resumed?.isKept) keptAt = event.done;
    if (isOther) show();
    else showState();
    if (revived) status(say("train.revived", { done: number(event.done) }));
    else speak(estimateNote());
    if (revived || goesOn) go();
    goesOn = false;
  },
  found({ training }) {
    before = training;
    if (training) show();
    else corpora.takeFirst();
  },
  markov: ({ order, bits }) => markov.push({ order, bits }),
  progress(event) {
    progress = event;
    course.best = event.best;
    deaths = 0;
    const { done, seconds, bits, heldOut } = event;
    addPoint(course, { done, seconds, bits, heldOut: heldOut === lastHeldOut(course) ? null : heldOut });
  },
  sample({ done, temperature, text }) {
    course.samples.push({ done, temperature, text });
    showSamples();
  },
  kept({ done }) {
    keptAt = done;
    notice = say("train.saved", { done: number(done) });
  },
  unkept({ reason, message }) {
    isUnsaved = true;
    keptAt = -1;
    notice = say(reason === "other tab" ? "train.unsaved.other" : "train.unsaved", { message });
    speak(notice);
    showState();
  },
  diverged({ done, back, factor }) {
    cutHistory(course, back);
    status(say("train.diverged", { done: number(done), back: number(back), factor: number(factor) }));
  },
  paused() {
    rest("paused");
  },
  end(event) {
    course.best = event.best ?? course.best;
    rest("over");
    speak(parts.status.textContent ?? "");
  },
  weights({ bytes, use }) {
    if (use === "write") events.useNetwork(bytes, say("train.own"), firstWords(), corpora.corpus.text);
    else save(bytes, use);
  },
  checkpoint: ({ bytes }) => save(bytes, "checkpoint.safetensors"),
  trouble({ code, message, hint, command }) {
    if (command === "start") rest(progress?.done || facts.done ? "paused" : "ready");
    else if (command === "read") rest("none");
    else if (state === "reading" || state === "reviving") prepare(); // what was asked for instead did not come
    trouble(new RnnError(code, message, hint));
  },
};

/** The worker has nothing to do now. @param {typeof state} now */
function rest(now) {
  lifeline.rest();
  state = now;
  showState();
}

/** What a text written by it may begin with: a few words of its own text. */
function firstWords() {
  return /^.{0,12}\S*\s/u.exec(corpora.corpus.text.trimStart())?.[0].trimEnd() ?? "";
}

// ---- what is shown ----

export function show() {
  if (before === undefined) {
    before = null;
    lifeline.post({ type: "look" }); // whether a training is kept here
  }
  const { id } = document.activeElement ?? {};
  const inside = root.contains(document.activeElement);
  parts.text = corpora.draw(settings.heldOut, keptPart());
  parts.network = networkPart();
  root.replaceChildren(parts.text, parts.network, goPart(), learnPart(), usePart());
  showState();
  if (inside && id) document.getElementById(id)?.focus();
}

/** Offers to go on with what is kept, as long as nothing else is begun, which would take its place. */
function keptPart() {
  if (!before) return "";
  return make(
    "div",
    { className: "notice" },
    make("p", { textContent: say("train.kept", { done: number(before.done), updates: number(before.updates) }) }),
    make(
      "div",
      { className: "row wrap" },
      button("train.resume", () => takeUp({ type: "resume" })),
      button("train.forget", () => {
        before = null;
        lifeline.post({ type: "forget" });
        show();
        corpora.takeFirst();
      }),
    ),
  );
}

function networkPart() {
  const { level, cell, hidden, layers } = settings;
  const names = (/** @type {string} */ key, /** @type {string[]} */ list) =>
    list.map(value => /** @type {[string, string]} */ ([value, say(`${key}.${value}`)]));
  const units = [...new Set([...UNITS, hidden])]
    .sort((a, b) => a - b)
    .map(value => /** @type {[string, string]} */ ([String(value), number(value)]));
  const choices = make(
    "div",
    { className: "choices" },
    field(
      "train.preset",
      select(names("train.preset", Object.keys(PRESETS)), preset, value => {
        preset = value;
        change({ ...defaults, level, ...OF_LEVEL[level], ...PRESETS[value] });
      }),
    ),
    field(
      "train.level",
      select(names("train.level", ["characters", "words", "folded"]), level, value =>
        change({ level: /** @type {TrainSettings["level"]} */ (value), ...OF_LEVEL[value] }),
      ),
    ),
    field(
      "train.cell",
      select(
        [
          ["lstm", "LSTM"],
          ["gru", "GRU"],
          ["tanh", "RNN (tanh)"],
        ],
        cell,
        value => change({ cell: /** @type {TrainSettings["cell"]} */ (value) }),
      ),
    ),
    field(
      "train.hidden",
      select(units, String(hidden), value => change({ hidden: Number(value) })),
    ),
    field(
      "train.layers",
      select(
        [
          ["1", "1"],
          ["2", "2"],
          ["3", "3"],
          ["4", "4"],
        ],
        String(layers),
        value => change({ layers: Number(value) }),
      ),
    ),
  );
  return make("fieldset", {}, make("legend", { textContent: say("train.network") }), choices, morePart());
}

/** All other settings, folded away. */
function morePart() {
  const wrong = make("p", { className: "note", ariaLive: "polite" });
  const made = folded(
    "train.more",
    moreOpen,
    make(
      "div",
      { className: "choices" },
      field(
        "train.optimizer",
        select(
          [
            ["adam", "Adam"],
            ["rmsprop", "RMSprop"],
          ],
          settings.optimizer,
          value => change({ optimizer: /** @type {TrainSettings["optimizer"]} */ (value) }),
        ),
      ),
      ...MORE.map(name => field(`train.${name}`, numberBox(name, wrong))),
      field(
        "train.workers",
        select(
          [
            ["1", "1"],
            ["2", "2"],
          ],
          String(workers),
          value => {
            workers = Number(value);
            showState();
          },
        ),
      ),
    ),
    wrong,
  );
  made.addEventListener("toggle", () => {
    moreOpen = made.open;
  });
  return made;
}

/** @param {typeof MORE[number]} name @param {HTMLElement} wrong */
function numberBox(name, wrong) {
  const [least, most] = limits[name];
  const shown = number(settings[name], { maximumSignificantDigits: 12, useGrouping: false });
  const box = make("input", { type: "text", inputMode: "decimal", className: "number", autocomplete: "off", value: shown });
  box.onchange = () => {
    const value = readSetting("temperature", box.value);
    if (value !== undefined && value >= least && value <= most) return change({ [name]: value });
    box.setAttribute("aria-invalid", "true");
    wrong.textContent = say("number.wrong", {
      name: say(`train.${name}`),
      least: number(least),
      most: number(most),
      value: `“${box.value}”`,
      kept: shown,
    });
  };
  return box;
}

function goPart() {
  parts.start = button("train.start", () => (state === "over" ? again() : go()), "main");
  parts.pause = button("train.pause", () => lifeline.post({ type: "pause" }), "main");
  parts.stop = button("train.stop", () => lifeline.post({ type: "stop" }));
  parts.slower = button("train.slower", () => factor(0.5));
  parts.faster = button("train.faster", () => factor(2));
  parts.estimate = make("p", { className: "note" });
  parts.progress = make("progress", { max: 1, value: 0, hidden: true });
  parts.progress.setAttribute("aria-label", say("train.progress"));
  parts.status = make("p", {});
  parts.notice = make("p", { className: "note" });
  parts.checkpoint = button("train.checkpoint", () => lifeline.post({ type: "checkpoint" }), "plain");
  return make(
    "div",
    { className: "desk" },
    parts.estimate,
    make("div", { className: "row wrap actions" }, parts.start, parts.pause, parts.stop, parts.slower, parts.faster),
    parts.progress,
    parts.status,
    parts.notice,
    make("div", {}, parts.checkpoint),
  );
}

/** The same from the beginning. */
function again() {
  prepare();
  goesOn = true;
}

function go() {
  const { batch, window } = settings;
  state = "running";
  corpora.dismiss();
  noTrouble();
  if (before) {
    before = null; // this one takes its place
    show();
  }
  lifeline.watch((OPERATIONS * facts.parameters * batch * window) / SLOWEST);
  lifeline.post({ type: "temperature", temperature });
  lifeline.post({ type: "start", workers, keep: true });
  showState();
}

/** @param {number} times */
function factor(times) {
  facts.factor *= times;
  lifeline.post({ type: "rate", factor: facts.factor });
}

function learnPart() {
  const axis = select(
    [
      ["steps", say("train.steps")],
      ["time", say("train.time")],
    ],
    overTime ? "time" : "steps",
    value => {
      overTime = value === "time";
      showProgress();
    },
  );
  parts.curve = make("div", {});
  parts.curves = make(
    "section",
    { className: "desk" },
    make(
      "div",
      { className: "row wrap" },
      make("h2", { className: "grow", textContent: say("train.curve") }),
      make("label", { className: "small" }, say("train.over"), " ", axis),
    ),
    parts.curve,
  );
  parts.learn = make("div", { className: "desk learn" }, parts.curves, samplesPart(), windowsPart());
  return parts.learn;
}

function samplesPart() {
  const T = make("input", { type: "text", className: "number", inputMode: "decimal", value: number(temperature, { useGrouping: false }) });
  T.onchange = () => {
    const wanted = readSetting("temperature", T.value);
    T.removeAttribute("aria-invalid");
    if (wanted !== undefined) return lifeline.post({ type: "temperature", temperature: (temperature = wanted) });
    T.setAttribute("aria-invalid", "true");
    status(say("temperature.wrong", { value: `“${T.value}”`, kept: number(temperature) }));
  };
  parts.list = make("ol", { className: "samples", reversed: true, tabIndex: 0, ariaLabel: say("train.samples") });
  parts.samples = make(
    "section",
    { className: "desk" },
    make(
      "div",
      { className: "row wrap" },
      make("h2", { className: "grow", textContent: say("train.samples") }),
      make("label", { className: "small" }, "T = ", T),
    ),
    parts.list,
  );
  return parts.samples;
}

/** The lesson's picture of the windows, drawn from the text itself. */
function windowsPart() {
  const { batch, window } = settings;
  parts.windows = make("div", { className: "windows", tabIndex: 0, role: "region", ariaLabel: say("train.windows") });
  const made = folded(
    "train.windows",
    windowsOpen,
    make("p", { className: "note", textContent: say("train.windows.note", { window: number(window), batch: number(batch) }) }),
    parts.windows,
  );
  made.addEventListener("toggle", () => {
    windowsOpen = made.open;
  });
  return made;
}

function usePart() {
  const ask = (/** @type {boolean} */ quantized, /** @type {string} */ use) => () => lifeline.post({ type: "weights", quantized, use });
  parts.python = make("pre", { tabIndex: 0 });
  parts.use = make(
    "div",
    { className: "desk" },
    make(
      "div",
      { className: "row wrap actions" },
      button("train.use", ask(false, "write"), "main"),
      button("train.save", ask(false, "network.safetensors")),
      button("train.small", ask(true, "network-int8.safetensors")),
    ),
    folded("train.python", false, parts.python),
  );
  return parts.use;
}

/** What can be pressed, and what there is to see. */
function showState() {
  const focused = document.activeElement;
  const { start, pause, stop, slower, faster, estimate, checkpoint, learn, use, windows, python } = parts;
  const running = state === "running";
  for (const choice of [parts.text, parts.network])
    // who changes them begins anew: not by mistake
    /** @type {HTMLFieldSetElement} */ (choice).disabled = ["running", "paused", "reviving"].includes(state);
  start.textContent = say(state === "paused" ? "train.goon" : state === "over" ? "train.again" : "train.start");
  start.hidden = running;
  /** @type {HTMLButtonElement} */ (start).disabled = !["ready", "paused", "over"].includes(state);
  pause.hidden = slower.hidden = faster.hidden = !running;
  stop.hidden = !["running", "paused"].includes(state);
  if (focused === start && start.hidden) pause.focus();
  if (focused === pause && pause.hidden) start.focus();
  checkpoint.hidden = !isUnsaved && state !== "paused";
  estimate.textContent = state === "reading" ? say("train.measuring") : facts ? estimateNote() : "";
  learn.hidden = !facts;
  use.hidden = !course.points.length || state === "ready";
  if (facts) {
    drawWindows(windows, {
      rows: facts.example.map((/** @type {{ inputs: string[], targets: string[] }} */ row) => ({
        inputs: row.inputs.slice(0, SAMPLED).map(sign),
        targets: row.targets.slice(0, SAMPLED).map(sign),
      })),
      words: { inputs: say("train.inputs"), targets: say("train.targets"), stream: i => say("train.stream", { number: i + 1 }) },
    });
    python.textContent = pythonLines();
  }
  showProgress();
  showSamples();
}

/** @param {string} token */
const sign = token => signOf(token) ?? nameOf(token);

function estimateNote() {
  const {
    settings: { batch, window },
    updates,
    parameters,
    tokensPerSecond,
  } = facts;
  const speed = tokensPerSecond * (workers > 1 ? 1.6 : 1);
  if (!tokensPerSecond) return ""; // it goes on: how fast it is, it says itself
  return say("train.estimate", {
    parameters: number(parameters),
    vocabulary: number(facts.facts.vocabulary),
    updates: number(updates),
    time: duration((updates * batch * window) / speed),
    rate: number(Math.round(speed), { maximumSignificantDigits: 2 }),
  });
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return say("train.seconds", { count: number(whole) });
  return whole < 5400
    ? say("train.minutes", { count: number(Math.round(whole / 60)) })
    : say("train.hours", { count: number(Math.round(whole / 360) / 10) });
}

/** Bits, and of words the perplexity. @param {number | null} bits */
function bitsText(bits) {
  if (bits === null || Number.isNaN(bits)) return "–";
  return settings.level === "characters"
    ? say("bits", { bits: short(bits) })
    : say("train.perplexity", { bits: short(bits), perplexity: number(2 ** bits, { maximumSignificantDigits: 3 }) });
}

function showProgress() {
  const { progress: bar, status: line, notice: kept, curves } = parts;
  if (!facts) return;
  const { points, best } = course;
  const last = progress;
  const done = last?.done ?? facts.done;
  bar.hidden = !done;
  /** @type {HTMLProgressElement} */ (bar).value = done / facts.updates;
  kept.textContent = notice;
  line.textContent =
    state === "over" && best
      ? say("train.over.best", { done: number(best.done), bits: bitsText(best.heldOut) })
      : last
        ? say("train.status", {
            pass: number(done / facts.windows, { maximumFractionDigits: 1 }),
            passes: number(settings.passes),
            bits: bitsText(last.bits),
            heldOut: bitsText(last.heldOut),
            rate: number(Math.round(last.tokensPerSecond), { maximumSignificantDigits: 2 }),
            left: duration(last.left),
            workers: last.workers,
            learning: number(last.rate, { maximumSignificantDigits: 2 }),
          })
        : "";
  curves.hidden = points.length < 2;
  if (points.length > 1 && !root.hidden) drawCurve(parts.curve, curveData());
}

/** @returns {import("../views/curve.js").CurveData} */
function curveData() {
  const { points, best } = course;
  const xOf = (/** @type {import("../trainer/history.js").Point} */ point) => (overTime ? point.seconds : point.done);
  const last = /** @type {import("../trainer/history.js").Point} */ (points.at(-1));
  const bestPoint = best && points.find(point => point.done >= best.done);
  return {
    curves: [
      {
        key: "training",
        name: say("train.curve.training"),
        points: points.filter(({ bits }) => !Number.isNaN(bits)).map(point => ({ x: xOf(point), y: point.bits })),
      },
      {
        key: "heldout",
        name: say("train.curve.heldout"),
        points: points
          .filter(({ heldOut }) => heldOut !== null)
          .map(point => ({ x: xOf(point), y: /** @type {number} */ (point.heldOut) })),
      },
    ],
    references: [
      { name: say("train.curve.uniform"), y: facts.uniform },
      ...markov.map(({ order, bits }) => ({ name: say("train.curve.markov", { order }), y: bits })),
    ],
    best: bestPoint ? { x: xOf(bestPoint), y: best.heldOut, name: say("train.curve.best") } : null,
    endX: overTime ? last.seconds : facts.updates,
    nameOfX: x => (overTime ? say("train.seconds", { count: number(Math.round(x)) }) : number(x)),
    nameOfY: y => short(y, 2),
    words: {
      x: say(overTime ? "train.time" : "train.steps"),
      y: say("train.curve"),
      table: say("why.table"),
      description: say("train.curve.description", { bits: bitsText(last.bits), uniform: bitsText(facts.uniform) }),
    },
  };
}

function showSamples() {
  const { list } = parts;
  const { samples } = course;
  parts.samples.hidden = !samples.length;
  while (list.children.length > samples.length) list.lastChild?.remove();
  for (const sample of samples.slice(list.children.length))
    list.prepend(
      make(
        "li",
        {},
        make("p", {
          className: "note",
          textContent: say("train.sample", { done: number(sample.done), temperature: number(sample.temperature) }),
        }),
        make("p", { textContent: sample.text, dir: "auto" }),
      ),
    );
}

/** The few lines that load the file in PyTorch. */
function pythonLines() {
  const { cell, layers, hidden, embedding } = settings;
  const V = facts.facts.vocabulary;
  const name = { lstm: "LSTM", gru: "GRU", tanh: "RNN" }[cell];
  return `import torch
from safetensors.torch import load_file

class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()${embedding ? `\n        self.embedding = torch.nn.Embedding(${V}, ${embedding})` : ""}
        self.rnn = torch.nn.${name}(${embedding || V}, ${hidden}, num_layers=${layers}, batch_first=True)
        self.fc = torch.nn.Linear(${hidden}, ${V})

    def forward(self, ids, state=None):
        x = ${embedding ? "self.embedding(ids)" : `torch.nn.functional.one_hot(ids, ${V}).float()`}
        x, state = self.rnn(x, state)
        return self.fc(x), state

tensors = load_file("network.safetensors")
vocabulary = bytes(tensors.pop("vocab").tolist()).decode().split("\\0")[:-1]
network = Network()
network.load_state_dict(tensors)
`;
}

// ---- as a view ----

/** Its own buttons do it. */
export function act() {}
/** It goes on learning while one looks elsewhere. */
export function stop() {}
/** It is about another network than the page's. */
export function clear() {}
