// SPDX-License-Identifier: MIT
//
// tasks.js - what a network can learn without a corpus: examples that are made here, and the settings that learn them soon. What the
// worker has not itself it makes with what the project ships: a network writes surnames, a text is written by networks.
import { digitExamples } from "../core/digits.js";
import { RnnError } from "../core/errors.js";
import { loadPattern } from "../core/pattern.js";
import { readBytes } from "../core/sources.js";
import { decoder } from "../core/wasm.js";
import { diceOf, parted } from "./dice.js";
import { digitNames, english, roman, russian } from "./numerals.js";

/** @typedef {import("../core/examples.js").ExampleSettings} ExampleSettings */
/** What is read, and what is to be answered; a picture as base64. @typedef {[input: string, answer: string]} Example */
/** No input stands in both. @typedef {{ train: Example[], heldOut: Example[] }} Examples */

/**
 * @typedef {object} Task
 * @property {ExampleSettings["pattern"]} pattern
 * @property {Partial<ExampleSettings>} settings
 * @property {() => Examples | Promise<Examples>} make
 */

// ---- numbers ----

/**
 * All numbers below 1,000 and many of each length above; 1,000 are held out, most of them of six digits.
 * @param {(n: number) => string} words
 */
function numbers(words) {
  const dice = diceOf();
  const of = (/** @type {number} */ from, /** @type {number} */ to) => from + Math.floor(dice() * (to - from));
  const drawn = (/** @type {number} */ count, /** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: count }, () => of(from, to));
  const heldOut = new Set([...drawn(600, 100_000, 1_000_000), ...drawn(200, 10_000, 100_000), ...drawn(200, 1000, 10_000)]);
  const small = Array.from({ length: 999 }, (_, i) => i + 1);
  const large = [...drawn(9000, 1000, 10_000), ...drawn(15_000, 10_000, 100_000), ...drawn(30_000, 100_000, 1_000_000)];
  const train = [...new Set([...small, ...large])].filter(n => !heldOut.has(n));
  const examples = (/** @type {Iterable<number>} */ list) => Array.from(list, n => /** @type {Example} */ ([String(n), words(n)]));
  return { train: examples(train), heldOut: examples(heldOut) };
}

/** 1 to 3999; 400 of those from 100 on are held out: of the few below, none could be learnt from the others. @returns {Examples} */
function romans() {
  const examples = Array.from({ length: 3999 }, (_, i) => /** @type {Example} */ ([String(i + 1), roman(i + 1)]));
  const { train, heldOut } = parted(examples.slice(99), 400);
  return { train: [...examples.slice(0, 99), ...train], heldOut };
}

// ---- dates ----

const EN_MONTHS = "January February March April May June July August September October November December".split(" ");
const RU_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(" ");

/** Six spellings of a day. @param {number} day @param {number} month @param {number} year */
function spellings(day, month, year) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return [
    `${day} ${RU_MONTHS[month - 1]} ${year}`,
    `${day} ${RU_MONTHS[month - 1]} ${year} года`,
    `${two(day)}.${two(month)}.${year}`,
    `${day} ${EN_MONTHS[month - 1]} ${year}`,
    `${EN_MONTHS[month - 1]} ${day}, ${year}`,
    `${day}.${roman(month)}.${year}`,
  ];
}

/** Days of 1900 to 2099, each in one of the spellings. @returns {Examples} */
function dates() {
  const dice = diceOf();
  /** @type {Map<string, string>} */
  const lines = new Map();
  while (lines.size < 31_000) {
    const date = new Date(Date.UTC(1900, 0, 1 + Math.floor(dice() * 73_049)));
    const [day, month, year] = [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear()];
    lines.set(spellings(day, month, year)[Math.floor(dice() * 6)], date.toISOString().slice(0, 10));
  }
  return parted([...lines], 1000);
}

// ---- digits ----

const PICTURES = { train: 12_000, heldOut: 1000 };

