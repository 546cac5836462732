// SPDX-License-Identifier: MIT
//
// streams.js - B texts that one network reads side by side: an rnn_state, whose floats are, per layer, h (B, H), c (B, H) if LSTM
// and gates (B, cell*H), then the logits (B, V).
import { RnnError } from "./errors.js";
import { CELLS } from "./wasm.js";

/** @import { Network } from "./network.js" */
/** @import { Drawn, Layer, Sampling } from "./types.js" */

const MOST_ROWS = 64; // of a page
const PAGE_FLOATS = 2 ** 14; // of a page of more than one row, at most
const PARTS = /** @type {const} */ ({ h: 0, c: 1, gates: 2 });
/** @typedef {{ name: keyof typeof PARTS, width: number }} Part of a layer, and its floats of one stream */

/** @typedef {import("./wasm.js").Handle<"rnn_reader">} ReaderHandle */
/**
 * What streams hold: a state of their own, or a reader that has one; and room.
 * @typedef {object} Held
 * @property {WeakRef<import("./wasm.js").Core>} core
 * @property {import("./wasm.js").Handle<"rnn_state"> | null} state
 * @property {ReaderHandle | null} reader
 * @property {number} room
 */

/** Gives back what streams hold. @param {Held} held */
function giveBack({ core, state, reader, room }) {
  const wasm = core.deref()?.wasm;
  if (state) wasm?.rnn_state_free(state);
  if (reader) wasm?.rnn_reader_free(reader);
  wasm?.rnn_free(room);
}

/** Streams that were dropped without free() are freed when the collector finds them. */
const dropped = new FinalizationRegistry(giveBack);

export class Streams {
  #network;
  #parts;
  #state;
  #logits; // address of the logits (B, V)
  #layer; // address of the last layer
  #layerFloats;
  #held;
  #room; // address of room for a distribution (V), ids (B), and the last layer as it was
  /** how often tokens were read: what a step says of the layer it was drawn from */
  #tick = 0;
  #drawnAt = -1; // the tick of the last step
  /** @type {{ tick: number, layer: Float32Array } | null} what the last step was drawn from, once the memory is given back */
  #kept = null;
  /** where the logits of steps are put, row after row */
  #page = new Float32Array();
  #pageEnd = 0; // floats of it that are in use
  #pageRows = 1; // of the next one: who draws once needs no more
  isFreed = false;

  /** @param {Network} network @param {number} count B @param {ReaderHandle | null} [reader] that has the state of the one stream */
  constructor(network, count, reader = null) {
    const { core, model, outputs, layers } = network;
    const { wasm } = core;
    this.#network = network;
    this.#parts = partsOf(network);
    this.count = count;
    /** the token that each stream has read last; -1: none yet */
    this.last = new Int32Array(count).fill(-1);
    this.#state = core.made(reader ? wasm.rnn_reader_state(reader) : wasm.rnn_state_new(model, count));
    this.#logits = wasm.rnn_logits(this.#state) >>> 0;
    this.#layer = this.partAddress("h", layers - 1);
    this.#layerFloats = (this.#logits - this.#layer) / 4;
    const held = { core: new WeakRef(core), state: reader ? null : this.#state, reader, room: 0 };
    try {
      this.#room = held.room = core.alloc(4 * (outputs + count + this.#layerFloats));
    } catch (error) {
      giveBack(held);
      throw error;
    }
    this.#held = held;
    dropped.register(this, held, this);
  }

  get #core() {
    if (this.isFreed) throw new RnnError("E_FREED", "the state was freed", "Start a new one.");
    return this.#network.core;
  }

  // ---- drawing and reading ----

