// SPDX-License-Identifier: MIT
//
// truths.js - the right answers to whole numbers, where a network's task has them.
import { english, roman, russian } from "../../trainer/numerals.js";

/** By network; each has learnt the numbers from 1 to `most`. @type {Record<string, { most: number, of: (n: number) => string }>} */
const TRUTHS = {
  roman: { most: 3999, of: roman },
  "numbers-en": { most: 999_999, of: english },
  "numbers-ru": { most: 999_999, of: russian },
};

/** "": it is not known. @param {string} name of a network @param {string} input */
export function truthOf(name, input) {
  const truth = TRUTHS[name];
  return truth && /^[1-9]\d*$/.test(input) && Number(input) <= truth.most ? truth.of(Number(input)) : "";
}
