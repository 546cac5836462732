// SPDX-License-Identifier: MIT
//
// likely.js - what may come next: a short list of bars.

/**
 * @typedef {object} LikelyData
 * @property {{ name: string, described?: boolean, p: number, text: string, isMarked: boolean }[]} rows described: the name is no part of a
 *   text; p: NaN where it is none; text: p in words
 * @property {string} [label] what the list is called, where no head stands above it
 * @property {number} [most] that of the longest bar there can be
 */

/** Rows are kept from frame to frame, so that their bars can move. @param {HTMLElement} list an ol @param {LikelyData} data */
export function draw(list, { rows, label, most = 1 }) {
  list.classList.add("likely");
  if (label) list.setAttribute("aria-label", label);
  while (list.children.length > rows.length) list.lastElementChild?.remove();
  while (list.children.length < rows.length) list.append(row());
  rows.forEach(({ name, described = false, p, text, isMarked }, i) => {
    const [named, bar, share] = /** @type {HTMLElement[]} */ ([...list.children[i].children]);
    list.children[i].classList.toggle("marked", isMarked);
    list.children[i].classList.toggle("none", !(p > 0));
    named.textContent = name;
    named.classList.toggle("word", described);
    /** @type {HTMLElement} */ (bar.firstElementChild).style.inlineSize = `${100 * (p / most || 0)}%`;
    share.textContent = text;
  });
}

function row() {
  const made = document.createElement("li");
  const [name, bar, p] = ["name", "likely-bar", "p"].map((className, i) => {
    const part = document.createElement(i ? "span" : "bdi");
    part.className = className;
    return part;
  });
  bar.append(document.createElement("i"));
  made.append(name, " ", bar, " ", p); // blanks part what is read out
  return made;
}
