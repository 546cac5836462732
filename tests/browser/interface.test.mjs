// SPDX-License-Identifier: MIT
//
// The text is the interface, in each engine: text and reasons in view together at every size, bars that agree with their numbers while
// they move, a temperature that rewrites, forks that are seen before they are chosen, a history that goes back, and small frames.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch, firstDifference } from "../../web/story/story.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";

const course = await load(new URL("../../weights/course.safetensors", import.meta.url));
const FAST = "network=course&speed=0&seed=5&prompt=Today%20&language=en";
const LENGTH = 24; // tokens of a fork that are shown before it is chosen

/** The text that events make, by the library alone. */
function branchOf(events, length, { prompt = "Today ", seed = 5 } = {}) {
  const branch = new Branch(course, course.encode(prompt), seed, events);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}
const lettersOf = (branch, from = 0, to = Infinity) =>
  branch.steps
    .slice(from, to)
    .map(step => step.text)
    .join("");

const see = {
  text: () => document.querySelector("#text").textContent,
  done: length => document.querySelector("#stop").hidden && document.querySelector("#text").textContent.length >= length,
  longer: least => document.querySelector("#text .c") !== null && document.querySelector("#text").textContent.length >= least,
  count: () => document.querySelector("#text").textContent.length,
  /** What of the text's end and of the bars is within the window, and what sticks out of it. */
  inView: () => {
    const { innerHeight, innerWidth } = window;
    const box = document.querySelector("#text").getBoundingClientRect();
    const last = [...document.querySelectorAll("#text .c")].at(-1).getBoundingClientRect();
    const bars = [...document.querySelectorAll(".bars .bar")].map(bar => bar.getBoundingClientRect());
    const why = document.querySelector("#why").getBoundingClientRect();
    return {
      text: box.top >= 0 && box.bottom <= innerHeight && last.bottom <= box.bottom + 1 && last.top >= box.top - 1,
      bars: bars.filter(({ top, bottom }) => top >= Math.max(0, why.top) && bottom <= Math.min(innerHeight, why.bottom)).length,
      sideways: document.documentElement.scrollWidth - innerWidth,
      tall: [...document.querySelectorAll("button, summary")]
        .filter(each => each.checkVisibility() && !each.closest(".bars, .streams, #view-train"))
        .filter(each => each.getBoundingClientRect().height > 72)
        .map(each => each.textContent),
    };
  },
  bars: () =>
    [...document.querySelectorAll("button.bar")].map(bar => {
      const { width } = bar.querySelector(".pair").getBoundingClientRect();
      const [before, after] = [...bar.querySelectorAll(".pair span")].map(span => span.getBoundingClientRect().width / width);
      return { before, after, said: bar.querySelector(".p").textContent, label: bar.getAttribute("aria-label") };
    }),
  ahead: () =>
    [...document.querySelectorAll("button.bar")].map(bar => ({
      id: Number(bar.dataset.id),
      text: bar.querySelector(".ahead").textContent,
    })),
  parted: () => [...document.querySelectorAll("#text .parted")].map(each => Number(each.dataset.place)),
};
/** Moves the slider as a hand does: several times before it is let go. */
const drag = (...temperatures) => {
  const slider = document.querySelector("#temperature");
  for (const T of temperatures) {
    slider.value = T;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
};

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    async function open(hash, { length = 0, path = "web/", ...options } = {}) {
      const page = await site.visit(`${path}#${hash}`, options);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      if (length) await page.waitFor(see.done, length);
      return page;
    }
    /** Until that text is there, and nothing more is written. */
    const becomes = (page, text) =>
      page.waitFor(text => document.querySelector("#stop").hidden && document.querySelector("#text").textContent === text, text);
    const testOnce = engine === "chromium" ? test : () => {}; // what is the same in each engine, or takes long
    const isWebKit = engine === "webkit"; // its window is smaller than asked for: a bar of its own stands above

    test("text and distribution are in view together, while it writes and after, at every size", async () => {
      const sizes = isWebKit
        ? [[1366, 768]]
        : [
            [1366, 768],
            [1024, 768],
            [390, 844],
            [768, 1024],
            [1920, 1080],
            [360, 740],
            [320, 700],
            [280, 653],
          ];
      for (const language of engine === "chromium" ? ["en", "ru"] : ["ru"])
        // Russian words are the longer ones
        for (const [width, height] of sizes) {
          const page = await open(`speed=400&length=700&seed=5&language=${language}`, { width, height });
          const look = async least => {
            await page.waitFor(see.longer, least);
            const { text, bars, sideways, tall } = await page.run(see.inView);
            const where = `${width} x ${height}, ${language}, ${least}`;
            assert.equal(text, true, `${where}: the end of the text is in view`);
            assert.ok(bars >= (width < 300 ? 1 : width < 390 ? 3 : 5), `${where}: ${bars} bars are in view`);
            assert.ok(sideways <= 0, `${where}: ${sideways} pixels stick out`);
            assert.deepEqual(tall, [], where);
          };
          await look(20);
          await look(450);
          await page.waitFor(see.done, 700);
          await look(700);
        }
    });

    test("the text is followed until the reader scrolls, and again once he is back at its end", async () => {
      const page = await open("network=course&speed=200&length=2000&seed=5&prompt=Today%20&language=en", { width: 800, height: 700 });
      const isAtEnd = () => {
        const text = document.querySelector("#text");
        return text.scrollHeight > text.clientHeight + 100 && text.scrollTop + text.clientHeight >= text.scrollHeight - 4;
      };
      await page.waitFor(isAtEnd);
      await page.run(() => void (document.querySelector("#text").scrollTop = 0));
      const count = await page.run(see.count);
      await page.waitFor(least => document.querySelector("#text").textContent.length > least, count + 60);
      assert.equal(await page.run(() => document.querySelector("#text").scrollTop), 0);
      await page.run(() => void (document.querySelector("#text").scrollTop = 1e6));
      const later = await page.run(see.count);
      await page.waitFor(least => document.querySelector("#text").textContent.length > least, later + 60);
      assert.equal(await page.run(isAtEnd), true);
    });

    test("a bar is as wide as its number says, at thirty frames of a stream", async () => {
      const page = await open("network=course&speed=30&length=400&seed=5&prompt=Today%20&language=en&temperature=1.3");
      await page.waitFor(() => document.querySelectorAll("button.bar").length > 5);
      for (let i = 0; i < 30; i++)
        for (const { after, before, said, label } of await page.run(see.bars)) {
          const shown = /^< /.test(said) ? [0, 0.002] : [Number.parseFloat(said) / 100 - 0.012, Number.parseFloat(said) / 100 + 0.012];
          assert.ok(after >= shown[0] && after <= shown[1] + 0.01, `${after} beside ${said}`);
          const learnt = Number.parseFloat(/as learnt <? ?([\d.]+)/.exec(label)[1]) / 100;
          assert.ok(Math.abs(before - learnt) < 0.022, `${before} beside ${label}`);
        }
    });

    test("what a fork would write is shown before it is chosen, and is what it then writes", async () => {
      const page = await open(`${FAST}&length=120`, { length: 120 });
      await page.click('#text [data-place="40"]');
      await page.waitFor(
        most => [...document.querySelectorAll("button.bar .ahead")].every(each => each.textContent.length === most),
        LENGTH,
      );
      const offers = await page.run(see.ahead);
      const own = branchOf([{ place: 0, temperature: 0.8 }], 120);
      for (const { id, text } of offers) {
        const fork = own.fork(40 - own.given, { id });
        for (const _ of fork.write(() => 40 - own.given + 1 + LENGTH));
        assert.equal(text, lettersOf(fork, 41).replaceAll("\n", "↵"));
      }
      const chosen = offers.find(({ id }) => id !== own.steps[40].id);
      await page.click(`button.bar[data-id="${chosen.id}"]`);
      await page.waitFor(see.done, 120);
      const written = [...(await page.run(see.text))].slice(41, 41 + LENGTH).join("");
      assert.equal(written.replaceAll("\n", "↵"), chosen.text);
    });

    test("a dragged temperature rewrites the text with the same dice, marks where it parts, and is undone in one step", async () => {
      const page = await open(`${FAST}&length=200`, { length: 200 });
      const before = branchOf([{ place: 0, temperature: 0.8 }], 200);
      await page.run(drag, 0.9, 1.1, 1.3);
      const after = branchOf([{ place: 0, temperature: 1.3 }], 200);
      await becomes(page, lettersOf(after));
      assert.deepEqual(await page.run(see.parted), [firstDifference(before, after)]);
      assert.equal(await page.run(() => document.querySelector("#temperature-number").value), "1.3");
      await page.click("#undo");
      assert.equal(await page.run(see.text), lettersOf(before));
      assert.equal(await page.run(() => document.querySelector("#temperature-number").value), "0.8");
      assert.equal(await page.run(() => document.querySelector("#undo").disabled), true);
    });

    testOnce("what is chosen after the temperature was moved goes on at what the slider says", async () => {
      const page = await open(`${FAST}&length=90`, { length: 90 });
      await page.run(drag, 1.9);
      await becomes(page, lettersOf(branchOf([{ place: 0, temperature: 1.9 }], 90)));
      await page.click('#text [data-place="12"]');
      const id = await page.run(() => Number(document.querySelector("button.bar:not(.chosen)").dataset.id));
      await page.click("button.bar:not(.chosen)");
      await becomes(
        page,
        lettersOf(
          branchOf(
            [
              { place: 0, temperature: 1.9 },
              { place: 6, id },
            ],
            90,
          ),
        ),
      );
    });

    testOnce("a text laid beside stays beside, and the one that was there stays where it was", async () => {
      const page = await open(`${FAST}&length=80`, { length: 80 });
      const text = await page.run(see.text);
      await page.click("#same-write");
      await page.waitFor(
        () => document.querySelector("#stop").hidden && document.querySelectorAll("#beside-text .c:not(.given)").length >= 80,
      );
      assert.equal(await page.run(see.text), text);
      assert.equal(
        await page.run(() => document.querySelector("#beside-text").textContent),
        lettersOf(branchOf([{ place: 0, temperature: 1.2 }], 80)),
      );
    });

    testOnce("Enter writes; a prompt that is changed while it writes is taken up", async () => {
      const page = await open("network=course&speed=30&length=300&seed=5&prompt=Today%20&language=en");
      await page.waitFor(() => document.querySelectorAll("#text .c:not(.given)").length > 10);
      await page.type("#prompt", "On Sunday ");
      await page.waitFor(
        () => document.querySelector("#text").textContent.startsWith("On Sunday ") && !document.querySelector("#stop").hidden,
      );
      await page.click("#stop");
      await page.type("#prompt", "Moscow, ");
      await page.press("Enter");
      await page.waitFor(() => document.querySelector("#text").textContent.startsWith("Moscow, "));
      assert.equal(await page.run(() => document.querySelector("#prompt").value), "Moscow, ");
    });

    testOnce("Stop, or another view, right after a key ends the writing: the new prompt is not taken up unseen", async () => {
      for (const end of ["#stop", "#tab-score"]) {
        const page = await open("network=course&speed=30&length=300&seed=5&prompt=Today%20&language=en");
        await page.waitFor(() => document.querySelectorAll("#text .c:not(.given)").length > 10);
        const hasEnded = await page.run(async end => {
          const prompt = document.querySelector("#prompt");
          prompt.value = "On Sunday ";
          prompt.dispatchEvent(new Event("input", { bubbles: true }));
          document.querySelector(end).click();
          await new Promise(then => setTimeout(then, 300)); // as long as the prompt waits, and begun after it: it comes after it
          return document.querySelector("#stop").hidden && document.querySelector("#text").textContent.startsWith("Today ");
        }, end);
        assert.equal(hasEnded, true, end);
      }
    });

    testOnce("other dice in a press write another text, and the address says which", async () => {
      const page = await open(`${FAST}&length=60`, { length: 60 });
      await page.click("#dice");
      await becomes(page, lettersOf(branchOf([{ place: 0, temperature: 0.8 }], 60, { seed: 6 })));
      await page.waitFor(() => /seed=6/.test(location.hash));
    });

    test("a view, a network and a fork leave a way back", async () => {
      const page = await open(`${FAST}&length=40`, { length: 40 });
      const text = await page.run(see.text);
      await page.click("#tab-lesson");
      await page.waitFor(() => document.querySelector("#stops")?.checkVisibility());
      await page.click("#tab-score");
      await page.waitFor(() => document.querySelector("#score")?.checkVisibility());
      await page.run(() => history.back());
      await page.waitFor(() => document.querySelector("#stops").checkVisibility());
      await page.run(() => history.back());
      await becomes(page, text);
      assert.equal(await page.run(() => document.querySelector("#text").checkVisibility()), true);
      await page.select("#network", "shakespeare");
      await page.waitFor(before => document.querySelector("#text").textContent !== before, text);
      await page.waitFor(see.done, 40);
      await page.run(() => history.back());
      await becomes(page, text);
      assert.equal(await page.run(() => document.querySelector("#network").value), "course");
    });

    testOnce("characters that can be pressed are said once, and never again after the first press", async () => {
      const page = await open(`${FAST}&length=40`, { length: 40 });
      const hint = () => document.querySelector("#hint").checkVisibility();
      assert.equal(await page.run(hint), true);
      await page.click('#text [data-place="10"]');
      assert.equal(await page.run(hint), false);
      await page.goto(new URL(`web/index.html#${FAST}&length=41`, site.url).href);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      await page.waitFor(() => document.querySelectorAll("#text .c:not(.given)").length > 30);
      assert.equal(await page.run(hint), false);
    });

    testOnce("a prompt in another script is offered a network that reads it", async () => {
      const page = await open(`network=shakespeare&speed=0&length=20&language=en`, { length: 20 });
      await page.type("#prompt", "Мой дядя ");
      await page.waitFor(() => /Pushkin/.test(document.querySelector("#prompt-note button")?.textContent));
      await page.click("#prompt-note button");
      await page.waitFor(
        start => document.querySelector("#network").value === "first-ru" && document.querySelector("#text").textContent.startsWith(start),
        "Мой дядя ",
      );
    });

    test("in a small frame there are text, bars, a slider and Write, and the page around it is told the height", async () => {
      const sizes = isWebKit
        ? [[400, 640]]
        : [
            [320, 480],
            [390, 640],
            [800, 420],
          ];
      for (const [width, height] of sizes) {
        const page = await open(`${FAST}&length=300&layout=embed`, { length: 300, width, height });
        const { text, bars, sideways } = await page.run(see.inView);
        assert.deepEqual([text, sideways <= 0, bars >= 4], [true, true, true], `${width} x ${height}: ${bars} bars`);
        assert.deepEqual(
          await page.run(() =>
            ["#temperature", "#write", ".top .menu summary", "#prompt", "#tab-train", "#guide", "#go-on"].map(each =>
              document.querySelector(each).checkVisibility(),
            ),
          ),
          [true, true, true, false, false, false, false],
        );
        await page.click(".top .menu summary");
        await page.waitFor(() => document.querySelector("#prompt").checkVisibility());
        const isOnTop = () => {
          const { left, top, width, height } = document.querySelector("#prompt").getBoundingClientRect();
          return document.elementFromPoint(left + width / 2, top + height / 2)?.id === "prompt";
        };
        assert.ok(await page.run(isOnTop), `${width} x ${height}: something lies over the prompt`);
        await page.type("#prompt", "On Sunday ");
        assert.equal(await page.run(() => document.querySelector("#prompt").value), "On Sunday ");
        await page.run(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        assert.equal(await page.run(() => document.querySelector("#prompt").checkVisibility()), true, "one goes on typing");
      }
    });

    if (!isWebKit)
      test("the height that a frame asks for shows all of it without scrolling", async () => {
        const page = await open(`${FAST}&length=20`, { length: 20 });
        const address = `${site.url}web/#${FAST}&length=120&layout=embed`;
        const html = `<!doctype html><iframe src="${address}" style="width:380px;height:420px"></iframe>
          <script>
            window.heights = [];
            addEventListener("message", ({ data, source }) => {
              const frame = document.querySelector("iframe");
              if (source !== frame.contentWindow || data.type !== "nextchar.height") return;
              heights.push(data.height);
              frame.style.height = data.height + "px";
            });
          </script>`;
        const parent = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
        await new Promise(resolve => parent.listen(0, "127.0.0.1", resolve));
        try {
          await page.goto(`http://127.0.0.1:${parent.address().port}/`);
          const frame = await page.page.waitForFrame(each => each.url().includes("layout=embed"));
          await frame.waitForFunction(see.done, { polling: 100 }, 120);
          await frame.waitForFunction(() => document.querySelectorAll(".ahead:empty").length <= 1, { polling: 100 });
          await page.waitFor(() => window.heights.length > 0);
          const { hidden, text } = await frame.evaluate(async () => {
            for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
            const why = document.querySelector("#why");
            return { hidden: why.scrollHeight - why.clientHeight, text: document.querySelector("#text").clientHeight };
          });
          const heights = await page.run(() => window.heights);
          assert.ok(heights.length < 12, heights.join());
          assert.ok(hidden <= 2, `${hidden} pixels of the reasons are hidden`);
          assert.ok(text > 150, `the text has ${text} pixels`);
        } finally {
          parent.closeAllConnections();
          parent.close();
        }
      });

    testOnce("what a teacher takes away leaves no hole", async () => {
      for (const part of ["panel", "prompt", "temperature", "guide", "view", "network", "dice", "share", "more", "branches"]) {
        const page = await open(`${FAST}&length=300&hide=${part}`, { length: 300, width: 1366, height: 768 });
        const { hole, text } = await page.run(() => {
          const board = document.querySelector(".board").getBoundingClientRect();
          const shown = [".page:not([hidden])", "#why", ".drive", ".beginning", ".acts", ".status", ".up", ".notes"]
            .map(each => document.querySelector(each))
            .filter(each => each?.checkVisibility())
            .map(each => each.getBoundingClientRect())
            .filter(({ width, height }) => width && height);
          const bottom = Math.max(...shown.map(each => each.bottom));
          const right = Math.max(...shown.map(each => each.right));
          const textBox = document.querySelector("#text").getBoundingClientRect();
          const why = document.querySelector("#why").getBoundingClientRect();
          return { hole: [board.bottom - bottom, board.right - right].map(Math.round), text: (textBox.width + why.width) / board.width };
        });
        assert.ok(
          hole.every(each => Math.abs(each) <= 2),
          `${part}: ${hole}`,
        );
        assert.ok(text > 0.95, `${part}: text and reasons are as wide as the board: ${text}`);
      }
    });

    if (engine === "chromium")
      test("the first paint has words and room for all that comes: hardly anything moves", async () => {
        const prepare = page =>
          page.page.evaluateOnNewDocument(() => {
            window.shifts = 0;
            new PerformanceObserver(list => {
              for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts += value;
            }).observe({ type: "layout-shift", buffered: true });
            new PerformanceObserver(() => (window.painted ??= document.body.innerText)).observe({ type: "paint", buffered: true });
          });
        const page = await site.visit("web/#language=en&speed=0&length=300", { width: 1366, height: 768, prepare });
        await page.waitFor(() => document.querySelector("#write")?.disabled === false);
        await page.waitFor(see.done, 300);
        assert.ok((await page.run(() => window.shifts)) <= 0.05, `${await page.run(() => window.shifts)}`);
        assert.match(await page.run(() => window.painted), /nextchar.*(network writes here|Write)/s);
      });
  });
