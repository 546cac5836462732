// SPDX-License-Identifier: MIT
//
// checkpoint.js - a training as one file, for where the browser keeps none: the checkpoint, which is a safetensors file, with
// its text and the best network so far as two tensors more. The core passes over tensors that it does not know.
import { RnnError } from "../core/errors.js";

const MOST_HEADER = 2 ** 20; // bytes, as in the core

/** @typedef {{ checkpoint: Uint8Array, text: string, best: Uint8Array | null }} Packed */

/**
 * The header of a safetensors file, as far as it is one; the core checks the rest.
 * @param {Uint8Array} file @returns {{ header: Record<string, any>, data: number } | null} data: where the tensors begin
 */
function headerOf(file) {
  const length = file.length < 8 ? 0 : Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (!length || length > MOST_HEADER || 8 + length > file.length) return null;
  try {
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + length)));
    return typeof header === "object" && header !== null ? { header, data: 8 + length } : null;
  } catch {
    return null;
  }
}

/** What a safetensors file says of itself. @param {Uint8Array} file @returns {Record<string, unknown>} */
export function metadataOf(file) {
  return headerOf(file)?.header.__metadata__ ?? {};
}

/** @param {Packed} packed @returns {Uint8Array} */
export function pack({ checkpoint, text, best }) {
  const { header, data } = /** @type {NonNullable<ReturnType<typeof headerOf>>} */ (headerOf(checkpoint));
  const tensors = { text: new TextEncoder().encode(text), ...(best && { best }) };
  let end = checkpoint.length - data;
  for (const [name, { length }] of Object.entries(tensors))
    header[name] = { dtype: "U8", shape: [length], data_offsets: [end, (end += length)] };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil((8 + json.length) / 64) * 64 - 8; // the core's files begin their data there
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let offset = 8 + length;
  for (const bytes of [checkpoint.subarray(data), ...Object.values(tensors)]) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/** Whether it is a file of pack(), and no network or other file. @param {Blob} file */
export async function isPacked(file) {
  return Boolean(headerOf(new Uint8Array(await file.slice(0, 8 + MOST_HEADER).arrayBuffer()))?.header.text);
}

/** @param {Uint8Array} file of pack(); its checkpoint is the file itself @returns {Packed} @throws {RnnError} E_CHECKPOINT */
export function unpack(file) {
  const found = headerOf(file);
  const bytesOf = (/** @type {string} */ name) => {
    const offsets = found?.header[name]?.data_offsets;
    if (!found || !Array.isArray(offsets) || !offsets.every(Number.isInteger)) return null;
    const [begin, end] = offsets;
    return begin >= 0 && end >= begin && found.data + end <= file.length ? file.slice(found.data + begin, found.data + end) : null;
  };
  const text = bytesOf("text");
  if (!text)
    throw new RnnError(
      "E_CHECKPOINT",
      "this file is no checkpoint of a training in a page",
      "Choose the file that was downloaded as a checkpoint.",
    );
  return { checkpoint: file, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(text), best: bytesOf("best") };
}
