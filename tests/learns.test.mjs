// SPDX-License-Identifier: MIT
//
// A text of any length, with no setting touched: what it is taken for, what is held out, that it is learnt; in the library, by the
// worker that trains, by the command.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Training } from "../web/core/recipe.js";
import { load } from "../web/core/model.js";
import { Trainer } from "../web/trainer/commands.js";
import { knowing, writeItems } from "../web/trainer/items.js";
import { workshop } from "./command.mjs";

const { write: put, read, run } = workshop();

// ---- texts ----

const NAMES = `
  Aaron Abigail Adam Alan Albert Alexander Alexis Alice Amanda Amber Amy Andrea Andrew Angela Ann Anna Anthony Arthur Ashley Austin
  Barbara Benjamin Betty Beverly Billy Bobby Bradley Brandon Brenda Brian Brittany Bruce Bryan Caleb Carl Carol Carolyn Catherine
  Charles Charlotte Cheryl Christian Christina Christine Christopher Cynthia Daniel Danielle David Deborah Debra Denise Dennis Diana
  Diane Donald Donna Doris Dorothy Douglas Dylan Edward Elijah Elizabeth Emily Emma Eric Ethan Evelyn Frances Frank Gabriel Gary
  George Gerald Gloria Grace Gregory Hannah Harold Heather Helen Henry Isabella Jack Jacob Jacqueline James Janet Janice Jason Jean
  Jeffrey Jennifer Jeremy Jerry Jesse Jessica Joan Joe John Jonathan Jordan Jose Joseph Joshua Joyce Juan Judith Judy Julia Julie
  Justin Karen Katherine Kathleen Kathryn Kayla Keith Kelly Kenneth Kevin Kimberly Kyle Larry Laura Lauren Lawrence Liam Linda Lisa
  Logan Lori Lucas Madison Margaret Maria Marie Marilyn Mark Martha Mary Mason Matthew Megan Melissa Michael Michelle Nancy Natalie
  Nathan Nicholas Nicole Noah Olivia Pamela Patricia Patrick Paul Peter Rachel Randy Raymond Rebecca Richard Robert Roger Ronald Roy
  Russell Ruth Ryan Samantha Samuel Sandra Sara Sarah Scott Sean Sharon Shirley Sophia Stephanie Stephen Steven Susan Teresa Terry
  Theresa Thomas Timothy Tyler Victoria Vincent Virginia Walter Wayne William Willie Zachary`
  .trim()
  .split(/\s+/);

const dice = seed => () => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;

/** Words of syllables, all different, the same every time. */
function invent(count, seed) {
  const throwDice = dice(seed);
  const of = text => text.split(" ")[Math.floor(throwDice() * text.split(" ").length)];
  const words = new Set();
  while (words.size < count) {
    const syllable = () => of("b br d f g k l m n p r s st t v") + of("a e i o u ai") + of("n r l s");
    const word = Array.from({ length: 2 + Math.floor(throwDice() * 2) }, syllable).join("");
    if (word.length <= 10) words.add(word[0].toUpperCase() + word.slice(1));
  }
  return [...words];
}

const lines = (...all) => `${all.join("\n")}\n`;
const SENTENCE = "She had never seen so much snow in one night, nor since then";
const POEM = lines(
  "Tyger Tyger, burning bright,",
  "In the forests of the night;",
  "What immortal hand or eye,",
  "Could frame thy fearful symmetry?",
  "",
  "In what distant deeps or skies,",
  "Burnt the fire of thine eyes?",
  "On what wings dare he aspire?",
  "What the hand, dare seize the fire?",
);
const PROSE = readFileSync(new URL("../texts/shakespeare-like.txt", import.meta.url), "utf8");

const learn = training => {
  const bits = [];
  while (training.done < training.updates) bits.push(training.update().bits);
  return bits;
};
const mean = numbers => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

// ---- what a text is taken for ----

