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

/** @param {Archive} archive @returns {Promise<Files>} */
export async function unpack({ lengths, gzip }) {
  const bytes = await through(new DecompressionStream("gzip"), [Uint8Array.from(atob(gzip), character => character.charCodeAt(0))]);
  let end = 0;
  return new Map(Object.entries(lengths).map(([name, length]) => [name, bytes.subarray(end, (end += length))]));
}

/**
 * Not by a Blob's stream: WebKit's worker reads none where the page is a file.
 * @param {CompressionStream | DecompressionStream} stream @param {Uint8Array[]} parts @returns {Promise<Uint8Array>}
 */
async function through({ readable, writable }, parts) {
  const bytes = new Response(readable).arrayBuffer();
  const writer = writable.getWriter();
  for (const part of parts) writer.write(/** @type {BufferSource} */ (part)).catch(() => {}); // what fails, the other end tells
  writer.close().catch(() => {});
  return new Uint8Array(await bytes);
}

const PIECE = 3 * 2 ** 13; // bytes: three make four letters, and a call takes so many arguments

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let letters = "";
  for (let i = 0; i < bytes.length; i += PIECE) letters += btoa(String.fromCharCode(...bytes.subarray(i, i + PIECE)));
  return letters;
}
