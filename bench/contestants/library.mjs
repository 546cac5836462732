// SPDX-License-Identifier: MIT
//
// nextchar as its users call it: model.write(); and as the page does: a branch that is written on and keeps every distribution.
import { load } from "../../web/core/model.js";
import { Branch } from "../../web/story/story.js";
import { TEMPERATURE, V } from "../work.mjs";

const LSTM = 4;
const PIECE = 200;
const MOST_KEPT = 10_000; // steps of a branch: then another one begins
const LETTERS = Array.from({ length: V }, (_, i) => String.fromCharCode(33 + i)).join("");

/** A weights file of random weights, as the core writes it. @param {boolean} int8 */
async function weights(read, H, int8) {
  const { instance } = await WebAssembly.instantiate(await read("web/core/rnn.wasm"), { env: { emscripten_notify_memory_growth() {} } });
  const core = instance.exports;
  core._initialize();
  const utf8 = new TextEncoder().encode(LETTERS);
  const text = core.rnn_alloc(utf8.length);
  new Uint8Array(core.memory.buffer, text, utf8.length).set(utf8);
  const vocab = core.rnn_vocab_build(text, utf8.length, 0, 0);
  const drawn = core.rnn_model_new(LSTM, 1, V, 0, H, V, 1);
  const model = int8 ? core.rnn_model_quantize(drawn) : drawn;
  const size = core.rnn_model_save(model, vocab, 0, 0, 0);
  const file = core.rnn_alloc(size) >>> 0;
  core.rnn_model_save(model, vocab, 0, file, size);
  return new Uint8Array(core.memory.buffer, file, size).slice();
}

/** A piece of the work: so many steps more. @param {Iterator<{ id: number }>} steps */
const pieceOf = steps => () => {
  for (let i = 0; i < PIECE; i++) if (steps.next().value.id < 0) throw new Error("no token was drawn");
  return PIECE;
};

/** In the SIMD build, which the functions of the wasm are compared in. @param {boolean} int8 */
export const library = int8 => async read => ({
  async write(H) {
    const model = await load(await weights(read, H, int8), { isa: "simd128" });
    return pieceOf(model.write("", { temperature: TEMPERATURE, length: Infinity }));
  },
});

export const pagePath = async read => ({
  async write(H) {
    const model = await load(await weights(read, H, false), { isa: "simd128" });
    return pieceOf(branches(model));
  },
});

function* branches(model) {
  for (;;) yield* new Branch(model, new Int32Array(), 1, [{ place: 0, temperature: TEMPERATURE, topK: 0, topP: 1 }]).write(() => MOST_KEPT);
}
