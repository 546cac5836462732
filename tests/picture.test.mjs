// SPDX-License-Identifier: MIT
//
// Drawings as pictures: where the ink lies and how dark it is, what is refused; and 100 digits drawn with a mouse are named right by
// the networks that learnt MNIST.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadPattern } from "../web/core/pattern.js";
import { MOST_POINTS, pictureOf } from "../web/core/picture.js";
import { sum } from "./helpers.mjs";

/** Ten drawings of each digit on a canvas of 280 x 280, by ten hands: drawn for this test alone. */
const drawn = JSON.parse(readFileSync(new URL("drawn-digits.json", import.meta.url)));
const SEVEN = drawn.find(({ digit }) => digit === 7).strokes;
const NAMES = {
  en: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
  ru: ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
};
const LEAST = 95; // of the 100; 98 and 97 are
/** A stroke of x, y, x, y ... */
const stroke = (...numbers) => Array.from({ length: numbers.length / 2 }, (_, i) => numbers.slice(2 * i, 2 * i + 2));
const moved = (strokes, change) => strokes.map(points => points.map(([x, y]) => change(x, y)));
const rowsOf = (picture, side = 28) => Array.from({ length: side }, (_, row) => [...picture.subarray(side * row, side * (row + 1))]);
/** The first and the last row or column with ink. */
const spanOf = sums => [sums.findIndex(Boolean), sums.findLastIndex(Boolean)];
const columnsOf = rows => rows[0].map((_, column) => sum(rows.map(row => row[column])));
const centreOf = sums => sum(sums.map((dark, at) => dark * (at + 0.5))) / sum(sums);

test("no stroke is an empty picture; a dot is a dot in the middle, wherever it was", () => {
  for (const strokes of [[], [[]], [[], []]]) assert.deepEqual(pictureOf(strokes), new Uint8Array(784));
  const dot = pictureOf([[[200, 3]]]);
  const rows = rowsOf(dot).map(row => row.slice(12, 16));
  // The pen's radius is 1.15 and its edge one pixel wide: the centres of pixels are 0.707, 1.581 and 2.121 away.
  const ring = [0, 18, 18, 0];
  const inner = [18, 240, 240, 18];
  assert.deepEqual(rows.slice(12, 16), [ring, inner, inner, ring]);
  assert.equal(sum(dot), 4 * 240 + 8 * 18);
  assert.deepEqual(pictureOf([stroke(200, 3, 200, 3, 200, 3 + 1e-9)]), dot);
});

test("the longer side of the ink takes 20 of 28 pixels, its ratio stays, and its mass is in the middle", () => {
  for (const { digit, strokes } of drawn) {
    const rows = rowsOf(pictureOf(strokes));
    const [height, width] = [rows.map(sum), columnsOf(rows)].map(sums => spanOf(sums)).map(([from, to]) => to - from + 1);
    assert.ok(Math.max(height, width) >= 20 && Math.max(height, width) <= 22, `a ${digit} is ${width} x ${height}`);
    for (const sums of [rows.map(sum), columnsOf(rows)])
      assert.ok(Math.abs(centreOf(sums) - 14) < 0.1, `a ${digit} lies at ${centreOf(sums)}`);
  }
  const flat = rowsOf(pictureOf([stroke(0, 0, 100, 0, 100, 50, 0, 50, 0, 0)]));
  assert.deepEqual(spanOf(flat.map(sum)), [8, 19]);
  assert.deepEqual(spanOf(columnsOf(flat)), [4, 23]);
});

test("a line is 2.3 pixels wide whatever it was drawn with, or as wide as asked for", () => {
  const across = [stroke(0, 7, 1000, 7)];
  for (const width of [2.3, 1.5, 4]) {
    const rows = rowsOf(pictureOf(across, 28, width === 2.3 ? {} : { width }));
    assert.ok(Math.abs(sum(rows.map(row => row[14])) / 255 - width) < 0.01, `width ${width}`);
  }
  const large = rowsOf(pictureOf(across, 56), 56);
  assert.ok(Math.abs(sum(large.map(row => row[28])) / 255 - 4.6) < 0.01);
  assert.deepEqual([spanOf(columnsOf(large)), large.length], [[8, 47], 56]);
});

