// SPDX-License-Identifier: MIT
//
// parted.js - why two texts that lie side by side part where they do. Fetched when one is laid beside the other.
import { nameOf, temperatureText } from "../describe.js";

/** @typedef {import("../../story/story.js").Branch} Branch */
/** @typedef {import("../contract.js").Words} Words */

/** @param {Words} words @param {Branch} a @param {Branch} b @param {number} place -1: they do not part */
export function noteOf(words, a, b, place) {
  const { why, values } = parting(words, a, b, place);
  return words.say(`beside.${why}`, values);
}

/**
 * Why they part, and what a sentence that says so is filled in with.
 * @param {Words} words @param {Branch} a @param {Branch} b @param {number} place -1: they do not part
 * @returns {{ why: "same" | "choice" | "dice", values: Record<string, string> }}
 */
export function parting(words, a, b, place) {
  const { number } = words;
  const [Ta, Tb] = [a, b].map(branch => temperatureText(words, branch.samplingAt(Math.max(0, place - branch.given)).temperature));
  if (place < 0) return { why: "same", values: { Ta, Tb } };
  const [one, two] = [a.steps[place], b.steps[place]];
  const values = { place: number(place - a.given + 1), a: nameOf(words, one.text), b: nameOf(words, two.text), Ta, Tb };
  if (one.u === null || two.u === null || one.u !== two.u) return { why: "choice", values };
  return { why: "dice", values: { ...values, u: number(one.u, { maximumFractionDigits: 3 }) } };
}
