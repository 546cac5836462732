// SPDX-License-Identifier: MIT
//
// quantize.js - a network's file with its weights as int8: a quarter of the size.
import { buildFor } from "./builds.js";
import { bytesOf } from "./errors.js";
import { Network } from "./network.js";
import { Core } from "./wasm.js";

/**
 * @param {Uint8Array | ArrayBuffer} file @returns {Promise<Uint8Array>}
 * @throws {import("./errors.js").RnnError} what load() throws
 */
export async function quantize(file) {
  const core = await Core.start((await buildFor()).module);
  const { wasm } = core;
  const { model, vocab } = Network.ofFile(core, bytesOf("the file", file));
  const small = core.made(wasm.rnn_model_quantize(model));
  return core.written((out, room) => wasm.rnn_model_save(small, vocab, wasm.rnn_meta(small), out, room));
}
