// SPDX-License-Identifier: MIT
//
// The exports of the wasm with NULL and odd numbers, by the list that src/rnn.h is: a new function is tried as it comes. An error of
// its kind or a result, never a trap, and nothing is written at address 0, where no handle and no array lies.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { put, rawCore, root } from "./helpers.mjs";

const ODD = [0, 1, -1, 2, 7, 65536, 2 ** 31 - 1, -(2 ** 31), NaN, Infinity, 0.5];
const E_RANGE = -10;

/** What rnn.h declares: { name, result, parameters: { type, name }[] }[]; a type is a handle's name, "address" or "number". */
function declared() {
  const code = readFileSync(new URL("src/rnn.h", root), "utf8").replace(/\/\*[^]*?\*\//g, "");
  const kind = text =>
    /\b(rnn_\w+) \*$/.exec(text.replace(/\bconst\b ?/g, "").trim())?.[1] ?? (text.includes("*") ? "address" : text.trim());
  return [...code.matchAll(/^RNN_API\s+([^;]*?)(\w+)\(([^;]*)\);/gm)].map(([, result, name, list]) => ({
    name,
    result: kind(result),
    parameters: [...list.replace(/\s+/g, " ").matchAll(/([^,]*?)(\w+)(,|$)/g)]
      .filter(([all]) => all !== "void")
      .map(([, type, name]) => ({ type: kind(type), name })),
  }));
}

const functions = declared();

/** One living handle of each kind. */
function handles(core) {
  const text = put(core, new TextEncoder().encode("abcabcabcabcabcabcabcabcabcabc"));
  const model = core.rnn_model_new(4, 1, 3, 0, 3, 3, 1);
  const begun = (bytes, length, settings) => {
    const recipe = core.rnn_recipe_new();
    for (const [name, value] of Object.entries(settings))
      core.rnn_recipe_set(recipe, put(core, new TextEncoder().encode(`${name}\0`)), put(core, new TextEncoder().encode(`${value}\0`)));
    assert.equal(core.rnn_recipe_begin(recipe, bytes, length, 0, 0, 0, 0), 0);
    return recipe;
  };
  const recipe = begun(text, 30, { batch: "1", window: "2", hidden: "3" });
  const lines = put(core, new TextEncoder().encode("ab\tb\n"));
  return {
    rnn_model: model,
    rnn_state: core.rnn_state_new(model, 1),
    rnn_trainer: core.rnn_trainer_new(model, 1, 2, 1, 0, 1),
    rnn_reader: core.rnn_reader_new(model, 0.001),
    rnn_recipe: recipe,
    rnn_pattern: core.rnn_recipe_pattern(begun(lines, 5, { pattern: "sequence", batch: "1", hidden: "3" })),
    rnn_vocab: core.rnn_vocab_build(text, 30, 0, 0),
    rnn_markov: core.rnn_markov_new(3, 2, -1, 1000),
    rnn_index: core.rnn_index_new(put(core, new Uint8Array(8)), 2),
  };
}

const lowest = core => new Uint8Array(core.memory.buffer, 0, 1024);

/** Calls a function; nothing may trap, nor be written where NULL points to. */
function call(core, { name, parameters }, values) {
  const before = lowest(core).slice();
  const shown = `${name}(${values.join(", ")})`;
  assert.equal(values.length, parameters.length, shown);
  let result;
  assert.doesNotThrow(() => (result = core[name](...values)), shown);
  assert.deepEqual(lowest(core), before, `${shown} wrote to NULL`);
  return { result, shown };
}

/** Whether a result is its type's kind of error. */
function isError(type, result) {
  if (type === "float" || type === "double") return Number.isNaN(result);
  return type === "int" ? result === E_RANGE : type === "void" ? result === undefined : result === 0;
}

/** Sets the last error to one of another code. */
function forget(core) {
  core.rnn_model_load(4, 0, 0);
  assert.equal(core.rnn_error_code(), -2);
}

test("the list is the whole of rnn.h", () => {
  assert.deepEqual(
    functions.map(({ name }) => name).sort(),
    Object.keys(rawCore())
      .filter(name => name.startsWith("rnn_"))
      .sort(),
  );
  assert.ok(functions.filter(({ parameters }) => parameters.some(({ type }) => type.startsWith("rnn_"))).length > 50);
});

test("every function takes zeros for all its arguments, and each that has a handle refuses them", () => {
  const core = rawCore();
  for (const entry of functions) {
    forget(core);
    const { result, shown } = call(
      core,
      entry,
      entry.parameters.map(() => 0),
    );
    if (!entry.parameters[0]?.type.startsWith("rnn_") || entry.name.endsWith("_free")) continue;
    assert.ok(isError(entry.result, result), `${shown} is ${result}`);
    assert.equal(core.rnn_error_code(), E_RANGE, shown);
  }
});

test("a handle that is NULL is refused whatever stands beside it", () => {
  const core = rawCore();
  const alive = handles(core);
  for (const entry of functions.filter(({ name }) => !name.endsWith("_free")))
    for (const [place, { type, name }] of entry.parameters.entries()) {
      const mayBeNull = ["v", "labels"].includes(name) && entry.name.endsWith("_save"); // a file without a vocabulary
      if (!type.startsWith("rnn_") || mayBeNull) continue;
      for (const odd of ODD) {
        forget(core);
        const values = entry.parameters.map(({ type }, i) => (i === place ? 0 : (alive[type] ?? odd)));
        const { result, shown } = call(core, entry, values);
        assert.ok(isError(entry.result, result), `${shown} is ${result}`);
        assert.equal(core.rnn_error_code(), E_RANGE, shown);
      }
    }
});

test("handles that are alive take NULL for every address and odd numbers for every number", () => {
  for (const entry of functions.filter(({ name }) => !name.endsWith("_free") && name !== "rnn_alloc")) {
    const core = rawCore();
    const alive = handles(core);
    for (const odd of ODD)
      for (let place = 0; place <= entry.parameters.length; place++) {
        const values = entry.parameters.map(
          ({ type }, i) => alive[type] ?? (type === "address" ? 0 : place === i || place === 0 ? odd : 1),
        );
        call(core, entry, values);
      }
    const { result } = call(core, { name: "rnn_fingerprint", parameters: [0] }, [alive.rnn_model]);
    assert.notEqual(result, 0);
  }
});
