// SPDX-License-Identifier: MIT
//
// temperatures.js - the view "Five temperatures": one prompt and the same dice, several texts side by side, one batch in the core. What
// could have come at a place is shown in every column, at its own temperature.
import { nameOf, probability, short, temperatureText, tints } from "../describe.js";
import { inBox } from "../controls.js";
import { Pointer, arrow, elementsOf, make, showOne } from "../elements.js";
import { glanceOf } from "./glance.js";
import { start } from "../pace.js";
import { parting } from "./parted.js";
import { eventOf, read, readTemperatures, textOf } from "../settings.js";
import { Unison } from "./unison.js";
import { Readers } from "../../story/adapted.js";
import { Branch, Parting } from "../../story/story.js";
import { writeTogether } from "../../story/together.js";
import { clear as clearColumns, draw as drawColumns, reveal as revealColumn } from "../../views/columns.js";
import { drawSmall } from "../../views/distribution.js";
import { draw as drawLines, layer } from "../../views/lines.js";
import { draw as drawText, lineFrom, placeOf, reveal } from "../../views/tinted.js";

const MOST = 80; // places a frame: each is drawn in every column

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../views/columns.js").Column} Column */

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  await Promise.all([desk.words.more("temperatures"), desk.style("./text/temperatures.css")]);
  return new Temperatures(root, desk);
}

