// SPDX-License-Identifier: MIT
//
// nextchar as its users call it: load() and model.write(), whose steps carry the distribution and the state.
import { load } from "../../web/core/model.js";
import { TEMPERATURE, V } from "../work.mjs";

const LSTM = 4, PIECE = 200;
const LETTERS = Array.from({ length: V }, (_, i) => String.fromCharCode(33 + i)).join("");

/** A weights file of random weights, as the core writes it. */
async function weights(read, H) {
  const {
    instance: { exports: core },
  } = await WebAssembly.instantiate(await read("web/core/rnn.wasm"), { env: { emscripten_notify_memory_growth() {} } });
  core._initialize();
  const utf8 = new TextEncoder().encode(LETTERS), text = core.rnn_alloc(utf8.length);
  new Uint8Array(core.memory.buffer, text, utf8.length).set(utf8);
  const vocab = core.rnn_vocab_build(text, utf8.length);
  const model = core.rnn_model_quantize(core.rnn_model_new(LSTM, 1, V, 0, H, V, 1));
  const size = core.rnn_model_save(model, vocab, 0, 0, 0), file = core.rnn_alloc(size) >>> 0;
  core.rnn_model_save(model, vocab, 0, file, size);
  return new Uint8Array(core.memory.buffer, file, size).slice();
}

export const rnnJs = async read => ({
  async write(H) {
    const model = await load(await weights(read, H));
    const steps = model.write("", { temperature: TEMPERATURE, length: Infinity });
    let text = "";
    return () => {
      for (let i = 0; i < PIECE; i++) text = text.slice(-99) + steps.next().value.text;
      return PIECE;
    };
  },
});