test("place and size of a drawing do not matter, nor which way or in how many steps a line is drawn", () => {
  const picture = pictureOf(SEVEN);
  const near = other => assert.ok(other.every((dark, at) => Math.abs(dark - picture[at]) <= 1));
  near(pictureOf(moved(SEVEN, (x, y) => [x / 4096 - 3, y / 4096 + 5])));
  near(pictureOf(moved(SEVEN, (x, y) => [x * 1000 - 7e5, y * 1000 - 9e5])));
  near(pictureOf(SEVEN.map(points => [...points].reverse())));
  const half = (a, b) => a.map((each, axis) => (each + b[axis]) / 2);
  near(pictureOf(SEVEN.map(points => points.flatMap((point, i) => (i ? [half(points[i - 1], point), point] : [point])))));
});

test("what is no drawing is refused, and so is too much of one", () => {
  const refused = (strokes, code, message, ...more) =>
    assert.throws(() => pictureOf(strokes, ...more), { name: "RnnError", code, message });
  for (const strokes of [undefined, null, "M 0 0", {}, new Float64Array(4)])
    refused(strokes, "E_ARGUMENT", /the drawing is not a list of strokes/);
  refused([[[1, 2]], "up"], "E_ARGUMENT", /stroke 1 is not a list of points but string/);
  for (const point of [[NaN, 1], [1, Infinity], [2e6, 0], ["1", 2], [1n, 2], [1], [1, 2, 3], { x: 1, y: 2 }, null, new Array(2)])
    refused([[[0, 0], point]], "E_ARGUMENT", /^point 1 of stroke 0 is not \[x, y\] with numbers from -1000000 to 1000000$/);
  refused([new Array(3)], "E_ARGUMENT", /point 0 of stroke 0/);
  refused([new Array(1e9)], "E_TOO_BIG", /more than 20000 points/);
  refused(
    Array.from({ length: MOST_POINTS + 1 }, () => []),
    "E_TOO_BIG",
    /more than 20000 points/,
  );
  refused(SEVEN, "E_RANGE", /side is 7/, 7);
  refused(SEVEN, "E_RANGE", /side is 28.5/, 28.5);
  refused(SEVEN, "E_RANGE", /width is 0/, 28, { width: 0 });
  refused(SEVEN, "E_ARGUMENT", /width is not a number/, 28, { width: "2" });
  refused(SEVEN, "E_ARGUMENT", /options is not an object/, 28, null);
});

test("as many points as are taken still make a picture, numbers at the bounds too", () => {
  const wild = Array.from({ length: MOST_POINTS }, (_, i) => [i % 2 ? 1e6 : -1e6, (i * 7919) % 1e6]);
  assert.equal(pictureOf([wild]).length, 784);
  assert.ok(sum(pictureOf([stroke(0, 0, 5e-324, 5e-324)])) > 0);
});

for (const [language, names] of Object.entries(NAMES))
  test(`digits-${language} names at least ${LEAST} of 100 digits drawn with a mouse`, async () => {
    const network = await loadPattern(new URL(`../weights/patterns/digits-${language}.safetensors`, import.meta.url));
    for (const digit of names.keys()) assert.equal(drawn.filter(each => each.digit === digit).length, 10);
    const answers = drawn.map(({ digit, strokes }, i) => ({ i, digit, answer: network.answer(pictureOf(strokes)) }));
    network.free();
    const wrong = answers.filter(({ digit, answer }) => answer !== names[digit]);
    const confusions = wrong.map(({ i, digit, answer }) => `drawing ${i}, a ${digit}, is named ${answer}`).join("; ");
    assert.ok(100 - wrong.length >= LEAST, `${100 - wrong.length} of 100: ${confusions}`);
  });
