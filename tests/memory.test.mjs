// SPDX-License-Identifier: MIT
//
// No memory, in wasm: whatever the library is at when memory ends, it says so, gives back what it had taken, and does the same
// work once there is room again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RnnError } from "../web/core/model.js";
import { Network } from "../web/core/network.js";
import { Streams } from "../web/core/streams.js";
import { Core } from "../web/core/wasm.js";
import { makeWeights, put, rawCore, root, smallFileOfLargeNetwork, vocabTensor } from "./helpers.mjs";

const E_MEMORY = -1;
const STEP = 48; // bytes between one room and the next
const AGAIN = 40; // rooms in a row that must do: one allocation may fit by chance where another did not
const FILLERS = [65_536, 4096, 512, 64, 8];
const utf8 = text => new TextEncoder().encode(`${text}\0`);
const TEXT = "the cat sees the dog and the dog sees the cat. ".repeat(20);

/** rnn-scalar.wasm with a memory that is never larger than at its start. */
const fixed = (() => {
  const bytes = Buffer.from(readFileSync(new URL("web/core/rnn-scalar.wasm", root)));
  const section = Buffer.from("0506010110808002", "hex"); // memory: one, with a greatest size, 16 pages, 32768 pages
  const at = bytes.indexOf(section);
  assert.ok(at > 0, "the section of the memory is another one now");
  Buffer.from("908000", "hex").copy(bytes, at + 5); // 16 pages
  return new WebAssembly.Module(bytes);
})();

function start() {
  const { exports } = new WebAssembly.Instance(fixed, { env: { emscripten_notify_memory_growth() {} } });
  exports._initialize();
  return exports;
}

/** Takes all memory but so many bytes in one piece; returns what was taken. */
function fill(core, room) {
  const hold = core.rnn_alloc(room || 1);
  assert.ok(hold, `there are no ${room} bytes at all`);
  const taken = [];
  for (const size of FILLERS) for (let at = core.rnn_alloc(size); at; at = core.rnn_alloc(size)) taken.push(at);
  if (room) core.rnn_free(hold);
  return taken;
}

const file = makeWeights({ layers: 2, embedding: 3, hidden: 6, text: "abcdefgh ", metadata: { end: "1" } });
const LIST = "Ann\nBob\nCid\nDan\nEva\nFay\nGus\nHal\n".repeat(4);
const settings = { hidden: 6, embedding: 3, batch: 2, window: 5, slices: 2, passes: 1, level: "words" };

/** A recipe with the settings; 0 if there was no room for it. */
function recipeOf(core, { names }) {
  const recipe = core.rnn_recipe_new();
  if (recipe) for (const [name, value] of names) core.rnn_recipe_set(recipe, name, value);
  return recipe;
}

/** What a function writes that is asked for the size first; 0 if it fails, null if there is no room for what it would write. */
function written(core, write) {
  const size = write(0, 0) >>> 0;
  if (!size) return 0;
  const out = core.rnn_alloc(size);
  if (!out) return null;
  const bytes = write(out, size) >>> 0;
  core.rnn_free(out);
  return bytes;
}

/** The bytes of a checkpoint after two updates. */
function checkpoint() {
  const core = rawCore();
  const given = put(core, utf8(TEXT));
  const recipe = recipeOf(core, { names: Object.entries(settings).map(pair => pair.map(each => put(core, utf8(String(each))))) });
  assert.equal(core.rnn_recipe_begin(recipe, given, TEXT.length, 0, 0, 0, 0), 0);
  for (let i = 0; i < 2; i++) train(core, recipe);
  const size = core.rnn_recipe_save(recipe, put(core, utf8("")), 1, 0, 0) >>> 0;
  const out = core.rnn_alloc(size);
  core.rnn_recipe_save(recipe, put(core, utf8("")), 1, out, size);
  return new Uint8Array(core.memory.buffer, out, size).slice();
}

/** An update; false if it fails. */
function train(core, recipe) {
  if (core.rnn_recipe_window(recipe, 0, 0) < 0) return false;
  for (const slice of [0, 1]) if (Number.isNaN(core.rnn_recipe_slice(recipe, slice))) return false;
  return !Number.isNaN(core.rnn_recipe_update(recipe));
}

