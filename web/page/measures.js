// SPDX-License-Identifier: MIT
//
// measures.js - the figures of a training as sentences, in the words of a desk.
import { short } from "./describe.js";

/** @typedef {import("./contract.js").Words} Words */

/** @param {Words} words @param {number} seconds */
export function duration({ say, number }, seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return say("train.seconds", { count: number(whole) });
  if (whole < 5400) return say("train.minutes", { count: number(Math.round(whole / 60)) });
  return say("train.hours", { count: number(Math.round(whole / 360) / 10) });
}

/** Bits per token, and of words the perplexity. @param {Words} words @param {string} level of the network @param {number | null} value */
export function bits(words, level, value) {
  const { say, number } = words;
  if (value === null || Number.isNaN(value)) return "–";
  if (level === "characters") return say("bits", { bits: short(words, value) });
  return say("train.perplexity", { bits: short(words, value), perplexity: number(2 ** value, { maximumSignificantDigits: 3 }) });
}

/** @param {Words} words @param {number} tokensPerSecond */
export const speed = ({ number }, tokensPerSecond) => number(Math.round(tokensPerSecond), { maximumSignificantDigits: 2 });
