// SPDX-License-Identifier: MIT
//
// activations.js - inside the cell: all hidden units over the text as a strip, the trace of the one chosen, its
// gates at the selected character, and buttons for units that follow something one can read.

/**
 * @typedef {{ name: string, place: number, sign?: string }} CellCharacter sign: what stands on the axis for a name that is a word, such
 *   as ↵
 */

/**
 * @typedef {object} Gate
 * @property {string} name
 * @property {string} symbol
 * @property {number} value
 * @property {string} text the value as a number, which may be beyond the bar's end
 * @property {number} least where the bar begins: 0 for gates, -1 for what has a sign
 */

/** @typedef {{ key: string, label: string, unit: number, strength: string }} Finder */

/**
 * @typedef {object} CellWords
 * @property {string} unit label of the number
 * @property {string} of what stands behind the number: how many units there are
 * @property {string} clear the button that chooses none
 * @property {string} strip what the strip is, for those who do not see it
 * @property {string} value the choice as it is read out: unit, its value and the character; or that none is chosen
 * @property {string} help how to choose on the strip
 * @property {string} low the scale's left end
 * @property {string} high the scale's right end
 * @property {string} trace what the line is, for those who do not see it
 * @property {string} gates heading of the gates: which unit, which character
 * @property {string} finders heading of the buttons
 * @property {string} table heading of the table
 * @property {string} character its first column
 * @property {string} h its second column
 */

/**
 * @typedef {object} CellData
 * @property {number} hidden units, H
 * @property {CellCharacter[]} characters the window, oldest first
 * @property {Float32Array} values characters.length × H: a row of h in [-1, 1] per character
 * @property {number} selected index into characters
 * @property {number} unit the chosen one, or -1
 * @property {Gate[]} gates of that unit at the selected character
 * @property {Int32Array} order units, top to bottom
 * @property {Finder[]} finders
 * @property {CellWords} words
 */

/** @typedef {(unit: number, character: number) => void} OnUnit unit -1: none; character: index into characters */
/** @typedef {ReturnType<typeof build>} Parts */

const STEPS = 9; // --unit-0 to --unit-8
const PITCH = 11; // CSS px that a character needs on the axis
const AROUND = 60; // characters on either side of the selected one where not all fit: more are never in sight

/** How far a key goes: rows down, characters on. @type {Record<string, [number, number]>} */
const KEYS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

/** @typedef {{ parts: Parts, data: CellData, onUnit: OnUnit }} Shown */
/** What a target shows, for its listeners. @type {WeakMap<HTMLElement, Shown>} */
const shown = new WeakMap();

/** @param {HTMLElement} target @param {CellData} data @param {OnUnit} onUnit */
export function draw(target, data, onUnit) {
  const parts = shown.get(target)?.parts ?? build(target);
  const { words } = data;
  const chosen = data.unit >= 0 && data.characters.length > 0;
  shown.set(target, { parts, data, onUnit });
  for (const part of [parts.row, parts.clear, parts.trace, parts.heading, parts.gates, parts.details])
    part.toggleAttribute("hidden", !chosen);
  for (const name of /** @type {const} */ (["help", "clear", "low", "high"])) setText(parts[name], words[name]);
  setText(parts.heading, words.gates);
  drawNumber(parts, data);
  drawStrip(parts, data);
  drawAxis(parts.axis, data);
  drawFinders(parts, data);
  if (!chosen) return;
  drawTrace(parts, data);
  drawGates(parts.gates, data.gates);
  drawTable(parts, data);
}

/** Leaves nothing of it. @param {HTMLElement} target */
export function clear(target) {
  shown.get(target)?.parts.life.abort();
  shown.delete(target);
  target.replaceChildren();
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} className @param {(Node | string)[]} children */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {string} tag @param {Record<string, string>} attributes */
function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  return made;
}

/** @param {Element} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Rows are kept from frame to frame, so that a focused one stays focused.
 * @param {Element} list
 * @param {number} count
 * @param {() => Element} make
 */
