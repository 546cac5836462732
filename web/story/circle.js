// SPDX-License-Identifier: MIT
//
// circle.js - the cycle into which a text has fallen, and how near its state came back.

/** @typedef {import("./story.js").Branch} Branch */

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

/**
 * How far the state before one place is from the state before another: |a - b| / |a|, over all layers' h and c.
 * @param {Branch} branch @param {number} a @param {number} b
 */
export function distance(branch, a, b) {
  const [one, two] = [a, b].map(place => {
    const state = branch.stateAt(place);
    try {
      return Array.from({ length: branch.model.layers }, (_, layer) => [...state.h(layer), ...state.c(layer)]).flat();
    } finally {
      state.free();
    }
  });
  const norm = (/** @type {number[]} */ x) => Math.hypot(...x);
  return norm(one.map((x, i) => x - two[i])) / norm(one);
}
