// SPDX-License-Identifier: MIT
//
// Training headless: against the command, across a checkpoint, shared by two, and what cannot be learnt from.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCheckpoint, metadataOf, packCheckpoint, unpackCheckpoint } from "../web/core/checkpoint.js";
import { RnnError, load } from "../web/core/model.js";
import { quantize } from "../web/core/quantize.js";
import { Training } from "../web/core/recipe.js";
import { TextIndex } from "../web/core/textindex.js";
import { Branch, beginAlike } from "../web/story/story.js";
import { Session } from "../web/trainer/session.js";
import { command, readTensors, root, withHeader } from "./helpers.mjs";

/** Sentences of a few words in some order, the same every time. */
function makeText(sentences) {
  const words = ["the", "cat", "sees", "a “small” dog", "and", "naïve", "кот", "it’s", "3.5", "so-called"];
  let dice = 1;
  let text = "";
  for (let i = 0; i < sentences; i++) {
    const sentence = Array.from({ length: 5 }, () => words[(dice = (dice * 48271) % 0x7fffffff) % words.length]);
    text += `${sentence.join(" ")}.\n`;
  }
  return text;
}

const TEXT = makeText(200);
const SMALL = { hidden: 20, embedding: 8, batch: 4, window: 16, passes: 2, dropout: 0.2, warmup: 10, rate: 0.01, heldOut: 0.1 };
const run = training => {
  const all = [];
  while (training.done < training.updates) all.push(training.update());
  return all;
};
const last = generator => {
  let result;
  do result = generator.next();
  while (!result.done);
  return result.value;
};
const fails = (code, words) => error =>
  (error instanceof RnnError && error.code === code && words.test(error.message)) || assert.fail(`${error.code}: ${error.message}`);

for (const level of ["characters", "words", "folded"])
  for (const cell of ["tanh", "gru", "lstm"])
    test(`a training of ${level} with ${cell} ends with the bits of the command's`, async t => {
      const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
      t.after(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, "text.txt"), TEXT);
      const settings = { ...SMALL, cell, level, vocabulary: 15, layers: 2 };
      const options = Object.entries({
        level,
        vocabulary: level === "characters" ? 0 : 15,
        cell,
        layers: 2,
        hidden: 20,
        embedding: 8,
        batch: 4,
        window: 16,
        slices: 2,
        passes: 2,
        rate: 0.01,
        "final-rate": 0.02,
        warmup: 10,
        clip: 1,
        dropout: 0.2,
        seed: 1,
        "held-out": 0.1,
      }).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const { status, stderr } = spawnSync(command, ["train", "text.txt", "--output", "net.safetensors", ...options], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      const training = await Training.begin(TEXT, settings);
      const bits = run(training).map(({ bits }) => bits);
      const expected = await load(readFileSync(join(folder, "net.safetensors")));
      const model = await load(training.weights());
      assert.equal(model.fingerprint, expected.fingerprint);
      assert.deepEqual(model.vocabulary, expected.vocabulary);
      assert.deepEqual([model.level, model.unknown], [expected.level, expected.unknown]);
      assert.ok(Math.abs(bits[0] - training.uniform) < 0.5, `${bits[0]} beside ${training.uniform}`);
      assert.ok(bits.at(-1) < bits[0] - 0.1);
    });

test("a training that goes on from a checkpoint has every number of one that was never stopped", async () => {
  const settings = { ...SMALL, cell: "gru", level: "words", vocabulary: 0 };
  const whole = await Training.begin(TEXT, settings);
  const stopped = await Training.begin(TEXT, settings);
  const expected = run(whole);
  const half = Math.floor(whole.updates / 2);
  const before = [];
  while (stopped.done < half) before.push(stopped.update());
  const resumed = await Training.resume(stopped.save(), TEXT);
  assert.equal(resumed.done, half);
  assert.deepEqual(resumed.settings, whole.settings);
  assert.deepEqual([...before, ...run(resumed)], expected);
  assert.deepEqual(resumed.save(), whole.save());
});

