// SPDX-License-Identifier: MIT
//
// spawn.js - starts a worker by the first rung that holds: of each of scripts.js a worker, and where there are none, the page itself.
import { RnnError } from "../core/errors.js";
import { scripts } from "./scripts.js";

/** What is used of a worker. @typedef {Pick<Worker, "postMessage" | "terminate"> & { onmessage: any, onerror?: any }} Runner */
/** A way to run worker.js. It throws, or its worker tells of an error before it says that it is here. */
/** @typedef {(name: string) => Runner | Promise<Runner>} Rung */
/** @typedef {{ createScriptURL(url: string): string }} Policy */

/** A document has one policy of a name, and each script one address. @type {{ urls: string[], policy?: Policy }} */
const made = { urls: [] };

/** An address of ours, where Trusted Types are required too. @param {string} url */
function trusted(url) {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, policy: Policy): Policy } }} */ (globalThis);
  made.policy ??= trustedTypes?.createPolicy("nextchar", {
    createScriptURL(given) {
      if (made.urls.includes(given)) return given;
      throw new TypeError(`${given} is no worker of nextchar`);
    },
  });
  return made.policy?.createScriptURL(url) ?? url;
}

/** @type {Rung[]} */
const workers = scripts.map(
  ({ type, url }, i) =>
    name =>
      new Worker(trusted((made.urls[i] ??= url())), { type, name }),
);
/** @type {Rung} */
const inPage = async () => (await import("./inpage.js")).inPage();
/** A partner in the page's own thread would gain nothing. @type {Record<string, readonly Rung[]>} */
const RUNGS = { trainer: [...workers, inPage], partner: workers };

/** @param {"trainer" | "partner"} name @returns {Spawned} onerror: none of the rungs holds, or it has died */
export const spawn = name => new Spawned(name);

/** @param {string} why "" if the browser does not say @returns {RnnError} E_WORKER */
export const notStarted = why => new RnnError("E_WORKER", `the worker could not be started${why && `: ${why}`}`);

/** What a worker is for who uses it, on whatever rung it stands. */
class Spawned {
  /** @type {(message: MessageEvent) => void} */
  onmessage = () => {};
  /** @type {(event: { message?: string, preventDefault(): void }) => void} */
  onerror = () => {};
  /** @type {Runner | null} */
  #runner = null;
  /** @type {unknown[] | null} what it is to be told as soon as it is here; null: it is */
  #waiting = [];
  #isEnded = false;

  /** @param {string} name */
  constructor(name) {
    this.#climb(name, RUNGS[name]);
  }

  /** @param {unknown} message @param {Transferable[]} [transfer] only once it is here */
  postMessage(message, transfer = []) {
    if (this.#waiting) this.#waiting.push(structuredClone(message));
    else this.#runner?.postMessage(message, transfer);
  }

  terminate() {
    this.#isEnded = true;
    this.#runner?.terminate();
  }

  /** @param {string} name @param {readonly Rung[]} rungs the best first */
  #climb(name, [rung, ...lower]) {
    const fall = (/** @type {{ message?: string, preventDefault(): void }} */ event) => {
      this.#runner = null;
      if (this.#isEnded) return;
      if (lower.length) this.#climb(name, lower);
      else this.onerror(event);
    };
    const refused = (/** @type {unknown} */ cause) =>
      fall({ message: cause instanceof Error ? cause.message : String(cause), preventDefault() {} });
    try {
      const runner = rung(name);
      if (runner instanceof Promise) runner.then(runner => this.#stand(runner, fall)).catch(refused);
      else this.#stand(runner, fall);
    } catch (cause) {
      refused(cause);
    }
  }

  /** @param {Runner} runner @param {Spawned["onerror"]} fall */
  #stand(runner, fall) {
    if (this.#isEnded) return runner.terminate();
    this.#runner = runner;
    runner.onmessage = (/** @type {MessageEvent} */ message) => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      for (const each of waiting) runner.postMessage(each);
      this.onmessage(message);
    };
    runner.onerror = (/** @type {ErrorEvent} */ event) => {
      if (!this.#waiting) return this.onerror(event);
      event.preventDefault();
      runner.onmessage = runner.onerror = null; // it may tell of several
      runner.terminate();
      fall(event);
    };
  }
}
