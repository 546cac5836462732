// SPDX-License-Identifier: MIT
//
// Headless Chromium, for the tests of the page and the benchmark.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { Frame } from "puppeteer-core";

const BROWSERS = ["chromium", "google-chrome"];
const FLAGS = [
  "--no-sandbox", // it cannot start as root, nor in many containers; only our own page is opened
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of the first of some programs that is on PATH. @param {string[]} names */
export function findProgram(names) {
  for (const name of names)
    for (const folder of process.env.PATH.split(delimiter))
      try {
        const path = join(folder, name);
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not in this folder
      }
  throw new Error(`There is no ${names.join(" or ")} on PATH: run scripts/setup.sh browsers.`);
}

/**
 * A function to wait for that throws, as of an element that is not there yet, is asked again: puppeteer's own would wait for its
 * whole time and ask no more. What it throws at the end is said.
 */
const { waitForFunction } = Frame.prototype;
Frame.prototype.waitForFunction = function (fn, options, ...args) {
  const source = typeof fn === "string" ? `() => (${fn})` : fn;
  const patient = new Function("...args", `return (async () => (${source})(...args))().catch(() => false)`);
  return waitForFunction.call(this, patient, options, ...args).catch(async error => {
    if (error.name === "TimeoutError") await this.evaluate(fn, ...args);
    throw error;
  });
};

/** @param {import("puppeteer-core").LaunchOptions} [options] */
export async function launchChromium(options) {
  const browser = await puppeteer.launch({ executablePath: findProgram(BROWSERS), args: FLAGS, ...options });
  const folder = process.env.NEXTCHAR_REACHED; // scripts/coverage_js.mjs wants to know what runs
  if (folder) (await import("./reached.mjs")).watchReached(browser, folder);
  return browser;
}
