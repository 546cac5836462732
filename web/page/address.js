// SPDX-License-Identifier: MIT
//
// address.js - the settings in use. Where the desk is the page, they stand in its address behind the #, and come from there.
import { defaults, fromHash, toHash } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./contract.js").SettingsInUse} Contract */

const PAUSE = 200; // milliseconds: a slider changes faster than browsers let an address change

/** @implements {Contract} */
export class SettingsInUse {
  /** @type {Settings} */
  now;
  #isPage;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Partial<Settings>} start @param {boolean} isPage */
  constructor(start, isPage) {
    this.#isPage = isPage;
    this.now = { ...(isPage ? fromHash(location.hash) : defaults), ...start };
  }

  /** @param {Partial<Settings>} changes */
  set(changes) {
    this.now = { ...this.now, ...changes };
    if (!this.#isPage) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => history.replaceState(null, "", toHash(this.now)), PAUSE);
  }

  /** @param {Partial<Settings>} changes */
  link(changes) {
    return new URL(toHash({ ...this.now, ...changes }), this.#isPage ? location.href : new URL("..", import.meta.url)).href;
  }

  /** @param {string} part */
  isHidden(part) {
    return this.now.hide.split(",").includes(part);
  }

  /** @param {string} part */
  isLocked(part) {
    return this.now.lock.split(",").includes(part);
  }

  /** Takes the settings of the address; says whether they are others than before. */
  readAddress() {
    const before = toHash(this.now);
    this.now = fromHash(location.hash);
    return toHash(this.now) !== before;
  }

  free() {
    clearTimeout(this.#timer);
  }
}
