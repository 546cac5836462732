// SPDX-License-Identifier: MIT
//
// What of web/ runs in Chromium, pages and workers alike, for scripts/coverage_js.mjs: V8's counters, asked for now and then, as a
// page that goes takes its own with it.
import { join } from "node:path";
import { Reached } from "../../scripts/coverage_js.mjs";

const EVERY = 200; // milliseconds
const ADDRESS = /^(http:\/\/[^/]+)\/web\/(.+\.js)/;
const OF_BUILT = "first.js"; // what a page that build_page.mjs made has, and web/ has not

/** Watches all pages of a browser, and writes what they reached when it closes. */
export function watchReached(browser, folder) {
  const reached = new Reached();
  const watched = new Set();
  const built = new Set(); // origins of such pages: they have other texts under the names of web/

  async function take(session) {
    const { result } = await session.send("Profiler.takePreciseCoverage").catch(() => ({ result: [] })); // it may have gone
    const scripts = result.map(({ url, functions }) => ({ place: ADDRESS.exec(url), functions })).filter(({ place }) => place);
    for (const { place } of scripts) if (place[2] === OF_BUILT) built.add(place[1]);
    for (const { place, functions } of scripts) if (!built.has(place[1])) reached.add(place[2], functions);
  }

  async function watch(session) {
    await session.send("Profiler.enable").catch(() => {});
    await session.send("Profiler.startPreciseCoverage", { callCount: true, detailed: true }).catch(() => {});
    watched.add(session);
  }

  const takeAll = () => Promise.all([...watched].map(take));
  const timer = setInterval(takeAll, EVERY);

  replaced(browser, "createBrowserContext", async made => {
    const context = await made();
    replaced(context, "newPage", async made => {
      const page = await made();
      page.on("workercreated", worker => watch(worker.client));
      await watch(await page.createCDPSession());
      return page;
    });
    replaced(context, "close", async made => {
      await takeAll();
      return made();
    });
    return context;
  });
  replaced(browser, "close", async made => {
    clearInterval(timer);
    await takeAll();
    reached.save(join(folder, `browser-${process.pid}-${performance.now()}.json`));
    return made();
  });
}

/** Puts another method in place of an object's; it gets the old one. */
function replaced(object, name, method) {
  const old = object[name].bind(object);
  object[name] = (...args) => method(() => old(...args));
}
