// SPDX-License-Identifier: MIT
//
// What the page writes, and what its worker does.
import { write } from "./write.js";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const told = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(`the worker: ${message}`));
});

globalThis.written = Promise.all([write(), told]);
