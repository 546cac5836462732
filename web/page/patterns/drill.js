// SPDX-License-Identifier: MIT
//
// drill.js - "Train it yourself": a network learns the task that is shown, or two columns of one's own, in the worker of trainer/; its
// accuracy is drawn beside what would do without a network, and ten held-out examples are answered before one's eyes.
import { RnnError } from "../../core/errors.js";
import { Client } from "../../trainer/client.js";
import { elementsOf, fill, focusBeside, make, save } from "../elements.js";
import { fileName } from "../filename.js";
import { duration } from "../measures.js";
import { draw as drawCurve } from "../../views/curve.js";
import { draw as drawMaps } from "../../views/maps.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../trainer/messages.js").Command} Command */
/** @typedef {import("../../trainer/messages.js").Event} Event */
/** @typedef {import("../../trainer/messages.js").Lesson} Lesson */
/** @typedef {import("./shelf.js").Listed} Listed */
/** @typedef {import("../../trainer/messages.js").Accuracy} Accuracy */
/**
 * none: nothing is prepared; reading: the worker prepares; else so is the training.
 * @typedef {"none" | "reading" | "ready" | "running" | "paused" | "over"} State
 */

const SLOWEST = 10; // seconds without a word, of an update and what is asked behind it, on a slow machine
const PATTERNS = /** @type {const} */ (["many-to-one", "sequence"]);
const MOST_NAMED = 3; // lines that are no pair
const MOST_SHOWN = 60; // characters of a watched example

/**
 * What is done with a network that has learnt.
 * @typedef {object} Heed
 * @property {(file: File, title: string, example: string) => Promise<Listed>} keep where it can be asked
 * @property {(listed: Listed) => void} ask
 */

export class Drill {
  element;
  /** @type {State} */
  #state = "none";
  /** @type {Lesson | null} */
  #lesson = null;
  /** @type {Accuracy[]} */
  #course = [];
  #task = ""; // that is offered; "": none
  #title = ""; // of it
  #pattern = ""; // and its pattern
  #lessonTitle = ""; // of what is learnt now
  /** @type {Listed | null} the network that has learnt, where it is kept */
  #kept = null;
  #isSaved = true; // there is nothing that would be lost with the page
  #startsAtOnce = false;
  /** @type {string | File[]} the table that is looked at */
  #table = "";
  /** @type {number | null} accuracy of the network that is saved; null: none is yet */
  #best = null;
  #desk;
  #heed;
  #life = new AbortController(); // of what listens outside the element
  #client;
  #parts;

