// SPDX-License-Identifier: MIT
//
// web/core/ as a program uses it, on the wasm that the page loads: models, states, steps, scores.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RnnError, load } from "../web/core/model.js";
import { CELLS, ISAS, LETTERS, argmax, floatsOf, makeWeights, readTensors, root, sum, textOf } from "./helpers.mjs";
import { PROMPTS, writerOf } from "./prompts.mjs";

const fails = code => error => error instanceof RnnError && error.code === code && error.message.length > 0;
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);
const file = makeWeights({ layers: 2, embedding: 6, hidden: 12 });
const model = await load(file);

/** softmax(logits / temperature) in float64. */
function softmax(logits, temperature) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, x => Math.exp((x - most) / temperature));
  return powers.map(power => power / sum(powers));
}

/** The id whose part of [0, 1) the dice hit. */
function pick(probs, u) {
  let reached = 0;
  return probs.findIndex(p => p > 0 && u < (reached += p));
}

// ---- model ----

for (const cell of Object.keys(CELLS))
  test(`a ${cell} model says what it is`, async () => {
    const bytes = makeWeights({ cell, layers: 3, embedding: 5, hidden: 9, metadata: { corpus: "none", ключ: "значение" } });
    const m = await load(bytes);
    const { cell: kind, layers, hidden, embedding, inputs, outputs, quantized, end } = m;
    assert.deepEqual(
      { kind, layers, hidden, embedding, inputs, outputs, quantized, end },
      { kind: cell, layers: 3, hidden: 9, embedding: 5, inputs: 27, outputs: 27, quantized: false, end: -1 },
    );
    assert.equal(m.bytes, bytes.length);
    assert.equal(m.vocabulary.join(""), " abcdefghijklmnopqrstuvwxyz");
    assert.equal(m.metadata.corpus, "none");
    assert.equal(m.metadata["ключ"], "значение");
    assert.match(m.fingerprint, /^[0-9a-f]{8}$/);
  });

test("a one-hot model has an embedding of 0, a quantized one says so", async () => {
  assert.equal((await load(makeWeights())).embedding, 0);
  const m = await load(makeWeights({ quantize: true }));
  assert.equal(m.quantized, true);
  assert.equal(textOf(m.write("a", { length: 20 })).length, 20);
});

test("the fingerprint tells networks apart and not loads of the same", async () => {
  assert.equal((await load(file)).fingerprint, model.fingerprint);
  assert.notEqual((await load(makeWeights({ layers: 2, embedding: 6, hidden: 12, seed: 2 }))).fingerprint, model.fingerprint);
});

test("metadata under the name of a prototype's property is only metadata", async () => {
  const { metadata } = await load(makeWeights({ metadata: { ["__proto__"]: "a", constructor: "b", toString: "c" } }));
  assert.deepEqual(Object.entries(metadata), [
    ["__proto__", "a"],
    ["constructor", "b"],
    ["toString", "c"],
  ]);
  assert.equal({}.a, undefined);
});

// ---- writing ----

test("write gives the same text again, and another with another seed", () => {
  const options = { temperature: 0.8, seed: 7, length: 200 };
  const text = textOf(model.write("some text", options));
  assert.equal(text.length, 200);
  assert.equal(textOf(model.write("some text", options)), text);
  assert.notEqual(textOf(model.write("some text", { ...options, seed: 8 })), text);
});

test("write does what reading, drawing and taking by hand do", () => {
  const state = model.start();
  state.read("hello");
  for (const step of model.write("hello", { temperature: 0.7, topK: 9, topP: 0.9, seed: 3, length: 100 })) {
    assert.deepEqual(step.logits, state.logits);
    assert.deepEqual(step.h, state.h(1));
    assert.deepEqual(step.c, state.c(1));
    assert.deepEqual(step.gates, state.gates(1));
    const probs = state.probs({ temperature: 0.7, topK: 9, topP: 0.9 });
    assert.deepEqual(step.probs(), probs);
    assert.equal(step.id, pick(probs, step.u));
    assert.equal(step.text, model.vocabulary[step.id]);
    state.take(step.id);
  }
});

