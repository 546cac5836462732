// SPDX-License-Identifier: MIT
//
// ownnotice.js - what is said of the reader's own networks, with what can be done about it, until it is closed.
import { make } from "../elements.js";

/** What can be done: the key of its words, and what it does. @typedef {[key: string, press: () => void]} Way */

export class OwnNotice {
  element = make("div", { className: "notice own-notice", role: "status", hidden: true });
  /** @type {{ key: string, values: Record<string, string>, ways: Way[] } | null} */
  #said = null;
  #words;
  #home;

  /** @param {import("../contract.js").Desk} desk @param {HTMLElement} home where the focus goes when it is closed */
  constructor({ id, words }, home) {
    this.#words = words;
    this.#home = home;
    this.element.id = id("own-notice");
  }

  /** @param {string} key of the sentence @param {Record<string, string>} values @param {Way[]} ways */
  say(key, values, ways = []) {
    this.#said = { key, values, ways };
    this.show();
    this.element.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  hide() {
    this.#said = null;
    this.show();
  }

  #dismiss() {
    this.hide();
    this.#home.focus({ preventScroll: true });
  }

  /** In the language of the desk. */
  show() {
    const { element } = this;
    const { say } = this.#words;
    element.hidden = !this.#said;
    if (!this.#said) return element.replaceChildren();
    const { key, values, ways } = this.#said;
    const buttons = [...ways, /** @type {Way} */ (["own.dismiss", () => this.#dismiss()])].map(([way, onclick]) =>
      make("button", { type: "button", className: "plain", textContent: say(way), onclick }),
    );
    element.replaceChildren(make("p", { textContent: say(key, values) }), make("div", { className: "row wrap" }, ...buttons));
  }
}
