// SPDX-License-Identifier: MIT
//
// node scripts/pattern_examples.mjs NAME OUT [CORPORA]
//
// Writes OUT/NAME.train.txt and OUT/NAME.held-out.txt: examples, a line each (what is read, a tab, what is written). No input stands in
// both. roman, dates, numbers-ru and numbers-en are those of the page's trainings and have exact answers; the others are made of
// CORPORA, whose files FILES and TEXTS below name.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { diceOf, parted, shuffled } from "../web/trainer/dice.js";
import { digitNames } from "../web/trainer/numerals.js";
import { tasks } from "../web/trainer/tasks.js";
import { SIDE, caption, pictures, shifted } from "./pictures.mjs";

// ---- letters ----

/** The text that the project ships, in small letters and blanks: no examples, but a text. */
function letters() {
  const text = readFileSync(new URL("../texts/shakespeare-like.txt", import.meta.url), "utf8");
  const plain = text.toLowerCase().replace(/[^a-z]+/g, " ");
  const cut = Math.floor(0.9 * plain.length);
  return { train: plain.slice(0, cut), heldOut: plain.slice(cut) };
}

// ---- what is made of corpora ----

/** Where the corpora lie; weights/README.md says whose they are. */
const FILES = { names: "names", digits: "mnist", clothes: "fashion-mnist", news: "ag_news", french: "fra_eng/fra-eng.zip" };

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

// ---- pictures ----

/** What is read of a picture is its bytes as base64. */
const pictureLine = (picture, said) => [picture.toString("base64"), said];

const digitPictures = corpora => pictures(join(corpora, FILES.digits), "t10k");
const DIGITS_TRAINED = 8000; // of 10,000

/** @param {"en" | "ru"} language */
function digits(corpora, language) {
  const lines = digitPictures(corpora).map(({ bytes, label }) => pictureLine(bytes, digitNames[language][label]));
  return { train: lines.slice(0, DIGITS_TRAINED), heldOut: lines.slice(DIGITS_TRAINED) };
}

const NEIGHBOURS = [0, 1, -1, SIDE, -SIDE]; // where it is, and a place to the right, left, below, above

/** Captions; what is trained on stands in five places, which changes neither weight nor slant. */
function styledDigits(corpora, language) {
  const lineOf = ({ bytes, label }, by) => pictureLine(shifted(bytes, by), caption(bytes, label, language));
  const all = digitPictures(corpora);
  const train = all.slice(0, DIGITS_TRAINED).flatMap(picture => NEIGHBOURS.map(by => lineOf(picture, by)));
  return { train, heldOut: all.slice(DIGITS_TRAINED).map(picture => lineOf(picture, 0)) };
}

const CLOTHES = {
  en: "a T-shirt,a pair of trousers,a pullover,a dress,a coat,a sandal,a shirt,a sneaker,a bag,an ankle boot".split(","),
  ru: (
    "футболка или топ,пара брюк,тёплый свитер,женское платье,пальто или куртка," +
    "открытая сандалия,рубашка или блузка,спортивная кроссовка,дамская сумка,высокий ботинок"
  ).split(","),
};
const CLOTHES_PACKAGE = "/usr/share/datasets"; // of Debian's dataset-fashion-mnist

/** All of Fashion-MNIST. */
function clothes(corpora, language) {
  const folder = [CLOTHES_PACKAGE, corpora].map(place => join(place, FILES.clothes)).find(existsSync);
  if (!folder) throw new Error(`${FILES.clothes}/ is missing: apt-get install dataset-fashion-mnist, or give the folder that it lies in`);
  const [train, heldOut] = ["train", "t10k"].map(part =>
    pictures(folder, part).map(({ bytes, label }) => pictureLine(bytes, CLOTHES[language][label])),
  );
  return { train, heldOut };
}

// ---- texts without vowels ----

