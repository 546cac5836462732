// SPDX-License-Identifier: MIT
//
// inpage.js - the worker's work in the page itself, where no worker can be started: the page has its turn between two updates alone.
import { beTrainer } from "./worker.js";

/** @returns {import("./spawn.js").Runner} */
export function inPage() {
  const { port1, port2 } = new MessageChannel();
  const trainer = beTrainer(port2, true);
  return Object.assign(port1, {
    terminate() {
      trainer.end();
      port1.close();
    },
  });
}
