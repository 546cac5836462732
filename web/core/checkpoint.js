// SPDX-License-Identifier: MIT
//
// checkpoint.js - a checkpoint as one file, as the command writes it too: with the text that is learnt, and the network that was
// best so far, as two tensors more.
import { buildFor } from "./builds.js";
import { RnnError } from "./errors.js";
import { Network } from "./network.js";
import { Core, decoder, encoder } from "./wasm.js";

const TEXT = "text";
const BEST = "best";

/** A copy of a tensor of bytes in a file; null if there is none. @param {Core} core @param {Uint8Array} file @param {string} name */
function find(core, file, name) {
  return core.lendBytes(file, at =>
    core.lendText(name, tensor =>
      core.lend(4, out => {
        const address = core.wasm.rnn_file_find(at, file.length, tensor, out) >>> 0;
        return address ? core.bytes(address, core.count(out)).slice() : null;
      }),
    ),
  );
}

/** The file with a tensor of bytes more. @param {Core} core @param {Uint8Array} file @param {string} name @param {Uint8Array} bytes */
function add(core, file, name, bytes) {
  return core.lendBytes(file, at =>
    core.lendText(name, tensor =>
      core.lendBytes(bytes, data =>
        core.written((out, room) => core.wasm.rnn_file_add(at, file.length, tensor, data, bytes.length, out, room)),
      ),
    ),
  );
}

/**
 * @param {Uint8Array} checkpoint what Training.save() gave @param {string} text that is learnt
 * @param {Uint8Array | null} best weights of the network that was best so far
 * @returns {Promise<Uint8Array>}
 */
export async function packCheckpoint(checkpoint, text, best) {
  const core = await Core.start((await buildFor()).module);
  const withText = add(core, checkpoint, TEXT, encoder.encode(text));
  return best ? add(core, withText, BEST, best) : withText;
}

/** Whether it is a checkpoint of a training, and no network or other file. @param {Uint8Array} file @returns {Promise<boolean>} */
export async function isCheckpoint(file) {
  return find(await Core.start((await buildFor()).module), file, "trainer.updates") !== null;
}

/**
 * What packCheckpoint() or the command has put in; Training.resume() takes the file as it is.
 * @param {Uint8Array} file
 * @returns {Promise<{ text: string, best: Uint8Array | null }>}
 * @throws {RnnError} E_CHECKPOINT: the file is no checkpoint with its text
 */
export async function unpackCheckpoint(file) {
  const core = await Core.start((await buildFor()).module);
  const text = find(core, file, TEXT);
  if (!text)
    throw new RnnError(
      "E_CHECKPOINT",
      "the file is no checkpoint of a training with its text in it",
      "Choose a file that was saved as a checkpoint.",
    );
  return { text: decoder.decode(text), best: find(core, file, BEST) };
}

/**
 * What a weights file says of itself.
 * @param {Uint8Array} file
 * @returns {Promise<Record<string, string>>}
 * @throws {RnnError} what load() throws
 */
export async function metadataOf(file) {
  const core = await Core.start((await buildFor()).module);
  return core.metadata(core.wasm.rnn_meta(Network.ofFile(core, file).model) >>> 0);
}
