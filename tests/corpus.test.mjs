// SPDX-License-Identifier: MIT
// The cleaning of scripts/corpus.mjs, on small invented texts: the corpora themselves are not part of the project.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  aliceWords,
  asciiPunctuation,
  cleanBook,
  cleanProse,
  cleanRussian,
  course,
  courseNews,
  gutenbergBody,
  isRussianLine,
  joinSpacedLetters,
  joinWrappedLines,
  newsLines,
  oneAlphabetPerWord,
  onlyKnownCharacters,
  plainPunctuation,
  pushkin,
  restoreLineBreaks,
  shakespeare,
  sources,
  sourcesBefore,
  splitTail,
  textBefore,
  tidyBlanks,
  tolstoy,
  warAndPeace,
  withoutAppendices,
  withoutFootnotes,
  withoutRareCharacters,
  withoutStress,
} from "../scripts/corpus.mjs";

const script = fileURLToPath(new URL("../scripts/corpus.mjs", import.meta.url));
const utf8 = text => Buffer.from(text);

test("blanks at line ends go, runs of blanks and of empty lines become one", () => {
  assert.equal(tidyBlanks("  a  b \n\n\n\n c\t\n"), "a b\n\nc\n");
});

test("a line with a rare character is dropped, and what becomes rare by that is dropped too", () => {
  // "#" is seen once; without its line "c" is left once, and its line goes as well.
  assert.deepEqual(withoutRareCharacters(["aabb\naac\n", "aa\nac#\n"], 2), ["aabb\n", "aa\n"]);
});

test("the tail is cut at the start of a line and nothing is lost", () => {
  const [head, tail] = splitTail("одна\nдве\nтри\nчетыре\n", 0.4);
  assert.deepEqual([head, tail], ["одна\nдве\n", "три\nчетыре\n"]);
});

test("held-out lines with a character that training never showed are dropped", () => {
  assert.equal(onlyKnownCharacters("ab\nax\nba\n", "ab\n"), "ab\nba\n");
});

test("shakespeare is cut at its last 111,540 bytes and not changed", () => {
  const bytes = Buffer.alloc(111_540 + 3, "b").fill("a", 0, 3);
  const { train, heldOut } = shakespeare([{ bytes }]);
  assert.equal(train, "aaa");
  assert.equal(heldOut, "b".repeat(111_540));
});

test("names with a no-break space after each letter become words", () => {
  assert.equal(
    joinSpacedLetters("П\u00a0у\u00a0ш\u00a0к\u00a0и\u00a0н и Д\u00a0о\u00a0н\u00a0Г\u00a0у\u00a0а\u00a0н"),
    "Пушкин и Дон Гуан",
  );
});

test("dashes, quotes, ellipses, blanks and accents of stress become plain", () => {
  assert.equal(plainPunctuation("за€ полдень\u00a0– “да”… бо\u0301льше"), "за полдень — «да»... больше");
  assert.equal(plainPunctuation("Pe€tri"), "Pe€tri", "an accent broken off a French word stays visible, so that its line can be dropped");
});

test("letters of the other alphabet that only look alike are corrected", () => {
  assert.equal(oneAlphabetPerWord("Cевер, глава ХVII, dandy"), "Север, глава XVII, dandy");
});

test("line breaks that the source lost are put back", () => {
  assert.equal(restoreLineBreaks("БаратынскийЯ поклялся\n* * *Итак, я жил"), "Баратынский\nЯ поклялся\n* * *\nИтак, я жил");
});

test("footnotes and their calls are dropped, other numbers stay", () => {
  const text = "В 1812 году, ma chère 1, было 25 лет 2\nконец[17], к * перевозу.\n1\nмоя дорогая (франц.).\n2\nнота\n\nГлава 2\n";
  assert.equal(withoutFootnotes(text), "В 1812 году, ma chère, было 25 лет\nконец, к * перевозу.\n\n\nГлава 2\n");
});

