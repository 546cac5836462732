// SPDX-License-Identifier: MIT
//
// What one takes away: the text, a file and a picture of it, and paper; and what one brings: ready prompts, and texts to learn from.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";
import { choose, drop, said, unfold, weights, words } from "./controls.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const listed = JSON.parse(await readFile(new URL("../../weights/index.json", import.meta.url), "utf8"));

const see = {
  done: least => document.querySelector("#stop").hidden && document.querySelector("#text").textContent.length >= "Today ".length + least,
  text: (selector = "#text") => document.querySelector(selector).textContent,
  status: () => document.querySelector("#status").textContent,
};

/** Keeps what would be saved or copied: window.saved has { name, blob }, window.copied the text. */
function watchWhatLeaves(mayCopy) {
  window.saved = [];
  const make = URL.createObjectURL;
  URL.createObjectURL = blob => ((window.blob = blob), make.call(URL, blob));
  HTMLAnchorElement.prototype.click = function () {
    window.saved.push({ name: this.download, blob: window.blob });
  };
  const writeText = async text => {
    if (!mayCopy) throw new DOMException("no", "NotAllowedError");
    window.copied = text;
  };
  Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
}

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    async function open(hash, { length = 0, mayCopy = true, ...options } = {}) {
      const usual = { network: "course", speed: 0, seed: 5, language: "en", prompt: "Today " };
      const settings = new URLSearchParams({ ...usual, ...Object.fromEntries(new URLSearchParams(hash)) });
      const page = await site.visit(`web/#${settings}`, options);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      if (length) await page.waitFor(see.done, length);
      await page.run(watchWhatLeaves, mayCopy);
      return page;
    }
    const openMenu = page => unfold(page, "share", "#takeaway-picture");

    test("the text is copied and saved as it is; where the browser lets none copy, it lies there marked", async () => {
      const page = await open("length=120", { length: 120 });
      const text = await page.run(see.text);
      await openMenu(page);
      await page.click("#takeaway-copy");
      assert.equal(await page.waitFor(() => window.copied), text);
      assert.equal(await page.run(see.status), words.copied);
      await page.click("#takeaway-save");
      await page.waitFor(() => window.saved.length);
      const { name, contents } = await page.run(async () => ({ name: window.saved[0].name, contents: await window.saved[0].blob.text() }));
      const day = await page.run(() => new Date().toLocaleDateString("sv"));
      assert.equal(name, `The-lesson-s-small-network-${day}.txt`);
      assert.equal(contents, text);
      assert.match(await page.run(see.status), new RegExp(said("takeaway.saved", { name })));
      assert.deepEqual(page.problems, []);

      const refused = await open("length=20", { length: 20, mayCopy: false });
      await openMenu(refused);
      await refused.click("#takeaway-copy");
      const marked = await refused.waitFor(() => {
        const box = document.activeElement;
        return box.localName === "textarea" && box.readOnly && box.value.slice(box.selectionStart, box.selectionEnd);
      });
      assert.equal(marked, await refused.run(see.text));
      assert.equal(await refused.run(see.status), words["takeaway.byhand"]);
    });

    test("on paper the whole text stands with its tints, and what wrote it; nothing to press", async () => {
      const page = await open("length=5000&temperature=1.3", { length: 5000 });
      await page.run(() => {
        document.querySelector("link[media=print]").media = "all"; // as for paper, in any engine
        dispatchEvent(new Event("beforeprint"));
      });
      const paper = await page.waitFor(() => {
        const text = document.querySelector("#text");
        if (getComputedStyle(text).overflowY !== "visible") return false; // the sheet is not there yet
        const seen = selector => [...document.querySelectorAll(selector)].filter(each => each.checkVisibility()).length;
        return {
          letters: text.textContent.length,
          elements: text.querySelectorAll(".c").length,
          isCut: text.scrollHeight > text.clientHeight + 1 || document.documentElement.scrollHeight < text.scrollHeight,
          chunks: text.querySelectorAll(".chunk").length,
          skipped: [...text.querySelectorAll(".chunk")].filter(each => getComputedStyle(each).contentVisibility !== "visible").length,
          controls: seen("button, input, textarea, select, summary, .tabs, .why, .status"),
          tinted: [...text.querySelectorAll(".s5")].filter(each => getComputedStyle(each).backgroundColor === "rgb(239, 166, 122)").length,
          exact: getComputedStyle(text).printColorAdjust ?? getComputedStyle(text).webkitPrintColorAdjust,
          by: document.querySelector("#desk").dataset.by, // its sheet puts it below
        };
      });
      const { letters, elements, chunks, tinted, ...rest } = paper;
      assert.equal(letters, 5006);
      assert.equal(elements, letters, "each letter has its tint, those out of sight too");
      assert.ok(chunks > 5 && tinted > 100, `${chunks} chunks, ${tinted} letters of one tint`);
      assert.deepEqual({ ...rest, by: "" }, { isCut: false, skipped: 0, controls: 0, exact: "exact", by: "" });
      assert.match(rest.by, /lesson’s small network · T = 1\.3 · seed 5/);
    });

    if (engine !== "chromium") return;

    for (const [scheme, sheet, tint] of [
      ["light", [255, 253, 249], [239, 166, 122]],
      ["dark", [30, 29, 34], [117, 69, 40]],
    ])
      test(`${scheme}: the picture is a page of the text with its tints; a long text is cut, and that is said`, async () => {
        const prepare = ({ page }) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        const page = await open("length=300&temperature=1.3", { length: 300, prepare });
        const press = async () => {
          const before = await page.run(() => window.saved.length);
          await page.run(() => (document.querySelector("details[data-part=share]").open = true));
          await page.click("#takeaway-picture");
          await page.waitFor(before => window.saved.length > before, before);
          return page.run(
            async (...colours) => {
              const { blob, name } = window.saved.at(-1);
              const { width, height } = await createImageBitmap(blob);
              const context = new OffscreenCanvas(width, height).getContext("2d");
              context.drawImage(await createImageBitmap(blob), 0, 0);
              const { data } = context.getImageData(0, 0, width, height);
              const counts = colours.map(() => 0);
              for (let i = 0; i < data.length; i += 4)
                colours.forEach(([r, g, b], k) => (counts[k] += data[i] === r && data[i + 1] === g && data[i + 2] === b));
              return { width, height, name, shares: counts.map(count => count / width / height) };
            },
            sheet,
            tint,
          );
        };
        await openMenu(page);
        const { width, height, name, shares } = await press();
        assert.match(name, /^The-lesson-s-small-network-\d{4}-\d\d-\d\d\.png$/);
        assert.equal(width, 1280);
        assert.ok(height > 700 && height < 2000, `${height}`);
        assert.ok(shares[0] > 0.5 && shares[0] < 0.9, `${shares[0]} is the sheet`);
        assert.ok(shares[1] > 0.005, `${shares[1]} has one of the tints`);

        // two beside each other, then one that is too long
        await page.run(() => document.querySelector("#same-write").click());
        await page.waitFor(() => document.querySelector("#stop").hidden && document.querySelector("#beside-text").textContent.length > 300);
        assert.equal((await press()).width, 2368);
        await page.run(() => document.querySelector("#takeaway-save").click());
        await page.waitFor(() => /\.txt$/.test(window.saved.at(-1).name));
        const both = await page.run(() => window.saved.at(-1).blob.text());
        for (const box of ["#text", "#beside-text"]) assert.ok(both.includes(await page.run(see.text, box)), box);
        for (const T of ["1.2", "1.3"]) assert.match(both, new RegExp(`small network · T = ${T} · seed 5`));
        if (scheme === "dark") return;
        const long = await open("length=4000", { length: 4000 });
        await openMenu(long);
        await long.click("#takeaway-picture");
        const isCut = () => /^Cut after [23],\d{3} characters, and saved as .*\.png\.$/.test(document.querySelector("#status").textContent);
        await long.waitFor(isCut);
        assert.deepEqual([...page.problems, ...long.problems], []);
      });

    test("a right-to-left text is drawn from the right", async () => {
      const page = await open("length=20", { length: 20 });
      await openMenu(page);
      const ink = await page.run(async () => {
        const { draw } = await import("/web/page/portrait.js");
        const column = text => ({ caption: "", data: { count: text.length, textAt: i => text[i], classAt: () => "s7" } });
        const inkOf = text => {
          const { canvas } = draw(document.querySelector("#share"), [column(text)]);
          const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const places = [];
          const isTinted = i => data[i] === 231 && data[i + 1] === 128 && data[i + 2] === 82;
          for (let i = 0; i < data.length; i += 4) if (isTinted(i)) places.push((i / 4) % width);
          return [Math.min(...places), Math.max(...places), width];
        };
        return { hebrew: inkOf("שלום"), english: inkOf("peace") };
      });
      const [left, right, width] = ink.hebrew;
      assert.ok(left > width / 2 && right > width - 100, `${ink.hebrew}`);
      assert.ok(ink.english[0] < 100 && ink.english[1] < width / 2, `${ink.english}`);
    });

    test("printed from a dark page it is light; the other views' texts are there", async () => {
      const prepare = ({ page }) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      const page = await open("view=score&text=To be or not to be, that is&tint=rank", { prepare });
      await page.waitFor(() => document.querySelectorAll("#surprising li").length);
      await page.page.emulateMediaType("print");
      await page.run(() => dispatchEvent(new Event("beforeprint")));
      const { ink, paper, text, controls, others } = await page.run(() => ({
        ink: getComputedStyle(document.body).color,
        paper: getComputedStyle(document.body).backgroundColor,
        text: document.querySelector("#score-text").checkVisibility(),
        controls: [...document.querySelectorAll("button, textarea, select")].filter(each => each.checkVisibility()).length,
        others: document.querySelector("#text").checkVisibility(),
      }));
      assert.deepEqual([ink, paper, text, controls, others], ["rgb(29, 27, 24)", "rgb(255, 255, 255)", true, 0, false]);
    });

    test("five temperatures are taken away as their texts, each below what wrote it, on paper too", async () => {
      const page = await open("view=temperatures&temperatures=0.5,1e999&length=30");
      const texts = () => [...document.querySelectorAll("#streams .page")].map(each => each.textContent);
      await page.waitFor(() => document.querySelector("#together-stop")?.hidden);
      await page.waitFor(
        length => [...document.querySelectorAll("#streams .page")].every(each => each.textContent.length === length),
        "Today ".length + 30,
      );
      await openMenu(page);
      await page.waitFor(() => !document.querySelector("#takeaway-picture").disabled);
      await page.click("#takeaway-copy");
      const copied = await page.waitFor(() => window.copied);
      const shown = await page.run(texts);
      assert.equal(shown.length, 2);
      for (const text of shown) assert.ok(copied.includes(text), text);
      const by = () => {
        dispatchEvent(new Event("beforeprint"));
        return document.querySelector("#desk").dataset.by;
      };
      const lines = (await page.run(by)).split("\n");
      for (const [i, T] of ["0.5", "Infinity"].entries()) {
        assert.match(lines[i], new RegExp(` · T = ${T} · seed 5$`));
        assert.ok(copied.includes(lines[i]), copied);
      }
      assert.equal(await page.run(() => document.querySelector("#temperatures").value), "0.5  1e999");
      assert.match(await page.run(() => decodeURIComponent(location.hash)), /temperatures=0\.5,1e999/);
      await page.run(() => document.querySelector("#tab-lesson").click());
      assert.equal(await page.run(by), "");
      assert.deepEqual(page.problems, []);
    });

    test("the view decides whose text it is; axe finds nothing in the open menu", async () => {
      const page = await open("view=score&text=To be or not", { prepare: ({ page }) => page.setBypassCSP(true) });
      await page.waitFor(() => document.querySelectorAll("#surprising li").length);
      await openMenu(page);
      await page.waitFor(() => !document.querySelector("#takeaway-copy").disabled);
      await page.click("#takeaway-copy");
      assert.equal(await page.waitFor(() => window.copied), "To be or not");
      await page.run(axe);
      const found = await page.run(async () => (await window.axe.run("details[data-part=share]")).violations.map(({ id }) => id));
      assert.deepEqual(found, []);
      await page.run(() => {
        document.querySelector("#tab-lesson").click();
        document.querySelector("details[data-part=share]").open = false;
      });
      await openMenu(page);
      await page.waitFor(() => document.querySelector("#takeaway-copy").disabled && !document.querySelector("#link").disabled);
    });

    test("ready prompts are those of the network; one that is chosen is written with at once", async () => {
      const page = await open("network=shakespeare&length=30", { length: 30 });
      const { prompts } = listed.find(({ name }) => name === "shakespeare");
      await unfold(page, "prompts", ".ready");
      const shown = await page.run(() => [...document.querySelectorAll(".ready")].map(each => each.textContent));
      assert.deepEqual(
        shown.map(text => text.replaceAll(" ↵", "\n")),
        prompts,
      );
      await page.run(() => document.querySelectorAll(".ready")[1].click());
      await page.waitFor(prompt => document.querySelector("#prompt").value === prompt, prompts[1]);
      await page.waitFor(prompt => document.querySelector("#text").textContent.startsWith(prompt), prompts[1]);
      assert.equal(await page.run(() => document.activeElement.closest("details")?.dataset.part), "prompts");
      await unfold(page, "more", "#file");
      await choose(page.page, "#file", ["mine.safetensors", weights("course")]);
      await page.waitFor(() => document.querySelector("details[data-part=prompts]").hidden); // a network of one's own has none
      const locked = await open("lock=prompt&length=20", { length: 20 });
      assert.equal(await locked.run(() => document.querySelector("details[data-part=prompts]").hidden), true);
      assert.deepEqual([...page.problems, ...locked.problems], []);
    });

    test("a text that is dropped anywhere is offered to learn from; so are two, and a chosen one; other files are not", async () => {
      const page = await open("length=20", { length: 20 });
      const offered = name => page.waitFor(name => document.querySelector("#offer:not([hidden])")?.textContent.includes(name), name);
      const answer = async id => {
        await page.waitFor(id => document.querySelector(id), id);
        await page.run(id => document.querySelector(id).click(), id);
      };
      await drop(page.page, "#why", ["novel.txt", "It was a dark and stormy night. ".repeat(40)]);
      await offered(said("takeaway.offer", { name: "novel.txt" }).replaceAll("\\", ""));
      await page.run(() => document.querySelector("#write").click()); // what clears away a trouble leaves the question
      await page.select("#language", "ru");
      await page.waitFor(() => /novel\.txt.*[а-я]/s.test(document.querySelector("#offer:not([hidden])")?.textContent));
      await page.select("#language", "en");
      await offered(said("takeaway.offer", { name: "novel.txt" }).replaceAll("\\", ""));
      await answer("#learn-not");
      await page.waitFor(() => document.querySelector("#offer").hidden);
      await drop(page.page, "main", ["paper.pdf", "%PDF-1.7 1 0 obj"]);
      await page.waitFor(() => document.querySelector("#trouble:not([hidden])") && document.querySelector("#offer").hidden);
      await page.waitFor(() => document.querySelector("#trouble").textContent.startsWith("That did not work."));
      await drop(page.page, "main", ["one.txt", "First of two. ".repeat(50)], ["two.md", "Second of two. ".repeat(50)]);
      await offered("2 files");
      await answer("#learn");
      await page.waitFor(() => document.querySelector("#view-train:not([hidden]) textarea")?.value.startsWith("First of two."));
      assert.ok(await page.run(() => document.querySelector("#view-train textarea").value.includes("Second of two.")));
      assert.equal(await page.run(() => document.querySelector("#offer").hidden), true);
      await unfold(page, "more", "#file");
      await choose(page.page, "#file", ["chosen.txt", "A chosen one. ".repeat(50)]);
      await offered("chosen.txt");
      await answer("#learn");
      await page.waitFor(() => document.querySelector("#view-train textarea").value.startsWith("A chosen one."));
    });
  });

