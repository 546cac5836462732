// SPDX-License-Identifier: MIT
//
// The page in one file, in three engines, wherever somebody may open it: by a double click, from a notebook server's folder, in a
// sandbox without an origin, as the srcdoc of a frame, without a network. It writes what the library writes, and trains in a worker.
import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { buildOneFile } from "../../scripts/build_onefile.mjs";
import { load } from "../../web/core/model.js";
import { Training } from "../../web/core/recipe.js";
import { unpack } from "../../web/page/archive.js";
import { checkedWork, pageWith, workOf } from "../../web/page/onepage.js";
import { ENGINES, launch } from "./engines.mjs";
import { missing, serveWith, useSite } from "./harness.mjs";

const KB = 1024;
const LENGTH = 60;
const SETTINGS = `#network=course&language=en&speed=0&seed=3&length=${LENGTH}`;
const TEXT = "the cat sees a small dog and the dog sees the cat.\n".repeat(100);

let folder, file, html;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  file = join(folder, "nextchar.html");
  html = await buildOneFile(file);
});
after(() => rm(folder, { recursive: true }));

const COURSE = new URL("../../weights/course.safetensors", import.meta.url);

/** What the library writes with the page's settings. @param {string} prompt @param {URL | Uint8Array} network */
async function writtenBy(prompt, network = COURSE) {
  const model = await load(network);
  return prompt + [...model.write(prompt, { seed: 3, temperature: 0.8, length: LENGTH })].map(step => step.text).join("");
}

/** A small network that knows its text. */
async function learnt() {
  const training = await Training.begin(TEXT, { hidden: 16, embedding: 0, batch: 4, window: 16, passes: 4, heldOut: 0 });
  while (training.done < training.updates) training.update();
  return training.weights();
}

/** Before what is saved: downloads are kept in the page instead. */
const keepDownloads = () => {
  window.saved = [];
  const { createObjectURL } = URL;
  URL.createObjectURL = blob => (window.saved.push(blob), createObjectURL.call(URL, blob));
  HTMLAnchorElement.prototype.click = function () {
    window.savedAs = this.download;
  };
};
const savedPage = page =>
  page.waitFor(async () => {
    const text = await window.saved.at(-1)?.text();
    return text?.startsWith("<!doctype html>") && { name: window.savedAs, text };
  });

const textIn = page =>
  page.waitFor(length => {
    const text = document.querySelector("#text");
    return text?.querySelectorAll(".c:not(.given)").length === length && text.textContent;
  }, LENGTH);

/** Gives Train the text, and begins. */
async function train(page) {
  await page.run(text => {
    const box = document.querySelector("#view-train textarea");
    box.value = text;
    for (const type of ["input", "change"]) box.dispatchEvent(new Event(type, { bubbles: true }));
  }, TEXT);
  await page.waitFor(() => document.querySelector("#train-start").disabled === false);
  await page.click("#train-start");
}

/** Writes and trains there, as it does everywhere. */
async function works(page, text) {
  assert.equal(await textIn(page), text ?? (await writtenBy("Today ")));
  assert.ok(await page.waitFor(() => document.querySelectorAll("#distribution .bar").length > 5));
  await page.click("#tab-train");
  await page.waitFor(() => Boolean(document.querySelector("#view-train textarea")));
  await train(page);
  await page.waitFor(() => /Pass .*bits in training/.test(document.querySelector("#view-train").innerText));
  const said = await page.run(() => document.querySelector("#view-train").innerText);
  assert.doesNotMatch(said, /No worker can be started here/);
}

/** Whether it has learnt to so many bits; a first figure above `atOnce` is an error. */
const trainedTo = (bits, atOnce = 100) => {
  const [, said] = /Pass .*: (\d+\.\d+)\s+bits in training/.exec(document.querySelector("#view-train").innerText) ?? [];
  if (said && Number(said) > atOnce) throw new Error(`${said} bits at first`);
  return Number(said) <= bits;
};

/** A server of one page for each path. @param {Record<string, string>} pages */
async function serving(pages) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const body = pages[request.url];
    response.writeHead(body ? 200 : 204, { "content-type": "text/html" }).end(body);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, asked, close };
}

test("the page in one file has at most 800 KB, 400 KB compressed", () => {
  const bytes = Buffer.from(html);
  assert.ok(bytes.length <= 800 * KB, `${bytes.length} bytes`);
  const { length } = gzipSync(bytes, { level: 9 });
  assert.ok(length <= 400 * KB, `${length} bytes compressed`);
});

test("it is of ASCII alone, so no wrong encoding of the page around it changes what its policy has sums of", () => {
  assert.doesNotMatch(html, /[^\0-\x7f]/);
});

