// SPDX-License-Identifier: MIT
//
// controls.js - the controls of settings that more than one view heeds. Each is an element; show() has it show its setting.
import { legend, nameOf, sentencesOf } from "./describe.js";
import { elementsOf, fill, make } from "./elements.js";
import { read } from "./settings.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {{ element: HTMLElement, show: () => void }} Control */

const TINTS = ["surprisal", "entropy", "rank", "unit", "copied", "none"];
const MOST_NAMED = 40; // characters that a network does not know
export const EXACT = { maximumSignificantDigits: 15, useGrouping: false };

/**
 * A number that is typed: it is taken, or refused with a sentence while the old value stays.
 * @param {Desk} desk @param {"temperature" | "seed" | "length" | "topK" | "topP"} name
 * @param {(value: string) => void} refuse
 * @param {() => void} accept
 */
export function numberBox(desk, name, refuse, accept) {
  const inputMode = name === "temperature" || name === "topP" ? "decimal" : "numeric";
  const box = make("input", { type: "text", className: "number", inputMode, autocomplete: "off" });
  box.onchange = () => {
    const value = read(name, box.value);
    box.toggleAttribute("aria-invalid", value === undefined);
    if (value === undefined) {
      box.ariaInvalid = "true";
      return refuse(`“${box.value}”`);
    }
    accept();
    desk.change({ [name]: value });
  };
  return box;
}

/** The slider, the same as a number, and what it does to the text. @param {Desk} desk @returns {Control} */
export function temperature(desk) {
  const { id, settings, words } = desk;
  const note = make("p", { id: id("temperature-note"), className: "note", ariaLive: "polite" });
  const described = { "aria-describedby": note.id };
  const slider = make("input", { type: "range", id: id("temperature"), className: "grow", min: "0", max: "2", step: "0.05", ...described });
  const label = elementsOf(desk).worded("label", "temperature", { id: id("temperature-label"), htmlFor: slider.id });
  const refuse = (/** @type {string} */ value) => {
    const kept = words.number(settings.now.temperature, { useGrouping: false });
    note.textContent = words.say("temperature.wrong", { value, kept });
  };
  const box = numberBox(desk, "temperature", refuse, () => {});
  box.id = id("temperature-number");
  box.setAttribute("aria-labelledby", label.id);
  box.setAttribute("aria-describedby", note.id);
  slider.oninput = () => desk.change({ temperature: Number(slider.value) });
  return {
    element: make("div", { className: "field", "data-part": "temperature" }, label, make("div", { className: "row" }, slider, box), note),
    show() {
      const T = settings.now.temperature;
      slider.value = String(T);
      slider.ariaValueText = words.number(T);
      box.value = T === Infinity ? "1e999" : words.number(T, EXACT);
      box.removeAttribute("aria-invalid");
      note.textContent = words.say(`temperature.${T === 0 ? "zero" : T < 1 ? "low" : T === 1 ? "one" : "high"}`);
    },
  };
}

/**
 * How the text begins, and what the network makes of it.
 * @param {Desk} desk @param {() => string} usual what it begins with unless told otherwise
 */
export function prompt(desk, usual) {
  const { id, settings, words } = desk;
  const note = make("p", { id: id("prompt-note"), className: "note" });
  const more = { spellcheck: false, autocomplete: "off", dir: "auto", "aria-describedby": note.id };
  const box = make("textarea", { rows: 1, ...more });
  box.oninput = () => {
    desk.change({ prompt: box.value });
    tell();
  };
  /** Says how the network in use reads it. */
  function tell() {
    note.textContent = box.value ? readBy(desk, box.value) : words.say("prompt.empty");
  }
  return {
    element: make("div", { id: id("beginning"), "data-part": "prompt" }, elementsOf(desk).field("prompt", box), note),
    box,
    tell,
    show() {
      box.value = settings.now.prompt ?? usual();
      tell();
    },
  };
}

/** @param {Desk} desk @param {string} text */
function readBy({ network: { model }, words }, text) {
  if (!model) return "";
  try {
    const { ids, unknown } = model.encode(text);
    if (!unknown.length) return words.say("prompt.read", { count: words.number(ids.length) });
    const named = unknown.slice(0, MOST_NAMED).map(each => nameOf(words, each));
    return words.say("prompt.unknown", { characters: named.join(" ") + (unknown.length > MOST_NAMED ? " …" : "") });
  } catch (error) {
    return sentencesOf(words, error);
  }
}

/** What colours the text. @param {Desk} desk @returns {Control} */
export function tint(desk) {
  const { id, settings, words } = desk;
  const { worded } = elementsOf(desk);
  const list = make("select", { id: id("tint"), onchange: () => desk.change({ tint: list.value }) });
  const shades = make("p", { id: id("legend"), className: "legend" });
  const label = make("label", { className: "small" }, worded("span", "tint"), " ", list);
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
