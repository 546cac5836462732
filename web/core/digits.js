// SPDX-License-Identifier: MIT
//
// digits.js - ways to draw the digits with a pen, and examples made of them, from which a network learns digits without any corpus.
//
//     import { digitExamples, digitStrokes } from "./digits.js";
//     digitStrokes[7][1]; // a seven with a bar, as strokes on a field of 100 x 100
//     for (const { picture, digit } of digitExamples(8000, 1)) learn(picture, digit);
//
// Only + - * / and whole numbers are used: the same seed gives the same examples on every engine.
//
// ExampleTraining with { pattern: "one-to-many", side: 28, cell: "gru", embedding: 8, rate: 0.003, passes: 8 } and 12,000 of them, 17 s,
// names 91.0 % of MNIST's 10,000 test pictures right, 96.7 % of 1,000 other examples, and each of tests/drawn-digits.json.
import { checkWhole } from "./errors.js";
import { pictureOf } from "./picture.js";

/** @typedef {import("./picture.js").Point} Point */
/** @typedef {import("./picture.js").Stroke} Stroke */

/** Of each digit its ways, of each way its strokes: the points that a smooth line goes through. One that is there twice is a corner. */
const WAYS = [
  [
    ["50,4 26,16 16,50 26,84 50,96 74,84 84,50 74,16 50,4"],
    ["64,10 40,4 20,28 18,62 36,94 62,92 82,62 80,28 58,6 44,8"],
    ["56,6 34,10 20,40 24,78 46,96 72,84 82,50 72,16 54,6 46,18 62,24"],
  ],
  [["50,4 50,50 50,96"], ["30,24 42,16 54,4 54,4 54,50 54,96"], ["30,24 42,16 54,4 54,4 54,50 54,96", "32,96 76,96"]],
  [
    ["18,24 30,8 52,4 74,14 76,34 58,58 36,78 16,94 16,94 50,93 86,94"],
    ["20,26 34,8 56,5 74,20 68,46 44,72 20,92 14,84 26,76 44,86 64,96 86,90"],
    ["24,26 38,8 62,8 70,28 52,58 26,80 12,92 10,80 26,74 50,88 74,96 92,86"],
    ["22,18 46,4 74,12 78,36 54,62 20,92 48,88 84,96"],
  ],
  [
    ["20,12 48,4 72,18 66,38 44,46 44,46 70,54 78,74 60,94 34,96 16,84"],
    ["22,10 46,4 70,16 64,36 46,44 38,48 48,50 68,56 80,76 60,96 30,94 16,86"],
    ["20,6 76,6 76,6 46,42 46,42 72,50 78,74 58,95 32,95 16,84"],
  ],
  [
    ["30,6 24,30 16,56 16,56 50,56 86,54", "66,6 64,50 62,96"],
    ["62,96 64,50 66,6 66,6 40,36 14,64 14,64 50,64 88,62"],
    ["26,6 20,36 30,54 52,50 68,34 74,8 74,8 70,50 64,96"],
  ],
  [
    ["28,6 24,44 24,44 50,36 76,52 76,78 54,96 30,94 16,84", "28,6 50,6 78,5"],
    ["78,6 32,7 32,7 26,44 26,44 52,38 76,56 74,80 50,96 18,88"],
    ["76,8 48,6 30,14 30,36 52,46 74,62 68,86 44,96 18,88"],
  ],
  [
    ["66,6 40,24 22,58 28,88 52,96 74,82 70,60 50,54 26,70"],
    ["60,4 42,28 26,62 34,92 60,94 72,74 56,58 30,72"],
    ["76,14 60,5 38,18 22,54 28,88 54,97 78,80 68,58 44,58 24,76"],
  ],
  [
    ["16,8 50,8 82,6 82,6 60,46 42,96"],
    ["16,8 50,8 82,6 82,6 60,46 42,96", "32,52 72,50"],
    ["16,22 18,8 18,8 52,10 82,6 82,6 62,40 52,96"],
    ["14,10 48,6 80,10 72,30 54,60 46,96"],
  ],
  [
    ["70,18 50,4 28,16 36,38 62,56 74,78 52,96 28,80 38,56 62,40 72,20"],
    ["50,4 30,14 30,34 50,46 70,34 70,14 50,4", "50,46 26,58 26,84 50,96 74,84 74,58 50,46"],
    ["78,8 44,6 30,22 64,58 66,86 44,96 28,82 44,54 78,12"],
    ["50,48 30,30 36,8 60,5 70,24 50,48 28,70 36,94 64,94 74,72 50,48"],
  ],
  [
    ["72,22 56,5 30,14 26,38 48,50 68,38 74,14 74,14 72,54 66,96"],
    ["74,24 54,5 28,16 28,42 52,50 72,30 76,12 76,60 62,92 36,94 22,84"],
    ["70,8 44,10 26,30 34,48 54,44 72,14 72,14 60,96"],
    ["70,14 50,4 28,18 30,42 52,48 68,30 70,14 64,54 52,96"],
  ],
].map(ways => ways.map(strokes => strokes.map(knotsOf)));

