// SPDX-License-Identifier: MIT
//
// choices.js - the form of a training's settings: which network, and how it learns.
import { elementsOf, fill, focusBeside, make } from "../elements.js";
import { SAVED } from "../catalog.js";
import { networkOf } from "./known.js";
import { read } from "../settings.js";

/** @typedef {import("../../core/recipe.js").TrainSettings} TrainSettings */
/** @typedef {[value: string, name: string][]} Options */

const UNITS = [32, 64, 128, 256, 512];
const LAYERS = [1, 2, 3, 4];
const WORKERS = [1, 2];
const LEVELS = ["characters", "words", "folded"];
/** @type {Options} */
const CELLS = [
  ["lstm", "LSTM"],
  ["gru", "GRU"],
  ["tanh", "RNN (tanh)"],
];
/** @type {Options} */
const OPTIMIZERS = [
  ["adam", "Adam"],
  ["rmsprop", "RMSprop"],
];
/** The numbers, each with the least and the most that the form takes: a page has less memory and patience than the core. */
const NUMBERS = /** @type {const} */ ({
  embedding: [0, 1024],
  batch: [2, 256],
  window: [1, 1024],
  passes: [1, 10_000],
  rate: [0, 1000],
  finalRate: [0, 1],
  warmup: [0, 1_000_000],
  clip: [0, 1_000_000],
  dropout: [0, 0.95],
  recurrentDropout: [0, 0.95],
  vocabulary: [0, 65_536],
  heldOut: [0, 0.5],
  seed: [0, 2 ** 32 - 1],
});

/** @typedef {keyof typeof NUMBERS} NumberName */

/** Of notebooks: one-hot input, one rate from beginning to end, no dropout. @type {Partial<TrainSettings>} */
const OF_NOTEBOOKS = { embedding: 0, finalRate: 1, warmup: 0, clip: 0, dropout: 0, recurrentDropout: 0 };

/** Settings of what the lesson shows and links to. @type {Readonly<Record<string, Partial<TrainSettings>>>} */
const PRESETS = {
  ours: {},
  pytorch: { ...OF_NOTEBOOKS, hidden: 64, batch: 16, window: 100, rate: 0.01 },
  tensorflow: { ...OF_NOTEBOOKS, hidden: 128, batch: 8, window: 40, optimizer: "rmsprop", rate: 0.001 },
  keras: { ...OF_NOTEBOOKS, hidden: 128, batch: 128, window: 40, optimizer: "rmsprop", rate: 0.01, passes: 40 },
};

/** What the form begins with. @type {Readonly<Omit<TrainSettings, "kind">>} */
const defaults = Object.freeze({
  level: "characters",
  vocabulary: 5000,
  cell: "lstm",
  layers: 1,
  hidden: 128,
  embedding: 64,
  batch: 16,
  window: 64,
  slices: 2,
  passes: 10,
  optimizer: "adam",
  rate: 0.01,
  finalRate: 0.02,
  warmup: 100,
  clip: 1,
  dropout: 0,
  recurrentDropout: 0,
  seed: 1,
  heldOut: 0.1,
});

/** What a network that learns on has already. @type {(keyof TrainSettings)[]} */
const OF_NETWORK = ["level", "vocabulary", "cell", "layers", "hidden", "embedding"];

/** Words are fewer and rarer than characters: more updates of less text, and more dropout. */
const OF_WORDS = { embedding: 128, batch: 8, window: 32, rate: 0.003, dropout: 0.6 };

/** @param {string} level @returns {Partial<TrainSettings>} */
const settingsOf = level => (level === "characters" ? {} : { level: /** @type {TrainSettings["level"]} */ (level), ...OF_WORDS });

export class Choices {
  /** What the reader has changed. @type {Partial<TrainSettings>} */
  #changed = {};
  /** What it has decided. @type {Partial<TrainSettings>} */
  #decided = {};
  workers = navigator.hardwareConcurrency > 1 ? 2 : 1;
  element;
  /** Whether the desk's network learns on, rather than a new one. */
  learnsOn;
  #preset = "ours";
  #now; // in short
  #desk;
  #heed;
  /** Each has a control show what is set. @type {{ control: HTMLElement, show: () => void }[]} */
  #shows = [];
  #refusal = make("p", { className: "note", ariaLive: "polite" });
  /** What is not as in the notebook that the settings are of. */
  #differs;