/** @implements {View} */
class Temperatures {
  /** @type {Branch[]} a column each; none before they are written */
  #branches = [];
  /** @type {Parting[]} of each text but the first and the one before it */
  #partings = [];
  /** @type {number[]} where that is; -1: not yet. Of the first one there is none */
  #parted = [];
  #marked = -1; // the place that is shown: while much is written it comes behind the last one now and then
  /** @type {Column[]} */
  #columns = [];
  #column = 0; // the one that the reader looks at
  #selected = -1; // a place of the whole texts; -1: the newest one
  #pointed = -1; // the one under the pointer; -1: none
  #pointer = new Pointer();
  /** @type {(import("../../core/model.js").Step | undefined)[]} whose bars are shown */
  #barsOf = [];
  /** @type {(() => void) | null} */
  #stopWork = null;
  #unison = new Unison();
  #readers = new Readers();
  #lines = layer();
  #frame = 0; // in which the lines are drawn again
  #resized = new ResizeObserver(() => this.#drawLinesSoon());
  #root;
  #desk;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    this.#listen(this.#parts.streams);
    this.clear();
  }

  #build() {
    const { id, begin } = this.#desk;
    const { worded, button, field } = elementsOf(this.#desk);
    const note = make("p", { id: id("temperatures-note"), className: "note", ariaLive: "polite" });
    const list = make("input", { type: "text", autocomplete: "off", "aria-describedby": note.id });
    list.oninput = () => {
      this.#keep();
      if (!this.#branches.length) this.#draw();
    };
    list.onkeydown = event => {
      if (event.key === "Enter") begin();
    };
    const write = button("together", begin, "main");
    const stop = button("stop", () => this.stop(), "main", "together-stop");
    const place = make("p", { id: id("streams-place"), className: "note" });
    const keys = [worded("span", "why.before"), worded("span", "temperatures.after", { className: "key-after" })];
    const key = make("p", { className: "note streams-key" }, ...keys);
    const streams = make("div", { id: id("streams"), className: "streams" });
    const row = make("div", { className: "row wrap streams-head" }, field("temperatures", list), write, stop, key);
    this.#root.replaceChildren(row, note, streams, place, worded("p", "temperatures.help", { className: "note" }));
    return { note, list, write, stop, place, streams };
  }

  // ---- as a view ----

  show() {
    const { words, settings } = this.#desk;
    const list = readTemperatures(settings.now.temperatures) ?? [];
    this.#parts.list.value = list.map(T => inBox(words, T)).join("  ");
    this.#keep();
    this.#barsOf = []; // the language may be another one
    this.#draw();
  }

  begin() {
    const { network, settings, prompt, trouble } = this.#desk;
    const { model } = network;
    const list = this.#keep();
    if (!model || !list) return;
    this.clear();
    try {
      const beginning = model.encode(prompt());
      const { seed, length } = settings.now;
      const eventsOf = (/** @type {number} */ temperature) => [{ ...eventOf(settings.now), temperature }];
      this.#branches = list.map(temperature => new Branch(model, beginning, seed, eventsOf(temperature), null, 0, this.#readers));
      this.#partings = this.#branches.slice(1).map((branch, i) => new Parting(this.#branches[i], branch));
      this.#write(length);
    } catch (error) {
      trouble(error);
    }
  }

  stop() {
    this.#stopWork?.();
    this.#working(null);
  }

  clear() {
    this.stop();
    this.#readers.free();
    this.#branches = [];
    this.#partings = [];
    this.#parted = [];
    this.#column = 0;
    this.#selected = this.#pointed = -1;
    this.#parts.write.disabled = !this.#desk.network.model;
  }

  free() {
    this.#stopWork?.();
    this.#readers.free();
    cancelAnimationFrame(this.#frame);
    this.#resized.disconnect();
    clearColumns(this.#parts.streams);
    this.#root.replaceChildren();
  }

  texts() {
    const { name } = this.#desk.network;
    return this.#branches.map((branch, i) => ({ branch, name, data: this.#textData(i, -1) }));
  }

  /** In every column, as far as its text has it. @param {number} place */
  choosePlace(place) {
    this.#selected = Math.min(Math.max(place, 0), this.#last);
    if (this.#selected < 0) return;
    this.#pointed = -1;
    this.#unison.follows = false;
    this.#draw();
    const texts = this.#columns.map(({ text }) => text);
    for (const text of texts) reveal(text, this.#selected);
    const top = Math.max(...texts.map(({ scrollTop }) => scrollTop));
    for (const text of texts) {
      text.scrollTop = top; // so that what is equal in two columns stands at one height
      reveal(text, this.#selected);
    }
    this.#unison.settle();
    this.#drawLines();
  }

  /** The first place where texts part, for there all of them had the same to choose from. */
  #showParting() {
    const found = this.#parted.filter(place => place >= 0);
    if (!found.length) return;
    this.#unison.toStart();
    this.choosePlace(Math.min(...found));
  }

  // ---- temperatures and writing ----

  /** What stands in the list becomes the setting, unless it is none: then that is said. */
  #keep() {
    const { list, note } = this.#parts;
    const temperatures = readTemperatures(list.value);
    list.toggleAttribute("aria-invalid", !temperatures);
    note.textContent = temperatures ? "" : this.#desk.words.say("streams.wrong");
    if (temperatures) this.#desk.settings.set({ temperatures: temperatures.map(textOf).join(",") });
    return temperatures;
  }

  /** A column gets another temperature: the texts are written anew, with the same dice. @param {HTMLInputElement} input */
  #change(input) {
    const { settings, words, begin } = this.#desk;
    const temperatures = this.#temperatures;
    const at = this.#columns.findIndex(column => column.input === input);
    const value = read("temperature", input.value);
    input.toggleAttribute("aria-invalid", value === undefined);
    const kept = temperatureText(words, temperatures[at]);
    this.#parts.note.textContent = value === undefined ? words.say("temperature.wrong", { value: input.value, kept }) : "";
    if (value === undefined) return;
    settings.set({ temperatures: temperatures.with(at, value).map(textOf).join(",") });
    this.show();
    begin();
  }

  /** Those of the columns. */
  get #temperatures() {
    if (this.#branches.length) return this.#branches.map(branch => branch.samplingAt(0).temperature);
    return readTemperatures(this.#desk.settings.now.temperatures) ?? [];
  }

  /** @param {number} length */
  #write(length) {
    const { settings, status, noTrouble, trouble, words } = this.#desk;
    noTrouble();
    this.#unison.follows = true;
    const [{ given }] = this.#branches;
    const sayCount = () => status(words.say("status.writing", { count: Math.max(0, this.#last + 1 - given) }));
    const stop = start({
      steps: writeTogether(this.#branches, length),
      pace: () => settings.now.speed,
      most: MOST,
      onSteps: (_, isWhole) => {
        if (!isWhole) return this.#drawTexts();
        sayCount();
        this.#draw();
      },
      onEnd: error => {
        this.#working(null);
        sayCount();
        this.#draw();
        if (error) trouble(error);
        else if (this.#selected < 0 && this.#unison.follows) this.#showParting();
      },
    });
    this.#working(stop);
  }

  /** @param {(() => void) | null} stop of the work that goes on; null: none does */
  #working(stop) {
    const { write, stop: stopButton, streams } = this.#parts;
    this.#stopWork = stop;
    streams.ariaBusy = String(Boolean(stop));
    if (stop) showOne(stopButton, write);
    else showOne(write, stopButton);
  }

  // ---- what is shown ----

  /** The last place of the longest text; -1: there is none. */
  get #last() {
    return Math.max(-1, ...this.#branches.map(({ steps }) => steps.length - 1));
  }

  /** The place that is looked at. */
  get #place() {
    if (this.#pointed >= 0) return this.#pointed;
    return this.#selected >= 0 ? this.#selected : this.#last;
  }

  #draw() {
    const { words, show } = this.#desk;
    const branches = this.#branches;
    const place = (this.#marked = this.#place);
    this.#parted = [-1, ...this.#partings.map(parting => parting.place)];
    const data = this.#temperatures.map((T, i) => this.#columnData(T, i));
    this.#columns = drawColumns(this.#parts.streams, data, { jumps: words.say("temperatures.jumps"), behind: this.#lines });
    this.#parts.streams.classList.toggle("of-words", words.level !== "characters"); // their names are longer
    this.#columns.forEach(({ bars }, i) => this.#drawBars(bars, i, place));
    this.#parts.place.textContent = this.#placeNote(place);
    show(branches[this.#column] ?? null, Math.min(place, (branches[this.#column]?.steps.length ?? 0) - 1), false);
    this.#unison.set(this.#columns.map(({ text }) => text));
    this.#drawTexts();
  }

  /** They alone, as they grow. All is written first; then what needs the layout is done at once, so that a frame has one. */
  #drawTexts() {
    this.#columns.forEach(({ text }, i) => drawText(text, this.#textData(i, this.#marked)));
    this.#unison.toEnds();
    this.#drawLines();
  }

  /** @param {number} T @param {number} i @returns {import("../../views/columns.js").ColumnData} */
  #columnData(T, i) {
    const { words } = this.#desk;
    const { say, number } = words;
    const branch = this.#branches[i];
    const bits = branch?.written ? short(words, branch.score(branch.given).bits) : "";
    return {
      name: temperatureText(words, T),
      temperature: inBox(words, T),
      box: say("temperatures.box", { number: number(i + 1) }),
      note: bits && say("temperatures.bits", { bits }),
      parted: branch ? this.#partedNote(i) : "",
    };
  }

  /** @param {number} i */
  #partedNote(i) {
    const { words } = this.#desk;
    if (i === 0) return words.say("temperatures.first");
    const { why, values } = parting(words, this.#branches[i - 1], this.#branches[i], this.#parted[i]);
    return words.say(`temperatures.parted.${why === "same" ? "same" : "dice"}`, values);
  }

  /** @param {number} i @param {number} place */
  #textData(i, place) {
    const { say } = this.#desk.words;
    const { tint } = this.#desk.settings.now;
    const branch = this.#branches[i];
    const shade = tints[tint] ?? tints.surprisal;
    const partings = [this.#parted[i], this.#parted[i + 1]].filter(parting => parting >= 0);
    const classesAt = (/** @type {number} */ place) => [
      `s${shade(branch.steps[place], branch.model.level)}`,
      ...(place < branch.given ? ["given"] : []),
      ...(partings.includes(place) ? ["parted"] : []),
    ];
    return {
      text: branch?.steps ?? null,
      look: [tint, ...partings].join(),
      count: branch?.steps.length ?? 0,
      textAt: (/** @type {number} */ place) => branch.steps[place].text,
      classAt: (/** @type {number} */ place) => classesAt(place).join(" "),
      selected: place,
      given: branch?.given ?? 0,
      empty: say("temperatures.empty"),
    };
  }

  /** @param {HTMLElement} bars @param {number} i @param {number} place */
  #drawBars(bars, i, place) {
    const { words } = this.#desk;
    const branch = this.#branches[i];
    const step = branch?.steps[place];
    if (step && step === this.#barsOf[i]) return;
    this.#barsOf[i] = step;
    if (step) drawSmall(bars, glanceOf(words, branch, place));
    else bars.replaceChildren(branch?.steps.length ? words.say("temperatures.ended") : "");
  }

  /** @param {number} place */
  #placeNote(place) {
    const { say, number } = this.#desk.words;
    const branch = this.#branches.find(({ steps }) => place >= 0 && place < steps.length);
    if (!branch) return "";
    const { u } = branch.steps[place];
    if (u === null) return say("temperatures.place.given");
    return say("temperatures.place", { place: number(place - branch.given + 1), u: short(this.#desk.words, u, 3) });
  }

  /** From the mark in a column to that in the next one. */
  #drawLines() {
    const markOf = (/** @type {HTMLElement} */ text, /** @type {number} */ place) =>
      [...text.getElementsByClassName("parted")].find(mark => placeOf(mark) === place);
    const pairs = this.#columns.flatMap((column, i) => {
      const boxes = i && this.#parted[i] >= 0 ? [this.#columns[i - 1].text, column.text] : [];
      const ends = boxes.map(box => ({ element: markOf(box, this.#parted[i]), box }));
      return ends.length && ends.every(({ element }) => element) ? [ends] : [];
    });
    drawLines(this.#lines, /** @type {any} */ (pairs));
  }

  #drawLinesSoon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#drawLines());
  }

  // ---- what the reader does ----

  /** @param {HTMLElement} streams */
  #listen(streams) {
    streams.onclick = event => this.#press(event);
    streams.onpointermove = event => this.#point(event);
    streams.onpointerleave = () => this.#pointAt(-1);
    streams.onkeydown = event => this.#walk(event);
    streams.onchange = ({ target }) => this.#change(/** @type {HTMLInputElement} */ (target));
    const moved = (/** @type {Event} */ { target }) => {
      if (this.#unison.moved(target, Boolean(this.#stopWork))) this.#drawLinesSoon();
    };
    streams.addEventListener("scroll", moved, { capture: true, passive: true }); // it does not bubble
    this.#resized.observe(streams);
  }

  /** The column that an element lies in, or -1. @param {EventTarget | null} target */
  #columnOf(target) {
    return this.#columns.findIndex(({ text }) => text.contains(/** @type {Element} */ (target)));
  }

  /** @param {MouseEvent} event */
  #press(event) {
    const { target } = event;
    const place = placeOf(target);
    this.#pointer.see(event);
    if (place < 0 || getSelection()?.type === "Range") return;
    this.#column = this.#columnOf(target);
    this.choosePlace(place);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (this.#pointer.hasMoved(event) && !this.#stopWork) this.#pointAt(placeOf(event.target));
  }

  /** @param {number} place */
  #pointAt(place) {
    if (place === this.#pointed || (place >= 0 && this.#stopWork)) return;
    this.#pointed = place;
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const { key, target, shiftKey } = event;
    const at = this.#columnOf(target);
    if (at < 0 || this.#last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    this.#column = at;
    this.#pointed = -1;
    if (key === "Escape") {
      this.#selected = -1;
      this.#draw();
    }
    const aside = shiftKey ? { ArrowLeft: -1, ArrowRight: 1 }[arrow(key, this.#parts.streams)] : undefined;
    const place = aside ? this.#place : this.#placeBy(key);
    if (place === undefined) return;
    event.preventDefault();
    if (aside) this.#goTo(at + aside);
    this.choosePlace(place);
    this.#speak();
  }

  /** Where a key leads. @param {string} key */
  #placeBy(key) {
    const { text } = this.#columns[this.#column];
    const place = this.#place;
    const seen = arrow(key, text);
    if (seen === "ArrowLeft") return place - 1;
    if (seen === "ArrowRight") return place + 1;
    if (key === "ArrowUp") return lineFrom(text, place, -1);
    if (key === "ArrowDown") return lineFrom(text, place, 1);
    if (key === "Home") return 0;
    return key === "End" ? Infinity : undefined;
  }

  /** To another column, if there is one. @param {number} column */
  #goTo(column) {
    if (!this.#columns[column]) return;
    this.#column = column;
    this.#columns[column].text.focus({ preventScroll: true });
    revealColumn(this.#parts.streams, column);
  }

  /** Name, place and probability. */
  #speak() {
    const { words, speak } = this.#desk;
    const branch = this.#branches[this.#column];
    const step = branch.steps[this.#selected];
    if (!step) return speak(words.say("temperatures.ended"));
    const p = probability(words, 2 ** -step.bits);
    const temperature = temperatureText(words, branch.samplingAt(0).temperature);
    const place = this.#placeNote(this.#selected);
    speak(words.say("temperatures.spoken", { character: nameOf(words, step.text), p, temperature, place }));
  }
}
