// SPDX-License-Identifier: MIT
//
// fivepatterns.js - the view "Five patterns": the lesson's picture of five ways to use a recurrent network, each live, each opening large.
// Its networks lie in weights/patterns/ and come one by one.
import { loadBigrams } from "../core/bigrams.js";
import { RnnError } from "../core/errors.js";
import { loadPattern } from "../core/pattern.js";
import { readJson } from "../core/sources.js";
import { columnsOf } from "./depict.js";
import { elementsOf, fill, make, style } from "./elements.js";
import { inputsOf } from "./inputs.js";
import { Room } from "./room.js";
import { dress } from "./shell.js";
import { english, roman, russian } from "../trainer/numerals.js";
import { drawSmall } from "../views/unrolled.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("./depict.js").Answering} Answering */
/**
 * As weights/patterns/index.json lists it; or a file of the reader's own.
 * @typedef {{ name: string, file: string | File, pattern: string, language: string, title: Record<string, string>, example: string }}
 *   Listed
 */

const FOLDER = new URL("../../weights/patterns/", import.meta.url);

/** In the picture's order, each with an input that is short enough for a small picture. */
const PATTERNS = /** @type {const} */ (["one-to-one", "one-to-many", "many-to-one", "sequence", "synchronous"]);
/** @type {Record<string, string>} by pattern, or by network */
const SMALL = { "one-to-one": "q", "one-to-many": "Italian", "many-to-one": "Sato", sequence: "12", synchronous: "h*ll*" };
/** @type {Record<string, string>} what a state is taken from, by network */
const OTHERS = {
  "numbers-en": "58",
  "numbers-ru": "58",
  roman: "14",
  dates: "9 May 2045",
  "language-surname": "Japanese",
  "digits-en": "3",
  "digits-ru": "3",
};
/** The right answers to whole numbers up to `most`, by network. @type {Record<string, { most: number, of: (n: number) => string }>} */
const TRUTHS = {
  roman: { most: 3999, of: roman },
  "numbers-en": { most: 999_999, of: english },
  "numbers-ru": { most: 999_999, of: russian },
};
/** What can be trained here without a corpus: of trainer/tasks.js. */
const TASKS = ["roman", "dates", "numbers-en", "numbers-ru", "digits-en", "digits-ru", "surname-language", "vowels-en"];
const CLASSES = "language-surname"; // of the small picture of one to many: it needs nothing that draws
const MOST_SMALL = 8; // columns
const RIVAL = "-each"; // the network of that ending has its loss at each unit

/** @type {import("./contract.js").Mount} */
export async function mount(root, desk) {
  const [listed] = await Promise.all([readJson(new URL("index.json", FOLDER)), desk.words.more("patterns"), style("./fivepatterns.css")]);
  return new FivePatterns(root, desk, listed);
}

/** @implements {View} */
class FivePatterns {
  /** @type {Map<string, Promise<Answering>>} those that were asked for, by name */
  #networks = new Map();
  /** @type {Room | null} */
  #room = null;
  #open = ""; // name of the network in the room
  #isFreed = false;
  #desk;
  #root;
  /** @type {import("./drill.js").Drill | null} null: not fetched yet */
  #drill = null;
  /** @type {Listed[]} */
  #listed;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk @param {Listed[]} listed */
  constructor(root, desk, listed) {
    this.#root = root;
    this.#desk = desk;
    this.#listed = listed;
    this.#parts = this.#build();
  }

