// SPDX-License-Identifier: MIT
//
// training.js - the view "Train": a text of one's own, a network for it, and how it learns. The worker trainer.js computes.
import { nameOf, short, signOf } from "./describe.js";
import { RnnError } from "./error.js";
import { number, percent, say } from "./i18n.js";
import { at, noTrouble, status, trouble } from "./page.js";
import { read as readSetting } from "./settings.js";
import { spawn } from "./spawn.js";
import * as store from "./store.js";
import { decode, isWrapped, joinLines, plainLineEnds, withoutFrame } from "./text.js";
import { defaults, limits } from "./train.js";
import { draw as drawCurve } from "./views/curve.js";
import { draw as drawWindows } from "./views/windows.js";

/** @typedef {import("./train.js").TrainSettings} TrainSettings */

const TEXTS = new URL("../texts/", import.meta.url);
const SHOWN = 5000; // characters of the text in its box: a long one would make it slow
const SHORT = 20_000; // characters: less is soon known by heart
const ALPHABET = 60; // different characters that are listed
const SAMPLED = 40; // of a window's tokens that are drawn
const UNITS = [32, 64, 128, 256, 512];
const MORE = /** @type {const} */ (["embedding", "batch", "window", "passes", "rate", "finalRate", "warmup", "clip", "dropout", "vocabulary", "heldOut", "seed"]);
/** Settings of what the lesson shows and links to. @type {Record<string, Partial<TrainSettings>>} */
const PRESETS = {
  ours: {},
  pytorch: { embedding: 0, hidden: 64, batch: 16, window: 100, rate: 0.01, finalRate: 1, warmup: 0, clip: 0 },
  tensorflow: { embedding: 0, hidden: 128, batch: 8, window: 40, optimizer: "rmsprop", rate: 0.001, finalRate: 1, warmup: 0, clip: 0 },
  keras: { embedding: 0, hidden: 128, batch: 128, window: 40, optimizer: "rmsprop", rate: 0.01, finalRate: 1, warmup: 0, clip: 0, passes: 40 },
};

/** @type {{ useNetwork: (bytes: Uint8Array, name: string, prompt: string, text: string) => void }} */
let events = { useNetwork() {} };
/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

// ---- state ----

let text = "", source = ""; // the text to learn from, and what it is called
let wrapped = false;
/** @type {TrainSettings} */
let settings = { ...defaults };
let preset = "ours", workers = navigator.hardwareConcurrency > 1 ? 2 : 1;
/** @type {"none" | "reading" | "ready" | "running" | "paused" | "over"} */
let state = "none";
/** @type {any} what the worker said last of each kind */
let facts = null;
/** @type {any} */
let progress = null;
/** @type {any} */
let best = null;
/** @type {import("./trainer.js").Point[]} */
let points = [];
/** @type {import("./trainer.js").Sample[]} */
let samples = [];
/** @type {{ order: number, bits: number }[]} */
let markov = [];
let overTime = false, notice = "";
/** @type {Worker | null} */
let worker = null;

// ---- elements ----

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} [properties] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** @param {string} key @param {() => void} press @param {string} [className] */
const button = (key, press, className = "") => make("button", { type: "button", textContent: say(key), onclick: press, className });

/** @param {string} key @param {HTMLElement} control */
const field = (key, control) => make("label", { className: "field" }, make("span", { textContent: say(key) }), control);

/** @param {[value: string, name: string][]} options @param {string} value @param {(value: string) => void} choose */
function select(options, value, choose) {
  const made = make("select", {}, ...options.map(([value, name]) => new Option(name, value)));
  made.value = value;
  made.onchange = () => choose(made.value);
  return made;
}

const root = at("view-train", HTMLElement);
/** @type {Record<string, HTMLElement>} */
let parts = {};

/** @type {{ file: string, title: Record<string, string> }[]} */
const readyTexts = await fetch(new URL("index.json", TEXTS)).then(response => (response.ok ? response.json() : [])).catch(() => []);
await new Promise(resolve => {
  const link = make("link", { rel: "stylesheet", href: new URL("views/train.css", import.meta.url).href, onload: resolve, onerror: resolve });
  document.head.append(link);
});

// ---- the text ----

/** @param {string} given @param {string} name */
function takeText(given, name) {
  const whole = withoutFrame(plainLineEnds(given));
  wrapped = isWrapped(whole);
  text = wrapped ? joinLines(whole) : whole;
  source = name;
  prepare();
}

