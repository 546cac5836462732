// SPDX-License-Identifier: MIT
//
// aswritten.js - what well-known samples do as they are written, each with its mistake, for the view "Where the samples go wrong". What
// the right way needs that the core does not have stands beside it.

/** @import { Model, Step } from "../core/model.js" */
/** @typedef {import("./story.js").Sampling} Sampling */

// ---- the lesson's TensorFlow notebook ----

/**
 * Feeds tokens and what comes behind them, the whole sequence for each.
 * @param {number[]} start
 * @param {number} size tokens to write
 * @param {(fed: number[], place: number) => number} next what comes behind; -1: the end
 * @param {boolean} isAliased as written: the text and what is fed are one list at first, so the first token that comes is fed twice
 */
export function feed(start, size, next, isAliased) {
  let fed = [...start];
  const text = isAliased ? fed : [...fed];
  const rows = [];
  for (let place = 0; place < size; place++) {
    rows.push([...fed]);
    const token = next(fed, place);
    if (token < 0) break;
    text.push(token);
    fed = [...fed, token];
  }
  return { rows, written: text.slice(start.length) };
}

/** @typedef {{ sampling: Sampling, seed: number, place: number }} Dice */
/** @typedef {{ sampling: Sampling, seed: number, size: number }} Plan */
/** @typedef {{ step: Step, read: number }} Written read: tokens that were read for it */

/**
 * The step behind tokens, all of them read from the zero state on.
 * @param {Model} model @param {ArrayLike<number>} ids @param {Dice} dice
 */
export function stepBehind(model, ids, { sampling, seed, place }) {
  const state = model.start();
  try {
    state.advance(Int32Array.from(ids));
    return state.draw(sampling, seed, place);
  } finally {
    state.free();
  }
}
/**
 * As written: for each token the whole text again.
 * @param {Model} model @param {Int32Array} prompt @param {Plan} plan @returns {Generator<Written>}
 */
export function* again(model, prompt, { size, ...dice }) {
  const text = [...prompt];
  for (let place = 0; place < size; place++) {
    const read = text.length;
    const step = stepBehind(model, text, { ...dice, place });
    if (step.id === model.end) return;
    text.push(step.id);
    yield { step, read };
  }
}

/**
 * The same with the state kept: each token is read once.
 * @param {Model} model @param {Int32Array} prompt @param {Plan} plan @returns {Generator<Written>}
 */
export function* carried(model, prompt, { size, sampling, seed }) {
  const state = model.start();
  try {
    let fresh = prompt;
    for (let place = 0; place < size; place++) {
      state.advance(fresh);
      const step = state.draw(sampling, seed, place);
      if (step.id === model.end) return;
      yield { step, read: fresh.length };
      fresh = Int32Array.of(step.id);
    }
  } finally {
    state.free();
  }
}

/**
 * The logits with one in front for the padding, which then has that share of the distribution.
 * @param {Float32Array} logits @param {number} share
 */
export function withPadding(logits, share) {
  const most = Math.max(...logits);
  const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return Float32Array.of(most + Math.log((sum * share) / (1 - share)), ...logits);
}

/** @param {number} id @param {number} V */
export const oneHot = (id, V) => Array.from({ length: V }, (_, i) => Number(i === id));

/** What Keras' Masking leaves out: a step whose values are all zero. @param {number[][]} rows */
export const maskedByZeros = rows => rows.map(row => row.every(value => value === 0));

// ---- the lesson's PyTorch notebook ----

const MOST_FLOAT32 = 3.4028234663852886e38;

/** The largest logit that exp(logit / T) can take in float32. @param {number} T */
export const mostLogit = T => T * Math.log(MOST_FLOAT32);

/** As written: exp(logit / T) without the largest taken off first, in float32. @param {number[]} logits @param {number} T */
export function unguarded(logits, T) {
  const { exp, fround } = Math;
  const weights = logits.map(logit => fround(exp(fround(logit / T))));
  const sum = weights.reduce((sum, weight) => fround(sum + weight), 0);
  return { weights, shares: weights.map(weight => fround(weight / sum)) };
}

/** As written: what the vocabulary lacks gets index 0, which is a W there. @param {string} text @param {string[]} vocabulary */
export const asW = (text, vocabulary) => Array.from(text, character => (vocabulary.includes(character) ? character : "W"));

// ---- the blog's Markov chain ----

/** A text's words, each once, and how often each follows `word`, as shares. @param {string} text @param {string} word */
export function followersOf(text, word) {
  const all = text.split(/\s+/).filter(Boolean);
  const vocabulary = [...new Set(all)];
  const behind = all.filter((_, i) => i > 0 && all[i - 1] === word);
  return { vocabulary, shares: vocabulary.map(each => behind.filter(one => one === each).length / Math.max(1, behind.length)) };
}

/**
 * As written: the logarithm of a share of 0 is taken to be 0, which after exp is a weight of 1.
 * @param {number[]} shares @param {number} T
 */
export function turnedRound(shares, T) {
  const weights = shares.map(share => Math.exp((share === 0 ? 0 : Math.log(share)) / T));
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / sum);
}

// ---- ml5's charRNN ----

/**
 * The same prompt twice with the same dice. As written the state is not set back between them.
 * @param {Model} model @param {string} prompt @param {Plan} plan @param {boolean} isReset
 * @returns {string[]}
 */
export function twice(model, prompt, { size, sampling, seed }, isReset) {
  const { ids } = model.encode(prompt);
  let state = model.start();
  try {
    return [0, 1].map(round => {
      if (round && isReset) {
        state.free();
        state = model.start();
      }
      state.advance(ids);
      return textOf(model.write(state, { ...sampling, seed, length: size }));
    });
  } finally {
    state.free();
  }
}

/** @param {Iterable<Step>} steps */
export const textOf = steps => Array.from(steps, step => step.text).join("");
