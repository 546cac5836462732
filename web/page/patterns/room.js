// SPDX-License-Identifier: MIT
//
// room.js - one pattern, open: what goes in, the network unrolled over its steps, and what comes out.
import { Carry } from "./carry.js";
import { elementsOf, make } from "../elements.js";
import { isClass } from "./inputs.js";
import { start } from "../pace.js";
import { MOST_UNITS, Reply } from "./reply.js";
import { Row } from "./row.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../../core/pattern.js").Pattern} Pattern */
/** @typedef {import("../../core/pattern.js").Unit} Unit */
/** @typedef {import("../../core/pattern.js").Input} Input */

const PLAYED = 4; // units a second, when it is played
const HOTTEST = 1.5; // temperature
const HANDOVER = /^(\d(?:\.\d+)?)_(\d{1,3})_(\d{1,4})_(.*)$/s;
const OF_CLASSES = 0.5; // temperature: the best name of a language is always the same

/**
 * What a room shows.
 * @typedef {object} Guest
 * @property {string} name of the network
 * @property {Answering} network
 * @property {import("./inputs.js").Inputs} inputs how it is asked
 * @property {string} example an input that shows it well; of a class its name
 * @property {string} other one to take a state from
 * @property {Pattern | null} rival of the same task, with the loss at each unit, to be seen beside it
 * @property {() => string} reads what it can read, in words
 */

export class Room {
  element;
  /** @type {Unit[]} */
  #units = [];
  /** @type {Unit[]} of the rival */
  #beside = [];
  #text = ""; // what is asked
  #temperature = 0;
  /** @type {(() => void) | null} */
  #stopWork = null;
  #frame = 0; // in which what has changed is drawn; 0: all is drawn
  #hasTrouble = false;
  #desk;
  #guest;
  #carry;
  #row;
  #reply;
  #parts;

  /** @param {Desk} desk @param {Guest} guest */
  constructor(desk, guest) {
    const { network, inputs, rival, other } = guest;
    this.#desk = desk;
    this.#guest = guest;
    this.#row = new Row(desk, network, rival);
    this.#reply = new Reply(desk, network, guest.name);
    this.#temperature = this.#usualTemperature;
    this.#carry = this.#writes ? new Carry(desk, /** @type {Pattern} */ (network), inputs, other, () => this.#keepAndAsk()) : null;
    this.#parts = this.#build();
    this.element = this.#lay();
  }

