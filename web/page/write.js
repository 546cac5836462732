// SPDX-License-Identifier: MIT
//
// write.js - the view "Write": one text that grows, its branches, and what one does with it.
import { asLearnt, nameOf, tints } from "./describe.js";
import { number, percent, say } from "./words.js";
import { at, noTrouble, page, sampling, set, speak, status, trouble } from "./desk.js";
import { Branch, Story, eventsFromText, eventsToText, firstDifference, mostSteps } from "../story/story.js";
import { draw as drawText, lineFrom, placeOf, reveal } from "../views/tinted.js";
import { start } from "./pace.js";

const places = {
  write: at("write", HTMLButtonElement),
  stop: at("stop", HTMLButtonElement),
  goOn: at("go-on", HTMLButtonElement),
  one: at("one", HTMLButtonElement),
  undo: at("undo", HTMLButtonElement),
  redo: at("redo", HTMLButtonElement),
  text: at("text", HTMLElement),
  loop: at("loop", HTMLElement),
  loopNote: at("loop-note", HTMLElement),
  beside: at("beside", HTMLElement),
  besideText: at("beside-text", HTMLElement),
  besideNote: at("beside-note", HTMLElement),
};
const SPOKEN_PACE = 60; // characters a second: what comes faster is not read out
const PIECE = { least: 40, most: 200 }; // characters of a sentence that is read out

/** @type {{ onShow: (branch: Branch | null, place: number, canChoose: boolean) => void }} */
let events = { onShow() {} };
export let story = new Story();
/** @type {Branch | null} */
export let beside = null;
let selected = -1; // a place of the whole text; -1: the last one
/** @type {(() => void) | null} */
let stopWork = null;
/** @type {{ from: number, period: number } | null} */
let loop = null;
let unsaid = "";
/** @type {(() => void) | null} what comes when the text is written */
let atEnd = null;

/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

// ---- what is shown ----

function shownPlace() {
  return selected < 0 ? (story.current?.steps.length ?? 0) - 1 : selected;
}

/** @typedef {{ from: number, period: number } | null} Loop */

/** @param {Branch} branch @param {import("./shades.js").Shades | null} shades @param {Loop} loop @param {number} parted */
function looksOf(branch, shades, loop, parted) {
  const shade = tints[page.settings.tint] ?? (() => 0);
  return (/** @type {number} */ place) => {
    const step = branch.steps[place];
    const names = [shades ? shades.classAt(place) : `s${shade(step, branch.model.level)}`];
    if (place < branch.given) names.push("given");
    else if (step.u === null) names.push("hand");
    if (loop && place >= loop.from) names.push((place - loop.from) % loop.period ? "loop" : "loop turn");
    if (place === parted) names.push("parted");
    return names.join(" ");
  };
}

/** @type {typeof import("./shades.js") | null} fetched when a tint wants it */
let shades = null;

/** Where the tint takes more than the steps: what is known of it; null: nothing yet, or it takes no more. @param {Branch} branch */
function shadesOf(branch) {
  const { tint, unit } = page.settings;
  if (tint !== "unit" && tint !== "copied") return null;
  if (shades)
    return shades.shadesOf(branch, tint, unit, () => {
      if (page.settings.tint === tint) show({ follow: selected < 0 && Boolean(stopWork) });
    });
  import("./shades.js").then(fetched => {
    shades = fetched;
    show();
  }, trouble);
  return null;
}

/** @param {{ follow?: boolean }} [how] */
export function show({ follow = false } = {}) {
  const { current: branch } = story;
  const parted = branch && beside ? firstDifference(branch, beside) : -1;
  drawText(places.text, textData(branch, parted, loop, shownPlace(), follow));
  places.beside.hidden = !beside;
  if (beside) {
    drawText(places.besideText, textData(beside, parted, null, parted, follow));
    places.besideNote.textContent = branch ? partedNote(branch, beside, parted) : "";
  }
  places.undo.disabled = !story.canUndo;
  places.redo.disabled = !story.canRedo;
  places.goOn.disabled = places.one.disabled = !branch;
  showLoop();
  events.onShow(branch, shownPlace(), Boolean(branch && shownPlace() >= branch.given));
}

