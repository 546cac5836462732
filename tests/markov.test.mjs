// SPDX-License-Identifier: MIT
//
// A Markov chain in JavaScript: its numbers against those counted by hand, its dice against their probabilities, and a network's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Markov } from "nextchar/markov";
import { Training } from "../web/core/recipe.js";

const near = (a, b, tolerance = 1e-6) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);
const written = (markov, prompt, options) => Array.from(markov.write(prompt, options), step => step.text).join("");
const EXCERPT = readFileSync(new URL("../texts/shakespeare-like.txt", import.meta.url), "utf8").slice(0, 12_000);

test("what followed a context is counted, and of one that was never seen its end is taken", async () => {
  const markov = await Markov.of("the then they. the");
  const found = (context, order) => {
    const { next, ...rest } = markov.seen(context, order);
    return { ...rest, next: next.map(({ text, count }) => `${text}${count}`).join(" ") };
  };
  assert.deepEqual(found("the", 3), { context: "the", times: 3, next: " 1 n1 y1" }, "the last “the” has nothing behind");
  assert.deepEqual(found("the", 1), { context: "e", times: 3, next: " 1 n1 y1" });
  assert.deepEqual(found("nth", 2), { context: "th", times: 4, next: "e4" });
  assert.deepEqual(found("yth", 3), { context: "th", times: 4, next: "e4" }, "“yth” stands nowhere");
  assert.equal(found("", 3).times, 18, "behind nothing stands each character");
  assert.deepEqual(markov.encode("the zoo").unknown, ["z", "o"]);
});

test("its probabilities are those of Kneser and Ney, worked out by hand", async () => {
  // “aab”: grams of one: a twice, b once; of two: aa once, ab once. N' of a is 2 (behind the beginning and a), of b 1.
  // Discounts of N': n1 = 1, n2 = 1: Y = 1/3, D1 = 1 - 2/3 * 1 = 1/3; D2 = 2 - 3 Y n3/n2 = 2, kept at 1.95.
  // p'(a) = (2 - 1.95) / 3 + (1/3 + 1.95) / 3 / 2; p'(b) = (1 - 1/3) / 3 + the same share.
  const share = (1 / 3 + 1.95) / 3;
  const lower = { a: 0.05 / 3 + share / 2, b: 2 / 9 + share / 2 };
  near(lower.a + lower.b, 1, 1e-12);
  // Of the grams of two n1 = 2, n2 = 0: Y = 1, D1 = 1 - 2 * 0 = 1, kept at 0.95.
  const p = { a: 0.05 / 2 + 0.95 * lower.a, b: 0.05 / 2 + 0.95 * lower.b };
  const markov = await Markov.of("aab");
  const probs = Float64Array.from(markov.logits("a", 1), Math.exp);
  near(probs[markov.vocabulary.indexOf("a")], p.a);
  near(probs[markov.vocabulary.indexOf("b")], p.b);
});

test("a context that is shorter than the order is asked as one of its own length", async () => {
  const markov = await Markov.of(EXCERPT);
  for (const context of ["", "t", "the "]) {
    const order = Math.max(1, context.length);
    if (context) assert.deepEqual(markov.logits(context, 6), markov.logits(context, order));
    const logits = markov.logits(context, 6);
    const [first] = markov.seen(context).next;
    assert.equal(logits.indexOf(Math.max(...logits)), first.id, `behind “${context}” the most frequent one is the most probable one`);
  }
  assert.notDeepEqual(markov.logits("Qthe ", 6), markov.logits("the ", 6), "“Qthe ” was never seen: what stands behind many is likelier");
});

test("the temperature divides the logarithms: what was never seen becomes no likelier than what was", async () => {
  const markov = await Markov.of(EXCERPT);
  const never = markov.vocabulary.filter(text => !markov.seen("Q", 1).next.some(next => next.text === text));
  assert.ok(never.length > 20);
  for (const temperature of [0.1, 0.4, 0.7, 1, 1.8]) {
    const [step] = markov.write("th", { order: 2, temperature, length: 1 });
    const logits = markov.logits("th", 2);
    const weights = Array.from(logits, logit => Math.exp(logit / temperature));
    const sum = weights.reduce((a, b) => a + b);
    step.probs().forEach((p, id) => near(p, weights[id] / sum));
    const next = new Set(markov.seen("th", 2).next.map(({ id }) => id));
    const unseen = step.probs().reduce((total, p, id) => total + (next.has(id) ? 0 : p), 0);
    if (temperature < 1) assert.ok(unseen < 0.05, `${unseen} of them at ${temperature}`);
  }
});