test("appendices are dropped up to the next chapter or the end", () => {
  assert.equal(
    withoutAppendices("текст\nПримечания к главе первой\n1\nнота\nГлава вторая\nтекст\nИз ранних редакций\nвариант\n"),
    "текст\nГлава вторая\nтекст\n",
  );
});

test("French, broken accents, dates and dots are no Russian lines; numerals and headings are", () => {
  for (const line of ["Il paraît que oui.", "Pe€tri, он же Пётр", "слово trиs", "1833", "1817—1822", "Александр Пушкин", ". . . ."])
    assert.equal(isRussianLine(line), false, line);
  for (const line of ["", "XVIII", "XIII. XIV", "ГЛАВА XVIII", "Как dandy лондонский одет", "В 1812 году"])
    assert.equal(isRussianLine(line), true, line);
});

test("a work loses its title and what follows it, keeps its verse lines and marks strophes", () => {
  const text =
    "  Александр Пушкин\r\n  ПОЭМА\r\n\r\n            Прошло\u00a0сто лет\r\n     Как сон.\r\n" +
    "            Люблю тебя\r\n     Моцарт\r\nДругая вещь\r\n";
  assert.equal(
    cleanRussian({ bytes: utf8(text), titleLines: 2, endsBefore: "Другая вещь", strophes: "by indent" }),
    "Прошло сто лет\nКак сон.\n\nЛюблю тебя\nМоцарт\n",
  );
});

test("the tail of each verse work is held out, prose is all for training", () => {
  const work = (file, letters) => ({
    file,
    titleLines: 1,
    bytes: utf8("ИМЯ\n" + [...letters].map(letter => letter.repeat(20) + "\n").join("")),
  });
  const { train, heldOut } = pushkin([work("prose/а", "жз"), work("verse/б", "абвгдежзик"), work("verse/в", "абвгдежзкж")]);
  const lines = letters => [...letters].map(letter => letter.repeat(20)).join("\n");
  assert.equal(train, `${lines("жз")}\n\n${lines("абвгдежзи")}\n\n${lines("абвгдежзк")}\n`);
  assert.equal(heldOut, `${lines("к")}\n\n${lines("ж")}\n`);
});

test("accents of stress on Russian letters go, French ones stay", () => {
  assert.equal(withoutStress("бóльшая, пáра, délices, áлый"), "большая, пара, délices, алый");
});

test("prose loses blank lines, what follows it, notes, calls, translations and headings, and keeps what editors completed", () => {
  const text =
    "Имя\n\nЗаглавие\n\n\nI\n\n– „Да“,[1] – сказал <он>.\n\nОн ушел 1 вечером.Антон Чехов\nПОВЕСТЬ\nОна пришла.\n   Примечания\n 1\n\n" +
    "вечер (франц.).\nЖили-были (давно).\nКонец\n\nО романе\n";
  const work = { bytes: utf8(text), titleLines: 2, endsBefore: "Конец\n", headings: /Антон Чехов|^ *Примечания$/gm };
  assert.equal(cleanProse(work), "I\n— «Да», — сказал он.\nОн ушел 1 вечером.\nПОВЕСТЬ\nОна пришла.\nЖили-были (давно).\n");
});

test("of Tolstoy's text the last tenth is held out, the tenth before it is for trials", () => {
  const lines = [..."абвгдежзик"].map((_, i) => "абвгдежзик".slice(i) + "абвгдежзик".slice(0, i) + "\n");
  const file = { titleLines: 1, bytes: utf8("ИМЯ\n" + lines.join("")) };
  assert.deepEqual(tolstoy([file]), { train: lines.slice(0, 8).join(""), heldOut: lines[9] });
  assert.deepEqual(tolstoy([file], true), { train: lines.slice(0, 8).join(""), heldOut: lines[8] });
});

