// SPDX-License-Identifier: MIT
//
// cell.js - the panel "Inside the cell": the hidden units about the character that is shown, and the best guesses there.
import { asLearnt, nameOf, probability, short, signOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { soon } from "../soon.js";
import { cellsOf } from "../../story/trace.js";
import { findUnits } from "../../story/units.js";
import { clear as clearCell, draw as drawCell } from "../../views/activations.js";
import { clear as clearGuesses, draw as drawGuesses } from "../../views/guesses.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").Words} Words */
/** @typedef {import("../../story/story.js").Branch} Branch */

const WINDOW = { before: 110, after: 40 }; // characters of the strip about the one that is shown
const GUESSED = { before: 24, after: 8 };
const GUESSES = 5; // of each character

/** @param {HTMLElement} root @param {Desk} desk @returns {Promise<import("../contract.js").View>} */
export async function mount(root, desk) {
  const closed = elementsOf(desk).worded("p", "cell.closed", { id: desk.id("cell-closed"), className: "note", hidden: true });
  const cell = make("div", { id: desk.id("cell"), className: "cell" });
  const guesses = make("div", { id: desk.id("guesses") });
  const drawing = soon(root, show);
  await desk.style("../views/activations.css");
  root.replaceChildren(closed, cell, guesses);

  function show() {
    drawing.stop();
    const { shown, words } = desk;
    const first = shown ? shown.branch.openFrom : 0;
    closed.hidden = !shown || shown.place >= first;
    if (!shown || !closed.hidden) return clear();
    const from = Math.max(first, shown.place - WINDOW.before);
    drawCell(cell, cellData(desk, shown.branch, from, shown.place), (unit, index) => choose(unit, from + index));
    drawGuesses(guesses, guessData(words, shown.branch, shown.place), place => choosePlace(place));
  }

  function clear() {
    clearCell(cell);
    clearGuesses(guesses);
  }

  /** What the reader does is drawn at once. @param {number} unit -1: none @param {number} place */
  function choose(unit, place) {
    desk.change(unit < 0 ? { tint: "surprisal" } : { unit, tint: "unit" });
    choosePlace(place);
  }

  /** @param {number} place */
  function choosePlace(place) {
    if (place !== desk.shown?.place) desk.choosePlace(place);
    show();
  }

  return {
    show: drawing.ask,
    stop: drawing.stop,
    free() {
      drawing.stop();
      clear();
      root.replaceChildren();
    },
  };
}

/**
 * @param {Desk} desk @param {Branch} branch @param {number} from @param {number} place
 * @returns {import("../../views/activations.js").CellData}
 */
function cellData({ settings, words }, branch, from, place) {
  const { model, steps } = branch;
  const H = model.hidden;
  const to = Math.min(steps.length, place + WINDOW.after);
  const selected = place - from;
  const cells = cellsOf(branch, from, to, place);
  const texts = steps.slice(from, to).map(step => model.vocabulary[step.id]);
  const unit = settings.now.tint === "unit" ? Math.min(settings.now.unit, H - 1) : -1;
  const h = unit < 0 ? 0 : cells.values[selected * H + unit];
  return {
    hidden: H,
    characters: texts.map((text, i) => ({ name: nameOf(words, text), sign: signOf(text), place: from + i })),
    values: cells.values,
    selected,
    unit,
    gates: unit < 0 ? [] : gatesOf(words, model.cell, cells, { hidden: H, unit, h }),
    order: Int32Array.from({ length: H }, (_, i) => i),
    finders: findUnits(cells.values, texts, H).map(({ key, unit, correlation }) => ({
      key,
      unit,
      label: words.say(`cell.finder.${key}`),
      strength: words.percent(Math.abs(correlation)),
    })),
    words: cellWords(words, unit, texts[selected], h, H),
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

/**
 * @param {Words} words @param {string} cell
 * @param {{ gates: Float32Array, c: Float32Array }} values
 * @param {{ hidden: number, unit: number, h: number }} of which unit, and its h
 */
export function gatesOf(words, cell, { gates, c }, { hidden, unit, h }) {
  const rows = GATES[cell].map(({ symbol, least }, block) => ({ symbol, least, value: gates[block * hidden + unit] }));
  if (c.length) rows.push({ symbol: "c", least: -1, value: c[unit] });
  rows.push({ symbol: "h", least: -1, value: h });
  return rows.map(row => ({ ...row, name: words.say(`cell.gate.${row.symbol}`), text: short(words, row.value) }));
}

/**
 * @param {Words} words
 * @param {number} unit -1: none
 * @param {string} character
 * @param {number} h
 * @param {number} hidden
 * @returns {import("../../views/activations.js").CellWords}
 */
export function cellWords(words, unit, character, h, hidden) {
  const { say } = words;
  const values = { unit, character: nameOf(words, character), value: short(words, h) };
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

/**
 * @param {Words} words @param {Branch} branch @param {number} from @param {number} to
 * @returns {import("../../views/guesses.js").GuessColumn[]}
 */
function columnsOf(words, branch, from, to) {
  return branch.steps.slice(from, to).map((step, i) => {
    const best = step.top(GUESSES, asLearnt(step));
    return {
      place: from + i,
      name: nameOf(words, step.text),
      sign: signOf(step.text),
      guesses: best.map(({ id, text, p }) => ({
        name: nameOf(words, text),
        sign: signOf(text),
        p,
        text: probability(words, p),
        chosen: id === step.id,
      })),
    };
  });
}

/** @param {Words} words @param {Branch} branch @param {number} place @returns {import("../../views/guesses.js").GuessData} */
function guessData(words, branch, place) {
  const from = Math.max(0, place - GUESSED.before);
  const to = Math.min(branch.steps.length, place + GUESSED.after);
  return { columns: columnsOf(words, branch, from, to), selected: place, words: guessWords(words) };
}

/** @param {Words} words @returns {import("../../views/guesses.js").GuessData["words"]} */
export function guessWords({ say }) {
  return {
    region: say("guesses.region"),
    came: say("guesses.came"),
    guess: [1, 2, 3, 4, 5].map(n => say(`guesses.${n}`)),
    chosen: say("guesses.chosen"),
  };
}
