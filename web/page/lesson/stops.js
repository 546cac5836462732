// SPDX-License-Identifier: MIT
//
// stops.js - the stops of the guided story: how each sets the desk up, and what it points at. Their words are lang/TAG.guide.json.

/**
 * @typedef {object} Stop
 * @property {string} key of its words, and in the address
 * @property {Partial<import("../contract.js").Settings>} settings others than the defaults
 * @property {string} [at] id of the element that it points at
 * @property {Question} [question] of the lesson's quizzes
 */

/**
 * A question of the lesson; its words are stop.KEY.question, .answer.1 and so on.
 * @typedef {object} Question
 * @property {number} answers how many there are to choose from
 * @property {number} right which one is, from 1
 * @property {Partial<import("../contract.js").Settings>} show sets the desk up so that the answer can be seen
 */

const SHAKESPEARE = { network: "shakespeare" };

/** @type {readonly Stop[]} */
export const stops = [
  { key: "hello", settings: { view: "hello" }, question: { answers: 3, right: 2, show: { view: "hello" } } },
  {
    key: "state",
    settings: { network: "course", prompt: "Today ", panel: "chain", length: 3 },
    at: "panel-chain",
    question: { answers: 2, right: 1, show: { network: "course", prompt: "Today ", panel: "chain", length: 60 } },
  },
  {
    key: "choose",
    settings: { ...SHAKESPEARE, prompt: "Play", temperature: 1, seed: 14, length: 0, panel: "guess" }, // what comes is guessed
    at: "panel-guess",
    question: { answers: 2, right: 1, show: { ...SHAKESPEARE, prompt: "Play", length: 300 } },
  },
  {
    key: "greedy",
    settings: { ...SHAKESPEARE, temperature: 0, length: 300 },
    at: "loop",
    question: { answers: 2, right: 2, show: { ...SHAKESPEARE, temperature: 0, length: 300 } },
  },
  { key: "temperature", settings: { ...SHAKESPEARE, temperature: 0.5, length: 200 }, at: "temperature" },
  { key: "dice", settings: { ...SHAKESPEARE, view: "temperatures", length: 200 }, at: "streams" },
  {
    key: "surprise",
    settings: {
      ...SHAKESPEARE,
      view: "score",
      text: "To be, or not to be, that is the qxestion:\nWhether 'tis nobler in the mind to suffer\nThe slings and arrows of outrageous",
    },
    at: "score-text",
  },
  { key: "cell", settings: { ...SHAKESPEARE, panel: "cell", tint: "unit", unit: 218, length: 300 }, at: "panel-cell" },
  { key: "counting", settings: { view: "counting" } },
  {
    key: "patterns",
    settings: { view: "patterns", pattern: "sequence" },
    at: "carry",
    question: { answers: 3, right: 1, show: { view: "patterns", pattern: "sequence" } },
  },
  { key: "teach", settings: { view: "train" }, question: { answers: 3, right: 3, show: { view: "patterns", pattern: "one-to-one" } } },
];

/** The place of a stop in the story; -1: there is none of that key. @param {string} key */
export const placeOfStop = key => stops.findIndex(stop => stop.key === key);

/** How a stop sets the desk up; {}: there is none of that key. @param {string} key @returns {Partial<import("../contract.js").Settings>} */
export const settingsOf = key => stops[placeOfStop(key)]?.settings ?? {};
