// SPDX-License-Identifier: MIT
//
// tour.js - a stop of the guided story, as it stands in the strip: a sentence, one thing to do, the question of the lesson that it answers,
// and the way on. Fetched when the first stop is looked at.
import { elementsOf, make } from "../elements.js";
import { defaults } from "../settings.js";
import { placeOfStop, stops } from "./stops.js";

/** @typedef {import("../contract.js").Desk} Desk */

const SEEN = 40; // pixels of what is pointed at that are to be in view
const POINTED = "pointed"; // the class of what a stop points at

export class Tour {
  #desk;
  #root;
  #board;
  #parts;
  #strip;
  #shown = ""; // key of the stop that is shown
  #asked = ""; // whose question is shown, and in which language
  /** @type {MutationObserver} what a stop points at may come later */
  #waiting;

  /** @param {Desk} desk @param {HTMLElement} root of the stop @param {HTMLElement} strip within the desk's root */
  constructor(desk, root, strip) {
    this.#desk = desk;
    this.#root = root;
    this.#strip = strip;
    this.#board = /** @type {HTMLElement} */ (strip.parentElement);
    this.#waiting = new MutationObserver(() => this.#point());
    this.#parts = this.#build();
  }

  #build() {
    const { id } = this.#desk;
    const { button } = elementsOf(this.#desk);
    const sign = (/** @type {string} */ key, /** @type {string} */ textContent, /** @type {() => void} */ onclick) =>
      make("button", { id: id(key.replace(".", "-")), type: "button", className: "plain", "data-label": key, textContent, onclick });
    const count = make("span", { className: "note" });
    const title = make("h2", { id: id("stop-title"), tabIndex: -1 });
    const says = make("p", {});
    const todo = make("p", { className: "todo" });
    const quiz = make("div", { className: "quiz", hidden: true });
    const back = sign("guide.back", "‹", () => this.#walk(-1));
    const next = button("guide.next", () => this.#walk(1), "plain");
    const ask = button("guide.ask", () => this.#ask(), "plain");
    const all = button("guide.all", () => this.#desk.go("lesson"), "plain");
    const close = sign("guide.close", "✕", () => this.#close());
    const words = make(
      "div",
      { className: "stop-words", role: "status" },
      make("div", { className: "row" }, count, title),
      says,
      todo,
    );
    this.#root.className = "stop";
    this.#root.replaceChildren(words, quiz, make("div", { className: "row wrap stop-ways" }, back, next, ask, all, close));
    return { count, title, says, todo, quiz, back, next, ask };
  }

  show() {
    const { settings, words } = this.#desk;
    const { say, number } = words;
    const at = placeOfStop(settings.now.guide);
    const { count, title, says, todo, quiz, back, next, ask } = this.#parts;
    if (at < 0) return this.#end();
    const { key, question } = stops[at];
    count.textContent = say("guide.count", { number: number(at + 1), all: number(stops.length) });
    title.textContent = say(`stop.${key}`);
    says.textContent = say(`stop.${key}.says`);
    todo.textContent = say(`stop.${key}.do`);
    back.disabled = at === 0;
    next.textContent = say(at < stops.length - 1 ? "guide.next" : "guide.end");
    ask.hidden = !question;
    if (key !== this.#shown) {
      quiz.hidden = true;
      ask.ariaExpanded = "false";
    }
    this.#shown = key;
    if (!quiz.hidden) this.#showQuestion();
    this.#point();
    this.#waiting.observe(this.#board, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden"] });
  }

  /** No stop is looked at any more. */
  leave() {
    this.#waiting.disconnect();
    for (const each of this.#board.querySelectorAll(`.${POINTED}`)) each.classList.remove(POINTED);
    this.#shown = "";
  }

  focus() {
    this.#parts.title.focus();
  }

  /** @param {number} direction */
  #walk(direction) {
    const { settings, visitStop, go } = this.#desk;
    const next = stops[placeOfStop(settings.now.guide) + direction];
    if (next) visitStop(next.key);
    else go("lesson");
    this.focus();
  }

  /** What is written from now on is as long as elsewhere. */
  #end() {
    const { settings, showGuide } = this.#desk;
    settings.set({ guide: "", length: settings.now.length || defaults.length });
    showGuide();
  }

  #close() {
    this.#end();
    this.#strip.querySelector("button")?.focus(); // where the story begins
  }

  /** Marks what the stop points at, as soon as it is there. */
  #point() {
    const stop = stops[placeOfStop(this.#shown)];
    const named = stop?.at && this.#board.querySelector(`#${CSS.escape(this.#desk.id(stop.at))}`);
    const target = named && named.getClientRects().length ? named : null; // it may be hidden as yet
    for (const each of this.#board.querySelectorAll(`.${POINTED}`)) if (each !== target) each.classList.remove(POINTED);
    if (!target || target.classList.contains(POINTED)) return;
    target.classList.add(POINTED);
    this.#bringIntoView(target);
  }

  /** Long views scroll, and some scroll inside. @param {Element} target */
  #bringIntoView(target) {
    const section = target.closest("section");
    const box = section?.clientHeight ? section : this.#board; // the section of Write is no box
    const [{ top }, around, strip] = [target, box, this.#strip].map(each => each.getBoundingClientRect());
    const isInView = top >= Math.max(0, around.top) && top < Math.min(around.bottom, strip.top) - SEEN;
    if (!isInView) target.scrollIntoView({ block: "start", behavior: "instant" });
  }

  // ---- the question ----

  #ask() {
    const { quiz, ask } = this.#parts;
    quiz.hidden = !quiz.hidden;
    ask.ariaExpanded = String(!quiz.hidden);
    if (!quiz.hidden) this.#showQuestion();
  }

  /** What is answered stays as long as the stop and the language do. */
  #showQuestion() {
    const { id, words, setUp, settings, trouble } = this.#desk;
    const { say } = words;
    const key = this.#shown;
    const question = stops[placeOfStop(key)].question;
    const asked = `${key} ${words.language}`;
    if (!question || asked === this.#asked) return;
    this.#asked = asked;
    const verdict = make("p", { role: "status" });
    const showIt = () => setUp({ ...question.show, guide: settings.now.guide }).catch(trouble);
    const show = elementsOf(this.#desk).button("guide.show", showIt, "plain");
    show.hidden = true;
    const choices = Array.from({ length: question.answers }, (_, i) => {
      const radio = make("input", { type: "radio", name: id("quiz"), value: String(i + 1) });
      radio.onchange = () => {
        verdict.textContent = say(i + 1 === question.right ? "guide.right" : "guide.wrong") + " " + say(`stop.${key}.because`);
        show.hidden = false;
      };
      return make("label", { className: "small" }, radio, say(`stop.${key}.answer.${i + 1}`));
    });
    const legend = make("legend", { textContent: say(`stop.${key}.question`) });
    this.#parts.quiz.replaceChildren(make("fieldset", {}, legend, ...choices), verdict, show);
  }
}
