// SPDX-License-Identifier: MIT
//
// lesson.js - the view "The lesson": the stops of the story, what else there is to try, the lesson's questions, and its own pages.
import { elementsOf, make } from "../elements.js";
import { stops } from "./stops.js";

/** What the lesson and this page lead on to. @type {readonly [key: string, address: string][]} */
const PAGES = [
  ["lesson", "https://github.com/microsoft/AI-For-Beginners/blob/main/lessons/5-NLP/17-GenerativeNetworks/README.md"],
  ["pytorch", "https://github.com/microsoft/AI-For-Beginners/blob/main/lessons/5-NLP/17-GenerativeNetworks/GenerativePyTorch.ipynb"],
  ["tensorflow", "https://github.com/microsoft/AI-For-Beginners/blob/main/lessons/5-NLP/17-GenerativeNetworks/GenerativeTF.ipynb"],
  ["lab", "https://github.com/microsoft/AI-For-Beginners/blob/main/lessons/5-NLP/17-GenerativeNetworks/lab/README.md"],
  ["learn.pytorch", "https://learn.microsoft.com/training/modules/intro-natural-language-processing-pytorch/6-generative-networks"],
  ["learn.tensorflow", "https://learn.microsoft.com/training/modules/intro-natural-language-processing-tensorflow/5-generative-networks"],
  ["karpathy", "https://karpathy.github.io/2015/05/21/rnn-effectiveness/"],
  ["blog", "https://towardsdatascience.com/text-generation-gpt-2-lstm-markov-chain-9ea371820e1e"],
  ["keras", "https://keras.io/examples/generative/lstm_character_level_text_generation/"],
];

/** @type {import("../contract.js").Mount} */
export async function mount(root, desk) {
  await Promise.all([desk.words.more("guide"), desk.style("./lesson/lesson.css")]);
  const { worded } = elementsOf(desk);
  const { id } = desk;
  /** @param {string} key @param {HTMLElement} content */
  const part = (key, content) => make("section", { className: "desk" }, worded("h2", key), content);
  const list = make("ol", { id: id("stops"), className: "stops" }, ...stops.map(({ key }) => stopOf(key)));
  const questions = make(
    "ul",
    { id: id("questions"), className: "stops" },
    ...stops.flatMap(({ key, question }) => (question ? [questionOf(key)] : [])),
  );
  const more = make(
    "ul",
    { className: "stops" },
    ...["mistakes", "counting", "hello"].map(view =>
      make(
        "li",
        {},
        go(`view.${view}`, () => desk.go(view)),
        worded("p", `lesson.${view}`, { className: "note" }),
      ),
    ),
  );
  const pages = make(
    "ul",
    {},
    ...PAGES.map(([key, href]) =>
      make("li", {}, worded("a", `lesson.page.${key}`, { href, target: "_blank", rel: "noopener noreferrer" })),
    ),
  );
  root.replaceChildren(
    worded("p", "lesson.intro"),
    part("lesson.stops", list),
    part("lesson.more", more),
    part("lesson.questions", questions),
    part("lesson.pages", pages),
  );

  /** @param {string} key @param {() => void} onclick */
  function go(key, onclick) {
    return worded("button", key, { type: "button", className: "go", onclick });
  }

  /** @param {string} key */
  function stopOf(key) {
    return make(
      "li",
      {},
      go(`stop.${key}`, () => desk.visitStop(key)),
      worded("p", `stop.${key}.says`, { className: "note" }),
    );
  }

  /** @param {string} key */
  function questionOf(key) {
    return make(
      "li",
      {},
      go(`stop.${key}.question`, () => desk.visitStop(key)),
    );
  }

  return {
    show() {},
    free: () => root.replaceChildren(),
  };
}
