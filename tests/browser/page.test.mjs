// SPDX-License-Identifier: MIT
//
// The page in Chromium, where requests and media can be had: what goes wrong, what is large, what others than the ten
// of ten.test.mjs do with it.
import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { load } from "../../web/core/model.js";
import { buildPage } from "../../scripts/build_page.mjs";
import { serve } from "../../scripts/serve.mjs";
import { useSite } from "./harness.mjs";
import { choose, copyLink } from "./controls.mjs";

const site = useSite();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const isDone = () => document.querySelector("#stop")?.hidden && document.querySelectorAll(".c:not(.given)").length > 0;

/** Nothing is being fetched, computed or drawn that one waits for. */
const isRested = () => !document.querySelector('[aria-busy="true"]');

/** The page with its network loaded; it begins to write by itself. */
async function open(hash = "", options = {}) {
  const visit = await site.visit(`web/${hash}`, options);
  await visit.page.waitForFunction(() => document.querySelector("#write")?.disabled === false);
  return visit;
}

const textOf = (page, selector) => page.$eval(selector, element => element.textContent);
const written = page => page.$$eval("#text .c:not(.given)", characters => characters.map(c => c.textContent).join(""));
const isWriting = page => page.$eval("#stop", stop => !stop.hidden);

/** What it has written when it is done. */
async function finished(page) {
  await page.waitForFunction(isDone);
  return written(page);
}

/** Presses Write as soon as it is there: while a text is written anew for another temperature, Stop stands in its place. */
async function write(page) {
  await page.locator("#write").click();
  return finished(page);
}

async function type(page, selector, text) {
  await page.click(selector, { count: 3 });
  await page.keyboard.press("Backspace");
  if (text) await page.type(selector, text);
  await page.$eval(selector, box => box.blur());
}

test("the page loads and begins to write within a second, without an error or a request to another origin", async () => {
  const origins = new Set();
  const prepare = async page => page.on("request", request => origins.add(new URL(request.url()).origin));
  const { page, problems } = await open("#network=course&speed=0&length=120", { prepare });
  assert.equal((await finished(page)).length, 120);
  assert.match(await textOf(page, "#status"), /120/);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [...origins].filter(origin => origin !== "null"),
    [new URL(page.url()).origin],
  );
});

for (const network of ["shakespeare", "pushkin", "course"])
  test(`${network} writes what the same address wrote before`, async () => {
    const hash = `#network=${network}&speed=0&length=60&seed=5&temperature=0.7`;
    const first = await finished((await open(hash)).page),
      second = await finished((await open(hash)).page);
    assert.equal(first.length, 60);
    assert.equal(second, first);
  });

test("at temperature 0 the seed does not matter, at 1 it does", async () => {
  const run = async (T, seed) => finished((await open(`#network=course&speed=0&length=60&temperature=${T}&seed=${seed}`)).page);
  assert.equal(await run(0, 1), await run(0, 2));
  assert.notEqual(await run(1, 1), await run(1, 2));
});

test("the page answers while it writes as fast as it can", async () => {
  const { page } = await open("#network=shakespeare&speed=0&length=5000");
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: "longtask", buffered: false });
  });
  await page.waitForFunction(() => document.querySelectorAll("#text .c").length > 500);
  assert.ok((await page.evaluate(() => window.longest)) < 1000, "a task blocked the page for a second");
});

