// SPDX-License-Identifier: MIT
//
// copies.js - copying or writing? What of a text stands letter for letter in the text that the network learnt from.
import { number, percent, say } from "./words.js";
import { at, page, trouble } from "./desk.js";
import { spawn } from "../trainer/spawn.js";

/** @typedef {import("../story/story.js").Branch} Branch */
/** @typedef {{ spans: { from: number, to: number, at: number }[], novelty: number }} Found */

const LEAST = 20; // characters of a span: less is said by chance

const place = at("copies", HTMLElement);
/** @type {Worker | null} */
let worker = null;
let indexed = ""; // the text that the worker has

/** @param {object} command @returns {Promise<any>} the worker's answer; one question at a time */
function ask(command) {
  const asked = (worker ??= spawn("trainer"));
  return new Promise((resolve, reject) => {
    asked.onmessage = ({ data }) => {
      if (data.type === "trouble") reject(new Error(data.message));
      else if (data.type !== "here") resolve(data);
    };
    asked.onerror = event => {
      worker = null; // the next question has another one
      indexed = "";
      reject(new Error(event.message));
    };
    asked.postMessage(command);
  });
}

/**
 * Whether each place of a text stands in a copied span; says so below the text, where the training text can be chosen too.
 * @param {Branch} branch @param {() => void} again called when another training text was chosen
 * @returns {Promise<boolean[]>}
 */
export async function find(branch, again) {
  const { trainingText } = page;
  const texts = branch.steps.map(step => step.text);
  if (!trainingText) {
    tell(say("copies.none"), again);
    return texts.map(() => false);
  }
  if (indexed !== trainingText) await ask({ type: "index", text: trainingText });
  indexed = trainingText;
  /** @type {Found} */
  const { spans, novelty } = await ask({ type: "copies", text: texts.join(""), least: LEAST });
  const longest = spans.reduce((most, { from, to }) => Math.max(most, to - from), 0);
  tell(
    say("copies.found", { novelty: percent(novelty), count: number(spans.length), least: LEAST, longest: number(longest) }),
    again,
    spans.map(({ at, to, from }) => trainingText.slice(Math.max(0, at - 40), at + to - from + 40)),
  );
  return marksOf(texts, spans);
}

/** @param {string[]} texts of the places @param {Found["spans"]} spans in their order */
function marksOf(texts, spans) {
  let from = 0;
  let next = 0;
  return texts.map(text => {
    const to = from + text.length;
    while (next < spans.length && spans[next].to <= from) next++;
    const copied = next < spans.length && spans[next].from < to;
    from = to;
    return copied;
  });
}

/** @param {string} sentence @param {() => void} again @param {string[]} [contexts] where the spans stand in the training text */
function tell(sentence, again, contexts = []) {
  const note = document.createElement("p");
  const choose = document.createElement("button");
  const file = document.createElement("input");
  const list = document.createElement("ol");
  note.className = list.className = "note";
  note.textContent = sentence;
  choose.type = "button";
  choose.className = "plain";
  choose.textContent = say("copies.choose");
  choose.addEventListener("click", () => file.click());
  Object.assign(file, { type: "file", hidden: true, accept: ".txt,text/*" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    try {
      page.trainingText = (await ask({ type: "text", given: [chosen] })).text; // as Train reads it
      again();
    } catch (error) {
      trouble(error);
    }
  });
  for (const context of contexts.slice(0, 20)) {
    const item = document.createElement("li");
    const text = document.createElement("bdi");
    text.textContent = `…${context.replaceAll("\n", "↵")}…`;
    item.append(text);
    list.append(item);
  }
  place.replaceChildren(note, choose, file, list);
}
