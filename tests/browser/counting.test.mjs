// SPDX-License-Identifier: MIT
//
// The views "Counting beside learning" and "HELLO", in each engine: what they show is what the library computes in Node.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, describe, test } from "node:test";
import { Markov } from "../../web/core/markov.js";
import { load } from "../../web/core/model.js";
import { Training } from "../../web/core/recipe.js";
import { TextIndex } from "../../web/core/textindex.js";
import { LEAST } from "../../web/page/lesson/excerpt.js";
import { settingsOf } from "../../web/page/lesson/counting.js";
import { serve } from "../../scripts/serve.mjs";
import { ENGINES, launch } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ready = await readFile(new URL("../../texts/shakespeare-like.txt", import.meta.url), "utf8");
const TEXT = ready.slice(0, 4000);
const LEARNT = TEXT.slice(0, 3600);
const LENGTH = 240;
const CELLS = ["tanh", "gru", "lstm"];
const markov = await Markov.of(TEXT, { heldOut: 0.1 });
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

/** The network as the worker learns it: the last one. */
async function learnt(cell) {
  const training = await Training.begin(TEXT, settingsOf(cell, markov.vocabulary.length));
  while (training.done < training.updates) training.update();
  return load(training.weights());
}
const models = Object.fromEntries(await Promise.all(CELLS.map(async cell => [cell, await learnt(cell)])));

const see = {
  lanes: () =>
    Object.fromEntries(
      [...document.querySelectorAll(".lane")].map(lane => [
        lane.className.replace("lane ", ""),
        {
          bits: Number(lane.querySelector("strong").textContent),
          text: lane.querySelector(".page").textContent,
          marks: [...lane.querySelectorAll(".c")].map(c => ["copied", "coined"].find(name => c.classList.contains(name))),
          bars: [...lane.querySelectorAll(".likely li")].map(bar => ({
            name: bar.querySelector(".name").textContent,
            share: parseFloat(bar.querySelector("i").style.inlineSize) / 100,
            isMarked: bar.className === "marked",
          })),
          notes: [...lane.querySelectorAll(".note")].map(note => note.textContent),
        },
      ]),
    ),
  textOf: (lane, text) => document.querySelector(`.lane.${lane} .page`)?.textContent === text,
  columns: () =>
    [...document.querySelectorAll(".spelling .letter")].map(letter => {
      const shares = kind =>
        Object.fromEntries(
          [...letter.querySelectorAll(`.${kind} li`)].map(bar => [
            bar.querySelector(".name").textContent,
            parseFloat(bar.querySelector("i").style.inlineSize) / 100,
          ]),
        );
      return {
        reads: letter.querySelector(".reads").textContent,
        should: letter.querySelector(".should").textContent,
        network: shares("network"),
        count: shares("chain"),
      };
    }),
  loss: () => Number(/[\d.]+ bits/.exec(document.querySelector("#hello-loss").textContent)[0].split(" ")[0]),
  written: text => document.querySelector("#hello-text")?.textContent === text,
};

const textsOf = (prompt, order, options) =>
  Object.fromEntries(
    [["count", markov.write(prompt, { ...options, order })], ...CELLS.map(cell => [cell, models[cell].write(prompt, options)])].map(
      ([name, steps]) => [name, [...steps]],
    ),
  );
const lettersOf = steps => steps.map(step => step.text).join("");

/** The bars of a lane are the probabilities of a step, its character marked. */
function assertBars(bars, step) {
  const probs = step.probs();
  const top = step.top(8);
  const shown = bars.filter(({ share }) => share > 0);
  shown.slice(0, 7).forEach(({ share }, i) => near(share, top[i].p, 1e-5));
  const marked = bars.filter(({ isMarked }) => isMarked);
  assert.equal(marked.length, 1);
  near(marked[0].share, probs[step.id], 1e-5);
}

