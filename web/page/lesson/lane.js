// SPDX-License-Identifier: MIT
//
// lane.js - a column of the view "Counting beside learning": who writes, how well it guesses, its text, and its bars at a place.
import { nameOf, probability, short } from "../describe.js";
import { arrow, elementsOf, make } from "../elements.js";
import { draw as drawBars } from "../../views/likely.js";
import { draw as drawText, placeOf, reveal } from "../../views/tinted.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("./excerpt.js").Excerpt} Excerpt */
/** @typedef {import("../../core/model.js").Step} Step */
/** @typedef {import("../../core/types.js").WriteOptions} WriteOptions */
/**
 * Who writes: a network, or a count that is asked for an order.
 * @typedef {(prompt: string, options: WriteOptions) => Iterable<Step>} Write
 */

/** What is written from. @typedef {{ excerpt: Excerpt, prompt: string, options: WriteOptions }} Task */

const BARS = 8;
const CONTEXT = 12; // characters

/** With line ends that can be seen. @param {string} text */
export const visible = text => text.replaceAll("\n", "↵");

export class Lane {
  element;
  /** @type {Write | null} null: it has learnt nothing yet */
  writes = null;
  /** @type {Step[]} */
  steps = [];
  /** held-out bits per character; NaN: not known */
  bits = NaN;
  /** what it is, what it does, and what it knows of a place, in words */
  notes = { about: "", state: "", knows: "" };
  /** share of its training; null: none has begun */
  progress = /** @type {number | null} */ (null);
  #given = /** @type {string[]} */ ([]);
  #marks = /** @type {import("./excerpt.js").Marks} */ ({ classes: [], copied: 0, words: 0, coined: 0 });
  #desk;
  #parts;

  /** @param {Desk} desk @param {string} key of its name @param {(place: number) => void} pointed at a place of what is written */
  constructor(desk, key, pointed) {
    const { worded } = elementsOf(desk);
    const name = worded("h3", `counting.${key}`, { id: desk.id(`counting-${key}`) });
    const text = make("div", { className: "page", tabIndex: 0, role: "group", dir: "auto", "aria-labelledby": name.id });
    text.onclick = ({ target }) => pointed(placeOf(target) - this.#given.length);
    text.onkeydown = event => this.#walk(event, pointed);
    this.#desk = desk;
    this.#parts = {
      about: make("p", { className: "note about" }),
      bits: make("p", { className: "lane-bits" }),
      bar: make("progress", { max: 1, "aria-labelledby": name.id }),
      state: make("p", { className: "note" }),
      text,
      stats: make("p", { className: "note" }),
      context: make("p", { className: "context" }),
      bars: make("ol", { className: "likely" }),
      knows: make("p", { className: "note" }),
    };
    this.element = make("section", { className: `lane ${key}`, "aria-labelledby": name.id }, name, ...Object.values(this.#parts));
  }

  /** @param {Task | null} task null: there is nothing to write from */
  write(task) {
    this.#given = [];
    this.steps = [];
    if (!task || !this.writes) return;
    const { excerpt, prompt, options } = task;
    const { vocabulary } = excerpt.markov;
    this.#given = Array.from(excerpt.markov.encode(prompt).ids, id => vocabulary[id]);
    this.steps = [...this.writes(prompt, options)];
    this.#marks = excerpt.marks(this.#characters, this.#given.length);
  }

  get #characters() {
    return [...this.#given, ...this.steps.map(step => step.text)];
  }

  /** What stands before a place of what is written. @param {number} place */
  contextAt(place) {
    return this.#characters.slice(0, this.#given.length + place).join("");
  }

  /** @param {number} place of what is written, whose bars are shown */
  draw(place) {
    const { words } = this.#desk;
    const { about, bits, bar, state, knows, stats, text } = this.#parts;
    const { copied, words: count, coined } = this.#marks;
    about.textContent = this.notes.about;
    const known = Number.isFinite(this.bits);
    bits.replaceChildren(make("strong", { textContent: known ? short(words, this.bits) : "–" }), ` ${words.say("counting.bits")}`);
    bar.hidden = this.progress === null;
    bar.value = this.progress ?? 0;
    state.textContent = this.notes.state;
    knows.textContent = this.notes.knows;
    const values = { copied: words.percent(copied), coined, words: count };
    stats.textContent = this.steps.length ? words.say("counting.stats", values) : "\u00a0";
    drawText(text, this.#textData(place));
    this.#drawBars(this.steps[place], place);
  }

  /** @param {number} place */
  #textData(place) {
    const characters = this.#characters;
    const given = this.#given.length;
    const { classes } = this.#marks;
    return {
      text: this.steps,
      look: "",
      count: characters.length,
      given,
      textAt: (/** @type {number} */ at) => characters[at],
      classAt: (/** @type {number} */ at) => `${classes[at]}${at < given ? " given" : ""}`,
      selected: this.steps.length ? given + place : -1,
      follow: false,
      empty: this.#desk.words.say("counting.empty"),
    };
  }

  /** @param {Step | undefined} step @param {number} place */
  #drawBars(step, place) {
    const { words } = this.#desk;
    const { bars, context } = this.#parts;
    const probs = step?.probs();
    const top = step && probs ? step.top(BARS, probs) : [];
    if (step && probs && !top.some(({ id }) => id === step.id)) top[BARS - 1] = { id: step.id, text: step.text, p: probs[step.id] };
    const before = Array.from(this.contextAt(place)).slice(-CONTEXT).join("");
    context.textContent = step ? words.say("counting.context", { context: visible(before) }) : "\u00a0";
    const rows = top.map(({ id, text, p }) => {
      const name = nameOf(words, text);
      return { name, described: name !== text, p, text: probability(words, p), isMarked: id === step?.id };
    });
    drawBars(bars, { rows, label: words.say("counting.bars") });
  }

  /** From place to place by the keys. @param {KeyboardEvent} event @param {(place: number) => void} pointed */
  #walk(event, pointed) {
    const { text } = this.#parts;
    const selected = placeOf(text.querySelector(".selected")) - this.#given.length;
    const last = this.steps.length - 1;
    const to = { ArrowLeft: selected - 1, ArrowRight: selected + 1, Home: 0, End: last }[arrow(event.key, text)];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey || last < 0) return;
    event.preventDefault();
    pointed(Math.max(0, Math.min(last, to)));
    reveal(text, this.#given.length + Math.max(0, Math.min(last, to)));
  }
}
