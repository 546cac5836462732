// SPDX-License-Identifier: MIT
//
// guide.js - moments of the lesson: each sets the desk up; lang/ says in two sentences what to look at.
import { make } from "./elements.js";

/**
 * @typedef {object} Moment
 * @property {string} key of its words: guide.KEY, guide.KEY.note
 * @property {Partial<import("./contract.js").Settings>} settings others than the defaults
 * @property {(writing: import("./write.js").Write) => void} [then] what to do once the network is there
 */

/** @type {readonly Moment[]} */
const moments = [
  { key: "loop", settings: { network: "shakespeare", temperature: 0, length: 300 } },
  { key: "play", settings: { network: "shakespeare", prompt: "Play", temperature: 1, length: 60, at: 4 } },
  { key: "temperatures", settings: { view: "temperatures", length: 300 } },
  { key: "dice", settings: { network: "shakespeare", prompt: "ROMEO:\n", length: 120 }, then: writing => writing.sameDiceAtEnd(1.2) },
  {
    key: "score",
    settings: {
      view: "score",
      network: "shakespeare",
      text: `To be, or not to be, that is the questoin:
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune,`,
    },
  },
  { key: "cell", settings: { network: "shakespeare", panel: "cell", tint: "unit", length: 300 } },
];

export class Guide {
  /** @type {Moment | null} */
  #taken = null;
  #say;
  #list;
  #note;
  #take;

  /**
   * @param {import("./contract.js").Words} words
   * @param {HTMLElement} list @param {HTMLElement} note
   * @param {(moment: Moment) => void} take sets the desk up
   */
  constructor({ say }, list, note, take) {
    this.#say = say;
    this.#list = list;
    this.#note = note;
    this.#take = take;
  }

  show() {
    this.#list.replaceChildren(
      ...moments.map(moment => {
        const pressed = String(moment === this.#taken);
        const onclick = () => {
          this.#taken = moment;
          this.#take(moment);
        };
        return make(
          "li",
          {},
          make("button", { type: "button", textContent: this.#say(`guide.${moment.key}`), ariaPressed: pressed, onclick }),
        );
      }),
    );
    this.#note.textContent = this.#taken && this.#say(`guide.${this.#taken.key}.note`);
    this.#note.hidden = !this.#note.textContent;
  }
}
