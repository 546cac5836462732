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
import { loadPattern } from "../web/core/pattern.js";
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

/** The networks that answer: bytes at most, and answers that stand in no training text. */
const ANSWERING = {
  roman: [70_000, { 1999: "MCMXCIX", 2026: "MMXXVI", 3888: "MMMDCCCLXXXVIII" }],
  dates: [70_000, { "3 мая 1999": "1999-05-03", "May 3, 1999": "1999-05-03", "3.V.1999": "1999-05-03" }],
  "numbers-en": [190_000, { 427391: "four hundred twenty-seven thousand three hundred ninety-one", 11: "eleven" }],
  "numbers-ru": [190_000, { 427391: "четыреста двадцать семь тысяч триста девяносто один", 2000: "две тысячи" }],
  "surname-language": [75_000, { Ivanov: "Russian", Yamamoto: "Japanese" }],
  "language-surname": [85_000, {}],
  "digits-en": [50_000, {}],
  "digits-ru": [50_000, {}],
};

function checkAnswering() {
  for (const [name, [bytes, answers]] of Object.entries(ANSWERING))
    test(`patterns/${name} is small, says where it comes from, and answers on every build as the command does`, async () => {
      const path = at(`weights/patterns/${name}.safetensors`);
      const text = questions => questions.map(question => `${question}\n`).join("");
      const questions = Object.keys(answers);
      assert.equal(
        execFileSync(at("build/nextchar"), ["answer", path], { input: text(questions), encoding: "utf8" }),
        text(Object.values(answers)),
      );
      for (const isa of ISAS) {
        const pattern = await loadPattern(path, { isa });
        assert.ok(pattern.bytes <= bytes && pattern.quantized, `${pattern.bytes} bytes`);
        for (const key of ["corpus", "source", "terms", "heldOut.right", "heldOut.bitsPerLabel"]) assert.ok(pattern.metadata[key], key);
        for (const [question, answer] of Object.entries(answers)) assert.equal(pattern.answer(question), answer);
        pattern.free();
      }
    });

  test("patterns/language-surname writes a name for each language, another one for another seed", async () => {
    const pattern = await loadPattern(at("weights/patterns/language-surname.safetensors"));
    assert.equal(pattern.vocabulary.length, 18);
    for (const language of pattern.vocabulary) {
      const names = [1, 2, 3, 4, 5].map(seed => pattern.answer(language, { temperature: 0.8, seed }));
      assert.ok(new Set(names).size > 1, names.join());
      for (const written of names) assert.match(written, /^.{2,20}$/u);
    }
  });

  test("patterns/digits name an upright stroke and a ring, in both languages", async () => {
    const stroke = Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 12 && i % 28 < 16 && i > 28 * 4 && i < 28 * 24 ? 255 : 0));
    const distance = i => Math.hypot((i % 28) - 13.5, 0.75 * (Math.floor(i / 28) - 13.5));
    const ring = Uint8Array.from({ length: 784 }, (_, i) => (distance(i) > 5 && distance(i) < 8 ? 255 : 0));
    for (const [language, one, zero] of [
      ["en", "one", "zero"],
      ["ru", "один", "ноль"],
    ]) {
      const pattern = await loadPattern(at(`weights/patterns/digits-${language}.safetensors`));
      assert.deepEqual([pattern.answer(stroke), pattern.answer(ring)], [one, zero]);
    }
  });

  test("patterns/letters is the table that n-grams of order 1 are", () => {
    const { cell, layers, parameters, bytes } = JSON.parse(
      execFileSync(at("build/nextchar"), ["inspect", at("weights/patterns/letters.safetensors"), "--json"], { encoding: "utf8" }),
    );
    assert.deepEqual([cell, layers, parameters], ["none", 0, 27 * 28]);
    assert.ok(bytes <= 10_000);
  });
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
      // float32: the sum of thousands rounds more
      const model = await load(at(`weights/${file}`));
      const bound = Math.max(1e-6, 2e-9 * model.outputs);
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
  checkAnswering();
  checkTexts();
}
