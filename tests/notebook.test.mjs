// SPDX-License-Identifier: MIT
//
// Networks of PyTorch and Keras, saved by scripts/nextchar_notebook.py, compute here what they computed there.
// scripts/make_notebook.py stored them; each file says with which version. `npm run notebook` makes them anew, of the programs
// that it installs, in a folder that NEXTCHAR_NOTEBOOK names here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { load } from "../web/core/model.js";
import { ISAS, textOf } from "./helpers.mjs";

const elsewhere = process.env.NEXTCHAR_NOTEBOOK;
const folder = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("golden/notebook/", import.meta.url);
const golden = name => new URL(name, folder);
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

// ---- scripts/nextchar_notebook.py, by tests/nextchar_notebook_test.py ----

const script = fileURLToPath(new URL("nextchar_notebook_test.py", import.meta.url));
const python = (...args) => spawnSync("python3", [script, ...args], { encoding: "utf8", timeout: 120_000 });
const skip = spawnSync("python3", ["--version"], { timeout: 10_000 }).status === 0 ? false : "there is no python3";

/** The network that a call of the script writes. */
async function saved(t, name, ...stored) {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { status, stdout, stderr } = python(name, join(folder, "network.safetensors"), ...stored);
  assert.equal(status, 0, stderr);
  return { model: await load(readFileSync(join(folder, "network.safetensors"))), said: stdout };
}

test("save() and show() refuse with a sentence what would be another network here; the page stands in a frame of its own", { skip }, () => {
  const { status, stderr } = python();
  assert.equal(status, 0, stderr);
});

/** Cell, tokens, and the ids of padding, of the unknown one and of the end. */
const written = {
  plain: ["lstm", "abc", -1, -1, -1],
  "without-biases": ["gru", "abc", -1, -1, -1],
  "other-names": ["lstm", "abc", -1, -1, -1],
  cells: ["gru", "abc", -1, -1, -1],
  stacked: ["lstm", "abc", -1, -1, -1],
  checkpoint: ["lstm", "abc", -1, -1, -1],
  "checkpoint-with-vocabulary": ["lstm", "abc", -1, -1, -1],
  "ids-of-tokens": ["lstm", "abc", -1, -1, -1],
  "tokens-of-ids": ["lstm", "abc", -1, -1, -1],
  "ids-from-1": ["lstm", "<pad>bc", 0, -1, -1],
  "empty-token": ["lstm", "<pad>bc", 0, -1, -1],
  "text-vectorization": ["lstm", "<pad>[UNK]c", 0, 1, -1],
  "num-words": ["lstm", "<pad>bc", 0, -1, -1],
  oov: ["lstm", "<pad>?c", 0, 1, -1],
  torchtext: ["lstm", "<pad><unk>c", 0, 1, 2],
  "older-torchtext": ["lstm", "<unk>bc", -1, 0, -1],
};
for (const [name, [cell, tokens, pad, unknown, end]] of Object.entries(written))
  test(`what save() writes opens here: ${name}`, { skip }, async t => {
    const { model, said } = await saved(t, name);
    assert.deepEqual([model.cell, model.vocabulary.join(""), model.end], [cell, tokens, end]);
    assert.match(said, /3 tokens; not compared with the network, as a state_dict cannot be run/);
    const probs = model.start().probs();
    assert.deepEqual([probs[pad] ?? 0, probs[unknown] ?? 0], [0, 0]);
    assert.ok(probs[2] > 0);
  });

/** Of logits. @param {ArrayLike<number>} row */
function logProbs(row) {
  const most = Math.max(...Array.from(row));
  const total = most + Math.log(Array.from(row).reduce((sum, x) => sum + Math.exp(x - most), 0));
  return Array.from(row, x => x - total);
}

/** Padding and unknown, which are never drawn, and the end; by the networks' names. */
const specials = {
  "gru-without-biases": [[0], -1],
  "tanh-without-biases": [[0, 1], -1],
  lesson: [[0], 5],
  "lesson-128": [[0], 83],
  "gru-embedding": [[0, 1], -1],
};
const networksOf = program => JSON.parse(readFileSync(golden(`${program}.json`), "utf8")).networks;
for (const program of ["torch", "keras", "tf_keras"])
  for (const { name, ids, outputs } of networksOf(program))
    test(`a network of ${program} gives here what it gave there: ${name}`, { skip }, async t => {
      const { model } = await saved(t, name, fileURLToPath(golden(`${program}.json`)));
      const [never, end] = specials[name] ?? [[], -1];
      assert.equal(model.end, end);
      const state = model.start();
      const rows = ids.map(id => (state.take(id), logProbs(state.logits))).slice(-outputs.length);
      for (const [i, row] of outputs.entries()) {
        const probabilities = Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-3 && Math.min(...row) >= 0;
        const there = probabilities ? row.map(Math.log) : row;
        const drawn = row.map((_, id) => id).filter(id => !never.includes(id)); // the rest of the row is as there, without these
        const expected = logProbs(drawn.map(id => there[id]));
        for (const [at, id] of drawn.entries())
          assert.ok(Math.abs(rows[i][id] - expected[at]) <= TOLERANCE, `row ${i}, id ${id}: ${rows[i][id]}, there ${expected[at]}`);
        for (const id of never) assert.equal(rows[i][id], -Infinity);
      }
    });

for (const program of ["keras", "tf_keras"]) {
  test(`the lesson's network of ${program}: padding, which stopped its notebook, is never drawn, and 83 ends a text`, { skip }, async t => {
    const { model } = await saved(t, "lesson-128", fileURLToPath(golden(`${program}.json`)));
    assert.deepEqual([model.hidden, model.vocabulary.length, model.vocabulary[0], model.vocabulary[83]], [128, 84, "<pad>", "<end>"]);
    const { outputs } = networksOf(program).find(({ name }) => name === "lesson-128");
    assert.ok(outputs.every(row => row[0] > 0.001 && row[83] > 0.001)); // there both are drawn
    const texts = Array.from({ length: 10 }, (_, seed) =>
      [...model.write("Today", { temperature: 1.8, length: 300, seed })].map(({ id }) => id),
    );
    assert.ok(texts.some(text => text.length < 300));
    assert.ok(texts.flat().length > 300);
    assert.ok(texts.flat().every(id => id > 0 && id < 83));
  });

  test(
    `the example of ${program} with its window of 40: here the state goes on behind it; from the last 40 alone all is as there`,
    { skip },
    async t => {
      const { model } = await saved(t, "window-40", fileURLToPath(golden(`${program}.json`)));
      const { windows } = networksOf(program).find(({ name }) => name === "window-40");
      const [first, second] = windows.map(({ ids }) => ids);
      assert.deepEqual(second.slice(0, -1), first.slice(1));
      const state = model.start();
      const goOn = (state, ids) => (ids.forEach(id => state.take(id)), logProbs(state.logits));
      const away = (row, { output }) => Math.max(...row.map((x, id) => Math.abs(x - Math.log(output[id]))));
      assert.ok(away(goOn(state, first), windows[0]) <= TOLERANCE);
      assert.ok(away(goOn(state, second.slice(-1)), windows[1]) > 10 * TOLERANCE); // it still knows the first of the 41
      assert.ok(away(goOn(model.start(), second), windows[1]) <= TOLERANCE);
    },
  );
}