test("an empty prompt starts from the zero state, whose logits are the head's bias", () => {
  const [step] = model.write("", { length: 1 });
  assert.deepEqual(step.logits, floatsOf(readTensors(file).tensors["fc.bias"]));
  assert.deepEqual(step.h, new Float32Array(12));
});

test("a step knows its place, its dice and its settings", () => {
  const steps = [...model.write("", { temperature: 0.5, topK: 5, topP: 0.9, seed: 4, length: 50 })];
  assert.deepEqual(
    steps.map(step => step.position),
    [...steps.keys()],
  );
  assert.ok(steps.every(step => step.u >= 0 && step.u < 1 && step.temperature === 0.5 && step.topK === 5 && step.topP === 0.9));
  assert.ok(new Set(steps.map(step => step.u)).size > 45);
});

test("the dice depend on seed and place alone, not on the temperature", () => {
  const dice = temperature => Array.from(model.write("", { temperature, seed: 5, length: 30 }), step => step.u);
  assert.deepEqual(dice(0.3), dice(1.7));
});

test("temperature 0 writes the most probable character at each step", () => {
  for (const step of model.write("abc", { temperature: 0, length: 200 })) {
    assert.equal(step.id, argmax(step.logits));
    assert.equal(step.probs()[step.id], 1);
    assert.equal(step.bits, 0);
    assert.equal(step.entropy, 0);
  }
});

test("every distribution sums to 1 within 1e-6, at any temperature and cut", () => {
  for (const temperature of [0, 1e-9, 0.1, 0.8, 1, 2, 1e9, Infinity])
    for (const [topK, topP] of [
      [0, 1],
      [5, 1],
      [0, 0.5],
      [5, 0.5],
      [1, 1],
      [0, 0],
      [99, 1],
    ])
      for (const step of model.write("x", { temperature, topK, topP, length: 20 })) near(sum(step.probs()), 1, 1e-6);
});

test("a step's distribution at another temperature is softmax(logits / T)", () => {
  for (const step of model.write("x", { temperature: 0.8, length: 50 }))
    for (const temperature of [0.25, 0.8, 1, 3]) {
      const expected = softmax(step.logits, temperature);
      step.probs(temperature).forEach((p, id) => near(p, expected[id], 1e-6));
    }
});

test("temperatures of 1e9 and infinity make all characters equally probable", () => {
  for (const temperature of [1e9, Infinity])
    for (const step of model.write("x", { temperature, length: 20 })) for (const p of step.probs()) near(p, 1 / 27, 1e-7);
});

test("topK keeps the k most probable, topP the fewest that reach p", () => {
  for (const step of model.write("x", { length: 30 })) {
    const full = step.probs();
    const order = step.top(27).map(({ id }) => id);
    const kept = probs => order.filter(id => probs[id] > 0);
    assert.deepEqual(kept(step.probs(1, { topK: 4 })), order.slice(0, 4));
    const fewest = order.findIndex((_, i) => sum(order.slice(0, i + 1).map(id => full[id])) >= 0.6) + 1;
    assert.deepEqual(kept(step.probs(1, { topP: 0.6 })), order.slice(0, fewest));
    near(step.probs(1, { topK: 4 })[order[0]], full[order[0]] / sum(order.slice(0, 4).map(id => full[id])), 1e-6);
  }
});

test("bits and entropy are those of the distribution that was drawn from", () => {
  for (const step of model.write("x", { temperature: 0.6, topK: 8, length: 50 })) {
    const probs = step.probs();
    near(step.bits, -Math.log2(probs[step.id]), 1e-9);
    near(step.entropy, sum(Array.from(probs, p => (p > 0 ? -p * Math.log2(p) : 0))), 1e-9);
  }
});

test("top lists the most probable characters in order", () => {
  const [step] = model.write("the", { length: 1 });
  const top = step.top(5);
  assert.equal(top.length, 5);
  assert.equal(top[0].id, argmax(step.logits));
  assert.ok(top.every(({ id, text, p }, i) => text === model.vocabulary[id] && p === step.probs()[id] && (i === 0 || p <= top[i - 1].p)));
  assert.equal(step.top(Infinity).length, 27);
});

