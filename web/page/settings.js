// SPDX-License-Identifier: MIT
//
// settings.js - the state of the page as a table, and its way into the address's hash and back.
// What equals its default is not in the hash; what the hash has wrong falls back to the default.

/**
 * @typedef {object} Settings
 * @property {string} network name of a network of weights/index.json
 * @property {string | null} prompt null: the network's own
 * @property {number} temperature 0 or more
 * @property {number} topK only the most probable so many; 0: all
 * @property {number} topP only the fewest that reach this probability together; 1: all
 * @property {number} seed 0 to 2^32 - 1
 * @property {number} length characters to write
 * @property {number} speed characters a second; 0: as fast as it can
 * @property {string} path what was changed and chosen on the way, see eventsToText(); "": nothing
 * @property {number} at place of the whole text that is shown; -1: the last one
 * @property {string} view "write", "temperatures", "score" or "train"
 * @property {string} panel "why", "cell" or "branches"
 * @property {string} tint what colours the text: "surprisal", "entropy", "rank", "unit", "copied" or "none"
 * @property {number} unit the hidden unit that is looked at
 * @property {string} temperatures of the streams that are written together, by commas
 * @property {string} text to score
 * @property {string} language tag of a language of lang/
 * @property {string} hide parts that a teacher takes away, by commas: the data-part of the page's elements
 * @property {string} lock parts that a teacher fixes, likewise
 */

/** How a setting is read from text: its value, or undefined if the text is none. */
const readers = {
  /** @param {string} text */
  text: text => text,
  /** @param {string} text */
  whole: text => (/^\d{1,10}$/.test(text) ? Number(text) : undefined),
  /** @param {string} text a decimal comma is taken too */
  number: text => (/^\s*\+?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text.replace(",", ".")) : undefined),
};

/** @type {{ name: keyof Settings, type: keyof typeof readers, least?: number, most?: number, among?: string[] }[]} */
export const table = [
  { name: "network", type: "text" },
  { name: "prompt", type: "text" },
  { name: "temperature", type: "number", least: 0, most: Infinity },
  { name: "topK", type: "whole", least: 0, most: 100_000 },
  { name: "topP", type: "number", least: 0, most: 1 },
  { name: "seed", type: "whole", least: 0, most: 2 ** 32 - 1 },
  { name: "length", type: "whole", least: 0, most: 100_000 },
  { name: "speed", type: "whole", least: 0, most: 100_000 },
  { name: "path", type: "text" },
  { name: "at", type: "whole", least: 0, most: 200_000 },
  { name: "view", type: "text", among: ["write", "temperatures", "score", "train"] },
  { name: "panel", type: "text", among: ["why", "cell", "branches"] },
  { name: "tint", type: "text", among: ["surprisal", "entropy", "rank", "unit", "copied", "none"] },
  { name: "unit", type: "whole", least: 0, most: 4095 },
  { name: "temperatures", type: "text" },
  { name: "text", type: "text" },
  { name: "language", type: "text" },
  { name: "hide", type: "text" },
  { name: "lock", type: "text" },
];

/** @type {Readonly<Settings>} */
export const defaults = Object.freeze({
  network: "",
  prompt: null,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  seed: 1,
  length: 400,
  speed: 30,
  path: "",
  at: -1,
  view: "write",
  panel: "why",
  tint: "surprisal",
  unit: 0,
  temperatures: "0.3,0.8,1,1.3,1.8",
  text: "",
  language: "",
  hide: "",
  lock: "",
});

/** The reader's wish for the next character. @param {Settings} settings */
export const samplingOf = ({ temperature, topK, topP }) => ({ temperature, topK, topP });

/**
 * The value that a text means for a setting, or undefined.
 * @param {keyof Settings} name
 * @param {string} text
 * @returns {any}
 */
export function read(name, text) {
  const row = table.find(row => row.name === name);
  const value = row && readers[row.type](text);
  if (typeof value === "number" && !(value >= (row?.least ?? 0) && value <= (row?.most ?? 0))) return undefined;
  if (row?.among && !row.among.includes(String(value))) return undefined;
  return value;
}

const MOST_STREAMS = 8;

/**
 * The temperatures that a list means, or undefined if it is none.
 * @param {string} text parted by blanks or semicolons, else by commas
 * @returns {number[] | undefined} 1 to MOST_STREAMS
 */
export function readTemperatures(text) {
  const separator = /[\s;]/.test(text.trim()) ? /,?[\s;]+/ : ",";
  const list = text
    .trim()
    .split(separator)
    .map(each => read("temperature", each));
  return list.length <= MOST_STREAMS && !list.includes(undefined) ? list : undefined;
}

/** The largest value of a number. @param {keyof Settings} name */
export function mostOf(name) {
  return table.find(row => row.name === name)?.most ?? Infinity;
}

/** @param {string} hash @returns {Settings} */
export function fromHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {any} */
  const settings = { ...defaults };
  for (const { name } of table) {
    const text = given.get(name);
    if (text !== null) settings[name] = read(name, text) ?? defaults[name];
  }
  return settings;
}

const LINKED = 2000; // a longer text would make an address that is cut somewhere

/** @param {Settings} settings */
export function toHash(settings) {
  const given = new URLSearchParams();
  for (const { name } of table) {
    const text = String(settings[name]);
    if (settings[name] !== defaults[name] && text.length <= LINKED) given.set(name, text);
  }
  return `#${given}`;
}
