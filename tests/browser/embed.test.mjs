// SPDX-License-Identifier: MIT
//
// The lines of docs/EMBED.md and of the README, as they stand there, in a page of another origin.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { buildOneFile } from "../../scripts/build_onefile.mjs";
import { serve } from "../../scripts/serve.mjs";
import { load } from "../../web/core/model.js";
import { stops } from "../../web/page/lesson/stops.js";
import { launch } from "./engines.mjs";
import { serveWith } from "./harness.mjs";

const read = name => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const guide = read("docs/EMBED.md");
/** The fenced blocks of one of its sections, in order. */
const blocksOf = title =>
  [
    ...guide
      .split(`\n## ${title}\n`)[1]
      .split("\n## ")[0]
      .matchAll(/^(`{3,4})\w+\n([^]*?)^\1$/gm),
  ].map(([, , block]) => block);
const [frame, listener] = blocksOf("A frame");
const [element] = blocksOf("An element");
const model = await load(new URL("../../weights/course.safetensors", import.meta.url));
const written = `Today ${[...model.write("Today ", { temperature: 0.5, seed: 5, length: 200 })].map(({ text }) => text).join("")}`;

let site, nextchar, courses, browser, page;
before(async () => {
  site = await serve(0);
  const cors = ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, "access-control-allow-origin": "*" } });
  nextchar = await serveWith(site.url, { "*": cors });
  browser = await launch("chromium");
});
afterEach(async () => {
  await page?.close();
  await courses?.close();
  page = courses = null;
});
after(async () => {
  await browser?.close();
  await nextchar?.close();
  await site?.close();
});

/** Opens a page with these lines, which name the server that nextchar has here; an object: of files beside it. */
async function open(...given) {
  const lines = given.filter(each => typeof each === "string");
  const answer = body => () => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body });
  const beside = Object.entries(Object.assign({}, ...given.filter(each => typeof each !== "string")));
  const body = `<!doctype html><html lang="en"><title>A course</title><link rel="icon" href="data:,">${here(lines.join("\n"))}</html>`;
  courses = await serveWith(site.url, Object.fromEntries([["/", body], ...beside].map(([path, body]) => [path, answer(body)])));
  page = await browser.newPage();
  await page.goto(courses.url);
}
const here = text => text.replaceAll("https://your.site/nextchar/", nextchar.url);
const isWritten = text => document.querySelector("nextchar-text").shadowRoot?.querySelector("#text")?.textContent === text;
/** A frame that has got its height: it is not the 480 that it begins with. */
const heightOf = () => {
  const { style, offsetHeight } = document.querySelector("iframe.nextchar");
  return style.height && offsetHeight;
};

test("the frame is as high as it says, and nobody else can make it higher", async () => {
  await open(frame, listener, "<iframe id='other'></iframe>");
  await page.waitFor(heightOf);
  const inside = await page.page.waitForFrame(each => each.url().includes("layout=embed"));
  await inside.waitForFunction(() => document.querySelector("#stop")?.hidden && document.querySelector(".ahead")?.textContent);
  await page.waitFor(() => document.querySelector("iframe.nextchar").offsetHeight > 500);
  const isWhole = () => {
    const why = document.querySelector(".why");
    return document.documentElement.scrollHeight <= innerHeight && why.scrollHeight <= why.clientHeight + 1;
  };
  await inside.waitForFunction(isWhole);
  const height = await page.run(heightOf);
  await page.run(async () => {
    const { contentWindow } = document.querySelector("#other");
    const heard = new Promise(resolve => addEventListener("message", ({ data }) => data === "last" && resolve()));
    postMessage({ type: "nextchar.height", height: 1234 }, "*");
    const script = contentWindow.document.createElement("script");
    script.textContent = 'parent.postMessage({ type: "nextchar.height", height: 1234 }, "*"); parent.postMessage("last", "*");';
    contentWindow.document.body.append(script);
    await heard;
  });
  assert.equal(await page.run(heightOf), height);
  await inside.evaluate(() => {
    for (const height of [NaN, -1, "1px;", 1e9]) parent.postMessage({ type: "nextchar.height", height }, "*");
  });
  await page.waitFor(() => document.querySelector("iframe.nextchar").style.height === "2000px");
  assert.deepEqual(page.problems, []);
});

test("the one file in a frame with that sandbox writes, and says its height", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  const html = await buildOneFile(join(folder, "nextchar.html")).finally(() => rm(folder, { recursive: true }));
  const [line] = blocksOf("The one file");
  await open(listener, line, { "/nextchar.html": html });
  await page.waitFor(heightOf);
  const inside = await page.page.waitForFrame(each => each.url().includes("layout=embed"));
  await inside.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length > 5);
  assert.deepEqual(page.problems, []);
});

test("the element writes, and takes the place of what stands in it", async () => {
  await open(element);
  await page.waitFor(isWritten, written);
  assert.deepEqual(await page.run(() => ["a", "nextchar-text"].map(name => document.querySelector(name).checkVisibility())), [false, true]);
  assert.deepEqual(page.problems, []);
});

test("the README's lines are a frame that writes, and an element that does", async () => {
  const section = read("README.md").split("\n## Embed it\n")[1].split("\n## ")[0];
  const blocks = [...section.matchAll(/```html\n([^]*?)```/g)].map(([, block]) => block);
  assert.equal(blocks.length, 2);
  await open(...blocks);
  const inside = await page.page.waitForFrame(each => each.url().includes("layout=embed"));
  await inside.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length > 5);
  await page.waitFor(() => document.querySelector("nextchar-text").shadowRoot.querySelector("#text")?.textContent.length > 20);
  assert.deepEqual(page.problems, []);
});

test("the lines for Docsify and Jupyter Book work where they are put into a page that stands already", async () => {
  const [docsify] = blocksOf("Docsify");
  const [book] = blocksOf("Jupyter Book");
  await open(listener, element.split("\n")[0], "<main></main>");
  const put = html => void (document.querySelector("main").innerHTML = html); // as Docsify does
  await page.run(put, here(docsify));
  await page.waitFor(isWritten, written);
  await page.waitFor(heightOf);
  await page.run(put, here(book));
  await page.waitFor(heightOf);
  assert.deepEqual(page.problems, []);
});

test("each frame that a section shows has the same lines, and the picture for GitHub is there", () => {
  const frames = [...guide.matchAll(/^<iframe .*$/gm)].map(([line]) => line);
  assert.equal(frames.length, 5);
  for (const line of frames) assert.match(line, /^<iframe class="nextchar" src="[^"]+#layout=embed[^"]*" .*title="nextchar".*><\/iframe>$/);
  const [, picture] = /^\[!\[[^\]]+\]\(([^)]+)\)\]\(https:\/\/your\.site\/nextchar\/web\/#/.exec(blocksOf("GitHub")[0]);
  assert.ok(existsSync(new URL(`../../${picture}`, import.meta.url)), picture);
});

test("its links lead to what is there, and it names each stop of the story", () => {
  const headings = [...guide.matchAll(/^## (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(" ", "-"));
  for (const [, anchor] of guide.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(headings.includes(anchor), anchor);
  for (const [, path] of guide.matchAll(/\]\((\.\.\/[^)#]+)\)/g))
    assert.ok(existsSync(new URL(`../../docs/${path}`, import.meta.url)), path);
  const named = /opens a stop of the story: ([^]*?)\.\n/.exec(guide)[1].match(/[a-z]+(?=`)/g);
  assert.deepEqual(
    named,
    stops.map(({ key }) => key),
  );
});
