// SPDX-License-Identifier: MIT
//
// tabs.js - tabs, and a slot under each.
import { make } from "./elements.js";
import { Slot } from "./slot.js";

/** @typedef {{ key: string, fetch: Slot["fetch"] }} Tab key: of its words */

export class Tabs {
  /** @type {Map<string, Slot>} */
  slots = new Map();
  /** @type {Map<string, HTMLElement>} */
  #tabs = new Map();

  /**
   * @param {import("./contract.js").Desk} desk
   * @param {"view" | "panel"} kind
   * @param {Record<string, Tab>} tabs by their names
   * @param {{ list: HTMLElement, before: Element, choose: (name: string) => void }} where list: of the tabs; before: the slots come
   *   after it; choose is called when the reader takes a tab
   */
  constructor(desk, kind, tabs, { list, before, choose }) {
    const { id } = desk;
    for (const [name, { key, fetch }] of Object.entries(tabs).reverse()) {
      const className = `${kind}-${name}`;
      const tab = make("button", { id: id(`tab-${name}`), type: "button", role: "tab", "data-text": key, onclick: () => choose(name) });
      const section = make("section", { id: id(className), className, role: "tabpanel", "aria-labelledby": tab.id });
      tab.setAttribute("aria-controls", section.id);
      list.prepend(tab);
      before.after(section);
      this.#tabs.set(name, tab);
      this.slots.set(name, new Slot(section, desk, fetch));
    }
    list.onkeydown = walk;
  }

  /** Has that one chosen, all others hidden and stopped. @param {string} chosen */
  select(chosen) {
    for (const [name, { root, view }] of this.slots) {
      const tab = /** @type {HTMLElement} */ (this.#tabs.get(name));
      tab.ariaSelected = String(name === chosen);
      tab.tabIndex = name === chosen ? 0 : -1;
      if (name === chosen) center(tab);
      root.hidden = name !== chosen;
      if (name !== chosen) view?.stop?.();
    }
  }

  free() {
    for (const slot of this.slots.values()) slot.free();
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

/** Scrolls the list alone, where not all tabs have room. @param {HTMLElement} tab */
function center(tab) {
  const list = /** @type {HTMLElement} */ (tab.parentElement);
  const [a, b] = [tab, list].map(each => each.getBoundingClientRect());
  list.scrollLeft += a.left + a.width / 2 - b.left - b.width / 2;
}
