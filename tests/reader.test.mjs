// SPDX-License-Identifier: MIT
//
// Networks that learn as they read, in the library: the numbers of the command, and what is given back.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RnnError, load } from "../web/core/model.js";
import { Reader } from "../web/core/learning.js";
import { CELLS, command, makeWeights, put, rawCore, root, textOf } from "./helpers.mjs";

const STRETCH = 20; // tokens that a step is taken on
const TEXT = readFileSync(new URL("texts/shakespeare-like.txt", root), "utf8")
  .toLowerCase()
  .replace(/[^a-z]+/g, " ")
  .slice(0, 1500);
const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
after(() => rmSync(folder, { recursive: true }));

const isOf = code => error => error instanceof RnnError && error.code === code;
const bitsOf = (reader, text) => Array.from(reader.steps(reader.model.encode(text).ids), step => step.surprisal);
const mean = numbers => numbers.reduce((total, each) => total + each, 0) / numbers.length;

test("at rate 0 it foretells what the network foretells, bit for bit", async () => {
  const model = await load(makeWeights({ layers: 2, embedding: 5 }));
  const reader = new Reader(model, { rate: 0 });
  assert.deepEqual(
    bitsOf(reader, TEXT),
    model.score(TEXT).tokens.map(({ bits }) => bits),
  );
  assert.equal(reader.model.fingerprint, model.fingerprint);
});

for (const quantize of [false, true])
  test(`it has the numbers of the command, and writes what the command writes; ${quantize ? "int8" : "float32"} weights`, async () => {
    const file = makeWeights({ cell: "gru", embedding: 6, hidden: 12, quantize });
    const model = await load(file);
    const path = join(folder, `${quantize}.safetensors`);
    writeFileSync(path, file);
    const run = (args, input) => spawnSync(command, args, { input, encoding: "utf8", timeout: 60_000 }).stdout;

    const scored = JSON.parse(run(["score", path, "--json", "--learn", "0.003"], TEXT));
    const reader = new Reader(model, { rate: 0.003 });
    const bits = mean(bitsOf(reader, TEXT));
    assert.equal(bits.toFixed(6), scored.learning.bitsPerCharacter.toFixed(6));
    assert.ok(bits < scored.bitsPerCharacter - 0.1, `${bits} of ${scored.bitsPerCharacter}`);

    const args = ["write", path, "--prompt", TEXT, "--learn", "0.003", "--temperature", "0.7", "--seed", "5", "--length", "200"];
    assert.equal(TEXT + textOf(reader.model.write(reader, { temperature: 0.7, seed: 5, length: 200 })) + "\n", run(args));
  });

test("its numbers are those of the core alone", async () => {
  const core = rawCore();
  const V = 27;
  const native = core.rnn_reader_new(core.rnn_model_new(CELLS.lstm, 1, V, 0, 8, V, 1), 0.002);
  const reader = new Reader(await load(makeWeights()), { rate: 0.002 });
  const { ids } = reader.model.encode(TEXT);
  for (const id of ids) {
    const logits = new Float32Array(core.memory.buffer, core.rnn_logits(core.rnn_reader_state(native)), V).slice();
    assert.deepEqual(reader.logits, logits);
    core.rnn_reader_take(native, id);
    reader.take(id);
  }
});

test("its model changes after each 20 tokens and a last one, as long as it is to learn; the network itself never", async () => {
  const model = await load(makeWeights());
  const { fingerprint } = model;
  const reader = new Reader(model, { rate: 0.01, tokens: 2 * STRETCH + 1 });
  const changes = [];
  let before = reader.model.fingerprint;
  for (const [i, id] of model.encode(TEXT).ids.subarray(0, 100).entries()) {
    reader.take(id);
    if (reader.model.fingerprint !== before) changes.push(i);
    before = reader.model.fingerprint;
  }
  assert.deepEqual(changes, [STRETCH, 2 * STRETCH]);
  assert.equal(model.fingerprint, fingerprint);
  assert.equal(reader.rate, 0.01);
});

