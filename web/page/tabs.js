// SPDX-License-Identifier: MIT
//
// tabs.js - tabs, and a slot under each.
import { arrow, make } from "./elements.js";
import { Slot } from "./slot.js";

/** @typedef {{ key: string, fetch: Slot["fetch"] }} Tab key: of its words */
/** What has no tab of its own, but is reached from another one's. @typedef {{ under: string, fetch: Slot["fetch"] }} Page */

export class Tabs {
  /** @type {Map<string, Slot>} */
  slots = new Map();
  /** @type {Map<string, HTMLElement>} */
  #tabs = new Map();
  /** @type {Map<string, string>} the tab that each is under */
  #tabOf = new Map();

  /**
   * @param {import("./contract.js").Desk} desk
   * @param {"view" | "panel"} kind
   * @param {Record<string, Tab | Page>} tabs by their names
   * @param {{ list: HTMLElement, before: Element, choose: (name: string) => void }} where list: of the tabs; before: the slots come
   *   after it; choose is called when the reader takes a tab
   */
  constructor(desk, kind, tabs, { list, before, choose }) {
    const { id } = desk;
    const tabId = (/** @type {string} */ name) => id(`tab-${name}`);
    for (const [name, each] of Object.entries(tabs).reverse()) {
      const className = `${kind}-${name}`;
      const under = "under" in each ? each.under : name;
      const section = make("section", { id: id(className), className, role: "tabpanel", "aria-labelledby": tabId(under) });
      before.after(section);
      this.#tabOf.set(name, under);
      this.slots.set(name, new Slot(section, desk, each.fetch));
      if ("under" in each) continue;
      const more = { "data-text": each.key, "aria-controls": section.id, onclick: () => choose(name) };
      const tab = make("button", { id: tabId(name), type: "button", role: "tab", ...more });
      list.prepend(tab);
      this.#tabs.set(name, tab);
    }
    list.onkeydown = walk;
  }

  /** Has that one chosen, all others hidden and stopped. @param {string} chosen */
  select(chosen) {
    for (const [name, tab] of this.#tabs) {
      const isSelected = name === this.#tabOf.get(chosen);
      tab.ariaSelected = String(isSelected);
      tab.tabIndex = isSelected ? 0 : -1;
      if (isSelected) center(tab);
    }
    for (const [name, { root, view }] of this.slots) {
      root.hidden = name !== chosen;
      if (name !== chosen) view?.stop?.();
    }
  }

  /** A sign beside a tab's name; "": none. It is part of the name, and nothing that speaks up. @param {string} name @param {string} sign */
  mark(name, sign) {
    const tab = this.#tabs.get(name);
    if (tab && sign) tab.dataset.sign = sign;
    else tab?.removeAttribute("data-sign");
  }

  free() {
    for (const slot of this.slots.values()) slot.free();
  }
}

/** From tab to tab by the arrow keys. @param {KeyboardEvent} event */
function walk({ key, target, currentTarget }) {
  const list = /** @type {HTMLElement} */ (currentTarget);
  const direction = { ArrowRight: 1, ArrowLeft: -1 }[arrow(key, list)];
  const tabs = /** @type {HTMLElement[]} */ ([...list.children]);
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