test("the factor of the learning rate counts from the next update on and is in the checkpoint", async () => {
  const training = await Training.begin(TEXT, SMALL);
  const other = await Training.begin(TEXT, SMALL);
  const first = training.update();
  const same = other.update();
  assert.deepEqual(first, same);
  training.rateFactor = 0.25;
  assert.equal(training.update().rate, other.update().rate / 4);
  assert.equal((await Training.resume(training.save(), TEXT)).rateFactor, 0.25);
});

test("two trainings that run a slice each and exchange their parts are one", async () => {
  const [one, two, alone] = await Promise.all([1, 2, 3].map(() => Training.begin(TEXT, SMALL)));
  const expected = run(alone);
  for (const step of expected) {
    [one, two].forEach(training => training.prepare());
    const nats = [one.slice(0), two.slice(1)];
    one.takePart(1, two.part(1));
    two.takePart(0, one.part(0));
    assert.throws(() => one.finish(nats.slice(1)), { code: "E_ARGUMENT" });
    assert.throws(() => one.slice(0.5), { code: "E_ARGUMENT" });
    assert.deepEqual(one.finish(nats), step);
    assert.deepEqual(two.finish(nats), step);
  }
  assert.deepEqual(one.save(), alone.save());
  assert.deepEqual(two.save(), alone.save());
});

test("the held-out bits are the mean surprisal in streams side by side", async () => {
  const training = await Training.begin(TEXT, { ...SMALL, level: "words", heldOut: 0.2 });
  run(training);
  const model = await load(training.weights());
  const { ids } = model.encode(TEXT);
  const heldOut = ids.subarray(training.facts.tokens);
  assert.equal(heldOut.length, training.facts.heldOut);
  const streams = Math.min(32, Math.floor(heldOut.length / 160) || 1);
  const each = Math.floor(heldOut.length / streams);
  const surprisals = [];
  for (let b = 0; b < streams; b++) {
    const state = model.start();
    for (const step of state.steps(heldOut.slice(b * each, (b + 1) * each))) if (step.surprisal < Infinity) surprisals.push(step.surprisal);
    state.free();
  }
  const mean = surprisals.reduce((sum, bits) => sum + bits, 0) / surprisals.length;
  assert.ok(Math.abs(last(training.heldOut()) - mean) < 1e-5);
});

for (const [level, vocabulary] of [
  ["characters", 0],
  ["words", 0],
  ["words", 9],
])
  test(`the n-gram figures of ${level}, ${vocabulary || "all"} of them, are those of the command`, async t => {
    const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const training = await Training.begin(TEXT, { ...SMALL, level, vocabulary });
    const orders = [];
    for await (const figure of training.markov()) if (figure) orders.push(`order ${figure.order}: ${figure.bits.toFixed(4)}`);
    const whole = await load((await Training.begin(TEXT, { ...SMALL, level, vocabulary: 0, heldOut: 0 })).weights());
    const tokens = whole.score(TEXT).tokens.map(({ text }) => text);
    writeFileSync(join(folder, "train.txt"), tokens.slice(0, training.facts.tokens).join(""));
    writeFileSync(join(folder, "held-out.txt"), tokens.slice(training.facts.tokens).join(""));
    const { stdout } = spawnSync(command, ["markov", "train.txt", "held-out.txt", "--level", level, "--vocabulary", String(vocabulary)], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(orders.length, 6);
    assert.deepEqual(orders, [...stdout.matchAll(/order \d: \d\.\d{4}/g)].map(String));
  });

test("a vocabulary of words ends with the last token that is trained on: no word is cut, none there is unknown", async () => {
  for (const heldOut of [0.05, 0.1, 0.2, 0.33]) {
    const training = await Training.begin(`${TEXT}${"and so on; ".repeat(300)}`, { ...SMALL, level: "words", vocabulary: 0, heldOut });
    assert.equal(training.facts.unknown, 0);
    const whole = new Set(
      (await Training.begin(TEXT + "and so on; ", { ...SMALL, level: "words", vocabulary: 0, heldOut: 0 })).model.vocabulary,
    );
    for (const word of training.model.vocabulary) assert.ok(whole.has(word), word);
  }
});

test("between two updates it writes as the network does that is saved from it then, without going through a file", async () => {
  for (const level of ["characters", "words"]) {
    const training = await Training.begin(TEXT, { ...SMALL, level });
    const options = { temperature: 0.7, seed: 5, length: 40 };
    const textOf = model => Array.from(model.write("the cat", options), step => step.text).join("");
    const texts = new Set();
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 10; j++) training.update();
      const saved = await load(training.weights());
      assert.equal(textOf(training.model), textOf(saved));
      assert.equal(training.model.fingerprint, saved.fingerprint);
      assert.equal(training.model.encode("the cat").unknown.length, 0);
      texts.add(textOf(training.model));
    }
    assert.equal(texts.size, 3);
  }
});

