// SPDX-License-Identifier: MIT
//
// desk.js - a desk: its settings, its network, its words, and the views and panels that lie on it. A page may have several.
// What views and panels may use of it is said in contract.js.
import { Catalog, absent, readListed } from "./catalog.js";
import { prompt } from "./controls.js";
import { captionOf, explain } from "./describe.js";
import { elementsOf, fill, make, style as link } from "./elements.js";
import { Guide } from "./guide.js";
import { SettingsInUse, defaults } from "./settings.js";
import { build, dress } from "./shell.js";
import { Slot } from "./slot.js";
import { Tabs } from "./tabs.js";
import { Words, languageOf, languages } from "./words.js";
import { buildFor } from "../core/builds.js";
import { readBytes } from "../core/sources.js";
import * as why from "./text/why.js";
import * as write from "./text/write.js";
import { enliven } from "../views/tinted.js";

/** @typedef {import("./contract.js").Desk} Contract */
/** @typedef {import("./contract.js").Settings} Settings */
/** @typedef {import("../core/model.js").Model} Model */

/**
 * @typedef {object} DeskOptions
 * @property {Partial<Settings>} [settings] to begin with, where they are not the defaults
 * @property {string} [prefix] of the ids of its elements: two desks on a page have different ones
 * @property {boolean} [isPage] it is all that its page has: its settings stand in the address, a file may be dropped anywhere
 * @property {Contract["style"]} [style] where its styles go, if not into the page's head
 */

/**
 * Lays a desk into root as soon as there are words for it; setUp() takes it to other settings, free() takes it away.
 * @param {HTMLElement} root @param {DeskOptions} [options]
 * @returns {{ setUp: (changes: Partial<Settings>) => Promise<void>, free: () => void }}
 */
export function mountDesk(root, { settings = {}, prefix = "", isPage = false, style = link } = {}) {
  const life = new AbortController();
  const inUse = new SettingsInUse(settings, isPage);
  const words = new Words();
  buildFor().catch(() => {}); // it is wanted soon; who loads a network hears of what fails
  const listed = readListed(life.signal);
  listed.catch(() => {}); // the desk asks again
  /** @type {Desk | undefined} */
  let desk;
  const lay = () => {
    if (life.signal.aborted) return;
    desk = new Desk(root, { life, settings: inUse, words, listed, prefix, isPage, style });
    return desk.begun;
  };
  const begun = words.use(languageOf(inUse.now.language), life.signal).then(lay, lay); // without words it says that they did not come
  return {
    async setUp(changes) {
      await begun;
      if (!life.signal.aborted) await desk?.setUp(changes).catch(desk.trouble);
    },
    free() {
      life.abort();
      desk?.free();
    },
  };
}

/** What each draws anew. */
const OF_SAMPLING = ["temperature", "topK", "topP", "learn"];
const OF_TINT = ["tint", "unit"];
/** The views that need the panels beside them, and those that write with the prompt; any other one has the page to itself. */
const WITH_PANEL = ["write", "score"];
const WITH_PROMPT = ["write", "temperatures"];
const WEIGHTS = /\.(safetensors|checkpoint)$/i; // names of files that hold no text
/** The views that need no network of the desk: they have their own. */
const OWN = ["patterns", "counting", "hello"];

/** @implements {Contract} */
class Desk {
  /** @type {import("./contract.js").Desk["network"]} */
  network = { model: null, name: "", trainingText: "", about: "" };
  /** @type {import("./contract.js").Shown | null} */
  shown = null;
  #root;
  #isPage;
  #shell;
  #catalog;
  #prompt;
  #guide;
  #views;
  #panels;
  #folded;
  /** @type {import("./newcomers.js").Newcomers | undefined} fetched when the first text comes */
  #newcomers;
  #life;
  #title = document.title; // of the page, without a mark
  /** @type {URL | File | null} of the network in use */
  #source = null;
  #used = ""; // name of the last network of the catalog that was loaded
  #wanted = ""; // and of the last one that was to be

