// SPDX-License-Identifier: MIT
//
// sketch.js - the control on which a digit is drawn, with mouse, finger or pen, and beside it the picture that a network gets of it.
// Who cannot draw takes a ready digit by its button.
import { digitStrokes } from "../../core/digits.js";
import { MOST_POINTS, pictureOf } from "../../core/picture.js";
import { elementsOf, make } from "../elements.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../core/picture.js").Point} Point */
/** @typedef {import("../../core/picture.js").Stroke} Stroke */

const FIELD = 280; // units of a side, however large the canvas is shown
const PEN = 16; // units
const NEAREST = 2; // units: a point that is nearer to the last one is none, so that a press that trembles is a dot
const SIDE = 28; // pixels of the picture
/** A ready digit in the middle of the field. @param {Point} point @returns {Point} */
const placed = ([x, y]) => [Math.round(40 + 2 * x), Math.round(40 + 2 * y)];

/**
 * @param {Desk} desk
 * @param {{ drawn: (strokes: Stroke[]) => void }} heed what is done with a drawing: drawn() is called when it has changed, once a frame
 */
export const sketch = (desk, heed) => new Sketch(desk, heed);

class Sketch {
  element;
  /** @type {Stroke[]} */
  #strokes = [];
  /** What is being drawn, and by which pointer. @type {{ pointer: number, stroke: Stroke } | null} */
  #pen = null;
  #frame = 0; // in which a change is shown; 0: there is none
  #desk;
  #drawn;
  #canvas = make("canvas", { className: "sheet", role: "img" });
  #preview = make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  #observer = new ResizeObserver(() => this.#paint());
  #life = new AbortController(); // of what listens outside the element

  /** @param {Desk} desk @param {{ drawn: (strokes: Stroke[]) => void }} heed */
  constructor(desk, { drawn }) {
    this.#desk = desk;
    this.#drawn = drawn;
    this.element = this.#frameOf();
    this.#listen();
    this.show();
    this.#dress();
  }

  /** The drawing, on a field of 280 x 280, for the caller. @returns {Stroke[]} */
  get strokes() {
    return this.#strokes.map(stroke => [...stroke]);
  }

  /** Another drawing in place of this one. @param {Stroke[]} strokes @throws {import("../../core/errors.js").RnnError} they are none */
  set(strokes) {
    pictureOf(strokes);
    this.#change(strokes.filter(stroke => stroke.length).map(stroke => [...stroke]));
  }

  show() {
    const { say } = this.#desk.words;
    this.#canvas.ariaLabel = say("sketch.label", { count: this.#strokes.length });
    this.#paint();
  }

  free() {
    this.#life.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    this.element.remove();
  }

  // ---- what it is made of ----

  #frameOf() {
    const { worded, button } = elementsOf(this.#desk);
    const picture = make("figure", {}, this.#preview, worded("figcaption", "sketch.preview", { className: "note" }));
    const undo = button("sketch.undo", () => this.#change(this.#strokes.slice(0, -1)));
    const clear = button("sketch.clear", () => this.#change([]));
    const label = worded("span", "sketch.ready", { id: this.#desk.id("sketch-ready"), className: "note" });
    const digits = make("div", { className: "digits" }, ...digitStrokes.map((ways, digit) => this.#ready(ways, digit)));
    const ready = make("div", { role: "group", "aria-labelledby": label.id }, label, digits);
    const beside = make("div", { className: "beside" }, picture, make("div", { className: "row wrap" }, undo, clear), ready);
    return make("div", { className: "sketch", hidden: true }, this.#canvas, beside);
  }

  /** It is not seen before it has its styles: its canvas would have any size. */
  #dress() {
    this.#desk.style("./patterns/sketch.css").then(
      () => (this.element.hidden = false),
      error => this.#desk.trouble(error, () => this.#dress()),
    );
  }

  /** A button that draws a digit; pressed once more, in another way. @param {ReadonlyArray<Stroke[]>} ways @param {number} digit */
  #ready(ways, digit) {
    let presses = 0;
    return make("button", {
      id: this.#desk.id(`sketch-${digit}`),
      type: "button",
      textContent: String(digit),
      onclick: () => this.#change(ways[presses++ % ways.length].map(stroke => stroke.map(placed))),
    });
  }

  #listen() {
    const canvas = this.#canvas;
    const { signal } = this.#life;
    canvas.onpointerdown = event => this.#begin(event);
    canvas.onpointermove = event => this.#go(event);
    canvas.onlostpointercapture = event => this.#end(event);
    this.#observer.observe(canvas);
    addEventListener("resize", () => this.#paint(), { signal }); // of a zoomed page the pixels are others
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint(), { signal }); // a canvas keeps its colours
  }

  // ---- the pen ----

  /** @param {PointerEvent} event */
  #begin(event) {
    if (this.#pen || event.button !== 0 || this.#left < 1) return;
    this.#canvas.setPointerCapture(event.pointerId);
    const stroke = [this.#pointOf(event)];
    this.#change([...this.#strokes, stroke]);
    this.#pen = { pointer: event.pointerId, stroke };
  }

  /** @param {PointerEvent} event */
  #go(event) {
    if (this.#pen?.pointer !== event.pointerId) return;
    const { stroke } = this.#pen;
    const known = stroke.length;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const [x, y] = this.#pointOf(each);
      const [lastX, lastY] = stroke[stroke.length - 1];
      if (Math.hypot(x - lastX, y - lastY) >= NEAREST && this.#left > 0) stroke.push([x, y]);
    }
    if (stroke.length > known) this.#later();
  }

  /** @param {PointerEvent} event */
  #end({ pointerId }) {
    if (this.#pen?.pointer === pointerId) this.#pen = null;
  }

  /** How many points more may be drawn. */
  get #left() {
    return MOST_POINTS - this.#strokes.reduce((points, stroke) => points + stroke.length, 0);
  }

  /** @param {PointerEvent} event @returns {Point} */
  #pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const within = (/** @type {number} */ share) => Math.round(FIELD * Math.min(1, Math.max(0, share)));
    return [within((clientX - left) / width), within((clientY - top) / height)];
  }

  // ---- what is shown ----

  /** @param {Stroke[]} strokes */
  #change(strokes) {
    this.#strokes = strokes;
    this.#pen = null; // what was being drawn may be gone
    this.#later();
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.show();
      this.#drawn(this.strokes);
    });
  }

  #paint() {
    this.#paintStrokes();
    this.#paintPicture();
  }

  #paintStrokes() {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    const context = this.#canvas.getContext("2d");
    if (!context || !size) return; // it is not seen
    this.#canvas.width = this.#canvas.height = size; // this clears it, too
    context.scale(size / FIELD, size / FIELD);
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: inkOf(this.#canvas) });
    for (const [[x, y], ...others] of this.#strokes) {
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 0.01, y); // so that one point alone is a dot: a line of no length is not drawn
      for (const [x, y] of others) context.lineTo(x, y);
      context.stroke();
    }
  }

  #paintPicture() {
    const context = this.#preview.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillStyle = inkOf(this.#preview);
    pictureOf(this.#strokes, SIDE).forEach((dark, at) => {
      context.globalAlpha = dark / 255;
      context.fillRect(at % SIDE, Math.floor(at / SIDE), 1, 1);
    });
  }
}

/** @param {Element} element */
const inkOf = element => getComputedStyle(element).color;
