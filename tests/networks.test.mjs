// SPDX-License-Identifier: MIT
//
// The networks of weights/ as they are shipped, and golden texts: what the shipped networks and those of
// the stored vectors write, equal in every build of the wasm and the native command.
// `node tests/networks.test.mjs --update` stores the texts, as the scalar build writes them now.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "../web/core/model.js";
import { loadPattern } from "../web/core/pattern.js";
import { inputsOf } from "../web/page/patterns/inputs.js";
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
  "surname-language-each": [75_000, { Ivanov: "Russian", Yamamoto: "Japanese" }],
  "language-surname": [85_000, { Italian: "Albari" }],
  "digits-en": [50_000, {}],
  "digits-ru": [50_000, {}],
  "digits-styled-en": [60_000, {}],
  "digits-styled-ru": [60_000, {}],
  "clothes-en": [120_000, {}],
  "clothes-ru": [120_000, {}],
  "vowels-en": [95_000, { "t* b* *r n*t t* b*, th*t *s th* q**st**n": "to be or not to be, that is the question" }],
  "vowels-ru": [95_000, { "б*л* *ж* п*здн*, * *н п*ш*л д*м*й": "было уже поздно, и он пошел домой" }],
  "vowels-en-now": [95_000, { "h* d*d n*t kn*w wh*t t* d*, my l*rd": "he did not know what to do, my lord" }],
  "vowels-ru-now": [95_000, { "мн* к*ж*тс*, чт* в* м*н* н* л*б*т*": "мне кажется, что вы меня не любите" }],
};
const listed = JSON.parse(readFileSync(at("weights/patterns/index.json"), "utf8"));
const openAnswering = name => loadPattern(at(`weights/patterns/${name}.safetensors`));

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

  /** What is said of the pictures that the page shows first: a seven, and trousers. */
  const PICTURED = {
    "digits-en": /^seven$/,
    "digits-ru": /^семь$/,
    "digits-styled-en": /^a (thin|regular|bold) seven (leaning (left|right)|upright)$/,
    "digits-styled-ru": /^(тонкая|обычная|жирная) семёрка (с наклоном (влево|вправо)|прямо)$/,
    "clothes-en": /^a pair of trousers$/,
    "clothes-ru": /^пара брюк$/,
  };

  test("patterns/index.json lists each network that is there, by its pattern, and no other", async () => {
    const order = ["one-to-one", "one-to-many", "many-to-one", "synchronous", "sequence"];
    assert.deepEqual(
      listed.map(({ file }) => file).sort(),
      readdirSync(at("weights/patterns")).filter(file => file.endsWith(".safetensors")),
    );
    assert.deepEqual(
      listed.map(({ pattern }) => pattern),
      order.flatMap(name => listed.map(({ pattern }) => pattern).filter(pattern => pattern === name)),
    );
    for (const { name, file, pattern, language, title, reads } of listed) {
      assert.equal(file, `${name}.safetensors`);
      assert.ok(["", "en", "ru"].includes(language) && title.en && title.ru && reads.en && reads.ru, name);
      if (pattern !== "one-to-one") assert.equal((await openAnswering(name)).pattern, pattern, name);
    }
  });

  for (const { name, example } of listed.filter(({ pattern }) => pattern !== "one-to-one"))
    test(`patterns/${name} answers the example of index.json as is known to be right`, async () => {
      const network = await openAnswering(name);
      if (network.side) {
        const { valueOf } = await inputsOf(network);
        return assert.match(network.answer(valueOf(example)), PICTURED[name]);
      }
      assert.ok(Object.hasOwn(ANSWERING[name][1], example), `${example} has no answer in this file`);
      assert.equal(network.answer(example), ANSWERING[name][1][example]);
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

  test("patterns/digits-styled say weight, digit and slant of a stroke, in both languages", async () => {
    const stroke = (width, slope) =>
      Uint8Array.from({ length: 784 }, (_, i) => {
        const [row, column] = [Math.floor(i / 28), i % 28];
        return row > 3 && row < 24 && Math.abs(column - 13.5 - slope * (13.5 - row)) <= width / 2 ? 255 : 0;
      });
    const strokes = [stroke(2, 0), stroke(5, 0.4)];
    for (const [language, ...captions] of [
      ["en", "a thin one upright", "a bold one leaning right"],
      ["ru", "тонкая единица прямо", "жирная единица с наклоном вправо"],
    ]) {
      const pattern = await openAnswering(`digits-styled-${language}`);
      assert.deepEqual(
        strokes.map(picture => pattern.answer(picture)),
        captions,
      );
    }
  });

  test("patterns/clothes know trousers, two legs under a waist, and a bag, in both languages", async () => {
    const drawn = inside => Uint8Array.from({ length: 784 }, (_, i) => (inside(Math.floor(i / 28), i % 28) ? 180 : 0));
    const trousers = drawn((row, column) => column > 8 && column < 19 && row > 0 && (row < 7 || column < 13 || column > 14));
    const bag = drawn((row, column) => column > 2 && column < 25 && row > 9 && row < 25);
    for (const [language, ...phrases] of [
      ["en", "a pair of trousers", "a bag"],
      ["ru", "пара брюк", "дамская сумка"],
    ]) {
      const pattern = await openAnswering(`clothes-${language}`);
      assert.deepEqual([pattern.answer(trousers), pattern.answer(bag)], phrases);
    }
  });

  test("patterns/surname-language-each says Japanese before the name has ended", async () => {
    const pattern = await openAnswering("surname-language-each");
    const labels = [...pattern.units("Yamamoto")].map(({ label }) => label);
    assert.equal(labels.length, 8);
    assert.deepEqual(labels.slice(3), Array(5).fill("Japanese"));
  });

  test("patterns/letters is the table that n-grams of order 1 are, and q is followed by u", () => {
    const { example } = listed.find(({ name }) => name === "letters");
    const path = at("weights/patterns/letters.safetensors");
    const write = ["write", path, "--prompt", example, "--temperature", "0", "--length", "1"];
    assert.equal(execFileSync(at("build/nextchar"), write, { encoding: "utf8" }), "qu\n");
    const { cell, layers, parameters, bytes } = JSON.parse(
      execFileSync(at("build/nextchar"), ["inspect", path, "--json"], { encoding: "utf8" }),
    );
    assert.deepEqual([cell, layers, parameters], ["none", 0, 27 * 28]);
    assert.ok(bytes <= 10_000);
  });
}

function checkShipped() {
  for (const language of ["en", "ru"])
    test(`the page begins with a small network (${language}); its larger one knows all that it writes, and says its bytes`, async () => {
      const first = shipped.find(each => each.language === language);
      const larger = shipped.find(({ name }) => name === first.larger);
      const path = ({ file }) => at(`weights/${file}`);
      assert.ok(statSync(path(first)).size <= 260_000);
      assert.deepEqual([larger.language, larger.bytes], [language, statSync(path(larger)).size]);
      const [small, large] = await Promise.all([first, larger].map(each => load(path(each))));
      assert.deepEqual(
        small.vocabulary.filter(character => !large.vocabulary.includes(character)),
        [],
      );
    });

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
