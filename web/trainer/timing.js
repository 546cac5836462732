// SPDX-License-Identifier: MIT
//
// timing.js - how a worker that computes all the time still hears, and does other things now and then.

export const now = () => performance.now() / 1000;

/** Lets messages in: a timer would be slowed in a hidden tab, and a promise lets none in. @returns {Promise<void>} */
export function turn() {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** A generator to its end, with turns in between. @template T @param {Generator<unknown, T>} steps @returns {Promise<T>} */
export async function finish(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return /** @type {T} */ (value);
    await turn();
  }
}

/** Something that is done every so many seconds; more and more seldom, if the time grows. */
export class Interval {
  #began = now();
  #seconds;
  #growth;

  /** @param {number} seconds @param {number} [growth] */
  constructor(seconds, growth = 1) {
    this.#seconds = seconds;
    this.#growth = growth;
  }

  get elapsed() {
    return now() - this.#began;
  }

  get isOver() {
    return this.elapsed >= this.#seconds;
  }

  restart() {
    this.#began = now();
    this.#seconds *= this.#growth;
  }
}
