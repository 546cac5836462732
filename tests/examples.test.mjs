// SPDX-License-Identifier: MIT
//
// Networks that learn examples in JavaScript: to the command's weights, shared by workers, from checkpoint to checkpoint.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isCheckpoint, packCheckpoint, unpackCheckpoint } from "../web/core/checkpoint.js";
import { ExampleTraining, exampleDefaults } from "../web/core/examples.js";
import { loadPattern } from "../web/core/pattern.js";
import { quantize } from "../web/core/quantize.js";
import { Training } from "../web/core/recipe.js";
import { workshop } from "./command.mjs";
import { readTensors } from "./helpers.mjs";

const { write: put, read, output } = workshop();
const backwards = text => [...text].reverse().join("");
const lines = Array.from({ length: 300 }, (_, i) => `${100 + i}\t${backwards(String(100 + i))}`).join("\n");
const SMALL = { pattern: "sequence", hidden: 24, embedding: 8, batch: 16, rate: 0.01, warmup: 10, passes: 3, slices: 2, heldOut: 0.2 };
const weightsOf = file => Object.fromEntries(Object.entries(readTensors(file).tensors).map(([name, { data }]) => [name, [...data]]));
const finish = training => {
  while (training.done < training.updates) training.update();
};

before(() => put("lines.txt", lines));

