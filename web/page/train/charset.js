// SPDX-License-Identifier: MIT
//
// charset.js - in which encoding files were read, with the choice of another one and how the text would begin in it. Where the guess is
// sure it is folded away.
import { ENCODINGS, decodeAs } from "../../trainer/encodings.js";
import { fill, make } from "../elements.js";

const PART = 2 ** 16; // bytes of a file in which the preview looks for what is beyond ASCII
const BEFORE = 40; // bytes in front of it
const SHOWN = 280; // characters

export class Charset {
  element;
  #desk;
  #parts;
  /** @type {File | null} whose beginning is shown */
  #file = null;
  /** @type {File[] | null} those that were shown last */
  #files = null;

  /** @param {import("../contract.js").Desk} desk @param {(encoding: string) => void} choose */
  constructor(desk, choose) {
    this.#desk = desk;
    const summary = make("summary");
    const note = make("p", { className: "note" });
    const label = make("span");
    const preview = make("blockquote", { id: desk.id("charset-preview"), className: "preview", dir: "auto", ariaLive: "polite" });
    const list = make("select", { id: desk.id("charset"), "aria-describedby": preview.id });
    list.oninput = () => this.#preview().catch(desk.trouble); // while the keys go through the list
    list.onchange = () => choose(list.value);
    this.#parts = { summary, note, label, list, preview };
    const content = make("div", {}, note, make("label", { className: "field" }, label, list), preview);
    this.element = make("details", { className: "more charset" }, summary, content);
  }

  /**
   * @param {File[]} files that were read
   * @param {{ encoding: string, isSure: boolean, about: number }} read how
   */
  show(files, { encoding, isSure, about }) {
    const { say } = this.#desk.words;
    const { summary, note, label, list } = this.#parts;
    if (files !== this.#files) this.element.open = !isSure; // who has opened it goes on looking
    this.#files = files;
    this.#file = files[about];
    const named = (/** @type {string} */ each) => say(`corpus.encoding.${each}`);
    summary.textContent = say("corpus.read", { name: this.#file.name, encoding: named(encoding) });
    note.textContent = isSure ? "" : say("corpus.unsure");
    label.textContent = say("corpus.encoding");
    fill(
      list,
      ENCODINGS.map(each => [each, named(each)]),
      encoding,
    );
    this.#preview().catch(this.#desk.trouble);
  }

  async #preview() {
    const { list, preview } = this.#parts;
    const { value } = list;
    const file = /** @type {File} */ (this.#file);
    const bytes = new Uint8Array(await file.slice(0, PART).arrayBuffer());
    if (file === this.#file && value === list.value) preview.textContent = beginningOf(bytes, value);
  }
}

/**
 * The beginning of a text, from shortly before the first letters by which encodings differ.
 * @param {Uint8Array} bytes @param {string} encoding
 */
function beginningOf(bytes, encoding) {
  const first = bytes.findIndex(byte => byte >= 0x80);
  const from = Math.max(0, first - BEFORE) & ~1; // UTF-16 has pairs of bytes
  const text = decodeAs(encoding, bytes.subarray(from, from + 4 * SHOWN)); // no character has more than four
  return `${from > 0 ? "…" : ""}${text.slice(0, SHOWN).replace(/\s+/g, " ").trim()}`;
}
