// SPDX-License-Identifier: MIT
//
// history.js - the course of a training, for worker and page alike; it stays small however long the training takes.

/** @typedef {{ done: number, seconds: number, bits: number, heldOut: number | null }} Point after an update; bits per token */
/** @typedef {{ done: number, temperature: number, text: string }} Sample */
/** @typedef {{ points: Point[], samples: Sample[], best: { done: number, heldOut: number } | null, seconds: number }} History */

const MOST = 500;

/**
 * Fewer points where they are many: every second one goes, those with a held-out figure last.
 * @param {Point[]} points
 * @returns {Point[]}
 */
export function thin(points) {
  const some = points.length > MOST ? points.filter(({ heldOut }, i) => heldOut !== null || i % 2 === 0) : points;
  return some.length > MOST ? some.filter((_, i) => i % 2 === 0) : some;
}
