// SPDX-License-Identifier: MIT
//
// Hostile weights files: any bytes load or are refused with a code. Nothing else may happen: no crash, no
// NaN drawn from, no change to what is already loaded.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RnnError, load } from "../web/core/model.js";
import {
  BUILDS,
  ISAS,
  changed,
  dice,
  floatsOf,
  makeWeights,
  put,
  rawCore,
  readTensors,
  root,
  sum,
  textOf,
  vocabTensor,
  withHeader,
  writeTensors,
} from "./helpers.mjs";

const file = makeWeights({ embedding: 3, hidden: 4, text: "abcdefgh", metadata: { corpus: "none" } });
const bystander = await load(makeWeights());
const bystanderText = textOf(bystander.write("abc", { length: 50 }));

/** For assert.rejects: an RnnError of that code whose message has all the parts. */
const fails =
  (code, ...parts) =>
  error => {
    assert.ok(error instanceof RnnError, error.stack);
    assert.equal(error.code, code, error.message);
    for (const part of parts) assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    return true;
  };

test.afterEach(() => assert.equal(textOf(bystander.write("abc", { length: 50 })), bystanderText));

/** Loads the bytes and lets them write; the error's code, or "" if all went well. */
async function outcome(bytes) {
  try {
    const model = await load(bytes);
    for (const step of model.write("abc", { length: 3 })) assert.ok(Math.abs(sum(step.probs()) - 1) < 1e-6);
    model.free();
    return "";
  } catch (error) {
    assert.ok(error instanceof RnnError, error.stack);
    return error.code;
  }
}

test("a file cut at any byte is refused", async () => {
  for (let length = 0; length < file.length; length++) {
    const code = await outcome(file.subarray(0, length));
    assert.ok(["E_TRUNCATED", "E_HEADER"].includes(code), `cut at ${length}: ${code || "loaded"}`);
  }
});

test("bytes after the end are refused", async () => {
  for (const more of [[0], [10], file]) await assert.rejects(load(new Uint8Array([...file, ...more])), fails("E_TRAILING"));
});

