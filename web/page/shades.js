// SPDX-License-Identifier: MIT
//
// shades.js - tints that a step alone does not tell: the value of a hidden unit, computed again from the text, and what of
// the text is copied, which a worker looks up. Both come bit by bit.
import { unitClass } from "./describe.js";
import { trouble } from "./desk.js";
import { Trace } from "../story/trace.js";
import { start } from "./pace.js";

/** @typedef {import("../story/story.js").Branch} Branch */
/** @typedef {{ count: number, classAt: (place: number) => string }} Shades of a text as far as they are known: of so many places */

/**
 * @param {Branch} branch @param {"unit" | "copied"} tint @param {number} unit @param {() => void} again called when more is known
 * @returns {Shades}
 */
export function shadesOf(branch, tint, unit, again) {
  return tint === "unit" ? ofUnit(branch, unit, again) : ofCopies(branch, again);
}

// ---- a unit ----

/** @type {WeakMap<Branch, Trace>} two texts may be side by side */
const traces = new WeakMap();

/** @param {Branch} branch @param {number} unit @param {() => void} again */
function ofUnit(branch, unit, again) {
  const before = traces.get(branch);
  const mine = before?.unit === unit ? before : new Trace(branch, unit);
  traces.set(branch, mine);
  if (mine.values.length < branch.steps.length && !mine.working) {
    mine.working = true;
    start({
      steps: mine.more(),
      onSteps: () => {
        if (traces.get(branch) === mine) again();
      },
      onEnd: () => {
        mine.working = false;
      },
    });
  }
  return { count: mine.values.length, classAt: (/** @type {number} */ place) => unitClass(mine.values[place]) };
}

// ---- what is copied ----

/** @type {WeakMap<Branch, boolean[]>} */
let found = new WeakMap();
let looking = false;

/** @param {Branch} branch @param {() => void} again */
function ofCopies(branch, again) {
  const mine = found.get(branch) ?? [];
  if (!looking && mine.length !== branch.steps.length) look(branch, again);
  return { count: mine.length, classAt: (/** @type {number} */ place) => (mine[place] ? "s4" : "s0") };
}

/** Once more whenever the text has grown. @param {Branch} branch @param {() => void} again */
async function look(branch, again) {
  looking = true;
  try {
    const { find } = await import("./copies.js");
    found.set(
      branch,
      await find(branch, () => {
        found = new WeakMap(); // they were of another training text
        again();
      }),
    );
  } catch (error) {
    return trouble(error);
  } finally {
    looking = false;
  }
  again();
}
