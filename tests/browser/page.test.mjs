// SPDX-License-Identifier: MIT
//
// The page as a person uses it, in a real browser, on the networks that come with it.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { useSite } from "./harness.mjs";

const site = useSite();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The page with its network loaded. */
async function open(hash = "", options = {}) {
  const visit = await site.visit(`web/${hash}`, options);
  await visit.page.waitForFunction(() => !document.querySelector("#write").disabled);
  return visit;
}

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);
const written = (page) => page.$$eval(".c", (characters) => characters.map((c) => c.textContent).join(""));
const isWriting = (page) => page.$eval("#stop", (stop) => !stop.hidden);

async function write(page) {
  await page.click("#write");
  await page.waitForFunction(() => document.querySelector("#stop").hidden);
  return written(page);
}

async function type(page, selector, text) {
  await page.click(selector, { count: 3 });
  await page.keyboard.press("Backspace");
  if (text) await page.type(selector, text);
  await page.$eval(selector, (box) => box.blur());
}

test("the page loads and writes without an error, a warning or a failed request", async () => {
  const { page, problems } = await open("#network=course&speed=0&length=120");
  assert.equal((await write(page)).length, 120);
  assert.match(await textOf(page, "#status"), /120/);
  assert.deepEqual(problems, []);
});

for (const network of ["shakespeare", "pushkin", "course"])
  test(`${network} writes what the same address wrote before`, async () => {
    const hash = `#network=${network}&speed=0&length=60&seed=5&temperature=0.7`;
    const first = await write((await open(hash)).page), second = await write((await open(hash)).page);
    assert.equal(first.length, 60);
    assert.equal(second, first);
  });

test("at temperature 0 the seed does not matter, at 1 it does", async () => {
  const run = async (T, seed) => write((await open(`#network=course&speed=0&length=60&temperature=${T}&seed=${seed}`)).page);
  assert.equal(await run(0, 1), await run(0, 2));
  assert.notEqual(await run(1, 1), await run(1, 2));
});

test("Stop acts at once and the text stays", async () => {
  const { page } = await open("#network=course&speed=200&length=100000");
  await page.click("#write");
  await page.waitForFunction(() => document.querySelectorAll(".c").length > 20);
  await page.click("#stop");
  const count = (await written(page)).length;
  assert.equal(await isWriting(page), false);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await written(page)).length, count);
});

test("the page answers while it writes as fast as it can", async () => {
  const { page } = await open("#network=shakespeare&speed=0&length=5000");
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: "longtask", buffered: false });
  });
  await page.click("#write");
  await page.waitForFunction(() => document.querySelectorAll(".c").length > 500);
  assert.ok((await page.evaluate(() => window.longest)) < 1000, "a task blocked the page for a second");
});

test("a click on a character shows the distribution that it was drawn from", async () => {
  const { page } = await open("#network=course&speed=0&length=80");
  const text = await write(page);
  await (await page.$$(".c"))[17].click();
  assert.match(await textOf(page, ".of"), /18/);
  const chosen = await textOf(page, ".bar.chosen .name");
  assert.equal(chosen, text[17] === " " ? "space" : text[17] === "\n" ? "new line" : text[17]);
});

test("the dice stands on the piece of the strip that is the chosen character", async () => {
  const { page } = await open("#network=course&speed=0&length=80&temperature=1.5");
  await write(page);
  for (const place of [3, 20, 41, 66]) {
    await (await page.$$(".c"))[place].click();
    const { low, high, u, sum } = await page.evaluate(() => {
      const pieces = [...document.querySelectorAll(".strip i")], grow = (piece) => Number(piece.style.flexGrow);
      const at = pieces.findIndex((piece) => piece.classList.contains("chosen"));
      const low = pieces.slice(0, at).reduce((sum, piece) => sum + grow(piece), 0);
      return { low, high: low + grow(pieces[at]), u: parseFloat(document.querySelector(".needle").style.left) / 100,
        sum: pieces.reduce((sum, piece) => sum + grow(piece), 0) };
    });
    assert.ok(low - 1e-5 <= u && u < high + 1e-5, `${u} is not in ${low} .. ${high}`);
    assert.ok(Math.abs(sum - 1) < 1e-5);
  }
});

