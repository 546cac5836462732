// SPDX-License-Identifier: MIT
//
// The types of what the wasm exports are those of src/rnn.h, and tsc holds whoever calls it to them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeExports } from "../scripts/make_exports.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

test("web/core/exports.js is what scripts/make_exports.mjs makes of src/rnn.h", () => {
  assert.equal(readFileSync(join(root, "web/core/exports.js"), "utf8"), makeExports());
});

/** What tsc says of a program that gets the exports as `wasm`, a model and a vocabulary. */
function complaints(t, lines) {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const types = `import(${JSON.stringify(join(root, "web/core/exports.js"))})`;
  writeFileSync(
    join(folder, "trial.js"),
    `/** @param {${types}.Exports} wasm @param {${types}.Handle<"rnn_model">} model @param {${types}.Handle<"rnn_vocab">} vocab */
export function trial(wasm, model, vocab) {
  ${lines}
}
`,
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: { types: [] }, include: ["trial.js"] }),
  );
  const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return stdout;
}

test("a right call of the wasm passes tsc; a wrong name, number of arguments or handle does not", t => {
  assert.equal(complaints(t, "wasm.rnn_state_new(model, 1); wasm.rnn_token(vocab, 0);"), "");
  assert.match(complaints(t, "wasm.rnn_state_made(model, 1);"), /'rnn_state_made' does not exist/);
  assert.match(complaints(t, "wasm.rnn_state_new(model);"), /Expected 2 arguments/);
  assert.match(complaints(t, "wasm.rnn_state_new(vocab, 1);"), /not assignable/);
});
