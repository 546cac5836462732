// SPDX-License-Identifier: MIT
//
// node scripts/measure_patterns.mjs CORPORA [NAME...]
//
// What weights/README.md says of the networks that answer and nextchar score does not measure: vowels alone, the digit of a caption,
// a language after the first letters, translations; each beside what counting or the nearest example reaches.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadPattern } from "../web/core/pattern.js";
import { VOWELS, examplesOf } from "./pattern_examples.mjs";
import { digitNames } from "../web/trainer/numerals.js";
import { RU_FIGURES } from "./pictures.mjs";

const percent = (part, whole) => `${part} of ${whole} (${((100 * part) / whole).toFixed(2)} %)`;
const count = (list, isCounted) => list.reduce((sum, item) => sum + Number(isCounted(item)), 0);
const share = (list, isCounted) => percent(count(list, isCounted), list.length);

/** The key with the highest count; of equals the first. @param {Map<string, number>} counts */
const mostOf = counts => [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
const countUp = (counts, key, by = 1) => counts.set(key, (counts.get(key) ?? 0) + by);

/** Where the network lies: shipped, or made here alone. */
function open(name) {
  const places = ["weights/patterns", "build/weights/patterns"].map(folder =>
    fileURLToPath(new URL(`../${folder}/${name}.safetensors`, import.meta.url)),
  );
  const path = places.find(existsSync);
  if (!path) throw new Error(`there is no network ${name}; scripts/train_patterns.sh ${name} makes it`);
  return loadPattern(path);
}

// ---- many-to-one ----

/** The language right after some letters, or at the end of a shorter name. */
function afterLetters(pattern, { heldOut }) {
  const said = heldOut.map(([read, language]) => ({ labels: [...pattern.units(read)].map(({ label }) => label), language }));
  for (const [when, letters] of Object.entries({ "after one letter": 1, "after six": 6, "at the end": Infinity })) {
    const isRight = ({ labels, language }) => labels[Math.min(letters, labels.length) - 1] === language;
    console.log(`  ${when}: ${share(said, isRight)}`);
  }
}

/** Multinomial, of words in small letters, one added to each count. */
export function naiveBayes(train) {
  const wordsOf = text => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
  const classes = new Map();
  const vocabulary = new Set();
  for (const [read, label] of train) {
    if (!classes.has(label)) classes.set(label, { examples: 0, words: 0, counts: new Map() });
    const one = classes.get(label);
    one.examples++;
    for (const word of wordsOf(read)) {
      vocabulary.add(word);
      countUp(one.counts, word);
      one.words++;
    }
  }
  return read => {
    const scores = new Map();
    for (const [label, { examples, words, counts }] of classes) {
      const logs = wordsOf(read).map(word => Math.log(((counts.get(word) ?? 0) + 1) / (words + vocabulary.size)));
      scores.set(
        label,
        logs.reduce((a, b) => a + b, Math.log(examples / train.length)),
      );
    }
    return mostOf(scores);
  };
}

function topics(pattern, { train, heldOut }) {
  const counted = naiveBayes(train);
  console.log(`  the network: ${share(heldOut, ([read, topic]) => pattern.answer(read) === topic)}`);
  console.log(`  naive Bayes of words: ${share(heldOut, ([read, topic]) => counted(read) === topic)}`);
}

// ---- synchronous ----

/** What stands before a place and, if wanted, as much behind it: from 3 characters down to none. */
function contexts(read, at, behind) {
  const padded = `   ${read}   `;
  return [3, 2, 1, 0].map(width => padded.slice(at + 3 - width, at + 4 + (behind ? width : 0)));
}

/** Places of the vowels. */
const struckOut = read => [...read].flatMap((sign, at) => (sign === "*" ? [at] : []));

/** The most frequent vowel of the widest context that was seen. @param {boolean} behind whether it has what follows */
function contextTable(train, behind) {
  const tables = new Map();
  for (const [read, line] of train)
    for (const at of struckOut(read))
      for (const context of contexts(read, at, behind)) {
        if (!tables.has(context)) tables.set(context, new Map());
        countUp(tables.get(context), line[at]);
      }
  const best = new Map([...tables].map(([context, counts]) => [context, mostOf(counts)]));
  return (read, at) => best.get(contexts(read, at, behind).find(context => best.has(context)));
}

function vowelsAlone(pattern, { train, heldOut }, name) {
  const places = heldOut.map(([read]) => struckOut(read));
  const vowels = places.flat().length;
  const print = (what, say) => {
    const right = heldOut.reduce((sum, [read, line], i) => sum + count(places[i], say(read, line)), 0);
    console.log(`  ${what}: ${percent(right, vowels)}`);
  };
  print("the network, of the vowels alone", (read, line) => {
    const said = [...pattern.answer(read)];
    return at => said[at] === line[at];
  });
  const counts = new Map();
  for (const [, line] of train) for (const [vowel] of line.matchAll(VOWELS[name.includes("-ru") ? "ru" : "en"])) countUp(counts, vowel);
  const frequent = mostOf(counts);
  print(`the most frequent vowel, ${frequent}`, (_, line) => at => line[at] === frequent);
  for (const [what, behind] of Object.entries({ "before alone": false, "on each side": true })) {
    const guess = contextTable(train, behind);
    print(`a table of 3 characters ${what}`, (read, line) => at => guess(read, at) === line[at]);
  }
}

// ---- pictures ----

/** Squared, or some number above the least one. */
function distance(a, b, least) {
  let sum = 0;
  for (let i = 0; i < a.length && sum < least;) {
    for (const stop = i + 28; i < stop; i++) {
      const d = a[i] - b[i];
      sum += d * d;
    }
  }
  return sum;
}

/** What the nearest picture is called. */
function nearestPicture(train) {
  const known = train.map(([read, said]) => ({ picture: Buffer.from(read, "base64"), said }));
  return picture => {
    let least = Infinity;
    let nearest = "";
    for (const other of known) {
      const far = distance(picture, other.picture, least);
      if (far < least) [least, nearest] = [far, other.said];
    }
    return nearest;
  };
}

const MOST_NEAREST = 1000; // pictures whose nearest one is looked for: each is held against all

function nearestOf({ train, heldOut }) {
  const first = heldOut.slice(0, MOST_NEAREST);
  const nearest = nearestPicture(train);
  console.log(`  the nearest picture, of the first: ${share(first, ([read, said]) => nearest(Buffer.from(read, "base64")) === said)}`);
}

function pictureAnswers(pattern, { heldOut }) {
  return heldOut.map(([read, wanted]) => ({ said: pattern.answer(Buffer.from(read, "base64")), wanted }));
}

function captions(pattern, examples) {
  const answers = pictureAnswers(pattern, examples);
  const known = new Set(examples.train.map(([, said]) => said));
  const digits = [...digitNames.en, ...RU_FIGURES];
  const parts = {
    "whole captions": text => text,
    digits: text => text.split(" ").find(word => digits.includes(word)),
    weights: text => text.slice(0, text.startsWith("a ") ? 5 : 4),
    slants: text => text.split(" ").at(-1),
  };
  for (const [name, part] of Object.entries(parts))
    console.log(`  ${name}: ${share(answers, ({ said, wanted }) => part(said) === part(wanted))}`);
  console.log(`  said as an example says it: ${share(answers, ({ said }) => known.has(said))}`);
  nearestOf(examples);
}

function phrases(pattern, examples) {
  const answers = pictureAnswers(pattern, examples);
  console.log(`  exact: ${share(answers, ({ said, wanted }) => said === wanted)}`);
  nearestOf(examples);
}

// ---- sequence ----

const ORDERS = [1, 2, 3, 4, 5, 6];
const BETA = 2;

function grams(text, order) {
  const counts = new Map();
  for (let i = 0; i + order <= text.length; i++) countUp(counts, text.slice(i, i + order));
  return counts;
}

/** For each order: n-grams that both have, that are said, that are wanted. Blanks do not count. */
function matches(said, wanted) {
  const [a, b] = [said, wanted].map(text => text.replace(/\s/g, ""));
  return ORDERS.map(order => {
    const [of, against] = [grams(a, order), grams(b, order)];
    const both = [...of].reduce((sum, [gram, times]) => sum + Math.min(times, against.get(gram) ?? 0), 0);
    return [both, Math.max(0, a.length - order + 1), Math.max(0, b.length - order + 1)];
  });
}

/** Of the orders that there are, the mean precision and recall, and their F. */
function fScore(table) {
  const mean = of => {
    const orders = table.filter(([, said, wanted]) => said > 0 && wanted > 0);
    return orders.length ? orders.reduce((sum, row) => sum + row[0] / row[of], 0) / orders.length : 0;
  };
  const [precision, recall] = [mean(1), mean(2)];
  return precision + recall > 0 ? (100 * (1 + BETA ** 2) * precision * recall) / (BETA ** 2 * precision + recall) : 0;
}

/** chrF (Popović 2015) of a corpus, n = 1 to 6, beta 2; of several translations the one counts that is nearest to what is said. */
export function chrF(pairs) {
  const total = ORDERS.map(() => [0, 0, 0]);
  for (const { said, translations } of pairs) {
    const tables = translations.map(wanted => matches(said, wanted));
    const best = tables.reduce((a, b) => (fScore(b) > fScore(a) ? b : a));
    best.forEach((row, i) => row.forEach((number, k) => (total[i][k] += number)));
  }
  return fScore(total);
}

/** Insertions, deletions and replacements (Levenshtein 1965). */
export function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++) next[k] = Math.min(row[k] + 1, next[k - 1] + 1, row[k - 1] + Number(a[i - 1] !== b[k - 1]));
    row = next;
  }
  return row[b.length];
}