  /**
   * A token drawn for a stream; it is not read yet.
   * @param {number} b
   * @param {Sampling} sampling checked
   * @param {number} seed
   * @param {number} position
   */
  draw(b, { temperature, topK, topP }, seed, position) {
    const core = this.#core;
    const { wasm } = core;
    const V = this.#network.outputs;
    const logits = this.#logits + 4 * b * V;
    core.check(wasm.rnn_probs(logits, V, temperature, topK, topP, this.#room));
    const u = wasm.rnn_dice(seed, position);
    const id = wasm.rnn_pick(this.#room, V, u);
    return this.#drawn(b, id, core.allFloats[this.#room / 4 + id], u);
  }

  /**
   * A token that is given, as draw() would give it: its dice are null.
   * @param {number} b @param {number} id @param {string} [own] word @returns {Drawn}
   */
  given(b, id, own) {
    return this.#drawn(b, id, 2 ** -this.surprisal(b, id), null, own);
  }

  /** @param {number} b @param {number} id @param {number} p @param {number | null} u @param {string} [own] word @returns {Drawn} */
  #drawn(b, id, p, u, own) {
    const from = this.#putLogits(b);
    this.#drawnAt = this.#tick;
    return {
      id,
      text: own ?? this.#network.textBehind(this.last[b], id),
      p,
      u,
      page: this.#page,
      from,
      streams: this,
      stream: b,
      tick: this.#tick,
    };
  }

  /** Copies a stream's logits into the page; says where they begin. @param {number} b */
  #putLogits(b) {
    const V = this.#network.outputs;
    if (this.#pageEnd === this.#page.length) {
      this.#page = new Float32Array(this.#pageRows * V);
      this.#pageEnd = 0;
      this.#pageRows = Math.max(1, Math.min(2 * this.#pageRows, MOST_ROWS, Math.floor(PAGE_FLOATS / V)));
    }
    const all = this.#core.allFloats;
    const first = this.#logits / 4 + b * V;
    const from = this.#pageEnd;
    for (let i = 0; i < V; i++) this.#page[from + i] = all[first + i]; // for a short row quicker than set(), which wants a view
    this.#pageEnd += V;
    return from;
  }

  /** -log2 of the probability of a token (at temperature 1) in a stream. @param {number} b @param {number} id */
  surprisal(b, id) {
    const V = this.#network.outputs;
    return this.#core.wasm.rnn_surprisal(this.#logits + 4 * b * V, V, id);
  }

  /** Every stream reads a token. @param {ArrayLike<number>} ids (B), each below V */
  read(ids) {
    const core = this.#core;
    const room = this.#idsRoom;
    this.#keepLayer();
    for (let b = 0; b < this.count; b++) core.allIds[room / 4 + b] = this.last[b] = ids[b];
    core.check(core.wasm.rnn_step(this.#network.model, this.#state, room));
  }

  /** The one stream reads a token. @param {number} id below V */
  readOne(id) {
    const core = this.#core;
    this.#keepLayer();
    this.last[0] = id;
    core.check(this.step(id));
  }

  /** @internal @protected @param {number} id that the one stream reads @returns {number} an error's code, or 0 */
  step(id) {
    const core = this.#core;
    const room = this.#idsRoom;
    core.allIds[room / 4] = id;
    return core.wasm.rnn_step(this.#network.model, this.#state, room);
  }

  /** From now on nothing that is read teaches the network. */
  settle() {}

  /** Reads tokens (T, B); the sum of their surprisals, and of how many: not of the unknown word. @param {Int32Array} ids */
  score(ids) {
    const core = this.#core;
    this.#keepLayer();
    return core.lend(4 * ids.length + 4, address => {
      const counted = address + 4 * ids.length;
      core.allIds.set(ids, address / 4);
      const bits = core.wasm.rnn_score(this.#network.model, this.#state, address, ids.length / this.count, counted);
      if (Number.isNaN(bits)) throw core.error();
      return { bits, counted: core.count(counted) };
    });
  }

  // ---- the last layer, for the steps that were drawn from it ----

  get #idsRoom() {
    return this.#room + 4 * this.#network.outputs;
  }

  get #layerRoom() {
    return this.#room + 4 * (this.#network.outputs + this.count);
  }

  /** Before tokens are read: what the last steps were drawn from is put aside. */
  #keepLayer() {
    if (this.#drawnAt === this.#tick++)
      this.#core.allFloats.copyWithin(this.#layerRoom / 4, this.#layer / 4, this.#layer / 4 + this.#layerFloats);
  }

  /**
   * A stream's part of the last layer as a step saw it.
   * @param {number} stream
   * @param {number} tick of the step
   * @throws {RnnError} E_STATE
   */
  layerOf(stream, tick) {
    const layer = this.#kept?.tick === tick ? this.#kept.layer : this.#layerAt(tick);
    if (!layer) throw new RnnError("E_STATE", "the state has moved on", "Look at a step's h, c and gates before the next step is taken.");
    return layerOfStream(layer, stream, this.#parts);
  }

  /** A copy of the last layer as it was then; null if it is gone. @param {number} tick */
  #layerAt(tick) {
    if (this.isFreed || tick !== this.#drawnAt) return null;
    return this.#core.floats(tick === this.#tick ? this.#layer : this.#layerRoom, this.#layerFloats).slice();
  }

  // ---- what is in them ----

  /** A copy of a stream's logits (V). @param {number} b */
  logits(b) {
    const V = this.#network.outputs;
    const from = this.#logits / 4 + b * V;
    return this.#core.allFloats.slice(from, from + V);
  }

  /** Address of a layer's part. @param {keyof typeof PARTS} name @param {number} layer @returns {number} */
  partAddress(name, layer) {
    return this.#core.made(this.#core.wasm.rnn_state_part(this.#state, layer, PARTS[name]));
  }

  /** All floats of all streams: a view for use at once. */
  get floats() {
    const core = this.#core;
    return core.lend(4, out => {
      const address = core.wasm.rnn_state_data(this.#state, out) >>> 0;
      return core.floats(address, core.count(out));
    });
  }

  /**
   * Takes over floats and the last token of one stream; what was drawn before is gone.
   * @param {Float32Array} values
   * @param {number} last
   */
  restore(values, last) {
    this.#tick++; // no step was drawn from what is here now
    this.floats.set(values);
    this.last.fill(last);
  }

  /** Begins where one text stands: all streams get its state. @param {Streams} one of the same network, of one stream */
  spread(one) {
    const { layers, outputs } = this.#network;
    const core = this.#core;
    const copies = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ width) => {
      for (let b = 0; b < this.count; b++) core.allFloats.copyWithin(to / 4 + b * width, from / 4, from / 4 + width);
    };
    for (let layer = 0; layer < layers; layer++)
      for (const { name, width } of this.#parts) copies(one.partAddress(name, layer), this.partAddress(name, layer), width);
    copies(one.#logits, this.#logits, outputs);
    this.last.fill(one.last[0]);
  }

  /** Gives their memory back; a second time is fine. The last step still has its h, c and gates. */
  free() {
    if (this.isFreed) return;
    if (!this.#network.isFreed) {
      const layer = this.#layerAt(this.#drawnAt);
      this.#kept = layer && { tick: this.#drawnAt, layer };
    }
    giveBack(this.#held); // a reader's network may be freed while its instance goes on
    this.isFreed = true;
    dropped.unregister(this);
  }
}

/** A layer's parts in their order in memory. @param {Network} network @returns {Part[]} */
function partsOf({ cell, hidden }) {
  const h = /** @type {Part} */ ({ name: "h", width: hidden });
  const c = /** @type {Part} */ ({ name: "c", width: hidden });
  const gates = /** @type {Part} */ ({ name: "gates", width: CELLS[cell] * hidden });
  return cell === "lstm" ? [h, c, gates] : [h, gates];
}

/** @param {Float32Array} all a layer of all streams @param {number} b @param {Part[]} parts @returns {Layer} */
function layerOfStream(all, b, parts) {
  const layer = { h: new Float32Array(), c: new Float32Array(), gates: new Float32Array() };
  const count = all.length / parts.reduce((sum, { width }) => sum + width, 0);
  let from = 0;
  for (const { name, width } of parts) {
    layer[name] = all.slice(from + b * width, from + (b + 1) * width);
    from += count * width;
  }
  return layer;
}
