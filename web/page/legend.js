// SPDX-License-Identifier: MIT
//
// legend.js - the control of what colours the text, with its legend.
import { ENTROPY_OF_A_SHADE, RANKS, SHADES, short, widthOf } from "./describe.js";
import { elementsOf, fill, make } from "./elements.js";

/** @typedef {import("./contract.js").Words} Words */

const TINTS = ["surprisal", "entropy", "rank", "unit", "copied", "none"];

/** @param {import("./contract.js").Desk} desk @returns {import("./controls.js").Control} */
export function tint(desk) {
  const { id, settings, words } = desk;
  const list = make("select", { id: id("tint"), onchange: () => desk.change({ tint: list.value }) });
  const shades = make("p", { id: id("legend"), className: "legend" });
  const label = make("label", { className: "small" }, elementsOf(desk).worded("span", "tint"), " ", list);
  return {
    element: make("div", { className: "row wrap tint", "data-part": "tint" }, label, shades),
    show() {
      const { tint } = settings.now;
      const names = legend(words, tint);
      const options = TINTS.map(each => /** @type {[string, string]} */ ([each, words.say(`tint.${each}`)]));
      fill(list, options, tint);
      shades.replaceChildren(
        ...names.map((name, i) => make("span", { className: tint === "unit" ? `u${i}` : `s${i}`, textContent: name || "\u00a0" })),
        ...(names.length ? [` ${words.say(`tint.${tint}.unit`)}`] : []),
      );
    },
  };
}

/** What a tint's shades are called, for its legend. @param {Words} words @param {string} tint */
export function legend(words, tint) {
  const width = widthOf(words.level);
  const ends = {
    surprisal: Array.from({ length: SHADES }, (_, i) => (i === SHADES - 1 ? `≥ ${i * width}` : String(i * width))),
    entropy: Array.from({ length: SHADES }, (_, i) => short(words, i * width * ENTROPY_OF_A_SHADE, 1)),
    rank: RANKS.map(rangeFrom),
    unit: ["−1", "", "", "", "0", "", "", "", "+1"],
  };
  return ends[/** @type {keyof typeof ends} */ (tint)] ?? [];
}

/** The ranks of a shade, from its first one on. @param {number} rank @param {number} i the shade */
function rangeFrom(rank, i) {
  const next = RANKS[i + 1];
  if (!next) return `≥ ${rank}`;
  return next === rank + 1 ? String(rank) : `${rank}–${next - 1}`;
}
