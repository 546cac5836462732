// SPDX-License-Identifier: MIT
//
// Files as texts: encodings, frames, wrapped lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, isWrapped, joinLines, plainLineEnds, readText, withoutFrame } from "../web/trainer/decoding.js";

const RUSSIAN = "Мороз и солнце; день чудесный! Ещё ты дремлешь, друг прелестный.\n";
const FRENCH = "Les élèves déjà là, où naît le garçon d'été à l'île.\n";

/** A text in an encoding of one byte a character. */
function inCodePage(text, encoding) {
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [new TextDecoder(encoding).decode(Uint8Array.of(byte)), byte]));
  return Uint8Array.from(text, character => table.get(character));
}
const utf16 = (text, little) => {
  const bytes = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) bytes.setUint16(2 * i, text.charCodeAt(i), little);
  return new Uint8Array(bytes.buffer);
};

const read = bytes => {
  const { text, encoding } = decode(bytes, "x");
  return { text, encoding };
};

test("each encoding is recognized, with a mark at the beginning and without", () => {
  for (const text of [RUSSIAN, FRENCH, "Plain ASCII.\n"])
    assert.deepEqual(read(new TextEncoder().encode(text)), { text, encoding: "utf-8" });
  assert.deepEqual(read(new TextEncoder().encode(`\ufeff${RUSSIAN}`)), { text: RUSSIAN, encoding: "utf-8" });
  assert.deepEqual(read(inCodePage(RUSSIAN, "windows-1251")), { text: RUSSIAN, encoding: "windows-1251" });
  assert.deepEqual(read(inCodePage(FRENCH, "windows-1252")), { text: FRENCH, encoding: "windows-1252" });
  for (const [little, encoding] of [
    [true, "utf-16le"],
    [false, "utf-16be"],
  ]) {
    assert.deepEqual(read(utf16(FRENCH, little)), { text: FRENCH, encoding });
    assert.deepEqual(read(utf16(`\ufeff${RUSSIAN}`, little)), { text: RUSSIAN, encoding });
  }
});

test("what is no text, or too long, is refused with its name", () => {
  const binary = Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 251);
  assert.throws(
    () => decode(binary, "photo.jpg"),
    error => error.code === "E_TEXT" && /photo\.jpg is no text/.test(error.message),
  );
  assert.throws(
    () => decode(new Uint8Array(21 * 2 ** 20), "big.txt"),
    error => error.code === "E_TOO_BIG" && /big\.txt has 22020096 bytes/.test(error.message),
  );
  assert.deepEqual(read(new Uint8Array()), { text: "", encoding: "utf-8" });
});

test("files are read as one text, each with its encoding; one that is too long is refused before it is read", async () => {
  const files = [new File([inCodePage(RUSSIAN, "windows-1251")], "a.txt"), new File([FRENCH], "b.txt")];
  const { text, source, characters, different, alphabet, joined } = await readText(files);
  assert.equal(text, `${RUSSIAN}\n${FRENCH}`);
  assert.match(source, /^a\.txt \(windows-1251\)?.*, b\.txt \(utf-8\)?/);
  assert.deepEqual([characters, different, joined], [[...text].length, new Set(text).size, false]);
  assert.deepEqual(alphabet, [...new Set(text)].sort().slice(0, 60));
  const long = { name: "long.txt", size: 21 * 2 ** 20, arrayBuffer: () => assert.fail("it was read") };
  await assert.rejects(readText([files[0], long]), error => error.code === "E_TOO_BIG" && /long\.txt/.test(error.message));
});

test("line ends become one kind", () => assert.equal(plainLineEnds("a\r\nb\rc\nd\u2028e"), "a\nb\nc\nd\ne"));

test("Project Gutenberg's header and footer are cut off, other texts stay", () => {
  const book =
    "The Project Gutenberg EBook\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n" +
    "CHAPTER I\nText.\n\nEnd of Project Gutenberg's X\n*** END OF THIS";
  assert.equal(withoutFrame(book), "CHAPTER I\nText.\n");
  assert.equal(withoutFrame("*** END OF a play\n"), "*** END OF a play\n");
});

test("wrapped lines are recognized and joined, verse keeps its lines", () => {
  const prose = `${"all in the golden afternoon full leisurely we glide and more and\n".repeat(30)}\nNext one.\n`;
  assert.equal(isWrapped(prose), true);
  assert.equal(isWrapped("ROMEO:\nAy me!\n".repeat(40)), false);
  assert.equal(joinLines("one\ntwo\n\nthree\nfour"), "one two\n\nthree four");
  assert.equal(joinLines("  How doth\n  the little"), "  How doth\n  the little");
});

test("what stands between two paragraphs, and at the ends of lines, is taken as it always was", () => {
  for (const [given, joined] of [
    ["one \t\ntwo", "one two"],
    ["one\n\u00a0two", "one \u00a0two"],
    ["one\n \t\n\n  two\nthree", "one\n\n  two\nthree"],
    ["\none\ntwo\n", " one two "],
    ["one\n\n\n", "one\n\n"],
    ["  \n\none", "  \n\none"],
    ["", ""],
  ])
    assert.equal(joinLines(given), joined, JSON.stringify(given));
});

test("any text is read in a time that grows with its length alone", async () => {
  const LENGTH = 5e6;
  const line = `${"all in the golden afternoon full leisurely we glide".padEnd(60, "e")}\n`;
  const wrapped = line.repeat(4000); // so that lines are joined
  const repeated = piece => piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH);
  const time = async text => {
    const began = performance.now();
    await readText(text);
    return performance.now() - began;
  };
  const plain = Math.max(await time(repeated(line)), await time(repeated(line)));
  for (const piece of [
    " ",
    "\n",
    "\t",
    "\r",
    "\u00a0",
    "\n ",
    " \n",
    "x",
    "x ",
    `x${" ".repeat(999)}`,
    `\n${" ".repeat(999)}`,
    "\n* ",
    "*** START OF ",
  ])
    for (const before of ["", wrapped, `${wrapped}\n\n`]) {
      const taken = await time(before + repeated(piece));
      assert.ok(taken < 10 * plain + 2000, `${JSON.stringify(before + piece).slice(-40)}: ${taken} ms; a plain text: ${plain} ms`);
    }
});
