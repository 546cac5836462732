// SPDX-License-Identifier: MIT
//
// sheet.js - two columns that a person pastes, what is read and what is to be answered, as examples to learn from. What separates the
// columns, whether the answers are classes, how many are held out and which settings suit follows from the lines.
import { RnnError } from "../core/errors.js";
import { plainLineEnds } from "./decoding.js";
import { shuffled } from "./dice.js";

/** @typedef {import("./tasks.js").Example} Example */
/** @typedef {import("./tasks.js").Examples} Examples */
/** @typedef {import("../core/examples.js").ExampleSettings} ExampleSettings */

/**
 * A line that is no pair.
 * @typedef {{ line: number, what: "one column" | "more columns" | "empty column" | "long column" | "open quotation mark" |
 *   "control character" }} Problem
 */

/**
 * @typedef {object} Sheet
 * @property {Example[]} examples
 * @property {"many-to-one" | "sequence"} pattern
 * @property {{ different: number, examples: number }} why it is this pattern: so many different answers of so many
 * @property {Problem[]} problems the first lines that are no pair
 * @property {number} refused how many lines are none
 */

const MOST_SHEET = 64 * 2 ** 20; // characters
const SEPARATORS = ["\t", ";", ","];
const MOST_COLUMN = 1000; // characters
const MOST_LINE = 4 * MOST_COLUMN; // of a longer one, with quotation marks and blanks, a column is too long
const LOOKED_AT = 10_000; // lines that show what separates the columns
const MOST_PROBLEMS = 100; // that are listed
const MOST_CLASSES = 40;
const LEAST_EACH = 3; // examples of a class, on average
const MOST_NAME = 80; // characters of a class's name: surely less than the 255 bytes that the core takes

// ---- lines and columns ----

/** The lines that are not blank, with their numbers. @param {string} text @returns {Generator<[line: string, number: number]>} */
function* linesOf(text) {
  for (let from = 0, number = 1; from < text.length; number++) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? text.length : end);
    if (line.trim()) yield [line, number];
    from += line.length + 1;
  }
}

/**
 * Where the quoted column that begins at `from` ends: its last quotation mark; two of them are one within. -1: nowhere.
 * @param {string} line @param {number} from
 */
function endOfQuoted(line, from) {
  for (let at = line.indexOf('"', from + 1); at >= 0; at = line.indexOf('"', at + 2)) if (line[at + 1] !== '"') return at;
  return -1;
}

/**
 * The columns of a line, three at most; null: a quotation mark is open. Beside tabs quotation marks may be meant as they stand.
 * @param {string} line @param {string} separator
 */
function columnsOf(line, separator) {
  const columns = [];
  for (let from = 0; from <= line.length && columns.length < 3;) {
    const closed = line[from] === '"' ? endOfQuoted(line, from) : -1;
    const isQuoted = closed >= 0 && (closed + 1 === line.length || line[closed + 1] === separator);
    if (line[from] === '"' && !isQuoted && separator !== "\t") return null;
    const next = line.indexOf(separator, isQuoted ? closed : from);
    const end = next < 0 ? line.length : next;
    columns.push(isQuoted ? line.slice(from + 1, closed).replaceAll('""', '"') : line.slice(from, end));
    from = end + 1;
  }
  return columns;
}

