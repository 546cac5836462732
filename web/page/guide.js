// SPDX-License-Identifier: MIT
//
// guide.js - the moments of the lesson as buttons; lang/ says in two sentences what to look at in the one that was taken.
import { make } from "./elements.js";

/** What each does stands in moments.js. */
const KEYS = ["loop", "play", "temperatures", "dice", "score", "cell", "patterns"];

export class Guide {
  taken = ""; // the key of the last one that was pressed
  #say;
  #list;
  #note;
  #take;

  /**
   * @param {import("./contract.js").Words} words
   * @param {HTMLElement} root
   * @param {(key: string) => void} take sets the desk up
   */
  constructor({ say }, root, take) {
    this.#say = say;
    this.#list = make("ul");
    this.#note = make("p", { className: "notice", role: "status", hidden: true });
    this.#take = take;
    root.replaceChildren(this.#note, this.#list);
  }

  show() {
    this.#list.replaceChildren(
      ...KEYS.map(key => {
        const pressed = String(key === this.taken);
        const onclick = () => {
          this.taken = key;
          this.#take(key);
        };
        return make("li", {}, make("button", { type: "button", textContent: this.#say(`guide.${key}`), ariaPressed: pressed, onclick }));
      }),
    );
    this.#note.textContent = this.#say(`guide.${this.taken}.note`);
    this.#note.hidden = !this.#note.textContent;
  }
}
