// SPDX-License-Identifier: MIT
//
// What a program may hand to the library by mistake: nothing, null, the wrong type, a number out of range. Each is an RnnError with
// a code and a sentence, and nothing has changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isCheckpoint, metadataOf, packCheckpoint, unpackCheckpoint } from "../web/core/checkpoint.js";
import { RnnError, load } from "../web/core/model.js";
import { quantize } from "../web/core/quantize.js";
import { Training } from "../web/core/recipe.js";
import { TextIndex } from "../web/core/textindex.js";
import { makeWeights, textOf } from "./helpers.mjs";

const TEXT = "the cat sees the dog and the dog sees the cat. ".repeat(60);
const file = makeWeights();
const model = await load(file);
const state = model.start();
state.read("abc");
const [step] = model.write("abc", { length: 1 });
const training = await Training.begin(TEXT, { hidden: 8, embedding: 4, batch: 4, window: 8, passes: 1 });
const index = await TextIndex.of(TEXT);
const ids = Int32Array.of(1, 2);
const sampling = { temperature: 1, topK: 0, topP: 1 };

/** What is refused: the call as it is written, the call, its code. @type {[string, () => unknown, string][]} */
const table = [
  ["load()", () => load(), "E_ARGUMENT"],
  ["load(file, null)", () => load(file, null), "E_ARGUMENT"],
  ["load(file, [])", () => load(file, []), "E_ARGUMENT"],
  ["load(file, { signal: 5 })", () => load(file, { signal: 5 }), "E_ARGUMENT"],
  ["load(file, { signal: null })", () => load(file, { signal: null }), "E_ARGUMENT"],
  ["load(file, { onProgress: 5 })", () => load(file, { onProgress: 5 }), "E_ARGUMENT"],
  ["load(file, { onprogress() {} })", () => load(file, { onprogress() {} }), "E_ARGUMENT"],
  ["load(file, { isa: {} })", () => load(file, { isa: {} }), "E_ARGUMENT"],

  ["model.encode()", () => model.encode(), "E_ARGUMENT"],
  ["model.encode(null)", () => model.encode(null), "E_ARGUMENT"],
  ["model.score(7)", () => model.score(7), "E_ARGUMENT"],
  ["model.write()", () => model.write(), "E_ARGUMENT"],
  ['model.write("a", null)', () => model.write("a", null), "E_ARGUMENT"],
  ['model.write("a", [])', () => model.write("a", []), "E_ARGUMENT"],
  ['model.write("a", { temprature: 1 })', () => model.write("a", { temprature: 1 }), "E_ARGUMENT"],
  ['model.writeTogether("a", [{ sed: 1 }])', () => model.writeTogether("a", [{ sed: 1 }]), "E_ARGUMENT"],
  ['model.writeTogether("a", [{}], { size: 1 })', () => model.writeTogether("a", [{}], { size: 1 }), "E_ARGUMENT"],
  ['model.writeTogether("a")', () => model.writeTogether("a"), "E_ARGUMENT"],
  ['model.writeTogether("a", Array(3))', () => model.writeTogether("a", Array(3)), "E_ARGUMENT"],
  ['model.writeTogether("a", [{}, , {}])', () => model.writeTogether("a", [{}, , {}]), "E_ARGUMENT"],
  ['model.writeTogether("a", [{}, null])', () => model.writeTogether("a", [{}, null]), "E_ARGUMENT"],
  ['model.writeTogether("a", [{}], null)', () => model.writeTogether("a", [{}], null), "E_ARGUMENT"],
  ['model.writeTogether("a", [{}, { length: -1 }])', () => model.writeTogether("a", [{}, { length: -1 }]), "E_RANGE"],

  ["state.read()", () => state.read(), "E_ARGUMENT"],
  ["state.take()", () => state.take(), "E_ARGUMENT"],
  ["state.take(27)", () => state.take(27), "E_RANGE"],
  ["state.advance()", () => state.advance(), "E_ARGUMENT"],
  ["state.steps(null)", () => state.steps(null).next(), "E_ARGUMENT"],
  ["state.draw()", () => state.draw(), "E_ARGUMENT"],
  ["state.draw(null, 1, 0)", () => state.draw(null, 1, 0), "E_ARGUMENT"],
  ["state.draw({}, 1, 0)", () => state.draw({}, 1, 0), "E_ARGUMENT"],
  ["state.draw(sampling)", () => state.draw(sampling), "E_ARGUMENT"],
  ["state.draw(sampling, 1, 2 ** 32)", () => state.draw(sampling, 1, 2 ** 32), "E_RANGE"],
  ["state.probs(null)", () => state.probs(null), "E_ARGUMENT"],
  ["state.probs({ topk: 1 })", () => state.probs({ topk: 1 }), "E_ARGUMENT"],
  ["state.probs(5)", () => state.probs(5), "E_ARGUMENT"],
  ["state.surprisal()", () => state.surprisal(), "E_ARGUMENT"],
  ["state.h()", () => state.h(), "E_ARGUMENT"],
  ['state.c("0")', () => state.c("0"), "E_ARGUMENT"],
  ["state.gates(1)", () => state.gates(1), "E_RANGE"],
  ["state.load()", () => state.load(), "E_ARGUMENT"],

  ["step.probs(null)", () => step.probs(null), "E_ARGUMENT"],
  ["step.probs(1, null)", () => step.probs(1, null), "E_ARGUMENT"],
  ["step.probs(1, 5)", () => step.probs(1, 5), "E_ARGUMENT"],
  ["step.probs(1, { topk: 1 })", () => step.probs(1, { topk: 1 }), "E_ARGUMENT"],
  ["step.pick(null)", () => step.pick(null), "E_ARGUMENT"],
  ["step.pick(1, null)", () => step.pick(1, null), "E_ARGUMENT"],
  ["step.top()", () => step.top(), "E_ARGUMENT"],
  ["step.top(3, null)", () => step.top(3, null), "E_ARGUMENT"],
  ["step.top(3, [0.5, 0.5])", () => step.top(3, [0.5, 0.5]), "E_ARGUMENT"],
  ["step.top(3, new Float32Array(2))", () => step.top(3, new Float32Array(2)), "E_ARGUMENT"],

  ["Training.begin()", () => Training.begin(), "E_ARGUMENT"],
  ["Training.begin(TEXT, null)", () => Training.begin(TEXT, null), "E_ARGUMENT"],
  ["Training.begin(TEXT, { hiden: 64 })", () => Training.begin(TEXT, { hiden: 64 }), "E_ARGUMENT"],
  ["Training.begin(TEXT, { hidden: null })", () => Training.begin(TEXT, { hidden: null }), "E_ARGUMENT"],
  ["Training.begin(TEXT, { cell: 4 })", () => Training.begin(TEXT, { cell: 4 }), "E_ARGUMENT"],
  ["Training.resume()", () => Training.resume(), "E_ARGUMENT"],
  ["Training.resume(null, TEXT)", () => Training.resume(null, TEXT), "E_ARGUMENT"],
  ['Training.resume("abc", TEXT)', () => Training.resume("abc", TEXT), "E_ARGUMENT"],
  ["Training.resume(checkpoint)", () => Training.resume(training.save()), "E_ARGUMENT"],
  ["training.rateFactor = null", () => (training.rateFactor = null), "E_ARGUMENT"],
  ['training.rateFactor = "0.5"', () => (training.rateFactor = "0.5"), "E_ARGUMENT"],
  ["training.rateFactor = -1", () => (training.rateFactor = -1), "E_RANGE"],
  ["training.rateFactor = 1001", () => (training.rateFactor = 1001), "E_RANGE"],
  ["training.window()", () => training.window(), "E_ARGUMENT"],
  ["training.window(-1)", () => training.window(-1), "E_RANGE"],
  ["training.slice()", () => training.slice(), "E_ARGUMENT"],
  ["training.slice(2)", () => training.slice(2), "E_RANGE"],
  ["training.slice(2 ** 32)", () => training.slice(2 ** 32), "E_RANGE"],
  ["training.part(null)", () => training.part(null), "E_ARGUMENT"],
  ["training.takePart(0, null)", () => training.takePart(0, null), "E_ARGUMENT"],
  ["training.takePart(0, [1])", () => training.takePart(0, [1]), "E_ARGUMENT"],
  ["training.takePart(0, new Float32Array(1))", () => training.takePart(0, new Float32Array(1)), "E_ARGUMENT"],
  ["training.takePart(-1, new Float32Array(1))", () => training.takePart(-1, new Float32Array(1)), "E_RANGE"],
  ["training.finish()", () => training.finish(), "E_ARGUMENT"],
  ["training.finish([1])", () => training.finish([1]), "E_ARGUMENT"],
  ['training.finish([1, "1"])', () => training.finish([1, "1"]), "E_ARGUMENT"],
  ["training.finish([1, NaN])", () => training.finish([1, NaN]), "E_RANGE"],
  ["training.weights(null)", () => training.weights(null), "E_ARGUMENT"],
  ["training.weights(5)", () => training.weights(5), "E_ARGUMENT"],
  ["training.weights({ corpus: 5 })", () => training.weights({ corpus: 5 }), "E_ARGUMENT"],
  ['training.weights({ corpus: "a\\0level\\0words" })', () => training.weights({ corpus: "a\0level\0words" }), "E_ARGUMENT"],
  ['training.weights({ "a\\0b": "c" })', () => training.weights({ "a\0b": "c" }), "E_ARGUMENT"],
  ...["nextchar.format", "level", "end", "pad", "unknown"].map(key => [
    `training.weights({ "${key}": "0" })`,
    () => training.weights({ [key]: "0" }),
    "E_ARGUMENT",
  ]),
  ['training.weights({ "train.updates": "0" })', () => training.weights({ "train.updates": "0" }), "E_RANGE"],

  ["packCheckpoint()", () => packCheckpoint(), "E_ARGUMENT"],
  ["packCheckpoint(null, TEXT, null)", () => packCheckpoint(null, TEXT, null), "E_ARGUMENT"],
  ["packCheckpoint(checkpoint)", () => packCheckpoint(training.save()), "E_ARGUMENT"],
  ["packCheckpoint(checkpoint, TEXT, 5)", () => packCheckpoint(training.save(), TEXT, 5), "E_ARGUMENT"],
  ["unpackCheckpoint()", () => unpackCheckpoint(), "E_ARGUMENT"],
  ["isCheckpoint(null)", () => isCheckpoint(null), "E_ARGUMENT"],
  ["metadataOf()", () => metadataOf(), "E_ARGUMENT"],
  ["quantize(null)", () => quantize(null), "E_ARGUMENT"],
  ["TextIndex.of()", () => TextIndex.of(), "E_ARGUMENT"],
  ['TextIndex.of("")', () => TextIndex.of(""), "E_TEXT"],
  ["index.find()", () => index.find(), "E_ARGUMENT"],
  ['index.find("a", null)', () => index.find("a", null), "E_ARGUMENT"],
  ['index.find("a", 0)', () => index.find("a", 0), "E_RANGE"],
];

