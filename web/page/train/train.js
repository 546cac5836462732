// SPDX-License-Identifier: MIT
//
// train.js - the view "Train": a network for a text, and how it learns. The worker of trainer/ computes; here is what is asked of it,
// what it says, and what of that is shown. The parts: corpus.js the text, choices.js the settings, run.js begins and ends it,
// replay.js shows what it writes, course.js the curves, reading.js how it reads; outcome.js uses the network.
import { RnnError } from "../../core/errors.js";
import { isCheckpoint } from "../../core/checkpoint.js";
import { SAVED } from "../catalog.js";
import { Client } from "../../trainer/client.js";
import { addPoint, addSample, cutHistory, lastHeldOut } from "../../trainer/history.js";
import { Choices } from "./choices.js";
import { Corpus, readyTexts } from "./corpus.js";
import { Course } from "./course.js";
import { explain } from "../describe.js";
import { elementsOf, focusBeside, make, save } from "../elements.js";
import { fileName } from "../filename.js";
import { doneOf, firstWords, networkOf, nothingKnown, titleOf } from "./known.js";
import { Outcome } from "./outcome.js";
import { Reading } from "./reading.js";
import { Replay } from "./replay.js";
import { Run, estimate } from "./run.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../trainer/messages.js").Command} Command */
/** @typedef {import("../../trainer/messages.js").Event} Event */
/** @template {Event["type"]} T @typedef {Extract<Event, { type: T }>} EventOf */

/**
 * none: there is no text; reading: the worker prepares a training; ready, running, paused, over: so is the training; reviving: the worker
 * had died, and another one takes the training up.
 * @typedef {"none" | "reading" | "ready" | "running" | "paused" | "over" | "reviving"} State
 */

/** @typedef {import("./known.js").Known} Known */

const OPERATIONS = 6;
const SLOWEST = 1e9; // of an update: operations for each number to learn and token; a second, on a slow machine
const LIVES = 3; // deaths of the worker without an update in between: it would die again

const LEARNING = ["running", "paused", "over", "reviving"]; // states in which there is something to watch
const MOST_RUNS = 6; // that stay, each with a line of its own kind
const WRITTEN = 20; // items anew

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  const [ready] = await Promise.all([readyTexts(), desk.words.more("train"), desk.style("./train/train.css")]);
  return new Train(root, desk, ready);
}

/** @implements {View} */
class Train {
  /** @type {State} */
  #state = "none";
  #known = nothingKnown("", "");
  /** @type {Known[]} that began in this visit, the one that learns among them */
  #runs = [];
  /** @type {EventOf<"found">["training"] | undefined} how far a training is that the browser keeps; undefined: not asked yet */
  #kept;
  /** @type {RnnError | null} why there is no worker */
  #unstarted = null;
  #preparing = 0; // counts what was asked to be prepared
  #goesOn = false; // begins as soon as it is ready
  #deaths = 0; // of the worker, since the last progress
  /** @type {Command | null} what gives the worker a text to read, as long as it was not answered */
  #reading = null;
  #isFreed = false;
  #isNews = false; // it is over, and nobody was there to see it
  #written = 0; // times that items were written anew
  #life = new AbortController(); // of what listens outside the root
  #root;
  #desk;
  #client;
  #alert = make("p", { className: "trouble", role: "alert", hidden: true });
  #inPage;
  #offer;
  #corpus;
  #choices;
  #run;
  #replay;
  #course;
  #outcome;
  #windows;
  #frame;

