// SPDX-License-Identifier: MIT
//
// ownnetworks.js - the networks that the reader has opened or trained, kept by the browser: what is said of each, and, read when it is
// wanted, its file. A network is known by the sum of its file, whatever it is called. What the browser does not keep is there as long
// as the page is. What comes from the storage is hostile until checked: each field here, the bytes by their sum, the network by the core.
import { RnnError } from "../../core/errors.js";
import { crc32 } from "../../trainer/crc32.js";
import { Database } from "../../trainer/database.js";
import { MARK, keyOf } from "../catalog.js";

const PREFIX = "own."; // of the settings that name one
export const MOST_BYTES = 200e6; // of all together
export const MOST_NAME = 100; // characters
const MOST_TEXT = 1e6; // characters of a text that is kept with what learnt it
const MOST_INPUT = 2000;
const BEGINNING = 60; // characters of a text that are shown
const KINDS = ["writes", "one-to-many", "many-to-one", "sequence", "synchronous"];

/**
 * What is said of a network.
 * @typedef {object} Facts
 * @property {string} sum of its file: CRC-32, 8 hexadecimal digits
 * @property {string} name
 * @property {number} when it was opened or trained: milliseconds since 1970
 * @property {string} kind "writes", or the pattern by which it answers
 * @property {string} from "file" or "trained"
 * @property {string} learnt how the text begins that it learnt from; "": not known
 * @property {string} input what it reads unless told otherwise
 * @property {number} bytes of its file
 * @property {boolean} isKept false: it goes with the page
 */

/**
 * Its file as it is stored, and the text that it learnt from ("": not kept).
 * @typedef {{ bytes: Uint8Array, text: string, textSum: number }} FileRecord
 */
/** @typedef {{ facts: Facts, file: FileRecord }} Whole */
/** @typedef {{ kind?: string, from?: string, input?: string, text?: string }} About what else is known of a file that is taken */

export class OwnNetworks {
  /** @type {Facts[]} as they were read last, the newest first */
  all = [];
  /** @type {Map<string, Whole>} by their sums */
  #unkept = new Map();
  #database = new Database("the network");

  /** Looks at what is kept: another tab may have changed it. */
  async read() {
    const kept = await this.#readKept().catch(() => null); // it may be forbidden
    if (kept) mark(kept.length > 0);
    const unkept = [...this.#unkept.values()].map(({ facts }) => facts);
    const others = (kept ?? []).filter(({ sum }) => !this.#unkept.has(sum));
    this.all = [...unkept, ...others].sort((a, b) => b.when - a.when);
  }

  /** That of an id or a key. @param {string} name */
  find(name) {
    return this.all.find(({ sum }) => PREFIX + sum === keyOf(name));
  }

  /** Takes a file, for as long as the page is there; keep() keeps it. @param {File} file @param {About} about */
  async take(file, { kind = "writes", from = "file", input = "", text = "" }) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const sum = sumOf(bytes);
    const known = this.find(PREFIX + sum);
    const facts = known ?? this.#factsOfNew(sum, file.name, { kind, from, input, text, bytes: bytes.length });
    const kept = text.length <= MOST_TEXT ? text : "";
    this.#unkept.set(sum, { facts, file: { bytes, text: kept, textSum: sumOfText(kept) } });
    if (!known) this.all = [facts, ...this.all];
    return facts;
  }

  /** Has the browser keep what was taken; it is here in any case. @param {string} sum @throws {RnnError} E_STORAGE: it does not */
  async keep(sum) {
    const whole = this.#unkept.get(sum);
    if (!whole) return;
    const kept = await this.#readKept();
    if (!kept.some(each => each.sum === sum) || !isWhole(sum, await this.#readFile(sum))) {
      const others = kept.filter(each => each.sum !== sum);
      if (others.reduce((bytes, each) => bytes + each.bytes, whole.facts.bytes) > MOST_BYTES)
        throw new RnnError("E_STORAGE", `my networks would be more than ${MOST_BYTES / 1e6} MB`, "Remove one of them.");
      await this.#put(whole);
    }
    this.#unkept.delete(sum);
    await this.read();
  }

  /**
   * The file of one, and the text that it learnt from where that is kept.
   * @param {string} name its id or key @returns {Promise<{ file: File, text: string } | "missing" | "damaged">}
   */
  async open(name) {
    const sum = keyOf(name).slice(PREFIX.length);
    const record = this.#unkept.get(sum)?.file ?? (await this.#readFile(sum).catch(() => undefined));
    if (!record) return this.find(name) ? "damaged" : "missing";
    if (!isWhole(sum, record)) return "damaged";
    const text = typeof record.text === "string" && sumOfText(record.text) === record.textSum ? record.text : "";
    return { file: new File([/** @type {BlobPart} */ (record.bytes)], this.find(name)?.name ?? ""), text };
  }

  /** @param {Facts} facts @param {string} wanted @returns {Promise<string>} the name that it has now */
  async rename(facts, wanted) {
    const name = nameOf(wanted);
    if (!name || name === facts.name) return facts.name;
    const renamed = { ...facts, name: this.#unused(name) };
    if (facts.isKept) await this.#database.transact(["networks"], "readwrite", networks => [networks.put(recordOf(renamed), facts.sum)]);
    return (facts.name = renamed.name);
  }

  /** @param {Facts} facts @returns {Promise<Whole | null>} what brings it back; null: nothing of it is whole */
  async remove({ sum, ...facts }) {
    const file = this.#unkept.get(sum)?.file ?? (await this.#readFile(sum));
    const gone = this.#database.transact(["networks", "files"], "readwrite", (...stores) => stores.map(store => store.delete(sum)));
    await (facts.isKept ? gone : gone.catch(() => {})); // storage may be forbidden: then it is here alone
    this.#unkept.delete(sum);
    await this.read();
    return isWhole(sum, file) ? { facts: { sum, ...facts }, file } : null;
  }

  /** Takes what was removed, as take() does. @param {Whole} whole */
  restore(whole) {
    const facts = { ...whole.facts, isKept: false };
    this.#unkept.set(facts.sum, { facts, file: whole.file });
    this.all = [facts, ...this.all];
  }

  free() {
    return this.#database.close();
  }

  /**
   * @param {string} sum @param {string} fileName @param {{ kind: string, from: string, input: string, text: string, bytes: number }} about
   * @returns {Facts}
   */
  #factsOfNew(sum, fileName, { text, input, ...about }) {
    const title = fileName.replace(/\.(safetensors|checkpoint)$/i, "").replace(/-\d{4}-\d\d-\d\d(?=$|-int8$)/, ""); // see filename.js
    const beginning = text.slice(0, 4 * BEGINNING).trim().replace(/\s+/g, " ");
    return {
      sum,
      name: this.#unused(nameOf(title) || sum),
      when: Date.now(),
      learnt: [...beginning].slice(0, BEGINNING).join(""),
      input: inputOf(input),
      isKept: false,
      ...about,
    };
  }

  /** @param {Whole} whole */
  #put({ facts, file }) {
    return this.#database.transact(["networks", "files"], "readwrite", (networks, files) => [
      networks.put(recordOf(facts), facts.sum),
      files.put(file, facts.sum),
    ]);
  }

  async #readKept() {
    const [sums, records] = await this.#database.transact(["networks"], "readonly", networks => [networks.getAllKeys(), networks.getAll()]);
    return /** @type {unknown[]} */ (sums).map((sum, i) => factsOf(String(sum), records[i])).filter(facts => facts !== null);
  }

  /** @param {string} sum @returns {Promise<any>} */
  async #readFile(sum) {
    return (await this.#database.transact(["files"], "readonly", files => [files.get(sum)]))[0];
  }

  /** The name, with a number behind it where another one has it already. @param {string} name */
  #unused(name) {
    const names = new Set(this.all.map(each => each.name));
    let unused = name;
    for (let i = 2; names.has(unused); i++) unused = `${[...name].slice(0, MOST_NAME - 1 - String(i).length).join("")} ${i}`;
    return unused;
  }
}