test("100,000 characters stay scrollable and selectable, each with its step", async () => {
  const { page } = await open("#network=course&speed=0&length=100000&tint=none");
  await page.waitForFunction(() => /^(100,000|100000)/.test(document.querySelector("#status").textContent), { timeout: 120_000 });
  const { all, elements } = await page.evaluate(() => {
    const text = document.querySelector("#text"),
      range = document.createRange();
    range.selectNodeContents(text);
    return { all: range.toString().length, elements: text.querySelectorAll(".c").length };
  });
  const given = (await page.$eval("#prompt", box => box.value)).length;
  assert.equal(all, 100_000 + given);
  assert.ok(elements < 20_000, `${elements} elements`);
  await page.$eval("#text", text => {
    text.scrollTop = text.scrollHeight / 2;
  });
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#text .c")].some(c => c.dataset.place > 30_000 && c.dataset.place < 70_000),
  );
  const place = await page.evaluate(() => {
    const box = document.querySelector("#text").getBoundingClientRect();
    const c = [...document.querySelectorAll("#text .c")].find(each => each.getBoundingClientRect().top > box.top + box.height / 2);
    c.click();
    return c.dataset.place;
  });
  assert.equal(await page.$eval("#text .selected", c => c.dataset.place), place);
  const copied = await page.evaluate(() => {
    const chunks = document.querySelectorAll("#text .chunk"),
      range = document.createRange();
    const data = new DataTransfer();
    (range.setStartBefore(chunks[3].firstChild), range.setEndAfter(chunks[6].lastChild));
    (getSelection().removeAllRanges(), getSelection().addRange(range));
    document.querySelector("#text .chunk").dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true }));
    return [
      data.getData("text/plain"),
      [...chunks]
        .slice(3, 7)
        .map(chunk => chunk.textContent)
        .join(""),
    ];
  });
  assert.equal(copied[0], copied[1]);
});

test("what is written is read out in pieces of a sentence's size, and nothing where it is too fast", async () => {
  const listen = async speed => {
    const { page } = await open(`#network=course&speed=${speed}&length=130`);
    await page.click("#stop").catch(() => {}); // it may have ended
    await page.evaluate(() => {
      window.pieces = [];
      new MutationObserver(() => window.pieces.push(document.querySelector("#spoken").textContent)).observe(
        document.querySelector("#spoken"),
        { childList: true, characterData: true, subtree: true },
      );
    });
    await write(page);
    return page.evaluate(() => window.pieces);
  };
  const pieces = await listen(60);
  assert.ok(pieces.length >= 1 && pieces.length <= 5, JSON.stringify(pieces));
  assert.ok(
    pieces.slice(0, -1).every(piece => piece.length >= 40),
    JSON.stringify(pieces),
  );
  assert.deepEqual(await listen(0), []);
});

test("an address with odd, huge or hostile values opens without an error and shows no number that is none", async () => {
  const addresses = [
    "tint=unit&unit=9999",
    "tint=unit&unit=4095&panel=cell",
    "panel=cell&at=0",
    "path=999999i3",
    "path=5i3_5i99999_7t1e999",
    "at=200000",
    "view=temperatures&temperatures=NaN,x",
    `view=temperatures&temperatures=${"1,".repeat(99)}1`,
    "view=temperatures&panel=cell",
    `prompt=${"a".repeat(3000)}`,
    "prompt=%F0%9F%98%80",
    "prompt=",
    "length=0",
    "length=0&prompt=",
    "topP=0",
    "temperature=1e999",
    "view=score&text=",
    "view=score&text=a&panel=cell",
    "view=score&text=%F0%9F%98%80",
    "hide=__proto__&lock=constructor,,",
    "language=__proto__",
    "panel=branches",
  ];
  for (const address of addresses) {
    const { page, problems } = await open(`#network=course&speed=0&length=12&${address}`);
    await page.waitForFunction(() => document.querySelector("#stop").hidden);
    await page.waitForFunction(isRested);
    assert.deepEqual(problems, [], address);
    assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /NaN|undefined|\[object/, address);
  }
});

test("an address of a network that there is not says so, and another one writes", async () => {
  const { page } = await open("#network=__proto__&speed=0&length=20");
  assert.equal((await finished(page)).length, 20);
  assert.match(await textOf(page, "#trouble:not([hidden])"), /__proto__/);
});

test("the keys move through the text by characters and lines, and one tab stop is all it takes", async () => {
  const { page } = await open("#network=course&speed=0&length=300");
  await finished(page);
  await page.focus("#text");
  await page.keyboard.press("Home");
  const at = () => page.$eval("#text .selected", c => [Number(c.dataset.place), c.getBoundingClientRect().top]);
  const [, first] = await at();
  await page.keyboard.press("ArrowDown");
  const [, second] = await at();
  assert.ok(second - first > 10 && second - first < 100);
  await page.keyboard.press("ArrowUp");
  assert.equal((await at())[0], 0);
  await page.keyboard.press("End");
  assert.equal((await at())[0], 300 + "Today ".length - 1);
  await page.keyboard.press("Escape");
  assert.equal(await page.$$eval("#text [tabindex]", elements => elements.length), 0);
});

