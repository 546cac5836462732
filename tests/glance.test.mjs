// SPDX-License-Identifier: MIT
//
// What a column of "Five temperatures" says of a place, and why two of them part, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../web/core/model.js";
import { glanceOf } from "../web/page/text/glance.js";
import { parting } from "../web/page/text/parted.js";
import { Words } from "../web/page/words.js";
import { Branch, firstDifference } from "../web/story/story.js";

const words = new Words();
await words.use("en", new AbortController().signal);
await words.more("temperatures");
const model = await load(new URL("../weights/course.safetensors", import.meta.url));

/** A text that is written already. @param {Partial<import("../web/story/story.js").Sampling>} sampling */
function written(sampling) {
  const branch = new Branch(model, model.encode("The "), 3, [{ place: 0, ...sampling }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => 60));
  return branch;
}

test("the five likeliest in their order, what came among them, and the rest are one whole, at the column's own temperature", () => {
  for (const sampling of [{ temperature: 0 }, { temperature: 0.3 }, { temperature: 1.8 }, { temperature: 1, topK: 3 }]) {
    const branch = written(sampling);
    for (const [place, step] of branch.steps.entries()) {
      const { top, rest, chosen, strip, u, canChoose } = glanceOf(words, branch, place);
      const after = step.probs(sampling.temperature, { topK: sampling.topK ?? 0, topP: 1 });
      const best = step.top(5, step.probs(1, { topK: 0, topP: 1 })).map(({ id }) => id);
      assert.deepEqual(
        top.map(({ id }) => id),
        best.includes(step.id) ? best : [...best.slice(0, 4), step.id],
      );
      for (const { id, after: share } of top) assert.equal(share, after[id]);
      assert.ok(Math.abs(top.reduce((sum, { after }) => sum + after, rest.after) - 1) < 1e-5);
      assert.ok(Math.abs(strip.reduce((sum, { p }) => sum + p, 0) - 1) < 1e-5 && strip.length <= 151);
      assert.deepEqual([chosen, u, canChoose], [step.id, step.u, false]);
    }
  }
});

test("what cannot be seen has a sign, and is read out by its name; where others have no chance that is said as a number", () => {
  const branch = written({ temperature: 0 });
  const { top } = glanceOf(words, branch, branch.steps.findIndex(({ text }, place) => text === " " && place > branch.given));
  assert.deepEqual([top[0].name, top[0].described, top[0].afterText], ["␣", false, "100%"]);
  assert.match(top[0].label, /^as learnt \d+%$/);
  assert.equal(top[1].afterText, "0%");
});

test("texts that have not parted yet name the other one's own temperature", () => {
  const [cold, same, warm] = [0.3, 0.3, 1.8].map(temperature => written({ temperature }));
  assert.deepEqual(parting(words, cold, same, firstDifference(cold, same)), { why: "same", values: { Ta: "0.3", Tb: "0.3" } });
  const { why, values } = parting(words, cold, warm, firstDifference(cold, warm));
  assert.deepEqual([why, values.Ta, values.Tb], ["dice", "0.3", "1.8"]);
});
