// SPDX-License-Identifier: MIT
//
// reading.js - how a network reads its text while it learns: the lesson's picture of the windows, drawn from the text itself.
import { nameOf, signOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { draw } from "../../views/windows.js";

const SAMPLED = 40; // of a window's tokens that are drawn

export class Reading {
  element;
  #desk;
  #note = make("p", { className: "note" });
  #windows = make("div", { className: "windows", tabIndex: 0, role: "region", "data-label": "train.windows" });

  /** @param {import("../contract.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.element = elementsOf(desk).folded("train.windows", true, this.#note, this.#windows);
    this.element.classList.add("reading");
  }

  /** @param {import("../../trainer/messages.js").Prepared | null} prepared */
  show(prepared) {
    this.element.hidden = !prepared;
    if (!prepared) return;
    const { words } = this.#desk;
    const { say } = words;
    const { batch, window } = prepared.settings;
    const sign = (/** @type {string} */ token) => signOf(token) ?? nameOf(words, token);
    const signs = (/** @type {string[]} */ tokens) => tokens.slice(0, SAMPLED).map(sign);
    this.#note.textContent = say("train.windows.note", { window, batch });
    draw(this.#windows, {
      rows: prepared.example.map(({ inputs, targets }) => ({ inputs: signs(inputs), targets: signs(targets) })),
      words: { inputs: say("train.inputs"), targets: say("train.targets"), stream: i => say("train.stream", { number: i + 1 }) },
    });
  }
}
