// SPDX-License-Identifier: MIT
//
// shelf.js - the networks that answer: those of weights/patterns/, which come when they are wanted, and the reader's own, which were
// opened or trained here.
import { loadBigrams } from "../core/bigrams.js";
import { loadPattern } from "../core/pattern.js";

/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../core/pattern.js").Pattern} Pattern */

/**
 * As weights/patterns/index.json lists it.
 * @typedef {object} Listed
 * @property {string} name the reader's own have one with a blank
 * @property {string} file
 * @property {string} pattern
 * @property {string} language that is written or read; "": any
 * @property {Record<string, string>} title by language
 * @property {Record<string, string>} reads what it can read, by language
 * @property {string} example an input that shows it well
 */

export const FOLDER = new URL("../../weights/patterns/", import.meta.url);
const RIVAL = "-each"; // the network of that ending has its loss at each unit

export class Shelf {
  /** @type {Map<string, Promise<Answering>>} those that were asked for, by name */
  #networks = new Map();
  #listed;

  /** @param {Listed[]} listed */
  constructor(listed) {
    this.#listed = listed;
  }

  /** @param {string} name */
  find(name) {
    return this.#listed.find(each => each.name === name);
  }

  /** The first of a pattern, in that language if there is one. @param {string} pattern @param {string} language */
  firstOf(pattern, language) {
    const all = this.#listed.filter(each => each.pattern === pattern);
    return all.find(each => each.language === language) ?? all.at(0);
  }

  /** All of a pattern that can be chosen. @param {string} pattern */
  allOf(pattern) {
    return this.#listed.filter(each => each.pattern === pattern && !each.name.endsWith(RIVAL));
  }

  /** @param {Listed} listed @returns {Promise<Answering>} */
  load({ name, file, pattern }) {
    const known = this.#networks.get(name);
    if (known) return known;
    const source = new URL(file, FOLDER);
    const coming = pattern === "one-to-one" ? loadBigrams(source) : loadPattern(source);
    this.#networks.set(name, coming);
    coming.catch(() => this.#networks.delete(name)); // the next one tries again
    return coming;
  }

  /** That of the same task with its loss at each unit, if there is one. @param {Listed} listed @returns {Promise<Pattern | null>} */
  async rivalOf({ name }) {
    const rival = this.find(name + RIVAL);
    return rival ? /** @type {Promise<Pattern>} */ (this.load(rival)) : null;
  }

  /** One of the reader's own. @param {Pattern} network @param {string} title @param {string} example @returns {Listed} */
  keep(network, title, example) {
    const name = `own ${this.#listed.length}`;
    const usual = network.side ? "7" : network.inputs ? network.vocabulary[0] : "";
    const listed = { name, file: "", pattern: network.pattern, language: "", title: { en: title }, reads: {}, example: example || usual };
    this.#networks.set(name, Promise.resolve(network));
    this.#listed = [...this.#listed, listed];
    return listed;
  }

  free() {
    for (const coming of this.#networks.values())
      coming.then(
        network => network.free(),
        () => {},
      );
  }
}
