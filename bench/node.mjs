// SPDX-License-Identifier: MIT
//
// node bench/node.mjs CONTESTANT: says ready, then, asked "write 64 0.25" (work, H, seconds) on its standard input, it answers
// with characters a second in Node, or null.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { contestants } from "./contestants/index.mjs";
import { meter } from "./work.mjs";

const read = path => readFile(new URL(`../${path}`, import.meta.url));
const ask = meter(await contestants[process.argv[2]](read, fileURLToPath(new URL("node_modules/", import.meta.url)), true));
console.log("ready");

for await (const line of createInterface({ input: process.stdin })) {
  const [work, H, seconds] = line.split(" ");
  console.log(await ask(work, Number(H), Number(seconds)));
}
