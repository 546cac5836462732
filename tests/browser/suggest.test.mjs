// SPDX-License-Identifier: MIT
//
// What the network offers to whoever types in the prompt's box, in each engine; the offers are those that the library computes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Offers } from "../../web/page/text/offers.js";
import { probability } from "../../web/page/describe.js";
import { unfold } from "./controls.mjs";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const course = await load(new URL("../../weights/course.safetensors", import.meta.url));
const percent = share => new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share);

/** What the buttons and the grey text are to say. */
function offersOf(text) {
  const offers = [...new Offers(course).behind(text)].filter(Boolean);
  const seen = text => text.replaceAll("\n", "↵");
  return {
    ahead: seen(offers[0].first + offers[0].rest),
    buttons: offers.map(({ typed, first, rest, p }) => {
      const text = typed + (first === " " ? "␣" : seen(first)) + seen(rest);
      return `${text} ${probability({ percent }, p)}`;
    }),
  };
}
const see = () => ({
  ahead: document.querySelector(".mirror .ahead").textContent,
  buttons: [...document.querySelectorAll(".offers button")].map(button => button.textContent),
});
const offered = text => document.querySelector("#prompt").value === text && document.querySelectorAll(".offers button").length === 3;
const nothing = () => !document.querySelector(".mirror .ahead")?.textContent && !document.querySelector(".offers button");
const value = () => document.querySelector("#prompt").value;
const focused = () => document.activeElement.id || document.activeElement.tagName;
/** Until what would have come is there: a timer that is set later and is longer than the page's own, and frames for its work. */
const rested = () => new Promise(resolve => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 200));
/** Where the box and its surroundings are. */
const places = () =>
  ["#prompt", ".drive", "#text", "#why", ".acts", ".top"].map(selector => {
    const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join();
  });

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    /** The page when its text is written. */
    async function open(hash = "", { scheme, ...options } = {}) {
      const prepare = async ({ page }) => {
        if (!scheme) return;
        await page.setBypassCSP(true); // for axe itself
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      };
      const path = `web/#network=course&speed=0&length=30&language=en${hash}`;
      const page = await site.visit(path, { width: 1366, height: 768, prepare, ...options });
      await page.waitFor(() => document.querySelectorAll("#text .c").length > 30 && document.querySelector("#stop").hidden);
      return page;
    }
    /** Types a text, until offers for it are there. */
    async function type(page, text) {
      await page.type("#prompt", text);
      await page.waitFor(offered, text);
    }

    test("the offers are the library's; Tab takes the first one, and the next ones come", async () => {
      const page = await open();
      const before = await page.run(places);
      await type(page, "Today I w");
      assert.deepEqual(await page.run(see), offersOf("Today I w"));
      assert.deepEqual(await page.run(places), before, "something has moved");

      // The grey text begins where the typed one ends.
      const apart = await page.run(() => {
        const box = document.querySelector("#prompt");
        const style = getComputedStyle(box);
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const typed = box.getBoundingClientRect().left + box.clientLeft + parseFloat(style.paddingLeft) + pen.measureText(box.value).width;
        return document.querySelector(".mirror .ahead").getBoundingClientRect().left - typed;
      });
      assert.ok(Math.abs(apart) <= 2, `${apart} pixels`);

      const taken = `Today I w${offersOf("Today I w").ahead}`;
      await page.press("Tab");
      assert.equal(await page.run(value), taken);
      assert.equal(await page.run(focused), "prompt");
      await page.waitFor(offered, taken);
      assert.deepEqual(await page.run(see), offersOf(taken));
      assert.deepEqual(page.problems, []);
    });

    test("Escape puts them away until something is typed; then Tab moves the focus", async () => {
      const page = await open();
      await type(page, "He said");
      await page.press("Escape");
      assert.ok(await page.run(nothing));
      await page.press("Tab");
      assert.notEqual(await page.run(focused), "prompt");
      assert.equal(await page.run(value), "He said");
      await page.click("#prompt");
      await page.press("End");
      await page.typeKeys(" t");
      await page.waitFor(offered, "He said t");
      assert.deepEqual(await page.run(see), offersOf("He said t"));
    });

    if (engine !== "chromium") return;

    test("what is offered belongs to what stands in the box, at every moment", async () => {
      const page = await open();
      await page.run(() => {
        window.shown = [];
        const box = document.querySelector("#prompt");
        const look = () => {
          const buttons = [...document.querySelectorAll(".offers button")].map(button => button.textContent);
          const ahead = document.querySelector(".mirror .ahead")?.textContent;
          if (ahead) window.shown.push({ text: box.value, ahead, buttons });
          requestAnimationFrame(look);
        };
        look();
      });
      await type(page, "I h");
      for (const [keys, text] of [
        [["a"], "I ha"], // as offered, perhaps
        [["d", " "], "I had "],
        [["x"], "I had x"],
        [["Backspace", "t", "h", "e"], "I had the"],
      ]) {
        for (const key of keys) await page.press(key);
        await page.waitFor(offered, text);
        await page.waitFor(text => window.shown.at(-1)?.text === text, text);
      }
      const shown = await page.run(() => window.shown);
      for (const { text, ahead, buttons } of shown) {
        const right = offersOf(text);
        assert.equal(ahead, right.ahead, text);
        if (buttons.length) assert.deepEqual(buttons, right.buttons, text);
      }
    });

    test("the buttons: by the mouse, by the arrow keys, back by Escape; Undo takes an offer back", async () => {
      const page = await open();
      await type(page, "He said");
      const [first, second] = [...new Offers(course).behind("He said")].filter(Boolean).map(({ first, rest }) => first + rest);
      await page.click(".offers button:nth-child(2)");
      assert.equal(await page.run(value), `He said${second}`);
      await page.page.keyboard.down("Control");
      await page.press("z");
      await page.page.keyboard.up("Control");
      assert.equal(await page.run(value), "He said");
      await page.waitFor(offered, "He said");
      for (const key of ["ArrowDown", "ArrowRight", "ArrowLeft"]) await page.press(key);
      assert.ok(await page.run(() => document.activeElement.matches(".offers button:first-child")));
      await page.press("Enter");
      assert.equal(await page.run(value), `He said${first}`);
      assert.equal(await page.run(focused), "prompt");
      await page.waitFor(offered, `He said${first}`);
      await page.run(() => void (document.execCommand = () => false)); // a browser that has given it up
      const { ahead } = offersOf(`He said${first}`);
      await page.press("Tab");
      assert.equal(await page.run(value), `He said${first}${ahead}`);
      await page.waitFor(offered, `He said${first}${ahead}`);
      for (const key of ["ArrowDown", "Escape"]) await page.press(key);
      assert.equal(await page.run(focused), "prompt");
      assert.ok(await page.run(nothing));
    });

    test("nothing is offered where the caret is not at the end, on entering the box, after Enter, or elsewhere", async () => {
      const page = await open();
      await type(page, "He said");
      await page.press("ArrowLeft");
      await page.waitFor(nothing);
      await page.typeKeys("x");
      await page.run(rested);
      assert.ok(await page.run(nothing));
      await type(page, "He said");
      await page.press("Enter");
      assert.ok(await page.run(nothing));
      assert.equal(await page.run(value), "He said");
      await page.waitFor(() => document.querySelector("#text").textContent.startsWith("He said"));
      await type(page, "He said");
      await page.page.keyboard.down("Shift");
      await page.press("Tab");
      await page.page.keyboard.up("Shift");
      assert.notEqual(await page.run(focused), "prompt");
      assert.ok(await page.run(nothing));
      assert.equal(await page.run(value), "He said");
    });

    test("switched off, by the address, a teacher or the reader, nothing is fetched", async () => {
      for (const hash of ["&suggest=0", "&hide=suggest"]) {
        const page = await open(hash);
        await page.type("#prompt", "He said");
        await page.run(rested);
        const fetched = await page.run(() => performance.getEntriesByType("resource").map(({ name }) => name));
        assert.ok(fetched.some(name => name.endsWith("/why.js")));
        assert.deepEqual(
          fetched.filter(name => /suggest|offers/.test(name)),
          [],
        );
      }
      const page = await open();
      const firstVisit = await page.run(() => performance.getEntriesByType("resource").map(({ name }) => name));
      assert.ok(!firstVisit.some(name => /suggest|offers/.test(name)));
      await type(page, "He said");
      await unfold(page, "more", "#suggest");
      await page.click("#suggest");
      await page.waitFor(() => location.hash.includes("suggest=0"));
      await page.type("#prompt", "He said");
      await page.run(rested);
      assert.ok(await page.run(nothing));
      await unfold(page, "more", "#suggest");
      await page.click("#suggest");
      await page.waitFor(() => !location.hash.includes("suggest=0"));
      await type(page, "He said");
    });

    test("behind a long prompt the grey text is in sight", async () => {
      const page = await open();
      const long = "It was a bright cold day in April. ".repeat(300);
      await page.click("#prompt");
      await page.run(long => {
        const box = document.querySelector("#prompt");
        box.select();
        document.execCommand("insertText", false, long);
      }, long);
      await page.waitFor(offered, long);
      await page.typeKeys("H");
      await page.waitFor(offered, `${long}H`);
      assert.deepEqual(await page.run(see), offersOf(`${long}H`));
      const apart = await page.run(() => {
        const box = document.querySelector("#prompt").getBoundingClientRect();
        const ahead = document.querySelector(".mirror .ahead").getBoundingClientRect();
        return { above: ahead.top - box.top, below: box.bottom - ahead.bottom };
      });
      assert.ok(apart.above >= -2 && apart.below >= -2, `the grey text is not in the box: ${JSON.stringify(apart)}`);
    });

    test("nothing is offered while a character is composed of several keys", async () => {
      const page = await open();
      await type(page, "He said");
      const compose = type => document.querySelector("#prompt").dispatchEvent(new CompositionEvent(type));
      await page.run(compose, "compositionstart");
      assert.ok(await page.run(nothing));
      await page.typeKeys(" a");
      await page.run(rested);
      assert.ok(await page.run(nothing));
      await page.run(compose, "compositionend");
      await page.waitFor(offered, "He said a");
    });

    test("of a network of words a begun word is completed, in the place of the warning that it is not known", async () => {
      const page = await open("&network=alice-words&length=60");
      const isShown = selector => document.querySelector(selector).checkVisibility({ visibilityProperty: true });
      await type(page, "said the Mo");
      assert.equal(await page.run(isShown, "#prompt-note"), false);
      await page.press("Tab");
      assert.equal(await page.run(value), "said the Mock");
      await type(page, "Zarathustra said");
      assert.equal(await page.run(isShown, "#prompt-note"), true);
      assert.equal(await page.run(isShown, ".offers"), false);
      assert.match(await page.run(() => document.querySelector(".mirror .ahead").textContent), /./);
    });

    test("axe finds nothing while they are shown, in both themes, wide and narrow", async () => {
      for (const scheme of ["light", "dark"])
        for (const width of [1366, 320]) {
          const page = await open("", { scheme, width });
          await page.run(() => window.scrollTo(0, 0));
          const before = await page.run(places);
          await type(page, "He said");
          assert.deepEqual(await page.run(places), before, `${scheme}, ${width}: something has moved`);
          await page.page.evaluate(axe);
          const { violations } = await page.page.evaluate(() => window.axe.run({ exclude: ["#why"] }));
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
            [],
            `${scheme}, ${width}`,
          );
          assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the page");
        }
    });
  });
