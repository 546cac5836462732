// SPDX-License-Identifier: MIT
//
// trace.js - hidden units along a text, computed again from its tokens: a text keeps its logits, not its cells.

/** @typedef {import("./story.js").Branch} Branch */

/** One unit of the last layer along a whole text, as far as it is computed. */
export class Trace {
  /** @type {number[]} h of the unit after each character was read */
  values = [];
  working = false;

  /** @param {Branch} branch @param {number} unit */
  constructor(branch, unit) {
    this.branch = branch;
    this.unit = unit;
  }

  /** Goes on to the end of the text, a character at each next(). @returns {Generator<number>} */
  *more() {
    const { branch, values, unit } = this;
    const { model } = branch;
    if (values.length < branch.openFrom) values.length = 0; // the whole prompt is learnt again, bit by bit
    const state = branch.stateAt(values.length);
    try {
      while (values.length < branch.steps.length) {
        state.take(branch.steps[values.length].id);
        values.push(state.h(model.layers - 1)[Math.min(unit, model.hidden - 1)]);
        yield values.length;
      }
    } finally {
      state.free();
    }
  }
}

/**
 * h of all units after each of some characters, and the gates with which one of them was read.
 * @param {Branch} branch @param {number} from @param {number} to @param {number} selected
 * @returns {{ values: Float32Array, gates: Float32Array, c: Float32Array }} values (to - from, H)
 */
export function cellsOf(branch, from, to, selected) {
  const { model } = branch;
  const layer = model.layers - 1;
  const values = new Float32Array((to - from) * model.hidden);
  const state = branch.stateAt(from);
  let gates = new Float32Array();
  let c = new Float32Array();
  try {
    for (let place = from; place < to; place++) {
      state.take(branch.steps[place].id);
      values.set(state.h(layer), (place - from) * model.hidden);
      if (place === selected) [gates, c] = [state.gates(layer), state.c(layer)];
    }
  } finally {
    state.free();
  }
  return { values, gates, c };
}

/** The states of a stretch of a text, which may move on with it: only what is new in it is read. */
export class Cells {
  /** @type {Branch | null} */
  #branch = null;
  #from = 0;
  /** @type {Float32Array[]} h of the last layer after each character from there on */
  #known = [];
  #saved = new Uint8Array(); // the state after the last one

  /** How many characters are to be read for a stretch. @param {Branch} branch @param {number} from @param {number} to */
  missing(branch, from, to) {
    const known = this.#knownOf(branch, from).length;
    return known ? Math.max(0, to - from - known) : to;
  }

  /** h of the last layer after each character of a stretch. @param {Branch} branch @param {number} from @param {number} to */
  of(branch, from, to) {
    const known = this.#knownOf(branch, from);
    const next = from + known.length;
    if (next < to) this.#read(branch, next, to, known);
    this.#branch = branch;
    this.#from = from;
    this.#known = known;
    return known.slice(0, to - from);
  }

  /** @param {Branch} branch @param {number} from */
  #knownOf(branch, from) {
    return branch === this.#branch && from >= this.#from ? this.#known.slice(from - this.#from) : [];
  }

  /** @param {Branch} branch @param {number} next @param {number} to @param {Float32Array[]} known where they go */
  #read(branch, next, to, known) {
    const { model, steps } = branch;
    const resumes = known.length > 0 && !branch.learn; // a network that has learnt takes no state of the model's
    const state = resumes ? model.start() : branch.stateAt(next);
    try {
      if (resumes) state.load(this.#saved);
      for (const { id } of steps.slice(next, to)) {
        state.take(id);
        known.push(state.h(model.layers - 1));
      }
      this.#saved = state.save();
    } finally {
      state.free();
    }
  }
}
