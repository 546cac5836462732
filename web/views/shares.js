// SPDX-License-Identifier: MIT
//
// shares.js - a distribution as it is: a bar for each of a few, or a thin column for each of many.

/**
 * @typedef {object} Share
 * @property {string} name
 * @property {number} share 0 to 1; NaN: it is none
 * @property {string} text what it is called
 * @property {boolean} [isMarked]
 */

/**
 * Bars with names; rows are kept, so that their widths can move.
 * @param {HTMLElement} list @param {Share[]} shares @param {number} most that of the longest bar there can be
 */
export function drawBars(list, shares, most) {
  list.classList.add("shares");
  while (list.children.length > shares.length) list.lastElementChild?.remove();
  while (list.children.length < shares.length) list.append(row());
  shares.forEach(({ name, share, text, isMarked = false }, i) => {
    const item = /** @type {HTMLElement} */ (list.children[i]);
    const [label, track, said] = /** @type {HTMLElement[]} */ ([...item.children]);
    item.classList.toggle("marked", isMarked);
    item.classList.toggle("none", !(share > 0));
    label.textContent = name;
    said.textContent = text;
    /** @type {HTMLElement} */ (track.firstElementChild).style.inlineSize = `${100 * (share / most || 0)}%`;
  });
}

function row() {
  const made = document.createElement("li");
  const track = document.createElement("span");
  track.className = "track";
  track.append(document.createElement("i"));
  made.append(document.createElement("bdi"), " ", track, " ", document.createElement("span")); // blanks part what is read out
  return made;
}

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
