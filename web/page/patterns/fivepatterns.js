// SPDX-License-Identifier: MIT
//
// fivepatterns.js - the view "Five patterns": the lesson's picture of five ways to use a recurrent network, each live, each opening large.
// Its networks (shelf.js) come one by one; one of them is open (room.js), and others can be trained (drill.js).
import { RnnError } from "../../core/errors.js";
import { loadPattern } from "../../core/pattern.js";
import { readJson } from "../../core/sources.js";
import { isOwn, keyOf } from "../catalog.js";
import { columnsOf } from "./depict.js";
import { elementsOf, fill, make } from "../elements.js";
import { inputsOf } from "./inputs.js";
import { Room } from "./room.js";
import { FOLDER, Shelf } from "./shelf.js";
import { dress } from "../shell.js";
import { drawSmall } from "../../views/unrolled.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("./depict.js").Answering} Answering */
/** @typedef {import("./shelf.js").Listed} Listed */

/** In the picture's order. */
const PATTERNS = /** @type {const} */ (["one-to-one", "one-to-many", "many-to-one", "sequence", "synchronous"]);
/** What is read in a small picture, by pattern or by network. @type {Record<string, string>} */
const SMALL = {
  "one-to-one": "q",
  "one-to-many": "Italian",
  "many-to-one": "Sato",
  sequence: "12",
  "vowels-en": "w*t*r",
  "vowels-ru": "м*ст*",
};
const CLASSES = "language-surname"; // of the small picture of one to many: it needs nothing that draws
const MOST_SMALL = 9; // columns
/** What another state is taken from at first, by network; else from what shows a network well. @type {Record<string, string>} */
const OTHERS = {
  "numbers-en": "58",
  "numbers-ru": "58",
  roman: "14",
  dates: "9 May 2045",
  "language-surname": "Japanese",
  "digits-en": "3",
  "digits-ru": "3",
  "digits-styled-en": "3",
  "digits-styled-ru": "3",
  "clothes-en": "dress",
  "clothes-ru": "dress",
};
/** What can be trained here without a corpus: of trainer/tasks.js. */
const TASKS = ["roman", "dates", "numbers-en", "numbers-ru", "digits-en", "digits-ru", "surname-language", "vowels-en"];

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  const styles = ["./patterns/fivepatterns.css", "../views/unrolled.css"].map(desk.style);
  const [listed] = await Promise.all([readJson(new URL("index.json", FOLDER)), desk.words.more("patterns"), ...styles]);
  return new FivePatterns(root, desk, new Shelf(listed));
}

/** @implements {View} */
class FivePatterns {
  /** @type {{ listed: Listed, network: Answering, room: Room } | null} what is open */
  #open = null;
  #sought = ""; // the reader's own network that was looked for last
  /** @type {Map<string, string | null>} what was read last, by what the networks read */
  #asked = new Map();
  #isFreed = false;
  #desk;
  #root;
  #shelf;
  /** @type {import("./drill.js").Drill | null} null: not fetched yet */
  #drill = null;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk @param {Shelf} shelf */
  constructor(root, desk, shelf) {
    this.#root = root;
    this.#desk = desk;
    this.#shelf = shelf;
    this.#parts = this.#build();
    this.#lookForOwn();
  }