/** Where each text begins and what stands behind its end: titles, notes and terms are left out. */
const TEXTS = {
  en: [
    { file: "books/alice-in-wonderland.txt", from: "CHAPTER I.", until: "End of Project Gutenberg" },
    { file: "books/through-the-looking-glass.txt", from: "CHAPTER I.", until: "End of the Project Gutenberg" },
    { file: "books/sherlock-holmes.txt", from: "ADVENTURE I.", until: "End of the Project Gutenberg" },
    { file: "books/pride-and-prejudice.txt", from: "Chapter 1", until: "End of the Project Gutenberg" },
    { file: "shakespeare/input.txt" },
  ],
  ru: [
    { file: "russian/tolstoy-anna-karenina.txt", from: "Все счастливые семьи", until: "\nnotes\n" },
    { file: "russian/gogol-dead-souls.txt", from: "В ворота гостиницы", until: "\n1\n" },
    { file: "russian/chekhov-prose.txt" },
    ..."Арап Петра Великого,Дубровский,Капитанская дочка,Кирджали,Пиковая дама,Повести Белкина,Рославлев"
      .split(",")
      .map(name => ({ file: `russian/pushkin-prose/${name}.txt` })),
  ],
};
const OTHER_SIGNS = { en: /[^a-z .,!?;:'-]+/, ru: /[^а-яё .,!?;:-]+/ };
export const VOWELS = { en: /[aeiou]/g, ru: /[аеёиоуыэюя]/g };

/** A text in small letters and few signs, in pieces between the signs that are not among them. */
function plainPieces(text, language) {
  const plain = text
    .toLowerCase()
    .normalize("NFD")
    .replaceAll("\u0301", "") // accents of stress
    .normalize("NFC")
    .replace(/[«»„“”"_()]|\[\d+\]/g, "")
    .replace(/[‘’]/g, "'")
    .replace(/…/g, "...")
    .replace(/ ?(--|[–—]) ?/g, " - ")
    .replace(/\s+/g, " ");
  return plain.split(OTHER_SIGNS[language]);
}

/** Lines of 20 to 60 characters, cut at blanks. */
function cutLines(piece, dice) {
  const lines = [];
  let line = "";
  let most = 60;
  for (const word of piece.trim().split(" ")) {
    if (line && line.length + 1 + word.length > most) {
      lines.push(line);
      line = "";
      most = 30 + Math.floor(31 * dice());
    }
    line += (line && " ") + word;
  }
  return [...lines, line].filter(({ length }) => length >= 20 && length <= 60);
}

/** The last 25th of each text is held out, but for lines that the rest has too. */
function vowels(corpora, language) {
  const dice = diceOf();
  const lines = { train: [], heldOut: [] };
  for (const { file, from = "", until } of TEXTS[language]) {
    const text = readFileSync(join(corpora, file), "utf8").replace(/\r\n/g, "\n");
    const [begin, end] = [text.indexOf(from), until ? text.indexOf(until) : text.length];
    if (begin < 0 || end < begin) throw new Error(`${file} has not "${from}" and, behind it, "${until}": it is another edition`);
    const work = text.slice(begin, end);
    const cut = work.indexOf("\n", Math.floor(0.96 * work.length));
    for (const [part, side] of Object.entries({ train: work.slice(0, cut), heldOut: work.slice(cut) }))
      for (const piece of plainPieces(side, language)) lines[part].push(...cutLines(piece, dice));
  }
  const struck = list => [...new Set(list)].map(line => [line.replace(VOWELS[language], "*"), line]);
  const train = struck(lines.train);
  const known = new Set(train.map(([read]) => read));
  return { train: shuffled(train, dice), heldOut: struck(lines.heldOut).filter(([read]) => !known.has(read)) };
}

// ---- news ----

/** Small letters, each digit 0, few signs; no marks of HTML. */
function plainNews(text) {
  const words = text.toLowerCase().replace(/&lt;.*?&gt;|&[a-z#0-9]+;|\\|\s/g, " ");
  return words
    .replace(/\d/g, "0")
    .replace(/[^a-z0 .,'$%?!-]/g, " ")
    .replace(/ +/g, " ")
    .trim();
}

/** A headline and what stands below it: its topic, one of four. */
function headlineTopics(corpora) {
  const read = name => readFileSync(join(corpora, FILES.news, name), "utf8");
  const topics = read("classes.txt").split("\n");
  const rows = read("test.csv").matchAll(/^"(\d)","((?:[^"]|"")*)","((?:[^"]|"")*)"/gm);
  const lines = [...rows].map(([, topic, title, description]) => [plainNews(`${title} ${description}`), topics[Number(topic) - 1]]);
  return parted([...new Map(lines)], 760);
}

// ---- translations ----

/** A file out of a zip file, whose table of contents says where it begins. */
function unzipped(zip, name) {
  const entry = zip.lastIndexOf(name) - 46;
  if (entry < 0 || zip.toString("latin1", entry, entry + 4) !== "PK\x01\x02") throw new Error(`the zip file holds no ${name}`);
  const at = zip.readUInt32LE(entry + 42);
  const begin = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  return inflateRawSync(zip.subarray(begin, begin + zip.readUInt32LE(entry + 20)));
}

const MOST_ENGLISH = 20; // characters

/** Short sentences in small letters; all translations of one stay on one side. */
function englishFrench(corpora) {
  const text = unzipped(readFileSync(join(corpora, FILES.french)), "fra.txt").toString("utf8");
  const plain = text
    .normalize("NFC")
    .replace(/[\u00a0\u2009\u202f]/g, " ")
    .replace(/[‘’]/g, "'")
    .toLowerCase();
  const all = [...new Set(plain.split("\n"))].map(line => line.split("\t"));
  const pairs = all.filter(([english]) => english && english.length <= MOST_ENGLISH);
  const sentences = shuffled([...new Set(pairs.map(([english]) => english))]);
  const heldOut = new Set(sentences.slice(0, 1000));
  return { train: pairs.filter(([english]) => !heldOut.has(english)), heldOut: pairs.filter(([english]) => heldOut.has(english)) };
}

// ---- the command ----

const TASKS = {
  letters,
  ...Object.fromEntries(["roman", "dates", "numbers-en", "numbers-ru"].map(name => [name, tasks[name].make])),
  "surname-language": bySurname,
  "language-surname": corpora => {
    const { train, heldOut } = bySurname(corpora);
    const turned = list => list.map(([name, language]) => [language, name]);
    return { train: turned(train), heldOut: turned(heldOut) };
  },
  "surname-language-each": bySurname,
  "digits-en": corpora => digits(corpora, "en"),
  "digits-ru": corpora => digits(corpora, "ru"),
  "digits-styled-en": corpora => styledDigits(corpora, "en"),
  "digits-styled-ru": corpora => styledDigits(corpora, "ru"),
  "clothes-en": corpora => clothes(corpora, "en"),
  "clothes-ru": corpora => clothes(corpora, "ru"),
  "vowels-en": corpora => vowels(corpora, "en"),
  "vowels-ru": corpora => vowels(corpora, "ru"),
  "vowels-en-now": corpora => vowels(corpora, "en"),
  "vowels-ru-now": corpora => vowels(corpora, "ru"),
  "headline-topic": headlineTopics,
  "english-french": englishFrench,
};

/** What is trained on and what is held out, as [what is read, what is written]; of letters two texts. */
export const examplesOf = (name, corpora) => TASKS[name](corpora);

function main([name, out, corpora = "."]) {
  if (!Object.hasOwn(TASKS, name ?? "") || !out) {
    console.error(`usage: node scripts/pattern_examples.mjs NAME OUT [CORPORA]; the names are ${Object.keys(TASKS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const { train, heldOut } = examplesOf(name, corpora);
  const text = made => (typeof made === "string" ? made : made.map(example => `${example.join("\t")}\n`).join(""));
  writeFileSync(join(out, `${name}.train.txt`), text(train));
  writeFileSync(join(out, `${name}.held-out.txt`), text(heldOut));
  console.error(
    `${name}: ${train.length} ${typeof train === "string" ? "characters" : "examples"} to train on, ${heldOut.length} held out`,
  );
}

if (process.argv[1]?.endsWith("pattern_examples.mjs"))
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`pattern_examples: ${error.message}`);
    process.exitCode = 1;
  }
