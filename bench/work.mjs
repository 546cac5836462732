// SPDX-License-Identifier: MIT
//
// work.mjs - what every contestant does, and how its rate is taken; the same code in Node and in Chromium.
//
// A contestant is { write?, train?, lesson? }, each an async function of H that makes a network and returns
// run(): it does a piece of the work and returns (a promise of) the characters done.
//     write   LSTM, one stream, V = 96: a step, softmax at temperature 0.8, a draw; what is drawn is read next
//     train   LSTM, 32 streams of 64 characters, Adam
//     lesson  LSTM 64, one stream of 100 characters, Adam: a step of the lesson's notebook

export const V = 96;
export const E = 64; // width of the embedding that is trained
export const TEMPERATURE = 0.8;
export const WORKS = { write: [64, 128, 256, 512, 1024], train: [64, 128, 256, 512], lesson: [64] };
export const WINDOW = { train: { B: 32, T: 64 }, lesson: { B: 1, T: 100 } };

const TOO_LONG = 20; // seconds for one piece: it is not asked for again

/** Numbers in [-scale, scale) that are the same in every run; real ones, because a page of zeros may be read many times as fast. */
export function randomFloats(length, scale, seed = 1) {
  const floats = new Float32Array(length);
  let x = seed;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    floats[i] = ((x / 2 ** 32) * 2 - 1) * scale;
  }
  return floats;
}

/** A token drawn from softmax(logits / TEMPERATURE). */
export function draw(logits) {
  let most = -Infinity, sum = 0;
  for (let i = 0; i < V; i++) if (logits[i] > most) most = logits[i];
  if (!Number.isFinite(most)) throw new Error("the logits are not finite");
  const weights = new Float64Array(V);
  for (let i = 0; i < V; i++) sum += weights[i] = Math.exp((logits[i] - most) / TEMPERATURE);
  let u = Math.random() * sum;
  for (let i = 0; i < V; i++) if ((u -= weights[i]) < 0) return i;
  return V - 1;
}

/** Inputs and targets (T, B) of a text that can be learned: 7 x + 3 modulo V, each stream from a place of its own. */
export function windowOf({ B, T }) {
  const x = new Int32Array(T * B), y = new Int32Array(T * B);
  for (let b = 0; b < B; b++)
    for (let t = 0, id = (b * 5) % V; t < T; t++) {
      x[t * B + b] = id;
      y[t * B + b] = id = (7 * id + 3) % V;
    }
  return { x, y };
}

/**
 * What answers for a contestant: ask(work, H, seconds) gives characters a second, or null where it has no
 * such work or a piece of it takes too long. Its networks are kept, so that it is warm from the second time on.
 */
export function meter(contestant) {
  const runs = new Map();
  const now = () => performance.now() / 1000;

  return async (work, H, seconds) => {
    const name = `${work} ${H}`;
    if (!contestant[work] || runs.get(name) === null) return null;
    if (!runs.has(name)) runs.set(name, await contestant[work](H));
    const run = runs.get(name), start = now();
    let characters = 0;
    do characters += await run();
    while (now() - start < seconds);
    if (now() - start > TOO_LONG) runs.set(name, null);
    return characters / (now() - start);
  };
}
