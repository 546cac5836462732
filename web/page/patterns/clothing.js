// SPDX-License-Identifier: MIT
//
// clothing.js - how a network that knows pictures of clothes is given one: a silhouette is chosen. Nobody draws a coat with a mouse.
import { listOf } from "./inputs.js";

/** @typedef {[x: number, y: number][]} Outline on a field of 28 x 28 */

// prettier-ignore
/** @type {Readonly<Record<string, Outline>>} */
const SILHOUETTES = Object.freeze({
  trousers: [[9, 2], [19, 2], [20, 26], [15, 26], [14, 9], [13, 26], [8, 26]],
  shirt: [[10, 3], [12, 5], [16, 5], [18, 3], [25, 8], [22, 12], [20, 10], [20, 25], [8, 25], [8, 10], [6, 12], [3, 8]],
  dress: [[11, 2], [17, 2], [17, 10], [21, 26], [7, 26], [11, 10]],
  bag: [[3, 10], [25, 10], [26, 25], [2, 25]],
});

const SIDE = 28;
const CLOTH = 200; // how bright it is, of 255
const PARTS = 4; // of a place's side that are looked at, for soft edges

/** @type {import("./inputs.js").Inputs} */
export const clothing = {
  control: (desk, key, changed) => listOf(desk, Object.keys(SILHOUETTES), key, changed, name => desk.words.say(`silhouette.${name}`)),
  other: (desk, key, changed) => clothing.control(desk, key, changed),
  valueOf: text => (Object.hasOwn(SILHOUETTES, text) ? filled(SILHOUETTES[text]) : null),
};

/** @param {Outline} outline */
function filled(outline) {
  const middle = (/** @type {number} */ part) => (part + 0.5) / PARTS;
  return Uint8Array.from({ length: SIDE * SIDE }, (_, place) => {
    let hits = 0;
    for (let part = 0; part < PARTS * PARTS; part++) {
      const x = (place % SIDE) + middle(part % PARTS);
      const y = Math.floor(place / SIDE) + middle(Math.floor(part / PARTS));
      hits += Number(isInside(outline, x, y));
    }
    return (CLOTH * hits) / PARTS ** 2;
  });
}

/** Whether a ray from the point crosses the outline an odd number of times. @param {Outline} outline @param {number} x @param {number} y */
function isInside(outline, x, y) {
  return outline.reduce((inside, [x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length];
    return y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !inside : inside;
  }, false);
}
