// SPDX-License-Identifier: MIT
//
// storage.js - the checkpoint of the training that goes on, kept by the browser (IndexedDB). Two slots in turn: whatever
// happens while one is written, the other is whole.
import { RnnError } from "../core/errors.js";

/**
 * @typedef {object} Kept
 * @property {Uint8Array} checkpoint
 * @property {Uint8Array | null} best weights of the network that was best on the held-out text
 * @property {any} about what the page shows of it; plain data
 */

const NAME = "nextchar";
const STORE = "training";
const SLOTS = ["a", "b"];
const TEXT = "text";

/** @param {unknown} cause */
function refused(cause) {
  const error = /** @type {DOMException} */ (cause);
  const full = error?.name === "QuotaExceededError";
  return new RnnError(
    "E_STORAGE",
    full ? "the browser has no room left to keep the training" : `the browser keeps nothing here: ${error?.message ?? error}`,
    full ? "Free some room, or save the network as a file." : "A private window or a setting forbids it: save the network as a file.",
    cause,
  );
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

function database() {
  opening ??= (async () => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const opened = await answerOf(request);
    opened.onclose = opened.onversionchange = () => {
      opened.close();
      opening = null;
    };
    return opened;
  })();
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

/**
 * One transaction; what it puts is kept when the promise resolves.
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<any>[]} work @returns {Promise<any[]>}
 */
async function transact(mode, work) {
  try {
    const transaction = (await database()).transaction(STORE, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const answers = work(transaction.objectStore(STORE)).map(answerOf);
    await Promise.all([done, ...answers]);
    return Promise.all(answers);
  } catch (cause) {
    throw refused(cause);
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** CRC-32 (ISO 3309). @param {Uint8Array} bytes @param {number} [crc] of what came before */
export function crc32(bytes, crc = 0) {
  crc = ~crc;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}

/** @param {Kept} kept */
const sumOf = ({ checkpoint, best }) => crc32(best ?? new Uint8Array(), crc32(checkpoint));

const slots = () => transact("readonly", store => SLOTS.map(slot => store.get(slot)));

let textId = ""; // of the text that is kept: a checkpoint names it, so that none is taken for another text's

/** Keeps a checkpoint of the text in place of the older one. @param {Kept} kept */
export async function put(kept) {
  const numbers = (await slots()).map(slot => Number(slot?.number) || 0);
  const older = numbers[0] <= numbers[1] ? 0 : 1;
  const record = {
    checkpoint: kept.checkpoint,
    best: kept.best,
    about: kept.about,
    textId,
    number: Math.max(...numbers) + 1,
    sum: sumOf(kept),
  };
  await transact("readwrite", store => [store.put(record, SLOTS[older])]);
}

/** Keeps a text for the checkpoints that come, and forgets those of another. @param {string} text */
export async function putText(text) {
  textId = `${Date.now()}.${Math.random()}`;
  await transact("readwrite", store => [...SLOTS.map(slot => store.delete(slot)), store.put({ text, id: textId }, TEXT)]);
}

/** Whether that text is kept already; its checkpoints then go on. @param {string} text */
export async function holds(text) {
  const [kept] = await transact("readonly", store => [store.get(TEXT)]);
  if (kept?.text === text) textId = kept.id;
  return kept?.text === text;
}

/** The newest checkpoint that is whole, with its text; null if there is none. @returns {Promise<(Kept & { text: string }) | null>} */
export async function newest() {
  const [kept, ...found] = await transact("readonly", store => [TEXT, ...SLOTS].map(key => store.get(key)));
  const isWhole = (/** @type {any} */ slot) =>
    slot?.checkpoint instanceof Uint8Array && slot.textId === kept?.id && sumOf(slot) === slot.sum;
  const [first] = found.filter(isWhole).sort((a, b) => b.number - a.number);
  return typeof kept?.text === "string" && first ? { ...first, text: kept.text } : null;
}

/** Forgets everything. @throws {RnnError} E_STORAGE: another tab trains with it */
export async function clear() {
  if (await isTaken()) throw new RnnError("E_STORAGE", "another tab is training with what is kept", "End the training there first.");
  await transact("readwrite", store => [store.clear()]);
}

const LOCK = `${NAME} ${STORE}`;
/** @type {Promise<boolean> | null} */
let locking = null;

/** Whether another tab has the storage. */
export async function isTaken() {
  if (locking || !navigator.locks) return false;
  const { held } = await navigator.locks.query().catch(() => ({ held: [] }));
  return Boolean(held?.some(({ name }) => name === LOCK));
}

/**
 * Takes the storage for this tab, as long as the worker lives that calls.
 * @returns {Promise<boolean>} false: another tab has it. Where there are no Web Locks it is taken as free.
 */
export async function lock() {
  const { locks } = navigator;
  if (!locks) return true;
  locking ??= new Promise(resolve => {
    locks
      .request(LOCK, { ifAvailable: true }, held => {
        resolve(Boolean(held));
        return held ? new Promise(() => {}) : undefined;
      })
      .catch(() => resolve(true)); // forbidden, as the storage is then: that is said when it is used
  });
  const held = await locking;
  if (!held) locking = null; // it may be free another time
  return held;
}
