// SPDX-License-Identifier: MIT
//
// distribution.js - what may come next: bars before and after temperature and cuts, the dice on the strip of all
// probabilities, and the whole as a table.

/** @typedef {import("./data.js").DistributionData} DistributionData */
/** @typedef {import("./data.js").SmallDistribution} SmallDistribution */
/** @typedef {import("./data.js").Candidate} Candidate */

/** @param {HTMLElement} target @param {DistributionData | null} data @param {string} [none] what to say without data */
export function draw(target, data, none = "") {
  if (!data) {
    target.replaceChildren(element("p", "note", none));
    return;
  }
  if (!target.querySelector(".bars")) build(target);
  const { words } = data;
  for (const [selector, content] of Object.entries({
    ".of": words.of,
    ".key-before": words.before,
    ".key-after": words.after,
    ".dice-note": words.dice,
    ".what-if": words.whatIf,
    summary: words.table,
    ".csv": words.csv,
  }))
    text(target, selector, content);
  drawNumbers(one(target, ".numbers"), data);
  drawBars(one(target, ".bars"), data);
  drawStrip(one(target, ".strip"), data);
  drawTable(one(target, ".as-table table"), data);
}

/** The bars and the dice alone, where there is little room. @param {HTMLElement} target @param {SmallDistribution} data */
export function drawSmall(target, data) {
  if (!target.querySelector(".bars")) target.replaceChildren(element("ol", "bars"), dice(), element("p", "note dice-note"));
  text(target, ".dice-note", data.words.dice);
  drawBars(one(target, ".bars"), data);
  drawStrip(one(target, ".strip"), data);
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
  const details = element("details", "as-table");
  const copy = element("button", "csv plain");
  const key = element("p", "note key");
  copy.setAttribute("type", "button");
  details.append(element("summary", ""), element("table", ""), copy);
  key.append(element("span", "key-before"), " ", element("span", "key-after"));
  target.replaceChildren(
    element("p", "of"),
    key,
    element("ol", "bars"),
    dice(),
    element("p", "note dice-note"),
    element("p", "note what-if"),
    element("table", "numbers"),
    details,
  );
}

function dice() {
  const made = element("div", "dice");
  made.append(element("div", "strip"), element("div", "needle"));
  return made;
}

/**
 * @param {string} className
 * @param {string[]} cells the first one heads the row
 * @param {string} [scope] of the others, if they are heads too
 */
function row(className, cells, scope) {
  const made = element("tr", className);
  cells.forEach((content, i) => {
    const cell = element(scope || i === 0 ? "th" : "td", "", content);
    if (scope || i === 0) cell.setAttribute("scope", scope ?? "row");
    made.append(cell);
  });
  return made;
}

/** @param {HTMLElement} table @param {DistributionData} data */
function drawNumbers(table, { numbers, words }) {
  const head = row("", [words.came, words.before, words.after], "col");
  table.replaceChildren(head, ...numbers.map(({ name, before, after }) => row("", [name, before, after])));
}

/** Rows are kept from frame to frame, so that a focused button stays focused. @param {HTMLElement} list @param {SmallDistribution} data */
function drawBars(list, { top, rest, chosen, canChoose, ahead, words }) {
  while (list.children.length > top.length + 1) list.firstElementChild?.remove();
  while (list.children.length < top.length) list.prepend(bar("button"));
  if (list.children.length === top.length) list.append(bar("div"));
  top.forEach((candidate, i) => {
    const button = /** @type {HTMLButtonElement} */ (list.children[i].firstElementChild);
    fill(button, candidate.name, candidate.described, candidate);
    button.dataset.id = String(candidate.id);
    const text = ahead?.get(candidate.id) ?? "";
    const seen = text ? `${candidate.label} ${text}` : candidate.label; // in its order: who speaks to the page says what is seen
    button.setAttribute("aria-label", seen + candidate.more);
    button.setAttribute("aria-current", String(candidate.id === chosen));
    button.classList.toggle("chosen", candidate.id === chosen);
    button.classList.toggle("cut", candidate.after === 0);
    button.disabled = !canChoose;
    /** @type {HTMLElement} */ (button.lastElementChild).textContent = text;
  });
  fill(/** @type {HTMLElement} */ (list.lastElementChild?.firstElementChild), words.rest, true, rest);
}

/** @param {"button" | "div"} tag */
function bar(tag) {
  const item = document.createElement("li");
  const made = element(tag, "bar");
  const pair = element("span", "pair");
  if (tag === "button") made.setAttribute("type", "button");
  pair.append(element("span", "before"), element("span", "after"));
  made.append(element("span", "name"), " ", pair, " ", element("span", "p"), " ", element("bdi", "ahead")); // blanks part what is read out
  item.append(made);
  return item;
}

/**
 * @param {HTMLElement} made
 * @param {string} name
 * @param {boolean} described
 * @param {{ before: number, after: number, afterText: string }} share
 */
function fill(made, name, described, { before, after, afterText }) {
  const [label, pair, p] = /** @type {HTMLElement[]} */ ([...made.children]);
  label.textContent = name;
  label.classList.toggle("word", described);
  p.textContent = afterText;
  /** @type {HTMLElement} */ (pair.children[0]).style.width = `${100 * before}%`;
  /** @type {HTMLElement} */ (pair.children[1]).style.width = `${100 * after}%`;
}

/** @param {HTMLElement} strip @param {SmallDistribution} data */
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
function drawTable(table, { all, chosen, words }) {
  const details = /** @type {HTMLDetailsElement} */ (table.parentElement);
  const show = () =>
    table.replaceChildren(
      row("", [words.character, words.before, words.after], "col"),
      ...all().map(({ id, name, beforeText, afterText }) => row(id === chosen ? "chosen" : "", [name, beforeText, afterText])),
    );
  details.ontoggle = () => details.open && show();
  if (details.open) show();
}
