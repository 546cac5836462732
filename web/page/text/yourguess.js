// SPDX-License-Identifier: MIT
//
// yourguess.js - the panel "Your guess": at the end of the text the reader says what comes next; then the network's expectation is shown,
// and what the dice brought.
import { asLearnt, candidate, contextOf, nameOf, probability, short } from "../describe.js";
import { elementsOf, focusBeside, make } from "../elements.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../story/story.js").Branch} Branch */

/** What is asked: the end of a text, and the best candidates in the order of their ids, which tells nothing. */
/** @typedef {{ branch: Branch, place: number, ids: number[] }} Question */

/**
 * How a guess went. came: null: the text has ended.
 * @typedef {object} Outcome
 * @property {number} guess id
 * @property {number | null} came id
 * @property {Float32Array} probs as learnt
 * @property {number} rank of the guess, from 1
 */

const CHOICES = 5;

/** @param {HTMLElement} root @param {Desk} desk @returns {Promise<View>} */
export async function mount(root, desk) {
  await desk.words.more("guide");
  return new YourGuess(root, desk);
}

/** @implements {View} */
class YourGuess {
  #root;
  #desk;
  #parts;
  /** @type {Question | null} */
  #question = null;
  /** @type {number | null} id that was guessed; null: not yet */
  #guess = null;
  #hadFocus = false; // when it was guessed
  /** @type {Outcome | null} of the question; null: not known yet */
  #outcome = null;
  /** @type {import("../../core/model.js").Model | null} */
  #model = null;
  /** @type {Outcome[]} all of that network */
  #outcomes = [];

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    root.onkeydown = event => this.#press(event);
  }

  #build() {
    const { id } = this.#desk;
    const { worded, button } = elementsOf(this.#desk);
    const context = make("p", { id: id("guess-context"), className: "guess-context", dir: "auto" });
    const question = worded("p", "guess.question", { id: id("guess-question") });
    const choices = Array.from({ length: CHOICES }, (_, i) =>
      make(
        "button",
        { type: "button", ariaKeyShortcuts: String(i + 1), onclick: () => this.#choose(this.#question?.ids[i]) },
        make("kbd", { textContent: this.#desk.words.number(i + 1) }),
        make("span", {}),
      ),
    );
    const box = make("input", { type: "text", id: id("guess-other"), className: "number", autocomplete: "off", spellcheck: false });
    const label = make("label", { className: "small" }, worded("span", "guess.other"), box);
    const own = make("form", { className: "row wrap" }, label, make("button", { className: "plain", "data-text": "guess.take" }));
    own.onsubmit = event => {
      event.preventDefault();
      this.#chooseOwn();
    };
    const refused = make("p", { id: id("guess-refused"), className: "note", role: "status" });
    box.setAttribute("aria-describedby", refused.id);
    const group = make("div", { className: "row wrap guess-choices", role: "group", "aria-labelledby": question.id }, ...choices);
    const ask = make("div", { className: "guess-ask" }, question, group, own, refused);
    const verdict = make("strong", {});
    const expected = make("p", {});
    const next = button("guess.next", () => this.#goOn(), "main");
    const said = make("div", { id: id("guess-verdict"), className: "grow", role: "status" }, verdict, expected);
    const bars = make("ol", { id: id("guess-bars"), className: "bars", hidden: true });
    const score = make("p", { id: id("guess-score"), className: "note" });
    this.#root.replaceChildren(context, ask, make("div", { className: "row" }, said, next), bars, score);
    return { context, ask, choices, box, refused, verdict, expected, next, bars, score };
  }

  show() {
    const { settings, writing } = this.#desk;
    const branch = settings.now.view === "write" ? writing.story.current : null;
    if (this.#question?.branch !== branch) this.#forget();
    if (branch && branch.model !== this.#model) {
      this.#model = branch.model;
      this.#outcomes = [];
    }
    if (this.#question && this.#guess !== null && !writing.isWorking) this.#outcome ??= this.#tell(this.#question, this.#guess);
    else if (branch && this.#guess === null && !writing.isWorking)
      this.#question = branch.steps.length < branch.given ? null : this.#ask(branch);
    this.#draw();
  }

  free() {
    this.#root.onkeydown = null;
    this.#root.replaceChildren();
  }

  // ---- the game ----

  #forget() {
    this.#question = this.#guess = this.#outcome = null;
  }

  /** What comes at the end of a text. @param {Branch} branch @returns {Question} */
  #ask(branch) {
    const place = branch.steps.length;
    if (this.#question?.branch === branch && this.#question.place === place) return this.#question;
    const state = branch.stateAt(place);
    try {
      const probs = state.probs();
      const best = orderOf(probs).filter(id => id !== branch.model.end && probs[id] > 0);
      return { branch, place, ids: best.slice(0, CHOICES).sort((a, b) => a - b) };
    } finally {
      state.free();
    }
  }

  /** @param {number | undefined} id */
  #choose(id) {
    const { writing } = this.#desk;
    if (id === undefined || this.#guess !== null || writing.isWorking || this.#parts.ask.hidden) return;
    this.#guess = id;
    this.#hadFocus = this.#root.contains(focusBeside(this.#root));
    this.#parts.box.value = "";
    this.#refuse("");
    writing.goOn(1);
  }

  /** What is typed: one token that the network writes. */
  #chooseOwn() {
    const { say } = this.#desk.words;
    const model = this.#question?.branch.model;
    const text = this.#parts.box.value;
    if (!model || !text) return;
    const { ids, unknown } = model.encode(text.slice(0, 100));
    if (unknown.length) this.#refuse(say("guess.unknown", { character: nameOf(this.#desk.words, unknown[0]) }));
    else if (ids.length !== 1) this.#refuse(say("guess.one"));
    else this.#choose(ids[0]);
  }

  /** @param {string} sentence "": it is taken */
  #refuse(sentence) {
    const { box, refused } = this.#parts;
    refused.textContent = sentence;
    if (sentence) box.ariaInvalid = "true";
    else box.removeAttribute("aria-invalid");
  }

  /** @param {Question} question @param {number} guess @returns {Outcome} */
  #tell({ branch, place }, guess) {
    const step = branch.steps[place];
    const probs = step ? asLearnt(step) : new Float32Array(branch.model.outputs);
    const rank = 1 + probs.filter(p => p > probs[guess]).length;
    const outcome = { guess, came: step?.id ?? null, probs, rank };
    if (step) this.#outcomes.push(outcome);
    return outcome;
  }

  #goOn() {
    this.#forget();
    this.show();
    this.#parts.choices[0].focus();
  }

  /** @param {KeyboardEvent} event */
  #press({ key, target, ctrlKey, metaKey, altKey }) {
    if (target === this.#parts.box || ctrlKey || metaKey || altKey) return;
    if (/^[1-5]$/.test(key)) this.#choose(this.#question?.ids[Number(key) - 1]);
  }

  // ---- what is shown ----

  #draw() {
    const { writing } = this.#desk;
    const { context, ask, verdict, expected, next, bars, score } = this.#parts;
    const question = this.#question;
    const isAsked = Boolean(question) && this.#guess === null && !writing.isWorking;
    const wasTold = !next.hidden;
    context.textContent = question ? contextOf(question.branch, question.place) : "";
    context.hidden = !question;
    ask.hidden = !isAsked;
    next.hidden = bars.hidden = !this.#outcome;
    if (question && isAsked) this.#drawChoices(question);
    if (question && this.#outcome) this.#drawBars(question, this.#outcome);
    const [first = "", second = ""] = this.#verdictOf(question);
    setText(verdict, first);
    setText(expected, second);
    setText(score, this.#scoreOf());
    if (this.#outcome && !wasTold && this.#hadFocus) next.focus();
  }

  /** @param {Question} question */
  #drawChoices({ branch, ids }) {
    this.#parts.choices.forEach((choice, i) => {
      const text = branch.model.vocabulary[ids[i]];
      choice.hidden = text === undefined;
      setText(/** @type {Element} */ (choice.lastElementChild), text === undefined ? "" : nameOf(this.#desk.words, text));
    });
  }

  /**
   * The network's best, and what was guessed and what came, if they are not among them.
   * @param {Question} question @param {Outcome} outcome
   */
  #drawBars({ branch }, { probs, guess, came }) {
    const { words } = this.#desk;
    const best = orderOf(probs).slice(0, CHOICES);
    const others = [guess, ...(came === null ? [] : [came])].filter(id => !best.includes(id));
    const ids = [...best, ...new Set(others)].sort((a, b) => probs[b] - probs[a]);
    const rows = ids.map(id => {
      const { name, described, beforeText } = candidate(words, branch.model.vocabulary[id], { id, before: probs[id], after: probs[id] });
      const tags = [id === came && words.say("guess.came"), id === guess && words.say("guess.yours")].filter(Boolean);
      const bar = make("span", { className: id === came ? "after" : "before" });
      bar.style.width = `${100 * probs[id]}%`;
      return make(
        "li",
        { className: `bar${id === came ? " chosen" : ""}` },
        make("span", { className: `name${described ? " word" : ""}`, textContent: name }),
        make("span", { className: "pair" }, bar),
        make("span", { className: "p", textContent: beforeText }),
        make("span", { className: "ahead", textContent: tags.join(", ") }),
      );
    });
    this.#parts.bars.replaceChildren(...(came === null ? [] : rows));
  }

  /** What came, and what the network had thought of the guess. @param {Question | null} question @returns {string[]} */
  #verdictOf(question) {
    const { words, writing } = this.#desk;
    const { say, number } = words;
    if (!question) return ["", say(writing.isWorking ? "guess.wait" : "guess.none")];
    if (!this.#outcome) return [];
    const { guess, came, probs, rank } = this.#outcome;
    const { vocabulary } = question.branch.model;
    if (came === null) return [say("guess.ended")];
    const names = { guess: nameOf(words, vocabulary[guess]), came: nameOf(words, vocabulary[came]) };
    const verdict = say(guess === came ? "guess.right" : "guess.wrong", names);
    return [verdict, say("guess.expected", { p: probability(words, probs[guess]), rank: number(rank) })];
  }

  #scoreOf() {
    const { say, number } = this.#desk.words;
    const all = this.#outcomes;
    if (!all.length) return "";
    const bits = (/** @type {(outcome: Outcome) => number | null} */ idOf) => {
      const sum = all.reduce((sum, each) => sum - Math.log2(each.probs[/** @type {number} */ (idOf(each))]), 0);
      return say("bits", { bits: short(this.#desk.words, sum / all.length) });
    };
    return say("guess.score", {
      count: number(all.length),
      first: number(all.filter(({ rank }) => rank === 1).length),
      right: number(all.filter(({ guess, came }) => guess === came).length),
      yours: bits(({ guess }) => guess),
      came: bits(({ came }) => came),
    });
  }
}

/** @param {Float32Array} probs @returns {number[]} ids, the most probable first */
const orderOf = probs => [...probs.keys()].sort((a, b) => probs[b] - probs[a]);

/** What is said anew would be read out again. @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
