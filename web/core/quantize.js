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
  const bytes = bytesOf("the file", file);
  if (core.lendBytes(bytes, at => wasm.rnn_file_answers(at, bytes.length)) > 0) return quantizeAnswering(core, bytes);
  const { model, vocab } = Network.ofFile(core, bytes);
  const small = core.made(wasm.rnn_model_quantize(model));
  return core.written((out, room) => wasm.rnn_model_save(small, vocab, wasm.rnn_meta(small), out, room));
}

/** The same of a network that answers. @param {Core} core @param {Uint8Array} bytes */
function quantizeAnswering(core, bytes) {
  const { wasm } = core;
  const pattern = core.lendBytes(bytes, at => core.made(wasm.rnn_pattern_load(at, bytes.length)));
  const small = core.made(wasm.rnn_pattern_quantize(pattern));
  const metadata = wasm.rnn_meta(core.made(wasm.rnn_pattern_model(small)));
  return core.written((out, room) => wasm.rnn_pattern_save(small, metadata, out, room));
}
