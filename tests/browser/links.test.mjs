// SPDX-License-Identifier: MIT
//
// Links that somebody has made too long: the page opens as ever, and says what it left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { useSite } from "./harness.mjs";

const site = useSite();

const told = page => page.waitForFunction(() => document.querySelector("#trouble")?.checkVisibility(), { timeout: 30_000 });

for (const [name, value] of [
  ["temperatures", "0.5,".repeat(50_000)],
  ["path", "12t0.7_".repeat(110_000)],
])
  test(`a link with ${value.length} characters of ${name} opens, writes, and says that they were left out`, async () => {
    const { page, problems } = await site.visit(`web/#length=20&speed=0&${name}=${value}`);
    await told(page);
    assert.match(await page.$eval("#trouble", element => element.textContent), new RegExp(`too long\\. Left out of it: ${name}\\.`));
    await page.waitForFunction(() => document.querySelector("#text")?.textContent.length >= 20, { timeout: 30_000 });
    assert.deepEqual(problems, []);
  });

test("what a link left out is told once, and again where another link leaves something out", async () => {
  const { page, problems } = await site.visit(`web/#network=course&length=20&speed=0&path=${"9".repeat(3000)}`);
  await told(page);
  const text = await page.$eval("#text", element => element.textContent);
  await page.select("#network", "alice-words");
  await page.waitForFunction(
    before => {
      const text = document.querySelector("#text");
      const isWritten = text.querySelector(".c:not(.given)") && document.querySelector("#stop").hidden;
      return isWritten && text.textContent !== before && location.hash.includes("alice-words");
    },
    { timeout: 30_000 },
    text,
  );
  assert.equal(await page.$eval("#trouble", element => element.checkVisibility()), false);
  await page.evaluate(path => (location.hash += `&path=${path}`), "8".repeat(3000));
  await told(page);
  assert.deepEqual(problems, []);
});
