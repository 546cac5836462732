// SPDX-License-Identifier: MIT
//
// hello.js - the view "HELLO": the lesson's picture of training. A word is all that there is to learn; the network reads it letter by
// letter and is to say the same word, one letter further. It learns before the reader's eyes, and each update can be looked at again.
import { Markov } from "../../core/markov.js";
import { Training } from "../../core/recipe.js";
import { probability, short } from "../describe.js";
import { elementsOf, focusBeside, make } from "../elements.js";
import { start } from "../pace.js";
import { draw as drawBars } from "../../views/likely.js";
import { draw as drawSlope } from "../../views/slope.js";
import { drawBand } from "../../views/unrolled.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */

/**
 * The network after an update: what it says behind each letter of the word, its state there, how wrong it is, and what it writes.
 * @typedef {{ probs: Float32Array[], states: Float32Array[], loss: number, written: string }} Snapshot
 */

const WORD = "HELLO";
const LONGEST = 10; // letters of a word
const TIMES = 4; // it stands in the text
const UNITS = 12;
const UPDATES = 240; // each sees the word twice
const PACE = 120; // updates a second: it takes two seconds
const WRITING = 6; // letters a second
const TURNS = 2; // so often the network writes the word

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  const styles = ["../views/likely.css", "./lesson/hello.css"].map(desk.style);
  await Promise.all([desk.words.more("counting"), desk.words.more(), ...styles]);
  return new Hello(root, desk);
}