const TOWNS = "Bury St. Edmunds,King's Lynn,Stratford-upon-Avon,Newcastle upon Tyne,Ely,Bath,Poole,Rugby,Санкт-Петербург,Łódź".split(",");
const KINDS = {
  list: {
    names: lines(...NAMES),
    "towns of several words": lines(...TOWNS),
    "without a line end at its end, with others' line ends": TOWNS.join(" \r\n"),
    "with a number in front": lines(...NAMES.slice(0, 30).map((name, i) => `${i + 1}. ${name}`)),
    "with a dash in front": lines(...NAMES.slice(0, 30).map(name => `- ${name}`)),
    "with a mark here and there": lines(...NAMES.slice(0, 30), "Washington, D.C.", ""),
  },
  text: {
    "a sentence": SENTENCE,
    "a poem": POEM,
    "verse without marks": lines(...POEM.replace(/[^\w\n ]/g, "").split("\n").filter(Boolean)),
    "Russian verse": lines(...Array(4).fill("Мороз и солнце; день чудесный!\nЕщё ты дремлешь, друг прелестный —\nПора, проснись:")),
    "short talk": lines(...Array(6).fill("Who is there?\nNobody.\nGo away!\nNo.")),
    "a play": lines(...Array(6).fill("ROMEO:\nAy me!\n\nJULIET:\nGo.\n")),
    "source code": lines(...Array(6).fill("for i in x:\n    print(i)\nend = 3\nif (a) {\n  b();\n}")),
    "a table": lines(...NAMES.map((name, i) => `${name},${i}`)),
    numbers: lines(...Array.from({ length: 60 }, (_, i) => i * i)),
    "seven names": lines(...NAMES.slice(0, 7)),
    prose: PROSE.slice(0, 20_000),
  },
};

for (const [kind, texts] of Object.entries(KINDS))
  for (const [name, text] of Object.entries(texts))
    test(`${name}: a ${kind}`, async () => assert.equal((await Training.begin(text)).plan.kind, kind));

test("of a list lines are held out, of a text its end, of a short one nothing; what is given counts", async () => {
  const planOf = async (text, settings) => (await Training.begin(text, settings)).plan;
  assert.deepEqual(await planOf(lines(...NAMES)), { kind: "list", heldOut: "lines" });
  assert.deepEqual(await planOf(lines(...NAMES.slice(0, 50))), { kind: "list", heldOut: "none" });
  assert.deepEqual(await planOf(PROSE.slice(0, 6000)), { kind: "text", heldOut: "end" });
  assert.deepEqual(await planOf(PROSE.slice(0, 4000)), { kind: "text", heldOut: "none" });
  assert.deepEqual(await planOf(PROSE.slice(0, 4000), { heldOut: 0.2 }), { kind: "text", heldOut: "end" });
  assert.deepEqual(await planOf(lines(...NAMES), { kind: "text" }), { kind: "text", heldOut: "none" });
  assert.deepEqual(await planOf(lines(...NAMES), { heldOut: 0 }), { kind: "list", heldOut: "none" });
  assert.deepEqual(await planOf(lines(...NAMES), { level: "words" }), { kind: "text", heldOut: "none" });
  assert.deepEqual(await planOf(SENTENCE, { kind: "list" }), { kind: "text", heldOut: "none" }); // one line is no list
});

test("settings read back what was chosen; each that is given stays as it is", async () => {
  const given = { batch: 6, window: 20, slices: 3, passes: 2, hidden: 10, embedding: 5, rate: 0.02, warmup: 7, dropout: 0.25 };
  const { settings } = await Training.begin(PROSE.slice(0, 20_000), given);
  for (const [name, value] of Object.entries(given)) assert.equal(settings[name], value, name);
  for (const [name, value] of Object.entries(given)) {
    if (name === "slices") continue; // must part the batch
    const one = await Training.begin(PROSE.slice(0, 20_000), { [name]: value });
    assert.equal(one.settings[name], value, name);
  }
  const long = (await Training.begin(PROSE.repeat(Math.ceil(4e5 / PROSE.length)))).settings;
  assert.deepEqual([long.hidden, long.batch, long.window, long.slices, long.dropout, long.heldOut], [384, 16, 64, 2, 0.4, 0.1]);
  const words = (await Training.begin(PROSE, { level: "words" })).settings;
  assert.deepEqual([words.vocabulary, words.embedding, words.window, words.dropout], [5000, 128, 32, 0.6]);
});

test("however short or long a text is, it has 300 updates and at most some 40,000", async () => {
  for (const length of [2, 3, 10, 60, 248, 1000, 5000, 20_000, 100_000, 1_000_000, 20_000_000]) {
    const text = PROSE.repeat(Math.ceil(length / PROSE.length)).slice(0, length);
    const { updates, windows, facts, settings } = await Training.begin(text, { hidden: 4, embedding: 0 });
    assert.ok(updates >= 300 && updates <= 40_000 + windows, `${length}: ${updates}`);
    assert.ok(settings.batch * settings.window < facts.tokens, `${length}`);
    assert.ok(settings.warmup * 10 <= updates, `${length}: ${settings.warmup}`);
  }
});