test("options changed while it writes count from the next step on", () => {
  const still = [...model.write("x", { temperature: 1, seed: 2, length: 40 })];
  const options = { temperature: 1, seed: 2, length: 40 };
  const steps = [];
  for (const step of model.write("x", options)) {
    steps.push(step);
    if (steps.length === 10) options.temperature = 0;
    if (steps.length === 20) options.length = 25;
  }
  assert.equal(steps.length, 25);
  assert.deepEqual(
    steps.slice(0, 10).map(step => step.id),
    still.slice(0, 10).map(step => step.id),
  );
  assert.ok(steps.slice(10).every(step => step.temperature === 0 && step.id === argmax(step.logits)));
});

test("length 0 writes nothing, Infinity until you stop", () => {
  assert.deepEqual([...model.write("x", { length: 0 })], []);
  let count = 0;
  for (const step of model.write("x", { length: Infinity })) {
    assert.equal(step.position, count);
    if (++count === 5000) break;
  }
  assert.equal(count, 5000);
});

test("the end token ends the text and is not part of it", async () => {
  const endless = await load(makeWeights({ text: "abc" }));
  const ending = await load(makeWeights({ text: "abc", metadata: { end: "1" } }));
  assert.equal(ending.end, 1);
  const whole = textOf(endless.write("", { seed: 9, length: 100 }));
  assert.ok(whole.indexOf("b") > 0);
  assert.equal(textOf(ending.write("", { seed: 9, length: 100 })), whole.slice(0, whole.indexOf("b")));
});

test("pad and unknown are never drawn", async () => {
  const m = await load(makeWeights({ text: "abcd", metadata: { pad: "0", unknown: "2" } }));
  for (const temperature of [0, 1, Infinity])
    for (const step of m.write("", { temperature, length: 200 })) {
      assert.ok(step.id === 1 || step.id === 3);
      assert.equal(step.logits[0], -Infinity);
      assert.equal(step.probs()[2], 0);
    }
});

test("writing goes on from a state and advances it by what was pulled", () => {
  const state = model.start();
  const expected = model.start();
  for (const some of [state, expected]) some.read("abc");
  for (const step of model.write(state, { seed: 6 })) {
    expected.take(step.id);
    assert.deepEqual(state.save(), expected.save());
    if (step.position === 5) break;
  }
  assert.deepEqual(state.save(), expected.save());
});

test("position is the place of the first dice: a text goes on as if it had not been left", () => {
  const whole = [...model.write("abc", { temperature: 0.7, seed: 6, length: 40 })];
  const state = model.start();
  state.read(`abc${textOf(whole.slice(0, 15))}`);
  const rest = [...model.write(state, { temperature: 0.7, seed: 6, length: 25, position: 15 })];
  assert.deepEqual(
    rest.map(step => [step.position, step.u, step.id]),
    whole.slice(15).map(step => [step.position, step.u, step.id]),
  );
});

test("arguments out of range or of the wrong type are refused at once, with a code", () => {
  const wrong = [
    [{ temperature: -1 }, "E_RANGE"],
    [{ temperature: NaN }, "E_RANGE"],
    [{ temperature: "1" }, "E_ARGUMENT"],
    [{ temperature: null }, "E_ARGUMENT"],
    [{ topK: -1 }, "E_RANGE"],
    [{ topK: 1.5 }, "E_RANGE"],
    [{ topK: Infinity }, "E_RANGE"],
    [{ topP: -0.1 }, "E_RANGE"],
    [{ topP: 1.1 }, "E_RANGE"],
    [{ topP: NaN }, "E_RANGE"],
    [{ seed: -1 }, "E_RANGE"],
    [{ seed: 2 ** 32 }, "E_RANGE"],
    [{ seed: 0.5 }, "E_RANGE"],
    [{ seed: 1n }, "E_ARGUMENT"],
    [{ position: -1 }, "E_RANGE"],
    [{ position: 2 ** 32 }, "E_RANGE"],
    [{ length: -1 }, "E_RANGE"],
    [{ length: NaN }, "E_RANGE"],
    [{ length: 1.5 }, "E_RANGE"],
    [null, "E_ARGUMENT"],
    ["fast", "E_ARGUMENT"],
  ];
  for (const [options, code] of wrong)
    assert.throws(
      () => model.write("x", options),
      fails(code),
      JSON.stringify(options, (_, x) => String(x)),
    );
  for (const prompt of [undefined, null, 5, ["a"], {}]) assert.throws(() => model.write(prompt), fails("E_ARGUMENT"));
  assert.equal(textOf(model.write("x", { seed: 2 ** 32 - 1, length: 5 })).length, 5);
});