test("what a page was saved with is whole, or the page starts without it", async () => {
  const work = await workOf(new Uint8Array(9), { title: "</script><b>$&\u2028Ж", prompt: "<!--", about: "" }, { path: "1.2" });
  const saved = pageWith(html, work);
  assert.doesNotMatch(saved, /[^\0-\x7f]/);
  const [, data] = /id="work">([^<]*)<\/script>\n<script id="program">/.exec(saved);
  assert.deepEqual(checkedWork(JSON.parse(data)), work);
  for (const bad of [null, 5, {}, { ...work, settings: 1 }, { ...work, listed: {} }, { ...work, archive: { lengths: null, gzip: "" } }])
    assert.equal(checkedWork(bad), null);
  const renamed = { ...work, listed: { ...work.listed, name: "course", file: "../web/core/rnn.wasm" } };
  assert.equal(checkedWork(renamed).listed.file, "saved.safetensors");
  const { lengths, gzip } = work.archive;
  assert.deepEqual([...(await unpack({ lengths, gzip })).values()], [new Uint8Array(9)]);
  const [name] = Object.keys(lengths);
  for (const bad of [8, 10, -1, 2 ** 40, NaN, "9"]) await assert.rejects(unpack({ lengths: { [name]: bad }, gzip }), /bytes|lengths/);
  for (const bad of ["", "!", gzip.slice(8), gzip.slice(0, -8)]) await assert.rejects(unpack({ lengths, gzip: bad }));
});

test("it is made anew in the place of one that was made, and of no page that somebody saved, nor of another file", async () => {
  const [empty, own, other] = ["empty", "own", "other"].map(name => join(folder, `${name}.html`));
  const saved = pageWith(html, await workOf(new Uint8Array(9), { title: "mine", prompt: "", about: "" }, {}));
  await Promise.all([
    writeFile(empty, html.replace("nextchar has not started", "an older one")),
    writeFile(own, saved),
    writeFile(other, "a note"),
  ]);
  await buildOneFile(empty);
  assert.equal(await readFile(empty, "utf8"), html);
  for (const [path, text] of [
    [own, saved],
    [other, "a note"],
  ]) {
    await assert.rejects(buildOneFile(path), /is there, and not an empty page of this script/);
    assert.equal(await readFile(path, "utf8"), text);
  }
  assert.deepEqual(
    (await readdir(folder)).filter(name => name.endsWith(".part")),
    [],
  );
});

