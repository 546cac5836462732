// SPDX-License-Identifier: MIT
//
// What bench/chromium.mjs calls in the page.
import { contestants } from "./contestants/index.mjs";
import { run } from "./program.mjs";
import { meter } from "./work.mjs";

const read = async path => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer());

/** @param {string} name */
window.enter = async name => {
  window.ask = meter(await contestants[name](read, "/bench/node_modules/", false));
};
window.run = (path, line) => run(read, path, line);
