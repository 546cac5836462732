// SPDX-License-Identifier: MIT
//
// carry.js - the state that is handed to what writes: all that it knows of the input. A hand can take another input's in its place, mix
// the two, and scramble some of its cells.
import { elementsOf, make } from "../elements.js";
import { drawBand } from "../../views/unrolled.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../core/pattern.js").Pattern} Pattern */

export class Carry {
  element;
  /** @type {Float32Array | null} of the input; null: there is none */
  #own = null;
  /** @type {Float32Array | null} */
  #other = null;
  #otherText;
  #desk;
  #network;
  #inputs;
  #changed;
  #parts;

  /**
   * @param {Desk} desk @param {Pattern} network that writes @param {import("./inputs.js").Inputs} inputs how it is asked
   * @param {string} other another input to begin with @param {() => void} changed the state is another one
   */
  constructor(desk, network, inputs, other, changed) {
    this.#desk = desk;
    this.#network = network;
    this.#inputs = inputs;
    this.#changed = changed;
    this.#otherText = other;
    this.#parts = this.#build();
    const { band, mix, scramble, control, otherBand, swap, own, note } = this.#parts;
    const { field, worded } = elementsOf(desk);
    const here = make("div", { className: "carried" }, worded("h3", "carry.title"), note, band);
    const there = make("div", { className: "carried" }, control.element, otherBand);
    const measured = (/** @type {string} */ key, /** @type {HTMLElement} */ range, /** @type {HTMLElement} */ value) =>
      make("div", { className: "row" }, field(key, range), value);
    const { share, cells } = this.#parts;
    const ways = make(
      "div",
      { className: "row wrap" },
      swap,
      own,
      measured("carry.mix", mix, share),
      measured("carry.scramble", scramble, cells),
    );
    this.element = make("div", { id: this.#desk.id("carry"), className: "carry", "data-part": "carry" }, here, ways, there);
    this.#readOther();
  }

  #build() {
    const { button, worded } = elementsOf(this.#desk);
    const band = () => make("div", { className: "band", role: "img" });
    const range = (/** @type {number} */ max) =>
      make("input", { type: "range", min: "0", max: String(max), step: "1", value: "0", oninput: () => this.#change() });
    const [own, other] = [band(), band()];
    other.ondragstart = event => event.dataTransfer?.setData("text/plain", this.#otherText);
    own.ondragover = event => event.preventDefault();
    own.ondrop = event => {
      event.preventDefault();
      if (!event.dataTransfer?.types.includes("Files") && !this.#isLocked) this.#hand(100);
    };
    return {
      band: own,
      otherBand: other,
      note: worded("p", "carry.note", { className: "note" }),
      share: make("span", { className: "note" }),
      cells: make("span", { className: "note" }),
      mix: range(100),
      scramble: range(this.#network.hidden),
      swap: button("carry.swap", () => this.#hand(100), "main"),
      own: button("carry.own", () => this.#hand(0)),
      control: this.#inputs.other(this.#desk, "carry.other", text => this.#setOther(text)),
    };
  }

  /** Whether it is the input's own, or equal to it. */
  get isOwn() {
    const { state } = this;
    return !state || state.every((x, i) => x === this.#own?.[i]);
  }

  get #isLocked() {
    return this.#desk.settings.isLocked("carry");
  }

  /** @param {import("../../core/pattern.js").Input | null} input */
  setInput(input) {
    this.#own = input ? this.#network.begin(input) : null;
  }

  /** What is handed over. @returns {Float32Array | null} */
  get state() {
    const own = this.#own;
    if (!own) return null;
    const share = Number(this.#parts.mix.value) / 100;
    const other = this.#other ?? own;
    return scrambled(
      own.map((x, i) => (1 - share) * x + share * other[i]),
      this.#network.hidden,
      Number(this.#parts.scramble.value),
    );
  }

  show() {
    const { band, otherBand, control, swap, own, mix, scramble, share, cells } = this.#parts;
    const { say, number, percent } = this.#desk.words;
    share.textContent = percent(Number(mix.value) / 100);
    cells.textContent = number(Number(scramble.value));
    swap.ariaPressed = String(mix.value === "100");
    control.show(this.#otherText);
    swap.disabled = mix.disabled = !this.#other || this.#isLocked;
    own.disabled = scramble.disabled = this.#isLocked;
    otherBand.draggable = !this.#isLocked;
    for (const [target, state, key] of /** @type {const} */ ([
      [band, this.state, this.isOwn ? "carry.band" : "carry.band.changed"],
      [otherBand, this.#other, "carry.band.other"],
    ])) {
      drawBand(target, state ? this.#partsOf(state) : []);
      target.ariaLabel = target.title = say(key);
    }
  }

  free() {
    this.#parts.control.free();
  }

  /** h and c of each layer. @param {Float32Array} state */
  #partsOf(state) {
    const { hidden } = this.#network;
    return Array.from({ length: state.length / hidden }, (_, i) => state.subarray(i * hidden, (i + 1) * hidden));
  }

  /** @param {string} text */
  #setOther(text) {
    this.#otherText = text;
    this.#readOther();
    this.#change();
  }

  #readOther() {
    const input = this.#inputs.valueOf(this.#otherText);
    this.#other = input ? this.#network.begin(input) : null;
  }

  /** @param {number} share of the other one, percent */
  #hand(share) {
    this.#parts.mix.value = String(share);
    if (!share) this.#parts.scramble.value = "0";
    this.#change();
  }

  #change() {
    this.show();
    this.#changed();
  }

  /** What is changed now: the share of the other state, percent, the scrambled cells, and what the other state is of. */
  get now() {
    const { mix, scramble } = this.#parts;
    return { mix: Number(mix.value), cells: Number(scramble.value), other: this.#otherText };
  }

  /** @param {string} other @param {number} mix @param {number} cells */
  take(other, mix, cells) {
    this.#otherText = other;
    this.#readOther();
    this.#parts.mix.value = String(mix);
    this.#parts.scramble.value = String(cells);
    this.show();
  }
}

/**
 * The first `count` of the units in a fixed disorder take each the next one's numbers, in all parts alike.
 * @param {Float32Array} state @param {number} hidden units of a part @param {number} count
 */
export function scrambled(state, hidden, count) {
  const order = Array.from({ length: hidden }, (_, i) => i).sort((a, b) => disorder(a) - disorder(b));
  const made = state.slice();
  for (let part = 0; part < state.length; part += hidden)
    for (let i = 0; i < count; i++) made[part + order[i]] = state[part + order[(i + 1) % count]];
  return made;
}

/** A fixed order that is not that of the units (a multiplicative hash, Knuth 1973). @param {number} i */
const disorder = i => Math.imul(i + 1, 0x9e3779b1) >>> 0;
