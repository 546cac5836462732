// SPDX-License-Identifier: MIT
//
// branches.js - the panel "Branches": the texts of one prompt as a tree.
import { CONTEXT, nameOf, temperatureText } from "./describe.js";
import { say } from "./words.js";
import { at } from "./desk.js";
import { draw as drawBranches } from "../views/tree.js";

/** @typedef {import("../story/story.js").Branch} Branch */

const place = at("branches", HTMLElement);
/** @type {{ branch: Branch, depth: number, name: string, excerpt: string }[]} */
let list = [];
/** @type {import("./panel.js").Events} */
let events;

/** @param {unknown} _shown @param {import("./panel.js").Events} connected */
export function draw(_shown, connected) {
  events = connected;
  const { story, beside } = events.story();
  list = tree(story);
  drawBranches(place, {
    branches: list.map(({ branch, depth, name, excerpt }) => ({
      name,
      excerpt,
      depth,
      current: branch === story.current,
      beside: branch === beside,
      besideLabel: say("branch.beside.of", { name }),
    })),
    words: { beside: say("branch.beside") },
  });
}

place.addEventListener("click", event => {
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("button")) : null;
  if (button?.dataset.go) events.visit(list[Number(button.dataset.go)].branch);
  if (button?.dataset.beside) events.lay(list[Number(button.dataset.beside)].branch);
});

/**
 * The tree, parents before their children.
 * @param {import("../story/story.js").Story} story
 * @returns {{ branch: Branch, depth: number, name: string, excerpt: string }[]}
 */
function tree(story) {
  return below(null, 0);

  /** @param {Branch | null} parent @param {number} depth @returns {ReturnType<typeof tree>} */
  function below(parent, depth) {
    return story.branches
      .filter(branch => branch.parent === parent)
      .flatMap(branch => [{ branch, depth, name: branchName(branch), excerpt: excerptOf(branch) }, ...below(branch, depth + 1)]);
  }
}

/** @param {Branch} branch @returns {string} */
function branchName(branch) {
  const here = branch.events.find(event => event.place === branch.from);
  const temperature = temperatureText(branch.samplingAt(branch.from).temperature);
  if (here?.id !== undefined) return say("branch.choice", { place: branch.from + 1, character: nameOf(branch.model.vocabulary[here.id]) });
  return branch.from
    ? say("branch.temperature", { place: branch.from + 1, temperature })
    : say("branch.start", { temperature, seed: branch.seed });
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
