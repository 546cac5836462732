// SPDX-License-Identifier: MIT
//
// types.js - the plain data that the library takes and gives. Types alone: no program imports it, no page fetches it.

/**
 * How to draw from a distribution.
 * @typedef {object} Sampling
 * @property {number} temperature softmax(logits / temperature): 0 is exactly argmax, 1 the network's own, Infinity uniform
 * @property {number} topK only the most probable so many; 0 = all
 * @property {number} topP only the fewest that reach this probability together; 1 = all
 */

/**
 * Of what is written; what is not given is as here: temperature 1, topK 0, topP 1, and:
 * @typedef {object} DiceOptions
 * @property {number} [seed] of the dice, 0 to 2^32 - 1 (1)
 * @property {number} [length] characters at most (300); Infinity: until `end` is drawn or you stop
 * @property {number} [position] place of the first dice (0): to go on in the midst of a text with the same dice; after 2^32 - 1 comes 0
 * @typedef {Partial<Sampling> & DiceOptions} WriteOptions
 */

/**
 * Of the last layer: h (H), c (H; empty unless LSTM), gates (cell*H).
 * @typedef {{ h: Float32Array, c: Float32Array, gates: Float32Array }} Layer
 */

/**
 * A text as a network reads it.
 * @typedef {object} Encoded
 * @property {Int32Array} ids
 * @property {string[]} unknown what the vocabulary lacks, each once: characters are left out, a word is the unknown one
 * @property {Map<number, string>} own by their place among the ids, words that stand in the text otherwise than the network would write
 *   them: as the text has them, with the blanks in front. The blanks at its end are no word's
 */

/**
 * Makes distributions, draws from them, measures surprise: an instance of the core without a network.
 * @typedef {object} Sampler
 * @property {(logits: Float32Array, sampling: Sampling) => Float32Array} probs
 * @property {(probs: Float32Array, u: number) => number} pick
 * @property {(logits: Float32Array, id: number) => number} surprisal
 */

/**
 * What streams give a step.
 * @typedef {object} Drawn
 * @property {number} id
 * @property {string} text
 * @property {number} p its probability
 * @property {number | null} u the dice; null: given, not drawn
 * @property {Float32Array} page holds the logits (V) before it, among those of other steps
 * @property {number} from where they begin in it
 * @property {{ layerOf: (stream: number, tick: number) => Layer }} streams
 * @property {number} stream
 * @property {number} tick when it was drawn: what the streams know the layer of that moment by
 */

/**
 * What a class of the engine makes, where the program's types know that class: of a browser, of Node, of an edge; never, where they do not.
 * @template {string} Name
 * @typedef {typeof globalThis extends { [name in Name]: { prototype: infer Made } } ? Made : never} Global
 */

/** @typedef {typeof globalThis extends { WebAssembly: { Module: { prototype: infer Made } } } ? Made : never} Module */

/**
 * An address (in Node also a path), a File or Blob, or bytes.
 * @typedef {string | Global<"URL"> | Global<"Blob"> | ArrayBuffer | ArrayBufferView} Source
 */

/** A build of the core. @typedef {Module | ArrayBuffer | ArrayBufferView} Wasm */

/**
 * @typedef {object} LoadOptions
 * @property {Global<"AbortSignal">} [signal] stops loading; its reason is thrown
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] bytes so far and in all (0: not known)
 * @property {Isa} [isa] forces a build, of those in files; without it the fastest is taken that runs and computes right
 */

/**
 * @typedef {object} ReadOptions
 * @property {Global<"AbortSignal">} [signal] stops the reading; its reason is thrown
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] bytes so far and in all; total is 0 while unknown
 * @property {(head: Uint8Array, about: string) => Promise<void>} [check] throws if the first bytes show another kind of file
 * @property {number} [limit] bytes at most
 * @property {number} [patience] milliseconds in which two bytes a millisecond must come on average, or it is given up
 */

/**
 * An open source. It closes when it was read to its end, or when the signal that it was opened with aborts.
 * @typedef {{ about: string, total: number, read: () => Promise<{ done: boolean, value?: Uint8Array }> }} Stream
 */

/** What a build is made for: relaxed SIMD, SIMD, or neither. @typedef {"relaxed" | "simd128" | "scalar"} Isa */

/**
 * A compiled build. Its sampler is an instance without a network, for the pure functions: so a Step can
 * answer after its model was freed. What was refused are the errors of better builds.
 * @typedef {object} Build
 * @property {Module} module
 * @property {import("./wasm.js").Core} sampler
 * @property {import("./errors.js").RnnError[]} refused
 */

/**
 * What went wrong, for a program. From the core, see src/rnn.h: E_MEMORY to E_DAMAGED. From here:
 *
 * - E_HTTP, an error status; E_NETWORK, no answer or half of one; E_STALL, no byte for a while
 * - E_HTML, a page came instead of a file; E_FILETYPE, another kind of file; E_TOO_BIG
 * - E_WASM, rnn.wasm is missing, broken, of another version or forbidden; E_SELFTEST, this machine computes wrong numbers
 * - E_ARGUMENT, of the wrong type; E_FREED; E_STATE, damaged, of another network, or gone
 * - E_DIVERGED, a loss that ran away; E_STORAGE, the browser keeps nothing; E_WORKER
 *
 * Each is written in one line: declarations are made of them as they stand.
 * @typedef {"E_TRUNCATED" | "E_TRAILING" | "E_HEADER" | "E_OFFSETS" | "E_SHAPE" | "E_VALUE" | "E_VOCAB" | "E_DAMAGED"} FileErrorCode
 * @typedef {FileErrorCode | "E_MEMORY" | "E_VERSION" | "E_RANGE" | "E_NONFINITE" | "E_TEXT" | "E_CHECKPOINT"} CoreErrorCode
 * @typedef {"E_HTTP" | "E_NETWORK" | "E_STALL" | "E_HTML" | "E_FILETYPE" | "E_TOO_BIG" | "E_WASM" | "E_SELFTEST"} SourceErrorCode
 * @typedef {CoreErrorCode | SourceErrorCode | "E_ARGUMENT" | "E_FREED" | "E_STATE" | "E_DIVERGED" | "E_STORAGE" | "E_WORKER"} ErrorCode
 */

export {};
