// SPDX-License-Identifier: MIT
//
// The guided story, in each engine: every stop by "Next stop" and by an address that names it alone, what each points at, the history,
// the questions, and the end. In Chromium also how it lies on a small and on a large window, and what axe finds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { defaults } from "../../web/page/settings.js";
import { placeOfStop, stops } from "../../web/page/lesson/stops.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const words = JSON.parse(readFileSync(new URL("../../web/lang/en.guide.json", import.meta.url)));
const USUAL = "language=en&speed=0";

const see = {
  /** Whether a stop is shown and nothing works any more; what its view begins by itself is done, its prompt is read. */
  isAt: title =>
    document.querySelector("#stop-title")?.textContent === title &&
    document.querySelector(".stop").checkVisibility() &&
    (["patterns", "counting", "hello"].includes(document.querySelector(".nextchar").dataset.view) || // they need no network of the desk
      document.querySelector("#write")?.disabled === false) &&
    document.querySelector("#stop").hidden &&
    (document.querySelector(".nextchar").dataset.view !== "write" || document.querySelector("#text .c") !== null) &&
    !document.querySelector('[aria-busy="true"]'),
  isPointed: id => document.querySelector(`#${id}`)?.classList.contains("pointed") && document.querySelectorAll(".pointed").length === 1,
  text: () => document.querySelector("#text").textContent,
  isShown: (view, text) =>
    document.querySelector(".nextchar").dataset.view === view && (!text || document.querySelector("#text").textContent === text),
  view: () => document.querySelector(".nextchar").dataset.view,
  isKept: key => new URLSearchParams(location.hash.slice(1)).get("guide") === key, // the address follows a moment later
  settings: () => Object.fromEntries(new URLSearchParams(location.hash.slice(1))),
  isSetUp: wanted => {
    const { speed, language, network, ...given } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    const { network: own = network, ...others } = wanted;
    const sorted = all => JSON.stringify(Object.entries(all).sort());
    return speed === "0" && language === "en" && own === network && sorted(given) === sorted(others);
  },
};

/** What the address of a stop says: what is as at first is not in it. */
const saidOf = ({ key, settings }) =>
  Object.fromEntries(
    Object.entries({ ...settings, guide: key })
      .filter(([name, value]) => value !== defaults[name])
      .map(([name, value]) => [name, String(value)]),
  );

