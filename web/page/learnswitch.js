// SPDX-License-Identifier: MIT
//
// learnswitch.js - the switch that has the network learn what it reads as it reads it.
import { elementsOf, make } from "./elements.js";
import { RATE } from "../story/adapted.js";

/**
 * @param {import("./contract.js").Desk} desk @param {string} key of what it says of it
 * @param {() => void} [then] does what follows in its view
 */
export function learning(desk, key, then = () => {}) {
  const { settings } = desk;
  const { worded } = elementsOf(desk);
  const change = () => {
    desk.change({ learn: box.checked ? RATE : 0 });
    then();
  };
  const box = make("input", { type: "checkbox", id: desk.id(key.replace(".", "-")), onchange: change });
  const said = make("span", {}, worded("span", "learn"), " ", worded("span", key, { className: "note" }));
  return {
    element: make("label", { className: "small", "data-part": "learn" }, box, said),
    show: () => (box.checked = settings.now.learn > 0),
  };
}
