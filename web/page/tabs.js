// SPDX-License-Identifier: MIT
//
// tabs.js - tabs, and what lies on each: it is fetched and mounted when it is first looked at. What cannot be mounted or drawn says
// so in its own place, and the others go on.
import { sentencesOf } from "./describe.js";
import { make } from "./elements.js";
import { dress } from "./shell.js";

/** @typedef {import("./contract.js").View} View */
/** @typedef {{ key: string, fetch: () => Promise<{ mount: import("./contract.js").Mount }> }} Tab key: of its words */

export class Tabs {
  /** The views that are mounted. @type {Map<string, View>} */
  there = new Map();
  /** @type {Map<string, Promise<View | undefined>>} */
  #coming = new Map();
  /** @type {Map<string, { tab: HTMLElement, section: HTMLElement }>} */
  #elements = new Map();
  #desk;
  #tabs;
  #isFreed = false;

  /**
   * @param {import("./contract.js").Desk} desk
   * @param {"view" | "panel"} kind
   * @param {Record<string, Tab>} tabs by their names
   * @param {{ list: HTMLElement, before: Element, choose: (name: string) => void }} where list: of the tabs; before: what lies on them comes
   *   after it; choose is called when the reader takes a tab
   */
  constructor(desk, kind, tabs, { list, before, choose }) {
    const { id } = desk;
    this.#desk = desk;
    this.#tabs = tabs;
    for (const [name, { key }] of Object.entries(tabs)) {
      const [tabId, sectionId] = [id(`tab-${name}`), id(`${kind}-${name}`)];
      const tab = make("button", { id: tabId, type: "button", role: "tab", "aria-controls": sectionId, "data-text": key });
      const section = make("section", {
        id: sectionId,
        className: `${kind}-${name}`,
        role: "tabpanel",
        "aria-labelledby": tabId,
        hidden: true,
      });
      tab.onclick = () => choose(name);
      this.#elements.set(name, { tab, section });
    }
    const all = [...this.#elements.values()];
    list.append(...all.map(({ tab }) => tab));
    before.after(...all.map(({ section }) => section));
    list.onkeydown = walk;
  }

  /** Has that one chosen, all others hidden and stopped. @param {string} chosen */
  select(chosen) {
    for (const [name, { tab, section }] of this.#elements) {
      tab.ariaSelected = String(name === chosen);
      tab.tabIndex = name === chosen ? 0 : -1;
      section.hidden = name !== chosen;
      if (name !== chosen) this.there.get(name)?.stop();
    }
  }

  /** The view of that name, mounted if need be; undefined: it cannot be. @param {string} name */
  async open(name) {
    if (!this.#coming.has(name)) this.#coming.set(name, this.#mount(name));
    return this.#coming.get(name);
  }

  /** Draws it, as soon as it can be. @param {string} name @param {() => boolean} isWanted whether it still is, then */
  async show(name, isWanted) {
    const view = this.there.get(name) ?? (await this.open(name));
    if (!view || !isWanted()) return;
    try {
      view.show();
    } catch (error) {
      this.#fail(name, error);
    }
  }

  free() {
    this.#isFreed = true;
    for (const view of this.there.values()) view.free();
    this.there.clear();
  }

  /** @param {string} name */
  async #mount(name) {
    const { section } = this.#of(name);
    section.replaceChildren(); // there may be the trouble of the last time
    section.ariaBusy = "true";
    try {
      const { mount } = await this.#tabs[name].fetch();
      if (this.#isFreed) return undefined;
      const view = await mount(section, this.#desk);
      if (this.#isFreed) view.free();
      else this.there.set(name, view);
      dress(section, this.#desk);
    } catch (error) {
      this.#fail(name, error);
    }
    section.ariaBusy = "false";
    return this.there.get(name);
  }

  /** It has failed: the next time it is mounted anew. @param {string} name @param {unknown} error */
  #fail(name, error) {
    const { words } = this.#desk;
    const view = this.there.get(name);
    this.there.delete(name);
    this.#coming.delete(name);
    try {
      view?.free();
    } finally {
      const textContent = `${words.say("view.failed")} ${sentencesOf(words, error)}`;
      this.#of(name).section.replaceChildren(make("p", { className: "trouble", role: "alert", textContent }));
    }
  }

  /** @param {string} name */
  #of(name) {
    return /** @type {{ tab: HTMLElement, section: HTMLElement }} */ (this.#elements.get(name));
  }
}

/** From tab to tab by the arrow keys. @param {KeyboardEvent} event */
function walk({ key, target, currentTarget }) {
  const direction = { ArrowRight: 1, ArrowLeft: -1 }[key];
  const tabs = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (currentTarget).children]);
  const from = tabs.indexOf(/** @type {HTMLElement} */ (target));
  if (!direction || from < 0) return;
  const next = tabs[(from + direction + tabs.length) % tabs.length];
  next.click();
  next.focus();
}
