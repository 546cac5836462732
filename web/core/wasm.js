// SPDX-License-Identifier: MIT
//
// wasm.js - instances of rnn.wasm, whose functions src/rnn.h describes: memory, errors, builds. For model.js and recipe.js alone,
// which with this file know addresses in wasm memory. A view of that memory is made anew after every call and never kept:
// the memory may have grown, and then older views are empty.
import { RnnError, checkNumber, checkWhole } from "./errors.js";
import { checkWasm, readBytes } from "./sources.js";

const VERSION = 200; // the rnn_version() that this library is written for
const SELF_TEST = 0xff22610d; // what rnn_self_test() returns on every right build
export const CELLS = /** @type {const} */ ({ tanh: 1, gru: 3, lstm: 4 }); // = blocks of gates

/**
 * What rnn.wasm exports: the functions of rnn.h. Addresses come back as int32: `>>> 0` makes them the uint32 that they are.
 * @typedef {Record<`rnn_${string}`, (...args: number[]) => number> & { memory: WebAssembly.Memory, _initialize?: () => void }} Exports
 */

/** @typedef {"relaxed" | "simd128" | "scalar"} Isa what a build is made for: relaxed SIMD, SIMD, or neither */

/** @typedef {import("./model.js").Sampling} Sampling */

/** @param {Required<Sampling>} sampling */
export function checkSampling({ temperature, topK, topP }) {
  checkNumber("temperature", temperature, 0, Infinity);
  checkWhole("topK", topK, 0, 2 ** 31 - 1);
  checkNumber("topP", topP, 0, 1);
}

// ---- core: one instance of the wasm ----

const CORE_ERRORS = /** @type {const} */ ({
  [-1]: ["E_MEMORY", "Free networks that are not in use, or take a smaller one."],
  [-2]: ["E_TRUNCATED", "The file was cut short: get it again."],
  [-3]: ["E_TRAILING", "The file was changed or joined with another: get it again."],
  [-4]: ["E_HEADER", "Choose a .safetensors file; nextchar train makes one, and so does Python's safetensors library."],
  [-5]: ["E_OFFSETS", "The file is damaged: get it again."],
  [-6]: ["E_SHAPE", "Choose a tanh-RNN, GRU or LSTM with a linear head; src/model.h lists the tensors and their shapes."],
  [-7]: ["E_VALUE", "The training failed: go back to weights from before the loss became NaN."],
  [-8]: ["E_VOCAB", "The file needs a tensor vocab: U8, the tokens in id order as UTF-8, each ended by a NUL byte."],
  [-9]: ["E_VERSION", "Take a newer nextchar."],
  [-10]: ["E_RANGE", ""],
  [-11]: ["E_NONFINITE", "The weights are too large: this network cannot write."],
});

export const encoder = new TextEncoder();
export const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // U+FEFF is a character like any other

export class Core {
  /** @param {WebAssembly.Module} module */
  static async start(module) {
    const imports = { env: { emscripten_notify_memory_growth() {} } };
    const instance = await WebAssembly.instantiate(module, imports).catch(cause => {
      if (!(cause instanceof RangeError)) throw cause;
      throw new RnnError("E_MEMORY", `no memory for a network: ${cause.message}`, CORE_ERRORS[-1][1], cause);
    });
    return new Core(/** @type {Exports} */ (/** @type {unknown} */ (instance.exports)));
  }

  /** @param {Exports} exports */
  constructor(exports) {
    exports._initialize?.();
    if (exports.rnn_version?.() !== VERSION) throw new Error("it is of another version than wasm.js");
    this.wasm = exports;
  }

  /** @param {number} address @param {number} length */
  bytes(address, length) {
    return new Uint8Array(this.wasm.memory.buffer, address, length);
  }

  /** @param {number} address @param {number} length */
  floats(address, length) {
    return new Float32Array(this.wasm.memory.buffer, address, length);
  }

