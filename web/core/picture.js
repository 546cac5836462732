// SPDX-License-Identifier: MIT
//
// picture.js - a drawing as a picture like MNIST's: strokes of a pen become bytes, 0 to 255, row after row.
//
//     import { pictureOf } from "./picture.js";
//     pictureOf([[[10, 10], [80, 12], [40, 90]]]); // a seven, 28 x 28
//
// As LeCun et al. made theirs (1998): the ink fits a box of 20 of 28 and keeps its ratio, and its centre of mass comes into the middle.
// Only + - * / and sqrt are used, which all engines round alike.
import { RnnError, checkNumber, checkOptions, checkWhole, wrongType } from "./errors.js";

/** @typedef {[x: number, y: number]} Point in any unit, y down */
/** @typedef {Point[]} Stroke */
/** @typedef {{ x: number, y: number, dx: number, dy: number }} Segment of a line: where it begins, and the way to its end */

const FIELD = 28;
const BOX = 20; // of the field: what the ink fits
const WIDTH = 2.3; // in its pixels: as dark on the whole as MNIST's digits are, and as many of the pixels grey
export const MOST_POINTS = 20_000;
const FARTHEST = 1e6; // of a point from 0
const DOT = 1e-6; // a drawing that is no larger has no shape

/**
 * @param {Stroke[]} strokes @param {number} [side] of the picture, 8 to 256
 * @param {{ width?: number }} [options] width: of the line, in pixels where the side has 28; MNIST's unless given
 * @returns {Uint8Array} side * side
 * @throws {RnnError}
 */
export function pictureOf(strokes, side = FIELD, options = {}) {
  checkWhole("side", side, 8, 256);
  checkOptions(options, ["width"]);
  const { width = WIDTH } = options;
  checkNumber("width", width, 0.5, 10);
  checkDrawing(strokes);
  const unit = side / FIELD;
  const lines = fitted(strokes.flatMap(segmentsOf), (BOX - width) * unit);
  const paint = (/** @type {number} */ x, /** @type {number} */ y) => painted(lines, side, (width * unit) / 2, x, y);
  const middle = side / 2;
  const [x, y] = massOf(paint(middle, middle), side);
  return paint(2 * middle - x, 2 * middle - y);
}

/** @param {Stroke[]} strokes */
function checkDrawing(strokes) {
  if (!Array.isArray(strokes)) throw wrongType("the drawing", "a list of strokes", strokes);
  let left = MOST_POINTS;
  for (const [i, stroke] of strokes.entries()) {
    if (!Array.isArray(stroke)) throw wrongType(`stroke ${i}`, "a list of points", stroke);
    left -= Math.max(1, stroke.length);
    if (left < 0) throw new RnnError("E_TOO_BIG", `the drawing has more than ${MOST_POINTS} points`, "Draw less, or leave points out.");
    for (let at = 0; at < stroke.length; at++) checkPoint(stroke[at], i, at);
  }
}

/** @param {unknown} point @param {number} stroke @param {number} at */
function checkPoint(point, stroke, at) {
  const isPlace = (/** @type {unknown} */ each) => typeof each === "number" && Math.abs(each) <= FARTHEST;
  if (Array.isArray(point) && point.length === 2 && isPlace(point[0]) && isPlace(point[1])) return;
  throw new RnnError("E_ARGUMENT", `point ${at} of stroke ${stroke} is not [x, y] with numbers from -${FARTHEST} to ${FARTHEST}`);
}

/** Of a stroke with one point a segment that leads nowhere: a dot. @param {Stroke} stroke @returns {Segment[]} */
function segmentsOf(stroke) {
  const ends = stroke.length > 1 ? stroke.slice(1) : stroke;
  return ends.map((end, i) => {
    const [x, y] = stroke[i];
    return { x, y, dx: end[0] - x, dy: end[1] - y };
  });
}

/** The same lines about 0, the longer side of their box so long. @param {Segment[]} segments @param {number} size */
function fitted(segments, size) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, dx, dy } of segments) {
    left = Math.min(left, x, x + dx);
    top = Math.min(top, y, y + dy);
    right = Math.max(right, x, x + dx);
    bottom = Math.max(bottom, y, y + dy);
  }
  const longer = Math.max(right - left, bottom - top);
  const scale = longer > DOT ? size / longer : 0;
  const [x0, y0] = [(left + right) / 2, (top + bottom) / 2];
  return segments.map(({ x, y, dx, dy }) => ({ x: (x - x0) * scale, y: (y - y0) * scale, dx: dx * scale, dy: dy * scale }));
}

/**
 * Lines whose edges are soft: a pixel is as dark as its centre is near to one of them.
 * @param {Segment[]} lines @param {number} side @param {number} radius of the pen @param {number} left @param {number} top where 0 lies
 */
function painted(lines, side, radius, left, top) {
  const reach = radius + 0.5;
  const nearest = new Float64Array(side * side).fill(reach * reach); // squares of distances
  for (const { x, y, dx, dy } of lines) {
    const [x0, y0] = [left + x - 0.5, top + y - 0.5]; // in pixels whose centres are whole numbers
    const lastColumn = Math.min(side - 1, Math.max(x0, x0 + dx) + reach);
    const lastRow = Math.min(side - 1, Math.max(y0, y0 + dy) + reach);
    const squared = dx * dx + dy * dy;
    for (let row = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach)); row <= lastRow; row++)
      for (let column = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach)); column <= lastColumn; column++) {
        const along = squared > 0 ? ((column - x0) * dx + (row - y0) * dy) / squared : 0;
        const share = Math.min(1, Math.max(0, along));
        const ex = column - x0 - share * dx;
        const ey = row - y0 - share * dy;
        const at = row * side + column;
        nearest[at] = Math.min(nearest[at], ex * ex + ey * ey);
      }
  }
  return Uint8Array.from(nearest, square => Math.round(255 * Math.min(1, reach - Math.sqrt(square))));
}

/** The centre of what is dark; of nothing the middle. @param {Uint8Array} picture @param {number} side */
function massOf(picture, side) {
  let [mass, x, y] = [0, 0, 0];
  picture.forEach((dark, at) => {
    mass += dark;
    x += dark * ((at % side) + 0.5);
    y += dark * (Math.floor(at / side) + 0.5);
  });
  return mass ? [x / mass, y / mass] : [side / 2, side / 2];
}
