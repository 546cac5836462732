// SPDX-License-Identifier: MIT
//
// What the page says in each language: the files of web/lang/ beside each other, and how a sentence takes its numbers.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Words, languages } from "../web/page/words.js";
import { RnnError } from "../web/core/errors.js";
import { translated } from "../web/page/reasons.js";
import { root } from "./helpers.mjs";
import { messages } from "./messages.mjs";

const never = new AbortController().signal;
const files = readdirSync(new URL("web/lang/", root)).filter(name => name.endsWith(".json"));
const read = name => JSON.parse(readFileSync(new URL(`web/lang/${name}.json`, root)));
const tags = Object.keys(languages);
const all = files.map(name => /^en(.*)\.json$/.exec(name)?.[1]).filter(part => part !== undefined);
const parts = all.filter(part => part !== ".errors"); // whose keys are sentences themselves

/** What only some files say: which way the language is written, who translated it, that English is to stand in for what the file lacks. */
const OF_A_LANGUAGE = ["language.direction", "language.note", "language.incomplete"];

/** The words of a language, all parts of them. */
async function wordsOf(tag, level = "characters") {
  const words = new Words();
  await words.use(tag, never);
  for (const part of all) if (part) await words.more(part.slice(1));
  return Object.assign(words, { level });
}

/** The places of a sentence that have forms: their forms. */
const formsOf = sentence => [...sentence.matchAll(/\{\w+\|([^}]*)\}/g)].map(match => match[1].split("|"));
const placesOf = sentence => [...new Set([...sentence.matchAll(/\{(\w+)[|}]/g)].map(match => match[1]))].sort();
/** A sentence without its [characters|words]. */
const without = sentence => sentence.replace(/\[[^[|\]]*\|[^[|\]]*\]/g, "");

/** The keys of a file that are sentences, in the order of the English ones; where the file says that it lacks some, these are left out. */
function keysOf(words, english) {
  const keys = Object.keys(words).filter(key => !OF_A_LANGUAGE.includes(key));
  assert.deepEqual(keys, words["language.incomplete"] ? english.filter(key => keys.includes(key)) : english);
  return keys;
}

test("every language has the sentences of the English one, but for what it says to lack, with the same places, and a name", () => {
  assert.deepEqual(files.toSorted(), tags.flatMap(tag => all.map(part => `${tag}${part}.json`)).toSorted());
  for (const part of parts) {
    const english = read(`en${part}`);
    for (const tag of tags) {
      const words = read(tag + part);
      const keys = keysOf(words, Object.keys(english));
      for (const [key, sentence] of keys.map(key => [key, words[key]])) {
        assert.deepEqual(placesOf(sentence), placesOf(english[key]), `${tag}: ${key}`);
        assert.doesNotMatch(without(sentence).replace(/\{\w+(\|[^{}]*)?\}/g, ""), /[[|\]{}]/, `${tag}: ${key}`);
      }
    }
  }
});

test("English and Russian lack nothing; of another language a first visit, the story, Train and what many views say is there", () => {
  for (const tag of tags)
    for (const part of ["en", "ru"].includes(tag) ? all : ["", ".views", ".guide", ".train"])
      assert.equal(read(tag + part)["language.incomplete"], undefined, tag + part);
});

test("English stands in for what a language lacks, sentence by sentence", async () => {
  const words = await wordsOf("he");
  assert.equal(words.say("patterns.label"), `\u2068${read("en.patterns")["patterns.label"]}\u2069`); // kept apart: it runs the other way
  assert.equal(words.say("write"), read("he").write);
  assert.equal(words.say("language.direction"), "rtl");
  await words.use("ru", never);
  assert.equal(words.say("language.direction"), "");
  assert.equal(words.say("patterns.label"), read("ru.patterns")["patterns.label"]);
});

test("no key stands twice in a file", () => {
  for (const name of readdirSync(new URL("web/lang/", root)).filter(name => name.endsWith(".json"))) {
    const lines = readFileSync(new URL(`web/lang/${name}`, root), "utf8").match(/^ {2}"(?:[^"\\]|\\.)*":/gm) ?? [];
    assert.equal(new Set(lines).size, lines.length, name);
  }
});

test("no key stands in two parts", () => {
  const keys = parts.flatMap(part => Object.keys(read(`en${part}`)));
  assert.deepEqual(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    [],
  );
});

