// SPDX-License-Identifier: MIT
//
// why.js - the panel "Why this one": the distribution behind a character, and what else could be written with the same dice.
import { distribution } from "../describe.js";
import { elementsOf, make } from "../elements.js";
import { read, samplingOf } from "../settings.js";
import { draw } from "../../views/distribution.js";

/** @type {import("../contract.js").Mount} */
export function mount(root, desk) {
  const { id, words, settings } = desk;
  const { worded, button } = elementsOf(desk);
  const bars = make("div", { id: id("distribution"), className: "distribution", onclick: press });
  const box = make("input", {
    type: "text",
    id: id("same-temperature"),
    className: "number",
    value: "1.2",
    inputMode: "decimal",
    autocomplete: "off",
  });
  const label = make("label", { className: "small" }, worded("span", "same"), " ", box);
  const same = make("div", { id: id("same"), className: "same", "data-part": "same" }, label, button("same.write", writeSame));
  root.replaceChildren(bars, same);

  /** @type {import("./ahead.js").Ahead | null} fetched when the text rests for the first time */
  let ahead = null;
  /** @type {Promise<void> | null} */
  let coming = null;

  const data = () => desk.shown && distribution(words, desk.shown, samplingOf(settings.now));

  /** What would follow each of them, where one may be chosen. @param {import("../../views/distribution.js").DistributionData} shown */
  function lookAhead(shown) {
    const { shown: at, writing } = desk;
    if (ahead) return ahead.of(at?.canChoose && !writing.isWorking ? at : null, shown.top, samplingOf(settings.now));
    if (!writing.isWorking && at?.canChoose) coming ??= fetchAhead().catch(desk.trouble);
    return null;
  }

  async function fetchAhead() {
    const { Ahead } = await import("./ahead.js");
    ahead = new Ahead(show);
    show();
  }

  function show() {
    const shown = data();
    draw(bars, shown && { ...shown, ahead: lookAhead(shown) }, words.say("why.none"));
    same.hidden = !desk.shown?.canChoose;
  }

  /** @param {MouseEvent} event */
  function press({ target }) {
    const pressed = /** @type {Element} */ (target).closest("button");
    const shown = data();
    if (pressed?.dataset.id) desk.writing.choose(Number(pressed.dataset.id));
    if (pressed?.classList.contains("csv") && shown) import("./csv.js").then(({ copyCsv }) => copyCsv(desk, shown)).catch(desk.trouble);
  }

  function writeSame() {
    const temperature = read("temperature", box.value);
    box.toggleAttribute("aria-invalid", temperature === undefined);
    if (temperature !== undefined) desk.writing.sameDice(temperature);
  }

  return {
    show,
    stop: () => ahead?.stop(),
    free() {
      ahead?.stop();
      root.replaceChildren();
    },
  };
}
