// SPDX-License-Identifier: MIT
//
// The settings and the history: what waits to be kept is not written over an address that the reader has gone to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsInUse, defaults, fromHash, readTemperatures, textOf, toHash } from "../web/page/settings.js";

/** Runs it with an address and a history as a page has them. */
function withAddress(hash, run) {
  globalThis.location = { hash, href: `https://example.org/web/${hash}` };
  globalThis.history = { replaceState: (_, __, hash) => (location.hash = hash), pushState: (_, __, hash) => (location.hash = hash) };
  try {
    run();
  } finally {
    delete globalThis.location;
    delete globalThis.history;
  }
}

test("a change is kept at once, those that follow closely after a pause, or when the page is left", t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  withAddress("", () => {
    const page = new SettingsInUse({}, true);
    const hashes = [];
    for (const seed of [2, 3, 4]) {
      page.set({ seed });
      hashes.push(location.hash);
    }
    t.mock.timers.tick(200);
    hashes.push(location.hash);
    page.set({ seed: 5 });
    page.flush();
    hashes.push(location.hash);
    location.hash = "#seed=9";
    page.flush(); // there is nothing that waits
    page.set({ seed: 6 });
    page.free();
    t.mock.timers.tick(200);
    assert.deepEqual([...hashes, location.hash], ["#seed=2", "#seed=2", "#seed=2", "#seed=4", "#seed=5", "#seed=9"]);
  });
});

test("every temperature that is taken is kept in an address and in a list, an infinite one too", () => {
  for (const temperature of [0, 1e-7, 0.1, 1e21, Infinity]) {
    assert.equal(fromHash(toHash({ ...defaults, temperature })).temperature, temperature);
    assert.deepEqual(readTemperatures([1, temperature].map(textOf).join(",")), [1, temperature]);
  }
});

test("a change that waits is not kept where the reader has gone on; what else an address lacks is completed", t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.location = { hash: "#seed=5", href: "https://example.org/web/#seed=5" };
  globalThis.history = { replaceState: (_, __, hash) => (location.hash = hash), pushState: (_, __, hash) => (location.hash = hash) };
  try {
    const page = new SettingsInUse({}, true);
    page.set({ seed: 6 });
    t.mock.timers.tick(200);
    assert.equal(location.hash, "#seed=6");
    page.set({ seed: 7 });
    location.hash = "#seed=1&temperature=0.5"; // Back, of which is told a moment later
    t.mock.timers.tick(200);
    assert.equal(location.hash, "#seed=1&temperature=0.5");
    page.set({ seed: 8 });
    assert.equal(page.readAddress(), true);
    t.mock.timers.tick(200);
    assert.deepEqual([page.now.seed, page.now.temperature, location.hash], [1, 0.5, "#seed=1&temperature=0.5"]);
    page.complete({ temperature: 0, length: 30, panel: "why" });
    assert.deepEqual([page.now.temperature, page.now.length, page.now.panel], [0.5, 30, "why"]);
    t.mock.timers.tick(200);
    assert.equal(location.hash, "#temperature=0.5&length=30");
    page.free();
  } finally {
    delete globalThis.location;
    delete globalThis.history;
  }
});
