// SPDX-License-Identifier: MIT
//
// likely.js - what may come next, the most probable first: a short list of bars.

/**
 * @typedef {object} LikelyData
 * @property {{ name: string, described: boolean, p: number, text: string, isMarked: boolean }[]} rows described: the name is no part of a
 *   text; text: p in words
 * @property {string} label what the list is called
 */

/** Rows are kept from frame to frame, so that their bars can move. @param {HTMLElement} list an ol @param {LikelyData} data */
export function draw(list, { rows, label }) {
  list.setAttribute("aria-label", label);
  while (list.children.length > rows.length) list.lastElementChild?.remove();
  while (list.children.length < rows.length) list.append(row());
  rows.forEach(({ name, described, p, text, isMarked }, i) => {
    const [named, bar, share] = /** @type {HTMLElement[]} */ ([...list.children[i].children]);
    list.children[i].className = isMarked ? "marked" : "";
    named.textContent = name;
    named.classList.toggle("word", described);
    /** @type {HTMLElement} */ (bar.firstElementChild).style.inlineSize = `${100 * p}%`;
    share.textContent = text;
  });
}

function row() {
  const made = document.createElement("li");
  const [name, bar, p] = ["name", "likely-bar", "p"].map(className => {
    const part = document.createElement("span");
    part.className = className;
    return part;
  });
  bar.append(document.createElement("i"));
  made.append(name, bar, p);
  return made;
}
