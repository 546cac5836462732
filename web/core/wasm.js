// SPDX-License-Identifier: MIT
//
// wasm.js - one instance of rnn.wasm, whose functions src/rnn.h describes: its memory, its errors, its pure functions.
// A view of that memory is empty once the memory has grown: ask for it anew after every call that may allocate.
import { RnnError, checkNumber, checkOptions, checkWhole } from "./errors.js";

/** @import { Exports } from "./exports.js" */
/** @import { Module, Sampling } from "./types.js" */

const VERSION = 200; // the rnn_version() that this library is written for
export const CELLS = /** @type {const} */ ({ tanh: 1, gru: 3, lstm: 4 }); // = blocks of gates

/** @template {string} Name @typedef {import("./exports.js").Handle<Name>} Handle */

export const SAMPLING = ["temperature", "topK", "topP"];

/** @param {Sampling} sampling */
export function checkSampling(sampling) {
  checkOptions(sampling, null, "sampling");
  const { temperature, topK, topP } = sampling;
  checkNumber("temperature", temperature, 0, Infinity);
  checkWhole("topK", topK, 0, 2 ** 31 - 1);
  checkNumber("topP", topP, 0, 1);
}

/** Of rnn.h, from -1 down. */
const CORE_ERRORS = /** @type {const} */ ([
  ["E_MEMORY", "Free networks that are not in use, or take a smaller one."],
  ["E_TRUNCATED", "The file was cut short: get it again."],
  ["E_TRAILING", "The file was changed or joined with another: get it again."],
  ["E_HEADER", "Choose a .safetensors file; nextchar train makes one, and so does Python's safetensors library."],
  ["E_OFFSETS", "The file is damaged: get it again."],
  [
    "E_SHAPE",
    "Choose a tanh-RNN, GRU or LSTM with a linear head: scripts/nextchar_notebook.py saves PyTorch's and Keras', whatever their names.",
  ],
  ["E_VALUE", "The training failed: go back to weights from before the loss became NaN."],
  [
    "E_VOCAB",
    "It needs a tensor vocab: U8, the tokens in id order as UTF-8, each ended by a NUL byte. " +
      "scripts/nextchar_notebook.py adds it: save(new_path, safetensors.torch.load_file(path), vocabulary).",
  ],
  ["E_VERSION", "Take a newer nextchar."],
  ["E_RANGE", ""],
  ["E_NONFINITE", "The weights are too large: this network cannot write."],
  ["E_TEXT", ""],
  ["E_CHECKPOINT", "Choose the checkpoint and the text that belong together."],
  ["E_DAMAGED", "Take another copy of the file; if there is none, begin anew."],
]);

/** @internal */
export const encoder = new TextEncoder();
/** @internal */
export const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // U+FEFF is a character like any other