/** @param {Iterable<File>} files */
async function takeFiles(files) {
  try {
    const read = await Promise.all([...files].map(async file => ({ name: file.name, ...decode(new Uint8Array(await file.arrayBuffer()), file.name) })));
    takeText(read.map(({ text }) => text).join("\n"), read.map(({ name, encoding }) => `${name} (${encoding})`).join(", "));
  } catch (error) {
    trouble(error);
  }
}

/** @param {{ file: string, title: Record<string, string> }} listed */
async function takeReady(listed) {
  try {
    const response = await fetch(new URL(listed.file, TEXTS));
    if (!response.ok) throw new RnnError("E_HTTP", `${response.url}: ${response.status}`);
    takeText(await response.text(), listed.title[document.documentElement.lang] ?? listed.title.en);
  } catch (error) {
    trouble(error);
  }
}

/** Hands the text to the worker, which measures the machine and knows how long it would take. */
function prepare() {
  noTrouble();
  state = "reading";
  facts = progress = best = null;
  points = [];
  samples = [];
  markov = [];
  notice = "";
  post({ type: "read", text, settings });
  show();
}

/** @param {Partial<TrainSettings>} changes */
function change(changes) {
  settings = { ...settings, ...changes };
  if (text) prepare();
  else show();
}

// ---- the worker ----

/** @param {import("./trainer.js").Command} command */
function post(command) {
  if (!worker) {
    worker = spawn("trainer");
    worker.onmessage = ({ data }) => {
      hear[data.type]?.(data);
      if (data.type !== "pong") showProgress();
    };
    worker.addEventListener("error", event => {
      event.preventDefault();
      worker?.terminate();
      worker = null;
      state = "none";
      trouble(new RnnError("E_WORKER", event.message || "the worker stopped", ""));
      show();
    });
  }
  worker.postMessage(command);
}

/** @type {Record<string, (event: any) => void>} */
const hear = {
  facts(event) {
    facts = event;
    settings = { ...event.settings };
    state = event.done ? (event.done >= event.updates ? "over" : "paused") : "ready";
    if (event.history) {
      ({ points, samples, best } = event.history);
      text = event.text;
          source = "";
    }
    show();
  },
  markov: ({ order, bits }) => markov.push({ order, bits }),
  progress(event) {
    progress = event;
    best = event.best;
    const { done, seconds, bits, heldOut } = event, before = points.findLast(point => point.heldOut !== null)?.heldOut;
    points.push({ done, seconds, bits, heldOut: heldOut === before ? null : heldOut });
  },
  sample({ done, temperature, text }) {
    samples.push({ done, temperature, text });
    showSamples();
  },
  saved({ done }) {
    notice = say("train.saved", { done: number(done) });
  },
  unsaved({ reason, message }) {
    notice = say(reason === "other tab" ? "train.unsaved.other" : "train.unsaved", { message });
    parts.checkpoint.hidden = false;
  },
  diverged({ done, back, factor }) {
    points = points.filter(point => point.done <= back);
    status(say("train.diverged", { done: number(done), back: number(back), factor: number(factor) }));
  },
  paused() {
    state = "paused";
    showState();
  },
  end(event) {
    state = "over";
    best = event.best ?? best;
    showState();
  },
  weights({ bytes, use }) {
    if (use === "write") events.useNetwork(bytes, say("train.own"), firstWords(), text);
    else save(bytes, use);
  },
  checkpoint: ({ bytes }) => save(bytes, "checkpoint.safetensors"),
  trouble({ code, message, hint }) {
    state = facts ? (facts.done ? "paused" : "ready") : "none";
    trouble(new RnnError(code, message, hint));
    showState();
  },
};

/** What a text written by it may begin with: a few words of its own text. */
function firstWords() {
  return /^.{0,12}\S*\s/u.exec(text.trimStart())?.[0].trimEnd() ?? "";
}

/** @param {Uint8Array} bytes @param {string} name */
function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)]));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// ---- what is shown ----

export function show() {
  root.replaceChildren(textPart(), networkPart(), goPart(), learnPart(), usePart());
  showState();
}

