// SPDX-License-Identifier: MIT
//
// temperatures.js - the view "Temperatures": one prompt, several texts written together, one batch in the core.
import { short, temperatureText, tints } from "./describe.js";
import { number, say } from "./words.js";
import { at, noTrouble, page, set, status, trouble } from "./desk.js";
import { Branch } from "../story/story.js";
import { writeTogether } from "../story/together.js";
import { readTemperatures } from "./settings.js";
import { draw as drawStreams } from "../views/columns.js";
import { draw as drawText, placeOf } from "../views/tinted.js";
import { start } from "./pace.js";

const places = {
  list: at("temperatures", HTMLInputElement),
  note: at("temperatures-note", HTMLElement),
  write: at("together", HTMLButtonElement),
  stop: at("together-stop", HTMLButtonElement),
  streams: at("streams", HTMLElement),
};

/** @type {{ onShow: (branch: Branch | null, place: number, canChoose: boolean) => void }} */
let events = { onShow() {} };
/** @type {Branch[]} */
let branches = [];
let selected = { stream: 0, place: -1 };
/** @type {(() => void) | null} */
let stopWork = null;

/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

export function show() {
  const boxes = drawStreams(
    places.streams,
    branches.map(branch => ({
      name: `T = ${temperatureText(branch.samplingAt(0).temperature)}`,
      note: say("streams.note", { count: number(branch.written), bits: short(branch.score(branch.given).bits) }),
    })),
  );
  boxes.forEach((box, i) => drawText(box, textData(branches[i], i)));
  const branch = branches[selected.stream];
  events.onShow(branch ?? null, branch ? (selected.place < 0 ? branch.steps.length - 1 : selected.place) : -1, false);
}

/** @param {Branch} branch @param {number} stream */
function textData(branch, stream) {
  const shade = tints[page.settings.tint] ?? tints.surprisal;
  return {
    text: branch.steps,
    look: page.settings.tint,
    count: branch.steps.length,
    textAt: (/** @type {number} */ place) => branch.steps[place].text,
    classAt: (/** @type {number} */ place) => `s${shade(branch.steps[place], branch.model.level)}${place < branch.given ? " given" : ""}`,
    selected: stream === selected.stream ? selected.place : -1,
    follow: Boolean(stopWork),
    empty: "",
  };
}

/** @param {boolean} on */
function working(on) {
  places.write.hidden = on;
  places.stop.hidden = !on;
}

export function clear() {
  stop();
  branches = [];
  selected = { stream: 0, place: -1 };
  show();
}

/** @param {string} prompt */
export function act(prompt) {
  const { model, settings } = page;
  const list = readTemperatures(places.list.value);
  places.list.toggleAttribute("aria-invalid", !list);
  places.note.textContent = list ? "" : say("streams.wrong");
  if (!model || !list) return;
  clear();
  set({ temperatures: list.join(",") });
  try {
    const { ids } = model.encode(prompt);
    const { topK, topP, seed, length } = settings;
    branches = list.map(temperature => new Branch(model, ids, seed, [{ place: 0, temperature, topK, topP }]));
    working(true);
    noTrouble();
    stopWork = start({
      steps: writeTogether(branches, length),
      pace: () => page.settings.speed,
      onSteps: () => {
        show();
        status(say("status.writing", { count: number(branches[0].written) }));
      },
      onEnd: error => {
        stopWork = null;
        working(false);
        show();
        if (error) trouble(error);
      },
    });
  } catch (error) {
    trouble(error);
  }
}

export function stop() {
  stopWork?.();
  stopWork = null;
  working(false);
}

places.stop.addEventListener("click", stop);
places.streams.addEventListener("click", event => {
  const place = placeOf(event.target);
  const box = event.target instanceof Element ? event.target.closest(".stream") : null;
  if (place < 0 || !box) return;
  selected = { stream: [...places.streams.children].indexOf(box), place };
  show();
});
