// SPDX-License-Identifier: MIT
//
// What the modules ask for, offer and weigh, against tests/golden/wasm.json.
// `node tests/wasm.test.mjs --update` stores the present sizes; the rest of that file is written by hand.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const at = path => new URL(`../${path}`, import.meta.url);
const golden = JSON.parse(readFileSync(at("tests/golden/wasm.json"), "utf8"));
const GROWTH = 1.1; // a module may be this much larger than stored
const GZIP_LIMIT = 52 * 1024;

/** The functions that src/rnn.h offers. */
function headerFunctions() {
  const header = readFileSync(at("src/rnn.h"), "utf8");
  return [...header.matchAll(/^RNN_API\b[^;(]*?(\w+)\(/gm)].map(match => match[1]);
}

function instantiate(module) {
  const { exports } = new WebAssembly.Instance(module, { env: { emscripten_notify_memory_growth() {} } });
  exports._initialize();
  return exports;
}

function text(memory, address) {
  const bytes = new Uint8Array(memory.buffer, address);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function update() {
  for (const name of Object.keys(golden.bytes)) golden.bytes[name] = readFileSync(at(`web/core/${name}`)).length;
  writeFileSync(at("tests/golden/wasm.json"), `${JSON.stringify(golden, null, 2)}\n`);
}

function check(name, isa) {
  const bytes = readFileSync(at(`web/core/${name}`));
  const skip = WebAssembly.validate(bytes) ? false : "this Node has no relaxed SIMD"; // the page's tests run it in Chromium
  const module = skip ? null : new WebAssembly.Module(bytes);

  test(`${name} imports nothing but the notice of memory growth`, { skip }, () => {
    for (const { module: space, name: item } of WebAssembly.Module.imports(module))
      assert.ok(golden.imports.includes(`${space}.${item}`), `imports ${space}.${item}`);
  });

  test(`${name} exports the functions of rnn.h, its memory, and what the toolchain adds`, { skip }, () => {
    const names = WebAssembly.Module.exports(module).map(item => item.name);
    for (const needed of ["memory", "_initialize"]) assert.ok(names.includes(needed), `lacks ${needed}`);
    const own = names.filter(item => !golden.toolchain.includes(item));
    assert.deepEqual(own.sort(), headerFunctions().sort());
  });

  test(`${name} is at most ${GROWTH} times as large as stored, and at most ${GZIP_LIMIT} bytes gzipped`, () => {
    const stored = golden.bytes[name];
    assert.ok(bytes.length <= stored * GROWTH, `${bytes.length} bytes, stored are ${stored}`);
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    assert.ok(gzipped <= GZIP_LIMIT, `${gzipped} bytes gzipped`);
  });

  test(`${name} says that it is built for ${isa}`, { skip }, () => {
    const core = instantiate(module);
    const said = text(core.memory, core.rnn_isa());
    if (isa === "relaxed" && said === "simd128")
      assert.ok(bytes.equals(readFileSync(at("web/core/rnn.wasm"))), "made by an old compiler, it is the SIMD build");
    else assert.equal(said, isa);
  });
}

if (process.argv.includes("--update")) {
  update();
} else {
  check("rnn.wasm", "simd128");
  check("rnn-relaxed.wasm", "relaxed");
  check("rnn-scalar.wasm", "scalar");
}
