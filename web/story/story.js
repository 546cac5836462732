// SPDX-License-Identifier: MIT
//
// story.js - the texts of one sitting: a tree of branches, each with the step behind every character and with what
// makes the same text again.
import { RnnError } from "../core/errors.js";

/** @import { Model, State, Step } from "../core/model.js" */
/** @typedef {{ temperature: number, topK: number, topP: number }} Sampling */

/** What a text begins with, as Model.encode() gives it. @typedef {Pick<import("../core/types.js").Encoded, "ids" | "own">} Prompt */

/**
 * What the reader did at a place of the written text: from there on another temperature or cut; or this token
 * instead of the dice; or, at place 0, had the network learn the prompt as it read it, at this rate. Prompt, seed and events together
 * make the text.
 * @typedef {{ place: number, id?: number, learn?: number } & Partial<Sampling>} Event
 */

/** What the branches of a prompt stand on that the network learns: see adapted.js. @typedef {import("./adapted.js").Readers} Readers */

const SNAPSHOT_EVERY = 256; // steps: whoever goes on from a place reads at most so many again
const MOST_COMPARED = 5000; // steps: they take some milliseconds; what follows is written anew, to the same if it is the same
const MOST_LOGITS = 2 ** 27; // floats kept of a text at most: each step keeps V

/** Whether two texts begin alike. @param {Prompt} a @param {Prompt} b */
export const beginAlike = (a, b) => String(a.ids) === String(b.ids) && String([...a.own]) === String([...b.own]);

/** How many steps a text may have. @param {Model} model */
export const mostSteps = model => Math.floor(MOST_LOGITS / model.outputs);

export class Branch {
  /** @type {Step[]} of the prompt, then of what was written */
  steps = [];
  /** @type {{ place: number, bytes: Uint8Array }[]} states before the step at `place` */
  #snapshots = [];
  #sum = { from: 0, next: 0, bits: 0, count: 0 }; // of the steps from one place as far as the next one that score() is to look at

  /**
   * @param {Model} model
   * @param {Prompt} prompt
   * @param {number} seed
   * @param {Event[]} events in the order of their places
   * @param {Branch | null} [parent] from which it parted at `from`, a place of the written text
   * @param {number} [from]
   * @param {Readers | null} [readers] where an event says that the prompt is learnt
   */
  constructor(model, prompt, seed, events, parent = null, from = 0, readers = parent?.readers ?? null) {
    if (prompt.ids.length > mostSteps(model))
      throw new RnnError(
        "E_RANGE",
        `the text has ${prompt.ids.length} tokens; of this network at most ${mostSteps(model)} are kept`,
        "Take less.",
      );
    this.model = model;
    this.prompt = prompt;
    this.seed = seed;
    this.events = events;
    this.parent = parent;
    this.from = from;
    this.readers = readers;
    /** the rate at which the network learns the prompt as it reads it; 0: it does not */
    this.learn = events.find(({ learn }) => learn)?.learn ?? 0;
  }

  /** Characters of the prompt. */
  get given() {
    return this.prompt.ids.length;
  }

  /** The first place whose state can be computed again at once: while a prompt is learnt each place has weights of its own. */
  get openFrom() {
    return this.learn ? this.given : 0;
  }

  /** Characters written so far. */
  get written() {
    return Math.max(0, this.steps.length - this.given);
  }

