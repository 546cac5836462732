// SPDX-License-Identifier: MIT
//
// run.js - a training that runs: how long it would take, what begins, pauses and ends it, and how far it is.
import { elementsOf, make } from "./elements.js";
import { bits, duration, speed } from "./measures.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("./train.js").Known} Known */
/** @typedef {import("./train.js").State} State */

/** @typedef {Record<"start" | "pause" | "stop" | "slower" | "faster" | "checkpoint", () => void>} Heed what the reader presses */

const SPEEDUP = 1.6; // of a second worker

/**
 * How long it would take; "" where that was not measured: what goes on says it itself.
 * @param {Desk} desk @param {Prepared} prepared @param {number} workers
 */
export function estimate({ words }, { settings, updates, parameters, facts, tokensPerSecond }, workers) {
  const { say } = words;
  const { batch, window } = settings;
  if (!tokensPerSecond) return "";
  const rate = tokensPerSecond * (workers > 1 ? SPEEDUP : 1);
  return say("train.estimate", {
    parameters,
    vocabulary: facts.vocabulary,
    updates,
    time: duration(words, (updates * batch * window) / rate),
    rate: speed(words, rate),
  });
}

export class Run {
  element;
  #desk;
  #parts;

  /** @param {Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    const { button } = elementsOf(desk);
    this.#desk = desk;
    const parts = (this.#parts = {
      estimate: make("p", { className: "note" }),
      start: button("train.start", heed.start, "main"),
      pause: button("train.pause", heed.pause, "main"),
      stop: button("train.stop", heed.stop),
      slower: button("train.slower", heed.slower),
      faster: button("train.faster", heed.faster),
      progress: make("progress", { max: 1, value: 0, hidden: true, "data-label": "train.progress" }),
      line: make("p", {}),
      notice: make("p", { className: "note" }),
      checkpoint: button("train.checkpoint", heed.checkpoint, "plain"),
    });
    this.element = make(
      "div",
      { className: "desk" },
      parts.estimate,
      make("div", { className: "row wrap actions" }, parts.start, parts.pause, parts.stop, parts.slower, parts.faster),
      parts.progress,
      parts.line,
      parts.notice,
      make("div", {}, parts.checkpoint),
    );
  }

  /** What can be pressed now. @param {State} state @param {Known} known @param {number} workers */
  show(state, known, workers) {
    const { say } = this.#desk.words;
    const { start, pause, stop, slower, faster, checkpoint } = this.#parts;
    const focused = document.activeElement;
    const isRunning = state === "running";
    start.textContent = say(state === "paused" ? "train.goon" : state === "over" ? "train.again" : "train.start");
    start.hidden = isRunning;
    start.disabled = !["ready", "paused", "over"].includes(state);
    pause.hidden = slower.hidden = faster.hidden = !isRunning;
    stop.hidden = !["running", "paused"].includes(state);
    if (focused === start && start.hidden) pause.focus();
    if (focused === pause && pause.hidden) start.focus();
    checkpoint.hidden = !known.isUnkept && state !== "paused";
    this.element.ariaBusy = String(["reading", "running", "reviving"].includes(state));
    this.#parts.estimate.textContent =
      state === "reading" ? say("train.measuring") : known.prepared ? estimate(this.#desk, known.prepared, workers) : "";
    this.showProgress(state, known);
  }

  /** How far it is. @param {State} state @param {Known} known */
  showProgress(state, known) {
    const { progress, line, notice } = this.#parts;
    const { prepared } = known;
    const done = known.progress?.done ?? prepared?.done ?? 0;
    progress.hidden = !done;
    progress.value = prepared ? done / prepared.updates : 0;
    notice.textContent = known.notice;
    line.textContent = prepared ? this.sentence(state, known, prepared) : "";
  }

  /** @param {State} state @param {Known} known @param {Prepared} prepared */
  sentence(state, { progress, course }, { settings, windows }) {
    const { words } = this.#desk;
    const { say, number } = words;
    const bitsOf = (/** @type {number | null} */ value) => bits(words, settings.level, value);
    if (state === "over" && course.best)
      return say("train.over.best", { done: number(course.best.done), bits: bitsOf(course.best.heldOut) });
    if (!progress) return "";
    return say("train.status", {
      pass: number(progress.done / windows, { maximumFractionDigits: 1 }),
      passes: number(settings.passes),
      bits: bitsOf(progress.bits),
      heldOut: bitsOf(progress.heldOut),
      rate: speed(words, progress.tokensPerSecond),
      left: duration(words, progress.left),
      workers: progress.workers,
      learning: number(progress.rate, { maximumSignificantDigits: 2 }),
    });
  }
}
