// SPDX-License-Identifier: MIT
//
// A network that PyTorch trained as the lesson's notebook does, exported by scripts/export_torch.py, computes here what it
// computed there. scripts/make_notebook.py made both files and says with which version.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "../web/core/model.js";
import { ISAS, textOf } from "./helpers.mjs";

const golden = name => new URL(`golden/notebook/${name}`, import.meta.url);
const stored = JSON.parse(readFileSync(golden("pytorch.json"), "utf8"));
const TOLERANCE = 1e-5; // of a logit

for (const isa of ISAS)
  test(`the notebook's network has PyTorch's logits after each character, and its greedy text, in the ${isa} build`, async () => {
    const model = await load(golden("network.safetensors"), { isa });
    const state = model.start();
    assert.deepEqual([model.cell, model.layers, model.hidden, model.embedding], ["lstm", 1, 64, 0]);
    const { ids, unknown } = model.encode(stored.prompt);
    assert.deepEqual(unknown, []);
    assert.equal(stored.logits.length, ids.length);
    for (const [i, id] of ids.entries()) {
      state.take(id);
      state.logits.forEach((logit, v) =>
        assert.ok(Math.abs(logit - stored.logits[i][v]) <= TOLERANCE, `place ${i}, token ${v}: ${logit}, PyTorch ${stored.logits[i][v]}`),
      );
    }
    assert.equal(textOf(model.write(stored.prompt, { temperature: 0, length: stored.greedy.length })), stored.greedy);
  });

// ---- scripts/export_torch.py, by tests/export_torch_test.py ----

const python = (...args) =>
  spawnSync("python3", [fileURLToPath(new URL("export_torch_test.py", import.meta.url)), ...args], { encoding: "utf8", timeout: 120_000 });
const skip = spawnSync("python3", ["--version"], { timeout: 10_000 }).status === 0 ? false : "there is no python3";

test("export() refuses with a sentence what could not be opened here", { skip }, () => {
  const { status, stderr } = python();
  assert.equal(status, 0, stderr);
});

const exported = {
  plain: ["lstm", "abc", -1, -1],
  "without-biases": ["gru", "abc", -1, -1],
  tanh: ["tanh", "abc", -1, -1],
  "ids-of-tokens": ["lstm", "abc", -1, -1],
  "tokens-of-ids": ["lstm", "abc", -1, -1],
  torchtext: ["lstm", "<pad><unk>c", 0, 1],
  "older-torchtext": ["lstm", "<unk>bc", -1, 0],
};
for (const [name, [cell, tokens, pad, unknown]] of Object.entries(exported))
  test(`what export() writes opens here: ${name}`, { skip }, async t => {
    const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const { status, stderr } = python(name, join(folder, "network.safetensors"));
    assert.equal(status, 0, stderr);
    const model = await load(readFileSync(join(folder, "network.safetensors")));
    assert.deepEqual([model.cell, model.vocabulary.join("")], [cell, tokens]);
    const probs = model.start().probs();
    assert.deepEqual([probs[pad] ?? 0, probs[unknown] ?? 0], [0, 0]);
    assert.ok(probs[2] > 0);
  });