/** The work of a training on a text from its beginning to the checkpoint after two updates. */
const training = (text, chosen) => ({
  before: core => ({
    at: put(core, utf8(text)),
    meta: put(core, utf8("")),
    names: Object.entries(chosen).map(pair => pair.map(each => put(core, utf8(String(each))))),
  }),
  work(core, given) {
    const recipe = recipeOf(core, given);
    const isTrained =
      recipe && core.rnn_recipe_begin(recipe, given.at, text.length, 0, 0, 0, 0) === 0 && train(core, recipe) && train(core, recipe);
    const bytes = isTrained && written(core, (out, room) => core.rnn_recipe_save(recipe, given.meta, 1, out, room));
    core.rnn_recipe_free(recipe);
    return bytes;
  },
});

/**
 * Works that take memory: before() makes what they need, which has its room; work() returns what is not 0 if all went well, and frees
 * what it has made.
 */
const works = {
  "loading a network, its vocabulary and a state": {
    before: core => ({ at: put(core, file) }),
    work(core, { at }) {
      const model = core.rnn_model_load(at, file.length, 0);
      const vocab = model && core.rnn_vocab_load(at, file.length);
      const state = vocab && core.rnn_state_new(model, 3);
      core.rnn_state_free(state);
      core.rnn_vocab_free(vocab);
      core.rnn_model_free(model);
      return state;
    },
  },
  "writing a network": {
    before(core) {
      const at = put(core, file);
      const meta = put(core, utf8(""));
      return { model: core.rnn_model_load(at, file.length, 0), vocab: core.rnn_vocab_load(at, file.length), meta };
    },
    work: (core, { model, vocab, meta }) => written(core, (out, room) => core.rnn_model_save(model, vocab, meta, out, room)),
  },
  quantizing: {
    before: core => ({ model: core.rnn_model_load(put(core, file), file.length, 0) }),
    work(core, { model }) {
      const small = core.rnn_model_quantize(model);
      core.rnn_model_free(small);
      return small;
    },
  },
  "beginning a training, an update and its checkpoint": training(TEXT, settings),
  "beginning a training on a list, an update and its checkpoint": training(LIST, { ...settings, kind: "list", level: "characters" }),
  "going on from a checkpoint": {
    before(core) {
      const bytes = checkpoint();
      return { bytes: bytes.length, at: put(core, bytes), text: put(core, utf8(TEXT)), names: [] };
    },
    work(core, given) {
      const recipe = recipeOf(core, given);
      const isTrained =
        recipe && core.rnn_recipe_resume(recipe, given.at, given.bytes, given.text, TEXT.length, 0, 0) === 0 && train(core, recipe);
      core.rnn_recipe_free(recipe);
      return isTrained;
    },
  },
  "a network that learns as it reads": {
    before: core => ({ model: core.rnn_model_load(put(core, file), file.length, 0) }),
    work(core, { model }) {
      const reader = core.rnn_reader_new(model, 0.001);
      for (let i = 0; reader && i < 45; i++) assert.equal(core.rnn_reader_take(reader, i % 9), 0);
      core.rnn_reader_free(reader);
      return reader;
    },
  },
  "a vocabulary of words": {
    before: core => ({ at: put(core, utf8(TEXT)) }),
    work(core, { at }) {
      const vocab = core.rnn_vocab_build(at, TEXT.length, 1, 0);
      core.rnn_vocab_free(vocab);
      return vocab;
    },
  },
  "an index of a text": {
    before(core) {
      const at = put(core, utf8(TEXT));
      const vocab = core.rnn_vocab_build(at, TEXT.length, 0, 0);
      const ids = core.rnn_alloc(4 * TEXT.length);
      return { ids, count: core.rnn_encode(vocab, at, TEXT.length, ids, 0, TEXT.length) };
    },
    work(core, { ids, count }) {
      const index = core.rnn_index_new(ids, count);
      core.rnn_index_free(index);
      return index;
    },
  },
  "counting n-grams": {
    before: core => works["an index of a text"].before(core),
    work(core, { ids, count }) {
      const markov = core.rnn_markov_new(30, 4, -1, 10_000);
      const isRead = markov && core.rnn_markov_read(markov, ids, count) === count;
      core.rnn_markov_free(markov);
      return isRead;
    },
  },
  "a tensor more in a file": {
    before: core => ({ at: put(core, file), name: put(core, utf8("text")), data: put(core, utf8(TEXT)) }),
    work: (core, { at, name, data }) =>
      written(core, (out, room) => core.rnn_file_add(at, file.length, name, data, TEXT.length, out, room)),
  },
};

