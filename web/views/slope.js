// SPDX-License-Identifier: MIT
//
// slope.js - a loss that falls, over the updates of a short training, with a mark at one of them.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400;
const HEIGHT = 60;

/**
 * @typedef {object} SlopeData
 * @property {number[]} values one an update, from the one before the first
 * @property {number} updates in all
 * @property {number} most the value at the top
 * @property {number} at index of the one that is marked
 * @property {string} description
 */

/** @param {string} name @param {Record<string, string | number>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {HTMLElement} target @param {SlopeData} data */
export function draw(target, { values, updates, most, at, description }) {
  const x = (/** @type {number} */ i) => (WIDTH * i) / Math.max(1, updates);
  const y = (/** @type {number} */ value) => HEIGHT * (1 - Math.min(1, value / most));
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": description });
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  svg.append(element("polyline", { class: "slope", points }), element("line", { class: "now", x1: x(at), x2: x(at), y1: 0, y2: HEIGHT }));
  target.replaceChildren(svg);
}
