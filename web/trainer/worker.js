// SPDX-License-Identifier: MIT
//
// worker.js - the module worker that trains, or, under the name "partner", the second one beside it. pair.js starts both.
import { Trainer } from "./commands.js";
import { PartnerWork } from "./partner.js";

/** @typedef {import("./messages.js").Command} Command */
/** @typedef {import("./messages.js").Event} Event */
/** @typedef {import("./messages.js").ToPartner} ToPartner */
/** @typedef {import("./messages.js").FromPartner} FromPartner */

/**
 * What a worker has in place of a window.
 * @template Heard, Said
 * @typedef {object} Scope
 * @property {((message: MessageEvent<Heard>) => void) | null} onmessage
 * @property {(said: Said, transfer: Transferable[]) => void} postMessage
 */

/** @param {Scope<Command, Event>} scope @param {boolean} isInPage see inpage.js */
export function beTrainer(scope, isInPage) {
  const trainer = new Trainer((event, transfer = []) => scope.postMessage(event, transfer));
  scope.onmessage = ({ data }) => trainer.hear(data);
  scope.postMessage({ type: "here", isInPage }, []);
  return trainer;
}

/** @param {Scope<ToPartner, FromPartner>} scope */
function bePartner(scope) {
  const work = new PartnerWork((message, transfer = []) => scope.postMessage(message, transfer));
  scope.onmessage = ({ data }) => work.hear(data);
  scope.postMessage({ type: "here" }, []);
}

/** @param {unknown} scope */
function listen(scope) {
  if (/** @type {{ name: string }} */ (scope).name === "partner") bePartner(/** @type {Scope<ToPartner, FromPartner>} */ (scope));
  else beTrainer(/** @type {Scope<Command, Event>} */ (scope), false);
}

if ("WorkerGlobalScope" in globalThis) listen(globalThis);