test("a header length of 0, 1, more than the file or near 2^64 is refused", async () => {
  for (const length of [0n, 1n, 2n ** 20n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    const bytes = file.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    const code = await outcome(bytes);
    assert.ok(["E_TRUNCATED", "E_HEADER"].includes(code), `${length}: ${code || "loaded"}`);
  }
});

/** Loads through an instance of the wasm that lives on, as a page's would not: what it broke would show. */
function outcomeIn(core, bytes) {
  const [at, token] = [put(core, bytes), put(core, new Uint8Array(4))];
  const model = core.rnn_model_load(at, bytes.length);
  const vocab = core.rnn_vocab_load(at, bytes.length);
  if (!model || !vocab) assert.ok(core.rnn_error_code() < 0);
  let state = 0;
  if (model) {
    const V = core.rnn_outputs(model);
    const probs = core.rnn_alloc(4 * V);
    state = core.rnn_state_new(model, 1);
    for (let i = 0; i < 3 && core.rnn_step(model, state, token) === 0; i++)
      if (core.rnn_probs(core.rnn_logits(state), V, 1, 0, 1, probs) === 0)
        assert.ok(Math.abs(sum(new Float32Array(core.memory.buffer, probs, V)) - 1) < 1e-5);
    core.rnn_free(probs);
  }
  const loaded = Boolean(model && vocab);
  core.rnn_state_free(state);
  core.rnn_model_free(model);
  core.rnn_vocab_free(vocab);
  for (const address of [at, token]) core.rnn_free(address);
  return loaded;
}

for (const isa of ISAS)
  test(`10,000 files with random bytes changed load or are refused, and the ${isa} instance survives`, () => {
    const core = rawCore(isa);
    const random = dice(1);
    assert.ok(outcomeIn(core, file));
    const memory = core.memory.buffer.byteLength;
    const header = file.length - sum(Object.values(readTensors(file).tensors).map(({ data }) => data.length));
    const counts = { true: 0, false: 0 };
    for (let i = 0; i < 10_000; i++) {
      const bytes = file.slice();
      for (let changes = 1 + random(4); changes > 0; changes--) bytes[random(i % 2 ? header : bytes.length)] = random(256);
      counts[outcomeIn(core, bytes)]++;
    }
    assert.ok(counts.true > 1000 && counts.false > 1000, JSON.stringify(counts));
    assert.ok(outcomeIn(core, file));
    assert.equal(core.memory.buffer.byteLength, memory);
  });

test("1,000 files with parts cut out, doubled or swapped load or are refused", async () => {
  const random = dice(2);
  for (let i = 0; i < 1000; i++) {
    const [a, b] = [random(file.length), random(file.length)].sort((x, y) => x - y);
    const parts = [file.subarray(0, a), file.subarray(a, b), file.subarray(b)];
    const [begin, middle, end] = parts;
    await outcome(
      new Uint8Array(
        Buffer.concat(
          [
            [begin, end],
            [begin, middle, middle, end],
            [middle, begin, end],
          ][i % 3],
        ),
      ),
    );
  }
});

// ---- header ----

const { "fc.bias": bias } = readTensors(file).tensors;
const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
const four = new Uint8Array(4);
const headers = {
  "no object": ["[]", "E_HEADER"],
  "no brace at its end": ['{"a":1', "E_HEADER"],
  "a number that is no whole number": ['{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', "E_HEADER"],
  "a leading zero": ['{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}', "E_HEADER"],
  "a negative number": ['{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', "E_HEADER"],
  "a lone surrogate": ['{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', "E_HEADER"],
  "the same tensor twice": [`{"a":${JSON.stringify(entry)},"a":${JSON.stringify(entry)}}`, "E_HEADER"],
  "arrays in arrays without end": [`{"a":${"[".repeat(100_000)}`, "E_HEADER"],
  "an unknown type": [{ a: { ...entry, dtype: "F33" } }, "E_HEADER"],
  "a type without its shape": [{ a: { dtype: "F32", data_offsets: [0, 4] } }, "E_HEADER"],
  "an unknown key of a tensor": [{ a: { ...entry, more: 1 } }, "E_HEADER"],
  "metadata that is no string": [{ __metadata__: { a: 1 }, a: entry }, "E_HEADER"],
  "five dimensions": [{ a: { ...entry, shape: [1, 1, 1, 1, 1] } }, "E_SHAPE"],
  "a dimension of 2^31": [{ a: { ...entry, shape: [2 ** 31] } }, "E_SHAPE"],
  "a product above 2^64": [{ a: { ...entry, shape: [2 ** 30, 2 ** 30, 2 ** 30] } }, "E_OFFSETS"],
  "offsets that go back": [{ a: { ...entry, data_offsets: [4, 0] } }, "E_OFFSETS"],
  "offsets that are not the size": [{ a: { ...entry, data_offsets: [0, 3] } }, "E_OFFSETS"],
  "a hole": [{ a: { ...entry, data_offsets: [4, 8] } }, "E_OFFSETS"],
  "an overlap": [{ a: entry, b: entry }, "E_OFFSETS"],
  "tensors beyond the end": [{ a: entry, b: { ...entry, data_offsets: [4, 8] } }, "E_TRUNCATED"],
  "nothing after it": ["{}", "E_TRAILING"],
  "no tensors of a network": [{ a: entry }, "E_SHAPE"],
  "a mebibyte of spaces and more": [" ".repeat(2 ** 20) + "{}", "E_HEADER"],
};
for (const [what, [header, code]] of Object.entries(headers))
  test(`a header with ${what} is refused`, () => assert.rejects(load(withHeader(header, four)), fails(code)));

test("white space before and after the header's object is accepted, as by the reference reader", async () => {
  const { metadata, tensors } = readTensors(file);
  const plain = writeTensors({ metadata, tensors });
  const length = Number(new DataView(plain.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(plain.subarray(8, 8 + length));
  assert.equal(await outcome(withHeader(`\t\n\r ${header} \n`, plain.subarray(8 + length))), "");
});

// ---- network ----

const plainBytes = { dtype: "U8", shape: [2], data: new Uint8Array(2) };

/** The same stack once more, under a prefix. */
function addStack(tensors, prefix) {
  for (const [name, tensor] of Object.entries(tensors)) if (name !== "vocab") tensors[prefix + name] = tensor;
}

const networks = {
  "a tensor missing": [({ tensors }) => delete tensors["fc.bias"], "E_SHAPE", "fc.bias"],
  "no recurrent weights": [({ tensors }) => delete tensors["rnn.weight_hh_l0"], "E_SHAPE", "rnn.weight_hh_l0"],
  "a tensor of the stack too many": [({ tensors }) => (tensors["rnn.weight_hh_l0_reverse"] = bias), "E_SHAPE", "rnn.weight_hh_l0_reverse"],
  "a whole stack too many": [({ tensors }) => addStack(tensors, "encoder."), "E_SHAPE", "encoder.embedding.weight"],
  "a part of another stack": [({ tensors }) => (tensors["encoder.rnn.weight_hh_l0"] = bias), "E_SHAPE", "encoder.rnn.weight_hh_l0"],
  "weights between, whatever their type": [({ tensors }) => (tensors["norm.weight"] = plainBytes), "E_SHAPE", "norm.weight"],
  "bytes of a name that nobody knows": [({ tensors }) => (tensors["golden.loss"] = plainBytes), "E_SHAPE", "golden.loss"],
  "numbers of a name that nobody knows": [({ tensors }) => (tensors["golden.loss"] = bias), "E_SHAPE", "golden.loss"],
  "numbers of a training that nobody knows": [({ tensors }) => (tensors["trainer.mean"] = bias), "E_SHAPE", "trainer.mean"],
  "a text that is no bytes": [({ tensors }) => (tensors.text = bias), "E_SHAPE", "tensor text"],
  "a wrong row count": [({ tensors }) => (tensors["rnn.bias_ih_l0"] = { ...bias }), "E_SHAPE", "rnn.bias_ih_l0", "8", "16"],
  "transposed weights": [({ tensors }) => tensors["rnn.weight_hh_l0"].shape.reverse(), "E_SHAPE", "rnn.weight_hh_l0"],
  "weights of a type that is no float": [({ tensors }) => (tensors["fc.bias"].dtype = "I32"), "E_SHAPE", "fc.bias"],
  "an id beyond the vocabulary": [({ metadata }) => (metadata.end = "8"), "E_HEADER", "end"],
  "an id that is no number": [({ metadata }) => (metadata.pad = "-1"), "E_HEADER", "pad"],
  "a later version": [({ metadata }) => (metadata["nextchar.format"] = "2"), "E_VERSION", "2"],
  "another nonlinearity than tanh": [({ metadata }) => (metadata.nonlinearity = "relu"), "E_SHAPE", "nonlinearity is relu"],
  "no vocabulary": [({ tensors }) => delete tensors.vocab, "E_VOCAB"],
  "an empty token": [({ tensors }) => (tensors.vocab = vocabTensor([..."abcdefg", ""])), "E_VOCAB", "7"],
  "the same token twice": [({ tensors }) => (tensors.vocab = vocabTensor([..."abcdefga"])), "E_VOCAB", "0", "7"],
  "the same longer token twice": [({ tensors }) => (tensors.vocab = vocabTensor([..."abcdef", "<b>", "<b>"])), "E_VOCAB"],
  "a token too few": [({ tensors }) => (tensors.vocab = vocabTensor([..."abcdefg"])), "E_VOCAB", "7", "8"],
  "a token too many": [({ tensors }) => (tensors.vocab = vocabTensor([..."abcdefghi"])), "E_VOCAB", "9", "8"],
  "65,537 tokens": [({ tensors }) => (tensors.vocab = vocabTensor(Array.from({ length: 65_537 }, (_, i) => `${i}`))), "E_VOCAB"],
  "a last token without its end": [({ tensors }) => (tensors.vocab.data[15] = 105), "E_VOCAB"],
  "a token that is no UTF-8": [({ tensors }) => (tensors.vocab.data[2] = 0xff), "E_VOCAB", "1"],
};
for (const [what, [change, code, ...parts]] of Object.entries(networks))
  test(`a file with ${what} is refused`, () => assert.rejects(load(changed(file, change)), fails(code, ...parts)));

test("what a checkpoint and a network that answers have beside their weights is no hindrance", async () => {
  const { fingerprint } = await load(file);
  const more = changed(file, ({ tensors }) => {
    for (const name of ["labels", "text", "held_out", "best", "trainer.updates"]) tensors[name] = plainBytes;
    for (const name of ["m", "v", "h_l0", "c_l0", "h_l3", "c_l3"]) tensors[`trainer.${name}`] = bias;
  });
  assert.equal((await load(more)).fingerprint, fingerprint);
});

for (const [value, name] of [
  [NaN, "NaN"],
  [Infinity, "infinity"],
  [-Infinity, "-infinity"],
])
  test(`a weight that is ${name} is refused, in any tensor`, async () => {
    for (const tensor of Object.keys(readTensors(file).tensors).filter(name => name !== "vocab")) {
      const bad = changed(file, ({ tensors }) => new DataView(tensors[tensor].data.buffer).setFloat32(4, value, true));
      await assert.rejects(load(bad), fails("E_VALUE", tensor));
    }
  });

test("weights so large that the logits overflow are an error of the step, not a text", async () => {
  const huge = changed(file, ({ tensors }) => {
    const data = floatsOf(tensors["fc.weight"]).fill(3e38);
    tensors["fc.weight"].data = new Uint8Array(data.buffer);
    tensors["rnn.bias_ih_l0"].data = new Uint8Array(floatsOf(tensors["rnn.bias_ih_l0"]).fill(50).buffer);
  });
  const model = await load(huge);
  assert.throws(() => [...model.write("abc", { length: 3 })], fails("E_NONFINITE"));
  assert.throws(() => model.score("abab"), fails("E_NONFINITE"));
});

test("markup, direction marks and control characters in tokens and metadata are only text", async () => {
  const tokens = ["<img src=x onerror=alert(1)>", "</script>", "\u202e", "\u0007", "constructor", "__proto__", "a", "<pad>"];
  const model = await load(
    changed(file, ({ tensors, metadata }) => {
      tensors.vocab = vocabTensor(tokens);
      metadata["<b>"] = "\u202e</script>";
    }),
  );
  assert.deepEqual(model.vocabulary, tokens);
  assert.equal(model.metadata["<b>"], "\u202e</script>");
  const written = [...model.write("a", { temperature: Infinity, length: 100 })].map(step => step.text);
  assert.ok(written.every(text => tokens.includes(text)));
  assert.deepEqual(model.encode("a<pad>").unknown, ["<", "p", "d", ">"]);
});

test("a vocabulary of 65,536 tokens and one of a single token work", async () => {
  const characters = Array.from({ length: 65_536 }, (_, i) => String.fromCodePoint(0x20000 + i));
  const large = await load(makeWeights({ cell: "tanh", hidden: 2, text: characters.join("") }));
  const [step] = large.write("", { length: 1, topK: 100 });
  assert.equal(large.vocabulary.length, 65_536);
  assert.ok(Math.abs(sum(step.probs()) - 1) < 1e-6);
  const single = await load(makeWeights({ text: "a" }));
  assert.equal(textOf(single.write("", { length: 5 })), "aaaaa");
});

test("a million tokens and a header of 10 MB are refused; a description of 600 kB is taken as it is", async () => {
  const many = changed(file, ({ tensors }) => (tensors.vocab = vocabTensor(Array.from({ length: 1_000_000 }, (_, i) => `${i}`))));
  await assert.rejects(load(many), fails("E_VOCAB", "65536"));
  const described = letters => changed(file, ({ metadata }) => (metadata.terms = "\u202e<b>".repeat(letters / 4)));
  await assert.rejects(load(described(10_000_000)), error => ["E_HEADER", "E_TRUNCATED"].includes(error.code));
  const { metadata } = await load(described(600_000));
  assert.equal(metadata.terms, "\u202e<b>".repeat(150_000));
});

test("names of a prototype as tokens and keys are tokens and keys like others", async () => {
  const tokens = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "a", "b"];
  const model = await load(
    changed(file, ({ tensors, metadata }) => {
      tensors.vocab = vocabTensor(tokens);
      for (const token of tokens) Object.defineProperty(metadata, token, { value: token, enumerable: true });
    }),
  );
  assert.deepEqual(model.vocabulary, tokens);
  assert.deepEqual([...model.encode("ab").ids], [6, 7]);
  assert.equal({}.a, undefined);
  for (const step of model.write("a", { temperature: Infinity, length: 50 })) assert.ok(tokens.includes(step.text));
});

// ---- the exports, called by somebody who does not know them ----

for (const isa of ISAS)
  test(`any call of the ${isa} exports with odd numbers ends, or is stopped in its own sandbox`, () => {
    const module = new WebAssembly.Module(readFileSync(new URL(`web/core/${BUILDS[isa]}`, root)));
    const start = () => new WebAssembly.Instance(module, { env: { emscripten_notify_memory_growth() {} } }).exports;
    const names = Object.keys(start()).filter(name => name.startsWith("rnn_"));
    assert.ok(names.length > 70);
    const random = dice(3);
    const odd = [0, 1, -1, 7, 4096, 65_536, 2 ** 31 - 1, -(2 ** 31), NaN, Infinity, 1e-45];
    const rounds = [...odd.map(value => () => value), ...Array.from({ length: 9 }, () => () => odd[random(odd.length)])];
    for (const argument of rounds)
      for (const name of names) {
        const core = start(); // what is broken in one is broken there alone
        core._initialize();
        const given = Array.from({ length: 8 }, argument);
        try {
          core[name](...given);
        } catch (error) {
          assert.ok(error instanceof WebAssembly.RuntimeError, `${name}(${given}): ${error.stack}`);
        }
      }
  });
