// SPDX-License-Identifier: MIT
//
// settings.js - the state of the page as a table, and its way into the address's hash and back.
// What equals its default is not in the hash; what the hash has wrong falls back to the default.

/**
 * @typedef {object} Settings
 * @property {string} network name of a network of weights/index.json
 * @property {string | null} prompt null: the network's own
 * @property {number} temperature 0 or more
 * @property {number} seed 0 to 2^32 - 1
 * @property {number} length characters to write
 * @property {number} speed characters a second; 0: as fast as it can
 * @property {string} language "en" or "ru"
 * @property {string} hide parts that a teacher takes away, by commas: network, prompt, temperature, more, facts
 */

/** How a setting is read from text: its value, or undefined if the text is none. */
const readers = {
  /** @param {string} text */
  text: (text) => text,
  /** @param {string} text */
  whole: (text) => (/^\d{1,10}$/.test(text) ? Number(text) : undefined),
  /** @param {string} text a decimal comma is taken too */
  number: (text) => (/^\s*\+?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text.replace(",", ".")) : undefined),
};

/** @type {{ name: keyof Settings, type: keyof typeof readers, least?: number, most?: number }[]} */
export const table = [
  { name: "network", type: "text" },
  { name: "prompt", type: "text" },
  { name: "temperature", type: "number", least: 0, most: Infinity },
  { name: "seed", type: "whole", least: 0, most: 2 ** 32 - 1 },
  { name: "length", type: "whole", least: 0, most: 100_000 },
  { name: "speed", type: "whole", least: 0, most: 100_000 },
  { name: "language", type: "text" },
  { name: "hide", type: "text" },
];

/** @type {Readonly<Settings>} */
export const defaults = Object.freeze({ network: "", prompt: null, temperature: 0.8, seed: 1, length: 400, speed: 30, language: "", hide: "" });

/**
 * The value that a text means for a setting, or undefined.
 * @param {keyof Settings} name
 * @param {string} text
 * @returns {any}
 */
export function read(name, text) {
  const row = table.find((row) => row.name === name);
  const value = row && readers[row.type](text);
  if (typeof value === "number" && !(value >= (row?.least ?? 0) && value <= (row?.most ?? 0))) return undefined;
  return value;
}

/** The largest value of a number. @param {keyof Settings} name */
export function mostOf(name) {
  return table.find((row) => row.name === name)?.most ?? Infinity;
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
