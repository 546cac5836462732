// SPDX-License-Identifier: MIT
//
// panel.js - beside the text: why a character came, what is inside the cell, which branches there are.
import { distribution } from "./describe.js";
import { say } from "./words.js";
import { at, page, sampling, status, trouble } from "./desk.js";
import { read } from "./settings.js";
import { csv, draw as drawDistribution } from "../views/distribution.js";

/** @typedef {import("../story/story.js").Branch} Branch */

const places = {
  distribution: at("distribution", HTMLElement),
  same: at("same", HTMLElement),
  sameTemperature: at("same-temperature", HTMLInputElement),
  sameWrite: at("same-write", HTMLButtonElement),
};
const PAUSE = 200; // milliseconds: the cell is computed again

/**
 * @typedef {{ choose: (id: number) => void, sameDice: (temperature: number) => void, choosePlace: (place: number) => void, visit: (branch: Branch) => void, lay: (branch: Branch) => void, story: () => { story: import("../story/story.js").Story, beside: Branch | null }, unitChosen: (unit: number) => void }} Events
 */
/** @type {Events} */
let events;
/** @typedef {{ branch: Branch, place: number, canChoose: boolean }} Shown */
/** @type {Shown | null} */
let shown = null;
/** @type {import("../views/distribution.js").DistributionData | null} */
let data = null;
/** @param {Events} connected */
export function connect(connected) {
  events = connected;
}

/**
 * @param {Branch | null} branch
 * @param {number} place of its whole text
 * @param {boolean} canChoose whether one may choose otherwise there
 */
export function show(branch, place, canChoose) {
  shown = branch && place >= 0 ? { branch, place, canChoose } : null;
  redraw();
}

export function redraw() {
  const { panel } = page.settings;
  if (panel === "why") showWhy();
  else showSoon();
}

// ---- why ----

function showWhy() {
  data = shown && distribution(shown.branch, shown.place, sampling(), shown.canChoose);
  drawDistribution(places.distribution, data, say("why.none"));
  places.same.hidden = !shown?.canChoose;
}

places.distribution.addEventListener("click", event => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.id) events.choose(Number(button.dataset.id));
  if (button?.classList.contains("csv") && data) copy(csv(data));
});

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    status(say("copied"));
  } catch {
    trouble(new Error(say("copied.not")));
  }
}

places.sameWrite.addEventListener("click", () => {
  const temperature = read("temperature", places.sameTemperature.value);
  places.sameTemperature.toggleAttribute("aria-invalid", temperature === undefined);
  if (temperature !== undefined) events.sameDice(temperature);
});

// ---- the others: not at every step, and their code comes when it is wanted ----

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function showSoon() {
  timer ??= setTimeout(async () => {
    const { draw } = await (page.settings.panel === "cell" ? import("./cell.js") : import("./branches.js"));
    timer = undefined;
    if (page.settings.panel !== "why") draw(shown, events);
  }, PAUSE);
}
