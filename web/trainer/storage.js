// SPDX-License-Identifier: MIT
//
// storage.js - the checkpoint of the training that goes on, kept by the browser (IndexedDB). Two slots in turn: whatever
// happens while one is written, the other is whole.
import { RnnError } from "../core/errors.js";
import { crc32 } from "./crc32.js";
import { Database, NAME } from "./database.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("../core/recipe.js").TrainSettings} TrainSettings */

/**
 * @typedef {object} Kept
 * @property {Uint8Array} checkpoint
 * @property {Uint8Array | null} best weights of the network that was best on the held-out text
 * @property {{ history: History, settings: TrainSettings, done: number, updates: number }} about plain data
 */

/** A text as it is stored. @typedef {{ text: string, id: string, sum?: number }} TextRecord sum: not in those of version 0.2 */

/**
 * A checkpoint as it is stored. all: whether sum is of all that is kept; in those of version 0.2 it is of the bytes alone.
 * @typedef {Kept & { textId: string, number: number, all?: boolean, sum: number }} CheckpointRecord
 */

const STORE = "training";
const SLOTS = ["a", "b"];
const TEXT = "text";
const NO_TEXT = Object.freeze({ text: "", id: "" });
const LOCK = `${NAME} ${STORE}`;
const POLL = 50; // milliseconds

export class Storage {
  /** @type {Promise<boolean> | null} */
  #locking = null;
  #unlock = () => {};
  /** @type {{ text: string, id: string }} which is kept, where that is known. A checkpoint names its text by the id. */
  #text = NO_TEXT;
  #database = new Database("the training", () => {
    this.#text = NO_TEXT; // another tab may have put another one
  });

  /**
   * Keeps a checkpoint in place of the older one, and forgets those of other texts.
   * @param {string} text which it is of
   * @param {Kept} kept
   */
  async put(text, kept) {
    if (!(await this.#holds(text))) await this.#putText(text);
    const slots = await this.#transact("readonly", store => SLOTS.map(slot => store.get(slot)));
    const numbers = slots.map(slot => Number(slot?.number) || 0);
    const older = numbers[0] <= numbers[1] ? 0 : 1;
    const { checkpoint, best, about } = kept;
    const record = { checkpoint, best, about, textId: this.#text.id, number: Math.max(...numbers) + 1, all: true };
    await this.#transact("readwrite", store => [store.put({ ...record, sum: sumOf(record) }, SLOTS[older])]);
  }

  /** The newest checkpoint that is whole, with its text; null if there is none. @returns {Promise<(Kept & { text: string }) | null>} */
  async newest() {
    const [text, ...slots] = await this.#transact("readonly", store => [TEXT, ...SLOTS].map(key => store.get(key)));
    if (!isWholeText(text)) return null;
    const [first] = slots.filter(slot => isWhole(slot) && slot.textId === text.id).sort((a, b) => b.number - a.number);
    return first ? { ...first, text: text.text } : null;
  }

  /** Forgets everything. @throws {RnnError} E_STORAGE: another tab trains with it */
  async clear() {
    if (await this.isTaken()) throw new RnnError("E_STORAGE", "another tab is training with what is kept", "End the training there first.");
    this.#text = NO_TEXT;
    await this.#transact("readwrite", store => [store.clear()]);
  }

  /** Whether another tab has the storage, and does not give it back for so long. @param {number} [patience] milliseconds */
  async isTaken(patience = 0) {
    if (this.#locking || !navigator.locks) return false;
    for (let waited = 0; ; waited += POLL) {
      const { held } = await navigator.locks.query().catch(() => ({ held: [] }));
      if (!held?.some(({ name }) => name === LOCK)) return false;
      if (waited >= patience) return true;
      await new Promise(resolve => setTimeout(resolve, POLL));
    }
  }

  /**
   * Takes the storage for this tab, until it is freed or the worker ends that calls.
   * @returns {Promise<boolean>} false: another tab has it. Where there are no Web Locks it is taken as free.
   */
  async lock() {
    if (!navigator.locks) return true;
    this.#locking ??= holdLock(new Promise(resolve => (this.#unlock = () => resolve(undefined))));
    const isHeld = await this.#locking;
    if (!isHeld) this.#locking = null; // it may be free another time
    return isHeld;
  }

  free() {
    this.#unlock();
    this.#locking = null;
  }

  /** Whether that text is kept already; its checkpoints then go on. @param {string} text */
  async #holds(text) {
    if (this.#text.id) return this.#text.text === text;
    const [record] = await this.#transact("readonly", store => [store.get(TEXT)]);
    const isSame = isWholeText(record) && record.text === text;
    if (isSame) this.#text = { text, id: record.id };
    return isSame;
  }

  /** @param {string} text */
  async #putText(text) {
    const id = `${Date.now()}.${Math.random()}`;
    const record = { text, id, sum: sumOfText({ text, id }) };
    await this.#transact("readwrite", store => [...SLOTS.map(slot => store.delete(slot)), store.put(record, TEXT)]);
    this.#text = { text, id };
  }

  /** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest[]} work */
  #transact(mode, work) {
    return this.#database.transact([STORE], mode, work);
  }
}

/** Holds it from now on. @param {Promise<unknown>} freed ends that @returns {Promise<boolean>} false: another one does */
function holdLock(freed) {
  return new Promise(resolve => {
    navigator.locks
      .request(LOCK, { ifAvailable: true }, held => {
        resolve(Boolean(held));
        return held ? freed : undefined;
      })
      .catch(() => resolve(true)); // forbidden, as the storage is then: that is said when it is used
  });
}

// ---- sums: whether what is read is what was written ----

/** @param {unknown} data */
const sumOfData = data => crc32(new TextEncoder().encode(JSON.stringify(data)));

/** @param {Omit<CheckpointRecord, "sum">} record */
function sumOf({ checkpoint, best, about, textId, number, all }) {
  const before = all ? sumOfData([about, textId, number, checkpoint.length, best?.length]) : 0;
  return crc32(best ?? new Uint8Array(), crc32(checkpoint, before));
}

/** @param {TextRecord} record */
const sumOfText = ({ text, id }) => sumOfData([text, id]);

/** @param {CheckpointRecord | undefined} record */
function isWhole(record) {
  return record?.checkpoint instanceof Uint8Array && sumOf(record) === record.sum;
}

/** @param {TextRecord | undefined} record @returns {record is TextRecord} */
function isWholeText(record) {
  return typeof record?.text === "string" && (record.sum === undefined || sumOfText(record) === record.sum);
}