  /** @param {number} address @param {number} length */
  ids(address, length) {
    return new Int32Array(this.wasm.memory.buffer, address, length);
  }

  /**
   * The bytes of a string that ends with a NUL.
   * @param {number} address
   */
  string(address) {
    const memory = new Uint8Array(this.wasm.memory.buffer);
    return memory.subarray(address, memory.indexOf(0, address));
  }

  /** @param {number} address */
  text(address) {
    return decoder.decode(this.string(address >>> 0));
  }

  /**
   * @param {number} address of "key", "value", ..., each ended by a NUL, closed by an empty key
   * @returns {Record<string, string>}
   */
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

  /** Lends bytes and a NUL behind them. @template T @param {Uint8Array} bytes @param {(address: number) => T} use @returns {T} */
  lendBytes(bytes, use) {
    return this.lend(bytes.length + 1, address => {
      this.bytes(address, bytes.length + 1).fill(0, bytes.length);
      this.bytes(address, bytes.length).set(bytes);
      return use(address);
    });
  }

  /** @param {number} model @param {"unknown" | "pad" | "end"} name @returns {number} its id; -1 if there is none */
  special(model, name) {
    return this.lendBytes(encoder.encode(name), address => this.wasm.rnn_special(model, address));
  }

  /** Room in wasm memory. @param {number} bytes */
  alloc(bytes) {
    const address = this.wasm.rnn_alloc(bytes || 1) >>> 0;
    if (!address) throw new RnnError("E_MEMORY", `no memory for ${bytes} bytes`, CORE_ERRORS[-1][1]);
    return address;
  }

  /**
   * Lends room in wasm memory while `use` runs.
   * @template T
   * @param {number} bytes
   * @param {(address: number) => T} use
   * @returns {T}
   */
  lend(bytes, use) {
    const address = this.alloc(bytes);
    try {
      return use(address);
    } finally {
      this.wasm.rnn_free(address);
    }
  }

  /** The last failure, as an error to throw. */
  error() {
    const code = /** @type {keyof typeof CORE_ERRORS} */ (this.wasm.rnn_error_code());
    const [name, hint] = CORE_ERRORS[code];
    return new RnnError(name, this.text(this.wasm.rnn_error()), hint);
  }

  /**
   * The address that a constructor returned.
   * @param {number} address
   */
  made(address) {
    if (!address) throw this.error();
    return address >>> 0;
  }

  /** @param {number} result */
  check(result) {
    if (result < 0) throw this.error();
    return result;
  }

  /** The logits' distribution. @param {Float32Array} logits @param {Required<Sampling>} sampling */
  probs(logits, { temperature, topK, topP }) {
    checkSampling({ temperature, topK, topP });
    const n = logits.length;
    return this.lend(8 * n, address => {
      this.floats(address, n).set(logits);
      this.check(this.wasm.rnn_probs(address, n, temperature, topK, topP, address + 4 * n));
      return this.floats(address + 4 * n, n).slice();
    });
  }

  /** The id on which the dice u falls. @param {Float32Array} probs @param {number} u */
  pick(probs, u) {
    return this.lend(4 * probs.length, address => {
      this.floats(address, probs.length).set(probs);
      return this.wasm.rnn_pick(address, probs.length, u);
    });
  }

  /**
   * A token drawn from logits in wasm memory, its probability, and the dice.
   * @param {number} logits @param {number} scratch address of V floats @param {number} V
   * @param {Required<Sampling>} sampling checked @param {number} seed @param {number} position
   */
  draw(logits, scratch, V, { temperature, topK, topP }, seed, position) {
    this.check(this.wasm.rnn_probs(logits, V, temperature, topK, topP, scratch));
    const u = this.wasm.rnn_dice(seed, position);
    const id = this.wasm.rnn_pick(scratch, V, u);
    return { id, p: this.floats(scratch, V)[id], u };
  }

