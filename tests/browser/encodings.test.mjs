// SPDX-License-Identifier: MIT
//
// In which encoding a text was read, its choice with a preview, and joined lines, in each engine: each has tables of its own. The
// worker that reads is the page's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const { texts, vectors } = JSON.parse(readFileSync(new URL("../encodings.json", import.meta.url)));
const bytesOf = ({ base64 }) => [...Buffer.from(base64, "base64")];
const words = language => JSON.parse(readFileSync(new URL(`../../web/lang/${language}.corpus.json`, import.meta.url)));
const said = words("en");
const DOUBTFUL = [0x73, 0x69, 0xea, 0x0a]; // "się" in Windows-1250, "siê" in Windows-1252

/** The text's part of the view Train alone, with its worker. */
async function mountCorpus() {
  const [{ Corpus }, { Words }, { Client }, { style }] = await Promise.all([
    import("./page/train/corpus.js"),
    import("./page/words.js"),
    import("./trainer/client.js"),
    import("./page/elements.js"),
  ]);
  const all = new Words();
  await all.use("en", new AbortController().signal);
  await Promise.all([all.more(), all.more("corpus"), style("./train/corpus.css")]);
  const trouble = error => void (window.trouble = String(error.message ?? error));
  const client = new Client({
    hear: event => (event.type === "text" ? corpus.take(event) : event.type === "trouble" && trouble(event)),
    failed: trouble,
  });
  const heed = {
    read: (given, id, choice) => client.post({ type: "text", given, id, ...choice }),
    taken: () => corpus.show(0.1),
    opened: async () => {},
  };
  const desk = { id: name => name, words: all, style, trouble };
  const corpus = new Corpus(desk, [], document.createElement("div"), heed);
  const view = document.createElement("section");
  view.className = "view-train";
  view.append(corpus.element);
  document.body.replaceChildren(view);
  corpus.show(0.1);
  Object.assign(window, { corpus, client, allWords: all });
}

const give = files => window.corpus.give(files.map(([name, bytes]) => new File([Uint8Array.from(bytes)], name)));
/** What is seen, once the text is that, and read as that. */
const seen = (text, encoding) => {
  const charset = document.querySelector(".charset");
  const [list, lines] = ["#charset", "#corpus-lines"].map(each => document.querySelector(each));
  return (
    window.corpus.text === text &&
    (!encoding || encoding === list?.value) && {
      summary: charset ? charset.querySelector("summary").textContent : "",
      isOpen: charset?.open,
      chosen: list?.value,
      note: document.querySelector("#train-read").textContent,
      lines: lines.hidden ? "" : lines.textContent,
    }
  );
};
const previews = text => document.querySelector("#charset-preview").textContent === text;

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;
    before(async () => {
      page = await site.visit("web/", { width: 390 });
      await page.run(mountCorpus);
    });

    test("a text in each encoding is read right, and folded away is what can be chosen", async () => {
      for (const vector of vectors) {
        assert.equal(await page.run(give, [["novel.txt", bytesOf(vector)]]), true);
        const { encoding } = vector;
        const { summary, isOpen, chosen } = await page.waitFor(seen, texts[vector.language], encoding);
        assert.deepEqual([summary, isOpen, chosen], [`novel.txt, read as ${said[`corpus.encoding.${encoding}`]}`, false, encoding]);
      }
    });

    test("where it is a guess the choice is in view; what is chosen is seen at once, and then read", async () => {
      await page.run(give, [["novel.txt", DOUBTFUL]]);
      const guessed = await page.waitFor(seen, "siê\n");
      assert.deepEqual([guessed.isOpen, guessed.chosen], [true, "windows-1252"]);
      await page.waitFor(previews, "siê");
      assert.ok(await page.run(sentence => document.querySelector(".charset").textContent.includes(sentence), said["corpus.unsure"]));
      await page.run(() => {
        const list = document.querySelector("#charset");
        list.value = "koi8-r";
        list.dispatchEvent(new Event("input"));
      });
      await page.waitFor(previews, "siЙ"); // the text is not read yet
      assert.equal(await page.run(() => window.corpus.text), "siê\n");
      await page.select("#charset", "windows-1250");
      const { isOpen, chosen, summary } = await page.waitFor(seen, "się\n");
      assert.deepEqual([isOpen, chosen, summary], [true, "windows-1250", "novel.txt, read as Central European (Windows-1250)"]);
      await page.waitFor(previews, "się");
      assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth));
    });

    test("a stray byte is left out, and said; the preview begins where encodings differ", async () => {
      const plain = "plain ".repeat(200);
      const text = `${plain}${texts.Russian}`;
      await page.run(give, [["novel.txt", [...Buffer.from(text), 0x92]]]);
      const { note, chosen } = await page.waitFor(seen, text);
      assert.equal(chosen, "utf-8");
      assert.match(note, /Bytes that are no UTF-8 were left out: 1\./);
      await page.waitFor(() => /^…\w* (plain )*Вечерние сумерки/.test(document.querySelector("#charset-preview").textContent));
    });

    test("lines that were joined come back by one press, and are joined by another one; a pasted text has no encoding", async () => {
      const line = "all in the golden afternoon full leisurely we glide and more and\n";
      const wrapped = `${line.repeat(30)}`;
      const joined = line.repeat(30).replaceAll("\n", " ");
      await page.run(give, [["novel.txt", [...Buffer.from(wrapped)]]]);
      assert.equal((await page.waitFor(seen, joined)).lines, said["corpus.keep"]);
      await page.click("#corpus-lines");
      assert.equal((await page.waitFor(seen, wrapped)).lines, said["corpus.join"]);
      await page.click("#corpus-lines");
      await page.waitFor(seen, joined);
      await page.run(text => {
        const box = document.querySelector("textarea");
        box.value = text;
        box.dispatchEvent(new Event("change"));
      }, "import json\nimport re\n");
      const { summary, lines } = await page.waitFor(seen, "import json\nimport re\n");
      assert.deepEqual([summary, lines], ["", said["corpus.join"]]);
    });

    test("files are not taken while it learns; the words follow the language", async () => {
      await page.run(() => void (window.corpus.element.disabled = true));
      assert.equal(await page.run(give, [["novel.txt", DOUBTFUL]]), false);
      await page.run(() => void (window.corpus.element.disabled = false));
      await page.run(give, [["novel.txt", DOUBTFUL]]);
      await page.waitFor(seen, "siê\n");
      await page.run(async () => {
        await window.allWords.use("ru", new AbortController().signal);
        window.corpus.show(0.1);
      });
      const { summary } = await page.run(seen, "siê\n");
      const values = { name: "novel.txt", encoding: words("ru")["corpus.encoding.windows-1252"] };
      assert.equal(
        summary,
        words("ru")["corpus.read"].replace(/\{(\w+)\}/g, (_, name) => values[name]),
      );
      assert.match(summary, /западноевропейская \(Windows-1252\)/);
      assert.deepEqual(page.problems, []);
      assert.equal(await page.run(() => window.trouble), undefined);
      await page.run(() => window.client.end());
    });
  });
