// SPDX-License-Identifier: MIT
//
// gains.js - what a network gains that learns a text as it reads it, beside the same one that does not: the bits per character so far of
// both, how much less it is, and the characters that it got better at.
import { nameOf, short } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { draw as drawCurve } from "../../views/curve.js";

/** @typedef {import("../../story/story.js").Branch} Branch */
/** Of a token: how often it was there, what it cost in all, and where the most was gained. */
/** @typedef {{ count: number, before: number, after: number, place: number, most: number }} Cost */

const POINTS = 200; // of a curve
const SETTLED = 20; // characters: the mean of fewer jumps about
const LEAST = 5; // times that a character has to be there
const LISTED = 8;
const HEIGHT = 130;

/** Compares two readings of one text as they grow. */
export class Gains {
  /** @type {Branch | null} */
  #frozen = null;
  /** @type {Branch | null} */
  #learning = null;
  #sums = { before: 0, after: 0, count: 0, place: 0 };
  /** @type {{ before: { x: number, y: number }[], after: { x: number, y: number }[] }} */
  #points = { before: [], after: [] };
  /** @type {Map<number, Cost>} by id */
  #costs = new Map();
  #desk;
  #choose;
  #parts;

  /** @param {import("../contract.js").Desk} desk @param {(place: number) => void} choose a place of the texts */
  constructor(desk, choose) {
    const { worded } = elementsOf(desk);
    this.#desk = desk;
    this.#choose = choose;
    const said = make("p", { id: desk.id("gain"), role: "status" });
    const curve = make("div", { id: desk.id("gain-curve") });
    const list = make("ol", { id: desk.id("gain-list"), className: "surprising" });
    /** both bits so far, for the place above the texts */
    this.soFar = make("div", {}, said, curve);
    /** the characters, for the place below them */
    this.better = make("div", {}, worded("h2", "gain.title"), list);
    this.#parts = { said, curve, list };
  }

  /** @param {Branch} frozen @param {Branch} learning of the same text */
  begin(frozen, learning) {
    this.#frozen = frozen;
    this.#learning = learning;
    this.#sums = { before: 0, after: 0, count: 0, place: 0 };
    this.#points = { before: [], after: [] };
    this.#costs = new Map();
  }

  clear() {
    this.#frozen = this.#learning = null;
    this.#costs = new Map();
    this.better.hidden = true;
  }

  /** Shows the bits so far. */
  draw() {
    this.soFar.hidden = !this.#frozen;
    if (!this.#frozen || !this.#learning) return;
    this.#add(this.#frozen, this.#learning);
    const { said, curve } = this.#parts;
    curve.hidden = this.#points.after.length < 2;
    if (!curve.hidden && curve.clientWidth) drawCurve(curve, this.#curveData(this.#frozen.given));
    said.textContent = this.#sentence();
  }

  /** Lists the characters, once all is read. */
  list() {
    const best = this.#best();
    this.better.hidden = !best.length;
    this.#parts.list.replaceChildren(...best.map(cost => this.#item(cost)));
  }

  /** What both have read since. @param {Branch} frozen @param {Branch} learning */
  #add(frozen, learning) {
    const sums = this.#sums;
    const every = Math.max(1, Math.floor(frozen.given / POINTS));
    for (; sums.place < Math.min(frozen.steps.length, learning.steps.length); sums.place++) {
      const { id, surprisal: before } = frozen.steps[sums.place];
      const { surprisal: after } = learning.steps[sums.place];
      if (before === Infinity) continue; // the unknown word
      sums.before += before;
      sums.after += after;
      sums.count++;
      this.#addCost(id, before, after, sums.place);
      if (sums.count < SETTLED || sums.place % every) continue;
      this.#points.before.push({ x: sums.place + 1, y: sums.before / sums.count });
      this.#points.after.push({ x: sums.place + 1, y: sums.after / sums.count });
    }
  }

  /** @param {number} id @param {number} before @param {number} after @param {number} place */
  #addCost(id, before, after, place) {
    const cost = this.#costs.get(id) ?? { count: 0, before: 0, after: 0, place, most: -Infinity };
    this.#costs.set(id, cost);
    cost.count++;
    cost.before += before;
    cost.after += after;
    if (before - after > cost.most) Object.assign(cost, { place, most: before - after });
  }

  /** Those that cost less on the mean, the most first. */
  #best() {
    const gainOf = (/** @type {Cost} */ { before, after, count }) => (before - after) / count;
    const seen = [...this.#costs.values()].filter(cost => cost.count >= LEAST && gainOf(cost) > 0);
    return seen.sort((a, b) => gainOf(b) - gainOf(a)).slice(0, LISTED);
  }

  #sentence() {
    const { words } = this.#desk;
    const { before, after, count } = this.#sums;
    if (!count) return "";
    const values = [before, after, before - after].map(bits => short(words, bits / count, 3));
    return words.say("gain.said", { before: values[0], after: values[1], less: values[2] }, this.#frozen?.model.level);
  }

  /** @param {Cost} cost */
  #item({ place, before, after, count }) {
    const { words } = this.#desk;
    const [mean, learnt] = [before, after].map(bits => short(words, bits / count, 2));
    const text = /** @type {Branch} */ (this.#frozen).steps[place].text;
    const press = { type: "button", className: "plain", onclick: () => this.#choose(place), "data-place": place };
    const character = make("b", { textContent: nameOf(words, text) });
    return make("li", {}, make("button", press, character, ` ${words.say("gain.item", { before: mean, after: learnt, count })}`));
  }

  /** @param {number} endX @returns {import("../../views/curve.js").CurveData} */
  #curveData(endX) {
    const { say, number } = this.#desk.words;
    return {
      curves: [
        { key: "training", name: say("gain.frozen"), points: this.#points.before },
        { key: "heldout", name: say("gain.learning"), points: this.#points.after },
      ],
      references: [],
      best: null,
      height: HEIGHT,
      endX,
      nameOfX: x => number(x),
      nameOfY: y => short(this.#desk.words, y, 2),
      words: { x: say("gain.x"), y: say("gain.y"), table: say("why.table"), description: say("gain.curve") },
    };
  }
}
