// SPDX-License-Identifier: MIT
//
// newcomers.js - files that come to the page and may be texts: told from others, with the offer to learn from them among the notices.
import { latin1 } from "../core/sources.js";
import { refuseForWeights } from "../core/filetypes.js";
import { elementsOf, make } from "./elements.js";
import { dress } from "./shell.js";

const HEAD = 4096; // bytes that are looked at
const NAMED = /\.(txt|text|md|csv|tsv|srt|log|tex|rst)$/i;
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/; // no text of 8 bits has them
const UTF16 = /^(\xff\xfe|\xfe\xff)/;
const WEIGHTS = /^[^]{2}[\0-\x10]\0{5}[\s{]/; // a length, then JSON

/** Whether all of them read as text. @param {File[]} files */
async function areTexts(files) {
  const each = await Promise.all(files.map(isText));
  return files.length > 0 && each.every(Boolean);
}

/** @param {File} file */
async function isText(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const head = new TextDecoder("latin1").decode(bytes);
  if (!head || WEIGHTS.test(head)) return false;
  if (NAMED.test(file.name)) return true;
  return (UTF16.test(head) || !CONTROLS.test(head)) && !isKnown(latin1(bytes), file.name);
}

/** Whether its first bytes are those of another kind of file. @param {string} head @param {string} name */
function isKnown(head, name) {
  try {
    refuseForWeights(head, name);
    return head.startsWith("%PDF");
  } catch {
    return true;
  }
}

export class Newcomers {
  #desk;
  #parts;
  /** @type {File[]} those that it asks for; none: it asks nothing */
  #files = [];

  /** @param {import("./contract.js").Desk} desk @param {HTMLElement} notices of the desk */
  constructor(desk, notices) {
    const { button } = elementsOf(desk);
    const sentence = make("p");
    const yes = button("takeaway.learn", () => this.#learn().catch(desk.trouble), "main", "learn");
    const no = button("takeaway.notnow", () => this.#hide(), "", "learn-not");
    const element = make("div", { id: desk.id("offer"), className: "notice", role: "status", hidden: true }, sentence);
    element.append(make("div", { className: "row yes-or-no" }, yes, no));
    notices.append(element);
    this.#desk = desk;
    this.#parts = { element, sentence, yes };
  }

  /** Asks whether a network shall learn them; false: they are no texts. @param {File[]} files */
  async offer(files) {
    const { words } = this.#desk;
    if (!(await areTexts(files))) return false;
    await Promise.all([words.more("takeaway"), this.#desk.style("./late.css")]);
    const { element, yes } = this.#parts;
    this.#files = files;
    dress(element, this.#desk);
    this.show();
    element.scrollIntoView({ block: "nearest", behavior: "instant" });
    yes.focus();
    return true;
  }

  /** In the language of the desk. */
  show() {
    const { element, sentence } = this.#parts;
    const { say } = this.#desk.words;
    const [first, ...others] = this.#files;
    element.hidden = !first;
    if (!first) return;
    const name = others.length ? say("takeaway.several", { count: this.#files.length }) : first.name;
    sentence.textContent = say("takeaway.offer", { name });
  }

  #hide() {
    this.#files = [];
    this.show();
  }

  async #learn() {
    const { go, view, words } = this.#desk;
    const files = this.#files;
    this.#hide();
    go("train");
    const train = await view();
    if (train?.openFile && !(await train.openFile(...files))) throw new Error(words.say("takeaway.busy"));
  }
}
