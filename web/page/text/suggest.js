// SPDX-License-Identifier: MIT
//
// suggest.js - what the network in use offers to whoever types in the prompt's box: the first way to go on in grey behind the caret, three
// in a row of buttons. Fetched when the box is first entered.
import { nameOf, probability, signOf } from "../describe.js";
import { arrow, elementsOf, make } from "../elements.js";
import { Offers } from "./offers.js";
import { start } from "../pace.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("./offers.js").Offer} Offer */
/** @typedef {{ element: HTMLElement, box: HTMLTextAreaElement, note: HTMLElement }} Beginning the box, its frame, the note below */

const PAUSE = 150; // milliseconds without a key
const SPOKEN = 1000; // and until the first offer is said: whoever types on hears nothing

/** @param {Desk} desk @param {Beginning} beginning @param {() => boolean} isTyped whether the reader has typed before it was there */
export async function mount(desk, beginning, isTyped) {
  await Promise.all([desk.words.more("suggest"), desk.style("./text/suggest.css")]);
  return new Suggest(desk, beginning, isTyped());
}

/** Whether they are wanted. @param {Desk} desk */
const isWanted = ({ settings }) => settings.now.suggest > 0 && !settings.isHidden("suggest");

export class Suggest {
  #desk;
  #element;
  #box;
  /** Whether the reader has typed since the box was entered, since Escape and since Enter: else Tab moves the focus, as always. */
  #isTyped;
  #isComposing = false;
  #grey = ""; // what is offered behind the caret
  #text = ""; // and behind which text
  /** @type {Offers | null} of the network in use */
  #offers = null;
  /** @type {(() => void) | null} */
  #stopWork = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #typed = make("span");
  #ahead = make("span", { className: "ahead" });
  #mirror = make("div", { className: "mirror", ariaHidden: "true" }, this.#typed, this.#ahead);
  #help;
  #row;

  /** @param {Desk} desk @param {Beginning} beginning @param {boolean} isTyped */
  constructor(desk, { element, box, note }, isTyped) {
    this.#desk = desk;
    this.#element = element;
    this.#box = box;
    this.#isTyped = isTyped && box.matches(":focus");
    this.#help = elementsOf(desk).worded("span", "suggest.help", { id: desk.id("suggest-help"), className: "note" });
    const ariaLabel = desk.words.say("suggest.offers");
    this.#row = make("div", { className: "offers", role: "group", "data-label": "suggest.offers", ariaLabel }, this.#help);
    box.after(this.#mirror);
    note.after(this.#row);
    box.setAttribute("aria-describedby", `${note.id} ${this.#help.id}`);
    this.#listen();
    this.again();
  }

  #listen() {
    const box = this.#box;
    box.addEventListener("beforeinput", () => {
      this.#isTyped = true; // again() comes with the input itself
    });
    box.addEventListener("keydown", event => this.#key(event));
    box.addEventListener("scroll", () => this.#scroll());
    for (const type of ["keyup", "pointerup", "selectionchange"]) box.addEventListener(type, () => this.#isAtEnd || this.#dismiss());
    for (const type of ["compositionstart", "compositionend"])
      box.addEventListener(type, () => {
        this.#isComposing = type === "compositionstart";
        this.again();
      });
    this.#element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget !== box && !this.#row.contains(/** @type {Node | null} */ (relatedTarget))) this.#dismiss();
    });
    this.#row.onmousedown = event => event.preventDefault(); // the focus stays in the box
    this.#row.onkeydown = event => this.#walk(event);
  }

  /** Something is new: the text, or the network. What was offered is gone; what comes now follows after a pause. */
  again() {
    if (this.#offers && this.#offers.model !== this.#desk.network.model) this.#forget();
    if (!this.#isTyped || !this.#desk.network.model || !isWanted(this.#desk)) return this.#dismiss();
    const left = this.#isComposing ? "" : this.#left;
    this.#clear();
    if (left) this.#drawAhead(left);
    this.#element.classList.add("typing");
    this.#timer = setTimeout(() => this.#seek(), PAUSE);
  }

  /** Who types what is offered sees the rest of it stay: what follows greedily is the same from each place of it. */
  get #left() {
    const whole = this.#text + this.#grey;
    const { value } = this.#box;
    const isSame = this.#offers && value.startsWith(this.#text) && whole.startsWith(value);
    return isSame && this.#isAtEnd ? whole.slice(value.length) : "";
  }

  free() {
    this.#clear();
    this.#forget();
  }

  /** The states of the network that was read with. */
  #forget() {
    this.#offers?.free();
    this.#offers = null;
  }

  // ---- what is offered ----

  /** Whether the caret is behind the whole text, and nothing is selected. */
  get #isAtEnd() {
    return this.#box.selectionStart === this.#box.value.length;
  }

  #seek() {
    const { model } = this.#desk.network;
    if (!model || this.#isComposing || !this.#isAtEnd) return;
    try {
      this.#offers ??= new Offers(model);
      /** @type {Offer[]} */
      const found = [];
      this.#stopWork = start({
        steps: this.#offers.behind(this.#box.value),
        onSteps: steps => found.push(...steps.filter(offer => offer !== null)),
        onEnd: error => (error ? this.#fail() : this.#isAtEnd && this.#show(found)),
      });
    } catch {
      this.#fail();
    }
  }

