// SPDX-License-Identifier: MIT
//
// score.js - the view "Score": how surprising a text is to one network or to two.
import { contextOf, nameOf, short, tints } from "./describe.js";
import { number, percent, say } from "./words.js";
import { at, noTrouble, page, set, status, trouble } from "./desk.js";
import { Branch } from "../story/story.js";
import { draw as drawText, placeOf, reveal } from "../views/tinted.js";
import { start } from "./pace.js";

const places = {
  input: at("score-input", HTMLTextAreaElement),
  result: at("score-result", HTMLElement),
  texts: [at("score-text", HTMLElement), at("score-other-text", HTMLElement)],
  bits: [at("score-bits", HTMLElement), at("score-other-bits", HTMLElement)],
  other: at("score-other-result", HTMLElement),
  surprising: at("surprising", HTMLElement),
};
const SURPRISING = 8; // places listed

/** @typedef {{ model: import("../core/model.js").Model, name: string }} Named */
/** @type {{ onShow: (branch: Branch | null, place: number, canChoose: boolean) => void, other: () => Promise<Named | null> }} */
let events = { onShow() {}, other: async () => null };
/** @type {{ branch: Branch, name: string, unknown: string[] }[]} of the network in use, then of the one compared with */
let scored = [];
let selected = { text: 0, place: -1 };
/** @type {(() => void) | null} */
let stopWork = null;
let request = 0; // a later one, or Stop, takes the place of one that still waits for its network

/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

export function clear() {
  stop();
  scored = [];
  selected = { text: 0, place: -1 };
  show();
}

export function stop() {
  request++;
  stopWork?.();
  stopWork = null;
}

/** Scores the text with the network in use and, if one is chosen, another. */
export async function act() {
  const text = places.input.value;
  const { model, name } = page;
  clear();
  set({ text });
  const mine = request;
  try {
    const other = await events.other();
    if (!model || request !== mine) return;
    scored = [{ model, name }, ...(other ? [other] : [])].map(({ model, name }) => {
      const { ids, unknown } = model.encode(text);
      return { branch: new Branch(model, ids, 0, []), name, unknown };
    });
  } catch (error) {
    return trouble(error);
  }
  noTrouble();
  stopWork = start({
    steps: readAll(),
    onSteps: () => {
      const { branch } = scored[0];
      status(say("status.reading", { percent: percent(branch.steps.length / Math.max(1, branch.given)) }));
      show();
    },
    onEnd: error => {
      stopWork = null;
      status("");
      show();
      showSurprising();
      if (error) trouble(error);
    },
  });
}

function* readAll() {
  for (const { branch } of scored) yield* branch.read();
}

export function show() {
  places.result.hidden = !scored.length;
  places.other.hidden = scored.length < 2;
  scored.forEach((one, i) => {
    drawText(places.texts[i], textData(one.branch, i));
    places.bits[i].textContent = summary(one);
  });
  if (!stopWork && !scored.length) places.surprising.replaceChildren();
  const branch = scored[selected.text]?.branch;
  events.onShow(branch ?? null, branch ? (selected.place < 0 ? branch.steps.length - 1 : selected.place) : -1, false);
}

/** @param {typeof scored[number]} one */
function summary({ branch, name, unknown }) {
  const { bits, count } = branch.score();
  const { level } = branch.model;
  const known = say(
    "score.bits",
    { name, bits: short(bits, 3), count: number(count), perplexity: number(2 ** bits, { maximumSignificantDigits: 3 }) },
    level,
  );
  return unknown.length ? `${known} ${say("prompt.unknown", { characters: unknown.slice(0, 20).map(nameOf).join(" ") }, level)}` : known;
}

/** @param {Branch} branch @param {number} text */
function textData(branch, text) {
  const shade = tints[page.settings.tint] ?? tints.surprisal;
  return {
    text: branch.steps,
    look: page.settings.tint,
    count: branch.steps.length,
    textAt: (/** @type {number} */ place) => branch.steps[place].text,
    classAt: (/** @type {number} */ place) => `s${shade(branch.steps[place], branch.model.level)}`,
    selected: text === selected.text ? selected.place : -1,
    follow: false,
    empty: say("score.empty"),
  };
}

/** The most surprising places, each a button. */
function showSurprising() {
  const { branch } = scored[0];
  const known = [...branch.steps.keys()].filter(place => branch.steps[place].surprisal < Infinity);
  const most = known.sort((a, b) => branch.steps[b].surprisal - branch.steps[a].surprisal).slice(0, SURPRISING);
  places.surprising.replaceChildren(
    ...most.map(place => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      const step = branch.steps[place];
      const context = document.createElement("bdi");
      const character = document.createElement("b");
      button.type = "button";
      button.className = "plain";
      button.dataset.place = String(place);
      context.textContent = contextOf(branch, place);
      character.textContent = nameOf(step.text);
      button.append(context, " ", character, ` ${say("bits", { bits: short(step.surprisal, 1) })}`);
      item.append(button);
      return item;
    }),
  );
}

/** @param {number} text @param {number} place */
function choosePlace(text, place) {
  selected = { text, place };
  show();
  reveal(places.texts[text], place);
}

places.texts.forEach((box, i) =>
  box.addEventListener("click", event => {
    const place = placeOf(event.target);
    if (place >= 0) choosePlace(i, place);
  }),
);
places.surprising.addEventListener("click", event => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.place) choosePlace(0, Number(button.dataset.place));
});
