// SPDX-License-Identifier: MIT
//
// known.js - what is known of a training, on its way and when it is over: a run, as the view Train shows it and compares it with others.
import { emptyHistory } from "../../trainer/history.js";

/** @typedef {import("../../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("../../trainer/messages.js").Progress} Progress */
/** @typedef {import("../../core/recipe.js").TrainSettings} Settings */

/**
 * @typedef {object} Known
 * @property {string} title of its text
 * @property {string} text
 * @property {Prepared | null} prepared
 * @property {Progress | null} progress
 * @property {import("../../trainer/history.js").History} course
 * @property {{ order: number, bits: number }[]} markov what counting reaches
 * @property {number} keptAt the update that the browser keeps; -1: none
 * @property {boolean} isUnkept whether the browser could not keep it
 * @property {string} notice where it is kept
 * @property {number} slot among the runs: how its line is drawn; -1: it has not begun
 * @property {boolean} isHidden whether the reader does not want to see its curve
 */

/** @param {string} title @param {string} text @returns {Known} */
export const nothingKnown = (title, text) => ({
  title,
  text,
  prepared: null,
  progress: null,
  course: emptyHistory(),
  markov: [],
  keptAt: -1,
  isUnkept: false,
  notice: "",
  slot: -1,
  isHidden: false,
});

const CELLS = { lstm: "LSTM", gru: "GRU", tanh: "RNN" };

/** LSTM 128, or LSTM 2 × 128 of two layers. @param {Pick<Settings, "cell" | "layers" | "hidden">} settings */
export const networkOf = ({ cell, layers, hidden }) => `${CELLS[cell]} ${layers > 1 ? `${layers} × ` : ""}${hidden}`;

/** @param {Known} known */
export const doneOf = ({ progress, prepared }) => progress?.done ?? prepared?.done ?? 0;

const FILE = /^([^,]+?)(?:\.\w{1,8})? \([\w-]+\)(?:, |$)/; // of several the first, without its ending and encoding

/** How a text is called. @param {string} source files or a ready text; "": it was pasted @param {string} text */
export function titleOf(source, text) {
  return FILE.exec(source)?.[1] ?? (source || firstWords(text));
}

/** A few of its own. @param {string} text */
export function firstWords(text) {
  const beginning = text.trimStart().slice(0, 200);
  return /^.{0,12}\S*\s/u.exec(beginning)?.[0].trimEnd() ?? "";
}