test("War and Peace is cut into 100 streams with two bytes for a line end, and 80, 10 and 10 % of the blocks of each", () => {
  // 31 blocks of 100 bytes in each stream, and 9,999 bytes more; a block is a letter, a number and a line end of two bytes.
  const blocks = Array.from({ length: 3100 }, (_, i) => `${"ABC"[i % 3]}${String(i).padStart(97, "0")}\n`);
  const file = { bytes: utf8(blocks.join("") + "x".repeat(9_999)) };
  const parts = (from, to) => blocks.filter((_, i) => i % 31 >= from && i % 31 < to).join("");
  assert.deepEqual(warAndPeace([file]), { train: parts(0, 24), heldOut: parts(27, 31) });
  assert.deepEqual(warAndPeace([file], true), { train: parts(0, 24), heldOut: parts(24, 27) });
});

test("a book is what stands between Project Gutenberg's header and footer", () => {
  const book =
    "Project Gutenberg's Book\n*** START OF THIS PROJECT GUTENBERG EBOOK ***\nTITLE\n\nCHAPTER I. One\n\nText\n\n" +
    "End of Project Gutenberg’s Book\nlicence\n";
  assert.equal(gutenbergBody(book), "CHAPTER I. One\n\nText\n\n");
  assert.throws(() => gutenbergBody("no book"), /no first chapter/);
});

test("a first training reads the lines of other books that have known characters, then the training text", () => {
  const files = ["аб\nах\n", "ва\n"].map(text => ({ bytes: utf8(text), titleLines: 0 }));
  assert.equal(textBefore("аб\nв\n", files), "аб\nва\nаб\nв\n");
});

test("no source of a first training is one of which something is held out from that network", () => {
  for (const [name, list] of Object.entries(sourcesBefore))
    assert.deepEqual(
      list.filter(({ file }) => sources[name].some(source => source.file === file)),
      [],
    );
});

test("wrapped lines become paragraphs, verse keeps its lines, rows of asterisks go", () => {
  assert.equal(joinWrappedLines("One\ntwo\n\n   Verse\n    verse\n\n  *  *  *\n\nThree"), "One two\n   Verse\n    verse\nThree");
});

test("typographic quotes and dashes become typewriter signs", () => {
  assert.equal(asciiPunctuation("‘I’ — “so”…"), "'I' -- \"so\"...");
});

test("a cleaned book has no reference to Project Gutenberg and no mark-up", () => {
  const book =
    "*** START OF THIS PROJECT GUTENBERG EBOOK ***\r\nCHAPTER I. One\r\n\r\n‘_I_ am\r\nhere,’\r\n\r\nEnd of Project Gutenberg’s Book\r\n";
  assert.equal(cleanBook({ bytes: utf8(book) }), "CHAPTER I. One\n'I am here,'\n");
});

test("the end of each book is held out", () => {
  const book = letter => ({
    bytes: utf8(`CHAPTER I. x\n\n${Array(19).fill(letter.repeat(30)).join("\n\n")}\n\nEnd of Project Gutenberg's`),
  });
  const { train, heldOut } = course([book("a"), book("b")]);
  assert.equal(train, `${"a".repeat(30)}\n`.repeat(18) + `${"b".repeat(30)}\n`.repeat(18));
  assert.equal(heldOut, `${"a".repeat(30)}\n${"b".repeat(30)}\n`);
});

test("news rows become 'title description', with their backslashes, quotes undoubled", () => {
  assert.deepEqual(newsLines('"3","A ""b"" c","d\\e, f"\r\n"1","g","h"\n'), ['A "b" c d\\e, f', "g h"]);
});

test("the last tenth of the news items is held out", () => {
  const csv = Array.from({ length: 10 }, (_, i) => `"1","t${i}","0123456789"`).join("\n") + "\n";
  const { train, heldOut } = courseNews([{ bytes: utf8(csv) }]);
  assert.equal(train.split("\n").length - 1, 9);
  assert.equal(heldOut, "t9 0123456789\n");
});

