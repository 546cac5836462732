// SPDX-License-Identifier: MIT
//
// owndesk.js - the reader's own networks on the desk: in its list, in its address and in its notices. What is opened or trained is kept
// (ownnetworks.js); a link to one that is not here waits for its file; a dialog (owndialog.js) is where they are managed.
import { load } from "../../core/model.js";
import { isOwn, keyOf } from "../catalog.js";
import { make, save } from "../elements.js";
import { fileName } from "../filename.js";
import { OwnNotice } from "./ownnotice.js";
import { OwnNetworks, idOf, nameIn } from "./ownnetworks.js";

/** @typedef {import("../contract.js").Settings} Settings */
/** @typedef {import("./ownnetworks.js").About} About */
/** @typedef {import("./ownnetworks.js").Facts} Facts */

/**
 * What a link wants of the network that it names; all else stays as the reader has it when the file comes.
 * @type {Record<string, (keyof Settings)[]>}
 */
const LINKED = {
  network: ["prompt", "seed", "path", "at", "temperature", "topK", "topP", "length"],
  pattern: ["input", "handover"],
};

export class OwnDesk {
  networks = new OwnNetworks();
  /** @type {Settings | null} those of a link whose network is not here: they wait for its file */
  #waiting = null;
  #told = ""; // why the last one was not kept
  /** @type {Promise<void> | null} */
  #managing = null;
  #desk;
  #list;
  #changed;
  #notice;
  #manage;
  #file = make("input", { type: "file", accept: ".safetensors", hidden: true });