/** @implements {View} */
class Hello {
  /** @type {{ word: string, training: Training, markov: Markov } | null} what is learnt; null: not there yet */
  #lesson = null;
  /** @type {Snapshot[]} */
  #snapshots = [];
  #at = 0; // index of the one that is shown
  #letters = 0; // so many of what it writes are shown
  /** @type {(() => void) | null} ends the learning */
  #stopLearning = null;
  #stopWriting = () => {};
  #asked = 0; // number of the word that was asked for last
  #isComing = false; // that word
  /** @type {Promise<unknown>} until the word can be learnt */
  #prepared;
  /** @type {{ element: HTMLElement, bars: HTMLElement, state: HTMLElement, counted: HTMLElement }[]} */
  #columns = [];
  #root;
  #desk;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    this.#prepared = this.#prepare(WORD);
  }

  #build() {
    const { id } = this.#desk;
    const { worded, button, field } = elementsOf(this.#desk);
    const typed = { type: "text", maxLength: LONGEST, autocomplete: "off", spellcheck: false, dir: "auto" };
    const word = make("input", { className: "hello-word", value: WORD, ...typed });
    word.onchange = () => this.#take();
    const learn = button("hello.learn", () => this.#learn(), "main");
    const problem = make("p", { className: "note", id: id("hello-problem"), ariaLive: "polite" });
    word.setAttribute("aria-describedby", problem.id);
    const row = make("div", { className: "row wrap" }, field("hello.word", word), learn, problem);
    const picture = make("div", { className: "spelling", role: "group", tabIndex: 0, dir: "ltr", "data-label": "hello.picture" });
    const slope = make("div", { className: "slope-of" });
    const slider = make("input", { type: "range", min: "0", max: String(UPDATES), value: "0" });
    slider.oninput = () => this.#look(Number(slider.value));
    const loss = make("p", { className: "loss", id: id("hello-loss") });
    const replay = make("div", { className: "hello-replay" }, loss, slope, field("hello.replay", slider));
    const write = button("hello.write", () => this.#write());
    const written = make("output", { className: "hello-written", id: id("hello-text") });
    const note = make("p", { className: "note" });
    const writing = make("div", { className: "row wrap hello-writing" }, write, written);
    const state = make("p", { className: "state-note" });
    const see = make("div", { className: "desk" }, worded("h2", "hello.title"), worded("p", "hello.see", { className: "see" }), row);
    this.#root.replaceChildren(
      make("div", { className: "hello-pair" }, see, replay),
      picture,
      make("div", { className: "hello-pair" }, state, make("div", { className: "desk" }, writing, note)),
    );
    return { word, problem, learn, picture, slope, slider, loss, write, written, note, state };
  }

  show() {
    const { words } = this.#desk;
    const { word, learn, slider, write } = this.#parts;
    learn.textContent = words.say(this.#snapshots.length > 1 ? "hello.again" : "hello.learn");
    learn.disabled = !this.#canLearn;
    slider.disabled = this.#snapshots.length < 2 || Boolean(this.#stopLearning);
    write.disabled = !this.#lesson;
    if (this.#lesson && word !== focusBeside(word)) word.value = this.#lesson.word;
    this.#nameRows();
    this.#draw();
  }

  /** Learns, if it has not: a link that opens the view begins at once. */
  async begin() {
    await this.#prepared;
    if (this.#snapshots.length === 1) this.#learn();
  }

  stop() {
    this.#stopWriting();
  }

  free() {
    this.#asked++;
    this.#endWork();
    this.#lesson?.markov.free();
    this.#lesson = null;
    this.#root.replaceChildren();
  }

  // ---- the word ----

  /** What was typed; it is learnt at once. */
  #take() {
    this.#prepared = this.#prepare(this.#parts.word.value);
    this.begin().catch(this.#desk.trouble);
  }

  /** @param {string} typed */
  async #prepare(typed) {
    const { noTrouble, trouble } = this.#desk;
    const letters = Array.from(typed.replace(/\s/g, ""));
    const isTooFew = new Set(letters).size < 2;
    this.#sayProblem(isTooFew);
    if (isTooFew) return;
    const mine = ++this.#asked;
    this.#endWork();
    noTrouble();
    this.#isComing = true;
    this.show();
    try {
      const lesson = await lessonOf(letters.join(""));
      if (mine !== this.#asked) return lesson.markov.free();
      this.#lesson?.markov.free();
      this.#lesson = lesson;
      this.#snapshots = [snapshotOf(lesson)];
      this.#at = this.#letters = 0;
      this.#buildColumns(letters);
    } catch (error) {
      if (mine === this.#asked) trouble(error);
    }
    if (mine !== this.#asked) return;
    this.#isComing = false;
    this.show();
  }

  /** @param {boolean} isTooFew whether what was typed has too few letters to learn */
  #sayProblem(isTooFew) {
    const { word, problem } = this.#parts;
    word.toggleAttribute("aria-invalid", isTooFew);
    problem.textContent = isTooFew ? this.#desk.words.say("hello.short") : "";
  }

  /** @param {string[]} letters */
  #buildColumns(letters) {
    const { picture } = this.#parts;
    const rows = ["hello.target", "hello.bars", "hello.state", "hello.input", "hello.count"];
    const heads = rows.map((key, i) => make("p", { className: `row-name of-row-${i}`, "data-text": key }));
    this.#columns = letters.map((letter, i) => {
      const next = letters[(i + 1) % letters.length];
      const target = make("span", { className: `should${i + 1 === letters.length ? " again" : ""}`, textContent: next });
      const [bars, counted] = ["network", "chain"].map(kind => make("ol", { className: `likely ${kind}` }));
      const state = make("span", { className: "unit" });
      const input = make("span", { className: "reads", textContent: letter });
      const element = make("div", { className: "letter" }, target, bars, state, input, counted);
      element.style.setProperty("--at", String(i + 1));
      return { element, bars, state, counted };
    });
    picture.style.setProperty("--letters", String(letters.length));
    picture.replaceChildren(...heads, ...this.#columns.map(({ element }) => element));
  }

  #nameRows() {
    const { say } = this.#desk.words;
    for (const head of this.#parts.picture.querySelectorAll(".row-name"))
      head.textContent = say(/** @type {HTMLElement} */ (head).dataset.text ?? "");
  }

  // ---- learning ----

  get #canLearn() {
    return Boolean(this.#lesson) && !this.#isComing && !this.#stopLearning;
  }

  async #learn() {
    if (!this.#lesson || !this.#canLearn) return;
    if (this.#snapshots.length > 1) await this.#prepare(this.#lesson.word);
    if (this.#canLearn && this.#snapshots.length === 1) this.#train(this.#lesson); // else another word came, or the view is gone
  }

  /** @param {{ word: string, training: Training }} lesson that has not begun */
  #train(lesson) {
    const { trouble } = this.#desk;
    this.#snapshots = [];
    this.#stopLearning = start({
      steps: snapshots(lesson),
      pace: () => PACE,
      onSteps: steps => {
        this.#snapshots.push(...steps);
        this.#look(this.#snapshots.length - 1);
      },
      onEnd: error => {
        this.#stopLearning = null;
        this.show();
        if (error) trouble(error);
        else this.#write();
      },
    });
    this.show();
  }

  #endWork() {
    this.#stopWriting();
    this.#stopLearning?.();
    this.#stopLearning = null;
  }

  /** @param {number} at */
  #look(at) {
    this.#stopWriting();
    this.#at = Math.max(0, Math.min(at, this.#snapshots.length - 1));
    if (this.#letters) this.#letters = Infinity;
    this.#draw();
  }

  /** Has it write, letter by letter, as it was at the update that is shown. */
  #write() {
    const { written } = this.#snapshots[this.#at];
    this.#stopWriting();
    this.#letters = 0;
    this.#stopWriting = start({
      steps: Array.from(written)[Symbol.iterator](),
      pace: () => WRITING,
      onSteps: letters => {
        this.#letters += letters.length;
        this.#drawWritten();
      },
    });
  }

  // ---- what is drawn ----

  #draw() {
    const lesson = this.#lesson;
    const snapshot = this.#snapshots[this.#at];
    if (!lesson || !snapshot) return;
    const { words } = this.#desk;
    const { slider, slope, loss, state, note } = this.#parts;
    const letters = Array.from(lesson.word);
    this.#columns.forEach((column, i) => this.#drawColumn(column, lesson, snapshot, letters, i));
    const values = { loss: short(words, snapshot.loss), update: words.number(this.#at) };
    slider.value = String(this.#at);
    slider.ariaValueText = words.say("hello.loss", values);
    loss.textContent = words.say("hello.loss", values);
    const uniform = Math.log2(new Set(letters).size);
    drawSlope(slope, {
      values: this.#snapshots.map(({ loss }) => loss),
      updates: UPDATES,
      most: Math.max(uniform, ...this.#snapshots.map(({ loss }) => loss)),
      at: this.#at,
      description: words.say("hello.slope"),
    });
    state.textContent = this.#sayState(lesson, letters);
    note.textContent = words.say("hello.greedy", { letter: letters[0] });
    this.#drawWritten();
  }

  /**
   * @param {{ bars: HTMLElement, state: HTMLElement, counted: HTMLElement }} column
   * @param {{ training: Training, markov: Markov }} lesson @param {Snapshot} snapshot
   * @param {string[]} letters of the word @param {number} i
   */
  #drawColumn({ bars, state, counted }, { training, markov }, snapshot, letters, i) {
    const { words } = this.#desk;
    const { vocabulary } = training.model;
    const next = letters[(i + 1) % letters.length];
    const followers = markov.seen(letters[i], 1);
    const shareOf = (/** @type {string} */ text) => (followers.next.find(each => each.text === text)?.count ?? 0) / followers.times;
    const rowOf = (/** @type {string} */ name, /** @type {number} */ p) => ({
      name,
      described: false,
      p,
      text: probability(words, p),
      isMarked: name === next,
    });
    const rows = (/** @type {(text: string) => number} */ of) => Array.from(new Set(letters), name => rowOf(name, of(name)));
    const values = { letter: letters[i], place: words.number(i + 1) };
    drawBars(bars, { rows: rows(name => snapshot.probs[i][vocabulary.indexOf(name)]), label: words.say("hello.bars.of", values) });
    drawBars(counted, { rows: rows(shareOf), label: words.say("hello.count.of", values) });
    drawBand(state, [snapshot.states[i]]);
  }

  #drawWritten() {
    const { written } = this.#snapshots[this.#at];
    this.#parts.written.textContent = this.#letters ? Array.from(written).slice(0, this.#letters).join("") : "";
  }

  /** Whether one letter back is enough to know. @param {{ markov: Markov }} lesson @param {string[]} letters */
  #sayState({ markov }, letters) {
    const { say, percent } = this.#desk.words;
    const letter = letters.find(letter => markov.seen(letter, 1).next.length > 1);
    if (!letter) return say("hello.one");
    const { times, next } = markov.seen(letter, 1);
    const followers = next.map(({ text, count }) => say("hello.follower", { letter: text, percent: percent(count / times) }));
    return say("hello.two", { letter, followers: followers.join(", ") });
  }
}

