// SPDX-License-Identifier: MIT
//
// corpus.js - the text that a network is to learn from: pasted, chosen, dropped, or one of texts/; and what was read of it.
// The worker reads: a long text would hold up the page.
import { refuseForText } from "../../core/filetypes.js";
import { latin1, readBytes, readJson } from "../../core/sources.js";
import { Charset } from "./charset.js";
import { signOf } from "../describe.js";
import { elementsOf, fill, make } from "../elements.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../trainer/decoding.js").Choice} Choice */
/** @typedef {import("../../trainer/decoding.js").Read} Read */
/** @typedef {{ file: string, language: string, title: Record<string, string> }} Ready a text that comes with the page */

/**
 * @typedef {object} Heed what the reader does
 * @property {(given: string | File[], id: number, choice: Choice) => void} read a text or files are given, and how they are to be
 *   read where the person chose: the worker's answer goes to take()
 * @property {() => void} taken there is another text, or none
 * @property {(file: File) => Promise<void>} opened not a text is given but a .safetensors file
 */

/** @typedef {{ given: string | File[], title: string, choice: Choice }} Asked title: of a ready text; choice: of the person */

/** @type {Readonly<Asked>} */
const UNASKED = Object.freeze({ given: "", title: "", choice: {} });
const SHOWN = 5000; // characters of the text in its box: a long one would make it slow
const SHORT = 20_000; // characters: less is soon known by heart
/** @type {Readonly<Read>} */
const NOTHING = Object.freeze({
  text: "",
  source: "",
  encoding: "",
  isSure: true,
  about: 0,
  damaged: 0,
  joined: false,
  joinable: false,
  characters: 0,
  different: 0,
  alphabet: [],
});

/** The address of one of the ready texts. @param {string} file */
export const addressOf = file => new URL(`../../../texts/${file}`, import.meta.url);

/** The texts that come with the page; none if they cannot be had. @returns {Promise<Ready[]>} */
export const readyTexts = () => readJson(addressOf("index.json")).catch(() => []);

export class Corpus {
  element;
  /** @type {Read} the text, and what is said of it */
  #read = NOTHING;
  #wanted = 0; // number of the text that was asked for last (0: none yet): answers about others come too late
  /** What was asked for last. @type {Asked} */
  #asked = UNASKED;
  /** What the text came of. */
  #taken = UNASKED;
  #isWorded = false; // whether the words about encodings and lines are there
  #desk;
  #ready;
  #heed;
  #parts;

  /** @param {Desk} desk @param {Ready[]} ready @param {HTMLElement} offer of a text that is kept already @param {Heed} heed */
  constructor(desk, ready, offer, heed) {
    this.#desk = desk;
    this.#ready = ready;
    this.#heed = heed;
    this.#parts = this.#build();
    this.element = this.#frame(offer);
    Promise.all([desk.words.more("corpus"), desk.style("./train/corpus.css")]).then(
      () => {
        this.#isWorded = true;
        this.#showReading();
      },
      () => {}, // without them there is no choice, but a text
    );
  }

  get text() {
    return this.#read.text;
  }

  /** Where it comes from, in words; "": it was pasted. */
  get source() {
    return this.#read.source;
  }