/** Until a stop is set up: its words, its settings in the address, and what it points at. */
async function arrive(page, stop) {
  await page.waitFor(see.isAt, words[`stop.${stop.key}`]);
  await page.waitFor(see.isSetUp, saidOf(stop));
  if (stop.at) await page.waitFor(see.isPointed, stop.at);
  else assert.equal(await page.run(() => document.querySelectorAll(".pointed").length), 0, stop.key);
}

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;
    async function open(hash) {
      page = await site.visit(`web/#${hash}`);
      return page;
    }

    test("the stops one after the other, each in the history", async () => {
      await open(`${USUAL}&network=course&length=20`);
      await page.waitFor(() => document.querySelectorAll("#text .c").length > 20);
      await page.click("#guide-begin");
      await page.waitFor(see.isKept, stops[0].key);
      const seen = [];
      for (const stop of stops) {
        if (stop !== stops[0]) await page.click("#guide-next");
        await page.waitFor(title => document.querySelector("#stop-title")?.textContent === title, words[`stop.${stop.key}`]);
        await arrive(page, stop);
        seen.push({ stop, view: await page.run(see.view), text: await page.run(see.text) });
      }
      for (const { stop, view, text } of seen.reverse()) {
        if (stop !== stops.at(-1)) await page.run(() => history.back());
        await page.waitFor(see.isKept, stop.key);
        await page.waitFor(see.isShown, view, view === "write" ? text : "");
        await arrive(page, stop);
      }
      await page.run(() => history.back());
      await page.waitFor(() => document.querySelector("#guide-begin").checkVisibility());
      assert.equal((await page.run(see.settings)).guide, undefined);
      assert.deepEqual(page.problems, []);
    });

    test("a wrong and a right answer are said; the page is set up to see why; the story is closed", async () => {
      const stop = stops[placeOfStop("greedy")];
      await open(`${USUAL}&guide=greedy`);
      await arrive(page, stop);
      await page.click("#temperature"); // somewhere else
      await page.click("#guide-ask");
      const answer = number => page.click(`.quiz label:nth-of-type(${number}) input`);
      const verdict = () => page.run(() => document.querySelector(".quiz [role=status]").textContent);
      await answer(1);
      assert.equal(await verdict(), `${words["guide.wrong"]} ${words["stop.greedy.because"]}`);
      await answer(2);
      assert.equal(await verdict(), `${words["guide.right"]} ${words["stop.greedy.because"]}`);
      await page.click("#guide-show");
      await arrive(page, { key: "greedy", settings: stop.question.show, at: "loop" });
      assert.equal(await verdict(), `${words["guide.right"]} ${words["stop.greedy.because"]}`, "the answer stays");
      await page.click("#guide-next");
      await page.waitFor(see.isAt, words["stop.temperature"]);
      assert.equal(await page.run(() => document.querySelector(".quiz").hidden), true);
      await page.click("#guide-close");
      await page.waitFor(() => !location.hash.includes("guide"));
      assert.equal(await page.run(() => document.activeElement.id), "guide-begin");
      assert.equal(await page.run(() => document.querySelectorAll(".pointed").length), 0);
      await page.press("Enter");
      await page.waitFor(see.isKept, "hello");
      await page.waitFor(() => document.activeElement.id === "stop-title");
      assert.deepEqual(page.problems, []);
    });

    if (engine !== "chromium") return;

    test("an address that names a stop and nothing else is that stop; what else it says holds, and an unknown one is none", async () => {
      await open(`${USUAL}&guide=${stops[0].key}`); // as the page begins
      for (const stop of stops) {
        await page.goto(new URL(`web/#${USUAL}&guide=${stop.key}`, site.url).href); // as a link within it
        await arrive(page, stop);
      }
      await open(`${USUAL}&guide=greedy&length=25`);
      await page.waitFor(see.isSetUp, { network: "shakespeare", temperature: "0", length: "25", guide: "greedy" });
      await open(`${USUAL}&guide=greedy&network=course`); // it says where the reader is
      await page.waitFor(see.isAt, words["stop.greedy"]);
      assert.deepEqual(await page.run(see.settings), { network: "course", speed: "0", guide: "greedy", language: "en" });
      await open(`${USUAL}&guide=toString`);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false && !location.hash.includes("guide"));
      assert.equal(await page.run(() => document.querySelector("#guide-begin").checkVisibility()), true);
      assert.deepEqual(page.problems, []);
    });

    for (const [width, height] of [
      [390, 844],
      [1366, 768],
    ])
      for (const language of ["en", "ru"])
        test(`${width} x ${height}, ${language}: each stop lies in view, over nothing else; no finding of axe`, async () => {
          const prepare = page => page.page.setBypassCSP(true); // for axe itself
          page = await site.visit(`web/#${USUAL}&language=${language}`, { width, height, prepare });
          await page.waitFor(() => document.querySelector("#write")?.disabled === false);
          const said = JSON.parse(readFileSync(new URL(`../../web/lang/${language}.guide.json`, import.meta.url)));
          for (const { key, settings, at } of stops) {
            await page.goto(new URL(`web/#speed=0&language=${language}&guide=${key}`, site.url).href);
            await page.waitFor(see.isAt, said[`stop.${key}`]);
            if (at) await page.waitFor(see.isPointed, at);
            if (!settings.view) await page.waitFor(isFilled, FILLS);
            if (!settings.view) assert.deepEqual(await page.run(faultsOf, FILLS), [], key);
            assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth), `${key} is wider than the page`);
            assert.ok(await page.run(() => document.querySelector(".stop").getBoundingClientRect().bottom <= innerHeight), key);
            await page.run(() => document.querySelectorAll("details").forEach(details => void (details.open = true)));
            await page.waitFor(() => !document.querySelector('[aria-busy="true"]'));
            if (width < 600 !== (language === "ru")) continue; // axe takes long, and size and language do not concern each other
            await page.run(axe);
            const { violations } = await page.run(() => window.axe.run());
            assert.deepEqual(
              violations.map(({ id, nodes }) => `${key}: ${id}: ${nodes[0].html}`),
              [],
            );
          }
          assert.deepEqual(page.problems, []);
        });
  });

/** What a panel is full of. */
const FILLS = ".why section:not([hidden]) :is(.bar, .unrolled-column, .guess-choices button, canvas)";
const isFilled = fills => [...document.querySelectorAll(fills)].some(each => each.checkVisibility());

/** What of the text, the panel beside it and the story's strip is not in view, or lies over another. */
function faultsOf(fills) {
  const parts = [".texts", ".notes", ".acts", ".why", ".stop"].map(selector => ({
    selector,
    box: document.querySelector(selector).getBoundingClientRect(),
  }));
  const seen = parts.filter(({ box }) => box.height > 0);
  const out = seen.filter(({ box }) => box.top < 0 || box.bottom > innerHeight + 0.5);
  const faults = out.map(({ selector }) => `${selector} is out of view`);
  for (const [i, a] of seen.entries())
    for (const b of seen.slice(i + 1)) {
      const isOver =
        Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 1 &&
        Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1;
      if (isOver) faults.push(`${b.selector} lies over ${a.selector}`);
    }
  const panel = document.querySelector(".why").getBoundingClientRect();
  const inside = [...document.querySelectorAll(fills)];
  const inView = inside.filter(each => each.getBoundingClientRect().top < panel.bottom - 20 && each.checkVisibility());
  const least = inside[0].tagName === "CANVAS" ? 1 : 3;
  if (inView.length < least) faults.push(`${inView.length} of ${inside.length} in view beside the text`);
  if (document.querySelector(".texts").getBoundingClientRect().height < 60) faults.push("the text is too low");
  return faults;
}
