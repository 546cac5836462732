// SPDX-License-Identifier: MIT
//
// loop.js - the notice that a greedy text goes in circles, and two ways out of it.
import { asLearnt } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { distance, findLoop } from "../../story/circle.js";

/** @typedef {import("../../story/story.js").Branch} Branch */

export class Loop {
  /** @type {{ from: number, period: number } | null} */
  circle = null;
  #root;
  #words;
  #note;

  /**
   * @param {HTMLElement} root @param {import("../contract.js").Desk} desk
   * @param {(place: number, event: Partial<import("../../story/story.js").Event>) => void} leave
   */
  constructor(root, desk, leave) {
    const { button } = elementsOf(desk);
    this.#root = root;
    this.#words = desk.words;
    this.#note = make("p", { id: desk.id("loop-note") });
    const out = (/** @type {(branch: Branch, place: number) => Partial<import("../../story/story.js").Event>} */ eventAt) => () => {
      const branch = desk.writing.story.current;
      if (!this.circle || !branch) return;
      const place = Math.max(this.circle.from + this.circle.period, branch.given); // where it comes round for the first time
      leave(place, eventAt(branch, place));
    };
    const second = button(
      "loop.second",
      out((branch, place) => ({ id: branch.steps[place].top(2, asLearnt(branch.steps[place]))[1].id })),
    );
    const warmer = button(
      "loop.temperature",
      out(() => ({ temperature: 0.8 })),
    );
    root.replaceChildren(this.#note, make("div", { className: "row wrap" }, second, warmer));
  }

  /** @param {Branch | null} branch null: a text that is not greedy, or none */
  seek(branch) {
    const circle = branch && findLoop(branch.steps.length, place => branch.steps[place].id);
    // what was before a place of a prompt that is learnt, only learning it again tells
    this.circle = circle && branch.steps.length - circle.period >= branch.openFrom ? circle : null;
  }

  /** @param {Branch | null} branch @param {boolean} isWorking then it is not said yet */
  show(branch, isWorking) {
    const { circle } = this;
    this.#root.hidden = !circle || isWorking;
    if (!circle || isWorking || !branch) return;
    const { say, number, percent } = this.#words;
    this.#note.textContent = say("loop.found", {
      from: number(Math.max(1, circle.from - branch.given + 1)),
      period: circle.period,
      distance: percent(distance(branch, branch.steps.length, branch.steps.length - circle.period)),
    });
  }
}
