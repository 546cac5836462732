// SPDX-License-Identifier: MIT
//
// The search for units that follow something that one can read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { correlation, features, findUnits } from "../web/story/units.js";

const HIDDEN = 40;
const texts = [..."He said: “No. Never!”\nShe didn't.\nAnd so it went; nobody spoke,\nnor did Ann.\n"];
const keys = found => found.map(({ key }) => key);
const feature = (text, key) => features([...text])[key].join("");

/** The same noise in every run, from -1 to 1. */
function noise(length) {
  let state = 1;
  return Float32Array.from({ length }, () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1);
}

/** Noise, but in `unit` the feature, scaled into -1 to 1. */
function planted(key, unit, sign) {
  const values = noise(texts.length * HIDDEN);
  const followed = features(texts)[key];
  const most = Math.max(...followed);
  followed.forEach((x, t) => (values[t * HIDDEN + unit] = sign * ((2 * x) / most - 1) * 0.9));
  return values;
}

for (const key of ["newline", "word", "quote", "capital", "sentence"])
  for (const sign of [1, -1])
    test(`a unit that follows "${key}" is found among noise, its sign ${sign}`, () => {
      const found = findUnits(planted(key, 17, sign), texts, HIDDEN).find(one => one.key === key);
      assert.equal(found.unit, 17);
      assert.ok(Math.abs(found.correlation - sign) < 1e-6, String(found.correlation));
    });

test("the correlation is Pearson's, with its sign", () => {
  // means 2 and 3; away from them -1 0 1 and -1 -2 3: squares 2 and 14, products 4
  assert.ok(Math.abs(correlation([1, 2, 3], [2, 1, 6]) - 4 / Math.sqrt(2 * 14)) < 1e-15);
  assert.equal(correlation([1, 2, 3], [-2, -4, -6]), -1);
  assert.ok(Number.isNaN(correlation([0.1, 0.1, 0.1], [1, 2, 3])));
});

test("what is constant is left out, features and units", () => {
  const plain = [..."abcdefghijklmnopqrst"];
  assert.deepEqual(findUnits(noise(plain.length * 3), plain, 3), []);
  assert.deepEqual(findUnits(new Float32Array(texts.length * HIDDEN).fill(0.1), texts, HIDDEN), []);
  assert.deepEqual(findUnits(new Float32Array(texts.length * HIDDEN).fill(NaN), texts, HIDDEN), []);

  const values = planted("quote", 3, 1);
  for (let t = 0; t < texts.length; t++) values[t * HIDDEN] = t ? NaN : 1;
  const found = findUnits(values, texts, HIDDEN);
  assert.equal(found.find(({ key }) => key === "quote").unit, 3);
  assert.ok(found.every(one => Number.isFinite(one.correlation)));
});

test("nothing is found in nothing, or in too little to tell", () => {
  assert.deepEqual(findUnits(new Float32Array(), [], 0), []);
  assert.deepEqual(findUnits(new Float32Array(), texts, 0), []);
  assert.deepEqual(findUnits(new Float32Array(8), [], 8), []);
  assert.deepEqual(findUnits(noise(1), ["a"], 1), []);
  assert.deepEqual(findUnits(noise(10), [..."A b. C d.\n"], 1), []);
  assert.deepEqual(keys(findUnits(noise(texts.length), texts, 1)), ["newline", "word", "quote", "capital", "sentence"]);
});

test("features are what their names say", () => {
  assert.equal(feature("ab\nc\n", "newline"), "12010");
  assert.equal(feature("abc", "newline"), "000");
  assert.equal(feature("it's so-so -", "word"), "111101111100");
  assert.equal(feature("Ёлка А1", "capital"), "1000010");
  assert.equal(feature("a. B? c", "sentence"), "1012012");
  assert.equal(feature("", "sentence"), "");
});

test("quotation marks of several languages, and apostrophes, which are none", () => {
  assert.equal(feature("a “b” c", "quote"), "0011100");
  assert.equal(feature("a «b» c", "quote"), "0011100");
  assert.equal(feature("a „b“ c", "quote"), "0011100");
  assert.equal(feature('a "b" c', "quote"), "0011100");
  assert.equal(feature("don't 'it's' no", "quote"), "000000111111000");
  assert.equal(feature("a 'b'", "quote"), "00111");
  assert.equal(feature("'tis he. 'Tis", "quote"), "0000000000000");
  assert.equal(feature("“a\n\nb “c", "quote"), "11110011");
});