test("the tabs change with the arrow keys", async () => {
  const { page } = await open("#network=course&speed=0&length=30");
  await finished(page);
  await page.focus("#tab-why");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-chain");
  assert.equal(await page.$eval("#panel-chain", panel => panel.checkVisibility()), true);
  await page.waitForFunction(() => /panel=chain/.test(location.hash));
});

test("a temperature moved while the network writes writes the text anew with the same dice, and is in the address", async () => {
  const { page } = await open("#network=course&speed=60&length=90&temperature=1.5");
  await page.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length > 10);
  await page.$eval("#temperature", slider => {
    slider.value = "0";
    slider.dispatchEvent(new Event("input"));
  });
  assert.equal(await isWriting(page), true);
  const text = await finished(page);
  await page.waitForFunction(() => /temperature=0(&|$)/.test(location.hash));
  assert.equal(await finished((await open(new URL(page.url()).hash.replace("speed=60", "speed=0"))).page), text);
});

test("the link that is copied opens the same text where it was left, with the same character shown", async () => {
  const { page } = await open("#network=course&speed=0&length=80");
  await finished(page);
  await page.evaluate(() => {
    navigator.clipboard.writeText = async text => {
      window.copied = text;
    };
  });
  await page.click('#text [data-place="20"]');
  await page.click(".bar:not(.chosen)");
  const text = await finished(page);
  await page.click('#text [data-place="33"]');
  await copyLink(page);
  const { hash } = new URL(await page.evaluate(() => window.copied));
  const { page: other } = await open(hash);
  assert.equal(await finished(other), text);
  await other.waitForFunction(() => document.querySelector("#text .selected")?.dataset.place === "33");
});

test("the whole distribution is copied as CSV", async () => {
  const { page } = await open("#network=course&speed=0&length=20");
  await finished(page);
  await page.evaluate(() => {
    navigator.clipboard.writeText = async text => {
      window.copied = text;
    };
  });
  await page.$eval(".as-table", details => {
    details.open = true;
  });
  await page.click(".csv");
  const copied = await page.waitForFunction(() => window.copied);
  const rows = (await copied.jsonValue()).trim().split("\n");
  assert.equal(rows.length, 1 + 73);
  const sum = column => rows.slice(1).reduce((total, row) => total + Number(row.split(",").at(column)), 0);
  assert.ok(Math.abs(sum(-1) - 1) < 1e-5 && Math.abs(sum(-2) - 1) < 1e-5);
});

test("a prompt of unknown characters is shown, left out, and written on from", async () => {
  const { page, problems } = await open("#network=course&speed=0&length=20");
  await finished(page);
  await type(page, "#prompt", "Ж中a");
  assert.match(await textOf(page, "#prompt-note"), /Ж 中/);
  await write(page);
  assert.equal(await textOf(page, ".given"), "a");
  assert.deepEqual(problems, []);
});

test("an empty prompt starts from the zero state", async () => {
  const { page } = await open("#network=course&speed=0&length=20&prompt=");
  assert.equal((await finished(page)).length, 20);
  assert.match(await textOf(page, "#prompt-note"), /^Empty: the network starts from a hidden state of zeros/);
});

/** Answers requests of these files with 404, as long as `missing` has their names. */
const without = missing => async page => {
  await page.setRequestInterception(true);
  page.on("request", request => {
    const name = request.url().split("/").pop();
    missing.has(name) ? request.respond({ status: 404, body: "not here" }) : request.continue();
  });
};
const alertIn = (page, section) => page.waitForSelector(`${section} > [role=alert]`).then(alert => alert.evaluate(p => p.textContent));

