// SPDX-License-Identifier: MIT
//
// node tests/wasi.mjs FILE.wasm [ARGUMENT...]: runs a program built by Emscripten as standalone wasm, and exits as it does.
// Such a program has its standard streams and arguments; it cannot open files. Not by node:wasi: it crashes now and then at its end.
import { ConsoleStdout, WASI } from "@bjorn3/browser_wasi_shim";
import { readFile } from "node:fs/promises";

const [file, ...args] = process.argv.slice(2);
const input = ConsoleStdout.lineBuffered(() => {});
const output = ConsoleStdout.lineBuffered(line => console.log(line));
const wasi = new WASI([file, ...args], [], [input, output, output], { debug: false });
const { instance } = await WebAssembly.instantiate(await readFile(file), {
  wasi_snapshot_preview1: wasi.wasiImport,
  env: { emscripten_notify_memory_growth() {} },
});
process.exitCode = wasi.start(instance);
