// SPDX-License-Identifier: MIT
//
// course.js - how trainings went: the curves of the runs of this visit together, beside what counting reaches, and the shelf of those runs.
import { short } from "../describe.js";
import { elementsOf, fill, make } from "../elements.js";
import { networkOf } from "./known.js";
import { bits } from "../measures.js";
import { nearest } from "./replay.js";
import { draw as drawCurve, sample as drawSample } from "../../views/curve.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../trainer/history.js").Point} Point */
/** @typedef {import("../../trainer/history.js").Sample} Sample */
/** @typedef {import("../../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("./known.js").Known} Known */
/** @typedef {import("../../views/curve.js").CurveData} CurveData */

/** What the reader does. @typedef {{ removed: (run: Known) => void }} Heed */

const MOST_TITLE = 12; // characters of a text's title in a label
const NARROW = 420; // pixels of width: a lower picture
const HEIGHTS = { narrow: 148, wide: 260 };

export class Course {
  element;
  #isOverTime = false; // the curves: else over updates
  #desk;
  #heed;
  #parts;
  /** @type {Known | null} the run that is learning, or was prepared last */
  #known = null;
  /** @type {Known[]} */
  #runs = [];
  /** @type {Sample | null} that the reader looks at */
  #sample = null;
  /** What the shelf has of a run. @type {Map<Known, ReturnType<Course["buildRun"]>>} */
  #items = new Map();

