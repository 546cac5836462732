// SPDX-License-Identifier: MIT
//
// spawn.js - starts worker.js as a module worker, where Trusted Types are required too.
import { RnnError } from "../core/errors.js";

/** @typedef {{ createScriptURL(url: string): string }} Policy */

const url = new URL("./worker.js", import.meta.url).href;
/** A document has one policy of a name, and it lets this one address through. @type {{ made?: Policy }} */
const policy = {};

/**
 * @param {string} name "trainer", or "partner" of one
 * @returns {Worker}
 * @throws {RnnError} E_WORKER: the browser starts none here; that it has not this file it tells later, by an error event
 */
export function spawn(name) {
  try {
    return new Worker(trusted(), { type: "module", name });
  } catch (cause) {
    throw notStarted(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** @param {string} why "" if the browser does not say @param {unknown} [cause] @returns {RnnError} E_WORKER */
export function notStarted(why, cause) {
  return new RnnError("E_WORKER", `the worker could not be started${why && `: ${why}`}`, "", cause);
}

function trusted() {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, policy: Policy): Policy } }} */ (globalThis);
  policy.made ??= trustedTypes?.createPolicy("nextchar", {
    createScriptURL(given) {
      if (given === url) return given;
      throw new TypeError(`${given} is no worker of nextchar`);
    },
  });
  return policy.made?.createScriptURL(url) ?? url;
}
