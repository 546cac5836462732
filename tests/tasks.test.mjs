// SPDX-License-Identifier: MIT
//
// What can be learnt without a corpus: how many examples there are, that none stands on both sides, and that they are right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleDefaults } from "../web/core/examples.js";
import { lessonOfTask, tasks } from "../web/trainer/tasks.js";

const DIGITS = {
  en: "zero one two three four five six seven eight nine".split(" "),
  ru: "ноль один два три четыре пять шесть семь восемь девять".split(" "),
};

/** A task's examples: no input twice, and the same ones each time. */
async function made(name) {
  const { train, heldOut } = await tasks[name].make();
  const inputs = [...train, ...heldOut].map(([input]) => input);
  assert.equal(new Set(inputs).size, inputs.length, name);
  assert.ok(
    [...train, ...heldOut].every(([input, answer]) => input && answer && !/[\t\n\r\0]/.test(input + answer)),
    name,
  );
  return { train, heldOut, all: [...train, ...heldOut], answers: new Map([...train, ...heldOut]) };
}

test("Roman numerals are those of 1 to 3999", async () => {
  const { train, heldOut, answers } = await made("roman");
  assert.deepEqual([train.length, heldOut.length], [3599, 400]);
  assert.deepEqual(
    ["1", "4", "9", "14", "40", "90", "400", "1944", "1999", "2026", "3999"].map(year => answers.get(year)),
    "I IV IX XIV XL XC CD MCMXLIV MCMXCIX MMXXVI MMMCMXCIX".split(" "),
  );
  assert.ok(heldOut.every(([number]) => Number(number) >= 100));
});

test("dates in six spellings are days of 1900 to 2099", async () => {
  const { train, heldOut, all } = await made("dates");
  assert.deepEqual([train.length, heldOut.length], [30_000, 1000]);
  const years = all.map(([, iso]) => Number(iso.slice(0, 4)));
  assert.deepEqual([Math.min(...years), Math.max(...years)], [1900, 2099]);
  const english = all.filter(([date]) => /^[A-Z]\w+ \d/.test(date));
  assert.ok(english.length > 4000, String(english.length));
  for (const [date, iso] of english) assert.equal(new Date(`${date} UTC`).toISOString().slice(0, 10), iso);
  for (const [spelling, share] of [
    [/^\d+ \p{Script=Cyrillic}+ \d{4}$/u, 1 / 6],
    [/ года$/, 1 / 6],
    [/^\d\d\.\d\d\.\d{4}$/, 1 / 6],
    [/^\d+ [A-Z]\w+ \d{4}$/, 1 / 6],
    [/^\d+\.[IVX]+\.\d{4}$/, 1 / 6],
  ])
    assert.ok(Math.abs(all.filter(([date]) => spelling.test(date)).length / all.length - share) < 0.02, String(spelling));
});

test("numbers up to six digits are told in English and Russian words", async () => {
  const english = await made("numbers-en");
  const russian = await made("numbers-ru");
  for (const { train, heldOut } of [english, russian]) {
    assert.deepEqual([train.length, heldOut.length], [49_661, 1000]);
    assert.equal(heldOut.filter(([number]) => number.length === 6).length, 600);
  }
  assert.equal(english.answers.get("119"), "one hundred nineteen");
  assert.equal(russian.answers.get("119"), "сто девятнадцать");
  const said = Object.fromEntries(english.all.map(([number, words]) => [words, number]));
  assert.equal(Object.keys(said).length, english.all.length, "no two numbers have the same words");
  const thousands = { 1: "одна тысяча", 2: "две тысячи", 5: "пять тысяч", 11: "одиннадцать тысяч", 21: "двадцать одна тысяча" };
  for (const [count, words] of Object.entries(thousands)) {
    const ofThem = russian.all.filter(([number]) => Math.floor(number / 1000) === Number(count));
    assert.ok(ofThem.length > 3 && ofThem.every(([, answer]) => answer.startsWith(words)), words);
  }
});

test("pictures of digits have their names", async () => {
  for (const language of ["en", "ru"]) {
    const { train, heldOut, all } = await made(`digits-${language}`);
    assert.ok(train.length >= 1000 && heldOut.length >= 300, `${train.length} ${heldOut.length}`);
    assert.ok(all.every(([picture]) => Buffer.from(picture, "base64").length === 784));
    assert.deepEqual([...new Set(all.map(([, name]) => name))].sort(), [...DIGITS[language]].sort());
  }
});

test("invented surnames: hundreds of each of 18 languages, each once", async () => {
  const { train, heldOut, all } = await made("surname-language");
  const counts = Object.groupBy?.(all, ([, language]) => language) ?? {};
  const languages = [...new Set(all.map(([, language]) => language))];
  assert.equal(languages.length, 18);
  for (const language of languages) {
    const count = counts[language]?.length ?? all.filter(([, other]) => other === language).length;
    assert.ok(count > 300, `${language} ${count}`);
  }
  assert.ok(train.length > 8 * heldOut.length && heldOut.length > 500);
});

test("vowels are struck out of lines, and nothing else", async () => {
  const { train, heldOut, all } = await made("vowels-en");
  assert.ok(train.length > 2000);
  assert.equal(heldOut.length, 100);
  for (const [struck, line] of all) assert.equal(line.replace(/[aeiou]/g, "*"), struck);
  assert.equal(tasks["vowels-en"].settings.delay, 4);
});

test("a task is a lesson with settings that the library knows; what is none is refused with the names of those that are", async () => {
  const { examples, settings, name } = await lessonOfTask("roman");
  assert.deepEqual([name, settings.pattern, examples.heldOut.length], ["roman", "sequence", 400]);
  for (const { settings, pattern } of Object.values(tasks))
    for (const name of Object.keys({ pattern, ...settings })) assert.ok(name in exampleDefaults, name);
  for (const wrong of ["letters", "toString", "", undefined])
    await assert.rejects(lessonOfTask(wrong), error => error.code === "E_ARGUMENT" && /roman, dates/.test(error.hint));
});
