// SPDX-License-Identifier: MIT
//
// counting.js - the view "Counting beside learning": a Markov chain of orders 1 to 6 and three networks of as many parameters each, on
// the same text (excerpt.js), with the same dice and the same bars. Each is a lane.js; a network learns as a pupil.js.
import { refuseForText } from "../../core/filetypes.js";
import { latin1, readBytes } from "../../core/sources.js";
import { addressOf, readyTexts } from "../train/corpus.js";
import { nameOf, sentencesOf, short } from "../describe.js";
import { elementsOf, fill, make } from "../elements.js";
import { Excerpt, HELD_OUT } from "./excerpt.js";
import { Lane, visible } from "./lane.js";
import { Pupil } from "./pupil.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {import("../../core/recipe.js").TrainSettings} TrainSettings */
/** @typedef {"tanh" | "gru" | "lstm"} Cell */
/** @typedef {{ units: number, parameters: number, share: number, seconds: number, isOver: boolean, error: unknown }} Learning */

const ORDERS = [1, 2, 3, 4, 5, 6];
const LENGTH = 240; // characters that each writes
const AT_ONCE = 2; // networks that learn
const NAMED = 3; // followers in a sentence
const TYPED = "own"; // in the list of texts: the reader's own
const MOST_TYPED = 60_000;
const LSTM_UNITS = 64; // as in the lesson's notebook; the others get as many as make the same number of parameters
const BLOCKS = { tanh: 1, gru: 3, lstm: 4 }; // of a cell's weights
/** Tried for a text of 60,000 characters: some seconds each. @type {Partial<TrainSettings>} */
const SETTINGS = { embedding: 0, batch: 4, window: 32, slices: 1, passes: 12, dropout: 0.2, heldOut: HELD_OUT };
/** @type {Record<Cell, number>} */
const RATES = { tanh: 0.004, gru: 0.01, lstm: 0.012 };
const CELLS = /** @type {Cell[]} */ (Object.keys(RATES));

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  const words = [desk.words.more(), desk.words.more("counting")];
  const styles = ["../views/likely.css", "./lesson/counting.css"].map(desk.style);
  const [ready] = await Promise.all([readyTexts(), ...styles, ...words]);
  return new Counting(root, desk, ready);
}

/** @implements {View} */
class Counting {
  /** @type {Excerpt | null} null: none yet */
  #excerpt = null;
  #order = 3;
  #prompt = "";
  #place = 0; // of what is written: the one whose bars are shown
  #throws = 0; // so often other dice were wanted: the seed is the desk's and so many on, and the text in Write keeps its own
  /** @type {Map<Cell, Pupil>} those that learn */
  #pupils = new Map();
  /** @type {Map<Cell, Learning>} how each is getting on, or got on */
  #learning = new Map();
  /** @type {Cell[]} those that wait until another one has learnt */
  #waiting = [];
  /** @type {Map<Cell, Model>} what they have learnt so far */
  #models = new Map();
  #hasBegun = false; // to learn this text
  /** @type {Promise<unknown>} until the text is counted */
  #counted = Promise.resolve();
  #source = ""; // of the text: the file of a ready one, or TYPED
  #asked = 0; // number of the text that was asked for last
  #drawn = ""; // what the texts were written from
  #frame = 0;
  #isFreed = false;
  #root;
  #desk;
  #ready;
  #count;
  #lanes;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk @param {import("../train/corpus.js").Ready[]} ready */
  constructor(root, desk, ready) {
    this.#root = root;
    this.#desk = desk;
    this.#ready = ready;
    const pointed = (/** @type {number} */ place) => this.#point(place);
    this.#count = new Lane(desk, "count", pointed);
    this.#lanes = /** @type {Record<Cell, Lane>} */ (Object.fromEntries(CELLS.map(cell => [cell, new Lane(desk, cell, pointed)])));
    this.#parts = this.#build();
    const first = ready.find(each => each.language === desk.words.language) ?? ready[0];
    if (first) this.#choose(first.file);
  }

