// SPDX-License-Identifier: MIT
//
// Links that somebody has made too long: the page opens as ever, and says what it left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { useSite } from "./harness.mjs";

const site = useSite();

for (const [name, value] of [
  ["temperatures", "0.5,".repeat(50_000)],
  ["path", "12t0.7_".repeat(110_000)],
])
  test(`a link with ${value.length} characters of ${name} opens, writes, and says that they were left out`, async () => {
    const { page, problems } = await site.visit(`web/#length=20&speed=0&${name}=${value}`);
    await page.waitForFunction(() => document.querySelector("#trouble")?.checkVisibility(), { timeout: 30_000 });
    assert.match(await page.$eval("#trouble", element => element.textContent), new RegExp(`too long: ${name} was left out`));
    await page.waitForFunction(() => document.querySelector("#text")?.textContent.length >= 20, { timeout: 30_000 });
    assert.deepEqual(problems, []);
  });