test("the arrow keys move through the text, and one tab stop is all it takes", async () => {
  const { page } = await open("#network=course&speed=0&length=40");
  await write(page);
  await page.focus("#text");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  assert.match(await textOf(page, ".of"), /\b2\b/);
  await page.keyboard.press("End");
  assert.match(await textOf(page, ".of"), /\b40\b/);
  assert.equal(await page.$$eval("#text [tabindex]", (elements) => elements.length), 0);
});

test("the up and down keys go by lines", async () => {
  const { page } = await open("#network=course&speed=0&length=300");
  await write(page);
  await page.focus("#text");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  const [first, second] = await page.evaluate(() => {
    const top = (element) => element.getBoundingClientRect().top;
    return [top(document.querySelector(".c")), top(document.querySelector(".selected"))];
  });
  assert.ok(second - first > 10 && second - first < 100);
  await page.keyboard.press("ArrowUp");
  assert.match(await textOf(page, ".of"), /\b1\b/);
});

test("another character can be chosen, and the network writes on from it", async () => {
  const { page } = await open("#network=course&speed=0&length=60");
  const before = await write(page);
  await (await page.$$(".c"))[10].click();
  await page.click(".bar:not(.chosen)");
  await page.waitForFunction(() => document.querySelector("#stop").hidden);
  const after = await written(page);
  assert.equal(after.length, 60);
  assert.equal(after.slice(0, 10), before.slice(0, 10));
  assert.notEqual(after[10], before[10]);
  assert.equal(await page.$$eval(".hand", (elements) => elements.length), 1);
});

test("the temperature may be changed while the network writes", async () => {
  const { page } = await open("#network=course&speed=200&length=100000&temperature=1");
  await page.click("#write");
  await page.waitForFunction(() => document.querySelectorAll(".c").length > 5);
  await type(page, "#temperature-number", "0");
  await page.waitForFunction(() => /T = 0$/.test(document.querySelector(".key-after").textContent));
  assert.equal(await isWriting(page), true);
});

test("a prompt of unknown characters is shown, left out, and written on from", async () => {
  const { page, problems } = await open("#network=course&speed=0&length=20");
  await type(page, "#prompt", "Ж中a");
  assert.match(await textOf(page, "#prompt-note"), /Ж 中/);
  await write(page);
  assert.equal(await textOf(page, ".given"), "a");
  assert.deepEqual(problems, []);
});

test("an empty prompt starts from the zero state, and says so", async () => {
  const { page } = await open("#network=course&speed=0&length=20&prompt=");
  assert.match(await textOf(page, "#prompt-note"), /zero state/);
  const said = page.waitForFunction(() => /Writing/.test(document.querySelector("#status").textContent), { polling: "mutation" });
  assert.equal((await write(page)).length, 20);
  await said;
});

test("a prompt above 1 MiB is refused with a sentence, one of 1 MB is read and can be stopped", async () => {
  const { page } = await open("#network=course&speed=0&length=20");
  const fill = (text) => page.$eval("#prompt", (box, text) => { box.value = text; }, text);
  await fill("a".repeat(2 ** 20 + 1));
  await page.click("#write");
  assert.match(await textOf(page, "#trouble"), /1048576/);
  await fill("and ".repeat(250_000));
  await page.click("#write");
  await page.waitForFunction(() => /%/.test(document.querySelector("#status").textContent));
  await page.click("#stop");
  assert.equal(await isWriting(page), false);
});

test("a temperature that is none gets a sentence and changes nothing; a huge one is fine", async () => {
  const { page } = await open("#network=course&speed=0&length=20&temperature=0.5");
  for (const wrong of ["-1", "NaN", "warm", "1 000"]) {
    await type(page, "#temperature-number", wrong);
    assert.match(await textOf(page, "#temperature-note"), /It stays 0.5/, wrong);
    assert.equal(await page.$eval("#temperature-number", (box) => box.getAttribute("aria-invalid")), "true");
    assert.match(page.url(), /temperature=0.5/);
  }
  await type(page, "#temperature-number", "0,7");
  await page.waitForFunction(() => /temperature=0.7/.test(location.hash));
  await type(page, "#temperature-number", "1e9");
  assert.equal((await write(page)).length, 20);
});

