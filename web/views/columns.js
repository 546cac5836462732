// SPDX-License-Identifier: MIT
//
// columns.js - room for texts that are written together, each under its name.

/**
 * @param {HTMLElement} target
 * @param {{ name: string, note: string }[]} streams
 * @returns {HTMLElement[]} where each text goes
 */
export function draw(target, streams) {
  while (target.children.length > streams.length) target.lastElementChild?.remove();
  while (target.children.length < streams.length) target.append(stream());
  return streams.map(({ name, note }, i) => {
    const [head, box] = /** @type {HTMLElement[]} */ ([...target.children[i].children]);
    head.children[0].textContent = name;
    head.children[1].textContent = note;
    box.setAttribute("aria-label", name);
    return box;
  });
}

function stream() {
  const made = document.createElement("section");
  const head = document.createElement("h3");
  const box = document.createElement("div");
  const note = document.createElement("span");
  made.className = "stream";
  note.className = "note";
  head.append(document.createElement("span"), " ", note);
  box.className = "page";
  box.dir = "auto";
  box.tabIndex = 0; // it scrolls
  box.setAttribute("role", "group");
  made.append(head, box);
  return made;
}
