// SPDX-License-Identifier: MIT
//
// copies.js - copying or writing? What of a text stands letter for letter in the text that the network learnt from.
import { elementsOf, make } from "../elements.js";
import { RnnError } from "../../core/errors.js";
import { notStarted, spawn } from "../../trainer/spawn.js";

/** @typedef {import("../../story/story.js").Branch} Branch */
/** @typedef {import("../../trainer/messages.js").Command} Command */
/** @typedef {import("../../trainer/messages.js").Event} Event */
/** @typedef {import("../../trainer/messages.js").Copies["spans"]} Spans */
/** @typedef {"text" | "index" | "copies"} Question what the worker is asked */

const LEAST = 20; // characters of a span: less is said by chance
const LISTED = 20; // spans
const AROUND = 40; // characters of the training text on either side of one

export class Copies {
  /** @type {ReturnType<typeof spawn> | null} */
  #worker = null;
  #indexed = ""; // the text that the worker has
  /** @type {Promise<unknown>} the answer to the question before: one at a time */
  #answered = Promise.resolve();
  #isFreed = false;
  #root;
  #desk;
  #again;

  /**
   * @param {HTMLElement} root where it is said what was found, and where the training text can be chosen
   * @param {import("../contract.js").Desk} desk
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
    if (this.#indexed !== trainingText) await this.#ask("index", { text: trainingText });
    this.#indexed = trainingText;
    const { spans, novelty } = await this.#ask("copies", { text: texts.join(""), least: LEAST });
    const longest = spans.reduce((most, { from, to }) => Math.max(most, to - from), 0);
    const values = { novelty: words.percent(novelty), count: spans.length, least: LEAST, longest };
    this.#tell(
      words.say("copies.found", values),
      spans.map(({ at, to, from }) => trainingText.slice(Math.max(0, at - AROUND), at + to - from + AROUND)),
    );
    return marksOf(texts, spans);
  }

  free() {
    this.#isFreed = true;
    this.#worker?.terminate();
    this.#worker = null;
    this.#root.replaceChildren();
  }

  /**
   * @template {Question} T
   * @param {T} type @param {Omit<Extract<Command, { type: T }>, "type">} question
   * @returns {Promise<Extract<Event, { type: T }>>}
   */
  #ask(type, question) {
    const answer = this.#answered.then(() => this.#answerOf(type, question));
    this.#answered = answer.catch(() => {});
    return answer;
  }

  /**
   * @template {Question} T
   * @param {T} type @param {Omit<Extract<Command, { type: T }>, "type">} question
   * @returns {Promise<Extract<Event, { type: T }>>}
   */
  #answerOf(type, question) {
    if (this.#isFreed) throw new Error("nobody waits for this answer any more");
    const asked = (this.#worker ??= spawn("trainer"));
    return new Promise((resolve, reject) => {
      asked.onmessage = ({ data }) => {
        if (data.type === "trouble") reject(new RnnError(data.code, data.message, data.hint));
        if (data.type === type) resolve(data); // its namesake
      };
      asked.onerror = event => {
        event.preventDefault();
        this.#worker = null; // the next question has another one
        this.#indexed = "";
        reject(notStarted(event.message ?? ""));
      };
      asked.postMessage({ type, ...question });
    });
  }

  /** @param {string} sentence @param {string[]} [contexts] where the spans stand in the training text */
  #tell(sentence, contexts = []) {
    const { button } = elementsOf(this.#desk);
    const file = make("input", {
      type: "file",
      hidden: true,
      accept: ".txt,text/*",
      onchange: () => this.#take(/** @type {FileList} */ (file.files)),
    });
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
      const { text } = await this.#ask("text", { given: [chosen], id: 0 }); // as Train reads it
      this.#desk.network.trainingText = text;
      this.#again();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }
}

/** @param {string[]} texts of the places @param {Spans} spans in their order */
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
