// SPDX-License-Identifier: MIT
//
// node scripts/pattern_examples.mjs NAME OUT [CORPORA]
//
// Writes OUT/NAME.train.txt and OUT/NAME.held-out.txt: examples, a line each (what is read, a tab, what is written). No input stands in
// both. roman, dates, numbers-ru and numbers-en are those of the page's trainings and have exact answers; the others are made of
// CORPORA, whose files FILES below names.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { shuffled } from "../web/trainer/dice.js";
import { digitNames } from "../web/trainer/numerals.js";
import { tasks } from "../web/trainer/tasks.js";

// ---- what is made of corpora ----

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
  const names = shuffled([...new Set(pairs.map(([name]) => name))]);
  const heldOut = new Set(names.slice(0, 1800));
  return { train: pairs.filter(([name]) => !heldOut.has(name)), heldOut: pairs.filter(([name]) => heldOut.has(name)) };
}

/** Pictures of 28 x 28 bytes as base64, and the digit's name. */
function digits(corpora, language) {
  const read = name => gunzipSync(readFileSync(join(corpora, FILES.digits, name)));
  const pictures = read("t10k-images-idx3-ubyte.gz").subarray(16);
  const labels = read("t10k-labels-idx1-ubyte.gz").subarray(8);
  const lines = Array.from(labels, (label, i) => [
    pictures.subarray(784 * i, 784 * (i + 1)).toString("base64"),
    digitNames[language][label],
  ]);
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
  ...Object.fromEntries(["roman", "dates", "numbers-en", "numbers-ru"].map(name => [name, tasks[name].make])),
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
