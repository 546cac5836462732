// SPDX-License-Identifier: MIT
//
// catalog.js - the networks that come with the page, the list to choose from, and how one is loaded. The reader's own: owndesk.js.
import { load } from "../core/model.js";
import { readJson } from "../core/sources.js";
import { fill } from "./elements.js";
import { defaults } from "./settings.js";

/** @typedef {import("../core/model.js").Model} Model */
/** @typedef {import("./own/owndesk.js").OwnDesk} OwnDesk */
/** about: what it learnt from, where its file does not say so. @typedef {{ name: string, file: string, language: string, prompt: string,
 *   prompts: string[], title: Record<string, string>, about?: string, larger?: string, bytes?: number }} Listed larger: the name of one
 *   that learnt more from the same text, and says its bytes */

const WEIGHTS = new URL("../../weights/", import.meta.url);

/** The script that networks of a language read. @type {[language: string, script: RegExp][]} */
const SCRIPTS = [
  ["ru", /\p{Script=Cyrillic}/u],
  ["en", /\p{Script=Latin}/u],
];

/** What weights/index.json has. @param {AbortSignal} signal @returns {Promise<Listed[]>} */
export const readListed = signal => readJson(new URL("index.json", WEIGHTS), { signal });
export const SAVED = "saved"; // the name of the network that a page in one file was saved with
export const MARK = "nextchar.own"; // in localStorage, as long as a network of the reader's own is kept

/** "own.1a2b3c4d" of a setting "own.1a2b3c4d.names", which names one of the reader's own by its file's sum. @param {string} name */
export const keyOf = name => name.replace(/^(own\.[0-9a-f]{8})\..*/s, "$1");

/** @param {string} name or key */
export const isOwn = name => /^own\.[0-9a-f]{8}$/.test(keyOf(name));

export class Catalog {
  missing = ""; // a name in the settings of a network that there is not
  /** @type {Listed[]} */
  #listed = [];
  /** @type {AbortController | undefined} */
  #loading;
  /** @type {OwnDesk | null} what has the reader's own, once it was needed */
  mine = null;
  /** @type {Promise<OwnDesk> | null} */
  #coming = null;
  #desk;
  #list;
  #arriving;
  #trouble;
  #life;

  /**
   * @param {import("./contract.js").Desk} desk @param {HTMLSelectElement} list @param {Promise<Listed[]>} arriving which there are
   * @param {HTMLElement} trouble @param {AbortSignal} life of the desk: afterwards nothing is loaded
   */
  constructor(desk, list, arriving, trouble, life) {
    this.#life = life;
    this.#desk = desk;
    this.#list = list;
    this.#arriving = arriving;
    this.#trouble = trouble;
    list.onfocus = list.onpointerenter = () => this.look().catch(desk.trouble);
  }

  /** Learns which there are; what failed before is tried again. @param {AbortSignal} signal */
  async read(signal) {
    this.#listed = await this.#arriving.catch(() => (this.#arriving = readListed(signal)));
  }

  /** Whether there is one of that name. @param {string} name */
  has(name) {
    return this.#listed.some(each => each.name === name);
  }

  /** The first one in the desk's language, unless the settings name one. */
  choose() {
    const { settings, words } = this.#desk;
    const { network } = settings.now;
    if (this.has(network) || isOwn(network)) return;
    const first = this.#listed.find(({ language }) => language === words.language) ?? this.#listed[0];
    settings.now.network = first?.name ?? defaults.network;
    this.missing = this.#desk.settings.now.guide ? "" : network; // a stop is told with any network
  }

  /** What a text by the chosen one begins with unless told otherwise. */
  prompt() {
    return this.#chosen()?.prompt ?? this.mine?.prompt() ?? "";
  }

  /** Other good beginnings, of the one in use. */
  prompts() {
    return this.#chosen()?.prompts ?? [];
  }