function textPart() {
  const box = make("textarea", { rows: 5, spellcheck: false, value: text.slice(0, SHOWN), dir: "auto" });
  box.setAttribute("aria-describedby", "train-read");
  box.onchange = () => box.value !== text.slice(0, SHOWN) && takeText(box.value, "");
  box.addEventListener("paste", event => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length < SHOWN && box.value) return; // a long one goes past the box
    event.preventDefault();
    takeText(pasted, "");
  });
  const files = make("input", { type: "file", multiple: true, hidden: true, accept: ".txt,.md,.csv,text/*", onchange: () => files.files && takeFiles(files.files) });
  const ready = select([["", say("train.ready.choose")], ...readyTexts.map((listed, i) => /** @type {[string, string]} */ ([String(i), listed.title[document.documentElement.lang] ?? listed.title.en]))], "",
    value => value && takeReady(readyTexts[Number(value)]));
  const made = make("fieldset", {}, make("legend", { textContent: say("train.text") }), field("train.paste", box),
    make("div", { className: "row wrap" }, button("train.files", () => files.click()), files, make("div", { className: "grow" }, field("train.ready", ready))), (parts.kept = make("div", { className: "notice", hidden: true })),
    make("p", { id: "train-read", className: "note", textContent: readNote() }));
  made.addEventListener("dragover", event => {
    event.preventDefault();
    made.classList.add("over");
  });
  made.addEventListener("dragleave", () => made.classList.remove("over"));
  made.addEventListener("drop", event => {
    event.preventDefault();
    event.stopPropagation();
    takeFiles(event.dataTransfer?.files ?? []);
  });
  showKept();
  return made;
}

function readNote() {
  if (!text) return say("train.none");
  const alphabet = [...new Set(text.slice(0, 500_000))].sort(), listed = alphabet.slice(0, ALPHABET).map(character => signOf(character) ?? character).join(" ");
  return [source && `${source}.`, say("train.read", { characters: number(text.length), different: number(alphabet.length), alphabet: listed + (alphabet.length > ALPHABET ? " …" : ""), share: percent(settings.heldOut) }),
    wrapped && say("train.joined"), text.length > SHOWN && say("train.cut", { count: number(SHOWN) }), text.length < SHORT && say("train.short")].filter(Boolean).join(" ");
}

/** Offers to go on with what is kept, once, where nothing else is going on. */
async function showKept() {
  const place = parts.kept, kept = text ? null : await store.newest().catch(() => null);
  if (!kept || text) return;
  place.replaceChildren(make("p", { textContent: say("train.kept", { done: number(kept.about.done), updates: number(kept.about.updates) }) }),
    make("div", { className: "row wrap" }, button("train.resume", () => post({ type: "resume" })), button("train.forget", async () => {
      await store.clear().catch(trouble);
      place.hidden = true;
    })));
  place.hidden = false;
}

function networkPart() {
  const { level, cell, hidden, layers } = settings;
  const names = (/** @type {string} */ key, /** @type {string[]} */ list) => list.map(value => /** @type {[string, string]} */ ([value, say(`${key}.${value}`)]));
  const units = [...new Set([...UNITS, hidden])].sort((a, b) => a - b).map(value => /** @type {[string, string]} */ ([String(value), number(value)]));
  const choices = make("div", { className: "choices" },
    field("train.preset", select(names("train.preset", Object.keys(PRESETS)), preset, value => {
      preset = value;
      change({ ...defaults, level, ...PRESETS[value] });
    })),
    field("train.level", select(names("train.level", ["characters", "words", "folded"]), level, value => change({ level: /** @type {TrainSettings["level"]} */ (value), dropout: value === "characters" ? 0 : 0.5 }))),
    field("train.cell", select([["lstm", "LSTM"], ["gru", "GRU"], ["tanh", "RNN (tanh)"]], cell, value => change({ cell: /** @type {TrainSettings["cell"]} */ (value) }))),
    field("train.hidden", select(units, String(hidden), value => change({ hidden: Number(value) }))),
    field("train.layers", select([["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"]], String(layers), value => change({ layers: Number(value) }))));
  const wrong = make("p", { className: "note", ariaLive: "polite" });
  const more = make("div", { className: "choices" },
    field("train.optimizer", select([["adam", "Adam"], ["rmsprop", "RMSprop"]], settings.optimizer, value => change({ optimizer: /** @type {TrainSettings["optimizer"]} */ (value) }))),
    ...MORE.map(name => field(`train.${name}`, numberBox(name, wrong))),
    field("train.workers", select([["1", "1"], ["2", "2"]], String(workers), value => { workers = Number(value); })));
  return make("fieldset", {}, make("legend", { textContent: say("train.network") }), choices,
    make("details", { className: "more", open: networkPart.open, ontoggle: (/** @type {Event} */ event) => { networkPart.open = /** @type {HTMLDetailsElement} */ (event.target).open; } }, make("summary", { textContent: say("train.more") }), more, wrong));
}
networkPart.open = false;

