// SPDX-License-Identifier: MIT
//
// replay.js - what the network writes while it learns, large; one slider goes back to any moment, and follows the training at its end.
import { temperatureText } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { bits } from "../measures.js";
import { read } from "../settings.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../trainer/history.js").Sample} Sample */
/** @typedef {import("../../trainer/items.js").Item} Item */
/** @typedef {import("./known.js").Known} Known */

/** What the reader does. @typedef {{ temperatureChanged: () => void, moved: () => void }} Heed */

export class Replay {
  element;
  /** of the samples to come */
  temperature = 0.8;
  /** @type {Sample | null} the one that the reader went back to; null: the last one, whichever that is */
  #chosen = null;
  /** @type {{ items: Item[], network: string } | null} shown in place of a sample */
  #written = null;
  /** @type {Known | null} */
  #known = null;
  #isRunning = false;
  /** @type {unknown} what the sheet shows; undefined: it is to be filled anew */
  #shown;
  #desk;
  #heed;
  #parts;

  /** @param {Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    this.#desk = desk;
    this.#heed = heed;
    this.#parts = this.#build();
    this.element = this.#lay();
  }

  #build() {
    const { id } = this.#desk;
    const sheet = make("div", { id: id("train-sheet"), className: "sheet", tabIndex: 0, role: "region", "data-label": "train.samples" });
    const slider = make("input", { type: "range", id: id("train-replay"), min: "0", step: "1", "aria-controls": sheet.id });
    slider.oninput = () => this.#go(Number(slider.value));
    const T = make("input", { type: "text", className: "number", inputMode: "decimal", "data-label": "train.temperature" });
    T.onchange = () => this.#setTemperature();
    return { sheet, slider, T, at: make("p", { className: "at", ariaHidden: "true" }) };
  }

  #lay() {
    const { worded } = elementsOf(this.#desk);
    const { sheet, slider, T, at } = this.#parts;
    const label = worded("label", "train.replay", { htmlFor: slider.id });
    const head = make("div", { className: "row wrap" }, label, at, make("label", { className: "small" }, "T = ", T));
    return make("section", { className: "replay" }, sheet, head, slider);
  }

  /** Of the sample that is shown; null: there is none yet. */
  get sample() {
    return this.#chosen ?? this.#known?.course.samples.at(-1) ?? null;
  }

  /** @param {Known} known @param {boolean} isRunning whether more is to come */
  show(known, isRunning) {
    const { number } = this.#desk.words;
    if (known !== this.#known || (isRunning && !this.#isRunning)) this.#chosen = this.#written = null; // who goes on wants to watch
    this.#known = known;
    this.#isRunning = isRunning;
    this.#parts.T.value = number(this.temperature, { useGrouping: false });
    this.#shown = undefined; // the language may be another one
    this.showSamples();
  }

  /** Others are there now, or some are gone. */
  showSamples() {
    const { slider, at } = this.#parts;
    const samples = this.#known?.course.samples ?? [];
    if (this.#chosen && !samples.includes(this.#chosen)) this.#chosen = nearest(samples, this.#chosen.done);
    slider.max = String(Math.max(0, samples.length - 1));
    slider.value = this.#chosen ? String(samples.indexOf(this.#chosen)) : slider.max;
    slider.ariaValueText = this.#atText();
    at.textContent = [slider.ariaValueText, this.#otherTemperature()].filter(Boolean).join(", ");
    this.#showSheet();
  }

  /** What the network wrote anew. @param {Item[]} items @param {string} network which one */
  showItems(items, network) {
    this.#written = { items, network };
    this.#showSheet();
    this.#parts.sheet.scrollTop = 0;
    const { say } = this.#desk.words;
    this.#desk.speak([say("train.items", { network }), ...items.map(item => this.#spoken(item))].join("\n"));
  }

  /** To a sample; the last one is wherever the training is. @param {number} i */
  #go(i) {
    const samples = this.#known?.course.samples ?? [];
    this.#chosen = i < samples.length - 1 ? samples[i] : null;
    this.#written = null;
    this.showSamples();
    this.#heed.moved();
  }

  #atText() {
    const { words } = this.#desk;
    const { say } = words;
    const { sample } = this;
    const { prepared, course } = this.#known ?? {};
    if (!sample || !prepared) return "";
    const values = { done: sample.done, updates: prepared.updates };
    const point = nearest(course?.points ?? [], sample.done);
    const at =
      sample.done && point
        ? say("train.at", { ...values, bits: bits(words, prepared.settings.level, point.bits) })
        : say("train.at.first", values);
    return this.#chosen || !this.#isRunning ? at : say("train.live", { at });
  }

  /** That of the sample, where another one is set meanwhile. */
  #otherTemperature() {
    const { sample } = this;
    if (!sample || sample.temperature === this.temperature) return "";
    return `T = ${temperatureText(this.#desk.words, sample.temperature)}`;
  }

  // ---- the sheet ----

  /** It is left alone while it shows the same, so that nothing is read out twice and a selection stays. */
  #showSheet() {
    const { sheet } = this.#parts;
    const wanted = this.#written ?? this.sample;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const isList = this.#known?.prepared?.plan.kind === "list";
    sheet.classList.toggle("list", isList);
    sheet.replaceChildren(...(this.#written ? this.#itemsOf(this.#written) : [this.#sampleText()]));
  }

  #sampleText() {
    return make("p", { className: "sample", dir: "auto", textContent: this.sample?.text ?? "" });
  }

  /** @param {{ items: Item[], network: string }} written */
  #itemsOf({ items, network }) {
    const { say } = this.#desk.words;
    const head = make("p", { className: "note", textContent: say(items.length ? "train.items" : "train.items.none", { network }) });
    const rows = items.map(({ text, isKnown }) => {
      const mark = isKnown ? [" ", make("span", { className: "known", textContent: say("train.known") })] : [];
      return make("li", {}, make("bdi", { textContent: text }), ...mark);
    });
    return [head, make("ol", { className: "items" }, ...rows)];
  }

  /** @param {Item} item */
  #spoken({ text, isKnown }) {
    return isKnown ? `${text} (${this.#desk.words.say("train.known")})` : text;
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
    this.#desk.status(say("temperature.wrong", { value: `“${T.value}”`, kept: number(this.temperature) }));
  }
}

/** The last one that is not after an update, or the first. @template {{ done: number }} T @param {T[]} all @param {number} done */
export const nearest = (all, done) => all.findLast(each => each.done <= done) ?? all.at(0) ?? null;
