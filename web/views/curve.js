// SPDX-License-Identifier: MIT
//
// curve.js - how a training goes: curves over steps or time, with lines to compare them with, and the same as a table.

/**
 * @typedef {object} CurveData
 * @property {{ key: string, name: string, points: { x: number, y: number }[] }[]} curves key: classes, which name the style
 * @property {{ name: string, y: number }[]} references
 * @property {{ x: number, y: number, name: string, key?: string } | null} best a point that is marked
 * @property {{ x: number, y: number | null } | null} [mark] a place that is looked at
 * @property {number} [height] pixels
 * @property {number} endX where the x axis ends
 * @property {(x: number) => string} nameOfX
 * @property {(y: number) => string} nameOfY
 * @property {{ x: string, y: string, table: string, description: string }} words
 */

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 280;
const MOST = 720;
const USUAL = 300; // height
const LEFT = 40;
const RIGHT = 92; // at least, for the labels
const RIGHT_SHARE = 0.36; // of the width, at most
const TOP = 12;
const BOTTOM = 30; // pixels: the picture is as wide as its target
const LABEL = 15; // height of one, so that none covers another
const LETTER = 6.7; // width of one of a label's, about
const GAP = 8; // between a line's end and its label
const ROWS = 40; // of the table

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function element(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** Round numbers over a range, about so many. @param {number} from @param {number} to @param {number} count */
function ticks(from, to, count) {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * power).find(step => step >= rough) ?? rough;
  return Array.from({ length: Math.floor(to / step) - Math.ceil(from / step) + 1 }, (_, i) => (Math.ceil(from / step) + i) * step);
}

/** Room for labels of these lengths. @param {CurveData} data @param {number} width */
function rightOf({ curves, references }, width) {
  const longest = Math.max(...[...curves, ...references].map(({ name }) => name.length));
  return width - Math.max(RIGHT, Math.min(LETTER * longest + 2 * GAP, RIGHT_SHARE * width));
}

/** @param {CurveData} data @param {number} right end of the x axis @param {number} height */
function scales({ curves, references, endX }, right, height) {
  const ys = [...curves.flatMap(({ points }) => points.map(({ y }) => y)), ...references.map(({ y }) => y)].filter(Number.isFinite);
  const low = Math.floor(2 * Math.min(...ys)) / 2;
  const high = Math.ceil(2 * Math.max(...ys)) / 2;
  const endY = high > low ? high : low + 1;
  return {
    low,
    endY,
    x: (/** @type {number} */ x) => LEFT + ((right - LEFT) * x) / (endX || 1),
    y: (/** @type {number} */ y) => TOP + ((height - TOP - BOTTOM) * (endY - y)) / (endY - low),
  };
}

/**
 * A line's label; x and y: where the line ends, at: the height that the label gets.
 * @typedef {{ name: string, key: string, x: number, y: number, at: number }} Label
 */

/** Whether one would cover the other if both stood at one height. @param {Label} a @param {Label} b */
const meet = (a, b) => a.x < b.x + LETTER * b.name.length + GAP && b.x < a.x + LETTER * a.name.length + GAP;

/**
 * Labels, and those of references for which there is room beside them, the lowest lines first.
 * @param {Label[]} labels @param {Label[]} references
 */
function withRoom(labels, references) {
  const all = [...labels];
  for (const label of references.sort((a, b) => b.y - a.y))
    if (all.every(other => !meet(other, label) || Math.abs(other.y - label.y) >= LABEL)) all.push(label);
  return all;
}

/** Moves labels apart: downwards, and where that ends below the axis, upwards. @param {Label[]} labels @param {number} lowest */
function apart(labels, lowest) {
  const sorted = labels.sort((a, b) => a.y - b.y);
  sorted.forEach((label, i) => {
    for (const above of sorted.slice(0, i)) if (meet(above, label)) label.at = Math.max(label.at, above.at + LABEL);
  });
  sorted.toReversed().forEach((label, i, all) => {
    label.at = Math.min(label.at, lowest);
    for (const below of all.slice(0, i)) if (meet(below, label)) label.at = Math.min(label.at, below.at - LABEL);
  });
  return sorted;
}

/** Where it could not stay at its line's end, a thin line leads there. @param {Label} label @returns {Element[]} */
function drawLabel({ name, key, x, y, at }) {
  const text = element("text", { class: `label ${key}`, x: x + GAP, y: at + 4 }, name);
  if (Math.abs(at - y) < LABEL / 3) return [text];
  return [element("polyline", { class: "leader", points: `${x},${y} ${x + GAP - 2},${at}` }), text];
}

