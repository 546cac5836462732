// SPDX-License-Identifier: MIT
//
// elements.js - elements made by scripts, and those of a desk: with its words and its ids.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties] with a hyphen in its name it is an attribute, such as data-text
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (name.includes("-")) made.setAttribute(name, value);
    else /** @type {any} */ (made)[name] = value;
  made.append(...children);
  return made;
}

/** @param {[value: string, name: string][]} options @param {string} value @param {(value: string) => void} choose */
function select(options, value, choose) {
  const made = make("select", { onchange: () => choose(made.value) });
  fill(made, options, value);
  return made;
}

/** @param {HTMLSelectElement} list @param {[value: string, name: string][]} options @param {string} value the chosen one */
export function fill(list, options, value) {
  list.replaceChildren(...options.map(([value, name]) => new Option(name, value)));
  list.value = value;
}

/** Tells a pointer that moves from a text that moves below it, of which browsers tell too. */
export class Pointer {
  #where = "";

  /** Where it is. @param {MouseEvent} event a click's place is whole, a pointer's is not */
  see({ clientX, clientY }) {
    this.#where = `${Math.floor(clientX)} ${Math.floor(clientY)}`;
  }

  /** Whether it is a mouse that has moved, with no button down. @param {PointerEvent} event */
  hasMoved(event) {
    const before = this.#where;
    this.see(event);
    return event.pointerType === "mouse" && !event.buttons && this.#where !== before;
  }
}

/** What has the focus in the page, or in the shadow root, that an element lies in. @param {Element} element */
export const focusBeside = element => /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;

/** One of two buttons in one place is there, and the focus goes with it. @param {HTMLElement} shown @param {HTMLElement} other */
export function showOne(shown, other) {
  const isFocused = focusBeside(other) === other;
  shown.hidden = false;
  other.hidden = true;
  if (isFocused) shown.focus();
}

/**
 * An arrow key as it were if all ran from left to right: one goes to what the eye sees on that side.
 * @param {string} key @param {Element} within what the things lie in
 */
export function arrow(key, within) {
  const other = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key];
  return other && getComputedStyle(within).direction === "rtl" ? other : key;
}

/** What makes elements with the words of a desk, which follow its language, and with its ids. @param {import("./contract.js").Desk} desk */
export function elementsOf({ id, words }) {
  /** By it a control is found again when it was made anew. @param {string} key */
  const idOf = key => id(key.replaceAll(".", "-"));

  /** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} key of its words @param {Record<string, any>} [properties] */
  const worded = (tag, key, properties) => make(tag, { "data-text": key, textContent: words.say(key), ...properties });

  /** @param {string} key of its words @param {() => void} press @param {string} [className] @param {string} [name] of its id */
  const button = (key, press, className = "", name = key) =>
    worded("button", key, { id: idOf(name), type: "button", onclick: () => press(), className });

  /** A control with its label. @template {HTMLElement} T @param {string} key @param {T} control */
  const field = (key, control) => make("label", { className: "field" }, worded("span", key), Object.assign(control, { id: idOf(key) }));

  /** What is folded away until it is wanted. @param {string} key @param {boolean} open @param {...Node} children */
  const folded = (key, open, ...children) => make("details", { className: "more", open }, worded("summary", key), ...children);

  return { worded, button, field, select, folded };
}

/**
 * The styles of a view that few visits need.
 * @param {string} path from web/page/
 * @returns {Promise<void>} when they are there
 */
export async function style(path) {
  const { href } = new URL(path, import.meta.url);
  if ([...document.styleSheets].some(sheet => sheet.href === href)) return; // another desk needs them too
  const link = make("link", { rel: "stylesheet", href });
  await new Promise((resolve, reject) => {
    Object.assign(link, { onload: resolve, onerror: () => reject(new Error(`${href} could not be fetched`)) });
    document.head.append(link);
  }).catch(error => {
    link.remove(); // the next one tries again
    throw error;
  });
}

/** Hands bytes to the browser's downloads. @param {Uint8Array} bytes @param {string} name */
export function save(bytes, name) {
  const url = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)]));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
