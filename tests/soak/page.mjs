// SPDX-License-Identifier: MIT
//
// A training in the page, for minutes: what its processes take of the memory, and how far it came.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "../../scripts/serve.mjs";
import { launchChromium } from "../browser/chromium.mjs";

const SAMPLE_SECONDS = 5;
const PAGE = "web/#view=train&network=course&speed=0&length=40&language=en";

/** MiB that a process has in memory; NaN of one that has ended. @param {number} pid */
export function residentOf(pid) {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return found ? Number(found[1]) / 1024 : NaN;
}

/** In the page: begins a training that outlives the measurement; true once it could. */
function begin() {
  const view = document.querySelector("#view-train");
  const field = [...view.querySelectorAll("label.field")].find(each => each.firstElementChild.textContent === "Passes");
  const button = [...view.querySelectorAll("button")].find(each => each.textContent === "Train" && !each.disabled);
  if (!field || !button || !/updates take about/.test(view.innerText)) return false;
  const box = field.lastElementChild;
  if (box.value === "10000") {
    button.click();
    return true;
  }
  box.value = "10000";
  box.dispatchEvent(new Event("change"));
  return false;
}

/** In the page: which pass the training is in; 0 before it has begun. */
function pass() {
  const found = /Pass ([\d,]+) of/.exec(document.querySelector("#view-train").innerText);
  return found ? Number(found[1].replaceAll(",", "")) : 0;
}

/** The memory of the processes that show the page and train, every few seconds. @param {number} minutes */
export async function trainInPage(minutes) {
  const site = await serve(0);
  const browser = await launchChromium({ protocolTimeout: 60_000 });
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", error => problems.push(String(error)));
    page.on("console", message => ["error", "warn"].includes(message.type()) && problems.push(message.text()));
    await page.goto(new URL(PAGE, site.url).href);
    await page.waitForFunction(begin, { polling: 500, timeout: 60_000 });
    await page.waitForFunction(pass, { polling: 500, timeout: 60_000 });
    const devtools = await browser.target().createCDPSession();
    const samples = [];
    let passes = 0;
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end) {
      await pause(SAMPLE_SECONDS * 1000);
      const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
      const renderers = processInfo.filter(({ type }) => type === "renderer");
      samples.push(renderers.reduce((sum, { id }) => sum + residentOf(id), 0));
      passes = Math.max(passes, await page.evaluate(pass)); // a notice may stand in its place
    }
    return { samples, passes, problems };
  } finally {
    await browser.close();
    await site.close();
  }
}
