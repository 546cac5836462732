// SPDX-License-Identifier: MIT
//
// soon.js - what takes too long to be drawn at every step is drawn a moment later.

const PAUSE = 200; // milliseconds between two drawings

/**
 * Draws once, a moment after it was asked for, however often. Until then root says that it is busy.
 * @param {HTMLElement} root @param {() => void} draw
 */
export function soon(root, draw) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function stop() {
    clearTimeout(timer);
    timer = undefined;
    root.ariaBusy = "false";
  }

  function ask() {
    root.ariaBusy = "true";
    timer ??= setTimeout(() => {
      stop();
      draw();
    }, PAUSE);
  }
  return { ask, stop };
}