// ---- what is learnt ----

for (const [name, text, most] of [
  ["a sentence of 60 characters", SENTENCE, 0.1],
  ["a poem", POEM, 0.2],
  ["1 kB", PROSE.slice(0, 1000), 0.5],
  ["5 kB", PROSE.slice(0, 5000), 0.8],
])
  test(`${name} is learnt`, async () => {
    const training = await Training.begin(text);
    const bits = learn(training);
    assert.ok(mean(bits.slice(-20)) < most * bits[0], `${mean(bits.slice(-20))} of ${bits[0]}`);
  });

for (const length of [20_000, 100_000])
  test(`the loss of ${length / 1000} kB falls from the beginning`, async () => {
    const training = await Training.begin(PROSE.repeat(Math.ceil(length / PROSE.length)).slice(0, length));
    const bits = Array.from({ length: 60 }, () => training.update().bits);
    assert.ok(mean(bits.slice(-10)) < mean(bits.slice(0, 10)) - 0.5, bits.join(" "));
  });

/** The share of items that are new and look like names. */
const shareOfNew = (items, known) => mean(items.map(item => Number(/^\p{Lu}\p{L}{1,11}$/u.test(item) && !known.includes(item))));

for (const [name, list] of [
  ["names", NAMES],
  ["invented words", invent(200, 5)],
])
  test(`200 ${name} give new ones`, async () => {
    for (const seed of [1, 2, 3]) {
      const training = await Training.begin(lines(...list), { seed });
      learn(training);
      const items = writeItems(training.model, "list", { count: 20, temperature: 0.8, seed });
      assert.equal(items.length, 20);
      assert.ok(shareOfNew(items, list) >= 0.6, items.join());
    }
  });

test("a list's training that goes on amid a pass has every number of one that was never stopped", async () => {
  const text = lines(...NAMES);
  const whole = await Training.begin(text);
  const expected = Array.from({ length: 40 }, () => whole.update());
  const stopped = await Training.begin(text);
  for (let i = 0; i < 23; i++) stopped.update();
  assert.notEqual(23 % stopped.windows, 0);
  const resumed = await Training.resume(stopped.save(), text);
  assert.deepEqual(resumed.plan, whole.plan);
  assert.deepEqual(resumed.settings, whole.settings);
  assert.deepEqual(
    Array.from({ length: 17 }, () => resumed.update()),
    expected.slice(23),
  );
  assert.deepEqual(resumed.save(), whole.save());
});

// ---- the worker that trains ----

/** A trainer and what it said; last: of a type. */
function begin() {
  const said = [];
  const trainer = new Trainer(event => said.push(event));
  return { said, hear: command => trainer.hear(command), last: type => said.findLast(event => event.type === type) };
}

test("the trainer: a list of 200 names gives new names, last and best, and the network that was asked for", async () => {
  const { said, hear, last } = begin();
  const text = lines(...NAMES);
  await hear({ type: "read", text, settings: {} });
  assert.deepEqual(last("prepared").plan, { kind: "list", heldOut: "lines" });
  await hear({ type: "items", which: "best", count: 2, temperature: 0.8, seed: 1 });
  assert.equal(last("items").which, "last", "nothing was measured yet");
  await hear({ type: "start", workers: 1, keep: false });
  assert.equal(last("end").reason, "done");
  const prints = {};
  for (const which of ["last", "best"]) {
    await hear({ type: "items", which, count: 20, temperature: 0.8, seed: 1 });
    const { items, which: said } = last("items");
    assert.equal(said, which);
    assert.equal(items.length, 20);
    for (const { text, isKnown } of items) assert.equal(isKnown, NAMES.includes(text), text);
    const names = items.map(({ text }) => text);
    assert.ok(shareOfNew(names, NAMES) >= 0.6, names.join());
    await hear({ type: "weights", quantized: false, use: "", which });
    assert.equal(last("weights").which, which);
    const model = await load(last("weights").bytes);
    prints[which] = model.fingerprint;
    assert.deepEqual(names, writeItems(model, "list", { count: 20, temperature: 0.8, seed: 1 }));
  }
  assert.notEqual(prints.last, prints.best);
  await hear({ type: "weights", quantized: false, use: "" });
  assert.equal(last("weights").which, "best");
  const sample = last("sample").text.split("\n");
  assert.equal(sample.length, 12);
  assert.ok(shareOfNew(sample, NAMES) + mean(sample.map(name => Number(NAMES.includes(name)))) > 0.8, sample.join());
  for (const count of [0, 0.5, 1e9, "3"]) {
    await hear({ type: "items", which: "last", count, temperature: 0.8, seed: 1 });
    assert.equal(said.at(-1).type, "trouble");
  }
});

