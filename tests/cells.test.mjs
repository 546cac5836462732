// SPDX-License-Identifier: MIT
//
// The states of a stretch that moves on with its text are those that are computed from the beginning.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../web/core/model.js";
import { Branch } from "../web/story/story.js";
import { Cells, cellsOf } from "../web/story/trace.js";

test("a stretch has the states of its characters, wherever it was before", async () => {
  const model = await load(new URL("../weights/course.safetensors", import.meta.url));
  const branch = new Branch(model, model.encode("Today "), 5, [{ place: 0, temperature: 0.8 }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => 300));
  const other = branch.fork(10, { id: 3 });
  for (const _ of other.write(() => 40));
  const cells = new Cells();
  /** @type {[typeof branch, number, number, number][]} text, from, to, and how many characters are read for it */
  const asked = [
    [branch, 0, 4, 4],
    [branch, 0, 10, 6],
    [branch, 3, 13, 3],
    [branch, 3, 13, 0],
    [branch, 5, 9, 0],
    [branch, 4, 14, 14],
    [branch, 290, 300, 300],
    [other, 20, 30, 30],
    [other, 30, 40, 40],
  ];
  for (const [text, from, to, missing] of asked) {
    assert.equal(cells.missing(text, from, to), missing, `${from} to ${to}`);
    const { values } = cellsOf(text, from, to, from);
    const states = cells.of(text, from, to);
    assert.equal(states.length, to - from);
    states.forEach((state, i) => assert.deepEqual(state, values.slice(i * model.hidden, (i + 1) * model.hidden), `${from + i}`));
  }
});
