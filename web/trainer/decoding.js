// SPDX-License-Identifier: MIT
//
// decoding.js - files as texts to learn from: which encoding they are in, and what of them is not the text.
import { RnnError } from "../core/errors.js";

export const MOST_BYTES = 20 * 2 ** 20;

/** Shares of bytes that tell. */
const ZEROS = 0.2; // on one side of each pair: UTF-16 of a European language
const CONTROLS = 0.005; // more are in no text
const NEIGHBOURS = 0.5; // letters above ASCII beside another such letter: Russian words; in French they stand alone

/** @param {Uint8Array} bytes @param {(byte: number, i: number) => boolean} is */
function share(bytes, is) {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) count += Number(is(bytes[i], i));
  return count / Math.max(1, bytes.length);
}

/** The name of an encoding without a mark at the beginning, from the bytes. @param {Uint8Array} bytes */
function guess(bytes) {
  if (share(bytes, (byte, i) => byte === 0 && i % 2 === 1) > ZEROS) return "utf-16le";
  if (share(bytes, (byte, i) => byte === 0 && i % 2 === 0) > ZEROS) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch {
    const isHigh = (/** @type {number} */ byte) => byte >= 0xa8;
    const high = share(bytes, isHigh);
    const beside = share(bytes, (byte, i) => isHigh(byte) && (isHigh(bytes[i - 1]) || isHigh(bytes[i + 1])));
    return beside > NEIGHBOURS * high ? "windows-1251" : "windows-1252";
  }
}

/** @param {number} bytes @param {string} name of the file @throws {RnnError} E_TOO_BIG */
export function checkSize(bytes, name) {
  if (bytes > MOST_BYTES)
    throw new RnnError(
      "E_TOO_BIG",
      `${name} has ${bytes} bytes; at most ${MOST_BYTES} are taken`,
      "Take a part of it: a million characters are plenty.",
    );
}

/**
 * @param {Uint8Array} bytes @param {string} name of the file, for errors
 * @returns {{ text: string, encoding: string }}
 * @throws {RnnError} E_TEXT: it is no text; E_TOO_BIG
 */
export function decode(bytes, name) {
  checkSize(bytes.length, name);
  const [a, b, c] = bytes;
  const marked =
    a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : a === 0xef && b === 0xbb && c === 0xbf ? "utf-8" : "";
  const encoding = marked || guess(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  if (controlsIn(text) > CONTROLS * text.length)
    throw new RnnError("E_TEXT", `${name} is no text`, "Choose a plain text (.txt); save a document as one first.");
  return { text, encoding };
}

/** How many characters no text has. @param {string} text */
function controlsIn(text) {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 ? code < 0x09 || code > 0x0d : code === 0x7f || code === 0xfffd) count++;
  }
  return count;
}

/** One kind of line end. @param {string} text */
export const plainLineEnds = text => text.replace(/\r\n?|\u2028|\u2029|\x85/g, "\n");

/** The book without Project Gutenberg's header and footer, if it has them. @param {string} text */
export function withoutFrame(text) {
  const begin = /^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG EBOOK[^\n]*\n/im.exec(text);
  const end = /^(?:\*\*\* ?END OF|End of (?:the )?Project Gutenberg)/im.exec(text);
  const from = begin ? begin.index + begin[0].length : 0;
  return begin && end && end.index > from ? `${text.slice(from, end.index).trim()}\n` : text;
}

/** Whether lines are broken to fit a page: most of them are long, and none is very long. @param {string} text */
export function isWrapped(text) {
  const lengths = text
    .slice(0, 200_000)
    .split("\n")
    .map(line => line.length)
    .filter(length => length > 0);
  const long = lengths.filter(length => length > 45).length;
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return lengths.length > 20 && long > 0.5 * lengths.length && longest < 120;
}

/** Wrapped lines of a paragraph as one line; what is indented (verse) keeps its lines. @param {string} text */
export function joinLines(text) {
  return paragraphsOf(text)
    .map(paragraph => (/^[ \t]/m.test(paragraph) ? paragraph : joined(paragraph)))
    .join("\n\n");
}

/** @param {string} paragraph */
function joined(paragraph) {
  const lines = paragraph.split("\n");
  return lines.map((line, i) => (i < lines.length - 1 ? line.trimEnd() : line)).join(" ");
}

/**
 * What blank lines part. It looks at each character once: a pattern with \s* would try a long run of spaces again from each of them.
 * @param {string} text
 */
function paragraphsOf(text) {
  const paragraphs = [];
  let begin = 0;
  let next = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", next)) {
    let last = end; // the last line end of the white space
    for (next = end + 1; next < text.length && isSpace(text[next]); next++) if (text[next] === "\n") last = next;
    if (last === end) continue;
    paragraphs.push(text.slice(begin, end));
    begin = last + 1;
  }
  paragraphs.push(text.slice(begin));
  return paragraphs;
}

const isSpace = (/** @type {string} */ character) => /\s/.test(character);

// ---- a text to learn from, and what is said of it ----

const ALPHABET = 60; // different characters that are listed

/**
 * @typedef {{ text: string, source: string, joined: boolean, characters: number, different: number, alphabet: string[] }} Read alphabet:
 *   the first of its different characters
 */

/** @param {string | File[]} given a text, or files that are joined to one @returns {Promise<Read>} @throws {RnnError} E_TEXT, E_TOO_BIG */
export async function readText(given) {
  const whole = await readWhole(given);
  const plain = withoutFrame(plainLineEnds(whole.text));
  const joined = isWrapped(plain);
  const text = joined ? joinLines(plain) : plain;
  const seen = new Set();
  let characters = 0;
  for (const character of text) {
    seen.add(character);
    characters++;
  }
  return { text, source: whole.source, joined, characters, different: seen.size, alphabet: [...seen].sort().slice(0, ALPHABET) };
}

/**
 * As it stands.
 * @param {string | File[]} given
 * @returns {Promise<{ text: string, source: string }>} @throws {RnnError} E_TEXT, E_TOO_BIG
 */
export async function readWhole(given) {
  return typeof given === "string" ? { text: given, source: "" } : readFiles(given);
}

/** @param {File[]} files */
async function readFiles(files) {
  for (const { size, name } of files) checkSize(size, name); // before it takes memory
  const texts = await Promise.all(
    files.map(async file => ({ name: file.name, ...decode(new Uint8Array(await file.arrayBuffer()), file.name) })),
  );
  return { text: texts.map(({ text }) => text).join("\n"), source: texts.map(({ name, encoding }) => `${name} (${encoding})`).join(", ") };
}
