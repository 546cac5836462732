// SPDX-License-Identifier: MIT
//
// Pictures of 28 x 28 bytes in the files of MNIST, how heavy and how slanted a written digit is, and what is said of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { digitNames } from "../web/trainer/numerals.js";

export const SIDE = 28;

/** @param {string} folder @param {"train" | "t10k"} part @returns {{ bytes: Buffer, label: number }[]} */
export function pictures(folder, part) {
  const read = name => gunzipSync(readFileSync(join(folder, `${part}-${name}-ubyte.gz`)));
  const bytes = read("images-idx3").subarray(16);
  const labels = read("labels-idx1").subarray(8);
  return Array.from(labels, (label, i) => ({ bytes: bytes.subarray(SIDE ** 2 * i, SIDE ** 2 * (i + 1)), label }));
}

/** The picture so many bytes later: SIDE of them move it down by a row. Digits have an empty margin, clothes have not. */
export function shifted(picture, by) {
  const moved = Buffer.alloc(picture.length);
  for (let i = Math.max(0, by); i < picture.length + Math.min(0, by); i++) moved[i] = picture[i - by];
  return moved;
}

/** The mean width of a picture's strokes, in places: a stroke of width w and length l has the area w l and an edge of 2 l. */
export function strokeWidth(picture) {
  const at = (row, column) => (row < SIDE && column < SIDE ? picture[SIDE * row + column] : 0);
  let area = 0;
  let edge = 0;
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      area += at(row, column);
      edge += Math.hypot(at(row, column + 1) - at(row, column), at(row + 1, column) - at(row, column));
    }
  return (2 * area) / edge;
}

/** How far the strokes lean to the right on their way up, in places a row: of the ink's second moments. */
export function lean(picture) {
  let [ink, x, y, xy, yy] = [0, 0, 0, 0, 0];
  picture.forEach((byte, i) => {
    const [column, row] = [i % SIDE, Math.floor(i / SIDE)];
    ink += byte;
    x += byte * column;
    y += byte * row;
    xy += byte * column * row;
    yy += byte * row * row;
  });
  return -(xy / ink - (x * y) / ink ** 2) / (yy / ink - (y / ink) ** 2);
}

// ---- captions ----

const WEIGHTS = [2.1, 2.8]; // strokes narrower than the first are thin, from the second on bold
const UPRIGHT = 0.15; // leans no further, to either side: 8.5 degrees

export const RU_FIGURES = "ноль единица двойка тройка четвёрка пятёрка шестёрка семёрка восьмёрка девятка".split(" "); // the nouns
const SAID = {
  en: { weights: ["a thin", "a regular", "a bold"], slants: ["leaning left", "upright", "leaning right"] },
  ru: { weights: ["тонк", "обычн", "жирн"], slants: ["с наклоном влево", "прямо", "с наклоном вправо"] },
};

/** "жирная семёрка с наклоном вправо". @param {Uint8Array} picture @param {number} digit @param {"en" | "ru"} language */
export function caption(picture, digit, language) {
  const { weights, slants } = SAID[language];
  const width = strokeWidth(picture);
  const weight = weights[WEIGHTS.filter(limit => width >= limit).length];
  const leaning = lean(picture);
  const slant = slants[Math.abs(leaning) <= UPRIGHT ? 1 : leaning < 0 ? 0 : 2];
  if (language === "en") return `${weight} ${digitNames.en[digit]} ${slant}`;
  const masculine = weight === "тонк" ? "ий" : "ый"; // "ноль" alone is masculine
  return `${weight}${digit === 0 ? masculine : "ая"} ${RU_FIGURES[digit]} ${slant}`;
}
