// SPDX-License-Identifier: MIT
//
// guesses.js - the text as a row of characters and, under each, the network's best guesses for its place.

/**
 * @typedef {{ name: string, p: number, text: string, chosen: boolean, sign?: string }} Guess sign: what is shown for a name that is a
 *   word, such as ↵
 */
/** @typedef {{ place: number, name: string, guesses: Guess[], sign?: string }} GuessColumn */

/**
 * @typedef {object} GuessWords
 * @property {string} region what the table is
 * @property {string} came the row of the text
 * @property {string[]} guess the rows of the guesses, best first
 * @property {string} chosen what is read out at the guess that came
 */

/**
 * @typedef {object} GuessData
 * @property {GuessColumn[]} columns the characters around the selected one, with their guesses, best first
 * @property {number} selected a column's place
 * @property {GuessWords} words
 */

/** @typedef {(place: number) => void} OnPlace */

const SHADES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.85]; // from each on, one step darker

/**
 * What a target shows.
 * @type {WeakMap<HTMLElement, { box: HTMLElement, table: HTMLTableElement, data: GuessData | null, onPlace: OnPlace }>}
 */
const shown = new WeakMap();

/** @param {HTMLElement} target @param {GuessData} data @param {OnPlace} onPlace */
export function draw(target, data, onPlace) {
  const now = shown.get(target) ?? build(target, onPlace);
  const { columns, selected, words } = data;
  const { box, table } = now;
  const moved = now.data?.selected !== selected || now.data.columns[0]?.place !== columns[0]?.place;
  const focused = table.rows[0]?.contains(/** @type {Document | ShadowRoot} */ (table.getRootNode()).activeElement);
  now.data = data;
  now.onPlace = onPlace;
  box.setAttribute("aria-label", words.region);
  keep(table, 1 + words.guess.length, () => element("tr", "")).forEach((row, i) => {
    const [header, ...cells] = keep(row, 1 + columns.length, () => cell(row.childElementCount, i));
    setText(header, i ? words.guess[i - 1] : words.came);
    cells.forEach((td, k) => {
      td.classList.toggle("here", columns[k].place === selected);
      if (i) drawGuess(td, columns[k].guesses[i - 1], words);
      else drawCharacter(td, columns[k], selected);
    });
  });
  if (moved) reveal(now, focused);
}

/** @param {string} tag @param {string} className @param {Node[]} children */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Leaves nothing of it. @param {HTMLElement} target */
export function clear(target) {
  shown.delete(target);
  target.replaceChildren();
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Nodes are kept from frame to frame, so that a focused one stays focused.
 * @param {Element} list
 * @param {number} count
 * @param {() => Element} make
 */
function keep(list, count, make) {
  while (list.children.length > count) list.lastElementChild?.remove();
  while (list.children.length < count) list.append(make());
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/** @param {HTMLElement} target @param {OnPlace} onPlace */
function build(target, onPlace) {
  const table = /** @type {HTMLTableElement} */ (element("table", ""));
  const box = element("div", "guesses", table);
  const now = { box, table, data: /** @type {GuessData | null} */ (null), onPlace };
  box.setAttribute("role", "region");
  box.tabIndex = 0; // so that keys can scroll it
  box.dir = "ltr";
  table.addEventListener("click", ({ target: pressed }) => {
    const button = /** @type {HTMLElement} */ (pressed).closest("button");
    if (button) now.onPlace(Number(button.dataset.place));
  });
  table.addEventListener("keydown", event => walk(event, now));
  target.replaceChildren(box);
  shown.set(target, now);
  return now;
}

/** A table's cell: its first row and column are headers, and the first row has buttons. @param {number} column @param {number} row */
function cell(column, row) {
  const td = element(column && row ? "td" : "th", "");
  td.setAttribute("scope", column ? "col" : "row");
  if (column && row) td.removeAttribute("scope");
  const parts = [element("span", "sign"), element("span", "quiet")]; // what is seen, what is read out
  parts[0].setAttribute("aria-hidden", "true");
  if (column && row) td.append(...parts, element("span", "p"));
  else if (column) td.append(element("button", "", ...parts));
  return td;
}

/** @param {Element} sign @param {{ name: string, sign?: string }} character */
function drawSign(sign, { name, sign: shown = name }) {
  setText(sign, shown);
  sign.classList.toggle("word", shown.length > 2);
}

/** @param {HTMLElement} td @param {Guess | undefined} guess @param {GuessWords} words */
function drawGuess(td, guess, words) {
  const { name, p, text, chosen } = guess ?? { name: "", p: 0, text: "", chosen: false }; // a vocabulary may be smaller than the rows
  td.className = `g${SHADES.filter(least => p >= least).length}${chosen ? " chosen" : ""}${td.classList.contains("here") ? " here" : ""}`;
  drawSign(td.children[0], guess ?? { name });
  setText(td.children[1], chosen ? `${name}, ${words.chosen}, ` : `${name} `);
  setText(td.children[2], text);
}

/** @param {HTMLElement} th @param {GuessColumn} column @param {number} selected */
function drawCharacter(th, column, selected) {
  const button = /** @type {HTMLButtonElement} */ (th.firstElementChild);
  const here = column.place === selected;
  button.type = "button";
  button.dataset.place = String(column.place);
  button.tabIndex = here ? 0 : -1; // one stop for Tab; arrows go on from it
  button.setAttribute("aria-current", String(here));
  drawSign(button.children[0], column);
  setText(button.children[1], column.name);
}

/** @param {KeyboardEvent} event @param {{ data: GuessData | null, onPlace: OnPlace }} now */
function walk(event, { data, onPlace }) {
  const on = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (!on || !data || !button || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const next = data.columns[data.columns.findIndex(({ place }) => place === Number(button.dataset.place)) + on];
  if (next) onPlace(next.place);
}

/**
 * Puts the selected column into the middle of its box, and never moves the page.
 * @param {{ box: HTMLElement, table: HTMLTableElement }} now
 * @param {boolean} focused whether a character had the focus: then it goes along
 */
function reveal({ box, table }, focused) {
  const column = /** @type {HTMLElement | null} */ (table.rows[0]?.querySelector(".here"));
  if (!column) return;
  const header = /** @type {HTMLElement} */ (table.rows[0].firstElementChild).offsetWidth;
  box.scrollLeft = column.offsetLeft - (box.clientWidth + header - column.offsetWidth) / 2;
  if (focused) column.querySelector("button")?.focus({ preventScroll: true });
}
