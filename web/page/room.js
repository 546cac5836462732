// SPDX-License-Identifier: MIT
//
// room.js - one pattern, open: what goes in, the network unrolled over its steps, what comes out, and what is behind each unit.
import { Carry } from "./carry.js";
import { columnsOf, distributionOf, rowsOf } from "./depict.js";
import { nameOf } from "./describe.js";
import { elementsOf, make, style } from "./elements.js";
import { isClass, isPicture } from "./inputs.js";
import { start } from "./pace.js";
import { draw as drawDistribution } from "../views/distribution.js";
import { draw as drawMaps } from "../views/maps.js";
import { clear as clearUnrolled, draw as drawUnrolled } from "../views/unrolled.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("../core/pattern.js").Pattern} Pattern */
/** @typedef {import("../core/pattern.js").Unit} Unit */
/** @typedef {import("../core/pattern.js").Input} Input */

const PLAYED = 4; // units a second, when it is played
const DRAWN = 6; // answers of a class
const BEAM = 4;
const MOST = 120; // units that write

/**
 * What a room shows.
 * @typedef {object} Guest
 * @property {Answering} network
 * @property {import("./inputs.js").Inputs} inputs how it is asked
 * @property {string} example an input that shows it well; of a class its name
 * @property {string} other one to take a state from
 * @property {Pattern | null} rival of the same task, with the loss at each unit, to be seen beside it
 * @property {(input: string) => string} truth the right answer where it is known; "": it is not
 */

export class Room {
  element;
  /** @type {Unit[]} */
  #units = [];
  /** @type {Unit[]} of the rival */
  #beside = [];
  #text = ""; // what is asked
  #selected = -1; // -1: the one that shows the pattern best
  #pace = 0; // units a second; 0: at once
  #temperature = 0;
  /** @type {(() => void) | null} */
  #stopWork = null;
  /** @type {import("./inside.js").Inside | null} null: not fetched yet */
  #inside = null;
  #isFreed = false;
  #desk;
  #guest;
  #carry;
  #parts;

  /** @param {Desk} desk @param {Guest} guest */
  constructor(desk, guest) {
    this.#desk = desk;
    this.#guest = guest;
    if (isClass(guest.network)) this.#temperature = 0.5;
    this.#carry = this.#writes
      ? new Carry(desk, /** @type {Pattern} */ (guest.network), guest.inputs, guest.other, () => this.ask())
      : null;
    this.#parts = this.#build();
    this.element = this.#lay();
  }

