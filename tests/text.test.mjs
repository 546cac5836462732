// SPDX-License-Identifier: MIT
//
// Files as texts: encodings, frames, wrapped lines.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, isWrapped, joinLines, plainLineEnds, withoutFrame } from "../web/trainer/decoding.js";

const RUSSIAN = "Мороз и солнце; день чудесный! Ещё ты дремлешь, друг прелестный.\n", FRENCH = "Les élèves déjà là, où naît le garçon d'été à l'île.\n";

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

test("each encoding is recognized, with a mark at the beginning and without", () => {
  for (const text of [RUSSIAN, FRENCH, "Plain ASCII.\n"])
    assert.deepEqual(decode(new TextEncoder().encode(text), "x"), { text, encoding: "utf-8" });
  assert.deepEqual(decode(new TextEncoder().encode(`\ufeff${RUSSIAN}`), "x"), { text: RUSSIAN, encoding: "utf-8" });
  assert.deepEqual(decode(inCodePage(RUSSIAN, "windows-1251"), "x"), { text: RUSSIAN, encoding: "windows-1251" });
  assert.deepEqual(decode(inCodePage(FRENCH, "windows-1252"), "x"), { text: FRENCH, encoding: "windows-1252" });
  for (const [little, encoding] of [[true, "utf-16le"], [false, "utf-16be"]]) {
    assert.deepEqual(decode(utf16(FRENCH, little), "x"), { text: FRENCH, encoding });
    assert.deepEqual(decode(utf16(`\ufeff${RUSSIAN}`, little), "x"), { text: RUSSIAN, encoding });
  }
});

test("what is no text, or too long, is refused with its name", () => {
  const binary = Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 251);
  assert.throws(() => decode(binary, "photo.jpg"), error => error.code === "E_TEXT" && /photo\.jpg is no text/.test(error.message));
  assert.throws(() => decode(new Uint8Array(21 * 2 ** 20), "big.txt"), error => error.code === "E_TOO_BIG" && /big\.txt has 22020096 bytes/.test(error.message));
  assert.deepEqual(decode(new Uint8Array(), "empty"), { text: "", encoding: "utf-8" });
});

test("line ends become one kind", () => assert.equal(plainLineEnds("a\r\nb\rc\nd\u2028e"), "a\nb\nc\nd\ne"));

test("Project Gutenberg's header and footer are cut off, other texts stay", () => {
  const book = "The Project Gutenberg EBook\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nCHAPTER I\nText.\n\nEnd of Project Gutenberg's X\n*** END OF THIS";
  assert.equal(withoutFrame(book), "CHAPTER I\nText.\n");
  assert.equal(withoutFrame("*** END OF a play\n"), "*** END OF a play\n");
});

test("wrapped lines are recognized and joined, verse keeps its lines", () => {
  const prose = `${"All in the golden afternoon full leisurely we glide and more.\n".repeat(30)}\nNext one.\n`;
  assert.equal(isWrapped(prose), true);
  assert.equal(isWrapped("ROMEO:\nAy me!\n".repeat(40)), false);
  assert.equal(joinLines("one\ntwo\n\nthree\nfour"), "one two\n\nthree four");
  assert.equal(joinLines("  How doth\n  the little"), "  How doth\n  the little");
});
