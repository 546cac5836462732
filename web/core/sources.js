// SPDX-License-Identifier: MIT
//
// sources.js - the bytes of a source (address, path, Blob, buffer), or an error that says why not.
// A source is hostile until checked: its size is capped while it streams, its kind is told from its
// first bytes, and a server that falls silent, or sends a byte now and then, is given up.
import { RnnError, bytesOf } from "./errors.js";

/** @import { ReadOptions, Source, Stream } from "./types.js" */

const LIMIT = 256 * 2 ** 20;
const PATIENCE = 30_000; // milliseconds
const LEAST = 2; // bytes a millisecond, on average over that time
const HEAD_BYTES = 64; // enough to tell a file's kind
const TRY_AGAIN = "Check the connection and try again.";

const inNode = Boolean(/** @type {any} */ (globalThis).process?.versions?.node);

/** E_NETWORK within the bytes: worth a second try. */
class BrokenOff extends RnnError {}

/**
 * The bytes of a source. A body that breaks off is asked for once more.
 * @param {Source} source in Node a string that is not a URL is a path
 * @param {ReadOptions} [options]
 * @returns {Promise<Uint8Array>}
 */
export async function readBytes(source, options = {}) {
  const open = opener(source);
  try {
    return await download(open, source, options);
  } catch (error) {
    if (!(error instanceof BrokenOff)) throw error;
    return download(open, source, options);
  }
}

/**
 * What a JSON file of the page says.
 * @param {URL} url
 * @param {ReadOptions} [options]
 */
export async function readJson(url, options) {
  const bytes = await readBytes(url, options);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new RnnError("E_NETWORK", `what came from ${url} is no JSON: ${messageOf(cause)}`, hintFor(url), cause);
  }
}

/**
 * How messages call a source.
 * @param {unknown} source
 */
export function nameOf(source) {
  if (typeof source === "string" || source instanceof URL) return String(source);
  return /** @type {{ name?: string }} */ (source)?.name || "the file";
}

/**
 * The promise's outcome, or the signal's reason if it aborts first.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function unlessAborted(promise, signal) {
  if (!signal) return promise;
  let stop = () => {};
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, aborted]));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

// ---- opening ----

/** @param {Source} source @returns {(signal: AbortSignal) => Promise<Stream>} */
function opener(source) {
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return openBuffer(bytesOf("the source", source));
  if (source instanceof Blob) return openBlob(source);
  if (typeof source !== "string" && !(source instanceof URL))
    throw new RnnError("E_ARGUMENT", "the source is not an address, a path, a File, a Blob, an ArrayBuffer or a Uint8Array");
  const text = String(source);
  if (inNode && !/^[a-z][a-z0-9+.-]+:/i.test(text)) return openFile(text);
  const url = address(text);
  return inNode && url.protocol === "file:" ? openFile(url) : openAddress(url);
}

