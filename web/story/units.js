// SPDX-License-Identifier: MIT
//
// units.js - which hidden unit follows something that one can read in the text: line ends, words, quotes.

/** @typedef {{ key: string, unit: number, correlation: number }} Found correlation: Pearson's, with its sign */

const FEWEST = 16; // rows; with fewer, one of hundreds of units follows anything by chance
const LETTER = /^[\p{L}\p{M}\p{N}]/u;
const CAPITAL = /^\p{Lu}/u;
const JOINS = /^['’‑-]/; // within a word: don't, кое-что
const ENDS = /^[.!?…。]/;

/** What closes an opening quotation mark; “ opens in English and closes „ in Russian and German. @type {Record<string, string>} */
const CLOSES = { "“": "”", "«": "»", "„": "“”", "»": "«", "‘": "’'", '"': '"', "'": "'’" };

/**
 * The unit that follows each feature most: whose h has the greatest absolute correlation with it over the rows.
 * Features that are the same in all rows, and units that are, are left out.
 * @param {Float32Array} values T × H: the rows of h, each after its character was read
 * @param {string[]} texts the T characters read
 * @param {number} hidden H
 * @returns {Found[]} in the order of the features
 */
export function findUnits(values, texts, hidden) {
  const rows = Math.min(texts.length, Math.floor(values.length / hidden) || 0);
  if (rows < FEWEST) return [];
  /** @type {Found[]} */
  const found = [];
  const units = Array.from({ length: hidden }, (_, unit) => Float64Array.from({ length: rows }, (_, t) => values[t * hidden + unit]));
  for (const [key, feature] of Object.entries(features(texts.slice(0, rows)))) {
    const correlations = units.map(unit => Math.abs(correlation(unit, feature)));
    const unit = correlations.reduce((best, r, i) => (r > (correlations[best] ?? 0) ? i : best), -1); // NaN is never greater
    if (unit >= 0) found.push({ key, unit, correlation: correlation(units[unit], feature) });
  }
  return found;
}

/**
 * What could be followed, as a number per character read:
 *
 * - newline: characters since the last line end, from the window's beginning before the first; 0 throughout without one
 * - word: 1 in a word (letters, digits, and apostrophes and hyphens after them), else 0
 * - quote: 1 from an opening quotation mark until its closing one, else 0; without one, until the paragraph's end,
 *   but a ' without one is an apostrophe
 * - capital: 1 at a capital letter, else 0
 * - sentence: characters since . ! ? or …, as newline
 *
 * They say how the text is, not what can be known of it so far: whether a ' opens is seen by what follows.
 * @param {string[]} texts
 * @returns {Record<string, number[]>}
 */
export function features(texts) {
  let inWord = false;
  return {
    newline: since(texts, text => text === "\n"),
    word: texts.map(text => Number((inWord = LETTER.test(text) || (inWord && JOINS.test(text))))),
    quote: quoted(texts),
    capital: texts.map(text => Number(CAPITAL.test(text))),
    sentence: since(texts, text => ENDS.test(text)),
  };
}

/**
 * Pearson's correlation, NaN if either is constant or not finite.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y as long
 */
export function correlation(x, y) {
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  let varies = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i] - meanX;
    const dy = y[i] - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
    varies |= Number(x[i] !== x[0]) | (2 * Number(y[i] !== y[0])); // the sums may miss 0 by rounding
  }
  return varies === 3 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : NaN;
}

/** @param {ArrayLike<number>} x */
function mean(x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum / x.length;
}

/**
 * Characters since one that ends something; without any, time alone would pass for a feature.
 * @param {string[]} texts
 * @param {(text: string) => boolean} ends
 */
function since(texts, ends) {
  let count = 0;
  return texts.map(texts.some(ends) ? text => (count = ends(text) ? 0 : count + 1) : () => 0);
}

/** @param {string[]} texts */
function quoted(texts) {
  const inside = texts.map(() => 0);
  let unclosed = 0; // as far as there is no ' that closes: nobody looks twice
  for (let i = 0; i < texts.length; i++) {
    const marks = CLOSES[texts[i]];
    const joins = LETTER.test(texts[i - 1] ?? "");
    if (!marks || (texts[i] === "'" && (joins || i < unclosed))) continue;
    const end = closing(texts, i + 1, marks);
    const closed = marks.includes(texts[end] ?? "\n");
    if (texts[i] === "'" && !closed) {
      unclosed = end; // 'tis
      continue;
    }
    inside.fill(1, i, end + 1);
    i = end;
  }
  return inside;
}

/**
 * Where a quotation ends: at its mark, or with its paragraph if that was forgotten, or not yet.
 * @param {string[]} texts
 * @param {number} from
 * @param {string} marks
 */
function closing(texts, from, marks) {
  for (let i = from; i < texts.length; i++) {
    const apostrophe = /^['’]/.test(texts[i]) && LETTER.test(texts[i + 1] ?? "");
    if (texts[i] && marks.includes(texts[i]) && !apostrophe) return i;
    if (texts[i] === "\n" && texts[i - 1] === "\n") return i;
  }
  return texts.length;
}
