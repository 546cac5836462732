// SPDX-License-Identifier: MIT
//
// corpus.js - the text that a network is to learn from: pasted, chosen, dropped, or one of texts/; and what was read.
import { signOf } from "./describe.js";
import { button, field, make, select } from "./dom.js";
import { RnnError } from "./error.js";
import { number, percent, say } from "./i18n.js";
import { trouble } from "./page.js";
import { checkSize, decode, isWrapped, joinLines, plainLineEnds, withoutFrame } from "./text.js";

const TEXTS = new URL("../texts/", import.meta.url);
const SHOWN = 5000; // characters of the text in its box: a long one would make it slow
const SHORT = 20_000; // characters: less is soon known by heart
const ALPHABET = 60; // different characters that are listed
const SEARCHED = 500_000; // characters of the text for them

/** The text, what it is called, and whether lines were joined. */
export const corpus = { text: "", source: "", joined: false };

/** taken: there is another text. opened: not a text was given but a .safetensors file. @type {{ taken: () => void, opened: (file: File) => Promise<void> }} */
let events;
/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

/** @type {{ file: string, language: string, title: Record<string, string> }[]} */
const ready = await fetch(new URL("index.json", TEXTS)).then(response => (response.ok ? response.json() : [])).catch(() => []);

/** @param {{ title: Record<string, string> }} listed */
const titleOf = ({ title }) => title[document.documentElement.lang] ?? title.en;

// ---- where it comes from ----

/** @param {string} given @param {string} source */
function take(given, source) {
  const text = withoutFrame(plainLineEnds(given)), joined = isWrapped(text);
  Object.assign(corpus, { text: joined ? joinLines(text) : text, source, joined });
  events.taken();
}

/** @param {Iterable<File>} files */
async function takeFiles(files) {
  try {
    const [first] = files;
    if (/\.safetensors$/i.test(first.name)) return await events.opened(first);
    for (const { size, name } of files) checkSize(size, name); // before it takes memory
    const texts = await Promise.all([...files].map(async file => ({ name: file.name, ...decode(new Uint8Array(await file.arrayBuffer()), file.name) })));
    take(texts.map(({ text }) => text).join("\n"), texts.map(({ name, encoding }) => `${name} (${encoding})`).join(", "));
  } catch (error) {
    trouble(error);
  }
}

/** @param {typeof ready[number]} listed @param {() => boolean} [wanted] still, when it has come */
async function takeReady(listed, wanted = () => true) {
  try {
    const response = await fetch(new URL(listed.file, TEXTS));
    if (!response.ok) throw new RnnError("E_HTTP", `${response.url}: ${response.status}`);
    const text = await response.text();
    if (wanted()) take(text, titleOf(listed));
  } catch (error) {
    trouble(error);
  }
}

/** A text to begin with, so that one press is enough. */
export async function takeFirst() {
  const first = ready.find(({ language }) => language === document.documentElement.lang) ?? ready[0];
  if (first) await takeReady(first, () => !corpus.text);
}

// ---- what is shown ----

/** @param {number} heldOut share that is held out @param {Node | string} kept what is kept of an earlier training */
export function draw(heldOut, kept) {
  const made = make("fieldset", {}, make("legend", { textContent: say("train.text") }), field("train.paste", box()), chooser(), kept,
    make("p", { id: "train-read", className: "note", textContent: note(heldOut) }));
  made.addEventListener("dragover", event => {
    event.preventDefault();
    made.classList.add("over");
  });
  made.addEventListener("dragleave", () => made.classList.remove("over"));
  made.addEventListener("drop", event => {
    const files = event.dataTransfer?.files;
    made.classList.remove("over");
    if (!files?.length || made.disabled) return; // a dragged selection goes into the box
    event.preventDefault();
    event.stopPropagation();
    takeFiles(files);
  });
  return made;
}

function box() {
  const { text } = corpus, made = make("textarea", { rows: 5, spellcheck: false, value: text.slice(0, SHOWN), dir: "auto" });
  made.setAttribute("aria-describedby", "train-read");
  made.onchange = () => made.value !== text.slice(0, SHOWN) && take(made.value, "");
  made.addEventListener("paste", event => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length < SHOWN && made.value) return; // a long one goes past the box
    event.preventDefault();
    take(pasted, "");
  });
  return made;
}

/** Files, or one of the ready texts. */
function chooser() {
  const files = make("input", { type: "file", multiple: true, hidden: true, accept: ".txt,.md,.csv,.safetensors,text/*", onchange: () => files.files?.length && takeFiles(files.files) });
  const options = [["", say("train.ready.choose")], ...ready.map((listed, i) => [String(i), titleOf(listed)])], chosen = ready.findIndex(listed => titleOf(listed) === corpus.source);
  const list = select(/** @type {[string, string][]} */ (options), chosen < 0 ? "" : String(chosen), value => value && takeReady(ready[Number(value)]));
  return make("div", { className: "row wrap" }, button("train.files", () => files.click()), files, make("div", { className: "grow" }, field("train.ready", list)));
}

/** @param {number} heldOut */
function note(heldOut) {
  const { text, source, joined } = corpus;
  if (!text) return say("train.none");
  const alphabet = [...new Set(text.slice(0, SEARCHED))].sort(), listed = alphabet.slice(0, ALPHABET).map(character => signOf(character) ?? character).join(" ");
  return [source && `${source}.`,
    say("train.read", { characters: number(text.length), different: number(alphabet.length), alphabet: listed + (alphabet.length > ALPHABET ? " …" : ""), share: percent(heldOut) }),
    joined && say("train.joined"), text.length > SHOWN && say("train.cut", { count: number(SHOWN) }), text.length < SHORT && say("train.short")].filter(Boolean).join(" ");
}