test("a network of words is saved as int8 too, names unknown words, and never draws the unknown one", async () => {
  const training = await Training.begin(TEXT, { ...SMALL, level: "words", vocabulary: 18 });
  run(training);
  const model = await load(await quantize(training.weights({ corpus: "a few words" })));
  assert.equal(model.quantized, true);
  assert.equal(model.metadata.corpus, "a few words");
  const { ids, unknown } = model.encode("the unicorn sees the zebra.");
  assert.deepEqual(unknown, ["unicorn", "zebra"]);
  assert.equal(ids.filter(id => id === model.unknown).length, 2);
  const { tokens, bitsPerCharacter } = model.score("the unicorn sees.");
  assert.equal(tokens[1].bits, Infinity);
  assert.ok(Number.isFinite(bitsPerCharacter));
  for (const step of model.write("", { temperature: 5, length: 300 })) assert.notEqual(step.id, model.unknown);
  const state = model.start();
  state.read("the cat");
  const again = model.start();
  again.load(state.save());
  const [step] = model.write(again, { length: 1, temperature: 0 });
  const [same] = model.write(state, { length: 1, temperature: 0 });
  assert.equal(step.text, same.text); // the space in front too
});

test("a window shows what its streams read: each input, and under it the next one", async () => {
  const training = await Training.begin(TEXT, SMALL);
  const rows = training.window(3);
  assert.equal(rows.length, 3);
  for (const { inputs, targets } of rows) {
    assert.equal(inputs.length, SMALL.window);
    assert.deepEqual(targets.slice(0, -1), inputs.slice(1));
    assert.ok(TEXT.includes(inputs.join("") + targets.at(-1)));
  }
  assert.equal(training.window(99).length, SMALL.batch);
  assert.deepEqual(training.window(0), []);
});

test("a slice or an update that comes before its window is refused, and the training goes on", async () => {
  const [training, alone] = await Promise.all([1, 2].map(() => Training.begin(TEXT, SMALL)));
  assert.throws(() => training.slice(0), fails("E_RANGE", /rnn_recipe_window comes before/));
  assert.throws(() => training.finish([1, 1]), fails("E_RANGE", /rnn_recipe_window comes before/));
  assert.deepEqual(training.update(), alone.update());
});

test("a training that holds nothing out has no held-out bits and no figures of n-grams", async () => {
  const training = await Training.begin(TEXT, { ...SMALL, heldOut: 0 });
  assert.equal(training.facts.heldOut, 0);
  assert.ok(Number.isNaN(last(training.heldOut())));
  for await (const figure of training.markov()) assert.equal(figure, undefined);
});

test("a word that the vocabulary lacks stands in the text as the person wrote it", async () => {
  const { model } = await Training.begin(TEXT, { ...SMALL, level: "words", vocabulary: 18 });
  const text = "the unicorn sees “zebras”, and the unicorn.";
  const { ids, unknown, own } = model.encode(text);
  assert.deepEqual(unknown, ["unicorn", "zebras", "”", ","]);
  assert.deepEqual([...own.values()], [" unicorn", "zebras", "”", ",", " unicorn"]);
  for (const [place, id] of ids.entries()) assert.equal(own.has(place), id === model.unknown);
  const state = model.start();
  assert.equal(Array.from(state.steps(ids, own), step => step.text).join(""), text);
  assert.equal(
    model
      .score(text)
      .tokens.map(token => token.text)
      .join(""),
    text,
  );
  assert.throws(() => state.steps(ids, {}).next(), fails("E_ARGUMENT", /not a Map/));

  const branch = new Branch(model, { ids, own }, 1, []);
  const textOf = some => some.steps.map(step => step.text).join("");
  const reading = branch.read();
  for (let i = 0; i < 3; i++) reading.next();
  reading.return();
  for (const _ of branch.read()); // the rest
  assert.equal(textOf(branch), text);
  for (const _ of branch.write(() => 3));
  assert.ok(textOf(branch.fork(1, { id: 2 })).startsWith(text));
  assert.equal(beginAlike({ ids, own }, model.encode(text)), true);
  assert.equal(beginAlike({ ids, own }, model.encode(text.replaceAll("unicorn", "dragon"))), false);
});

