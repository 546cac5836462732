// SPDX-License-Identifier: MIT
//
// takeaway.js - what one takes away: a link to exactly this, the text, a picture of it, or paper.
import { captionOf } from "./describe.js";
import { elementsOf, make, save } from "./elements.js";
import { fileName } from "./filename.js";

/** @typedef {import("./contract.js").Taken} Taken */
/** @typedef {import("./contract.js").View} View */

/** The views of the network in use: others have networks of their own. */
const OF_NETWORK = ["write", "temperatures", "score"];

/** @type {import("./contract.js").Mount} */
export async function mount(root, desk) {
  await desk.words.more("takeaway");
  return new Menu(root, desk);
}

/** @implements {View} */
class Menu {
  #root;
  #desk;
  #parts;

  /** @param {HTMLElement} root @param {import("./contract.js").Desk} desk */
  constructor(root, desk) {
    this.#root = root;
    this.#desk = desk;
    this.#parts = this.#build();
  }

  #build() {
    const { button } = elementsOf(this.#desk);
    const link = button("link", () => this.#copyLink().catch(this.#desk.trouble));
    const ofText = [
      button("takeaway.copy", () => this.#copyText()),
      button("takeaway.save", () => this.#saveText()),
      button("takeaway.picture", () => this.#savePicture().catch(this.#desk.trouble)),
    ];
    const page = button("takeaway.page", () => this.#savePage().catch(this.#desk.trouble));
    const paper = button("takeaway.print", () => print());
    const said = make("div", { className: "came-of-it" });
    this.#root.replaceChildren(link, ...ofText, page, paper, said);
    return { link, ofText, page, said };
  }

  async show() {
    const { settings, network } = this.#desk;
    this.#parts.said.replaceChildren();
    this.#parts.link.hidden = !settings.hasAddress;
    this.#parts.page.hidden = !OF_NETWORK.includes(settings.now.view);
    this.#parts.page.disabled = !network.model;
    const isThere = (await this.#texts()).length > 0;
    for (const button of this.#parts.ofText) button.disabled = !isThere;
  }

  free() {
    this.#root.replaceChildren();
  }

  /** Those that are looked at. */
  async #texts() {
    return (await this.#desk.view())?.texts?.() ?? [];
  }

  /** What came of it; here too, for a small screen has no room for the status. @param {string} sentence @param {...Node} more */
  #say(sentence, ...more) {
    this.#desk.status(sentence);
    this.#parts.said.replaceChildren(...more, make("p", { className: "note", ariaHidden: "true", textContent: sentence }));
  }

  async #copyLink() {
    const { ownIfKept, prompt, settings, writing } = this.#desk;
    const own = await ownIfKept();
    const exactly = settings.now.view === "write" ? writing.exactly() : {};
    await this.#copy(settings.link({ ...exactly, ...own?.linked(prompt()) }));
    own?.copied();
  }

  async #copyText() {
    await this.#copy(wholeOf(await this.#texts()));
  }

  /** @param {string} text */
  async #copy(text) {
    const { say } = this.#desk.words;
    try {
      await navigator.clipboard.writeText(text); // there is none where the page came without https
      this.#say(say("copied"));
    } catch {
      const box = make("textarea", { readOnly: true, rows: 2, value: text, dir: "auto", "aria-label": say("takeaway.marked") });
      this.#say(say("takeaway.byhand"), box);
      box.focus();
      box.select();
    }
  }

  /** @param {Uint8Array} bytes @param {string} ending of the file's name @param {number} [cutAfter] */
  #save(bytes, ending, cutAfter = 0) {
    const { network, words } = this.#desk;
    const name = fileName(network.name.replace(/\.safetensors$/i, ""), ending);
    save(bytes, name);
    this.#say(words.say(cutAfter ? "takeaway.cut" : "takeaway.saved", { name, count: cutAfter }));
  }

  async #saveText() {
    this.#save(new TextEncoder().encode(wholeOf(await this.#texts())), ".txt");
  }

  /** The network in use, and what it writes now. */
  async #savePage() {
    const { savePage } = await import("./onepage.js");
    const { file, network, ownIfKept, prompt, settings, words, writing } = this.#desk;
    const learnt = (await ownIfKept())?.networks.find(settings.now.network)?.learnt;
    const about = learnt ? words.say("takeaway.learnt", { beginning: learnt }) : network.about;
    const exactly = settings.now.view === "write" ? writing.exactly() : {};
    this.#say(await savePage(this.#desk, await file(), { title: network.name, prompt: prompt(), about }, exactly));
  }

  async #savePicture() {
    const { draw } = await import("./portrait.js");
    const columns = (await this.#texts()).map(taken => ({ ...taken, caption: captionOf(taken) }));
    const { canvas, cutAfter } = draw(this.#root, columns);
    /** @type {Blob | null} */
    const blob = await new Promise(resolve => canvas.toBlob(resolve));
    if (!blob) throw new Error(this.#desk.words.say("takeaway.nopicture"));
    this.#save(new Uint8Array(await blob.arrayBuffer()), ".png", cutAfter);
  }
}

/** @param {Taken} taken */
const lettersOf = ({ data }) => Array.from({ length: data.count }, (_, place) => data.textAt(place)).join("");

/** One text as it is, several each below what wrote it. @param {Taken[]} texts */
function wholeOf(texts) {
  if (texts.length === 1) return lettersOf(texts[0]);
  return texts.map(taken => `${captionOf(taken)}\n\n${lettersOf(taken)}\n`).join("\n\n");
}
