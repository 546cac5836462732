// SPDX-License-Identifier: MIT
//
// Two things that people come for, from the page as it opens to what they wanted, with the presses counted.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TWO_ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const BEGINNINGS = ["An", "Be", "Ca", "Da", "El", "Fe", "Ga", "He", "Is", "Jo", "Ka", "Le", "Ma", "Na", "Ol", "Pa", "Ro", "Sa", "Te", "Vi"];
const ENDINGS = ["na", "rin", "dor", "lia", "mel", "ric", "sta", "vin", "lo", "tte"];
/** 200 names that nobody has. */
const NAMES = BEGINNINGS.flatMap(beginning => ENDINGS.map(ending => beginning + ending));

for (const engine of TWO_ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    /** The page as a link opens it; press() counts. */
    async function arrive() {
      const page = await site.visit("web/#network=course&language=en&speed=0", { width: 1366, height: 768 });
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      let presses = 0;
      const press = async selector => {
        presses++;
        await page.waitFor(selector => {
          const found = document.querySelector(selector);
          return Boolean(found?.checkVisibility() && !found.disabled);
        }, selector);
        await page.click(selector);
      };
      return { page, press, presses: () => presses };
    }

    test("a list is taught, and twenty new items of it are written, in five presses", async () => {
      const { page, press, presses } = await arrive();
      await press("#tab-train");
      await page.waitFor(() => document.querySelector("#view-train textarea")?.value.length > 100); // the ready text
      await press("#train-clear");
      await press("#view-train textarea");
      await page.run(list => {
        const box = document.querySelector("#view-train textarea");
        box.value = list; // as if pasted
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }, NAMES.join("\n"));
      await page.waitFor(() => /200 lines/.test(document.querySelector("#view-train").innerText));
      await press("#train-start");
      await page.waitFor(() => document.querySelector("#train-items-more")?.checkVisibility());
      await press("#train-items-more");
      await page.waitFor(() => document.querySelectorAll(".items li").length === 20);
      const written = await page.run(() => [...document.querySelectorAll(".items li")].map(each => each.innerText.trim()));
      assert.ok(written.filter(text => /^\p{Lu}\p{L}{1,11}\b/u.test(text)).length >= 12, written.join());
      assert.ok(presses() <= 5, `${presses()} presses`);
    });

    test("that greedy text goes in circles is shown in one press", async () => {
      const { page, press, presses } = await arrive();
      await press("#temperature");
      await page.press("Home"); // the slider's left end
      await page.waitFor(() => document.querySelector("#loop")?.checkVisibility());
      assert.match(await page.run(() => document.querySelector("#loop").innerText), /circles/);
      assert.equal(presses(), 1);
    });
  });