/** For each text that is read all that may be written, in the order of the examples. */
function translationsOf(examples) {
  const all = new Map();
  for (const [read, written] of examples) all.set(read, [...(all.get(read) ?? []), written]);
  return all;
}

function nearestSentence(train) {
  const known = [...translationsOf(train)];
  return read => {
    let least = Infinity;
    let nearest = "";
    for (const [other, [first]] of known) {
      if (Math.abs(other.length - read.length) >= least) continue;
      const far = editDistance(read, other);
      if (far < least) [least, nearest] = [far, first];
    }
    return nearest;
  };
}

function translations(pattern, { train, heldOut }) {
  const wanted = [...translationsOf(heldOut)];
  const nearest = nearestSentence(train);
  const ways = {
    greedy: read => pattern.answer(read),
    "beam 4": read => pattern.answer(read, { beam: 4 }),
    "the nearest sentence's": nearest,
  };
  for (const [way, translate] of Object.entries(ways)) {
    const pairs = wanted.map(([read, translations]) => ({ said: translate(read), translations }));
    const [any, first] = [pair => pair.translations.includes(pair.said), pair => pair.translations[0] === pair.said];
    const exact = `${percent(count(pairs, any), pairs.length)} one of the translations, ${count(pairs, first)} the first one`;
    console.log(`  ${way}: ${exact}; chrF ${chrF(pairs).toFixed(1)}`);
  }
}

const MEASURES = {
  "digits-styled-en": captions,
  "digits-styled-ru": captions,
  "clothes-en": phrases,
  "clothes-ru": phrases,
  "surname-language": afterLetters,
  "surname-language-each": afterLetters,
  "headline-topic": topics,
  "vowels-en": vowelsAlone,
  "vowels-ru": vowelsAlone,
  "vowels-en-now": vowelsAlone,
  "vowels-ru-now": vowelsAlone,
  "english-french": translations,
};

async function main([corpora, ...names]) {
  const unknown = names.find(name => !Object.hasOwn(MEASURES, name));
  if (!corpora || unknown) {
    console.error(`usage: node scripts/measure_patterns.mjs CORPORA [NAME...]; the names are ${Object.keys(MEASURES).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  for (const name of names.length ? names : Object.keys(MEASURES)) {
    console.log(name);
    MEASURES[name](await open(name), examplesOf(name, corpora), name);
  }
}

if (process.argv[1]?.endsWith("measure_patterns.mjs")) await main(process.argv.slice(2));
