// SPDX-License-Identifier: MIT
//
// run.js - a training that runs: what would happen and how long it would take, what begins, pauses and ends it, and how far it is.
import { elementsOf, focusBeside, make } from "../elements.js";
import { doneOf } from "./known.js";
import { bits, duration, speed } from "../measures.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("./known.js").Known} Known */
/** @typedef {import("./train.js").State} State */

/** @typedef {Record<"start" | "pause" | "stop" | "slower" | "faster" | "checkpoint", () => void>} Heed what the reader presses */

const SPEEDUP = 1.6; // of a second worker

/** Tokens a second that so many workers are expected to reach. @param {Prepared} prepared @param {number} workers */
const rateOf = ({ tokensPerSecond = 0 }, workers) => tokensPerSecond * (workers > 1 ? SPEEDUP : 1);

/**
 * How long it would take; "" where that was not measured: what goes on says it itself.
 * @param {Desk} desk @param {Prepared} prepared @param {number} workers
 */
export function estimate({ words }, prepared, workers) {
  const { batch, window } = prepared.settings;
  const rate = rateOf(prepared, workers);
  if (!rate) return "";
  const time = duration(words, Math.max(1, (prepared.updates * batch * window) / rate));
  return words.say("train.estimate", { updates: prepared.updates, time });
}

export class Run {
  /** What begins, pauses and ends it, and how far it is. */
  element;
  /** What fewer want to know and to change meanwhile. */
  details;
  #desk;
  #parts;

  /** @param {Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    const { button, worded } = elementsOf(desk);
    this.#desk = desk;
    const parts = (this.#parts = {
      estimate: make("p", { className: "promise" }),
      plan: make("p", { className: "plan" }),
      see: worded("p", "train.promise"),
      size: make("p", { className: "note" }),
      start: button("train.start", heed.start, "main"),
      pause: button("train.pause", heed.pause, "main"),
      stop: button("train.stop", heed.stop),
      slower: button("train.slower", heed.slower, "plain"),
      faster: button("train.faster", heed.faster, "plain"),
      progress: make("progress", { max: 1, value: 0, "data-label": "train.progress" }),
      speed: make("p", { className: "speed" }),
      line: make("p", {}),
      rate: make("p", { className: "note" }),
      notice: make("p", { className: "note" }),
      checkpoint: button("train.checkpoint", heed.checkpoint, "plain"),
    });
    const { plan, see, size, start, pause, stop, progress, speed, line } = parts;
    const ahead = make("div", { className: "ahead" }, parts.estimate, see, plan, size);
    const state = make("div", { className: "state" }, speed, line, progress);
    this.element = make("div", { className: "run" }, ahead, make("div", { className: "row actions" }, start, pause, stop), state);
    this.details = make("div", { className: "row wrap details" }, parts.rate, parts.slower, parts.faster, parts.checkpoint, parts.notice);
  }

  /** What can be pressed now. @param {State} state @param {Known} known @param {number} workers */
  show(state, known, workers) {
    const { say } = this.#desk.words;
    const { start, pause, stop, slower, faster, checkpoint } = this.#parts;
    const focused = focusBeside(start);
    const isRunning = state === "running";
    start.textContent = say(state === "paused" ? "train.goon" : state === "over" ? "train.again" : "train.start");
    start.classList.toggle("main", state !== "over"); // then it is the network that one is there for
    start.hidden = isRunning;
    start.disabled = !["ready", "paused", "over"].includes(state);
    pause.hidden = slower.hidden = faster.hidden = !isRunning;
    stop.hidden = !["running", "paused"].includes(state);
    if (focused === start && start.hidden) pause.focus();
    if (focused === pause && pause.hidden) start.focus();
    checkpoint.hidden = !known.isUnkept && state !== "paused";
    this.element.ariaBusy = String(["reading", "running", "reviving"].includes(state));
    this.#showAhead(state, known, workers);
    this.showProgress(state, known);
  }

  /** What will happen. @param {State} state @param {Known} known @param {number} workers */
  #showAhead(state, { prepared, text }, workers) {
    const { words } = this.#desk;
    const { say } = words;
    const { plan, size, see } = this.#parts;
    this.#parts.estimate.textContent =
      state === "reading" ? say("train.measuring") : prepared ? estimate(this.#desk, prepared, workers) : "";
    see.hidden = plan.hidden = size.hidden = !prepared;
    if (!prepared) return;
    const { parameters, facts, settings } = prepared;
    const values = { parameters, vocabulary: facts.vocabulary, rate: speed(words, rateOf(prepared, workers)) };
    plan.textContent = this.#planOf(prepared, text);
    size.textContent = say("train.estimate.more", values, settings.level);
  }

  /** What is held out. @param {Prepared} prepared @param {string} text */
  #planOf({ plan, settings }, text) {
    const { say, percent } = this.#desk.words;
    if (plan.heldOut === "none") return say(settings.heldOut ? "train.plan.none" : "train.plan.all");
    if (plan.heldOut === "end") return say("train.plan.end", { share: percent(settings.heldOut) });
    const lines = text.split("\n").filter(line => line.trim()).length;
    return say("train.plan.lines", { lines, heldOut: Math.round(lines * settings.heldOut) });
  }

  /** How far it is. @param {State} state @param {Known} known */
  showProgress(state, known) {
    const { progress, speed, line, rate, notice } = this.#parts;
    const { prepared } = known;
    progress.value = prepared ? doneOf(known) / prepared.updates : 0;
    notice.textContent = known.notice;
    speed.textContent = prepared ? this.sentence(state, known, prepared) : this.#desk.words.say("train.measuring");
    line.textContent = prepared ? this.#bitsOf(known, prepared) : "";
    rate.textContent = state === "running" ? this.#rateOf(known) : "";
  }

  /** @param {State} state @param {Known} known @param {Prepared} prepared */
  sentence(state, known, { updates, settings }) {
    const { words } = this.#desk;
    const { say } = words;
    const { progress, course } = known;
    const values = { done: doneOf(known), updates };
    if (state === "over") return say("train.learnt", { ...values, time: duration(words, Math.max(1, course.points.at(-1)?.seconds ?? 0)) });
    if (state === "paused") return say("train.speed.paused", values);
    if (!progress) return "";
    const more = { rate: speed(words, progress.tokensPerSecond), left: duration(words, progress.left) };
    return say("train.speed", { ...values, ...more }, settings.level);
  }

  /** @param {Known} known @param {Prepared} prepared */
  #bitsOf({ progress }, { settings, windows }) {
    const { words } = this.#desk;
    const { say, number } = words;
    if (!progress) return "";
    return say("train.status", {
      pass: number(progress.done / windows, { maximumFractionDigits: 1 }),
      passes: number(settings.passes),
      bits: bits(words, settings.level, progress.bits),
      heldOut: bits(words, settings.level, progress.heldOut),
    });
  }

  /** @param {Known} known */
  #rateOf({ progress }) {
    const { say, number } = this.#desk.words;
    if (!progress) return "";
    return say("train.details", { learning: number(progress.rate, { maximumSignificantDigits: 2 }), workers: progress.workers });
  }
}
