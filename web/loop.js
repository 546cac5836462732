// SPDX-License-Identifier: MIT
//
// loop.js - the cycle into which a text has fallen.

const TIMES = 3; // that a period must have come to count as one
const LEAST = 24; // characters that must repeat: "hahaha" and "....." are no loops yet
const LONGEST = 400; // period looked for

/**
 * The shortest period in which a text ends, and where it began to repeat.
 * @param {number} length
 * @param {(place: number) => number} idAt
 * @returns {{ from: number, period: number } | null} from: the first place of the first whole period
 */
export function findLoop(length, idAt) {
  for (let period = 1; period <= Math.min(LONGEST, length / TIMES); period++) {
    let from = length - period; // what lies from here on stands one period earlier too
    while (from > 0 && idAt(from - 1) === idAt(from - 1 + period)) from--;
    const repeated = length - from;
    if (repeated >= Math.max(TIMES * period, LEAST)) return { from, period };
  }
  return null;
}