test("it asks for nothing: no address in it leads anywhere, and its policy lets it reach nothing", () => {
  assert.match(html, /default-src 'none'; script-src 'sha256-[\w+/]+=' 'wasm-unsafe-eval'; style-src 'sha256-/);
  assert.doesNotMatch(html, /<(link|script|img)[^>]+(href|src)="(?!data:)/);
});

for (const engine of ENGINES)
  describe(engine, () => {
    let browser;
    before(async () => {
      browser = await launch(engine);
    });
    after(() => browser.close());

    const onPage = (name, run) =>
      test(name, async () => {
        const page = await browser.newPage();
        try {
          await run(page);
          assert.deepEqual(page.problems, []);
        } finally {
          await page.close();
        }
      });

    onPage("by a double click it writes and trains", async page => {
      await page.goto(pathToFileURL(file).href + SETTINGS);
      await works(page);
    });

    onPage("from a notebook server's folder it writes and trains, and asks for nothing else", async page => {
      const server = await serving({ "/files/nextchar.html": html });
      try {
        await page.goto(`${server.url}/files/nextchar.html${SETTINGS}`);
        await works(page);
        assert.deepEqual(
          server.asked.filter(path => path !== "/favicon.ico"),
          ["/files/nextchar.html"],
        );
      } finally {
        await server.close();
      }
    });

    onPage("in a sandbox without an origin it writes and trains, and what it cannot keep is said", async page => {
      const source = `/nextchar.html${SETTINGS.replaceAll("&", "&amp;")}`;
      const frame = `<iframe sandbox="allow-scripts" width="900" height="800" src="${source}"></iframe>`;
      const server = await serving({ "/nextchar.html": html, "/": frame });
      try {
        await page.goto(server.url);
        await page.enterFrame();
        await works(page);
        await page.waitFor(() => /not kept|keeps nothing/.test(document.querySelector("#view-train").innerText));
      } finally {
        await server.close();
      }
    });

    onPage("saved with a network it begins with that one, whatever its address says of other things", async page => {
      const network = await learnt();
      const copy = join(folder, `${engine}-saved.html`);
      const known = { title: "cats", prompt: "the ", about: "" };
      await writeFile(copy, pageWith(html, await workOf(network, known, { language: "ru", speed: 0, seed: 4, length: LENGTH })));
      await page.goto(`${pathToFileURL(copy).href}#layout=embed&seed=3`);
      assert.equal(await textIn(page), await writtenBy("the ", network));
      assert.equal(await page.run(() => document.documentElement.lang), "ru");
      await page.goto(pathToFileURL(file).href + SETTINGS.replace("language=en", "language=he")); // which is not in it
      await textIn(page);
      const languages = await page.run(() => [...document.querySelector("#language").options].map(({ value }) => value));
      assert.deepEqual([languages, await page.run(() => document.querySelector("#trouble").hidden)], [["en", "ru"], true]);
    });

    onPage("as the srcdoc of a sandboxed frame, as in a notebook, it writes with the network that it was given, and trains", async page => {
      const network = await learnt();
      const known = { title: "cats & <dogs>", prompt: "the ", about: "" };
      const settings = { language: "en", speed: 0, seed: 3, length: LENGTH };
      const given = pageWith(html, await workOf(network, known, settings));
      const escaped = given.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      const frame = `<iframe sandbox="allow-scripts" width="900" height="800" srcdoc="${escaped}"></iframe>`;
      const server = await serving({ "/": frame });
      try {
        await page.goto(server.url);
        await page.enterFrame();
        await works(page, await writtenBy("the ", network));
        assert.equal(await page.run(() => document.querySelector("#network").selectedOptions[0].text), "cats & <dogs>");
        await page.run(() => document.querySelector("#share").closest("details").querySelector("summary").click());
        await page.waitFor(() => document.querySelector("#takeaway-print")?.checkVisibility());
        assert.equal(await page.run(() => document.querySelector("#takeaway-page").checkVisibility()), false, "Train has its own");
        await page.run(() => (document.querySelector("#share").closest("details").open = false));
        await page.click("#tab-write");
        await page.run(() => document.querySelector("#share").closest("details").querySelector("summary").click());
        await page.waitFor(() => document.querySelector("#takeaway-page").checkVisibility());
        assert.equal(await page.run(() => document.querySelector("#link").checkVisibility()), false, "a link would lead nowhere");
      } finally {
        await server.close();
      }
    });

    onPage("what was trained is saved as a page, which writes, says what it learnt from, learns on, and is saved again", async page => {
      await page.goto(`${pathToFileURL(file).href + SETTINGS}&text=a+letter`);
      await works(page);
      await page.waitFor(trainedTo, 1.5);
      await page.run(keepDownloads);
      await page.waitFor(() => {
        const stop = document.querySelector("#train-stop");
        if (stop.checkVisibility()) stop.click(); // it may be over by itself
        return document.querySelector("#train-page").checkVisibility();
      });
      await page.click("#train-page");
      const { name, text } = await savedPage(page);
      assert.match(name, /^the-cat-.*\.html$/);
      assert.ok(text.length < 2_000_000, `${text.length} characters`);
      assert.doesNotMatch(text, /a\+letter|a letter/, "what was scored is the reader's own");
      const copy = join(folder, `${engine}.html`);
      await writeFile(copy, text);

      await page.goto(pathToFileURL(copy).href);
      const written = await textIn(page);
      assert.match(written, /^the cat/);
      assert.deepEqual(await page.run(() => [...document.querySelector("#network").options].map(({ value }) => value)), [
        "saved",
        "course",
      ]);
      await page.run(keepDownloads);
      await page.run(() => document.querySelector("#share").closest("details").querySelector("summary").click());
      await page.click("#takeaway-page");
      const again = await savedPage(page);
      const work = /id="work">[^<]*</;
      assert.equal(again.text.replace(work, ""), text.replace(work, ""));
      assert.equal(again.text.replace(work, "").length, html.replace(work, "").length);
      await page.run(() => document.querySelector("#share").closest("details").querySelector("summary").click());
      await page.run(() => document.querySelector("#more").closest("details").querySelector("summary").click());
      await page.waitFor(() => /5,100 characters, beginning with “the cat/.test(document.querySelector("#more").innerText));
      await page.run(() => document.querySelector("#more").closest("details").querySelector("summary").click());

      await page.click("#tab-train");
      await page.waitFor(() => document.querySelector("#train-from")?.value === "use");
      await train(page);
      assert.ok(await page.waitFor(trainedTo, 100, 2.5), "it knows the text at once");
    });
  });

// ---- saved from the page that is not one file ----

const site = useSite();

test("the page on a server saves itself with the network in use, if its server has nextchar.html; else it names that file", async () => {
  const faults = { "/web/nextchar.html": () => ({ status: 200, headers: { "content-type": "text/html" }, body: Buffer.from(html) }) };
  const server = await serveWith(site.url, faults);
  try {
    const { page } = await site.visit(new URL(`web/${SETTINGS}&temperature=0.5`, server.url).href);
    await page.waitForFunction(length => document.querySelectorAll("#text .c:not(.given)").length === length, {}, LENGTH);
    await page.evaluate(keepDownloads);
    await page.click("#view-write ~ details.up summary, details.up summary");
    await page.waitForSelector("#takeaway-page:enabled");
    await page.click("#takeaway-page");
    await page.waitForFunction(() => window.savedAs);
    const text = await page.evaluate(() => window.saved.at(-1).text());
    const copy = join(folder, "served.html");
    await writeFile(copy, text);
    const written = await page.evaluate(() => document.querySelector("#text").textContent);
    const { page: saved, problems } = await site.visit(pathToFileURL(copy).href);
    await saved.waitForFunction(length => document.querySelectorAll("#text .c:not(.given)").length === length, {}, LENGTH);
    assert.equal(await saved.evaluate(() => document.querySelector("#text").textContent), written);
    assert.deepEqual(problems, []);
    faults["/web/nextchar.html"] = missing;
    await page.click("#takeaway-page");
    await page.waitForFunction(() => /nextchar\.html answered 404/.test(document.querySelector("#trouble")?.textContent));
  } finally {
    await server.close();
  }
});