const changeable = () => [state.save(), training.save(), training.done];
for (const [name, call, code] of table)
  test(`${name} is refused with a code and a sentence, and changes nothing`, async () => {
    const before = changeable();
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => assert.fail("it was taken"),
        error => error,
      );
    assert.ok(error instanceof RnnError, error.stack);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /\w+ \w+ \w+/);
    assert.deepEqual(changeable(), before);
  });

test("bytes are taken as a Uint8Array, an ArrayBuffer or a view within a larger one", async () => {
  const checkpoint = await packCheckpoint(training.save(), TEXT, file);
  for (const given of [checkpoint, checkpoint.slice().buffer, new DataView(Uint8Array.of(0, ...checkpoint).buffer, 1)]) {
    assert.equal(await isCheckpoint(given), true);
    assert.equal((await unpackCheckpoint(given)).text, TEXT);
    assert.equal((await Training.resume(given, TEXT)).done, training.done);
  }
  const sizes = [file, file.slice().buffer].map(async given => [
    (await quantize(given)).length,
    Object.keys(await metadataOf(given)).length,
  ]);
  const [view, buffer] = await Promise.all(sizes);
  assert.deepEqual(view, buffer);
  const saved = state.save();
  const other = model.start();
  for (const given of [saved, saved.slice().buffer, new DataView(Uint8Array.of(0, ...saved).buffer, 1)]) {
    other.load(given);
    assert.deepEqual(other.save(), saved);
  }
});

