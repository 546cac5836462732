// SPDX-License-Identifier: MIT
//
// write.js - the view "Write": one text that grows, its branches, and what one does with it.
import { temperature } from "../controls.js";
import { asLearnt, nameOf, tints } from "../describe.js";
import { Pointer, arrow, elementsOf, make, showOne } from "../elements.js";
import { start } from "../pace.js";
import { defaults, eventOf, samplingOf } from "../settings.js";
import { larger } from "./larger.js";
import { Branch, Parting, Story, beginAlike, eventsFromText, eventsToText, mostSteps } from "../../story/story.js";
import { draw as drawText, follow as keepEnd, lineFrom, placeOf, reveal } from "../../views/tinted.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../contract.js").View} View */
/** @typedef {import("../../story/story.js").Event} Event */

const SPOKEN_PACE = 60; // characters a second: what comes faster is not read out
const PIECE = { least: 40, most: 200 }; // characters of a sentence that is read out
const TYPING = 300; // milliseconds without a key: then a changed prompt is taken up
const KNOWN = "nextchar pressed"; // what the browser keeps once the reader knows that characters can be pressed

/** @param {HTMLElement} root @param {Desk} desk */
export const mount = (root, desk) => new Write(root, desk);

/** @implements {View} */
export class Write {
  story = new Story();
  /** @type {Branch | null} the text that lies beside */
  beside = null;
  #root;
  #desk;
  #parts;
  #temperature;
  #larger;
  #selected = -1; // a place of the whole text; -1: the last one
  #marked = -1; // the place that is shown: while much is written it comes behind the last one now and then
  /** @type {(() => void) | null} */
  #stopWork = null;
  #wanted = 0; // characters that are to be written
  /** @type {Branch | null} the text before its temperature was moved: where the two part is marked */
  #before = null;
  /** @type {Parting | null} of the text and the one that it is compared with */
  #parting = null;
  #isStale = false; // the temperature was moved while another view was looked at
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {import("./loop.js").Loop | null} fetched when a text is greedy */
  #loop = null;
  /** @type {Promise<void> | undefined} */
  #loopComing;
  /** @type {typeof import("./parted.js").noteOf | null} fetched when a text is laid beside */
  #noteOf = null;
  /** @type {typeof import("../../story/adapted.js").Readers | null} fetched when the network is to learn a prompt */
  #Readers = null;
  /** @type {import("../../story/adapted.js").Readers | null} of the prompt in use */
  #readers = null;
  /** @type {import("./shades.js").Shades | null} fetched when a tint wants it */
  #shades = null;
  #unsaid = "";
  #pointer = new Pointer();