test("a training has the command's weights, bit for bit", async () => {
  const options = Object.entries({ ...exampleDefaults, ...SMALL })
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${value}`)
    .join(" ");
  output(`train lines.txt --output net.st ${options} --keep last`);
  const training = await ExampleTraining.begin(lines, SMALL);
  finish(training);
  assert.deepEqual(weightsOf(training.weights()), weightsOf(read("net.st")));
});

test("it tells its facts, answers between two updates, and says how the held-out examples are answered", async () => {
  const training = await ExampleTraining.begin(lines, { ...SMALL, passes: 80 });
  assert.equal(training.facts.examples + training.facts.heldOut, 300);
  assert.equal(training.windows, Math.floor(training.facts.examples / 16));
  assert.equal(training.settings.reversed, 1);
  const before = training.heldOut();
  assert.equal(before.examples, training.facts.heldOut);
  training.update();
  assert.match(training.network.answer("123"), /^\d*$/);
  finish(training);
  const after = training.heldOut();
  assert.ok(after.bitsPerLabel < before.bitsPerLabel / 4, `${before.bitsPerLabel} ${after.bitsPerLabel}`);
  assert.ok(after.right > 0.9 * after.examples, `${after.right} of ${after.examples}`);
  const saved = await loadPattern(training.weights({ title: "backwards" }));
  assert.equal(saved.answer("321"), training.network.answer("321"));
  assert.equal(saved.metadata.title, "backwards");
});

test("two that share the slices have the bits of one", async () => {
  const [one, first, second] = await Promise.all([1, 2, 3].map(() => ExampleTraining.begin(lines, SMALL)));
  for (let update = 0; update < 5; update++) {
    one.update();
    for (const each of [first, second]) each.prepare();
    const nats = [first.slice(0), second.slice(1)];
    first.takePart(1, second.part(1));
    second.takePart(0, first.part(0));
    for (const each of [first, second]) each.finish(nats);
  }
  assert.deepEqual(weightsOf(first.weights()), weightsOf(one.weights()));
  assert.deepEqual(weightsOf(second.weights()), weightsOf(one.weights()));
});

test("a training goes on from its checkpoint, and from the command's", async () => {
  const whole = await ExampleTraining.begin(lines, SMALL);
  const stopped = await ExampleTraining.begin(lines, SMALL);
  for (let i = 0; i < 7; i++) stopped.update();
  const again = await ExampleTraining.resume(stopped.save(), lines);
  assert.equal(again.done, 7);
  for (const each of [whole, again]) finish(each);
  assert.deepEqual(weightsOf(again.weights()), weightsOf(whole.weights()));
  put("page.checkpoint", stopped.save());
  output("train lines.txt --resume --checkpoint page.checkpoint --output gone-on.st --keep last");
  assert.deepEqual(weightsOf(read("gone-on.st")), weightsOf(whole.weights()));
  await assert.rejects(ExampleTraining.resume(stopped.save(), lines.replace("100\t001", "100\t111")), { code: "E_CHECKPOINT" });
});

test("held-out examples of their own are those of the command, and none of them is trained on", async () => {
  const heldOutLines = Array.from({ length: 40 }, (_, i) => `${500 + i}\t${backwards(String(500 + i))}`).join("\n");
  const { heldOut: _, ...settings } = SMALL;
  const training = await ExampleTraining.begin(lines, settings, { heldOutLines });
  assert.deepEqual([training.facts, training.settings.heldOut], [{ examples: 300, heldOut: 40 }, 0]);
  for (let i = 0; i < 7; i++) training.update();
  const { heldOut, ...score } = { heldOut: training.heldOut(), ...training.network.score(heldOutLines) };
  assert.deepEqual([heldOut.examples, heldOut.right, heldOut.labelsRight], [40, score.right, score.labelsRight]);
  assert.ok(Math.abs(heldOut.bitsPerLabel - score.bitsPerLabel) < 1e-9);

  const saved = training.save();
  const again = await ExampleTraining.resume(saved, lines, { heldOutLines });
  const packed = await packCheckpoint(saved, lines, null, heldOutLines);
  assert.deepEqual(await unpackCheckpoint(packed), { text: lines, heldOut: heldOutLines, best: null });
  const opened = await ExampleTraining.resume(packed, lines);
  for (const each of [training, again, opened]) finish(each);
  assert.equal(opened.facts.heldOut, 40);
  for (const each of [again, opened]) assert.deepEqual(weightsOf(each.weights()), weightsOf(training.weights()));
  await assert.rejects(ExampleTraining.resume(saved, lines, { heldOutLines: heldOutLines.replace("500\t005", "500\t500") }), {
    code: "E_CHECKPOINT",
  });

  put("held-out.txt", heldOutLines);
  put("packed.checkpoint", packed);
  output("train lines.txt --held-out held-out.txt --resume --checkpoint packed.checkpoint --output of-packed.st --keep last");
  assert.deepEqual(weightsOf(read("of-packed.st")), weightsOf(training.weights()));
});

test("a checkpoint of each pattern is told from a network; how many floats are learnt is what its file holds", async () => {
  for (const pattern of ["sequence", "many-to-one"]) {
    const training = await ExampleTraining.begin(lines, { ...SMALL, pattern });
    assert.equal(await isCheckpoint(training.save()), true, pattern);
    assert.equal(await isCheckpoint(training.weights()), false, pattern);
    const floats = Object.entries(readTensors(training.weights()).tensors)
      .filter(([, { dtype }]) => dtype === "F32")
      .reduce((sum, [, { data }]) => sum + data.length / 4, 0);
    assert.equal(training.parameters, floats, pattern);
  }
});

test("a network that answers becomes one of int8 that answers", async () => {
  const training = await ExampleTraining.begin(lines, { ...SMALL, passes: 80 });
  finish(training);
  const file = training.weights({ title: "backwards" });
  const small = await quantize(file);
  const network = await loadPattern(small);
  assert.deepEqual([network.quantized, network.pattern, network.metadata.title], [true, "sequence", "backwards"]);
  assert.ok(small.length < 0.5 * file.length, `${small.length} of ${file.length}`);
  assert.equal(network.answer("321"), "123");
});

test("each pattern learns", async () => {
  const tasks = {
    "many-to-one": lines.replace(/\t.*/gm, line => (line[1] === "0" ? "\tround" : "\tnot round")),
    synchronous: lines.replace(/(.*)\t.*/g, (_, text) => `${text}\t${text.replaceAll("1", "i")}`),
    "one-to-many": lines.replace(/.*/g, (line, at) => (line ? `${at % 3 ? "sky" : "grass"}\t${at % 3 ? "blue" : "green"}` : "")),
  };
  for (const [pattern, text] of Object.entries(tasks)) {
    const training = await ExampleTraining.begin(text, { ...SMALL, pattern, heldOut: 0, passes: 30, cell: "gru" });
    finish(training);
    const { right, examples } = training.network.score(text);
    assert.equal(right, examples, pattern);
    assert.ok(Number.isNaN(training.heldOut().bitsPerLabel));
  }
});

test("wrong settings and lines are refused with a code and a sentence", async () => {
  const refused = (text, settings, code, message) =>
    assert.rejects(ExampleTraining.begin(text, { ...SMALL, ...settings }), { code, message });
  await refused(lines, { pattern: "triangle" }, "E_RANGE", /pattern is triangle/);
  await refused(lines, { pattern: "text" }, "E_RANGE", /pattern is text/);
  await refused(lines, { hiden: 64 }, "E_ARGUMENT", /"hiden" in settings is none of pattern, side, .*, heldOut$/);
  await refused(lines, { batch: 1 }, "E_RANGE", /slices is 2; it must divide batch, which is 1/);
  await refused(lines, { delay: 2 }, "E_RANGE", /delay is of synchronous alone, but pattern is sequence/);
  await refused("", {}, "E_TEXT", /the text has no examples/);
  await refused(lines, { hidden: "many" }, "E_ARGUMENT", /hidden is not a number/);
  await refused("no tab", {}, "E_TEXT", /line 1/);
  await refused(7, {}, "E_ARGUMENT", /not a string/);
  await refused(lines, { batch: 1000 }, "E_TEXT", /batch is 1000; there are \d+ examples to train on/);
  await assert.rejects(ExampleTraining.begin(lines, SMALL, 7), { code: "E_ARGUMENT" });
  await assert.rejects(ExampleTraining.begin(lines, SMALL, { heldOutLines: 7 }), { code: "E_ARGUMENT", message: /held-out examples/ });
  await assert.rejects(ExampleTraining.begin(lines, SMALL, { heldOutLines: "no tab" }), { code: "E_TEXT" });
  const ofText = await Training.begin("a text that is learnt. ".repeat(200), { hidden: 8, batch: 4, window: 8 });
  await assert.rejects(ExampleTraining.resume(ofText.save(), lines), { code: "E_CHECKPOINT" });
  const training = await ExampleTraining.begin(lines, SMALL);
  await assert.rejects(Training.resume(training.save(), lines), { code: "E_CHECKPOINT", message: /of examples/ });
  await refused(`${"a".repeat(70_000)}\tb\n${lines}`, {}, "E_TEXT", /line 1 has 70000 characters/);
  await refused("a\tb\n".repeat(2 ** 24 + 1), { pattern: "one-to-many", side: 64 }, "E_TOO_BIG", /at most/);
  assert.throws(() => training.weights({ pattern: "sequence" }), { code: "E_ARGUMENT" });
  assert.throws(() => training.slice(2), { code: "E_RANGE" });
  assert.throws(() => training.takePart(0, new Float32Array(3)), { code: "E_ARGUMENT" });
});
