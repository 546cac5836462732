// SPDX-License-Identifier: MIT
//
// owndialog.js - "My networks": what is kept of the reader's own, to be opened, renamed, saved as files and removed.
import { keyOf } from "../catalog.js";
import { make } from "../elements.js";
import { MOST_BYTES, MOST_NAME, idOf } from "./ownnetworks.js";

/** @typedef {import("./ownnetworks.js").Facts} Facts */
/** @typedef {import("./ownnetworks.js").Whole} Whole */

export class OwnDialog {
  element;
  #desk;
  #own;
  #changed;
  #note = make("p", { className: "note" });
  #rows = make("ul", { className: "own-rows" });

  /** @param {import("../contract.js").Desk} desk @param {import("./owndesk.js").OwnDesk} own @param {() => void} changed */
  constructor(desk, own, changed) {
    const { id, words } = desk;
    this.#desk = desk;
    this.#own = own;
    this.#changed = changed;
    const title = make("h2", { id: id("own-title"), textContent: words.say("own.title") });
    const close = this.#button("own.close", "", () => this.element.close());
    close.autofocus = true;
    const head = make("div", { className: "row own-head" }, make("div", { className: "grow" }, title), close);
    const more = { id: id("own"), className: "own", "aria-labelledby": title.id };
    this.element = make("dialog", more, head, this.#note, this.#rows);
    this.element.onclick = event => {
      if (event.target === this.element) this.element.close(); // beside it
    };
  }

  /** Shows it; until it is closed. */
  open() {
    this.#rows.replaceChildren(...this.#own.networks.all.map(facts => this.#row(facts)));
    this.#count();
    this.element.showModal();
    return new Promise(resolve => {
      this.element.onclose = () => {
        this.element.remove();
        resolve(undefined);
      };
    });
  }

  #count() {
    const { say, number } = this.#desk.words;
    const { all } = this.#own.networks;
    const megabytes = (/** @type {number} */ bytes) => number(bytes / 1e6, { maximumFractionDigits: 1 });
    const used = megabytes(all.filter(({ isKept }) => isKept).reduce((sum, { bytes }) => sum + bytes, 0));
    this.#note.textContent = say(all.length ? "own.note" : "own.none", { used, most: megabytes(MOST_BYTES) });
  }

  /** @param {Facts} facts */
  #row(facts) {
    const { say } = this.#desk.words;
    const row = make("li", { ariaCurrent: this.#isInUse(facts) ? "true" : null });
    const trouble = make("p", { className: "trouble", role: "alert", hidden: true });
    const fail = (/** @type {any} */ error) => {
      trouble.textContent = error.message;
      trouble.hidden = false;
    };
    const more = { maxLength: MOST_NAME, dir: "auto", autocomplete: "off", ariaLabel: say("own.name") };
    const name = make("input", { type: "text", value: facts.name, ...more });
    name.onchange = async () => {
      name.value = await this.#own.networks.rename(facts, name.value).catch(error => (fail(error), facts.name));
      this.#changed();
    };
    const ways = [
      this.#button("own.open", facts.name, () => this.#open(facts).catch(fail)),
      this.#button("own.save", facts.name, () => this.#own.save(idOf(facts)).catch(fail)),
      this.#button("own.remove", facts.name, () => this.#remove(facts, row).catch(fail)),
    ];
    const note = make("p", { className: "note", textContent: this.#said(facts) });
    row.append(name, note, make("div", { className: "row wrap" }, ...ways), trouble);
    return row;
  }

  /** What is known of it, in a line. @param {Facts} facts */
  #said(facts) {
    const { kind, from, when, learnt, bytes, isKept } = facts;
    const { say, number, language } = this.#desk.words;
    const day = new Date(when).toLocaleDateString(language, { dateStyle: "medium" });
    const size = bytes < 1e6 ? say("own.kilobytes", { size: number(Math.ceil(bytes / 1e3)) }) : "";
    const large = size || say("own.megabytes", { size: number(bytes / 1e6, { maximumFractionDigits: 1 }) });
    const of = learnt && say("own.learnt", { learnt });
    const states = [this.#isInUse(facts) && say("own.inuse"), !isKept && say("own.gone")];
    return [say(`own.kind.${kind}`), say(`own.from.${from}`, { day }), large, of, ...states].filter(Boolean).join(" · ");
  }

  /** @param {Facts} facts */
  async #open(facts) {
    const { openFile, useNetwork, trouble } = this.#desk;
    const { file, text } = await this.#own.fileOf(idOf(facts));
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.element.close(); // from now on the desk says what fails
    const opened = facts.kind === "writes" ? useNetwork(bytes, facts.name, facts.input, text) : openFile(file);
    await opened.catch(trouble);
  }

  /** @param {Facts} facts @param {HTMLLIElement} row */
  async #remove(facts, row) {
    const removed = await this.#own.networks.remove(facts);
    this.#changed();
    this.#count();
    const sentence = make("p", { role: "status", textContent: this.#desk.words.say("own.removed", { name: facts.name }) });
    const fail = (/** @type {Error} */ { message }) => (sentence.textContent = message);
    const undo = this.#button("own.undo", facts.name, () => bringBack().catch(fail));
    const bringBack = async () => {
      await this.#own.restore(/** @type {Whole} */ (removed));
      const back = this.#row(this.#own.networks.find(idOf(facts)) ?? facts);
      row.replaceWith(back);
      back.querySelector("input")?.focus();
      this.#count();
    };
    row.replaceChildren(sentence, ...(removed ? [undo] : []));
    (removed ? undo : /** @type {HTMLElement} */ (this.element.querySelector("button"))).focus();
  }

  /** @param {Facts} facts */
  #isInUse(facts) {
    const { network, pattern, view } = this.#desk.settings.now;
    return keyOf(idOf(facts)) === keyOf(view === "patterns" ? pattern : network);
  }

  /** @param {string} key @param {string} name of what it is for @param {() => void} onclick */
  #button(key, name, onclick) {
    const textContent = this.#desk.words.say(key);
    return make("button", { type: "button", className: "plain", textContent, ariaLabel: name ? `${textContent}: ${name}` : null, onclick });
  }
}