/** The one that gives two columns on most of the first lines. @param {string} text */
function separatorOf(text) {
  const counts = SEPARATORS.map(() => 0);
  let left = LOOKED_AT;
  for (const [line] of linesOf(text)) {
    if (!left--) break;
    if (line.length <= MOST_LINE) SEPARATORS.forEach((separator, i) => (counts[i] += Number(columnsOf(line, separator)?.length === 2)));
  }
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

/** @param {string} line @param {string} separator @returns {Example | Problem["what"]} what is wrong, if it is no pair */
function pairOf(line, separator) {
  if (line.length > MOST_LINE) return "long column";
  const columns = columnsOf(line, separator)?.map(column => column.trim());
  if (!columns) return "open quotation mark";
  if (columns.length !== 2) return columns.length < 2 ? "one column" : "more columns";
  if (!columns.every(column => column)) return "empty column";
  if (columns.some(column => column.length > MOST_COLUMN)) return "long column";
  return columns.some(column => /\p{Cc}/u.test(column)) ? "control character" : [columns[0], columns[1]];
}

// ---- the sheet ----

/**
 * @param {string} text @param {Sheet["pattern"]} [wanted] whatever the answers look like
 * @returns {Sheet}
 * @throws {RnnError} E_TEXT: no line is a pair, or all have one answer; E_TOO_BIG
 */
export function readSheet(text, wanted) {
  if (text.length > MOST_SHEET)
    throw new RnnError("E_TOO_BIG", `the table has ${text.length} characters; at most ${MOST_SHEET} are taken`, "Take fewer lines.");
  const plain = plainLineEnds(text);
  const separator = separatorOf(plain);
  const [examples, problems, answers] = [
    /** @type {Example[]} */ ([]),
    /** @type {Problem[]} */ ([]),
    /** @type {Set<string>} */ (new Set()),
  ];
  let refused = 0;
  for (const [line, number] of linesOf(plain)) {
    const pair = pairOf(line, separator);
    if (typeof pair !== "string") {
      examples.push(pair);
      answers.add(pair[1]);
    } else if (++refused <= MOST_PROBLEMS) problems.push({ line: number, what: pair });
  }
  const different = answers.size;
  checkSheet(examples.length, different);
  const areClasses =
    different <= MOST_CLASSES && examples.length >= LEAST_EACH * different && [...answers].every(answer => answer.length <= MOST_NAME);
  const pattern = wanted ?? (areClasses ? "many-to-one" : "sequence");
  return { examples, pattern, why: { different, examples: examples.length }, problems, refused };
}

const LEAST_EXAMPLES = 8;

/** @param {number} examples @param {number} different answers */
function checkSheet(examples, different) {
  if (examples < LEAST_EXAMPLES)
    throw new RnnError(
      "E_TEXT",
      `the table has ${examples} lines of two columns; at least ${LEAST_EXAMPLES} are needed`,
      "Put what is read and its answer into a line, with a tab, a semicolon or a comma between them.",
    );
  if (different < 2)
    throw new RnnError("E_TEXT", "all lines have the same answer: there is nothing to learn", "Add lines with other ones.");
}

// ---- how it is learnt ----

const HELD_OUT = { share: 0.1, few: 20, enough: 40, least: 10, most: 1000 };

/** How many of so many examples are held out. @param {number} count */
function heldOutOf(count) {
  const { share, few, enough, least, most } = HELD_OUT;
  if (count < few) return 0;
  return Math.min(most, Math.max(Math.round(share * count), count < enough ? 0 : least));
}

/** Some are held out; those of one input stay together. @param {Example[]} examples @returns {Examples} */
export function partSheet(examples) {
  const counts = new Map();
  for (const [input] of examples) counts.set(input, (counts.get(input) ?? 0) + 1);
  let left = heldOutOf(examples.length);
  const heldOut = new Set();
  for (const input of shuffled([...counts.keys()])) {
    if (!left) break;
    if (counts.get(input) > left) continue;
    heldOut.add(input);
    left -= counts.get(input);
  }
  return { train: examples.filter(([input]) => !heldOut.has(input)), heldOut: examples.filter(([input]) => heldOut.has(input)) };
}

const UPDATES = { least: 600, most: 3000, times: 60 }; // times the root of how many examples there are

/**
 * @param {number} examples to train on @param {Sheet["pattern"]} pattern
 * @returns {Partial<ExampleSettings>}
 */
export function settingsFor(examples, pattern) {
  const { least, most, times } = UPDATES;
  const batch = examples < 400 ? 8 : examples < 4000 ? 16 : 32;
  const updates = Math.min(most, Math.max(least, times * Math.sqrt(examples)));
  const passes = Math.max(1, Math.round(updates / Math.floor(examples / batch)));
  return { pattern, hidden: pattern === "sequence" ? 96 : 64, embedding: 32, batch, passes, rate: 0.005 };
}

/** What a table teaches. @param {string} text @param {Sheet["pattern"]} [wanted] @returns {import("./practice.js").Given} */
export function lessonOfSheet(text, wanted) {
  const { examples: all, pattern, ...about } = readSheet(text, wanted);
  const examples = partSheet(all);
  return { name: null, ...about, examples, settings: settingsFor(examples.train.length, pattern) };
}
