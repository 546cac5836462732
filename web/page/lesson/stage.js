// SPDX-License-Identifier: MIT
//
// stage.js - where one mistake is shown: its controls, and beside each other what it does as written and what the right way does.
import { nameOf, probability, signOf } from "../describe.js";
import { elementsOf, make } from "../elements.js";

/** @typedef {import("../contract.js").Desk} Desk */

/**
 * What a mistake is shown with.
 * @typedef {object} Things
 * @property {import("../../core/types.js").Sampler} sampler
 * @property {import("../../core/model.js").Model | null} model one that fits; null: it is not there yet, or none is needed
 * @property {string} prompt what a text of that network may begin with
 */

export class Stage {
  /** Called when a control was moved. */
  onChange = () => {};
  /** Of what goes on longer than a moment; null: nothing does. @type {(() => void) | null} */
  stopWork = null;
  element;
  desk;
  key;
  #controls;

  /** @param {Desk} desk @param {string} key of the mistake @param {{ wrong: string, right: string }} code */
  constructor(desk, key, { wrong, right }) {
    const { worded } = elementsOf(desk);
    this.desk = desk;
    this.key = key;
    const half = (/** @type {string} */ side, /** @type {string} */ code) => {
      const box = make("div", { className: "came-of-it" });
      const lines = make("pre", { dir: "ltr", textContent: code });
      return { box, section: make("section", { className: `half ${side}` }, worded("h4", `mistakes.${side}`), lines, box) };
    };
    const halves = [half("wrong", wrong), half("right", right)];
    this.wrong = halves[0].box;
    this.right = halves[1].box;
    /** what came out, in a sentence */
    this.verdict = make("p", { className: "verdict", ariaLive: "polite" });
    /** which network it is that writes */
    this.writer = make("p", { className: "note writer" });
    this.#controls = make("div", { className: "row wrap case-controls" });
    const both = make("div", { className: "halves" }, ...halves.map(({ section }) => section));
    this.element = make("div", { className: "stage" }, this.#controls, both, this.verdict, this.writer);
  }

  stop() {
    this.stopWork?.();
    this.stopWork = null;
  }

  // ---- controls ----

  /** @param {string} key of its words @param {HTMLElement} control @param {HTMLElement} [shown] the control with what stands beside it */
  #add(key, control, shown = control) {
    const { worded } = elementsOf(this.desk);
    control.id = this.desk.id(`${this.key}-${key.replaceAll(".", "-")}`);
    const field = make("div", { className: "field" }, worded("label", key, { htmlFor: control.id }), shown);
    this.#controls.append(field);
    return field;
  }

  /**
   * A number, as a slider.
   * @param {string} key @param {{ min: number, max: number, step: number, value: number }} range @returns {() => number}
   */
  slider(key, { min, max, step, value }) {
    const control = make("input", { type: "range", min: String(min), max: String(max), step: String(step), value: String(value) });
    const said = make("span", { ariaHidden: "true" }); // the slider says it itself
    this.#add(key, control, make("div", { className: "row slider" }, control, said));
    control.oninput = () => this.onChange();
    return () => {
      control.ariaValueText = said.textContent = this.desk.words.number(control.valueAsNumber);
      return control.valueAsNumber;
    };
  }

  /**
   * A short text; until something is typed it is the usual one.
   * @param {string} key @param {number} most characters @returns {(usual: string) => string}
   */
  text(key, most) {
    const control = make("input", { type: "text", maxLength: most, spellcheck: false, autocomplete: "off", dir: "auto" });
    let isTyped = false;
    this.#add(key, control).classList.add("grow");
    control.oninput = () => {
      isTyped = true;
      this.onChange();
    };
    return usual => {
      if (!isTyped && control.value !== usual) control.value = usual;
      return isTyped ? control.value : usual;
    };
  }

  /** One of a few. @param {string} key @returns {(options: string[], usual: string) => string} */
  choice(key) {
    const control = make("select", { onchange: () => this.onChange() });
    this.#add(key, control);
    return (options, usual) => {
      const chosen = options.includes(control.value) ? control.value : usual;
      if ([...control.options].map(option => option.value).join("\n") !== options.join("\n"))
        control.replaceChildren(...options.map(each => new Option(each, each)));
      control.value = chosen;
      return chosen;
    };
  }

  /** @param {string} name of its words @param {() => void} press */
  button(name, press) {
    const { button } = elementsOf(this.desk);
    this.#controls.append(button(`mistakes.${name}`, press, "", `${this.key}.${name}`));
  }

  // ---- what came of it ----

  /** @param {string} name of this mistake's words @param {Record<string, string | number>} [values] */
  tell(name, values) {
    return this.desk.words.say(`mistakes.${this.key}.${name}`, values);
  }

  /** @param {string} token */
  nameOf = token => nameOf(this.desk.words, token);

  /** @param {number} p */
  percent = p => probability(this.desk.words, p);
}

/** Of all tokens, uncut. @param {number} temperature */
export const samplingAt = temperature => ({ temperature, topK: 0, topP: 1 });

/** A line of small print. @param {string} textContent */
export const note = textContent => make("p", { className: "note", textContent });

/**
 * A text behind what it began with; marked from where it is not as it should be.
 * @param {string} prompt @param {string} text @param {number} [from]
 */
export function passage(prompt, text, from = text.length) {
  const characters = [...text];
  const tail = characters.slice(from).join("");
  return make(
    "p",
    { className: "passage", dir: "auto" },
    make("span", { className: "given", textContent: prompt }),
    characters.slice(0, from).join(""),
    ...(tail ? [make("mark", { textContent: tail })] : []),
  );
}

/** With line ends that are seen and break nothing. @param {string} text */
export const inOneLine = text => text.replaceAll("\n", "↵ ");

/** Where two texts part, in characters. @param {string} a @param {string} b */
export function partingOf(a, b) {
  const [one, other] = [[...a], [...b]];
  const place = one.findIndex((character, i) => character !== other[i]);
  return place < 0 ? one.length : place;
}

/**
 * Tokens as they are fed, one after the other.
 * @param {{ text: string, id?: number, isMarked?: boolean }[]} tokens
 */
export function row(tokens) {
  return make(
    "ol",
    { className: "fed-in", dir: "ltr" },
    ...tokens.map(({ text, id, isMarked = false }) =>
      make(
        "li",
        { className: isMarked ? "marked" : "" },
        make("b", { textContent: signOf(text) ?? text }),
        ...(id === undefined ? [] : [" ", make("span", { textContent: String(id) })]),
      ),
    ),
  );
}

/** @param {string[]} heads @param {{ cells: string[], isMarked?: boolean }[]} rows */
export function table(heads, rows) {
  const line = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ cells) => cells.map(textContent => make(tag, { textContent }));
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...line("th", heads))),
    make("tbody", {}, ...rows.map(({ cells, isMarked }) => make("tr", { className: isMarked ? "marked" : "" }, ...line("td", cells)))),
  );
}
