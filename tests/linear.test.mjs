// SPDX-License-Identifier: MIT
//
// No text takes more time than its length explains: 5 MB of each of many nasty shapes go through all that reads a person's text.
// Each shape has a process of its own with a time limit, which it meets many times over; work that grows with the square of the
// length would take hours.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as corpus from "../scripts/corpus.mjs";
import { RnnError, load } from "../web/core/model.js";
import { Training } from "../web/core/recipe.js";
import { TextIndex } from "../web/core/textindex.js";
import { findLoop } from "../web/story/circle.js";
import { features } from "../web/story/units.js";
import { decode, readText } from "../web/trainer/decoding.js";
import { makeWeights } from "./helpers.mjs";

const LENGTH = 5_000_000; // characters
const MOST_PROMPT = 2 ** 20; // bytes
const LIMIT = 200_000; // milliseconds for a shape

const repeated = piece => piece.repeat(LENGTH / piece.length);
const line = `${"all in the golden afternoon full leisurely we glide".padEnd(60, "e")}\n`;

/** a, ab, aba, abaab, ...: it has as many repeats as a text can have without being periodic. */
function fibonacci() {
  let [before, word] = ["b", "a"];
  while (word.length < LENGTH) [before, word] = [word, word + before];
  return word.slice(0, LENGTH);
}

const shapes = {
  "wrapped prose": () => repeated(line),
  "one line": () => repeated("the cat sat on the mat "),
  spaces: () => repeated(" "),
  "line ends": () => repeated("\n"),
  returns: () => repeated("\r"),
  "a space and a line end": () => repeated(" \n"),
  "a line end and a space": () => repeated("\n "),
  "combining marks": () => repeated("\u0301"),
  "letters with a mark": () => repeated("a\u0301"),
  "one letter": () => repeated("x"),
  "wrapped lines, then spaces": () => line.repeat(4000) + repeated(" "),
  stars: () => repeated("*** "),
  "what is nearly the beginning of a book": () => repeated("\n*** START OF THIS PROJECT GUTENBERG EBOO"),
  "beginnings of books in one line": () => repeated("*** START OF THIS PROJECT GUTENBERG EBOOK "),
  "halves of surrogate pairs": () => repeated("\ud800"),
  emoji: () => repeated("😀"),
  "quotes that nothing closes": () => `${repeated(" 'a")}\n`,
  "numbers, each in a line": () => repeated("1\n"),
  "rows of a table": () => repeated('"a""\n'),
  "letters and NULs": () => repeated("a\0"),
  "a Fibonacci word": fibonacci,
};

/** Does something to an end or to an error that says what is wrong. */
async function tried(work) {
  try {
    return await work();
  } catch (error) {
    assert.ok(error instanceof RnnError, error.stack);
  }
}

async function lastOf(generator) {
  let result;
  do result = await generator.next();
  while (!result.done);
}

const SMALL = { hidden: 4, embedding: 2, batch: 2, window: 4, passes: 1, vocabulary: 0 };

/** What a training does with its text before it learns. */
async function prepared(text, level) {
  const training = await tried(() => Training.begin(text, { ...SMALL, level }));
  if (!training) return;
  training.update();
  training.window(2);
  await lastOf(training.heldOut());
  await lastOf(training.markov());
}

const cleaners = [
  ...["tidyBlanks", "joinSpacedLetters", "plainPunctuation", "oneAlphabetPerWord", "restoreLineBreaks", "withoutFootnotes"],
  ...["withoutAppendices", "isRussianLine", "joinWrappedLines", "newsLines", "asciiPunctuation", "withoutStress"],
];

/** All that is done with a text. */
async function use(text) {
  const bytes = new TextEncoder().encode(text);
  await tried(() => decode(bytes, "a text"));
  await tried(() =>
    decode(
      bytes.map(byte => byte ^ 0x80),
      "what is no UTF-8",
    ),
  );
  await tried(() => readText([new File([bytes], "a.txt"), new File([bytes], "b.txt")]));
  const read = await readText(text);
  for (const level of ["characters", "words"]) await prepared(read.text, level);
  const index = await tried(() => TextIndex.of(text));
  index?.find(text.slice(0, LENGTH / 2) + line + text.slice(0, LENGTH / 2));
  index?.find(`${text.slice(0, 9999)}#`.repeat(LENGTH / 10_000), 10_000);
  const model = await load(makeWeights({ hidden: 2, cell: "tanh" }));
  const prompt = new TextDecoder().decode(bytes.subarray(0, MOST_PROMPT - 8));
  model.score(prompt);
  features(Array.from(text));
  findLoop(text.length, place => text.charCodeAt(place));
  for (const cleaner of cleaners) corpus[cleaner](text);
  corpus.splitTail(text, 0.1);
}

const [shape] = process.argv.slice(2);
if (shape) {
  await use(shapes[shape]());
} else {
  for (const name of Object.keys(shapes))
    test(`5 MB of ${name} take no longer than their length explains`, () => {
      const { status, signal, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], {
        encoding: "utf8",
        timeout: LIMIT,
        killSignal: "SIGKILL",
      });
      assert.equal(signal, null, `it had not ended after ${LIMIT / 1000} s`);
      assert.equal(status, 0, stderr);
    });
}
