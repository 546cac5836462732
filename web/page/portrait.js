// SPDX-License-Identifier: MIT
//
// portrait.js - a picture of texts with their tints, as a page of a book. The browser lays them out, in any script and direction; here
// what it laid out is drawn: behind each letter its tint, then the letters, run by run.
import { make } from "./elements.js";

/** @typedef {import("./contract.js").Taken & { caption: string }} Column */
/** @typedef {{ background: string, color: string, font: string }} Look */
/** @typedef {ReturnType<typeof coloursOf>} Colours */
/** @typedef {{ text: string, look: Look, box: DOMRect, line: number, end: number }} Letter */

const MOST = 3000; // characters of a text
const HIGHEST = 3200; // pixels of a text: a browser's canvas has an end
const SHARP = 2; // pixels of the picture for one of its layout
const MARGIN = 48;
const WIDTHS = [544, 520]; // of the column of one text; of each of several
const FOOT = 56; // from the end of the text to that of its caption

/**
 * @param {HTMLElement} root where the styles of the page hold @param {Column[]} columns
 * @returns {{ canvas: HTMLCanvasElement, cutAfter: number }} cutAfter: characters, where a text is too long; 0: none is
 */
export function draw(root, columns) {
  const width = columns.length > 1 ? WIDTHS[1] : WIDTHS[0];
  const laid = columns.map(column => layOut(root, column, width));
  const colours = coloursOf(root);
  const height = Math.max(...laid.map(({ height }) => height));
  const canvas = make("canvas", {
    width: SHARP * (MARGIN + (width + MARGIN) * columns.length),
    height: SHARP * Math.ceil(height + 2 * MARGIN + FOOT),
  });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(SHARP, SHARP);
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  laid.forEach(({ letters, direction }, i) => {
    context.save();
    context.translate(MARGIN + i * (width + MARGIN), MARGIN);
    context.direction = direction;
    drawLetters(context, letters);
    context.restore();
  });
  context.translate(0, height + MARGIN + FOOT);
  const mark = drawMark(context, MARGIN + (width + MARGIN) * columns.length - MARGIN, colours);
  context.font = `14px ${colours.sans}`;
  context.fillStyle = colours.quiet;
  columns.forEach(({ caption }, i) => {
    const room = i === columns.length - 1 ? width - mark - 16 : width;
    context.fillText(fitted(context, caption, room), MARGIN + i * (width + MARGIN), 0);
  });
  return { canvas, cutAfter: Math.max(...laid.map(({ cutAfter }) => cutAfter)) };
}

/** Has the browser lay a text out, unseen. @param {HTMLElement} root @param {Column} column @param {number} width */
function layOut(root, { data }, width) {
  const page = make("div", { className: "page portrait", dir: "auto", ariaHidden: "true" });
  page.style.width = `${width}px`;
  let length = 0;
  let place = 0;
  for (; place < data.count && length + data.textAt(place).length <= MOST; place++) {
    const textContent = data.textAt(place);
    length += textContent.length;
    page.append(make("span", { className: `c ${data.classAt(place)}`, textContent }));
  }
  root.append(page);
  try {
    const direction = /** @type {CanvasDirection} */ (getComputedStyle(page).direction);
    const all = lettersOf(page);
    const end = all.findIndex(({ box }) => box.bottom > HIGHEST);
    const letters = end < 0 ? all : all.slice(0, end);
    const isCut = end >= 0 || place < data.count;
    const cutAfter = isCut ? (letters.at(-1)?.end ?? 0) : 0;
    if (isCut) letters.push(ellipsisBehind(letters, direction));
    return { letters, direction, cutAfter, height: Math.max(0, ...letters.map(({ box }) => box.bottom)) };
  } finally {
    page.remove();
  }
}

