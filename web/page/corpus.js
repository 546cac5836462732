// SPDX-License-Identifier: MIT
//
// corpus.js - the text that a network is to learn from: pasted, chosen, dropped, or one of texts/; and what was read of it.
// The worker reads: a long text would hold up the page.
import { signOf } from "./describe.js";
import { button, field, make, select } from "./elements.js";
import { RnnError } from "../core/errors.js";
import { number, percent, say } from "./words.js";
import { trouble } from "./desk.js";

const TEXTS = new URL("../../texts/", import.meta.url);
const SHOWN = 5000; // characters of the text in its box: a long one would make it slow
const SHORT = 20_000; // characters: less is soon known by heart

/** @typedef {import("../trainer/decoding.js").Read} Read */

/** @type {Read} */
const NOTHING = { text: "", source: "", joined: false, characters: 0, different: 0, alphabet: [] };
/** The text, and what is said of it. */
export let corpus = NOTHING;

/**
 * read: has the worker read a text or files; its answer goes to take(). taken: there is another text, or none. opened: not a
 * text was given but a .safetensors file.
 * @type {{ read: (given: string | File[], id: number) => void, taken: () => void, opened: (file: File) => Promise<void> }}
 */
let events;
/** @param {typeof events} connected */
export function connect(connected) {
  events = connected;
}

/** @type {{ file: string, language: string, title: Record<string, string> }[]} */
const ready = await fetch(new URL("index.json", TEXTS))
  .then(response => (response.ok ? response.json() : []))
  .catch(() => []);

/** @param {{ title: Record<string, string> }} listed */
const titleOf = ({ title }) => title[document.documentElement.lang] ?? title.en;

// ---- where it comes from ----

let wanted = 0; // number of the text that was asked for last (0: none yet): answers about others come too late
let title = ""; // of a ready text

/** What is still being read is not wanted any more. */
export function dismiss() {
  wanted++;
}

/** @param {string | File[]} given @param {string} [itsTitle] */
function read(given, itsTitle = "") {
  title = itsTitle;
  events.read(given, ++wanted);
}

/** The worker's answer. @param {Read & { id: number }} answer */
export function take({ id, text, source, joined, characters, different, alphabet }) {
  if (id !== wanted) return;
  corpus = { text, source: title || source, joined, characters, different, alphabet };
  events.taken();
}

/** A text that came with a checkpoint: what is said of it the worker says again. @param {string} text */
export function takeAsItIs(text) {
  corpus = { ...NOTHING, text, characters: [...text].length };
}

/** @param {File[]} files */
async function takeFiles(files) {
  const [first] = files;
  if (/\.safetensors$/i.test(first.name)) await events.opened(first).catch(trouble);
  else read(files);
}

/** @param {typeof ready[number]} listed */
async function takeReady(listed) {
  const mine = ++wanted;
  try {
    const response = await fetch(new URL(listed.file, TEXTS));
    if (!response.ok) throw new RnnError("E_HTTP", `${response.url}: ${response.status}`);
    const text = await response.text();
    if (mine === wanted) read(text, titleOf(listed));
  } catch (error) {
    trouble(error);
  }
}

/** A text to begin with, so that one press is enough; unless one was asked for already. */
export function takeFirst() {
  const first = ready.find(({ language }) => language === document.documentElement.lang) ?? ready[0];
  if (first && !wanted) takeReady(first);
}

function clear() {
  dismiss();
  corpus = NOTHING;
  events.taken();
}

// ---- what is shown ----

/** @param {number} heldOut share that is held out @param {Node | string} kept what is kept of an earlier training */
export function draw(heldOut, kept) {
  const made = make(
    "fieldset",
    {},
    make("legend", { textContent: say("train.text") }),
    field("train.paste", box()),
    chooser(),
    kept,
    make("p", { id: "train-read", className: "note", textContent: note(heldOut) }),
  );
  made.addEventListener("dragover", event => {
    event.preventDefault();
    made.classList.add("over");
  });
  made.addEventListener("dragleave", () => made.classList.remove("over"));
  made.addEventListener("drop", event => {
    const files = [...(event.dataTransfer?.files ?? [])];
    made.classList.remove("over");
    if (!files.length || made.disabled) return; // a dragged selection goes into the box
    event.preventDefault();
    event.stopPropagation();
    takeFiles(files);
  });
  return made;
}

/** A text that is too long for it can be replaced there, not edited: the rest would be lost. */
function box() {
  const { text } = corpus;
  const isCut = text.length > SHOWN;
  const made = make("textarea", { rows: 5, spellcheck: false, readOnly: isCut, value: text.slice(0, SHOWN), dir: "auto" });
  made.setAttribute("aria-describedby", "train-read");
  made.onchange = () => made.value !== text && !isCut && (made.value ? read(made.value) : clear());
  made.addEventListener("paste", event => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const { value, selectionStart: from, selectionEnd: to } = made;
    if (!pasted || (!isCut && value && value.length + pasted.length < SHOWN)) return; // a long one goes past the box
    event.preventDefault();
    read(isCut ? pasted : value.slice(0, from) + pasted + value.slice(to));
  });
  return made;
}

/** Files, one of the ready texts, or none. */
function chooser() {
  const files = make("input", {
    type: "file",
    multiple: true,
    hidden: true,
    accept: ".txt,.md,.csv,.safetensors,text/*",
    onchange: () => files.files?.length && takeFiles([...files.files]),
  });
  const options = [["", say("train.ready.choose")], ...ready.map((listed, i) => [String(i), titleOf(listed)])];
  const chosen = ready.findIndex(listed => titleOf(listed) === corpus.source);
  const list = select(
    /** @type {[string, string][]} */ (options),
    chosen < 0 ? "" : String(chosen),
    value => value && takeReady(ready[Number(value)]),
  );
  const none = button("train.clear", clear);
  none.disabled = !corpus.text;
  return make(
    "div",
    { className: "row wrap" },
    button("train.files", () => files.click()),
    none,
    files,
    make("div", { className: "grow" }, field("train.ready", list)),
  );
}

/** @param {number} heldOut */
function note(heldOut) {
  const { text, source, joined, characters, different, alphabet } = corpus;
  if (!text) return say("train.none");
  const listed = alphabet.map(character => signOf(character) ?? character).join(" ") + (different > alphabet.length ? " …" : "");
  return [
    source && `${source}.`,
    say("train.read", { characters: number(characters), share: percent(heldOut) }),
    different && say("train.alphabet", { different: number(different), alphabet: listed }),
    joined && say("train.joined"),
    text.length > SHOWN && say("train.cut", { count: number(SHOWN) }),
    characters < SHORT && say("train.short"),
  ]
    .filter(Boolean)
    .join(" ");
}
