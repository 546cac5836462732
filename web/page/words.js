// SPDX-License-Identifier: MIT
//
// words.js - what the page says, by language: lang/TAG.json, and lang/TAG.views.json for what is mounted late.

import { readJson } from "../core/sources.js";

/** What each is called in itself. Another one: its two files, and its name here. @type {Readonly<Record<string, string>>} */
export const languages = { en: "English", ru: "Русский" };

/** The language of that tag if there is one, else the reader's. @param {string} tag */
export function languageOf(tag) {
  const tags = [tag, ...navigator.languages.map(each => each.slice(0, 2))];
  return tags.find(each => Object.hasOwn(languages, each)) ?? "en";
}

/** @param {string} name of a file of lang/ @param {AbortSignal} [signal] @returns {Promise<Record<string, string>>} */
const fetchWords = (name, signal) => readJson(new URL(`../lang/${name}.json`, import.meta.url), { signal });

const NONE = { language: "", done: Promise.resolve() };

/** @typedef {import("./contract.js").Words} Contract */
/** @implements {Contract} */
export class Words {
  language = "";
  level = "characters";
  /** @type {Record<string, string>} */
  #sentences = Object.create(null);
  #asked = ""; // the language that was asked for last
  #wantsMore = false; // the words of what is mounted late, too
  #late = NONE; // those that came, or are on their way

  /** Loads a language; the last request wins. @param {string} tag @param {AbortSignal} signal */
  async use(tag, signal) {
    this.#asked = tag;
    if (tag === this.language) return;
    const sentences = await fetchWords(tag, signal);
    if (tag !== this.#asked) return;
    this.#sentences = sentences;
    this.language = tag;
    if (this.#wantsMore) await this.more();
  }

  /** From now on those of what is mounted late, too. @returns {Promise<void>} */
  more() {
    const { language } = this;
    this.#wantsMore = true;
    if (!language) return Promise.resolve(); // use() asks again
    if (this.#late.language !== language) {
      const coming = (this.#late = { language, done: this.#fetchMore(language) });
      coming.done.catch(() => {
        if (this.#late === coming) this.#late = NONE; // the next one tries again
      });
    }
    return this.#late.done;
  }

  /** @param {string} language */
  async #fetchMore(language) {
    const more = await fetchWords(`${language}.views`);
    if (language !== this.language) return this.more(); // it has changed meanwhile
    Object.assign(this.#sentences, more);
  }

  /**
   * @param {string} key @param {Record<string, string | number>} [values]
   * @param {string} [level] of another network than the one in use
   */
  say = (key, values = {}, level = this.level) => {
    const sentence = (this.#sentences[key] ?? "").replace(/\[([^|\]]*)\|([^\]]*)\]/g, level === "characters" ? "$1" : "$2");
    return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };

  /** @param {number} value @param {Intl.NumberFormatOptions} [options] */
  number = (value, options) => value.toLocaleString(this.language || "en", options);

  /** @param {number} share 0 to 1 */
  percent = share => this.number(share, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
}