test("where a number has forms, each plural category of the language has one, and each has a number in it", () => {
  let seen = 0;
  for (const tag of tags) {
    const rules = new Intl.PluralRules(tag);
    const categories = new Set([...Array(200).keys()].map(n => rules.select(n)));
    for (const part of all)
      for (const [key, sentence] of Object.entries(read(tag + part)))
        for (const forms of formsOf(without(sentence))) {
          seen++;
          const examples = forms.map(form => /^\D*(\d+)\D*$/.exec(form)?.[1]);
          assert.equal(examples.includes(undefined), false, `${tag}: ${key}: a form has one number: ${forms.join("|")}`);
          assert.deepEqual(new Set(examples.map(n => rules.select(Number(n)))), categories, `${tag}: ${key}`);
          assert.equal(forms.length, categories.size, `${tag}: ${key}`);
        }
  }
  assert.ok(seen > 60, String(seen));
});

test("a sentence takes the form of its number in English and in Russian, of characters and of words", async () => {
  const [english, russian] = await Promise.all(tags.slice(0, 2).map(tag => wordsOf(tag)));
  const said = (words, key, numbers, level) => numbers.map(count => words.say(key, { count }, level));
  assert.deepEqual(said(english, "status.done", [0, 1, 2, 1234]), [
    "0 characters written.",
    "1 character written.",
    "2 characters written.",
    "1,234 characters written.",
  ]);
  assert.deepEqual(said(english, "status.done", [1, 5], "words"), ["1 word written.", "5 words written."]);
  const numbers = [0, 1, 2, 5, 11, 21, 101, 1002];
  assert.deepEqual(said(russian, "status.writing", numbers), [
    "0 символов",
    "1 символ",
    "2 символа",
    "5 символов",
    "11 символов",
    "21 символ",
    "101 символ",
    "1\u00a0002 символа",
  ]);
  assert.deepEqual(
    said(russian, "status.writing", numbers.slice(0, 7), "words").map(text => text.replace(/\d+ /, "")),
    ["слов", "слово", "слова", "слов", "слов", "слово", "слово"],
  );
  assert.equal(english.say("train.estimate", { updates: 1, time: "2 s" }), "1 update takes about 2 s here.");
  assert.equal(english.say("counting.about", { units: 64, parameters: 1 }), "64 units, 1 parameter");
  assert.equal(russian.say("counting.seen", { context: "то", times: 22, followers: "«т»" }), "«то» встречается 22 раза; дальше «т»");
  assert.equal(russian.say("facts.size.value", { layers: 1, hidden: 64 }), "1 слой × 64 нейрона");
  assert.equal(russian.say("status.writing", { count: "7" }), "7 символов"); // a number that was written already
  assert.equal(english.say("status.writing", { count: "$1" }), "$1 characters"); // what is no number has the last form, as it is
});

test("numbers are written as the language writes them, and text as it is", async () => {
  const russian = await wordsOf("ru");
  assert.equal(russian.say("branch.start", { temperature: "0,8", seed: "4294967295" }), "T = 0,8, seed 4294967295");
  assert.equal(russian.say("cell.of", { last: 1023 }), "от 0 до 1\u00a0023");
  assert.equal(russian.say("quoted", { text: "й" }), "«й»");
});

