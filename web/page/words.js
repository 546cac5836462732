// SPDX-License-Identifier: MIT
//
// words.js - the page's words: one JSON file of lang/ per language.

/** What each is called in itself. Another one: its JSON file, and its name here. @type {Record<string, string>} */
export const languages = { en: "English", ru: "Русский" };

/** @type {Record<string, string>} */
let words = Object.create(null);
let language = "en";
let level = "characters"; // what the network in use reads and writes

/** The reader's language, if the page has it. */
export function preferred() {
  return navigator.languages.map(tag => tag.slice(0, 2)).find(tag => Object.hasOwn(languages, tag)) ?? "en";
}

/** Loads a language and puts its words into the page. @param {string} tag */
export async function use(tag) {
  const response = await fetch(new URL(`../lang/${tag}.json`, import.meta.url));
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  words = await response.json();
  language = tag;
  document.documentElement.lang = tag;
  label();
}

/** From now on the page speaks of characters, or of words. @param {string} given the network's level */
export function speakOf(given) {
  level = given;
  label();
}

function label() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text]")))
    element.textContent = say(element.dataset.text ?? "");
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-label]")))
    element.setAttribute("aria-label", say(element.dataset.label ?? ""));
}

/**
 * A sentence with its {places} filled in, and of [characters|words] what the network reads; a key without a sentence is "".
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @param {string} [of] the level of another network than the one in use
 */
export function say(key, values = {}, of = level) {
  const sentence = (words[key] ?? "").replace(/\[([^|\]]*)\|([^\]]*)\]/g, of === "characters" ? "$1" : "$2");
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options) {
  return value.toLocaleString(language, options);
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return number(share, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
}
