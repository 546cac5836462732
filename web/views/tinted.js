// SPDX-License-Identifier: MIT
//
// tinted.js - a text, each character to be pointed at and tinted: an element of its own where the reader looks,
// plain text elsewhere, so that a hundred thousand characters stay light.

/** @typedef {import("./data.js").TextData} TextData */
/** @typedef {{ start: number, end: number, full: boolean, live: boolean, element: HTMLElement }} Chunk */
/** @typedef {{ data: TextData, chunks: Chunk[], count: number, observer: IntersectionObserver, isAtEnd: boolean }} Shown */

const CHUNK = 400; // characters at least; it ends at the end of a line, so that it can be a block
const MOST = 20_000; // of one without a line end: elements for more take too long, and a call takes not so many arguments
const NEAR = 4; // pixels to the end: there the reader is at it
const FEW = 4000; // new characters at once that are made elements before anyone has looked whether they are in sight

/** @type {WeakMap<Element, Shown>} */
const views = new WeakMap();

/** @param {HTMLElement} target @param {TextData} data */
export function draw(target, data) {
  const before = views.get(target);
  const goesOn = before && before.data.text === data.text && before.count <= data.count && before.count > 0;
  const view = goesOn ? before : begin(target, data);
  const old = view.data;
  view.data = data;
  if (goesOn && old.look !== data.look) for (const chunk of view.chunks) if (chunk.live) set(view, chunk, true);
  if (old.selected !== data.selected) {
    elementAt(view, old.selected)?.classList.remove("selected");
    elementAt(view, data.selected)?.classList.add("selected");
  }
  grow(view, target);
  if (data.follow && view.isAtEnd) target.scrollTop = target.scrollHeight;
}

/** Makes all of it elements, for paper has no place out of sight. @param {Element} target */
export function enliven(target) {
  const view = views.get(target);
  for (const chunk of view?.chunks ?? []) if (!chunk.live) set(/** @type {Shown} */ (view), chunk, true);
}

/** The place that an element of the text stands for, or -1. @param {EventTarget | null} element */
export function placeOf(element) {
  return element instanceof HTMLElement && element.dataset.place ? Number(element.dataset.place) : -1;
}

/** Brings a place into sight within the text's own box; the page stays where it is. @param {HTMLElement} target @param {number} place */
export function reveal(target, place) {
  const view = views.get(target);
  const span = view && spanAt(view, place)?.getBoundingClientRect();
  const box = target.getBoundingClientRect();
  if (span) target.scrollTop += Math.min(0, span.top - box.top - span.height) + Math.max(0, span.bottom - box.bottom + span.height);
}

/**
 * The place on the line above (direction -1) or below (1) that is nearest to a place.
 * @param {HTMLElement} target @param {number} place @param {-1 | 1} direction
 */
export function lineFrom(target, place, direction) {
  const view = views.get(target);
  const from = view && spanAt(view, place)?.getBoundingClientRect();
  let best = place;
  let line = NaN;
  let distance = Infinity;
  for (let next = place + direction; view && from && next >= 0 && next < view.count; next += direction) {
    const { top, left } = /** @type {HTMLElement} */ (spanAt(view, next)).getBoundingClientRect();
    if (Math.abs(top - from.top) < 2) continue;
    if (Math.abs(top - line) >= 2) break; // never while line is NaN: it is the first that is not ours
    line = top;
    if (Math.abs(left - from.left) < distance) {
      distance = Math.abs(left - from.left);
      best = next;
    }
  }
  return best;
}

/** @param {HTMLElement} target @param {TextData} data @returns {Shown} */
function begin(target, data) {
  views.get(target)?.observer.disconnect();
  const observer = new IntersectionObserver(
    entries => {
      for (const { target: element, isIntersecting } of entries) {
        const chunk = view.chunks.find(each => each.element === element);
        if (chunk && chunk.live !== isIntersecting) set(view, chunk, isIntersecting);
      }
    },
    { root: target, rootMargin: "50%" },
  );
  /** @type {Shown} */
  const view = { data: { ...data, selected: -1 }, chunks: [], count: 0, observer, isAtEnd: true };
  views.set(target, view);
  target.onscroll = () => (view.isAtEnd = target.scrollTop + target.clientHeight >= target.scrollHeight - NEAR);
  target.replaceChildren(...(data.count ? [] : [span("nothing", data.empty)]));
  return view;
}

/** What is new, at the end. @param {Shown} view @param {HTMLElement} target */
function grow(view, target) {
  const { data } = view;
  const live = data.count - view.count <= FEW;
  while (view.count < data.count) {
    let chunk = view.chunks.at(-1);
    if (!chunk || chunk.full) view.chunks.push((chunk = add(view, target, live)));
    for (; chunk.end < data.count && !chunk.full; chunk.end++) {
      const length = chunk.end - chunk.start;
      chunk.full = length >= MOST || (length >= CHUNK && data.textAt(chunk.end) === "\n");
    }
    chunk.element.append(...(chunk.live ? spans(data, view.count, chunk.end) : [plain(data, view.count, chunk.end)]));
    view.count = chunk.end;
  }
}

/** @param {Shown} view @param {HTMLElement} target @param {boolean} live @returns {Chunk} */
function add(view, target, live) {
  const element = document.createElement("div");
  element.className = "chunk";
  target.append(element);
  view.observer.observe(element);
  return { start: view.count, end: view.count, full: false, live, element };
}

/** @param {Shown} view @param {Chunk} chunk @param {boolean} live */
function set({ data }, chunk, live) {
  chunk.live = live;
  chunk.element.replaceChildren(...(live ? spans(data, chunk.start, chunk.end) : [plain(data, chunk.start, chunk.end)]));
}

/** @param {TextData} data @param {number} from @param {number} to */
function plain(data, from, to) {
  return Array.from({ length: to - from }, (_, i) => data.textAt(from + i)).join("");
}

/** @param {TextData} data @param {number} from @param {number} to */
function spans(data, from, to) {
  return Array.from({ length: to - from }, (_, i) => {
    const place = from + i;
    const element = span(`c ${data.classAt(place)}${place === data.selected ? " selected" : ""}`, data.textAt(place));
    element.dataset.place = String(place);
    return element;
  });
}

/** @param {string} className @param {string} text */
function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** @param {Shown} view @param {number} place */
function chunkAt({ chunks }, place) {
  return chunks.find(({ start, end }) => place >= start && place < end);
}

/** The element of a place, if it has one now. @param {Shown} view @param {number} place */
function elementAt(view, place) {
  const chunk = chunkAt(view, place);
  return chunk?.live ? chunk.element.children[place - chunk.start] : undefined;
}

/** The element of a place, made if need be. @param {Shown} view @param {number} place */
function spanAt(view, place) {
  const chunk = chunkAt(view, place);
  if (chunk && !chunk.live) set(view, chunk, true);
  return elementAt(view, place);
}
