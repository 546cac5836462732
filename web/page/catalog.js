// SPDX-License-Identifier: MIT
//
// catalog.js - the networks that come with the page, the list to choose from, and how one is loaded.
import { load } from "../core/model.js";
import { readJson } from "../core/sources.js";
import { fill } from "./elements.js";
import { defaults } from "./settings.js";

/** @typedef {import("../core/model.js").Model} Model */
/** @typedef {{ name: string, file: string, language: string, prompt: string, prompts: string[], title: Record<string, string> }} Listed */

const WEIGHTS = new URL("../../weights/", import.meta.url);

/** What weights/index.json has. @param {AbortSignal} signal @returns {Promise<Listed[]>} */
export const readListed = signal => readJson(new URL("index.json", WEIGHTS), { signal });

export class Catalog {
  missing = ""; // a name in the settings of a network that there is not
  own = ""; // the reader's file that is in use instead of one of the list; "": none
  /** @type {Listed[]} */
  #listed = [];
  /** @type {AbortController | undefined} */
  #loading;
  #desk;
  #list;
  #coming;

  /** @param {import("./contract.js").Desk} desk @param {HTMLSelectElement} list @param {Promise<Listed[]>} coming which there are */
  constructor(desk, list, coming) {
    this.#desk = desk;
    this.#list = list;
    this.#coming = coming;
  }

  /** Learns which there are; what failed before is tried again. @param {AbortSignal} signal */
  async read(signal) {
    this.#listed = await this.#coming.catch(() => (this.#coming = readListed(signal)));
  }

  /** Whether there is one of that name. @param {string} name */
  has(name) {
    return this.#listed.some(each => each.name === name);
  }

  /** The first one in the desk's language, unless the settings name one. */
  choose() {
    const { settings, words } = this.#desk;
    const { network } = settings.now;
    if (this.has(network)) return;
    const first = this.#listed.find(({ language }) => language === words.language) ?? this.#listed[0];
    settings.now.network = first?.name ?? defaults.network;
    this.missing = network;
  }

  /** What a text by the chosen one begins with unless told otherwise. */
  prompt() {
    return this.#chosen()?.prompt ?? "";
  }

  /** Other good beginnings, of the one in use. */
  prompts() {
    return this.own ? [] : (this.#chosen()?.prompts ?? []);
  }

  /** @returns {[name: string, title: string][]} */
  titles() {
    return this.#listed.map(listed => [listed.name, this.#titleOf(listed)]);
  }

  /**
   * One that reads a text's script, where the chosen one does not.
   * @param {string} text @returns {[name: string, title: string] | undefined}
   */
  otherFor(text) {
    const language = /\p{Script=Cyrillic}/u.test(text) ? "ru" : "en";
    const other = this.#listed.find(each => each.language === language);
    return other && (this.own || this.#chosen()?.language !== language) ? [other.name, this.#titleOf(other)] : undefined;
  }

  /** Shows the list; a file of the reader's own stands at its end. @param {string} [own] from now on */
  show(own = this.own) {
    const { settings, words } = this.#desk;
    this.own = own;
    const options = this.titles();
    if (own) options.push(["", words.say("network.own", { name: own })]);
    fill(this.#list, options, own ? "" : settings.now.network);
  }

  /** The chosen one's address, and what it is called. */
  source() {
    const { say } = this.#desk.words;
    const listed = this.#chosen();
    if (!listed) throw new Error(say("error.E_HTTP"));
    return { source: new URL(listed.file, WEIGHTS), title: this.#titleOf(listed) };
  }

  /**
   * Loads a network; the last request wins.
   * @param {string | URL | File} source @param {string} name
   * @returns {Promise<Model | undefined>} undefined: a later request has taken its place
   */
  async load(source, name) {
    const { status, words } = this.#desk;
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    const onProgress = (/** @type {{ loaded: number, total: number }} */ { loaded, total }) => {
      const far = total ? words.percent(loaded / total) : `${words.number(Math.round(loaded / 1000))} KB`;
      status(words.say("network.loading", { name, percent: far }));
    };
    try {
      const model = await load(source, { signal, onProgress });
      if (!signal.aborted) return model;
      model.free();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return undefined;
  }

  /** One of them, for the caller. @param {string} name */
  async lend(name) {
    const { file } = /** @type {Listed} */ (this.#listed.find(each => each.name === name));
    return load(new URL(file, WEIGHTS));
  }

  free() {
    this.#loading?.abort();
  }

  #chosen() {
    return this.#listed.find(({ name }) => name === this.#desk.settings.now.network);
  }

  /** @param {Listed} listed */
  #titleOf({ name, title }) {
    return title[this.#desk.words.language] ?? title.en ?? name;
  }
}