test("the trainer: a poem of 248 characters is learnt by heart, in lines that stand in it", async () => {
  const { hear, last } = begin();
  await hear({ type: "read", text: POEM, settings: {} });
  assert.deepEqual(last("prepared").plan, { kind: "text", heldOut: "none" });
  await hear({ type: "start", workers: 2, keep: false });
  await hear({ type: "items", which: "best", count: 5, temperature: 0.2, seed: 1 });
  const { items, which } = last("items");
  assert.equal(which, "last");
  assert.ok(mean(items.map(({ isKnown }) => Number(isKnown))) >= 0.6, items.map(({ text }) => text).join(" | "));
});

test("the trainer: a sentence is written from its beginning", async () => {
  const { hear, last } = begin();
  await hear({ type: "read", text: `${SENTENCE}.\n`, settings: {} });
  await hear({ type: "start", workers: 1, keep: false });
  await hear({ type: "items", which: "last", count: 1, temperature: 0.2, seed: 1 });
  assert.deepEqual(last("items").items, [{ text: `${SENTENCE}.`, isKnown: true }]);
  assert.ok(last("sample").text.startsWith("She had never seen"), last("sample").text);
});

test("items of a text end with a sentence or a line; what never ends is given once, as far as it goes", () => {
  const writing = pieces => ({
    *write(_, { length }) {
      for (let i = 0; i < length; i++) yield { text: pieces[i % pieces.length] };
    },
  });
  const itemsOf = (text, kind, count = 3) => writeItems(writing([...text]), kind, { count, temperature: 1, seed: 1 });
  assert.deepEqual(itemsOf("He went. “Why?” she\nasked... ", "text", 4), ["He went.", "“Why?”", "she", "asked..."]);
  assert.deepEqual(itemsOf("\n\n Ann \nBob\n", "list"), ["Ann", "Bob", "Ann"]);
  assert.deepEqual(itemsOf("a", "list"), ["a".repeat(300)]);
  assert.deepEqual(writeItems(writing(["It", " is", ".", " It"]), "text", { count: 1, temperature: 1, seed: 1 }), ["It is."]);
  const [inList, inText] = ["list", "text"].map(kind => knowing(" Ann \nBob\n", kind));
  assert.deepEqual([inList("Ann"), inList("An"), inText("An"), inText("Bo b")], [true, false, true, false]);
});

// ---- the command ----

test("the command chooses the same, says it, and ends with the same bits", async () => {
  put("names.txt", lines(...NAMES));
  const { status, stderr } = run("train names.txt --output names.safetensors --keep last");
  assert.equal(status, 0, stderr);
  const training = await Training.begin(lines(...NAMES));
  const { facts, windows, settings } = training;
  learn(training);
  assert.equal((await load(read("names.safetensors"))).fingerprint, training.model.fingerprint);
  const { passes, hidden, batch, window } = settings;
  const [from, held] = [facts.tokens, facts.heldOut];
  const plan = `a list: ${from} characters to train on, ${held} held out, lines of it; ${passes} passes of ${windows} updates, `;
  assert.ok(stderr.startsWith(`${plan}${batch} x ${window} characters each; ${hidden} units\n`), stderr);
});

test("the command learns a poem by heart, and says that nothing is held out", () => {
  put("poem.txt", POEM);
  const { status, stderr } = run("train poem.txt --output poem.safetensors");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^a text: 248 characters to train on, 0 held out; \d+ passes of \d+ updates, 1 x 64 characters each; 128 units\n/);
  const { stdout } = run(["write", "poem.safetensors", "--prompt", "What imm", "--temperature", "0", "--length", "18"]);
  assert.match(stdout, /^What immortal hand or eye/);
});
