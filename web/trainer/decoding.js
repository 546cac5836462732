// SPDX-License-Identifier: MIT
//
// decoding.js - files as texts to learn from: what of them is not the text, and which lines belong together.
import { RnnError } from "../core/errors.js";
import { decodeAs, guessEncoding, readUtf8 } from "./encodings.js";

export const MOST_BYTES = 20 * 2 ** 20;

const CONTROLS = 0.005; // share of characters: more are in no text

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
 * @typedef {object} Decoded
 * @property {string} text
 * @property {string} encoding
 * @property {boolean} isSure whether the guess is beyond doubt
 * @property {number} damaged bytes that are no character, and left out
 */

/**
 * @param {Uint8Array} bytes @param {string} name of the file, for errors
 * @param {string} [chosen] the encoding, by the person: what it makes of the bytes is then taken as it is
 * @param {import("./encodings.js").Guess} [guess]
 * @returns {Decoded}
 * @throws {RnnError} E_TEXT: it is no text; E_TOO_BIG
 */
export function decode(bytes, name, chosen, guess = guessEncoding(bytes)) {
  checkSize(bytes.length, name);
  const encoding = chosen ?? guess.encoding;
  const { text, damaged } = encoding === "utf-8" ? decodeUtf8(bytes) : decodeOther(encoding, bytes);
  const strange = controlsIn(text) + (encoding === "utf-8" ? 0 : damaged); // a text in UTF-8 is known by what is not damaged
  if (!chosen && strange > CONTROLS * text.length)
    throw new RnnError("E_TEXT", `${name} is no text`, "Choose a plain text (.txt); save a document as one first.");
  return { text, encoding, isSure: guess.isSure, damaged };
}

/** @param {Uint8Array} bytes */
function decodeUtf8(bytes) {
  const good = new Uint8Array(bytes.length);
  let [size, from, damaged] = [0, 0, 0];
  const keep = (/** @type {number} */ end) => {
    good.set(bytes.subarray(from, end), size);
    size += end - from;
  };
  readUtf8(bytes, place => {
    keep(place);
    from = place + 1;
    damaged++;
  });
  keep(bytes.length);
  return { text: decodeAs("utf-8", good.subarray(0, size)), damaged };
}

