// SPDX-License-Identifier: MIT
//
// items.js - what a network writes, piece by piece: of a list its lines, of other texts sentences and paragraphs; and which of them
// stand in the text that it learnt.

/** @typedef {import("../core/model.js").Model} Model */
/** @typedef {import("../core/recipe.js").Plan["kind"]} Kind */
/** @typedef {{ text: string, isKnown: boolean }} Item isKnown: it stands in the text: of a list as a line */

const LONGEST = { list: 100, text: 400 }; // steps for an item, on the average: a network that never ends one is stopped
const SENTENCE_END = /[.!?…。！？]["”’»)」]*$/;

/**
 * Items in a row, trimmed, none of them empty. Fewer than `count` if they do not end.
 * @param {Model} model @param {Kind} kind
 * @param {{ begin?: string, count: number, temperature: number, seed: number }} options begin: see beginOf; after a line end if not given
 * @returns {string[]}
 */
export function writeItems(model, kind, { begin = "\n", count, temperature, seed }) {
  /** @type {string[]} */
  const items = [];
  let item = begin.trim();
  const end = () => {
    if (item.trim()) items.push(item.trim());
    item = "";
  };
  for (const { text } of model.write(begin, { temperature, seed, length: count * LONGEST[kind] })) {
    if (kind === "text" && SENTENCE_END.test(item) && /^\s/.test(text)) end(); // a word comes with the space before it
    if (items.length === count) break;
    item += text;
    if (item.endsWith("\n")) end();
    if (items.length === count) break;
  }
  if (!items.length) end();
  return items;
}

/**
 * What a network writes on from: a line end, as what comes next begins something; in a text of one line its first character.
 * @param {string} text
 */
export function beginOf(text) {
  const plain = text.trim();
  return plain.includes("\n") ? "\n" : String.fromCodePoint(plain.codePointAt(0) ?? 10);
}

/** Tells which items stand in a text. @param {string} text @param {Kind} kind @returns {(item: string) => boolean} */
export function knowing(text, kind) {
  if (kind === "text") return item => text.includes(item);
  const lines = new Set(text.split("\n").map(line => line.trim()));
  return item => lines.has(item);
}
