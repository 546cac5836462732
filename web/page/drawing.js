// SPDX-License-Identifier: MIT
//
// drawing.js - how a network is given a picture: it is drawn, or a ready digit is taken. Fetched with the first network that reads one.
import { digitStrokes } from "../core/digits.js";
import { pictureOf } from "../core/picture.js";
import { listOf } from "./inputs.js";
import { sketch } from "./sketch.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("../core/picture.js").Point} Point */
/** @typedef {import("../core/picture.js").Stroke} Stroke */

/** @param {import("../core/pattern.js").Pattern} network @returns {import("./inputs.js").Inputs} */
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
  let now = "";
  const pad = sketch(desk, {
    drawn(strokes) {
      now = textOf(strokes);
      changed(now);
    },
  });
  return {
    element: pad.element,
    show(text) {
      if (text !== now) pad.set(strokesOf((now = text)).map(stroke => stroke.map(placed)));
      pad.show();
    },
    free: () => pad.free(),
  };
}

// ---- a drawing as text: a digit is a ready one; else four digits a point, x and y from 00 to 99, and - between strokes ----

const MOST_POINTS = 480; // so that an address holds them
/** In the middle of the sheet that is drawn on. @param {Point} point @returns {Point} */
const placed = ([x, y]) => [40 + 2 * x, 40 + 2 * y];

/** @param {string} text @returns {Stroke[]} */
function strokesOf(text) {
  if (/^\d$/.test(text)) return [...digitStrokes[Number(text)][0]];
  if (!/^(\d{4})+(-(\d{4})+)*$/.test(text)) return [];
  return text.split("-").map(stroke => (stroke.match(/\d{4}/g) ?? []).map(point => [Number(point.slice(0, 2)), Number(point.slice(2))]));
}

/** @param {Stroke[]} strokes */
function textOf(strokes) {
  const points = strokes.flat();
  if (!points.length) return "";
  const [left, top] = [0, 1].map(axis => Math.min(...points.map(point => point[axis])));
  const [right, bottom] = [0, 1].map(axis => Math.max(...points.map(point => point[axis])));
  const scale = 99 / Math.max(right - left, bottom - top, 1e-6);
  const every = Math.ceil(points.length / MOST_POINTS);
  const two = (/** @type {number} */ x) => String(Math.round(x)).padStart(2, "0");
  return strokes
    .map(stroke =>
      stroke
        .filter((_, i) => i % every === 0 || i === stroke.length - 1)
        .map(([x, y]) => two((x - left) * scale) + two((y - top) * scale))
        .join(""),
    )
    .join("-");
}