/** @param {string} text */
function address(text) {
  try {
    return new URL(text, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch (cause) {
    throw new RnnError("E_ARGUMENT", `"${text}" is not an address`, "Give the whole address, with https://.", cause);
  }
}

/** @param {Uint8Array} bytes */
function openBuffer(bytes) {
  let value = /** @type {Uint8Array | undefined} */ (bytes);
  return async () => ({
    about: "the data",
    total: bytes.length,
    async read() {
      const chunk = { done: !value, value };
      value = undefined;
      return chunk;
    },
  });
}

/** @param {Blob} blob */
function openBlob(blob) {
  return async (/** @type {AbortSignal} */ signal) => ({ about: nameOf(blob), total: blob.size, read: reader(blob.stream(), signal) });
}

/** @param {string | URL} path */
function openFile(path) {
  return async (/** @type {AbortSignal} */ signal) => (await import("./filesystem.js")).openFile(path, signal);
}

/** @param {URL} url */
function openAddress(url) {
  return async (/** @type {AbortSignal} */ signal) => {
    const response = await fetch(url, { signal }).catch(cause => {
      if (cause instanceof RnnError) throw cause; // of a page that is one file
      throw new RnnError("E_NETWORK", `${url} did not answer: ${messageOf(cause)}`, hintFor(url), cause);
    });
    const type = response.headers.get("content-type") ?? "no type given";
    if (!response.ok)
      throw new RnnError(
        "E_HTTP",
        `${url} answered ${response.status} ${response.statusText} (${type})`,
        "Check the address, and that the server has the file there.",
      );
    return {
      about: `${url} (${response.status}, ${type})`,
      // With an encoding the length is that of the compressed bytes.
      total: response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length")) || 0,
      read: response.body ? reader(response.body, signal) : async () => ({ done: true }),
    };
  };
}

/** @param {URL} url */
function hintFor(url) {
  const origin = globalThis.location?.origin;
  return origin && origin !== url.origin
    ? `Check the connection; and as this is another origin, its server must send "Access-Control-Allow-Origin: *" with the file.`
    : "Check the connection and the address.";
}

/** @param {ReadableStream<Uint8Array>} stream @param {AbortSignal} signal */
function reader(stream, signal) {
  const from = stream.getReader();
  signal.addEventListener("abort", () => from.cancel().catch(() => {}));
  return () => from.read();
}

// ---- reading ----

/** @param {(signal: AbortSignal) => Promise<Stream>} open @param {Source} source @param {ReadOptions} options */
async function download(open, source, { signal, patience = PATIENCE, ...options }) {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const cancel = () => controller.abort(signal?.reason);
  let bytes = 0; // since the timer was set
  const giveUp = () =>
    controller.abort(new RnnError("E_STALL", `${nameOf(source)} sent ${bytes} bytes in ${patience / 1000} seconds`, TRY_AGAIN));
  let timer = setTimeout(giveUp, patience);
  const heed = (/** @type {number} */ more) => {
    bytes += more;
    if (bytes < LEAST * patience) return;
    bytes = 0;
    clearTimeout(timer);
    timer = setTimeout(giveUp, patience);
  };
  signal?.addEventListener("abort", cancel);
  try {
    const stream = await unlessAborted(open(controller.signal), controller.signal);
    const read = async () => {
      const chunk = await unlessAborted(stream.read(), controller.signal);
      controller.signal.throwIfAborted(); // a stream that is cancelled ends as if it were whole
      return chunk;
    };
    return await collect({ ...stream, read }, heed, options);
  } catch (error) {
    const reason = controller.signal.aborted ? controller.signal.reason : error;
    controller.abort(); // closes what is still open
    throw reason;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}

/** @param {Stream} stream @param {(bytes: number) => void} heed called whenever bytes came @param {ReadOptions} options */
async function collect({ about, total, read }, heed, { onProgress, check, limit = LIMIT }) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let loaded = 0;
  let checked = false;
  if (total > limit) throw tooBig(about, total, limit);
  for (;;) {
    const { done, value } = await read().catch(cause => {
      throw new BrokenOff("E_NETWORK", `${about} broke off after ${loaded} bytes: ${messageOf(cause)}`, TRY_AGAIN, cause);
    });
    if (value?.length) chunks.push(value);
    heed(value?.length ?? 0);
    loaded += value?.length ?? 0;
    if (loaded > limit) throw tooBig(about, loaded, limit);
    if (!checked && (done || loaded >= HEAD_BYTES)) {
      await check?.(join(chunks), about);
      checked = true;
    }
    onProgress?.({ loaded, total: done ? loaded : total < loaded ? 0 : total });
    if (done) return join(chunks);
  }
}

/** @param {Uint8Array[]} chunks */
function join(chunks) {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** @param {string} about @param {number} bytes @param {number} limit */
function tooBig(about, bytes, limit) {
  return new RnnError(
    "E_TOO_BIG",
    `${about} has ${bytes} bytes or more; at most ${limit} are taken`,
    "Take a smaller network; nextchar quantize makes its file about four times smaller.",
  );
}

/** @param {unknown} cause */
function messageOf(cause) {
  return cause instanceof Error ? cause.message : String(cause);
}

// ---- kinds of files: what is wrong with another kind is looked up only where one came ----

/** The first bytes as a string with a character per byte. @param {Uint8Array} bytes */
export function latin1(bytes) {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
}

/**
 * Throws if the first bytes are those of a file that is surely no safetensors file, and says what it is.
 * @param {Uint8Array} bytes
 * @param {string} about
 */
export async function checkWeights(bytes, about) {
  const head = latin1(bytes);
  if (/^[^]{2}[\0-\x10]\0{5}[\s{]/.test(head)) return; // a length up to 1 MiB, then JSON
  (await import("./filetypes.js")).refuseForWeights(head, about);
}

/**
 * Throws if the first bytes are not those of a WebAssembly module.
 * @param {Uint8Array} bytes
 * @param {string} about
 */
export async function checkWasm(bytes, about) {
  const head = latin1(bytes);
  if (!head.startsWith("\0asm")) (await import("./filetypes.js")).refuseForWasm(head, about);
}