  get #network() {
    return this.#guest.network;
  }

  /** Whether a state is handed to what writes. */
  get #writes() {
    return ["one-to-many", "sequence"].includes(this.#network.pattern);
  }

  #build() {
    const { id } = this.#desk;
    const { button } = elementsOf(this.#desk);
    const made = (/** @type {string} */ name, /** @type {Record<string, any>} */ more = {}) => make("div", { id: id(name), ...more });
    const temperature = make("input", {
      type: "range",
      className: "grow",
      min: "0",
      max: "1.5",
      step: "0.05",
      value: String(this.#temperature),
    });
    temperature.oninput = () => {
      this.#temperature = Number(temperature.value);
      this.ask();
    };
    const degrees = make("output", { className: "number" });
    return {
      control: this.#guest.inputs.control(this.#desk, `answer.input.${this.#network.pattern}`, text => this.#set(text)),
      play: button("answer.play", () => this.play()),
      temperature,
      degrees,
      answer: make("output", { id: id("answer"), className: "answer", dir: "auto" }),
      more: make("ul", { id: id("answers"), className: "answers" }),
      note: make("p", { id: id("answer-note"), className: "note", ariaLive: "polite" }),
      maps: made("maps", { className: "maps" }),
      unrolled: made("unrolled"),
      distribution: made("unit-distribution", { className: "distribution", onclick: (/** @type {Event} */ event) => this.#copy(event) }),
      inside: made("inside"),
      table: make("table", {}),
    };
  }

  #lay() {
    const { worded, field, folded } = elementsOf(this.#desk);
    const { control, play, temperature, degrees, answer, more, note, maps, unrolled, distribution, inside, table } = this.#parts;
    const asked = make("div", { className: "asked" }, control.element, make("div", { className: "row wrap" }, play));
    if (this.#writes) asked.append(make("div", { className: "row" }, field("temperature", temperature), degrees));
    const came = make("div", { className: "came" }, worded("h3", "answer.title"), answer, more, note, maps);
    const box = make("div", { className: "units-table", role: "region", tabIndex: 0, "data-label": "unit.table" }, table);
    const row = make(
      "section",
      {},
      worded("h3", "unit.title"),
      worded("p", `unrolled.${this.#network.pattern}`, { className: "note" }),
      unrolled,
    );
    return make(
      "div",
      { className: "room" },
      make("div", { className: "ask" }, asked, came),
      row,
      ...(this.#carry ? [this.#carry.element] : []),
      make("section", {}, worded("h3", "unit.distribution"), distribution),
      inside,
      folded("unit.table", false, box),
    );
  }

  // ---- asking ----

  /** @param {string} text */
  #set(text) {
    this.#text = text;
    this.#desk.settings.set({ input: text });
    this.ask();
  }

  /** In the language of the desk, with what stands in the address. */
  show() {
    this.#text = this.#desk.settings.now.input || this.#guest.example;
    this.#parts.control.show(this.#text);
    this.#carry?.show();
    this.ask();
    if (this.#guest.rival && !this.#inside) this.#lookInside(); // it stands there beside
  }

  /** Step by step, for the eye. */
  play() {
    this.#pace = PLAYED;
    this.ask();
    this.#pace = 0;
  }

  /** Asks anew; the answer comes at once unless it is played. */
  ask() {
    if (!this.#parts) return; // the state's control is being made
    const { trouble, noTrouble } = this.#desk;
    this.stop();
    this.#units = [];
    this.#selected = -1;
    try {
      const input = this.#guest.inputs.valueOf(this.#text);
      this.#carry?.setInput(input);
      this.#carry?.show();
      this.#beside = input && this.#guest.rival ? [...this.#guest.rival.units(input)] : [];
      this.#showMaps(input);
      const pace = this.#pace;
      const steps = input ? this.#steps(input) : [][Symbol.iterator]();
      if (!pace) this.#units = [...steps];
      this.#draw();
      noTrouble();
      if (pace) this.#playSteps(steps, pace);
      else this.#conclude(input);
    } catch (error) {
      trouble(error);
    }
  }

  /** @param {Iterator<Unit>} steps @param {number} pace */
  #playSteps(steps, pace) {
    this.#stopWork = start({
      steps,
      pace: () => pace,
      onSteps: units => {
        this.#units.push(...units);
        this.#draw();
      },
      onEnd: error => {
        this.#stopWork = null;
        this.#draw();
        if (error) this.#desk.trouble(error);
        else this.#conclude(this.#guest.inputs.valueOf(this.#text));
      },
    });
  }

  /** @param {Input} input @returns {Generator<Unit, void, undefined>} */
  *#steps(input) {
    const network = this.#network;
    if (network.pattern === "one-to-one") yield* network.units(/** @type {string} */ (input));
    else if (!this.#carry) yield* network.units(input);
    else {
      if (network.pattern === "sequence")
        for (const unit of network.units(input)) {
          if (unit.stack !== "encoder") break;
          yield unit;
        }
      if (this.#carry.state) yield* network.write(this.#carry.state, { temperature: this.#temperature, seed: 1, most: MOST });
    }
  }

  stop() {
    this.#stopWork?.();
    this.#stopWork = null;
  }

  free() {
    this.#isFreed = true;
    this.stop();
    this.#carry?.free();
    this.#inside?.free();
    this.#parts.control.free();
    clearUnrolled(this.#parts.unrolled);
  }

  // ---- what is shown ----

  #draw() {
    const { words } = this.#desk;
    const { unrolled, answer, table } = this.#parts;
    const units = this.#units;
    const selected = this.#place;
    const columns = columnsOf(words, this.#network, units);
    answer.textContent = this.#answerOf(units) || "…";
    this.#parts.degrees.textContent = `T = ${words.number(this.#temperature)}`;
    drawUnrolled(unrolled, { columns, selected, follow: Boolean(this.#stopWork), words: { region: words.say("unit.title") } }, at =>
      this.#select(at),
    );
    this.#drawInside(selected);
    const heads = ["number", "stack", "read", "written", "p", "next"].map(key => words.say(`unit.head.${key}`));
    table.replaceChildren(rowOf("th", heads), ...rowsOf(words, this.#network, units).map(cells => rowOf("td", cells)));
  }

  /** The unit that is looked at: the chosen one, or where the state is handed over, or the last one that came. */
  get #place() {
    const units = this.#units;
    if (this.#selected >= 0) return Math.min(this.#selected, units.length - 1);
    const first = this.#writes && !this.#stopWork ? units.findIndex(({ probs }) => probs) : -1;
    return first < 0 ? units.length - 1 : first;
  }

  /** @param {number} selected */
  #drawInside(selected) {
    const { words } = this.#desk;
    const { distribution } = this.#parts;
    const { network, rival } = this.#guest;
    const units = this.#units;
    const unit = units[selected];
    distribution.classList.toggle("single", [0, 1].includes(this.#drawnAt));
    drawDistribution(distribution, unit?.probs ? this.#distributionOf(unit) : null, words.say("unit.silent"));
    if (unit) this.#inside?.show({ network, units }, rival && { network: rival, units: this.#beside }, selected);
  }

  /** What is behind the units is fetched when one is pressed. */
  async #lookInside() {
    const { words, trouble } = this.#desk;
    try {
      const [{ Inside }] = await Promise.all([import("./inside.js"), words.more(), style("../views/activations.css")]);
      if (this.#inside || this.#isFreed) return;
      this.#inside = new Inside(this.#desk, at => this.#select(at));
      this.#parts.inside.replaceChildren(this.#inside.element);
      this.#draw();
    } catch (error) {
      trouble(error);
    }
  }

  /** The temperature that what is written is drawn at; 0: the best is taken. */
  get #drawnAt() {
    return this.#writes ? this.#temperature : 0;
  }

  /** @param {Unit} unit that writes */
  #distributionOf(unit) {
    return distributionOf(this.#desk.words, this.#network, unit, this.#drawnAt);
  }

  /** @param {Event} event */
  #copy({ target }) {
    const unit = this.#units[this.#place];
    if (!(/** @type {Element} */ (target).closest(".csv")) || !unit?.probs) return;
    import("./csv.js").then(({ copyCsv }) => copyCsv(this.#desk, this.#distributionOf(unit))).catch(this.#desk.trouble);
  }

  /** @param {number} at */
  #select(at) {
    this.#selected = at;
    this.#draw();
    if (!this.#inside) this.#lookInside();
  }

  /** @param {Unit[]} units */
  #answerOf(units) {
    const written = units.filter(unit => unit.probs);
    if (["many-to-one", "one-to-one"].includes(this.#network.pattern)) return written.at(-1)?.label ?? "";
    return written.map(({ label }) => label ?? "").join("");
  }

  /** What else is to be said of an answer that is whole. @param {Input | null} input */
  #conclude(input) {
    const { say } = this.#desk.words;
    const { more, note } = this.#parts;
    more.replaceChildren();
    note.textContent = "";
    if (!input) note.textContent = say("answer.none");
    else if (this.#drawnAt > 0) this.#drawOthers(more);
    else if (this.#carry && !this.#carry.isOwn) note.textContent = say("answer.changed");
    else note.textContent = [this.#unknown(input), this.#judged(), this.#writes ? this.#besideBeam(input) : ""].join(" ").trim();
  }

  /** What the network does not know of an input. @param {Input} input */
  #unknown(input) {
    const { words } = this.#desk;
    const unknown = typeof input === "string" ? this.#network.unknown(input) : [];
    return unknown.length ? words.say("answer.unknown", { characters: unknown.map(each => nameOf(words, each)).join(" ") }) : "";
  }

  /** Where the right answer is known, and is another one. */
  #judged() {
    const truth = this.#guest.truth(this.#text);
    return truth && truth !== this.#answerOf(this.#units) ? this.#desk.words.say("answer.wrong", { truth }) : "";
  }

  /** What other dice write from the same state. @param {HTMLElement} list */
  #drawOthers(list) {
    const network = /** @type {Pattern} */ (this.#network);
    const state = this.#carry?.state;
    if (!state) return;
    for (let seed = 2; seed <= DRAWN; seed++) {
      const units = [...network.write(state, { temperature: this.#temperature, seed, most: MOST })];
      list.append(make("li", { textContent: this.#answerOf(units), dir: "auto" }));
    }
  }

  /** A beam and the greedy way, where they differ. @param {Input} input */
  #besideBeam(input) {
    const { say, number } = this.#desk.words;
    const network = /** @type {Pattern} */ (this.#network);
    const [greedy, beam] = [1, BEAM].map(width => network.answer(input, { beam: width, most: MOST }));
    const values = { beam: number(BEAM), greedy, answer: beam };
    return say(greedy === beam ? "answer.beam.same" : "answer.beam", values);
  }

  /** @param {Input | null} input */
  #showMaps(input) {
    const { maps } = this.#parts;
    const network = this.#network;
    maps.hidden = !input || !isPicture(network);
    if (maps.hidden || !isPicture(network)) return;
    const { say } = this.#desk.words;
    const picture = /** @type {Uint8Array} */ (input);
    const labels = ["maps.picture", "maps.first", "maps.second"].map(key => say(key));
    drawMaps(maps, [{ side: network.side, maps: [picture] }, ...network.maps(picture)], labels);
  }
}

/** @param {"th" | "td"} tag @param {string[]} cells */
const rowOf = (tag, cells) =>
  make("tr", {}, ...cells.map(textContent => make(tag, { textContent, ...(tag === "th" && { scope: "col" }) })));