const setRange = (selector, value) => {
  const slider = document.querySelector(selector);
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
};

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;
    const open = async hash => {
      page = await site.visit(`web/#language=en&${hash}`);
    };

    test("a count and three networks write from one prompt with the same dice, and the bars are their numbers", async () => {
      await open("view=write&seed=5&temperature=0.7&prompt=&length=0");
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await page.click("#tab-lesson"); // the view has no tab of its own
      await page.waitFor(() => Boolean(document.querySelector('#view-lesson [data-text="view.counting"]')));
      await page.click('#view-lesson [data-text="view.counting"]');
      await page.waitFor(() => document.querySelector("#counting-learn")?.disabled === false);
      assert.equal(await page.run(() => document.querySelector("#tab-lesson").ariaSelected), "true");
      await page.select("#counting-text", "own");
      await page.run(text => {
        const box = document.querySelector("#counting-own");
        box.value = text;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }, TEXT);
      await page.waitFor(text => document.querySelector(".lane.count .note:nth-of-type(3)")?.textContent.includes(text), "3,600");
      const prompt = await page.run(() => document.querySelector("#counting-prompt").value);
      assert.match(prompt, /^\w+ $/);
      await page.click("#counting-learn");
      await page.waitFor(names => names.every(name => document.querySelector(`.lane.${name}`).textContent.includes("learnt for")), CELLS);
      for (const order of [3, 6]) {
        await page.click(`.orders button:nth-child(${order})`);
        const texts = textsOf(prompt, order, { temperature: 0.7, seed: 5, length: LENGTH });
        for (const [name, steps] of Object.entries(texts)) await page.waitFor(see.textOf, name, prompt + lettersOf(steps));
        const lanes = await page.run(see.lanes);
        near(lanes.count.bits, markov.bits(order), 0.0051);
        for (const cell of CELLS) near(lanes[cell].bits, models[cell].score(TEXT.slice(3600)).bitsPerCharacter, 0.0051);
        for (const [name, steps] of Object.entries(texts)) assertBars(lanes[name].bars, steps[0]);
        const { context, times, next } = markov.seen(prompt, order);
        assert.ok(lanes.count.notes.at(-1).includes(`“${context}” was seen ${times} times; after it “${next[0].text}” ${next[0].count}`));
      }
      const texts = textsOf(prompt, 6, { temperature: 0.7, seed: 5, length: LENGTH });
      await page.click(`.lane.gru [data-place="${prompt.length + 17}"]`);
      await page.waitFor(at => document.querySelector(".lane.lstm .selected")?.dataset.place === String(at), prompt.length + 17);
      const lanes = await page.run(see.lanes);
      for (const [name, steps] of Object.entries(texts)) assertBars(lanes[name].bars, steps[17]);
      const { spans } = (await TextIndex.of(LEARNT)).find(lanes.count.text, LEAST);
      assert.ok(spans.length > 0);
      for (const { from, to } of spans) assert.ok(LEARNT.includes(lanes.count.text.slice(from, to)));
      const isCopied = at => spans.some(({ from, to }) => at >= from && at < to);
      const { marks } = lanes.count;
      assert.ok(marks.includes("copied"));
      marks.forEach((mark, at) => {
        if (mark !== "coined") assert.equal(mark === "copied", isCopied(at), `place ${at}`);
      });

      await page.run(setRange, "#counting-temperature", "0");
      const greedy = textsOf(prompt, 6, { temperature: 0, seed: 5, length: LENGTH });
      for (const [name, steps] of Object.entries(greedy)) await page.waitFor(see.textOf, name, prompt + lettersOf(steps));
      await page.run(setRange, "#counting-temperature", "1.5");
      const wild = textsOf(prompt, 6, { temperature: 1.5, seed: 5, length: LENGTH });
      for (const [name, steps] of Object.entries(wild)) await page.waitFor(see.textOf, name, prompt + lettersOf(steps));
      await page.click("#counting-dice");
      const other = textsOf(prompt, 6, { temperature: 1.5, seed: 6, length: LENGTH });
      for (const [name, steps] of Object.entries(other)) await page.waitFor(see.textOf, name, prompt + lettersOf(steps));
      assert.match(await page.run(() => location.hash), /seed=5/); // the text in Write keeps its dice
      assert.deepEqual(page.problems, []);
    });

    test("HELLO is learnt: bars and loss are one, a count of one letter back cannot know, and it writes", async () => {
      await open("view=hello");
      await page.waitFor(see.written, "HELLOHELLO");
      const columns = await page.run(see.columns);
      assert.deepEqual(columns.map(({ reads }) => reads).join(""), "HELLO");
      assert.deepEqual(columns.map(({ should }) => should).join(""), "ELLOH");
      const lossOf = list => list.reduce((sum, { network, should }) => sum - Math.log2(network[should]), 0) / list.length;
      assert.ok(lossOf(columns) < 0.1);
      near(await page.run(see.loss), lossOf(columns), 0.0051);
      assert.deepEqual(
        columns.map(({ count }) => count.L),
        [0, 1, 0.5, 0.5, 0],
      );
      assert.ok(columns[2].network.L > 0.9 && columns[3].network.O > 0.9);

      await page.run(setRange, "#hello-replay", "0");
      const untrained = await page.run(see.columns);
      assert.ok(lossOf(untrained) > 1.5);
      near(await page.run(see.loss), lossOf(untrained), 0.0051);
      assert.ok(!(await page.run(see.written, "HELLOHELLO")), "untrained it writes something else");

      await page.run(() => {
        const learn = document.querySelector("#hello-learn");
        learn.click();
        learn.click(); // before it has begun
      });
      await page.waitFor(() => document.querySelector("#hello-learn").disabled === false);
      assert.match(await page.run(() => document.querySelector("#hello-loss").textContent), /\b240\b/);

      await page.type("#hello-word", "мама");
      await page.press("Enter");
      await page.waitFor(see.written, "мамамама");
      assert.ok((await page.run(see.loss)) < 0.1);
      assert.match(await page.run(() => document.querySelector(".state-note").textContent), /but one follower/);
      await page.type("#hello-word", "aaa");
      await page.press("Enter");
      await page.waitFor(() => /two different letters/.test(document.querySelector("#hello-problem").textContent));
      assert.ok(await page.run(see.written, "мамамама"), "what was learnt stays");
      assert.deepEqual(page.problems, []);
    });
  });

