// SPDX-License-Identifier: MIT
//
// What the page says in each language: the files of web/lang/ beside each other, and how a sentence takes its numbers.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Words, languages } from "../web/page/words.js";
import { root } from "./helpers.mjs";

const never = new AbortController().signal;
const files = readdirSync(new URL("web/lang/", root)).filter(name => name.endsWith(".json"));
const read = name => JSON.parse(readFileSync(new URL(`web/lang/${name}.json`, root)));
const tags = Object.keys(languages);
const parts = files.map(name => /^en(.*)\.json$/.exec(name)?.[1]).filter(part => part !== undefined);

/** What only some files say: which way the language is written, who translated it, that English is to stand in for what the file lacks. */
const OF_A_LANGUAGE = ["language.direction", "language.note", "language.incomplete"];

/** The words of a language, all parts of them. */
async function wordsOf(tag, level = "characters") {
  const words = new Words();
  await words.use(tag, never);
  for (const part of parts) if (part) await words.more(part.slice(1));
  return Object.assign(words, { level });
}

/** The places of a sentence that have forms: their forms. */
const formsOf = sentence => [...sentence.matchAll(/\{\w+\|([^}]*)\}/g)].map(match => match[1].split("|"));
/** A sentence without its [characters|words]. */
const without = sentence => sentence.replace(/\[[^[|\]]*\|[^[|\]]*\]/g, "");

test("every language has the sentences of the English one, with the same places, and a name", () => {
  assert.deepEqual(files.toSorted(), tags.flatMap(tag => parts.map(part => `${tag}${part}.json`)).toSorted());
  const placesOf = sentence => [...new Set([...sentence.matchAll(/\{(\w+)[|}]/g)].map(match => match[1]))].sort();
  for (const part of parts) {
    const english = read(`en${part}`);
    for (const tag of tags) {
      const words = read(tag + part);
      const keys = Object.keys(words).filter(key => !OF_A_LANGUAGE.includes(key));
      assert.deepEqual(keys, Object.keys(english), tag + part);
      for (const [key, sentence] of keys.map(key => [key, words[key]])) {
        assert.deepEqual(placesOf(sentence), placesOf(english[key]), `${tag}: ${key}`);
        assert.doesNotMatch(without(sentence).replace(/\{\w+(\|[^{}]*)?\}/g, ""), /[[|\]{}]/, `${tag}: ${key}`);
      }
    }
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
    for (const part of parts)
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
  for (const part of parts)
    for (const [key, sentence] of Object.entries(read(`ru${part}`))) {
      assert.doesNotMatch(sentence, /[“”"„]/, key);
      assert.doesNotMatch(sentence, /(^|[^а-яё])(знак(?!ом)|зерн|вложени|обрезк|письмо)/i, key);
    }
});

test("every word that the page asks for exists, and every word that exists is asked for", () => {
  const sources = readdirSync(new URL("web/", root), { recursive: true })
    .filter(name => /\.(js|html)$/.test(name))
    .map(name => readFileSync(new URL(`web/${name}`, root), "utf8"))
    .join("\n");
  const keys = parts.flatMap(part => Object.keys(read(`en${part}`)));
  const asked = [...sources.matchAll(/(?:say\(\s*"|data-(?:text|label)=")([\w.]+)"/g)].map(match => match[1]);
  for (const key of asked) assert.ok(keys.includes(key), `no words for ${key}`);
  const begun = [...sources.matchAll(/[(, ]`([\w.]+\.)\$\{/g)].map(match => match[1]);
  for (const key of keys) assert.ok(sources.includes(`"${key}"`) || begun.some(start => key.startsWith(start)), `nobody asks for ${key}`);
});