  /** @param {Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    this.#desk = desk;
    this.#heed = heed;
    this.#client = new Client({ hear: event => this.#hear(event), failed: error => this.#fail(error) });
    this.#parts = this.#build();
    this.element = this.#lay();
    const leaves = (/** @type {BeforeUnloadEvent} */ event) => this.#isSaved || event.preventDefault();
    addEventListener("beforeunload", leaves, { signal: this.#life.signal });
  }

  #build() {
    const { button, select } = elementsOf(this.#desk);
    const { id } = this.#desk;
    const post = (/** @type {Command} */ command) => () => this.#client.post(command);
    /** Its id is its own: the view Train has such buttons, too. @param {string} key @param {() => void} heed */
    const press = (key, heed, className = "") => button(key, heed, className, `drill.${key.split(".").at(-1)}`);
    const weights = (/** @type {string} */ use, quantized = false) => post({ type: "weights", use, quantized });
    const file = make("input", { type: "file", accept: ".txt,.tsv,.csv,.safetensors,.checkpoint", hidden: true });
    file.onchange = () => {
      const [chosen] = /** @type {FileList} */ (file.files);
      const isCheckpoint = /\.(safetensors|checkpoint)$/.test(chosen?.name ?? "");
      if (chosen && isCheckpoint) this.#practise({ type: "practise", checkpoint: chosen });
      else if (chosen) this.#look([chosen]);
      file.value = "";
    };
    const box = make("textarea", { rows: 4, spellcheck: false, autocomplete: "off", dir: "auto" });
    return {
      task: button("drill.task", () => this.#practise({ type: "practise", task: this.#task }, this.#title, true), "main"),
      box,
      file,
      look: button("drill.look", () => this.#look(box.value)),
      files: button("train.files", () => file.click(), "", "drill.files"),
      looks: make("p", { id: id("drill-looks"), ariaLive: "polite" }),
      as: select([], "", pattern => this.#practise({ type: "practise", text: this.#table, pattern: /** @type {"sequence"} */ (pattern) })),
      start: press("train.start", () => this.#start(), "main"),
      pause: press("train.pause", post({ type: "pause" }), "main"),
      stop: press("train.stop", post({ type: "stop" })),
      progress: make("progress", { max: 1, value: 0, "data-label": "train.progress" }),
      line: make("p", { id: id("drill-line") }),
      curve: make("div", { id: id("drill-curve") }),
      watched: make("table", { id: id("drill-watched"), className: "watched" }),
      title: make("h3", {}),
      note: make("p", { className: "note" }),
      lesson: make("h3", {}),
      use: press("drill.use", () => this.#ask(), "main"),
      saved: press("train.save", weights("save")),
      small: press("train.small", weights("save", true)),
      checkpoint: press("train.checkpoint", post({ type: "checkpoint" }), "plain"),
      course: make("div", { className: "course" }),
      outcome: make("div", { className: "row wrap actions" }),
      own: make("div", { className: "row wrap" }),
    };
  }

  #lay() {
    const { worded, field, folded } = elementsOf(this.#desk);
    const {
      task,
      box,
      file,
      look,
      files,
      looks,
      as,
      start,
      pause,
      stop,
      progress,
      line,
      curve,
      watched,
      title,
      use,
      saved,
      small,
      checkpoint,
    } = this.#parts;
    const { course, outcome, own, note, lesson } = this.#parts;
    own.append(look, files, file, field("drill.as", as), start);
    outcome.append(use, saved, small, checkpoint);
    course.append(lesson, make("div", { className: "row wrap actions" }, pause, stop), progress, line, curve, title, watched, outcome);
    return make(
      "section",
      { className: "drill" },
      note,
      make("div", {}, task),
      folded("drill.own", false, worded("p", "drill.own.note", { className: "note" }), field("drill.paste", box), own, looks),
      course,
    );
  }

  /** What is offered. @param {string} task of trainer/tasks.js; "": none @param {string} title @param {string} pattern */
  offer(task, title, pattern) {
    this.#task = task;
    this.#title = title;
    this.#pattern = pattern;
    this.show();
  }

  show() {
    const { say } = this.#desk.words;
    const { note, lesson, task, look, files, start, pause, stop, use, course, outcome, as, progress } = this.#parts;
    const isOwn = Boolean(this.#lesson && !this.#lesson.name);
    const isRunning = this.#state === "running";
    const focused = focusBeside(start);
    const isLocked = this.#desk.settings.isLocked("drill");
    const isBegun = isRunning || this.#state === "paused"; // who begins another one ends this one first, which keeps it
    for (const control of [task, look, files, as]) control.disabled = isLocked || isBegun;
    start.disabled = isLocked;
    note.textContent = say(this.#pattern === "one-to-one" ? "drill.counted" : "drill.note");
    lesson.textContent = say("drill.lesson", { title: this.#lessonTitle });
    task.hidden = !this.#task;
    task.textContent = say("drill.task", { title: this.#title });
    start.hidden = isRunning || !isOwn || this.#state === "reading";
    start.textContent = say(this.#state === "paused" ? "train.goon" : "train.start");
    pause.textContent = say(this.#state === "paused" ? "train.goon" : "train.pause");
    pause.hidden = !["running", "paused"].includes(this.#state);
    pause.onclick = () => (this.#state === "paused" ? this.#start() : this.#client.post({ type: "pause" }));
    stop.hidden = pause.hidden;
    course.hidden = !this.#course.length && !["reading", "running"].includes(this.#state);
    outcome.hidden = !["paused", "over"].includes(this.#state) || !this.#course.length;
    /** @type {HTMLElement} */ (as.parentElement).hidden = !this.#lesson?.why;
    const options = PATTERNS.map(pattern => /** @type {[string, string]} */ ([pattern, say(`drill.as.${pattern}`)]));
    fill(as, options, this.#lesson?.pattern ?? "");
    progress.hidden = !this.#lesson;
    if (focused === start && start.hidden) pause.focus();
    if ((focused === pause || focused === stop) && pause.hidden) use.focus();
    this.element.ariaBusy = String(["reading", "running"].includes(this.#state));
    this.#showLooks();
    this.#showCourse();
  }

  free() {
    this.#life.abort();
    this.#client.end();
  }

  // ---- what is asked of the worker ----

  /** @param {string | File[]} table of two columns */
  #look(table) {
    this.#table = table;
    this.#practise({ type: "practise", text: table });
  }

  /** @param {Command} command @param {string} [title] of a task @param {boolean} [startsAtOnce] */
  #practise(command, title = this.#desk.words.say("drill.own"), startsAtOnce = false) {
    this.#client.end(); // what it is at is not wanted any more
    this.#desk.noTrouble();
    this.#startsAtOnce = startsAtOnce;
    this.#lesson = this.#best = this.#kept = null;
    this.#lessonTitle = title;
    this.#course = [];
    this.#state = "reading";
    this.#client.post(command);
    this.show();
  }

  #start() {
    if (!this.#lesson) return;
    this.#state = "running";
    this.#kept = null;
    this.#isSaved = false;
    this.#desk.noTrouble();
    this.#client.watch(SLOWEST);
    this.#client.post({ type: "start", workers: 1, keep: false });
    this.show();
  }

  // ---- what it says ----

  /** @param {Event} event */
  #hear(event) {
    /** @type {((event: Event) => void) | undefined} */ (this.#heard[event.type])?.(event);
  }

  /** @type {Partial<import("../../trainer/messages.js").Handlers<Event>>} */
  #heard = {
    here: ({ isInPage }) => {
      if (isInPage) this.#desk.status(this.#desk.words.say("train.inpage"));
    },
    lesson: event => {
      this.#lesson = event;
      this.#best = event.best?.accuracy ?? null;
      this.#state = event.done ? "paused" : "ready";
      if (this.#startsAtOnce) this.#start();
      else this.show();
    },
    accuracy: event => {
      this.#course.push(event);
      this.show();
    },
    diverged: ({ done, back, factor }) => {
      const { say, number } = this.#desk.words;
      this.#course = this.#course.filter(point => point.done <= back);
      this.#desk.status(say("train.diverged", { done: number(done), back: number(back), factor: number(factor) }));
    },
    paused: () => this.#rest("paused"),
    end: ({ best }) => {
      this.#best = best?.accuracy ?? this.#best;
      this.#rest("over");
      this.#desk.speak(this.#sentence());
      if (this.#course.length) this.#client.post({ type: "weights", use: "keep", quantized: false }); // another training takes nothing away
    },
    weights: ({ bytes, use, quantized }) => {
      if (use === "keep" || use === "ask") return this.#keep(bytes, use === "ask");
      save(bytes, fileName(this.#nameOfFile(), quantized ? "-int8.safetensors" : ".safetensors"));
      this.#isSaved = true;
    },
    checkpoint: ({ bytes }) => {
      save(bytes, fileName(this.#nameOfFile(), ".checkpoint.safetensors"));
      this.#isSaved = true;
    },
    trouble: ({ code, message, hint }) => {
      if (this.#state !== "over") this.#rest(this.#course.length ? "paused" : "none");
      this.#desk.trouble(new RnnError(code, message, hint));
    },
  };

  /** @param {Uint8Array} bytes @param {boolean} isAsked */
  async #keep(bytes, isAsked) {
    const { say, percent } = this.#desk.words;
    const { settings, watched } = /** @type {Lesson} */ (this.#lesson);
    const title = say("drill.kept", { title: this.#lessonTitle, accuracy: percent(this.#best ?? 0) });
    const example = settings.side ? "" : watched[0][0];
    try {
      this.#kept = await this.#heed.keep(new File([/** @type {BlobPart} */ (bytes)], this.#nameOfFile()), title, example);
      if (isAsked) this.#heed.ask(this.#kept);
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  #ask() {
    if (this.#kept) this.#heed.ask(this.#kept);
    else this.#client.post({ type: "weights", use: "ask", quantized: false });
  }

  #nameOfFile() {
    return this.#lesson?.name ?? this.#desk.words.say("drill.file");
  }

  /** @param {RnnError} error of the worker, which has ended */
  #fail(error) {
    this.#rest("none");
    this.#desk.trouble(error);
  }

  /** @param {State} state */
  #rest(state) {
    this.#client.rest();
    this.#state = state;
    this.show();
  }

  // ---- what is shown ----

  /** What a table of one's own looks like. */
  #showLooks() {
    const { say, number } = this.#desk.words;
    const lesson = this.#lesson;
    if (!lesson?.why) return this.#sayLooks("");
    const { examples, different } = lesson.why;
    const problems = lesson.problems
      .slice(0, MOST_NAMED)
      .map(({ line, what }) => say("drill.problem", { line: number(line), what: say(`drill.problem.${what.replaceAll(" ", "-")}`) }));
    const values = { examples, different, heldOut: number(lesson.facts.heldOut) };
    const refused = lesson.refused ? say("drill.refused", { count: lesson.refused, lines: problems.join("; ") }) : "";
    this.#sayLooks(`${say(`drill.looks.${lesson.pattern}`, values)} ${refused}`.trim());
  }

  /** Once: it is read out. @param {string} sentence */
  #sayLooks(sentence) {
    const { looks } = this.#parts;
    if (looks.textContent !== sentence) looks.textContent = sentence;
  }

  #showCourse() {
    const { line, curve, progress, title } = this.#parts;
    const { say } = this.#desk.words;
    const last = this.#course.at(-1);
    const lesson = this.#lesson;
    progress.value = last ? last.done / last.updates : lesson ? lesson.done / lesson.updates : 0;
    line.textContent = this.#state === "reading" ? say("drill.reading") : this.#sentence();
    curve.hidden = this.#course.length < 2;
    if (!curve.hidden && curve.clientWidth) drawCurve(curve, this.#curveData());
    title.hidden = !last;
    const key = lesson?.facts.heldOut ? "drill.watched" : "drill.watched.learnt";
    title.textContent = say(key, { count: lesson?.watched.length ?? 0 });
    this.#showWatched(last?.answers ?? []);
  }

  /** How far it is. */
  #sentence() {
    const { words } = this.#desk;
    const { say, percent } = words;
    const last = this.#course.at(-1);
    const lesson = this.#lesson;
    if (!last || !lesson) return "";
    const values = {
      accuracy: percent(this.#state === "over" ? (this.#best ?? last.accuracy) : last.accuracy),
      of: say(lesson.facts.heldOut ? "drill.of.heldOut" : "drill.of.learnt", { asked: lesson.facts.asked }),
      done: last.done,
      updates: last.updates,
      time: duration(words, last.seconds),
      baseline: percent(lesson.baseline.accuracy),
      how: say(`drill.baseline.${lesson.baseline.kind}`),
    };
    return say(this.#state === "over" ? "drill.over" : "drill.line", values);
  }

  /** @returns {import("../../views/curve.js").CurveData} */
  #curveData() {
    const { words } = this.#desk;
    const { say, number, percent } = words;
    const lesson = /** @type {Lesson} */ (this.#lesson);
    const points = this.#course.map(({ done, accuracy }) => ({ x: done, y: accuracy }));
    return {
      curves: [{ key: "heldout", name: say("train.curve.heldout"), points }],
      references: [{ name: say("drill.without"), y: lesson.baseline.accuracy }],
      best: null,
      endX: this.#course[0].updates,
      nameOfX: x => number(x),
      nameOfY: y => percent(y),
      words: { x: say("train.steps"), y: say("drill.accuracy"), table: say("why.table"), description: this.#sentence() },
    };
  }

  /** @param {string[]} answers */
  #showWatched(answers) {
    const { say } = this.#desk.words;
    const { watched } = this.#parts;
    const examples = answers.length ? (this.#lesson?.watched ?? []) : [];
    const heads = ["input", "right", "now"].map(key => make("th", { scope: "col", textContent: say(`drill.${key}`) }));
    const rows = examples.map(([input, right], i) => {
      const isRight = answers[i] === right;
      const mark = make("span", {
        ariaLabel: say(isRight ? "drill.is.right" : "drill.is.wrong"),
        role: "img",
        textContent: isRight ? " ✓" : " ✗",
      });
      const cell = (/** @type {string} */ text) => make("td", { textContent: text.slice(0, MOST_SHOWN), dir: "auto" });
      const now = cell(answers[i]);
      now.append(mark);
      return make("tr", { className: isRight ? "is-right" : "is-wrong" }, this.#inputCell(input), cell(right), now);
    });
    watched.hidden = !rows.length;
    watched.replaceChildren(make("tr", {}, ...heads), ...rows);
  }

  /** @param {string} input */
  #inputCell(input) {
    const { settings } = /** @type {Lesson} */ (this.#lesson);
    if (!settings.side) return make("th", { scope: "row", textContent: input.slice(0, MOST_SHOWN), dir: "auto" });
    const picture = make("div", {});
    const bytes = Uint8Array.from(atob(input), byte => byte.charCodeAt(0));
    drawMaps(picture, [{ side: settings.side, maps: [bytes] }], [this.#desk.words.say("maps.picture")]);
    return make("th", { scope: "row" }, picture);
  }
}