test("a view or a panel whose code or styles are missing says so in its own place, and the others go on", async () => {
  const missing = new Set(["score.js", "activations.css", "facts.js"]);
  const { page } = await open("#network=course&speed=0&length=30&language=en&view=score", { prepare: without(missing) });
  assert.match(await alertIn(page, "#view-score"), /cannot be shown.*score\.js/s);
  await page.click("#tab-write");
  assert.equal((await write(page)).length, 30);
  await page.click("#tab-cell");
  assert.match(await alertIn(page, "#panel-cell"), /cannot be shown.*activations\.css/s);
  await page.$eval("[data-part=more]", details => {
    details.open = true;
  });
  assert.match(await alertIn(page, "#more"), /cannot be shown/);
  await page.click(".top .menu > summary"); // it lies over the tabs
  await page.click("#tab-branches");
  await page.waitForSelector(".branches li");
  await page.click("#tab-temperatures");
  await page.waitForSelector("#together:enabled").then(button => button.click());
  await page.waitForFunction(() => document.querySelectorAll(".stream").length === 5);
  missing.clear();
  await page.click("#tab-write");
  await page.click("#tab-cell"); // another try
  await page.waitForSelector("#panel-cell canvas");
  assert.equal(await page.$eval("#trouble", trouble => trouble.hidden), true);
});

test("a page without its list of networks, its words or its code is never empty", async () => {
  const { page } = await site.visit("web/#language=en", { prepare: without(new Set(["index.json"])) });
  await page.waitForFunction(() => /index\.json/.test(document.querySelector("#trouble:not([hidden])")?.textContent));
  assert.equal(await page.$eval("#text", text => text.checkVisibility()), true);
  assert.equal(await textOf(page, "#tab-train"), "Train");
  await page.click("#tab-train");
  await page.waitForSelector("#view-train textarea");
  const { page: wordless } = await site.visit("web/#language=en", { prepare: without(new Set(["en.json"])) });
  await wordless.waitForFunction(() => /en\.json/.test(document.querySelector("#trouble:not([hidden])")?.textContent));
  const { page: dead } = await site.visit("web/", { prepare: without(new Set(["desk.js"])) });
  await dead.waitForFunction(() => /not started/.test(document.body.innerText));
});

test("the cell comes back after it had nothing to show", async () => {
  const { page, problems } = await open("#network=course&speed=0&length=40&panel=cell");
  await finished(page);
  await page.waitForSelector("#cell canvas");
  await page.click("#tab-score");
  await page.waitForFunction(() => !document.querySelector("#cell canvas") && document.querySelector("#panel-cell").ariaBusy === "false");
  await page.click("#tab-write");
  await page.waitForSelector("#cell canvas");
  await page.waitForFunction(() => document.querySelectorAll("#guesses td").length > 0);
  assert.deepEqual(problems, []);
});

