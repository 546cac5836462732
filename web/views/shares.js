// SPDX-License-Identifier: MIT
//
// shares.js - a distribution of many, or a course of steps: a thin column for each.

/**
 * Columns without names, as high as their values; what is marked stands out.
 * @param {HTMLElement} target @param {{ value: number, isMarked: boolean }[]} columns @param {number} most the highest value
 * @param {string} label what it shows, in words
 */
export function drawColumns(target, columns, most, label) {
  target.classList.add("thin-columns");
  target.setAttribute("role", "img");
  target.ariaLabel = label;
  while (target.children.length > columns.length) target.lastElementChild?.remove();
  while (target.children.length < columns.length) target.append(document.createElement("i"));
  columns.forEach(({ value, isMarked }, i) => {
    const column = /** @type {HTMLElement} */ (target.children[i]);
    column.style.blockSize = `${(100 * value) / most}%`;
    column.classList.toggle("marked", isMarked);
  });
}