test("a part is put where the caller says only if it fits there", async () => {
  training.prepare();
  training.slice(0);
  const part = training.part(0);
  const room = new Float32Array(part.length);
  assert.equal(training.part(0, room), room);
  assert.deepEqual(room, part);
  for (const into of [null, [], new Float32Array(1), Array(part.length).fill(0)]) {
    const given = training.part(0, into);
    assert.notEqual(given, into);
    assert.deepEqual(given, part);
  }
  training.finish([0, training.slice(1)]);
});

test("texts that are written together have each their own length and place, or those of all", () => {
  const texts = [{ length: 3 }, { length: 6, position: 9 }, {}, { length: 0 }];
  const together = [...model.writeTogether("abc", texts, { length: 4, seed: 5 })];
  const written = texts.map((_, b) => together.map(steps => steps[b]?.text ?? "").join(""));
  assert.deepEqual(
    written,
    texts.map(options => textOf(model.write("abc", { length: 4, seed: 5, ...options }))),
  );
  assert.equal(together.length, 6);
});

test("after place 2^32 - 1 of the dice comes place 0 again, in all three ways of writing", () => {
  const last = 2 ** 32 - 1;
  const options = { seed: 3, position: last - 1, length: 4 };
  const steps = [...model.write("abc", options)];
  assert.deepEqual(
    steps.map(({ position }) => position),
    [last - 1, last, 0, 1],
  );
  const diceAt = position => model.start().draw(sampling, 3, position).u;
  assert.deepEqual(
    steps.map(({ u }) => u),
    steps.map(({ position }) => diceAt(position)),
  );
  const together = [...model.writeTogether("abc", [{}], options)].map(([{ u, position }]) => [u, position]);
  assert.deepEqual(
    together,
    steps.map(({ u, position }) => [u, position]),
  );
});

test("a checkpoint that was cut off is called that", async () => {
  const checkpoint = await packCheckpoint(training.save(), TEXT, null);
  for (const length of [500, checkpoint.length - 1])
    await assert.rejects(unpackCheckpoint(checkpoint.subarray(0, length)), error => {
      assert.equal(error.code, "E_CHECKPOINT");
      assert.match(`${error.message} ${error.hint}`, /no checkpoint of a training .*: the file ends within \w+.* cut short/);
      return true;
    });
});
