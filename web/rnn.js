// SPDX-License-Identifier: MIT
//
// rnn.js - recurrent networks that write, in a page, a worker and Node.
//
//     import { load } from "./rnn.js";
//     const model = await load("weights/shakespeare.safetensors");
//     for (const step of model.write("ROMEO:", { temperature: 0.8, seed: 7, length: 300 }))
//       page.append(step.text);
//
// A thin layer over rnn.wasm, whose functions src/rnn.h describes; all computing is done there. Only this
// file knows addresses in wasm memory. A view of that memory is made anew after every call and never
// kept: the memory may have grown, and then older views are empty.
//
// The wasm is compiled once; every model has an instance of its own. So a freed model gives back all its
// memory, and a hostile file can hurt no other model.
import { RnnError, checkNumber, checkOptions, checkWhole } from "./error.js";
import { checkWasm, checkWeights, nameOf, readBytes, unlessAborted } from "./fetch.js";
import { Step } from "./step.js";

export { RnnError, Step };

const VERSION = 200; // the rnn_version() that this file is written for
const SELF_TEST = 0xff22610d; // what rnn_self_test() returns on every right build
const CELLS = /** @type {const} */ ({ tanh: 1, gru: 3, lstm: 4 }); // = blocks of gates
const PARTS = /** @type {const} */ ({ h: 0, c: 1, gates: 2 });
const MOST_TEXT = 2 ** 20; // bytes of UTF-8 in one call
const MOST_TOGETHER = 64; // texts written together
const AS_LEARNT = Object.freeze({ temperature: 1, topK: 0, topP: 1 });
const MOST_U32 = 2 ** 32 - 1;

/** The functions of rnn.h that are used here. */
const FUNCTIONS = /** @type {const} */ ([
  "rnn_version", "rnn_isa", "rnn_self_test", "rnn_error", "rnn_error_code", "rnn_alloc", "rnn_free",
  "rnn_model_load", "rnn_cell", "rnn_layers", "rnn_inputs", "rnn_embedding", "rnn_hidden", "rnn_outputs",
  "rnn_quantized", "rnn_fingerprint", "rnn_meta", "rnn_special",
  "rnn_vocab_load", "rnn_vocab_size", "rnn_token", "rnn_encode",
  "rnn_state_new", "rnn_state_free", "rnn_state_data", "rnn_state_part", "rnn_step", "rnn_logits",
  "rnn_probs", "rnn_pick", "rnn_dice", "rnn_surprisal",
]);

/**
 * What rnn.wasm exports. Addresses come back as int32: `>>> 0` makes them the uint32 that they are.
 * @typedef {Record<typeof FUNCTIONS[number], (...args: number[]) => number> & { memory: WebAssembly.Memory, _initialize?: () => void }} Exports
 */

/** @typedef {"relaxed" | "simd128" | "scalar"} Isa what a build is made for: relaxed SIMD, SIMD, or neither */
/** @typedef {import("./fetch.js").Source} Source */

/**
 * How to draw from a distribution.
 * @typedef {object} Sampling
 * @property {number} [temperature] softmax(logits / temperature): 0 is exactly argmax, 1 (default) the network's own, Infinity uniform
 * @property {number} [topK] only the most probable so many; 0 (default) = all
 * @property {number} [topP] only the fewest that reach this probability together; 1 (default) = all
 */

/**
 * @typedef {object} WriteOptions
 * @property {number} [seed] of the dice, 0 to 2^32 - 1 (default 1)
 * @property {number} [length] characters at most (default 300); Infinity: until `end` is drawn or you stop
 * @property {number} [position] place of the first dice (default 0): to go on in the midst of a text with the same dice
 */

// ---- options: every argument is checked before it crosses into wasm ----

/** @param {Required<Sampling>} sampling */
function checkSampling({ temperature, topK, topP }) {
  checkNumber("temperature", temperature, 0, Infinity);
  checkWhole("topK", topK, 0, 2 ** 31 - 1);
  checkNumber("topP", topP, 0, 1);
}

/**
 * The options with what is not given filled in; checked.
 * @param {Sampling & WriteOptions} options
 */
function writeSettings({ temperature = 1, topK = 0, topP = 1, seed = 1, length = 300, position = 0 }) {
  checkSampling({ temperature, topK, topP });
  checkWhole("seed", seed, 0, MOST_U32);
  checkWhole("length", length, 0, Infinity);
  checkWhole("position", position, 0, MOST_U32);
  return { temperature, topK, topP, seed, length, position };
}