  /** @returns {[name: string, title: string][]} */
  titles() {
    return [...this.#titles(), ...(this.mine?.titles() ?? [])];
  }

  /**
   * One that reads a text's script, where the chosen one does not.
   * @param {string} text @returns {[name: string, title: string] | undefined}
   */
  otherFor(text) {
    const [language] = SCRIPTS.find(([, script]) => script.test(text)) ?? [];
    const other = this.#listed.find(each => each.language === language);
    return other && this.#chosen()?.language !== language ? [other.name, this.#titleOf(other)] : undefined;
  }

  /**
   * A larger network of the same text, where the reader may choose it, and it may have another prompt.
   * @returns {import("./contract.js").Larger | undefined}
   */
  larger() {
    const { settings } = this.#desk;
    if (["network", "prompt"].some(part => settings.isHidden(part) || settings.isLocked(part))) return undefined;
    const larger = this.#listed.find(({ name }) => name === this.#chosen()?.larger);
    return larger && { name: larger.name, title: this.#titleOf(larger), bytes: larger.bytes ?? 0 };
  }

  /** Shows the list. */
  show() {
    const { network } = this.#desk.settings.now;
    fill(this.#list, this.#titles(), network);
    this.mine?.show();
  }

  /**
   * The chosen one; null: it is the reader's own and not here.
   * @returns {Promise<{ source: URL | File, title: string, text: string, about?: string } | null>}
   */
  async source() {
    const { settings, words } = this.#desk;
    const { network } = settings.now;
    if (isOwn(network)) return (await this.own()).source(network);
    const listed = this.#chosen();
    if (!listed) throw new Error(words.say("error.E_HTTP"));
    this.mine?.forget();
    return { source: new URL(listed.file, WEIGHTS), title: this.#titleOf(listed), text: "", about: listed.about };
  }

  /**
   * Loads a network; the last request wins.
   * @param {string | URL | File} source @param {string} name
   * @returns {Promise<Model | undefined>} undefined: a later request has taken its place
   */
  async load(source, name) {
    const { status, words } = this.#desk;
    this.stop();
    if (this.#life.aborted) return undefined;
    const { signal } = (this.#loading = new AbortController());
    const onProgress = (/** @type {{ loaded: number, total: number }} */ { loaded, total }) => {
      const far = total ? words.percent(loaded / total) : `${words.number(Math.round(loaded / 1000))} KB`;
      status(words.say("network.loading", { name, percent: far }));
    };
    try {
      const model = await load(source, { signal, onProgress });
      if (!signal.aborted) return model;
      model.free();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return undefined;
  }

  /** What is being loaded has become pointless. */
  stop() {
    this.#loading?.abort();
  }

  /** One of them, for the caller. @param {string} name @param {import("./contract.js").Lending} [options] */
  async lend(name, options) {
    if (isOwn(name)) return (await this.own()).lend(name);
    const listed = this.#listed.find(each => each.name === name);
    if (!listed) throw absent(name);
    return load(new URL(listed.file, WEIGHTS), { signal: this.#life, ...options });
  }

  /** What has the reader's own. @returns {Promise<OwnDesk>} */
  own() {
    this.#coming ??= this.#fetchOwn();
    this.#coming.catch(() => (this.#coming = null)); // the next one tries again
    return this.#coming;
  }

  /** The same, with what is kept now; null: nothing is. */
  async look() {
    if (!this.mine && !isAnyKept()) return null;
    const own = await this.own();
    await own.look();
    return own;
  }

  free() {
    this.#loading?.abort();
    this.mine?.free();
  }

  async #fetchOwn() {
    const { style, words } = this.#desk;
    const [{ OwnDesk }] = await Promise.all([import("./own/owndesk.js"), words.more("own"), style("./own/own.css")]);
    this.#life.throwIfAborted();
    return (this.mine = new OwnDesk(this.#desk, { list: this.#list, trouble: this.#trouble, changed: () => this.show() }));
  }

  #chosen() {
    return this.#listed.find(({ name }) => name === this.#desk.settings.now.network);
  }

  /** @returns {[name: string, title: string][]} */
  #titles() {
    return this.#listed.map(listed => [listed.name, this.#titleOf(listed)]);
  }

  /** @param {Listed} listed */
  #titleOf({ name, title }) {
    return title[this.#desk.words.language] ?? title.en ?? name;
  }
}

/** What is said of a network that the site does not have. @param {string} name */
export const absent = name => new Error(`there is no network "${name}" here`);

function isAnyKept() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false; // it is forbidden
  }
}