test("a state of its model begins where it stands and teaches it nothing; nor does what is written from the reader", async () => {
  const reader = new Reader(await load(makeWeights({ metadata: { end: "3" } })), { rate: 0.01 });
  reader.read(TEXT.slice(0, 500));
  const { fingerprint } = reader.model;
  const { logits } = reader;
  const state = reader.start();
  assert.deepEqual(state.logits, logits);
  const options = { temperature: 1.5, seed: 3, length: 60 };
  const written = textOf(reader.model.write(state, options));
  assert.ok(written.length > 0 && !written.includes("c"), "its end is the network's");
  assert.deepEqual(reader.logits, logits);
  const saved = reader.save();
  assert.equal(textOf(reader.model.write(reader, options)), written);
  const again = reader.model.start();
  again.load(saved);
  assert.equal(textOf(reader.model.write(again, options)), written);
  reader.read(TEXT);
  assert.equal(reader.model.fingerprint, fingerprint, "it had settled");
  assert.throws(() => reader.load(saved), isOf("E_STATE"));
  const settled = new Reader(reader.model, { rate: 0.5 });
  settled.settle();
  settled.read(TEXT);
  assert.equal(settled.model.fingerprint, fingerprint);
});

/** Bytes of wasm memory of all instances that came to be while `use` ran. */
async function memoryAfter(use) {
  const { instantiate } = WebAssembly;
  const memories = [];
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    memories.push(instance.exports.memory);
    return instance;
  };
  try {
    await use();
  } finally {
    WebAssembly.instantiate = instantiate;
  }
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

test("a reader that was freed has given all its memory back, its states' too, and says so", async () => {
  const file = makeWeights({ hidden: 128 });
  const live = [];
  const readersInTurn = count => async () => {
    const model = await load(file);
    for (let i = 0; i < count; i++) {
      const reader = new Reader(model, { rate: 0.01 });
      const states = [reader.start(), reader.model.start()];
      reader.read(TEXT.slice(0, 50));
      reader.free();
      reader.free();
      for (const each of [reader, ...states]) assert.throws(() => each.take(1), isOf("E_FREED"));
      assert.throws(() => reader.model.start(), isOf("E_FREED"));
      for (const state of states) state.free();
    }
    live.push(model);
  };
  const [one, many] = [await memoryAfter(readersInTurn(1)), await memoryAfter(readersInTurn(12))];
  assert.equal(many, one);
  assert.equal(live[1].score("abc").tokens.length, 3);
});

test("a reader of a network that was freed says so, and can still be freed", async () => {
  const model = await load(makeWeights());
  const reader = new Reader(model, { rate: 0.01 });
  const state = reader.start();
  model.free();
  for (const each of [reader, state]) assert.throws(() => each.read("abc"), isOf("E_FREED"));
  assert.throws(() => reader.model.write("a").next(), isOf("E_FREED"));
  assert.throws(() => new Reader(model, { rate: 0.01 }), isOf("E_FREED"));
  reader.free();
  state.free();
});

test("wrong arguments are errors with a code", async () => {
  const model = await load(makeWeights());
  for (const rate of [-0.1, 1.1, NaN]) assert.throws(() => new Reader(model, { rate }), isOf("E_RANGE"));
  for (const tokens of [-1, 0.5]) assert.throws(() => new Reader(model, { rate: 0.1, tokens }), isOf("E_RANGE"));
  for (const options of [undefined, {}, { rate: "0.1" }, { rate: 0.1, learn: 1 }])
    assert.throws(() => new Reader(model, options), isOf("E_ARGUMENT"));
  assert.throws(() => new Reader({}, { rate: 0.1 }), isOf("E_ARGUMENT"));
});

test("readers that were dropped are freed when the collector finds them, and none whose model is in use", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const file = makeWeights({ hidden: 48 });
  const rounds = count => async () => {
    const model = await load(file);
    const { model: kept } = new Reader(model, { rate: 0.01 });
    for (let round = 0; round < count; round++) {
      for (let i = 0; i < 20; i++) new Reader(model, { rate: 0.01 }).take(1);
      collect();
      await new Promise(resolve => setImmediate(resolve));
    }
    assert.equal(kept.score(TEXT).bitsPerCharacter, model.score(TEXT).bitsPerCharacter);
  };
  const [few, many] = [await memoryAfter(rounds(2)), await memoryAfter(rounds(10))];
  assert.ok(many < 2 * few, `${few} bytes, then ${many}`);
});