test("an option that becomes wrong while it writes stops it with the same error", () => {
  const options = { temperature: 1, length: 10 };
  const steps = model.write("x", options);
  steps.next();
  options.temperature = NaN;
  assert.throws(() => steps.next(), fails("E_RANGE"));
  assert.deepEqual(steps.next(), { value: undefined, done: true });
});

test("a state that was loaded is no longer the one that an earlier step was drawn from", () => {
  const state = model.start();
  const saved = state.save();
  const sampling = { temperature: 1, topK: 0, topP: 1 };
  const step = state.draw(sampling, 1, 0);
  state.take(step.id);
  state.load(saved);
  state.draw(sampling, 1, 0);
  assert.throws(() => step.h, fails("E_STATE"));
});

test("a step keeps answering after further steps and after its model was freed", async () => {
  const m = await load(file);
  const steps = [...m.write("x", { length: 3 })];
  const before = steps.map(step => [step.probs(2), step.entropy, step.top(3)]);
  m.free();
  assert.deepEqual(
    steps.map(step => [step.probs(2), step.entropy, step.top(3)]),
    before,
  );
  assert.throws(() => steps[0].probs(-1), fails("E_RANGE"));
});

test("a step's h, c and gates are copied when someone looks, which must be before the next step is taken", async () => {
  const m = await load(file);
  const cellOf = some => [some.h, some.c, some.gates];
  const [seen, missed, last] = m.write("x", { length: 3 });
  assert.throws(() => cellOf(seen), fails("E_STATE"));
  assert.throws(() => cellOf(missed), fails("E_STATE"));
  m.free();
  const state = model.start();
  state.read(`x${seen.text}${missed.text}`);
  assert.deepEqual(cellOf(last), [state.h(1), state.c(1), state.gates(1)]); // nothing came after it

  const cells = [];
  const steps = Array.from(model.write("x", { length: 3 }), step => (cells.push(cellOf(step)), step));
  assert.deepEqual(steps.map(cellOf), cells); // who has looked once may look again
});

// ---- text to ids ----

test("encode gives ids and names what the vocabulary lacks", () => {
  const { ids, unknown } = model.encode("ab Ω👨‍👩‍👧 ΩÉé\0\n");
  assert.deepEqual([...ids], [1, 2, 0, 0]);
  assert.deepEqual(unknown, ["Ω", "👨", "\u200d", "👩", "👧", "É", "é", "\0", "\n"]);
});

test("halves of surrogate pairs count as U+FFFD", async () => {
  assert.deepEqual(model.encode("a\ud83db\udc4dc"), { ids: Int32Array.of(1, 2, 3), unknown: ["\ufffd"], own: new Map() });
  const m = await load(makeWeights({ text: "a\ufffd" }));
  assert.deepEqual([...m.encode("\ud83d").ids], [1]);
});

test("any character can be a token: Cyrillic, combining marks, a byte order mark, emoji", async () => {
  const m = await load(makeWeights({ text: "ы\u0301\ufeff😀<" }));
  assert.deepEqual(m.vocabulary, ["<", "\u0301", "ы", "\ufeff", "😀"]);
  assert.deepEqual(m.encode("\ufeffы\u0301😀<"), { ids: Int32Array.of(3, 2, 1, 4, 0), unknown: [], own: new Map() });
});

test("unknown characters are left out of a prompt and returned by read", () => {
  const state = model.start();
  assert.deepEqual(state.read("aΩb"), ["Ω"]);
  const without = model.start();
  assert.deepEqual(without.read("ab"), []);
  assert.deepEqual(state.save(), without.save());
  assert.deepEqual(textOf(model.write("aΩb", { length: 20 })), textOf(model.write("ab", { length: 20 })));
});

