// SPDX-License-Identifier: MIT
//
// work.mjs - what every contestant does, and how its rate is taken; the same code in Node and in Chromium.
//
// A contestant is { write?, five?, train?, lesson?, sequence?, caption? }, each an async function of H that makes a
// network and returns run(): it does a piece of the work and returns (a promise of) the characters or examples done.
//     write   LSTM, one stream, V = 96: a step, softmax at temperature 0.8, a draw; what is drawn is read next
//     five    the same for five streams at once
//     train   LSTM, 32 streams of 64 characters, Adam
//     lesson  LSTM 64, one stream of 100 characters, Adam: a step of the lesson's notebook
// and training of networks that answer, counted in examples (examples.mjs has them):
//     sequence  encoder and decoder LSTM: a number becomes English words
//     caption   a picture, two convolutions, a GRU: the name of a digit

export const V = 96;
export const E = 64; // width of the embedding that is trained
export const TEMPERATURE = 0.8;
export const ANSWERING = ["sequence", "caption"];
export const WORKS = {
  write: [64, 128, 256, 512, 1024],
  five: [256],
  train: [64, 128, 256, 512],
  lesson: [64],
  sequence: [128],
  caption: [64],
};
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

/** draw(logits): a token drawn from softmax(logits / TEMPERATURE), by nextchar's core, so that nobody pays for slower functions. */
export async function drawer(read) {
  const { instance } = await WebAssembly.instantiate(await read("web/core/rnn.wasm"), { env: { emscripten_notify_memory_growth() {} } });
  const core = instance.exports;
  core._initialize();
  const given = core.rnn_alloc(4 * V);
  const probs = core.rnn_alloc(4 * V);
  const logits = new Float32Array(core.memory.buffer, given, V);
  let position = 0;
  return values => {
    logits.set(values);
    const failed = core.rnn_probs(given, V, TEMPERATURE, 0, 1, probs) < 0;
    const token = core.rnn_pick(probs, V, core.rnn_dice(1, position++));
    if (failed || token < 0) throw new Error("the logits are not finite");
    return token;
  };
}

/** check(loss) of one training: throws if the loss is above the first or no number, for then it would be fast but useless. */
export function lossCheck() {
  let first;
  return loss => {
    first ??= loss;
    if (!(loss <= first + 0.01)) throw new Error(`the loss rises from ${first} to ${loss}`);
  };
}

/** Inputs and targets (T, B) of a text that can be learned: 7 x + 3 modulo V, each stream from a place of its own. */
export function windowOf({ B, T }) {
  const x = new Int32Array(T * B);
  const y = new Int32Array(T * B);
  for (let b = 0; b < B; b++)
    for (let t = 0, id = (b * 5) % V; t < T; t++) {
      x[t * B + b] = id;
      y[t * B + b] = id = (7 * id + 3) % V;
    }
  return { x, y };
}

/**
 * What answers for a contestant: ask(work, H, seconds) gives characters (examples) a second, or null where it has no
 * such work or a piece of it takes too long. Its networks are kept, so that it is warm from the second time on.
 */
export function meter(contestant) {
  const runs = new Map();
  const now = () => performance.now() / 1000;

  return async (work, H, seconds) => {
    const name = `${work} ${H}`;
    if (!contestant[work] || runs.get(name) === null) return null;
    if (!runs.has(name)) runs.set(name, await contestant[work](H));
    const run = runs.get(name);
    const start = now();
    let characters = 0;
    do characters += await run();
    while (now() - start < seconds);
    if (now() - start > TOO_LONG) runs.set(name, null);
    return characters / (now() - start);
  };
}
