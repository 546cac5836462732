// SPDX-License-Identifier: MIT
//
// Runs a program of build/wasm-*, bench/limits.c for example, in the engine that this runs in.
import { ConsoleStdout, WASI } from "@bjorn3/browser_wasi_shim";

/**
 * What the program prints.
 * @param {(path: string) => Promise<Uint8Array>} read
 * @param {string} path
 * @param {string[]} args
 */
export async function run(read, path, args) {
  let printed = "";
  const output = ConsoleStdout.lineBuffered(line => (printed += `${line}\n`));
  const wasi = new WASI([path, ...args], [], [output, output, output], { debug: false });
  const { instance } = await WebAssembly.instantiate(await read(path), { wasi_snapshot_preview1: wasi.wasiImport, env: { emscripten_notify_memory_growth() {} } });
  wasi.start(instance);
  return printed.trim();
}