test("a prompt of 1 MiB is read, one byte more is refused", () => {
  const prompt = "ab".repeat(2 ** 19);
  const [step] = model.write(prompt, { length: 1 });
  const state = model.start();
  const { ids } = model.encode(prompt);
  for (let i = 0; i < ids.length; i += 100_000) state.advance(ids.subarray(i, i + 100_000));
  assert.deepEqual(step.logits, state.logits);
  assert.throws(() => model.write(`${prompt}a`), fails("E_TOO_BIG"));
  assert.throws(() => model.write("é".repeat(2 ** 19 + 1)), fails("E_TOO_BIG"));
});

// ---- states ----

test("a saved state goes on as the one it was saved from", async () => {
  for (const cell of Object.keys(CELLS)) {
    const m = await load(makeWeights({ cell, layers: 2 }));
    const state = m.start();
    state.read("once upon");
    const saved = state.save();
    const text = textOf(m.write(state, { length: 50 }));
    state.load(saved);
    assert.equal(textOf(m.write(state, { length: 50 })), text);
    const other = m.start();
    other.load(saved.buffer);
    assert.equal(textOf(m.write(other, { length: 50 })), text);
  }
});

test("a state of another network is refused", async () => {
  const other = await load(makeWeights({ layers: 2, embedding: 6, hidden: 12, seed: 2 }));
  const state = model.start();
  assert.throws(() => state.load(other.start().save()), fails("E_STATE"));
  assert.throws(() => model.write(other.start()), fails("E_STATE"));
});

test("a damaged state is refused and changes nothing", async () => {
  const m = await load(makeWeights({ metadata: { pad: "0" } }));
  const state = m.start();
  state.read("abc");
  const saved = state.save();
  const damage = change => {
    const bytes = saved.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };
  const logits = saved.length - 4 * 27;
  const damaged = [
    new Uint8Array(),
    saved.subarray(0, 7),
    saved.subarray(0, 16),
    saved.subarray(0, -4),
    new Uint8Array([...saved, 0, 0, 0, 0]),
    damage(view => view.setUint8(0, 0)),
    damage(view => view.setUint8(8, view.getUint8(8) ^ 1)),
    damage(view => view.setUint32(12, 1, true)),
    damage(view => view.setFloat32(16, NaN, true)),
    damage(view => view.setFloat32(16, -Infinity, true)),
    damage(view => view.setFloat32(logits, 0, true)), // the pad could be drawn
    damage(view => view.setFloat32(logits + 4, -Infinity, true)),
  ];
  for (const bytes of damaged) assert.throws(() => state.load(bytes), fails("E_STATE"));
  for (const bytes of [null, "abc", [1, 2]]) assert.throws(() => state.load(bytes), fails("E_ARGUMENT"));
  assert.deepEqual(state.save(), saved);
});

test("a state shows h, c and gates of each layer: h = o * tanh(c) in an LSTM", () => {
  const state = model.start();
  state.read("abc");
  for (const layer of [0, 1]) {
    const [h, c, gates] = [state.h(layer), state.c(layer), state.gates(layer)];
    assert.deepEqual([h.length, c.length, gates.length], [12, 12, 48]);
    h.forEach((value, j) => near(value, gates[36 + j] * Math.tanh(c[j]), 1e-6));
  }
  for (const layer of [-1, 2, 0.5, NaN]) assert.throws(() => state.h(layer), fails("E_RANGE"));
});

test("a GRU has no cell state and three gates, a tanh network one", async () => {
  for (const [cell, gates] of [
    ["gru", 24],
    ["tanh", 8],
  ]) {
    const state = (await load(makeWeights({ cell }))).start();
    assert.equal(state.c(0).length, 0);
    assert.equal(state.gates(0).length, gates);
  }
});

test("ids that are none are refused before they cross", () => {
  const state = model.start();
  const before = state.save();
  for (const id of [-1, 27, 0.5, NaN, 2 ** 32]) assert.throws(() => state.take(id), fails("E_RANGE"));
  assert.throws(() => state.take("a"), fails("E_ARGUMENT"));
  assert.throws(() => state.advance(Int32Array.of(1, 2, 27)), fails("E_RANGE"));
  assert.throws(() => state.advance([1, 2]), fails("E_ARGUMENT"));
  assert.deepEqual(state.save(), before);
});

