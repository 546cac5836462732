// SPDX-License-Identifier: MIT
//
// unrolled.js - a network unrolled over its steps, as the lesson's picture has it: red below is read, green is the state, blue above is
// written. Each step is a column; the state goes from left to right.

/**
 * @typedef {object} Column
 * @property {string} read what is read; "": nothing
 * @property {string} written what is written; "": nothing
 * @property {string} p how probable it was, as text
 * @property {number} share the same as a number, 0 to 1: how blue it is
 * @property {Float32Array} state h of the last layer, -1 to 1; empty: there is none
 * @property {boolean} isFirst of another stack than the column before, or the first of all: the state is handed over here
 * @property {"given" | "fed"} [from] where what is read came from, in a text that is written: it was given, or the column before wrote it
 * @property {string} label all of it in words
 */

/**
 * @typedef {object} UnrolledData
 * @property {Column[]} columns
 * @property {number} selected index of one; -1: none
 * @property {boolean} follow keep the end in sight
 * @property {{ region: string }} words
 */

/** @typedef {{ box: HTMLElement, row: HTMLElement, data: UnrolledData | null, onColumn: (at: number) => void }} Shown */

const STRIPES = 24; // of a state, at most: more are no wider than a pixel
const SHADES = 4; // --written-0 to -4
const STEPS = 8; // --unit-0 to -8

/** @type {WeakMap<HTMLElement, Shown>} */
const shown = new WeakMap();
/** The state that a cell shows: painting it takes longer than all else. @type {WeakMap<HTMLElement, Float32Array>} */
const painted = new WeakMap();

/** @param {HTMLElement} target @param {UnrolledData} data @param {(at: number) => void} onColumn */
export function draw(target, data, onColumn) {
  const now = shown.get(target) ?? build(target, onColumn);
  const hadFocus = now.row.contains(/** @type {Document | ShadowRoot} */ (target.getRootNode()).activeElement);
  const isMoved = now.data?.selected !== data.selected;
  now.onColumn = onColumn;
  now.data = data;
  now.box.setAttribute("aria-label", data.words.region);
  keep(now.row, data.columns.length, column).forEach((button, at) => drawColumn(button, data.columns[at], at, data.selected));
  if (data.follow) now.box.scrollLeft = now.box.scrollWidth;
  else if (isMoved) reveal(now, hadFocus);
}

/** Leaves nothing of it. @param {HTMLElement} target */
export function clear(target) {
  shown.delete(target);
  target.replaceChildren();
}

/** @param {HTMLElement} target @param {(at: number) => void} onColumn @returns {Shown} */
function build(target, onColumn) {
  const row = element("div", "unrolled-row");
  const box = element("div", "unrolled", row);
  /** @type {Shown} */
  const now = { box, row, data: null, onColumn };
  box.setAttribute("role", "group");
  box.dir = "ltr"; // time goes to the right, whichever way the page reads
  row.addEventListener("click", ({ target: pressed }) => {
    const button = /** @type {HTMLElement} */ (pressed).closest("button");
    if (button) now.onColumn(Number(button.dataset.at));
  });
  row.addEventListener("keydown", event => walk(event, now));
  target.replaceChildren(box);
  shown.set(target, now);
  return now;
}

/** A small picture of the same, without anything to press. @param {HTMLElement} target @param {Column[]} columns */
export function drawSmall(target, columns) {
  target.dir = "ltr";
  target.classList.add("unrolled-row", "small-row");
  keep(target, columns.length, () => column("span")).forEach((span, at) => drawColumn(span, columns[at], at, -1));
}

/** @param {"button" | "span"} [tag] */
function column(tag = "button") {
  const parts = ["written", "state", "read"].map(name => element("span", `cell-${name}`));
  parts[0].append(element("span", ""), element("span", "p"));
  const made = element(tag, "unrolled-column", ...parts);
  for (const part of parts) part.setAttribute("aria-hidden", "true"); // it is read out as a sentence
  if (tag !== "button") return made;
  made.setAttribute("type", "button");
  made.append(element("i", "quiet"));
  return made;
}

/** @param {HTMLElement} made @param {Column} data @param {number} at @param {number} selected */
function drawColumn(made, { read, written, p, share, state, isFirst, from, label }, at, selected) {
  const [top, middle, bottom] = /** @type {HTMLElement[]} */ ([...made.children]);
  const isHere = at === selected || (selected < 0 && at === 0);
  made.className = ["unrolled-column", isFirst && "first", from].filter(Boolean).join(" ");
  if (made.tagName === "BUTTON") {
    made.dataset.at = String(at);
    made.tabIndex = isHere ? 0 : -1; // one stop for Tab; arrows go on from it
    made.setAttribute("aria-pressed", String(at === selected));
    setText(/** @type {Element} */ (made.lastElementChild), label);
  }
  setText(top.children[0], written);
  setText(top.children[1], p);
  top.className = `cell-written w${Math.round(share * SHADES)}${written ? "" : " nothing-there"}`;
  if (painted.get(middle) !== state) middle.style.background = stripes(state, "to bottom", STRIPES);
  painted.set(middle, state);
  middle.classList.toggle("nothing-there", !state.length);
  setText(bottom, read);
  bottom.classList.toggle("nothing-there", !read);
}

/** A state in the colours of hidden units. @param {Float32Array} state @param {string} way @param {number} most stripes */
function stripes(state, way, most) {
  const count = Math.min(most, state.length);
  if (!count) return "none";
  const stops = Array.from({ length: count }, (_, i) => {
    const value = state[Math.floor((i * state.length) / count)];
    const step = Math.round(((Math.min(Math.max(value, -1), 1) + 1) / 2) * STEPS);
    return `var(--unit-${step}) ${((100 * i) / count).toFixed(2)}% ${((100 * (i + 1)) / count).toFixed(2)}%`;
  });
  return `linear-gradient(${way}, ${stops.join(", ")})`;
}

/**
 * A state that is handed over, lying: its parts one below the other, a stripe for each number.
 * @param {HTMLElement} target @param {Float32Array[]} parts
 */
export function drawBand(target, parts) {
  keep(target, parts.length, () => element("i", "")).forEach((row, i) => {
    row.style.background = stripes(parts[i], "to right", parts[i].length);
  });
}

/** @param {KeyboardEvent} event @param {Shown} now */
function walk(event, { row, data, onColumn }) {
  const last = row.children.length - 1;
  const from = [...row.children].indexOf(/** @type {Element} */ (event.target));
  const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
  if (to === undefined || !data || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const next = Math.max(0, Math.min(last, to));
  onColumn(next);
  const chosen = row.querySelector('[aria-pressed="true"]') ?? row.children[next]; // the row may have moved on beneath it
  /** @type {HTMLElement} */ (chosen).focus({ preventScroll: true });
}

/** Puts the selected column into the middle of its box, and never moves the page. @param {Shown} now @param {boolean} hadFocus */
function reveal({ box, row, data }, hadFocus) {
  const column = /** @type {HTMLElement | undefined} */ (row.children[data?.selected ?? -1]);
  if (!column) return;
  box.scrollLeft = column.offsetLeft - (box.clientWidth - column.offsetWidth) / 2;
  if (hadFocus) column.focus({ preventScroll: true });
}

/**
 * Nodes are kept from frame to frame, so that a focused one stays focused.
 * @param {Element} list @param {number} count @param {() => Element} make
 */
function keep(list, count, make) {
  while (list.children.length > count) list.lastElementChild?.remove();
  while (list.children.length < count) list.append(make());
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/** @param {string} tag @param {string} className @param {Node[]} children */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
