// SPDX-License-Identifier: MIT
//
// node tests/wasi.mjs FILE.wasm [ARGUMENT...]: runs a program built by Emscripten as standalone wasm, and exits as it does.
// Such a program has its standard streams and arguments; it cannot open files.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [file, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", args: [file, ...args] });
const { instance } = await WebAssembly.instantiate(await readFile(file), {
  ...wasi.getImportObject(),
  env: { emscripten_notify_memory_growth() {} },
});
process.exitCode = wasi.start(instance);
