// SPDX-License-Identifier: MIT
//
// nextchar-text.js - <nextchar-text network="course" temperature="0.5">: a desk in somebody else's page. Its attributes are the settings of
// the page's address, by the same names. It has a shadow root, so its ids and styles are its own, and the page's are not.
import { adopt } from "./page/adopt.js";
import { mountDesk } from "./page/desk.js";
import { fromHash, table } from "./page/settings.js";

/** Of the settings, in small letters, as HTML has them. */
const NAMES = table.map(({ name }) => name.toLowerCase());

class NextcharText extends (globalThis.HTMLElement ?? Object) {
  #shadow = this.attachShadow({ mode: "open" });
  /** @type {ReturnType<typeof mountDesk> | undefined} */
  #mounted;
  #watching = new MutationObserver(() => this.#mounted?.setUp(settingsOf(this)));

  connectedCallback() {
    if (this.#mounted) return; // it was only moved
    const root = document.createElement("div");
    root.hidden = true; // until it has its styles; without them it can be used all the same
    this.#shadow.replaceChildren(root);
    const first = () => adopt(this.#shadow, "./host.css", "../style.css", "../print.css"); // what comes later counts more
    const style = (/** @type {string} */ path) => first().then(() => adopt(this.#shadow, path));
    first()
      .catch(() => {}) // the desk says what could not be fetched as soon as it needs more
      .finally(() => (root.hidden = false));
    this.#mounted = mountDesk(root, { settings: settingsOf(this), style });
    this.#watching.observe(this, { attributes: true, attributeFilter: NAMES });
  }

  /** Whoever moves it in the page takes it out first: only what is still out a moment later has gone. */
  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#watching.disconnect();
      this.#mounted?.free();
      this.#mounted = undefined;
    });
  }
}

/** What the attributes say, and the defaults. @param {Element} element */
function settingsOf(element) {
  const given = new URLSearchParams();
  for (const { name } of table) if (element.hasAttribute(name)) given.set(name, element.getAttribute(name) ?? "");
  return fromHash(String(given));
}

globalThis.customElements?.define("nextchar-text", NextcharText);
