// SPDX-License-Identifier: MIT
//
// The row of cells and "Your guess" beside the text, in each engine; the numbers are those of the library in Node.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch } from "../../web/story/story.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const [course, shakespeare, alice] = await Promise.all(
  ["course", "shakespeare", "alice-words"].map(name => load(new URL(`../../weights/${name}.safetensors`, import.meta.url))),
);
const words = JSON.parse(readFileSync(new URL("../../web/lang/en.guide.json", import.meta.url)));
const CELLS = 10;

/** What settings write, by the core alone. */
function written(model, prompt, seed, temperature, length) {
  const branch = new Branch(model, model.encode(prompt), seed, [{ place: 0, temperature }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}
const percent = p =>
  p > 0 && p < 0.0005 ? "< 0.1%" : p.toLocaleString("en", { style: "percent", maximumFractionDigits: p < 0.1 ? 1 : 0 });
const asLearnt = step => step.probs(1, { topK: 0, topP: 1 });
const sign = text => ({ " ": "␣", "\n": "↵" })[text] ?? text.trimStart();
const name = text => ({ " ": "space", "\n": "new line" })[text] ?? text.trimStart();

/** What the row of a text shows from a place on. */
const rowOf = ({ steps, given }, from) =>
  steps.slice(from, from + CELLS).map((step, i) => {
    const next = steps[from + i + 1];
    const came = next ? { written: sign(next.text), p: percent(2 ** -next.surprisal) } : { written: "?", p: "" };
    return { read: sign(step.text), ...(from + i < given - 1 ? { written: "", p: "read" } : came) };
  });

const see = {
  rests: () => document.querySelector("#stop").hidden && !document.querySelector('[aria-busy="true"]'),
  row: () =>
    [...document.querySelectorAll("#chain .unrolled-column")].map(column => ({
      read: column.querySelector(".cell-read").textContent,
      written: column.querySelector(".cell-written span").textContent,
      p: column.querySelector(".p").textContent,
    })),
  isRow: count => document.querySelectorAll("#chain .unrolled-column").length === count,
  pressed: () => [...document.querySelectorAll("#chain button")].findIndex(({ ariaPressed }) => ariaPressed === "true"),
  selected: () => Number(document.querySelector("#text .selected").dataset.place),
  label: () => document.querySelector('#chain [aria-pressed="true"]').textContent,
  text: () => document.querySelector("#text").textContent,
  isAsked: () =>
    document.querySelector(".guess-ask")?.checkVisibility() && document.querySelector(".guess-choices span").textContent !== "",
  choices: () => [...document.querySelectorAll(".guess-choices button:not([hidden]) span")].map(({ textContent }) => textContent),
  isTold: () => document.querySelector("#guess-next").checkVisibility(),
  verdict: () => document.querySelector("#guess-verdict").textContent,
  bars: () =>
    [...document.querySelectorAll("#guess-bars li")].map(bar =>
      [...bar.querySelectorAll(".name, .p, .ahead")].map(({ textContent }) => textContent),
    ),
  score: () => document.querySelector("#guess-score").textContent,
};
const said = (key, values) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;
    async function open(hash) {
      page = await site.visit(`web/#language=en&${hash}`);
    }

    test("the row shows what each cell reads and what came of it; it goes with the text, and the text with it", async () => {
      const branch = written(course, "Today ", 5, 0.8, 120);
      await open("network=course&prompt=Today%20&seed=5&length=3&speed=30&panel=chain");
      await page.waitFor(see.isRow, 9);
      await page.waitFor(see.rests);
      const short = written(course, "Today ", 5, 0.8, 3);
      assert.deepEqual(await page.run(see.row), rowOf(short, 0));
      assert.equal(await page.run(see.pressed), 8);
      assert.match(await page.run(see.label), new RegExp(words["chain.open"]));
      for (let count = 4; count <= 5; count++) {
        await page.click("#one");
        await page.waitFor(count => document.querySelectorAll("#text .c").length === count, 6 + count);
        await page.waitFor(see.rests);
        assert.deepEqual(await page.run(see.row), rowOf(written(course, "Today ", 5, 0.8, count), count - 4));
      }
      await open("network=course&prompt=Today%20&seed=5&length=120&speed=0&panel=chain");
      await page.waitFor(see.isRow, CELLS);
      await page.waitFor(see.rests);
      assert.deepEqual(await page.run(see.row), rowOf(branch, 126 - CELLS));
      await page.click('#text [data-place="2"]');
      await page.waitFor(() => Boolean(document.querySelector("#chain .given")));
      assert.deepEqual(await page.run(see.row), rowOf(branch, 0));
      assert.equal(await page.run(see.pressed), 2);
      await page.click("#chain button:nth-child(6)");
      assert.equal(await page.run(see.selected), 5);
      const { text, surprisal } = branch.steps[6];
      const writes = said("chain.came", { character: name(text), p: percent(2 ** -surprisal) });
      assert.ok((await page.run(see.label)).endsWith(said("chain.label", { number: 6, character: "space", writes })));
      for (let place = 6; place <= 14; place++) await page.press("ArrowRight");
      assert.deepEqual([await page.run(see.selected), await page.run(() => document.activeElement.ariaPressed)], [14, "true"]);
      const first = 14 - (await page.run(see.pressed));
      assert.deepEqual(await page.run(see.row), rowOf(branch, first));
      await page.run(() => void (document.querySelector("#panel-chain details").open = true));
      await page.waitFor(() => document.querySelectorAll("#panel-chain tr").length === 11);
      assert.deepEqual(page.problems, []);
    });

    test("a guess is asked for before anything tells; then what was expected, what came, and how often one was right", async () => {
      const branch = written(shakespeare, "Play", 14, 1, 3);
      const probs = branch.steps.map(asLearnt);
      const best = probs.map(p => [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, 5));
      const namesOf = ids => ids.map(id => name(shakespeare.vocabulary[id]));
      await open("guide=choose&speed=0");
      await page.waitFor(see.isAsked);
      assert.equal(await page.run(see.text), "Play");
      assert.deepEqual([await page.run(see.choices), await page.run(see.bars)], [namesOf([...best[4]].sort((a, b) => a - b)), []]);
      assert.doesNotMatch(await page.run(() => document.body.innerText), /3[46]\s?%/, "the near tie is not given away");
      await page.click("#tab-guess");
      await page.run(() => document.querySelector(".guess-choices button").focus());
      const third = [...best[4]].sort((a, b) => a - b)[2];
      await page.press("3");
      await page.waitFor(see.isTold);
      const came = branch.steps[4].id;
      const key = third === came ? "guess.right" : "guess.wrong";
      const rank = best[4].indexOf(third) + 1;
      assert.equal(
        await page.run(see.verdict),
        said(key, { came: name(branch.steps[4].text), guess: namesOf([third])[0] }) +
          said("guess.expected", { p: percent(probs[4][third]), rank }),
      );
      const bars = await page.run(see.bars);
      assert.deepEqual(
        bars.slice(0, 2).map(([name, p]) => [name, p]),
        [
          ["space", "36%"],
          ["e", "34%"],
        ],
        "the lesson's near tie",
      );
      assert.deepEqual(bars.find(([, , tags]) => tags.includes(words["guess.came"]))[0], name(branch.steps[4].text));
      assert.equal(await page.run(() => document.activeElement.id), "guess-next");
      await page.press("Enter");
      await page.waitFor(see.isAsked);
      assert.deepEqual(await page.run(see.choices), namesOf([...best[5]].sort((a, b) => a - b)));
      await page.type("#guess-other", "ab");
      await page.press("Enter");
      const refused = await page.run(() => document.querySelector("#guess-refused").textContent);
      assert.equal(refused, words["guess.one"].replace(/\[(\w+)\|.*?\]/, "$1"));
      await page.type("#guess-other", "Z");
      await page.press("Enter");
      await page.waitFor(see.isTold);
      const [zed] = shakespeare.encode("Z").ids;
      const bits = list => (list.reduce((sum, p) => sum - Math.log2(p), 0) / list.length).toFixed(2);
      assert.equal(
        await page.run(see.score),
        said("guess.score", {
          count: 2,
          first: rank === 1 ? 1 : 0,
          right: key === "guess.right" ? 1 : 0,
          yours: `${bits([probs[4][third], probs[5][zed]])}\u00a0bits`,
          came: `${bits([probs[4][came], probs[5][branch.steps[5].id]])}\u00a0bits`,
        }),
      );
      assert.equal(
        await page.run(see.text),
        branch.steps
          .slice(0, 6)
          .map(({ text }) => text)
          .join(""),
      );
      assert.deepEqual(page.problems, []);
    });

    if (engine !== "chromium") return;

    test("words are guessed and stand in the row as characters do", async () => {
      const branch = written(alice, "Alice", 1, 0.8, 6);
      await open("network=alice-words&prompt=Alice&length=5&speed=0&panel=guess");
      await page.waitFor(see.isAsked);
      await page.type("#guess-other", branch.steps[6].text.trim());
      await page.press("Enter");
      await page.waitFor(see.isTold);
      assert.ok((await page.run(see.verdict)).startsWith(said("guess.right", { came: name(branch.steps[6].text) })));
      await page.click("#tab-chain");
      await page.waitFor(see.isRow, 7);
      await page.waitFor(see.rests);
      assert.deepEqual(await page.run(see.row), rowOf(branch, 0));
      assert.deepEqual(page.problems, []);
    });
  });