test("a state has the methods that are documented, and no others", () => {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(model.start())).sort();
  assert.deepEqual(names, [
    "advance",
    "c",
    "constructor",
    "draw",
    "free",
    "gates",
    "h",
    "load",
    "logits",
    "probs",
    "read",
    "save",
    "steps",
    "surprisal",
    "take",
  ]);
});

test("steps reads a text as advance does, and its steps say what was expected there", async () => {
  const { ids } = model.encode("hello");
  const [read, plain] = [model.start(), model.start()];
  const cells = [];
  const steps = Array.from(read.steps(ids), step => (cells.push(step.h), step));
  plain.advance(ids);
  assert.deepEqual(read.logits, plain.logits);
  assert.deepEqual(steps.map(step => step.text).join(""), "hello");
  const again = model.start();
  for (const [i, step] of steps.entries()) {
    assert.deepEqual([step.u, step.temperature, step.position], [null, 1, i]);
    assert.deepEqual([step.logits, cells[i]], [again.logits, again.h(1)]);
    assert.deepEqual(step.probs(), again.probs());
    near(step.bits, -Math.log2(softmax(step.logits, 1)[step.id]), 1e-5);
    assert.ok(Number.isNaN(step.pick(1)));
    again.take(step.id);
  }
  assert.throws(() => read.steps([1]).next(), fails("E_ARGUMENT"));
  assert.throws(() => read.steps(Int32Array.of(27)).next(), fails("E_RANGE"));
});

test("draw gives the step that write gives, and refuses what is out of range; it reads nothing", () => {
  const sampling = { temperature: 0.7, topK: 5, topP: 0.9 };
  const state = model.start();
  state.read("abc");
  for (const step of model.write("abc", { ...sampling, seed: 6, length: 30 })) {
    const before = state.save();
    const drawn = state.draw(sampling, 6, step.position);
    assert.deepEqual([drawn.id, drawn.u, drawn.bits, drawn.logits], [step.id, step.u, step.bits, step.logits]);
    assert.deepEqual(state.save(), before);
    near(state.surprisal(step.id), step.surprisal, 0);
    state.take(step.id);
  }
  for (const [wrong, seed, position] of [
    [{ ...sampling, temperature: -1 }, 1, 0],
    [{ ...sampling, topP: 2 }, 1, 0],
    [sampling, -1, 0],
    [sampling, 1, 2 ** 32],
  ])
    assert.throws(() => state.draw(wrong, seed, position), fails("E_RANGE"));
  assert.throws(() => state.surprisal(27), fails("E_RANGE"));
});

test("surprisal and rank are those of the network, whatever temperature it was drawn at", () => {
  for (const step of model.write("abc", { temperature: 2, topK: 9, seed: 3, length: 40 })) {
    const probs = softmax(step.logits, 1);
    near(step.surprisal, -Math.log2(probs[step.id]), 1e-5);
    assert.equal(step.rank, 1 + probs.filter(p => p > probs[step.id]).length);
  }
});

test("the same dice falls where the distribution of another temperature puts it", () => {
  for (const step of model.write("abc", { temperature: 1.3, seed: 3, length: 40 })) {
    assert.equal(step.pick(1.3), step.id);
    assert.equal(step.pick(0), argmax(step.logits));
    for (const T of [0.3, 1, 3]) assert.equal(step.pick(T, { topK: 5 }), pick(step.probs(T, { topK: 5 }), step.u));
  }
});

// ---- together ----

for (const cell of Object.keys(CELLS))
  for (const quantize of [false, true])
    test(`texts written together are those written alone: ${cell}${quantize ? ", int8" : ""}`, async () => {
      const m = await load(makeWeights({ cell, layers: 2, hidden: 20, embedding: 5, quantize }));
      const texts = [{ temperature: 0 }, { temperature: 0.7, seed: 4 }, { topK: 3 }, { topP: 0.5, temperature: 2, seed: 9 }, {}];
      const parts = ["id", "u", "bits", "position", "temperature", "logits", "h", "c", "gates"];
      const valuesOf = step => parts.map(part => step[part]);
      const together = Array.from(m.writeTogether("abc", texts, { length: 30 }), steps => steps.map(valuesOf));
      for (const [b, options] of texts.entries())
        for (const [i, step] of Array.from(m.write("abc", { ...options, length: 30 }), valuesOf).entries())
          assert.deepEqual(together[i][b], step);
      assert.equal(together.length, 30);
    });