  /**
   * @param {HTMLElement} root
   * @param {Required<Omit<DeskOptions, "settings">> & { life: AbortController, settings: SettingsInUse, words: Words,
   *   listed: Promise<import("./catalog.js").Listed[]> }} given
   */
  constructor(root, { life, settings, words, listed, prefix, isPage, style }) {
    this.#root = root;
    this.#isPage = isPage;
    this.#life = life;
    this.id = (/** @type {string} */ name) => prefix + name;
    this.settings = settings;
    this.words = words;
    this.style = style;
    this.#shell = build(root, this, isPage);
    this.#catalog = new Catalog(this, this.#shell.network, listed, this.#shell.trouble, life.signal);
    this.#prompt = prompt(this, this.#catalog);
    this.#guide = new Guide(this, this.#shell.guide);
    this.#shell.notices.after(this.#prompt.element);
    this.#views = this.#layViews();
    this.#panels = this.#layPanels();
    const late = (/** @type {HTMLElement} */ at, /** @type {() => Promise<any>} */ load) => new Slot(at, this, this.#late(load));
    this.#folded = [late(this.#shell.more, () => import("./more.js")), late(this.#shell.share, () => import("./takeaway.js"))];
    this.#listen();
    this.begun = this.#start().catch(this.trouble);
  }

  /** What is fetched late comes with its words and styles. @template T @param {() => Promise<T>} load @returns {() => Promise<T>} */
  #late(load) {
    return async () => (await Promise.all([load(), this.words.more(), this.style("./late.css")]))[0];
  }