/** @param {typeof MORE[number]} name @param {HTMLElement} wrong */
function numberBox(name, wrong) {
  const [least, most] = limits[name], shown = number(settings[name], { maximumSignificantDigits: 12, useGrouping: false });
  const box = make("input", { type: "text", inputMode: "decimal", className: "number", autocomplete: "off", value: shown });
  box.onchange = () => {
    const value = readSetting("temperature", box.value);
    if (value !== undefined && value >= least && value <= most) return change({ [name]: value });
    box.setAttribute("aria-invalid", "true");
    wrong.textContent = say("number.wrong", { name: say(`train.${name}`), least: number(least), most: number(most), value: `“${box.value}”`, kept: shown });
  };
  return box;
}

function goPart() {
  parts.start = button("train.start", () => go(), "main");
  parts.pause = button("train.pause", () => post({ type: "pause" }), "main");
  parts.stop = button("train.stop", () => post({ type: "stop" }));
  parts.slower = button("train.slower", () => factor(0.5));
  parts.faster = button("train.faster", () => factor(2));
  parts.estimate = make("p", { className: "note" });
  parts.progress = make("progress", { max: 1, value: 0, hidden: true });
  parts.progress.setAttribute("aria-label", say("train.progress"));
  parts.status = make("p", {});
  parts.notice = make("p", { className: "note" });
  parts.checkpoint = button("train.checkpoint", () => post({ type: "checkpoint" }), "plain");
  parts.checkpoint.hidden = true;
  return make("div", { className: "desk" }, parts.estimate, make("div", { className: "row wrap actions" }, parts.start, parts.pause, parts.stop, parts.slower, parts.faster),
    parts.progress, parts.status, parts.notice, parts.checkpoint);
}

function go() {
  state = "running";
  noTrouble();
  post({ type: "start", workers, keep: true });
  showState();
}

/** @param {number} times */
function factor(times) {
  facts.factor *= times;
  post({ type: "factor", factor: facts.factor });
}

function learnPart() {
  const axis = select([["steps", say("train.steps")], ["time", say("train.time")]], overTime ? "time" : "steps", value => {
    overTime = value === "time";
    showProgress();
  });
  const T = make("input", { type: "text", className: "number", inputMode: "decimal", value: number(0.8) });
  T.onchange = () => {
    const temperature = readSetting("temperature", T.value);
    T.toggleAttribute("aria-invalid", temperature === undefined);
    if (temperature !== undefined) post({ type: "temperature", temperature });
  };
  parts.curve = make("div", {});
  parts.samples = make("ol", { className: "samples", reversed: true });
  parts.samples.tabIndex = 0;
  parts.samples.setAttribute("aria-label", say("train.samples"));
  parts.windows = make("div", { className: "windows", tabIndex: 0 });
  parts.windows.setAttribute("role", "region");
  parts.windows.setAttribute("aria-label", say("train.windows"));
  parts.learn = make("div", { className: "desk learn" },
    make("div", { className: "row wrap" }, make("h2", { className: "grow", textContent: say("train.curve") }), make("label", { className: "small" }, say("train.over"), " ", axis)), parts.curve,
    make("div", { className: "row wrap" }, make("h2", { className: "grow", textContent: say("train.samples") }), make("label", { className: "small" }, "T = ", T)), parts.samples,
    make("details", { className: "more" }, make("summary", { textContent: say("train.windows") }), make("p", { className: "note", textContent: say("train.windows.note", { window: number(settings.window), batch: number(settings.batch) }) }), parts.windows));
  return parts.learn;
}

function usePart() {
  const ask = (/** @type {boolean} */ quantized, /** @type {string} */ use) => () => post({ type: "weights", quantized, use });
  parts.python = make("pre", { tabIndex: 0 });
  parts.use = make("div", { className: "desk" }, make("div", { className: "row wrap actions" }, button("train.use", ask(false, "write"), "main"), button("train.save", ask(false, "network.safetensors")), button("train.small", ask(true, "network-int8.safetensors"))),
    make("details", { className: "more" }, make("summary", { textContent: say("train.python") }), parts.python));
  return parts.use;
}