test("each network reads its ready prompts to the last letter", async () => {
  for (const { name, file, prompt, prompts } of listed) {
    const model = await load(new URL(`../../weights/${file}`, import.meta.url));
    assert.ok(prompts.length >= 3 && prompts.length <= 5 && prompts.includes(prompt), name);
    for (const each of prompts) assert.deepEqual([...model.encode(each).unknown], [], `${name}: ${each}`);
    model.free();
  }
});

test("what the page names of itself is there: its icon, the picture of a link, the sheet for paper", async () => {
  const web = new URL("../../web/", import.meta.url);
  const page = await readFile(new URL("index.html", web), "utf8");
  const named = [...page.matchAll(/<(?:link|meta)[^>]+(?:href|og:image" content)="([^"]+)"/g)].map(([, file]) => file);
  for (const file of ["icon.svg", "preview.webp", "print.css"]) assert.ok(named.includes(file), file);
  for (const file of named) assert.ok(existsSync(new URL(file, web)), file);
  const picture = await readFile(new URL("preview.webp", web));
  assert.equal(picture.toString("latin1", 8, 12), "WEBP");
  const at = picture.indexOf(Buffer.from([0x9d, 0x01, 0x2a])) + 3; // the frame's head: its width and height follow
  assert.deepEqual([picture.readUInt16LE(at) & 0x3fff, picture.readUInt16LE(at + 2) & 0x3fff], [1200, 630]);
  assert.ok((await stat(new URL("preview.webp", web))).size <= 60 * 1024);
  assert.match(await readFile(new URL("icon.svg", web), "utf8"), /^<svg [^>]*viewBox/);
});
