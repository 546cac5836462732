// SPDX-License-Identifier: MIT
//
// copies.js - copying or writing? What of a text stands letter for letter in the text that the network learnt from.
import { elementsOf, make } from "./elements.js";
import { spawn } from "../trainer/spawn.js";

/** @typedef {import("../story/story.js").Branch} Branch */
/** @typedef {{ spans: { from: number, to: number, at: number }[], novelty: number }} Found */

const LEAST = 20; // characters of a span: less is said by chance
const LISTED = 20; // spans
const AROUND = 40; // characters of the training text on either side of one

export class Copies {
  /** @type {Worker | null} */
  #worker = null;
  #indexed = ""; // the text that the worker has
  #root;
  #desk;
  #again;

  /**
   * @param {HTMLElement} root where it is said what was found, and where the training text can be chosen
   * @param {import("./contract.js").Desk} desk
   * @param {() => void} again called when another training text was chosen
   */
  constructor(root, desk, again) {
    this.#root = root;
    this.#desk = desk;
    this.#again = again;
  }

  /** Whether each place of a text stands in a copied span; says so too. @param {Branch} branch @returns {Promise<boolean[]>} */
  async find(branch) {
    const { network, words } = this.#desk;
    const { trainingText } = network;
    const texts = branch.steps.map(step => step.text);
    if (!trainingText) {
      this.#tell(words.say("copies.none"));
      return texts.map(() => false);
    }
    if (this.#indexed !== trainingText) await this.#ask({ type: "index", text: trainingText });
    this.#indexed = trainingText;
    /** @type {Found} */
    const { spans, novelty } = await this.#ask({ type: "copies", text: texts.join(""), least: LEAST });
    const longest = spans.reduce((most, { from, to }) => Math.max(most, to - from), 0);
    const values = { novelty: words.percent(novelty), count: words.number(spans.length), least: LEAST, longest: words.number(longest) };
    this.#tell(
      words.say("copies.found", values),
      spans.map(({ at, to, from }) => trainingText.slice(Math.max(0, at - AROUND), at + to - from + AROUND)),
    );
    return marksOf(texts, spans);
  }

  free() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#root.replaceChildren();
  }

  /** @param {object} command @returns {Promise<any>} the worker's answer; one question at a time */
  #ask(command) {
    const asked = (this.#worker ??= spawn("trainer"));
    return new Promise((resolve, reject) => {
      asked.onmessage = ({ data }) => {
        if (data.type === "trouble") reject(new Error(data.message));
        else if (data.type !== "here") resolve(data);
      };
      asked.onerror = event => {
        this.#worker = null; // the next question has another one
        this.#indexed = "";
        reject(new Error(event.message));
      };
      asked.postMessage(command);
    });
  }

  /** @param {string} sentence @param {string[]} [contexts] where the spans stand in the training text */
  #tell(sentence, contexts = []) {
    const { button } = elementsOf(this.#desk);
    const file = make("input", { type: "file", hidden: true, accept: ".txt,text/*", onchange: () => this.#take(file.files ?? []) });
    const items = contexts.slice(0, LISTED).map(context => {
      const text = make("bdi", { textContent: `…${context.replaceAll("\n", "↵")}…` });
      return make("li", {}, text);
    });
    this.#root.replaceChildren(
      make("p", { className: "note", textContent: sentence }),
      button("copies.choose", () => file.click(), "plain"),
      file,
      make("ol", { className: "note" }, ...items),
    );
  }

  /** @param {ArrayLike<File>} files of which the first one is the training text */
  async #take({ 0: chosen }) {
    if (!chosen) return;
    try {
      const { text } = await this.#ask({ type: "text", given: [chosen] }); // as Train reads it
      this.#desk.network.trainingText = text;
      this.#again();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }
}

/** @param {string[]} texts of the places @param {Found["spans"]} spans in their order */
function marksOf(texts, spans) {
  let from = 0;
  let next = 0;
  return texts.map(text => {
    const to = from + text.length;
    while (next < spans.length && spans[next].to <= from) next++;
    const copied = next < spans.length && spans[next].from < to;
    from = to;
    return copied;
  });
}
