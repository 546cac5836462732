// SPDX-License-Identifier: MIT
//
// distribution.js - what may come next: bars before and after the temperature, the dice on the strip of
// all probabilities, and the same as a table.

/**
 * @typedef {object} Candidate
 * @property {number} id
 * @property {string} name how the character is called: itself, or a word for what cannot be seen
 * @property {number} before probability at T = 1
 * @property {number} after probability at the temperature in use
 * @property {string} beforeText
 * @property {string} afterText
 * @property {string} label what a button says that chooses it
 */

/**
 * @typedef {object} DistributionData
 * @property {Candidate[]} top the most probable, most probable first
 * @property {{ id: number, p: number }[]} strip all characters of probability > 0 in id order: the dice falls on one
 * @property {number} chosen id of the character that came
 * @property {number | null} u the dice, 0 to 1; null: chosen by hand
 * @property {{ of: string, before: string, after: string, dice: string, whatIf: string, table: string, character: string }} words
 * @property {{ name: string, value: string }[]} numbers
 */

/** @param {HTMLElement} target @param {DistributionData | null} data @param {string} [none] what to say without data */
export function draw(target, data, none = "") {
  if (!data) {
    target.replaceChildren(element("p", "note", none));
    return;
  }
  const parts = target.querySelector(".bars") ? target : build(target);
  text(parts, ".of", data.words.of);
  text(parts, ".key-before", data.words.before);
  text(parts, ".key-after", data.words.after);
  text(parts, ".dice-note", data.words.dice);
  text(parts, ".what-if", data.words.whatIf);
  text(parts, "summary", data.words.table);
  drawNumbers(one(parts, ".numbers"), data.numbers);
  drawBars(one(parts, ".bars"), data);
  drawStrip(one(parts, ".strip"), data);
  drawTable(one(parts, "table"), data);
}

/** @param {string} tag @param {string} className @param {string} [content] */
function element(tag, className, content = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

/** @param {HTMLElement} parts @param {string} selector @returns {HTMLElement} */
function one(parts, selector) {
  return /** @type {HTMLElement} */ (parts.querySelector(selector));
}

/** @param {HTMLElement} parts @param {string} selector @param {string} content */
function text(parts, selector, content) {
  const found = one(parts, selector);
  if (found.textContent !== content) found.textContent = content;
}

/** @param {HTMLElement} target */
function build(target) {
  const key = element("p", "key");
  key.append(element("span", "key-before"), element("span", "key-after"));
  const dice = element("div", "dice");
  dice.append(element("div", "strip"), element("div", "needle"));
  const table = document.createElement("details");
  const numbers = document.createElement("table");
  table.className = "as-table";
  table.append(document.createElement("summary"), numbers);
  target.replaceChildren(element("p", "of"), element("dl", "numbers"), key, element("ol", "bars"), element("p", "note what-if"), dice,
    element("p", "note dice-note"), table);
  return target;
}

/** @param {HTMLElement} target @param {DistributionData["numbers"]} numbers */
function drawNumbers(target, numbers) {
  target.replaceChildren(...numbers.map(({ name, value }) => {
    const pair = element("div", "");
    pair.append(element("dt", "", name), element("dd", "", value));
    return pair;
  }));
}

/** Rows are kept from frame to frame, so that a focused button stays focused. @param {HTMLElement} list @param {DistributionData} data */
function drawBars(list, { top, chosen }) {
  while (list.children.length > top.length) list.lastElementChild?.remove();
  while (list.children.length < top.length) list.append(bar());
  top.forEach((candidate, i) => {
    const button = /** @type {HTMLElement} */ (list.children[i].firstElementChild);
    const [name, bars, p] = /** @type {HTMLElement[]} */ ([...button.children]);
    button.dataset.id = String(candidate.id);
    button.setAttribute("aria-label", candidate.label);
    button.classList.toggle("chosen", candidate.id === chosen);
    button.setAttribute("aria-current", String(candidate.id === chosen));
    name.textContent = candidate.name;
    name.classList.toggle("word", candidate.name.length > 2);
    p.textContent = candidate.afterText;
    /** @type {HTMLElement} */ (bars.children[0]).style.width = `${100 * candidate.before}%`;
    /** @type {HTMLElement} */ (bars.children[1]).style.width = `${100 * candidate.after}%`;
  });
}

function bar() {
  const row = document.createElement("li");
  const button = /** @type {HTMLButtonElement} */ (element("button", "bar"));
  const bars = element("span", "pair");
  button.type = "button";
  bars.append(element("span", "before"), element("span", "after"));
  button.append(element("span", "name"), " ", bars, " ", element("span", "p")); // blanks part the words that are read out
  row.append(button);
  return row;
}

/** @param {HTMLElement} strip @param {DistributionData} data */
function drawStrip(strip, { strip: pieces, chosen, u }) {
  while (strip.children.length > pieces.length) strip.lastElementChild?.remove();
  while (strip.children.length < pieces.length) strip.append(document.createElement("i"));
  pieces.forEach(({ id, p }, i) => {
    const piece = /** @type {HTMLElement} */ (strip.children[i]);
    piece.style.flexGrow = String(p);
    piece.classList.toggle("chosen", id === chosen);
  });
  const needle = /** @type {HTMLElement} */ (strip.nextElementSibling);
  needle.hidden = u === null;
  if (u !== null) needle.style.left = `${100 * u}%`;
}

/** Only an open table is kept up to date. @param {HTMLElement} table @param {DistributionData} data */
function drawTable(table, { top, chosen, words }) {
  const details = /** @type {HTMLDetailsElement} */ (table.parentElement);
  const fill = () => {
    const head = document.createElement("tr");
    for (const name of [words.character, words.before, words.after]) {
      const cell = element("th", "", name);
      cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const rows = top.map(({ id, name, beforeText, afterText }) => {
      const row = element("tr", id === chosen ? "chosen" : "");
      const header = element("th", "", name);
      header.setAttribute("scope", "row");
      row.append(header, element("td", "", beforeText), element("td", "", afterText));
      return row;
    });
    table.replaceChildren(head, ...rows);
  };
  details.ontoggle = () => details.open && fill();
  if (details.open) fill();
}
