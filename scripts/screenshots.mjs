// SPDX-License-Identifier: MIT
//
// node scripts/screenshots.mjs [NAME...]: the pictures of docs/, every view and every stop of the story wide and on a phone, light and
// dark, and web/preview.webp, which is shown where a link to the page is posted; or those that are named.
import { fileURLToPath } from "node:url";
import { launchChromium } from "../tests/browser/chromium.mjs";
import { stops } from "../web/page/lesson/stops.js";
import { serve } from "./serve.mjs";

const isIdle = () => document.querySelector("#stop").hidden && !document.querySelector('[aria-busy="true"]');
const isWritten = () => document.querySelectorAll(".page .c").length > 10;
const isTrained = () => document.querySelector("#train-replay")?.max >= 5;
const click = selector => page => page.$eval(selector, button => button.click());
/** Two other characters are chosen at the place that is shown: three branches. */
async function branch(page) {
  for (const nth of [0, 1]) {
    await page.$$eval("button.bar:not(.chosen)", (bars, nth) => bars[nth].click(), nth);
    await page.waitForFunction(isIdle);
    await page.evaluate(() => document.querySelector("#text [data-place='60']").click());
  }
  await click("#tab-branches")(page);
}
const canTrain = () => document.querySelector("#view-train .actions .main")?.disabled === false;
/** Begins to learn the ready text. */
async function train(page) {
  await page.waitForFunction(canTrain);
  await click("#view-train .actions .main")(page);
  await page.waitForFunction(isTrained);
}
const isUnrolled = () =>
  [...document.querySelectorAll(".card"), document.querySelector("#unrolled")].every(each => each?.querySelector(".unrolled-column"));
/** Whether a view that begins to learn has learnt: its button can be pressed again. @param {string} button */
const hasLearnt = button => `document.querySelector("${button}")?.disabled === false`;
/** there: whether what the picture is of is there; else once a text is written. */
const VIEWS = {
  write: { hash: "network=shakespeare&prompt=Play&temperature=1&seed=3&length=260&at=4" },
  "same-dice": { hash: "network=shakespeare&seed=5&length=200", then: click("#same-write") },
  loop: { hash: "network=shakespeare&temperature=0&length=240" },
  cell: { hash: "network=shakespeare&seed=5&length=300&panel=cell&tint=unit&unit=218&at=150" },
  branches: { hash: "network=shakespeare&seed=5&length=200&at=60", then: branch },
  temperatures: { hash: "network=shakespeare&view=temperatures&length=300" },
  words: { hash: "network=alice-words&temperature=0.6&length=120" },
  train: { hash: "view=train", there: () => true, then: train },
  patterns: { hash: "view=patterns&pattern=numbers-en", there: isUnrolled },
  hello: { hash: "view=hello", there: hasLearnt("#hello-learn") },
  counting: { hash: "view=counting", there: hasLearnt("#counting-learn") },
  mistakes: {
    hash: "view=mistakes&case=markov",
    there: () => document.querySelector("#view-mistakes .case[open], #view-mistakes details[open]"),
  },
  lesson: { hash: "view=lesson", there: () => document.querySelector("#stops li:nth-child(11)") },
  embed: { hash: "network=shakespeare&layout=embed&seed=5&length=200&at=60" },
  score: {
    hash: "network=shakespeare&view=score&text=To be, or not to be, that is the questoin:%0AWhether 'tis nobler in the mind to suffer",
  },
};
/** When a stop that points at nothing is set up. */
const SET_UP = { hello: VIEWS.hello.there, counting: VIEWS.counting.there, teach: canTrain };
for (const { key, at } of stops)
  VIEWS[`stop-${key}`] = { hash: `guide=${key}`, there: SET_UP[key] ?? `document.querySelector("#${at}.pointed")` };
const SCREENS = { wide: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };

const site = await serve(0),
  browser = await launchChromium({});
const wanted = process.argv.slice(2);
const chosen = Object.entries(VIEWS).filter(([name]) => !wanted.length || wanted.includes(name));
for (const [name, { hash, there = isWritten, then }] of chosen)
  for (const [screen, viewport] of Object.entries(SCREENS))
    for (const scheme of ["light", "dark"]) {
      const context = await browser.createBrowserContext(),
        page = await context.newPage(); // of its own: a training is kept
      await page.setViewport(viewport);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(new URL(`web/#language=en&speed=0&${hash}`, site.url).href);
      await page.waitForFunction(there);
      await then?.(page);
      if (name !== "train") await page.waitForFunction(isIdle);
      await page.screenshot({
        path: fileURLToPath(new URL(`../docs/${name}-${screen}-${scheme}.webp`, import.meta.url)),
        quality: 80,
        fullPage: screen === "phone" && !name.startsWith("stop-"), // a stop's words lie at the screen's foot
      });
      await context.close();
    }
if (!wanted.length || wanted.includes("preview")) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 630 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.goto(new URL(`web/#${VIEWS.write.hash}&language=en&speed=0&hide=guide,more`, site.url).href);
  await page.waitForFunction(isWritten);
  await page.waitForFunction(isIdle);
  await page.screenshot({ path: fileURLToPath(new URL("../web/preview.webp", import.meta.url)), quality: 70 });
}
await browser.close();
await site.close();