// ---- bad input ----

test("texts that nothing can be learnt from are refused with a sentence", async () => {
  await assert.rejects(Training.begin(""), fails("E_TEXT", /empty/));
  await assert.rejects(Training.begin(" \n "), fails("E_TEXT", /empty/));
  await assert.rejects(Training.begin("x"), fails("E_TEXT", /has 1 characters to train on/));
  await assert.rejects(Training.begin("a".repeat(5000)), fails("E_TEXT", /one and the same token/));
  await assert.rejects(Training.begin("a ".repeat(5000), { level: "words" }), fails("E_TEXT", /one and the same token/));
  const short = Training.begin("to be or not to be", { batch: 16, window: 64 });
  await assert.rejects(short, fails("E_TEXT", /has 18 characters to train on; 16 streams of 64 need 1025/));
  await assert.rejects(Training.begin("ab".repeat(11 * 2 ** 20)), fails("E_TOO_BIG", /at most 20971520/));
  await assert.rejects(Training.begin(7), fails("E_ARGUMENT", /not a string/));
});

test("odd texts are learnt from: line ends of all kinds, NUL, halves of surrogate pairs", async () => {
  const training = await Training.begin("one\r\ntwo\rthree\n\0\ud800 ".repeat(40), { ...SMALL, passes: 1 });
  assert.ok(run(training).every(({ bits }) => Number.isFinite(bits)));
});

test("settings out of range are refused with their name and range", async () => {
  const wrong = [
    ["rate", NaN],
    ["rate", 1e9],
    ["batch", 0],
    ["batch", 5],
    ["window", 0],
    ["hidden", 4097],
    ["layers", 5],
    ["dropout", 1],
    ["passes", 0.5],
    ["heldOut", 1],
    ["vocabulary", 1],
    ["seed", -1],
    ["cell", "cnn"],
    ["level", "__proto__"],
    ["optimizer", "sgd"],
  ];
  for (const [name, value] of wrong) {
    const inCore = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
    await assert.rejects(
      Training.begin(TEXT, { [name]: value, ...(name === "batch" && { slices: 2 }) }),
      fails("E_RANGE", name === "batch" && value ? /slices/ : new RegExp(inCore)),
      name,
    );
  }
  await assert.rejects(Training.begin(TEXT, { batch: "16" }), fails("E_ARGUMENT", /batch is not a number/));
  await assert.rejects(Training.begin(TEXT, { other: 1 }), fails("E_ARGUMENT", /"other" in settings is none of kind, level, .*, heldOut$/));
});

test("a learning rate of 0 changes nothing, one of 1000 ends in an error and not in weights that are no numbers", async () => {
  const still = await Training.begin(TEXT, { ...SMALL, rate: 0 });
  const before = (await load(still.weights())).fingerprint;
  run(still);
  assert.equal((await load(still.weights())).fingerprint, before);
  const wild = await Training.begin(TEXT, { ...SMALL, rate: 1000, clip: 0, passes: 200 });
  try {
    run(wild);
  } catch (error) {
    assert.equal(error.code, "E_NONFINITE");
  }
  await load(wild.weights()); // finite, whatever they are
});

test("bytes that are no checkpoint, or one of another text, are refused", async () => {
  const training = await Training.begin(TEXT, SMALL);
  await assert.rejects(Training.resume(training.weights(), TEXT), fails("E_CHECKPOINT", /no checkpoint/));
  await assert.rejects(Training.resume(training.save(), makeText(199)), fails("E_CHECKPOINT", /another text/));
  await assert.rejects(Training.resume(new Uint8Array(20), TEXT), fails("E_HEADER", /./));
  await assert.rejects(Training.resume(training.save().slice(0, 900), TEXT), fails("E_TRUNCATED", /./));
  const foreign = readFileSync(new URL("../weights/course.safetensors", import.meta.url));
  await assert.rejects(Training.resume(new Uint8Array(foreign), TEXT), fails("E_CHECKPOINT", /no checkpoint/));
});

