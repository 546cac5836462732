// SPDX-License-Identifier: MIT
//
// frame.js - in a frame of another page: tells that page how high the frame would have to be for all to be seen without scrolling.
// It posts { type: "nextchar.height", height } in pixels, at first and whenever that changes. Fetched for layout=embed alone.

const TEXT = 14 * 16; // pixels of the text itself, which takes whatever height it is given

/** @param {HTMLElement} root of the desk @param {AbortSignal} signal ends it */
export function tellHeight(root, signal) {
  const why = /** @type {HTMLElement} */ (root.querySelector(".why"));
  const text = /** @type {HTMLElement} */ (root.querySelector(".texts"));
  let told = 0;

  function tell() {
    const others = root.offsetHeight - text.offsetHeight;
    const isBeside = why.offsetTop < text.offsetTop + text.offsetHeight;
    const reasons = why.scrollHeight - why.clientHeight; // that one has to scroll to
    const height = Math.ceil(others + Math.max(TEXT, isBeside ? why.scrollHeight : 0) + (isBeside ? 0 : reasons));
    if (height === told) return;
    told = height;
    parent.postMessage({ type: "nextchar.height", height }, "*"); // whoever frames us: a height is no secret
  }

  const watching = new ResizeObserver(tell);
  for (const element of [root, why, text, ...why.children]) watching.observe(element);
  signal.addEventListener("abort", () => watching.disconnect());
}
