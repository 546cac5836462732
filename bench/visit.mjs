// SPDX-License-Identifier: MIT
//
// node bench/visit.mjs [FOLDER]: a visit of the page in Chromium, as a visitor feels it: milliseconds from navigation to the first
// character, the longest task of the main thread, frames a second while it writes at reading speed; medians of RUNS. Then the first
// character on a slow line. FOLDER: a page that scripts/build_page.mjs made, in place of the sources.
import { launchChromium } from "../tests/browser/chromium.mjs";
import { serve } from "../scripts/serve.mjs";

const RUNS = 9;
const WATCHED = 4000; // milliseconds of writing
const SLOW = { download: 1.6e6 / 8, upload: 0.75e6 / 8, latency: 150 }; // bytes a second; milliseconds from a request to its answer
const median = list => list.sort((a, b) => a - b)[list.length >> 1];

/** Runs in the page before its own scripts. */
function watch() {
  window.seen = { first: 0, longest: 0, frames: 0, since: 0 };
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) window.seen.longest = Math.max(window.seen.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  const tick = time => {
    if (!window.seen.first && document.querySelector("#text .c:not(.given)"))
      Object.assign(window.seen, { first: performance.now(), since: time, frames: -1 });
    window.seen.frames++;
    window.seen.rate = (1000 * window.seen.frames) / (time - window.seen.since);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

const site = await serve(0, process.argv[2]);

/** @param {string} settings @param {number} watched milliseconds @param {typeof SLOW} [line] */
async function visit(settings, watched, line) {
  const browser = await launchChromium({});
  const page = await browser.newPage(); // a new one each time: nothing is cached
  if (line) await page.emulateNetworkConditions(line);
  await page.evaluateOnNewDocument(watch);
  await page.goto(new URL(`web/#${settings}`, site.url).href);
  await page.waitForFunction(() => window.seen.first);
  await new Promise(resolve => setTimeout(resolve, watched));
  const seen = await page.evaluate(() => window.seen);
  await browser.close();
  return seen;
}

/** The medians of what was seen, by name. @param {Parameters<typeof visit>} how */
async function visits(...how) {
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await visit(...how));
  return (/** @type {string} */ name) => Math.round(median(runs.map(run => run[name])));
}

for (const settings of [
  "language=en",
  "network=shakespeare",
  "network=pushkin",
  "network=course",
  "network=shakespeare&speed=0&length=100000",
]) {
  const of = await visits(settings, WATCHED);
  console.log(`${settings}: first character ${of("first")} ms, longest task ${of("longest")} ms, ${of("rate")} frames/s`);
}
for (const settings of ["language=en", "language=ru", "network=shakespeare"]) {
  const of = await visits(settings, 0, SLOW);
  console.log(`${settings}, ${(8 * SLOW.download) / 1e6} Mbit/s and ${SLOW.latency} ms: first character ${of("first")} ms`);
}
await site.close();
