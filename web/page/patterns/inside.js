// SPDX-License-Identifier: MIT
//
// inside.js - what is behind the units of a network that answers: the best labels of each, all hidden units and the gates of one, and
// beside it what another network of the same task thinks. Fetched when a unit is pressed.
import { cellWords, gatesOf, guessWords } from "../text/cell.js";
import { bestOf } from "./depict.js";
import { nameOf, signOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { clear as clearCell, draw as drawCell } from "../../views/activations.js";
import { clear as clearGuesses, draw as drawGuesses } from "../../views/guesses.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").Words} Words */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../../core/pattern.js").Pattern} Pattern */
/** @typedef {import("../../core/pattern.js").Unit} Unit */
/** @typedef {{ network: Answering, units: Unit[] }} Asked */

const GUESSES = 5; // of each unit

export class Inside {
  element;
  #unit = -1; // the hidden unit that is looked at; -1: none
  #desk;
  #select;
  #parts;

  /** @param {Desk} desk @param {(at: number) => void} select a unit of the row */
  constructor(desk, select) {
    const { worded } = elementsOf(desk);
    const { id } = desk;
    const titled = (/** @type {string} */ key, /** @type {Node[]} */ ...content) => make("section", {}, worded("h3", key), ...content);
    this.#desk = desk;
    this.#select = select;
    const cell = make("div", { id: id("unit-cell"), className: "cell" });
    const guesses = make("div", { id: id("unit-guesses") });
    const losses = make("div", { id: id("losses") });
    const beside = titled("losses", worded("p", "losses.note", { className: "note" }), losses);
    const within = titled("unit.inside", cell);
    this.#parts = { cell, guesses, losses, beside, within };
    this.element = make("div", { className: "inside" }, beside, within, titled("unit.guesses", guesses));
  }

  /** @param {Asked} asked @param {Asked | null} rival @param {number} selected */
  show(asked, rival, selected) {
    const { words } = this.#desk;
    const { cell, guesses, losses, beside, within } = this.#parts;
    const { network, units } = asked;
    drawGuesses(guesses, guessesOf(words, network, units, selected), this.#select);
    beside.hidden = rival?.units.length !== units.length;
    if (rival && !beside.hidden) {
      const two = [
        { name: words.say("losses.each"), ...rival },
        { name: words.say("losses.last"), ...asked },
      ];
      drawGuesses(losses, besideOf(words, two, selected), this.#select);
    }
    within.hidden = network.pattern === "one-to-one";
    if (network.pattern === "one-to-one") return;
    const data = cellOf(words, network, units, selected, Math.min(this.#unit, network.hidden - 1));
    drawCell(cell, data, (unit, at) => {
      this.#unit = unit;
      this.#select(at);
    });
  }

  free() {
    const { cell, guesses, losses } = this.#parts;
    clearCell(cell);
    clearGuesses(guesses);
    clearGuesses(losses);
  }
}

/**
 * @param {Words} words @param {import("../../core/pattern.js").Pattern} network @param {Unit[]} units @param {number} selected
 * @param {number} unit the hidden unit that is looked at; -1: none
 * @returns {import("../../views/activations.js").CellData}
 */
function cellOf(words, { hidden, cell }, units, selected, unit) {
  const values = new Float32Array(units.length * hidden);
  units.forEach(({ h }, at) => values.set(h, at * hidden));
  const textAt = (/** @type {number} */ at) => units[at].token ?? units[at].label ?? "";
  const { gates, c } = units[selected];
  const h = unit < 0 ? 0 : values[selected * hidden + unit];
  return {
    hidden,
    characters: units.map((_, at) => ({ name: nameOf(words, textAt(at)), sign: signOf(textAt(at)), place: at })),
    values,
    selected,
    unit,
    gates: unit < 0 ? [] : gatesOf(words, cell, { gates, c }, { hidden, unit, h }),
    order: Int32Array.from({ length: hidden }, (_, i) => i),
    finders: [],
    words: { ...cellWords(words, unit, textAt(selected), h, hidden), finders: "", help: words.say("unit.help") },
  };
}

/**
 * The five best labels at each unit that writes.
 * @param {Words} words @param {Answering} network @param {Unit[]} units @param {number} selected
 * @returns {import("../../views/guesses.js").GuessData}
 */
function guessesOf(words, network, units, selected) {
  const writing = [...units.keys()].filter(at => units[at].probs);
  const columns = writing.map(at => {
    const { token } = units[at];
    const name = token === null ? words.say("unit.nothing") : nameOf(words, token);
    return { place: at, name, sign: token === null ? "·" : signOf(token), guesses: bestOf(words, network, units[at], GUESSES) };
  });
  return { columns, selected, words: { ...guessWords(words), region: words.say("unit.guesses"), came: words.say("unit.read") } };
}

/**
 * What two networks think behind each unit, one below the other.
 * @param {Words} words @param {{ name: string, network: Answering, units: Unit[] }[]} two @param {number} selected
 * @returns {import("../../views/guesses.js").GuessData}
 */
function besideOf(words, two, selected) {
  const columns = two[0].units.map(({ token }, at) => ({
    place: at,
    name: nameOf(words, token ?? ""),
    sign: signOf(token ?? ""),
    guesses: two.map(({ network, units }) => ({ ...bestOf(words, network, units[at], 1)[0], chosen: false })),
  }));
  const guess = two.map(({ name }) => name);
  return { columns, selected, words: { ...guessWords(words), region: words.say("losses"), came: words.say("unit.read"), guess } };
}
