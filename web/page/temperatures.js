// SPDX-License-Identifier: MIT
//
// temperatures.js - the view "Temperatures": one prompt, several texts written together, one batch in the core.
import { short, temperatureText, tints } from "./describe.js";
import { elementsOf, make } from "./elements.js";
import { start } from "./pace.js";
import { readTemperatures } from "./settings.js";
import { Branch } from "../story/story.js";
import { writeTogether } from "../story/together.js";
import { draw as drawStreams } from "../views/columns.js";
import { draw as drawText, placeOf } from "../views/tinted.js";

/** @typedef {import("./contract.js").Desk} Desk */
/** @typedef {import("./contract.js").View} View */

/** @param {HTMLElement} root @param {Desk} desk */
export const mount = (root, desk) => new Temperatures(root, desk);

/** @implements {View} */
class Temperatures {
  /** @type {Branch[]} */
  #branches = [];
  #selected = { stream: 0, place: -1 }; // -1: the last one
  /** @type {(() => void) | null} */
  #stopWork = null;
  #root;
  #desk;
  #parts;

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
    this.clear();
  }

  #build() {
    const { id, begin } = this.#desk;
    const { button, field } = elementsOf(this.#desk);
    const note = make("p", { id: id("temperatures-note"), className: "note", ariaLive: "polite" });
    const list = make("input", { type: "text", autocomplete: "off", "aria-describedby": note.id });
    list.oninput = () => this.#keep();
    list.onkeydown = event => {
      if (event.key === "Enter") begin();
    };
    const write = button("together", begin, "main");
    const stop = button("stop", () => this.stop(), "main", "together-stop");
    const streams = make("div", { id: id("streams"), className: "streams" });
    streams.onclick = event => this.#press(event);
    this.#root.replaceChildren(field("temperatures", list), note, make("div", { className: "row wrap" }, write, stop), streams);
    return { note, list, write, stop, streams };
  }

  show() {
    const { words, settings } = this.#desk;
    const list = readTemperatures(settings.now.temperatures) ?? [];
    this.#parts.list.value = list.map(T => words.number(T, { maximumSignificantDigits: 15 })).join("  ");
    this.#keep();
    this.#draw();
  }

  begin() {
    const { network, settings, prompt, trouble } = this.#desk;
    const { model } = network;
    const list = this.#keep();
    if (!model || !list) return;
    this.clear();
    try {
      const beginning = model.encode(prompt());
      const { topK, topP, seed, length } = settings.now;
      this.#branches = list.map(temperature => new Branch(model, beginning, seed, [{ place: 0, temperature, topK, topP }]));
      this.#write(length);
    } catch (error) {
      trouble(error);
    }
  }

  stop() {
    this.#stopWork?.();
    this.#working(null);
  }

  clear() {
    this.stop();
    this.#branches = [];
    this.#selected = { stream: 0, place: -1 };
    this.#parts.write.disabled = !this.#desk.network.model;
  }

  free() {
    this.#stopWork?.();
    this.#root.replaceChildren();
  }

  /** @param {number} place */
  choosePlace(place) {
    this.#selected = { ...this.#selected, place };
    this.#draw();
  }

  /** What stands in the list becomes the setting, unless it is none: then that is said. */
  #keep() {
    const { list, note } = this.#parts;
    const temperatures = readTemperatures(list.value);
    list.toggleAttribute("aria-invalid", !temperatures);
    note.textContent = temperatures ? "" : this.#desk.words.say("streams.wrong");
    if (temperatures) this.#desk.settings.set({ temperatures: temperatures.join(",") });
    return temperatures;
  }

  /** @param {number} length */
  #write(length) {
    const { settings, status, noTrouble, trouble, words } = this.#desk;
    noTrouble();
    const stop = start({
      steps: writeTogether(this.#branches, length),
      pace: () => settings.now.speed,
      onSteps: () => {
        this.#draw();
        status(words.say("status.writing", { count: this.#branches[0].written }));
      },
      onEnd: error => {
        this.#working(null);
        this.#draw();
        if (error) trouble(error);
      },
    });
    this.#working(stop);
  }

  /** @param {(() => void) | null} stop of the work that goes on; null: none does */
  #working(stop) {
    const { write, stop: stopButton, streams } = this.#parts;
    this.#stopWork = stop;
    write.hidden = Boolean(stop);
    stopButton.hidden = !stop;
    streams.ariaBusy = String(Boolean(stop));
  }

  #draw() {
    const { words, show } = this.#desk;
    const boxes = drawStreams(
      this.#parts.streams,
      this.#branches.map(branch => ({
        name: `T = ${temperatureText(words, branch.samplingAt(0).temperature)}`,
        note: words.say("streams.note", { count: branch.written, bits: short(words, branch.score(branch.given).bits) }),
      })),
    );
    boxes.forEach((box, stream) => drawText(box, this.#textData(stream)));
    const { stream, place } = this.#selected;
    const branch = this.#branches[stream];
    show(branch ?? null, place < 0 && branch ? branch.steps.length - 1 : place, false);
  }

  /** @param {number} stream */
  #textData(stream) {
    const { tint } = this.#desk.settings.now;
    const branch = this.#branches[stream];
    const shade = tints[tint] ?? tints.surprisal;
    return {
      text: branch.steps,
      look: tint,
      count: branch.steps.length,
      textAt: (/** @type {number} */ place) => branch.steps[place].text,
      classAt: (/** @type {number} */ place) => `s${shade(branch.steps[place], branch.model.level)}${place < branch.given ? " given" : ""}`,
      selected: stream === this.#selected.stream ? this.#selected.place : -1,
      follow: Boolean(this.#stopWork),
      empty: "",
    };
  }

  /** @param {Event} event */
  #press({ target }) {
    const place = placeOf(target);
    const box = /** @type {Element} */ (target).closest(".stream");
    if (place < 0 || !box) return;
    this.#selected = { stream: [...this.#parts.streams.children].indexOf(box), place };
    this.#draw();
  }
}
