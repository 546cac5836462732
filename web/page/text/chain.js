// SPDX-License-Identifier: MIT
//
// chain.js - the panel "The row of cells": the network unrolled over the last characters, as in the lesson's picture of generation.
import { nameOf, probability, short, signOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { soon } from "../soon.js";
import { Cells } from "../../story/trace.js";
import { clear as clearRow, draw as drawRow, drawBand } from "../../views/unrolled.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../contract.js").Shown} Shown */
/** @typedef {import("../contract.js").Words} Words */
/** @typedef {import("../../story/story.js").Branch} Branch */

const CELLS = 10; // in the row
const NEAR = 10; // characters that are read at once; what takes more comes a moment later

/** @param {HTMLElement} root @param {Desk} desk @returns {Promise<View>} */
export async function mount(root, desk) {
  await Promise.all([desk.words.more("guide"), desk.style("../views/unrolled.css")]);
  return new Chain(root, desk);
}

/** @implements {View} */
class Chain {
  #root;
  #desk;
  #parts;
  #drawing;
  #cells = new Cells();
  /** @type {{ branch: Branch | null, from: number }} what the row showed last */
  #last = { branch: null, from: 0 };

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    this.#drawing = soon(root, () => this.#draw());
  }

  #build() {
    const { id } = this.#desk;
    const { worded, folded } = elementsOf(this.#desk);
    const row = make("div", { id: id("chain") });
    const cell = make("p", { id: id("chain-cell"), className: "chain-cell" });
    const band = make("div", { className: "band", ariaHidden: "true" });
    const table = make("table", {});
    const box = make("div", { role: "region", tabIndex: 0, "data-label": "chain.table" }, table);
    const details = folded("chain.table", false, box);
    details.ontoggle = () => this.#draw();
    this.#root.replaceChildren(row, cell, band, worded("p", "chain.note", { className: "note" }), details);
    return { row, cell, band, table, details };
  }

  show() {
    const { shown } = this.#desk;
    if (!shown) return this.#draw();
    const from = this.#firstOf(shown);
    if (shown.place < shown.branch.openFrom) return this.#draw();
    if (this.#cells.missing(shown.branch, from, this.#endOf(shown, from)) > NEAR) this.#drawing.ask();
    else this.#draw();
  }

  stop() {
    this.#drawing.stop();
  }

  free() {
    this.#drawing.stop();
    clearRow(this.#parts.row);
    this.#root.replaceChildren();
  }

  #draw() {
    const { shown, words, writing, choosePlace } = this.#desk;
    const { row, cell, band } = this.#parts;
    this.#drawing.stop();
    const isClosed = shown !== null && shown.place < shown.branch.openFrom;
    band.hidden = !shown || isClosed;
    if (!shown || isClosed) {
      clearRow(row);
      cell.textContent = words.say(isClosed ? "cell.closed" : "why.none");
      return this.#drawTable([]);
    }
    const { branch, place } = shown;
    const from = this.#firstOf(shown);
    const states = this.#cells.of(branch, from, this.#endOf(shown, from));
    const columns = states.map((state, i) => columnOf(words, branch, from + i, state));
    const state = states[place - from];
    this.#last = { branch, from };
    drawRow(row, { columns, selected: place - from, follow: writing.isWorking, words: { region: words.say("chain.title") } }, at =>
      choosePlace(from + at),
    );
    cell.textContent = stateNote(words, branch, place, state);
    drawBand(band, [state]);
    this.#drawTable(columns.map(({ read, written, p }, i) => [words.number(from + i + 1), read, written, p]));
  }

  /** The row stays while the place that is looked at is within, and not at an edge where the text goes on. @param {Shown} shown */
  #firstOf({ branch, place }) {
    const first = branch.openFrom;
    const end = Math.max(first, branch.steps.length - CELLS);
    const { from } = this.#last;
    if (place === branch.steps.length - 1) return end;
    const isWithin = branch === this.#last.branch && place < from + CELLS - 1 && place >= from + (from > first ? 1 : 0);
    return Math.min(end, isWithin ? from : Math.max(first, place - CELLS / 2));
  }

  /** @param {Shown} shown @param {number} from */
  #endOf({ branch }, from) {
    return Math.min(branch.steps.length, from + CELLS);
  }

  /** Only an open table is kept up to date. @param {string[][]} rows */
  #drawTable(rows) {
    const { table, details } = this.#parts;
    if (!details.open) return;
    const { say } = this.#desk.words;
    const heads = ["number", "read", "came", "p"].map(key => make("th", { scope: "col", textContent: say(`chain.head.${key}`) }));
    table.replaceChildren(
      make("tr", {}, ...heads),
      ...rows.map(cells => make("tr", {}, ...cells.map(textContent => make("td", { textContent })))),
    );
  }
}

/** What stands for a token where there is room for a few letters. @param {Words} words @param {string} text */
const signed = (words, text) => signOf(text) ?? nameOf(words, text);

/**
 * The cell that reads the character at a place, and what came of it.
 * @param {Words} words @param {Branch} branch @param {number} place @param {Float32Array} state
 * @returns {import("../../views/unrolled.js").Column}
 */
function columnOf(words, branch, place, state) {
  const { say, number } = words;
  const { steps, given } = branch;
  const read = steps[place].text;
  const next = steps[place + 1];
  const isSilent = place < given - 1;
  const share = next && !isSilent ? 2 ** -next.surprisal : 0;
  const p = next && !isSilent ? probability(words, share) : "";
  const writes = isSilent
    ? say("chain.silent")
    : next
      ? say(next.u === null ? "chain.byhand" : "chain.came", { character: nameOf(words, next.text), p })
      : say("chain.open");
  return {
    read: signed(words, read),
    written: isSilent ? "" : next ? signed(words, next.text) : "?",
    p: isSilent ? say("chain.read") : p,
    share,
    state,
    isFirst: place === 0,
    from: place < given ? "given" : "fed",
    label: say("chain.label", { number: number(place + 1), character: nameOf(words, read), writes }),
  };
}

/** What the state of a cell is. @param {Words} words @param {Branch} branch @param {number} place @param {Float32Array} state */
function stateNote(words, { steps }, place, state) {
  const { say } = words;
  const [least, most] = [Math.min(...state), Math.max(...state)].map(value => short(words, value));
  return say("chain.state", { character: nameOf(words, steps[place].text), count: state.length, least, most });
}
