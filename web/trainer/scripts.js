// SPDX-License-Identifier: MIT
//
// scripts.js - where the worker's script is, the best place first: at its address; and in a blob that imports that address, where the
// page is of another origin than its files or has none.

/** A worker's type, and what makes the address of its script. @typedef {{ type: WorkerType, url: () => string }} Script */

const address = new URL("./worker.js", import.meta.url).href;
/** No module: of a page without an origin Chromium starts none from a blob. What is thrown later is told, a refused promise is not. */
const IMPORT = `import(${JSON.stringify(address)}).catch(error => setTimeout(() => { throw error; }));`;

/** @type {readonly Script[]} */
export const scripts = [
  { type: "module", url: () => address },
  { type: "classic", url: () => URL.createObjectURL(new Blob([IMPORT], { type: "text/javascript" })) },
];