  /** @param {HTMLElement} root @param {Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#temperature = temperature(desk);
    this.#larger = larger(desk);
    this.#parts = this.#build();
    this.#listen(this.#parts.text);
  }

  #build() {
    const { id, settings, begin } = this.#desk;
    const { button, worded } = elementsOf(this.#desk);
    const pageOf = (/** @type {string} */ name, /** @type {Record<string, string>} */ more) =>
      make("div", { id: id(name), className: "page", tabIndex: 0, role: "group", dir: "auto", ...more });
    /** A button that is a sign: its words are its label. */
    const sign = (/** @type {string} */ name, /** @type {string} */ textContent, /** @type {() => void} */ onclick) =>
      make("button", { id: id(name), type: "button", "data-label": name, textContent, onclick });
    const write = button("write", begin, "main");
    const stop = button("stop", () => this.stop(), "main");
    const dice = make(
      "span",
      { "data-part": "dice" },
      sign("dice", "", () => this.#throwAnew()),
    );
    const goOn = button("goon", () => this.goOn(settings.now.length || defaults.length), "", "go-on");
    const one = sign("one", "+1", () => this.goOn(1));
    const undo = sign("undo", "↶", () => this.#back("undo"));
    const redo = sign("redo", "↷", () => this.#back("redo"));
    const text = pageOf("text", { "data-label": "text.label" });
    const besideNote = make("p", { id: id("beside-note"), className: "notice", role: "status", hidden: true });
    const beside = pageOf("beside-text", { "data-label": "beside.label", hidden: "true" });
    const loop = make("div", { id: id("loop"), className: "notice", role: "status", hidden: true });
    const copies = make("div", { id: id("copies"), hidden: true });
    const hint = worded("p", "text.hint", { id: id("hint"), className: "note hint", hidden: true });
    setTimeout(() => (hint.hidden = isKnown())); // the browser's store may take long to answer: the network is asked for first
    write.disabled = stop.hidden = true;
    const ways = make("span", { className: "pair-of", "data-part": "branches" }, undo, redo);
    this.#root.replaceChildren(
      make("div", { className: "drive" }, this.#temperature.element, dice, write, stop),
      make("div", { className: "texts" }, text, beside),
      make("div", { className: "notes" }, hint, this.#larger.element, besideNote, loop, copies),
      make("div", { id: id("actions"), className: "row acts" }, goOn, one, ways),
    );
    return { write, stop, goOn, one, undo, redo, text, beside, besideNote, loop, copies, hint };
  }

  // ---- as a view ----

  show() {
    this.#temperature.show();
    this.#larger.show();
    if (this.#isStale) this.samplingChanged();
    else this.#draw();
  }

  stop() {
    clearTimeout(this.#typing);
    if (!this.#stopWork) return;
    this.#end();
    this.#tell("", true);
    const { status, words } = this.#desk;
    if (this.story.current) status(words.say("status.stopped", { count: this.story.current.written }));
    this.#draw();
  }

  free() {
    this.#end();
    clearTimeout(this.#typing);
    this.#shades?.free();
    this.#readers?.free();
    this.#larger.free();
    this.#root.replaceChildren();
  }

  /** Forgets the texts, as another network or prompt makes them meaningless. */
  clear() {
    this.#end();
    this.story = new Story();
    this.beside = this.#before = null;
    this.#isStale = false;
    this.#loop?.seek(null);
    this.#shades?.free();
    this.#readers?.free();
    this.#shades = this.#readers = null;
    this.#selected = -1;
    this.#parts.write.disabled = !this.#desk.network.model;
    this.#larger.show();
  }

  /** Writes the text of the settings: prompt, seed, and what was chosen on the way. */
  begin() {
    const { network, settings, prompt, trouble } = this.#desk;
    const { model } = network;
    const { seed, path, length, at } = settings.now;
    clearTimeout(this.#typing);
    if (!model) return;
    try {
      const chosen = path ? eventsFromText(path, model.outputs) : [eventOf(settings.now)];
      if (chosen.some(({ learn }) => learn) && !this.#Readers) return this.#fetchReaders();
      const beginning = model.encode(prompt());
      const known = this.story.current?.model === model && beginAlike(this.story.current.prompt, beginning);
      if (!known) this.clear();
      const before = this.story.current?.seed === seed ? this.story.current : null;
      const same = before && eventsToText(before.events) === eventsToText(chosen) && before.written >= length;
      if (this.#Readers) this.#readers ??= new this.#Readers();
      const branch = new Branch(model, beginning, seed, chosen, null, 0, this.#readers);
      this.stop();
      if (same) this.story.drop(before);
      this.#go(branch);
      this.#showSampling(branch);
      this.#run(branch, length, at);
    } catch (error) {
      trouble(error);
    }
  }

  async #fetchReaders() {
    const { story } = this;
    const { settings } = this.#desk;
    try {
      const [{ Readers }] = await Promise.all([import("../../story/adapted.js"), this.#desk.words.more("learn")]);
      this.#Readers = Readers;
      if (this.story === story && settings.now.view === "write") this.begin();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  /** @param {number} place */
  choosePlace(place) {
    const count = this.story.current?.steps.length ?? 0;
    this.#selected = Math.min(Math.max(place, 0), count - 1);
    this.#draw();
    reveal(this.#parts.text, this.#selected);
  }

  texts() {
    const marks = { parted: -1, place: -1, follow: false, circle: null };
    const { name } = this.#desk.network;
    return [this.story.current, this.beside].flatMap(branch => (branch ? { branch, name, data: this.#textData(branch, marks) } : []));
  }

  /** Whether it reads or writes at this moment. */
  get isWorking() {
    return Boolean(this.#stopWork);
  }

  // ---- what is shown ----

  get #place() {
    return this.#selected < 0 ? (this.story.current?.steps.length ?? 0) - 1 : this.#selected;
  }

  /**
   * All is written first: to follow the end takes a layout, and so a frame has one.
   * @param {{ follow?: boolean, isWhole?: boolean }} [how] isWhole: not only what grows
   */
  #draw({ follow = false, isWhole = true } = {}) {
    const { text, beside } = this.#parts;
    const { current: branch } = this.story;
    if (isWhole) this.#marked = this.#place;
    const parted = this.#seekParting();
    drawText(text, this.#textData(branch, { parted, place: this.#marked, circle: this.#loop?.circle ?? null }));
    if (this.beside) drawText(beside, this.#textData(this.beside, { parted, place: parted, circle: null }));
    if (isWhole) this.#drawAround(branch, parted);
    if (!follow) return;
    keepEnd(text);
    if (this.beside) keepEnd(beside);
  }

  /** @param {Branch | null} branch @param {number} parted */
  #drawAround(branch, parted) {
    const { beside, besideNote, undo, redo, goOn, one, copies } = this.#parts;
    beside.hidden = besideNote.hidden = !this.beside;
    if (this.beside) besideNote.textContent = (branch && this.#noteOf?.(this.#desk.words, branch, this.beside, parted)) ?? "";
    undo.disabled = !this.story.canUndo;
    redo.disabled = !this.story.canRedo;
    goOn.disabled = one.disabled = !branch;
    copies.hidden = this.#desk.settings.now.tint !== "copied";
    this.#loop?.show(branch, this.isWorking);
    this.#desk.show(branch, this.#marked, Boolean(branch && this.#marked >= branch.given));
  }

  /** Where the text parts from the one beside it or before it; -1: nowhere yet. */
  #seekParting() {
    const { current: branch } = this.story;
    const other = this.beside ?? this.#before;
    if (!branch || !other) return -1;
    const isKnown = this.#parting?.a === branch && this.#parting.b === other;
    const parting = isKnown && this.#parting ? this.#parting : new Parting(branch, other);
    this.#parting = parting;
    return parting.place;
  }

  /** @typedef {{ parted: number, place: number, circle: { from: number, period: number } | null }} Marks */

  /** @param {Branch | null} branch @param {Marks} marks */
  #textData(branch, marks) {
    const { parted, place, circle } = marks;
    const { tint, unit } = this.#desk.settings.now;
    const shades = branch && this.#shadesOf(branch);
    return {
      text: branch?.steps ?? null,
      look: [tint, unit, shades?.count, circle?.from, circle?.period, parted].join(),
      count: branch?.steps.length ?? 0,
      textAt: (/** @type {number} */ i) => /** @type {Branch} */ (branch).steps[i].text,
      classAt: this.#looksOf(/** @type {Branch} */ (branch), shades, marks),
      selected: place,
      given: branch?.given ?? 0,
      empty: this.#desk.words.say("text.empty"),
    };
  }

  /** @param {Branch} branch @param {import("./shades.js").Known | null} shades @param {Marks} marks */
  #looksOf(branch, shades, { circle, parted }) {
    const shade = tints[this.#desk.settings.now.tint] ?? (() => 0);
    return (/** @type {number} */ place) => {
      const step = branch.steps[place];
      const names = [shades ? shades.classAt(place) : `s${shade(step, branch.model.level)}`];
      if (place < branch.given) names.push("given");
      else if (step.u === null) names.push("hand");
      if (circle && place >= circle.from) names.push((place - circle.from) % circle.period ? "loop" : "loop turn");
      if (place === parted) names.push("parted");
      return names.join(" ");
    };
  }

  /** Where the tint takes more than the steps: what is known of it; null: nothing yet, or it takes no more. @param {Branch} branch */
  #shadesOf(branch) {
    const { tint, unit } = this.#desk.settings.now;
    if (tint !== "unit" && tint !== "copied") return null;
    if (!this.#shades) this.#fetchShades();
    return this.#shades?.of(branch, tint, unit) ?? null;
  }

  async #fetchShades() {
    const { story } = this;
    try {
      const [{ Shades }] = await Promise.all([import("./shades.js"), this.#desk.words.more()]);
      if (this.#shades || this.story !== story) return;
      this.#shades = new Shades(this.#parts.copies, this.#desk, () => this.#drawAgain());
      this.#drawAgain();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  /** More is known of what is shown. */
  #drawAgain() {
    if (this.#desk.settings.now.view === "write") this.#draw({ follow: this.#selected < 0 && this.isWorking });
  }

  // ---- writing ----

  /** @param {(() => void) | null} stop of the work that goes on; null: none does */
  #working(stop) {
    const { write, stop: stopButton, text } = this.#parts;
    this.#stopWork = stop;
    text.ariaBusy = String(Boolean(stop));
    if (stop) showOne(stopButton, write);
    else showOne(write, stopButton);
  }

  #end() {
    this.#stopWork?.();
    this.#working(null);
  }

  /** @param {unknown} error */
  #failed(error) {
    this.#working(null);
    this.#desk.trouble(error);
  }

  /**
   * Reads what is not read, then writes until so many characters are there.
   * @param {Branch} branch @param {number} length @param {number} [showAt] place to show at the end
   * @param {number} [known] characters that were there already, of a text like this: so many come at once
   */
  #run(branch, length, showAt = -1, known = 0) {
    const { status, noTrouble, words } = this.#desk;
    this.#stopWork?.();
    this.#wanted = length;
    noTrouble();
    this.#loop?.seek(null);
    const stop = start({
      steps: branch.read(),
      onSteps: (_, isWhole) => {
        const percent = words.percent(branch.steps.length / branch.given);
        const isRead = branch.steps.length >= branch.given;
        status(isRead ? words.say("status.writing", { count: 0 }) : words.say("status.reading", { percent }));
        this.#draw({ follow: true, isWhole: isWhole && !isRead }); // what is written draws the rest
      },
      onEnd: error => (error ? this.#failed(error) : this.#write(branch, length, showAt, known)),
    });
    this.#working(stop);
  }

  /** @param {Branch} branch that is read @param {number} length @param {number} showAt @param {number} known */
  #write(branch, length, showAt, known) {
    const { settings } = this.#desk;
    const most = Math.min(length, mostSteps(branch.model) - branch.given);
    const began = performance.now();
    const before = branch.written;
    const sayRate = () => this.#sayRate(branch.written, branch.written - before, (performance.now() - began) / 1000);
    const stop = start({
      steps: branch.write(() => most),
      pace: () => (branch.written < known ? 0 : settings.now.speed),
      onSteps: (steps, isWhole) => {
        this.#seekLoop(branch);
        this.#tell(steps.map(step => step.text).join(""));
        if (isWhole) sayRate();
        this.#draw({ follow: this.#selected < 0 && branch.written > known, isWhole });
      },
      onEnd: async error => {
        if (error) return this.#failed(error);
        if (branch.written > before) sayRate();
        await this.#loopComing; // it is done when all is shown
        if (this.#stopWork !== stop) return;
        this.#working(null);
        this.#written(branch, showAt);
      },
    });
    this.#stopWork = stop;
  }

  /** @param {number} written @param {number} now of them in this run @param {number} seconds */
  #sayRate(written, now, seconds) {
    const { settings, status, words } = this.#desk;
    const { say, number } = words;
    const rate = number(Math.round(now / seconds), { maximumSignificantDigits: 2 });
    status(say(settings.now.speed ? "status.writing" : "status.rate", { count: written, rate }));
  }

  /** @param {Branch} branch @param {number} showAt */
  #written(branch, showAt) {
    const { settings, status, words } = this.#desk;
    this.#tell("", true);
    if (settings.now.speed) status(words.say("status.done", { count: branch.written }));
    if (showAt >= 0 && showAt < branch.steps.length) this.choosePlace(showAt);
    else this.#draw();
    const parted = this.#before ? this.#seekParting() : -1;
    if (parted >= 0) reveal(this.#parts.text, parted); // what one has moved the temperature for
  }

  /** What is written is read out in pieces of a sentence's size. @param {string} text @param {boolean} [isEnd] */
  #tell(text, isEnd = false) {
    const { speed } = this.#desk.settings.now;
    this.#unsaid += text;
    const isSlow = speed > 0 && speed <= SPOKEN_PACE;
    const isWhole = () => this.#unsaid.length >= PIECE.least && /[.!?…\n]\s*$/.test(this.#unsaid);
    if (!isSlow) this.#unsaid = "";
    else if (isEnd || this.#unsaid.length >= PIECE.most || isWhole()) {
      this.#desk.speak(this.#unsaid);
      this.#unsaid = "";
    }
  }

  /** @param {Branch} branch */
  #seekLoop(branch) {
    const greedy = branch === this.story.current && branch.samplingAt(branch.written).temperature === 0;
    if (greedy && !this.#loop) this.#loopComing ??= this.#fetchLoop();
    this.#loop?.seek(greedy ? branch : null);
  }

  async #fetchLoop() {
    try {
      const [{ Loop }] = await Promise.all([import("./loop.js"), this.#desk.words.more()]);
      this.#loop = new Loop(this.#parts.loop, this.#desk, (place, event) => this.#branchOff(place, event));
    } catch (error) {
      this.#loopComing = undefined;
      return this.#desk.trouble(error);
    }
    if (!this.story.current) return;
    this.#seekLoop(this.story.current);
    this.#draw();
  }

  /** @param {number} more characters */
  goOn(more) {
    const branch = this.story.current;
    if (!branch) return;
    this.#selected = -1;
    this.#run(branch, branch.written + more);
  }

  // ---- what the reader changes ----

  /** Another temperature or cut: the same dice write the text anew, at once as far as it was, and where it parts is marked. */
  samplingChanged() {
    const { settings } = this.#desk;
    const { current } = this.story;
    this.#isStale = settings.now.view !== "write";
    if (!current || this.#isStale) return;
    if (current.learn !== settings.now.learn) {
      settings.set({ path: "", at: -1 });
      return this.begin();
    }
    const length = Math.max(current.written, this.isWorking ? this.#wanted : 0);
    const before = (this.#temperature.isDragged() && this.#before) || current;
    if (before !== current) this.story.drop(current, before); // until the slider is let go its texts take one place in the story
    const branch = before.again(samplingOf(settings.now));
    this.#end();
    this.#go(branch, before);
    this.#run(branch, length, -1, Math.max(before.written, current.written));
  }

  /** Another beginning: a text that is being written begins anew with it, as soon as the reader has typed it. */
  promptChanged() {
    clearTimeout(this.#typing);
    if (this.isWorking) this.#typing = setTimeout(() => this.begin(), TYPING);
  }

  /** The same beginning with other dice. */
  #throwAnew() {
    const { change, begin, settings } = this.#desk;
    change({ seed: (settings.now.seed + 1) % 2 ** 32 });
    begin();
  }

  // ---- branches ----

  /** @param {Branch} branch @param {Branch | null} [before] the text that it came of by the temperature alone */
  #go(branch, before = null) {
    this.story.go(branch);
    this.#before = before;
    this.#selected = -1;
    if (this.beside === branch) this.beside = null;
    this.#keepPath(branch);
  }

  /** What of a branch the other settings do not say. @param {Branch} branch */
  #keepPath(branch) {
    const { settings } = this.#desk;
    const text = eventsToText(branch.events);
    settings.set({ path: text === eventsToText([eventOf(settings.now)]) ? "" : text });
  }

  /**
   * What is written from there on follows the settings. @param {number} place of the whole text @param {Partial<Event>} event
   */
  #branchOff(place, event) {
    const { settings } = this.#desk;
    const from = this.story.current;
    if (!from) return;
    this.stop();
    if (event.temperature !== undefined) settings.set({ temperature: event.temperature });
    const branch = from.fork(place - from.given, { ...samplingOf(settings.now), ...event });
    this.#go(branch);
    this.#temperature.show();
    this.#run(branch, Math.max(settings.now.length, branch.written + 1));
  }

  /** Another token at the place that is shown. @param {number} id */
  choose(id) {
    this.#branchOff(this.#marked, { id });
  }

  /** The same dice at another temperature, beside the text. @param {number} temperature */
  sameDice(temperature) {
    const from = this.story.current;
    if (!from) return;
    this.stop();
    const branch = from.again({ ...from.samplingAt(0), temperature });
    this.story.keep(branch);
    this.#layBeside(branch);
    this.#selected = -1;
    this.#run(branch, Math.max(this.#desk.settings.now.length, from.written));
  }

  /** @param {Branch} branch */
  visit(branch) {
    this.stop();
    this.#go(branch);
    this.#arrive(branch);
  }

  /** Lays a branch beside the text, or takes it away. @param {Branch} branch */
  lay(branch) {
    if (branch === this.beside) this.beside = null;
    else this.#layBeside(branch);
    this.#draw();
  }

  /** @param {Branch} branch */
  #layBeside(branch) {
    this.beside = branch;
    if (!this.#noteOf) this.#fetchNote();
  }

  async #fetchNote() {
    try {
      const [{ noteOf }] = await Promise.all([import("./parted.js"), this.#desk.words.more()]);
      this.#noteOf = noteOf;
      this.#drawAgain();
    } catch (error) {
      this.#desk.trouble(error);
    }
  }

  /** @param {"undo" | "redo"} way */
  #back(way) {
    this.stop();
    this.story[way]();
    if (this.story.current) this.#arrive(this.story.current);
  }

  /** The controls say what the end of the text is written with. @param {Branch} branch */
  #showSampling(branch) {
    this.#desk.settings.set({ ...branch.samplingAt(Infinity), learn: branch.learn });
    this.#keepPath(branch);
    this.#temperature.show();
    this.#desk.showFolded();
  }

  /** @param {Branch} branch */
  #arrive(branch) {
    const { status, words } = this.#desk;
    this.#showSampling(branch);
    if (this.beside === branch) this.beside = null;
    this.#before = null;
    this.#selected = -1;
    this.#seekLoop(branch);
    status(words.say("status.done", { count: branch.written }));
    this.#draw({ follow: true });
  }

  /** What makes exactly this text again, for a link. */
  exactly() {
    const branch = this.story.current;
    return branch ? { seed: branch.seed, path: eventsToText(branch.events), length: branch.written, at: this.#selected } : {};
  }

  // ---- choosing a place ----

  /** @param {HTMLElement} text */
  #listen(text) {
    text.onclick = event => {
      const place = placeOf(event.target);
      this.#pointer.see(event);
      if (place < 0 || getSelection()?.type === "Range") return;
      this.#parts.hint.hidden = true;
      know();
      this.choosePlace(place);
    };
    text.onpointerover = event => this.#pointAt(event);
    text.onpointerleave = () => {
      if (!this.isWorking) this.#draw();
    };
    text.onkeydown = event => this.#walk(event);
  }

  /** @param {PointerEvent} event */
  #pointAt(event) {
    const place = placeOf(event.target);
    if (this.#pointer.hasMoved(event) && place >= 0 && !this.isWorking) this.#desk.show(this.story.current, place, false);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const { words, speak } = this.#desk;
    const branch = this.story.current;
    if (event.key === "Escape" && this.#selected >= 0) {
      this.#selected = -1;
      this.#draw();
    }
    const place = this.#placeBy(event.key);
    if (place === undefined || !branch?.steps.length || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.choosePlace(place);
    const step = branch.steps[this.#selected];
    speak(`${nameOf(words, step.text)}: ${words.percent(asLearnt(step)[step.id])}`);
  }

  /** Where a key leads. @param {string} key */
  #placeBy(key) {
    const { text } = this.#parts;
    const place = this.#place;
    const seen = arrow(key, text);
    if (seen === "ArrowLeft") return place - 1;
    if (seen === "ArrowRight") return place + 1;
    if (key === "ArrowUp") return lineFrom(text, place, -1);
    if (key === "ArrowDown") return lineFrom(text, place, 1);
    if (key === "Home") return 0;
    return key === "End" ? Infinity : undefined;
  }
}

/** Whether the reader has pressed a character before; false where the browser keeps nothing. */
function isKnown() {
  try {
    return localStorage.getItem(KNOWN) !== null;
  } catch {
    return false;
  }
}

function know() {
  try {
    localStorage.setItem(KNOWN, "");
  } catch {} // then the line comes again another time
}
