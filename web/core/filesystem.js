// SPDX-License-Identifier: MIT
//
// filesystem.js - files as sources, in Node alone.
import { RnnError } from "./errors.js";

const MODULE = "node:fs/promises"; // no bundler shall look for it: pages never come here
const CHUNK = 2 ** 16; // bytes

/** @param {string | URL} path @param {AbortSignal} signal @returns {Promise<import("./types.js").Stream>} */
export async function openFile(path, signal) {
  try {
    const { open } = await import(/* webpackIgnore: true */ /* @vite-ignore */ MODULE);
    const handle = await open(path);
    signal.addEventListener("abort", () => handle.close().catch(() => {}));
    return {
      about: String(path),
      total: (await handle.stat()).size,
      async read() {
        const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK));
        if (bytesRead === 0) await handle.close();
        return { done: bytesRead === 0, value: buffer.subarray(0, bytesRead) };
      },
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RnnError("E_NETWORK", `${path} cannot be read: ${why}`, "Check the path and the permissions.", cause);
  }
}