  /** @param {Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    this.#desk = desk;
    this.#heed = heed;
    this.#parts = this.#build();
    const { head, curve, shelf } = this.#parts;
    this.element = make("section", { className: "course" }, head, curve, shelf);
  }

  #build() {
    const { worded, select } = elementsOf(this.#desk);
    const axis = select([], "", value => {
      this.#isOverTime = value === "time";
      this.showCurve();
    });
    axis.id = this.#desk.id("train-axis");
    const over = make("label", { className: "small" }, worded("span", "train.over"), " ", axis);
    const head = make("div", { className: "row wrap" }, worded("h2", "train.curve", { className: "grow" }), over);
    const shelf = make("ul", { className: "runs", "data-label": "train.runs" });
    return { axis, head, curve: make("div", { className: "curves" }), shelf };
  }

  /** @param {Known} known @param {Known[]} runs that have begun @param {Sample | null} sample that is looked at */
  show(known, runs, sample) {
    const { say } = this.#desk.words;
    this.#known = known;
    this.#runs = runs;
    this.#sample = sample;
    this.element.hidden = !runs.length;
    const axes = ["steps", "time"].map(value => /** @type {[string, string]} */ ([value, say(`train.${value}`)]));
    fill(this.#parts.axis, axes, this.#isOverTime ? "time" : "steps");
    this.showCurve();
  }

  /** The mark goes to where that sample was written. @param {Sample | null} sample */
  showMark(sample) {
    this.#sample = sample;
    this.showCurve();
  }

  // ---- the curves ----

  showCurve() {
    const { curve } = this.#parts;
    const drawn = this.#runs.filter(run => !run.isHidden && run.course.points.length > 1);
    this.#showShelf();
    const [first] = drawn;
    if (first && curve.clientWidth) drawCurve(curve, this.#curveData(drawn, drawn.find(run => run === this.#known) ?? first));
    else curve.replaceChildren();
  }

  /** @param {Known[]} drawn @param {Known} main its training is drawn too, and what counting reaches on its text @returns {CurveData} */
  #curveData(drawn, main) {
    const { words } = this.#desk;
    const { say, number } = words;
    const isOverTime = this.#isOverTime;
    const { settings, uniform } = /** @type {Prepared} */ (main.prepared);
    const { points, best } = main.course;
    const bitsOf = (/** @type {number} */ value) => bits(words, settings.level, value);
    const counted = main.markov.map(({ order, bits }) => ({ name: say("train.curve.markov", { order }), y: bits }));
    const bestPoint = best && points.find(point => point.done >= best.done);
    return {
      curves: drawn.flatMap(run => this.#curvesOf(run, run === main, drawn)),
      references: [{ name: say("train.curve.uniform"), y: uniform }, ...counted],
      best:
        best && bestPoint
          ? { x: this.#xOf(bestPoint), y: best.heldOut, name: say("train.curve.best"), key: `run-${main.slot}` }
          : null,
      mark: this.#markOf(main),
      endX: Math.max(...drawn.map(run => this.#endOf(run))),
      height: this.#parts.curve.clientWidth < NARROW ? HEIGHTS.narrow : HEIGHTS.wide,
      nameOfX: x => (isOverTime ? say("train.seconds", { count: Math.round(x) }) : number(x)),
      nameOfY: y => short(words, y, 2),
      words: {
        x: say(isOverTime ? "train.time" : "train.steps"),
        y: say("train.curve"),
        table: say("why.table"),
        description: say("train.curve.description", { bits: bitsOf(points[points.length - 1].bits), uniform: bitsOf(uniform) }),
      },
    };
  }

  /** @param {Point} point */
  #xOf = point => (this.#isOverTime ? point.seconds : point.done);

  /** Where the axis ends for a run. @param {Known} run */
  #endOf({ course, prepared }) {
    return (this.#isOverTime ? course.points.at(-1)?.seconds : prepared?.updates) ?? 0;
  }

  /**
   * A run's held-out curve, or where nothing is held out its training; of the main one both.
   * @param {Known} run @param {boolean} isMain @param {Known[]} drawn
   */
  #curvesOf(run, isMain, drawn) {
    const { say } = this.#desk.words;
    const { points } = run.course;
    const isAlone = drawn.length === 1;
    const name = this.#shortName(run, drawn);
    const curve = (/** @type {string} */ key, /** @type {string} */ name, /** @type {(point: Point) => number | null} */ yOf) => {
      const known = points.map(point => ({ x: this.#xOf(point), y: yOf(point) ?? NaN })).filter(({ y }) => !Number.isNaN(y));
      return { key, name, points: known };
    };
    const heldOut = curve(`heldout run-${run.slot}`, isAlone ? say("train.curve.heldout") : name, point => point.heldOut);
    const hasHeldOut = heldOut.points.length > 0;
    const training = isAlone ? say("train.curve.training") : hasHeldOut ? say("train.curve.training.of", { run: name }) : name;
    const learnt = curve(hasHeldOut || isAlone ? "training" : `training run-${run.slot}`, training, point => point.bits);
    return hasHeldOut ? (isMain ? [learnt, heldOut] : [heldOut]) : [learnt];
  }

  /** @param {Known} main */
  #markOf(main) {
    const sample = main === this.#known ? this.#sample : null;
    const point = sample && nearest(main.course.points, sample.done);
    if (!sample || !point) return null;
    return sample.done < point.done ? { x: 0, y: null } : { x: this.#xOf(point), y: point.bits };
  }

  // ---- the shelf ----

  /** The text is named where it is not the same for all. @param {Known} run @param {Known[]} others */
  #shortName(run, others) {
    const network = networkOf(/** @type {Prepared} */ (run.prepared).settings);
    if (others.every(({ title }) => title === run.title)) return network + this.#number(run);
    const title = run.title.length > MOST_TITLE ? `${run.title.slice(0, MOST_TITLE)}…` : run.title;
    return this.#desk.words.say("train.run", { title, network }) + this.#number(run);
  }

  /** names, LSTM 128 @param {Known} run */
  #nameOf(run) {
    const { settings } = /** @type {Prepared} */ (run.prepared);
    return this.#desk.words.say("train.run", { title: run.title, network: networkOf(settings) }) + this.#number(run);
  }

  /** Of runs with one name the second, third and so on say so. @param {Known} run */
  #number(run) {
    const key = (/** @type {Known} */ { title, prepared }) => title + networkOf(/** @type {Prepared} */ (prepared).settings);
    const alike = this.#runs.filter(each => key(each) === key(run)).indexOf(run);
    return alike > 0 ? ` (${alike + 1})` : "";
  }

  /** One run needs no shelf. */
  #showShelf() {
    const { shelf } = this.#parts;
    const runs = this.#runs;
    shelf.hidden = runs.length < 2;
    for (const run of this.#items.keys()) if (!runs.includes(run)) this.#items.delete(run);
    for (const run of runs) if (!this.#items.has(run)) this.#items.set(run, this.buildRun(run));
    const rows = runs.map(run => /** @type {ReturnType<Course["buildRun"]>} */ (this.#items.get(run)).row);
    if (rows.length !== shelf.children.length || rows.some((row, i) => row !== shelf.children[i])) shelf.replaceChildren(...rows);
    for (const run of runs) this.#showRun(run);
  }

  /** @param {Known} run */
  buildRun(run) {
    const box = make("input", { type: "checkbox" });
    const line = make("span", { className: "line" });
    const name = make("span", {});
    const figure = make("span", { className: "note" });
    const remove = make("button", { type: "button", className: "plain", textContent: "×", onclick: () => this.#remove(run) });
    box.onchange = () => {
      run.isHidden = !box.checked;
      this.showCurve();
    };
    drawSample(line, `heldout run-${run.slot}`);
    const label = make("label", { className: "small grow" }, box, line, name, " ", figure);
    return { row: make("li", { className: "row" }, label, remove), box, name, figure, remove };
  }

  /** @param {Known} run */
  #showRun(run) {
    const { words } = this.#desk;
    const { say } = words;
    const { settings } = /** @type {Prepared} */ (run.prepared);
    const { box, name, figure, remove } = /** @type {ReturnType<Course["buildRun"]>} */ (this.#items.get(run));
    const { best, points } = run.course;
    const least = best?.heldOut ?? points.reduce((least, { bits }) => Math.min(least, bits), Infinity);
    box.checked = !run.isHidden;
    name.textContent = this.#nameOf(run);
    figure.textContent = Number.isFinite(least) ? say("train.run.best", { bits: bits(words, settings.level, least) }) : "";
    remove.hidden = run === this.#known;
    remove.ariaLabel = remove.title = say("train.run.remove", { run: this.#nameOf(run) });
  }

  /** @param {Known} run */
  #remove(run) {
    const at = this.#runs.indexOf(run);
    this.#heed.removed(run);
    const next = this.#runs[Math.min(at, this.#runs.length - 1)];
    this.#items.get(next)?.box.focus();
  }
}
