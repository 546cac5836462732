// SPDX-License-Identifier: MIT
//
// course.js - the course of a training: its curves beside n-grams', what the network wrote on the way, and how it reads the text.
import { nameOf, short, signOf } from "./describe.js";
import { elementsOf, fill, make } from "./elements.js";
import { bits } from "./measures.js";
import { read } from "./settings.js";
import { draw as drawCurve } from "../views/curve.js";
import { draw as drawWindows } from "../views/windows.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("../trainer/history.js").Point} Point */
/** @typedef {import("../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("./train.js").Known} Known */

const SAMPLED = 40; // of a window's tokens that are drawn

export class Course {
  element;
  /** of the samples to come */
  temperature = 0.8;
  #isOverTime = false; // the curves: else over updates
  #desk;
  #heed;
  #parts;
  /** @type {Known | null} what is shown */
  #known = null;
  /** @type {Known["course"]["samples"]} what the list has */
  #listed = [];
  #language = ""; // that it is in

  /** @param {Desk} desk @param {{ temperatureChanged: () => void }} heed */
  constructor(desk, heed) {
    this.#desk = desk;
    this.#heed = heed;
    this.#parts = this.#build();
    const { curves, samples, windows } = this.#parts;
    this.element = make("div", { className: "desk learn" }, curves, samples, windows);
  }

  #build() {
    const { worded, select, folded } = elementsOf(this.#desk);
    const axis = select([], "", value => {
      this.#isOverTime = value === "time";
      this.showCurve();
    });
    const T = make("input", { type: "text", className: "number", inputMode: "decimal" });
    T.onchange = () => this.#setTemperature();
    const titled = (/** @type {string} */ key, /** @type {HTMLElement} */ control, /** @type {HTMLElement} */ content) => {
      const row = make("div", { className: "row wrap" }, worded("h2", key, { className: "grow" }), control);
      return make("section", { className: "desk" }, row, content);
    };
    const curve = make("div");
    const list = make("ol", { className: "samples", reversed: true, tabIndex: 0, "data-label": "train.samples" });
    const reading = make("div", { className: "windows", tabIndex: 0, role: "region", "data-label": "train.windows" });
    const note = make("p", { className: "note" });
    return {
      axis,
      T,
      curve,
      list,
      reading,
      note,
      curves: titled("train.curve", make("label", { className: "small" }, worded("span", "train.over"), " ", axis), curve),
      samples: titled("train.samples", make("label", { className: "small" }, "T = ", T), list),
      windows: folded("train.windows", true, note, reading),
    };
  }

  /** @param {Known} known */
  show(known) {
    this.#known = known;
    this.element.hidden = !known.prepared;
    if (this.#language !== this.#desk.words.language) this.#translate();
    if (known.prepared) this.#showWindows(known.prepared);
    this.showCurve();
    this.showSamples();
  }

  /** The words that follow no key. */
  #translate() {
    const { say, number, language } = this.#desk.words;
    const { axis, T, list } = this.#parts;
    const axes = ["steps", "time"].map(value => /** @type {[string, string]} */ ([value, say(`train.${value}`)]));
    fill(axis, axes, this.#isOverTime ? "time" : "steps");
    T.value = number(this.temperature, { useGrouping: false });
    list.replaceChildren(); // showSamples() fills it again
    this.#language = language;
  }

  // ---- the curves ----

  showCurve() {
    const { curve, curves } = this.#parts;
    const known = this.#known;
    const points = known?.course.points ?? [];
    curves.hidden = points.length < 2;
    if (known?.prepared && points.length > 1 && curve.clientWidth) drawCurve(curve, this.#curveData(known, known.prepared));
  }

  /** @param {Known} known @param {Prepared} prepared @returns {import("../views/curve.js").CurveData} */
  #curveData({ course, markov }, { settings, uniform, updates }) {
    const { words } = this.#desk;
    const { say, number } = words;
    const { points, best } = course;
    const isOverTime = this.#isOverTime;
    const xOf = (/** @type {Point} */ point) => (isOverTime ? point.seconds : point.done);
    const last = points[points.length - 1];
    const bestPoint = best && points.find(point => point.done >= best.done);
    const bitsOf = (/** @type {number} */ value) => bits(words, settings.level, value);
    const curve = (/** @type {string} */ key, /** @type {(point: Point) => number | null} */ yOf) => {
      const known = points.map(point => ({ x: xOf(point), y: yOf(point) ?? NaN })).filter(({ y }) => !Number.isNaN(y));
      return { key, name: say(`train.curve.${key}`), points: known };
    };
    return {
      curves: [curve("training", ({ bits }) => bits), curve("heldout", ({ heldOut }) => heldOut)],
      references: [
        { name: say("train.curve.uniform"), y: uniform },
        ...markov.map(({ order, bits }) => ({ name: say("train.curve.markov", { order }), y: bits })),
      ],
      best: best && bestPoint ? { x: xOf(bestPoint), y: best.heldOut, name: say("train.curve.best") } : null,
      endX: isOverTime ? last.seconds : updates,
      nameOfX: x => (isOverTime ? say("train.seconds", { count: number(Math.round(x)) }) : number(x)),
      nameOfY: y => short(words, y, 2),
      words: {
        x: say(isOverTime ? "train.time" : "train.steps"),
        y: say("train.curve"),
        table: say("why.table"),
        description: say("train.curve.description", { bits: bitsOf(last.bits), uniform: bitsOf(uniform) }),
      },
    };
  }

  // ---- what it wrote ----

  /** The newest first; those that are there already stay, so that none is read out twice. */
  showSamples() {
    const { say, number } = this.#desk.words;
    const samples = this.#known?.course.samples ?? [];
    const { list } = this.#parts;
    this.#parts.samples.hidden = !samples.length;
    if (this.#listed.some((sample, i) => sample !== samples[i])) list.replaceChildren(); // some are gone
    for (const { done, temperature, text } of samples.slice(list.children.length)) {
      const note = say("train.sample", { done, temperature: number(temperature) });
      list.prepend(make("li", {}, make("p", { className: "note", textContent: note }), make("p", { textContent: text, dir: "auto" })));
    }
    this.#listed = [...samples];
  }

  #setTemperature() {
    const { say, number } = this.#desk.words;
    const { T } = this.#parts;
    const wanted = read("temperature", T.value);
    T.removeAttribute("aria-invalid");
    if (wanted !== undefined) {
      this.temperature = wanted;
      return this.#heed.temperatureChanged();
    }
    T.ariaInvalid = "true";
    this.#desk.status(say("temperature.wrong", { value: T.value, kept: number(this.temperature) }));
  }

  // ---- how it reads ----

  /** The lesson's picture of the windows, drawn from the text itself. @param {Prepared} prepared */
  #showWindows({ settings, example }) {
    const { words } = this.#desk;
    const { say } = words;
    const sign = (/** @type {string} */ token) => signOf(token) ?? nameOf(words, token);
    const { batch, window } = settings;
    this.#parts.note.textContent = say("train.windows.note", { window, batch });
    drawWindows(this.#parts.reading, {
      rows: example.map(({ inputs, targets }) => ({
        inputs: inputs.slice(0, SAMPLED).map(sign),
        targets: targets.slice(0, SAMPLED).map(sign),
      })),
      words: { inputs: say("train.inputs"), targets: say("train.targets"), stream: i => say("train.stream", { number: i + 1 }) },
    });
  }
}
