// SPDX-License-Identifier: MIT
//
// writer.js - the pace of reading and writing: a slice of work a frame, so that the page never freezes.

/** @typedef {import("./rnn.js").Model} Model */
/** @typedef {import("./rnn.js").Step} Step */

const FRAME_BUDGET = 8; // milliseconds of work a frame
const SLICE = 16; // tokens read between looks at the clock

/**
 * @typedef {object} Job
 * @property {Model} model
 * @property {Int32Array} ids what to read first
 * @property {{ temperature: number, seed: number, length: number, position: number }} options read anew at each step
 * @property {() => number} pace characters a second; 0: as fast as it can
 * @property {(done: number, all: number) => void} onRead
 * @property {(steps: Step[]) => void} onSteps what one frame wrote
 * @property {(error?: unknown) => void} onEnd called once: written, failed (with the error), but not when stopped
 */

/**
 * Starts a job; the function returned stops it at once.
 * @param {Job} job
 * @returns {() => void}
 */
export function start(job) {
  const state = job.model.start();
  let frame = 0;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    cancelAnimationFrame(frame);
    state.free();
  };
  const work = slices(job, state);
  const tick = (/** @type {number} */ time) => {
    try {
      if (!work.next(time).done) {
        if (!ended) frame = requestAnimationFrame(tick); // a callback may have stopped it
        return;
      }
      end();
      job.onEnd();
    } catch (error) {
      end();
      job.onEnd(error);
    }
  };
  frame = requestAnimationFrame(tick);
  return end;
}

/**
 * The work of a job, a frame's share at each next(time).
 * @param {Job} job
 * @param {import("./rnn.js").State} state
 * @returns {Generator<void, void, number>}
 */
function* slices({ model, ids, options, pace, onRead, onSteps }, state) {
  for (let done = 0; done < ids.length; ) {
    const until = performance.now() + FRAME_BUDGET;
    for (; done < ids.length && performance.now() < until; done += SLICE) state.advance(ids.subarray(done, done + SLICE));
    if (done < ids.length) {
      onRead(done, ids.length);
      yield;
    }
  }
  onRead(ids.length, ids.length);
  const steps = model.write(state, options);
  let last = yield;
  let due = 1;
  for (;;) {
    const { batch, done } = pull(steps, pace() ? Math.floor(due) : Infinity);
    if (batch.length) onSteps(batch);
    if (done) return;
    const time = yield;
    due = Math.min(due - (pace() ? batch.length : due), 1) + ((time - last) / 1000) * pace();
    last = time;
  }
}

/** At most so many steps, within the frame's budget. @param {Generator<Step>} steps @param {number} most */
function pull(steps, most) {
  const until = performance.now() + FRAME_BUDGET;
  /** @type {Step[]} */
  const batch = [];
  while (batch.length < most && performance.now() < until) {
    const { value, done } = steps.next();
    if (done) return { batch, done: true };
    batch.push(value);
  }
  return { batch, done: false };
}