test("a training that the memory does not hold is refused, and a smaller one begins", async () => {
  const text = TEXT.repeat(60);
  await assert.rejects(
    Training.begin(text, { hidden: 1024, layers: 4, batch: 256, window: 1024 }),
    fails("E_MEMORY", /no memory to train \d+ parameters on 256 x 1024/),
  );
  assert.ok(Number.isFinite((await Training.begin(text, SMALL)).update().bits));
});

// ---- a checkpoint as one file ----

test("a checkpoint is packed with its text and the best network, and goes on from there", async () => {
  const training = await Training.begin(TEXT, SMALL);
  for (let i = 0; i < 5; i++) training.update();
  const best = training.weights({ "heldOut.bitsPerToken": "3.25" });
  const file = await packCheckpoint(training.save(), TEXT, best);
  assert.ok(await isCheckpoint(file));
  const found = await unpackCheckpoint(file);
  assert.equal(found.text, TEXT);
  assert.deepEqual(Buffer.from(found.best), Buffer.from(best));
  const { "heldOut.bitsPerToken": bits, "train.updates": done } = await metadataOf(found.best);
  assert.deepEqual([bits, done], ["3.25", "5"]);
  const again = await Training.resume(file, found.text);
  assert.equal(again.done, 5);
  assert.deepEqual(again.update(), training.update());
  assert.equal((await load(file)).hidden, SMALL.hidden); // a weights file still
  assert.equal((await unpackCheckpoint(await packCheckpoint(training.save(), "a", null))).best, null);
});

test("a session carries along a best network that was judged by the loss, and gives the one that it trains", async () => {
  const training = await Training.begin(TEXT, SMALL);
  const best = training.weights({ "train.bits": "3.25" });
  for (let i = 0; i < 5; i++) training.update();
  const session = await Session.open({}, await packCheckpoint(training.save(), TEXT, best));
  assert.deepEqual(Buffer.from((await unpackCheckpoint(await session.file())).best), Buffer.from(best));
  assert.deepEqual(Buffer.from(session.weights().file), Buffer.from(training.weights()));
});

test("files that are no packed checkpoint are told apart and refused, whatever their header says", async () => {
  const training = await Training.begin(TEXT, SMALL);
  const weights = training.weights();
  const others = [
    weights,
    new Uint8Array(),
    new Uint8Array(7),
    new Uint8Array(200),
    new Uint8Array(200).fill(255),
    withHeader("[]"),
    withHeader("null"),
    withHeader("{"),
  ];
  for (const file of others) {
    assert.equal(await isCheckpoint(file), false);
    await assert.rejects(unpackCheckpoint(file), fails("E_CHECKPOINT", /no checkpoint/));
  }
  await assert.rejects(unpackCheckpoint(training.save()), fails("E_CHECKPOINT", /no checkpoint/)); // it has no text
  for (const text of [
    7,
    {},
    { data_offsets: 3 },
    { data_offsets: [-1, 2] },
    { data_offsets: [0, 1e9] },
    { data_offsets: [9, 3] },
    { data_offsets: ["0", null] },
    { data_offsets: [] },
  ])
    await assert.rejects(unpackCheckpoint(withHeader({ text })), fails("E_CHECKPOINT", /no checkpoint/), JSON.stringify(text));
  const packed = await packCheckpoint(training.save(), TEXT, null);
  await assert.rejects(Training.resume(packed.slice(0, -1), TEXT), fails("E_TRUNCATED", /./));
});

test("a packed checkpoint with one bit changed, in whatever it holds, is read by nothing", async () => {
  const training = await Training.begin(TEXT, SMALL);
  training.update();
  const packed = await packCheckpoint(training.save(), TEXT, training.weights());
  const names = Object.keys(readTensors(packed).tensors);
  for (const name of ["trainer.m", "fc.bias", "trainer.sum", "text", "best"]) assert.ok(names.includes(name), name);
  for (const name of names) {
    const damaged = Buffer.from(packed);
    readTensors(damaged).tensors[name].data[1] ^= 4; // of a Buffer it is the file's own bytes
    assert.notDeepEqual(damaged, Buffer.from(packed), name);
    const isDamaged = fails("E_DAMAGED", /the file is damaged: its bytes are not those that were written/);
    await assert.rejects(Training.resume(damaged, TEXT), isDamaged, name);
    await assert.rejects(load(damaged), isDamaged, name);
    await assert.rejects(packCheckpoint(damaged, TEXT, null), isDamaged, name);
    await assert.rejects(unpackCheckpoint(damaged), error => error.code === "E_CHECKPOINT" && /another copy/.test(error.hint), name);
  }
  assert.equal((await Training.resume(packed, TEXT)).done, 1);
});

