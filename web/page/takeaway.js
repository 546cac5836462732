// SPDX-License-Identifier: MIT
//
// takeaway.js - what one takes away: a link to exactly this.
import { elementsOf } from "./elements.js";

/** @type {import("./contract.js").Mount} */
export function mount(root, desk) {
  const { settings, status, words, writing } = desk;
  const { button } = elementsOf(desk);
  root.replaceChildren(button("link", () => copyLink()));

  async function copyLink() {
    const own = await desk.ownIfKept();
    const exactly = settings.now.view === "write" ? writing.exactly() : {};
    const address = settings.link({ ...exactly, ...own?.linked(desk.prompt()) });
    try {
      await navigator.clipboard.writeText(address); // there is none where the page came without https
      status(words.say("copied"));
    } catch {
      status(address);
    }
    own?.copied();
  }

  return { show() {}, free: () => root.replaceChildren() };
}
