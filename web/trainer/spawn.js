// SPDX-License-Identifier: MIT
//
// spawn.js - starts worker.js as a module worker, where Trusted Types are required too.

const url = new URL("./worker.js", import.meta.url).href;
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("nextchar", {
  createScriptURL(/** @type {string} */ given) {
    if (given === url) return given;
    throw new TypeError(`${given} is no worker of nextchar`);
  },
});

/** @param {string} name "trainer", or "partner" of one @returns {Worker} */
export function spawn(name) {
  return new Worker(policy ? policy.createScriptURL(url) : url, { type: "module", name });
}
