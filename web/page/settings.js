// SPDX-License-Identifier: MIT
//
// settings.js - the state of a desk as a table, its way into the address's hash and back, and the settings in use.
// What equals its default is not in the hash; what the hash has wrong falls back to the default.

/** @typedef {import("./contract.js").Settings} Settings */
/** @typedef {import("./contract.js").SettingsInUse} Contract */

/** How a setting is read from text: its value, or undefined if the text is none. */
const readers = {
  /** @param {string} text */
  text: text => text,
  /** @param {string} text */
  whole: text => (/^\d{1,10}$/.test(text) ? Number(text) : undefined),
  /** @param {string} text a decimal comma is taken too */
  number: text => (/^\s*\+?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text.replace(",", ".")) : undefined),
};

const MOST_LINK = 2 ** 20; // characters of the address that are looked at
const LINKED = 2000; // characters of a text: a longer one would make an address that is cut somewhere
const WRITTEN = 100_000; // of a text that somebody has put into an address all the same

const VIEWS = ["write", "temperatures", "score", "train", "patterns", "lesson", "hello", "counting", "mistakes"];

/**
 * least, most: of a number; most: characters of a text.
 * @type {{ name: keyof Settings, type: keyof typeof readers, usual: any, least?: number, most?: number, among?: string[] }[]}
 */
export const table = [
  { name: "network", type: "text", usual: "", most: LINKED },
  { name: "prompt", type: "text", usual: null, most: WRITTEN },
  { name: "temperature", type: "number", usual: 0.8, least: 0, most: Infinity },
  { name: "topK", type: "whole", usual: 0, least: 0, most: 100_000 },
  { name: "topP", type: "number", usual: 1, least: 0, most: 1 },
  { name: "learn", type: "number", usual: 0, least: 0, most: 1 },
  { name: "seed", type: "whole", usual: 1, least: 0, most: 2 ** 32 - 1 },
  { name: "length", type: "whole", usual: 400, least: 0, most: 100_000 },
  { name: "speed", type: "whole", usual: 30, least: 0, most: 100_000 },
  { name: "suggest", type: "whole", usual: 1, least: 0, most: 1 },
  { name: "path", type: "text", usual: "", most: LINKED },
  { name: "at", type: "whole", usual: -1, least: 0, most: 200_000 },
  { name: "view", type: "text", usual: "write", among: VIEWS },
  { name: "panel", type: "text", usual: "why", among: ["why", "chain", "cell", "branches", "guess"] },
  { name: "tint", type: "text", usual: "surprisal", among: ["surprisal", "entropy", "rank", "unit", "copied", "none"] },
  { name: "unit", type: "whole", usual: 0, least: 0, most: 4095 },
  { name: "temperatures", type: "text", usual: "0.3,0.8,1,1.3,1.8", most: LINKED },
  { name: "text", type: "text", usual: "", most: WRITTEN },
  { name: "pattern", type: "text", usual: "", most: LINKED },
  { name: "input", type: "text", usual: null, most: LINKED },
  { name: "handover", type: "text", usual: "", most: LINKED },
  { name: "guide", type: "text", usual: "", most: LINKED },
  { name: "case", type: "text", usual: "", most: LINKED },
  { name: "language", type: "text", usual: "", most: LINKED },
  { name: "layout", type: "text", usual: "", among: ["", "embed"] },
  { name: "hide", type: "text", usual: "", most: LINKED },
  { name: "lock", type: "text", usual: "", most: LINKED },
];

/** @type {Readonly<Settings>} */
export const defaults = Object.freeze(/** @type {any} */ (Object.fromEntries(table.map(({ name, usual }) => [name, usual]))));

/** The reader's wish for the next character. @param {Settings} settings */
export const samplingOf = ({ temperature, topK, topP }) => ({ temperature, topK, topP });

/** The same as the event that a text begins with. @param {Settings} settings */
export const eventOf = settings => ({ place: 0, ...samplingOf(settings), ...(settings.learn && { learn: settings.learn }) });

/**
 * The value that a text means for a setting, or undefined.
 * @param {keyof Settings} name
 * @param {string} text
 * @returns {any}
 */
export function read(name, text) {
  const row = table.find(row => row.name === name);
  const value = row && readers[row.type](text);
  if (typeof value === "number" && !(value >= (row?.least ?? 0) && value <= (row?.most ?? 0))) return undefined;
  if (row?.among && !row.among.includes(String(value))) return undefined;
  return value;
}

/** A value as read() takes it back. @param {string | number | null} value */
export const textOf = value => (value === Infinity ? "1e999" : String(value));

const MOST_STREAMS = 8;

/**
 * The temperatures that a list means, or undefined if it is none.
 * @param {string} text parted by blanks or semicolons, else by commas
 * @returns {number[] | undefined} 1 to MOST_STREAMS
 */
