// SPDX-License-Identifier: MIT
//
// glance.js - what little room shows of a place of a text: its most probable tokens, all others as one bar, and where the dice fell.
import { asLearnt, candidate, nameOf, pieces, probability, short, signOf } from "../describe.js";

/** @typedef {import("../contract.js").Words} Words */
/** @typedef {import("../../story/story.js").Branch} Branch */

const TOP = 5; // bars
const NARROW = 1 / 150; // of the strip: it is about so many pixels wide

/**
 * At the temperature and the cuts with which the text was written there.
 * @param {Words} words @param {Branch} branch @param {number} place of the whole text
 * @returns {import("../../views/data.js").SmallDistribution}
 */
export function glanceOf(words, branch, place) {
  const { say } = words;
  const { vocabulary } = branch.model;
  const step = branch.steps[place];
  const { id, u } = step;
  const sampling = branch.samplingAt(Math.max(0, place - branch.given)); // what was given is seen as the first that was drawn
  const before = asLearnt(step);
  const after = step.probs(sampling.temperature, sampling);
  const ids = likeliest(before, TOP); // a temperature keeps their order
  if (!ids.includes(id)) ids[ids.length - 1] = id; // what came is always there to see
  const restOf = (/** @type {Float32Array} */ probs) => Math.max(0, 1 - ids.reduce((sum, each) => sum + probs[each], 0));
  const rest = { before: restOf(before), after: restOf(after) };
  const character = nameOf(words, step.text);
  return {
    top: ids.map(each => barOf(words, vocabulary[each], { id: each, before: before[each], after: after[each] })),
    rest: { ...rest, beforeText: probability(words, rest.before), afterText: probability(words, rest.after) },
    strip: pieces(after, id, NARROW),
    chosen: id,
    u,
    canChoose: false,
    words: {
      rest: say("temperatures.rest"),
      dice: u === null ? say("temperatures.given") : say("temperatures.fell", { u: short(words, u, 3), character }),
    },
  };
}

/** @param {Words} words @param {string} text @param {{ id: number, before: number, after: number }} shares */
function barOf(words, text, shares) {
  const bar = candidate(words, text, shares);
  const afterText = probability(words, shares.after); // at T = 0 all others have none, and none is cut
  const label = words.say("temperatures.bar", { before: bar.beforeText });
  const sign = signOf(text);
  return { ...bar, label, afterText, ...(sign && { name: sign, described: false }) };
}

/**
 * The ids of the n greatest, greatest first: thousands of words are too many to sort in each frame.
 * @param {Float32Array} probs @param {number} n
 */
function likeliest(probs, n) {
  /** @type {number[]} */
  const best = [];
  probs.forEach((p, id) => {
    if (best.length === n && !(p > probs[best[n - 1]])) return;
    const at = best.findIndex(other => p > probs[other]);
    best.splice(at < 0 ? best.length : at, 0, id);
    best.length = Math.min(best.length, n);
  });
  return best;
}