test("Russian sentences have Russian quotation marks and the lesson's words", () => {
  for (const part of all)
    for (const [key, sentence] of Object.entries(read(`ru${part}`))) {
      assert.doesNotMatch(sentence, part === ".errors" ? /[“”„]/ : /[“”„"]/, key); // " stands in code
      assert.doesNotMatch(sentence, /(^|[^а-яё])(знак(?!ом)|зерн|вложени|обрезк|письмо)/i, key);
    }
});

test("every word that the page asks for exists, and every word that exists is asked for", () => {
  const sources = readdirSync(new URL("web/", root), { recursive: true })
    .filter(name => /\.(js|html)$/.test(name))
    .map(name => readFileSync(new URL(`web/${name}`, root), "utf8"))
    .join("\n");
  const keys = [...OF_A_LANGUAGE, ...parts.flatMap(part => Object.keys(read(`en${part}`)))];
  const asked = [...sources.matchAll(/(?:say\(\s*"|data-(?:text|label)=")([\w.]+)"/g)].map(match => match[1]);
  for (const key of asked) assert.ok(keys.includes(key), `no words for ${key}`);
  const begun = [...sources.matchAll(/[(, ]`([\w.]+\.)\$\{/g)].map(match => match[1]);
  for (const key of keys) assert.ok(sources.includes(`"${key}"`) || begun.some(start => key.startsWith(start)), `nobody asks for ${key}`);
});

// ---- errors ----

test("every message that can reach the page is translated, with its places; nothing else is", () => {
  const said = messages();
  assert.ok(said.length > 250, String(said.length));
  const names = readdirSync(new URL("web/", root), { recursive: true }).filter(name => name.endsWith(".js"));
  const sources = names.map(name => readFileSync(new URL(`web/${name}`, root), "utf8"));
  const recipe = readFileSync(new URL("src/recipe.c", root), "utf8");
  for (const tag of tags) {
    const words = read(`${tag}.errors`);
    const keys = Object.keys(words).filter(key => !OF_A_LANGUAGE.includes(key));
    if (tag !== "en" && !words["language.incomplete"])
      assert.deepEqual(
        said.filter(message => !keys.includes(message)),
        [],
        `web/lang/${tag}.errors.json lacks these`,
      );
    for (const key of keys) {
      assert.deepEqual(placesOf(words[key]), placesOf(key), `${tag}: ${key}`);
      // one of them, or what is said in a place of one
      assert.ok(said.includes(key) || [...sources, recipe].some(source => source.includes(`"${key}"`)), `${tag}: nobody says ${key}`);
    }
  }
});

const ERRORS = [
  [
    new RnnError("E_RANGE", "the text has 1234 tokens; of this network at most 1001 are kept"),
    "В тексте 1234 токена; у этой сети хранится не больше 1001.",
  ],
  [new RnnError("E_TRUNCATED", "the file ends within rnn.bias_ih_l0"), "Файл обрезан. Файл кончается внутри rnn.bias_ih_l0."],
  [
    new RnnError("E_SHAPE", "net.safetensors: rnn.weight_ih_l0 is (4, 3), expected (8, 3)", "Open it with load()."),
    "В файле нет подходящей сети. net.safetensors: rnn.weight_ih_l0: форма (4, 3), ожидалась (8, 3). Откройте её с помощью load().",
  ],
  [
    new RnnError("E_HTML", "https://a.b/c.wasm (200, text/html) is a web page, not a WebAssembly module"),
    "https://a.b/c.wasm (200, text/html): это веб-страница, а не модуль WebAssembly.",
  ],
  [new RnnError("E_RANGE", "batch is 0; it must be a whole number from 1 to 65536"), "batch: 0, а нужно целое число от 1 до 65536."],
  [
    new RnnError("E_CHECKPOINT", "the file is no checkpoint of a training with its text in it: the file has no tensor text of U8"),
    "Этот файл — не контрольная точка обучения вместе с текстом: в файле нет тензора text типа U8.",
  ],
  [new RnnError("E_TEXT", "line 3: nothing stands behind the tab"), "Строка 3: после табуляции ничего нет."],
  [
    new RnnError("E_STORAGE", "the browser has no room left to keep the network"),
    "У браузера не осталось места, чтобы сохранить сеть.",
  ],
  [new RnnError("E_WORKER", "the worker ended: Script error"), "Рабочий поток завершился: Script error."],
  [new Error("the moon is down"), "The moon is down."], // nobody has translated this one
  [new Error("constructor"), "constructor."],
];

test("an error is said in Russian: its numbers stay, a file's name in front, a message within another", async () => {
  const words = await wordsOf("ru");
  for (const [error, said] of ERRORS) assert.ok((await translated(words, error)).endsWith(said), await translated(words, error));
});

test("in English an error is said as it is: its kind, what it is, what to do; each ends as a sentence, numbers in their form", async () => {
  const words = await wordsOf("en");
  assert.equal(
    await translated(words, new RnnError("E_TEXT", "it is empty", "Paste one.")),
    `${words.say("error.E_TEXT")} It is empty. Paste one.`,
  );
  assert.equal(await translated(words, "no luck!"), "No luck!");
  assert.equal(await translated(words, new Error("a.txt is empty")), "a.txt is empty.");
  const said = await translated(words, new RnnError("E_NETWORK", "x.bin broke off after 1 bytes: the line is dead"));
  assert.ok(said.endsWith(" x.bin broke off after 1 byte: the line is dead."), said);
});

test("a hostile message is read in no time, and said", async () => {
  const words = await wordsOf("ru");
  for (const text of [": a is b".repeat(240), "is ; it must be from to ".repeat(80), "x".repeat(1e6), "the file ends within ".repeat(90)])
    assert.equal((await translated(words, new Error(text))).length > 100, true);
});
