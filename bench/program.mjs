// SPDX-License-Identifier: MIT
//
// Runs a program of build/wasm-*, bench/limits.c for example, in the engine that this runs in.
import { ConsoleStdout, File, OpenFile, WASI } from "@bjorn3/browser_wasi_shim";

const modules = new Map(); // kept, because what the engine has compiled in its second, slow way stays with a module

/**
 * The last line that the program prints when its standard input is a line.
 * @param {(path: string) => Promise<Uint8Array>} read
 * @param {string} path
 * @param {string} line
 */
export async function run(read, path, line) {
  if (!modules.has(path)) modules.set(path, await WebAssembly.compile(await read(path)));
  let printed = "";
  const input = new OpenFile(new File(new TextEncoder().encode(`${line}\n`)));
  const output = ConsoleStdout.lineBuffered(text => (printed = text));
  const wasi = new WASI([path], [], [input, output, output], { debug: false });
  const instance = await WebAssembly.instantiate(modules.get(path), {
    wasi_snapshot_preview1: wasi.wasiImport,
    env: { emscripten_notify_memory_growth() {} },
  });
  wasi.start(instance);
  return printed;
}
