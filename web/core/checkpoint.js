// SPDX-License-Identifier: MIT
//
// checkpoint.js - a checkpoint as one file, as the command writes it too: with the text or the examples that are learnt, those that are
// held out apart, and the network that was best so far, as tensors more.
import { buildFor } from "./builds.js";
import { RnnError, bytesOf, checkText } from "./errors.js";
import { Network } from "./network.js";
import { Core, decoder, encoder } from "./wasm.js";

const TEXT = "text";
const HELD_OUT = "held_out";
const BEST = "best";
const UPDATES = ["trainer.updates", "decoder.trainer.updates"]; // which a checkpoint has, and no network; the second one of a sequence

/** @typedef {Uint8Array | ArrayBuffer} Bytes of a file */

/** A copy of a tensor of bytes in a file; null if there is none. @param {Core} core @param {Bytes} given @param {string} name */
function find(core, given, name) {
  const file = bytesOf("the file", given);
  return core.lendBytes(file, at =>
    core.lendText(name, tensor =>
      core.lend(4, out => {
        const address = core.wasm.rnn_file_find(at, file.length, tensor, out) >>> 0;
        return address ? core.bytes(address, core.count(out)).slice() : null;
      }),
    ),
  );
}

/** The file with a tensor of bytes more. @param {Core} core @param {Bytes} given @param {string} name @param {Bytes} content */
function add(core, given, name, content) {
  const [file, bytes] = [bytesOf("the checkpoint", given), bytesOf(`the tensor ${name}`, content)];
  return core.lendBytes(file, at =>
    core.lendText(name, tensor =>
      core.lendBytes(bytes, data =>
        core.written((out, room) => core.wasm.rnn_file_add(at, file.length, tensor, data, bytes.length, out, room)),
      ),
    ),
  );
}

/**
 * @param {Bytes} checkpoint what Training.save() or ExampleTraining.save() gave @param {string} text that is learnt
 * @param {Bytes | null} best weights of the network that was best so far
 * @param {string} [heldOut] what is held out, where it was given apart
 * @returns {Promise<Uint8Array>}
 */
export async function packCheckpoint(checkpoint, text, best, heldOut) {
  checkText(text);
  const core = await Core.start((await buildFor()).module);
  let file = add(core, checkpoint, TEXT, encoder.encode(text));
  if (heldOut !== undefined) file = add(core, file, HELD_OUT, encoder.encode(heldOut));
  return best ? add(core, file, BEST, best) : file;
}

/** Whether it is a checkpoint of a training, and no network or other file. @param {Bytes} file @returns {Promise<boolean>} */
export async function isCheckpoint(file) {
  const core = await Core.start((await buildFor()).module);
  return UPDATES.some(name => find(core, file, name) !== null);
}

/**
 * What packCheckpoint() or the command has put in; Training.resume() and ExampleTraining.resume() take the file as it is.
 * @param {Bytes} file
 * @returns {Promise<{ text: string, heldOut: string | null, best: Uint8Array | null }>}
 * @throws {RnnError} E_CHECKPOINT: the file is no checkpoint with its text, was cut off or is damaged
 */
export async function unpackCheckpoint(file) {
  const core = await Core.start((await buildFor()).module);
  const text = find(core, file, TEXT);
  if (!text) {
    const { code, message, hint } = core.error();
    throw new RnnError(
      "E_CHECKPOINT",
      `the file is no checkpoint of a training with its text in it: ${message}`,
      ["E_TRUNCATED", "E_DAMAGED"].includes(code) ? hint : "Choose a file that was saved as a checkpoint.",
    );
  }
  const heldOut = find(core, file, HELD_OUT);
  return { text: decoder.decode(text), heldOut: heldOut && decoder.decode(heldOut), best: find(core, file, BEST) };
}

/**
 * What a weights file says of itself.
 * @param {Bytes} file
 * @returns {Promise<Record<string, string>>}
 * @throws {RnnError} what load() throws
 */
export async function metadataOf(file) {
  const core = await Core.start((await buildFor()).module);
  return core.metadata(core.wasm.rnn_meta(Network.ofFile(core, bytesOf("the file", file)).model) >>> 0);
}
