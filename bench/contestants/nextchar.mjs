// SPDX-License-Identifier: MIT
//
// nextchar through the functions of its wasm, as a page that makes the distribution visible calls them.
import { E, TEMPERATURE, V, WINDOW, windowOf } from "../work.mjs";

const LSTM = 4, ADAM = 0;
const PIECE = 200; // characters of one run()

async function start(read, name) {
  const { instance } = await WebAssembly.instantiate(await read(`web/${name}.wasm`), { env: { emscripten_notify_memory_growth() {} } });
  instance.exports._initialize();
  return instance.exports;
}

/** @param {string} name of the build @param {boolean} int8 */
export const nextchar = (name, int8) => async read => {
  const core = await start(read, name);
  if (core.rnn_self_test() !== (await start(read, "rnn-scalar")).rnn_self_test()) throw new Error(`${name}.wasm computes wrong numbers here`);

  function write(H) {
    const drawn = core.rnn_model_new(LSTM, 1, V, 0, H, V, 1);
    const model = int8 ? core.rnn_model_quantize(drawn) : drawn;
    const state = core.rnn_state_new(model, 1), probs = core.rnn_alloc(4 * V), token = core.rnn_alloc(4);
    let position = 0;
    return () => {
      for (let i = 0; i < PIECE; i++) {
        core.rnn_probs(core.rnn_logits(state), V, TEMPERATURE, 0, 1, probs);
        new Int32Array(core.memory.buffer, token, 1)[0] = core.rnn_pick(probs, V, core.rnn_dice(1, position++));
        core.rnn_step(model, state, token);
      }
      return PIECE;
    };
  }

  const trainer = shape => H => {
    const { B, T } = shape;
    const model = core.rnn_model_new(LSTM, 1, V, E, H, V, 1), trainer = core.rnn_trainer_new(model, B, T, 0, 1);
    const { x, y } = windowOf(shape), ids = core.rnn_alloc(8 * B * T);
    new Int32Array(core.memory.buffer, ids, B * T).set(x);
    new Int32Array(core.memory.buffer, ids + 4 * B * T, B * T).set(y);
    return () => {
      core.rnn_trainer_window(trainer, ids, ids + 4 * B * T);
      core.rnn_trainer_update(trainer, ADAM, 0.001, 1);
      return B * T;
    };
  };

  return int8 ? { write } : { write, train: trainer(WINDOW.train), lesson: trainer(WINDOW.lesson) };
};
