// SPDX-License-Identifier: MIT
//
// errors.js - the one kind of error that nextchar throws, and the checks of arguments that throw it.

/**
 * What went wrong, for a program. From the core, see src/rnn.h: E_MEMORY to E_NONFINITE. From here: E_HTTP, an error status;
 * E_NETWORK, no answer or half of one; E_HTML, a page came instead of a file; E_FILETYPE, another kind of file; E_TOO_BIG; E_STALL,
 * no byte for a while; E_WASM, rnn.wasm is missing, broken, of another version or forbidden; E_SELFTEST, this machine computes
 * wrong numbers; E_ARGUMENT, of the wrong type; E_STATE, E_CHECKPOINT, damaged or of another network or text; E_FREED; E_TEXT,
 * nothing can be learnt from it; E_DIVERGED, a loss that ran away; E_STORAGE, the browser keeps nothing; E_WORKER.
 * @typedef {"E_MEMORY" | "E_TRUNCATED" | "E_TRAILING" | "E_HEADER" | "E_OFFSETS" | "E_SHAPE" | "E_VALUE" | "E_VOCAB" |
 *   "E_VERSION" | "E_RANGE" | "E_NONFINITE" | "E_HTTP" | "E_NETWORK" | "E_HTML" | "E_FILETYPE" | "E_TOO_BIG" | "E_STALL" |
 * "E_WASM" | "E_SELFTEST" | "E_ARGUMENT" | "E_STATE" | "E_FREED" | "E_TEXT" | "E_CHECKPOINT" | "E_DIVERGED" | "E_STORAGE" | "E_WORKER"}
 *   ErrorCode
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