/** How many characters (code points) a text has: each is a token, where tokens are characters. @param {string} text */
export function charactersIn(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export class Core {
  #bytes = new Uint8Array();
  #floats = new Float32Array();
  #ids = new Int32Array();

  /** @param {Module} module */
  static async start(module) {
    const imports = { env: { emscripten_notify_memory_growth() {} } };
    const instance = await WebAssembly.instantiate(module, imports).catch(cause => {
      if (!(cause instanceof RangeError)) throw cause;
      throw new RnnError("E_MEMORY", `no memory for a network: ${cause.message}`, CORE_ERRORS[0][1], cause);
    });
    return new Core(/** @type {Exports} */ (/** @type {unknown} */ (instance.exports)));
  }

  /** @param {Exports} exports */
  constructor(exports) {
    exports._initialize?.();
    if (exports.rnn_version?.() !== VERSION) throw new Error("it is of another version than wasm.js");
    this.wasm = exports;
  }

  // ---- memory ----

  /** All of it as bytes; this view, and those below, are made anew where the memory has grown. */
  get allBytes() {
    if (!this.#bytes.length) this.#bytes = new Uint8Array(this.wasm.memory.buffer);
    return this.#bytes;
  }

  /** All of it as floats: the one at an address has the index address / 4. */
  get allFloats() {
    if (!this.#floats.length) this.#floats = new Float32Array(this.wasm.memory.buffer);
    return this.#floats;
  }

  /** All of it as ids. */
  get allIds() {
    if (!this.#ids.length) this.#ids = new Int32Array(this.wasm.memory.buffer);
    return this.#ids;
  }

  /** @param {number} address @param {number} length */
  bytes(address, length) {
    return this.allBytes.subarray(address, address + length);
  }

  /** @param {number} address @param {number} length */
  floats(address, length) {
    return this.allFloats.subarray(address / 4, address / 4 + length);
  }

  /** @param {number} address @param {number} length */
  ids(address, length) {
    return this.allIds.subarray(address / 4, address / 4 + length);
  }

  /** The uint32 at an address: where a function of the core has put a count. @param {number} address */
  count(address) {
    return this.allIds[address / 4] >>> 0;
  }

  /** A string's bytes up to its NUL. @param {number} address */
  string(address) {
    return this.allBytes.subarray(address, this.allBytes.indexOf(0, address));
  }

  /** @param {number} address */
  text(address) {
    return decoder.decode(this.string(address >>> 0));
  }

  /** @param {number} address of a list as rnn.h has it @returns {Record<string, string>} */
  metadata(address) {
    const metadata = Object.create(null); // a key may be "__proto__"
    const next = () => {
      const bytes = this.string(address);
      address += bytes.length + 1;
      return decoder.decode(bytes);
    };
    for (let key = next(); key; key = next()) metadata[key] = next();
    return metadata;
  }

  /** Room in wasm memory. @param {number} bytes */
  alloc(bytes) {
    const address = this.wasm.rnn_alloc(bytes || 1) >>> 0;
    if (!address) throw new RnnError("E_MEMORY", `no memory for ${bytes} bytes`, CORE_ERRORS[0][1]);
    return address;
  }

  /** Lends room while `use` runs. @template T @param {number} bytes @param {(address: number) => T} use @returns {T} */
  lend(bytes, use) {
    const address = this.alloc(bytes);
    try {
      return use(address);
    } finally {
      this.wasm.rnn_free(address);
    }
  }

  /** Lends bytes and a NUL behind them. @template T @param {Uint8Array} bytes @param {(address: number) => T} use @returns {T} */
  lendBytes(bytes, use) {
    return this.lend(bytes.length + 1, address => {
      this.allBytes.set(bytes, address);
      this.allBytes[address + bytes.length] = 0;
      return use(address);
    });
  }

  /** Lends a text as C wants it. @template T @param {string} text @param {(address: number) => T} use @returns {T} */
  lendText(text, use) {
    return this.lendBytes(encoder.encode(text), use);
  }

  /** What a function writes that is asked twice: for the size, then to write. @param {(out: number, room: number) => number} write */
  written(write) {
    const bytes = write(0, 0) >>> 0;
    if (!bytes) throw this.error();
    return this.lend(bytes, out => {
      if (write(out, bytes) >>> 0 !== bytes) throw this.error(); // there may be no memory for it now
      return this.bytes(out, bytes).slice();
    });
  }

  // ---- errors ----

  /** The last failure, as an error to throw. */
  error() {
    const [name, hint] = CORE_ERRORS[-1 - this.wasm.rnn_error_code()];
    return new RnnError(name, this.text(this.wasm.rnn_error()), hint);
  }

  /** What a function returned that returns 0 where it fails. @template {number} T @param {T} address */
  made(address) {
    if (!address) throw this.error();
    return /** @type {T} */ (address >>> 0);
  }

  /** @param {number} result */
  check(result) {
    if (result < 0) throw this.error();
    return result;
  }

  // ---- pure functions, of arrays outside the memory: what a Step asks for (see step.js) ----

  /** The logits' distribution. @param {Float32Array} logits @param {Sampling} sampling */
  probs(logits, sampling) {
    checkSampling(sampling);
    const { temperature, topK, topP } = sampling;
    const n = logits.length;
    return this.lend(8 * n, address => {
      this.allFloats.set(logits, address / 4);
      this.check(this.wasm.rnn_probs(address, n, temperature, topK, topP, address + 4 * n));
      return this.floats(address + 4 * n, n).slice();
    });
  }

  /** The id on which the dice u falls. @param {Float32Array} probs @param {number} u */
  pick(probs, u) {
    return this.lend(4 * probs.length, address => {
      this.allFloats.set(probs, address / 4);
      return this.wasm.rnn_pick(address, probs.length, u);
    });
  }

  /** -log2 softmax(logits)[id]. @param {Float32Array} logits @param {number} id */
  surprisal(logits, id) {
    return this.lend(4 * logits.length, address => {
      this.allFloats.set(logits, address / 4);
      return this.wasm.rnn_surprisal(address, logits.length, id);
    });
  }
}