  get #all() {
    return [this.#count, ...Object.values(this.#lanes)];
  }

  // ---- what can be pressed ----

  #build() {
    const { worded, button, field } = elementsOf(this.#desk);
    const controls = this.#controls();
    const own = make("textarea", { rows: 3, spellcheck: false, dir: "auto", maxLength: MOST_TYPED, onchange: () => this.#take(own.value) });
    const ownField = field("counting.own", own);
    const learn = button("counting.learn", () => this.#learn(), "main");
    const dice = button("counting.dice", () => this.#throwAnew());
    const see = make("p", { className: "see", ariaLive: "polite" });
    const lanes = this.#all.map(({ element }) => element);
    this.#root.replaceChildren(
      worded("h2", "counting.title"),
      see,
      controls.element,
      ownField,
      make("div", { className: "row wrap actions" }, learn, dice),
      make("div", { className: "lanes", role: "group", "data-label": "counting.lanes" }, ...lanes),
      worded("p", "counting.legend", { className: "note" }),
    );
    return { ...controls, ownField, own, learn, see };
  }

  /** What all write from: the text, the prompt, the temperature, and how far the count looks back. */
  #controls() {
    const { change } = this.#desk;
    const { worded, field } = elementsOf(this.#desk);
    const list = make("select", { onchange: () => this.#choose(list.value) });
    const prompt = make("input", { type: "text", autocomplete: "off", spellcheck: false, dir: "auto" });
    prompt.oninput = () => {
      this.#prompt = prompt.value;
      this.#later();
    };
    const slider = make("input", { type: "range", min: "0", max: "2", step: "0.05" });
    slider.oninput = () => change({ temperature: Number(slider.value) });
    const value = make("output", { className: "lane-temperature" });
    const temperature = field("counting.temperature", slider);
    temperature.append(value);
    temperature.classList.add("wide");
    temperature.dataset.part = "temperature";
    const orders = ORDERS.map(order => this.#orderButton(order));
    const choice = make("div", { className: "orders", role: "group", "data-label": "counting.order" }, ...orders);
    const order = make("div", { className: "field wide" }, worded("span", "counting.order"), choice);
    const fields = [field("counting.text", list), field("counting.prompt", prompt), temperature, order];
    return { list, prompt, slider, value, orders, element: make("div", { className: "lane-controls" }, ...fields) };
  }

  /** @param {number} order */
  #orderButton(order) {
    const press = () => {
      this.#order = order;
      this.show();
    };
    return make("button", { type: "button", textContent: String(order), onclick: press });
  }

  // ---- the view ----

  show() {
    const { settings, words } = this.#desk;
    const { list, ownField, prompt, slider, value, orders, learn, see } = this.#parts;
    const titles = this.#ready.map(({ file, title }) => /** @type {[string, string]} */ ([file, title[words.language] ?? title.en]));
    fill(list, [...titles, [TYPED, words.say("counting.own")]], this.#source);
    ownField.hidden = this.#source !== TYPED;
    if (prompt.value !== this.#prompt) prompt.value = this.#prompt;
    slider.value = String(settings.now.temperature);
    value.textContent = words.number(settings.now.temperature, { maximumSignificantDigits: 3 });
    orders.forEach((button, i) => {
      button.ariaPressed = String(ORDERS[i] === this.#order);
    });
    const said = `${words.say(`counting.see.${this.#order}`)} ${words.say("counting.see")}`;
    if (see.textContent !== said) see.textContent = said; // or it would be read out again
    learn.textContent = words.say(this.#pupils.size ? "counting.busy" : this.#hasBegun ? "counting.again" : "counting.learn");
    learn.disabled = !this.#excerpt || this.#pupils.size > 0;
    this.#later();
  }

  /** Learns, if it has not: a link that opens the view begins at once. */
  async begin() {
    await this.#counted;
    if (!this.#hasBegun) this.#learn();
  }

  free() {
    this.#isFreed = true;
    cancelAnimationFrame(this.#frame);
    this.#forget();
    this.#root.replaceChildren();
  }

  // ---- the text ----

  /** @param {string} source */
  #choose(source) {
    this.#source = source;
    this.#counted = source === TYPED ? this.#take(this.#parts.own.value) : this.#fetch(source);
    this.show();
  }

  /** @param {string} file of a ready text */
  async #fetch(file) {
    const mine = ++this.#asked;
    try {
      const check = async (/** @type {Uint8Array} */ head, /** @type {string} */ about) => refuseForText(latin1(head), about);
      const text = new TextDecoder().decode(await readBytes(addressOf(file), { check }));
      if (mine === this.#asked) await this.#take(text);
    } catch (error) {
      if (mine === this.#asked) this.#desk.trouble(error, () => this.#choose(file));
    }
  }

  /** Counts it; what was learnt of another one is forgotten. @param {string} text */
  async #take(text) {
    const { noTrouble, trouble } = this.#desk;
    const mine = ++this.#asked;
    this.#forget();
    noTrouble();
    if (text.trim()) {
      try {
        const excerpt = await Excerpt.of(text);
        if (mine !== this.#asked || this.#isFreed) return excerpt.free();
        this.#excerpt = excerpt;
        this.#prompt = excerpt.beginning;
        this.#place = 0;
        this.#count.writes = (prompt, options) => excerpt.markov.write(prompt, { ...options, order: this.#order });
      } catch (error) {
        if (mine === this.#asked) trouble(error);
      }
    }
    this.show();
  }

  #forget() {
    this.#endLearning();
    this.#excerpt?.free();
    this.#excerpt = null;
    Object.assign(this.#count, { writes: null, bits: NaN, notes: { about: "", state: "", knows: "" } });
    this.#hasBegun = false;
  }

  // ---- learning ----

  #endLearning() {
    for (const pupil of this.#pupils.values()) pupil.end();
    for (const model of this.#models.values()) model.free();
    for (const each of [this.#pupils, this.#models, this.#learning]) each.clear();
    this.#waiting = [];
    for (const lane of Object.values(this.#lanes)) Object.assign(lane, { writes: null, bits: NaN });
  }

  #learn() {
    if (!this.#excerpt) return;
    this.#endLearning();
    this.#hasBegun = true;
    this.#waiting = [...CELLS];
    for (let i = 0; i < AT_ONCE; i++) this.#next();
    this.show();
  }

  /** Another one may learn now. */
  #next() {
    const cell = this.#waiting.shift();
    if (!cell || !this.#excerpt) return;
    const { text, heldOut, markov } = this.#excerpt;
    const settings = settingsOf(cell, markov.vocabulary.length);
    /** @type {Learning} */
    const learning = { units: settings.hidden, parameters: NaN, share: 0, seconds: 0, isOver: false, error: null };
    const changed = (/** @type {Partial<Learning>} */ changes) => {
      Object.assign(learning, changes);
      if (learning.isOver) this.#end(cell);
      else this.#later();
    };
    this.#learning.set(cell, learning);
    const pupil = new Pupil(text, settings, {
      begun: parameters => changed({ parameters }),
      progress: (share, seconds) => changed({ share, seconds }),
      learnt: (model, isOver) => {
        this.#use(cell, model, heldOut);
        changed({ isOver });
      },
      failed: error => changed({ isOver: true, error }),
    });
    this.#pupils.set(cell, pupil);
  }

  /** @param {Cell} cell that learns no more */
  #end(cell) {
    this.#pupils.delete(cell);
    this.#next();
    if (!this.#pupils.size) this.#desk.speak(this.#desk.words.say("counting.done"));
    this.show();
  }

  /** @param {Cell} cell @param {Model} model @param {string} heldOut */
  #use(cell, model, heldOut) {
    const lane = this.#lanes[cell];
    this.#models.get(cell)?.free();
    this.#models.set(cell, model);
    lane.bits = model.score(heldOut).bitsPerCharacter;
    lane.writes = (prompt, options) => model.write(prompt, options);
    this.#drawn = "";
    this.#later();
  }

  // ---- what is written ----

  /** @param {number} place of what is written */
  #point(place) {
    if (place < 0 || place >= LENGTH) return;
    this.#place = place;
    this.#later();
  }

  /** In the next frame, however often it is asked for: a slider asks more often than that. */
  #later() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      try {
        this.#draw();
      } catch (error) {
        this.#desk.trouble(error);
      }
    });
  }

  /** The same prompt with other dice, here alone. */
  #throwAnew() {
    this.#throws++;
    this.#later();
  }

  #draw() {
    const { temperature, seed: first } = this.#desk.settings.now;
    const seed = (first + this.#throws) % 2 ** 32;
    const excerpt = this.#excerpt;
    const task = excerpt && { excerpt, prompt: this.#prompt, options: { temperature, seed, length: LENGTH } };
    const from = JSON.stringify([task && [this.#asked, this.#prompt, temperature, seed], this.#order]);
    if (from !== this.#drawn) for (const lane of this.#all) lane.write(task);
    this.#drawn = from;
    if (excerpt) this.#tellCount(excerpt);
    for (const cell of CELLS) this.#tellNetwork(cell);
    for (const lane of this.#all) lane.draw(this.#place);
  }

  /** How a network is getting on. @param {Cell} cell */
  #tellNetwork(cell) {
    const { words } = this.#desk;
    const { say } = words;
    const lane = this.#lanes[cell];
    const learning = this.#learning.get(cell) ?? null;
    lane.progress = learning && (learning.isOver ? 1 : learning.share);
    lane.notes = { about: "\u00a0", state: this.#waiting.includes(cell) ? say("counting.waiting") : "\u00a0", knows: "" };
    if (!learning) return;
    const { units, parameters, share, seconds, isOver, error } = learning;
    if (parameters) lane.notes.about = say("counting.about", { units, parameters });
    if (error) lane.notes.state = sentencesOf(words, error);
    else if (isOver) lane.notes.state = say("counting.learnt", { seconds: short(words, seconds, 1) });
    else lane.notes.state = say("counting.learning", { percent: words.percent(share) });
    if (lane.writes) lane.notes.knows = say("counting.state", { count: cell === "lstm" ? 2 * units : units });
  }

  /** What the count knows of the place. @param {Excerpt} excerpt */
  #tellCount({ markov, counted, bits }) {
    const { words } = this.#desk;
    const { say } = words;
    const whole = Array.from(this.#count.contextAt(this.#place)).slice(-this.#order).join("");
    const { context, times, next } = markov.seen(whole, this.#order);
    const named = next.slice(0, NAMED);
    const followers = named.map(({ text, count }) => say("counting.follower", { character: nameOf(words, text), count }));
    const values = { whole: visible(whole), context: visible(context), times, followers: followers.join(", ") };
    const seen = say(`counting.${context === whole ? "seen" : "fell"}`, values);
    this.#count.bits = bits[this.#order - 1];
    this.#count.notes = {
      about: say("counting.count.about", { order: this.#order }),
      state: say("counting.counted", { characters: counted }),
      knows: `${seen}${next.length > NAMED ? " …" : "."} ${say("counting.smooth")}`,
    };
  }
}

/**
 * What a network of that cell learns by.
 * @param {Cell} cell @param {number} V tokens @returns {Partial<TrainSettings> & { hidden: number }}
 */
export const settingsOf = (cell, V) => ({ ...SETTINGS, cell, hidden: unitsOf(cell, V), rate: RATES[cell] });

/** How many units make it as large as the LSTM. @param {Cell} cell @param {number} V */
function unitsOf(cell, V) {
  const sizeOf = (/** @type {Cell} */ cell, /** @type {number} */ H) => BLOCKS[cell] * H * (V + H + 2) + H * V + V;
  let units = 1;
  while (sizeOf(cell, units + 1) <= sizeOf("lstm", LSTM_UNITS)) units++;
  return units;
}