/** Pictures as base64, and the digit's name. @param {readonly string[]} names @returns {Examples} */
function digits(names) {
  const drawn = (/** @type {number} */ count, /** @type {number} */ seed) =>
    Array.from(
      digitExamples(count, seed),
      ({ picture, digit }) => /** @type {Example} */ ([btoa(String.fromCharCode(...picture)), names[digit]]),
    );
  return { train: drawn(PICTURES.train, 1), heldOut: drawn(PICTURES.heldOut, 2) };
}

// ---- what is made with what the project ships ----

const SURNAMES = { each: 800, heldOut: 1000, temperature: 0.8 };
const TRIES = 4; // as many names as are wanted; a language may not have so many

/** Names that a network invents: for each language so many, each name once. @returns {Promise<Examples>} */
async function surnames() {
  const writer = await loadPattern(new URL("../../weights/patterns/language-surname.safetensors", import.meta.url));
  const { each, heldOut, temperature } = SURNAMES;
  /** @type {Map<string, string>} */
  const languages = new Map(); // by name
  for (const language of writer.vocabulary)
    for (let seed = 0, wanted = each; wanted && seed < TRIES * each; seed++) {
      const name = writer.answer(language, { temperature, seed });
      if (!name || languages.has(name)) continue;
      languages.set(name, language);
      wanted--;
    }
  writer.free();
  return parted([...languages], heldOut);
}

const LEAST_LINE = 20; // characters: from fewer nothing can be told
const HELD_OUT_LINES = 100;

/** Lines of a text, their vowels struck out. @returns {Promise<Examples>} */
async function vowels() {
  const text = decoder.decode(await readBytes(new URL("../../texts/shakespeare-like.txt", import.meta.url)));
  const lines = [...new Set(text.toLowerCase().split("\n"))].filter(line => line.length >= LEAST_LINE);
  return parted(
    lines.map(line => /** @type {Example} */ ([line.replace(/[aeiou]/g, "*"), line])),
    HELD_OUT_LINES,
  );
}

// ---- the table ----

const OF_NUMBERS = { hidden: 128, embedding: 32, batch: 24, passes: 1, rate: 0.005 };
const PICTURE_SHAPE = { side: 28, maps: 8, cell: /** @type {const} */ ("gru"), hidden: 64, embedding: 8 };
const OF_PICTURES = { ...PICTURE_SHAPE, batch: 16, passes: 5, rate: 0.004, dropout: 0.25 };

/** @type {Readonly<Record<string, Task>>} */
export const tasks = Object.freeze({
  roman: { pattern: "sequence", settings: { hidden: 64, embedding: 32, batch: 32, passes: 8, rate: 0.005 }, make: romans },
  dates: { pattern: "sequence", settings: { hidden: 64, embedding: 16, batch: 32, passes: 2, rate: 0.006 }, make: dates },
  "numbers-en": { pattern: "sequence", settings: OF_NUMBERS, make: () => numbers(english) },
  "numbers-ru": { pattern: "sequence", settings: OF_NUMBERS, make: () => numbers(russian) },
  "digits-en": { pattern: "one-to-many", settings: OF_PICTURES, make: () => digits(digitNames.en) },
  "digits-ru": { pattern: "one-to-many", settings: OF_PICTURES, make: () => digits(digitNames.ru) },
  "surname-language": {
    pattern: "many-to-one",
    settings: { cell: "gru", hidden: 96, embedding: 32, batch: 32, passes: 14, rate: 0.004, dropout: 0.4, targets: "last" },
    make: surnames,
  },
  "vowels-en": {
    pattern: "synchronous",
    settings: { delay: 4, cell: "gru", hidden: 128, embedding: 16, batch: 32, passes: 16, rate: 0.006, dropout: 0.3 },
    make: vowels,
  },
});

/**
 * What a task teaches.
 * @param {string} name @returns {Promise<import("./practice.js").Given>} @throws {RnnError} E_ARGUMENT: there is none of that name
 */
export async function lessonOfTask(name) {
  if (!Object.hasOwn(tasks, name))
    throw new RnnError("E_ARGUMENT", `there is no task ${JSON.stringify(name)}`, `There are: ${Object.keys(tasks).join(", ")}.`);
  const { pattern, settings, make } = tasks[name];
  return { name, why: null, problems: [], refused: 0, examples: await make(), settings: { pattern, ...settings } };
}
