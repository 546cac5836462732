// SPDX-License-Identifier: MIT
//
// drawing.js - how a network is given a picture: it is drawn, or a ready digit is taken. Fetched with the first network that reads one.
import { digitStrokes } from "../../core/digits.js";
import { pictureOf } from "../../core/picture.js";
import { listOf } from "./inputs.js";
import { sketch } from "./sketch.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../core/picture.js").Point} Point */
/** @typedef {import("../../core/picture.js").Stroke} Stroke */

/** @param {import("../../core/pattern.js").Pattern} network @returns {import("./inputs.js").Inputs} */
export const inputsOf = network => ({
  control: (desk, _, changed) => drawing(desk, changed),
  other: (desk, key, changed) => listOf(desk, [...digitStrokes.keys()].map(String), key, changed),
  valueOf(text) {
    const strokes = strokesOf(text);
    return strokes.length ? pictureOf(strokes, network.side) : null;
  },
});

/** @param {Desk} desk @param {(text: string) => void} changed @returns {import("./inputs.js").Control} */
function drawing(desk, changed) {
  let now = ""; // what stands in the address
  let drawn = ""; // and as it was drawn for it
  const pad = sketch(desk, {
    drawn(strokes) {
      const text = textOf(strokes);
      if (text !== drawn) changed((now = drawn = text));
    },
  });
  return {
    element: pad.element,
    show(text) {
      if (text !== now) {
        now = text;
        const strokes = strokesOf(text);
        drawn = textOf(strokes);
        pad.set(strokes);
      }
      pad.show();
    },
    free: () => pad.free(),
  };
}

// ---- a drawing as text: one digit is a ready one; else four signs a point, x and y in base 36, and - between strokes ----

const MOST_POINTS = 480; // so that an address holds them: of more some are left out
const DIGIT = /^\d$/;
const DRAWING = /^([0-9a-z]{4})+(-([0-9a-z]{4})+)*$/;
/** A ready digit in the middle of the sheet. @param {Point} point @returns {Point} */
const placed = ([x, y]) => [Math.round(40 + 2 * x), Math.round(40 + 2 * y)];

/** @param {string} text @returns {Stroke[]} on a sheet of 280 x 280 */
function strokesOf(text) {
  if (DIGIT.test(text)) return digitStrokes[Number(text)][0].map(stroke => stroke.map(placed));
  if (!DRAWING.test(text)) return [];
  const number = (/** @type {string} */ two) => parseInt(two, 36);
  return text.split("-").map(stroke => (stroke.match(/.{4}/g) ?? []).map(point => [number(point.slice(0, 2)), number(point.slice(2))]));
}

/** @param {Stroke[]} strokes */
function textOf(strokes) {
  const every = Math.ceil(strokes.flat().length / MOST_POINTS);
  const two = (/** @type {number} */ x) => x.toString(36).padStart(2, "0");
  const kept = (/** @type {Stroke} */ stroke) => stroke.filter((_, i) => i % every === 0 || i === stroke.length - 1);
  return strokes
    .map(stroke =>
      kept(stroke)
        .map(([x, y]) => two(x) + two(y))
        .join(""),
    )
    .join("-");
}