/** Where each letter is within its page; one that is drawn as part of another has that one's place. @param {HTMLElement} page */
function lettersOf(page) {
  const origin = page.getBoundingClientRect();
  const range = document.createRange();
  /** @type {Map<string, Look>} of each class */
  const looks = new Map();
  /** @type {Letter[]} */
  const letters = [];
  let line = 0;
  let end = 0;
  let top = -Infinity;
  for (const span of /** @type {HTMLCollectionOf<HTMLElement>} */ (page.children)) {
    const look = looks.get(span.className) ?? lookOf(span);
    looks.set(span.className, look);
    const node = /** @type {Text} */ (span.firstChild);
    let from = 0;
    for (const text of span.textContent ?? "") {
      range.setStart(node, from);
      range.setEnd(node, (from += text.length));
      const rect = range.getBoundingClientRect();
      end += text.length;
      if (text === "\n") continue;
      if (rect.height && Math.abs(rect.top - top) > rect.height / 2) {
        line++;
        top = rect.top;
      }
      const box = rect.height ? new DOMRect(rect.x - origin.x, rect.y - origin.y, rect.width, rect.height) : letters.at(-1)?.box;
      if (box) letters.push({ text, look, line, end, box });
    }
  }
  return letters;
}

/** @param {HTMLElement} element @returns {Look} */
function lookOf(element) {
  const { backgroundColor, color, fontFamily, fontSize, fontStyle } = getComputedStyle(element);
  return { background: backgroundColor, color, font: `${fontStyle} ${fontSize} ${fontFamily}` };
}

/** @param {Letter[]} letters that it stands behind @param {string} direction @returns {Letter} */
function ellipsisBehind(letters, direction) {
  const last = /** @type {Letter} */ (letters.at(-1));
  const { x, y, width, height } = last.box;
  const box = new DOMRect(direction === "rtl" ? x - height : x + width, y, height, height);
  return { ...last, look: { ...last.look, background: "transparent" }, text: "…", box };
}

/** @param {CanvasRenderingContext2D} context @param {Letter[]} letters */
function drawLetters(context, letters) {
  for (const { look, box } of letters) {
    context.fillStyle = look.background;
    context.fillRect(box.x, box.y, box.width, box.height);
  }
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  for (const run of runsOf(letters)) {
    const [{ look, box }] = run;
    const left = Math.min(...run.map(({ box }) => box.x));
    context.font = look.font;
    context.fillStyle = look.color;
    const { fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText("n");
    const baseline = box.y + (box.height + fontBoundingBoxAscent - fontBoundingBoxDescent) / 2;
    context.fillText(run.map(({ text }) => text).join(""), left, baseline);
  }
}

/** What is drawn in one go: joined letters stay joined. @param {Letter[]} letters */
function* runsOf(letters) {
  /** @type {Letter[]} */
  let run = [];
  for (const letter of letters) {
    const [first] = run;
    const goesOn = first && first.line === letter.line && first.look.font === letter.look.font && letter.text !== "\t";
    if (!goesOn || letter.text === "…") {
      if (first) yield run;
      run = [];
    }
    if (letter.text !== "\t") run.push(letter);
  }
  if (run.length) yield run;
}

/**
 * The page's name as it stands above the page; how wide it is.
 * @param {CanvasRenderingContext2D} context @param {number} right its edge @param {Colours} colours
 */
function drawMark(context, right, { serif, quiet, accent }) {
  const name = "nextchar";
  context.font = `600 18px ${serif}`;
  const { width } = context.measureText(name);
  context.fillStyle = quiet;
  context.fillText(name, right - width - 11, 0);
  context.fillStyle = accent;
  context.fillRect(right - 9, -2, 9, 2);
  return width + 11;
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function fitted(context, text, room) {
  const letters = [...text];
  while (letters.length > 1 && context.measureText(letters.join("")).width > room) letters.splice(-2, 2, "…");
  return letters.join("");
}

/** What the theme in use has. @param {HTMLElement} root */
function coloursOf(root) {
  const style = getComputedStyle(root);
  const of = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return { paper: of("sheet"), quiet: of("quiet"), accent: of("accent"), serif: of("serif"), sans: of("sans") };
}