  #build() {
    const { id } = this.#desk;
    const { worded } = elementsOf(this.#desk);
    const cards = PATTERNS.map(pattern => {
      const small = make("span", { className: "small-picture", "aria-hidden": "true" });
      const title = worded("span", `pattern.${pattern}`, { className: "card-title" });
      const note = worded("span", `pattern.${pattern}.note`, { className: "note" });
      const press = { onclick: () => this.#take(pattern), "data-pattern": pattern };
      return { pattern, small, element: make("button", { type: "button", className: "card", ...press }, title, small, note) };
    });
    const elements = cards.map(({ element }) => element);
    const group = make("div", { className: "cards", role: "group", "data-label": "patterns.label", "data-part": "cards" }, ...elements);
    const list = make("select", { onchange: () => this.#take(list.value) });
    list.onfocus = list.onpointerenter = () => this.#lookForOwn(); // another tab may have changed what is kept
    const title = make("h2", { id: id("pattern-title") });
    const facts = make("p", { className: "note", id: id("pattern-facts") });
    const place = make("div", { id: id("room") });
    const drill = make(
      "details",
      { className: "more", "data-part": "drill", ontoggle: () => this.#openDrill() },
      worded("summary", "drill.title"),
    );
    this.#root.replaceChildren(group, this.#head(title, list), facts, place, drill);
    return { cards, group, drill, list, title, facts, place };
  }

  /** @param {HTMLElement} title @param {HTMLSelectElement} list */
  #head(title, list) {
    const { field, button } = elementsOf(this.#desk);
    const file = make("input", { type: "file", accept: ".safetensors", hidden: true });
    file.onchange = () => {
      const [chosen] = /** @type {FileList} */ (file.files);
      if (chosen) this.#openOrPass(chosen).catch(this.#desk.trouble);
      file.value = "";
    };
    const open = button("pattern.open", () => file.click());
    const choice = make("div", { className: "row wrap", "data-part": "network" }, field("pattern.network", list), open, file);
    return make("div", { className: "row wrap" }, make("div", { className: "grow" }, title), choice);
  }

  show() {
    const { pattern } = this.#desk.settings.now;
    if (isOwn(pattern) && !this.#named && this.#sought !== pattern) this.#seek(pattern).catch(this.#desk.trouble);
    else this.#draw();
  }

  #draw() {
    const { cards, group } = this.#parts;
    const { settings, status, words } = this.#desk;
    const now = this.#chosen;
    for (const { pattern, element } of cards) {
      element.ariaPressed = String(pattern === now.pattern);
      element.disabled = settings.isLocked("cards");
      if (pattern === now.pattern) group.scrollLeft = element.offsetLeft - (group.clientWidth - element.offsetWidth) / 2;
    }
    status(settings.now.pattern && !this.#named ? words.say("pattern.missing") : "");
    this.#showList(now);
    this.#offer(now);
    this.#enter(now)
      .catch(error => this.#fail(now, error))
      .then(() => this.#showSmall())
      .catch(this.#desk.trouble);
  }

  /** Another network takes the place of the desk's, or a moment of the lesson begins: the room is as it was when it opened. */
  clear() {
    this.#open?.room.reset();
  }

  stop() {
    this.#open?.room.stop();
  }

  free() {
    this.#isFreed = true;
    this.#leave();
    this.#drill?.free();
    this.#shelf.free();
    this.#root.replaceChildren();
  }

  /** Opens a network that answers; false: it is none. @param {File} file */
  async openFile(file) {
    const answering = await answeringOf(file, "").catch(() => null);
    if (!answering) return false;
    try {
      const settings = await this.#keep(file, { ...answering, from: "file" });
      this.#take(settings.pattern, settings);
    } catch (error) {
      this.#desk.trouble(error);
    }
    return true;
  }

  /** What does not answer may write on: that is the desk's to open. @param {File} file */
  async #openOrPass(file) {
    if (!(await this.openFile(file))) await this.#desk.openFile(file);
  }

  /**
   * Keeps a network of the reader's own, and puts it on the shelf.
   * @param {File} file @param {import("../own/ownnetworks.js").About} about
   */
  async #keep(file, about) {
    const own = await this.#desk.own();
    const settings = await own.keep(file, about, {});
    this.#shelf.takeOwn(own);
    if (!this.#isFreed) this.#showList(this.#chosen);
    return /** @type {Partial<import("../contract.js").Settings> & { pattern: string }} */ (settings);
  }

  /** Has the reader's own in the list, as they are kept now. */
  async #lookForOwn() {
    const own = await this.#desk.ownIfKept().catch(() => null); // without them the others are there
    if (!own || this.#isFreed) return;
    this.#shelf.takeOwn(own);
    this.#showList(this.#chosen);
  }

  /** Looks for the reader's own network that the settings name. @param {string} name */
  async #seek(name) {
    this.#sought = name;
    const own = await this.#desk.own();
    await own.look();
    if (this.#isFreed) return;
    this.#shelf.takeOwn(own);
    if (!this.#named) own.askFor(name, "missing");
    this.#draw();
  }

  // ---- which one ----

  /**
   * @param {string} name of a network, or of a pattern
   * @param {Partial<import("../contract.js").Settings>} [linked] what a link wants of it
   */
  #take(name, linked) {
    const { settings } = this.#desk;
    if (this.#open) this.#asked.set(keyFor(this.#open.listed), settings.now.input);
    const wanted = this.#shelf.find(name) ?? this.#shelf.firstOf(name, this.#desk.words.language);
    const usual = wanted?.open ? wanted.example : null; // whoever is sent a link may not have the network that knows it
    const input = (wanted && this.#asked.get(keyFor(wanted))) ?? usual;
    const pattern = wanted?.open ? `${wanted.name}.${wanted.title.en}` : name;
    settings.set({ input, handover: "", ...linked, pattern, view: settings.now.view });
    this.show();
  }

  /** What the settings name: a network, or the first of a pattern in the desk's language. One that is open stays, if it is removed. */
  get #named() {
    const { pattern } = this.#desk.settings.now;
    if (this.#open?.listed.name === keyOf(pattern)) return this.#open.listed;
    return this.#shelf.find(pattern) ?? this.#shelf.firstOf(pattern, this.#desk.words.language);
  }

  /** @returns {Listed} */
  get #chosen() {
    return this.#named ?? /** @type {Listed} */ (this.#shelf.firstOf("sequence", this.#desk.words.language));
  }

  /** In the reader's language, if there is that. @param {Record<string, string>} texts */
  #inWords = texts => texts[this.#desk.words.language] ?? texts.en ?? "";

  /** @param {Listed} now */
  #showList(now) {
    const { list, title } = this.#parts;
    const all = new Set([...this.#shelf.allOf(now.pattern), now]); // it may be removed, and is open all the same
    const options = [...all].map(each => /** @type {[string, string]} */ ([each.name, this.#inWords(each.title)]));
    fill(list, options, now.name);
    title.textContent = this.#desk.words.say(`pattern.${now.pattern}`);
  }

  // ---- the room ----

  /** @param {Listed} now */
  async #enter(now) {
    const { drill, place } = this.#parts;
    this.#showFacts();
    if (this.#open?.listed === now) return this.#open.room.show();
    this.#leave();
    if (now.isAbsent) return void (drill.open = true); // it can be trained
    place.ariaBusy = "true";
    const [network, rival] = await Promise.all([this.#shelf.load(now), this.#shelf.rivalOf(now)]);
    const inputs = await inputsOf(network);
    if (this.#isFreed || this.#chosen !== now || this.#open) return;
    const { name, example, reads } = now;
    const room = new Room(this.#desk, {
      name,
      network,
      inputs,
      rival,
      example,
      other: OTHERS[name] ?? example,
      reads: () => this.#inWords(reads),
    });
    this.#open = { listed: now, network, room };
    place.replaceChildren(room.element);
    place.ariaBusy = "false";
    dress(this.#root, this.#desk);
    this.#showFacts();
    room.show();
  }

  /** What is typed there would be asked of a network that is not there yet. */
  #leave() {
    this.#open?.room.free();
    this.#open = null;
    this.#parts.place.replaceChildren();
  }

  /** @param {Listed} listed that cannot be had @param {unknown} error */
  #fail(listed, error) {
    if (this.#isFreed || this.#chosen !== listed) return;
    this.#parts.place.ariaBusy = "false";
    this.#desk.trouble(error, () => {
      this.#desk.noTrouble();
      this.show();
    });
  }

  /** What is said of the network in the room. */
  #showFacts() {
    const { say, number } = this.#desk.words;
    const { metadata = {}, bytes = 0 } = this.#open?.network ?? {};
    const { corpus, terms = "" } = metadata;
    const known = corpus ? say("pattern.facts", { corpus, terms, kilobytes: number(Math.round(bytes / 1000)) }) : "";
    const { isAbsent, pattern } = this.#chosen;
    const missing = say(isAbsent ? "drill.absent" : `pattern.${pattern}.missing`); // what one might look for here
    this.#parts.facts.textContent = `${known} ${missing}`.trim();
  }

  /** The small pictures, one network after the other; those that cannot be had stay empty. */
  async #showSmall() {
    for (const { pattern, small } of this.#parts.cards) {
      const listed = pattern === "one-to-many" ? this.#shelf.find(CLASSES) : this.#shelf.firstOf(pattern, this.#desk.words.language);
      if (!listed || listed.isAbsent || this.#isFreed) continue;
      try {
        const network = await this.#shelf.load(listed);
        if (this.#isFreed) return;
        const units = [...network.units(SMALL[listed.name] ?? SMALL[pattern] ?? listed.example)];
        drawSmall(small, columnsOf(this.#desk.words, network, units.slice(0, MOST_SMALL)));
      } catch (error) {
        if (!(error instanceof RnnError)) throw error;
      }
    }
  }

  // ---- trained here ----

  async #openDrill() {
    const { words, trouble } = this.#desk;
    const { drill } = this.#parts;
    if (this.#drill || !drill.open) return;
    try {
      const parts = ["views", "train", "drill"].map(part => words.more(part));
      const [{ Drill }] = await Promise.all([import("./drill.js"), this.#desk.style("./train/train.css"), ...parts]);
      if (this.#drill || this.#isFreed) return;
      this.#drill = new Drill(this.#desk, {
        keep: async (file, title, example) => {
          const named = new File([file], title);
          const { pattern } = await this.#keep(named, { ...(await answeringOf(file, example)), from: "trained" });
          return /** @type {Listed} */ (this.#shelf.find(pattern));
        },
        ask: listed => this.#askOf(listed),
      });
      drill.append(this.#drill.element);
      dress(this.#root, this.#desk);
      this.#offer(this.#chosen);
      this.#showFacts();
    } catch (error) {
      trouble(error);
    }
  }

  /** Opens a network that was trained here, and goes to where it is asked. @param {Listed} listed */
  #askOf(listed) {
    this.#take(listed.name);
    this.#parts.title.scrollIntoView();
    this.#parts.list.focus({ preventScroll: true });
  }

  /** What can be trained; beside a network of the reader's own what could before. @param {Listed} now */
  #offer(now) {
    if (now.file) this.#drill?.offer(TASKS.includes(now.name) ? now.name : "", this.#inWords(now.title), now.pattern);
    else this.#drill?.show();
  }
}

/** What a file of a network that answers is kept with. @param {File} file @param {string} example "": a usual one */
async function answeringOf(file, example) {
  const network = await loadPattern(file);
  const { pattern: kind, side, inputs, vocabulary } = network;
  network.free();
  return { kind, input: example || (side ? "7" : inputs ? vocabulary[0] : "") };
}

/** Those that read the same share what is read. @param {Listed} listed */
const keyFor = ({ pattern, example }) => `${pattern} ${example}`;