function keep(list, count, make) {
  while (list.children.length > count) list.lastElementChild?.remove();
  while (list.children.length < count) list.append(make());
  return /** @type {HTMLElement[]} */ ([...list.children]);
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}

/** @param {HTMLElement} target */
function build(target) {
  const choice = buildChoice();
  const chart = buildChart();
  const table = buildTable();
  const low = element("span", "");
  const high = element("span", "");
  const key = element("p", "units-key", low, ...steps(), high);
  const help = element("p", "note");
  const heading = element("h3", "");
  const gates = element("dl", "gates");
  const legend = element("legend", "");
  const buttons = element("div", "");
  const finders = element("fieldset", "finders", legend, buttons);
  chart.chart.dir = key.dir = gates.dir = "ltr"; // time goes to the right and plus is on the right, whichever way the page reads
  target.replaceChildren(choice.choice, chart.chart, key, help, heading, gates, finders, table.details);
  const life = new AbortController(); // of what listens outside the target
  const parts = { ...choice, ...chart, ...table, low, high, help, heading, gates, legend, buttons, finders, life };
  listen(target, parts);
  return parts;
}

function buildChoice() {
  const label = element("span", "");
  const number = element("input", "number");
  const of = element("span", "note");
  const clear = element("button", "");
  number.type = "number";
  clear.type = "button";
  return { label, number, of, clear, choice: element("div", "row units-choice", element("label", "", label, number), of, clear) };
}

/** The strip, and below it the trace and the characters, which share its columns. */
function buildChart() {
  const canvas = element("canvas", "");
  const row = element("div", "units-row");
  const column = element("div", "units-column");
  const strip = element("div", "units-strip", canvas, row, column);
  const axis = element("p", "units-axis");
  const zero = svg("path", {});
  const here = svg("path", {});
  const line = svg("polyline", {});
  const dot = svg("path", { class: "dot" });
  const trace = svg("svg", { class: "units-trace", role: "img", preserveAspectRatio: "none" });
  trace.append(zero, here, line, dot);
  axis.setAttribute("aria-hidden", "true"); // the strip says its character, the table all of them
  return { canvas, row, column, strip, axis, zero, here, line, dot, trace, chart: element("div", "units", strip, trace, axis) };
}

function buildTable() {
  const summary = element("summary", "");
  const table = element("table", "");
  const box = element("div", "units-table", table);
  box.setAttribute("role", "region");
  box.tabIndex = 0; // so that keys can scroll it
  return { summary, table, box, details: element("details", "as-table", summary, box) };
}

function steps() {
  return Array.from({ length: STEPS }, (_, i) => element("i", `u${i}`));
}

/** @param {HTMLElement} target @param {Parts} parts */
function listen(target, { number, clear, canvas, strip, buttons, details, life }) {
  const now = () => /** @type {Shown} */ (shown.get(target));
  const choose = (/** @type {number} */ unit) => now().onUnit(unit, now().data.selected);
  const point = (/** @type {MouseEvent} */ event) => pick(event, strip, now());
  strip.addEventListener("click", point);
  strip.addEventListener("pointermove", event => event.pointerType === "mouse" && event.buttons === 1 && point(event)); // a finger scrolls
  strip.addEventListener("keydown", event => walk(event, now()));
  number.addEventListener("input", () => {
    number.toggleAttribute("aria-invalid", !number.validity.valid);
    if (number.validity.valid) choose(number.value === "" ? -1 : number.valueAsNumber);
  });
  number.addEventListener("blur", () => drawNumber(now().parts, now().data)); // what was not understood gives way to what is
  clear.addEventListener("click", () => {
    number.focus(); // the button is about to go
    choose(-1);
  });
  buttons.addEventListener("click", ({ target: pressed }) => {
    const button = /** @type {HTMLElement} */ (pressed).closest("button");
    if (button) choose(button.getAttribute("aria-pressed") === "true" ? -1 : Number(button.dataset.unit));
  });
  details.addEventListener("toggle", () => drawTable(now().parts, now().data));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => paint(canvas, now().data), { signal: life.signal }); // a canvas keeps its old colours
}

