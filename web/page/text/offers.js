// SPDX-License-Identifier: MIT
//
// offers.js - how a network would go on with a text that is being typed: its most probable next tokens, each followed greedily to the end
// of a word. What was read stays read: after a key only what was added is new work.

/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {import("../../core/model.js").State} State */

/**
 * One way to go on.
 * @typedef {object} Offer
 * @property {string} typed what of its first word stands there already; "": it begins a new one
 * @property {string} first the token that it begins with
 * @property {number} p how probable the network itself holds it to be (T = 1); where a word is begun, among those that begin so
 * @property {string} rest what follows greedily: the most probable token each time
 */

const COUNT = 3;
const LENGTH = 24; // tokens of an offer at most
const SAVED_EVERY = 256; // tokens: after a change in the middle at most so many of the old text are read again
const GREEDY = { temperature: 0, topK: 0, topP: 1 };

const LONGEST = 48; // characters of a word
const WORD = String.raw`[\p{L}\p{M}\p{N}'’-]`;
const goesOn = new RegExp(`^${WORD}`, "u");
const lastWord = new RegExp(`${WORD}+$`, "u");
const hasWord = /[\p{L}\p{N}]/u;

export class Offers {
  #state;
  #scratch;
  /** @type {number[]} the ids that the state has read */
  #ids = [];
  /** @type {{ place: number, bytes: Uint8Array }[]} states on the way, the first one before all */
  #saved;

  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.#state = model.start();
    this.#scratch = model.start();
    this.#saved = [{ place: 0, bytes: this.#state.save() }];
  }

  free() {
    this.#state.free();
    this.#scratch.free();
  }

  /**
   * The offers behind a text, the most probable first; null after each other bit of work.
   * @param {string} text @returns {Generator<Offer | null>}
   */
  *behind(text) {
    const typed = lastWord.exec(text.slice(-LONGEST))?.[0] ?? "";
    const begun = this.#isBegun(typed) ? typed : "";
    yield* this.#read(this.model.encode(begun ? text.slice(0, -begun.length) : text).ids);
    const from = this.#state.save();
    for (const { id, p } of this.#mostProbable(begun)) {
      if (begun) yield { typed, first: this.model.vocabulary[id].slice(begun.length), p, rest: "" };
      else yield* this.#followed(id, p, from, text.slice(-1), typed);
    }
  }

  /** Whether a network of words does not know it, but knows words that begin with it. @param {string} word */
  #isBegun(word) {
    if (!word || this.model.level === "characters" || !this.model.encode(word).unknown.length) return false;
    return this.model.vocabulary.some(each => this.#isBegunBy(each, word));
  }

  /** @param {string} whole of the vocabulary @param {string} word */
  #isBegunBy(whole, word) {
    const written = word.replaceAll("'", "’"); // as the vocabulary has it
    return whole.length > word.length && whole.startsWith(this.model.level === "words" ? written : written.toLowerCase());
  }

  /** Brings the state behind these tokens. @param {Int32Array} ids @returns {Generator<null>} */
  *#read(ids) {
    const parts = this.#ids.findIndex((id, place) => id !== ids[place]);
    if (parts >= 0) this.#goBack(parts);
    while (this.#ids.length < ids.length) {
      const id = ids[this.#ids.length];
      this.#state.take(id);
      this.#ids.push(id);
      if (this.#ids.length % SAVED_EVERY === 0) this.#saved.push({ place: this.#ids.length, bytes: this.#state.save() });
      yield null;
    }
  }

  /** To the last state that was saved before a place. @param {number} place */
  #goBack(place) {
    this.#saved = this.#saved.filter(saved => saved.place <= place);
    const { place: kept, bytes } = this.#saved[this.#saved.length - 1];
    this.#state.load(bytes);
    this.#ids.length = kept;
  }

  /** The most probable next tokens. @param {string} begun the word that they go on with */
  #mostProbable(begun) {
    const { end, vocabulary } = this.model;
    const possible = [...this.#state.probs()]
      .map((p, id) => ({ id, p }))
      .filter(({ id, p }) => p > 0 && id !== end && (!begun || this.#isBegunBy(vocabulary[id], begun)))
      .sort((a, b) => b.p - a.p);
    const all = begun ? possible.reduce((sum, { p }) => sum + p, 0) : 1;
    return possible.slice(0, COUNT).map(({ id, p }) => ({ id, p: p / all }));
  }

  /**
   * A token and what follows it.
   * @param {number} id @param {number} p @param {Uint8Array} from the state before it
   * @param {string} before the character before it: a word needs no space of its own behind a blank
   * @param {string} typed the word that ends with it
   * @returns {Generator<Offer | null>}
   */
  *#followed(id, p, from, before, typed) {
    const { level, end } = this.model;
    this.#scratch.load(from);
    const [{ text }] = this.#scratch.steps(Int32Array.of(id));
    const first = level !== "characters" && /\s/.test(before) ? text.trimStart() : text;
    let rest = "";
    for (let count = 1; count < LENGTH; count++) {
      yield null;
      const next = this.#scratch.draw(GREEDY, 1, 0);
      if (next.id === end || isComplete(first + rest, next.text)) break;
      rest += next.text;
      this.#scratch.take(next.id);
    }
    yield { typed: goesOn.test(first) ? typed : "", first, p, rest };
  }
}

/** Whether an offer ends before that token: it has a word, or something else that ends a line. @param {string} text @param {string} next */
function isComplete(text, next) {
  if (next.includes("\n")) return text.trim() !== "";
  return hasWord.test(text) && !goesOn.test(next);
}
