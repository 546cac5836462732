// SPDX-License-Identifier: MIT
//
// What a person does with the page, in each engine; the numbers on it are those of the library in Node.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { load } from "../../web/core/model.js";
import { Branch, firstDifference } from "../../web/story/story.js";
import { ENGINES } from "./engines.mjs";
import { useEngine } from "./harness.mjs";
import { tintBy, unfold } from "./controls.mjs";

const weights = name => new URL(`../../weights/${name}.safetensors`, import.meta.url);
const course = await load(weights("course")),
  shakespeare = await load(weights("shakespeare"));
const PROMPT = "Today ",
  FAST = "network=course&speed=0&seed=5&prompt=Today%20";

/** The text that settings mean, by the core alone. */
function textOf(events, length, { model = course, prompt = PROMPT, seed = 5 } = {}) {
  const branch = new Branch(model, model.encode(prompt), seed, events);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}
const lettersOf = branch => branch.steps.map(step => step.text).join("");
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not within ${tolerance} of ${b}`);

// ---- what a person sees ----

const see = {
  text: () => document.querySelector("#text").textContent,
  done: (length = 0) => document.querySelector("#stop").hidden && document.querySelectorAll("#text .c:not(.given)").length > length,
  classes: selector => [...document.querySelectorAll(`${selector} .c`)].map(c => c.className.replace(/^c /, "")),
  bars: () =>
    [...document.querySelectorAll("button.bar")].map(bar => ({
      id: Number(bar.dataset.id),
      widths: [...bar.querySelectorAll(".pair span")].map(span => parseFloat(span.style.width) / 100),
      cut: bar.classList.contains("cut"),
      chosen: bar.classList.contains("chosen"),
    })),
  rest: () => [...document.querySelectorAll("div.bar .pair span")].map(span => parseFloat(span.style.width) / 100),
  numbers: () => [...document.querySelectorAll(".numbers td")].map(cell => cell.textContent),
  dice: () => {
    const pieces = [...document.querySelectorAll(".strip i")],
      grow = piece => Number(piece.style.flexGrow),
      needle = document.querySelector(".needle");
    const at = pieces.findIndex(piece => piece.classList.contains("chosen")),
      low = pieces.slice(0, at).reduce((sum, piece) => sum + grow(piece), 0);
    return {
      u: needle.hidden ? null : parseFloat(needle.style.left) / 100,
      low,
      high: low + grow(pieces[at]),
      sum: pieces.reduce((sum, piece) => sum + grow(piece), 0),
    };
  },
  words: selector => document.querySelector(selector).textContent,
};
const shadeOf = bits => `s${Math.min(7, Math.floor(bits))}`;
const clickOn = (page, place, box = "#text") => page.click(`${box} [data-place="${place}"]`);

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    /** The page, with its text written as far as `length`. */
    async function open(hash, { length = 0, ...options } = {}) {
      const page = await site.visit(`web/#${hash}`, options);
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      if (length) await page.waitFor(see.done, length - 1);
      return page;
    }
    const setTemperature = async (page, T) => {
      await page.type("#temperature-number", String(T));
      await page.press("Enter");
    };

    test("1. every character, the prompt's too, carries its step, tinted by surprisal", async () => {
      const page = await open(`${FAST}&length=200`, { length: 200 }),
        branch = textOf([{ place: 0, temperature: 0.8 }], 200);
      assert.equal(await page.run(see.text), lettersOf(branch));
      const classes = await page.run(see.classes, "#text");
      branch.steps.forEach((step, i) => assert.ok(classes[i].split(" ").includes(shadeOf(step.surprisal)), `${i}: ${classes[i]}`));
      assert.equal(classes.filter(name => name.includes("given")).length, PROMPT.length);
      for (const place of [0, 3, 6, 120]) {
        await clickOn(page, place);
        assert.equal((await page.run(see.bars)).find(bar => bar.chosen).id, branch.steps[place].id);
      }
      await page.press("ArrowRight");
      assert.equal((await page.run(see.bars)).find(bar => bar.chosen).id, branch.steps[121].id);
      await page.press("Home");
      assert.equal((await page.run(see.bars)).find(bar => bar.chosen).id, branch.steps[0].id);
      const shaded = shades =>
        page.waitFor(
          shades => [...document.querySelectorAll("#text .c")].every((c, i) => c.classList.contains(shades[i])), // in slices, a frame each
          shades,
        );
      await tintBy(page, "rank");
      await shaded(branch.steps.map(({ rank }) => `s${[1, 2, 3, 5, 9, 17, 33].findLastIndex(first => rank >= first)}`));
      await tintBy(page, "none");
      await shaded(branch.steps.map(() => "s0"));
      assert.deepEqual(page.problems, []);
    });

    test("2. the bars are the core's distribution, before and after; a moved temperature writes anew with the same dice", async () => {
      const page = await open(`${FAST}&length=60`, { length: 60 });
      const text = await page.run(see.text);
      let cut = 0;
      for (const [T, topK] of [
        [0.8, 0],
        [1.6, 0],
        [0, 0],
        [1, 4],
        [0.8, 0],
      ]) {
        await setTemperature(page, T);
        if (topK !== cut) {
          await unfold(page, "more", "#topK");
          await page.type("#topK", String(topK));
          await page.press("Enter");
          await page.press("Escape");
          cut = topK;
        }
        await page.waitFor(see.done, 59);
        const branch = textOf([{ place: 0, temperature: T, topK }], 60);
        assert.equal(await page.run(see.text), lettersOf(branch));
        await clickOn(page, 30);
        const step = branch.steps[30],
          p = step.probs(1, { topK: 0, topP: 1 }),
          q = step.probs(T, { topK, topP: 1 }),
          bars = await page.run(see.bars);
        assert.equal(bars.length, 10);
        for (const { id, widths, cut } of bars) {
          near(widths[0], p[id], 1e-5);
          near(widths[1], q[id], 1e-5);
          assert.equal(cut, q[id] === 0);
        }
        const shown = bars.map(bar => bar.id),
          restOf = probs => probs.reduce((sum, x, id) => (shown.includes(id) ? sum : sum + x), 0);
        (await page.run(see.rest)).forEach((width, i) => near(width, restOf([p, q][i]), 1e-5));
        const entropy = probs => probs.reduce((sum, x) => (x > 0 ? sum - x * Math.log2(x) : sum), 0);
        const [, , , , h0, h1, c0, c1] = await page.run(see.numbers);
        (near(parseFloat(h0), entropy(p), 0.006), near(parseFloat(h1), entropy(q), 0.006));
        (near(parseFloat(c0), 2 ** entropy(p), 0.06), near(parseFloat(c1), 2 ** entropy(q), 0.06));
      }
      assert.equal(await page.run(see.text), text);
      await page.run(() => {
        document.querySelector(".as-table").open = true;
      });
      await page.waitFor(() => document.querySelectorAll(".as-table tr").length > 1);
      assert.equal(await page.run(() => document.querySelectorAll(".as-table tr").length), 1 + course.vocabulary.length);
    });

    test("3. the dice lies where it fell; the same dice at another temperature part where the core says, and why", async () => {
      const page = await open(`${FAST}&length=120`, { length: 120 }),
        branch = textOf([{ place: 0, temperature: 0.8 }], 120);
      for (const place of [7, 40, 90]) {
        await clickOn(page, place);
        const { u, low, high, sum } = await page.run(see.dice);
        near(u, branch.steps[place].u, 1e-6);
        near(sum, 1, 1e-5);
        assert.ok(low - 1e-5 <= u && u < high + 1e-5, `${u} is not in ${low} .. ${high}`);
      }
      await page.type("#same-temperature", "1.1");
      await page.click("#same-write");
      await page.waitFor(see.done, 119);
      await page.waitFor(() => Boolean(document.querySelector("#beside-note").textContent)); // its words are fetched
      const other = textOf([{ place: 0, temperature: 1.1 }], 120),
        parted = firstDifference(branch, other);
      assert.equal(await page.run(see.text), lettersOf(branch));
      assert.equal(await page.run(() => document.querySelector("#beside-text").textContent), lettersOf(other));
      assert.deepEqual(await page.run(() => [...document.querySelectorAll(".parted")].map(c => Number(c.dataset.place))), [parted, parted]);
      const note = await page.run(see.words, "#beside-note");
      assert.ok(note.includes(`character ${parted - 5}`) && note.includes("T = 1.1") && note.includes("T = 0.8"), note);
    });

    test("4. another choice branches as a fresh run forced to it; undo, redo, the tree, one character", async () => {
      const page = await open(`${FAST}&length=80`, { length: 80 }),
        text = await page.run(see.text);
      await clickOn(page, 26);
      const { id } = (await page.run(see.bars)).find(bar => !bar.chosen);
      await page.click("button.bar:not(.chosen)");
      await page.waitFor(see.done, 79);
      const branched = await page.run(see.text);
      assert.equal(
        branched,
        lettersOf(
          textOf(
            [
              { place: 0, temperature: 0.8 },
              { place: 20, id },
            ],
            80,
          ),
        ),
      );
      assert.equal(await page.run(() => document.querySelectorAll(".hand").length), 1);
      await page.click("#undo");
      assert.equal(await page.run(see.text), text);
      await page.click("#redo");
      assert.equal(await page.run(see.text), branched);
      await page.click("#tab-branches");
      await page.waitFor(() => document.querySelectorAll(".branches li").length === 2);
      await page.click(".branches li:first-child .keep");
      assert.equal(await page.run(() => document.querySelector("#beside-text").textContent), text);
      await page.click(".branches li:first-child .go");
      assert.equal(await page.run(see.text), text);
      await page.click("#one");
      await page.waitFor(see.done, 80);
      assert.equal(await page.run(see.text), lettersOf(textOf([{ place: 0, temperature: 0.8 }], 81)));
    });

    test("5. five temperatures at once are five single runs; eight are taken, nine are not", async () => {
      const page = await open(`${FAST}&length=90&view=temperatures`);
      await page.waitFor(
        () =>
          document.querySelector("#together-stop")?.hidden &&
          document.querySelectorAll(".stream").length === 5 &&
          document.querySelectorAll(".stream .c").length === 5 * 96,
      );
      const texts = await page.run(() => [...document.querySelectorAll(".stream .page")].map(box => box.textContent));
      assert.deepEqual(
        texts,
        [0.3, 0.8, 1, 1.3, 1.8].map(temperature => lettersOf(textOf([{ place: 0, temperature }], 90))),
      );
      await clickOn(page, 50, ".stream:nth-child(4)");
      assert.equal(
        await page.run(() => Number(document.querySelector(".stream:nth-child(4) .bar.chosen").dataset.id)),
        textOf([{ place: 0, temperature: 1.3 }], 90).steps[50].id,
      );
      await page.type("#temperatures", "0 0.2 0.4 0.6 0.8 1 1.2 1.4");
      await page.click("#together");
      await page.waitFor(
        () => document.querySelector("#together-stop").hidden && document.querySelectorAll(".stream .c").length === 8 * 96,
      );
      await page.type("#temperatures", "1 2 3 4 5 6 7 8 9");
      await page.click("#together");
      assert.match(await page.run(see.words, "#temperatures-note"), /eight/);
    });

    test("6. greedy falls into a circle, whose period is shown; a way leads out", async () => {
      const page = await open(`${FAST}&length=200&temperature=0`, { length: 200 });
      const text = await page.run(see.text),
        note = await page.run(see.words, "#loop-note");
      const [, from, period] = /character (\d+) on, the same (\d+) characters/.exec(note).map(Number);
      const circle = text.slice(PROMPT.length + from - 1);
      assert.equal(
        circle,
        circle
          .slice(0, period)
          .repeat(Math.ceil(circle.length / period))
          .slice(0, circle.length),
      );
      assert.equal(await page.run(() => document.querySelectorAll(".loop").length), circle.length);
      await page.click("#loop-second");
      await page.waitFor(see.done, 199);
      const out = await page.run(see.text),
        place = PROMPT.length + from - 1 + period;
      assert.equal(out.slice(0, place), text.slice(0, place));
      assert.notEqual(out[place], text[place]);
    });

    test("7. a text of one's own is scored; two networks are compared", async () => {
      const mine = "To be, or not to be:\nthat is the questoin ЖЖ.";
      const page = await open("network=shakespeare&view=score");
      await page.waitFor(() => document.querySelector("#score")?.disabled === false);
      await page.type("#score-input", mine);
      await page.select("#score-other", "course");
      await page.click("#score");
      await page.waitFor(() => document.querySelectorAll("#surprising li").length > 0);
      for (const [model, line, box] of [
        [shakespeare, "#score-bits", "#score-text"],
        [course, "#score-other-bits", "#score-other-text"],
      ]) {
        const { bitsPerCharacter, tokens } = model.score(mine),
          said = await page.run(see.words, line);
        near(Number(/([\d.]+)\sbits/.exec(said)[1]), bitsPerCharacter, 0.0006);
        assert.match(said, /Ж/);
        const classes = await page.run(see.classes, box);
        tokens.forEach(({ bits }, i) => assert.equal(classes[i].trim(), shadeOf(bits)));
      }
      const most = shakespeare.score(mine).tokens.reduce((best, token, i, all) => (token.bits > all[best].bits ? i : best), 0);
      assert.equal(await page.run(() => Number(document.querySelector("#surprising button").dataset.place)), most);
      await page.click("#surprising button");
      assert.equal((await page.run(see.bars)).find(bar => bar.chosen).id, shakespeare.encode(mine).ids[most]);
    });

    test("8. a unit colours the text by its values; the gates are those of the selected character", async () => {
      const page = await open(`${FAST}&length=100&panel=cell&tint=unit&unit=14`, { length: 100 }),
        branch = textOf([{ place: 0, temperature: 0.8 }], 100);
      await page.waitFor(() => document.querySelectorAll("#text .c").length === document.querySelectorAll("#text .c[class*=u]").length);
      const state = course.start(),
        classes = await page.run(see.classes, "#text"),
        gates = [];
      branch.steps.forEach((step, i) => {
        state.take(step.id);
        gates.push([...[0, 1, 2, 3].map(block => state.gates(0)[block * 64 + 14]), state.c(0)[14], state.h(0)[14]]);
        assert.equal(classes[i].split(" ")[0], `u${Math.round((state.h(0)[14] + 1) * 4)}`);
      });
      await clickOn(page, 50);
      await page.waitFor(() => document.querySelectorAll(".gate").length === 6);
      await page.waitFor(() => !document.querySelector('[aria-busy="true"]')); // the strip follows a moment later
      const shown = await page.run(() => [...document.querySelectorAll(".gate .p")].map(p => Number(p.textContent.replace("−", "-"))));
      shown.forEach((value, i) => near(value, gates[50][i], 0.0051));
      const guesses = await page.run(() => document.querySelectorAll(".guesses td").length);
      assert.ok(guesses >= 5 * 20 && guesses % 5 === 0, `${guesses} guesses`);
      await page.click(".finders button");
      await page.waitFor(() => !/unit=14(&|$)/.test(location.hash));
      await page.click("#tab-why");
      await page.click("#same-write"); // two texts side by side take the colours of the unit both
      await page.waitFor(() =>
        ["#text", "#beside-text"].every(
          box =>
            document.querySelectorAll(`${box} .c`).length >= 100 &&
            document.querySelectorAll(`${box} .c`).length === document.querySelectorAll(`${box} .c[class*=" u"]`).length,
        ),
      );
    });

    test("9. a link gives the same text, place and view; a teacher's link hides and locks", async () => {
      const events = [
        { place: 0, temperature: 0.8 },
        { place: 12, id: 9 },
        { place: 30, temperature: 1.4, topK: 6 },
      ];
      const page = await open(`${FAST}&length=70&path=12i9_0t0.8_30t1.4_30k6&at=40&language=ru&hide=more,guide&lock=temperature`, {
        length: 70,
      });
      const branch = textOf(events, 70);
      assert.equal(await page.run(see.text), lettersOf(branch));
      await page.waitFor(() => document.querySelector("#text .selected")?.dataset.place === "40");
      assert.equal(await page.run(() => document.documentElement.lang), "ru");
      assert.deepEqual(
        await page.run(() => ["[data-part=more]", ".guide", "#prompt"].map(selector => document.querySelector(selector).checkVisibility())),
        [false, false, true],
      );
      assert.deepEqual(
        await page.run(() => ["#temperature", "#temperature-number", "#prompt"].map(selector => document.querySelector(selector).disabled)),
        [true, true, false],
      );
    });

    test("10. a stop of the guided story sets the page up and says what to look at; the next one does so too", async () => {
      const page = await open("guide=greedy&speed=0", { length: 300 });
      const says = () => page.run(() => [...document.querySelectorAll(".stop-words p")].map(({ textContent }) => textContent));
      await page.waitFor(() => !document.querySelector("#loop").hidden && Boolean(document.querySelector("#stop-title")));
      const first = await says();
      await page.click("#guide-next");
      await page.waitFor(() => document.querySelector("#temperature-number").value === "0.5");
      await page.waitFor(see.done, 199);
      const second = await says();
      for (const [sentences, todo] of [first, second]) assert.match(`${sentences} ${todo}`, /[.!?] .*[.!?]$/s, "two sentences");
      assert.notDeepEqual(first, second);
    });

    test("Stop acts at once, and what is written stays", async () => {
      const page = await open("network=course&speed=200&length=100000");
      await page.waitFor(() => document.querySelectorAll("#text .c").length > 20);
      await page.click("#stop");
      const text = await page.run(see.text);
      await page.run(async () => {
        for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame);
      });
      assert.equal(await page.run(see.text), text);
    });

    test("a right-to-left page and an Arabic text hold", async () => {
      const page = await open(`${FAST}&length=30&view=score`, { width: 390 });
      await page.waitFor(() => document.querySelector("#score")?.disabled === false);
      await page.run(() => {
        document.documentElement.dir = "rtl";
      });
      await page.type("#score-input", "كان يا ما كان في قديم الزمان");
      await page.click("#score");
      await page.waitFor(() => /characters|كان/.test(document.querySelector("#score-bits").textContent));
      assert.ok(await page.run(() => document.documentElement.scrollWidth <= innerWidth));
    });
  });
