// SPDX-License-Identifier: MIT
//
// error.js - the one kind of error that nextchar throws, and the checks of arguments that throw it.

/**
 * What went wrong, for a program:
 * from the core (src/rnn.h says more): E_MEMORY E_TRUNCATED E_TRAILING E_HEADER E_OFFSETS E_SHAPE E_VALUE
 * E_VOCAB E_VERSION E_RANGE E_NONFINITE; from here:
 * - E_HTTP: the server answered with an error status.
 * - E_NETWORK: no answer, or it broke off; a file that cannot be read.
 * - E_HTML: a web page came instead of a file.
 * - E_FILETYPE: a file of another kind (zip, pickle, gzip, ...).
 * - E_TOO_BIG: more bytes than the limit.
 * - E_STALL: no byte came for a while.
 * - E_WASM: rnn.wasm is missing, broken or of another version, or may not run here.
 * - E_SELFTEST: this machine computes wrong numbers with every build.
 * - E_ARGUMENT: an argument of the wrong type.
 * - E_STATE: a saved state that is damaged or of another network.
 * - E_FREED: use after free().
 * - E_TEXT: a text that nothing can be learnt from. E_CHECKPOINT: bytes that no training goes on from.
 * - E_DIVERGED: a training whose loss ran away. E_STORAGE: the browser keeps nothing. E_WORKER: a worker failed.
 * @typedef {"E_MEMORY" | "E_TRUNCATED" | "E_TRAILING" | "E_HEADER" | "E_OFFSETS" | "E_SHAPE" | "E_VALUE" | "E_VOCAB" |
 *   "E_VERSION" | "E_RANGE" | "E_NONFINITE" | "E_HTTP" | "E_NETWORK" | "E_HTML" | "E_FILETYPE" | "E_TOO_BIG" | "E_STALL" |
 *   "E_WASM" | "E_SELFTEST" | "E_ARGUMENT" | "E_STATE" | "E_FREED" | "E_TEXT" | "E_CHECKPOINT" | "E_DIVERGED" | "E_STORAGE" | "E_WORKER"} ErrorCode
 */

export class RnnError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message what was wrong, and where
   * @param {string} [hint] what to do about it
   * @param {unknown} [cause] the error behind this one
   */
  constructor(code, message, hint = "", cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RnnError";
    this.code = code;
    this.hint = hint;
  }
}

/** @param {string} name @param {unknown} value @param {number} least @param {number} most */
export function checkNumber(name, value, least, most) {
  if (typeof value !== "number") throw new RnnError("E_ARGUMENT", `${name} is not a number but ${typeof value}`);
  if (!(value >= least && value <= most)) throw new RnnError("E_RANGE", `${name} is ${value}; it must be from ${least} to ${most}`);
}

/** @param {string} name @param {unknown} value @param {number} least @param {number} most */
export function checkWhole(name, value, least, most) {
  checkNumber(name, value, least, most);
  if (!Number.isInteger(value) && value !== Infinity) throw new RnnError("E_RANGE", `${name} is ${value}; it must be a whole number`);
}

/** @param {unknown} options */
export function checkOptions(options) {
  if (typeof options !== "object" || options === null) throw new RnnError("E_ARGUMENT", "the options are not an object");
}
