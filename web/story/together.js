// SPDX-License-Identifier: MIT
//
// together.js - several texts from one prompt: their temperatures, and writing them as one batch.
import { read } from "../page/settings.js";
import { light } from "./story.js";

/**
 * Writes branches of one prompt together, as one batch; none has events but its first.
 * @param {import("./story.js").Branch[]} branches @param {number} length @returns {Generator<(import("../core/model.js").Step | null)[]>}
 */
export function* writeTogether(branches, length) {
  const [first, ...others] = branches, { model } = first;
  for (const step of first.read()) yield [step];
  for (const branch of others) branch.steps.push(...first.steps);
  const state = first.stateAt(first.given);
  try {
    const texts = branches.map(branch => ({ ...branch.samplingAt(0), seed: branch.seed }));
    for (const steps of model.writeTogether(state, texts, { length })) {
      steps.forEach((step, i) => step && branches[i].steps.push(light(step)));
      yield steps;
    }
  } finally {
    state.free();
  }
}

const MOST_STREAMS = 8;

/**
 * The temperatures that a list means, or undefined if it is none.
 * @param {string} text parted by blanks or semicolons, else by commas
 * @returns {number[] | undefined} 1 to MOST_STREAMS
 */
export function readTemperatures(text) {
  const separator = /[\s;]/.test(text.trim()) ? /,?[\s;]+/ : ",";
  const list = text.trim().split(separator).map(each => read("temperature", each));
  return list.length <= MOST_STREAMS && !list.includes(undefined) ? list : undefined;
}