/** @param {Branch | null} branch @param {number} parted @param {Loop} loop @param {number} place @param {boolean} follow */
function textData(branch, parted, loop, place, follow) {
  const { tint, unit } = page.settings;
  const shades = branch && shadesOf(branch);
  const look = [tint, unit, shades?.count, loop?.from, loop?.period, parted].join();
  return {
    text: branch?.steps ?? null,
    look,
    count: branch?.steps.length ?? 0,
    textAt: (/** @type {number} */ i) => branch?.steps[i].text ?? "",
    classAt: branch ? looksOf(branch, shades, loop, parted) : () => "",
    selected: place,
    follow,
    empty: say("text.empty"),
  };
}

/** Why two texts part where they do. @param {Branch} a @param {Branch} b @param {number} place */
function partedNote(a, b, place) {
  if (place < 0) return say("beside.same");
  const [one, two] = [a, b].map(branch => ({ step: branch.steps[place], T: branch.samplingAt(place - branch.given).temperature }));
  const values = { place: number(place - a.given + 1), a: nameOf(one.step.text), b: nameOf(two.step.text) };
  if (one.step.u === null || two.step.u === null || one.step.u !== two.step.u) return say("beside.choice", values);
  const T = (/** @type {number} */ value) => number(value, { maximumSignificantDigits: 6 });
  return say("beside.dice", { ...values, u: number(one.step.u, { maximumFractionDigits: 3 }), Ta: T(one.T), Tb: T(two.T) });
}

// ---- the loop ----

/** @type {typeof import("../story/circle.js") | null} fetched when a text is greedy */
let loops = null;

/** @param {Branch} branch */
function seekLoop(branch) {
  const greedy = branch.samplingAt(branch.written).temperature === 0;
  loop = greedy && loops ? loops.findLoop(branch.steps.length, i => branch.steps[i].id) : null;
  if (greedy && !loops)
    import("../story/circle.js").then(fetched => {
      loops = fetched;
      if (story.current !== branch) return;
      seekLoop(branch);
      show();
    }, trouble);
}

function showLoop() {
  const branch = story.current;
  places.loop.hidden = !loop || Boolean(stopWork);
  if (!loop || !loops || !branch || stopWork) return;
  const back = loops.distance(branch, branch.steps.length, branch.steps.length - loop.period);
  places.loopNote.textContent = say("loop.found", {
    from: number(Math.max(1, loop.from - branch.given + 1)),
    period: number(loop.period),
    distance: percent(back),
  });
}

/** Leaves the loop where it comes round for the first time. @param {"second" | "temperature"} way */
export function leaveLoop(way) {
  const branch = story.current;
  if (!loop || !branch) return;
  const place = Math.max(loop.from + loop.period, branch.given);
  const step = branch.steps[place];
  const [, second] = step.top(2, asLearnt(step));
  branchOff(place, way === "second" ? { id: second.id } : { temperature: 0.8 });
}

// ---- writing ----

/** @param {boolean} on */
function working(on) {
  const focused = document.activeElement;
  places.write.hidden = on;
  places.stop.hidden = !on;
  places.text.setAttribute("aria-busy", String(on));
  if (focused === places.write && on) places.stop.focus();
  if (focused === places.stop && !on) places.write.focus();
}

/** Forgets the texts, as another network or prompt makes them meaningless. */
export function clear() {
  stop();
  atEnd = null;
  story = new Story();
  beside = loop = null;
  selected = -1;
  show();
}

