// SPDX-License-Identifier: MIT
//
// app.js - the page's wiring: controls <-> settings in the address's hash <-> network <-> what is shown.
import { legend, nameOf } from "./page/describe.js";
import { moments } from "./page/guide.js";
import { languages, number, percent, preferred, say, speakOf, use } from "./page/words.js";
import { at, isHidden, isLocked, link, noTrouble, page, readAddress, sentencesOf, set, status, trouble } from "./page/desk.js";
import * as panel from "./page/panel.js";
import { load, RnnError } from "./core/model.js";
import { defaults, mostOf, read } from "./page/settings.js";
import * as writing from "./page/write.js";

/** @typedef {{ name: string, file: string, language: string, prompt: string, title: Record<string, string> }} Listed */

const controls = {
  language: at("language", HTMLSelectElement),
  network: at("network", HTMLSelectElement),
  open: at("open", HTMLButtonElement),
  file: at("file", HTMLInputElement),
  prompt: at("prompt", HTMLTextAreaElement),
  slider: at("temperature", HTMLInputElement),
  temperature: at("temperature-number", HTMLInputElement),
  temperatures: at("temperatures", HTMLInputElement),
  seed: at("seed", HTMLInputElement),
  length: at("length", HTMLInputElement),
  topK: at("topK", HTMLInputElement),
  topP: at("topP", HTMLInputElement),
  speed: at("speed", HTMLSelectElement),
  tint: at("tint", HTMLSelectElement),
  write: at("write", HTMLButtonElement),
  together: at("together", HTMLButtonElement),
  score: at("score", HTMLButtonElement),
  scoreInput: at("score-input", HTMLTextAreaElement),
  scoreOther: at("score-other", HTMLSelectElement),
};
const places = {
  beginning: at("beginning", HTMLElement),
  why: at("why", HTMLElement),
  extras: at("extras", HTMLElement),
  promptNote: at("prompt-note", HTMLElement),
  temperatureNote: at("temperature-note", HTMLElement),
  moreNote: at("more-note", HTMLElement),
  legend: at("legend", HTMLElement),
  copies: at("copies", HTMLElement),
  guide: at("guide", HTMLElement),
  guideNote: at("guide-note", HTMLElement),
  facts: at("facts", HTMLElement),
};
const BOXES = /** @type {const} */ (["temperature", "seed", "length", "topK", "topP"]);
const WEIGHTS = new URL("../weights/", import.meta.url);
const SPEEDS = [
  [5, "speed.slow"],
  [30, "speed.reading"],
  [200, "speed.fast"],
  [0, "speed.most"],
];
const TINTS = ["surprisal", "entropy", "rank", "unit", "copied", "none"];

/** @type {Listed[]} */
let networks = [];
let missing = ""; // name in the address of a network that there is not
let usedNetwork = ""; // name in weights/index.json of the last one that was loaded from there
/** @type {AbortController | undefined} */
let loading;
/** @type {{ name: string, model: import("./core/model.js").Model } | null} the network that a text is compared with */
let other = null;
/** @type {import("./page/guide.js").Moment | null} */
let moment = null;

// ---- settings ----

function promptText() {
  return page.settings.prompt ?? networks.find(({ name }) => name === page.settings.network)?.prompt ?? "";
}

/** @param {HTMLSelectElement} select @param {[value: string, text: string][]} options @param {string} value */
function fillSelect(select, options, value) {
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  select.value = value;
}