/** @param {Int32Array} ids @param {number} V */
function checkIds(ids, V) {
  if (!(ids instanceof Int32Array)) throw new RnnError("E_ARGUMENT", "the ids are not an Int32Array");
  ids.forEach(id => checkWhole("an id", id, 0, V - 1));
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

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // U+FEFF is a character like any other

class Core {
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
    if (FUNCTIONS.some(name => typeof exports[name] !== "function") || exports.rnn_version() !== VERSION)
      throw new Error("it is of another version than rnn.js");
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
const BUILDS = {
  relaxed: new URL("./rnn-relaxed.wasm", import.meta.url),
  simd128: new URL("./rnn.wasm", import.meta.url),
  scalar: new URL("./rnn-scalar.wasm", import.meta.url),
};

/** A module of one function that does nothing but i32x4.relaxed_dot_i8x16_i7x16_add_s of zeros. */
const RELAXED_DOT = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // "\0asm", version 1
  1, 5, 1, 96, 0, 1, 123, // its type: () -> v128
  3, 2, 1, 0, // function 0 has that type
  10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 147, 2, 11,
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
  "Put rnn.wasm, rnn-relaxed.wasm and rnn-scalar.wasm of the same version beside rnn.js and reload without the cache; " +
  "a Content-Security-Policy needs script-src 'wasm-unsafe-eval'.";

/**
 * @param {Isa} isa
 * @returns {Promise<Build>}
 */
async function compile(isa) {
  const url = BUILDS[isa];
  let module, sampler, result;
  try {
    module = await WebAssembly.compile(/** @type {BufferSource} */ (await readBytes(url, { check: checkWasm })));
    sampler = await Core.start(module);
    result = sampler.wasm.rnn_self_test() >>> 0;
  } catch (cause) {
    throw new RnnError("E_WASM", `${url} does not run: ${cause instanceof Error ? cause.message : cause}`, FIX_INSTALLATION, cause);
  }
  if (result !== SELF_TEST)
    throw new RnnError("E_SELFTEST", `${url} computes wrong numbers on this machine`, "Update the browser, or report this with its version.");
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
function buildFor(isa) {
  return isa === undefined ? once("best", compileBest) : once(isa, () => compile(isa));
}

// ---- model ----

/**
 * A model's place in wasm: addresses, room for a token or a distribution (V floats) during one call, and
 * the ids whose logits are always -Infinity.
 * @typedef {{ core: Core, model: number, vocab: number, scratch: number, neverDrawn: Set<number> }} Network
 */

/** @type {WeakMap<Model, Network>} */
const networks = new WeakMap();

/** @param {Model} model */
function networkOf(model) {
  const network = networks.get(model);
  if (!network) throw new RnnError("E_FREED", "the network was freed", "Load it again.");
  return network;
}

/** @param {Core} core @param {Uint8Array} file */
function readFile(core, file) {
  return core.lend(file.length, address => {
    core.bytes(address, file.length).set(file);
    const model = core.made(core.wasm.rnn_model_load(address, file.length));
    const vocab = core.made(core.wasm.rnn_vocab_load(address, file.length));
    return { model, vocab };
  });
}

/**
 * @param {Core} core
 * @param {number} address of "key", "value", ..., each ended by a NUL, closed by an empty key
 * @returns {Record<string, string>}
 */
function readMetadata(core, address) {
  const metadata = Object.create(null); // a key may be "__proto__"
  const next = () => {
    const bytes = core.string(address);
    address += bytes.length + 1;
    return decoder.decode(bytes);
  };
  for (let key = next(); key; key = next()) metadata[key] = next();
  return metadata;
}

/** @param {Core} core @param {number} model @param {string} name "unknown", "pad" or "end" */
function special(core, model, name) {
  const bytes = encoder.encode(`${name}\0`);
  return core.lend(bytes.length, address => {
    core.bytes(address, bytes.length).set(bytes);
    return core.wasm.rnn_special(model, address);
  });
}

/**
 * Loads a network.
 * @param {Source} source an address (in Node also a path), a File or Blob, or the bytes of a .safetensors file
 * @param {object} [options]
 * @param {AbortSignal} [options.signal] stops loading; its reason is thrown
 * @param {(progress: { loaded: number, total: number }) => void} [options.onProgress] bytes so far and in all (0: not known)
 * @param {Isa} [options.isa] forces a build; without it the fastest is taken that runs and computes right
 * @returns {Promise<Model>}
 * @throws {RnnError} with a code of error.js
 */
export async function load(source, options = {}) {
  checkOptions(options);
  const { signal, onProgress, isa } = options;
  if (isa !== undefined && !Object.hasOwn(BUILDS, isa))
    throw new RnnError("E_ARGUMENT", `isa is "relaxed", "simd128", "scalar" or not given, but not ${String(isa)}`);
  if (typeof WebAssembly === "undefined")
    throw new RnnError("E_WASM", "there is no WebAssembly here", "Use a current browser, with WebAssembly allowed.");
  const building = buildFor(isa); // while the file is on its way
  building.catch(() => {}); // the file's own error comes first
  const file = await readBytes(source, { signal, onProgress, check: checkWeights });
  const build = await unlessAborted(building, signal);
  const core = await unlessAborted(Core.start(build.module), signal);
  try {
    return new Model(core, build, file);
  } catch (error) {
    if (error instanceof RnnError) throw new RnnError(error.code, `${nameOf(source)}: ${error.message}`, error.hint);
    throw error;
  }
}

/** A network: its weights and vocabulary. Made by load(). */
export class Model {
  #sampler;

  /** @internal @param {Core} core an instance for this model alone @param {Build} build @param {Uint8Array} file */
  constructor(core, { sampler, refused }, file) {
    const { wasm } = core;
    const { model, vocab } = readFile(core, file);
    this.#sampler = sampler;
    /** @type {keyof typeof CELLS} */
    this.cell = wasm.rnn_cell(model) === CELLS.lstm ? "lstm" : wasm.rnn_cell(model) === CELLS.gru ? "gru" : "tanh";
    /** L, 1 to 4 */
    this.layers = wasm.rnn_layers(model);
    /** H, units of a layer */
    this.hidden = wasm.rnn_hidden(model);
    /** E, width of the embedding; 0 = one-hot input */
    this.embedding = wasm.rnn_embedding(model);
    /** V, tokens that it reads */
    this.inputs = wasm.rnn_inputs(model);
    /** V, tokens that it writes */
    this.outputs = wasm.rnn_outputs(model);
    /** whether the weights are int8 with a scale per row */
    this.quantized = wasm.rnn_quantized(model) === 1;
    /** of the file */
    this.bytes = file.length;
    /** @type {Isa} the build in use */
    this.isa = /** @type {Isa} */ (core.text(wasm.rnn_isa()));
    /** why better builds are not in use that were tried: their errors, the best one's first */
    this.refused = [...refused];
    /** 8 hex digits: a hash of shapes and weights */
    this.fingerprint = (wasm.rnn_fingerprint(model) >>> 0).toString(16).padStart(8, "0");
    /** what the file says of itself; without a prototype, so that any key is safe */
    this.metadata = readMetadata(core, wasm.rnn_meta(model) >>> 0);
    /** texts of the tokens, in id order */
    this.vocabulary = Array.from({ length: wasm.rnn_vocab_size(vocab) }, (_, id) => core.text(wasm.rnn_token(vocab, id)));
    /** id that ends a text when drawn; -1 if there is none */
    this.end = special(core, model, "end");
    const tokens = this.vocabulary.length;
    if (tokens !== this.inputs || tokens !== this.outputs)
      throw new RnnError("E_VOCAB", `the vocabulary has ${tokens} tokens, the network reads ${this.inputs} and writes ${this.outputs}`,
        "The three numbers must be equal: give the file the vocabulary that the network was trained with.");
    const neverDrawn = new Set([special(core, model, "pad"), special(core, model, "unknown")]);
    networks.set(this, { core, model, vocab, scratch: core.alloc(4 * tokens), neverDrawn });
  }

  /**
   * The ids of a text's characters. What the vocabulary lacks is left out and named in `unknown`, each
   * character once; half of a surrogate pair counts as U+FFFD.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {{ ids: Int32Array, unknown: string[] }}
   */
  encode(text) {
    if (typeof text !== "string") throw new RnnError("E_ARGUMENT", `the text is not a string but ${typeof text}`);
    const { core, vocab } = networkOf(this);
    const utf8 = encoder.encode(text);
    if (utf8.length > MOST_TEXT)
      throw new RnnError("E_RANGE", `the text has ${utf8.length} bytes; at most ${MOST_TEXT} are taken at once`, "Take less, or read it in pieces.");
    const room = utf8.length; // a token takes at least a byte
    const all = core.lend(5 * room, address => {
      core.bytes(address + 4 * room, room).set(utf8);
      const count = core.wasm.rnn_encode(vocab, address + 4 * room, room, address, 0, room);
      return core.ids(address, count).slice();
    });
    if (!all.includes(-1)) return { ids: all, unknown: [] };
    const characters = [...decoder.decode(utf8)];
    return { ids: all.filter(id => id >= 0), unknown: [...new Set(characters.filter((_, i) => all[i] < 0))] };
  }

  /**
   * A new state: zeros, its logits the head's bias.
   * @returns {State}
   */
  start() {
    return new State(this, this.#sampler);
  }

  /**
   * Reads the prompt, then writes a character for each Step that is pulled. Leave the loop to stop.
   * Arguments are checked at once. The options are read anew at each step from the object given, so that
   * they may be changed while it writes. Ends after `length` characters or when `end` is drawn, which is
   * not part of the text. The dice depend on seed and position alone: same options, same text.
   * @param {string | State} prompt what to begin with ("": the zero state); characters that the vocabulary lacks are left
   *   out, encode() names them. Or a State of this model to go on from; it is advanced.
   * @param {Sampling & WriteOptions} [options]
   * @returns {Generator<Step, void, undefined>}
   */
  write(prompt, options = {}) {
    checkOptions(options);
    writeSettings(options);
    if (!(prompt instanceof State)) return this.#write(this.encode(prompt).ids, options);
    if (prompt.model !== this) throw new RnnError("E_STATE", "the state is of another network");
    return this.#continue(prompt, options);
  }

  /** @param {Int32Array} ids @param {Sampling & WriteOptions} options */
  *#write(ids, options) {
    const state = this.start();
    try {
      state.advance(ids);
      yield* this.#continue(state, options);
    } finally {
      state.free();
    }
  }

  /** @param {State} state @param {Sampling & WriteOptions} options */
  *#continue(state, options) {
    for (let count = 0; ; count++) {
      const { seed, length, position, ...sampling } = writeSettings(options);
      if (count >= length) return;
      const place = position + count;
      const step = new Step(this.#sampler, this.vocabulary, state[draw](sampling, seed, place), sampling, place);
      if (step.id === this.end) return;
      state.take(step.id);
      yield step;
    }
  }

  /**
   * Writes several texts from one beginning together, as one batch: each weight is read once for all of them. Each
   * is the text that write() makes alone of the same options. Arguments are checked at once.
   * @param {string | State} prompt as write() takes it, but a State is not advanced
   * @param {(Sampling & { seed?: number })[]} texts 1 to 64
   * @param {{ length?: number, position?: number }} [options] of all of them, see WriteOptions
   * @returns {Generator<(Step | null)[], void, undefined>} a step for each text; null for one that has ended
   */
  writeTogether(prompt, texts, options = {}) {
    checkOptions(options);
    if (!Array.isArray(texts) || !texts.length || texts.length > MOST_TOGETHER)
      throw new RnnError("E_ARGUMENT", `the texts are not a list of 1 to ${MOST_TOGETHER} options`);
    texts.forEach(checkOptions);
    const settings = texts.map(text => writeSettings({ ...text, ...options }));
    if (!(prompt instanceof State)) return this.#together(this.encode(prompt).ids, settings);
    if (prompt.model !== this) throw new RnnError("E_STATE", "the state is of another network");
    return this.#togetherFrom(prompt, settings);
  }

  /** @param {Int32Array} ids @param {ReturnType<typeof writeSettings>[]} settings */
  *#together(ids, settings) {
    const state = this.start();
    try {
      state.advance(ids);
      yield* this.#togetherFrom(state, settings);
    } finally {
      state.free();
    }
  }

  /** @param {State} state @param {ReturnType<typeof writeSettings>[]} settings */
  *#togetherFrom(state, settings) {
    const batch = new Batch(this, state, settings.length), ended = settings.map(() => false);
    try {
      for (let count = 0; count < settings[0].length; count++) {
        const steps = settings.map(({ seed, position, ...sampling }, b) =>
          new Step(this.#sampler, this.vocabulary, batch.draw(b, sampling, seed, position + count), sampling, position + count));
        steps.forEach(({ id }, b) => { ended[b] ||= id === this.end; });
        if (!ended.includes(false)) return;
        batch.take(steps.map(({ id }) => id));
        yield steps.map((step, b) => (ended[b] ? null : step));
      }
    } finally {
      batch.free();
    }
  }

  /**
   * How surprising a text is to the network, read from the zero state: `bits` is -log2 of the probability
   * (at temperature 1) that it gave to each character, the first one too. What the vocabulary lacks is left out.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {{ tokens: { id: number, text: string, bits: number }[], bitsPerCharacter: number, unknown: string[] }}
   *   bitsPerCharacter is NaN where the text has no known character
   */
  score(text) {
    const { ids, unknown } = this.encode(text);
    const state = this.start();
    try {
      const tokens = Array.from(ids, id => {
        const bits = this.#sampler.surprisal(state.logits, id);
        state.take(id);
        return { id, text: this.vocabulary[id], bits };
      });
      return { tokens, bitsPerCharacter: tokens.reduce((sum, token) => sum + token.bits, 0) / tokens.length, unknown };
    } finally {
      state.free();
    }
  }

  /** Gives its memory back. It and its states must not be used any more; its Steps may. */
  free() {
    networks.delete(this);
  }
}

// ---- state ----

const STATE_MAGIC = encoder.encode("rnnstate");
const STATE_HEADER = STATE_MAGIC.length + 8; // magic; fingerprint and count of floats, u32 little-endian

/** States that were dropped without free() are freed when the collector finds them. */
const dropped = new FinalizationRegistry((/** @type {{ core: WeakRef<Core>, address: number }} */ { core, address }) => {
  core.deref()?.wasm.rnn_state_free(address);
});

const draw = Symbol("draw"), part = Symbol("part"); // what this module alone needs of a State

/** Where a network stands in a text: h, c, gates of each layer, and the logits of what may follow. */
export class State {
  #address;
  #sampler;

  /** @internal Model.start() makes them. @param {Model} model @param {Core} sampler */
  constructor(model, sampler) {
    const { core, model: address } = networkOf(model);
    this.model = model;
    this.#sampler = sampler;
    this.#address = core.made(core.wasm.rnn_state_new(address, 1));
    dropped.register(this, { core: new WeakRef(core), address: this.#address }, this);
  }

  get #network() {
    const network = networkOf(this.model);
    if (!this.#address) throw new RnnError("E_FREED", "the state was freed", "Start a new one.");
    return network;
  }

  /**
   * Reads a text.
   * @param {string} text at most 1 MiB as UTF-8
   * @returns {string[]} the characters that the vocabulary lacks; they were left out
   */
  read(text) {
    const { ids, unknown } = this.model.encode(text);
    this.advance(ids);
    return unknown;
  }

  /**
   * Reads one token.
   * @param {number} id
   */
  take(id) {
    checkWhole("the id", id, 0, this.model.inputs - 1); // before it is cut to an int32
    const { core, model, scratch } = this.#network;
    core.ids(scratch, 1)[0] = id;
    core.check(core.wasm.rnn_step(model, this.#address, scratch));
  }

  /**
   * Reads tokens, as encode() gives them: a long text in pieces, for example.
   * @param {Int32Array} ids
   */
  advance(ids) {
    checkIds(ids, this.model.inputs);
    const { core, model } = this.#network;
    core.lend(4 * ids.length, address => {
      core.ids(address, ids.length).set(ids);
      for (let i = 0; i < ids.length; i++) core.check(core.wasm.rnn_step(model, this.#address, address + 4 * i));
    });
  }

  /** A copy of the logits (V) of what may follow; -Infinity for what is never drawn. */
  get logits() {
    const { core } = this.#network;
    return core.floats(core.wasm.rnn_logits(this.#address) >>> 0, this.model.outputs).slice();
  }

  /**
   * The distribution of what may follow (V).
   * @param {Sampling} [sampling]
   */
  probs({ temperature = 1, topK = 0, topP = 1 } = {}) {
    return this.#sampler.probs(this.logits, { temperature, topK, topP });
  }

  /**
   * A token drawn from that distribution, its probability, the dice that chose it, and what it was drawn from.
   * @param {Required<Sampling>} sampling checked
   * @param {number} seed
   * @param {number} position
   * @returns {import("./step.js").Drawn}
   */
  [draw](sampling, seed, position) {
    const { core, scratch } = this.#network;
    const drawn = core.draw(core.wasm.rnn_logits(this.#address), scratch, this.model.outputs, sampling, seed, position);
    return { ...drawn, logits: this.logits, ...this.#lastLayer() };
  }

  /**
   * Reads tokens, a Step for each: what the network expected in its place. Its u is null, for it was given.
   * @param {Int32Array} ids
   * @returns {Generator<Step, void, undefined>}
   */
  *steps(ids) {
    checkIds(ids, this.model.inputs);
    for (const [i, id] of ids.entries()) {
      const logits = this.logits, p = 2 ** -this.#sampler.surprisal(logits, id);
      const step = new Step(this.#sampler, this.model.vocabulary, { id, p, u: null, logits, ...this.#lastLayer() }, AS_LEARNT, i);
      this.take(id);
      yield step;
    }
  }

  /**
   * A copy of a layer's hidden units (H).
   * @param {number} layer from 0
   */
  h(layer) {
    return this.#part("h", layer, this.model.hidden);
  }

  /**
   * A copy of a layer's cell states (H); empty unless LSTM.
   * @param {number} layer from 0
   */
  c(layer) {
    return this.#part("c", layer, this.model.cell === "lstm" ? this.model.hidden : 0);
  }

  /**
   * A copy of a layer's gates, after their sigmoid or tanh: blocks of H, i f g o (LSTM), r z n (GRU), h (tanh).
   * @param {number} layer from 0
   */
  gates(layer) {
    return this.#part("gates", layer, CELLS[this.model.cell] * this.model.hidden);
  }

  /** @param {keyof typeof PARTS} name @param {number} layer @param {number} length */
  #part(name, layer, length) {
    checkWhole("the layer", layer, 0, this.model.layers - 1);
    if (!length) return new Float32Array();
    return this.#network.core.floats(this[part](name, layer), length).slice();
  }

  /** Address of a part, or of the logits. @param {keyof typeof PARTS | "logits"} name @param {number} layer */
  [part](name, layer) {
    const { wasm } = this.#network.core;
    return (name === "logits" ? wasm.rnn_logits(this.#address) : this.#network.core.made(wasm.rnn_state_part(this.#address, layer, PARTS[name]))) >>> 0;
  }

  /**
   * The last layer's h, c and gates, which lie in a row, in one copy: three would take as long as a step
   * of a small network.
   */
  #lastLayer() {
    const { hidden, cell, layers } = this.model;
    const { core } = this.#network;
    const ofH = cell === "lstm" ? 2 * hidden : hidden, all = ofH + CELLS[cell] * hidden;
    const floats = core.floats(core.made(core.wasm.rnn_state_part(this.#address, layers - 1, PARTS.h)), all).slice();
    return { h: floats.subarray(0, hidden), c: floats.subarray(hidden, ofH), gates: floats.subarray(ofH) };
  }

  /** The state's floats in wasm memory: a view for use at once. */
  #floats() {
    const { core } = this.#network;
    return core.lend(4, out => {
      const address = core.wasm.rnn_state_data(this.#address, out) >>> 0;
      const [count] = new Uint32Array(core.wasm.memory.buffer, out, 1);
      return core.floats(address, count);
    });
  }

  /**
   * The state as bytes, for load() of a state of the same network.
   * @returns {Uint8Array}
   */
  save() {
    const floats = this.#floats();
    const bytes = new Uint8Array(STATE_HEADER + floats.byteLength);
    bytes.set(STATE_MAGIC);
    const numbers = new DataView(bytes.buffer, STATE_MAGIC.length);
    numbers.setUint32(0, parseInt(this.model.fingerprint, 16), true);
    numbers.setUint32(4, floats.length, true);
    bytes.set(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), STATE_HEADER);
    return bytes;
  }

  /**
   * Takes over a saved state. On an error nothing changes.
   * @param {Uint8Array | ArrayBuffer} bytes what save() gave
   */
  load(bytes) {
    if (!(bytes instanceof Uint8Array) && !(bytes instanceof ArrayBuffer))
      throw new RnnError("E_ARGUMENT", "a saved state is a Uint8Array or an ArrayBuffer");
    const saved = new Uint8Array(bytes).slice(); // aligned
    const floats = this.#floats();
    const numbers = new DataView(saved.buffer);
    if (saved.length < STATE_HEADER || STATE_MAGIC.some((byte, i) => byte !== saved[i]))
      throw new RnnError("E_STATE", "these bytes are no saved state");
    if (numbers.getUint32(8, true) !== parseInt(this.model.fingerprint, 16))
      throw new RnnError("E_STATE", "the saved state is of another network", "Load the network that it was saved with.");
    if (numbers.getUint32(12, true) !== floats.length || saved.length !== STATE_HEADER + floats.byteLength)
      throw new RnnError("E_STATE", `the saved state has ${saved.length} bytes, expected ${STATE_HEADER + floats.byteLength}`);
    const values = new Float32Array(saved.buffer, STATE_HEADER);
    this.#checkValues(values);
    floats.set(values);
  }

  /** @param {Float32Array} values */
  #checkValues(values) {
    const { neverDrawn } = this.#network;
    const logits = values.length - this.model.outputs;
    values.forEach((value, i) => {
      const good = i >= logits && neverDrawn.has(i - logits) ? value === -Infinity : Number.isFinite(value);
      if (!good) throw new RnnError("E_STATE", `number ${i} of the saved state is ${value}`);
    });
  }

  /** Gives its memory back; a second time is fine. */
  free() {
    if (this.#address) networks.get(this.model)?.core.wasm.rnn_state_free(this.#address);
    this.#address = 0;
    dropped.unregister(this);
  }
}

// ---- batch ----

/** States of several texts that advance together; each began as a copy of one. */
class Batch {
  #network;
  #address;

  /** @param {Model} model @param {State} state where all begin @param {number} count */
  constructor(model, state, count) {
    const network = networkOf(model);
    this.#network = network;
    this.model = model;
    this.count = count;
    this.#address = network.core.made(network.core.wasm.rnn_state_new(network.model, count));
    for (let layer = 0; layer < model.layers; layer++)
      for (const [name, length] of this.#parts()) this.#spread(state[part](name, layer), this.#part(name, layer), length);
    this.#spread(state[part]("logits", 0), this.#part("logits", 0), model.outputs);
  }

  /** Names and lengths of a layer's parts in one stream. @returns {[keyof typeof PARTS, number][]} */
  #parts() {
    const { cell, hidden } = this.model;
    return [["h", hidden], ...(cell === "lstm" ? [/** @type {["c", number]} */ (["c", hidden])] : []), ["gates", CELLS[cell] * hidden]];
  }

  /** Address of a part of all streams. @param {keyof typeof PARTS | "logits"} name @param {number} layer */
  #part(name, layer) {
    const { core } = this.#network;
    return (name === "logits" ? core.wasm.rnn_logits(this.#address) : core.made(core.wasm.rnn_state_part(this.#address, layer, PARTS[name]))) >>> 0;
  }

  /** @param {number} from @param {number} to @param {number} length */
  #spread(from, to, length) {
    const { core } = this.#network, one = core.floats(from, length), all = core.floats(to, this.count * length);
    for (let b = 0; b < this.count; b++) all.set(one, b * length);
  }

  /**
   * A token drawn for a stream, with what it was drawn from.
   * @param {number} b @param {Required<Sampling>} sampling @param {number} seed @param {number} position
   * @returns {import("./step.js").Drawn}
   */
  draw(b, sampling, seed, position) {
    const { core, scratch } = this.#network, { outputs, layers } = this.model, logits = this.#part("logits", 0) + 4 * b * outputs;
    const drawn = core.draw(logits, scratch, outputs, sampling, seed, position);
    const parts = this.#parts().map(([name, length]) => [name, core.floats(this.#part(name, layers - 1) + 4 * b * length, length).slice()]);
    return { ...drawn, logits: core.floats(logits, outputs).slice(), c: new Float32Array(), ...Object.fromEntries(parts) };
  }

  /** Each stream reads its token. @param {number[]} ids */
  take(ids) {
    const { core, model } = this.#network;
    core.lend(4 * this.count, address => {
      core.ids(address, this.count).set(ids);
      core.check(core.wasm.rnn_step(model, this.#address, address));
    });
  }

  free() {
    this.#network.core.wasm.rnn_state_free(this.#address);
  }
}