test("a prompt above 1 MiB is refused with a sentence, one of 1 MB is read and can be stopped", async () => {
  const { page } = await open("#network=course&speed=0&length=20");
  await finished(page);
  const fill = text =>
    page.$eval(
      "#prompt",
      (box, text) => {
        box.value = text;
      },
      text,
    );
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
  await finished(page);
  for (const wrong of ["-1", "NaN", "warm", "1 000"]) {
    await type(page, "#temperature-number", wrong);
    assert.match(await textOf(page, "#temperature-note"), /It stays 0.5/, wrong);
    assert.equal(await page.$eval("#temperature-number", box => box.getAttribute("aria-invalid")), "true");
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
  const prepare = async page => {
    await page.setRequestInterception(true);
    page.on("request", request => {
      const answer = answers[request.url().split("/").pop()];
      answer ? request.respond(answer) : request.continue();
    });
  };
  const { page } = await open("#network=course&speed=0&length=20", { prepare });
  await page.select("#network", "shakespeare");
  await page.waitForFunction(() => /404/.test(document.querySelector("#trouble").textContent));
  await page.select("#network", "pushkin");
  await page.waitForFunction(() => /web page/.test(document.querySelector("#trouble").textContent));
  assert.equal(await page.$eval("#network", select => select.value), "course");
  await page.waitForFunction(() => /network=course/.test(location.hash));
  await finished(page);
  assert.equal((await write(page)).length, 20);
});

test("every build writes the golden texts of the shipped networks here too", async () => {
  const golden = JSON.parse(await readFile(new URL("../golden/texts.json", import.meta.url), "utf8"));
  const texts = golden.texts.filter(({ file }) => file.startsWith("weights/"));
  assert.ok(texts.length > 0);
  const { page } = await open("#network=course&speed=0");
  for (const isa of ["relaxed", "simd128", "scalar"]) {
    const results = await page.evaluate(
      async (isa, texts) => {
        const { load } = await import(new URL("core/model.js", location.href).href);
        const write = async ({ file, prompt, settings }) => {
          const model = await load(`../${file}`, { isa });
          return [...model.write(prompt, settings)].map(step => step.text).join("");
        };
        return Promise.all(texts.map(write));
      },
      isa,
      texts,
    );
    assert.deepEqual(
      results,
      texts.map(({ text }) => text),
      isa,
    );
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
    await page.$eval("[data-part=more]", details => {
      details.open = true;
    });
    const input = await page.waitForSelector("#file");
    await input.uploadFile(join(folder, "cut.safetensors"));
    await page.waitForFunction(() => /cut/.test(document.querySelector("#trouble").textContent));
    await input.uploadFile(join(folder, name));
    await page.waitForFunction(() => /onerror/.test(document.querySelector("#network").selectedOptions[0].textContent));
    assert.equal((await finished(page)).length, 20);
    assert.equal(await page.$("img"), null);
    assert.deepEqual(problems, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the page speaks Russian, numbers too, and keeps the text when the language changes", async () => {
  const { page } = await open("#network=course&speed=0&length=30");
  const text = await finished(page);
  await page.select("#language", "ru");
  await page.waitForFunction(() => document.documentElement.lang === "ru");
  assert.equal(await textOf(page, "#write"), "Сгенерировать");
  assert.equal(await page.$eval("#temperature-number", box => box.value), "0,8");
  assert.equal(await written(page), text);
});

test("of a network of words the page speaks as of words: names, counts, shades, what is unknown", async () => {
  const { page, problems } = await open("#network=alice-words&speed=0&length=40&language=en&prompt=Alice%20met%20Zarathustra");
  await finished(page);
  const model = await load(new URL("../../weights/alice-words.safetensors", import.meta.url)),
    steps = [...model.write("Alice met Zarathustra", { temperature: 0.8, length: 40 })];
  assert.equal(await written(page), steps.map(step => step.text).join(""));
  assert.match(await textOf(page, "#prompt-note"), /^Read as the unknown word.*Zarathustra$/);
  assert.match(await textOf(page, "#status"), /^40 words/);
  assert.equal(await page.$eval("#one", one => one.ariaLabel), "+1 word");
  const classes = await page.$$eval("#text .c:not(.given)", all => all.map(c => c.className.split(" ")[1]));
  assert.deepEqual(
    classes,
    steps.map(({ surprisal }) => `s${Math.min(7, Math.floor(surprisal / 2))}`),
  );
  const names = await page.$$eval("button.bar .name", all => all.map(name => name.textContent));
  assert.ok(
    names.every(name => !name.startsWith(" ")),
    names.join(),
  );
  const strip = await page.$$eval(".strip i", all => all.map(piece => Number(piece.style.flexGrow)));
  assert.ok(strip.length < 1000 && Math.abs(strip.reduce((sum, p) => sum + p, 0) - 1) < 1e-5, `${strip.length} pieces`);
  await page.select("#network", "course");
  await page.waitForFunction(() => /^\d+ characters/.test(document.querySelector("#status").textContent));
  assert.equal(await page.$eval("#one", one => one.ariaLabel), "+1 character");
  assert.deepEqual(problems, []);
});

// ---- what a visitor fetches: the page as scripts/build_page.mjs makes it ----

/** Opens the built page; its folder, the paths that were requested so far, and the page. @param {string} hash */
async function visitBuilt(hash) {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-page-"));
  await buildPage(folder);
  const built = await serve(0, folder);
  after(async () => {
    await built.close();
    await rm(folder, { recursive: true });
  });
  const paths = [];
  const prepare = async page => page.on("request", request => paths.push(new URL(request.url()).pathname.slice(1)));
  const { page, problems } = await site.visit(`${built.url}web/${hash}`, { prepare });
  return { folder, paths, page, problems };
}

/** The bytes, gzipped file by file, of the scripts, styles and words among the paths. @param {string} folder @param {string[]} paths */
async function bytesOf(folder, paths) {
  const code = [...new Set(paths)]
    .filter(path => /(\/|\.html|\.js|\.css|\.json)$/.test(path) && path !== "weights/index.json")
    .map(path => path.replace(/\/$/, "/index.html"));
  assert.ok(code.length > 5, code.join());
  const sizes = await Promise.all(code.map(async path => gzipSync(await readFile(join(folder, path)), { level: 9 }).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("a visitor fetches at most 40 KB of scripts, styles and words for the first view, and 24 KB more for Five patterns", async () => {
  const { folder, paths, page, problems } = await visitBuilt("#network=course&speed=0&length=20&language=ru&seed=5&prompt=Today%20");
  const text = await finished(page);
  await page.waitForFunction(() => document.querySelector("button.bar .ahead")?.textContent); // what is fetched last
  const first = await bytesOf(folder, paths);
  assert.ok(first <= 40 * 1024, `${first} bytes`);
  const modules = paths.filter(path => path.endsWith(".js")).slice(0, 3);
  assert.deepEqual(modules.sort(), ["web/app.js", "web/first.js", "web/page/desk.js"], "before anything that is fetched late");
  const { page: source } = await open("#network=course&speed=0&length=20&language=ru&seed=5&prompt=Today%20");
  assert.equal(text, await finished(source), "the built page writes the same");
  const before = new Set(paths.splice(0));
  await page.click("#tab-patterns");
  await page.waitForFunction(isUnrolled);
  const patterns = await bytesOf(folder, paths.filter(path => !before.has(path)));
  assert.ok(patterns <= 24 * 1024, `${patterns} bytes`);
  assert.deepEqual(problems, []);
});

test("what the page asks for at once is what its first text needs: no module is found late, and none is fetched in vain", async () => {
  const html = await readFile(new URL("../../web/index.html", import.meta.url), "utf8");
  const asked = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(match => `web/${match[1]}`);
  const paths = [];
  const prepare = async page => page.on("request", request => paths.push(new URL(request.url()).pathname.slice(1)));
  const { page } = await open("#network=course&speed=0&length=200&language=en", { prepare });
  await page.waitForFunction(() => document.querySelector("#text .c:not(.given)"));
  const modules = paths.filter(path => path.endsWith(".js") && path !== "web/app.js" && path !== "web/page/text/ahead.js");
  assert.deepEqual([...new Set(modules)].sort(), asked.sort());
});

// ---- axe ----

const VIEWS = {
  "write, why": "",
  "write, loop": "&temperature=0",
  "write, cell": "&panel=cell&tint=unit&unit=14",
  "write, branches": "&panel=branches",
  temperatures: "&view=temperatures",
  score: "&view=score&text=To%20be,%20or%20not%20to%20be",
  train: "&view=train",
  "patterns, sequence": "&view=patterns&pattern=roman",
  "patterns, picture": "&view=patterns&pattern=digits-en",
  "patterns, many to one": "&view=patterns&pattern=surname-language",
};
/** Beside the views, looked at once in each theme: how one gets there is in STATES. */
const MORE = {
  "stop, question": "&guide=greedy&network=shakespeare&temperature=0",
  lesson: "&view=lesson",
  hello: "&view=hello",
  "counting, before it learns": "&view=counting",
  "mistakes, one open": "&view=mistakes",
  "settings, open": "",
  "share, open": "",
};
const FEWER = ["write, why", "write, loop", "train", "stop, question", "settings, open"];
const isUnrolled = () =>
  document.querySelectorAll("#unrolled .unrolled-column").length > 3 &&
  [...document.querySelectorAll(".card")].every(card => card.querySelector(".unrolled-column"));
/** Of a pattern what is behind its units, too, and where it is trained. */
async function opened(page) {
  await page.waitForFunction(isUnrolled);
  await page.$eval("#unrolled button", button => button.click());
  await page.$eval("[data-part=drill]", details => void (details.open = true));
  await page.waitForFunction(() => document.querySelector("#unit-guesses table") && document.querySelector(".drill"));
}
const isThere = () => document.querySelectorAll(".page .c").length > 10 && document.querySelector("#stop").hidden;
/** The view Train while it learns: with its curve and what it writes. */
async function trained(page) {
  const isReady = length => {
    const isRead = document.querySelector("#train-read")?.textContent.replace(/\D/g, "").startsWith(length);
    return isRead && document.querySelector("#view-train .actions .main")?.disabled === false;
  };
  await page.waitForFunction(isReady, {}, "");
  // of a short text the first figure on what is held out comes after few updates
  await choose(page, "#view-train input[type=file]", ["short.txt", "What is short is soon read. ".repeat(300)]);
  await page.waitForFunction(isReady, {}, "8400");
  await page.$eval("#view-train .actions .main", button => button.click());
  const isMeasured = () => document.querySelector("#train-replay").max > 0 && document.querySelector(".curve .heldout");
  await page.waitForFunction(isMeasured, { timeout: 120_000 });
  // what it writes stands in the view: the sheets of Settings and Share lie over the page
  assert.equal(await page.$eval("#train-sheet", sheet => getComputedStyle(sheet).position), "static");
}
/** Presses it when it is there. */
async function pressed(page, selector) {
  await page.waitForSelector(selector);
  await page.$eval(selector, element => element.click());
}
/** How each of MORE comes to be shown. @type {Record<string, (page: any) => Promise<unknown>>} */
const STATES = {
  async "stop, question"(page) {
    await page.waitForFunction(isThere);
    await pressed(page, ".stop [aria-expanded]");
    await pressed(page, ".quiz input");
  },
  lesson: page => page.waitForSelector("#view-lesson h2"),
  hello: page => page.waitForSelector("#view-hello .spelling"),
  "counting, before it learns": page => page.waitForSelector("#view-counting .lane .c"),
  "mistakes, one open": page => pressed(page, "#view-mistakes details:not([open]) > summary"),
  async "settings, open"(page) {
    await pressed(page, ".top .menu > summary");
    await page.waitForSelector("#file");
  },
  async "share, open"(page) {
    await pressed(page, ".menu.up > summary");
    await page.waitForSelector("#share :is(button, input)");
  },
};
/** Each view, with all that can be opened in it. @param {string} view */
async function shown(page, view) {
  await (view === "train" ? trained(page) : view.startsWith("patterns") ? opened(page) : page.waitForFunction(isThere));
  await page.$$eval("details", all => all.forEach(details => void (details.open = true)));
}
const views = Object.entries(VIEWS);
const more = Object.entries(MORE);
const fewer = [...views, ...more].filter(([name]) => FEWER.includes(name));
const widths = [1280, 320].flatMap(width => ["en", "ru"].map(language => ({ width, language, of: views })));
const LOOKS = [
  ...["light", "dark"].flatMap(scheme => widths.map(look => ({ scheme, ...look }))),
  { scheme: "light", width: 1280, language: "en", of: more },
  { scheme: "dark", width: 320, language: "ru", of: more },
  { scheme: "light", width: 1280, language: "he", of: fewer },
  { scheme: "dark", width: 320, language: "he", of: fewer },
];
for (const { scheme, width, language, of } of LOOKS) {
  const what = of === views ? "any view" : of === more ? "what opens" : "a page from right to left";
  test(`${scheme}, ${width} px, ${language}: no finding of axe in ${what}, and nothing wider than the page`, async () => {
    const prepare = async page => {
      await page.setBypassCSP(true); // for axe itself
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    };
    for (const [view, settings] of of) {
      const { page } = await site.visit(`web/#network=course&speed=0&length=150&language=${language}${settings}`, { prepare });
      await (STATES[view] ? STATES[view](page) : shown(page, view));
      if (view !== "train") await page.waitForFunction(isRested);
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes[0].html}`),
        [],
      );
      assert.ok(passes.length > 20);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view} is wider than the page`);
      await page.close();
    }
  });
}