export function readTemperatures(text) {
  const separator = /[\s;]/.test(text.trim()) ? /,?[\s;]+/ : ",";
  const list = text
    .trim()
    .split(separator)
    .map(each => read("temperature", each));
  return list.length <= MOST_STREAMS && !list.includes(undefined) ? list : undefined;
}

/** The largest value of a number. @param {keyof Settings} name */
export function mostOf(name) {
  return table.find(row => row.name === name)?.most ?? Infinity;
}

/** The settings of an address, and what was too long. @param {string} hash @returns {{ settings: Settings, tooLong: string[] }} */
export function readHash(hash) {
  /** @type {any} */
  const settings = { ...defaults };
  if (hash.length > MOST_LINK) return { settings, tooLong: ["#"] };
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const tooLong = [];
  for (const { name, type, most = Infinity } of table) {
    const text = given.get(name);
    if (text === null) continue;
    if (type === "text" && text.length > most) tooLong.push(name);
    else settings[name] = read(name, text) ?? defaults[name];
  }
  return { settings, tooLong };
}

/** @param {string} hash */
export const fromHash = hash => readHash(hash).settings;

/** @param {Settings} settings @param {number} [most] characters of a text: a longer one is left out */
export function toHash(settings, most = LINKED) {
  const given = new URLSearchParams();
  for (const { name } of table) {
    const text = textOf(settings[name]);
    if (settings[name] !== defaults[name] && text.length <= most) given.set(name, text);
  }
  return `#${given}`;
}

const PAUSE = 200; // milliseconds: a slider changes faster than browsers let an address change

/** Where the desk is a page that has an address (a frame's srcdoc has none), they stand in it. @implements {Contract} */
export class SettingsInUse {
  /** @type {Settings} */
  now;
  /** @type {string[]} what of the address was too long to be taken, and was not told yet */
  tooLong = [];
  #isPage;
  #address = ""; // the hash as it was read or written last
  #isKept = true; // whether the address has them as they are now
  /** @type {ReturnType<typeof setTimeout> | undefined} until the address may be written again */
  #timer;

  /** @param {Partial<Settings>} start @param {boolean} isPage */
  constructor(start, isPage) {
    this.#isPage = isPage && location.protocol !== "about:";
    this.#address = this.#isPage ? location.hash : "";
    const { settings, tooLong } = readHash(this.#address);
    this.now = { ...settings, ...start };
    this.tooLong = tooLong;
  }

  /** @param {Partial<Settings>} changes */
  set(changes) {
    this.now = { ...this.now, ...changes };
    if (!this.#isPage) return;
    this.#isKept = false;
    if (!this.#timer) this.#keep(); // at once, for a reload right after it would lose it; what follows closely waits
  }

  /** The changes are a step of the history: Back leads to what was before. @param {Partial<Settings>} changes */
  step(changes) {
    if (this.#isPage) {
      this.#keep();
      history.pushState(null, "", toHash({ ...this.now, ...changes }));
      this.#address = location.hash;
    }
    this.set(changes);
  }

  /** The page is left: what waits is kept at once. */
  flush() {
    if (!this.#isKept) this.#keep();
  }

  #keep() {
    this.#forget();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, PAUSE);
    if (location.hash !== this.#address) return; // the reader went elsewhere, which is about to be told
    history.replaceState(null, "", toHash(this.now));
    this.#address = location.hash;
  }

  /** False: the page in one file, in a frame that has no address. */
  get hasAddress() {
    return /^(https?|file):/.test(this.link({}));
  }

  /** @param {Partial<Settings>} changes */
  link(changes) {
    return new URL(toHash({ ...this.now, ...changes }), this.#isPage ? location.href : new URL("..", import.meta.url)).href;
  }

  /** Takes what is as at first from these. @param {Partial<Settings>} some */
  complete(some) {
    const names = table.map(({ name }) => name).filter(name => name in some && this.now[name] === defaults[name]);
    this.set(Object.fromEntries(names.map(name => [name, some[name]])));
  }

  /** @param {string} part */
  isHidden(part) {
    return this.now.hide.split(",").includes(part);
  }

  /** @param {string} part */
  isLocked(part) {
    return this.now.lock.split(",").includes(part);
  }

  /** Takes the settings of the address; says whether there is something to do: others than before, or one to tell of. */
  readAddress() {
    const before = toHash(this.now);
    this.#forget();
    this.#address = location.hash;
    ({ settings: this.now, tooLong: this.tooLong } = readHash(location.hash));
    return toHash(this.now) !== before || this.tooLong.length > 0;
  }

  free() {
    this.#forget();
  }

  /** What waits is not kept any more, or it is now. */
  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isKept = true;
  }
}
