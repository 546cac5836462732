// SPDX-License-Identifier: MIT
//
// curve.js - how a training goes: curves over steps or time, with lines to compare them with, and the same as a table.

/**
 * @typedef {object} CurveData
 * @property {{ key: string, name: string, points: { x: number, y: number }[] }[]} curves key names the style
 * @property {{ name: string, y: number }[]} references
 * @property {{ x: number, y: number, name: string } | null} best a point that is marked
 * @property {number} endX where the x axis ends
 * @property {(x: number) => string} nameOfX
 * @property {(y: number) => string} nameOfY
 * @property {{ x: string, y: string, table: string, description: string }} words
 */

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 280;
const MOST = 720;
const HEIGHT = 300;
const LEFT = 40;
const RIGHT = 92;
const TOP = 12;
const BOTTOM = 30; // pixels: the picture is as wide as its target
const LABEL = 15; // height of one, so that none covers another
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

/** @param {CurveData} data @param {number} width */
function scales({ curves, references, endX }, width) {
  const ys = [...curves.flatMap(({ points }) => points.map(({ y }) => y)), ...references.map(({ y }) => y)].filter(Number.isFinite);
  const low = Math.floor(2 * Math.min(...ys)) / 2;
  const high = Math.ceil(2 * Math.max(...ys)) / 2;
  const endY = high > low ? high : low + 1;
  return {
    low,
    endY,
    x: (/** @type {number} */ x) => LEFT + ((width - LEFT - RIGHT) * x) / (endX || 1),
    y: (/** @type {number} */ y) => TOP + ((HEIGHT - TOP - BOTTOM) * (endY - y)) / (endY - low),
  };
}

/**
 * Labels at the right edge, moved apart: downwards, and where that ends below the axis, upwards.
 * @param {{ name: string, y: number, key: string }[]} labels
 */
function apart(labels) {
  const sorted = labels.sort((a, b) => a.y - b.y);
  let last = -Infinity;
  for (const label of sorted) last = label.y = Math.max(label.y, last + LABEL);
  last = HEIGHT - BOTTOM + LABEL;
  for (const label of sorted.toReversed()) last = label.y = Math.min(label.y, last - LABEL);
  return sorted;
}

/** @param {CurveData} data @param {number} width */
function picture(data, width) {
  const { curves, references, best, endX, nameOfX, nameOfY, words } = data;
  const { x, y, low, endY } = scales(data, width);
  const right = width - RIGHT;
  const svg = element("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", class: "curve" }, element("title", {}, words.description));
  for (const tick of ticks(low, endY, 5))
    svg.append(
      element("line", { class: "grid", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }),
      element("text", { class: "tick end", x: LEFT - 6, y: y(tick) + 4 }, nameOfY(tick)),
    );
  for (const tick of ticks(0, endX, width / 130))
    svg.append(element("text", { class: "tick middle", x: x(tick), y: HEIGHT - BOTTOM + 16 }, nameOfX(tick)));
  svg.append(element("text", { class: "tick end", x: right, y: HEIGHT - 2 }, words.x));
  for (const { y: value } of references)
    svg.append(element("line", { class: "reference", x1: LEFT, x2: right, y1: y(value), y2: y(value) }));
  const labels = references.map(({ name, y: value }) => ({ name, y: y(value), key: "reference" }));
  for (const { key, name, points } of curves.filter(({ points }) => points.length)) {
    svg.append(
      element("polyline", {
        class: `line ${key}`,
        points: points.map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(" "),
      }),
    );
    labels.push({ name, y: y(/** @type {{ y: number }} */ (points.at(-1)).y), key });
  }
  if (best) svg.append(element("circle", { class: "best", cx: x(best.x), cy: y(best.y), r: 4 }, element("title", {}, best.name)));
  for (const { name, y, key } of apart(labels)) svg.append(element("text", { class: `label ${key}`, x: right + 6, y: y + 4 }, name));
  return svg;
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
