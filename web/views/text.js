// SPDX-License-Identifier: MIT
//
// text.js - the text: what was given, then the characters written, each one to be chosen.

/**
 * @typedef {object} TextData
 * @property {string} prompt
 * @property {{ text: string, bits: number, byHand: boolean }[]} written
 * @property {number} selected place in `written`, or -1
 * @property {string} empty what to show when there is no text
 * @property {boolean} follow keep the end in sight
 */

const CLICKABLE = 20_000; // older characters are plain text: a page of many thousands of elements is slow

/** What stands in a target now, so that a frame only adds what is new. @type {WeakMap<HTMLElement, { data: TextData, count: number }>} */
const shown = new WeakMap();

/** @param {HTMLElement} target @param {TextData} data */
export function draw(target, data) {
  const before = shown.get(target);
  const goesOn = before && before.data.written === data.written && before.data.prompt === data.prompt && before.count <= data.written.length && before.count > 0;
  if (!goesOn) {
    const prompt = span("given", data.prompt);
    const old = span("old", "");
    target.replaceChildren(prompt, old);
    if (!data.prompt && !data.written.length) target.append(span("nothing", data.empty));
  }
  const from = goesOn ? before.count : 0;
  const added = document.createDocumentFragment();
  for (let i = from; i < data.written.length; i++) added.append(character(data.written[i], i));
  target.append(added);
  retire(target);
  select(target, data.selected);
  if (data.follow) target.scrollTop = target.scrollHeight;
  shown.set(target, { data: { ...data }, count: data.written.length });
}

/** The place in `written` that an element of the text stands for, or -1. @param {EventTarget | null} element */
export function placeOf(element) {
  return element instanceof HTMLElement && element.dataset.place ? Number(element.dataset.place) : -1;
}

/**
 * The place on the line above (direction -1) or below (1) that is nearest to a place.
 * @param {HTMLElement} target @param {number} place @param {-1 | 1} direction
 */
export function lineFrom(target, place, direction) {
  const first = Number(/** @type {HTMLElement} */ (target.children[2])?.dataset.place), at = place - first + 2;
  const from = target.children[at]?.getBoundingClientRect();
  let best = place, line = NaN, distance = Infinity;
  for (let i = at + direction; from && i >= 2 && i < target.children.length; i += direction) {
    const { top, left } = target.children[i].getBoundingClientRect();
    if (Math.abs(top - from.top) < 2) continue;
    if (Math.abs(top - line) >= 2) break; // never while line is NaN: it is the first that is not ours
    line = top;
    if (Math.abs(left - from.left) < distance) {
      distance = Math.abs(left - from.left);
      best = i - 2 + first;
    }
  }
  return best;
}

/** @param {string} className @param {string} text */
function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** Surprise as one of five shades. @param {number} bits */
function shade(bits) {
  return bits < 1 ? 0 : bits < 2 ? 1 : bits < 3.5 ? 2 : bits < 5.5 ? 3 : 4;
}

/** @param {TextData["written"][number]} written @param {number} place */
function character({ text, bits, byHand }, place) {
  const element = span(`c s${shade(bits)}${byHand ? " hand" : ""}`, text);
  element.dataset.place = String(place);
  return element;
}

/** The oldest characters beyond CLICKABLE become plain text. @param {HTMLElement} target */
function retire(target) {
  const [, old] = target.children;
  while (target.children.length > CLICKABLE + 2) {
    const first = target.children[2];
    old.append(first.textContent ?? "");
    first.remove();
  }
  if (old.childNodes.length > 1) old.normalize();
}

/** @param {HTMLElement} target @param {number} place */
function select(target, place) {
  target.querySelector(".selected")?.classList.remove("selected");
  if (place >= 0) target.querySelector(`[data-place="${place}"]`)?.classList.add("selected");
}
