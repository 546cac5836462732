// SPDX-License-Identifier: MIT
//
// branches.js - the panel "Branches": the texts of one prompt as a tree.
import { CONTEXT, nameOf, temperatureText } from "../describe.js";
import { make } from "../elements.js";
import { soon } from "../soon.js";
import { draw } from "../../views/tree.js";

/** @typedef {import("../contract.js").Words} Words */
/** @typedef {import("../../story/story.js").Branch} Branch */
/** @typedef {{ branch: Branch, depth: number, name: string, excerpt: string }} Row */

/** @type {import("../contract.js").Mount} */
export function mount(root, desk) {
  const { words } = desk;
  const list = make("div", { id: desk.id("branches"), onclick: press });
  const drawing = soon(root, show);
  root.replaceChildren(list);

  function show() {
    const { story, beside } = desk.writing;
    draw(list, {
      branches: rowsOf(words, story).map(({ branch, depth, name, excerpt }) => ({
        name,
        excerpt,
        depth,
        current: branch === story.current,
        beside: branch === beside,
        besideLabel: words.say("branch.beside.of", { name }),
      })),
      words: { beside: words.say("branch.beside") },
    });
  }

  /** @param {MouseEvent} event */
  function press({ target }) {
    const button = /** @type {Element} */ (target).closest("button");
    const rows = rowsOf(words, desk.writing.story);
    if (button?.dataset.go) desk.writing.visit(rows[Number(button.dataset.go)].branch);
    if (button?.dataset.beside) desk.writing.lay(rows[Number(button.dataset.beside)].branch);
  }

  return {
    show: drawing.ask,
    stop: drawing.stop,
    free() {
      drawing.stop();
      root.replaceChildren();
    },
  };
}

/** The tree, parents before their children. @param {Words} words @param {import("../../story/story.js").Story} story */
function rowsOf(words, story) {
  return below(null, 0);

  /** @param {Branch | null} parent @param {number} depth @returns {Row[]} */
  function below(parent, depth) {
    return story.branches
      .filter(branch => branch.parent === parent)
      .flatMap(branch => [{ branch, depth, name: nameOfBranch(words, branch), excerpt: excerptOf(branch) }, ...below(branch, depth + 1)]);
  }
}

/** @param {Words} words @param {Branch} branch */
function nameOfBranch(words, branch) {
  const { say } = words;
  const { vocabulary } = branch.model;
  const here = branch.events.find(event => event.place === branch.from);
  const temperature = temperatureText(words, branch.samplingAt(branch.from).temperature);
  if (here?.id !== undefined) return say("branch.choice", { place: branch.from + 1, character: nameOf(words, vocabulary[here.id]) });
  const start = say("branch.start", { temperature, seed: String(branch.seed) });
  return branch.from
    ? say("branch.temperature", { place: branch.from + 1, temperature })
    : branch.learn
      ? say("branch.learn", { start, learn: temperatureText(words, branch.learn) })
      : start;
}

/** @param {Branch} branch */
function excerptOf(branch) {
  const start = branch.given + branch.from;
  return branch.steps
    .slice(start, start + 2 * CONTEXT)
    .map(step => step.text)
    .join("")
    .replaceAll("\n", "↵");
}
