// SPDX-License-Identifier: MIT
//
// together.js - several texts from one prompt, written as one batch.

/**
 * Writes branches of one prompt together, as one batch; none has events but its first.
 * @param {import("./story.js").Branch[]} branches @param {number} length @returns {Generator<(import("../core/model.js").Step | null)[]>}
 */
export function* writeTogether(branches, length) {
  const [first, ...others] = branches;
  for (const step of first.read()) yield [step];
  for (const branch of others) branch.steps = [...first.steps];
  const state = first.stateAt(first.given);
  try {
    const texts = branches.map(branch => ({ ...branch.samplingAt(0), seed: branch.seed }));
    for (const steps of state.model.writeTogether(state, texts, { length })) {
      steps.forEach((step, i) => step && branches[i].steps.push(step));
      yield steps;
    }
  } finally {
    state.free();
  }
}
