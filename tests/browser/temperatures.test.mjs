// SPDX-License-Identifier: MIT
//
// The view "Five temperatures" in each engine: where its columns are, whose distributions they show, where their texts part. The numbers
// are those of the library in Node.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch, firstDifference } from "../../web/story/story.js";
import { serve } from "../../scripts/serve.mjs";
import { launchChromium } from "./chromium.mjs";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const course = await load(new URL("../../weights/course.safetensors", import.meta.url));
const PROMPT = "Today ";
const LENGTH = 150;
const USUAL = [0.3, 0.8, 1, 1.3, 1.8];
const TOP = 5; // bars of a column, but for that of all others
const SETTINGS = { network: "course", view: "temperatures", prompt: PROMPT, seed: 5, speed: 0, length: LENGTH, language: "en" };
const hash = more => `#${new URLSearchParams({ ...SETTINGS, ...more })}`;

/** The texts of the columns, by the core alone. */
const branchesOf = (temperatures, length = LENGTH) =>
  temperatures.map(temperature => {
    const branch = new Branch(course, course.encode(PROMPT), 5, [{ place: 0, temperature }]);
    for (const _ of branch.read());
    for (const _ of branch.write(() => length));
    return branch;
  });
const usual = branchesOf(USUAL);
const near = (a, b, tolerance, what = "") => assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} is not within ${tolerance} of ${b}`);

/** softmax(logits / T) */
function softmax(logits, T) {
  const most = Math.max(...logits);
  const shares = Array.from(logits, logit => Math.exp((logit - most) / T));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map(share => share / sum);
}

// ---- what a person sees ----

const see = {
  /** Whether so many columns have so many characters, and no more come. */
  written: (count, columns) =>
    document.querySelector("#together-stop")?.hidden &&
    [...document.querySelectorAll(".stream .page")].filter(({ textContent }) => textContent.length === count).length === columns,
  bars: () =>
    [...document.querySelectorAll(".stream")].map(column => ({
      T: Number(column.querySelector("input").value),
      u: parseFloat(column.querySelector(".needle").style.left) / 100,
      chosen: Number(column.querySelector(".bar.chosen")?.dataset.id),
      place: Number(column.querySelector(".page .selected")?.dataset.place),
      bars: [...column.querySelectorAll(".bar")].map(bar => ({
        id: Number(bar.dataset.id ?? -1),
        widths: [...bar.querySelectorAll(".pair span")].map(span => parseFloat(span.style.width) / 100),
        p: bar.querySelector(".p").textContent,
      })),
    })),
  /** The columns, and how much is in sight of what they are in. */
  boxes: () => {
    const rectOf = element => {
      const { left, right, top, bottom, width } = element.getBoundingClientRect();
      return { left, right, top, bottom, width };
    };
    return {
      frame: rectOf(document.querySelector(".streams-box")),
      columns: [...document.querySelectorAll(".stream")].map(rectOf),
      inside: [...document.querySelectorAll(".stream")].every(column =>
        [...column.querySelectorAll(".page, .bars, .bar, .bar .p, .strip, h2, input")].every(
          ({ offsetWidth, scrollWidth, clientWidth, tagName }) =>
            offsetWidth <= column.clientWidth && (tagName === "INPUT" || tagName === "SPAN" || scrollWidth <= clientWidth + 1),
        ),
      ),
      jumps: [...document.querySelectorAll(".streams-jumps:not([hidden]) button")].map(({ ariaCurrent }) => ariaCurrent === "true"),
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
  },
  parted: () =>
    [...document.querySelectorAll(".stream")].map(column => [
      ...new Set([...column.querySelectorAll(".parted")].map(({ dataset }) => Number(dataset.place))),
    ]),
  sentences: () => [...document.querySelectorAll(".stream-parted")].map(({ textContent }) => textContent),
  spoken: () => document.querySelector("#spoken").textContent,
};

/** Each column shows its own temperature's distribution of that place, which is softmax(logits / T). */
function checkBars(columns, branches, place) {
  assert.equal(columns.length, branches.length);
  columns.forEach(({ T, u, chosen, bars, place: marked }, i) => {
    const step = branches[i].steps[place];
    const what = `T = ${T}, place ${place}`;
    assert.equal(T, branches[i].samplingAt(0).temperature);
    assert.equal(marked, place, what);
    assert.equal(chosen, step.id, what);
    if (step.u !== null) near(u, step.u, 1e-6, what);
    const [before, after] = [softmax(step.logits, 1), softmax(step.logits, T)];
    assert.equal(bars.length, TOP + 1);
    for (const { id, widths } of bars.slice(0, TOP)) {
      near(widths[0], before[id], 1e-5, what);
      near(widths[1], after[id], 1e-5, what);
    }
    const best = before.map((p, id) => [p, id]).sort(([a], [b]) => b - a);
    assert.deepEqual(
      bars.slice(0, TOP - 1).map(({ id }) => id),
      best.slice(0, TOP - 1).map(([, id]) => id),
    );
    near(bars[TOP].widths[1], 1 - bars.slice(0, TOP).reduce((sum, { id }) => sum + after[id], 0), 1e-5, what);
  });
}

/** Where each text parts from the one before it. */
const partingsOf = branches => branches.slice(1).map((branch, i) => firstDifference(branches[i], branch));

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);
    let page;

    async function open(more = {}, size = {}) {
      page = await site.visit(`web/${hash(more)}`, { width: 1366, height: 768, ...size });
      await page.waitFor(see.written, (more.length ?? LENGTH) + PROMPT.length, 5);
      return page;
    }
    const waitForPlace = place =>
      page.waitFor(
        (place, count) => document.querySelectorAll(`.stream .page .selected[data-place="${place}"]`).length === count,
        place,
        5,
      );

    test("a place that is pressed in one column is shown in each, at its own temperature; keys go on from it", async () => {
      await open();
      await page.click('.stream:nth-child(5) [data-place="60"]');
      checkBars(await page.run(see.bars), usual, 60);
      for (const [key, place] of [
        ["ArrowRight", 61],
        ["ArrowLeft", 60],
        ["Home", 0],
        ["End", LENGTH + PROMPT.length - 1],
      ]) {
        await page.press(key);
        checkBars(await page.run(see.bars), usual, place);
      }
      const step = usual[4].steps.at(-1);
      const said = await page.run(see.spoken);
      const percent = (100 * softmax(step.logits, 1.8)[step.id]).toPrecision(1)[0];
      assert.ok(said.includes(percent) && said.includes("T = 1.8") && said.includes(`Character ${LENGTH}`), said);
      await page.press("ArrowUp");
      const above = (await page.run(see.bars))[4].place;
      assert.ok(above < LENGTH + PROMPT.length - 1 && above > 60, String(above));
      assert.deepEqual(page.problems, []);
    });

    test("with Shift the arrow keys go to the next column, at the same place, and not beyond the last one", async () => {
      await open();
      await page.click('.stream:nth-child(1) [data-place="30"]');
      const focused = () => [...document.querySelectorAll(".stream .page")].indexOf(document.activeElement);
      assert.equal(await page.run(focused), 0);
      const press = key =>
        page.run(key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: true, bubbles: true })), key);
      for (const [key, column] of [
        ["ArrowRight", 1],
        ["ArrowRight", 2],
        ["ArrowLeft", 1],
        ["ArrowLeft", 0],
        ["ArrowLeft", 0],
      ]) {
        await press(key);
        assert.equal(await page.run(focused), column);
        checkBars(await page.run(see.bars), usual, 30);
        assert.ok((await page.run(see.spoken)).includes(`T = ${USUAL[column]}`));
      }
    });

    test("texts part where the story says: marked in both, joined by a line, told; at the end the first such place is shown", async () => {
      await open();
      const partings = partingsOf(usual);
      const first = Math.min(...partings);
      await waitForPlace(first);
      checkBars(await page.run(see.bars), usual, first);
      assert.deepEqual(
        await page.run(see.parted),
        usual.map((_, i) => [...new Set([partings[i - 1], partings[i]].filter(place => place >= 0))].sort((a, b) => a - b)),
      );
      const sentences = await page.run(see.sentences);
      partings.forEach((place, i) => {
        const { u, text } = usual[i + 1].steps[place];
        const sentence = sentences[i + 1];
        for (const part of [`T = ${USUAL[i]}`, `character ${place - PROMPT.length + 1}`, String(Number(u.toFixed(3)))])
          assert.ok(sentence.includes(part), `${part}: ${sentence}`);
        if (text.trim()) assert.ok(sentence.includes(`“${text}”`), sentence);
      });
      // each line goes from the edge of a mark to that of the next one, when the marks are in sight, and lies behind the texts
      const lines = await page.run(() => {
        const from = document.querySelector(".lines").getBoundingClientRect();
        const marks = [...document.querySelectorAll(".stream")].map(column => [...column.querySelectorAll(".parted")]);
        return [...document.querySelectorAll(".lines path")].map(path => {
          const [a, b] = [path.getPointAtLength(0), path.getPointAtLength(path.getTotalLength())];
          const away = (mark, side, { x, y }) => {
            const rect = mark.getBoundingClientRect();
            return Math.abs(rect[side] - from.left - x) + Math.abs((rect.top + rect.bottom) / 2 - from.top - y);
          };
          const nearest = (column, side, end) => Math.min(...marks[column].map(mark => away(mark, side, end)));
          return Math.min(...[0, 1, 2, 3].map(i => nearest(i, "right", a) + nearest(i + 1, "left", b)));
        });
      });
      assert.ok(lines.length >= 2, "there is no line");
      for (const distance of lines) near(distance, 0, 3, "a line's ends");
      assert.equal(await page.run(() => document.querySelector(".lines").getAttribute("aria-hidden")), "true");
    });

    test("the columns scroll as one, and a line leaves sight with its mark", async () => {
      await open({ length: 600 });
      const tops = () => [...document.querySelectorAll(".stream .page")].map(({ scrollTop }) => Math.round(scrollTop));
      await page.run(() => void (document.querySelector(".stream:nth-child(3) .page").scrollTop = 150));
      await page.waitFor(() => [...document.querySelectorAll(".stream .page")].every(({ scrollTop }) => scrollTop >= 100));
      const [first, ...others] = await page.run(tops);
      for (const top of others) near(top, first, 1, "scrolled apart");
      await page.waitFor(() => document.querySelectorAll(".lines path").length === 0);
      await page.run(() => void (document.querySelector(".stream:nth-child(1) .page").scrollTop = 0));
      await page.waitFor(() => document.querySelectorAll(".lines path").length > 0);
      assert.deepEqual(await page.run(tops), [0, 0, 0, 0, 0]);
    });

    test("while it writes, each bar is as wide as its number in every frame, and ends stay in sight until one scrolls", async () => {
      await open({ length: 4 });
      await page.run(() => void (document.querySelector("[data-part=more]").open = true));
      await page.waitFor(() => Boolean(document.querySelector("#length")));
      await page.run(() => {
        const [length, speed] = ["#length", "#speed"].map(selector => document.querySelector(selector));
        length.value = "3000";
        speed.add(new Option("60", "60"));
        speed.value = "60";
        for (const box of [length, speed]) box.dispatchEvent(new Event("change"));
      });
      await page.click("#together");
      await page.waitFor(() => !document.querySelector("#together-stop").hidden);
      const frames = [];
      const look = async () => {
        const seen = [];
        for (let i = 0; i < 8; i++) {
          await new Promise(requestAnimationFrame);
          let off = 0;
          for (const bar of document.querySelectorAll(".stream .bar")) {
            const pair = bar.querySelector(".pair");
            for (const span of pair.children) {
              const wanted = Math.max(1, (parseFloat(span.style.width) / 100) * pair.clientWidth); // none is less wide than a pixel
              off = Math.max(off, Math.abs(span.getBoundingClientRect().width - wanted));
            }
            const text = bar.querySelector(".p").textContent;
            if (!text.startsWith("<")) off = Math.max(off, Math.abs(parseFloat(text) - parseFloat(pair.children[1].style.width)) - 0.5);
          }
          const boxes = [...document.querySelectorAll(".stream .page")];
          const behind = boxes.map(({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - clientHeight - scrollTop);
          seen.push({ off, behind: Math.max(...behind), written: boxes[0].textContent.length });
        }
        return seen;
      };
      for (let i = 0; i < 4; i++) frames.push(...(await page.run(look))); // a few at a time: a busy machine has few in a second
      assert.ok(frames.at(-1).written > frames[0].written, "it does not write");
      assert.ok(Math.max(...frames.map(({ off }) => off)) < 0.6, `a bar is not as wide as its number: ${JSON.stringify(frames)}`);
      assert.ok(Math.max(...frames.map(({ behind }) => behind)) < 4, `an end is out of sight: ${JSON.stringify(frames)}`);
      await page.waitFor(() => document.querySelector(".stream .page").scrollTop > 60);
      await page.run(() => void (document.querySelector(".stream .page").scrollTop = 0));
      const stays = await page.run(async () => {
        for (let i = 0; i < 8; i++) await new Promise(requestAnimationFrame);
        return document.querySelector(".stream .page").scrollTop;
      });
      assert.ok(stays < 2, `it scrolls away from the reader: ${stays}`);
      await page.click("#together-stop");
    });

    test("a column's own box, and the list, set its temperature; what is none is refused", async () => {
      await open({ length: 20 });
      await page.type(".stream:nth-child(2) input", "0.5");
      await page.press("Enter");
      const temperatures = [0.3, 0.5, 1, 1.3, 1.8];
      const branches = branchesOf(temperatures, 20);
      await page.waitFor(
        text =>
          document.querySelector("#together-stop").hidden && document.querySelector(".stream:nth-child(2) .page").textContent === text,
        branches[1].steps.map(({ text }) => text).join(""),
      );
      await page.click('.stream:nth-child(2) [data-place="12"]');
      checkBars(await page.run(see.bars), branches, 12);
      assert.equal(await page.run(() => document.querySelector("#temperatures").value.replace(/\s+/g, " ")), temperatures.join(" "));
      await page.type(".stream:nth-child(2) input", "hot");
      await page.press("Enter");
      await page.waitFor(() => /hot/.test(document.querySelector("#temperatures-note").textContent));
      assert.equal(await page.run(() => document.querySelector(".stream:nth-child(2) input").hasAttribute("aria-invalid")), true);
      assert.equal((await page.run(see.bars)).length, 5);
    });

    test("side by side where there is room; on a phone one by one, with the next one's edge; nothing is wider than the page", async () => {
      for (const width of engine === "webkit" ? [768, 1024, 1366] : [320, 390, 768, 1024, 1366, 1920])
        for (const language of engine === "chromium" ? ["en", "ru"] : ["ru"]) {
          // Russian words are the longer ones
          await open({ length: 20, language }, { width, height: 800 });
          assert.equal(await page.run(() => document.querySelector(".why").checkVisibility()), false, "it has the whole width");
          await page.run(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
          const what = `${width}, ${language}`;
          const { frame, columns, inside, overflow } = await page.run(see.boxes);
          assert.ok(overflow <= 0, `${what}: wider than the page by ${overflow}`);
          assert.ok(inside, `${what}: something is wider than its column`);
          columns.slice(1).forEach((column, i) => {
            assert.ok(column.left >= columns[i].right, `${what}: columns lie on each other`);
            near(column.top, columns[0].top, 1, what);
            near(column.width, columns[0].width, 1, what);
          });
          if (width >= 1024) assert.ok(columns.at(-1).right <= frame.right + 1, `${what}: the last column is not in sight`);
          if (width < 600) {
            const share = columns[0].width / frame.width;
            assert.ok(share > 0.8 && share < 0.95, `${what}: a column has ${share} of the width`);
            assert.ok(columns[1].left < frame.right - 8, `${what}: of the next one nothing is in sight`);
          }
        }
    });

    if (engine !== "webkit")
      test("on a phone a press, or a key, goes to a column, which is then in the middle; its tab says so", async () => {
        await open({ length: 20 }, { width: 390, height: 844 });
        const inMiddle = at => {
          const frame = document.querySelector(".streams-box").getBoundingClientRect();
          const { left, right } = document.querySelectorAll(".stream")[at].getBoundingClientRect();
          const tabs = [...document.querySelectorAll(".streams-jumps button")].map(({ ariaCurrent }) => ariaCurrent);
          return left >= frame.left - 1 && right <= frame.right + 1 && tabs.every((current, i) => current === String(i === at));
        };
        await page.waitFor(inMiddle, 0);
        await page.click(".streams-jumps button:nth-child(4)");
        await page.waitFor(inMiddle, 3);
        await page.run(() => document.querySelector(".streams-jumps button:nth-child(2)").focus());
        await page.press("Enter");
        await page.waitFor(inMiddle, 1);
        await page.run(() => document.querySelector(".streams-box").scrollBy({ left: 200, behavior: "instant" })); // most of a column
        await page.waitFor(inMiddle, 2);
        assert.equal(await page.run(() => scrollX), 0);
      });
  });

describe("axe", () => {
  let site, browser, axe;
  before(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    site = await serve(0);
    browser = await launchChromium({ defaultViewport: null });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const scheme of ["light", "dark"])
    test(`${scheme}: no finding, wide and on a phone, with eight columns and with one`, async () => {
      for (const [width, temperatures] of [
        [1366, "0,0.3,0.5,0.8,1,1.3,1.8,3"],
        [390, "1"],
        [390, "0.3,0.8,1,1.3,1.8"],
      ]) {
        const page = await browser.newPage();
        await page.setBypassCSP(true); // for axe itself
        await page.setViewport({ width, height: 800 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.goto(new URL(`web/${hash({ length: 60, temperatures })}`, site.url).href);
        await page.waitForFunction(see.written, {}, 66, temperatures.split(",").length);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => window.axe.run(document.querySelector("#view-temperatures")));
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${width}: ${id}: ${nodes[0].html}`),
          [],
        );
        assert.ok(passes.length > 15);
        await page.close();
      }
    });
});