  /** Nothing is offered, and nothing said: the note below the box tells of a text that cannot be read, and nobody has asked for more. */
  #fail() {
    this.#forget();
    this.#dismiss();
  }

  /**
   * A screen reader hears one sentence, with the first offer alone, and only after a pause that is longer than between two keys; the
   * others are named when one goes to them.
   * @param {Offer[]} offers
   */
  #show(offers) {
    const { words, speak } = this.#desk;
    if (!offers.length) return;
    this.#drawAhead(wholeOf(offers[0]));
    this.#element.classList.toggle("completing", words.level !== "characters" && offers[0].typed !== "");
    this.#row.replaceChildren(...offers.map(offer => this.#button(offer)), this.#help);
    const text = spokenOf(words, offers[0]);
    this.#timer = setTimeout(() => speak(words.say("suggest.spoken", { count: words.number(offers.length), text })), SPOKEN);
  }

  /** In the mirror stands the same text at the same place, unseen, and behind it the grey one. @param {string} grey */
  #drawAhead(grey) {
    const { value, clientLeft, clientTop, clientWidth, clientHeight } = this.#box;
    const { direction } = getComputedStyle(this.#box);
    const at = { left: clientLeft, top: clientTop, width: clientWidth, height: clientHeight }; // without a scroll bar
    for (const [name, pixels] of Object.entries(at)) this.#mirror.style.setProperty(name, `${pixels}px`);
    this.#mirror.dir = direction;
    this.#typed.textContent = value + (value.endsWith("\n") ? "\u200b" : ""); // or there were no line behind its last end
    this.#ahead.textContent = signed(grey);
    this.#text = value;
    this.#grey = grey;
    this.#scroll();
  }

  #scroll() {
    this.#mirror.scrollTop = this.#box.scrollTop;
  }

  /** The token that the percentage is of, and in grey what follows it; the sign of a blank is for the eye alone. @param {Offer} offer */
  #button(offer) {
    const { words } = this.#desk;
    const sign = signOf(offer.first);
    const first = words.level === "characters" ? offer.first : offer.first.trimStart();
    const token = make("b", { textContent: sign ?? first, ariaHidden: sign ? "true" : null });
    const text = make("bdi", {}, offer.typed, token, signed(offer.rest));
    const percent = make("span", { className: "of", textContent: probability(words, offer.p) });
    return make("button", { type: "button", tabIndex: -1, onclick: () => this.#take(wholeOf(offer)) }, text, " ", percent);
  }

  #clear() {
    this.#stopWork?.();
    clearTimeout(this.#timer);
    this.#text = this.#grey = "";
    this.#typed.textContent = this.#ahead.textContent = "";
    this.#row.replaceChildren(this.#help);
  }

  #dismiss() {
    this.#isTyped = false;
    this.#element.classList.remove("typing", "completing");
    this.#clear();
  }

  // ---- what the reader does ----

  /** @param {KeyboardEvent} event in the box */
  #key(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const { key, shiftKey } = event;
    if ((key === "Enter" && !shiftKey) || (key === "Escape" && this.#isTyped)) return this.#dismiss();
    if (shiftKey || !this.#grey || !this.#isAtEnd) return;
    if (key === "Tab") this.#take(this.#grey);
    else if (key === "ArrowDown") this.#row.querySelector("button")?.focus();
    else return;
    event.preventDefault();
  }

  /** From button to button; in front of the first one is the box. @param {KeyboardEvent} event */
  #walk(event) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[arrow(event.key, this.#row)];
    const buttons = [...this.#row.querySelectorAll("button")];
    if (!by && event.key !== "Escape") return;
    event.preventDefault();
    const next = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target)) + (by ?? 0);
    if (by && next >= 0) return buttons[Math.min(next, buttons.length - 1)].focus();
    this.#box.focus();
    if (!by) this.#dismiss();
  }

  /** Types it for the reader. @param {string} text */
  #take(text) {
    const box = this.#box;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    // Old, but the only way after which the browser's own Undo takes it back.
    if (document.execCommand("insertText", false, text)) return;
    box.setRangeText(text, box.value.length, box.value.length, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** In one line. @param {string} text */
const signed = text => text.replaceAll("\n", signOf("\n") ?? "");

/** @param {Offer} offer */
const wholeOf = ({ first, rest }) => first + rest;

/** As it is read out: what has nothing but blanks by their name. @param {import("../contract.js").Words} words @param {Offer} offer */
const spokenOf = (words, offer) => offer.typed + wholeOf(offer).trim() || nameOf(words, offer.first);
