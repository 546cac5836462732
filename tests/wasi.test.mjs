// SPDX-License-Identifier: MIT
//
// The C tests once more, as wasm, in every build that this Node takes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ISAS } from "./helpers.mjs";

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const sources = readdirSync(at("tests")).filter(name => name.endsWith("_test.c"));

for (const isa of ISAS)
  for (const source of sources) {
    const name = basename(source, ".c");
    test(`${name} passes as wasm, ${isa}`, () => {
      const program = join(at(`build/wasm-${isa}`), `${name}.wasm`);
      const run = spawnSync(process.execPath, [...process.execArgv, at("tests/wasi.mjs"), program], { encoding: "utf8", timeout: 300_000 });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }
