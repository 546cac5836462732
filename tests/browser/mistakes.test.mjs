// SPDX-License-Identifier: MIT
//
// The view "Where the samples go wrong" in each engine: what stands there is what the library, or a sum done here, says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { ENGINES } from "./engines.mjs";
import { useEngine, useSite } from "./harness.mjs";

const model = await load(new URL("../../weights/course.safetensors", import.meta.url));
const words = JSON.parse(await readFile(new URL("../../web/lang/en.mistakes.json", import.meta.url)));
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PROMPT = "Today ";
const CASES = ["alias", "padding", "masking", "whole", "overflow", "unknown", "markov", "loop", "charrnn", "nucleus"];
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

// ---- in the page ----

const see = {
  isThere: count => document.querySelectorAll("details.case").length === count,
  isDone: key => Boolean(document.querySelector(`#case-${key} .verdict`)?.textContent),
  open: () => [...document.querySelectorAll("details.case[open]")].map(details => details.id),
  verdict: key => document.querySelector(`#case-${key} .verdict`).textContent,
  texts: (key, side) => [...document.querySelectorAll(`#case-${key} .${side} .passage`)].map(each => each.textContent),
  given: (key, side) => document.querySelector(`#case-${key} .${side} .passage .given`).textContent,
  fed: (key, side) => {
    const idsOf = row => [...row.querySelectorAll("span")].map(id => Number(id.textContent));
    return [...document.querySelectorAll(`#case-${key} .${side} .fed-in`)].map(idsOf);
  },
  letters: (key, side) => [...document.querySelectorAll(`#case-${key} .${side} .fed-in b`)].map(each => each.textContent),
  shares: (key, side) => {
    const bars = document.querySelectorAll(`#case-${key} .${side} .likely li`);
    return [...bars].map(bar => parseFloat(bar.lastElementChild.textContent));
  },
  column: (key, side, i) => [...document.querySelectorAll(`#case-${key} .${side} tbody tr`)].map(row => row.children[i].textContent),
  marked: (key, side) => document.querySelectorAll(`#case-${key} .${side} .thin-columns .marked`).length,
  writer: key => document.querySelector(`#case-${key} .writer`).textContent,
};
const openAll = () => document.querySelectorAll("details.case").forEach(details => void (details.open = true));
const slide = (id, value) => {
  const slider = document.querySelector(id);
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
};

// ---- the same, done here ----

const samplingAt = temperature => ({ temperature, topK: 0, topP: 1 });
const textOf = steps => Array.from(steps, step => step.text).join("");
const inOneLine = text => text.replaceAll("\n", "↵ ");
const written = (temperature, seed, prompt = PROMPT) => textOf(model.write(prompt, { temperature, seed, length: 60 }));

/** As the aliased list has it: the first character is read twice. */
function readingTwice(temperature) {
  const state = model.start();
  state.read(PROMPT);
  const ids = [];
  while (ids.length < 60) {
    const step = state.draw(samplingAt(temperature), 5, ids.length);
    for (let i = 0; i < (ids.length ? 1 : 2); i++) state.take(step.id);
    ids.push(step.id);
  }
  state.free();
  return ids;
}

/** The share of a padding that has 0.1 % at T = 1, and the first dice that falls on it: it lies in front. */
function padding(T) {
  const state = model.start();
  state.read(PROMPT);
  const weights = [...state.logits].map(Math.exp);
  const sum = weights.reduce((a, b) => a + b);
  const all = [(sum * 0.001) / 0.999, ...weights].map(weight => weight ** (1 / T));
  const share = all[0] / all.reduce((a, b) => a + b);
  let place = 0;
  while (state.draw(samplingAt(1), 5, place).u >= share) place++;
  state.free();
  return { share, count: place + 1 };
}

/** Of a distribution that falls as 1 / (i + 10): how many of the first `most` reach p of their sum, and what they have of all. */
function fewest(p, most) {
  const all = Array.from({ length: 200 }, (_, i) => 1 / (i + 10));
  const sumOf = some => some.reduce((a, b) => a + b, 0);
  let count = 0;
  while (sumOf(all.slice(0, count)) < p * sumOf(all.slice(0, most))) count++;
  return { count, percent: Math.round((100 * sumOf(all.slice(0, count))) / sumOf(all)) };
}

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;
    async function visit(hash) {
      page = await site.visit(`web/#view=mistakes&${hash}`);
      await page.waitFor(see.isThere, CASES.length);
    }
    const done = async () => {
      for (const key of CASES) await page.waitFor(see.isDone, key);
    };

    test("each mistake and its right way show what the library and a sum done here say, in both languages", async () => {
      await visit("network=course&language=en");
      assert.deepEqual(await page.run(see.open), ["case-alias"]);
      await page.run(openAll);
      await done();
      const verdict = key => page.run(see.verdict, key);

      const ids = [...model.encode(PROMPT).ids];
      const twice = readingTwice(0);
      const [first, second] = twice;
      assert.deepEqual(await page.run(see.fed, "alias", "wrong"), [ids, [...ids, first, first], [...ids, first, first, second]]);
      assert.deepEqual(await page.run(see.texts, "alias", "wrong"), [PROMPT + twice.map(id => model.vocabulary[id]).join("")]);
      assert.deepEqual(await page.run(see.texts, "alias", "right"), [PROMPT + written(0, 5)]);
      await page.run(slide, "#alias-mistakes-temperature", 0.8);
      const soft = readingTwice(0.8).map(id => model.vocabulary[id]);
      assert.deepEqual(await page.run(see.texts, "alias", "wrong"), [PROMPT + soft.join("")]);
      assert.match(await verdict("alias"), new RegExp(`character ${1 + soft.findIndex((c, i) => c !== [...written(0.8, 5)][i])}:`));

      const { share, count } = padding(1.8);
      near((await page.run(see.shares, "padding", "wrong"))[0], 100 * share, 0.051);
      assert.equal((await page.run(see.shares, "padding", "right"))[0], 0);
      assert.match(await verdict("padding"), new RegExp(`Throw ${count} falls`));
      await page.run(slide, "#padding-mistakes-temperature", 1.2);
      near((await page.run(see.shares, "padding", "wrong"))[0], 100 * padding(1.2).share, 0.051);

      const masked = (...yes) => yes.map(each => words[`mistakes.masking.${each ? "yes" : "no"}`]);
      assert.deepEqual(await page.run(see.column, "masking", "wrong", 2), masked(0, 0, 0, 0, 0, 0, 0, 0));
      assert.deepEqual(await page.run(see.column, "masking", "right", 2), masked(1, 1, 1, 0, 0, 0, 0, 0));
      assert.deepEqual((await page.run(see.column, "masking", "wrong", 1)).slice(2, 4), ["1 0 0 0 0", "0 1 0 0 0"]);

      assert.match(await verdict("whole"), /: 5,550 steps against 105, 53 times/); // 6 + ... + 105; 6 + 99
      assert.deepEqual(await page.run(see.texts, "whole", "wrong"), await page.run(see.texts, "whole", "right"));

      assert.deepEqual(await page.run(see.column, "overflow", "wrong", 3), ["NaN", "NaN", "NaN", "0%", "0%"]);
      assert.equal((await page.run(see.column, "overflow", "right", 3))[0], "100%");
      assert.match(await verdict("overflow"), /above 8\.9 overflows: here 3 of 5/);
      await page.run(slide, "#overflow-mistakes-temperature", 0.3);
      assert.match(await verdict("overflow"), /as large as 26\.6/);
      assert.deepEqual(await page.run(see.column, "overflow", "wrong", 3), await page.run(see.column, "overflow", "right", 3));

      assert.equal((await page.run(see.letters, "unknown", "wrong")).join(""), "MWlaga,␣5␣W␣");
      assert.equal((await page.run(see.letters, "unknown", "right")).join(""), "Mlaga,␣5␣␣");
      assert.deepEqual(await page.run(see.texts, "unknown", "wrong"), ["MWlaga, 5 W " + written(0.5, 5, "MWlaga, 5 W ")]);
      await page.type("#unknown-mistakes-prompt", "a@");
      assert.deepEqual(await page.run(see.texts, "unknown", "right"), ["a" + written(0.5, 5, "a")]);

      const seen = 0.5 ** (1 / 0.7); // two words of 12, each half of the time
      assert.match(await verdict("markov"), /93%/);
      const bars = await page.run(see.shares, "markov", "wrong");
      near(bars[5], (100 * seen) / (10 + 2 * seen), 0.051);
      near(bars[0], 100 / (10 + 2 * seen), 0.051);
      const right = await page.run(see.shares, "markov", "right");
      assert.deepEqual(right.filter(Boolean), [50, 50]);

      const texts = [1, 0.7, 0.4, 0.1].map(T => inOneLine(PROMPT + written(T, 5)));
      assert.deepEqual(await page.run(see.texts, "loop", "right"), texts);
      assert.deepEqual(await page.run(see.texts, "loop", "wrong"), Array(4).fill(texts[1]));

      const state = model.start();
      const going = [0, 1].map(() => {
        state.read(PROMPT);
        return inOneLine(PROMPT + textOf(model.write(state, { temperature: 0.8, seed: 8, length: 60 })));
      });
      state.free();
      assert.notEqual(going[0], going[1]);
      assert.deepEqual(await page.run(see.texts, "charrnn", "wrong"), going);
      assert.deepEqual(await page.run(see.texts, "charrnn", "right"), [going[0], going[0]]);

      for (const p of [0.99, 0.8]) {
        await page.run(slide, "#nucleus-mistakes-nucleus-p", p);
        const [cut, whole] = [fewest(p, 50), fewest(p, 200)];
        assert.equal(await page.run(see.marked, "nucleus", "wrong"), cut.count);
        assert.equal(await page.run(see.marked, "nucleus", "right"), whole.count);
        assert.match(await verdict("nucleus"), new RegExp(`${cut.percent}% or ${whole.percent}%`));
      }

      await page.select("#language", "ru");
      await page.waitFor(() => /[а-я]/.test(document.querySelector("#case-markov .verdict").textContent));
      await done();
      const wordless = () => {
        const all = [...document.querySelectorAll("#view-mistakes [data-text]")];
        return all.filter(each => !each.textContent).map(each => each.dataset.text);
      };
      assert.deepEqual(await page.run(wordless), []);
      assert.match(await verdict("markov"), /93\s%/);
      assert.match(await verdict("overflow"), /26,6/);
      for (const key of CASES) assert.match(await verdict(key), /[а-я]{3}/, key);
      assert.deepEqual(page.problems, []);
    });

    test("an address opens one mistake, a press puts another into it; what reads words lends the course's network", async () => {
      await visit("network=alice-words&language=en&case=loop");
      await page.waitFor(see.isDone, "loop");
      assert.deepEqual(await page.run(see.open), ["case-loop"]);
      assert.equal(await page.run(see.given, "loop", "right"), PROMPT);
      assert.match(await page.run(see.writer, "loop"), /lesson’s small network/);
      const isInSight = () => {
        const { top } = document.querySelector("#case-loop").getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2;
      };
      assert.ok(await page.run(isInSight));
      await page.click("#case-markov summary");
      await page.waitFor(() => location.hash.includes("case=markov"));
      await page.waitFor(see.isDone, "markov");
      await page.press("Enter"); // the summary has the focus
      await page.waitFor(() => !location.hash.includes("case="));
      assert.deepEqual(await page.run(see.open), ["case-loop"]);
      await page.run(() => void (location.hash = "#network=course&view=mistakes&case=padding&language=en"));
      await page.waitFor(see.isDone, "padding");
      assert.deepEqual(page.problems, []);
    });
  });

// ---- how it lies on the page ----

const site = useSite();
const WIDTHS = [280, 320, 390, 768, 1366];
/** What stands out of the page, or out of what it lies in. */
const stickingOut = () => {
  const isOut = each => each.getBoundingClientRect().right > innerWidth + 0.5;
  const isTooFull = each => each.matches(".half, .came-of-it") && each.scrollWidth > each.clientWidth + 1;
  const found = [...document.querySelectorAll("#view-mistakes *")].filter(each => isOut(each) || isTooFull(each));
  return found.map(each => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`);
};

for (const [scheme, language, network] of [
  ["light", "ru", "pushkin"],
  ["dark", "en", "shakespeare"],
])
  test(`${scheme}, ${language}: nothing is wider than the page at any width, and axe finds nothing`, async () => {
    const prepare = async page => {
      await page.setBypassCSP(true); // for axe itself
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    };
    const { page, problems } = await site.visit(`web/#view=mistakes&network=${network}&language=${language}`, { prepare });
    await page.waitForFunction(see.isThere, {}, CASES.length);
    await page.evaluate(openAll);
    for (const key of CASES) await page.waitForFunction(see.isDone, {}, key);
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 800 });
      assert.deepEqual(await page.evaluate(stickingOut), [], `${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}`);
      const tops = await page.$$eval(".half", halves => halves.slice(0, 2).map(half => half.getBoundingClientRect().top));
      assert.equal(tops[0] === tops[1], width >= 768, `${width}`);
      if (![280, 1366].includes(width)) continue;
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
        [],
      );
      assert.ok(passes.length > 20);
    }
    assert.deepEqual(problems, []);
  });
