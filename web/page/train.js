// SPDX-License-Identifier: MIT
//
// train.js - the view "Train": a network for a text, and how it learns. The worker of trainer/ computes; here is what is asked of it,
// what it says, and what of that is shown. The parts: corpus.js the text, choices.js the settings, run.js begins and ends it,
// course.js shows how it goes, outcome.js uses the network.
import { RnnError } from "../core/errors.js";
import { isCheckpoint } from "../core/checkpoint.js";
import { Client } from "../trainer/client.js";
import { addPoint, addSample, cutHistory, emptyHistory, lastHeldOut } from "../trainer/history.js";
import { Choices } from "./choices.js";
import { Corpus, readyTexts } from "./corpus.js";
import { Course } from "./course.js";
import { elementsOf, make, save, style } from "./elements.js";
import { Outcome } from "./outcome.js";
import { Run, estimate } from "./run.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("./contract.js").View} View */
/** @typedef {import("../trainer/messages.js").Command} Command */
/** @typedef {import("../trainer/messages.js").Event} Event */
/** @template {Event["type"]} T @typedef {Extract<Event, { type: T }>} EventOf */

/**
 * none: there is no text; reading: the worker prepares a training; ready, running, paused, over: so is the training; reviving: the worker
 * had died, and another one takes the training up.
 * @typedef {"none" | "reading" | "ready" | "running" | "paused" | "over" | "reviving"} State
 */

/**
 * What is known of a training.
 * @typedef {object} Known
 * @property {EventOf<"prepared"> | null} prepared
 * @property {EventOf<"progress"> | null} progress
 * @property {import("../trainer/history.js").History} course
 * @property {{ order: number, bits: number }[]} markov what counting reaches
 * @property {number} keptAt the update that the browser keeps; -1: none
 * @property {boolean} isUnkept whether the browser could not keep it
 * @property {string} notice where it is kept
 */

const OPERATIONS = 6;
const SLOWEST = 1e9; // of an update: operations for each number to learn and token; a second, on a slow machine
const LIVES = 3; // deaths of the worker without an update in between: it would die again

/** @returns {Known} */
const nothingKnown = () => ({
  prepared: null,
  progress: null,
  course: emptyHistory(),
  markov: [],
  keptAt: -1,
  isUnkept: false,
  notice: "",
});

/** @type {import("./contract.js").Mount} */
export async function mount(root, desk) {
  const [ready] = await Promise.all([readyTexts(), style("./train.css")]);
  return new Train(root, desk, ready);
}

/** @implements {View} */
class Train {
  /** @type {State} */
  #state = "none";
  #known = nothingKnown();
  /** @type {EventOf<"found">["training"] | undefined} how far a training is that the browser keeps; undefined: not asked yet */
  #kept;
  /** @type {RnnError | null} why there is no worker */
  #unstarted = null;
  #goesOn = false; // begins as soon as it is ready
  #deaths = 0; // of the worker, since the last progress
  /** @type {Command | null} what gives the worker a text to read, as long as it was not answered */
  #reading = null;
  #isFreed = false;
  #root;
  #desk;
  #client;
  #alert = make("p", { className: "trouble", role: "alert", hidden: true });
  #offer;
  #corpus;
  #choices;
  #run;
  #course;
  #outcome;

