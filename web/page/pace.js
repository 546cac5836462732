// SPDX-License-Identifier: MIT
//
// pace.js - the pace of work: a slice of it a frame, so that the page never freezes. The slice follows how long the frames really take.

const BUDGET = { least: 1.5, first: 4, most: 8 }; // milliseconds of work a frame
const SMOOTH = 1000 / 60; // milliseconds from frame to frame
const SLOW = 1.25; // so many times the quickest of late: such a frame had too much in it
const FORGET = 1.02; // by so much the quickest is thought slower with each frame
const MOST = 400; // steps a frame: all of them are drawn in it, too
const CALM = 100; // milliseconds between whole drawings of what is done as fast as it can

/** Starts a job; the function returned stops it at once. @template T @param {import("./contract.js").Job<T>} job */
export function start({ steps, pace = () => 0, most = MOST, onSteps, onEnd }) {
  let frame = requestAnimationFrame(tick);
  const budget = budgetOf();
  let last = 0;
  let lastWhole = -Infinity;
  let due = 1;
  let ended = false;

  /** @param {number} time */
  function tick(time) {
    try {
      due = pace() ? Math.min(due, 1) + (last ? ((time - last) / 1000) * pace() : 0) : Infinity;
      const { batch, done } = pull(steps, Math.min(Math.floor(due), most), budget(last ? time - last : SMOOTH));
      last = time;
      due -= batch.length;
      const isWhole = pace() > 0 || time - lastWhole >= CALM;
      if (isWhole) lastWhole = time;
      if (batch.length) onSteps(batch, isWhole);
      if (ended) return; // onSteps stopped it
      if (!done) frame = requestAnimationFrame(tick);
      else finish();
    } catch (error) {
      finish(error);
    }
  }

  /** @param {unknown} [error] */
  function finish(error) {
    if (ended) return;
    stop();
    onEnd?.(error);
  }

  function stop() {
    ended = true;
    cancelAnimationFrame(frame);
    steps.return?.(); // lets it give back its state
  }
  return stop;
}

/** The work that a frame has room for, by how long the one before took: less after a slow one, then little by little more again. */
function budgetOf() {
  let budget = BUDGET.first;
  let quickest = SMOOTH; // of late: where a display, or a machine, is slow, to work less would not make it quicker
  return (/** @type {number} */ took) => {
    quickest = Math.min(took, quickest * FORGET);
    const isSlow = took > SLOW * Math.max(quickest, SMOOTH);
    budget = isSlow ? Math.max(BUDGET.least, budget * 0.75) : Math.min(BUDGET.most, budget + 0.5);
    return budget;
  };
}

/**
 * At most so many steps, within the frame's budget.
 * @template T
 * @param {Iterator<T>} steps @param {number} most @param {number} budget
 */
function pull(steps, most, budget) {
  const until = performance.now() + budget;
  /** @type {T[]} */
  const batch = [];
  while (batch.length < most && performance.now() < until) {
    const { value, done } = steps.next();
    if (done) return { batch, done: true };
    batch.push(value);
  }
  return { batch, done: false };
}