/** The setting that names it; its name is in it for who does not have it. @param {Facts} facts */
export const idOf = ({ sum, name }) => `${PREFIX}${sum}.${name}`;

/** The name in an id. @param {string} id */
export const nameIn = id => nameOf(id.slice(keyOf(id).length + 1));

/** A name of one line, without what cannot be seen. @param {string} text */
export function nameOf(text) {
  const line = text
    .slice(0, 10 * MOST_NAME)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return [...line].slice(0, MOST_NAME).join("").trim();
}

/** @param {Uint8Array} bytes */
export const sumOf = bytes => crc32(bytes).toString(16).padStart(8, "0");

/** @param {string} text */
const sumOfText = text => crc32(new TextEncoder().encode(text));

/** What is asked of it at first; a long one is not. @param {string} text */
const inputOf = text => (text.length <= MOST_INPUT ? text : "");

/** @param {string} sum @param {any} record @returns {record is FileRecord} */
const isWhole = (sum, record) => record?.bytes instanceof Uint8Array && sumOf(record.bytes) === sum;

/** As they are stored. @param {Facts} facts */
const recordOf = ({ sum: _, isKept: __, ...record }) => record;

/** Facts of a record, whatever is in it. @param {string} sum @param {any} record @returns {Facts | null} null: there can be none */
export function factsOf(sum, record) {
  if (!/^[0-9a-f]{8}$/.test(sum)) return null;
  const text = (/** @type {string} */ field) => (typeof record?.[field] === "string" ? record[field] : "");
  const number = (/** @type {string} */ field) => (Number.isFinite(record?.[field]) && record[field] > 0 ? record[field] : 0);
  return {
    sum,
    name: nameOf(text("name")) || sum,
    when: Math.min(number("when"), 8.64e15), // the last day that Date knows
    kind: KINDS.includes(record?.kind) ? record.kind : "writes",
    from: record?.from === "trained" ? "trained" : "file",
    learnt: text("learnt").slice(0, 2 * BEGINNING),
    input: inputOf(text("input")),
    bytes: number("bytes"),
    isKept: true,
  };
}

/** Has the next visit know, before it opens the database, whether there is something in it. @param {boolean} isAnyKept */
function mark(isAnyKept) {
  try {
    if (isAnyKept) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // It is forbidden or full: the next visit looks when a network is opened or trained.
  }
}