function showSettings() {
  const { settings } = page;
  controls.prompt.value = promptText();
  for (const name of BOXES)
    if (name !== "temperature") controls[name].value = number(settings[name], { maximumSignificantDigits: 15, useGrouping: false });
  controls.temperatures.value = settings.temperatures
    .split(",")
    .map(T => number(Number(T), { maximumSignificantDigits: 15 }))
    .join("  ");
  controls.scoreInput.value = settings.text;
  const speeds = SPEEDS.map(([value, key]) => /** @type {[string, string]} */ ([String(value), say(String(key))]));
  if (!SPEEDS.some(([value]) => value === settings.speed)) speeds.push([String(settings.speed), `${number(settings.speed)}/s`]);
  fillSelect(controls.speed, speeds, String(settings.speed));
  fillSelect(
    controls.tint,
    TINTS.map(tint => [tint, say(`tint.${tint}`)]),
    settings.tint,
  );
  fillSelect(controls.language, Object.entries(languages), document.documentElement.lang);
  showTemperature();
  showTint();
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]"))) {
    const name = part.dataset.part ?? "";
    part.classList.toggle("taken", isHidden(name));
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input, select, textarea")))
      control.disabled = isLocked(name);
  }
}

function showTemperature() {
  const T = page.settings.temperature;
  controls.slider.value = String(T);
  controls.slider.setAttribute("aria-valuetext", number(T));
  controls.temperature.value = T === Infinity ? "1e999" : number(T, { maximumSignificantDigits: 15, useGrouping: false });
  controls.temperature.removeAttribute("aria-invalid");
  places.temperatureNote.textContent = say(`temperature.${T === 0 ? "zero" : T < 1 ? "low" : T === 1 ? "one" : "high"}`);
}

function showTint() {
  const { tint } = page.settings;
  const names = legend(tint, page.model?.level ?? "characters");
  controls.tint.value = tint;
  places.copies.hidden = tint !== "copied";
  places.legend.replaceChildren(
    ...names.map((name, i) => {
      const shade = document.createElement("span");
      shade.className = tint === "unit" ? `u${i}` : `s${i}`;
      shade.textContent = name || "\u00a0";
      return shade;
    }),
    ...(names.length ? [` ${say(`tint.${tint}.unit`)}`] : []),
  );
}

/** A setting typed into a box: taken, or refused with a sentence while the old value stays. @param {typeof BOXES[number]} name */
function typed(name) {
  const box = controls[name];
  const value = read(name, box.value);
  const note = name === "temperature" ? places.temperatureNote : places.moreNote;
  box.toggleAttribute("aria-invalid", value === undefined);
  if (value !== undefined) {
    note.textContent = "";
    return changed({ [name]: value });
  }
  box.setAttribute("aria-invalid", "true");
  const kept = number(page.settings[name], { useGrouping: false });
  note.textContent =
    name === "temperature"
      ? say("temperature.wrong", { value: `“${box.value}”`, kept })
      : say("number.wrong", { name: say(name), least: 0, most: number(mostOf(name)), value: `“${box.value}”`, kept });
}

/** @param {Partial<import("./page/settings.js").Settings>} changes */
function changed(changes) {
  set("seed" in changes || "prompt" in changes ? { ...changes, path: "", at: -1 } : changes);
  if ("temperature" in changes) showTemperature();
  if ("temperature" in changes || "topK" in changes || "topP" in changes) writing.samplingChanged();
  if ("tint" in changes || "unit" in changes) {
    showTint();
    showView();
  }
}

// ---- views ----

/** @typedef {{ act: (prompt: string) => void, show: () => void, stop: () => void, clear: () => void }} View */

/**
 * Those that one does not begin with are fetched when they are wanted.
 * @type {Record<string, () => Promise<View & { connect: (events: any) => void }>>}
 */
const fetchView = {
  temperatures: () => import("./page/temperatures.js"),
  score: () => import("./page/score.js"),
  train: () => import("./page/train.js"),
};
/** @type {Map<string, View>} */
const views = new Map([["write", writing]]);

/** The view in use. */
async function currentView() {
  const { view } = page.settings;
  if (!views.has(view)) {
    const made = await fetchView[view]();
    made.connect({ onShow: panel.show, other: otherNetwork, useNetwork, openFile });
    views.set(view, made);
  }
  return /** @type {View} */ (views.get(view));
}

async function showView() {
  await currentView().then(view => view.show(), trouble);
}

