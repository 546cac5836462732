// SPDX-License-Identifier: MIT
//
// node scripts/pattern_examples.mjs NAME OUT [CORPORA]
//
// Writes OUT/NAME.train.txt and OUT/NAME.held-out.txt: examples, a line each (what is read, a tab, what is written). No input stands in
// both. roman, dates, numbers-ru and numbers-en are made here and have exact answers; the others are made of CORPORA, whose files
// FILES below names.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const SEED = 7;

/** Numbers in [0, 1), the same ones each time (Park and Miller 1988). */
function diceOf(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
}

/** The list in another order (Fisher and Yates 1938). */
function shuffled(list, dice) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const k = Math.floor(dice() * (i + 1));
    [all[i], all[k]] = [all[k], all[i]];
  }
  return all;
}

// ---- numbers ----

const ROMAN = { M: 1000, CM: 900, D: 500, CD: 400, C: 100, XC: 90, L: 50, XL: 40, X: 10, IX: 9, V: 5, IV: 4, I: 1 };

export function roman(number) {
  let text = "";
  for (const [sign, value] of Object.entries(ROMAN)) for (; number >= value; number -= value) text += sign;
  return text;
}

const EN_SMALL =
  " one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const EN_TENS = "  twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** 1 to 999 in English words. */
function englishBelowThousand(n) {
  const [hundreds, rest] = [Math.floor(n / 100), n % 100];
  const tens = rest < 20 ? EN_SMALL[rest] : EN_TENS[Math.floor(rest / 10)] + (rest % 10 ? `-${EN_SMALL[rest % 10]}` : "");
  return [hundreds && `${EN_SMALL[hundreds]} hundred`, tens].filter(Boolean).join(" ");
}

/** 1 to 999,999. @param {number} n */
export function english(n) {
  const [thousands, rest] = [Math.floor(n / 1000), n % 1000];
  return [thousands && `${englishBelowThousand(thousands)} thousand`, rest && englishBelowThousand(rest)].filter(Boolean).join(" ");
}

