// SPDX-License-Identifier: MIT
//
// utf8.js - a text as bytes, of which at most so many are taken: what is learnt, answered or looked up.
import { RnnError, checkText } from "./errors.js";
import { encoder } from "./wasm.js";

/**
 * @param {string} text @param {{ name?: string, most?: number, hint?: string }} [limit] what a sentence calls it, bytes, what to do
 * @returns {Uint8Array}
 */
export function utf8Of(text, { name = "the text", most = Infinity, hint = "Take less." } = {}) {
  checkText(text, name);
  const utf8 = encoder.encode(text);
  if (utf8.length > most) throw new RnnError("E_TOO_BIG", `${name} has ${utf8.length} bytes; at most ${most} are taken`, hint);
  return utf8;
}
