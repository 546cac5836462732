// SPDX-License-Identifier: MIT
//
// archive.js - files as text that can stand in a page: their bytes behind each other, compressed, in base64.

/** lengths: of each file, in order. @typedef {{ lengths: Record<string, number>, gzip: string }} Archive */
/** By their names. @typedef {Map<string, Uint8Array>} Files */

/** @param {Files} files @returns {Promise<Archive>} */
export async function pack(files) {
  const bytes = await through(new CompressionStream("gzip"), [...files.values()]);
  const lengths = Object.fromEntries([...files].map(([name, { length }]) => [name, length]));
  return { lengths, gzip: base64(bytes) };
}

/** @param {Archive} archive that may have been tampered with @returns {Promise<Files>} */
export async function unpack({ lengths, gzip }) {
  const names = Object.keys(lengths);
  const whole = names.reduce((sum, name) => sum + lengths[name], 0);
  if (!names.every(name => lengths[name] >= 0) || !(whole <= MOST)) throw new Error("the lengths of its files are none");
  const packed = Uint8Array.from(atob(gzip), character => character.charCodeAt(0));
  const bytes = await through(new DecompressionStream("gzip"), [packed], whole);
  if (bytes.length !== whole) throw new Error("it has fewer bytes than its files");
  let end = 0;
  return new Map(names.map(name => [name, bytes.subarray(end, (end += lengths[name]))]));
}

/**
 * Not by a Blob: WebKit's worker reads none where the page is a file.
 * @param {CompressionStream | DecompressionStream} stream @param {Uint8Array[]} parts
 * @param {number} [most] bytes that may come of them
 * @returns {Promise<Uint8Array>}
 */
async function through({ readable, writable }, parts, most = Infinity) {
  const writer = writable.getWriter();
  for (const part of parts) writer.write(/** @type {BufferSource} */ (part)).catch(() => {}); // what fails, the other end tells
  writer.close().catch(() => {});
  const reader = readable.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    bytes += value.length;
    if (bytes > most) throw new Error("it has more bytes than its files");
  }
  const whole = new Uint8Array(bytes);
  let end = 0;
  for (const piece of pieces) whole.set(piece, (end += piece.length) - piece.length);
  return whole;
}

const MOST = 256 * 2 ** 20; // bytes, as of any file
const PIECE = 3 * 2 ** 13; // bytes: three make four letters, and a call takes so many arguments

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let letters = "";
  for (let i = 0; i < bytes.length; i += PIECE) letters += btoa(String.fromCharCode(...bytes.subarray(i, i + PIECE)));
  return letters;
}
