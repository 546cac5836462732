// SPDX-License-Identifier: MIT
//
// parted.js - why two texts that lie side by side part where they do. Fetched when one is laid beside the other.
import { nameOf, temperatureText } from "./describe.js";

/** @typedef {import("../story/story.js").Branch} Branch */

/** @param {import("./contract.js").Words} words @param {Branch} a @param {Branch} b @param {number} place -1: they do not part */
export function noteOf(words, a, b, place) {
  const { say, number } = words;
  if (place < 0) return say("beside.same");
  const [one, two] = [a, b].map(branch => ({ step: branch.steps[place], T: branch.samplingAt(place - branch.given).temperature }));
  const values = { place: number(place - a.given + 1), a: nameOf(words, one.step.text), b: nameOf(words, two.step.text) };
  if (one.step.u === null || two.step.u === null || one.step.u !== two.step.u) return say("beside.choice", values);
  const [Ta, Tb] = [one, two].map(({ T }) => temperatureText(words, T));
  return say("beside.dice", { ...values, u: number(one.step.u, { maximumFractionDigits: 3 }), Ta, Tb });
}
