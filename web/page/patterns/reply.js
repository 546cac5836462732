// SPDX-License-Identifier: MIT
//
// reply.js - the answer of a network, and what is to be said of it once the reader rests: what a beam finds, what other dice write, what
// is wrong or unknown. A screen reader is told then, too, and not at each key.
import { nameOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { isPicture } from "./inputs.js";
import { draw as drawMaps } from "../../views/maps.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../../core/pattern.js").Pattern} Pattern */
/** @typedef {import("../../core/pattern.js").Unit} Unit */
/** @typedef {import("../../core/pattern.js").Input} Input */

/**
 * What was asked.
 * @typedef {object} Question
 * @property {Input | null} input null: nothing
 * @property {string} text the same as it was typed
 * @property {Float32Array | null} state that it was written from, where one is handed over
 * @property {boolean} isChanged that state is not the input's own
 * @property {number} temperature
 */

const REST = 400; // milliseconds without another question
const DRAWN = 6; // answers of other dice
const BEAM = 4;
export const MOST_UNITS = 120; // that write

export class Reply {
  element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #desk;
  #network;
  #name;
  #parts;

  /** @param {Desk} desk @param {Answering} network @param {string} name of it */
  constructor(desk, network, name) {
    const { id } = desk;
    this.#desk = desk;
    this.#network = network;
    this.#name = name;
    this.#parts = {
      answer: make("p", { id: id("answer"), className: "answer", dir: "auto" }),
      others: make("ul", { id: id("answers"), className: "answers" }),
      note: make("p", { id: id("answer-note"), className: "note" }),
      maps: make("div", { id: id("maps"), className: "maps" }),
    };
    this.element = make("div", { className: "came" }, elementsOf(desk).worded("h3", "answer.title"), ...Object.values(this.#parts));
  }

  /** As far as it has come. @param {Unit[]} units @param {boolean} isPlayed more will come */
  show(units, isPlayed) {
    const { answer, others, note } = this.#parts;
    const text = this.#answerOf(units) || "…";
    if (answer.textContent !== text) answer.textContent = text;
    if (!isPlayed) return;
    note.textContent = "";
    others.replaceChildren();
  }

  /** It is whole. @param {Unit[]} units @param {Question} question */
  conclude(units, question) {
    this.dismiss();
    this.#showMaps(question.input);
    this.#timer = setTimeout(() => this.#explain(units, question), REST);
  }

  /** Another question comes. */
  dismiss() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {Unit[]} units */
  #answerOf(units) {
    const { words } = this.#desk;
    const written = units.filter(unit => unit.probs);
    const last = written.at(-1)?.label;
    if (["many-to-one", "one-to-one"].includes(this.#network.pattern)) return last ? nameOf(words, last) : "";
    return written.map(({ label }) => label ?? "").join("");
  }

  /** @param {Unit[]} units @param {Question} question */
  async #explain(units, question) {
    const { others, note, answer } = this.#parts;
    const timer = this.#timer;
    try {
      const truth = question.temperature ? "" : (await import("./truths.js")).truthOf(this.#name, question.text);
      if (timer !== this.#timer) return; // another question has come
      others.replaceChildren(...this.#drawOthers(question));
      note.textContent = this.#notes(units, question, truth).join(" ");
      if (question.input) this.#desk.speak(`${answer.textContent} ${note.textContent}`);
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  /** @param {Unit[]} units @param {Question} question @param {string} truth "": it is not known @returns {string[]} */
  #notes(units, { input, isChanged, temperature }, truth) {
    const { say } = this.#desk.words;
    if (!input) return [say("answer.none")];
    if (isChanged) return [say("answer.changed")];
    const wrong = truth && truth !== this.#answerOf(units) ? say("answer.wrong", { truth }) : "";
    return [this.#unknown(input), wrong, temperature ? say("answer.drawn") : this.#besideBeam(input)].filter(Boolean);
  }

  /** What the network does not know of an input. @param {Input} input */
  #unknown(input) {
    const { words } = this.#desk;
    const unknown = typeof input === "string" ? this.#network.unknown(input) : [];
    return unknown.length ? words.say("answer.unknown", { characters: unknown.map(each => nameOf(words, each)).join(" ") }) : "";
  }

  /** A beam and the greedy way, where they differ. @param {Input} input */
  #besideBeam(input) {
    const { say } = this.#desk.words;
    const network = this.#network;
    if (network.pattern === "one-to-one" || network.end < 0) return "";
    const [greedy, beam] = [1, BEAM].map(width => network.answer(input, { beam: width, most: MOST_UNITS }));
    return say(greedy === beam ? "answer.beam.same" : "answer.beam", { beam: BEAM, greedy, answer: beam });
  }

  /** What other dice write from the same state. @param {Question} question */
  #drawOthers({ state, temperature }) {
    const network = this.#network;
    if (network.pattern === "one-to-one" || !state || !temperature) return [];
    return Array.from({ length: DRAWN - 1 }, (_, i) => {
      const units = [...network.write(state, { temperature, seed: 2 + i, most: MOST_UNITS })];
      return make("li", { textContent: this.#answerOf(units), dir: "auto" });
    });
  }

  /** @param {Input | null} input */
  #showMaps(input) {
    const { maps } = this.#parts;
    const network = this.#network;
    maps.hidden = !input || !isPicture(network);
    if (!input || !isPicture(network)) return;
    const { say } = this.#desk.words;
    const picture = /** @type {Uint8Array} */ (input);
    const labels = ["maps.picture", "maps.first", "maps.second"].map(key => say(key));
    drawMaps(maps, [{ side: network.side, maps: [picture] }, ...network.maps(picture)], labels);
  }
}