  /** @param {import("../contract.js").Desk} desk @param {{ changed: () => void, workersChanged: () => void }} heed what the reader does */
  constructor(desk, heed) {
    const { worded } = elementsOf(desk);
    this.#desk = desk;
    this.#heed = heed;
    this.learnsOn = desk.settings.now.network === SAVED;
    const first = make("div", { className: "choices" }, ...this.#network());
    const others = make("div", { className: "choices" }, ...this.#others());
    const more = worded("h2", "train.more");
    this.#now = make("span", { className: "note" });
    const summary = make("summary", {}, worded("span", "train.settings"), " ", this.#now);
    this.#differs = worded("p", "train.preset.note", { className: "note" });
    const form = make("details", { className: "more" }, summary, first, this.#differs, more, others, this.#refusal);
    this.element = make("fieldset", { className: "settings" }, form);
  }

  /** What the reader wants; the trainer decides the rest, by the text or the network that learns on. @returns {Partial<TrainSettings>} */
  get settings() {
    const isOpen = (/** @type {[string, unknown]} */ [name]) => !this.#isOfNetwork(name);
    return Object.fromEntries(Object.entries(this.#changed).filter(isOpen));
  }

  set settings(settings) {
    this.#changed = settings;
  }

  /** Whether the network that learns on has it. @param {string} name */
  #isOfNetwork = name => this.learnsOn && OF_NETWORK.includes(/** @type {any} */ (name));

  /** All settings, as they are shown. @returns {Omit<TrainSettings, "kind">} */
  get shown() {
    return { ...defaults, ...this.#decided, ...this.settings };
  }

  show() {
    this.#refusal.textContent = "";
    this.#differs.hidden = this.#preset === "ours" || this.learnsOn;
    this.#showNow();
    for (const { show } of this.#shows) show();
  }

  /** What the reader is at, or was refused, stays as it is. @param {Readonly<TrainSettings>} settings */
  decide(settings) {
    this.#decided = { ...settings };
    this.#showNow();
    const isBusy = (/** @type {HTMLElement} */ control) => control === focusBeside(control) || control.ariaInvalid === "true";
    for (const { control, show } of this.#shows) if (!isBusy(control)) show();
  }

  #showNow() {
    const { passes } = this.shown;
    const { network, words } = this.#desk;
    const learner = this.learnsOn ? `${words.say("train.from.use", { name: network.name })} · ` : "";
    this.#now.textContent = learner + words.say("train.settings.now", { network: networkOf(this.shown), passes });
  }

  #network() {
    const { number } = this.#desk.words;
    const { level, hidden } = { level: () => this.shown.level, hidden: () => this.shown.hidden };
    const units = () => [...new Set([...UNITS, hidden()])].sort((a, b) => a - b);
    return [
      this.#list("from", () => this.#sources(), {
        value: () => (this.learnsOn ? "use" : "new"),
        choose: value => {
          this.learnsOn = value === "use";
          this.#begin(this.#changed);
        },
      }),
      this.#list("preset", () => this.#named("preset", Object.keys(PRESETS)), {
        value: () => this.#preset,
        choose: value => {
          this.#preset = value;
          this.#begin({ ...settingsOf(level()), ...PRESETS[value] });
        },
      }),
      this.#list("level", () => this.#named("level", LEVELS), {
        value: level,
        choose: value => {
          const kept = Object.entries(this.settings).filter(([name]) => name !== "level" && !(name in OF_WORDS));
          this.#begin({ ...Object.fromEntries(kept), ...settingsOf(value) });
        },
      }),
      this.#list("cell", () => CELLS, {
        value: () => this.shown.cell,
        choose: value => this.#change({ cell: /** @type {TrainSettings["cell"]} */ (value) }),
      }),
      this.#list("hidden", () => units().map(value => [String(value), number(value)]), {
        value: () => String(hidden()),
        choose: value => this.#change({ hidden: Number(value) }),
      }),
      this.#list("layers", () => plain(LAYERS), {
        value: () => String(this.shown.layers),
        choose: value => this.#change({ layers: Number(value) }),
      }),
    ];
  }

  #others() {
    return [
      this.#list("optimizer", () => OPTIMIZERS, {
        value: () => this.shown.optimizer,
        choose: value => this.#change({ optimizer: /** @type {TrainSettings["optimizer"]} */ (value) }),
      }),
      .../** @type {NumberName[]} */ (Object.keys(NUMBERS)).map(name => this.#number(name)),
      this.#list("workers", () => plain(WORKERS), {
        value: () => String(this.workers),
        choose: value => {
          this.workers = Number(value);
          this.#heed.workersChanged();
        },
      }),
    ];
  }

  /** @returns {Options} */
  #sources() {
    const { network, words } = this.#desk;
    return [
      ["new", words.say("train.from.new")],
      ["use", words.say("train.from.use", { name: network.name })],
    ];
  }

  /** @param {string} key @param {string[]} values @returns {Options} */
  #named(key, values) {
    return values.map(value => [value, this.#desk.words.say(`train.${key}.${value}`)]);
  }

  /** @param {string} name @param {() => Options} options @param {{ value: () => string, choose: (value: string) => void }} setting */
  #list(name, options, { value, choose }) {
    const { field, select } = elementsOf(this.#desk);
    const list = select([], "", choose);
    const show = () => {
      fill(list, options(), value());
      list.disabled = this.#isOfNetwork(name);
    };
    this.#shows.push({ control: list, show });
    return field(`train.${name}`, list);
  }

  /** A number that is typed: it is taken, or refused with a sentence while the old value stays. @param {NumberName} name */
  #number(name) {
    const { words } = this.#desk;
    const [least, most] = NUMBERS[name];
    const shown = () => words.number(this.shown[name], { maximumSignificantDigits: 12, useGrouping: false });
    const box = make("input", { type: "text", inputMode: "decimal", className: "number", autocomplete: "off" });
    box.onchange = () => {
      const value = read("temperature", box.value);
      if (value !== undefined && value >= least && value <= most) return this.#change({ [name]: value });
      box.ariaInvalid = "true";
      this.#refusal.textContent = words.say("number.wrong", {
        name: words.say(`train.${name}`),
        least: words.number(least),
        most: words.number(most),
        value: box.value,
        kept: shown(),
      });
    };
    const show = () => {
      box.value = shown();
      box.disabled = this.#isOfNetwork(name);
      box.removeAttribute("aria-invalid");
    };
    this.#shows.push({ control: box, show });
    return elementsOf(this.#desk).field(`train.${name}`, box);
  }

  /** @param {Partial<TrainSettings>} changes */
  #change(changes) {
    this.settings = { ...this.settings, ...changes };
    this.#heed.changed();
  }

  /** With these alone; what was decided beside others is decided anew. @param {Partial<TrainSettings>} settings */
  #begin(settings) {
    this.settings = settings;
    this.#decided = {};
    this.#heed.changed();
  }
}

/** @param {number[]} values @returns {Options} */
const plain = values => values.map(value => [String(value), String(value)]);