  /**
   * Mean surprisal from a place of the whole text on, in bits a token, and of how many: the unknown word, which nothing draws, is not
   *   counted.
   * @param {number} [from]
   */
  score(from = 0) {
    if (this.#sum.from !== from) this.#sum = { from, next: from, bits: 0, count: 0 };
    const sum = this.#sum;
    for (; sum.next < this.steps.length; sum.next++) {
      const { surprisal } = this.steps[sum.next];
      if (surprisal === Infinity) continue;
      sum.bits += surprisal;
      sum.count++;
    }
    return { bits: sum.bits / Math.max(1, sum.count), count: sum.count };
  }

  /** What the reader has changed up to a place. @param {number} place of the written text @returns {Sampling} */
  samplingAt(place) {
    const { temperature = 1, topK = 0, topP = 1 } = Object.assign({}, ...this.events.filter(event => event.place <= place));
    return { temperature, topK, topP };
  }

  /**
   * A new branch: this one up to a place of the written text, where something else happens.
   * @param {number} place @param {Partial<Event>} event
   */
  fork(place, event) {
    const before = this.events.filter(each => each.place < place);
    const here = { ...this.samplingAt(place), ...(!place && this.#learnt), ...event, place };
    const branch = new Branch(this.model, this.prompt, this.seed, [...before, here], this, place);
    this.#share(branch, place);
    return branch;
  }

  /**
   * The same dice and the same choices at another temperature or cut: a new branch, which has already what stays the same. What was
   * chosen behind the place where it parts is forgotten: it was chosen in another text.
   * @param {Sampling} sampling
   */
  again(sampling) {
    const written = this.steps.slice(this.given, this.given + MOST_COMPARED);
    const parts = written.findIndex(step => step.u !== null && step.pick(sampling.temperature, sampling) !== step.id);
    const place = parts < 0 ? written.length : parts;
    const chosen = this.events.flatMap(event =>
      event.id !== undefined && event.place < place ? [{ place: event.place, id: event.id }] : [],
    );
    const [first] = chosen;
    const here = { place: 0, ...sampling, ...this.#learnt };
    const events = first?.place === 0 ? [{ ...first, ...here }, ...chosen.slice(1)] : [here, ...chosen];
    const branch = new Branch(this.model, this.prompt, this.seed, events, this, place);
    this.#share(branch, place);
    return branch;
  }

  get #learnt() {
    return this.learn && { learn: this.learn };
  }

  /** @param {Branch} branch a new one @param {number} place as far as which it has this text */
  #share(branch, place) {
    branch.steps = this.steps.slice(0, this.given + place);
    branch.#snapshots = this.#snapshots.filter(snapshot => snapshot.place <= branch.steps.length);
  }

  /** The state before the step at a place of the whole text; the caller frees it. @param {number} place */
  stateAt(place) {
    const snapshot = this.#snapshots.findLast(snapshot => snapshot.place <= place);
    const { state, from } = (this.learn && this.readers?.start(this, place)) || { state: this.model.start(), from: 0 };
    if (snapshot) state.load(snapshot.bytes);
    state.advance(Int32Array.from(this.steps.slice(snapshot?.place ?? from, place), step => step.id));
    return state;
  }

  /** Reads what of the prompt is not read yet. @returns {Generator<Step>} */
  *read() {
    const { ids, own } = this.prompt;
    const from = this.steps.length;
    const rest = new Map(Array.from(own, ([place, word]) => [place - from, word]));
    const state = this.stateAt(from);
    try {
      for (const step of state.steps(ids.subarray(from), rest)) yield this.#add(step, state);
    } finally {
      if (!this.readers?.keep(this, state)) state.free();
    }
  }

  /**
   * Writes until so many characters are written, or its end is drawn.
   * @param {() => number} length read anew at each step
   * @returns {Generator<Step>}
   */
  *write(length) {
    const state = this.stateAt(this.steps.length);
    let sampling = this.samplingAt(this.written);
    try {
      while (this.written < length()) {
        const place = this.written;
        const event = this.events.find(each => each.place === place);
        if (event) sampling = this.samplingAt(place);
        const step = event?.id === undefined ? this.#drawn(state, sampling, place) : state.steps(Int32Array.of(event.id)).next().value;
        if (!step) return;
        yield this.#add(step, state);
      }
    } finally {
      state.free();
    }
  }

  /**
   * The step that the dice choose, read by the state; undefined where they end the text.
   * @param {State} state @param {Sampling} sampling @param {number} place
   */
  #drawn(state, sampling, place) {
    const step = state.draw(sampling, this.seed, place);
    if (step.id === this.model.end) return undefined;
    state.take(step.id);
    return step;
  }

  /** @param {Step} step @param {State} state after it */
  #add(step, state) {
    this.steps.push(step);
    const isLearning = this.learn && this.steps.length < this.given; // then a state is nothing without the weights of that moment
    if (this.steps.length % SNAPSHOT_EVERY === 0 && !isLearning) this.#snapshots.push({ place: this.steps.length, bytes: state.save() });
    return step;
  }
}

