// SPDX-License-Identifier: MIT
//
// prompts.js - good beginnings for the network in use, to choose from.
import { signOf } from "./describe.js";
import { make } from "./elements.js";

/**
 * @param {HTMLElement} list @param {import("./contract.js").Desk} desk @param {string[]} prompts
 * @param {(prompt: string) => void} take
 */
export async function fill(list, { style, trouble }, prompts, take) {
  await style("./late.css").catch(trouble); // without it they can be chosen all the same
  const choose = (/** @type {string} */ prompt) => {
    const menu = /** @type {HTMLDetailsElement} */ (list.parentElement);
    menu.open = false;
    menu.querySelector("summary")?.focus();
    take(prompt);
  };
  list.replaceChildren(
    ...prompts.map(prompt => {
      const textContent = prompt.replaceAll("\n", ` ${signOf("\n")}`);
      return make("button", { type: "button", className: "ready", dir: "auto", textContent, onclick: () => choose(prompt) });
    }),
  );
}