/** What the view does when its main button is pressed. */
async function act() {
  (await currentView()).act(controls.prompt.value);
}

function showTabs() {
  for (const [kind, name] of [
    ["view", page.settings.view],
    ["panel", page.settings.panel],
  ])
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-${kind}]`))) {
      const chosen = tab.dataset[kind] === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      at(tab.getAttribute("aria-controls") ?? "", HTMLElement).hidden = !chosen;
    }
  const { view } = page.settings;
  places.beginning.hidden = view === "score" || view === "train";
  places.why.hidden = places.extras.hidden = view === "train";
  panel.redraw();
}

/** @param {string} view */
function goTo(view) {
  if (view === page.settings.view) return;
  for (const each of views.values()) each.stop();
  set({ view });
  showTabs();
  showView();
}

// ---- network ----

/**
 * Loads a network; the last request wins, and what is in use stays until the new one is ready.
 * @param {string | URL | File} source @param {string} name
 * @returns {Promise<boolean | undefined>} whether it is in use now; undefined if a later request took its place
 */
async function open(source, name) {
  loading?.abort();
  const mine = (loading = new AbortController());
  const onProgress = (/** @type {{ loaded: number, total: number }} */ { loaded, total }) => {
    status(say("network.loading", { name, percent: total ? percent(loaded / total) : `${number(Math.round(loaded / 1000))} KB` }));
  };
  try {
    const next = await load(source, { signal: mine.signal, onProgress });
    if (mine.signal.aborted) {
      next.free();
      return undefined;
    }
    for (const view of views.values()) view.clear();
    page.model?.free();
    page.model = next;
    page.name = name;
    page.trainingText = "";
    speakOf(next.level);
    showTint();
    noTrouble();
    status(say("network.ready", { name }));
    showFacts();
  } catch (error) {
    if (mine.signal.aborted) return undefined;
    status("");
    trouble(error);
    showPrompt();
    return false;
  }
  for (const name of /** @type {const} */ (["write", "together", "score"])) controls[name].disabled = false;
  showPrompt();
  return true;
}

/** Fetched with their code when they are opened. */
async function showFacts() {
  if (!page.model || !places.facts.closest("details")?.open) return;
  const { show } = await import("./page/facts.js");
  show(places.facts, page.model);
}
places.facts.closest("details")?.addEventListener("toggle", showFacts);

/** @param {Listed} listed */
function titleOf(listed) {
  return listed.title[document.documentElement.lang] ?? listed.title.en ?? listed.name;
}

function showNetworks() {
  const own = [...controls.network.options].find(option => option.value === "");
  const value = own?.selected ? "" : page.settings.network;
  fillSelect(
    controls.network,
    networks.map(listed => [listed.name, titleOf(listed)]),
    value,
  );
  if (own) controls.network.append(own);
  controls.network.value = value;
  fillSelect(
    controls.scoreOther,
    [["", say("score.none")], ...networks.map(listed => /** @type {[string, string]} */ ([listed.name, titleOf(listed)]))],
    controls.scoreOther.value,
  );
}

/** The network of the settings; if it cannot be had, the settings go back to the one in use. */
async function openListed() {
  const listed = networks.find(({ name }) => name === page.settings.network);
  if (!listed) return trouble(new Error(say("error.E_HTTP")));
  const opened = await open(new URL(listed.file, WEIGHTS), titleOf(listed));
  if (opened) {
    usedNetwork = listed.name;
    await begin();
    if (missing) trouble(new Error(`${say("error.E_HTTP")} ${missing}`));
    missing = "";
  } else if (opened === false && usedNetwork) {
    set({ network: usedNetwork });
    controls.network.value = usedNetwork;
    controls.prompt.value = promptText();
    showPrompt();
  }
}

/** The network that a text is compared with, loaded if need be; null if none is chosen. */
async function otherNetwork() {
  const listed = networks.find(({ name }) => name === controls.scoreOther.value);
  if (other?.name !== listed?.name) {
    other?.model.free();
    other = null;
    if (listed) other = { name: listed.name, model: await load(new URL(listed.file, WEIGHTS)) };
  }
  return other && listed ? { model: other.model, name: titleOf(listed) } : null;
}

/** @param {File} file */
async function openFile(file) {
  if (!(await open(file, file.name))) return;
  const own = [...controls.network.options].find(option => option.value === "") ?? new Option("", "");
  own.textContent = say("network.own", { name: file.name });
  controls.network.append(own);
  controls.network.value = "";
  begin();
}

/**
 * Writes with a network that was trained here.
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {string} prompt
 * @param {string} text what it learnt from
 */
async function useNetwork(bytes, name, prompt, text) {
  set({ prompt, path: "", at: -1 });
  controls.prompt.value = prompt;
  goTo("write");
  await openFile(new File([/** @type {BlobPart} */ (bytes)], name));
  page.trainingText = text;
}

/** Something good without a press: what the view does, it does at once. */
async function begin() {
  showTabs();
  if (page.settings.view !== "score" || page.settings.text) await act();
}

// ---- prompt ----

function showPrompt() {
  const prompt = controls.prompt.value;
  let note = prompt ? "" : say("prompt.empty");
  if (page.model && prompt)
    try {
      const { ids, unknown } = page.model.encode(prompt);
      note = unknown.length
        ? say("prompt.unknown", { characters: unknown.slice(0, 40).map(nameOf).join(" ") + (unknown.length > 40 ? " …" : "") })
        : say("prompt.read", { count: number(ids.length) });
    } catch (error) {
      note = sentencesOf(error);
    }
  places.promptNote.textContent = note;
}

// ---- guide ----

function showGuide() {
  places.guide.replaceChildren(
    ...moments.map(each => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = say(`guide.${each.key}`);
      button.setAttribute("aria-pressed", String(each === moment));
      button.addEventListener("click", () => take(each));
      item.append(button);
      return item;
    }),
  );
  places.guideNote.hidden = !moment;
  places.guideNote.textContent = moment ? say(`guide.${moment.key}.note`) : "";
}

/** Sets the page up for a moment of the lesson. @param {import("./page/guide.js").Moment} each */
async function take(each) {
  moment = each;
  const { language, hide, lock, speed, network } = page.settings;
  for (const view of views.values()) view.clear();
  set({ ...defaults, language, hide, lock, speed, ...each.settings });
  if (!networks.some(({ name }) => name === page.settings.network)) set({ network });
  await speak();
  if (usedNetwork !== page.settings.network || controls.network.value === "") await openListed();
  else await begin();
  each.then?.(writing);
}

// ---- controls ----

writing.connect({ onShow: panel.show });
panel.connect({
  choose: writing.choose,
  sameDice: writing.sameDice,
  choosePlace: writing.choosePlace,
  visit: writing.visit,
  lay: writing.lay,
  story: () => ({ story: writing.story, beside: writing.beside }),
  unitChosen: unit => changed(unit < 0 ? { tint: "surprisal" } : { unit, tint: "unit" }),
});

controls.write.addEventListener("click", act);
controls.together.addEventListener("click", act);
controls.score.addEventListener("click", act);
at("stop", HTMLButtonElement).addEventListener("click", writing.stop);
at("go-on", HTMLButtonElement).addEventListener("click", () => writing.goOn(page.settings.length));
at("one", HTMLButtonElement).addEventListener("click", () => writing.goOn(1));
at("undo", HTMLButtonElement).addEventListener("click", () => writing.back("undo"));
at("redo", HTMLButtonElement).addEventListener("click", () => writing.back("redo"));
at("loop-second", HTMLButtonElement).addEventListener("click", () => writing.leaveLoop("second"));
at("loop-temperature", HTMLButtonElement).addEventListener("click", () => writing.leaveLoop("temperature"));
at("link", HTMLButtonElement).addEventListener("click", async () => {
  const address = link(page.settings.view === "write" ? writing.exactly() : {});
  await navigator.clipboard.writeText(address).then(
    () => status(say("copied")),
    () => status(address),
  );
});
controls.prompt.addEventListener("input", () => {
  changed({ prompt: controls.prompt.value });
  showPrompt();
});
for (const box of [controls.prompt, controls.scoreInput, controls.temperatures])
  box.addEventListener("keydown", event => {
    if (event instanceof KeyboardEvent && event.key === "Enter" && (event.ctrlKey || event.metaKey || box === controls.temperatures)) act();
  });
controls.slider.addEventListener("input", () => changed({ temperature: Number(controls.slider.value) }));
for (const name of BOXES) controls[name].addEventListener("change", () => typed(name));
controls.speed.addEventListener("change", () => changed({ speed: Number(controls.speed.value) }));
controls.tint.addEventListener("change", () => changed({ tint: controls.tint.value }));
controls.network.addEventListener("change", () => {
  if (!controls.network.value) return;
  changed({ network: controls.network.value, prompt: null });
  controls.prompt.value = promptText();
  openListed();
});
controls.open.addEventListener("click", () => controls.file.click());
controls.file.addEventListener("change", () => {
  const [file] = controls.file.files ?? [];
  if (file) openFile(file);
  controls.file.value = "";
});
controls.language.addEventListener("change", async () => {
  set({ language: controls.language.value });
  await speak();
});
document.addEventListener("click", event => {
  const tab = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[role=tab]")) : null;
  if (tab?.dataset.view) goTo(tab.dataset.view);
  if (tab?.dataset.panel) {
    set({ panel: tab.dataset.panel });
    showTabs();
  }
});
document.addEventListener("keydown", event => {
  const tab = event.target instanceof HTMLElement && event.target.role === "tab" ? event.target : null;
  const direction = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !direction) return;
  const tabs = /** @type {HTMLElement[]} */ ([...(tab.parentElement?.children ?? [])]);
  const next = tabs[(tabs.indexOf(tab) + direction + tabs.length) % tabs.length];
  next.click();
  next.focus();
});
document.addEventListener("copy", event => {
  const selection = getSelection();
  const inText = selection?.anchorNode?.parentElement?.closest(".page");
  if (!selection?.rangeCount || !inText || selection.isCollapsed) return;
  event.clipboardData?.setData("text/plain", selection.getRangeAt(0).toString()); // without the ends of chunks
  event.preventDefault();
});

addEventListener("dragover", event => event.preventDefault());
addEventListener("drop", event => {
  event.preventDefault();
  const files = event.dataTransfer?.files ?? [];
  if (files.length === 1) openFile(files[0]);
  else if (files.length) trouble(new Error(say("error.drop")));
});
addEventListener("hashchange", async () => {
  const { network } = page.settings;
  if (!readAddress()) return;
  chooseNetwork();
  await speak();
  if (page.settings.network !== network) openListed();
  else begin();
});

// ---- start ----

/** The first network in the page's language, unless the address names one. */
function chooseNetwork() {
  const { network } = page.settings;
  if (networks.some(({ name }) => name === network)) return;
  const language = document.documentElement.lang;
  page.settings.network = (networks.find(listed => listed.language === language) ?? networks[0])?.name ?? defaults.network;
  missing = network;
}

/** Everything on the page in the language of the settings. */
async function speak() {
  const { language } = page.settings;
  await use(Object.hasOwn(languages, language) ? language : preferred());
  showNetworks();
  showSettings();
  showGuide();
  showPrompt();
  showFacts();
  await showView();
}

try {
  const [response] = await Promise.all([fetch(new URL("index.json", WEIGHTS)), use(preferred())]);
  if (!response.ok) throw new RnnError("E_HTTP", `${response.url}: ${response.status}`);
  networks = await response.json();
  chooseNetwork();
  await speak();
  showTabs();
  await openListed();
} catch (error) {
  trouble(error);
}
