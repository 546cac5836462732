// SPDX-License-Identifier: MIT
//
// controls.js - the controls of settings that more than one view heeds. Each is an element; show() has it show its setting.
import { nameOf, sentencesOf } from "./describe.js";
import { elementsOf, make } from "./elements.js";
import { read, textOf } from "./settings.js";
import { folded } from "./shell.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {{ element: HTMLElement, show: () => void }} Control */

const MOST_NAMED = 40; // characters that a network does not know
export const EXACT = { maximumSignificantDigits: 15, useGrouping: false };

/** A number as it stands in a box, from which it can be read again. @param {import("./contract.js").Words} words @param {number} value */
export const inBox = (words, value) => (Number.isFinite(value) ? words.number(value, EXACT) : textOf(value));

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
      return refuse(box.value);
    }
    accept();
    desk.change({ [name]: value });
  };
  return box;
}

/**
 * The slider, the same as a number, and what it does to the text.
 * @param {Desk} desk
 * @returns {Control & { isDragged: () => boolean }} isDragged: whether the slider moves on, and has not been let go since it moved first
 */
export function temperature(desk) {
  const { id, settings, words } = desk;
  const note = make("p", { id: id("temperature-note"), className: "note", ariaLive: "polite" });
  const described = { "aria-describedby": note.id };
  const slider = make("input", { type: "range", id: id("temperature"), className: "grow", min: "0", max: "2", step: "0.05", ...described });
  const label = elementsOf(desk).worded("label", "temperature", { id: id("temperature-label"), htmlFor: slider.id });
  const refuse = (/** @type {string} */ value) => {
    const kept = words.number(settings.now.temperature, { useGrouping: false });
    note.classList.add("warn");
    note.textContent = words.say("temperature.wrong", { value, kept });
  };
  const box = numberBox(desk, "temperature", refuse, () => {});
  box.id = id("temperature-number");
  box.dataset.label = "temperature"; // its label is not seen where there is no room
  box.setAttribute("aria-describedby", note.id);
  let isDragged = false;
  let frame = 0; // in which the text is written anew: once, however often the slider moves
  const take = () => {
    if (!frame) return;
    cancelAnimationFrame(frame);
    frame = 0;
    desk.change({ temperature: Number(slider.value) });
    isDragged = true;
  };
  slider.oninput = () => (frame ||= requestAnimationFrame(take));
  slider.onchange = () => {
    take();
    isDragged = false;
  };
  return {
    isDragged: () => isDragged,
    element: make("div", { className: "slim", "data-part": "temperature" }, make("div", { className: "row" }, label, slider, box), note),
    show() {
      const T = settings.now.temperature;
      slider.value = String(T);
      slider.ariaValueText = words.number(T);
      box.value = inBox(words, T);
      box.removeAttribute("aria-invalid");
      note.classList.remove("warn");
      note.textContent = words.say(`temperature.${T === 0 ? "zero" : T < 1 ? "low" : T === 1 ? "one" : "high"}`);
    },
  };
}

/**
 * How the text begins, and what the network makes of it.
 * @param {Desk} desk
 * @param {{ prompt: () => string, prompts: () => string[] }} catalog prompt: what it begins with unless told otherwise; prompts: others
 */
export function prompt(desk, catalog) {
  const { id, settings, words, begin } = desk;
  const note = make("p", { id: id("prompt-note"), className: "note" });
  const more = { spellcheck: false, autocomplete: "off", dir: "auto", "aria-describedby": note.id };
  const box = make("textarea", { id: id("prompt"), rows: 1, ...more });
  const label = elementsOf(desk).worded("label", "prompt", { htmlFor: box.id });
  const list = make("div", { className: "sheet" });
  const ready = folded(desk, "prompts", "menu", list);
  ready.ontoggle = () => {
    if (ready.open) import("./prompts.js").then(({ fill }) => fill(list, desk, catalog.prompts(), take)).catch(desk.trouble);
  };
  /** @type {Promise<import("./text/suggest.js").Suggest> | undefined} */
  let coming;
  /** @type {import("./text/suggest.js").Suggest | undefined} fetched when the box is entered */
  let suggest;
  box.oninput = () => {
    desk.change({ prompt: box.value });
    tell();
  };
  box.onfocus = async () => {
    if (coming || !settings.now.suggest || settings.isHidden("suggest")) return;
    let isTyped = false; // while it comes
    box.addEventListener("input", () => (isTyped = true), { once: true });
    coming = import("./text/suggest.js").then(({ mount }) => mount(desk, { element, box, note }, () => isTyped));
    suggest = await coming.catch(() => (coming = undefined)); // typing goes on without; the next time it is tried again
  };
  box.onkeydown = event => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    begin();
  };
  /** @param {string} text */
  function take(text) {
    desk.change({ prompt: text });
    show();
    begin();
  }
  /** Says how the network in use reads it. */
  function tell() {
    const { text, isWrong } = readBy(desk, box.value);
    note.textContent = text;
    note.classList.toggle("warn", isWrong);
    suggest?.again();
    const other = isWrong && desk.otherFor(box.value);
    if (!other) return;
    const textContent = words.say("prompt.other", { name: other[1] });
    const onclick = () => desk.choose(other[0], box.value);
    note.append(" ", make("button", { type: "button", className: "plain", textContent, onclick }));
  }
  function show() {
    box.value = settings.now.prompt ?? catalog.prompt();
    box.placeholder = words.say("prompt.empty");
    ready.hidden = !catalog.prompts().length || settings.isLocked("prompt");
    tell();
  }
  const row = make("div", { className: "row" }, label, make("div", { className: "grow row" }, box), ready);
  const element = make("div", { className: "slim beginning", "data-part": "prompt" }, row, note);
  return { element, box, tell, show, free: () => suggest?.free() };
}

/** What the network in use makes of a text, and whether not all of it is read. @param {Desk} desk @param {string} text */
function readBy({ network: { model }, words }, text) {
  if (!text) return { text: words.say("prompt.empty"), isWrong: false };
  if (!model) return { text: "", isWrong: false };
  try {
    const { ids, unknown } = model.encode(text);
    if (!unknown.length) return { text: words.say("prompt.read", { count: ids.length }), isWrong: false };
    const named = unknown.slice(0, MOST_NAMED).map(each => nameOf(words, each));
    const characters = named.join(" ") + (unknown.length > MOST_NAMED ? " …" : "");
    return { text: words.say("prompt.unknown", { characters }), isWrong: true };
  } catch (error) {
    return { text: sentencesOf(words, error), isWrong: true };
  }
}
