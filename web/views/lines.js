// SPDX-License-Identifier: MIT
//
// lines.js - thin lines from one element to another, as far as both are in sight. For the eye alone: a sentence says what they mean.

/** @typedef {{ element: Element, box: Element }} End box: what it scrolls in */

/** A layer for lines that covers what it is put into. */
export function layer() {
  const made = svg("svg");
  made.setAttribute("class", "lines");
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** @param {Element} target a layer @param {[from: End, to: End][]} pairs */
export function draw(target, pairs) {
  const ways = pairs.length ? waysOf(target.getBoundingClientRect(), pairs) : [];
  while (target.children.length > ways.length) target.lastElementChild?.remove();
  while (target.children.length < ways.length) target.append(svg("path"));
  ways.forEach((d, i) => target.children[i].setAttribute("d", d));
}

/** @param {string} name */
function svg(name) {
  return document.createElementNS("http://www.w3.org/2000/svg", name);
}

/** @param {DOMRect} origin @param {[End, End][]} pairs */
function waysOf(origin, pairs) {
  return pairs.flatMap(pair => {
    const [a, b] = pair.map(rectOf);
    if (!a || !b) return [];
    const [x1, x2] = a.left < b.left ? [a.right, b.left] : [a.left, b.right];
    const [y1, y2] = [a, b].map(({ top, bottom }) => (top + bottom) / 2 - origin.top);
    const middle = (x1 + x2) / 2 - origin.left;
    return `M${x1 - origin.left} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2 - origin.left} ${y2}`;
  });
}

/** Where it is; undefined: scrolled out of its box. @param {End} end */
function rectOf({ element, box }) {
  const rect = element.getBoundingClientRect();
  const { top, bottom } = box.getBoundingClientRect();
  return rect.top >= top && rect.bottom <= bottom ? rect : undefined;
}