/** Writes the text of the settings: prompt, seed, and what was chosen on the way. @param {string} prompt */
export function act(prompt) {
  const { model, settings } = page;
  if (!model) return;
  try {
    const { ids } = model.encode(prompt);
    const known = story.current?.model === model && String(story.current.prompt) === String(ids);
    if (!known) clear();
    const before = story.current?.seed === settings.seed ? story.current : null;
    const chosen = settings.path ? eventsFromText(settings.path, model.outputs) : [{ place: 0, ...sampling() }];
    const same = before && eventsToText(before.events) === eventsToText(chosen) && before.written >= settings.length;
    const branch = new Branch(model, ids, settings.seed, chosen);
    stop();
    if (same) drop(before);
    go(branch);
    selected = -1;
    run(branch, settings.length, settings.at);
  } catch (error) {
    trouble(error);
  }
}

/** The same text again takes its own place in the tree. @param {Branch} branch */
function drop(branch) {
  if (!story.branches.some(each => each.parent === branch)) story.branches = story.branches.filter(each => each !== branch);
}

/** @param {Branch} branch */
function go(branch) {
  story.go(branch);
  if (beside === branch) beside = null;
  set({ path: pathOf(branch) });
}

/** What of a branch the other settings do not say. @param {Branch} branch */
function pathOf(branch) {
  const text = eventsToText(branch.events);
  return text === eventsToText([{ place: 0, ...sampling() }]) ? "" : text;
}

/**
 * Reads what is not read, then writes until so many characters are there.
 * @param {Branch} branch
 * @param {number} length
 * @param {number} [showAt] place to show at the end
 */
function run(branch, length, showAt = -1) {
  length = Math.min(length, mostSteps(branch.model) - branch.given);
  stopWork?.();
  working(true);
  noTrouble();
  loop = null;
  const pace = () => page.settings.speed;
  const failed = (/** @type {unknown} */ error) => {
    stopWork = null;
    working(false);
    trouble(error);
  };
  const draw = () => {
    const began = performance.now();
    const before = branch.written;
    stopWork = start({
      steps: branch.write(() => length),
      pace,
      onSteps: steps => {
        seekLoop(branch);
        show({ follow: selected < 0 });
        tell(steps.map(step => step.text).join(""));
        const seconds = (performance.now() - began) / 1000;
        status(
          say(pace() ? "status.writing" : "status.rate", {
            count: number(branch.written),
            rate: number(Math.round((branch.written - before) / seconds), { maximumSignificantDigits: 2 }),
          }),
        );
      },
      onEnd: error => {
        if (error) return failed(error);
        stopWork = null;
        working(false);
        tell("", true);
        if (pace()) status(say("status.done", { count: number(branch.written) }));
        const next = atEnd;
        atEnd = null;
        if (next) next();
        else if (showAt >= 0 && showAt < branch.steps.length) choosePlace(showAt);
        else show();
      },
    });
  };
  stopWork = start({
    steps: branch.read(),
    onSteps: () => {
      status(
        branch.steps.length < branch.given
          ? say("status.reading", { percent: percent(branch.steps.length / branch.given) })
          : say("status.writing", { count: 0 }),
      );
      show({ follow: true });
    },
    onEnd: error => (error ? failed(error) : draw()),
  });
}

/** What is written is read out in pieces of a sentence's size. @param {string} text @param {boolean} [end] */
function tell(text, end = false) {
  const { speed } = page.settings;
  unsaid += text;
  const whole = /[.!?…\n]\s*$/.test(unsaid) && unsaid.length >= PIECE.least;
  if (speed === 0 || speed > SPOKEN_PACE) unsaid = "";
  else if (whole || end || unsaid.length >= PIECE.most) {
    speak(unsaid);
    unsaid = "";
  }
}

export function stop() {
  if (!stopWork) return;
  stopWork();
  stopWork = null;
  working(false);
  tell("", true);
  if (story.current) status(say("status.stopped", { count: number(story.current.written) }));
  show();
}

/** @param {number} more characters */
export function goOn(more) {
  const branch = story.current;
  if (!branch) return;
  if (branch.samplingAt(branch.written).temperature !== page.settings.temperature) samplingChanged(true);
  selected = -1;
  run(branch, branch.written + more);
}

