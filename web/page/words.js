// SPDX-License-Identifier: MIT
//
// words.js - what the page says, by language: lang/TAG.json, and lang/TAG.PART.json for what is mounted late. See lang/README.md.

import { readJson } from "../core/sources.js";

/** What each is called in itself. Another one: its files, and its name here. @type {Readonly<Record<string, string>>} */
export const languages = { en: "English", ru: "Русский", he: "עברית" };

/** The language of that tag if there is one, else the reader's. @param {string} tag */
export function languageOf(tag) {
  const tags = [tag, ...navigator.languages.map(each => each.slice(0, 2))];
  return tags.find(each => Object.hasOwn(languages, each)) ?? "en";
}

/** @typedef {Record<string, string>} Sentences */

/** Of a file; English ones stand in for what it lacks. @param {string} name @param {AbortSignal} [signal] @returns {Promise<Sentences>} */
async function fetchWords(name, signal) {
  const words = await readJson(new URL(`../lang/${name}.json`, import.meta.url), { signal });
  if (!words["language.incomplete"]) return words;
  const { apart } = await import("./standin.js");
  return { ...apart(await fetchWords(name.replace(/^\w+/, "en"), signal)), ...words };
}

/** @typedef {import("./contract.js").Words} Contract */
/** @implements {Contract} */
export class Words {
  language = "";
  level = "characters";
  /** @type {Sentences} */
  #sentences = {};
  #asked = ""; // the language that was asked for last
  /** How numbers are written, by language and options: to make one takes longer than to use it. @type {Map<string, Intl.NumberFormat>} */
  #formats = new Map();
  /** Of each part the words that came, or are on their way. @type {Map<string, { language: string, done: Promise<Sentences> }>} */
  #late = new Map();

  /** Loads a language; the last request wins. @param {string} tag @param {AbortSignal} signal */
  async use(tag, signal) {
    this.#asked = tag;
    if (tag === this.language) return;
    const sentences = await fetchWords(tag, signal);
    if (tag !== this.#asked) return;
    this.#sentences = sentences;
    this.language = tag;
    await Promise.all([...this.#late.keys()].map(part => this.more(part)));
  }

  /** From now on those of a part that is mounted late, too. @returns {Promise<Sentences>} these */
  more(part = "views") {
    const { language } = this;
    const known = this.#late.get(part);
    if (known?.language === language) return known.done;
    const fetched = async () => {
      const more = language ? await fetchWords(`${language}.${part}`) : {}; // use() asks again
      if (language !== this.language) return this.more(part); // it has changed meanwhile
      Object.assign(this.#sentences, more);
      return more;
    };
    const done = fetched();
    this.#late.set(part, { language, done });
    done.catch(() => this.#late.set(part, { language: "", done })); // the next one tries again
    return done;
  }

  /**
   * @param {string} key @param {Record<string, string | number>} [values]
   * @param {string} [level] of another network than the one in use
   */
  say = (key, values = {}, level = this.level) => {
    const sentence = (this.#sentences[key] ?? "").replace(/\[([^|\]]*)\|([^\]]*)\]/g, level === "characters" ? "$1" : "$2");
    return sentence.replace(/\{(\w+)\|?([^}]*)\}/g, (_, name, forms) => {
      const value = values[name] ?? "";
      const shown = typeof value === "number" ? this.number(value) : value;
      return forms ? this.#form(forms.split("|"), value).replace(/\d+/, () => shown) : shown;
    });
  };

  /** The form whose example has the number's category. @param {string[]} forms @param {unknown} number */
  #form(forms, number) {
    const categoryOf = (/** @type {unknown} */ n) => new Intl.PluralRules(this.language).select(Number(n));
    return forms.find(form => categoryOf(/\d+/.exec(form)) === categoryOf(number)) ?? forms[forms.length - 1];
  }

  /** @param {number} value @param {Intl.NumberFormatOptions} [options] */
  number = (value, options) => {
    if (!options && Number.isInteger(value) && value >= 0 && value < 1000) return String(value); // so it is in every language here
    const language = this.language || "en";
    const key = `${language}${JSON.stringify(options)}`;
    const format = this.#formats.get(key) ?? new Intl.NumberFormat(language, options);
    this.#formats.set(key, format);
    return format.format(value);
  };

  /** @param {number} share 0 to 1 */
  percent = share => this.number(share, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
}