/**
 * The first place of the whole text where two branches differ; -1: one goes on where the other ends, or they are equal.
 * @param {Branch} a @param {Branch} b
 */
export const firstDifference = (a, b) => new Parting(a, b).place;

/** Where two branches part, sought on as they grow: what is equal is compared once. */
export class Parting {
  #equal = 0; // steps

  /** @param {Branch} a @param {Branch} b */
  constructor(a, b) {
    this.a = a;
    this.b = b;
  }

  /** As firstDifference(). */
  get place() {
    const { a, b } = this;
    const both = Math.min(a.steps.length, b.steps.length);
    while (this.#equal < both && a.steps[this.#equal].id === b.steps[this.#equal].id) this.#equal++;
    return this.#equal < both ? this.#equal : -1;
  }
}

/** The branches of one prompt, and the way of the reader through them. */
export class Story {
  /** @type {Branch[]} */
  branches = [];
  /** @type {Branch[]} */
  #back = [];
  /** @type {Branch[]} */
  #forth = [];
  /** @type {Branch | null} */
  current = null;

  /** Has a branch in the tree. @param {Branch} branch */
  keep(branch) {
    if (!this.branches.includes(branch)) this.branches.push(branch);
  }

  /**
   * Takes a branch that nothing has parted from out of the tree.
   * @param {Branch} branch @param {Branch} [before] where one goes back to if one is there: as if one had never left
   */
  drop(branch, before) {
    if (this.branches.some(each => each.parent === branch)) return;
    this.branches = this.branches.filter(each => each !== branch);
    if (!before) return;
    this.#back.pop();
    this.current = before;
  }

  /** Goes to a branch, new or known. @param {Branch} branch */
  go(branch) {
    if (branch === this.current) return;
    this.keep(branch);
    if (this.current) this.#back.push(this.current);
    this.#forth = [];
    this.current = branch;
  }

  get canUndo() {
    return this.#back.length > 0;
  }

  get canRedo() {
    return this.#forth.length > 0;
  }

  undo() {
    this.#step(this.#back, this.#forth);
  }

  redo() {
    this.#step(this.#forth, this.#back);
  }

  /** @param {Branch[]} from @param {Branch[]} to */
  #step(from, to) {
    const next = from.pop();
    if (!next || !this.current) return;
    to.push(this.current);
    this.current = next;
  }
}

// ---- events as a word of the address: 0l0.0007 12i105 40t0.7 40k5 40p0.9 ----

/** @type {[string, keyof Event][]} */
const LETTERS = [
  ["i", "id"],
  ["t", "temperature"],
  ["k", "topK"],
  ["p", "topP"],
  ["l", "learn"],
];

/** @param {Event[]} events */
export function eventsToText(events) {
  return events
    .flatMap(event =>
      LETTERS.filter(([, name]) => event[name] !== undefined).map(([letter, name]) => `${event.place}${letter}${event[name]}`),
    )
    .join("_");
}

/**
 * The events that a text means; what is none is left out.
 * @param {string} text @param {number} tokens ids are below it
 * @returns {Event[]}
 */
export function eventsFromText(text, tokens) {
  /** @type {Map<number, any>} */
  const events = new Map();
  for (const word of text.split("_")) {
    const [, place, letter, value] = /^(\d{1,6})([itkpl])(\d{1,10}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?|Infinity)$/.exec(word) ?? [];
    const name = LETTERS.find(each => each[0] === letter)?.[1];
    const number = Number(value);
    if (
      !name ||
      (letter === "i" && !(Number.isInteger(number) && number < tokens)) ||
      (letter === "k" && !(Number.isInteger(number) && number < 2 ** 31)) ||
      (letter === "p" && !(number <= 1)) ||
      (letter === "l" && !(number <= 1 && Number(place) === 0))
    )
      continue;
    events.set(Number(place), { ...events.get(Number(place)), place: Number(place), [name]: number });
  }
  return [...events.values()].sort((a, b) => a.place - b.place);
}
