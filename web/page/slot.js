// SPDX-License-Identifier: MIT
//
// slot.js - a place on the desk for what is fetched and mounted when it is first looked at. If it cannot be mounted or drawn, that is
// said in its own place, and the rest of the desk goes on.
import { explain } from "./describe.js";
import { make } from "./elements.js";
import { dress } from "./shell.js";

/** @typedef {import("./contract.js").View} View */

export class Slot {
  /** @type {View | undefined} what is mounted here */
  view;
  /** @type {Promise<void> | undefined} */
  #coming;
  #isFreed = false;

  /**
   * @param {HTMLElement} root
   * @param {import("./contract.js").Desk} desk
   * @param {() => Promise<{ mount: import("./contract.js").Mount }>} fetch
   */
  constructor(root, desk, fetch) {
    this.root = root;
    this.desk = desk;
    this.fetch = fetch;
  }

  /** Mounts it, if it is not; undefined: it cannot be. */
  async open() {
    this.#coming ??= this.#mount();
    await this.#coming;
    return this.view;
  }

  /** Draws it, as soon as it can be. @param {() => boolean} [isWanted] whether it still is, then */
  async show(isWanted = () => true) {
    const view = this.view ?? (await this.open());
    if (!view || !isWanted()) return;
    try {
      view.show();
    } catch (error) {
      this.#fail(error);
    }
  }

  free() {
    this.#isFreed = true;
    this.view?.free();
  }

  async #mount() {
    this.root.replaceChildren(); // there may be the trouble of the last time
    this.root.ariaBusy = "true";
    try {
      const { mount } = await this.fetch();
      const view = this.#isFreed ? undefined : await mount(this.root, this.desk);
      if (this.#isFreed) view?.free();
      else this.view = view;
      dress(this.root, this.desk);
    } catch (error) {
      this.#fail(error);
    }
    this.root.ariaBusy = "false";
  }

  /** The next time it is mounted anew. @param {unknown} error */
  #fail(error) {
    const { words } = this.desk;
    const failed = this.view;
    this.view = this.#coming = undefined;
    try {
      failed?.free();
    } finally {
      const note = make("p", { className: "trouble", role: "alert" });
      this.root.replaceChildren(note);
      explain(words, error, note, said => `${words.say("view.failed")} ${said}`);
    }
  }
}
