// SPDX-License-Identifier: MIT
//
// mistakes.js - the view "Where the samples go wrong": well-known samples' mistakes, each beside the right way, both run here. Texts are
// written by the network in use or, where that reads words, by the course's.
import { buildFor } from "../../core/builds.js";
import { elementsOf, make } from "../elements.js";
import { dress } from "../shell.js";
import { Stage } from "./stage.js";
import { textCases } from "./textcases.js";
import { toyCases } from "./toycases.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("./textcases.js").Case} Case */
/** @typedef {import("../../core/model.js").Model} Model */

/**
 * @typedef {object} Entry
 * @property {Case} mistake
 * @property {HTMLDetailsElement} details
 * @property {HTMLElement} body
 * @property {Stage | null} stage null until it is opened
 * @property {(() => void) | null} draw
 */

const { alias, padding, masking, whole, unknown, loop, charrnn } = textCases;
const { overflow, markov, nucleus } = toyCases;
const CASES = [alias, padding, masking, whole, overflow, unknown, markov, loop, charrnn, nucleus];
const COURSE = "course"; // the network that writes where the one in use does not fit
const COURSE_PROMPT = "Today ";

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  const styles = ["../views/likely.css", "./lesson/mistakes.css"].map(desk.style);
  const [{ sampler }] = await Promise.all([buildFor(), desk.words.more("mistakes"), ...styles]);
  return new Mistakes(root, desk, sampler);
}

/** @implements {View} */
class Mistakes {
  /** @type {string | undefined} the mistake of the address that was opened last */
  #heeded;
  /** @type {Model | null} the course's network, while it is wanted */
  #course = null;
  #isComing = false; // the course's network
  #isFreed = false;
  #root;
  #desk;
  #sampler;
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {HTMLElement} root @param {Desk} desk @param {import("../../core/types.js").Sampler} sampler */
  constructor(root, desk, sampler) {
    this.#root = root;
    this.#desk = desk;
    this.#sampler = sampler;
    this.#build();
  }

  #build() {
    const { worded } = elementsOf(this.#desk);
    const list = make("div", { className: "cases" }, ...CASES.map((each, i) => this.#entry(each, i + 1)));
    this.#root.replaceChildren(worded("h2", "mistakes.title"), worded("p", "mistakes.intro", { className: "lead" }), list);
  }

  /** @param {Case} mistake @param {number} number */
  #entry(mistake, number) {
    const { key, sample, repository, path } = mistake;
    const { worded } = elementsOf(this.#desk);
    const title = make("span", { className: "grow" }, worded("h3", `mistakes.${key}.title`), worded("span", `mistakes.sample.${sample}`));
    const summary = make("summary", {}, make("span", { className: "number-of", textContent: String(number) }), title);
    const href = `https://github.com/${repository}/blob/HEAD/${path}`;
    const link = make("a", { href, target: "_blank", rel: "noopener", textContent: `${repository}, ${path}` });
    const body = make("div", { className: "case-body" }, worded("p", `mistakes.${key}.what`), make("p", { className: "note" }, link));
    const details = make("details", { id: this.#desk.id(`case-${key}`), className: "case" }, summary, body);
    /** @type {Entry} */
    const entry = { mistake, details, body, stage: null, draw: null };
    summary.onclick = () => this.#keep(details.open ? "" : key); // it is as it was before the press
    details.ontoggle = () => (details.open ? this.#show(entry) : entry.stage?.stop());
    this.#entries.set(key, entry);
    return details;
  }

  /** @param {string} key of the mistake that the address is to name; "": none */
  #keep(key) {
    this.#heeded = key;
    this.#desk.settings.set({ case: key });
  }

  show() {
    const wanted = this.#desk.settings.now.case;
    const entry = wanted === this.#heeded ? undefined : this.#open(wanted);
    for (const entry of this.#entries.values()) if (entry.details.open) this.#show(entry);
    entry?.details.scrollIntoView({ block: "start", behavior: "instant" }); // only now it is as high as it will be
  }

  /** @param {string} wanted */
  #open(wanted) {
    const isFirst = this.#heeded === undefined;
    this.#heeded = wanted;
    const entry = this.#entries.get(wanted);
    if (entry) entry.details.open = true;
    else if (isFirst) /** @type {HTMLDetailsElement} */ (this.#root.querySelector("details")).open = true;
    return entry;
  }

  clear() {
    for (const { stage } of this.#entries.values()) stage?.stop();
  }

  stop() {
    this.clear();
  }

  free() {
    this.#isFreed = true;
    this.stop();
    this.#course?.free();
    this.#root.replaceChildren();
  }

  // ---- what writes ----

  /**
   * The network in use where that fits; else the course's, or null while it is on its way.
   * @param {Case} mistake @returns {{ model: Model | null, name: string, prompt: string }}
   */
  #writerOf({ fits }) {
    const { network, prompt, listed, trouble } = this.#desk;
    const { model, name } = network;
    if (!model || !fits) return { model: null, name: "", prompt: "" };
    if (fits(model)) return { model, name, prompt: prompt() };
    if (!this.#course) this.#lend().catch(trouble);
    const title = listed().find(([each]) => each === COURSE)?.[1] ?? "";
    return { model: this.#course, name: title, prompt: COURSE_PROMPT };
  }

  async #lend() {
    if (this.#isComing) return;
    this.#isComing = true;
    try {
      const model = await this.#desk.load(COURSE);
      if (this.#isFreed) return model.free();
      this.#course = model;
    } finally {
      this.#isComing = false; // the next one tries again
    }
    if (this.#desk.settings.now.view === "mistakes") this.show();
  }

  // ---- a mistake ----

  /** Its stage is laid when it is opened first. @param {Entry} entry */
  #show(entry) {
    try {
      entry.draw ??= this.#lay(entry);
      entry.draw();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  /** @param {Entry} entry @returns {() => void} draws it */
  #lay(entry) {
    const { mistake, body } = entry;
    const stage = (entry.stage = new Stage(this.#desk, mistake.key, mistake));
    const show = mistake.mount(stage);
    body.append(stage.element);
    dress(body, this.#desk);
    stage.onChange = () => this.#show(entry);
    return () => {
      const { model, name, prompt } = this.#writerOf(mistake);
      stage.writer.textContent = model ? this.#desk.words.say("mistakes.network", { name }) : "";
      show({ sampler: this.#sampler, model, prompt });
    };
  }
}
