// SPDX-License-Identifier: MIT
//
// partner.js - a second worker at the same training: it runs the second slice of each window, the trainer runs the first, and each
// tells the other what its slice left behind. So both have the numbers of one worker that runs both slices. Both ends are here.
import { Training } from "../core/recipe.js";
import { decoder, encoder } from "../core/wasm.js";
import { now } from "./timing.js";

/** @typedef {import("./messages.js").Event} Event */
/** @typedef {import("./messages.js").ToPartner} ToPartner */
/** @typedef {import("./messages.js").FromPartner} FromPartner */

const PATIENCE = 5; // seconds without a word from the partner

/** The trainer's end. Until the partner is there, and wherever it cannot be, one worker does both slices. */
export class Partner {
  #post;
  #isInvited = false;
  #isHere = false;
  /** @type {Training | null} what it has joined */
  #training = null;
  #round = 0; // ever higher: what is said of an older one is not wanted any more
  /** @type {Extract<FromPartner, { type: "part" }>[]} */
  #parts = [];
  #wake = () => {}; // whoever waits for a part
  /** @type {Float32Array | undefined} memory for the next part */
  #spare;

  /** @param {(event: Event, transfer?: Transferable[]) => void} post to the page, which starts it and hands on what it is to hear */
  constructor(post) {
    this.#post = post;
  }

  invite() {
    this.#isInvited = true;
    this.#post({ type: "invite" });
  }

  dismiss() {
    this.#isInvited = this.#isHere = false;
    this.#post({ type: "dismiss" });
    this.#beginRound(null);
  }

  /** Whether it is at that training. @param {Training} training */
  isAt(training) {
    return this.#training === training;
  }

  /** @param {FromPartner} message */
  hear(message) {
    if (!this.#isInvited) return;
    this.#isHere = true;
    if (message.type === "here" || message.round !== this.#round) return;
    if (message.type === "failed") return this.dismiss();
    this.#parts.push(message);
    this.#wake();
  }

  /** One update, shared if the partner is there. @param {Training} training @param {string} text what it learns */
  async update(training, text) {
    if (!this.#isHere) return training.update();
    if (!this.isAt(training)) this.#join(training, text);
    const round = this.#round;
    const began = now();
    training.prepare();
    const first = training.slice(0);
    const theirs = await this.#nextPart(Math.max(PATIENCE, 5 * (now() - began)));
    if (!theirs) return training.finish([first, training.slice(1)]);
    training.takePart(1, theirs.part);
    const nats = [first, theirs.nats];
    const part = training.part(0, this.#spare);
    this.#spare = theirs.part;
    this.#tell({ type: "parts", round, nats, part, factor: training.rateFactor }, [part.buffer]);
    return training.finish(nats);
  }

  /** From now on the partner is at that training. @param {Training} training @param {string} text */
  #join(training, text) {
    this.#beginRound(training);
    const checkpoint = training.save();
    const utf8 = encoder.encode(text);
    this.#tell({ type: "join", round: this.#round, checkpoint, utf8 }, [checkpoint.buffer, utf8.buffer]);
  }

  /** @param {Training | null} training */
  #beginRound(training) {
    this.#training = training;
    this.#round++;
    this.#parts = [];
    this.#wake();
  }

  /** What its slice left behind; undefined if it is gone, at another training, or silent for so long. @param {number} seconds */
  async #nextPart(seconds) {
    const round = this.#round;
    const isSameRound = () => this.#round === round;
    const timer = setTimeout(() => isSameRound() && this.dismiss(), 1000 * seconds);
    while (isSameRound() && !this.#parts.length)
      await new Promise(resolve => {
        this.#wake = () => resolve(undefined);
      });
    clearTimeout(timer);
    return isSameRound() ? this.#parts.shift() : undefined;
  }

  /** @param {ToPartner} message @param {ArrayBufferLike[]} memory that moves with it */
  #tell(message, memory) {
    this.#post({ type: "relay", message }, /** @type {ArrayBuffer[]} */ (memory));
  }
}

/** The partner's own end: the whole work of the second worker, one message after the other. */
export class PartnerWork {
  #post;
  #before = Promise.resolve();
  /** @type {Training | null} */
  #training = null;
  #round = 0;
  /** @type {Float32Array | undefined} */
  #spare;

  /** @param {(message: FromPartner, transfer?: Transferable[]) => void} post */
  constructor(post) {
    this.#post = post;
  }

  /** @param {ToPartner} message */
  hear(message) {
    this.#before = this.#before
      .then(() => (message.type === "join" ? this.#join(message) : this.#update(message)))
      .catch(() => this.#post({ type: "failed", round: message.round }));
  }

  /** @param {Extract<ToPartner, { type: "join" }>} message */
  async #join({ round, checkpoint, utf8 }) {
    this.#training = await Training.resume(checkpoint, decoder.decode(utf8));
    this.#round = round;
    this.#runSlice(this.#training);
  }

  /** @param {Extract<ToPartner, { type: "parts" }>} message */
  #update({ round, nats, part, factor }) {
    const training = this.#training;
    if (!training || round !== this.#round) return;
    training.takePart(0, part);
    training.rateFactor = factor;
    training.finish(nats);
    this.#spare = part;
    this.#runSlice(training); // at once: it is wanted soon
  }

  /** @param {Training} training */
  #runSlice(training) {
    if (training.done >= training.updates) return;
    training.prepare();
    const nats = training.slice(1);
    const part = training.part(1, this.#spare);
    this.#spare = undefined;
    this.#post({ type: "part", round: this.#round, nats, part }, [/** @type {ArrayBuffer} */ (part.buffer)]);
  }
}