/** @param {string} encoding @param {Uint8Array} bytes */
function decodeOther(encoding, bytes) {
  const whole = decodeAs(encoding, bytes);
  const text = whole.replaceAll("\ufffd", "");
  return { text, damaged: whole.length - text.length };
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

/** What wrapped prose has, and lines that end for a reason do not. */
const WRAPPED = Object.freeze({
  lines: 20, // fewer tell nothing
  long: 45, // characters of most lines
  longest: 120,
  full: 0.5, // share of lines into which the next word would not fit: less where somebody has edited them since
  ended: 0.45, // share of lines that end with a mark: verse, sentences and code have more
  capitals: 0.6, // share of lines that begin with a capital: verse has more
  words: 4, // in most lines: not so lists of addresses, or sequences
  rows: 0.3, // share of lines that look like those of a table
});
const MARK = /[.!?;:,…{}()[\]<>=|\\/"”»]$/;
const CAPITAL = /^["“«‘(]?\p{Lu}/u;
const ROW = /\t|\S {3}|[,;|]\S.*[,;|]\S/;

/** Whether lines are broken to fit a page. @param {string} text */
export function isWrapped(text) {
  const all = text.slice(0, 200_000).split("\n");
  const lengths = all.map(line => line.length).filter(length => length > 0);
  const long = lengths.filter(length => length > WRAPPED.long).length;
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (lengths.length <= WRAPPED.lines || long <= 0.5 * lengths.length || longest >= WRAPPED.longest) return false;

  const broken = all.flatMap((line, i) => (line && /^\S/.test(all[i + 1] ?? "") ? [{ line: line.trimEnd(), next: all[i + 1] }] : []));
  const share = (/** @type {(line: string, next: string) => boolean} */ is) =>
    broken.filter(({ line, next }) => is(line, next)).length / broken.length;
  const width = lengths.sort((a, b) => a - b)[Math.floor(0.95 * lengths.length)];
  return (
    share((line, next) => line.length + 1 + next.split(" ", 1)[0].length > width) >= WRAPPED.full &&
    share(line => MARK.test(line)) < WRAPPED.ended &&
    share(line => CAPITAL.test(line)) < WRAPPED.capitals &&
    share(line => line.split(" ").length >= WRAPPED.words) > 0.5 &&
    share(line => ROW.test(line)) < WRAPPED.rows
  );
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
 * A text, and what is said of it.
 * @typedef {object} Read
 * @property {string} text
 * @property {string} source names of the files, each with its encoding; empty: it came as a text
 * @property {string} encoding of the file that the choice is about; empty: it came as a text
 * @property {boolean} isSure whether the guess of each encoding is beyond doubt
 * @property {number} about which of the files the choice of an encoding is about
 * @property {number} damaged bytes that are no character, and left out
 * @property {boolean} joined whether lines were joined
 * @property {boolean} joinable whether there are lines that can be
 * @property {number} characters
 * @property {number} different
 * @property {string[]} alphabet the first of its different characters
 */

/**
 * What a person chooses where a guess is wrong.
 * @typedef {object} Choice
 * @property {string} [encoding] one of ENCODINGS: of the files whose encoding is not sure; if all are, of all
 * @property {boolean} [joined] whether lines are to be joined
 */

/**
 * @param {string | File[]} given a text, or files that are joined to one @param {Choice} [choice]
 * @returns {Promise<Read>} @throws {RnnError} E_TEXT, E_TOO_BIG
 */
export async function readText(given, { encoding, joined } = {}) {
  const { text: whole, ...found } = await readWhole(given, encoding);
  const plain = withoutFrame(plainLineEnds(whole));
  const isJoined = joined ?? isWrapped(plain);
  const text = isJoined ? joinLines(plain) : plain;
  const joinable = /[^\n]\n\S/.test(plain);
  const seen = new Set();
  let characters = 0;
  for (const character of text) {
    seen.add(character);
    characters++;
  }
  const alphabet = [...seen].sort().slice(0, ALPHABET);
  return { ...found, text, joined: isJoined, joinable, characters, different: seen.size, alphabet };
}

/**
 * As it stands.
 * @param {string | File[]} given @param {string} [encoding] that was chosen
 * @returns {Promise<Pick<Read, "text" | "source" | "encoding" | "isSure" | "about" | "damaged">>} @throws {RnnError} E_TEXT, E_TOO_BIG
 */
export async function readWhole(given, encoding) {
  if (typeof given !== "string") return readFiles(given, encoding);
  return { text: given, source: "", encoding: "", isSure: true, about: 0, damaged: 0 };
}

/** @param {File[]} files @param {string} [chosen] encoding */
async function readFiles(files, chosen) {
  for (const { size, name } of files) checkSize(size, name); // before it takes memory
  const bytes = await Promise.all(files.map(async file => new Uint8Array(await file.arrayBuffer())));
  const guesses = bytes.map(guessEncoding);
  const about = Math.max(
    0,
    guesses.findIndex(({ isSure }) => !isSure),
  );
  const isOpen = (/** @type {number} */ i) => guesses[i].isSure === guesses[about].isSure;
  const texts = bytes.map((each, i) => decode(each, files[i].name, isOpen(i) ? chosen : undefined, guesses[i]));
  return {
    text: texts.map(({ text }) => text).join("\n"),
    source: texts.map(({ encoding }, i) => `${files[i].name} (${encoding})`).join(", "),
    encoding: texts[about].encoding,
    isSure: guesses[about].isSure,
    about,
    damaged: texts.reduce((sum, { damaged }) => sum + damaged, 0),
  };
}
