// SPDX-License-Identifier: MIT
//
// errors.js - the one kind of error that nextchar throws, and the checks of arguments that throw it.

export class RnnError extends Error {
  /**
   * @param {import("./types.js").ErrorCode} code
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