/** What can be pressed, and what there is to see. */
function showState() {
  const { start, pause, stop, slower, faster, estimate, learn, use, windows, python } = parts, running = state === "running";
  start.textContent = say(state === "paused" ? "train.goon" : "train.start");
  start.hidden = running || state === "over";
  /** @type {HTMLButtonElement} */ (start).disabled = !["ready", "paused"].includes(state);
  pause.hidden = slower.hidden = faster.hidden = !running;
  stop.hidden = !["running", "paused"].includes(state);
  estimate.textContent = state === "reading" ? say("train.measuring") : facts ? estimateNote() : "";
  learn.hidden = !samples.length && !points.length;
  use.hidden = !points.length || state === "ready";
  if (facts) {
    drawWindows(windows, {
      rows: facts.example.map((/** @type {{ inputs: string[], targets: string[] }} */ row) => ({ inputs: row.inputs.slice(0, SAMPLED).map(sign), targets: row.targets.slice(0, SAMPLED).map(sign) })),
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
  const { settings: { batch, window }, updates, parameters, tokensPerSecond } = facts, speed = tokensPerSecond * (workers > 1 ? 1.6 : 1);
  if (!tokensPerSecond) return ""; // it goes on: how fast it is, it says itself
  return say("train.estimate", { parameters: number(parameters), vocabulary: number(facts.facts.vocabulary), updates: number(updates),
    time: duration((updates * batch * window) / speed), rate: number(Math.round(speed), { maximumSignificantDigits: 2 }) });
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 90 ? say("train.seconds", { count: number(whole) }) : say("train.minutes", { count: number(Math.round(whole / 6) / 10) });
}

/** Bits, and of words the perplexity. @param {number | null} bits */
function bitsText(bits) {
  if (bits === null || Number.isNaN(bits)) return "–";
  return settings.level === "characters" ? say("bits", { bits: short(bits) }) : say("train.perplexity", { bits: short(bits), perplexity: number(2 ** bits, { maximumSignificantDigits: 3 }) });
}

function showProgress() {
  const { progress: bar, status: line, notice: kept } = parts;
  if (!facts) return;
  const last = progress, done = last?.done ?? facts.done;
  bar.hidden = !done;
  /** @type {HTMLProgressElement} */ (bar).value = done / facts.updates;
  kept.textContent = notice;
  line.textContent = state === "over" && best ? say("train.over.best", { done: number(best.done), bits: bitsText(best.heldOut) })
    : last ? say("train.status", { pass: number(done / facts.windows, { maximumFractionDigits: 1 }), passes: number(settings.passes), bits: bitsText(last.bits), heldOut: bitsText(last.heldOut),
      rate: number(Math.round(last.tokensPerSecond), { maximumSignificantDigits: 2 }), left: duration(last.left), workers: last.workers }) : "";
  if (points.length > 1) drawCurve(parts.curve, curveData());
}

/** @returns {import("./views/curve.js").CurveData} */
function curveData() {
  const xOf = (/** @type {import("./trainer.js").Point} */ point) => (overTime ? point.seconds : point.done), last = /** @type {import("./trainer.js").Point} */ (points.at(-1));
  const bestPoint = best && points.find(point => point.done >= best.done);
  return {
    curves: [
      { key: "training", name: say("train.curve.training"), points: points.filter(({ bits }) => !Number.isNaN(bits)).map(point => ({ x: xOf(point), y: point.bits })) },
      { key: "heldout", name: say("train.curve.heldout"), points: points.filter(({ heldOut }) => heldOut !== null).map(point => ({ x: xOf(point), y: /** @type {number} */ (point.heldOut) })) },
    ],
    references: [{ name: say("train.curve.uniform"), y: facts.uniform }, ...markov.map(({ order, bits }) => ({ name: say("train.curve.markov", { order }), y: bits }))],
    best: bestPoint ? { x: xOf(bestPoint), y: best.heldOut, name: say("train.curve.best") } : null,
    endX: overTime ? last.seconds : facts.updates,
    nameOfX: x => (overTime ? say("train.seconds", { count: number(Math.round(x)) }) : number(x)),
    nameOfY: y => short(y, 2),
    words: { x: say(overTime ? "train.time" : "train.steps"), y: say("train.curve"), table: say("why.table"), description: say("train.curve.description", { bits: bitsText(last.bits), uniform: bitsText(facts.uniform) }) },
  };
}

function showSamples() {
  const { samples: list, learn } = parts;
  learn.hidden = !samples.length && !points.length;
  while (list.children.length > samples.length) list.lastChild?.remove();
  for (const sample of samples.slice(list.children.length))
    list.prepend(make("li", {}, make("p", { className: "note", textContent: say("train.sample", { done: number(sample.done), temperature: number(sample.temperature) }) }), make("p", { textContent: sample.text, dir: "auto" })));
}

/** The few lines that load the file in PyTorch. */
function pythonLines() {
  const { cell, layers, hidden, embedding } = settings, V = facts.facts.vocabulary, name = { lstm: "LSTM", gru: "GRU", tanh: "RNN" }[cell];
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