  /** @param {HTMLElement} root @param {Desk} desk @param {import("./corpus.js").Ready[]} ready */
  constructor(root, desk, ready) {
    this.#root = root;
    this.#desk = desk;
    this.#client = new Client({ hear: event => this.#hear(event), failed: (error, hasStarted) => this.#heedDeath(error, hasStarted) });
    this.#inPage = elementsOf(desk).worded("p", "train.inpage", { className: "note", hidden: true });
    this.#offer = this.#buildOffer();
    this.#corpus = new Corpus(desk, ready, this.#offer.element, {
      read: (given, id, choice) => this.#read(given, id, choice),
      taken: () => this.#prepare(),
      opened: file => this.#open(file),
    });
    this.#choices = new Choices(desk, { changed: () => this.#prepare(), workersChanged: () => this.#showState() });
    this.#run = new Run(desk, {
      start: () => this.#start(),
      pause: () => this.#client.post({ type: "pause" }),
      stop: () => this.#client.post({ type: "stop" }),
      slower: () => this.#setRate(0.5),
      faster: () => this.#setRate(2),
      checkpoint: () => this.#client.post({ type: "checkpoint" }),
    });
    this.#replay = new Replay(desk, {
      temperatureChanged: () => this.#setTemperature(),
      moved: () => this.#course.showMark(this.#replay.sample),
    });
    this.#course = new Course(desk, { removed: run => this.#remove(run) });
    this.#outcome = new Outcome(desk, {
      write: () => this.#writeMore(),
      ask: (use, quantized) => this.#client.post({ type: "weights", quantized, use, which: this.#outcome.which }),
    });
    this.#windows = new Reading(desk);
    this.#frame = this.#lay();
    root.replaceChildren(this.#alert, this.#inPage, this.#frame.element);
    document.addEventListener("visibilitychange", () => this.#showMark(), { signal: this.#life.signal });
  }

  /** Text and settings are folded away while it learns. */
  #lay() {
    const title = make("span", { className: "note" });
    const summary = make("summary", {}, elementsOf(this.#desk).worded("span", "train.setup"), " ", title);
    const settings = make("div", { className: "form" }, this.#corpus.element, this.#choices.element);
    const setup = make("details", { className: "setup more", open: true }, summary, settings);
    const parts = [this.#run, this.#replay, this.#outcome, this.#course].map(({ element }) => element);
    const element = make("div", { className: "train" }, setup, ...parts, this.#run.details, this.#windows.element);
    return { title, setup, summary, element };
  }

  show() {
    if (this.#kept === undefined) {
      this.#kept = null;
      this.#client.post({ type: "look" }); // whether a training is kept here
    }
    this.#showAlert();
    this.#showOffer();
    this.#corpus.show();
    this.#choices.show();
    this.#showState();
  }

  /** Another network is in use: the one that a page was saved with learns on, unless the reader chooses otherwise. */
  clear() {
    const { learnsOn } = this.#choices;
    this.#choices.learnsOn = this.#desk.settings.now.network === SAVED;
    const isOther = learnsOn || this.#choices.learnsOn;
    if (isOther && ["none", "reading", "ready"].includes(this.#state)) this.#prepare();
    else this.#choices.show();
  }

  free() {
    this.#isFreed = true;
    this.#preparing++;
    this.#life.abort();
    this.#corpus.dismiss();
    this.#client.end();
    this.#desk.mark("train", "");
    this.#root.replaceChildren();
  }

  /** Learns from texts that were dropped elsewhere. @param {File[]} files */
  async openFile(...files) {
    return this.#corpus.give(files);
  }

  // ---- what the reader asks for ----

  /** Hands the text to the worker, which measures the machine and knows how long it would take. @param {boolean} [goesOn] at once */
  #prepare(goesOn = false) {
    const { text, source } = this.#corpus;
    this.#beginOther(goesOn);
    this.#known = nothingKnown(titleOf(source, text), text);
    if (text) this.#prepareText(text);
    else this.#state = "none";
    this.show();
  }

  /** @param {string} text */
  async #prepareText(text) {
    const { settings, learnsOn } = this.#choices;
    const mine = this.#preparing;
    if (learnsOn && !this.#desk.network.model) return; // clear() tells when it comes
    try {
      const from = learnsOn ? await this.#desk.file() : undefined;
      if (mine === this.#preparing) this.#client.post({ type: "read", text, settings, from });
    } catch (error) {
      if (mine !== this.#preparing) return;
      this.#rest("none");
      this.#desk.trouble(error);
    }
  }

  /** Has the worker take up a training that is kept, or in a file. @param {Command} command @param {boolean} goesOn at once */
  #takeUp(command, goesOn) {
    this.#reading = null;
    this.#beginOther(goesOn);
    this.#client.post(command);
    this.#showState();
  }

  /** Another training is to come: what the worker is at is not wanted any more, and may take long. @param {boolean} goesOn at once */
  #beginOther(goesOn) {
    this.#preparing++;
    if (!["none", "ready", "over"].includes(this.#state)) {
      this.#client.end();
      if (this.#reading) this.#client.post(this.#reading);
    }
    this.#client.rest();
    this.#desk.noTrouble();
    this.#goesOn = goesOn;
    this.#state = "reading";
  }

  /** @param {string | File[]} given @param {number} id @param {import("../../trainer/decoding.js").Choice} choice how it is to be read */
  #read(given, id, choice) {
    if (this.#state === "reading") this.#client.end(); // it would first measure what is not wanted any more
    this.#reading = { type: "text", given, id, ...choice };
    this.#client.post(this.#reading);
  }

  /** @param {File} file */
  async #open(file) {
    const isTraining = await isCheckpoint(new Uint8Array(await file.arrayBuffer()));
    if (this.#isFreed) return;
    if (isTraining) this.#takeUp({ type: "open", file }, false);
    else await this.#desk.openFile(file);
  }

  /** What is over begins anew. */
  #start() {
    if (this.#state === "over") return this.#prepare(true);
    this.#go();
    this.#bringIntoSight();
  }

  #go() {
    const { workers } = this.#choices;
    const { prepared } = this.#known;
    if (!prepared) return;
    const { batch, window } = prepared.settings;
    this.#state = "running";
    this.#shelve();
    this.#corpus.dismiss();
    this.#desk.noTrouble();
    this.#kept = null; // this one takes its place
    this.#showOffer();
    this.#client.watch((OPERATIONS * prepared.parameters * batch * window) / SLOWEST);
    this.#setTemperature();
    this.#client.post({ type: "start", workers, keep: true });
    this.#showState();
  }

  /** Puts the run that begins on the shelf; those of other texts, and those that are measured by other tokens, step back. */
  #shelve() {
    const known = this.#known;
    if (this.#runs.includes(known)) return;
    this.#runs = this.#runs.filter(run => run.course.points.length > 1).slice(1 - MOST_RUNS);
    const levelOf = (/** @type {Known} */ run) => run.prepared?.settings.level;
    for (const run of this.#runs) run.isHidden ||= run.text !== known.text || levelOf(run) !== levelOf(known);
    const taken = this.#runs.map(({ slot }) => slot);
    known.slot = [...Array(MOST_RUNS).keys()].find(slot => !taken.includes(slot)) ?? 0;
    this.#runs.push(known);
  }

  /** @param {Known} run */
  #remove(run) {
    this.#runs.splice(this.#runs.indexOf(run), 1);
    this.#showCourse();
  }

  #writeMore() {
    const { which } = this.#outcome;
    this.#client.post({ type: "items", which, count: WRITTEN, temperature: this.#replay.temperature, seed: ++this.#written });
  }

  /** @param {number} times */
  #setRate(times) {
    const { prepared } = this.#known;
    if (!prepared) return;
    prepared.factor *= times;
    this.#client.post({ type: "rate", factor: prepared.factor });
  }

  #setTemperature() {
    this.#client.post({ type: "temperature", temperature: this.#replay.temperature });
  }

  #forget() {
    this.#kept = null;
    this.#client.post({ type: "forget" });
    this.show();
    this.#corpus.takeFirst();
  }

  // ---- what the worker says ----

  /** @param {Event} event */
  #hear(event) {
    this.#unstarted = null;
    this.#showAlert();
    /** @type {((event: Event) => void) | undefined} */ (this.#heard[event.type])?.(event);
    this.#run.showProgress(this.#state, this.#known);
    this.#showMark();
  }

  /** @type {Partial<import("../../trainer/messages.js").Handlers<Event>>} */
  #heard = {
    here: ({ isInPage }) => {
      this.#inPage.hidden = !isInPage;
    },
    text: event => {
      this.#reading = null;
      this.#corpus.take(event);
    },
    prepared: event => this.#heedPrepared(event),
    found: ({ training }) => {
      if (this.#isBegun) return;
      this.#kept = training;
      if (training) this.show();
      else this.#corpus.takeFirst();
    },
    markov: ({ order, bits }) => this.#known.markov.push({ order, bits }),
    progress: event => this.#heedProgress(event),
    sample: ({ done, temperature, text }) => {
      addSample(this.#known.course, { done, temperature, text });
      this.#replay.showSamples();
      this.#course.showMark(this.#replay.sample);
    },
    kept: ({ done }) => {
      const { say } = this.#desk.words;
      Object.assign(this.#known, { keptAt: done, notice: say("train.saved", { done }) });
    },
    unkept: event => this.#heedUnkept(event),
    diverged: ({ done, back, factor }) => {
      const { say, number } = this.#desk.words;
      const { course, prepared } = this.#known;
      cutHistory(course, back);
      if (prepared) prepared.factor = factor;
      this.#replay.showSamples();
      this.#course.showMark(this.#replay.sample);
      this.#desk.status(say("train.diverged", { done, back, factor: number(factor) }));
    },
    paused: () => this.#rest("paused"),
    end: ({ best }) => {
      const { course, prepared } = this.#known;
      course.best = best ?? course.best;
      this.#isNews = true;
      this.#rest("over");
      if (prepared) this.#desk.speak(this.#run.sentence("over", this.#known, prepared));
    },
    items: ({ which, items }) => {
      if (["paused", "over"].includes(this.#state)) this.#replay.showItems(items, this.#outcome.nameOf(this.#known, which));
    },
    weights: ({ bytes, use, quantized, which }) => {
      if (use === "write") this.#writeWith(bytes, which ?? "last");
      else if (use === "page") this.#savePage(bytes).catch(this.#desk.trouble);
      else save(bytes, fileName(this.#known.title, quantized ? "-int8.safetensors" : ".safetensors"));
    },
    checkpoint: ({ bytes }) => save(bytes, fileName(this.#known.title, ".checkpoint.safetensors")),
    trouble: ({ code, message, hint, command }) => {
      const { progress, prepared } = this.#known;
      if (command === "text") this.#reading = null;
      if (command === "start") this.#rest(progress?.done || prepared?.done ? "paused" : "ready");
      else if (command === "read") this.#rest("none");
      else if (["reading", "reviving"].includes(this.#state)) this.#prepare(); // what was asked for instead did not come
      this.#desk.trouble(new RnnError(code, message, hint));
    },
  };

  /** @param {Uint8Array} bytes of a network @param {"last" | "best"} which */
  #writeWith(bytes, which) {
    const { say } = this.#desk.words;
    const { title, text, course } = this.#known;
    const done = which === "best" && course.best ? course.best.done : doneOf(this.#known);
    this.#desk.useNetwork(bytes, say("train.own", { title, done }), this.#prompt, text);
  }

  /** @param {Uint8Array} bytes of a network */
  async #savePage(bytes) {
    const { savePage } = await import("../onepage.js");
    const { title, text, prepared } = this.#known;
    const characters = prepared?.facts.characters ?? 0;
    const about = this.#desk.words.say("train.page.about", { title, characters, beginning: firstWords(text) });
    const known = { title, prompt: this.#prompt, about };
    const said = await savePage(this.#desk, bytes, known, { view: "write", path: "", at: -1, guide: "" });
    this.#desk.status(said);
    this.#known.notice = said; // where a small screen has room for it
    this.#showState();
  }

  /** What a text by its network begins with. */
  get #prompt() {
    const { text, prepared } = this.#known;
    return prepared?.plan.kind === "list" ? "" : firstWords(text);
  }

  /** @param {EventOf<"prepared">} event */
  #heedPrepared(event) {
    const { say } = this.#desk.words;
    const { resumed, facts, done, updates, settings } = event;
    const isRevived = this.#state === "reviving";
    if (resumed) {
      if (!isRevived) {
        this.#corpus.takeAsItIs(resumed.text, facts.characters);
        this.#known = nothingKnown(titleOf("", resumed.text), resumed.text);
      }
      this.#kept = null;
      this.#known.course = resumed.history;
      this.#known.progress = null;
      this.#known.markov = []; // the worker counts again
      if (resumed.isKept) this.#known.keptAt = done;
    }
    this.#known.prepared = event;
    if (resumed) this.#choices.settings = { ...settings }; // who trains anew wants the same
    this.#choices.decide(settings);
    this.#state = done >= updates ? "over" : done ? "paused" : "ready";
    if (this.#state !== "ready") this.#shelve();
    if (resumed) this.show();
    else this.#showState();
    if (isRevived) this.#desk.status(say("train.revived", { done }));
    else this.#desk.speak(estimate(this.#desk, event, this.#choices.workers));
    const left = facts.characters - facts.tokens - facts.heldOut; // what a network that learns on does not know
    if (!resumed && this.#choices.learnsOn && settings.level === "characters" && left > 0)
      this.#desk.status(say("train.from.left", { left, characters: facts.characters }));
    const goesOn = this.#goesOn && this.#state !== "over";
    this.#goesOn = false;
    if (isRevived || goesOn) this.#go();
    if (goesOn) this.#bringIntoSight();
  }

  /** @param {EventOf<"progress">} event */
  #heedProgress(event) {
    const { course } = this.#known;
    const { done, seconds, bits, heldOut, best } = event;
    this.#deaths = 0;
    this.#known.progress = event;
    course.best = best;
    addPoint(course, { done, seconds, bits, heldOut: heldOut === lastHeldOut(course) ? null : heldOut });
    this.#course.showCurve();
  }

  /** The browser does not keep it: why, in the reader's language. @param {EventOf<"unkept">} event */
  async #heedUnkept({ reason, message }) {
    const { words, speak } = this.#desk;
    const known = Object.assign(this.#known, { isUnkept: true, keptAt: -1 });
    const why = await import("../reasons.js").then(({ translated }) => translated(words, new Error(message))).catch(() => message);
    known.notice = words.say(reason === "other tab" ? "train.unsaved.other" : "train.unsaved", { message: why });
    speak(known.notice);
    this.#showState();
  }

  /** The worker is gone: on from what is kept, or from the beginning. @param {RnnError} error @param {boolean} hasStarted */
  #heedDeath(error, hasStarted) {
    const { say } = this.#desk.words;
    const wasRunning = this.#state === "running";
    this.#state = "none"; // the worker has ended already
    this.#reading = null; // it may be what it died of
    if (this.#isFreed) return;
    if (!hasStarted) {
      this.#unstarted = error;
      return this.show();
    }
    if (wasRunning && this.#known.keptAt >= 0 && ++this.#deaths < LIVES) {
      this.#state = "reviving";
      return this.#client.post({ type: "resume" });
    }
    if (++this.#deaths < LIVES) this.#prepare();
    else this.show();
    this.#desk.trouble(new RnnError("E_WORKER", say("train.died", { why: error.message })));
  }

  /** The worker has nothing to do now. @param {State} state */
  #rest(state) {
    this.#client.rest();
    this.#state = state;
    this.#showState();
  }

  // ---- what is shown ----

  #showAlert() {
    const error = this.#unstarted;
    this.#alert.hidden = !error;
    if (error) explain(this.#desk.words, error, this.#alert, why => `${this.#desk.words.say("train.noworker")} ${why}`);
  }

  /** Offers to go on with what is kept, as long as nothing else is begun, which would take its place. */
  #buildOffer() {
    const { button } = elementsOf(this.#desk);
    const sentence = make("p");
    const resume = button("train.resume", () => this.#takeUp({ type: "resume" }, true));
    const forget = button("train.forget", () => this.#forget());
    const row = make("div", { className: "row wrap" }, resume, forget);
    return { sentence, element: make("div", { className: "notice", hidden: true }, sentence, row) };
  }

  #showOffer() {
    const { say } = this.#desk.words;
    const kept = this.#kept;
    this.#offer.element.hidden = !kept;
    if (kept) this.#offer.sentence.textContent = say("train.kept", { done: kept.done, updates: kept.updates });
  }

  get #isBegun() {
    return ["running", "paused", "reviving"].includes(this.#state);
  }

  /** What can be pressed, and what there is to see. */
  #showState() {
    const known = this.#known;
    const isBegun = this.#isBegun;
    for (const { element } of [this.#corpus, this.#choices]) element.disabled = isBegun; // who changes them begins anew: not by mistake
    this.#showFrame();
    this.#run.show(this.#state, known, this.#choices.workers);
    this.#replay.show(known, this.#state === "running");
    this.#showCourse();
    this.#outcome.show(known.course.points.length && ["paused", "over"].includes(this.#state) ? known : null);
    this.#windows.show(known.prepared);
    this.#showMark();
  }

  /** Before it learns the text and the big button, then what it writes. */
  #showFrame() {
    const { element, setup, summary, title } = this.#frame;
    const { prepared } = this.#known;
    const isLearning = LEARNING.includes(this.#state) || (this.#state === "reading" && this.#goesOn);
    if (element.classList.contains("learning") !== isLearning) {
      const hasFocus = setup.contains(focusBeside(setup));
      setup.open = !isLearning;
      element.classList.toggle("learning", isLearning);
      if (hasFocus && isLearning) summary.focus();
    }
    const network = prepared && networkOf(prepared.settings);
    title.textContent = network && this.#desk.words.say("train.run", { title: this.#known.title, network });
  }

  #showCourse() {
    this.#course.show(this.#known, this.#runs, LEARNING.includes(this.#state) ? this.#replay.sample : null);
  }

  /** Once, as it begins: the reader scrolls from then on. */
  #bringIntoSight() {
    const { top } = this.#frame.element.getBoundingClientRect();
    const { bottom } = this.#course.element.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.#frame.element.scrollIntoView({ block: "start", behavior: "instant" });
  }

  /** In the tab and in the title: how far it is, and that it is over until somebody looks. */
  #showMark() {
    const { prepared } = this.#known;
    if (document.visibilityState === "visible" && this.#root.checkVisibility()) this.#isNews = false;
    const isAtWork = prepared && ["running", "reviving"].includes(this.#state);
    const share = prepared ? Math.floor((100 * doneOf(this.#known)) / prepared.updates) / 100 : 0;
    this.#desk.mark("train", isAtWork ? this.#desk.words.percent(share) : this.#isNews ? "✓" : "");
  }
}
