// SPDX-License-Identifier: MIT
//
// nextchar through the functions of its wasm, as a page that makes the distribution visible calls them.
import { BATCH, begin } from "../examples.mjs";
import { E, TEMPERATURE, V, WINDOW, lossCheck, windowOf } from "../work.mjs";

const LSTM = 4;
const ADAM = 0;
const PIECE = 200; // characters of one run()

async function start(read, name) {
  const { instance } = await WebAssembly.instantiate(await read(`web/core/${name}.wasm`), {
    env: { emscripten_notify_memory_growth() {} },
  });
  instance.exports._initialize();
  return instance.exports;
}

/** @param {string} name of the build @param {boolean} int8 */
export const nextchar = (name, int8) => async read => {
  const core = await start(read, name);
  if (core.rnn_self_test() !== (await start(read, "rnn-scalar")).rnn_self_test())
    throw new Error(`${name}.wasm computes wrong numbers here`);

  const writer = streams => H => {
    const drawn = core.rnn_model_new(LSTM, 1, V, 0, H, V, 1);
    const model = int8 ? core.rnn_model_quantize(drawn) : drawn;
    const state = core.rnn_state_new(model, streams);
    const probs = core.rnn_alloc(4 * V);
    const tokens = core.rnn_alloc(4 * streams);
    let position = 0;
    return () => {
      for (let i = 0; i < PIECE; i++) {
        const ids = new Int32Array(core.memory.buffer, tokens, streams);
        const logits = core.rnn_logits(state);
        for (let b = 0; b < streams; b++) {
          const failed = core.rnn_probs(logits + 4 * V * b, V, TEMPERATURE, 0, 1, probs) < 0;
          ids[b] = core.rnn_pick(probs, V, core.rnn_dice(b + 1, position));
          if (failed || ids[b] < 0) throw new Error("no token can be drawn");
        }
        position++;
        if (core.rnn_step(model, state, tokens) < 0) throw new Error("the step failed");
      }
      return PIECE * streams;
    };
  };

  const trainer = shape => H => {
    const { B, T } = shape;
    const model = core.rnn_model_new(LSTM, 1, V, E, H, V, 1);
    const trainer = core.rnn_trainer_new(model, B, T, 1, 0, 1);
    const { x, y } = windowOf(shape);
    const ids = core.rnn_alloc(8 * B * T);
    new Int32Array(core.memory.buffer, ids, B * T).set(x);
    new Int32Array(core.memory.buffer, ids + 4 * B * T, B * T).set(y);
    const check = lossCheck();
    return () => {
      check(core.rnn_trainer_window(trainer, ids, ids + 4 * B * T));
      if (core.rnn_trainer_update(trainer, ADAM, 0.001, 1) < 0) throw new Error("the update failed");
      return B * T;
    };
  };

  const answering = work => H => {
    const { update } = begin(core, work, H);
    const check = lossCheck();
    return () => {
      check(update());
      return BATCH;
    };
  };

  if (int8) return { write: writer(1) };
  return {
    write: writer(1),
    five: writer(5),
    train: trainer(WINDOW.train),
    lesson: trainer(WINDOW.lesson),
    sequence: answering("sequence"),
    caption: answering("caption"),
  };
};
