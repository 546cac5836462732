// SPDX-License-Identifier: MIT
//
// dice.js - chance that is the same each time: examples are drawn, put into another order and held out by it.

const SEED = 7;

/** Numbers in [0, 1) (Park and Miller 1988). */
export function diceOf(seed = SEED) {
  let state = seed;
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
}

/** The list in another order (Fisher and Yates 1938). @template T @param {readonly T[]} list @returns {T[]} */
export function shuffled(list, dice = diceOf()) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const k = Math.floor(dice() * (i + 1));
    [all[i], all[k]] = [all[k], all[i]];
  }
  return all;
}

/** The list in another order, so many of its end held out. @template T @param {readonly T[]} list @param {number} heldOut */
export function parted(list, heldOut) {
  const all = shuffled(list);
  const from = all.length - heldOut;
  return { train: all.slice(0, from), heldOut: all.slice(from) };
}