  /** @returns {Tabs} */
  #layViews() {
    const tabs = {
      write: { key: "view.write", fetch: async () => write },
      temperatures: { key: "view.temperatures", fetch: this.#late(() => import("./text/temperatures.js")) },
      score: { key: "view.score", fetch: this.#late(() => import("./text/score.js")) },
      train: { key: "view.train", fetch: this.#late(() => import("./train/train.js")) },
      patterns: { key: "view.patterns", fetch: () => import("./patterns/fivepatterns.js") },
      lesson: { key: "view.lesson", fetch: () => import("./lesson/lesson.js") },
      mistakes: { under: "lesson", fetch: () => import("./lesson/mistakes.js") },
      counting: { under: "lesson", fetch: () => import("./lesson/counting.js") },
      hello: { under: "lesson", fetch: () => import("./lesson/hello.js") },
    };
    const choose = (/** @type {string} */ view) => this.go(view);
    return new Tabs(this, "view", tabs, { list: this.#shell.views, before: this.#prompt.element, choose });
  }

  /** @returns {Tabs} */
  #layPanels() {
    const tabs = {
      why: { key: "why.title", fetch: async () => why },
      chain: { key: "chain.title", fetch: this.#late(() => import("./text/chain.js")) },
      cell: { key: "cell.title", fetch: this.#late(() => import("./text/cell.js")) },
      branches: { key: "branch.title", fetch: this.#late(() => import("./text/branches.js")) },
      guess: { key: "guess.title", fetch: this.#late(() => import("./text/yourguess.js")) },
    };
    const choose = (/** @type {string} */ panel) => {
      this.settings.set({ panel });
      this.#showTabs();
    };
    return new Tabs(this, "panel", tabs, { list: this.#shell.panels, before: this.#shell.panels, choose });
  }

  /** An address that names a stop, but no network and no view, is the stop's in all that it does not say. */
  async #takeStop() {
    const { guide, network, view } = this.settings.now;
    if (!guide || network || view !== defaults.view) return;
    const { settingsOf } = await import("./lesson/stops.js");
    this.#life.signal.throwIfAborted();
    this.settings.complete(settingsOf(guide));
  }

  async #start() {
    await this.#takeStop().catch(this.trouble);
    this.#showTabs();
    await this.#views.slots.get("write")?.open(); // panels, the guide and the height need it, whatever one begins with
    const { signal } = this.#life;
    if (this.#isPage && this.settings.now.layout === "embed")
      import("./frame.js").then(({ tellHeight }) => tellHeight(this.#root, signal)).catch(this.trouble);
    await this.words.use(languageOf(this.settings.now.language), signal);
    const failed = await this.#catalog.read(signal).then(
      () => null,
      error => ({ error }),
    );
    if (!failed) this.#catalog.choose();
    await this.#speak();
    if (failed) this.trouble(failed.error, () => this.#start().catch(this.trouble), "error.nolist");
    else await this.#openListed();
    await this.#catalog.look();
  }

  free() {
    this.#catalog.free();
    this.settings.free();
    this.#prompt.free();
    this.#guide.free();
    for (const each of [this.#views, this.#panels, ...this.#folded]) each.free();
    this.network.model?.free();
    this.network.model = null;
    this.#root.replaceChildren();
    for (const name of ["lang", "class", "dir", "data-view", "data-by"]) this.#root.removeAttribute(name);
  }

  // ---- what it says ----

  /** @param {string} sentence */
  status = sentence => {
    this.#shell.status.textContent = sentence;
  };

  /** @param {string} view @param {string} sign */
  mark = (view, sign) => {
    this.#views.mark(view, sign);
    if (this.#isPage) document.title = sign ? `${sign} · ${this.#title}` : this.#title;
  };

  /** @param {string} text */
  speak = text => {
    this.#shell.spoken.textContent = text;
  };

  /**
   * @param {unknown} error @param {() => void} [again] offered as a button: does once more what failed
   * @param {string} [otherwise] key of what else one may do
   */
  trouble = (error, again, otherwise = "") => {
    if (this.#life.signal.aborted) return;
    const { trouble } = this.#shell;
    const { say } = this.words;
    const sentences = make("span");
    trouble.replaceChildren(sentences);
    explain(this.words, error, sentences, said => {
      const { model, name } = this.network;
      return `${say("error.title")} ${said} ${say(model ? "error.kept" : otherwise, { name })}`.trim();
    });
    if (again) trouble.append(" ", elementsOf(this).button("again", again));
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "nearest", behavior: "instant" });
  };

  noTrouble = () => {
    this.#shell.trouble.replaceChildren();
    this.#shell.trouble.hidden = true;
  };

  /** Everything in the language of the settings, and as they say. */
  async #speak() {
    const { words, settings } = this;
    const { signal } = this.#life;
    await words.use(languageOf(settings.now.language), signal);
    signal.throwIfAborted();
    this.#root.lang = words.language;
    this.#root.dir = words.say("language.direction");
    if (this.#isPage) document.documentElement.lang = words.language;
    dress(this.#root, this);
    fill(this.#shell.language, Object.entries(languages), words.language);
    this.#catalog.show();
    for (const control of [this.#prompt, this.#guide, this.#newcomers]) control?.show();
    this.showFolded();
    this.#showView();
  }

  // ---- views and panels ----

  /** The slot of the view in use. */
  get #view() {
    return this.#views.slots.get(this.settings.now.view);
  }

  get writing() {
    return /** @type {write.Write} */ (this.#views.slots.get("write")?.view);
  }

  prompt = () => this.#prompt.box.value;

  view = async () => this.#view?.open();

  /** Has the view in use do what its main button does. */
  begin = async () => {
    try {
      let slot;
      let view;
      do {
        slot = this.#view;
        view = await slot?.open();
      } while (slot !== this.#view); // another one was taken while this one came
      if (!this.#life.signal.aborted) await view?.begin?.();
    } catch (error) {
      this.trouble(error);
    }
  };

  /** @param {Partial<Settings>} changes */
  change = changes => {
    const has = (/** @type {string[]} */ names) => names.some(name => name in changes);
    this.settings.set(has(["seed", "prompt"]) ? { ...changes, path: "", at: -1 } : changes);
    if (has(OF_SAMPLING)) this.writing.samplingChanged();
    if (has(["prompt"])) this.writing.promptChanged();
    if (has(OF_TINT)) this.showFolded();
    if (has([...OF_SAMPLING, ...OF_TINT])) this.#showView();
  };

  /** @type {import("./contract.js").Desk["show"]} */
  show = (branch, place, canChoose) => {
    this.shown = branch && place >= 0 ? { branch, place, canChoose } : null;
    this.#showPanel();
  };

  /** @param {number} place */
  choosePlace = place => this.#view?.view?.choosePlace?.(place);

  /** @param {string} view */
  go = view => {
    if (view === this.settings.now.view) return;
    this.#turn({ view });
  };

  /** Has something looked at, as a step of the history. @param {Partial<Settings>} changes */
  #turn(changes) {
    this.settings.step(changes);
    this.status("");
    this.#showTabs();
    this.#showView();
    if (this.#wanted !== this.settings.now.network) this.#openListed().catch(this.trouble);
  }

  #showTabs() {
    const { view, panel } = this.settings.now;
    this.#views.select(view);
    this.#panels.select(panel);
    this.#prompt.element.hidden = !WITH_PROMPT.includes(view);
    this.#shell.why.hidden = !WITH_PANEL.includes(view);
    this.#root.dataset.view = view;
    this.#showPanel();
  }

  #showView() {
    const { view } = this.settings.now;
    return this.#view?.show(() => view === this.settings.now.view);
  }

  #showPanel() {
    const { panel } = this.settings.now;
    if (this.#shell.why.hidden) return;
    this.#panels.slots.get(panel)?.show(() => panel === this.settings.now.panel);
  }

  /** What is folded away is fetched when it is opened. */
  showFolded = () => {
    for (const slot of this.#folded) if (foldOf(slot).open) slot.show();
  };

  // ---- the network ----

  listed = () => this.#catalog.titles();

  otherFor = (/** @type {string} */ text) => this.#catalog.otherFor(text);

  larger = () => (this.#used === this.settings.now.network ? this.#catalog.larger() : undefined);

  /** @type {Contract["load"]} */
  load = (name, options) => this.#catalog.lend(name, options);

  file = () => readBytes(/** @type {URL | File} */ (this.#source));

  own = () => this.#catalog.own();
  ownIfKept = () => this.#catalog.look();

  /** The network of the settings; if it cannot be had, the settings go back to the one in use. @param {Model} [loaded] it is here */
  async #openListed(loaded) {
    const { settings } = this;
    const { network, prompt, view } = settings.now;
    const { signal } = this.#life;
    if (OWN.includes(view)) return this.#beginAgain();
    this.#wanted = network;
    const listed = await this.#catalog.source();
    if (!listed || network !== this.#wanted || signal.aborted) return loaded?.free();
    const again = () => {
      settings.set({ network, prompt });
      this.#catalog.show();
      this.#openListed().catch(this.trouble);
    };
    const opened = await this.#open(listed.source, listed.title, again, loaded);
    if (opened) {
      this.#used = network;
      this.network.trainingText = listed.text;
      this.network.about = listed.about ?? "";
      this.#catalog.show();
      this.#prompt.show();
      await this.#beginAgain();
      const { missing } = this.#catalog;
      this.#catalog.missing = "";
      if (missing) this.trouble(absent(missing));
    } else if (opened === false && this.#used) {
      settings.set({ network: (this.#wanted = this.#used) });
      this.#catalog.show();
      this.#prompt.show();
      this.#showView();
    }
  }

  openFile = async (/** @type {File[]} */ ...files) => {
    const mayBeTexts = !files.some(({ name }) => WEIGHTS.test(name));
    if (files.length && mayBeTexts && (await this.#offer(files))) return;
    if (files.length !== 1) this.trouble(new Error(this.words.say("error.drop")));
    else await this.#openOwn(files[0]);
  };

  /** Offers to learn from texts; false: they are none. @param {File[]} files */
  async #offer(files) {
    const { Newcomers } = await import("./newcomers.js");
    this.#newcomers ??= new Newcomers(this, this.#shell.notices);
    return this.#newcomers.offer(files);
  }

  /** @param {Uint8Array} bytes @param {string} name @param {string} prompt @param {string} text */
  useNetwork = async (bytes, name, prompt, text) => {
    this.#turn({ prompt, path: "", at: -1, view: "write" });
    this.#prompt.show();
    await this.#openOwn(new File([/** @type {BlobPart} */ (bytes)], name), { from: "trained", text });
  };

  /** @param {File} file @param {import("./own/ownnetworks.js").About} [about] */
  async #openOwn(file, about = {}) {
    if (!(await this.#open(file, file.name))) return;
    const { model } = this.network;
    const own = await this.#catalog.own().catch(this.trouble);
    if (this.#life.signal.aborted) return;
    await own?.keepInUse(file, about);
    if (model !== this.network.model) return; // another one was chosen meanwhile, or the desk is no more
    this.#used = this.#wanted = this.settings.now.network;
    this.#prompt.show();
    if (OWN.includes(this.settings.now.view)) this.go("write");
    await this.#beginAgain();
  }

  /**
   * Takes a network into use; the one before stays until then.
   * @param {URL | File} source @param {string} name @param {() => void} [again] tries it once more @param {Model} [loaded]
   * @returns {Promise<boolean | undefined>} whether it is in use now; undefined: a later request took its place
   */
  async #open(source, name, again, loaded) {
    try {
      if (loaded) this.#catalog.stop();
      const model = loaded ?? (await this.#catalog.load(source, name));
      if (model) this.#use(model, name, source);
      return model && true;
    } catch (error) {
      this.status("");
      if (source instanceof File && (await this.#answers(source))) return undefined;
      if (this.#life.signal.aborted) return undefined;
      this.trouble(error, again);
      this.#prompt.tell();
      return false;
    }
  }

  /** Shows a network that answers in its own view; false: it is none. @param {File} file */
  async #answers(file) {
    const view = await this.#views.slots.get("patterns")?.open();
    if (!(await view?.openFile?.(file)) || this.#life.signal.aborted) return false;
    this.noTrouble();
    this.go("patterns");
    return true;
  }

  /** @param {Model} model @param {string} name @param {URL | File} source */
  #use(model, name, source) {
    this.#source = source;
    const before = this.network.model;
    Object.assign(this.network, { model, name, trainingText: "", about: "" });
    const hasOtherWords = this.words.level !== model.level;
    this.words.level = model.level;
    this.#clear();
    before?.free();
    if (hasOtherWords) dress(this.#root, this);
    this.#prompt.tell();
    this.showFolded();
    this.noTrouble();
    this.status(WITH_PROMPT.includes(this.settings.now.view) ? this.words.say("network.ready", { name }) : "");
  }

  #clear() {
    for (const { view } of this.#views.slots.values()) view?.clear?.();
    this.#showView();
  }

  /** Something good without a press: what the view does, it does at once. */
  async #beginAgain() {
    this.#showTabs();
    if (this.settings.now.view !== "score" || this.settings.now.text) await this.begin();
    const names = this.settings.tooLong.splice(0).join(", "); // it is told once
    if (!names) return;
    await this.words.more();
    this.trouble(new Error(this.words.say("address.long", { names })));
  }

  /** @param {Partial<Settings>} changes */
  setUp = async changes => {
    const { language, layout, hide, lock, speed, suggest, network } = this.settings.now;
    this.#clear();
    this.settings.step({ ...defaults, language, layout, hide, lock, speed, suggest, ...changes });
    if (!this.#catalog.has(this.settings.now.network)) this.settings.set({ network });
    await this.#speak();
    if (this.#wanted !== this.settings.now.network) await this.#openListed();
    else await this.#beginAgain();
  };

  /** @param {string} key */
  visitStop = key => {
    const visit = async () => {
      const { settingsOf } = await import("./lesson/stops.js");
      await this.setUp({ ...settingsOf(key), guide: key });
    };
    visit().catch(this.trouble);
  };

  showGuide = () => this.#guide.show();

  // ---- what the reader does ----

  #listen() {
    const { network, language } = this.#shell;
    const { signal } = this.#life;
    const area = this.#isPage ? window : this.#root;
    network.onchange = () => this.choose(network.value, null);
    language.onchange = () => {
      this.settings.set({ language: language.value });
      this.#speak().catch(this.trouble);
    };
    for (const slot of this.#folded) foldOf(slot).ontoggle = () => this.showFolded();
    this.#root.addEventListener("copy", copyPlain, { signal });
    addEventListener("beforeprint", () => this.#layForPaper(), { signal });
    for (const type of ["dragover", "drop"]) area.addEventListener(type, event => this.#drop(/** @type {DragEvent} */ (event)), { signal });
    if (!this.#isPage) return;
    addEventListener("hashchange", () => this.#heedAddress().catch(this.trouble), { signal });
    addEventListener("pagehide", () => this.settings.flush(), { signal });
  }

  /** @type {Contract["choose"]} */
  choose = (network, prompt, model) => {
    this.settings.step({ network, prompt, path: "", at: -1 });
    this.#prompt.show();
    this.#openListed(model).catch(this.trouble);
  };

  /** @param {DragEvent} event over it, too; a dragged selection is the browser's to drop */
  #drop(event) {
    const { types, files } = /** @type {DataTransfer} */ (event.dataTransfer);
    if (!types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "dragover") return;
    this.openFile(...files).catch(this.trouble);
  }

  /** Paper shows the whole texts, and below them what wrote each. */
  #layForPaper() {
    const texts = this.#view?.view?.texts?.() ?? [];
    this.#root.dataset.by = texts.map(captionOf).join("\n");
    this.#root.querySelectorAll(".page").forEach(enliven);
  }

  async #heedAddress() {
    const { network } = this.settings.now;
    if (!this.settings.readAddress()) return;
    await this.#takeStop();
    this.#catalog.choose();
    await this.#speak();
    if (this.settings.now.network !== network) await this.#openListed();
    else await this.#beginAgain();
  }
}

/** What is opened to see it. @param {Slot} slot */
const foldOf = slot => /** @type {HTMLDetailsElement} */ (slot.root.closest("details"));

/** What is copied of a text is without the line ends of its chunks. @param {ClipboardEvent} event */
function copyPlain(event) {
  const selection = getSelection();
  const inText = /** @type {Element} */ (event.target).closest(".page");
  if (!inText || selection?.type !== "Range") return;
  const shadowRoots = event.composedPath().filter(each => each instanceof ShadowRoot);
  const [part] = selection.getComposedRanges?.({ shadowRoots }) ?? [selection.getRangeAt(0)];
  const range = document.createRange();
  range.setStart(part.startContainer, part.startOffset);
  range.setEnd(part.endContainer, part.endOffset);
  if (range.collapsed) return; // in a shadow root an old browser does not say what is selected
  event.clipboardData?.setData("text/plain", range.toString());
  event.preventDefault();
}