/** @param {string} word */
async function lessonOf(word) {
  const text = word.repeat(TIMES);
  const settings = { cell: /** @type {const} */ ("tanh"), hidden: UNITS, embedding: 0, rate: 0.01, finalRate: 0.2, warmup: 1 };
  const windows = { batch: 1, window: 2 * Array.from(word).length, slices: 1, passes: UPDATES, heldOut: 0 }; // a pass is an update
  return { word, training: await Training.begin(text, { ...settings, ...windows }), markov: await Markov.of(text) };
}

/**
 * Of the untrained network, then one after each update.
 * @param {{ word: string, training: Training }} lesson @returns {Generator<Snapshot>}
 */
function* snapshots(lesson) {
  const { training } = lesson;
  yield snapshotOf(lesson);
  while (training.done < training.updates) {
    training.update();
    yield snapshotOf(lesson);
  }
}

/** @param {{ word: string, training: Training }} lesson @returns {Snapshot} */
function snapshotOf({ word, training: { model } }) {
  const { ids } = model.encode(word);
  const state = model.start();
  const probs = [];
  const states = [];
  let bits = 0;
  try {
    for (const [i, id] of ids.entries()) {
      state.take(id);
      probs.push(state.probs());
      states.push(state.h(0));
      bits += state.surprisal(ids[(i + 1) % ids.length]);
    }
  } finally {
    state.free();
  }
  const [first] = word;
  const steps = model.write(first, { temperature: 0, length: TURNS * ids.length - 1 });
  return { probs, states, loss: bits / ids.length, written: first + Array.from(steps, step => step.text).join("") };
}
