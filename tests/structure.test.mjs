// SPDX-License-Identifier: MIT
//
// Who may know whom: the arrows of the README's tree, held against the includes and imports.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const files = (folder, ending) => readdirSync(new URL(folder, root)).filter((name) => name.endsWith(ending));
const ourIncludes = (path) => [...read(path).matchAll(/^#include "(.+)"$/gm)].map((match) => match[1]);
const imports = (path) => [...read(path).matchAll(/(?:from\s+|import\s*\(?\s*)"([^"]+)"/g)].map((match) => match[1]);

/** Each source with its header, and the headers of ours that it may include beside its own. */
const mayInclude = {
  vec: [],
  utf8: [],
  error: ["rnn"],
  dots: ["vec"],
  kernels: ["dots", "vec"],
  cells: ["rnn", "kernels", "vec"],
  safetensors: ["rnn", "error", "utf8"],
  model: ["rnn", "error", "kernels", "cells", "safetensors"],
  train: ["rnn", "error", "kernels", "cells", "model"],
  number: [],
  recipe: ["rnn", "error", "number", "safetensors"],
  sample: ["rnn", "error", "kernels"],
  words: ["utf8"],
  markov: ["rnn", "error", "kernels"],
  index: ["rnn", "error"],
  vocab: ["rnn", "error", "safetensors", "utf8", "words"],
  selftest: ["rnn"],
  rnn: ["vec"],
  cli: ["rnn"],
  main: ["cli"],
};

test("each C source includes only the headers that its place in the house allows", () => {
  const sources = [...files("src", ".c"), ...files("src", ".h")];
  assert.ok(sources.length > 15);
  for (const name of sources) {
    const stem = name.replace(/\.[ch]$/, "");
    const allowed = stem.startsWith("cli_") ? mayInclude.main : mayInclude[stem];
    assert.ok(allowed, `src/${name} has no place in this test's table`);
    for (const header of ourIncludes(`src/${name}`)) {
      const other = header.replace(/\.h$/, "");
      assert.ok(other === stem || allowed.includes(other), `src/${name} includes ${header}`);
    }
  }
});

test("only vec.h asks which instruction set there is", () => {
  const names = /__AVX|__SSE|__ARM|__aarch64__|__wasm_simd128__|__wasm_relaxed_simd__|__builtin_wasm|_mm\d*_|immintrin|arm_neon|wasm_simd128\.h/;
  for (const name of [...files("src", ".c"), ...files("src", ".h")])
    if (name !== "vec.h") assert.doesNotMatch(read(`src/${name}`), names, `src/${name}`);
});

test("the core prints, exits and aborts nowhere but in the command", () => {
  for (const name of files("src", ".c"))
    if (name !== "main.c" && !name.startsWith("cli_")) assert.doesNotMatch(read(`src/${name}`), /\b(printf|puts|putchar|exit|abort|assert)\s*\(/, `src/${name}`);
});

test("views import nothing, and only wasm.js, rnn.js and train.js know the exports of the wasm", () => {
  const views = files("web/views", ".js");
  assert.ok(views.length > 0);
  for (const name of views) assert.deepEqual(imports(`web/views/${name}`), [], `web/views/${name}`);
  for (const path of [...views.map((name) => `views/${name}`), ...files("web", ".js")])
    if (!["wasm.js", "rnn.js", "train.js"].includes(path)) assert.doesNotMatch(read(`web/${path}`), /\brnn_[a-z]+\s*\(|memory\.buffer/, `web/${path}`);
});

test("text never becomes markup or code in the page", () => {
  for (const path of [...files("web/views", ".js").map((name) => `views/${name}`), ...files("web", ".js")])
    assert.doesNotMatch(read(`web/${path}`), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, `web/${path}`);
});
