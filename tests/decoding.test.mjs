// SPDX-License-Identifier: MIT
//
// Texts that people bring: damaged UTF-8, other encodings, lines that end for a reason. The bytes are in encodings.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, isWrapped, readText } from "../web/trainer/decoding.js";
import { ENCODINGS, decodeAs } from "../web/trainer/encodings.js";

const { texts, vectors } = JSON.parse(readFileSync(new URL("encodings.json", import.meta.url)));
const bytesOf = ({ base64 }) => new Uint8Array(Buffer.from(base64, "base64"));
const utf8 = text => new TextEncoder().encode(text);
const joined = (...parts) => Uint8Array.from(parts.flatMap(part => [...part]));
const lettersIn = text => text.match(/\p{L}/gu).length;

// ---- damaged UTF-8 ----

test("UTF-8 with a stray byte is read as UTF-8, without that byte", () => {
  for (const text of ["café … ", texts.Russian, texts.Chinese])
    for (const stray of [0x92, 0xff, 0xc3, 0xe0]) {
      const { text: read, encoding, damaged } = decode(joined(utf8(text), [stray], utf8(` ${text}`)), "x");
      assert.deepEqual([read, encoding, damaged], [`${text} ${text}`, "utf-8", 1], `${text.slice(0, 9)} ${stray}`);
    }
});

test("UTF-8 that was cut in the midst of a character, at either end, loses that character alone", () => {
  for (const text of [texts.Russian.trim(), texts.Japanese.trim(), `${texts.French}😀`, "кот"]) {
    const whole = utf8(text);
    const last = utf8([...text].at(-1)).length;
    for (let cut = 1; cut < last; cut++) {
      const { text: read, encoding, damaged } = decode(whole.subarray(0, -cut), "x");
      assert.deepEqual([read, encoding, damaged], [[...text].slice(0, -1).join(""), "utf-8", last - cut], `${text.slice(-9)} ${cut}`);
    }
    const first = utf8([...text][0]).length;
    for (let cut = 1; cut < first; cut++) {
      const { text: read, encoding, damaged } = decode(whole.subarray(cut), "x");
      assert.deepEqual([read, encoding, damaged], [[...text].slice(1).join(""), "utf-8", first - cut], `${text.slice(0, 9)} ${cut}`);
    }
  }
});

test("what is no UTF-8 is left out byte for byte: overlong forms, surrogates, beyond Unicode; a U+FFFD that was there stays", () => {
  const text = "ёжик � ёлка";
  for (const bad of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
  ]) {
    const { text: read, damaged } = decode(joined(utf8(`${text.repeat(30)}a`), bad, utf8("b")), "x", "utf-8");
    assert.deepEqual([read, damaged], [`${text.repeat(30)}ab`, bad.length], `${bad}`);
  }
});

// ---- other encodings ----

test("the texts are what the test says they are: 300 letters and more, and the engine's tables are those of Python", () => {
  for (const [language, text] of Object.entries(texts)) assert.ok(lettersIn(text) >= 300, `${language}: ${lettersIn(text)}`);
  for (const vector of vectors) assert.equal(decodeAs(vector.encoding, bytesOf(vector)), texts[vector.language], vector.codec);
});

for (const vector of vectors)
  test(`${vector.language} in ${vector.encoding} is recognized for sure, and where there is more of it`, () => {
    const bytes = bytesOf(vector);
    const { text, encoding, isSure, damaged } = decode(bytes, "x");
    assert.deepEqual([text, encoding, isSure, damaged], [texts[vector.language], vector.encoding, true, 0]);
    const many = decode(joined(...Array(200).fill(bytes)), "x");
    assert.deepEqual([many.encoding, many.isSure, many.text.length], [vector.encoding, true, 200 * text.length]);
  });

test("a few letters are guessed without being sure, and so is what is in no encoding that is known here", () => {
  const polish = decode(Uint8Array.of(0x7a, 0xb3, 0x6f, 0x74, 0x79, 0x0a), "x"); // złoty
  assert.equal(polish.isSure, false);
  // windows-1254
  const turkish = "B\xfct\xfcn insanlar h\xfcr, haysiyet ve haklar bak\xfdm\xfdndan e\xfeit do\xf0arlar. Ak\xfdl ve vicdana sahiptirler.";
  assert.equal(decode(Uint8Array.from(turkish, letter => letter.charCodeAt(0)), "x").isSure, false);
});

test("quotation marks of Windows in plain English are no reason to ask", () => {
  const bytes = Uint8Array.from("He said, \x93don\x92t\x94 \x97 and she\x92d gone\x85\n", letter => letter.charCodeAt(0));
  const { text, encoding, isSure } = decode(bytes, "x");
  assert.deepEqual([text, encoding, isSure], ["He said, “don’t” — and she’d gone…\n", "windows-1252", true]);
});

test("a chosen encoding is taken whatever comes of it", () => {
  const bytes = bytesOf(vectors.find(({ encoding }) => encoding === "koi8-r"));
  for (const chosen of ENCODINGS) assert.equal(decode(bytes, "x", chosen).encoding, chosen);
  assert.match(decode(bytes, "x", "windows-1251").text, /^чЕЮЕТОЙЕ УХНЕТЛЙ/);
  const { text, damaged } = decode(bytes, "x", "utf-8");
  assert.ok(damaged > 200 && !text.includes("\ufffd"), `${damaged}: ${text}`);
});

// ---- files ----

const fileOf = (vector, name) => new File([bytesOf(vector)], name);
const of = wanted => vectors.find(({ encoding }) => encoding === wanted);

