// SPDX-License-Identifier: MIT
//
// excerpt.js - the text that is counted and learnt: its count, and what of another text stands in it.
import { Markov } from "../../core/markov.js";
import { TextIndex } from "../../core/textindex.js";

export const HELD_OUT = 0.1; // share of its end that nobody learns from
export const LEAST = 12; // letters of a span that counts as copied
const MOST = 60_000; // characters: three networks learn so many within half a minute
const WORD = /[\p{L}\p{M}\p{N}’']+/gu;

/** @param {string} text */
const wordsOf = text => Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word, from: index, to: index + word.length }));

/**
 * What of a written text is not its own, and what is: by character; the share that is copied; how many words, and how many new ones.
 * @typedef {{ classes: string[], copied: number, words: number, coined: number }} Marks
 */

export class Excerpt {
  #index;
  #words;

  /** @param {string} text a long one is cut at the end of a line @throws {import("../../core/errors.js").RnnError} E_TEXT: it is empty */
  static async of(text) {
    const excerpt = shortened(text);
    const characters = Array.from(excerpt);
    const learnt = characters.slice(0, characters.length - Math.floor(HELD_OUT * characters.length)).join("");
    const markov = await Markov.of(excerpt, { heldOut: HELD_OUT });
    return new Excerpt(excerpt, learnt, markov, await TextIndex.of(learnt));
  }

  /** @param {string} text @param {string} learnt its beginning @param {Markov} markov @param {TextIndex} index */
  constructor(text, learnt, markov, index) {
    this.text = text;
    this.heldOut = text.slice(learnt.length);
    /** characters that are learnt */
    this.counted = Array.from(learnt).length;
    this.markov = markov;
    /** held-out bits per character, by order */
    this.bits = Array.from({ length: markov.orders }, (_, i) => markov.bits(i + 1));
    this.#index = index;
    const words = wordsOf(learnt);
    this.#words = new Set(words.map(({ word }) => word));
    /** what may be written on from: the word of more than one letter that most often has a blank behind it, and the blank */
    this.beginning = mostFrequent(words.filter(({ word, to }) => word.length > 1 && learnt[to] === " ").map(({ word }) => word));
  }

  /**
   * What of a written text stands in the one that was learnt, and which words do not.
   * @param {string[]} characters @param {number} given so many of them were not written @returns {Marks}
   */
  marks(characters, given) {
    const text = characters.join("");
    const from = characters.slice(0, given).join("").length;
    const classes = Array(text.length).fill("");
    for (const span of this.#index.find(text, LEAST).spans) classes.fill("copied", span.from, span.to);
    const words = wordsOf(text).filter(({ to }) => to > from && to < text.length); // the last one may go on
    const coined = words.filter(({ word }) => !this.#words.has(word));
    for (const word of coined) classes.fill("coined", word.from, word.to);
    let at = 0;
    const own = classes.slice(from);
    return {
      classes: characters.map(character => classes[(at += character.length) - 1]),
      copied: own.filter(each => each === "copied").length / Math.max(1, own.length),
      words: words.length,
      coined: coined.length,
    };
  }

  free() {
    this.markov.free();
  }
}

/** @param {string} text */
function shortened(text) {
  if (text.length <= MOST) return text;
  const end = text.lastIndexOf("\n", MOST);
  return end > MOST / 2 ? text.slice(0, end + 1) : Array.from(text.slice(0, MOST)).slice(0, -1).join(""); // no half of a character
}

/** @param {string[]} words */
function mostFrequent(words) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const [best = ""] = [...counts].reduce((best, each) => (each[1] > (best[1] ?? 0) ? each : best), /** @type {any} */ ([]));
  return best && `${best} `;
}