  /** The worker's answer. @param {Read & { id: number }} answer */
  take({ id, ...read }) {
    if (id !== this.#wanted) return;
    this.#read = { ...read, source: this.#asked.title || read.source };
    this.#taken = this.#asked;
    this.#heed.taken();
  }

  /** Files that were dropped elsewhere on the page. @param {File[]} files @returns {boolean} whether they are taken: not while it learns */
  give(files) {
    if (!files.length || this.element.disabled) return false;
    this.#takeFiles(files);
    return true;
  }

  /** A text that came with a checkpoint: what is said of it the worker says again. @param {string} text @param {number} characters */
  takeAsItIs(text, characters) {
    this.dismiss();
    this.#taken = { ...UNASKED, given: text };
    this.#read = { ...NOTHING, text, characters };
  }

  /** A text to begin with, so that one press is enough; unless one was asked for already. */
  takeFirst() {
    const { language } = this.#desk.words;
    const first = this.#ready.find(each => each.language === language) ?? this.#ready[0];
    if (first && !this.#wanted) this.#takeReady(first);
  }

  /** What is still being read is not wanted any more. */
  dismiss() {
    this.#wanted++;
  }

  show() {
    const { box, list, none, note } = this.#parts;
    const { text, source } = this.#read;
    const shown = text.slice(0, SHOWN);
    const chosen = this.#ready.findIndex(ready => this.#titleOf(ready) === source);
    if (box.value !== shown) box.value = shown;
    box.readOnly = this.#isCut;
    box.onkeydown = event => {
      if (chosen >= 0) this.#makeRoom(event); // and gives nothing back: false would take the key away
    };
    none.disabled = !text;
    const titles = this.#ready.map((ready, i) => /** @type {[string, string]} */ ([String(i), this.#titleOf(ready)]));
    fill(list, [["", this.#desk.words.say("train.ready.choose")], ...titles], chosen < 0 ? "" : String(chosen));
    note.textContent = this.#note();
    this.#showReading();
  }

  /** Who types into a ready text has another one in mind; one of their own that is cut stays. @param {KeyboardEvent} event */
  #makeRoom({ key, ctrlKey, metaKey, altKey }) {
    const { box } = this.#parts;
    if (!box.readOnly || key.length > 1 || ctrlKey || metaKey || altKey) return;
    box.readOnly = false;
    box.value = "";
  }

  /** In which encoding it was read, and whether lines are joined: both can be chosen otherwise. */
  #showReading() {
    const { note, charset, lines } = this.#parts;
    const { given, title, choice } = this.#taken;
    const { text, joined, joinable } = this.#read;
    const files = this.#isWorded && text && typeof given !== "string" ? given : null;
    const isOther = joined || choice.joined !== undefined || (joinable && !title); // who has brought a text may want it
    if (files) charset.show(files, this.#read);
    if (!files) charset.element.remove();
    else if (!charset.element.parentNode) note.before(charset.element); // moved, it would lose the focus
    lines.hidden = !this.#isWorded || !isOther;
    lines.textContent = this.#desk.words.say(joined ? "corpus.keep" : "corpus.join");
  }

  /** Whether the box shows but a part: there the text can be replaced, not edited, or the rest would be lost. */
  get #isCut() {
    return this.#read.text.length > SHOWN;
  }

  #build() {
    const { button, select } = elementsOf(this.#desk);
    const note = make("p", { id: this.#desk.id("train-read"), className: "note" });
    const box = make("textarea", { rows: 5, spellcheck: false, dir: "auto", "aria-describedby": note.id });
    const accept = ".txt,.md,.csv,.safetensors,.checkpoint,text/*";
    const files = make("input", { type: "file", multiple: true, hidden: true, accept });
    const list = select([], "", value => value && this.#takeReady(this.#ready[Number(value)]));
    const none = button("train.clear", () => this.#clear());
    box.onchange = () => this.#takeTyped();
    box.onpaste = event => this.#paste(event);
    files.onchange = () => this.#takeFiles([.../** @type {FileList} */ (files.files)]);
    const charset = new Charset(this.#desk, encoding => this.#choose({ encoding }));
    const lines = make("button", {
      id: this.#desk.id("corpus-lines"),
      type: "button",
      className: "plain joining",
      onclick: () => this.#choose({ joined: !this.#read.joined }),
    });
    return { note, box, files, list, none, charset, lines };
  }

  /** @param {HTMLElement} offer */
  #frame(offer) {
    const { worded, button, field } = elementsOf(this.#desk);
    const { note, box, files, list, none, lines } = this.#parts;
    const choose = button("train.files", () => files.click());
    const ready = make("div", { className: "grow", hidden: !this.#ready.length }, field("train.ready", list));
    const row = make("div", { className: "row wrap" }, choose, none, files, ready);
    const frame = make("fieldset", {}, worded("legend", "train.text"), field("train.paste", box), row, offer, note, lines);
    const bringsFiles = (/** @type {DragEvent} */ { dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));
    frame.ondragover = event => void frame.classList.toggle("over", bringsFiles(event));
    frame.ondragleave = () => frame.classList.remove("over");
    frame.ondrop = event => {
      frame.classList.remove("over");
      if (frame.disabled || !bringsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.#takeFiles([.../** @type {DataTransfer} */ (event.dataTransfer).files]);
    };
    return frame;
  }

  // ---- where it comes from ----

  /** @param {string | File[]} given @param {string} [title] @param {Choice} [choice] */
  #ask(given, title = "", choice = {}) {
    this.#asked = { given, title, choice };
    this.#heed.read(given, ++this.#wanted, choice);
  }

  /** The same once more, read otherwise. @param {Choice} choice */
  #choose(choice) {
    const { given, title, choice: before } = this.#taken;
    this.#ask(given, title, { ...before, ...choice });
  }

  #takeTyped() {
    const { value } = this.#parts.box;
    if (value === this.#read.text || this.#isCut) return;
    if (value) this.#ask(value);
    else this.#clear();
  }

  /** A long text goes past the box. @param {ClipboardEvent} event */
  #paste(event) {
    const pasted = /** @type {DataTransfer} */ (event.clipboardData).getData("text/plain");
    const { value, selectionStart, selectionEnd } = this.#parts.box;
    if (!pasted || (!this.#isCut && value && value.length + pasted.length < SHOWN)) return;
    event.preventDefault();
    this.#ask(this.#isCut ? pasted : value.slice(0, selectionStart) + pasted + value.slice(selectionEnd));
  }

  /** @param {File[]} files */
  async #takeFiles(files) {
    const [first] = files;
    if (!first) return;
    if (/\.(safetensors|checkpoint)$/i.test(first.name)) await this.#heed.opened(first).catch(this.#desk.trouble);
    else this.#ask(files);
  }

  /** @param {Ready} ready */
  async #takeReady(ready) {
    const mine = ++this.#wanted;
    try {
      const check = async (/** @type {Uint8Array} */ head, /** @type {string} */ about) => refuseForText(latin1(head), about);
      const text = new TextDecoder().decode(await readBytes(addressOf(ready.file), { check }));
      if (mine === this.#wanted) this.#ask(text, this.#titleOf(ready));
    } catch (error) {
      if (mine === this.#wanted) this.#desk.trouble(error);
    }
  }

  #clear() {
    this.dismiss();
    this.#read = NOTHING;
    this.#taken = UNASKED;
    this.#heed.taken();
  }

  // ---- what is said of it ----

  /** @param {Ready} ready */
  #titleOf({ title }) {
    return title[this.#desk.words.language] ?? title.en;
  }

  #note() {
    const { say } = this.#desk.words;
    const { text, source, encoding, damaged, joined, characters, different, alphabet } = this.#read;
    const { given } = this.#taken;
    const isNamed = this.#isWorded && typeof given !== "string" && given.length === 1; // in the line above
    if (!text) return say("train.none");
    const listed = alphabet.map(character => signOf(character) ?? character).join(" ") + (different > alphabet.length ? " …" : "");
    return [
      source && !isNamed && `\u2068${source}.\u2069`,
      say("train.read", { characters }),
      damaged && say("corpus.damaged", { encoding: say(`corpus.encoding.${encoding}`), count: damaged }),
      different && say("train.alphabet", { different, alphabet: listed }),
      joined && say("train.joined"),
      this.#isCut && say("train.cut", { count: SHOWN }),
      characters < SHORT && say("train.short"),
    ]
      .filter(Boolean)
      .join(" ");
  }
}
