// SPDX-License-Identifier: MIT
//
// history.js - the course of a training, for worker and page alike; it stays small however long the training takes.

/** @typedef {{ done: number, seconds: number, bits: number, heldOut: number | null }} Point after an update; bits per token */
/** @typedef {{ done: number, temperature: number, text: string }} Sample */
/**
 * The update after which the network was best on what is held out: bits per token or label; of examples the share of right answers too.
 * @typedef {{ done: number, heldOut: number, accuracy?: number }} Best
 */
/** Plain data. @typedef {{ points: Point[], samples: Sample[], best: Best | null, seconds: number }} History */

const MOST_POINTS = 500;
const MOST_SAMPLES = 100;

/** @returns {History} */
export const emptyHistory = () => ({ points: [], samples: [], best: null, seconds: 0 });

/** Where there are many points, every second one goes, those with a held-out figure last. @param {History} history @param {Point} point */
export function addPoint(history, point) {
  const { points } = history;
  points.push(point);
  if (points.length > MOST_POINTS) history.points = points.filter(({ heldOut }, i) => heldOut !== null || i % 2 === 0);
  if (history.points.length > MOST_POINTS) history.points = history.points.filter((_, i) => i % 2 === 0);
}

/** @param {History} history @param {Sample} sample */
export function addSample(history, sample) {
  history.samples.push(sample);
  if (history.samples.length > MOST_SAMPLES) history.samples = history.samples.filter((_, i) => i % 2 === 0);
}

/** Forgets what came after an update. @param {History} history @param {number} last */
export function cutHistory(history, last) {
  history.points = history.points.filter(({ done }) => done <= last);
  history.samples = history.samples.filter(({ done }) => done <= last);
}

/** The held-out bits as they were measured last. @param {History} history */
export const lastHeldOut = ({ points }) => points.findLast(({ heldOut }) => heldOut !== null)?.heldOut ?? null;
