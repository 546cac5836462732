// SPDX-License-Identifier: MIT
//
// guide.js - the strip of the guided story at the foot of a desk: where it begins; the stop that one is at comes with tour.js.
import { elementsOf, focusBeside, make } from "./elements.js";
import { dress } from "./shell.js";

export class Guide {
  #desk;
  #root;
  #begin;
  #stop = make("div", { hidden: true });
  /** @type {import("./lesson/tour.js").Tour | null} */
  #tour = null;
  /** @type {Promise<void> | null} */
  #coming = null;
  #isFreed = false;

  /** @param {import("./contract.js").Desk} desk @param {HTMLElement} root */
  constructor(desk, root) {
    this.#desk = desk;
    this.#root = root;
    const { button, worded } = elementsOf(desk);
    this.#begin = button("guide.begin", () => this.#go(), "plain", "guide-begin");
    root.replaceChildren(worded("p", "guide.intro", { className: "note intro" }), this.#begin, this.#stop);
  }

  /** As the settings say: a stop, or where the story begins. */
  show() {
    const { guide } = this.#desk.settings.now;
    const hadFocus = focusBeside(this.#begin) === this.#begin;
    this.#begin.hidden = Boolean(guide && this.#tour);
    this.#stop.hidden = !this.#begin.hidden;
    if (!guide) return this.#tour?.leave();
    if (this.#tour) {
      this.#tour.show();
      if (hadFocus) this.#tour.focus();
      return;
    }
    this.#coming ??= this.#fetch().catch(error => {
      this.#coming = null;
      this.#desk.trouble(error);
    });
  }

  free() {
    this.#isFreed = true;
    this.#tour?.leave();
  }

  async #fetch() {
    const [{ Tour }] = await Promise.all([
      import("./lesson/tour.js"),
      this.#desk.words.more("guide"),
      this.#desk.style("./lesson/tour.css"),
    ]);
    if (this.#isFreed) return;
    this.#tour = new Tour(this.#desk, this.#stop, this.#root);
    dress(this.#root, this.#desk);
    this.show();
  }

  #go() {
    this.#desk.visitStop("hello");
  }
}