test("weights that are missing, a web page or damaged get a sentence, and the network in use stays", async () => {
  const answers = {
    "shakespeare.safetensors": { status: 404, body: "not here" },
    "pushkin.safetensors": { status: 200, contentType: "text/html", body: "<!doctype html><p>Hello" },
  };
  const prepare = async (page) => {
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const answer = answers[request.url().split("/").pop()];
      answer ? request.respond(answer) : request.continue();
    });
  };
  const { page } = await open("#network=course&speed=0&length=20", { prepare });
  await page.select("#network", "shakespeare");
  await page.waitForFunction(() => /404/.test(document.querySelector("#trouble").textContent));
  await page.select("#network", "pushkin");
  await page.waitForFunction(() => /web page/.test(document.querySelector("#trouble").textContent));
  assert.equal(await page.$eval("#network", (select) => select.value), "course");
  await page.waitForFunction(() => /network=course/.test(location.hash));
  assert.equal((await write(page)).length, 20);
});

test("every build writes the golden texts of the shipped networks here too", async () => {
  const golden = JSON.parse(await readFile(new URL("../golden/texts.json", import.meta.url), "utf8"));
  const texts = golden.texts.filter(({ file }) => file.startsWith("weights/"));
  assert.ok(texts.length > 0);
  const { page } = await open("#network=course&speed=0");
  for (const isa of ["relaxed", "simd128", "scalar"]) {
    const results = await page.evaluate(async (isa, texts) => {
      const { load } = await import(new URL("rnn.js", location.href).href);
      const write = async ({ file, prompt, settings }) => {
        const model = await load(`../${file}`, { isa });
        return [...model.write(prompt, settings)].map(step => step.text).join("");
      };
      return Promise.all(texts.map(write));
    }, isa, texts);
    assert.deepEqual(results, texts.map(({ text }) => text), isa);
  }
});

test("a file of one's own is opened; a damaged one is refused, and the text in it is never markup", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  try {
    const good = await readFile(new URL("../../weights/course.safetensors", import.meta.url));
    const name = "<img src=x onerror=alert(1)>.safetensors";
    await writeFile(join(folder, name), good);
    await writeFile(join(folder, "cut.safetensors"), good.subarray(0, 5000));
    const { page, problems } = await open("#network=course&speed=0&length=20");
    const input = await page.$("#file");
    await input.uploadFile(join(folder, "cut.safetensors"));
    await page.waitForFunction(() => /cut/.test(document.querySelector("#trouble").textContent));
    await input.uploadFile(join(folder, name));
    await page.waitForFunction(() => /onerror/.test(document.querySelector("#status").textContent));
    assert.equal((await write(page)).length, 20);
    assert.equal(await page.$("img"), null);
    assert.deepEqual(problems, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the page speaks Russian, numbers too, and keeps the text when the language changes", async () => {
  const { page } = await open("#network=course&speed=0&length=30");
  const text = await write(page);
  await page.select("#language", "ru");
  await page.waitForFunction(() => document.documentElement.lang === "ru");
  assert.equal(await textOf(page, "#write"), "Писать");
  assert.equal(await page.$eval("#temperature-number", (box) => box.value), "0,8");
  assert.equal(await written(page), text);
});

test("both languages have the same sentences", async () => {
  const [en, ru] = await Promise.all(["en", "ru"].map(async (tag) => JSON.parse(await readFile(new URL(`../../web/lang/${tag}.json`, import.meta.url)))));
  assert.deepEqual(Object.keys(ru), Object.keys(en));
  const places = (words) => Object.values(words).map((sentence) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort());
  assert.deepEqual(places(ru), places(en));
});

test("hide= takes controls away", async () => {
  const { page } = await open("#network=course&hide=network,more");
  assert.equal(await page.$eval("#network", (element) => element.checkVisibility()), false);
  assert.equal(await page.$eval("#prompt", (element) => element.checkVisibility()), true);
});

for (const scheme of ["light", "dark"])
  for (const width of [1280, 320])
    test(`${scheme}, ${width} px: no finding of axe, and nothing wider than the page`, async () => {
      const prepare = async (page) => {
        await page.setBypassCSP(true); // for axe itself
        await page.setViewport({ width, height: 800 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      };
      const { page } = await open("#network=course&speed=0&length=150", { prepare });
      await write(page);
      await page.$$eval("details", (all) => all.forEach((details) => { details.open = true; }));
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
      assert.ok(passes.length > 20);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