/** @param {MouseEvent} event @param {HTMLElement} strip @param {{ data: CellData, onUnit: OnUnit }} shown */
function pick({ clientX, clientY }, strip, { data: { hidden, order, characters }, onUnit }) {
  const { left, top, width, height } = strip.getBoundingClientRect();
  const row = clamp(Math.floor(((clientY - top) / height) * hidden), 0, hidden - 1);
  const character = clamp(Math.floor(((clientX - left) / width) * characters.length), 0, characters.length - 1);
  if (characters.length) onUnit(order[row], character);
}

/** @param {KeyboardEvent} event @param {{ data: CellData, onUnit: OnUnit }} shown */
function walk(event, { data: { hidden, order, unit, selected, characters }, onUnit }) {
  const way = KEYS[event.key];
  if (!way || event.ctrlKey || event.altKey || event.metaKey || !characters.length) return;
  event.preventDefault();
  const [rows, on] = way;
  onUnit(rows ? order[clamp(order.indexOf(unit) + rows, 0, hidden - 1)] : unit, clamp(selected + on, 0, characters.length - 1));
}

/** @param {Parts} parts @param {CellData} data */
function drawNumber({ label, number, of }, { hidden, unit, words }) {
  setText(label, words.unit);
  setText(of, words.of);
  number.min = "0";
  number.max = String(hidden - 1);
  const { activeElement } = /** @type {Document | ShadowRoot} */ (number.getRootNode());
  if (number === activeElement && !number.validity.valid) return; // someone is typing
  const value = unit < 0 ? "" : String(unit);
  if (number.value !== value) number.value = value;
  number.removeAttribute("aria-invalid");
}

/** @param {Parts} parts @param {CellData} data */
function drawStrip({ canvas, strip, row, column }, data) {
  const { hidden, order, unit, selected, characters, words } = data;
  const line = order.indexOf(unit);
  const said = {
    role: "slider",
    "aria-orientation": "vertical",
    "aria-label": words.strip,
    "aria-valuemin": 0,
    "aria-valuemax": hidden - 1,
    "aria-valuenow": Math.max(0, line),
    "aria-valuetext": words.value,
  };
  for (const [name, value] of Object.entries(said)) strip.setAttribute(name, String(value));
  strip.tabIndex = 0;
  paint(canvas, data);
  row.style.top = `${(100 * (line + 0.5)) / hidden}%`;
  row.style.height = `${100 / hidden}%`;
  column.hidden = !characters[selected];
  column.style.left = `${(100 * (selected + 0.5)) / characters.length}%`;
  column.style.width = `${100 / characters.length}%`;
}

/** One pixel per unit and character; CSS stretches it. @param {HTMLCanvasElement} canvas @param {CellData} data */
function paint(canvas, { hidden, values, order, characters: { length } }) {
  const context = canvas.getContext("2d");
  if (!context || !length || !hidden) return;
  const colours = palette(canvas);
  const image = context.createImageData(length, hidden);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, pixel = 0; row < hidden; row++)
    for (let i = order[row], end = i + length * hidden; i < end; i += hidden)
      pixels[pixel++] = colours[clamp(Math.round(((values[i] + 1) / 2) * (STEPS - 1)), 0, STEPS - 1)];
  if (canvas.width !== length) canvas.width = length;
  if (canvas.height !== hidden) canvas.height = hidden;
  context.putImageData(image, 0, 0);
}

/** The steps as pixels: the style sheet has them as #rrggbb, memory as bytes r g b a. @param {Element} of */
function palette(of) {
  const style = getComputedStyle(of);
  return Array.from({ length: STEPS }, (_, i) => {
    const rgb = parseInt(style.getPropertyValue(`--unit-${i}`).trim().slice(1), 16);
    return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
  });
}

/**
 * All characters below their columns where they fit, else those around the selected one, which stays below its column.
 * @param {HTMLElement} axis
 * @param {CellData} data
 */
