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

/** @param {string} what it is @param {string} wanted @param {unknown} value @returns {RnnError} E_ARGUMENT */
export function wrongType(what, wanted, value) {
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  return new RnnError("E_ARGUMENT", `${what} is not ${wanted} but ${kind}`);
}

/** @param {string} name @param {unknown} value @param {number} least @param {number} most */
export function checkNumber(name, value, least, most) {
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!(value >= least && value <= most)) throw new RnnError("E_RANGE", `${name} is ${value}; it must be from ${least} to ${most}`);
}

/** @param {string} name @param {unknown} value @param {number} least @param {number} most */
export function checkWhole(name, value, least, most) {
  checkNumber(name, value, least, most);
  if (!Number.isInteger(value) && value !== Infinity) throw new RnnError("E_RANGE", `${name} is ${value}; it must be a whole number`);
}

/** @param {unknown} options @param {string[] | null} known names; null: any @param {string} [name] */
export function checkOptions(options, known, name = "options") {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw wrongType(name, "an object", options);
  if (!known) return;
  for (const key in options)
    if (!known.includes(key)) throw new RnnError("E_ARGUMENT", `"${key}" in ${name} is none of ${known.join(", ")}`);
}

/** @param {unknown} text @param {string} [name] */
export function checkText(text, name = "the text") {
  if (typeof text !== "string") throw wrongType(name, "a string", text);
}

/** @param {string} name @param {unknown} value @param {number} length */
export function checkFloats(name, value, length) {
  if (!(value instanceof Float32Array)) throw wrongType(name, "a Float32Array", value);
  if (value.length !== length) throw new RnnError("E_ARGUMENT", `${name} has ${value.length} numbers, expected ${length}`);
}

/** The bytes of what holds some, not copied. @param {string} name @param {unknown} value @param {string} [wanted] */
export function bytesOf(name, value, wanted = "a Uint8Array or an ArrayBuffer") {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw wrongType(name, wanted, value);
}