  /** -log2 softmax(logits)[id]. @param {Float32Array} logits @param {number} id */
  surprisal(logits, id) {
    return this.lend(4 * logits.length, address => {
      this.floats(address, logits.length).set(logits);
      return this.wasm.rnn_surprisal(address, logits.length, id);
    });
  }
}

// ---- builds: the fastest that runs and computes right ----

/** Written out so that bundlers find the files. @type {Record<Isa, URL>} */
export const BUILDS = {
  relaxed: new URL("./rnn-relaxed.wasm", import.meta.url),
  simd128: new URL("./rnn.wasm", import.meta.url),
  scalar: new URL("./rnn-scalar.wasm", import.meta.url),
};

/** A module of one function that does nothing but i32x4.relaxed_dot_i8x16_i7x16_add_s of zeros. */
const RELAXED_DOT = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0, // "\0asm", version 1
  1,
  5,
  1,
  96,
  0,
  1,
  123, // its type: () -> v128
  3,
  2,
  1,
  0, // function 0 has that type
  10,
  19,
  1,
  17,
  0,
  65,
  0,
  253,
  15,
  65,
  0,
  253,
  15,
  65,
  0,
  253,
  15,
  253,
  147,
  2,
  11,
);

/**
 * A compiled build. Its sampler is an instance without a network, for the pure functions: so a Step can
 * answer after its model was freed. What was refused are the errors of better builds.
 * @typedef {{ isa: Isa, module: WebAssembly.Module, sampler: Core, refused: RnnError[] }} Build
 */

/** @type {Map<string, Promise<Build>>} */
const builds = new Map();

/**
 * The promise made under that name; a failed one is forgotten, so that a later load tries again.
 * @param {string} name
 * @param {() => Promise<Build>} make
 */
function once(name, make) {
  let promise = builds.get(name);
  if (!promise) {
    promise = make();
    promise.catch(() => builds.delete(name));
    builds.set(name, promise);
  }
  return promise;
}

const FIX_INSTALLATION =
  "Put rnn.wasm, rnn-relaxed.wasm and rnn-scalar.wasm of the same version beside wasm.js and reload without the cache; " +
  "a Content-Security-Policy needs script-src 'wasm-unsafe-eval'.";

/**
 * @param {Isa} isa
 * @returns {Promise<Build>}
 */
async function compile(isa) {
  const url = BUILDS[isa];
  let module;
  let sampler;
  let result;
  try {
    module = await WebAssembly.compile(/** @type {BufferSource} */ (await readBytes(url, { check: checkWasm })));
    sampler = await Core.start(module);
    result = sampler.wasm.rnn_self_test() >>> 0;
  } catch (cause) {
    throw new RnnError("E_WASM", `${url} does not run: ${cause instanceof Error ? cause.message : cause}`, FIX_INSTALLATION, cause);
  }
  if (result !== SELF_TEST)
    throw new RnnError(
      "E_SELFTEST",
      `${url} computes wrong numbers on this machine`,
      "Update the browser, or report this with its version.",
    );
  return { isa, module, sampler, refused: [] };
}

/** The best build that runs right here. */
async function compileBest() {
  /** @type {RnnError[]} */
  const refused = [];
  if (WebAssembly.validate(RELAXED_DOT)) {
    const relaxed = await buildFor("relaxed").catch(error => void refused.push(error)); // only faster: without it all goes on
    if (relaxed) return relaxed;
  }
  const build = await buildFor("simd128").catch(error => {
    // An engine without SIMD finds rnn.wasm invalid; Safari 16.4 to 17.1 computed wrong floats with it.
    if (!(error.cause instanceof WebAssembly.CompileError) && error.code !== "E_SELFTEST") throw error;
    refused.push(error);
    return buildFor("scalar");
  });
  return { ...build, refused };
}

/**
 * That build, compiled and tested once; without isa the best one.
 * @param {Isa} [isa]
 * @returns {Promise<Build>}
 */
export function buildFor(isa) {
  return isa === undefined ? once("best", compileBest) : once(isa, () => compile(isa));
}
