// SPDX-License-Identifier: MIT
//
// rungs.js - the ways to run worker.js, the best first: as a worker of its address; as one of a blob that imports that address, where
// the page is of another origin than its files or has none.

/** @typedef {import("./spawn.js").Rung} Rung */
/** @typedef {{ createScriptURL(url: string): string }} Policy */

/** What is made once for all workers. A document has one policy of a name. @type {{ blob?: string, policy?: Policy }} */
const made = {};
const address = new URL("./worker.js", import.meta.url).href;

/** No module: of a page without an origin Chromium starts none from a blob. What is thrown later is told, a refused promise is not. */
const IMPORT = `import(${JSON.stringify(address)}).catch(error => setTimeout(() => { throw error; }));`;

/** @type {readonly Rung[]} */
export const workers = [
  name => new Worker(trusted(address), { type: "module", name }),
  name => new Worker(trusted((made.blob ??= URL.createObjectURL(new Blob([IMPORT], { type: "text/javascript" })))), { name }),
];

/** The address, where Trusted Types are required too. @param {string} url */
function trusted(url) {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, policy: Policy): Policy } }} */ (globalThis);
  made.policy ??= trustedTypes?.createPolicy("nextchar", {
    createScriptURL(given) {
      if (given === address || given === made.blob) return given;
      throw new TypeError(`${given} is no worker of nextchar`);
    },
  });
  return made.policy?.createScriptURL(url) ?? url;
}
