// SPDX-License-Identifier: MIT
//
// How a larger network takes over from the one in use, on a desk that only notes what it is asked; in a page: browser/larger.test.mjs.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "../web/core/model.js";
import { Takeover } from "../web/page/text/takeover.js";
import { Branch, Story } from "../web/story/story.js";
import { root } from "./helpers.mjs";

const course = () => load(new URL("weights/course.safetensors", root));
const [small, other] = [await course(), await course()];
const LARGER = { name: "large", title: "The large one", bytes: 1000 };

let large; // the one that comes
let desk; // a desk with the small network in use, and a text
let asked; // { signal, onProgress, come(model), fail(error) } of the network that was asked for
let shown; // times that there was something new to be shown
let takeover;
beforeEach(async () => {
  large = { encode: small.encode.bind(small), free: () => (large.isFreed = true), isFreed: false };
  shown = 0;
  asked = undefined;
  desk = {
    settings: { now: { network: "small", view: "write" } },
    network: { model: small },
    words: { say: (key, values) => [key, ...Object.values(values)].join(" "), percent: share => `${100 * share} %` },
    box: "Today ",
    prompt: () => desk.box,
    writing: { story: new Story() },
    chosen: [],
    choose(...given) {
      desk.chosen.push(given);
      desk.box = given[1];
    },
    troubles: [],
    trouble: (...said) => desk.troubles.push(said),
    load: (name, options) =>
      new Promise((come, fail) => {
        assert.equal(name, LARGER.name);
        asked = { ...options, come, fail };
      }),
  };
  write("Today ", 30);
  takeover = new Takeover(desk, LARGER, { show, press });
});
const press = () => {};
/** As the offer does. */
function show() {
  shown++;
  takeover = takeover.heed();
}
/** What was asked for comes, and what follows from it is done. */
async function comes() {
  asked.come(large);
  await new Promise(setImmediate);
}
/** Has the text of a prompt on the desk. */
function write(prompt, length) {
  const branch = new Branch(small, small.encode(prompt), 5, [{ place: 0, temperature: 0.8 }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  desk.writing.story.go(branch);
  return branch;
}
const textOf = ({ steps }) => steps.map(step => step.text).join("");

test("how much has come is said in tenths, and nothing else happens until all is there", () => {
  assert.equal(takeover.sentence, "larger.coming 0 %");
  for (const loaded of [50, 99, 100, 130, 650, 1000, 1200]) asked.onProgress({ loaded });
  assert.equal(takeover.sentence, "larger.coming 100 %");
  assert.equal(shown, 3);
  assert.deepEqual(desk.chosen, []);
});

test("when it has come its prompt is the text so far, with what was written meanwhile, and from where on it writes is said", async () => {
  const branch = desk.writing.story.current;
  for (const _ of branch.write(() => 50));
  await comes();
  assert.deepEqual(desk.chosen, [["large", textOf(branch), large]]);
  assert.equal(desk.box.length, 56);
  assert.equal(takeover.sentence, "larger.since 57 The large one");
  assert.ok(takeover.heed(), "the small one is in use for a moment more");
  desk.network.model = large;
  assert.ok(takeover.heed());
  desk.box += "!";
  assert.equal(takeover.heed(), undefined, "another prompt: it is not true any more");
  assert.equal(large.isFreed, false, "it is the desk's");
});

test("where the prompt was changed meanwhile, or nothing is written, it begins with the prompt", async () => {
  desk.box = "Scientists ";
  await comes();
  assert.deepEqual(desk.chosen, [["large", "Scientists ", large]]);
  assert.equal(takeover.sentence, "larger.since 12 The large one");
});

test("what comes while another view is looked at waits for Write", async () => {
  desk.settings.now.view = "score";
  await comes();
  assert.ok(takeover.heed());
  assert.deepEqual(desk.chosen, []);
  desk.settings.now.view = "write";
  takeover.heed();
  assert.equal(desk.chosen.length, 1);
});

test("what comes while another network is loaded waits whether that one comes: then it is given up", async () => {
  desk.settings.now.network = "other";
  await comes();
  assert.ok(takeover.heed());
  desk.network.model = other;
  assert.equal(takeover.heed(), undefined);
  assert.deepEqual([desk.chosen.length, large.isFreed], [0, true]);
});

test("and if that one does not come it takes over", async () => {
  desk.settings.now.network = "other";
  await comes();
  desk.settings.now.network = "small";
  takeover.heed();
  assert.equal(desk.chosen.length, 1);
});

test("another network in use stops it, and one that comes all the same is freed", async () => {
  desk.network.model = other;
  assert.equal(takeover.heed(), undefined);
  assert.equal(asked.signal.aborted, true);
  await comes();
  assert.deepEqual([desk.chosen.length, large.isFreed], [0, true]);
});

test("what fails is said, with a press to try again; what was stopped is not", async () => {
  const error = new Error("not here");
  asked.fail(error);
  await new Promise(setImmediate);
  assert.deepEqual(desk.troubles, [[error, press]]);
  assert.equal(takeover, undefined);
  takeover = new Takeover(desk, LARGER, { show, press });
  takeover.free();
  asked.fail(asked.signal.reason);
  await new Promise(setImmediate);
  assert.equal(desk.troubles.length, 1);
});
