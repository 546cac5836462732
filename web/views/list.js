// SPDX-License-Identifier: MIT
//
// list.js - what a network is and where it comes from, as a list of names and values.

/** @param {HTMLElement} target @param {{ name: string, value: string }[]} facts */
export function draw(target, facts) {
  const list = document.createElement("dl");
  list.className = "facts";
  for (const { name, value } of facts) {
    const term = document.createElement("dt");
    const said = document.createElement("dd");
    const isolated = document.createElement("bdi"); // a file's words may run the other way
    term.textContent = name;
    isolated.textContent = value;
    said.append(isolated);
    list.append(term, said);
  }
  target.replaceChildren(list);
}