// ---- the command's checkpoints ----

/** A folder with the text in it, and the command run there. */
function workshop(t) {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "text.txt"), TEXT);
  return {
    at: name => join(folder, name),
    nextchar: (...args) => spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: 60_000 }),
  };
}

for (const level of ["characters", "words"])
  test(`a checkpoint of JavaScript (${level}) goes on in the command to the same weights, bit for bit`, async t => {
    const { at, nextchar } = workshop(t);
    const training = await Training.begin(TEXT, { ...SMALL, level, dropout: 0.2 });
    for (let i = 0; i < 7; i++) training.update();
    training.rateFactor = 0.5; // it goes on in the command too
    writeFileSync(at("half.checkpoint"), await packCheckpoint(training.save(), TEXT, null));
    run(training);
    const { status, stderr } = nextchar("train", "--resume", "--checkpoint", "half.checkpoint", "--output", "net.safetensors");
    assert.equal(status, 0, stderr);
    assert.equal((await load(readFileSync(at("net.safetensors")))).fingerprint, training.model.fingerprint);
  });

test("a checkpoint of the command goes on in JavaScript to the same weights, bit for bit, in as many slices as it had", async t => {
  for (const slices of [1, 2]) {
    const { at, nextchar } = workshop(t);
    const options = [
      "--hidden",
      "16",
      "--embedding",
      "8",
      "--batch",
      "4",
      "--window",
      "16",
      "--slices",
      String(slices),
      "--passes",
      "40",
      "--held-out",
      "0.1",
    ];
    const whole = nextchar("train", "text.txt", "--output", "whole.safetensors", "--keep", "last", ...options);
    assert.equal(whole.status, 0, whole.stderr);
    await stopped(at("."), ["train", "text.txt", "--output", "net.safetensors", "--checkpoint-minutes", "0.00001", ...options]);
    const file = new Uint8Array(readFileSync(at("net.safetensors.checkpoint")));
    assert.ok(await isCheckpoint(file));
    const { text } = await unpackCheckpoint(file);
    assert.equal(text, TEXT);
    const training = await Training.resume(file, text);
    assert.equal(training.settings.slices, slices);
    assert.ok(training.done > 0 && training.done < training.updates);
    run(training);
    assert.equal(training.model.fingerprint, (await load(readFileSync(at("whole.safetensors")))).fingerprint);
  }
});

test("a network learns on: in JavaScript as in the command, bit for bit, with its own sizes", async t => {
  const { at, nextchar } = workshop(t);
  const before = await trained();
  writeFileSync(at("before.safetensors"), before);
  const options = ["--batch", "4", "--window", "16", "--passes", "2", "--dropout", "0", "--held-out", "0.1", "--keep", "last"];
  const told = nextchar("train", "text.txt", "--from", "before.safetensors", "--output", "on.safetensors", ...options);
  assert.equal(told.status, 0, told.stderr);
  const training = await Training.begin(TEXT, { batch: 4, window: 16, passes: 2, dropout: 0, heldOut: 0.1, hidden: 99 }, before);
  assert.deepEqual([training.settings.hidden, training.settings.embedding], [SMALL.hidden, SMALL.embedding]);
  assert.ok(training.update().bits < 3, "it knows the text");
  run(training);
  assert.equal(training.model.fingerprint, (await load(readFileSync(at("on.safetensors")))).fingerprint);
});