  /** @param {HTMLElement} root @param {Desk} desk @param {import("./corpus.js").Ready[]} ready */
  constructor(root, desk, ready) {
    this.#root = root;
    this.#desk = desk;
    this.#client = new Client({ hear: event => this.#hear(event), failed: (error, hasStarted) => this.#heedDeath(error, hasStarted) });
    this.#offer = this.#buildOffer();
    this.#corpus = new Corpus(desk, ready, this.#offer.element, {
      read: (given, id) => this.#read(given, id),
      taken: () => this.#prepare(),
      opened: file => this.#open(file),
    });
    this.#choices = new Choices(desk, { changed: () => this.#prepare(), workersChanged: () => this.#showState() });
    this.#run = new Run(desk, {
      start: () => (this.#state === "over" ? this.#again() : this.#go()),
      pause: () => this.#client.post({ type: "pause" }),
      stop: () => this.#client.post({ type: "stop" }),
      slower: () => this.#setRate(0.5),
      faster: () => this.#setRate(2),
      checkpoint: () => this.#client.post({ type: "checkpoint" }),
    });
    this.#course = new Course(desk, { temperatureChanged: () => this.#setTemperature() });
    this.#outcome = new Outcome(desk, (use, quantized) => this.#client.post({ type: "weights", quantized, use }));
    const parts = [this.#corpus, this.#choices, this.#run, this.#course, this.#outcome];
    root.replaceChildren(this.#alert, ...parts.map(({ element }) => element));
  }

  show() {
    if (this.#kept === undefined) {
      this.#kept = null;
      this.#client.post({ type: "look" }); // whether a training is kept here
    }
    this.#showAlert();
    this.#showOffer();
    this.#corpus.show(this.#choices.settings.heldOut);
    this.#choices.show();
    this.#showState();
  }

  free() {
    this.#isFreed = true;
    this.#corpus.dismiss();
    this.#client.end();
    this.#root.replaceChildren();
  }

  /** Learns from texts that were dropped elsewhere. @param {File[]} files */
  async openFile(...files) {
    return this.#corpus.give(files);
  }

  // ---- what the reader asks for ----

  /** Hands the text to the worker, which measures the machine and knows how long it would take. */
  #prepare() {
    const { text } = this.#corpus;
    this.#beginOther();
    this.#known = nothingKnown();
    if (text) this.#client.post({ type: "read", text, settings: this.#choices.settings });
    else this.#state = "none";
    this.show();
  }

  /** Has the worker go on with a training that is kept, or in a file. @param {Command} command */
  #takeUp(command) {
    this.#reading = null;
    this.#beginOther();
    this.#client.post(command);
    this.#showState();
  }

  /** Another training is to come: what the worker is at is not wanted any more, and may take long. */
  #beginOther() {
    if (!["none", "ready", "over"].includes(this.#state)) {
      this.#client.end();
      if (this.#reading) this.#client.post(this.#reading);
    }
    this.#client.rest();
    this.#desk.noTrouble();
    this.#goesOn = false;
    this.#state = "reading";
  }

  /** @param {string | File[]} given @param {number} id */
  #read(given, id) {
    if (this.#state === "reading") this.#client.end(); // it would first measure what is not wanted any more
    this.#reading = { type: "text", given, id };
    this.#client.post(this.#reading);
  }

  /** @param {File} file */
  async #open(file) {
    const isTraining = await isCheckpoint(new Uint8Array(await file.arrayBuffer()));
    if (this.#isFreed) return;
    if (isTraining) this.#takeUp({ type: "open", file });
    else await this.#desk.openFile(file);
  }

  /** The same from the beginning. */
  #again() {
    this.#prepare();
    this.#goesOn = true;
  }

  #go() {
    const { settings, workers } = this.#choices;
    const { prepared } = this.#known;
    if (!prepared) return;
    this.#state = "running";
    this.#corpus.dismiss();
    this.#desk.noTrouble();
    this.#kept = null; // this one takes its place
    this.#showOffer();
    this.#client.watch((OPERATIONS * prepared.parameters * settings.batch * settings.window) / SLOWEST);
    this.#setTemperature();
    this.#client.post({ type: "start", workers, keep: true });
    this.#showState();
  }

  /** @param {number} times */
  #setRate(times) {
    const { prepared } = this.#known;
    if (!prepared) return;
    prepared.factor *= times;
    this.#client.post({ type: "rate", factor: prepared.factor });
  }

  #setTemperature() {
    this.#client.post({ type: "temperature", temperature: this.#course.temperature });
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
  }

  /** @type {Partial<import("../trainer/messages.js").Handlers<Event>>} */
  #heard = {
    text: event => {
      this.#reading = null;
      this.#corpus.take(event);
    },
    prepared: event => this.#heedPrepared(event),
    found: ({ training }) => {
      this.#kept = training;
      if (training) this.show();
      else this.#corpus.takeFirst();
    },
    markov: ({ order, bits }) => this.#known.markov.push({ order, bits }),
    progress: event => this.#heedProgress(event),
    sample: ({ done, temperature, text }) => {
      addSample(this.#known.course, { done, temperature, text });
      this.#course.showSamples();
    },
    kept: ({ done }) => {
      const { say, number } = this.#desk.words;
      Object.assign(this.#known, { keptAt: done, notice: say("train.saved", { done: number(done) }) });
    },
    unkept: ({ reason, message }) => {
      const notice = this.#desk.words.say(reason === "other tab" ? "train.unsaved.other" : "train.unsaved", { message });
      Object.assign(this.#known, { isUnkept: true, keptAt: -1, notice });
      this.#desk.speak(notice);
      this.#showState();
    },
    diverged: ({ done, back, factor }) => {
      const { say, number } = this.#desk.words;
      const { course, prepared } = this.#known;
      cutHistory(course, back);
      if (prepared) prepared.factor = factor;
      this.#course.showSamples();
      this.#desk.status(say("train.diverged", { done: number(done), back: number(back), factor: number(factor) }));
    },
    paused: () => this.#rest("paused"),
    end: ({ best }) => {
      const { course, prepared } = this.#known;
      course.best = best ?? course.best;
      this.#rest("over");
      if (prepared) this.#desk.speak(this.#run.sentence("over", this.#known, prepared));
    },
    weights: ({ bytes, use }) => {
      const { say } = this.#desk.words;
      if (use !== "write") save(bytes, use);
      else this.#desk.useNetwork(bytes, say("train.own"), firstWords(this.#corpus.text), this.#corpus.text);
    },
    checkpoint: ({ bytes }) => save(bytes, "checkpoint.safetensors"),
    trouble: ({ code, message, hint, command }) => {
      const { progress, prepared } = this.#known;
      if (command === "text") this.#reading = null;
      if (command === "start") this.#rest(progress?.done || prepared?.done ? "paused" : "ready");
      else if (command === "read") this.#rest("none");
      else if (["reading", "reviving"].includes(this.#state)) this.#prepare(); // what was asked for instead did not come
      this.#desk.trouble(new RnnError(code, message, hint));
    },
  };

  /** @param {EventOf<"prepared">} event */
  #heedPrepared(event) {
    const { say, number } = this.#desk.words;
    const { resumed, facts, done, updates, settings } = event;
    const isRevived = this.#state === "reviving";
    if (resumed) {
      if (!isRevived) {
        this.#corpus.takeAsItIs(resumed.text, facts.characters);
        this.#known = nothingKnown();
      }
      this.#kept = null;
      this.#known.course = resumed.history;
      this.#known.markov = []; // the worker counts again
      if (resumed.isKept) this.#known.keptAt = done;
    }
    this.#known.prepared = event;
    this.#choices.settings = { ...settings };
    this.#state = done >= updates ? "over" : done ? "paused" : "ready";
    if (resumed) this.show();
    else this.#showState();
    if (isRevived) this.#desk.status(say("train.revived", { done: number(done) }));
    else this.#desk.speak(estimate(this.#desk, event, this.#choices.workers));
    if (isRevived || this.#goesOn) this.#go();
    this.#goesOn = false;
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
    this.#alert.textContent = error && `${this.#desk.words.say("train.noworker")} (${error.message})`;
  }

  /** Offers to go on with what is kept, as long as nothing else is begun, which would take its place. */
  #buildOffer() {
    const { button } = elementsOf(this.#desk);
    const sentence = make("p");
    const resume = button("train.resume", () => this.#takeUp({ type: "resume" }));
    const forget = button("train.forget", () => this.#forget());
    const row = make("div", { className: "row wrap" }, resume, forget);
    return { sentence, element: make("div", { className: "notice", hidden: true }, sentence, row) };
  }

  #showOffer() {
    const { say, number } = this.#desk.words;
    const kept = this.#kept;
    this.#offer.element.hidden = !kept;
    if (kept) this.#offer.sentence.textContent = say("train.kept", { done: number(kept.done), updates: number(kept.updates) });
  }

  /** What can be pressed, and what there is to see. */
  #showState() {
    const { prepared, course } = this.#known;
    const isBegun = ["running", "paused", "reviving"].includes(this.#state);
    for (const { element } of [this.#corpus, this.#choices]) element.disabled = isBegun; // who changes them begins anew: not by mistake
    this.#run.show(this.#state, this.#known, this.#choices.workers);
    this.#course.show(this.#known);
    this.#outcome.show(course.points.length && this.#state !== "ready" ? prepared : null);
  }
}

/** What a text written by the network may begin with: a few words of its own text. @param {string} text */
function firstWords(text) {
  const beginning = text.trimStart().slice(0, 200);
  return /^.{0,12}\S*\s/u.exec(beginning)?.[0].trimEnd() ?? "";
}