test("the answer says the encoding, whether it is sure, what was left out and whether lines were joined", async () => {
  const { encoding, isSure, about, damaged, joined, joinable, source } = await readText([fileOf(of("koi8-r"), "a.txt")]);
  assert.deepEqual(
    { encoding, isSure, about, damaged, joined, joinable, source },
    { encoding: "koi8-r", isSure: true, about: 0, damaged: 0, joined: false, joinable: false, source: "a.txt (koi8-r)" },
  );
  const pasted = await readText("one\ntwo");
  assert.deepEqual([pasted.encoding, pasted.isSure, pasted.joinable, pasted.joined], ["", true, true, false]);
});

test("an encoding is chosen for the files that are in doubt, and for all if none is", async () => {
  const sure = fileOf(of("koi8-r"), "sure.txt");
  const doubtful = new File([Uint8Array.of(0x7a, 0xb3, 0x6f, 0x74, 0x79, 0x0a)], "doubtful.txt");
  const guessed = await readText([sure, doubtful]);
  assert.deepEqual([guessed.isSure, guessed.about], [false, 1]);
  const mixed = await readText([sure, doubtful], { encoding: "windows-1250" });
  assert.deepEqual([mixed.encoding, mixed.source], ["windows-1250", "sure.txt (koi8-r), doubtful.txt (windows-1250)"]);
  assert.ok(mixed.text.endsWith("złoty\n"));
  const all = await readText([sure, sure], { encoding: "windows-1251" });
  assert.deepEqual([all.encoding, all.source], ["windows-1251", "sure.txt (windows-1251), sure.txt (windows-1251)"]);
});

// ---- lines ----

/** Breaks a text as an editor does. */
function wrap(text, width) {
  const lines = [""];
  for (const word of text.trim().split(" "))
    if (lines.at(-1).length + word.length < width) lines.push(`${lines.pop()} ${word}`.trim());
    else lines.push(word);
  return lines.join("\n");
}
const many = (count, line) => `${Array.from({ length: count }, (_, i) => line(i)).join("\n")}\n`;
const PARAGRAPHS = ["Russian", "Polish", "Greek", "French", "German"].map(language => texts[language]);

test("prose that is broken to fit a page is joined, whatever its width and language", async () => {
  for (const width of [60, 72, 78])
    for (const paragraph of PARAGRAPHS) {
      const wrapped = `${Array(5).fill(wrap(paragraph, width)).join("\n\n")}\n`;
      assert.equal(isWrapped(wrapped), true, `${width}: ${wrapped.slice(0, 40)}`);
      assert.equal((await readText(wrapped)).text.trim(), Array(5).fill(paragraph.trim()).join("\n\n"));
    }
});

const KEPT = {
  "source code": many(60, i => `const element${i} = document.querySelector("#element-${i}").firstChild;`),
  "imports": many(60, i => `import { component${i}, anotherComponent${i} } from "./components/number${i}.js"`),
  "C": many(60, i => `static int compute_the_value_${i}(const struct model *m, size_t count)\n{\n    return m->values[count + ${i}];\n}`),
  "a table": many(60, i => `${1000 + i},Smith ${i},The quick brown fox jumps over the lazy dog,${i % 7}.25,${i % 2 ? "yes" : "no"}`),
  "a table with tabs": many(60, i => `number ${1000 + i}\tthe quick brown fox jumps over the lazy dog\t${i * 37}`),
  "a table in columns": many(60, i => `${`Smith and sons ${i}`.padEnd(24)}${`the quick brown fox ${i * 3}`.padEnd(30)}${i % 7}.25`),
  "sequences": `>sequence\n${many(60, i => "ACGTTGCAAC".repeat(6).slice(i % 10) + "ACGTTGCAAC".slice(0, i % 10))}`,
  "addresses": many(60, i => `https://example.org/a/rather/long/path/to/some/page/number-${i * 7919}.html`),
  "a sentence a line": many(60, i => `The quick brown fox number ${i} jumps over the lazy dog${" again".repeat(i % 3)}.`),
  "verse of even lines": many(15, () =>
    [
      "This is the forest primeval. The murmuring pines and the hemlocks,",
      "Bearded with moss, and in garments green, indistinct in the twilight,",
      "Stand like Druids of eld, with voices sad and prophetic,",
      "Stand like harpers hoar, with beards that rest on their bosoms.",
      "Loud from its rocky caverns, the deep-voiced neighboring ocean",
      "Speaks, and in accents disconsolate answers the wail of the forest.",
    ].join("\n"),
  ),
  "a log": many(
    60,
    i => `2026-01-02 03:04:${10 + (i % 50)} INFO request ${i * 31} of user ${i} took ${i * 17} ms${" and again".repeat(i % 3)}`,
  ),
};
for (const [what, text] of Object.entries(KEPT))
  test(`lines that end for a reason stay: ${what}`, async () => {
    assert.equal(isWrapped(text), false);
    const { text: read, joined } = await readText(text);
    assert.deepEqual([read, joined], [text, false]);
  });

test("a person may keep the lines as they are, and may join them", async () => {
  const wrapped = `${Array(5).fill(wrap(texts.German, 72)).join("\n\n")}\n`;
  const kept = await readText(wrapped, { joined: false });
  assert.deepEqual([kept.text, kept.joined, kept.joinable], [wrapped, false, true]);
  const verse = "Ay me!\nShe speaks:\n\nO, speak again";
  const joined = await readText(verse, { joined: true });
  assert.deepEqual([joined.text, joined.joined, joined.joinable], ["Ay me! She speaks:\n\nO, speak again", true, true]);
  assert.equal((await readText("one\n\ntwo\n")).joinable, false);
});
