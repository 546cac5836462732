// SPDX-License-Identifier: MIT
//
// cell.js - the panel "Inside the cell": the hidden units about the character that is shown, and the best guesses there.
import { asLearnt, nameOf, probability, short, signOf } from "./describe.js";
import { style } from "./elements.js";
import { percent, say } from "./words.js";
import { at, page } from "./desk.js";
import { cellsOf } from "../story/trace.js";
import { findUnits } from "../story/units.js";
import { draw as drawCell } from "../views/activations.js";
import { draw as drawGuesses } from "../views/guesses.js";

/** @typedef {import("../story/story.js").Branch} Branch */

const places = { cell: at("cell", HTMLElement), guesses: at("guesses", HTMLElement) };
const WINDOW = { before: 110, after: 40 }; // characters of the strip about the one that is shown
const GUESSED = { before: 24, after: 8 };
const GUESSES = 5; // of each character

await style("../views/activations.css");

/** @param {import("./panel.js").Shown | null} shown @param {import("./panel.js").Events} events */
export function draw(shown, events) {
  if (!shown) {
    places.cell.replaceChildren();
    places.guesses.replaceChildren();
    return;
  }
  const from = Math.max(0, shown.place - WINDOW.before);
  drawCell(places.cell, cellData(shown.branch, from, shown.place), (unit, index) => {
    events.unitChosen(unit);
    if (from + index !== shown.place) events.choosePlace(from + index);
    draw({ ...shown, place: from + index }, events);
  });
  drawGuesses(places.guesses, guessData(shown.branch, shown.place), events.choosePlace);
}

/** @param {Branch} branch @param {number} from @param {number} place @returns {import("../views/activations.js").CellData} */
function cellData(branch, from, place) {
  const { model, steps } = branch;
  const H = model.hidden;
  const to = Math.min(steps.length, place + WINDOW.after);
  const selected = place - from;
  const cells = cellsOf(branch, from, to, place);
  const texts = steps.slice(from, to).map(step => model.vocabulary[step.id]);
  const unit = page.settings.tint === "unit" ? Math.min(page.settings.unit, H - 1) : -1;
  const h = unit < 0 ? 0 : cells.values[selected * H + unit];
  return {
    hidden: H,
    characters: texts.map((text, i) => ({ name: nameOf(text), sign: signOf(text), place: from + i })),
    values: cells.values,
    selected,
    unit,
    gates: unit < 0 ? [] : gatesOf(model.cell, H, unit, cells, h),
    order: Int32Array.from({ length: H }, (_, i) => i),
    finders: findUnits(cells.values, texts, H).map(({ key, unit, correlation }) => ({
      key,
      unit,
      label: say(`cell.finder.${key}`),
      strength: percent(Math.abs(correlation)),
    })),
    words: cellWords(unit, texts[selected], h, H),
  };
}

/** Names and ranges of the gates, block after block. @type {Record<string, { symbol: string, least: number }[]>} */
const GATES = {
  lstm: [
    { symbol: "i", least: 0 },
    { symbol: "f", least: 0 },
    { symbol: "g", least: -1 },
    { symbol: "o", least: 0 },
  ],
  gru: [
    { symbol: "r", least: 0 },
    { symbol: "z", least: 0 },
    { symbol: "n", least: -1 },
  ],
  tanh: [],
};

/** @param {string} cell @param {number} H @param {number} unit @param {{ gates: Float32Array, c: Float32Array }} cells @param {number} h */
function gatesOf(cell, H, unit, { gates, c }, h) {
  const rows = GATES[cell].map(({ symbol, least }, block) => ({ symbol, least, value: gates[block * H + unit] }));
  if (c.length) rows.push({ symbol: "c", least: -1, value: c[unit] });
  rows.push({ symbol: "h", least: -1, value: h });
  return rows.map(({ symbol, least, value }) => ({ symbol, least, value, name: say(`cell.gate.${symbol}`), text: short(value) }));
}

/**
 * @param {number} unit -1: none
 * @param {string} character
 * @param {number} h
 * @param {number} hidden
 * @returns {import("../views/activations.js").CellWords}
 */
function cellWords(unit, character, h, hidden) {
  const values = { unit, character: nameOf(character), value: short(h) };
  return {
    unit: say("cell.unit"),
    of: say("cell.of", { last: hidden - 1 }),
    clear: say("cell.clear"),
    strip: say("cell.strip"),
    value: say(unit < 0 ? "cell.value.none" : "cell.value", values),
    help: say("cell.help"),
    low: say("cell.low"),
    high: say("cell.high"),
    trace: say("cell.trace", values),
    gates: say("cell.gates", values),
    finders: say("cell.finders"),
    table: say("cell.table"),
    character: say("cell.character"),
    h: say("cell.h", values),
  };
}

/** @param {Branch} branch @param {number} from @param {number} to @returns {import("../views/guesses.js").GuessColumn[]} */
function guesses(branch, from, to) {
  return branch.steps.slice(from, to).map((step, i) => {
    const best = step.top(GUESSES, asLearnt(step));
    return {
      place: from + i,
      name: nameOf(step.text),
      sign: signOf(step.text),
      guesses: best.map(({ id, text, p }) => ({ name: nameOf(text), sign: signOf(text), p, text: probability(p), chosen: id === step.id })),
    };
  });
}

/** @param {Branch} branch @param {number} place @returns {import("../views/guesses.js").GuessData} */
function guessData(branch, place) {
  const from = Math.max(0, place - GUESSED.before);
  const to = Math.min(branch.steps.length, place + GUESSED.after);
  return { columns: guesses(branch, from, to), selected: place, words: guessWords() };
}

/** @returns {import("../views/guesses.js").GuessData["words"]} */
function guessWords() {
  return {
    region: say("guesses.region"),
    came: say("guesses.came"),
    guess: [1, 2, 3, 4, 5].map(n => say(`guesses.${n}`)),
    chosen: say("guesses.chosen"),
  };
}
