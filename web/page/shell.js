// SPDX-License-Identifier: MIT
//
// shell.js - the frame of a desk: where its controls, tabs, views, panels and messages are.
import { elementsOf, make } from "./elements.js";

/** @typedef {ReturnType<typeof build>} Shell */

/** @param {HTMLElement} root @param {import("./contract.js").Desk} desk @param {boolean} isPage whether it is all that its page has */
export function build(root, desk, isPage) {
  const { id } = desk;
  const { worded } = elementsOf(desk);
  /** @param {string} key @param {HTMLSelectElement} list */
  const chooser = (key, list) => make("label", { className: "small" }, worded("span", key, { className: "quiet" }), list);
  /** @param {string} key @param {string} className @param {Node} content */
  const folded = (key, className, content) => make("details", { className, "data-part": key }, worded("summary", key), content);
  const tabs = (/** @type {Record<string, string>} */ more) => make("div", { className: "tabs", role: "tablist", ...more });

  const network = make("select", { id: id("network") });
  const language = make("select", { id: id("language") });
  const networks = chooser("network", network);
  networks.dataset.part = "network";

  const guide = make("ul", { id: id("guide") });
  const guideNote = make("p", { id: id("guide-note"), className: "notice", role: "status", hidden: true });
  const guideTitle = worded("h2", "guide", { id: id("guide-title") });

  const views = tabs({ "data-part": "view", "data-label": "views" });
  const status = make("p", { id: id("status"), className: "note grow", role: "status" });
  const link = worded("button", "link", { id: id("link"), type: "button", className: "plain" });
  const spoken = make("p", { id: id("spoken"), className: "quiet", ariaLive: "polite" });
  const trouble = make("div", { id: id("trouble"), className: "trouble", role: "alert", hidden: true });

  const panels = tabs({ "data-label": "panels" });
  const facts = make("div", { id: id("facts") });
  const about = folded("facts", "about", facts);
  const why = make("aside", { id: id("why"), className: "why", "data-part": "panel", "data-label": "panels" }, panels, about);

  const helpNote = worded("p", "text.help", { id: id("text-help"), className: "note" });
  const more = make("div", { id: id("more") });
  const extras = make("div", { id: id("extras"), className: "extras" }, folded("more", "more", more), folded("help", "more", helpNote));
  const main = make("div", { className: "desk" }, views, make("div", { className: "row wrap under" }, status, link), spoken, trouble);

  root.replaceChildren(
    make(
      "header",
      { className: "top" },
      make(isPage ? "h1" : "h2", { className: "brand", textContent: "nextchar" }),
      worded("p", "tagline", { className: "tagline" }),
      networks,
      chooser("language", language),
    ),
    make("nav", { className: "guide", "data-part": "guide", "aria-labelledby": guideTitle.id }, guideTitle, guide, guideNote),
    make(isPage ? "main" : "div", { className: "board" }, main, why, extras),
  );
  return { network, language, guide, guideNote, views, status, link, spoken, trouble, panels, facts, more, why, extras };
}

/**
 * Puts the desk's words on all of root that has a key for them, and takes away or fixes what a teacher's link names.
 * @param {HTMLElement} root @param {import("./contract.js").Desk} desk
 */
export function dress(root, { words, settings }) {
  const all = (/** @type {string} */ selector) => /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector));
  for (const element of all("[data-text]")) element.textContent = words.say(element.dataset.text ?? "");
  for (const element of all("[data-label]")) element.ariaLabel = words.say(element.dataset.label ?? "");
  for (const part of all("[data-part]")) {
    const name = part.dataset.part ?? "";
    part.classList.toggle("taken", settings.isHidden(name));
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input, select, textarea")))
      control.disabled = settings.isLocked(name);
  }
}
