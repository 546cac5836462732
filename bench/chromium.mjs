// SPDX-License-Identifier: MIT
//
// node bench/chromium.mjs CONTESTANT: as bench/node.mjs, in headless Chromium.
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { launchChromium } from "../tests/browser/chromium.mjs";

const at = path => fileURLToPath(new URL(path, import.meta.url));

// Bundles the contestants in memory and serves the repository beside them, on loopback.
const bundle = await esbuild.context({
  entryPoints: [at("page.mjs")],
  bundle: true,
  format: "esm",
  platform: "browser",
  write: false,
  outfile: at("page.js"),
  external: ["node:*", "../../web/*"],
  define: { global: "window" },
  logLevel: "error",
});
const { port } = await bundle.serve({ servedir: at(".."), host: "127.0.0.1" });
const browser = await launchChromium({ protocolTimeout: 600_000 });
const page = await browser.newPage();
page.on("pageerror", error => console.error(error));
page.on("console", message => message.type() === "error" && console.error(message.text()));
await page.goto(`http://127.0.0.1:${port}/bench/page.html`, { waitUntil: "load" });

const contestant = process.argv[2];
if (contestant) await page.evaluate(name => window.enter(name), contestant);
console.log("ready");

for await (const line of createInterface({ input: process.stdin })) {
  const [first, ...rest] = line.split(" ");
  const answer = contestant
    ? await page.evaluate((work, H, seconds) => window.ask(work, H, seconds), first, ...rest.map(Number))
    : await page.evaluate((path, line) => window.run(path, line), first, rest.join(" "));
  console.log(answer);
}
await browser.close();
await bundle.dispose();