test("texts written together go on from a state, which stays where it is; each ends by itself", async () => {
  const m = await load(makeWeights({ metadata: { end: "5" } }));
  const state = m.start();
  state.read("abc");
  const before = state.save();
  const texts = Array.from({ length: 8 }, (_, i) => ({ seed: i }));
  const steps = [...m.writeTogether(state, texts, { length: 100 })];
  assert.deepEqual(state.save(), before);
  const written = texts.map((_, b) =>
    steps
      .map(each => each[b])
      .filter(Boolean)
      .map(step => step.text)
      .join(""),
  );
  assert.deepEqual(
    written,
    texts.map(options => textOf(m.write("abc", { ...options, length: 100 }))),
  );
  assert.ok(new Set(written.map(text => text.length)).size > 1, "no text ended before another");
  assert.ok(steps.length < 100 || written.some(text => text.length === 100));
});

test("texts to write together are checked at once", async () => {
  const other = await load(makeWeights({ seed: 2 }));
  for (const [texts, options, code] of [
    [[], {}, "E_ARGUMENT"],
    ["x", {}, "E_ARGUMENT"],
    [Array(65).fill({}), {}, "E_ARGUMENT"],
    [[null], {}, "E_ARGUMENT"],
    [[{ temperature: -1 }], {}, "E_RANGE"],
    [[{}], { length: -1 }, "E_RANGE"],
    [[{}], null, "E_ARGUMENT"],
  ])
    assert.throws(() => model.writeTogether("a", texts, options), fails(code));
  assert.throws(() => model.writeTogether(other.start(), [{}]), fails("E_STATE"));
});

// ---- score ----

test("score is -log2 of the probability of each character", () => {
  const { tokens, bitsPerCharacter, unknown } = model.score("hello Ω world");
  assert.deepEqual(unknown, ["Ω"]);
  assert.equal(tokens.map(token => token.text).join(""), "hello  world");
  const state = model.start();
  for (const { id, bits } of tokens) {
    near(bits, -Math.log2(softmax(state.logits, 1)[id]), 1e-5);
    state.take(id);
  }
  near(bitsPerCharacter, sum(tokens.map(token => token.bits)) / 12, 1e-12);
});

test("the score of what it wrote is the bits of the steps", () => {
  const steps = [...model.write("", { length: 100 })];
  const { tokens } = model.score(textOf(steps));
  tokens.forEach(({ bits }, i) => near(bits, steps[i].bits, 1e-4));
});

test("the tokens of a text of words are its own text, and what is written behind it is joined to it", async () => {
  for (const [level, prompt, token, text] of PROMPTS) {
    const m = await load(writerOf(level, token));
    const read = textOf(m.score(prompt).tokens);
    const written = m.write(prompt, { temperature: 0, length: 1 });
    const [together] = m.writeTogether(prompt, [{ temperature: 0, length: 1 }]);
    assert.equal(read + textOf(written), text, `${level}: ${JSON.stringify(prompt)}`);
    assert.equal(read + textOf(together), text);
  }
});

test("a text without a known character has no score", () => {
  assert.deepEqual(model.score("ΩΩ"), { tokens: [], bitsPerCharacter: NaN, unknown: ["Ω"] });
});

// ---- memory ----

test("what was freed says so, and freeing twice is fine", async () => {
  const m = await load(file);
  const state = m.start();
  state.free();
  state.free();
  const uses = [
    () => state.logits,
    () => state.read("a"),
    () => state.take(1),
    () => state.probs(),
    () => state.h(0),
    () => state.save(),
    () => m.write(state).next(),
  ];
  for (const use of uses) assert.throws(use, fails("E_FREED"));
  const alive = m.start();
  const writing = m.write("x");
  writing.next();
  m.free();
  m.free();
  const lateUses = [
    () => alive.logits,
    () => alive.take(1),
    () => m.start(),
    () => m.encode("a"),
    () => m.score("a"),
    () => m.write("a"),
    () => writing.next(),
  ];
  for (const use of lateUses) assert.throws(use, fails("E_FREED"));
  alive.free();
});

/** MiB of this process after the collector and the finalizers ran. */
async function memory() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(resolve => setImmediate(resolve));
  }
  return process.memoryUsage().rss / 2 ** 20;
}

