// SPDX-License-Identifier: MIT
//
// score.js - the view "Score": how surprising a text is to one network or to two.
import { contextOf, nameOf, short, tints } from "../describe.js";
import { elementsOf, fill, make } from "../elements.js";
import { start } from "../pace.js";
import { Branch } from "../../story/story.js";
import { draw as drawText, placeOf, reveal } from "../../views/tinted.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {{ branch: Branch, name: string, unknown: string[] }} Scored */

const SURPRISING = 8; // places listed
const MOST_NAMED = 20; // characters that a network does not know

/** @param {HTMLElement} root @param {Desk} desk */
export const mount = (root, desk) => new Score(root, desk);

/** @implements {View} */
class Score {
  /** Of the network in use, then of the one compared with. @type {Scored[]} */
  #scored = [];
  #selected = { text: 0, place: -1 }; // -1: the last one
  /** @type {(() => void) | null} */
  #stopWork = null;
  #request = 0; // a later one, or Stop, takes the place of one that still waits for its network
  /** @type {{ name: string, model: Model } | null} */
  #other = null;
  #root;
  #desk;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    this.clear();
  }

  #build() {
    const { id, begin, settings } = this.#desk;
    const { worded, button, field } = elementsOf(this.#desk);
    const input = make("textarea", { rows: 4, spellcheck: false, autocomplete: "off", dir: "auto" });
    input.oninput = () => settings.set({ text: input.value });
    input.onkeydown = event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) begin();
    };
    const score = button("score", begin, "main");
    const other = make("select", { onchange: () => this.#scored.length && begin() });
    const otherField = field("score.other", other);
    otherField.classList.add("grow");
    const bitsOf = (/** @type {string} */ name, more = {}) => make("p", { id: id(name), ...more });
    const textOf = (/** @type {string} */ name, /** @type {number} */ i) =>
      make("div", {
        id: id(name),
        className: "page",
        tabIndex: 0,
        role: "group",
        dir: "auto",
        "data-label": "text.label",
        onclick: (/** @type {Event} */ { target }) => this.#press(i, placeOf(target)),
      });
    const bits = [bitsOf("score-bits", { role: "status" }), bitsOf("score-other-bits")];
    const texts = [textOf("score-text", 0), textOf("score-other-text", 1)];
    const second = make("div", { id: id("score-other-result"), hidden: true }, bits[1], texts[1]);
    const surprising = make("ol", { id: id("surprising"), className: "surprising" });
    const result = make("div", { id: id("score-result"), className: "score-result", hidden: true });
    result.append(bits[0], texts[0], second, worded("h3", "score.surprising"), surprising);
    this.#root.replaceChildren(field("score.input", input), make("div", { className: "row wrap" }, score, otherField), result);
    return { input, score, other, bits, texts, second, surprising, result };
  }

  show() {
    const { listed, settings, words } = this.#desk;
    const { input, other } = this.#parts;
    if (input.value !== settings.now.text) input.value = settings.now.text;
    const others = listed().filter(([name]) => name !== settings.now.network);
    fill(other, [["", words.say("score.none")], ...others], others.some(([name]) => name === other.value) ? other.value : "");
    this.#draw();
    if (!this.#stopWork) this.#showSurprising();
  }

  /** Scores the text with the network in use and, if one is chosen, another. */
  async begin() {
    const { network, settings, trouble } = this.#desk;
    const text = this.#parts.input.value;
    this.clear();
    settings.set({ text });
    const mine = this.#request;
    try {
      const other = await this.#borrow();
      const { model, name } = network;
      if (!model || this.#request !== mine) return;
      this.#scored = [{ model, name }, ...other].map(({ model, name }) => {
        const encoded = model.encode(text);
        return { branch: new Branch(model, encoded, 0, []), name, unknown: encoded.unknown };
      });
      this.#read();
    } catch (error) {
      this.#draw(); // what was said of the text before is not said of this one
      trouble(error);
    }
  }

  stop() {
    this.#request++;
    this.#stopWork?.();
    this.#working(null);
  }

  clear() {
    this.stop();
    this.#scored = [];
    this.#selected = { text: 0, place: -1 };
    this.#parts.score.disabled = !this.#desk.network.model;
  }

  free() {
    this.stop();
    this.#other?.model.free();
    this.#root.replaceChildren();
  }

  /** @param {number} place */
  choosePlace(place) {
    this.#press(this.#selected.text, place);
  }

  texts() {
    return this.#scored.map((scored, i) => ({ ...scored, data: this.#textData(scored, i) }));
  }

  /** The network that is chosen to compare with, loaded if need be; none if none is. */
  async #borrow() {
    const { listed, load } = this.#desk;
    const name = this.#parts.other.value;
    const mine = this.#request;
    if (this.#other && this.#other.name !== name) {
      this.#other.model.free();
      this.#other = null;
    }
    if (!name) return [];
    if (!this.#other) {
      const model = await load(name);
      if (this.#request !== mine) {
        model.free();
        return [];
      }
      this.#other = { name, model };
    }
    const title = /** @type {string} */ (new Map(listed()).get(name));
    return [{ model: this.#other.model, name: title }];
  }

  #read() {
    const { noTrouble, status, trouble, words } = this.#desk;
    const { branch } = this.#scored[0];
    noTrouble();
    const stop = start({
      steps: stepsOf(this.#scored),
      onSteps: () => {
        status(words.say("status.reading", { percent: words.percent(branch.steps.length / Math.max(1, branch.given)) }));
        this.#draw();
      },
      onEnd: error => {
        this.#working(null);
        status("");
        this.#draw();
        this.#showSurprising();
        if (error) trouble(error);
      },
    });
    this.#working(stop);
  }

  /** @param {(() => void) | null} stop of the work that goes on; null: none does */
  #working(stop) {
    this.#stopWork = stop;
    this.#parts.result.ariaBusy = String(Boolean(stop));
  }

  #draw() {
    const { result, second, texts, bits } = this.#parts;
    result.hidden = !this.#scored.length;
    second.hidden = this.#scored.length < 2;
    this.#scored.forEach((scored, i) => {
      drawText(texts[i], this.#textData(scored, i));
      bits[i].textContent = this.#summary(scored);
    });
    const { text, place } = this.#selected;
    const branch = this.#scored[text]?.branch;
    this.#desk.show(branch ?? null, place < 0 && branch ? branch.steps.length - 1 : place, false);
  }

  /** @param {Scored} scored */
  #summary({ branch, name, unknown }) {
    const { words } = this.#desk;
    const { say, number } = words;
    const { bits, count } = branch.score();
    const { level } = branch.model;
    const perplexity = number(2 ** bits, { maximumSignificantDigits: 3 });
    const known = say("score.bits", { name, bits: short(words, bits, 3), count, perplexity }, level);
    const named = unknown.slice(0, MOST_NAMED).map(each => nameOf(words, each));
    return named.length ? `${known} ${say("prompt.unknown", { characters: named.join(" ") }, level)}` : known;
  }

  /** @param {Scored} scored @param {number} text */
  #textData({ branch }, text) {
    const { tint } = this.#desk.settings.now;
    const shade = tints[tint] ?? tints.surprisal;
    return {
      text: branch.steps,
      look: tint,
      count: branch.steps.length,
      textAt: (/** @type {number} */ place) => branch.steps[place].text,
      classAt: (/** @type {number} */ place) => `s${shade(branch.steps[place], branch.model.level)}`,
      selected: text === this.#selected.text ? this.#selected.place : -1,
      given: 0,
      empty: this.#desk.words.say("score.empty"),
    };
  }

  /** The most surprising places, each a button. */
  #showSurprising() {
    const { words } = this.#desk;
    const branch = this.#scored[0]?.branch;
    const steps = branch?.steps ?? [];
    const known = [...steps.keys()].filter(place => steps[place].surprisal < Infinity);
    const most = known.sort((a, b) => steps[b].surprisal - steps[a].surprisal).slice(0, SURPRISING);
    this.#parts.surprising.replaceChildren(
      ...most.map(place => {
        const context = make("bdi", { textContent: contextOf(branch, place) });
        const character = make("b", { textContent: nameOf(words, steps[place].text) });
        const bits = ` ${words.say("bits", { bits: short(words, steps[place].surprisal, 1) })}`;
        const press = { onclick: () => this.#press(0, place), "data-place": place };
        return make("li", {}, make("button", { type: "button", className: "plain", ...press }, context, " ", character, bits));
      }),
    );
  }

  /** @param {number} text @param {number} place */
  #press(text, place) {
    if (place < 0) return;
    this.#selected = { text, place };
    this.#draw();
    reveal(this.#parts.texts[text], place);
  }
}

/** @param {Scored[]} scored */
function* stepsOf(scored) {
  for (const { branch } of scored) yield* branch.read();
}
