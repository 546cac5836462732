// SPDX-License-Identifier: MIT
//
// What the cards of the networks that answer rest on: how a translation is measured, what counting reaches, what is said of a picture.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chrF, editDistance, naiveBayes } from "../scripts/measure_patterns.mjs";
import { SIDE, caption, lean, strokeWidth } from "../scripts/pictures.mjs";

test("chrF is 100 for the translation, 0 for what shares no letter, and weighs recall more than precision", () => {
  const of = (said, ...translations) => chrF([{ said, translations }]);
  assert.equal(of("je suis malade.", "je suis malade."), 100);
  assert.equal(of("je suis malade.", "il dort.", "je suis malade."), 100, "the nearest of several translations counts");
  assert.equal(of("xyz", "abc"), 0);
  // n = 1: 3 of 3 said, 3 of 4 wanted; n = 2: 2 of 2, 2 of 3; n = 3: 1 of 1, 1 of 2; beyond there is nothing to say
  const recall = (3 / 4 + 2 / 3 + 1 / 2) / 3;
  assert.ok(Math.abs(of("abc", "abcd") - (500 * recall) / (4 + recall)) < 1e-9);
  assert.ok(of("abc", "abcd") < of("abcd", "abc"));
  assert.equal(of("a b", "ab"), 100, "blanks do not count");
});

test("an edit distance counts insertions, deletions and replacements", () => {
  assert.deepEqual(
    [
      ["kitten", "sitting"],
      ["", "abc"],
      ["go", "go"],
    ].map(([a, b]) => editDistance(a, b)),
    [3, 3, 0],
  );
});

test("naive Bayes follows the words, and without any the more frequent class", () => {
  const classOf = naiveBayes([
    ["Goal in the last minute", "Sports"],
    ["A goal, a win", "Sports"],
    ["Shares fall", "Business"],
  ]);
  assert.deepEqual(["shares of a club", "GOAL", "?"].map(classOf), ["Business", "Sports", "Sports"]);
});

/** A stroke from below to above, so wide, so many places a row to the right. */
function stroke(width, slope) {
  return Uint8Array.from({ length: SIDE ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    const inside = row > 3 && row < 24 && Math.abs(column - 13.5 - slope * (13.5 - row)) <= width / 2;
    return inside ? 255 : 0;
  });
}

test("a stroke's width and lean are measured", () => {
  const long = 20; // its short edges count too: 2 w l / (2 l + 2 w)
  for (const width of [2, 4])
    assert.ok(Math.abs(strokeWidth(stroke(width, 0)) - (width * long) / (width + long)) < 0.1, `${strokeWidth(stroke(width, 0))}`);
  for (const slope of [-0.5, 0, 0.5]) assert.ok(Math.abs(lean(stroke(4, slope)) - slope) < 0.03, `${lean(stroke(4, slope))}`);
});

test("a caption says weight, digit and slant, and its gender agrees", () => {
  assert.equal(caption(stroke(4, 0.5), 7, "ru"), "жирная семёрка с наклоном вправо");
  assert.equal(caption(stroke(2, 0), 3, "ru"), "тонкая тройка прямо");
  assert.equal(caption(stroke(2, -0.5), 0, "ru"), "тонкий ноль с наклоном влево");
  assert.equal(caption(stroke(4, 0), 0, "ru"), "жирный ноль прямо");
  assert.equal(caption(stroke(4, 0.5), 7, "en"), "a bold seven leaning right");
});
