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
import { createServer } from "node:http";
import { after, afterEach, before } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { launchChromium } from "./chromium.mjs";
import { launch } from "./engines.mjs";

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
  const contexts = [];

  before(async () => {
    server = await serve(0);
    site.url = server.url;
    site.browser = await launchChromium({ defaultViewport: { width: 1280, height: 900 } });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map(context => context.close()));
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

/**
 * The site on a free port and an engine, for the tests of one describe(): site.visit() gives a page of engines.mjs. There is one
 * at a time, as WebKit has no more: the page before is closed.
 * @param {string} engine
 */
export function useEngine(engine) {
  const site = { url: "", visit };
  let server, browser, page;

  before(async () => {
    server = await serve(0);
    site.url = server.url;
    browser = await launch(engine);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens `path` (relative to the site) in a profile of its own. prepare(page) runs before the navigation. */
  async function visit(path, { prepare, ...size } = {}) {
    await page?.close();
    page = null; // if the next one does not come, nothing is closed twice
    page = await browser.newPage(size);
    await prepare?.(page);
    await page.goto(new URL(path, site.url).href);
    return page;
  }

  return site;
}

/**
 * The site through a server that some paths go wrong at, for any engine. `faults` may change while it runs: a path's function gets
 * the site's answer, { status, headers, body }, and gives another one; or it answers itself, and gives nothing. "*" is every path.
 * @param {string} url of the site @param {Record<string, Function>} faults
 */
export async function serveWith(url, faults) {
  const asked = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url);
    const found = await fetch(new URL(request.url, url));
    const kept = ["content-type", "content-security-policy", "cache-control"].filter(name => found.headers.has(name));
    const headers = Object.fromEntries(kept.map(name => [name, found.headers.get(name)]));
    let answer = { status: found.status, headers, body: Buffer.from(await found.arrayBuffer()) };
    for (const path of [request.url, "*"]) if (answer && faults[path]) answer = faults[path](answer, response);
    if (!answer) return;
    const { status, headers: changed, body } = answer;
    response.writeHead(status, { ...changed, "content-length": Buffer.byteLength(body) }).end(body);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    asked, // the paths, in order
    close() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}

/** What an answer becomes where the file is not there. */
export const missing = () => ({ status: 404, headers: { "content-type": "text/plain" }, body: Buffer.from("not here") });
