// SPDX-License-Identifier: MIT
//
// tree.js - the texts of one prompt as a tree: each a button that goes there, and one that lays it beside.

/**
 * @typedef {object} BranchesData
 * @property {{ name: string, excerpt: string, depth: number, current: boolean, beside: boolean, besideLabel: string }[]} branches parents
 *   before their children
 * @property {{ beside: string }} words
 */

/** Rows are kept, so that focus stays. @param {HTMLElement} target @param {BranchesData} data */
export function draw(target, { branches, words }) {
  const list = target.querySelector("ol") ?? target.appendChild(document.createElement("ol"));
  list.className = "branches";
  while (list.children.length > branches.length) list.lastElementChild?.remove();
  while (list.children.length < branches.length) list.append(item());
  branches.forEach(({ name, excerpt, depth, current, beside, besideLabel }, i) => {
    const row = /** @type {HTMLElement} */ (list.children[i]);
    const [go, keep] = /** @type {HTMLButtonElement[]} */ ([...row.children]);
    row.style.setProperty("--depth", String(depth));
    go.dataset.go = String(i);
    go.setAttribute("aria-current", String(current));
    go.children[0].textContent = name;
    go.children[1].textContent = excerpt;
    keep.dataset.beside = String(i);
    keep.textContent = words.beside;
    keep.setAttribute("aria-label", besideLabel);
    keep.setAttribute("aria-pressed", String(beside));
    keep.disabled = current;
  });
}

function item() {
  const row = document.createElement("li");
  for (const className of ["go", "keep plain"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    row.append(button);
  }
  row.children[0].append(document.createElement("span"), document.createElement("bdi"));
  return row;
}
