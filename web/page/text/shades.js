// SPDX-License-Identifier: MIT
//
// shades.js - tints that a step alone does not tell: the value of a hidden unit, computed again from the text, and what of
// the text is copied, which a worker looks up. Both come bit by bit.
import { unitClass } from "../describe.js";
import { start } from "../pace.js";
import { Trace } from "../../story/trace.js";

/** @typedef {import("../../story/story.js").Branch} Branch */
/** @typedef {{ count: number, classAt: (place: number) => string }} Known the shades of a text, of so many places as they are known */

export class Shades {
  /** Two texts may be side by side. @type {Map<Branch, { trace: Trace, stop: (() => void) | null }>} */
  #traces = new Map();
  /** @type {Map<Branch, boolean[]>} */
  #copied = new Map();
  /** @type {import("./copies.js").Copies | null} fetched when that tint is chosen */
  #copies = null;
  #isLooking = false;
  #isFreed = false;
  #root;
  #desk;
  #again;

  /**
   * @param {HTMLElement} root where it is said what is copied
   * @param {import("../contract.js").Desk} desk
   * @param {() => void} again called when more is known
   */
  constructor(root, desk, again) {
    this.#root = root;
    this.#desk = desk;
    this.#again = again;
  }

  /** @param {Branch} branch @param {"unit" | "copied"} tint @param {number} unit @returns {Known} */
  of(branch, tint, unit) {
    return tint === "unit" ? this.#ofUnit(branch, unit) : this.#ofCopies(branch);
  }

  free() {
    this.#isFreed = true;
    for (const { stop } of this.#traces.values()) stop?.();
    this.#copies?.free();
  }

  // ---- a unit ----

  /** @param {Branch} branch @param {number} unit */
  #ofUnit(branch, unit) {
    const known = this.#traces.get(branch);
    if (known?.trace.unit !== unit) known?.stop?.();
    const mine = known?.trace.unit === unit ? known : { trace: new Trace(branch, unit), stop: null };
    const { values } = mine.trace;
    this.#traces.set(branch, mine);
    if (values.length < branch.steps.length) mine.stop ??= this.#goOn(mine);
    return { count: values.length, classAt: (/** @type {number} */ place) => unitClass(values[place]) };
  }

  /** @param {{ trace: Trace, stop: (() => void) | null }} mine */
  #goOn(mine) {
    return start({
      steps: mine.trace.more(),
      onSteps: () => this.#again(),
      onEnd: error => {
        mine.stop = null;
        if (error) this.#desk.trouble(error);
      },
    });
  }

  // ---- what is copied ----

  /** @param {Branch} branch */
  #ofCopies(branch) {
    const marks = this.#copied.get(branch) ?? [];
    if (!this.#isLooking && marks.length !== branch.steps.length) this.#look(branch);
    return { count: marks.length, classAt: (/** @type {number} */ place) => (marks[place] ? "s4" : "s0") };
  }

  /** Once more whenever the text has grown. @param {Branch} branch */
  async #look(branch) {
    this.#isLooking = true;
    try {
      const copies = (this.#copies ??= await this.#fetchCopies());
      if (this.#isFreed) return; // while it came: nobody would end its worker
      this.#copied.set(branch, await copies.find(branch));
    } catch (error) {
      if (!this.#isFreed) this.#desk.trouble(error);
      return;
    } finally {
      this.#isLooking = false;
    }
    if (!this.#isFreed) this.#again();
  }

  async #fetchCopies() {
    const { Copies } = await import("./copies.js");
    return new Copies(this.#root, this.#desk, () => {
      this.#copied.clear(); // they were of another training text
      this.#again();
    });
  }
}
