// SPDX-License-Identifier: MIT
//
// node bench/frames.mjs [ADDRESS] [CASE …]: how smoothly the page works in Chromium. For each case the frames a second, and of the main
// thread what hardly depends on what else the machine does: its processor time, the longest task by it, layouts a frame. Of the start
// the processor time as far as the first character. ADDRESS: of another site that is served, to compare with.
import { launchChromium } from "../tests/browser/chromium.mjs";
import { serve } from "../scripts/serve.mjs";

const WATCHED = 4000; // milliseconds
const LONG = 50; // milliseconds: a task that one feels
const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing", "__metadata"];
const PATIENCE = 180_000;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Counts frames and the characters that are written, and marks the first one. Runs in the page before its own scripts. */
function watch() {
  window.frames_ = 0;
  let isMarked = false;
  const tick = () => {
    window.frames_++;
    if (!isMarked && document.querySelector(".page .c:not(.given)")) {
      performance.mark("first character");
      isMarked = true;
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

/** What the page shows of its progress. */
const progress = () => ({
  frames: window.frames_,
  characters: [...document.querySelectorAll("section:not([hidden]) .page")].reduce((sum, { textContent }) => sum + textContent.length, 0),
});
const isWritten = () => document.querySelector("section:not([hidden]) :is(#write, #together)")?.hidden === false;

/** The main thread's tasks: those of the thread that the page's frames are drawn by. */
function readTrace(bytes) {
  const { traceEvents } = JSON.parse(new TextDecoder().decode(bytes));
  const frames = traceEvents.filter(({ name }) => name === "FireAnimationFrame");
  const main = frames.at(-1);
  const mine = traceEvents.filter(({ pid, tid }) => pid === main?.pid && tid === main?.tid);
  const tasks = mine.filter(({ name, ph, tdur }) => /RunTask$/.test(name) && ph === "X" && tdur);
  return {
    tasks: tasks.map(({ ts, tdur }) => ({ ts, ms: tdur / 1000 })),
    layouts: mine.filter(({ name }) => name === "Layout").length,
    first: mine.find(({ name }) => name === "first character")?.ts ?? Infinity,
  };
}

/** Watches while act() goes on. @param {import("puppeteer-core").Page} page @param {() => Promise<void>} act */
async function traced(page, act) {
  const before = await page.evaluate(progress);
  await page.tracing.start({ categories: CATEGORIES });
  const began = performance.now();
  await act();
  const seconds = (performance.now() - began) / 1000;
  const trace = readTrace(await page.tracing.stop());
  const after = await page.evaluate(progress);
  return { ...trace, seconds, frames: after.frames - before.frames, characters: after.characters - before.characters };
}

/** @param {string} name @param {Awaited<ReturnType<typeof traced>>} seen */
function tell(name, { tasks, layouts, seconds, frames, characters }) {
  const all = tasks.reduce((sum, { ms }) => sum + ms, 0);
  const longest = Math.max(0, ...tasks.map(({ ms }) => ms));
  const long = tasks.filter(({ ms }) => ms > LONG).length;
  const each = characters > 0 ? `, ${characters} characters, ${((100 * all) / characters).toFixed(1)} ms of 100` : "";
  console.log(
    `${name}: ${Math.round(frames / seconds)} frames/s, ${(all / Math.max(1, frames)).toFixed(1)} ms a frame, longest task ` +
      `${longest.toFixed(0)} ms, ${long} over ${LONG} ms, ${(layouts / Math.max(1, frames)).toFixed(2)} layouts a frame${each}`,
  );
}

/** @param {import("puppeteer-core").Page} page @param {string} key */
async function scroll(page, key) {
  const box = await (await page.$("section:not([hidden]) .page")).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  if (key) await page.focus("section:not([hidden]) .page");
  for (const end = performance.now() + WATCHED; performance.now() < end; await pause(16))
    if (key) await page.keyboard.press(key);
    else await page.mouse.wheel({ deltaY: -400 });
}

/** The slider goes to and fro. @param {import("puppeteer-core").Page} page */
function drag(page) {
  return page.evaluate(async () => {
    const slider = document.querySelector("#temperature");
    for (let i = 0; i < 60; i++) {
      slider.value = String(0.5 + (i % 20) / 20);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise(resolve => setTimeout(resolve, 16));
    }
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const LONG_TEXT = "network=course&speed=0&length=100000";
/** What is opened, and what is done there. */
const cases = {
  start: { hash: "network=shakespeare" },
  write: { hash: "network=shakespeare&speed=0&length=100000", does: () => pause(WATCHED) },
  long: { hash: LONG_TEXT, does: () => pause(WATCHED) },
  temperatures: { hash: "network=shakespeare&view=temperatures&speed=0&length=2000", does: () => pause(WATCHED) },
  drag: { hash: "network=course&speed=0&length=2000", isAtRest: true, does: drag },
  unbroken: { hash: `${LONG_TEXT}&temperature=0`, does: () => pause(WATCHED) }, // it goes in circles without a line end
  unbrokenWheel: { hash: "network=course&speed=0&length=20000&temperature=0", isAtRest: true, does: page => scroll(page, "") },
  wheel: { hash: LONG_TEXT, isAtRest: true, does: page => scroll(page, "") },
  pages: { hash: LONG_TEXT, isAtRest: true, does: page => scroll(page, "PageUp") },
};

/** @param {string} name @param {string} address */
async function run(name, address) {
  const { hash, isAtRest, does } = cases[name];
  const browser = await launchChromium({ protocolTimeout: PATIENCE });
  const page = await browser.newPage();
  await page.setViewport({ width: 1366, height: 768 });
  await page.evaluateOnNewDocument(watch);
  const open = () => page.goto(new URL(`web/#${hash}`, address).href);
  const begun = () => page.waitForFunction(() => performance.getEntriesByName("first character").length, { timeout: PATIENCE });
  if (does) {
    await open();
    await begun();
    if (isAtRest) await page.waitForFunction(isWritten, { timeout: PATIENCE });
    tell(name, await traced(page, () => does(page)));
  } else {
    await page.tracing.start({ categories: CATEGORIES });
    await open();
    await begun();
    const { tasks, first } = readTrace(await page.tracing.stop());
    const before = tasks.filter(({ ts }) => ts < first);
    const sum = before.reduce((sum, { ms }) => sum + ms, 0);
    const longest = Math.max(...before.map(({ ms }) => ms)).toFixed(0);
    console.log(`${name}: ${sum.toFixed(0)} ms of the processor before the first character, longest task ${longest} ms`);
  }
  await browser.close();
}

const given = process.argv.slice(2);
const address = given.find(word => word.includes("://"));
const wanted = given.filter(word => word !== address);
const site = address ? { url: address, close() {} } : await serve(0);
for (const name of wanted.length ? wanted : Object.keys(cases)) await run(name, site.url);
await site.close();