for (const [name, { before, work }] of Object.entries(works))
  test(`memory that ends anywhere in ${name} is said, given back, and no hindrance later`, () => {
    let failed = 0;
    let good = 0;
    for (let room = 0; good < AGAIN; room += STEP) {
      const core = start();
      const given = before(core);
      const taken = fill(core, room);
      const size = core.memory.buffer.byteLength;
      const result = work(core, given);
      good = result ? good + 1 : 0;
      if (!result) failed++;
      if (!result && result !== null) assert.equal(core.rnn_error_code(), E_MEMORY, `with ${room} bytes`);
      assert.equal(core.memory.buffer.byteLength, size);
      const whole = room > STEP ? core.rnn_alloc(room - STEP) : 1; // a piece of memory may be a little larger than what it holds
      assert.ok(whole, `of ${room} bytes some were not given back`);
      core.rnn_free(room > STEP ? whole : 0);
      for (const at of taken) core.rnn_free(at);
      assert.ok(work(core, given), `with ${room} bytes first, it failed with all memory free`);
    }
    assert.ok(failed >= 3, `only ${failed} rooms were too small`);
  });

/** An instance of the core as the library has it, in which the next call of rnn_alloc() fails. */
async function poor() {
  const core = await Core.start(fixed);
  const network = Network.ofFile(core, file);
  const { wasm } = core;
  core.wasm = { ...wasm, rnn_alloc: () => 0 };
  return { core, network, wasm };
}

const isMemory = error => error instanceof RnnError && error.code === "E_MEMORY" && /no memory for \d+ bytes/.test(error.message);

test("streams that get no room of their own give back their state", async () => {
  const { core, network } = await poor();
  const { rnn_state_free } = core.wasm;
  const freed = [];
  core.wasm.rnn_state_free = state => {
    freed.push(state);
    rnn_state_free(state);
  };
  assert.throws(() => new Streams(network, 1), isMemory);
  assert.equal(freed.length, 1);
  assert.ok(freed[0] > 0);
});

test("a text that there is no memory to encode is an error of the memory, and the next one is read", async () => {
  const { core, network, wasm } = await poor();
  assert.throws(() => network.encode(utf8("abc")), isMemory);
  core.wasm = wasm;
  assert.deepEqual([...network.encode(utf8("abc").subarray(0, 3)).ids], [1, 2, 3]);
});

test("a machine without memory for an instance says so; another failure stays what it is", async t => {
  const { instantiate } = WebAssembly;
  t.after(() => (WebAssembly.instantiate = instantiate));
  WebAssembly.instantiate = async () => {
    throw new RangeError("could not allocate memory");
  };
  await assert.rejects(Core.start(fixed), error => error.code === "E_MEMORY" && /could not allocate/.test(error.message));
  WebAssembly.instantiate = async () => {
    throw new TypeError("no module");
  };
  await assert.rejects(Core.start(fixed), TypeError);
});

for (const [what, vocab] of [
  ["no vocabulary", undefined],
  ["a vocabulary of another size", vocabTensor([..."abc"])],
  ["a token twice", vocabTensor([..."aa"])],
  ["a last token without its end", { ...vocabTensor([..."ab"]), data: Uint8Array.of(97, 0, 98, 98) }],
])
  test(`a network with ${what} is refused before it has memory`, async () => {
    const core = new Core(rawCore());
    const bytes = smallFileOfLargeNetwork(vocab);
    assert.throws(
      () => Network.ofFile(core, bytes),
      error => error instanceof RnnError && error.code === "E_VOCAB",
    );
    assert.ok(core.wasm.memory.buffer.byteLength < 2 ** 20 + 3 * bytes.length, `${core.wasm.memory.buffer.byteLength} bytes`);
  });
