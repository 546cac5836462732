// SPDX-License-Identifier: MIT
//
// words.js - what the page says: one JSON file of lang/ per language.

/** What each is called in itself. Another one: its JSON file, and its name here. @type {Readonly<Record<string, string>>} */
export const languages = { en: "English", ru: "Русский" };

/** The language of that tag if there is one, else the reader's. @param {string} tag */
export function languageOf(tag) {
  const tags = [tag, ...navigator.languages.map(each => each.slice(0, 2))];
  return tags.find(each => Object.hasOwn(languages, each)) ?? "en";
}

/** @typedef {import("./contract.js").Words} Contract */
/** @implements {Contract} */
export class Words {
  language = "";
  level = "characters";
  /** @type {Record<string, string>} */
  #sentences = Object.create(null);

  /** Loads a language. @param {string} tag @param {AbortSignal} signal */
  async use(tag, signal) {
    if (tag === this.language) return;
    const response = await fetch(new URL(`../lang/${tag}.json`, import.meta.url), { signal });
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    this.#sentences = await response.json();
    this.language = tag;
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
