// SPDX-License-Identifier: MIT
//
// node bench/node.mjs CONTESTANT: says ready, then, asked "write 64 0.25" (work, H, seconds) on its standard
// input, it answers with characters a second in Node, or null. Without a contestant it is told a program of
// build/wasm-* and a line for it, and answers with the last line that this prints.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { contestants } from "./contestants/index.mjs";
import { run } from "./program.mjs";
import { meter } from "./work.mjs";

const contestant = process.argv[2];
const read = path => readFile(new URL(`../${path}`, import.meta.url));
const ask = contestant && meter(await contestants[contestant](read, fileURLToPath(new URL("node_modules/", import.meta.url)), true));
console.log("ready");

for await (const line of createInterface({ input: process.stdin })) {
  const [first, ...rest] = line.split(" ");
  console.log(ask ? await ask(first, ...rest.map(Number)) : await run(read, first, rest.join(" ")));
}
