// SPDX-License-Identifier: MIT
//
// reasons.js - what went wrong, in the reader's language. An error brings an English message; lang/TAG.errors.json has translations by
// its template, in which {a}, {b} and so on stand for what the error filled in. Fetched when an error is to be said.
import { asSentence } from "./describe.js";

/** @typedef {import("./contract.js").Words} Words */
/** @typedef {{ key: string, pieces: string[] }} Template */
/** @typedef {{ text: string, known: number }} Reading in the reader's language; known: how many characters stand in templates */

const MOST = 2000; // characters of a message that are looked at: files and servers can put what they like into one
const DEEPEST = 4; // messages within messages
const IN_FRONT = 4; // what stands before a message

/** @param {Words} words @param {unknown} error @param {HTMLElement} element @param {(said: string) => string} phrase see describe.js */
export async function explain(words, error, element, phrase) {
  const all = phrase(await translated(words, error));
  if (element.textContent !== all) element.textContent = all; // it is read out
}

/** What an error says: its kind, what it is, and what to do. @param {Words} words @param {unknown} error */
export async function translated(words, error) {
  const [sentences] = await Promise.all(["errors", "views"].map(part => words.more(part).catch(() => ({}))));
  const templates = Object.keys(sentences).map(key => ({ key, pieces: key.split(/\{[a-z]\}/) }));
  const { code, message = String(error), hint = "" } = Object(error);
  const parts = [message, hint].map(text => (text.length > MOST ? text : read(text, words, templates, DEEPEST).text));
  return [words.say(`error.${code}`), ...parts].filter(Boolean).map(asSentence).join(" ");
}

/**
 * A message, or one behind something else, such as a file's name: what templates know more of.
 * @param {string} text @param {Words} words @param {Template[]} templates @param {number} depth @returns {Reading}
 */
function read(text, words, templates, depth) {
  let best = readWhole(text, words, templates, depth);
  for (const { index, 0: separator } of [...text.matchAll(/: |\. /g)].slice(0, IN_FRONT)) {
    const rest = index + separator.length;
    const { text: said, known } = readWhole(text.slice(rest), words, templates, depth);
    if (known && known >= best.known) best = { text: text.slice(0, rest) + said, known };
  }
  return best;
}

/** @param {string} text @param {Words} words @param {Template[]} templates @param {number} depth @returns {Reading} */
function readWhole(text, words, templates, depth) {
  let best = { text, known: 0 };
  for (const { key, pieces } of depth ? templates : []) {
    const values = valuesOf(pieces, text)?.map(value => read(value, words, templates, depth - 1));
    if (!values) continue;
    const known = values.reduce((sum, value) => sum + value.known, pieces.join("").length);
    const filled = Object.fromEntries(values.map((value, i) => [String.fromCharCode(97 + i), value.text]));
    if (known > best.known) best = { text: words.say(key, filled), known };
  }
  return best;
}

/** What a text has between a template's pieces; undefined: it is not of that template. @param {string[]} pieces @param {string} text */
function valuesOf(pieces, text) {
  const last = pieces.length - 1;
  if (!text.startsWith(pieces[0]) || !text.endsWith(pieces[last])) return undefined;
  const values = [];
  let at = pieces[0].length;
  for (let i = 1; i <= last; i++) {
    const end = i === last ? text.length - pieces[i].length : text.indexOf(pieces[i], at);
    if (end < at) return undefined;
    values.push(text.slice(at, end));
    at = end + pieces[i].length;
  }
  return at === text.length ? values : undefined;
}
