// SPDX-License-Identifier: MIT
//
// larger.js - the offer of a larger network of the same text; what a press does is fetched with the press.
import { make, showOne } from "../elements.js";

/** @param {import("../contract.js").Desk} desk */
export function larger(desk) {
  const { id, trouble, words } = desk;
  const button = make("button", { id: id("enlarge"), type: "button", className: "plain", onclick: press });
  const note = make("span", { id: id("larger-note"), role: "status", tabIndex: -1 });
  const element = make("div", { className: "row note larger", hidden: true }, button, note);
  /** @type {import("./takeover.js").Takeover | undefined} */
  let takeover;
  let isPressed = false; // and what it needs is still to come
  let isFreed = false;

  const offered = () => (desk.network.model && !isFreed ? desk.larger() : undefined);

  /** As things are now: the network in use, how much of the larger one has come, the language. */
  function show() {
    takeover = takeover?.heed();
    const larger = offered();
    const said = takeover?.sentence ?? "";
    element.hidden = !larger && !said;
    if (note.textContent !== said) note.textContent = said;
    button.ariaDisabled = String(Boolean(takeover));
    if (!larger) return showOne(note, button);
    button.hidden = false;
    button.textContent = words.say("larger", { size: words.number(larger.bytes / 1e6, { maximumSignificantDigits: 3 }) });
  }

  async function press() {
    if (isPressed || takeover) return;
    isPressed = true;
    try {
      const [{ Takeover }] = await Promise.all([import("./takeover.js"), words.more()]);
      const larger = offered();
      if (larger) takeover = new Takeover(desk, larger, { show, press });
      show();
    } catch (error) {
      trouble(error, press);
    }
    isPressed = false;
  }

  function free() {
    isFreed = true;
    takeover?.free();
  }

  return { element, show, free };
}