/** Ten times as much work takes no more memory than a tenth of it did, up to that many MiB. */
async function staysFlat(slack, work) {
  await work();
  const warm = await memory();
  for (let i = 1; i < 10; i++) {
    await work();
    await memory();
  }
  const last = await memory();
  assert.ok(last < warm + slack, `${warm.toFixed()} MiB after the first tenth, ${last.toFixed()} MiB at the end`);
}

test("loading and freeing 1,000 times leaves memory as it was", async () => {
  const large = makeWeights({ hidden: 64 }); // 100 kB
  await staysFlat(40, async () => {
    for (let i = 0; i < 100; i++) {
      const m = await load(large);
      m.write("abc", { length: 3 }).next();
      m.start();
      m.free();
    }
  });
});

test("10,000 texts left early and 10,000 states dropped leave memory as it was", async () => {
  const large = await load(makeWeights({ layers: 4, hidden: 128 })); // a state is 15 kB
  await staysFlat(40, async () => {
    for (let i = 0; i < 1000; i++) for (const _ of large.write("")) break;
    for (let i = 0; i < 1000; i++) large.start();
  });
});

test("ten models write at once what each writes alone", async () => {
  const models = await Promise.all(Array.from({ length: 10 }, (_, i) => load(makeWeights({ seed: i + 1, hidden: 8 + i }))));
  const alone = models.map(m => textOf(m.write("abc", { length: 50 })));
  assert.equal(new Set(alone).size, 10);
  const writing = models.map(m => m.write("abc", { length: 50 }));
  const together = models.map(() => "");
  for (let i = 0; i < 50; i++) writing.forEach((steps, k) => (together[k] += steps.next().value.text));
  assert.deepEqual(together, alone);
});

// ---- the same bits ----

function sameBits(a, b) {
  const options = { temperature: 0.9, topK: 20, topP: 0.95, seed: 11, length: 60 };
  const valuesOf = ({ logits, h, c, gates, id, u, bits }) => [logits, h, c, gates, id, u, bits];
  const [x, y] = [a, b].map(m => Array.from(m.write("abc", options), step => [...valuesOf(step), step.probs()]));
  assert.deepEqual(x, y);
  assert.deepEqual(a.score("hello world"), b.score("hello world"));
  assert.equal(a.fingerprint, b.fingerprint);
}

test("all builds compute the same bits", async () => {
  for (const cell of Object.keys(CELLS))
    for (const [layers, embedding, hidden] of [
      [1, 0, 1],
      [1, 7, 33],
      [2, 0, 64],
      [4, 16, 19],
    ]) {
      for (const quantize of [false, true]) {
        const bytes = makeWeights({ cell, layers, embedding, hidden, quantize });
        const scalar = await load(bytes, { isa: "scalar" });
        for (const isa of ISAS) sameBits(await load(bytes, { isa }), scalar);
      }
    }
});

test("a state saved by the SIMD build goes on in the scalar build", async () => {
  const scalar = await load(file, { isa: "scalar" });
  const [one, two] = [model.start(), scalar.start()];
  one.read("abc");
  two.load(one.save());
  assert.equal(textOf(scalar.write(two, { length: 50 })), textOf(model.write(one, { length: 50 })));
});

const vectors = new URL("tests/golden/pytorch/", root);
for (const name of readdirSync(vectors).filter(name => name.endsWith(".safetensors")))
  test(`the logits of ${name} are PyTorch's`, async () => {
    const bytes = new Uint8Array(readFileSync(new URL(name, vectors)));
    const { tensors } = readTensors(new Uint8Array(readFileSync(new URL(`../computed/${name}`, vectors))));
    const [T, B, V] = tensors.logits.shape;
    const tokens = floatsOf(tensors.tokens);
    const logits = floatsOf(tensors.logits);
    const m = await load(bytes);
    assert.equal(m.outputs, V);
    for (let b = 0; b < B; b++) {
      const state = m.start();
      for (let t = 0; t < T; t++) {
        state.take(tokens[t * B + b]);
        state.logits.forEach((x, v) => near(x, logits[(t * B + b) * V + v], 1e-6));
      }
    }
  });
