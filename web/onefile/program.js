// SPDX-License-Identifier: MIT
//
// program.js - stands for trainer/scripts.js: the page's own script, which has worker.js in it, and its files.
import { archive } from "./enclosed.js";

function url() {
  const files = `globalThis.nextcharFiles=${JSON.stringify(archive)};\n`;
  const program = document.getElementById("program")?.textContent ?? "";
  return URL.createObjectURL(new Blob([files, program], { type: "text/javascript" }));
}

/** @type {readonly import("../trainer/scripts.js").Script[]} */
export const scripts = [{ type: "classic", url }];