  #build() {
    const { id } = this.#desk;
    const { worded, field, button } = elementsOf(this.#desk);
    const cards = PATTERNS.map(pattern => {
      const small = make("span", { className: "small-picture" });
      const title = worded("span", `pattern.${pattern}`, { className: "card-title" });
      const note = worded("span", `pattern.${pattern}.note`, { className: "note" });
      const press = { onclick: () => this.#take(pattern), "data-pattern": pattern };
      return { pattern, small, element: make("button", { type: "button", className: "card", ...press }, title, small, note) };
    });
    const list = make("select", { onchange: () => this.#take(list.value) });
    const title = make("h2", { id: id("pattern-title") });
    const facts = make("p", { className: "note", id: id("pattern-facts") });
    const place = make("div", { id: id("room") });
    const group = make(
      "div",
      { className: "cards", role: "group", "data-label": "patterns.label" },
      ...cards.map(({ element }) => element),
    );
    const file = make("input", { type: "file", accept: ".safetensors", hidden: true });
    file.onchange = () => {
      const [chosen] = /** @type {FileList} */ (file.files);
      if (chosen) this.#openOrPass(chosen);
      file.value = "";
    };
    const open = button("pattern.open", () => file.click());
    const head = make(
      "div",
      { className: "row wrap" },
      make("div", { className: "grow" }, title),
      field("pattern.network", list),
      open,
      file,
    );
    const drill = make(
      "details",
      { className: "more", "data-part": "drill", ontoggle: () => this.#openDrill() },
      worded("summary", "drill.title"),
    );
    this.#root.replaceChildren(group, head, facts, place, drill);
    return { cards, group, drill, list, title, facts, place };
  }

  show() {
    const { cards, group } = this.#parts;
    const now = this.#chosen();
    for (const { pattern, element } of cards) {
      element.ariaPressed = String(pattern === now.pattern);
      if (pattern === now.pattern) group.scrollLeft = element.offsetLeft - (group.clientWidth - element.offsetWidth) / 2;
    }
    this.#showList(now);
    this.#offer(now);
    this.#enter(now).then(() => this.#showSmall(), this.#desk.trouble);
  }

  stop() {
    this.#room?.stop();
  }

  free() {
    this.#isFreed = true;
    this.#room?.free();
    this.#drill?.free();
    for (const coming of this.#networks.values())
      coming.then(
        network => network.free(),
        () => {},
      );
    this.#root.replaceChildren();
  }

  /** Opens a network that answers; false: it is none. @param {File} file */
  async openFile(file) {
    const name = `${file.name} `; // no other one's: theirs have no blank
    try {
      this.#keep(name, file, await loadPattern(file));
    } catch {
      return false;
    }
    this.#take(name);
    return true;
  }

  /** What does not answer may write on: that is the desk's to open. @param {File} file */
  async #openOrPass(file) {
    if (!(await this.openFile(file))) await this.#desk.openFile(file);
  }

  /** @param {string} name @param {File} file @param {import("../core/pattern.js").Pattern} network */
  #keep(name, file, network) {
    this.#networks.get(name)?.then(before => before.free());
    this.#networks.set(name, Promise.resolve(network));
    const example = network.side ? "7" : network.inputs ? network.vocabulary[0] : "";
    const own = { name, file, pattern: network.pattern, language: "", title: { en: file.name }, example };
    this.#listed = [...this.#listed.filter(each => each.name !== name), own];
    this.#open = "";
  }

  // ---- which one ----

  /** @param {string} name of a network, or of a pattern */
  #take(name) {
    this.#desk.settings.set({ pattern: name, input: "" });
    this.show();
  }

  /** The network that the settings name, or the first of the pattern that they name in the desk's language. @returns {Listed} */
  #chosen() {
    const { pattern } = this.#desk.settings.now;
    return this.#listed.find(({ name }) => name === pattern) ?? this.#firstOf(pattern) ?? /** @type {Listed} */ (this.#firstOf("sequence"));
  }

  /** @param {string} pattern */
  #firstOf(pattern) {
    const all = this.#listed.filter(each => each.pattern === pattern);
    return all.find(({ language }) => language === this.#desk.words.language) ?? all[0];
  }

  /** @param {Listed} listed */
  #titleOf({ name, title }) {
    return title[this.#desk.words.language] ?? title.en ?? name;
  }

  /** @param {Listed} now */
  #showList(now) {
    const { list, title } = this.#parts;
    const same = this.#listed.filter(({ pattern, name }) => pattern === now.pattern && !name.endsWith(RIVAL));
    fill(
      list,
      same.map(each => [each.name, this.#titleOf(each)]),
      now.name,
    );
    title.textContent = this.#desk.words.say(`pattern.${now.pattern}`);
  }

  /** @param {Listed} listed @returns {Promise<Answering>} */
  #load({ name, file, pattern }) {
    const known = this.#networks.get(name);
    if (known) return known;
    const source = file instanceof File ? file : new URL(file, FOLDER);
    const coming = pattern === "one-to-one" ? loadBigrams(source) : loadPattern(source);
    this.#networks.set(name, coming);
    coming.catch(() => this.#networks.delete(name)); // the next one tries again
    return coming;
  }

  // ---- the room ----

  /** @param {Listed} now */
  async #enter(now) {
    if (this.#open === now.name) return this.#room?.show();
    const { place, facts } = this.#parts;
    place.ariaBusy = "true";
    try {
      const network = await this.#load(now);
      const each = this.#listed.find(({ name }) => name === now.name + RIVAL);
      const rival = each ? /** @type {import("../core/pattern.js").Pattern} */ (await this.#load(each)) : null;
      const inputs = await inputsOf(network);
      if (this.#isFreed || this.#chosen().name !== now.name || this.#open === now.name) return;
      this.#room?.free();
      this.#open = now.name;
      this.#room = new Room(this.#desk, {
        network,
        inputs,
        rival,
        example: now.example,
        other: OTHERS[now.name] ?? now.example,
        truth: input => truthOf(now.name, input),
      });
      place.replaceChildren(this.#room.element);
      dress(place, this.#desk);
      facts.textContent = this.#factsOf(network);
      this.#room.show();
    } finally {
      place.ariaBusy = "false";
    }
  }

  // ---- trained here ----

  async #openDrill() {
    const { words, trouble } = this.#desk;
    const { drill } = this.#parts;
    if (this.#drill || !drill.open) return;
    try {
      const [{ Drill }] = await Promise.all([import("./drill.js"), words.more(), style("./train.css")]);
      if (this.#drill || this.#isFreed) return;
      this.#drill = new Drill(this.#desk, file => this.openFile(file));
      drill.append(this.#drill.element);
      dress(drill, this.#desk);
      this.#offer(this.#chosen());
    } catch (error) {
      trouble(error);
    }
  }

  /** @param {Listed} now */
  #offer(now) {
    this.#drill?.offer(TASKS.includes(now.name) ? now.name : "", this.#titleOf(now));
  }

  /** @param {Answering} network */
  #factsOf({ metadata, bytes }) {
    const { say, number } = this.#desk.words;
    const { corpus = "", terms = "" } = metadata;
    return say("pattern.facts", { corpus, terms, kilobytes: number(Math.round(bytes / 1000)) });
  }

  /** The small pictures, one network after the other; those that cannot be had stay empty. */
  async #showSmall() {
    for (const { pattern, small } of this.#parts.cards) {
      const listed = pattern === "one-to-many" ? this.#listed.find(({ name }) => name === CLASSES) : this.#firstOf(pattern);
      if (!listed || this.#isFreed) continue;
      try {
        const network = await this.#load(listed);
        if (this.#isFreed) return;
        const units = [...network.units(SMALL[pattern])];
        drawSmall(small, columnsOf(this.#desk.words, network, units.slice(0, MOST_SMALL)));
      } catch (error) {
        if (!(error instanceof RnnError)) throw error;
      }
    }
  }
}

/** @param {string} name of a network @param {string} input */
function truthOf(name, input) {
  const truth = TRUTHS[name];
  return truth && /^[1-9]\d*$/.test(input) && Number(input) <= truth.most ? truth.of(Number(input)) : "";
}
