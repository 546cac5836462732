// SPDX-License-Identifier: MIT
//
// Who may know whom: the arrows of the README's tree, held against the includes and imports.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

const root = new URL("../", import.meta.url);
const read = path => readFileSync(new URL(path, root), "utf8");
const files = (folder, ending) => readdirSync(new URL(folder, root)).filter(name => name.endsWith(ending));
const ourIncludes = path => [...read(path).matchAll(/^#include "(.+)"$/gm)].map(match => match[1]);
const imports = path => [...read(path).matchAll(/(?:from\s+|import\s*\(?\s*)"([^"]+)"/g)].map(match => match[1]);

/** Each source with its header, and the headers of ours that it may include beside its own. */
const mayInclude = {
  vec: [],
  utf8: [],
  error: ["rnn", "utf8"],
  dots: ["vec"],
  kernels: ["dots", "vec"],
  cells: ["rnn", "kernels", "vec"],
  safetensors: ["rnn", "error", "utf8"],
  model: ["rnn", "error", "kernels", "cells"],
  weights: ["error", "kernels", "model", "safetensors", "vocab"],
  source: ["kernels", "model"],
  state: ["error", "kernels", "cells", "model", "source"],
  train: ["error", "kernels", "cells", "source", "state", "weights"],
  reader: ["error", "kernels", "state", "weights"],
  number: [],
  examples: ["rnn", "error", "vocab"],
  pattern: ["examples", "error", "number", "vocab", "weights"],
  recipe: ["error", "number", "pattern", "safetensors"],
  sample: ["rnn", "error", "kernels"],
  words: ["utf8"],
  markov: ["rnn", "error", "kernels"],
  index: ["rnn", "error"],
  vocab: ["rnn", "error", "safetensors", "utf8", "words"],
  selftest: ["rnn"],
  rnn: ["vec"],
  cli: ["rnn"],
  cli_train: ["cli"],
  cli_checkpoint: ["cli_train"],
  cli_files: ["cli", "utf8"],
  cli_unknown: ["cli", "utf8"],
  main: ["cli"], // and each other cli_*.c
};

test("each C source includes only the headers that its place in the house allows", () => {
  const sources = [...files("src", ".c"), ...files("src", ".h")];
  assert.ok(sources.length > 15);
  for (const name of sources) {
    const stem = name.replace(/\.[ch]$/, "");
    const allowed = mayInclude[stem] ?? (stem.startsWith("cli_") && mayInclude.main);
    assert.ok(allowed, `src/${name} has no place in this test's table`);
    for (const header of ourIncludes(`src/${name}`)) {
      const other = header.replace(/\.h$/, "");
      assert.ok(other === stem || allowed.includes(other), `src/${name} includes ${header}`);
    }
  }
});

test("only vec.h asks which instruction set there is", () => {
  const names =
    /__AVX|__SSE|__ARM|__aarch64__|__wasm_simd128__|__wasm_relaxed_simd__|__builtin_wasm|_mm\d*_|immintrin|arm_neon|wasm_simd128\.h/;
  for (const name of [...files("src", ".c"), ...files("src", ".h")])
    if (name !== "vec.h") assert.doesNotMatch(read(`src/${name}`), names, `src/${name}`);
});

test("the core prints, exits and aborts nowhere but in the command", () => {
  for (const name of files("src", ".c"))
    if (name !== "main.c" && !name.startsWith("cli_"))
      assert.doesNotMatch(read(`src/${name}`), /\b(printf|puts|putchar|exit|abort|assert)\s*\(/, `src/${name}`);
});

/** What each wing of web/ may import beside itself. */
const mayImport = {
  core: [],
  story: ["core"],
  trainer: ["core"],
  views: [],
  page: ["core", "story", "trainer", "views"],
  "app.js": ["page"],
  onefile: ["core", "trainer", "page"],
  "nextchar-text.js": ["page"],
};
const modules = readdirSync(new URL("web/", root), { recursive: true }).filter(name => name.endsWith(".js"));
const wingOf = path => path.split("/")[0];

test("web/ has only what a visitor can need, and the notes on its wings and words", () => {
  const names = readdirSync(new URL("web/", root), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  for (const { name } of names) assert.match(name, /\.(js|css|html|json|md|svg|webp|wasm)$/, name);
});

test("each module of web/ imports only from the wings that its own may know", () => {
  assert.ok(modules.length > 30);
  for (const path of modules) {
    const wing = wingOf(path);
    assert.ok(mayImport[wing], `web/${path} is in no wing of this test's table`);
    for (const specifier of imports(`web/${path}`).filter(name => name.startsWith("."))) {
      const other = wingOf(join(dirname(path), specifier));
      assert.ok(other === wing || mayImport[wing].includes(other), `web/${path} imports ${specifier}`);
    }
  }
});

test("each style sheet that a module asks for is there: it is named from page/", () => {
  const named = modules.flatMap(path => [...read(`web/${path}`).matchAll(/"(\.[^"]+\.css)"/g)].map(([, sheet]) => [path, sheet]));
  assert.ok(named.length > 10);
  for (const [path, sheet] of named) assert.ok(existsSync(new URL(`web/page/${sheet}`, root)), `web/${path} asks for ${sheet}`);
});

test("views import nothing but the types of what they draw", () => {
  for (const path of modules.filter(path => wingOf(path) === "views"))
    assert.deepEqual(
      imports(`web/${path}`).filter(name => name !== "./data.js"),
      [],
      `web/${path}`,
    );
});

test("only core/ knows the exports of the wasm", () => {
  for (const path of modules.filter(path => wingOf(path) !== "core"))
    assert.doesNotMatch(read(`web/${path}`), /\brnn_[a-z]+\s*\(|memory\.buffer/, `web/${path}`);
});

test("no two modules of web/ have one name, or names that differ by an ending alone", () => {
  const stems = modules.map(path => basename(path, ".js"));
  assert.equal(new Set(stems).size, stems.length);
  const root = stem => stem.replace(/(ing|er|s|ed)$/, "");
  assert.equal(new Set(stems.map(root)).size, stems.length, stems.map(root).sort().join(" "));
});

test("each style that a module of page/ fetches is there", () => {
  const named = modules.filter(path => wingOf(path) === "page").flatMap(path => read(`web/${path}`).match(/"\.[^"]*\.css"/g) ?? []);
  assert.ok(named.length > 12);
  for (const path of new Set(named)) assert.ok(existsSync(new URL(`web/page/${JSON.parse(path)}`, root)), path);
});

test("no class of its own has rules in two style sheets that come late: one would change what is of the other", () => {
  const sheets = readdirSync(new URL("web/", root), { recursive: true }).filter(name => /\/\w+\.css$/.test(name));
  assert.ok(sheets.length > 12);
  /** @type {Map<string, string>} */
  const owners = new Map();
  for (const sheet of sheets) {
    const rules = read(`web/${sheet}`).replace(/\/\*.*?\*\//gs, "");
    const selectors = [...rules.matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => list.split(",").map(each => each.trim()));
    for (const selector of selectors.filter(each => /^\.[\w-]+$/.test(each))) {
      const owner = owners.get(selector) ?? sheet;
      assert.equal(owner, sheet, `${selector} stands in ${owner} and in ${sheet}`);
      owners.set(selector, sheet);
    }
  }
});

test("text never becomes markup or code in the page", () => {
  for (const path of modules)
    assert.doesNotMatch(read(`web/${path}`), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, `web/${path}`);
});

test("no line of C is longer than 120 columns, and none of JavaScript than 140", () => {
  const columns = { c: 120, h: 120, js: 140, mjs: 140 };
  for (const folder of ["src", "tests", "bench", "web", "scripts"])
    for (const name of readdirSync(new URL(`${folder}/`, root), { recursive: true })) {
      const most = columns[name.split(".").at(-1)];
      if (!most || name.includes("node_modules")) continue;
      for (const [i, line] of read(`${folder}/${name}`).split("\n").entries())
        assert.ok([...line].length <= most, `${folder}/${name}:${i + 1} has ${[...line].length} columns`);
    }
});

test("no module of web/ has a variable of its own, which two instances would share", () => {
  for (const path of modules) assert.doesNotMatch(read(`web/${path}`), /^(export )?(let|var) /m, `web/${path}`);
});

test("views and the desk look nothing up outside the root that they were given", () => {
  for (const path of modules.filter(path => ["page", "views"].includes(wingOf(path))))
    assert.doesNotMatch(read(`web/${path}`), /document\.(getElement|querySelector|activeElement)/i, `web/${path}`);
});