/** @param {CurveData} data @param {number} width */
function picture(data, width) {
  const { curves, references, best, mark, endX, height = USUAL, nameOfX, nameOfY, words } = data;
  const right = rightOf(data, width);
  const { x, y, low, endY } = scales(data, right, height);
  const bottom = height - BOTTOM;
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "curve" }, element("title", {}, words.description));
  for (const tick of ticks(low, endY, 5))
    svg.append(
      element("line", { class: "grid", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }),
      element("text", { class: "tick end", x: LEFT - 6, y: y(tick) + 4 }, nameOfY(tick)),
    );
  for (const tick of ticks(0, endX, width / 130))
    svg.append(element("text", { class: "tick middle", x: x(tick), y: bottom + 16 }, nameOfX(tick)));
  svg.append(element("text", { class: "tick end", x: right, y: height - 2 }, words.x));
  for (const { y: value } of references)
    svg.append(element("line", { class: "reference", x1: LEFT, x2: right, y1: y(value), y2: y(value) }));
  if (mark) svg.append(element("line", { class: "mark", x1: x(mark.x), x2: x(mark.x), y1: TOP, y2: bottom }));
  /** @type {Label[]} */
  const labels = [];
  for (const { key, name, points } of curves.filter(({ points }) => points.length)) {
    svg.append(
      element("polyline", {
        class: `line ${key}`,
        points: points.map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(" "),
      }),
    );
    const end = /** @type {{ x: number, y: number }} */ (points.at(-1));
    labels.push({ name, x: Math.min(x(end.x), width - GAP - LETTER * name.length), y: y(end.y), at: y(end.y), key });
  }
  if (best) {
    const place = { class: `best ${best.key ?? ""}`, cx: x(best.x), cy: y(best.y), r: 4 };
    svg.append(element("circle", place, element("title", {}, best.name)));
  }
  if (mark && mark.y !== null) svg.append(element("circle", { class: "mark", cx: x(mark.x), cy: y(mark.y), r: 5 }));
  const others = references.map(({ name, y: value }) => ({ name, x: right, y: y(value), at: y(value), key: "reference" }));
  for (const label of apart(withRoom(labels, others), bottom)) svg.append(...drawLabel(label));
  return svg;
}

/** A short piece of a curve's line, for a list of curves. @param {HTMLElement} target @param {string} key of its style */
export function sample(target, key) {
  const line = element("line", { class: `line ${key}`, x1: 1, x2: 35, y1: 6, y2: 6 });
  target.replaceChildren(element("svg", { viewBox: "0 0 36 12", class: "swatch", "aria-hidden": "true" }, line));
}

/** @param {CurveData} data */
function table({ curves, nameOfX, nameOfY, words }) {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const every = Math.ceil(xs.length / ROWS);
  const row = (/** @type {string} */ cell, /** @type {string[]} */ texts) => {
    const made = document.createElement("tr");
    made.append(...texts.map((text, i) => Object.assign(document.createElement(i ? cell : "th"), { textContent: text })));
    return made;
  };
  const made = document.createElement("table");
  made.append(row("th", [words.x, ...curves.map(({ name }) => name)]));
  for (const x of xs.filter((_, i) => i % every === 0 || i === xs.length - 1))
    made.append(
      row("td", [
        nameOfX(x),
        ...curves.map(({ points }) => points.find(point => point.x === x)?.y).map(value => (value === undefined ? "" : nameOfY(value))),
      ]),
    );
  return made;
}

/** The table stays where it is, open or not, so that the focus does too. @param {HTMLElement} target @param {CurveData} data */
export function draw(target, data) {
  const drawn = picture(data, Math.min(MOST, Math.max(LEAST, target.clientWidth)));
  const details = target.querySelector("details") ?? emptyDetails();
  /** @type {HTMLElement} */ (details.firstElementChild).textContent = data.words.table;
  const fill = () => {
    details.querySelector("table")?.remove();
    if (details.open) details.append(table(data));
  };
  details.ontoggle = fill;
  fill();
  if (details.parentElement === target) target.firstElementChild?.replaceWith(drawn);
  else target.replaceChildren(drawn, details);
}

function emptyDetails() {
  const made = document.createElement("details");
  made.className = "as-table";
  made.append(document.createElement("summary"));
  return made;
}
