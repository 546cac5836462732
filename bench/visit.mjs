// SPDX-License-Identifier: MIT
//
// node bench/visit.mjs [FOLDER]: a visit of the page in Chromium, as a visitor feels it: milliseconds from navigation to the first
// character, the longest task of the main thread, frames a second while it writes at reading speed; medians of RUNS. FOLDER: a page
// that scripts/build_page.mjs made, in place of the sources.
import { launchChromium } from "../tests/browser/chromium.mjs";
import { serve } from "../scripts/serve.mjs";

const RUNS = 9;
const WATCHED = 4000; // milliseconds of writing
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
for (const settings of ["network=shakespeare", "network=pushkin", "network=course", "network=shakespeare&speed=0&length=100000"]) {
  const runs = [];
  for (let i = 0; i < RUNS; i++) {
    const browser = await launchChromium({});
    const page = await browser.newPage(); // a new one each time: nothing is cached
    await page.evaluateOnNewDocument(watch);
    await page.goto(new URL(`web/#${settings}`, site.url).href);
    await page.waitForFunction(() => window.seen.first);
    await new Promise(resolve => setTimeout(resolve, WATCHED));
    runs.push(await page.evaluate(() => window.seen));
    await browser.close();
  }
  const of = name => Math.round(median(runs.map(run => run[name])));
  console.log(`${settings}: first character ${of("first")} ms, longest task ${of("longest")} ms, ${of("rate")} frames/s`);
}
await site.close();