/** Temperature or cut from here on. @param {boolean} [evenStopped] */
export function samplingChanged(evenStopped = false) {
  const branch = story.current;
  if (branch && (stopWork || evenStopped)) {
    branch.change(sampling());
    set({ path: pathOf(branch) });
  } else if (branch) set({ path: pathOf(branch) });
  show();
}

// ---- branches ----

/** @param {number} place of the whole text @param {Partial<import("../story/story.js").Event>} event */
function branchOff(place, event) {
  const from = story.current;
  if (!from) return;
  stop();
  const branch = from.fork(place - from.given, event);
  go(branch);
  selected = -1;
  run(branch, Math.max(page.settings.length, branch.written + 1));
}

/** Another token at the place that is shown. @param {number} id */
export function choose(id) {
  branchOff(shownPlace(), { id });
}

/** The text from its beginning with the same dice at another temperature; the old one lies beside it. @param {number} temperature */
export function sameDice(temperature) {
  const from = story.current;
  if (!from) return;
  stop();
  const branch = new Branch(from.model, from.prompt, from.seed, [{ place: 0, ...from.samplingAt(0), temperature }], from, 0);
  go(branch);
  beside = from;
  selected = -1;
  run(branch, Math.max(page.settings.length, from.written));
}

/** The same once the text is written. @param {number} temperature */
export function sameDiceAtEnd(temperature) {
  atEnd = () => sameDice(temperature);
}

/** @param {Branch} branch */
export function visit(branch) {
  stop();
  go(branch);
  arrive();
}

/** Lays a branch beside the text, or takes it away. @param {Branch | null} branch */
export function lay(branch) {
  beside = branch === beside ? null : branch;
  show();
}

/** @param {"undo" | "redo"} way */
export function back(way) {
  stop();
  story[way]();
  if (story.current) set({ path: pathOf(story.current) });
  arrive();
}

function arrive() {
  if (beside === story.current) beside = null;
  selected = -1;
  if (story.current) seekLoop(story.current);
  show({ follow: true });
}

/** What makes exactly this text again, for a link. */
export function exactly() {
  const branch = story.current;
  return branch ? { seed: branch.seed, path: eventsToText(branch.events), length: branch.written, at: selected } : {};
}

// ---- choosing a place ----

/** @param {number} place */
export function choosePlace(place) {
  const count = story.current?.steps.length ?? 0;
  selected = Math.min(Math.max(place, 0), count - 1);
  show();
  reveal(places.text, selected);
}

/** @type {Record<string, (at: number) => number>} */
const keys = {
  ArrowLeft: at => at - 1,
  ArrowRight: at => at + 1,
  ArrowUp: at => lineFrom(places.text, at, -1),
  ArrowDown: at => lineFrom(places.text, at, 1),
  Home: () => 0,
  End: () => (story.current?.steps.length ?? 0) - 1,
};

let pointer = ""; // where it was: the text may move below it, and then it points at nothing new

/** @param {MouseEvent} event a click's place is whole, a pointer's is not */
const whereOf = event => `${Math.floor(event.clientX)} ${Math.floor(event.clientY)}`;

places.text.addEventListener("click", event => {
  const place = placeOf(event.target);
  pointer = whereOf(event);
  if (place >= 0 && getSelection()?.isCollapsed !== false) choosePlace(place);
});
places.text.addEventListener("pointerover", event => {
  const place = placeOf(event.target);
  const branch = story.current;
  const before = pointer;
  pointer = whereOf(event);
  if (branch && place >= 0 && !stopWork && event.pointerType === "mouse" && !event.buttons && pointer !== before)
    events.onShow(branch, place, false);
});
places.text.addEventListener("pointerleave", () => {
  if (!stopWork) show();
});
places.text.addEventListener("keydown", event => {
  const move = keys[event.key];
  const branch = story.current;
  if (event.key === "Escape" && selected >= 0) {
    selected = -1;
    show();
  }
  if (!move || !branch?.steps.length || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  choosePlace(move(shownPlace()));
  const step = branch.steps[selected];
  speak(`${nameOf(step.text)}: ${percent(asLearnt(step)[step.id])}`);
});
