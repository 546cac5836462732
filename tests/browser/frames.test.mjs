// SPDX-License-Identifier: MIT
//
// How the page shares its work among frames: what is marked and what the bars say agree in each frame, and few characters become
// elements in one task.
import assert from "node:assert/strict";
import { test } from "node:test";
import { useSite } from "./harness.mjs";

const FRAMES = 30;
const PIECE = 400; // characters that become elements at once
const site = useSite();
const addressOf = settings => `web/#${new URLSearchParams({ network: "course", seed: 5, speed: 0, language: "en", ...settings })}`;
const isWritten = () => document.querySelector("#write")?.hidden === false && document.querySelector("#text .c:not(.given)");

test("as fast as it can, what is marked and what is shown of it agree in each frame", async () => {
  const { page, problems } = await site.visit(addressOf({ length: 50_000 }));
  await page.waitForSelector("#text .c:not(.given)");
  const frames = await page.evaluate(async count => {
    const seen = [];
    while (seen.length < count) {
      await new Promise(requestAnimationFrame);
      await new Promise(resolve => setTimeout(resolve)); // all of the frame is drawn
      const marked = document.querySelectorAll("#text .selected");
      const came = document.querySelector("#distribution .bar.chosen .name")?.textContent;
      seen.push({ count: marked.length, text: marked[0]?.textContent, came, length: document.querySelector("#text").textContent.length });
    }
    return seen;
  }, FRAMES);
  const names = { " ": "space", "\n": "line end" };
  assert.ok(frames.every(({ count }) => count <= 1));
  const marked = frames.filter(({ count }) => count); // it may have left what is in sight since
  assert.ok(marked.length > 0);
  for (const { text, came } of marked) {
    assert.ok(came === text || (text in names && came.length > 1), `“${text}” is marked, “${came}” shown`);
  }
  assert.ok(new Set(frames.map(({ length }) => length)).size > 5, "it was written meanwhile");
  assert.deepEqual(problems, []);
});

test("a text without a line end becomes elements a piece at a time", async () => {
  const { page, problems } = await site.visit(addressOf({ length: 6000, temperature: 0 }));
  await page.waitForFunction(isWritten);
  const most = await page.evaluate(async () => {
    const text = document.querySelector("#text");
    let most = 0;
    const count = records =>
      records.reduce((sum, { addedNodes }) => sum + [...addedNodes].filter(node => node.classList?.contains("c")).length, 0);
    new MutationObserver(records => (most = Math.max(most, count(records)))).observe(text, { childList: true, subtree: true });
    text.scrollTo({ top: 0, behavior: "instant" });
    while (!text.querySelector('[data-place="0"]')) await new Promise(requestAnimationFrame);
    return most;
  });
  assert.ok(most > 0 && most <= PIECE, String(most));
  assert.deepEqual(problems, []);
});