  /** Whether a state is handed to what writes. */
  get #writes() {
    return this.#guest.network.end >= 0;
  }

  get #usualTemperature() {
    return isClass(this.#guest.network) ? OF_CLASSES : 0;
  }

  #build() {
    const { button } = elementsOf(this.#desk);
    const temperature = make("input", { type: "range", className: "grow", min: "0", max: String(HOTTEST), step: "0.05" });
    temperature.oninput = () => {
      this.#temperature = Number(temperature.value);
      this.#keepAndAsk();
    };
    const { network, inputs } = this.#guest;
    return {
      control: inputs.control(this.#desk, `answer.input.${network.pattern}`, text => this.#set(text)),
      reads: make("p", { className: "note" }),
      play: button("answer.play", () => this.#play()),
      temperature,
      degrees: make("span", { className: "number" }),
    };
  }

  #lay() {
    const { field } = elementsOf(this.#desk);
    const { control, reads, play, temperature, degrees } = this.#parts;
    const given = make("div", { className: "asked", "data-part": "prompt" }, control.element, reads);
    const hot = make("div", { className: "row", "data-part": "temperature" }, field("answer.temperature", temperature), degrees);
    const ways = make("div", { className: "row wrap" }, play, ...(this.#writes ? [hot] : []));
    const asked = make("div", { className: "asked" }, given, ways);
    const ask = make("div", { className: "ask" }, asked, this.#reply.element);
    return make("div", { className: "room" }, ask, this.#row.element, ...(this.#carry ? [this.#carry.element] : []), ...this.#row.below);
  }

  // ---- asking ----

  /** @param {string} text */
  #set(text) {
    this.#text = text;
    this.#desk.settings.set({ input: text });
    this.#ask();
  }

  /** In the language of the desk, with what stands in the address. */
  show() {
    const { input, handover } = this.#desk.settings.now;
    this.#text = input ?? this.#guest.example;
    this.#parts.control.show(this.#text);
    this.#parts.reads.textContent = this.#guest.reads();
    this.#takeHandover(handover);
    this.#ask();
  }

  /** As if it had just been opened: the state that is handed over is the input's own. */
  reset() {
    this.#takeHandover("");
  }

  /** @param {string} text as it stands in the address */
  #takeHandover(text) {
    const [, T = "", mix = "0", cells = "0", other = this.#guest.other] = HANDOVER.exec(text) ?? [];
    this.#temperature = T ? Math.min(Number(T), HOTTEST) : this.#usualTemperature;
    this.#parts.temperature.value = String(this.#temperature);
    this.#carry?.take(other, Number(mix), Number(cells));
  }

  /** What the reader has changed stands in the address. */
  #keepAndAsk() {
    const { mix = 0, cells = 0, other = "" } = this.#carry?.now ?? {};
    const isUsual = !mix && !cells && this.#temperature === this.#usualTemperature && other === this.#guest.other;
    this.#desk.settings.set({ handover: isUsual ? "" : [this.#temperature, mix, cells, other].join("_") });
    this.#ask();
  }

  #ask() {
    this.#answer(input => {
      this.#units = [...this.#steps(input)];
      this.#draw();
      this.#conclude(input);
    });
  }

  /** Step by step, for the eye. */
  #play() {
    this.#answer(input => {
      this.#stopWork = start({
        steps: this.#steps(input),
        pace: () => PLAYED,
        onSteps: units => {
          this.#units.push(...units);
          this.#draw();
        },
        onEnd: error => {
          this.#stopWork = null;
          this.#draw();
          if (error) this.#fail(error);
          else this.#conclude(input);
        },
      });
    });
  }

  /** @param {(input: Input | null) => void} work */
  #answer(work) {
    this.stop();
    this.#units = [];
    try {
      const input = this.#guest.inputs.valueOf(this.#text);
      const { rival } = this.#guest;
      this.#beside = rival && input ? [...rival.units(input)] : [];
      this.#carry?.setInput(input);
      this.#carry?.show();
      work(input);
      if (this.#hasTrouble) this.#desk.noTrouble();
      this.#hasTrouble = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#hasTrouble = true;
    this.#desk.trouble(error);
  }

  /** @param {Input | null} input @returns {Generator<Unit, void, undefined>} */
  *#steps(input) {
    const { network } = this.#guest;
    if (!input) return;
    if (network.pattern === "one-to-one") yield* network.units(/** @type {string} */ (input));
    else if (!this.#carry) yield* network.units(input);
    else {
      if (network.pattern === "sequence")
        for (const unit of network.units(input)) {
          if (unit.stack !== "encoder") break;
          yield unit;
        }
      if (this.#carry.state) yield* network.write(this.#carry.state, { temperature: this.#temperature, seed: 1, most: MOST_UNITS });
    }
  }

  stop() {
    this.#stopWork?.();
    this.#stopWork = null;
    this.#reply.dismiss();
  }

  free() {
    this.stop();
    cancelAnimationFrame(this.#frame);
    this.#carry?.free();
    this.#row.free();
    this.#parts.control.free();
  }

  // ---- what is shown ----

  /** Once a frame, however often it is asked for. */
  #draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawNow();
    });
  }

  #drawNow() {
    const temperature = this.#writes ? this.#temperature : 0;
    this.#parts.degrees.textContent = `T = ${this.#desk.words.number(this.#temperature)}`;
    const isPlayed = Boolean(this.#stopWork);
    this.#reply.show(this.#units, isPlayed);
    this.#row.show({ units: this.#units, beside: this.#beside, temperature, isPlayed, isChanged: this.#isChanged });
  }

  /** Whether another state is handed over than the input's own. */
  get #isChanged() {
    return Boolean(this.#carry && !this.#carry.isOwn);
  }

  /** @param {Input | null} input */
  #conclude(input) {
    this.#reply.conclude(this.#units, {
      input,
      text: this.#text,
      state: this.#carry?.state ?? null,
      isChanged: this.#isChanged,
      temperature: this.#writes ? this.#temperature : 0,
    });
  }
}