const RU_SMALL = (
  " один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать " +
  "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split(" ");
const RU_TENS = "  двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split(" ");
const RU_HUNDREDS = " сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split(" ");

/** 1 to 999 in Russian words; a thousand is feminine: одна, две. @param {number} n @param {boolean} feminine */
function russianBelowThousand(n, feminine) {
  const rest = n % 100;
  const last = rest < 20 ? rest : rest % 10;
  const one = feminine && last === 1 ? "одна" : feminine && last === 2 ? "две" : RU_SMALL[last];
  return [RU_HUNDREDS[Math.floor(n / 100)], rest >= 20 && RU_TENS[Math.floor(rest / 10)], one].filter(Boolean).join(" ");
}

/** The form that a counted word has behind n: 1 тысяча, 2 тысячи, 5 тысяч. */
function thousandBehind(n) {
  const [last, lastTwo] = [n % 10, n % 100];
  if (lastTwo > 10 && lastTwo < 20) return "тысяч";
  return last === 1 ? "тысяча" : last > 1 && last < 5 ? "тысячи" : "тысяч";
}

/** 1 to 999,999. @param {number} n */
export function russian(n) {
  const [thousands, rest] = [Math.floor(n / 1000), n % 1000];
  const first = thousands && `${russianBelowThousand(thousands, true)} ${thousandBehind(thousands)}`;
  return [first, rest && russianBelowThousand(rest, false)].filter(Boolean).join(" ");
}

/** All numbers below 1,000 and many of each length above; 997 are held out, 597 of them of six digits. */
function numbers(words) {
  const dice = diceOf(SEED);
  const of = (from, to) => from + Math.floor(dice() * (to - from));
  const drawn = (count, from, to) => Array.from({ length: count }, () => of(from, to));
  const heldOut = new Set([...drawn(600, 100_000, 1_000_000), ...drawn(200, 10_000, 100_000), ...drawn(200, 1000, 10_000)]);
  const small = Array.from({ length: 999 }, (_, i) => i + 1);
  const large = [...drawn(9000, 1000, 10_000), ...drawn(15_000, 10_000, 100_000), ...drawn(30_000, 100_000, 1_000_000)];
  const train = [...new Set([...small, ...large])].filter(n => !heldOut.has(n));
  const lines = list => list.map(n => [String(n), words(n)]);
  return { train: lines(train), heldOut: lines([...heldOut]) };
}

/** 1 to 3999; 400 of those from 100 on are held out: of the few below, none could be learnt from the others. */
function romans() {
  const lines = Array.from({ length: 3999 }, (_, i) => [String(i + 1), roman(i + 1)]);
  const { train, heldOut } = parted(lines.slice(99), 400);
  return { train: [...lines.slice(0, 99), ...train], heldOut };
}

// ---- dates ----

const EN_MONTHS = "January February March April May June July August September October November December".split(" ");
const RU_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(" ");

/** Six spellings of a day. */
function spellings(day, month, year) {
  const two = n => String(n).padStart(2, "0");
  return [
    `${day} ${RU_MONTHS[month - 1]} ${year}`,
    `${day} ${RU_MONTHS[month - 1]} ${year} года`,
    `${two(day)}.${two(month)}.${year}`,
    `${day} ${EN_MONTHS[month - 1]} ${year}`,
    `${EN_MONTHS[month - 1]} ${day}, ${year}`,
    `${day}.${roman(month)}.${year}`,
  ];
}

/** Days of 1900 to 2099, each in one of the spellings. */
function dates() {
  const dice = diceOf(SEED);
  const lines = new Map();
  while (lines.size < 31_000) {
    const date = new Date(Date.UTC(1900, 0, 1 + Math.floor(dice() * 73_049)));
    const [day, month, year] = [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear()];
    lines.set(spellings(day, month, year)[Math.floor(dice() * 6)], date.toISOString().slice(0, 10));
  }
  return parted([...lines], 1000);
}

// ---- what is made of corpora ----

/** Examples in another order, the last ones held out. */
function parted(examples, heldOut) {
  const all = shuffled(examples, diceOf(SEED));
  return { train: all.slice(0, -heldOut), heldOut: all.slice(-heldOut) };
}

/** Each surname of 18 languages once a language. */
function surnames(corpora) {
  const files = readdirSync(join(corpora, FILES.names)).filter(name => name.endsWith(".txt"));
  const pairs = new Set();
  for (const file of files)
    for (const name of readFileSync(join(corpora, FILES.names, file), "utf8")
      .split("\n")
      .map(line => line.trim()))
      if (name) pairs.add(`${name}\t${file.slice(0, -4)}`);
  return [...pairs].sort().map(pair => pair.split("\t"));
}

/** Names that several languages have stay on one side. */
function bySurname(corpora) {
  const pairs = surnames(corpora);
  const names = shuffled([...new Set(pairs.map(([name]) => name))], diceOf(SEED));
  const heldOut = new Set(names.slice(0, 1800));
  return { train: pairs.filter(([name]) => !heldOut.has(name)), heldOut: pairs.filter(([name]) => heldOut.has(name)) };
}

const DIGITS = {
  ru: "ноль один два три четыре пять шесть семь восемь девять".split(" "),
  en: "zero one two three four five six seven eight nine".split(" "),
};

/** Pictures of 28 x 28 bytes as base64, and the digit's name. */
function digits(corpora, language) {
  const read = name => gunzipSync(readFileSync(join(corpora, FILES.digits, name)));
  const pictures = read("t10k-images-idx3-ubyte.gz").subarray(16);
  const labels = read("t10k-labels-idx1-ubyte.gz").subarray(8);
  const lines = Array.from(labels, (label, i) => [pictures.subarray(784 * i, 784 * (i + 1)).toString("base64"), DIGITS[language][label]]);
  return { train: lines.slice(0, 8000), heldOut: lines.slice(8000) };
}

/** Where the corpora lie; weights/README.md says whose they are. */
const FILES = { names: "names", digits: "mnist" };

/** The text that the project ships, in small letters and blanks: no examples, but a text. */
function letters() {
  const text = readFileSync(new URL("../texts/shakespeare-like.txt", import.meta.url), "utf8");
  const plain = text.toLowerCase().replace(/[^a-z]+/g, " ");
  const cut = Math.floor(0.9 * plain.length);
  return { train: plain.slice(0, cut), heldOut: plain.slice(cut) };
}

const TASKS = {
  letters,
  roman: romans,
  dates,
  "numbers-en": () => numbers(english),
  "numbers-ru": () => numbers(russian),
  "surname-language": bySurname,
  "language-surname": corpora => {
    const { train, heldOut } = bySurname(corpora);
    const turned = list => list.map(([name, language]) => [language, name]);
    return { train: turned(train), heldOut: turned(heldOut) };
  },
  "digits-en": corpora => digits(corpora, "en"),
  "digits-ru": corpora => digits(corpora, "ru"),
};

function main([name, out, corpora = "."]) {
  const make = TASKS[name];
  if (!make || !out) {
    console.error(`usage: node scripts/pattern_examples.mjs NAME OUT [CORPORA]; the names are ${Object.keys(TASKS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const { train, heldOut } = make(corpora);
  const text = made => (typeof made === "string" ? made : made.map(example => `${example.join("\t")}\n`).join(""));
  writeFileSync(join(out, `${name}.train.txt`), text(train));
  writeFileSync(join(out, `${name}.held-out.txt`), text(heldOut));
  console.error(
    `${name}: ${train.length} ${typeof train === "string" ? "characters" : "examples"} to train on, ${heldOut.length} held out`,
  );
}

if (process.argv[1]?.endsWith("pattern_examples.mjs")) main(process.argv.slice(2));