test("it draws by its probabilities: chi-square over 20,000 throws", async () => {
  const markov = await Markov.of(EXCERPT);
  const count = 20_000;
  const hits = new Uint32Array(markov.vocabulary.length);
  let probs;
  for (let position = 0; position < count; position++) {
    const [step] = markov.write("the ", { order: 3, temperature: 0.9, seed: 3, position, length: 1 });
    probs ??= step.probs();
    hits[step.id]++;
  }
  const large = [...probs.keys()].filter(id => count * probs[id] >= 5);
  const rest = list => list.reduce((sum, value, id) => sum + (large.includes(id) ? 0 : value), 0);
  const cells = [...large.map(id => [hits[id], count * probs[id]]), [rest(hits), count * rest(probs)]];
  const chi = cells.reduce((sum, [seen, expected]) => sum + (seen - expected) ** 2 / Math.max(expected, 1), 0);
  const freedom = cells.length - 1;
  assert.ok(freedom > 8);
  assert.ok(chi < freedom + 4 * Math.sqrt(2 * freedom), `chi-square ${chi} of ${freedom}`);
});

test("held-out bits and ids are those of a training of the same text", async () => {
  const markov = await Markov.of(EXCERPT, { heldOut: 0.1 });
  const training = await Training.begin(EXCERPT, { hidden: 4, heldOut: 0.1 });
  assert.deepEqual(markov.vocabulary, training.model.vocabulary);
  let figures = 0;
  for await (const figure of training.markov()) {
    if (!figure) continue;
    assert.equal(markov.bits(figure.order), figure.bits);
    figures++;
  }
  assert.equal(figures, markov.orders);
  assert.ok(Number.isNaN((await Markov.of(EXCERPT)).bits(3)));
});

test("it writes as a model does: same dice, options read anew, and greedy has no dice to heed", async () => {
  const markov = await Markov.of(EXCERPT);
  const training = await Training.begin(EXCERPT, { hidden: 4, heldOut: 0 });
  const options = { temperature: 0.8, seed: 9, length: 50 };
  const dice = steps => Array.from(steps, step => [step.position, step.u]);
  assert.deepEqual(dice(markov.write("the ", { ...options, order: 5 })), dice(training.model.write("the ", options)));
  assert.equal(written(markov, "the ", options), written(markov, "the ", { ...options, order: 6 }));
  assert.notEqual(written(markov, "the ", { ...options, order: 1 }), written(markov, "the ", options));
  assert.equal(written(markov, "the ", { temperature: 0, seed: 1 }), written(markov, "the ", { temperature: 0, seed: 2 }));
  const changing = { order: 6, temperature: 0, length: 3 };
  const steps = markov.write("th", changing);
  steps.next();
  changing.temperature = Infinity;
  const { value } = steps.next();
  value.probs().forEach(p => near(p, 1 / markov.vocabulary.length));
  assert.equal(value.text, markov.vocabulary[value.id]);
  near(value.bits, Math.log2(markov.vocabulary.length), 1e-4);
  assert.throws(() => value.h, { code: "E_STATE" });
});

test("what is wrong is said, and what was freed is not used", async () => {
  await assert.rejects(Markov.of(""), { code: "E_TEXT" });
  await assert.rejects(Markov.of(7), { code: "E_ARGUMENT" });
  await assert.rejects(Markov.of("ab", { heldOut: 2 }), { code: "E_RANGE" });
  const markov = await Markov.of("abc");
  assert.throws(() => markov.write("a", { order: 7 }), { code: "E_RANGE" });
  assert.throws(() => markov.write("a", { order: 0 }), { code: "E_RANGE" });
  assert.throws(() => markov.write("a", { temperature: -1 }), { code: "E_RANGE" });
  assert.throws(() => markov.write("a", { orders: 2 }), { code: "E_ARGUMENT" });
  const [step] = markov.write("a", { length: 1 });
  markov.free();
  assert.throws(() => [...markov.write("a", { length: 1 })], { code: "E_FREED" });
  assert.equal(step.probs().length, 3);
});
