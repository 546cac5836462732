// SPDX-License-Identifier: MIT
//
// shelf.js - the networks that answer: those of weights/patterns/, which come when they are wanted, and the reader's own, which were
// opened or trained here.
import { loadBigrams } from "../../core/bigrams.js";
import { loadPattern } from "../../core/pattern.js";
import { keyOf } from "../catalog.js";

/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../../core/pattern.js").Pattern} Pattern */

/**
 * As weights/patterns/index.json lists it.
 * @typedef {object} Listed
 * @property {string} name of the reader's own it is the key of the setting, see keyOf()
 * @property {string} file of the reader's own it is ""
 * @property {string} pattern
 * @property {string} language that is written or read; "": any
 * @property {Record<string, string>} title by language
 * @property {Record<string, string>} reads what it can read, by language
 * @property {string} example an input that shows it well
 * @property {boolean} [isAbsent] it is not in the page, which is one file
 * @property {() => Promise<File>} [open] of the reader's own: reads its file
 */

export const FOLDER = new URL("../../../weights/patterns/", import.meta.url);
const RIVAL = "-each"; // the network of that ending has its loss at each unit

export class Shelf {
  /** @type {Map<string, Promise<Answering>>} those that were asked for, by name */
  #networks = new Map();
  /** @type {Listed[]} */
  #own = [];
  #listed;

  /** @param {Listed[]} listed */
  constructor(listed) {
    this.#listed = listed;
  }

  /** @param {string} name */
  find(name) {
    return [...this.#listed, ...this.#own].find(each => each.name === keyOf(name));
  }

  /** The first of a pattern, in that language if there is one. @param {string} pattern @param {string} language */
  firstOf(pattern, language) {
    const all = this.#listed.filter(each => each.pattern === pattern);
    return all.find(each => each.language === language) ?? all.at(0);
  }

  /** All of a pattern that can be chosen. @param {string} pattern */
  allOf(pattern) {
    return [...this.#listed, ...this.#own].filter(each => each.pattern === pattern && !each.name.endsWith(RIVAL));
  }

  /** @param {Listed} listed @returns {Promise<Answering>} */
  load({ name, file, pattern, open }) {
    const known = this.#networks.get(name);
    if (known) return known;
    const source = new URL(file, FOLDER);
    const coming = open ? open().then(loadPattern) : pattern === "one-to-one" ? loadBigrams(source) : loadPattern(source);
    this.#networks.set(name, coming);
    coming.catch(() => this.#networks.delete(name)); // the next one tries again
    return coming;
  }

  /** That of the same task with its loss at each unit, if there is one. @param {Listed} listed @returns {Promise<Pattern | null>} */
  async rivalOf({ name }) {
    const rival = this.find(name + RIVAL);
    return rival ? /** @type {Promise<Pattern>} */ (this.load(rival)) : null;
  }

  /** Has the reader's own on it as they are kept now. @param {import("../own/owndesk.js").OwnDesk} own */
  takeOwn(own) {
    const answering = own.networks.all.filter(({ kind }) => kind !== "writes");
    this.#own = answering.map(({ sum, name: title, kind: pattern, input: example }) => {
      const name = `own.${sum}`;
      const known = this.#own.find(each => each.name === name);
      if (known) return Object.assign(known, { title: { en: title } });
      const open = async () => (await own.fileOf(name)).file;
      return { name, file: "", pattern, language: "", title: { en: title }, reads: {}, example, open };
    });
  }

  free() {
    for (const coming of this.#networks.values())
      coming.then(
        network => network.free(),
        () => {},
      );
  }
}
