// SPDX-License-Identifier: MIT
//
// The fuzz targets as sources: none is forgotten. `npm run fuzz -- smoke` runs them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const read = path => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const withoutComments = text => text.replace(/\/\*[^]*?\*\//g, "");
const names = text => new Set([...text.matchAll(/\brnn_\w+(?=\()/g)].map(match => match[0]));

test("the random calls call every function of rnn.h", () => {
  const manual = names(withoutComments(read("src/rnn.h")));
  const called = names(withoutComments(read("tests/fuzz/calls.c")).replaceAll(/SET\((\w+), slot, NULL\)/g, "rnn_$1_free("));
  assert.ok(manual.size > 80, `${manual.size} functions`);
  assert.deepEqual(
    [...manual].filter(name => !called.has(name)),
    [],
  );
});

test("every target is built, has a stored corpus and runs by the script", () => {
  const targets = readdirSync(new URL("fuzz/", import.meta.url)).filter(name =>
    /LLVMFuzzerTestOneInput\(const uint8_t/.test(name.endsWith(".c") ? read(`tests/fuzz/${name}`) : ""),
  );
  assert.equal(targets.length, 8);
  for (const target of targets.map(name => name.slice(0, -2))) {
    assert.match(read("tests/fuzz/CMakeLists.txt"), new RegExp(`foreach\\(name [^)]*\\b${target}\\b`));
    assert.match(read("scripts/fuzz.sh"), new RegExp(`\\[${target}\\]=\\d+`));
    assert.ok(readdirSync(new URL(`fuzz/corpus/${target}/`, import.meta.url)).length > 0, target);
  }
});
