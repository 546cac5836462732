// SPDX-License-Identifier: MIT
//
// The settings and the history: what waits to be kept is not written over an address that the reader has gone to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsInUse } from "../web/page/settings.js";

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