/** @param {string} stroke @returns {Stroke} */
function knotsOf(stroke) {
  return stroke.split(" ").map(point => {
    const [x, y] = point.split(",").map(Number);
    return [x, y];
  });
}

const STEPS = 8; // points from one knot to the next

/**
 * A smooth line through knots (Catmull and Rom's spline); one that ends where it begins is a ring.
 * @param {Stroke} knots @returns {Stroke}
 */
function smooth(knots) {
  const line = [knots[0]];
  const last = knots.length - 1;
  const isRing = knots[0][0] === knots[last][0] && knots[0][1] === knots[last][1];
  for (let i = 1; i < knots.length; i++) {
    const [b, c] = [knots[i - 1], knots[i]];
    if (b[0] === c[0] && b[1] === c[1]) continue; // a corner: the line comes and goes straight
    const [a, d] = [knots[i - 2] ?? (isRing ? knots[last - 1] : b), knots[i + 1] ?? (isRing ? knots[1] : c)];
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      const at = (/** @type {0 | 1} */ axis) =>
        b[axis] +
        (t / 2) *
          (c[axis] - a[axis] + t * (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis] + t * (3 * (b[axis] - c[axis]) + d[axis] - a[axis])));
      line.push([at(0), at(1)]);
    }
  }
  return line;
}

/** Of each digit several ways to draw it, on a field of 100 x 100. @type {ReadonlyArray<ReadonlyArray<Stroke[]>>} */
export const digitStrokes = WAYS.map(ways => ways.map(strokes => strokes.map(smooth)));

// ---- examples ----

/** Repeatable numbers from 0 to 1 (mulberry32). @param {number} seed */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), seed | 1);
    x = (x + Math.imul(x ^ (x >>> 7), x | 61)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Drawn digits as pictures: a random way of each, by a random hand and pen.
 * @param {number} count @param {number} seed
 * @returns {Generator<{ picture: Uint8Array, digit: number }, void, undefined>}
 */
export function* digitExamples(count, seed) {
  checkWhole("count", count, 0, 2 ** 32 - 1);
  checkWhole("seed", seed, 0, 2 ** 32 - 1);
  const random = dice(seed);
  /** Mostly near to 0. @param {number} most */
  const about = most => (most * (random() + random() + random() - 1.5)) / 1.5;
  for (let i = 0; i < count; i++) {
    const digit = Math.floor(10 * random());
    const ways = WAYS[digit];
    const place = hand(random, about);
    const strokes = ways[Math.floor(ways.length * random())].map(knots => smooth(wobbled(knots, about).map(place)));
    yield { picture: pictureOf(strokes, 28, { width: 1.2 + 2.5 * random() }), digit };
  }
}

const WOBBLE = 15; // of 100: how far a knot may lie from where it was meant to be

/** A corner stays one. @param {Stroke} knots @param {(most: number) => number} about @returns {Stroke} */
function wobbled(knots, about) {
  /** @type {Stroke} */
  const moved = [];
  for (const [i, [x, y]] of knots.entries()) {
    const isCorner = i > 0 && x === knots[i - 1][0] && y === knots[i - 1][1];
    moved.push(isCorner ? moved[i - 1] : [x + about(WOBBLE), y + about(WOBBLE)]);
  }
  return moved;
}

/** Where a hand puts the points of the field: it bends them, makes them narrow or wide, slants and turns them. */
function hand(/** @type {() => number} */ random, /** @type {(most: number) => number} */ about) {
  const [squashX, squashY, bendX, bendY, coneX, coneY] = [0.5, 0.5, 0.35, 0.35, 0.5, 0.5].map(about);
  const width = 0.45 + 0.95 * random();
  const slant = 0.15 + about(0.8); // most people's lean to the right
  const turn = about(0.35);
  return (/** @type {Point} */ [fieldX, fieldY]) => {
    const [x, y] = [fieldX / 50 - 1, fieldY / 50 - 1]; // the middle is 0
    const bentX = x + squashX * (1 - x * x) + bendX * y * y + coneX * x * y;
    const bentY = y + squashY * (1 - y * y) + bendY * x * x + coneY * x * y;
    const slantX = width * bentX - slant * bentY;
    return /** @type {Point} */ ([slantX - turn * bentY, bentY + turn * slantX]);
  };
}