test("a trial splits the training text alone: its last twentieth is scored, the held-out text is nowhere", () => {
  const title = "CHAPTER I. ".padEnd(29, "a") + "\n";
  const lines = Array.from({ length: 200 }, (_, i) => `${String(i).padStart(3, "0")} ${"a".repeat(25)}\n`);
  const parts = { train: lines.slice(1, 171).join(""), heldOut: lines.slice(171, 180).join("") }; // the last 9 of 180 lines
  const book = { bytes: utf8(`${[title, ...lines.slice(1)].join("\n")}\nEnd of Project Gutenberg's`) };
  assert.deepEqual(aliceWords([book], true), { ...parts, train: title + parts.train });
  const news = lines.map(line => `"1","${line.slice(0, 3)}","${line.slice(4, -1)}"\n`);
  assert.deepEqual(courseNews([{ bytes: utf8(news.join("")) }], true), { ...parts, train: lines[0] + parts.train });
  const shakespeareLines = Array.from({ length: 100 }, (_, i) => `${String(i).padStart(99)}\n`);
  assert.deepEqual(shakespeare([{ bytes: utf8(shakespeareLines.join("") + "x".repeat(111_540)) }], true), {
    train: shakespeareLines.slice(0, 95).join(""),
    heldOut: shakespeareLines.slice(95).join(""),
  });
});

test("a trial of pushkin takes the last twentieth of what each verse work has for training", () => {
  const verse = Array.from({ length: 40 }, (_, i) => "абвгдежзик".slice(i % 10).padEnd(20, "абвгдежзик"));
  const work = (file, lines) => ({ file, titleLines: 1, bytes: utf8(`ИМЯ\n${lines.join("\n")}\n`) });
  const trial = pushkin([work("prose/а", verse.slice(0, 4)), work("verse/б", verse), work("verse/в", verse)], true);
  const head = verse.slice(0, 34).join("\n"); // 36 of 40 lines are for training, and 34 of them in a trial
  assert.equal(trial.train, `${verse.slice(0, 4).join("\n")}\n\n${head}\n\n${head}\n`);
  assert.equal(trial.fineTune, `${head}\n\n${head}\n`);
  assert.equal(trial.heldOut, `${verse.slice(34, 36).join("\n")}\n\n${verse.slice(34, 36).join("\n")}\n`);
});

test("every source says where it can be had and which bytes are meant", () => {
  for (const [name, list] of [...Object.entries(sources), ...Object.entries(sourcesBefore)])
    for (const { file, from, sha256 } of list) {
      assert.match(sha256, /^[0-9a-f]{64}$/, `${name}: ${file}`);
      assert.ok(from.length > 20, `${name}: ${file}`);
    }
});

test("a source with other bytes is refused with both hashes, a missing one with where to get it, and nothing is written", () => {
  const folder = mkdtempSync(join(tmpdir(), "corpus-"));
  const out = join(folder, "out");
  const run = () => spawnSync(process.execPath, [script, "shakespeare", folder, out], { encoding: "utf8" });
  assert.match(run().stderr, /input\.txt is missing; it can be had from github\.com\/karpathy\/char-rnn/);
  mkdirSync(join(folder, "shakespeare"));
  writeFileSync(join(folder, "shakespeare", "input.txt"), "First Citizen:\n");
  const { status, stderr } = run();
  assert.equal(status, 1);
  assert.match(stderr, /has sha256 [0-9a-f]{64}, expected 86c4e6aa/);
  assert.deepEqual(readdirSync(folder), ["shakespeare"]);
});

test("wrong use names the corpora and exits with 2", () => {
  assert.throws(
    () => execFileSync(process.execPath, [script, "nothing"], { stdio: "pipe" }),
    error =>
      error.status === 2 && /shakespeare, pushkin, war-and-peace, tolstoy, course, alice-words, course-news/.test(String(error.stderr)),
  );
});
