// SPDX-License-Identifier: MIT
//
// pace.js - the pace of work: a slice of it a frame, so that the page never freezes.

const USUAL_BUDGET = 8; // milliseconds of work a frame

/** Starts a job; the function returned stops it at once. @template T @param {import("./contract.js").Job<T>} job */
export function start({ steps, pace = () => 0, budget = USUAL_BUDGET, onSteps, onEnd }) {
  let frame = requestAnimationFrame(tick);
  let last = 0;
  let due = 1;
  let ended = false;

  /** @param {number} time */
  function tick(time) {
    try {
      due = pace() ? Math.min(due, 1) + (last ? ((time - last) / 1000) * pace() : 0) : Infinity;
      last = time;
      const { batch, done } = pull(steps, Math.floor(due), budget);
      due -= batch.length;
      if (batch.length) onSteps(batch);
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
