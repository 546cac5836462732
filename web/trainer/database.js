// SPDX-License-Identifier: MIT
//
// database.js - what the browser keeps for this page (IndexedDB): its stores by version, whole transactions, and a sentence for what
// it refuses.
import { RnnError } from "../core/errors.js";

export const NAME = "nextchar";

/** The stores that each version has added. What older ones hold is left as it is. */
const ADDED = [
  ["training"], // 1: the training that goes on, see storage.js
  ["networks", "files"], // 2: the reader's own networks: what is said of each, and its bytes
];

export class Database {
  /** @type {Promise<IDBDatabase> | null} */
  #opening = null;
  #what;
  #closed;

  /** @param {string} what is kept, for the sentences @param {() => void} [closed] called when it is to be looked at anew */
  constructor(what, closed = () => {}) {
    this.#what = what;
    this.#closed = closed;
  }

  /**
   * One transaction; what it puts is kept when the promise resolves.
   * @param {string[]} stores @param {IDBTransactionMode} mode @param {(...stores: IDBObjectStore[]) => IDBRequest[]} work
   * @returns {Promise<any[]>} of what may be damaged
   */
  async transact(stores, mode, work) {
    try {
      const transaction = (await this.#database()).transaction(stores, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
      const answers = work(...stores.map(store => transaction.objectStore(store))).map(answerOf);
      await Promise.all([done, ...answers]);
      return await Promise.all(answers);
    } catch (cause) {
      throw refused(this.#what, cause);
    }
  }

  /** The next transaction opens it anew. */
  async close() {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  #database() {
    const forget = () => {
      this.#opening = null; // the next one tries again
      this.#closed();
    };
    if (!this.#opening) {
      this.#opening = open(forget);
      this.#opening.catch(forget);
    }
    return this.#opening;
  }
}

/** @param {() => void} closed called when it must be opened anew */
async function open(closed) {
  const request = indexedDB.open(NAME, ADDED.length);
  request.onupgradeneeded = ({ oldVersion }) => {
    for (const store of ADDED.slice(oldVersion).flat()) request.result.createObjectStore(store);
  };
  const database = await answerOf(request);
  database.onclose = database.onversionchange = () => {
    database.close();
    closed();
  };
  return database;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} what @param {unknown} cause */
function refused(what, cause) {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const isFull = name === "QuotaExceededError";
  return new RnnError(
    "E_STORAGE",
    isFull ? `the browser has no room left to keep ${what}` : `the browser keeps nothing here: ${message}`,
    isFull ? "Free some room, or save the network as a file." : "A private window or a setting forbids it: save the network as a file.",
    cause,
  );
}
