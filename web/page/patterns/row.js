// SPDX-License-Identifier: MIT
//
// row.js - the units of a network that answers as a row, and of the one that is looked at: what it writes, and (inside.js) what is
// behind it.
import { columnsOf, distributionOf, rowsOf } from "./depict.js";
import { elementsOf, make } from "../elements.js";
import { draw as drawDistribution } from "../../views/distribution.js";
import { clear as clearUnrolled, draw as drawUnrolled } from "../../views/unrolled.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../../core/pattern.js").Unit} Unit */

/**
 * What is in the row.
 * @typedef {object} Shown
 * @property {Unit[]} units
 * @property {Unit[]} beside of the rival
 * @property {number} temperature that what is written is drawn at; 0: the best is taken
 * @property {boolean} isPlayed they still come, one after the other
 * @property {boolean} isChanged another state is handed over than the input's own
 */

export class Row {
  element = make("section", {});
  /** @type {Shown} */
  #shown = { units: [], beside: [], temperature: 0, isPlayed: false, isChanged: false };
  #selected = -1; // -1: the one that shows the pattern best
  /** @type {import("./inside.js").Inside | null} null: not fetched yet */
  #inside = null;
  #isFreed = false;
  #desk;
  #network;
  #rival;
  #parts;

  /** @param {Desk} desk @param {Answering} network @param {import("../../core/pattern.js").Pattern | null} rival that is seen beside it */
  constructor(desk, network, rival) {
    this.#desk = desk;
    this.#network = network;
    this.#rival = rival;
    this.#parts = this.#build();
    if (rival) this.#lookInside();
  }

  #build() {
    const { id } = this.#desk;
    const { worded, folded } = elementsOf(this.#desk);
    const made = (/** @type {string} */ name, /** @type {Record<string, any>} */ more = {}) => make("div", { id: id(name), ...more });
    const unrolled = made("unrolled");
    const distribution = made("unit-distribution", {
      className: "distribution",
      onclick: (/** @type {Event} */ event) => this.#copy(event),
    });
    const inside = made("inside");
    const table = make("table", {});
    const box = make("div", { className: "units-table", role: "region", tabIndex: 0, "data-label": "unit.table" }, table);
    const details = folded("unit.table", false, box);
    details.ontoggle = () => this.#drawTable();
    const note = worded("p", `unrolled.${this.#network.pattern}`, { className: "note" });
    this.element.append(worded("h3", "unit.title"), note, unrolled);
    const behind = make("section", {}, worded("h3", "unit.distribution"), distribution);
    return { unrolled, distribution, inside, table, details, behind };
  }

  /** What lies below the row, in order. */
  get below() {
    const { behind, inside, details } = this.#parts;
    return [behind, inside, details];
  }

  /** @param {Shown} shown */
  show(shown) {
    if (shown.units !== this.#shown.units) this.#selected = -1;
    this.#shown = shown;
    this.#draw();
  }

  free() {
    this.#isFreed = true;
    this.#inside?.free();
    clearUnrolled(this.#parts.unrolled);
  }

  // ---- drawing ----

  #draw() {
    const { words } = this.#desk;
    const { units, isPlayed, isChanged } = this.#shown;
    const columns = columnsOf(words, this.#network, units);
    this.#parts.unrolled.classList.toggle("changed", isChanged);
    const data = { columns, selected: this.#place, follow: isPlayed, words: { region: words.say("unit.title") } };
    drawUnrolled(this.#parts.unrolled, data, at => this.#select(at));
    this.#drawBehind();
    this.#drawTable();
  }

  /** The unit that is looked at: the chosen one, or where the state is handed over, or the last one that came. */
  get #place() {
    const { units, isPlayed } = this.#shown;
    if (this.#selected >= 0) return Math.min(this.#selected, units.length - 1);
    const first = this.#network.end < 0 || isPlayed ? -1 : units.findIndex(({ probs }) => probs);
    return first < 0 ? units.length - 1 : first;
  }

  #drawBehind() {
    const { say } = this.#desk.words;
    const { distribution, inside } = this.#parts;
    const { units, beside, temperature } = this.#shown;
    const unit = units[this.#place];
    distribution.classList.toggle("single", [0, 1].includes(temperature));
    drawDistribution(distribution, unit?.probs ? this.#distributionOf(unit) : null, say(unit ? "unit.silent" : "answer.none"));
    inside.hidden = !unit;
    const rival = this.#rival && { network: this.#rival, units: beside };
    if (unit) this.#inside?.show({ network: this.#network, units }, rival, this.#place);
  }

  /** Only an open table is kept up to date. */
  #drawTable() {
    const { words } = this.#desk;
    const { table, details } = this.#parts;
    if (!details.open) return;
    const heads = ["number", "stack", "read", "written", "p", "next"].map(key => words.say(`unit.head.${key}`));
    const rows = rowsOf(words, this.#network, this.#shown.units).map(cells => rowOf("td", cells));
    table.replaceChildren(rowOf("th", heads), ...rows);
  }

  /** @param {Unit} unit that writes */
  #distributionOf(unit) {
    return distributionOf(this.#desk.words, this.#network, unit, this.#shown.temperature);
  }

  // ---- what the reader does ----

  /** @param {number} at */
  #select(at) {
    this.#selected = at;
    this.#draw();
    if (!this.#inside) this.#lookInside();
  }

  /** What is behind the units is fetched when one is pressed. */
  async #lookInside() {
    const { words, trouble, style } = this.#desk;
    try {
      const [{ Inside }] = await Promise.all([import("./inside.js"), words.more(), style("../views/activations.css")]);
      if (this.#inside || this.#isFreed) return;
      this.#inside = new Inside(this.#desk, at => this.#select(at));
      this.#parts.inside.replaceChildren(this.#inside.element);
      this.#draw();
    } catch (error) {
      trouble(error);
    }
  }

  /** @param {Event} event */
  #copy({ target }) {
    const unit = this.#shown.units[this.#place];
    if (!(/** @type {Element} */ (target).closest(".csv")) || !unit?.probs) return;
    import("../text/csv.js").then(({ copyCsv }) => copyCsv(this.#desk, this.#distributionOf(unit))).catch(this.#desk.trouble);
  }
}

/** @param {"th" | "td"} tag @param {string[]} cells */
const rowOf = (tag, cells) =>
  make("tr", {}, ...cells.map(textContent => make(tag, { textContent, ...(tag === "th" && { scope: "col" }) })));
