// SPDX-License-Identifier: MIT
//
// What the samples do as they are written: the numbers that the view "Where the samples go wrong" shows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildFor } from "../web/core/builds.js";
import { load } from "../web/core/model.js";
import {
  again,
  asW,
  carried,
  feed,
  followersOf,
  maskedByZeros,
  mostLogit,
  oneHot,
  stepBehind,
  textOf,
  turnedRound,
  twice,
  unguarded,
  withPadding,
} from "../web/story/aswritten.js";

const model = await load(new URL("../weights/course.safetensors", import.meta.url));
const { sampler } = await buildFor();
const SAMPLING = { temperature: 0.8, topK: 0, topP: 1 };
const plan = { size: 40, sampling: SAMPLING, seed: 5 };
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

test("two names for one list feed the first token twice; a copy does not", () => {
  const next = (_, place) => [7, 8, 9][place];
  const wrong = feed([1, 2, 3], 3, next, true);
  assert.deepEqual(wrong.rows, [
    [1, 2, 3],
    [1, 2, 3, 7, 7],
    [1, 2, 3, 7, 7, 8],
  ]);
  assert.deepEqual(wrong.written, [7, 8, 9]);
  const right = feed([1, 2, 3], 3, next, false);
  assert.deepEqual(right.rows, [
    [1, 2, 3],
    [1, 2, 3, 7],
    [1, 2, 3, 7, 8],
  ]);
  assert.deepEqual(right.written, [7, 8, 9]);
  assert.deepEqual(feed([1], 5, (_, place) => (place < 2 ? 4 : -1), false).written, [4, 4]); // the end ends it
});

test("with a network the doubled character makes another text; the right rows make the core's own", () => {
  const { ids } = model.encode("Today ");
  const next = (fed, place) => stepBehind(model, fed, { sampling: SAMPLING, seed: 5, place }).id;
  const [wrong, right] = [true, false].map(isAliased => feed([...ids], 40, next, isAliased).written);
  const own = [...model.write("Today ", { ...SAMPLING, seed: 5, length: 40 })].map(step => step.id);
  assert.deepEqual(right, own);
  assert.equal(wrong[0], own[0]); // what is fed first is the same
  assert.notDeepEqual(wrong, own);
});

test("the whole text again for each character reads n times as much, and writes the same", () => {
  const { ids } = model.encode("Today ");
  const [wrong, right] = [again, carried].map(way => [...way(model, ids, plan)]);
  const readBy = all => all.reduce((sum, { read }) => sum + read, 0);
  assert.equal(readBy(wrong), 6 * 40 + (40 * 39) / 2);
  assert.equal(readBy(right), 6 + 39);
  const texts = [wrong, right].map(all => textOf(all.map(({ step }) => step)));
  assert.equal(texts[0], texts[1]);
  assert.equal(texts[0], textOf(model.write("Today ", { ...SAMPLING, seed: 5, length: 40 })));
});

test("a padding index has the share that it is given, and more at a higher temperature", () => {
  const { logits } = stepBehind(model, model.encode("Today ").ids, { sampling: SAMPLING, seed: 5, place: 0 });
  const padded = withPadding(logits, 0.001);
  const at = T => sampler.probs(padded, { ...SAMPLING, temperature: T });
  near(at(1)[0], 0.001, 1e-6);
  assert.ok(at(1.8)[0] > 0.005);
  padded[0] = -Infinity;
  assert.equal(at(1.8)[0], 0);
  assert.deepEqual(at(1).slice(1), sampler.probs(logits, { ...SAMPLING, temperature: 1 }));
});

test("Masking takes rows of zeros alone: a padding of one_hot(0) is none", () => {
  const rows = [0, 0, 1, 2].map(id => oneHot(id, 3));
  assert.deepEqual(rows[0], [1, 0, 0]);
  assert.deepEqual(maskedByZeros(rows), [false, false, false, false]);
  assert.deepEqual(maskedByZeros([[0, 0, 0], ...rows]), [true, false, false, false, false]);
});

test("exp(logit / T) overflows float32 above 88.7 T: 8.9 at 0.1, 26.6 at 0.3", () => {
  assert.deepEqual(
    [1, 0.1, 0.3].map(T => mostLogit(T).toFixed(1)),
    ["88.7", "8.9", "26.6"],
  );
  for (const T of [0.1, 0.3, 1]) {
    assert.ok(unguarded([mostLogit(T) - 0.01], T).weights[0] < Infinity);
    assert.equal(unguarded([mostLogit(T) + 0.01], T).weights[0], Infinity);
  }
  const { weights, shares } = unguarded([12, 10.5, 6], 0.1);
  assert.deepEqual(weights.slice(0, 2), [Infinity, Infinity]);
  assert.deepEqual(shares, [NaN, NaN, 0]);
  const right = sampler.probs(Float32Array.of(12, 10.5, 6), { ...SAMPLING, temperature: 0.1 });
  near(right[0], 1, 1e-6);
  const usual = unguarded([12, 10.5, 6], 1).shares; // where nothing overflows it is the same
  sampler.probs(Float32Array.of(12, 10.5, 6), { ...SAMPLING, temperature: 1 }).forEach((p, i) => near(usual[i], p, 1e-6));
});

test("what the vocabulary lacks becomes a W", () => {
  assert.deepEqual(asW("a€b", ["a", "b"]), ["a", "W", "b"]);
  assert.deepEqual(asW("Zürich", model.vocabulary).join(""), "WWrich");
});

test("never-seen words get the weight 1: at T = 0.7 they have 93 % of a text of 12 words", () => {
  for (const language of ["en", "ru"]) {
    const { "mistakes.markov.text": text } = JSON.parse(readFileSync(new URL(`../web/lang/${language}.mistakes.json`, import.meta.url)));
    const words = [...new Set(text.split(" "))];
    assert.equal(words.length, 12, language);
    const two = words.find(word => followersOf(text, word).shares.filter(share => share === 0.5).length === 2);
    const { vocabulary, shares } = followersOf(text, two);
    assert.deepEqual(vocabulary, words);
    const unseen = T => turnedRound(shares, T).reduce((sum, share, i) => (shares[i] ? sum : sum + share), 0);
    near(unseen(0.7), 0.93, 0.005);
    assert.ok(unseen(0.1) > 0.999); // the colder, the worse
    near(unseen(1), 10 / 11, 1e-9);
    const right = sampler.probs(Float32Array.from(shares, Math.log), { ...SAMPLING, temperature: 0.7 });
    right.forEach((p, i) => near(p, shares[i], 1e-6));
  }
});

test("a state that is not set back makes the second text another one", () => {
  const kept = twice(model, "Today ", plan, false);
  const reset = twice(model, "Today ", plan, true);
  const own = textOf(model.write("Today ", { ...SAMPLING, seed: 5, length: 40 }));
  assert.deepEqual(reset, [own, own]);
  assert.equal(kept[0], own);
  assert.notEqual(kept[1], own);
});
