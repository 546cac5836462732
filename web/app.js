// SPDX-License-Identifier: MIT
//
// app.js - the page's wiring: controls <-> settings in the address's hash <-> model <-> views.
import { distribution, facts, nameOf } from "./describe.js";
import { languages, number, percent, preferred, say, use } from "./i18n.js";
import { load, RnnError } from "./rnn.js";
import { defaults, fromHash, mostOf, read, toHash } from "./settings.js";
import { draw as drawDistribution } from "./views/distribution.js";
import { draw as drawFacts } from "./views/facts.js";
import { draw as drawText, lineFrom, placeOf } from "./views/text.js";
import { start } from "./writer.js";

/** @typedef {import("./describe.js").Written} Written */
/** @typedef {{ name: string, file: string, language: string, prompt: string, title: Record<string, string> }} Listed */

/** @template {HTMLElement} T @param {string} id @param {new () => T} type @returns {T} */
function at(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${id}`);
  return element;
}

const controls = {
  language: at("language", HTMLSelectElement),
  network: at("network", HTMLSelectElement),
  open: at("open", HTMLButtonElement),
  file: at("file", HTMLInputElement),
  prompt: at("prompt", HTMLTextAreaElement),
  slider: at("temperature", HTMLInputElement),
  temperature: at("temperature-number", HTMLInputElement),
  seed: at("seed", HTMLInputElement),
  length: at("length", HTMLInputElement),
  speed: at("speed", HTMLSelectElement),
  write: at("write", HTMLButtonElement),
  stop: at("stop", HTMLButtonElement),
};
const places = {
  promptNote: at("prompt-note", HTMLElement),
  temperatureNote: at("temperature-note", HTMLElement),
  moreNote: at("more-note", HTMLElement),
  status: at("status", HTMLElement),
  trouble: at("trouble", HTMLElement),
  text: at("text", HTMLElement),
  distribution: at("distribution", HTMLElement),
  facts: at("facts", HTMLElement),
  actions: at("actions", HTMLElement),
};

const WEIGHTS = new URL("../weights/", import.meta.url);
const SPEEDS = [[5, "speed.slow"], [30, "speed.reading"], [200, "speed.fast"], [0, "speed.most"]];

let settings = fromHash(location.hash);
/** @type {Listed[]} */
let networks = [];
/** @type {import("./rnn.js").Model | undefined} */
let model;
let modelName = "";
let usedNetwork = ""; // name in weights/index.json of the last one that was loaded from there
/** @type {AbortController | undefined} */
let loading;
/** @type {(() => void) | undefined} */
let stopWork;
/** What was read before the first character written. */
let given = "";
/** @type {Written[]} */
let written = [];
let selected = -1; // a place in written that the reader chose; -1: the last one

// ---- settings ----

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hashTimer;

/** @param {Partial<import("./settings.js").Settings>} changes */
function set(changes) {
  settings = { ...settings, ...changes };
  clearTimeout(hashTimer); // a slider changes faster than browsers let an address change
  hashTimer = setTimeout(() => history.replaceState(null, "", toHash(settings)), 200);
}

function promptText() {
  return settings.prompt ?? networks.find(({ name }) => name === settings.network)?.prompt ?? "";
}

function showSettings() {
  controls.language.value = document.documentElement.lang;
  controls.prompt.value = promptText();
  controls.seed.value = String(settings.seed);
  controls.length.value = String(settings.length);
  controls.speed.replaceChildren(...SPEEDS.map(([value, key]) => new Option(say(String(key)), String(value))));
  if (!SPEEDS.some(([value]) => value === settings.speed)) controls.speed.add(new Option(`${number(settings.speed)}/s`, String(settings.speed)));
  controls.speed.value = String(settings.speed);
  showTemperature();
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-part]")))
    part.hidden = settings.hide.split(",").includes(part.dataset.part ?? "");
}

function showTemperature() {
  const T = settings.temperature;
  controls.slider.value = String(T);
  controls.slider.setAttribute("aria-valuetext", number(T));
  controls.temperature.value = T === Infinity ? "1e999" : number(T, { maximumSignificantDigits: 15, useGrouping: false });
  controls.temperature.removeAttribute("aria-invalid");
  places.temperatureNote.textContent = say(`temperature.${T === 0 ? "zero" : T < 1 ? "low" : T === 1 ? "one" : "high"}`);
}

/** A setting typed into a box: taken, or refused with a sentence while the old value stays. @param {"temperature" | "seed" | "length"} name */
function typed(name) {
  const box = controls[name], value = read(name, box.value);
  const note = name === "temperature" ? places.temperatureNote : places.moreNote;
  if (value === undefined) box.setAttribute("aria-invalid", "true");
  else {
    box.removeAttribute("aria-invalid");
    set({ [name]: value });
    note.textContent = "";
    if (name === "temperature") showTemperature();
    return;
  }
  const kept = number(settings[name], { useGrouping: false });
  note.textContent = name === "temperature"
    ? say("temperature.wrong", { value: `“${box.value}”`, kept })
    : say("number.wrong", { name: say(name), least: 0, most: number(mostOf(name)), value: `“${box.value}”`, kept });
}

// ---- network ----

/** @param {unknown} error */
function trouble(error) {
  const known = error instanceof RnnError;
  const sentences = [
    say("error.title"),
    known ? say(`error.${error.code}`) : "",
    error instanceof Error ? error.message : String(error),
    known ? error.hint : "",
    model ? say("error.kept", { name: modelName }) : "",
  ];
  places.trouble.textContent = sentences.filter(Boolean).join(" ");
  places.trouble.hidden = false;
}

/**
 * Loads a network; the last request wins, and what is in use stays until the new one is ready.
 * @param {string | URL | File} source @param {string} name
 * @returns {Promise<boolean | undefined>} whether it is in use now; undefined if a later request took its place
 */
async function open(source, name) {
  loading?.abort();
  const mine = (loading = new AbortController());
  const onProgress = (/** @type {{ loaded: number, total: number }} */ { loaded, total }) => {
    places.status.textContent = say("network.loading", { name, percent: total ? percent(loaded / total) : `${number(Math.round(loaded / 1000))} KB` });
  };
  try {
    const next = await load(source, { signal: mine.signal, onProgress });
    if (mine.signal.aborted) {
      next.free();
      return undefined;
    }
    stop();
    model?.free();
    model = next;
    modelName = name;
    clear();
    places.trouble.hidden = true;
    places.status.textContent = say("network.ready", { name });
    drawFacts(places.facts, facts(model));
  } catch (error) {
    if (mine.signal.aborted) return undefined;
    places.status.textContent = "";
    trouble(error);
    showPrompt();
    return false;
  }
  controls.write.disabled = false;
  showPrompt();
  return true;
}

function titleOf(/** @type {Listed} */ listed) {
  return listed.title[document.documentElement.lang] ?? listed.title.en ?? listed.name;
}

function showNetworks() {
  const own = [...controls.network.options].find((option) => option.value === "");
  const value = own?.selected ? "" : settings.network;
  controls.network.replaceChildren(...networks.map((listed) => new Option(titleOf(listed), listed.name)));
  if (own) controls.network.append(own);
  controls.network.value = value;
}

/** The network of the settings; if it cannot be had, the settings go back to the one in use. */
async function openListed() {
  const listed = networks.find(({ name }) => name === settings.network);
  if (!listed) return trouble(new Error(say("error.E_HTTP")));
  const opened = await open(new URL(listed.file, WEIGHTS), titleOf(listed));
  if (opened) usedNetwork = listed.name;
  else if (opened === false && usedNetwork) {
    set({ network: usedNetwork });
    controls.network.value = usedNetwork;
    controls.prompt.value = promptText();
    showPrompt();
  }
}

/** @param {File} file */
async function openFile(file) {
  if (!(await open(file, file.name))) return;
  const own = [...controls.network.options].find((option) => option.value === "") ?? new Option("", "");
  own.textContent = say("network.own", { name: file.name });
  controls.network.append(own);
  controls.network.value = "";
}

// ---- prompt ----

function showPrompt() {
  const prompt = controls.prompt.value;
  let note = prompt ? "" : say("prompt.empty");
  if (model && prompt)
    try {
      const { ids, unknown } = model.encode(prompt);
      note = unknown.length
        ? say("prompt.unknown", { characters: unknown.slice(0, 40).map(nameOf).join(" ") + (unknown.length > 40 ? " …" : "") })
        : say("prompt.read", { count: number(ids.length) });
    } catch (error) {
      note = error instanceof RnnError ? `${say(`error.${error.code}`)} ${error.message} ${error.hint}` : String(error);
    }
  places.promptNote.textContent = note;
}

// ---- writing ----

function clear() {
  given = "";
  written = [];
  selected = -1;
  show(true);
}

/** @param {boolean} follow */
function show(follow) {
  const place = selected < 0 ? written.length - 1 : selected;
  drawText(places.text, { prompt: given, written, selected: place, empty: say("text.empty"), follow });
  drawDistribution(places.distribution, model && place >= 0 ? distribution(model, written[place], place) : null, say("why.none"));
}

const NOTHING = new Float32Array();

/** Of a step only what is drawn is kept, a tenth of it: texts may be long. @param {import("./rnn.js").Step} step @returns {Written} */
function asWritten(step) {
  Object.assign(step, { h: NOTHING, c: NOTHING, gates: NOTHING });
  return { step, id: step.id, text: step.text, bits: step.bits, byHand: false };
}

/** @param {boolean} on */
function working(on) {
  const focused = document.activeElement;
  controls.write.hidden = on;
  controls.stop.hidden = !on;
  places.text.setAttribute("aria-busy", String(on));
  if (focused === controls.write && on) controls.stop.focus();
  if (focused === controls.stop && !on) controls.write.focus();
}

/** Reads ids, then writes on behind what is there. @param {Int32Array} ids */
function go(ids) {
  if (!model) return;
  stopWork?.();
  working(true);
  places.trouble.hidden = true;
  const options = {
    get temperature() { return settings.temperature; },
    seed: settings.seed,
    length: Math.max(0, settings.length - written.length),
    position: written.length,
  };
  stopWork = start({
    model, ids, options,
    pace: () => settings.speed,
    onRead: (done, all) => { places.status.textContent = done < all ? say("status.reading", { percent: percent(done / all) }) : say("status.writing"); },
    onSteps: (steps) => {
      const first = !written.length;
      written.push(...steps.map(asWritten));
      show(selected < 0);
      if (first && matchMedia("(max-width: 59.99rem)").matches) places.actions.scrollIntoView(); // text and bars then share the screen
    },
    onEnd: (error) => {
      stopWork = undefined;
      working(false);
      places.status.textContent = say("status.done", { count: number(written.length) });
      if (error) trouble(error);
    },
  });
}

function write() {
  if (!model) return;
  try {
    const { ids } = model.encode(controls.prompt.value);
    clear();
    given = [...ids].map((id) => model?.vocabulary[id]).join("");
    show(true);
    go(ids);
  } catch (error) {
    trouble(error);
  }
}

function stop() {
  if (!stopWork) return;
  stopWork();
  stopWork = undefined;
  working(false);
  places.status.textContent = say("status.stopped", { count: number(written.length) });
}

/** Another character at the place that is shown, and what would have followed it. @param {number} id */
function choose(id) {
  if (!model || !written.length) return;
  const place = selected < 0 ? written.length - 1 : selected, { step } = written[place];
  const kept = written.slice(0, place);
  const p = step.probs()[id];
  written = [...kept, { step, id, text: model.vocabulary[id], bits: Math.log2(1 / p), byHand: true }];
  selected = -1;
  show(true);
  const { ids } = model.encode(given);
  go(Int32Array.from([...ids, ...written.map(({ id }) => id)]));
}

// ---- choosing a character of the text ----

/** @param {number} place */
function choosePlace(place) {
  selected = Math.min(Math.max(place, 0), written.length - 1);
  show(false);
  places.text.querySelector(".selected")?.scrollIntoView({ block: "nearest" });
}

/** @type {Record<string, (at: number) => number>} */
const keys = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => lineFrom(places.text, at, -1),
  ArrowDown: (at) => lineFrom(places.text, at, 1),
  Home: () => 0,
  End: () => written.length - 1,
};

places.text.addEventListener("click", (event) => {
  const place = placeOf(event.target);
  if (place >= 0) choosePlace(place);
});
places.text.addEventListener("keydown", (event) => {
  const move = keys[event.key];
  if (!move || !written.length || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  choosePlace(move(selected < 0 ? written.length - 1 : selected));
  const { text } = written[selected];
  places.status.textContent = `${nameOf(text)}: ${percent(written[selected].step.probs()[written[selected].id])}`;
});
places.distribution.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.id) choose(Number(button.dataset.id));
});

// ---- controls ----

controls.write.addEventListener("click", write);
controls.stop.addEventListener("click", stop);
controls.prompt.addEventListener("input", () => {
  set({ prompt: controls.prompt.value });
  showPrompt();
});
controls.prompt.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) write();
});
controls.slider.addEventListener("input", () => {
  set({ temperature: Number(controls.slider.value) });
  showTemperature();
});
controls.temperature.addEventListener("change", () => typed("temperature"));
controls.seed.addEventListener("change", () => typed("seed"));
controls.length.addEventListener("change", () => typed("length"));
controls.speed.addEventListener("change", () => set({ speed: Number(controls.speed.value) }));
controls.network.addEventListener("change", () => {
  if (!controls.network.value) return;
  set({ network: controls.network.value, prompt: null });
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

addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const files = event.dataTransfer?.files ?? [];
  if (files.length === 1) openFile(files[0]);
  else if (files.length) trouble(new Error(say("error.drop")));
});
addEventListener("hashchange", async () => {
  const before = settings;
  settings = fromHash(location.hash);
  if (settings.network !== before.network) chooseNetwork();
  await speak();
  if (settings.network !== before.network) openListed();
});

// ---- start ----

/** The first network in the page's language, unless the address names one. */
function chooseNetwork() {
  if (networks.some(({ name }) => name === settings.network)) return;
  if (settings.network) trouble(new Error(`${say("error.E_HTTP")} ${settings.network}`));
  const language = document.documentElement.lang;
  settings.network = (networks.find((listed) => listed.language === language) ?? networks[0])?.name ?? defaults.network;
}

/** Everything on the page in the language of the settings. */
async function speak() {
  await use(languages.includes(settings.language) ? settings.language : preferred());
  controls.language.setAttribute("aria-label", say("language"));
  places.text.setAttribute("aria-label", say("text.label"));
  showNetworks();
  showSettings();
  showPrompt();
  if (model) drawFacts(places.facts, facts(model));
  show(false);
}

controls.write.disabled = true;
try {
  const [response] = await Promise.all([fetch(new URL("index.json", WEIGHTS)), use(preferred())]);
  if (!response.ok) throw new RnnError("E_HTTP", `${response.url}: ${response.status}`);
  networks = await response.json();
  await use(languages.includes(settings.language) ? settings.language : preferred());
  chooseNetwork();
  await speak();
  await openListed();
} catch (error) {
  trouble(error);
}