test("a network that is to learn on and is none is refused as load() refuses it; what it does not know is left out", async () => {
  const before = await trained();
  await assert.rejects(Training.begin(TEXT, {}, new Uint8Array()), fails("E_TRUNCATED", /0 bytes/));
  await assert.rejects(Training.begin(TEXT, {}, before.subarray(0, 1000)), fails("E_TRUNCATED", /./));
  await assert.rejects(Training.begin(TEXT, {}, await quantize(before)), fails("E_RANGE", /int8 network cannot be trained/));
  await assert.rejects(Training.begin(TEXT, {}, null), fails("E_ARGUMENT", /the network is not/));
  await assert.rejects(Training.begin(TEXT, {}, "net.safetensors"), fails("E_ARGUMENT", /the network is not/));
  const { facts } = await Training.begin(`${TEXT}ΩΩΩ`, { heldOut: 0 }, before);
  assert.equal(facts.characters - facts.tokens, 3);
});

/** A network that knows the text. */
async function trained() {
  const training = await Training.begin(TEXT, SMALL);
  run(training);
  return training.weights();
}

/** Ends the command as Ctrl-C does once its first checkpoint is there. */
async function stopped(cwd, args) {
  const child = spawn(command, args, { cwd, stdio: "ignore" });
  const ended = new Promise(resolve => child.once("exit", resolve));
  const until = Date.now() + 30_000;
  while (!existsSync(join(cwd, "net.safetensors.checkpoint")) && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 2));
  child.kill("SIGINT");
  assert.equal(await ended, 130);
}

test("where there is no WebAssembly a training, a network and a count say so", () => {
  const program = `
    import { load } from "nextchar";
    import { Markov } from "nextchar/markov";
    import { Training } from "nextchar/train";
    delete globalThis.WebAssembly;
    for (const begin of [() => load(new Uint8Array(9)), () => Training.begin("a text"), () => Markov.of("a text")])
      await begin().then(() => console.log("it began"), ({ code, message }) => console.log(code, message));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(stdout, "E_WASM there is no WebAssembly here\n".repeat(3));
});

// ---- copying ----

test("a copied span may begin within another one: no copied character counts as novel", async () => {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
  const index = await TextIndex.of(`${letters.slice(0, 30)}#${letters.slice(15)}`);
  assert.equal(index.find(letters, 20).novelty, 0);
  let dice = 7;
  const random = length => Array.from({ length }, () => "abc"[(dice = (dice * 48271) % 0x7fffffff) % 3]).join("");
  for (let round = 0; round < 200; round++) {
    const training = random(40);
    const text = random(30);
    const least = 4;
    const inside = new Set();
    for (let from = 0; from + least <= text.length; from++)
      if (training.includes(text.slice(from, from + least))) for (let i = 0; i < least; i++) inside.add(from + i);
    const expected = [];
    for (let from = 0; from + least <= text.length; from++) {
      let to = from;
      while (to < text.length && training.includes(text.slice(from, to + 1))) to++;
      if (to - from < least) continue;
      expected.push([from, to]);
      from = to - least; // the next one ends behind it
    }
    const { novelty, spans } = (await TextIndex.of(training)).find(text, least);
    assert.deepEqual(
      spans.map(({ from, to }) => [from, to]),
      expected,
    );
    assert.ok(Math.abs(novelty - (1 - inside.size / text.length)) < 1e-12, `${training} ${text}`);
    for (const { from, to, at } of spans) assert.equal(text.slice(from, to), training.slice(at, at + to - from));
  }
});

test("the spans of a text that stand in another are found with their places", async () => {
  const index = await TextIndex.of(`${TEXT}😀 an end 😀😀 of its own`);
  const copied = TEXT.slice(100, 160);
  const text = `something else ${copied} X an end 😀😀 of its own`;
  const { spans, novelty } = index.find(text, 12);
  assert.ok(spans.some(({ from, to }) => text.slice(from, to).includes(copied)));
  for (const { from, to, at } of spans) {
    const span = text.slice(from, to);
    assert.ok([...span].length >= 12);
    assert.equal(`${TEXT}😀 an end 😀😀 of its own`.slice(at, at + span.length), span);
  }
  const outside = [...text].length - spans.reduce((sum, { from, to }) => sum + [...text.slice(from, to)].length, 0);
  assert.ok(Math.abs(novelty - outside / [...text].length) < 1e-12);
  assert.equal(index.find("ничего общего с этим текстом", 12).novelty, 1);
  assert.equal(index.find("", 12).novelty, 1);
});
