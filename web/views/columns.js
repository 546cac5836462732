// SPDX-License-Identifier: MIT
//
// columns.js - texts side by side, each under its temperature and over the sentence that says where it parts from its neighbour. Where
// they have not room enough one swipes to the next, or takes it from the row above them.

/**
 * @typedef {object} ColumnData
 * @property {string} name its temperature
 * @property {string} temperature what stands in its box
 * @property {string} box what the box is called
 * @property {string} note beside it
 * @property {string} parted the sentence below the text
 */

/** @typedef {{ input: HTMLInputElement, bars: HTMLElement, text: HTMLElement }} Column what is filled in elsewhere */

/** @type {WeakMap<HTMLElement, { row: HTMLElement, jumps: HTMLElement, observer: IntersectionObserver }>} */
const shown = new WeakMap();

const SEEN = 0.6; // of a column: then it is in sight
const WHOLE = 0.98; // but for what rounding takes

/**
 * @param {HTMLElement} target
 * @param {ColumnData[]} columns
 * @param {{ jumps: string, behind: Element }} more what the row above them is called; what lies behind their texts
 * @returns {Column[]}
 */
export function draw(target, columns, more) {
  const { row, jumps, observer } = shown.get(target) ?? build(target, more.behind);
  const sections = [...row.children];
  for (const section of sections.splice(columns.length)) {
    observer.unobserve(section);
    section.remove();
  }
  while (sections.length < columns.length) {
    sections.push(column());
    row.append(sections[sections.length - 1]);
    observer.observe(sections[sections.length - 1]);
  }
  if (jumps.children.length !== columns.length) row.style.setProperty("--count", String(columns.length));
  label(jumps, more.jumps);
  while (jumps.children.length > columns.length) jumps.lastElementChild?.remove();
  while (jumps.children.length < columns.length) jumps.append(button(jumps.children.length, target));
  return columns.map((data, i) => {
    text(jumps.children[i], data.name);
    label(jumps.children[i], `T = ${data.name}`);
    return fill(/** @type {HTMLElement} */ (sections[i]), data);
  });
}

/** Brings a column into sight; the page stays where it is. @param {HTMLElement} target @param {number} at */
export function reveal(target, at) {
  const row = /** @type {HTMLElement} */ (shown.get(target)?.row);
  const box = /** @type {HTMLElement} */ (row.parentElement);
  const { offsetLeft, offsetWidth } = /** @type {HTMLElement} */ (row.children[at]);
  box.scrollTo({ left: offsetLeft - (box.clientWidth - offsetWidth) / 2 });
}

/** Leaves nothing of it. @param {HTMLElement} target */
export function clear(target) {
  shown.get(target)?.observer.disconnect();
  shown.delete(target);
  target.replaceChildren();
}

/** @param {string} tag @param {string} className @param {(Node | string)[]} children */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {Element} element @param {string} content */
function text(element, content) {
  if (element.textContent !== content) element.textContent = content;
}

/** @param {Element} element @param {string} content */
function label(element, content) {
  if (element.getAttribute("aria-label") !== content) element.setAttribute("aria-label", content);
}

/** @param {HTMLElement} target @param {Element} behind */
function build(target, behind) {
  const row = element("div", "streams-row");
  const box = element("div", "streams-box", row, behind);
  const jumps = element("div", "streams-jumps");
  jumps.setAttribute("role", "group");
  jumps.hidden = true;
  /** @type {Map<Element, number>} how much of each column is in sight */
  const seen = new Map();
  const observer = new IntersectionObserver(
    entries => {
      for (const { target: section, intersectionRatio } of entries) seen.set(section, intersectionRatio);
      const shares = [...row.children].map(section => seen.get(section) ?? 1);
      jumps.hidden = shares.every(share => share > WHOLE);
      shares.forEach((share, i) => jumps.children[i]?.setAttribute("aria-current", String(share > SEEN)));
    },
    { root: box, threshold: [SEEN, WHOLE, 1] },
  );
  const made = { row, jumps, observer };
  shown.set(target, made);
  target.replaceChildren(jumps, box);
  return made;
}

/** @param {number} at @param {HTMLElement} target */
function button(at, target) {
  const made = element("button", "");
  made.setAttribute("type", "button");
  made.onclick = () => reveal(target, at);
  return made;
}

function column() {
  const input = element("input", "number");
  for (const [name, value] of Object.entries({ type: "text", inputmode: "decimal", autocomplete: "off" })) input.setAttribute(name, value);
  const head = element("h2", "stream-head", element("span", "", "T ="), input, element("span", "note"));
  const page = element("div", "page");
  page.dir = "auto";
  page.tabIndex = 0; // it scrolls, and keys go from place to place
  page.setAttribute("role", "group");
  return element("section", "stream", head, element("div", "stream-bars"), page, element("p", "note stream-parted"));
}

/** @param {HTMLElement} section @param {ColumnData} data @returns {Column} */
function fill(section, { name, temperature, box, note, parted }) {
  const [head, bars, page, sentence] = /** @type {HTMLElement[]} */ ([...section.children]);
  const input = /** @type {HTMLInputElement} */ (head.children[1]);
  if (input.value !== temperature && input !== /** @type {Document | ShadowRoot} */ (input.getRootNode()).activeElement) {
    input.value = temperature;
    input.removeAttribute("aria-invalid"); // what was refused is gone
  }
  label(input, box);
  label(page, `T = ${name}`);
  text(head.children[2], note);
  text(sentence, parted);
  return { input, bars, text: page };
}
