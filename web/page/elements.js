// SPDX-License-Identifier: MIT
//
// elements.js - elements made by the page's scripts, with their words.
import { say } from "./words.js";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} [properties] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** By it a control is found again when it was made anew. @param {string} key */
const idOf = key => key.replaceAll(".", "-");

/** @param {string} key of its words @param {() => void} press @param {string} [className] */
export const button = (key, press, className = "") =>
  make("button", { id: idOf(key), type: "button", textContent: say(key), onclick: press, className });

/** A control with its label. @param {string} key @param {HTMLElement} control */
export const field = (key, control) =>
  make("label", { className: "field" }, make("span", { textContent: say(key) }), Object.assign(control, { id: idOf(key) }));

/** @param {[value: string, name: string][]} options @param {string} value @param {(value: string) => void} choose */
export function select(options, value, choose) {
  const made = make("select", {}, ...options.map(([value, name]) => new Option(name, value)));
  made.value = value;
  made.onchange = () => choose(made.value);
  return made;
}

/** What is folded away until it is wanted. @param {string} key @param {boolean} open @param {...Node} children */
export const folded = (key, open, ...children) =>
  make("details", { className: "more", open }, make("summary", { textContent: say(key) }), ...children);

/**
 * The styles of a view that few visits need.
 * @param {string} path from web/page/
 * @returns {Promise<unknown>} when they are there, or cannot be had: without them it is ugly, but there
 */
export function style(path) {
  return new Promise(resolve => {
    document.head.append(make("link", { rel: "stylesheet", href: new URL(path, import.meta.url).href, onload: resolve, onerror: resolve }));
  });
}

/** Hands bytes to the browser's downloads. @param {Uint8Array} bytes @param {string} name */
export function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)]));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