function drawAxis(axis, { characters, selected }) {
  const signs = characters.map(({ name, sign }) => sign ?? (name.length > 2 ? "·" : name));
  const fit = axis.clientWidth >= PITCH * signs.length;
  const before = signs.slice(Math.max(0, selected - AROUND), selected).join("");
  const after = signs.slice(selected + 1, selected + AROUND).join("");
  const pieces = fit ? signs : [before, signs[selected], after];
  axis.classList.toggle("fit", fit);
  axis.style.setProperty("--x", `${(100 * (selected + 0.5)) / signs.length}%`);
  keep(axis, pieces.length, () => element("span", "")).forEach((span, i) => {
    setText(span, pieces[i]);
    span.classList.toggle("here", i === (fit ? selected : 1));
  });
}

/** @param {Parts} parts @param {CellData} data */
function drawTrace({ trace, zero, here, line, dot }, { hidden, values, unit, selected, characters: { length }, words }) {
  const points = Array.from({ length }, (_, i) => `${i + 0.5},${(1 - values[i * hidden + unit]).toFixed(3)}`);
  trace.setAttribute("viewBox", `0 -0.05 ${length} 2.1`);
  trace.setAttribute("aria-label", words.trace);
  zero.setAttribute("d", `M0 1H${length}`);
  here.setAttribute("d", `M${selected + 0.5} -0.05v2.1`);
  dot.setAttribute("d", `M${points[selected]}h0`); // nothing long: its round ends are the dot, which no scaling distorts
  line.setAttribute("points", points.join(" "));
}

/** @param {HTMLElement} list @param {Gate[]} gates */
function drawGates(list, gates) {
  const make = () =>
    element(
      "div",
      "gate",
      element("dt", "", element("b", ""), " ", element("span", "")),
      element("dd", "", element("span", "gauge", element("i", "")), element("span", "p")),
    );
  keep(list, gates.length, make).forEach((row, i) => {
    const { name, symbol, value, text, least } = gates[i];
    const [term, said] = row.children;
    const [gauge, number] = said.children;
    const bar = /** @type {HTMLElement} */ (gauge.firstElementChild);
    const share = (/** @type {number} */ x) => (100 * (x - least)) / (1 - least);
    const end = share(clamp(value, least, 1));
    const from = share(0);
    setText(term.children[0], symbol);
    setText(term.children[1], name);
    setText(number, text);
    gauge.className = `gauge${least < 0 ? (value < 0 ? " minus" : " plus") : ""}${Math.abs(value) > 1 ? " beyond" : ""}`;
    bar.style.left = `${Math.min(from, end)}%`;
    bar.style.width = `${Math.abs(end - from)}%`;
  });
}

/** @param {Parts} parts @param {CellData} data */
function drawFinders({ finders, legend, buttons }, { finders: list, unit, words }) {
  finders.hidden = !list.length;
  setText(legend, words.finders);
  keep(buttons, list.length, () => {
    const button = element("button", "", element("span", ""), " ", element("span", "p"));
    button.type = "button";
    return button;
  }).forEach((button, i) => {
    button.dataset.unit = String(list[i].unit);
    button.setAttribute("aria-pressed", String(list[i].unit === unit));
    setText(button.children[0], list[i].label);
    setText(button.children[1], list[i].strength);
  });
}

/** Only an open table is kept up to date. @param {Parts} parts @param {CellData} data */
function drawTable({ summary, table, box, details }, { hidden, values, unit, selected, characters, words }) {
  setText(summary, words.table);
  box.setAttribute("aria-label", words.table);
  if (!details.open || unit < 0) return;
  const { format } = new Intl.NumberFormat(box.closest("[lang]")?.getAttribute("lang") || undefined, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const rows = [
    [words.character, words.h],
    ...characters.map(({ name }, i) => [name, format(Math.round(100 * values[i * hidden + unit]) / 100 + 0)]),
  ]; // + 0: no "-0.00"
  const make = () => element("tr", "", element("th", ""), element(table.rows.length ? "td" : "th", ""));
  keep(table, rows.length, make).forEach((row, i) => {
    row.classList.toggle("chosen", i === selected + 1);
    row.children[0].setAttribute("scope", i ? "row" : "col");
    rows[i].forEach((words, k) => setText(row.children[k], words));
  });
}