test("neither view is wider than its page, and axe finds nothing in either theme", async t => {
  const site = await serve(0);
  const browser = await launch("chromium");
  t.after(async () => {
    await browser.close();
    await site.close();
  });
  const page = await browser.newPage();
  await page.page.setBypassCSP(true); // for axe itself
  const isThere = {
    counting: () => document.querySelectorAll(".lane.count .c").length > 100 && document.querySelector(".lane.tanh .c") !== null,
    hello: see.written,
  };
  for (const view of ["counting", "hello"])
    for (const [scheme, language] of [
      ["light", "en"],
      ["dark", "ru"],
    ]) {
      await page.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(new URL("web/README.md", site.url).href); // a new hash alone would not load it anew
      await page.goto(new URL(`web/#view=${view}&language=${language}`, site.url).href);
      await page.waitFor(isThere[view], "HELLOHELLO");
      for (const width of [320, 390, 768, 1024, 1366, 1920]) {
        await page.page.setViewport({ width, height: 800 });
        const { wide, right } = await page.run(view => {
          const root = document.querySelector(`#view-${view}`);
          const inner = [...root.querySelectorAll("h2, p, label, button, input, .page, svg")].filter(
            each => !each.closest(".lanes, .spelling") && each.getClientRects().length,
          );
          return { wide: document.documentElement.scrollWidth, right: Math.max(...inner.map(each => each.getBoundingClientRect().right)) };
        }, view);
        assert.ok(wide <= width, `${view} is ${wide} wide on ${width}`);
        assert.ok(right <= width, `${view}: something ends at ${right} of ${width}`);
      }
      await page.page.setViewport({ width: scheme === "light" ? 1366 : 320, height: 800 });
      await page.run(axe);
      const { violations, passes } = await page.run(() => window.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${view}, ${scheme}: ${id}: ${nodes[0].html}`),
        [],
      );
      assert.ok(passes.length > 20);
    }
});
