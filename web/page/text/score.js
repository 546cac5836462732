// SPDX-License-Identifier: MIT
//
// score.js - the view "Score": how surprising a text is to one network, to one that learns it as it reads it, and to another one.
import { contextOf, nameOf, short, tints } from "../describe.js";
import { elementsOf, fill, make } from "../elements.js";
import { Gains } from "./gains.js";
import { learning } from "../learnswitch.js";
import { start } from "../pace.js";
import { Readers } from "../../story/adapted.js";
import { Branch } from "../../story/story.js";
import { draw as drawText, placeOf, reveal } from "../../views/tinted.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {{ branch: Branch, name: string, unknown: string[], part: number }} Scored part: which text of the view it has */

const SURPRISING = 8; // places listed
const MOST_NAMED = 20; // characters that a network does not know
const PARTS = /** @type {const} */ (["score", "score-learning", "score-other"]); // what the ids of the texts begin with

/** @param {HTMLElement} root @param {Desk} desk */
export async function mount(root, desk) {
  await Promise.all([desk.words.more("learn"), desk.style("./train/train.css")]); // it has the curves
  return new Score(root, desk);
}

/** @implements {View} */
class Score {
  /** Of the network in use, of the same as it learns, of the one compared with. @type {Scored[]} */
  #scored = [];
  #readers = new Readers();
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
    const learn = learning(this.#desk, "learn.score", () => this.#scored.length && begin());
    const textOf = (/** @type {string} */ name, /** @type {number} */ i) =>
      make("div", {
        id: id(name),
        className: "page",
        tabIndex: 0,
        role: "group",
        dir: "auto",
        "data-label": "text.label",
        onclick: (/** @type {Event} */ { target }) =>
          this.#press(
            this.#scored.findIndex(({ part }) => part === i),
            placeOf(target),
          ),
      });
    const bits = PARTS.map((name, i) => make("p", { id: id(`${name}-bits`), ...(!i && { role: "status" }) }));
    const texts = PARTS.map((name, i) => textOf(`${name}-text`, i));
    const boxes = PARTS.map((name, i) => make("div", i ? { id: id(`${name}-result`) } : {}, bits[i], texts[i]));
    const gains = new Gains(this.#desk, place => this.#press(1, place));
    const surprising = make("ol", { id: id("surprising"), className: "surprising" });
    const result = make("div", { id: id("score-result"), className: "score-result", hidden: true });
    result.append(gains.soFar, ...boxes, gains.better, worded("h2", "score.surprising"), surprising);
    const row = make("div", { className: "row wrap" }, score, otherField);
    this.#root.replaceChildren(field("score.input", input), row, learn.element, result);
    return { input, score, other, learn, bits, texts, boxes, gains, surprising, result };
  }

  show() {
    const { listed, settings, words } = this.#desk;
    const { input, other, learn } = this.#parts;
    learn.show();
    if (input.value !== settings.now.text) input.value = settings.now.text;
    const others = listed().filter(([name]) => name !== settings.now.network);
    fill(other, [["", words.say("score.none")], ...others], others.some(([name]) => name === other.value) ? other.value : "");
    this.#draw();
    if (!this.#stopWork) this.#showSurprising();
  }

  /** Scores the text with the network in use, with the same as it learns if that is wanted, and with another one if one is chosen. */
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
      const { learn } = settings.now;
      const also = learn ? [{ model, name: this.#desk.words.say("score.learning", { name }), part: 1, learn }] : [];
      this.#scored = [{ model, name, part: 0 }, ...also, ...other].map(({ model, name, part, ...event }) => {
        const encoded = model.encode(text);
        return {
          branch: new Branch(model, encoded, 0, [{ place: 0, ...event }], null, 0, this.#readers),
          name,
          unknown: encoded.unknown,
          part,
        };
      });
      if (learn) this.#parts.gains.begin(this.#scored[0].branch, this.#scored[1].branch);
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
    this.#parts.gains.clear();
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
    return [{ model: this.#other.model, name: title, part: 2 }];
  }

  #read() {
    const { noTrouble, status, trouble, words } = this.#desk;
    const { branch } = this.#scored[0];
    noTrouble();
    const stop = start({
      steps: stepsOf(this.#scored),
      onSteps: (_, isWhole) => {
        if (!isWhole) return;
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
    if (!stop) this.#readers.free(); // what is read is not gone on with
    this.#parts.result.ariaBusy = String(Boolean(stop));
  }

  #draw() {
    const { result, boxes, texts, bits, gains } = this.#parts;
    result.hidden = !this.#scored.length;
    boxes.forEach((box, i) => (box.hidden = !this.#scored.some(({ part }) => part === i)));
    this.#scored.forEach((scored, i) => {
      drawText(texts[scored.part], this.#textData(scored, i));
      bits[scored.part].textContent = this.#summary(scored);
    });
    gains.draw();
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

  /** The most surprising places, and what it got better at, each a button. */
  #showSurprising() {
    this.#parts.gains.list();
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
    reveal(this.#parts.texts[this.#scored[text].part], place);
  }
}

/** A step of each in turn: they are compared as they are read. @param {Scored[]} scored */
function* stepsOf(scored) {
  const all = scored.map(({ branch }) => branch.read());
  try {
    for (let going = all; going.length;) {
      const still = [];
      for (const each of going) {
        const { value, done } = each.next();
        if (done) continue;
        still.push(each);
        yield value;
      }
      going = still;
    }
  } finally {
    for (const each of all) each.return(undefined);
  }
}
