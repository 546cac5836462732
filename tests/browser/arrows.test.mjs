// SPDX-License-Identifier: MIT
//
// Arrow keys in a page from right to left: each goes to what the eye sees on its side.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "./engines.mjs";

test("from right to left an arrow goes to the tab on its side, and in a text to the character there", async t => {
  const site = await serve(0);
  const browser = await launch("chromium");
  t.after(async () => {
    await browser.close();
    await site.close();
  });
  const page = await browser.newPage();
  await page.goto(new URL("web/#network=course&speed=0&length=40&language=he", site.url).href);
  const isWritten = () => document.querySelectorAll("#text .c:not(.given)").length >= 40;
  await page.waitFor(isWritten);
  const leftOf = id => document.querySelector(id).getBoundingClientRect().left;
  const focused = () => document.activeElement.getBoundingClientRect().left; // of the tabs
  await page.run(() => document.querySelector("#tab-write").focus());
  const first = await page.run(leftOf, "#tab-write");
  await page.press("ArrowLeft");
  assert.ok((await page.run(focused)) < first);
  await page.press("ArrowRight");
  assert.equal(await page.run(focused), first);
  await page.waitFor(isWritten); // a view that is shown again draws its text a moment later

  const placeAfter = async (direction, key) => {
    await page.run(direction => {
      const text = document.querySelector("#text");
      text.dir = direction; // of a text's own letters, whatever the page's is
      text.querySelector('[data-place="10"]').click();
      text.focus();
    }, direction);
    await page.press(key);
    return page.run(() => Number(document.querySelector("#text .selected").dataset.place));
  };
  assert.equal(await placeAfter("ltr", "ArrowLeft"), 9);
  assert.equal(await placeAfter("rtl", "ArrowLeft"), 11);
  assert.equal(await placeAfter("rtl", "ArrowRight"), 9);
});
