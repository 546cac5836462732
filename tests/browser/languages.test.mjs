// SPDX-License-Identifier: MIT
//
// The page in its languages, in each engine: numbers in their forms, errors in the reader's language, a page from right to left.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const wordsOf = name => JSON.parse(readFileSync(new URL(`../../web/lang/${name}.json`, import.meta.url)));
const FAST = "network=course&speed=0&seed=5&length=60";
/** Eight bytes that announce a header of 100, of which one is there. */
const CUT = [100, 0, 0, 0, 0, 0, 0, 0, 0x7b];

const isWritten = () => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length > 20;

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    /** The page of a link, when it can write. */
    async function open(hash, options) {
      const page = await site.visit(`web/#${hash}`, options);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      return page;
    }

    test("Russian numbers take their forms", async () => {
      const page = await open(`${FAST}&language=ru`);
      await page.waitFor(isWritten);
      const said = await page.run(async () => {
        const { Words } = await import("../web/page/words.js");
        const words = new Words();
        await words.use("ru", new AbortController().signal);
        return [0, 1, 2, 5, 11, 21, 101].map(count => words.say("status.done", { count }));
      });
      const forms = ["символов", "символ", "символа", "символов", "символов", "символ", "символ"];
      assert.deepEqual(
        said,
        [0, 1, 2, 5, 11, 21, 101].map((count, i) => `Готово: ${count} ${forms[i]}.`),
      );
      assert.match(await page.run(() => document.querySelector("#status").textContent), /^60 символов/);
    });

    test("an address with a language alone has its network and its prompt", async () => {
      const page = await open("language=ru&speed=0&length=60");
      await page.waitFor(isWritten);
      const [network, prompt, text] = await page.run(() => [
        document.querySelector("#network").value,
        document.querySelector("#prompt").value,
        document.querySelector("#text").textContent,
      ]);
      assert.deepEqual([network, prompt, text.slice(0, 9)], ["first-ru", "Мой дядя ", "Мой дядя "]);
      assert.match(text.slice(9), /[а-я]{3}/);
    });

    test("an error is said in Russian, and in English when the language changes and it comes again", async () => {
      const page = await open(`${FAST}&language=ru`);
      const openCut = async () => {
        await page.run(() => (document.querySelector('[data-part="more"]').open = true));
        await page.waitFor(() => Boolean(document.querySelector("#file")));
        await page.run(bytes => {
          const input = document.querySelector("#file");
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(bytes)], "mine.safetensors"));
          input.files = transfer.files;
          input.dispatchEvent(new Event("change"));
        }, CUT);
      };
      const says = sentence => page.waitFor(sentence => document.querySelector("#trouble").textContent.includes(sentence), sentence);
      await openCut();
      await says("Файл обрезан. mine.safetensors: файл кончается внутри заголовка. Файл получен не полностью: скачайте его ещё раз.");
      await says("Остаётся сеть «");
      await page.select("#language", "en");
      await page.waitFor(() => document.documentElement.lang === "en");
      await openCut();
      await says("mine.safetensors: the file ends within its header. The file was cut short: get it again.");
    });

    test("Hebrew runs from right to left at each width, texts and the dice as before; nothing is wider than the page", async () => {
      for (const width of [320, 390, 1366]) {
        const page = await open(`${FAST}&language=he`, { width, height: 844 });
        await page.waitFor(isWritten);
        const seen = await page.run(() => {
          const box = selector => document.querySelector(selector).getBoundingClientRect();
          const directionOf = selector => getComputedStyle(document.querySelector(selector)).direction;
          const [pair, bar] = [box("button.bar .pair"), box("button.bar .pair span")];
          return {
            directions: ["#write", "#text", "#prompt", ".dice", ".bar .p", "#one"].map(directionOf),
            brand: box(".brand").right > innerWidth / 2,
            bar: Math.abs(bar.right - pair.right) < 1.5,
            fits: document.documentElement.scrollWidth <= innerWidth,
            write: document.querySelector("#write").textContent,
          };
        });
        const directions = ["rtl", ...Array(5).fill("ltr")];
        const expected = { directions, brand: true, bar: true, fits: true, write: wordsOf("he").write };
        assert.deepEqual(seen, expected, `${width} px`);
        await page.run(() =>
          document.querySelector("#tab-score").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true })),
        );
        const start = wordsOf("he.train")["train.start"];
        await page.waitFor(start => document.querySelector("#view-train")?.textContent.includes(start), start);
        assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth), `Train at ${width} px`);
      }
    });

    test("what Hebrew lacks is said in English, and that a machine translated it is said beside the facts", async () => {
      const page = await open(`${FAST}&language=he`);
      await page.waitFor(isWritten);
      await page.run(() => (document.querySelector('[data-part="more"]').open = true));
      await page.waitFor(note => document.querySelector("#facts")?.textContent.includes(note), wordsOf("he.views")["language.note"]);
      await page.run(() => document.querySelector("#tab-patterns").click());
      await page.waitFor(title => document.body.textContent.includes(title), wordsOf("en.patterns")["pattern.one-to-one"]);
      assert.deepEqual(page.problems, []);
    });
  });