  /** @param {import("../contract.js").Desk} desk @param {{ list: HTMLSelectElement, trouble: HTMLElement, changed: () => void }} place */
  constructor(desk, { list, trouble, changed }) {
    this.#desk = desk;
    this.#list = list;
    this.#changed = changed;
    this.#notice = new OwnNotice(desk, list);
    const onclick = () => this.manage().catch(desk.trouble);
    this.#manage = make("button", { id: desk.id("own-manage"), type: "button", className: "plain", "data-part": "network", onclick });
    this.#file.onchange = () => {
      const [chosen] = /** @type {FileList} */ (this.#file.files);
      if (chosen) desk.openFile(chosen).catch(desk.trouble);
      this.#file.value = "";
    };
    trouble.before(this.#notice.element, this.#file);
    (list.closest("label") ?? list).after(this.#manage);
  }

  /** Those that write on, as a list names them. @returns {[id: string, name: string][]} */
  titles() {
    return this.networks.all.filter(({ kind }) => kind === "writes").map(facts => [idOf(facts), facts.name]);
  }

  /** What a text by the one in use begins with unless told otherwise. */
  prompt() {
    return this.networks.find(this.#desk.settings.now.network)?.input;
  }

  /** Puts them into the list, behind those that come with the page. */
  show() {
    const { settings, words } = this.#desk;
    const { network } = settings.now;
    const titles = this.titles();
    if (isOwn(network) && !this.networks.find(network)) titles.push([network, nameIn(network)]); // it was removed, or is not here
    const options = titles.map(([id, name]) => new Option(name, id));
    if (options.length) this.#list.append(make("optgroup", { label: words.say("own.title") }, ...options));
    this.#list.value = [...this.#list.options].find(({ value }) => keyOf(value) === keyOf(network))?.value ?? "";
    this.#manage.textContent = words.say("own.manage");
    this.#manage.hidden = !this.networks.all.length || settings.isLocked("network");
    this.#manage.classList.toggle("taken", settings.isHidden("network"));
    this.#notice.show();
  }

  /** Looks at what is kept, and shows the list where that is other than before. */
  async look() {
    const before = JSON.stringify(this.networks.all);
    await this.networks.read();
    if (JSON.stringify(this.networks.all) !== before) this.#changed();
  }

  free() {
    this.networks.free();
  }

  // ---- one is wanted ----

  /** That of a setting; null: it is not here, as is said. @param {string} id */
  async source(id) {
    this.forget();
    await this.look();
    const found = await this.networks.open(id);
    if (typeof found !== "string") return { source: found.file, title: found.file.name, text: found.text };
    this.askFor(id, found);
    return null;
  }

  /** Says that a network is not here, and waits for its file. @param {string} id @param {"missing" | "damaged"} why */
  askFor(id, why) {
    this.#waiting = { ...this.#desk.settings.now };
    this.#notice.say(`own.${why}`, { name: this.#nameOf(id) }, [["own.choose", () => this.#file.click()]]);
    this.#changed();
  }

  /** Another network was chosen. */
  forget() {
    this.#waiting = null;
    this.#notice.hide();
  }

  /** The file of one, or an error. @param {string} id */
  async fileOf(id) {
    const found = await this.networks.open(id);
    if (typeof found !== "string") return found;
    throw new Error(this.#desk.words.say(`own.${found}`, { name: this.#nameOf(id) }));
  }

  /** The network itself, for the caller. @param {string} id */
  async lend(id) {
    return load((await this.fileOf(id)).file);
  }

  // ---- one is there ----

  /** Keeps a network that the desk has taken into use, and sets the desk up for it. @param {File} file @param {About} about */
  async keepInUse(file, about) {
    const { network, settings, prompt } = this.#desk;
    const { model } = network;
    const usual = { prompt: prompt(), path: "", at: -1 }; // what was chosen on the way are tokens of the network before
    const { network: before } = settings.now;
    network.trainingText = about.text ?? "";
    const found = await this.keep(file, { ...about, input: usual.prompt }, usual);
    const isStep = about.from !== "trained" && keyOf(found.network ?? "") !== keyOf(before); // for a trained one the desk took it
    if (model === network.model) settings[isStep ? "step" : "set"](found); // else another one was chosen meanwhile
    this.#changed();
  }

  /**
   * @param {File} file @param {About} about @param {Partial<Settings>} usual settings with it
   * @returns {Promise<Partial<Settings>>} what they are with it: those of the link that waited for its file
   */
  async keep(file, about, usual) {
    const waiting = about.from === "trained" ? null : this.#waiting;
    const facts = await this.networks.take(file, about);
    const setting = facts.kind === "writes" ? "network" : "pattern";
    const wanted = waiting?.[setting] ?? "";
    this.forget();
    if (isOwn(wanted) && keyOf(wanted) !== keyOf(idOf(facts)))
      this.#notice.say("own.other", { name: nameIn(wanted), given: facts.name });
    this.#store(facts);
    this.#changed();
    const linked = isOwn(wanted) && waiting && Object.fromEntries(LINKED[setting].map(name => [name, waiting[name]]));
    return { ...(linked || usual), [setting]: idOf(facts) };
  }

  /** Brings back one that was removed. @param {import("./ownnetworks.js").Whole} whole */
  async restore(whole) {
    this.networks.restore(whole);
    await this.#store(whole.facts);
  }

  /** @param {Facts} facts */
  async #store(facts) {
    try {
      await this.networks.keep(facts.sum);
      this.#told = "";
    } catch (error) {
      this.#tellUnkept(facts, error);
    }
    this.#changed();
  }

  /** Once for a reason. @param {Facts} facts @param {unknown} error */
  async #tellUnkept(facts, error) {
    const { words } = this.#desk;
    const { message } = /** @type {Error} */ (error);
    if (this.#told === message) return;
    this.#told = message;
    const why = await import("../reasons.js").then(({ translated }) => translated(words, new Error(message))).catch(() => message);
    this.#notice.say("own.unkept", { name: facts.name, why }, [this.#saving(idOf(facts))]);
  }

  /** @param {string} id */
  async save(id) {
    const { file } = await this.fileOf(id);
    save(new Uint8Array(await file.arrayBuffer()), fileName(this.#nameOf(id), ".safetensors"));
  }

  /** @param {string} id @returns {import("./ownnotice.js").Way} */
  #saving = id => ["own.save", () => void this.save(id).catch(this.#desk.trouble)];

  /** @param {string} id */
  #nameOf = id => this.networks.find(id)?.name ?? nameIn(id);

  // ---- a link to one ----

  /** What a link to the network in use has beside the settings. @param {string} prompt as it is @returns {Partial<Settings>} */
  linked(prompt) {
    const { network, view } = this.#desk.settings.now;
    const facts = isOwn(network) && view !== "patterns" && this.networks.find(network);
    return facts ? { network: idOf(facts), prompt } : {};
  }

  /** A link was copied: says what it cannot carry. */
  copied() {
    const { network, pattern, view } = this.#desk.settings.now;
    const id = view === "patterns" ? pattern : network;
    if (!isOwn(id) || view === "train") return;
    this.#notice.say("own.link", { name: this.#nameOf(id) }, [this.#saving(id)]);
  }

  // ---- all of them ----

  /** Opens the dialog. */
  async manage() {
    this.#managing ??= this.#open();
    await this.#managing.finally(() => (this.#managing = null));
  }

  async #open() {
    const [{ OwnDialog }] = await Promise.all([import("./owndialog.js"), this.look()]);
    const dialog = new OwnDialog(this.#desk, this, () => this.#changed());
    this.#manage.after(dialog.element);
    await dialog.open();
    if (this.#manage.hidden) this.#list.focus(); // nothing is left to manage
  }
}
