// SPDX-License-Identifier: MIT
//
// takeover.js - a larger network of the same text is fetched while the small one writes on. When it has come, and the text is looked at, it
// takes the text so far as its prompt: it reads it from the beginning, and writes on from there.
import { beginAlike } from "../../story/story.js";

/** @typedef {import("../../core/model.js").Model} Model */
/** @typedef {import("../contract.js").Desk} Desk */

const PARTS = 10; // how much has come is said in so many: each is read out

export class Takeover {
  #desk;
  #larger;
  #offer;
  #small;
  #name; // of the small one, in the settings
  #life = new AbortController();
  #come = 0; // PARTS
  /** @type {Model | null} it has come, and is not in use yet */
  #model = null;
  /** @type {{ model: Model, prompt: string, place: number } | null} it is in use, with that prompt: it writes from that place on */
  #since = null;

  /**
   * Begins to fetch it.
   * @param {Desk} desk @param {import("../contract.js").Larger} larger than the network in use
   * @param {{ show: () => void, press: () => void }} offer show: there is something new to say; press: tries it once more
   */
  constructor(desk, larger, offer) {
    this.#desk = desk;
    this.#larger = larger;
    this.#offer = offer;
    this.#small = desk.network.model;
    this.#name = desk.settings.now.network;
    this.#fetch();
  }

  get sentence() {
    const { say, percent } = this.#desk.words;
    if (this.#since) return say("larger.since", { place: this.#since.place, name: this.#larger.title });
    return say("larger.coming", { percent: percent(this.#come / PARTS) });
  }

  /** Does what can be done as things are now. @returns {Takeover | undefined} undefined: another network or prompt has made it pointless */
  heed() {
    const { network, prompt, settings } = this.#desk;
    if (this.#life.signal.aborted) return undefined;
    const isSmall = network.model === this.#small;
    const isSince = this.#since && (isSmall || network.model === this.#since.model) && prompt() === this.#since.prompt;
    if (this.#since ? !isSince : !isSmall) return this.free();
    if (this.#model && settings.now.view === "write" && settings.now.network === this.#name) this.#take(this.#model);
    return this;
  }

  /** @returns {undefined} */
  free() {
    this.#life.abort();
    this.#model?.free();
    this.#model = null;
  }

  async #fetch() {
    const { load, trouble } = this.#desk;
    const { signal } = this.#life;
    const onProgress = (/** @type {{ loaded: number }} */ { loaded }) => {
      const come = Math.min(PARTS, Math.floor((PARTS * loaded) / this.#larger.bytes));
      if (come === this.#come) return;
      this.#come = come;
      this.#offer.show();
    };
    try {
      const model = await load(this.#larger.name, { signal, onProgress });
      if (signal.aborted) return model.free();
      this.#model = model;
      this.#offer.show();
    } catch (error) {
      if (signal.aborted) return;
      this.free();
      this.#offer.show();
      trouble(error, this.#offer.press);
    }
  }

  /** What is written stays, if it is of the prompt that stands there. @param {Model} model */
  #take(model) {
    const { choose, prompt, writing } = this.#desk;
    const { current } = writing.story;
    const beginning = /** @type {Model} */ (this.#small).encode(prompt());
    const written = current && beginAlike(current.prompt, beginning) ? current.steps.slice(current.given) : [];
    this.#model = null; // it is the desk's from now on
    choose(this.#larger.name, prompt() + written.map(step => step.text).join(""), model);
    this.#since = { model, prompt: prompt(), place: beginning.ids.length + written.length + 1 };
  }
}
