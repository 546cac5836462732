// SPDX-License-Identifier: MIT
//
// windows.js - how a network reads while it learns: the inputs of a few streams, and under each what should come next.

/**
 * @typedef {object} WindowsData
 * @property {{ inputs: string[], targets: string[] }[]} rows
 * @property {{ inputs: string, targets: string, stream: (i: number) => string }} words
 */

/** @param {HTMLElement} target @param {WindowsData} data */
export function draw(target, { rows, words }) {
  target.replaceChildren(
    ...rows.map(({ inputs, targets }, i) => {
      const table = document.createElement("table");
      const caption = document.createElement("caption");
      caption.textContent = words.stream(i);
      table.append(caption, row(words.inputs, inputs), row(words.targets, targets));
      return table;
    }),
  );
}

/** @param {string} name @param {string[]} tokens */
function row(name, tokens) {
  const made = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  made.append(head, ...tokens.map(token => Object.assign(document.createElement("td"), { textContent: token })));
  return made;
}
