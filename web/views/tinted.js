// SPDX-License-Identifier: MIT
//
// tinted.js - a text, each character to be pointed at and tinted: an element of its own where the reader looks,
// plain text elsewhere, so that a hundred thousand characters stay light. What is to become elements, or to be tinted anew, does so in
// slices that fit in a frame, the nearest first.

/** @typedef {import("./data.js").TextData} TextData */

/**
 * Some characters. A chunk is a block of pieces that ends at the end of a line.
 * @typedef {object} Piece
 * @property {number} start
 * @property {number} end
 * @property {boolean} isFull
 * @property {boolean} isLast of its chunk
 * @property {boolean} isNear the part in sight
 * @property {boolean} isLive its characters are elements
 * @property {number} tinted how many of them have their classes
 * @property {number} top where it was seen last, in pixels of the whole text
 * @property {HTMLElement} element
 */

/**
 * @typedef {{ data: TextData, pieces: Piece[], count: number, chunkStart: number, waiting: Set<Piece>, frame: number, top: number,
 *   isAtEnd: boolean, observer: IntersectionObserver }} Shown top: how far it is scrolled
 */

const PIECE = 400; // characters at most: so many become elements in a frame
const CHUNK = 200; // characters at least
const LONG = 2000; // a chunk without a line end ends at a space: one more character in it would have all of them laid out anew
const MOST = 20_000; // and one without spaces ends anywhere
const NEAR = 4; // pixels to the end: there the reader is at it
const FAR = 1e7; // pixels: farther than any text is long; WebKit takes no number that is much greater
const SLICE = 4; // milliseconds of tinting a frame

/** @type {WeakMap<Element, Shown>} */
const views = new WeakMap();
/** @type {WeakMap<Element, Piece>} */
const pieces = new WeakMap();

/** @param {HTMLElement} target @param {TextData} data */
export function draw(target, data) {
  const before = views.get(target);
  const goesOn = before && before.data.text === data.text && before.count <= data.count && before.count > 0;
  const view = goesOn ? before : begin(target, data);
  const old = view.data;
  view.data = data;
  if (old.selected !== data.selected) {
    elementAt(view, old.selected)?.classList.remove("selected");
    elementAt(view, data.selected)?.classList.add("selected");
  }
  if (goesOn && old.look !== data.look) tintAnew(view);
  grow(view, target);
}

/** Keeps the end in sight, unless the reader has scrolled away; it takes a layout, so it comes last. @param {HTMLElement} target */
export function follow(target) {
  const view = views.get(target);
  if (!view?.isAtEnd) return;
  if (target.scrollTop < view.top - 1) heedScroll(view, target); // the reader's scroll has no event yet
  if (view.isAtEnd) target.scrollTop = FAR;
}

/** Whether its end is in sight now is whether it stays so. @param {Shown} view @param {HTMLElement} target */
function heedScroll(view, target) {
  view.top = target.scrollTop;
  view.isAtEnd = view.top + target.clientHeight >= target.scrollHeight - NEAR;
}

/** Makes all of it elements, for paper has no place out of sight. @param {Element} target */
export function enliven(target) {
  const view = views.get(target);
  for (const piece of view?.pieces ?? []) {
    const shown = /** @type {Shown} */ (view);
    piece.isNear = true; // until the reader scrolls
    shown.waiting.delete(piece);
    if (!piece.isLive) set(shown, piece, true);
    tint(shown, piece, Infinity);
  }
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
  const before = views.get(target);
  before?.observer.disconnect();
  cancelAnimationFrame(before?.frame ?? 0);
  const observer = new IntersectionObserver(entries => entries.forEach(entry => moved(view, entry)), { root: target, rootMargin: "50%" });
  /** @type {Shown} */
  const view = {
    data: { ...data, selected: -1 },
    pieces: [],
    count: 0,
    chunkStart: 0,
    waiting: new Set(),
    frame: 0,
    top: 0,
    isAtEnd: true,
    observer,
  };
  views.set(target, view);
  target.onscroll = () => heedScroll(view, target);
  target.replaceChildren(...(data.count ? [] : [span("nothing", data.empty)]));
  return view;
}

// ---- it grows at its end ----

/** What is new. @param {Shown} view @param {HTMLElement} target */
function grow(view, target) {
  const { data } = view;
  const isLive = data.count - view.count <= PIECE;
  while (view.count < data.count) {
    const last = view.pieces.at(-1);
    const piece = last && !last.isFull ? last : add(view, target, isLive);
    extend(view, piece);
    if (piece.isLive) {
      piece.element.append(...spans(data, view.count, piece.end));
      tint(view, piece, Infinity);
    } else piece.element.append(plain(data, view.count, piece.end));
    view.count = piece.end;
  }
}

