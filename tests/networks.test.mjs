// SPDX-License-Identifier: MIT
//
// The networks of weights/ as they are shipped, and golden texts: what the shipped networks and those of
// the stored vectors write, equal in every build of the wasm and the native command.
// `node tests/networks.test.mjs --update` stores the texts, as the scalar build writes them now.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "../web/core/model.js";
import { ISAS, argmax, root, sum, textOf } from "./helpers.mjs";

const at = path => fileURLToPath(new URL(path, root));
const shipped = JSON.parse(readFileSync(at("weights/index.json"), "utf8"));
const GOLDEN = at("tests/golden/texts.json");
const SETTINGS = [
  { temperature: 0, topK: 0, topP: 1, seed: 1, length: 100 },
  { temperature: 0.8, topK: 0, topP: 1, seed: 7, length: 300 },
  { temperature: 1.25, topK: 20, topP: 0.95, seed: 2147483647, length: 100 },
];

/** What a build of the wasm writes, the prompt's known characters first, as the command prints it. */
async function writtenBy(isa, { file, prompt, settings }) {
  const model = await load(at(file), { isa });
  return textOf(model.write(prompt, settings));
}

function writtenByCommand({ file, prompt, settings: { temperature, topK, topP, seed, length } }) {
  const args = ["--prompt", prompt, "--temperature", temperature, "--top-k", topK, "--top-p", topP, "--seed", seed, "--length", length];
  return execFileSync(at("build/nextchar"), ["write", at(file), ...args.map(String)], { encoding: "utf8" });
}

async function update() {
  const vectors = readdirSync(at("tests/golden/pytorch")).filter(name => name.endsWith(".safetensors"));
  const networks = [
    ...vectors.map(name => ({ file: `tests/golden/pytorch/${name}`, prompt: "abc" })),
    ...shipped.map(({ file, prompt }) => ({ file: `weights/${file}`, prompt })).filter(({ file }) => existsSync(at(file))),
  ];
  const texts = [];
  for (const network of networks)
    for (const settings of SETTINGS) texts.push({ ...network, settings, text: await writtenBy("scalar", { ...network, settings }) });
  writeFileSync(GOLDEN, `${JSON.stringify({ made: "node tests/networks.test.mjs --update", texts }, null, 2)}\n`);
}

function checkShipped() {
  for (const { file, prompt } of shipped)
    test(`${file} loads, knows its prompt, is at most 4 MB and says where it comes from`, async () => {
      const model = await load(at(`weights/${file}`));
      assert.deepEqual(model.encode(prompt).unknown, []);
      assert.ok(model.bytes <= 4_000_000, `${model.bytes} bytes`);
      for (const key of ["corpus", "source", "terms", model.level === "characters" ? "heldOut.bitsPerCharacter" : "heldOut.perplexity"])
        assert.ok(model.metadata[key], `the metadata has no ${key}`);
    });

  for (const { file, prompt } of shipped)
    test(`${file} writes from distributions that sum to 1, and at temperature 0 the most probable`, async () => {
      const model = await load(at(`weights/${file}`)),
        bound = Math.max(1e-6, 2e-9 * model.outputs); // float32: the sum of thousands rounds more
      for (const temperature of [0, 0.5, 1, 2])
        for (const step of model.write(prompt, { temperature, length: 100 })) {
          for (const shown of [0, 0.5, 1, 2]) assert.ok(Math.abs(sum(step.probs(shown)) - 1) <= bound, `position ${step.position}`);
          if (temperature === 0) assert.equal(step.id, argmax(step.logits));
        }
    });

  for (const { file, prompt } of shipped)
    test(`${file} finds its own language less surprising than noise`, async () => {
      const model = await load(at(`weights/${file}`));
      const noise = Array.from({ length: 200 }, (_, i) => model.vocabulary[(i * 7919) % model.outputs]).join("");
      const written = textOf(model.write(prompt, { temperature: 0.7, length: 200 }));
      assert.ok(model.score(written).bitsPerCharacter < Math.log2(model.outputs) / 2);
      assert.ok(model.score(noise).bitsPerCharacter > Math.log2(model.outputs));
    });
}

function checkTexts() {
  const { texts } = JSON.parse(readFileSync(GOLDEN, "utf8"));
  const of = file => texts.filter(golden => golden.file === file);

  test("there are golden texts of every cell and of every shipped network", () => {
    for (const cell of ["tanh", "gru", "lstm"]) assert.ok(of(`tests/golden/pytorch/${cell}-2-embedding.safetensors`).length > 0, cell);
    for (const { file } of shipped) assert.ok(of(`weights/${file}`).length > 0, file);
  });

  for (const file of new Set(texts.map(golden => golden.file))) {
    for (const isa of ISAS)
      test(`the ${isa} build writes the golden texts of ${file}`, async () => {
        for (const golden of of(file)) assert.equal(await writtenBy(isa, golden), golden.text);
      });
    test(`the native command writes the golden texts of ${file}`, () => {
      for (const golden of of(file)) assert.equal(writtenByCommand(golden), `${golden.prompt}${golden.text}\n`);
    });
  }
}

if (process.argv.includes("--update")) await update();
else {
  checkShipped();
  checkTexts();
}
