// SPDX-License-Identifier: MIT
//
// What bench/chromium.mjs calls in the page.
import { ConsoleStdout, WASI } from "@bjorn3/browser_wasi_shim";
import { contestants } from "./contestants/index.mjs";
import { meter } from "./work.mjs";

const read = async path => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer());

/** @param {string} name */
window.enter = async name => {
  window.ask = meter(await contestants[name](read, "/bench/node_modules/", false));
};

/** What a program of build/wasm-*, bench/limits.c for example, prints. @param {string} path @param {string[]} args */
window.run = async (path, args) => {
  let printed = "";
  const output = ConsoleStdout.lineBuffered(line => (printed += `${line}\n`));
  const wasi = new WASI([path, ...args], [], [output, output, output]);
  const { instance } = await WebAssembly.instantiate(await read(path), { wasi_snapshot_preview1: wasi.wasiImport, env: { emscripten_notify_memory_growth() {} } });
  wasi.start(instance);
  return printed;
};