/** As far as a piece reaches. @param {Shown} view @param {Piece} piece */
function extend({ data, chunkStart }, piece) {
  for (; piece.end < data.count && !piece.isFull; piece.end++) {
    const length = piece.end - chunkStart;
    const text = data.textAt(piece.end);
    piece.isLast = (length >= CHUNK && text === "\n") || (length >= LONG && text === " ") || length >= MOST;
    piece.isFull = piece.isLast || piece.end + 1 - piece.start >= PIECE || piece.end + 1 === data.given;
  }
}

/** @param {Shown} view @param {HTMLElement} target @param {boolean} isLive @returns {Piece} */
function add(view, target, isLive) {
  const { data, count } = view;
  const last = view.pieces.at(-1);
  let chunk = last?.isLast === false && last.element.parentElement;
  if (!chunk) {
    chunk = document.createElement("div");
    chunk.className = "chunk";
    target.append(chunk);
    view.chunkStart = count;
  }
  const element = span(count < data.given ? "given" : "", ""); // as wide as its characters will be
  chunk.append(element);
  const where = { start: count, end: count, isFull: false, isLast: false };
  const piece = { ...where, isNear: isLive, isLive, tinted: 0, top: FAR, element };
  view.pieces.push(piece);
  pieces.set(element, piece);
  view.observer.observe(element);
  return piece;
}

// ---- slices ----

/** A piece has come near, or gone. @param {Shown} view @param {IntersectionObserverEntry} entry */
function moved(view, { target, isIntersecting, boundingClientRect, rootBounds }) {
  const piece = /** @type {Piece} */ (pieces.get(target));
  piece.isNear = isIntersecting;
  if (rootBounds) piece.top = boundingClientRect.top - (rootBounds.top + rootBounds.bottom) / 2 + view.top;
  if (isIntersecting !== piece.isLive) view.waiting.add(piece);
  askFrame(view);
}

/** All that is tinted is to be so anew. @param {Shown} view */
function tintAnew(view) {
  for (const piece of view.pieces) {
    if (!piece.isLive) continue;
    piece.tinted = 0;
    view.waiting.add(piece);
  }
  work(view);
}

/** @param {Shown} view */
function askFrame(view) {
  if (!view.waiting.size || view.frame) return;
  view.frame = requestAnimationFrame(() => {
    view.frame = 0;
    work(view);
  });
}

/** A slice of what waits, the nearest first: a piece becomes elements, and classes are given while there is time. @param {Shown} view */
function work(view) {
  const { waiting, top } = view;
  const until = performance.now() + SLICE;
  const nearest = [...waiting].sort((a, b) => Math.abs(a.top - top) - Math.abs(b.top - top));
  let isFresh = true; // none has become elements in this slice
  for (const piece of nearest) {
    if (performance.now() >= until) break;
    if (piece.isNear !== piece.isLive) {
      if (piece.isNear && !isFresh) break;
      isFresh &&= !piece.isNear;
      set(view, piece, piece.isNear);
    }
    if (piece.isLive) tint(view, piece, until);
    if (!piece.isLive || piece.tinted === piece.end - piece.start) waiting.delete(piece);
  }
  askFrame(view);
}

/** @param {Shown} view @param {Piece} piece @param {boolean} isLive */
function set({ data }, piece, isLive) {
  piece.isLive = isLive;
  piece.tinted = 0;
  piece.element.replaceChildren(...(isLive ? spans(data, piece.start, piece.end) : [plain(data, piece.start, piece.end)]));
}

/** Gives those that have none their classes, while there is time. @param {Shown} view @param {Piece} piece @param {number} until */
function tint({ data }, piece, until) {
  const { children } = piece.element;
  for (; piece.tinted < piece.end - piece.start; piece.tinted++) {
    if (piece.tinted % 16 === 15 && performance.now() >= until) return;
    const place = piece.start + piece.tinted;
    const wanted = `c ${data.classAt(place)}${place === data.selected ? " selected" : ""}`;
    if (children[piece.tinted].className !== wanted) children[piece.tinted].className = wanted;
  }
}

/** @param {TextData} data @param {number} from @param {number} to */
function plain(data, from, to) {
  let text = "";
  for (let place = from; place < to; place++) text += data.textAt(place);
  return text;
}

/** Without their classes. @param {TextData} data @param {number} from @param {number} to */
function spans(data, from, to) {
  return Array.from({ length: to - from }, (_, i) => {
    const element = span("c", data.textAt(from + i));
    element.dataset.place = String(from + i);
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
function pieceAt({ pieces }, place) {
  return pieces.findLast(({ start, end }) => place >= start && place < end); // one looks mostly near the end
}

/** Of a place, if it has one now. @param {Shown} view @param {number} place */
function elementAt(view, place) {
  const piece = pieceAt(view, place);
  return piece?.isLive ? piece.element.children[place - piece.start] : undefined;
}

/** The element of a place, made if need be. @param {Shown} view @param {number} place */
function spanAt(view, place) {
  const piece = pieceAt(view, place);
  if (piece && !piece.isLive) {
    piece.isNear = true; // it is looked at
    set(view, piece, true);
    tint(view, piece, Infinity);
  }
  return elementAt(view, place);
}
