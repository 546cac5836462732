// SPDX-License-Identifier: MIT
//
// The site on a free port and a real Chromium, for the tests of one file:
//
//     const site = useSite();
//     test("the page loads", async () => {
//       const { page, problems } = await site.visit("web/");
//       await page.click("button");
//       assert.deepEqual(problems, []);
//     });
//
// `problems` collects what goes wrong on the page: console errors and warnings (violations of the
// Content-Security-Policy are among them), uncaught exceptions, requests that failed or got 4xx or 5xx.
import { after, afterEach, before } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { launchChromium } from "./chromium.mjs";

function watch(page) {
  const problems = [];
  page.on("console", message => {
    if (["error", "warn"].includes(message.type())) problems.push(`console.${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", error => problems.push(`uncaught: ${error.message ?? error}`));
  page.on("requestfailed", request => {
    const { errorText } = request.failure();
    // Chromium says ERR_ABORTED of every body that a page read as a stream, to its end too.
    if (errorText !== "net::ERR_ABORTED") problems.push(`${errorText}: ${request.url()}`);
  });
  page.on("response", response => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return problems;
}

/** Starts both before the file's tests and ends them after; each test's pages are closed behind it. */
export function useSite() {
  const site = { url: "", browser: null, visit };
  let server;
  let contexts = [];

  before(async () => {
    server = await serve(0);
    site.url = server.url;
    site.browser = await launchChromium({ defaultViewport: { width: 1280, height: 900 } });
  });
  afterEach(async () => {
    await Promise.all(contexts.map(context => context.close()));
    contexts = [];
  });
  after(async () => {
    await site.browser?.close();
    await server?.close();
  });

  /**
   * Opens `path` (relative to the site) in a profile of its own. `prepare(page)` runs before the
   * navigation: a viewport, a language, a request to intercept.
   */
  async function visit(path, { prepare } = {}) {
    const context = await site.browser.createBrowserContext();
    contexts.push(context);
    const page = await context.newPage();
    const problems = watch(page);
    await prepare?.(page);
    await page.goto(new URL(path, site.url).href, { waitUntil: "load" });
    return { page, problems };
  }

  return site;
}
