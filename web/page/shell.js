// SPDX-License-Identifier: MIT
//
// shell.js - the frame of a desk: where its controls, tabs, views, panels and messages are.
import { elementsOf, make } from "./elements.js";

/** @typedef {ReturnType<typeof build>} Shell */

/** @param {HTMLElement} root @param {import("./contract.js").Desk} desk @param {boolean} isPage whether it is all that its page has */
export function build(root, desk, isPage) {
  const { id, settings } = desk;
  const tabs = (/** @type {Record<string, string>} */ more) => make("div", { className: "tabs", role: "tablist", ...more });

  const network = make("select", { id: id("network"), dir: "auto", "data-label": "network" });
  const networks = make("label", { className: "networks", "data-part": "network" }, network);
  const views = tabs({ "data-part": "view", "data-label": "views" });
  const language = make("select", { id: id("language") });
  const more = make("div", { id: id("more") });
  const sheet = make(
    "div",
    { className: "sheet", tabIndex: -1 },
    make("label", { className: "small" }, "Language · Язык ", language),
    more,
  );
  const menu = folded(desk, "more", "menu", sheet);

  const trouble = make("div", { id: id("trouble"), className: "trouble", role: "alert", hidden: true });
  const notices = make("div", { className: "notices" }, trouble);
  const status = make("p", { id: id("status"), className: "note status", role: "status" });
  const spoken = make("p", { id: id("spoken"), className: "quiet", ariaLive: "polite" });
  const share = make("div", { id: id("share"), className: "sheet", tabIndex: -1 });
  const shared = folded(desk, "share", "menu up", share);
  const panels = tabs({ "data-label": "panels" });
  const why = make("aside", { id: id("why"), className: "why", "data-part": "panel", "data-label": "panels" }, panels);
  const guide = make("nav", { id: id("guide"), className: "guide", "data-part": "guide", "data-label": "guide" });

  root.classList.add("nextchar");
  root.classList.toggle("whole", isPage);
  root.classList.toggle("embed", settings.now.layout === "embed");
  menu.addEventListener("toggle", () => root.classList.toggle("opened", menu.open));
  root.replaceChildren(
    make(
      "header",
      { className: "top" },
      make(isPage ? "h1" : "h2", { className: "brand", textContent: "nextchar" }),
      views,
      networks,
      menu,
    ),
    make(isPage ? "main" : "div", { className: "board" }, notices, status, spoken, shared, why),
    guide,
  );
  return { notices, network, language, guide, views, status, share, spoken, trouble, panels, more, why };
}

/**
 * What opens over the rest.
 * @param {import("./contract.js").Desk} desk @param {string} key @param {string} className @param {Node} content
 */
export function folded(desk, key, className, content) {
  const made = make("details", { className, "data-part": key }, elementsOf(desk).worded("summary", key), content);
  const summary = /** @type {HTMLElement} */ (made.firstElementChild);
  made.onkeydown = event => {
    if (event.key !== "Escape" || !made.open) return;
    made.open = false;
    summary.focus();
  };
  const isWhole = key === "more" && desk.settings.now.layout === "embed"; // what it opens is all over the frame, the prompt too
  made.addEventListener("focusout", ({ relatedTarget }) => {
    if (isWhole) return;
    if (!made.contains(/** @type {Node | null} */ (relatedTarget)) && document.hasFocus()) made.open = false; // one goes on elsewhere
  });
  return made;
}

/**
 * Puts the desk's words on all of root that has a key for them, and takes away or fixes what a teacher's link names.
 * @param {HTMLElement} root @param {import("./contract.js").Desk} desk
 */
export function dress(root, { words, settings }) {
  const all = (/** @type {string} */ selector) => /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector));
  for (const element of all("[data-text]")) element.textContent = words.say(element.dataset.text ?? "");
  for (const element of all("[data-label]")) element.ariaLabel = words.say(element.dataset.label ?? "");
  for (const element of all("button[data-label]")) element.title = element.ariaLabel ?? "";
  for (const part of all("[data-part]")) {
    const name = part.dataset.part ?? "";
    part.classList.toggle("taken", settings.isHidden(name));
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input, select, textarea")))
      control.disabled = settings.isLocked(name);
  }
}
