// SPDX-License-Identifier: MIT
//
// A network that PyTorch trained as the lesson's notebook does, exported by scripts/export_torch.py, computes here what it
// computed there. scripts/make_notebook.py made both files and says with which version.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "../web/core/model.js";
import { ISAS, textOf } from "./helpers.mjs";

const golden = name => new URL(`golden/notebook/${name}`, import.meta.url);
const stored = JSON.parse(readFileSync(golden("pytorch.json"), "utf8"));
const TOLERANCE = 1e-5; // of a logit

for (const isa of ISAS)
  test(`the notebook's network has PyTorch's logits after each character, and its greedy text, in the ${isa} build`, async () => {
    const model = await load(golden("network.safetensors"), { isa }), state = model.start();
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
