// SPDX-License-Identifier: MIT
//
// What a person does with the five patterns, in each engine: what the page shows is what the library answers in Node.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { loadBigrams } from "../../web/core/bigrams.js";
import { loadPattern } from "../../web/core/pattern.js";
import { scrambled } from "../../web/page/patterns/carry.js";
import { inputsOf } from "../../web/page/patterns/inputs.js";
import { ENGINES, TWO_ENGINES } from "./engines.mjs";
import { missing, serveWith, useEngine } from "./harness.mjs";

const at = name => new URL(`../../weights/patterns/${name}.safetensors`, import.meta.url);
const words = JSON.parse(readFileSync(new URL("../../web/lang/en.patterns.json", import.meta.url)));
const drawn = JSON.parse(readFileSync(new URL("../drawn-digits.json", import.meta.url)));
const CARDS = ["one-to-one", "one-to-many", "many-to-one", "sequence", "synchronous"];
const DIGITS = "zero one two three four five six seven eight nine".split(" ");

const written = units => [...units].map(({ label }) => label ?? "").join("");
const argmax = list => list.indexOf(Math.max(...list));

const see = {
  answer: () => document.querySelector("#answer").textContent,
  note: () => document.querySelector("#answer-note").textContent,
  isAnswered: answer => document.querySelector("#answer")?.textContent === answer,
  room: name => document.querySelector("#pattern-network")?.value === name && document.querySelector("#room").ariaBusy === "false",
  columns: () =>
    [...document.querySelectorAll("#unrolled .unrolled-column")].map(column => ({
      read: column.querySelector(".cell-read").textContent,
      written: column.querySelector(".cell-written span").textContent,
      p: column.querySelector(".cell-written .p").textContent,
      isChosen: column.ariaPressed === "true",
    })),
  bars: () =>
    [...document.querySelectorAll("#unit-distribution button.bar")].map(bar => ({
      name: bar.querySelector(".name").textContent,
      share: parseFloat(bar.querySelector(".pair .after").style.width) / 100,
    })),
  rows: selector => [...document.querySelectorAll(`${selector} tr`)].map(row => [...row.children].map(cell => cell.textContent)),
};
const setRange = (page, selector, value) =>
  page.run(
    (selector, value) => {
      const range = document.querySelector(selector);
      range.value = value;
      range.dispatchEvent(new Event("input", { bubbles: true }));
    },
    selector,
    String(value),
  );

for (const engine of ENGINES)
  describe(engine, () => {
    const site = useEngine(engine);

    /** The view, with that network in its room. */
    async function open(name, more = "", options = {}) {
      const page = await site.visit(`web/#view=patterns&language=en&pattern=${name}${more}`, options);
      await page.waitFor(see.room, name);
      return page;
    }

    test("five panels in the picture's order show what their networks answer, and each opens large", async () => {
      const page = await open("roman");
      assert.deepEqual(await page.run(() => [...document.querySelectorAll(".card")].map(card => card.dataset.pattern)), CARDS);
      await page.waitFor(() => [...document.querySelectorAll(".card")].every(card => card.querySelector(".unrolled-column")));
      const small = await page.run(() =>
        [...document.querySelectorAll(".card")].map(card =>
          [...card.querySelectorAll(".cell-written span:first-child")].map(cell => cell.textContent),
        ),
      );
      assert.deepEqual(small[0], ["u"], "behind q");
      assert.equal(small[1].slice(0, -1).join(""), "Albari", "of an Italian name");
      assert.equal(small[2].at(-1), "Japanese");
      assert.equal(small[3].join(""), "twelveend");
      assert.equal(small[4].join(""), "water", "vowels come back");
      for (const [card, pattern] of CARDS.entries()) {
        await page.click(`.card:nth-child(${card + 1})`);
        await page.waitFor(pattern => document.querySelector(`[data-pattern="${pattern}"]`).ariaPressed === "true", pattern);
        await page.waitFor(title => document.querySelector("#pattern-title").textContent === title, words[`pattern.${pattern}`]);
        await page.waitFor(
          () => document.querySelector("#room").ariaBusy === "false" && document.querySelectorAll("#unrolled .unrolled-column").length > 0,
        );
        assert.match(await page.run(() => location.hash), new RegExp(`view=patterns`));
      }
      assert.deepEqual(page.problems, []);
    });

    test("a number is typed and comes out in words; a unit that is pressed shows its distribution, and arrows go on", async () => {
      const page = await open("numbers-en");
      const network = await loadPattern(at("numbers-en"));
      for (const number of ["27", "804016"]) {
        await page.type("#answer-input-sequence", number);
        await page.waitFor(see.isAnswered, network.answer(number));
        await page.waitFor(() => /finds the same/.test(document.querySelector("#answer-note").textContent)); // and nothing wrong
        assert.doesNotMatch(await page.run(see.note), /wrong|does not know/);
        const units = [...network.units(number)];
        const columns = await page.run(see.columns);
        assert.equal(columns.length, units.length);
        assert.equal(
          columns
            .slice(0, number.length)
            .map(({ read }) => read)
            .reverse()
            .join(""),
          number,
          "read from its end",
        );
        assert.equal(
          columns.findIndex(({ isChosen }) => isChosen),
          number.length,
          "where the state is handed over",
        );
      }
      await page.type("#answer-input-sequence", "12é");
      await page.waitFor(() => /does not know these: é/.test(document.querySelector("#answer-note").textContent));
      await page.type("#answer-input-sequence", "804016");
      await page.waitFor(see.isAnswered, network.answer("804016"));
      const units = [...network.units("804016")];
      await page.click("#unrolled .unrolled-column:nth-child(8)");
      for (const [place, key] of [
        [7, ""],
        [8, "ArrowRight"],
        [7, "ArrowLeft"],
        [units.length - 1, "End"],
      ]) {
        if (key) await page.press(key);
        const { probs } = units[place];
        const [best] = await page.run(see.bars);
        assert.equal(best.name, argmax(probs) === network.end ? words["unit.end"] : network.labels[argmax(probs)].replace(" ", "space"));
        assert.ok(Math.abs(best.share - Math.max(...probs)) < 1e-3);
      }
      await page.press("Home");
      assert.match(await page.run(() => document.querySelector("#unit-distribution").textContent), /writes nothing/);
      await page.run(() => (document.querySelector(".room > details").open = true));
      await page.waitFor(rows => document.querySelectorAll(".room > details tr").length === rows, units.length + 1);
      assert.deepEqual(page.problems, []);
    });

    test("the strip of another number writes that number; mixed and scrambled it writes what the core says", async () => {
      const page = await open("numbers-en", "&input=427391");
      const network = await loadPattern(at("numbers-en"));
      await page.waitFor(see.isAnswered, network.answer("427391"));
      await page.type("#carry-other", "90210");
      await page.click("#carry-swap");
      await page.waitFor(see.isAnswered, "ninety thousand two hundred ten");
      await page.waitFor(note => document.querySelector("#answer-note").textContent === note, words["answer.changed"]);
      const digits = (await page.run(see.columns)).slice(0, 6).map(({ read }) => read);
      assert.equal(digits.reverse().join(""), "427391", "what was read is as it was");
      await page.click("#carry-own");
      await page.waitFor(see.isAnswered, network.answer("427391"));
      const [own, other] = ["427391", "90210"].map(text => network.begin(text));
      for (const [share, cells] of [
        [50, 0],
        [0, 40],
        [30, 9],
      ]) {
        await setRange(page, "#carry-mix", share);
        await setRange(page, "#carry-scramble", cells);
        const mixed = own.map((x, i) => (1 - share / 100) * x + (share / 100) * other[i]);
        await page.waitFor(see.isAnswered, written(network.write(scrambled(mixed, network.hidden, cells), { most: 120 })));
      }
      await page.click("#carry-own");
      await page.waitFor(see.isAnswered, network.answer("427391"));
      // by hand: the other strip is dragged onto the first
      await page.run(() => {
        const [to, from] = document.querySelectorAll(".band");
        const dataTransfer = new DataTransfer();
        for (const [target, type] of [
          [from, "dragstart"],
          [to, "dragover"],
          [to, "drop"],
        ])
          target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      });
      await page.waitFor(see.isAnswered, "ninety thousand two hundred ten");
      assert.deepEqual(page.problems, []);
    });

    test("what was changed of the state stands in the address; a lock keeps it", async () => {
      const network = await loadPattern(at("numbers-en"));
      const [own, other] = ["27", "58"].map(text => network.begin(text));
      const mixed = own.map((x, i) => 0.6 * x + 0.4 * other[i]);
      const answer = written(network.write(scrambled(mixed, network.hidden, 7), { most: 120 }));
      const page = await open("numbers-en", "&input=27&handover=0_40_7_58&lock=carry,cards");
      await page.waitFor(see.isAnswered, answer);
      const locked = ["#carry-swap", "#carry-own", "#carry-mix", "#carry-other", ".card"];
      assert.deepEqual(await page.run(locked => locked.map(selector => document.querySelector(selector).disabled), locked), [
        true,
        true,
        true,
        true,
        true,
      ]);
      const free = await open("numbers-en", "&input=27");
      await free.waitFor(see.isAnswered, "twenty-seven");
      await setRange(free, "#carry-mix", 100);
      await free.waitFor(see.isAnswered, "fifty-eight");
      await free.waitFor(() => new URLSearchParams(location.hash.slice(1)).get("handover") === "0_100_0_58");
      await free.click("#tab-lesson");
      await free.waitFor(() => document.querySelectorAll("#stops .go").length > 9);
      await free.click("#stops li:nth-child(10) .go"); // a stop of the story begins with a state of its own
      await free.waitFor(see.isAnswered, network.answer("427391"));
    });

    test("an input that is emptied is empty; another language says all anew; what is asked is kept for its pattern", async () => {
      const page = await open("surname-language", "&input=Rossi");
      await page.waitFor(see.isAnswered, "Italian");
      await page.type("#answer-input-many-to-one", "");
      await page.waitFor(see.isAnswered, "…");
      assert.equal(await page.run(() => document.querySelector("#inside").checkVisibility()), false);
      await page.select("#language", "ru");
      await page.waitFor(() => /^Обучена на/.test(document.querySelector("#pattern-facts").textContent));
      assert.equal(await page.run(() => document.querySelector("#answer-input-many-to-one").value), "");
      await page.type("#answer-input-many-to-one", "Sato");
      await page.waitFor(see.isAnswered, "Japanese");
      await page.click(".card:nth-child(1)");
      await page.waitFor(see.room, "letters");
      await page.click(".card:nth-child(3)");
      await page.waitFor(see.room, "surname-language");
      assert.equal(await page.run(() => document.querySelector("#answer-input-many-to-one").value), "Sato");
      assert.deepEqual(page.problems, []);
    });

    test("a surname's language shifts letter by letter; the loss at each unit and at the last alone stand side by side", async () => {
      const page = await open("surname-language");
      const [last, each] = await Promise.all(["surname-language", "surname-language-each"].map(name => loadPattern(at(name))));
      await page.type("#answer-input-many-to-one", "Kowalski");
      await page.waitFor(() => document.querySelectorAll("#unrolled .unrolled-column").length === 8);
      await page.waitFor(see.isAnswered, last.answer("Kowalski"));
      const columns = await page.run(see.columns);
      assert.deepEqual(
        columns.map(({ written }) => written),
        [...last.units("Kowalski")].map(({ label }) => label),
      );
      const rows = await page.run(see.rows, "#losses");
      const bestOf = network => [...network.units("Kowalski")].map(({ label }) => label);
      for (const [row, network] of [each, last].entries())
        for (const [i, label] of bestOf(network).entries())
          assert.ok(rows[row + 1][i + 1].startsWith(label), `${rows[row + 1][i + 1]} ${label}`);
      assert.deepEqual(page.problems, []);
    });

    test("nothing is remembered from one letter to the next: the same letter has the same row", async () => {
      const page = await open("letters");
      const letters = await loadBigrams(at("letters"));
      await page.type("#answer-input-one-to-one", "qaq");
      const units = [...letters.units("qaq")];
      await page.waitFor(() => document.querySelectorAll("#unrolled .unrolled-column").length === 3);
      await page.waitFor(see.isAnswered, units[2].label);
      const columns = await page.run(see.columns);
      assert.deepEqual([columns[0].written, columns[0].p], [columns[2].written, columns[2].p]);
      const [best] = await page.run(see.bars);
      assert.ok(Math.abs(best.share - Math.max(...units[2].probs)) < 1e-3);
    });

    test("vowels come back at once, or four letters later", async () => {
      for (const name of ["vowels-en", "vowels-en-now"]) {
        const page = await open(name, "&input=th* q**ck br*wn f*x");
        const network = await loadPattern(at(name));
        await page.waitFor(see.isAnswered, network.answer("th* q**ck br*wn f*x"));
        assert.equal((await page.run(see.columns)).length, 19 + network.delay);
      }
    });

    test("names of a language are drawn at a temperature, and two languages can be mixed", async () => {
      const page = await open("language-surname");
      const network = await loadPattern(at("language-surname"));
      const draw = (state, seed, temperature) => written(network.write(state, { temperature, seed, most: 120 }));
      await page.select("#answer-input-one-to-many", "Italian");
      await page.waitFor(see.isAnswered, draw(network.begin("Italian"), 1, 0.5));
      const others = [2, 3, 4, 5, 6].map(seed => draw(network.begin("Italian"), seed, 0.5)).join();
      await page.waitFor(others => [...document.querySelectorAll("#answers li")].map(item => item.textContent).join() === others, others);
      await page.select("#carry-other", "Japanese");
      await setRange(page, "#carry-mix", 50);
      const [a, b] = ["Italian", "Japanese"].map(name => network.begin(name));
      await page.waitFor(
        see.isAnswered,
        draw(
          a.map((x, i) => 0.5 * x + 0.5 * b[i]),
          1,
          0.5,
        ),
      );
      await setRange(page, "#answer-temperature", 0);
      await page.waitFor(
        see.isAnswered,
        written(
          network.write(
            a.map((x, i) => 0.5 * x + 0.5 * b[i]),
            { most: 120 },
          ),
        ),
      );
    });

    test("a digit that is ready, and one in the address, are named; its picture and its maps are shown", async () => {
      const page = await open("digits-en", "&input=7");
      await page.waitFor(see.isAnswered, "seven");
      const shown = await page.run(() =>
        [...document.querySelectorAll("#maps .maps-row")].map(row => [row.children.length, row.firstElementChild.width]),
      );
      assert.deepEqual(shown, [
        [1, 28],
        [8, 13],
        [16, 5],
      ]);
      await page.click("#sketch-3");
      await page.waitFor(see.isAnswered, "three");
      assert.deepEqual(page.problems, []);
    });
  });

for (const engine of TWO_ENGINES)
  describe(`${engine}, by the mouse`, () => {
    const site = useEngine(engine);

    test("digits drawn on the canvas are named as the core names them, nine of ten right", async () => {
      const page = await site.visit("web/#view=patterns&language=en&pattern=digits-en");
      await page.waitFor(see.room, "digits-en");
      const network = await loadPattern(at("digits-en"));
      const { valueOf } = await inputsOf(network);
      let right = 0;
      for (let digit = 0; digit < 10; digit++) {
        await page.click("#sketch-clear");
        const box = await page.run(() => {
          const { left, top, width } = document.querySelector(".sketch canvas").getBoundingClientRect();
          return { left, top, scale: width / 280 };
        });
        const { mouse } = page.page;
        for (const stroke of drawn.find(each => each.digit === digit).strokes)
          for (const [i, [x, y]] of stroke.entries()) {
            await mouse.move(box.left + x * box.scale, box.top + y * box.scale);
            if (!i) await mouse.down();
            if (i === stroke.length - 1) await mouse.up();
          }
        // What is drawn is told in a frame and answered in another one; the address follows a moment later.
        await page.run(async () => {
          for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
        });
        const named = await page.run(see.answer);
        const isOfAddress = async () => {
          const input = await page.run(() => new URLSearchParams(location.hash.slice(1)).get("input"));
          return input?.length > 3 && network.answer(valueOf(input)) === named;
        };
        for (const end = Date.now() + 20_000; !(await isOfAddress());) assert.ok(Date.now() < end, `${digit}: the page says ${named}`);
        right += named === DIGITS[digit];
      }
      assert.ok(right >= 9, `${right} of 10`);
      assert.deepEqual(page.problems, []);
    });

    test("Roman numerals are learnt before one's eyes, and the network is asked in the room", async () => {
      const page = await site.visit("web/#view=patterns&language=en&pattern=roman");
      await page.waitFor(see.room, "roman");
      await page.run(() => (document.querySelector('[data-part="drill"]').open = true));
      await page.waitFor(() => document.querySelector("#drill-task")?.checkVisibility());
      await page.click("#drill-task");
      await page.waitFor(() => document.querySelector("#drill-task").disabled); // another one would take its place
      await page.waitFor(() => document.querySelectorAll("#drill-watched .is-right").length >= 5);
      assert.match(await page.run(() => document.querySelector("#drill-line").textContent), /held-out examples are answered right after/);
      await page.waitFor(() => document.querySelector("#drill-use").checkVisibility());
      const right = await page.run(() => document.querySelectorAll("#drill-watched .is-right").length);
      assert.ok(right >= 9, `${right} of 10`);
      assert.ok(await page.run(() => document.querySelectorAll("#drill-curve svg .line").length), "a curve");
      await page.click("#drill-use");
      await page.waitFor(() => /trained here, \d+%/.test(document.querySelector("#pattern-network").selectedOptions[0].textContent));
      await page.waitFor(() => /^[MDCLXVI]+$/.test(document.querySelector("#answer")?.textContent)); // of one that it has never seen
      await page.type("#answer-input-sequence", "1987");
      await page.waitFor(see.isAnswered, "MCMLXXXVII");
      assert.deepEqual(page.problems, []);
    });

    test("two columns of one's own are classes or sequences, as they look, and can be switched", async () => {
      const page = await site.visit("web/#view=patterns&language=en&pattern=surname-language");
      await page.waitFor(see.room, "surname-language");
      await page.run(() => (document.querySelector('[data-part="drill"]').open = true));
      await page.waitFor(() => Boolean(document.querySelector(".drill details")));
      await page.run(() => (document.querySelector(".drill details").open = true));
      const animals = Array.from({ length: 90 }, (_, i) => `${"ab"[i % 2]}${i}${"xyz"[i % 3]}\t${i % 2 ? "bird" : "fish"}`).join("\n");
      await page.run(text => {
        const box = document.querySelector("#drill-paste");
        box.value = text;
      }, `${animals}\nno pair`);
      await page.click("#drill-look");
      await page.waitFor(() =>
        /90 pairs with 2 different answers, learnt as classes/.test(document.querySelector("#drill-looks").textContent),
      );
      assert.match(
        await page.run(() => document.querySelector("#drill-looks").textContent),
        /1 line is no pair \(line 91 has one column\)/,
      );
      await page.select("#drill-as", "sequence");
      await page.waitFor(() => /learnt as sequences/.test(document.querySelector("#drill-looks").textContent));
      await page.select("#drill-as", "many-to-one");
      await page.waitFor(() => /learnt as classes/.test(document.querySelector("#drill-looks").textContent));
      await page.click("#drill-start");
      await page.waitFor(() => document.querySelector("#drill-use").checkVisibility());
      await page.click("#drill-use");
      await page.waitFor(() => /own \(trained here/.test(document.querySelector("#pattern-network").selectedOptions[0].textContent));
      await page.waitFor(() => /^(bird|fish)$/.test(document.querySelector("#answer")?.textContent));
      assert.equal(await page.run(() => document.querySelector('[data-pattern="many-to-one"]').ariaPressed), "true");
      await page.type("#answer-input-many-to-one", "b77y");
      await page.waitFor(see.isAnswered, "bird");
      assert.deepEqual(page.problems, []);
    });

    test("a network that does not come leaves no room of another one, and can be tried again", async () => {
      const faults = { "/weights/patterns/roman.safetensors": missing };
      const faulty = await serveWith(site.url, faults);
      const page = await site.visit(new URL("web/#view=patterns&language=en&pattern=dates", faulty.url));
      await page.waitFor(see.room, "dates");
      await page.select("#pattern-network", "roman");
      await page.waitFor(() => !document.querySelector("#trouble").hidden);
      assert.equal(await page.run(() => document.querySelector("#room").childElementCount), 0);
      delete faults["/weights/patterns/roman.safetensors"];
      await page.click("#trouble button");
      await page.waitFor(see.isAnswered, "MCMXCIX");
      await faulty.close();
    });

    test("few pairs are learnt whole and said to be; a file's table can be switched; keys find their way", async () => {
      const page = await site.visit("web/#view=patterns&language=en&pattern=roman");
      await page.waitFor(see.room, "roman");
      await page.run(() => (document.querySelector('[data-part="drill"]').open = true));
      await page.waitFor(() => Boolean(document.querySelector(".drill details")));
      await page.run(() => {
        document.querySelector(".drill details").open = true;
        const transfer = new DataTransfer();
        const lines = Array.from({ length: 12 }, (_, i) => `word${i};${i % 2 ? "odd" : "even"}`);
        transfer.items.add(new File([lines.join("\n")], "pairs.csv"));
        const input = document.querySelector('.drill input[type="file"]');
        input.files = transfer.files;
        input.dispatchEvent(new Event("change"));
      });
      const looks = pattern => new RegExp(pattern).test(document.querySelector("#drill-looks").textContent);
      await page.waitFor(looks, "12 pairs .* as classes. Held out: 0");
      await page.select("#drill-as", "sequence");
      await page.waitFor(looks, "12 pairs .* as sequences");
      await page.run(() => document.querySelector("#drill-start").focus());
      await page.press("Enter");
      await page.waitFor(() => ["drill-pause", "drill-use"].includes(document.activeElement.id)); // the focus is not lost
      await page.waitFor(() => document.querySelector("#drill-use").checkVisibility());
      assert.match(await page.run(() => document.querySelector("#drill-line").textContent), /of the 12 examples, which it learns from/);
      assert.match(
        await page.run(() => document.querySelector("#drill-watched").previousElementSibling.textContent),
        /10 examples that it learns from/,
      );
      assert.deepEqual(page.problems, []);
    });

    test("a dropped network that answers opens here; what neither view knows is refused in a sentence", async () => {
      const page = await site.visit("web/#view=write&language=en&network=course&speed=0&length=10");
      await page.waitFor(() => document.querySelector("#write")?.disabled === false);
      const dropped = bytes =>
        page.run(
          bytes => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([Uint8Array.from(bytes)], "mine.safetensors"));
            document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
          },
          [...bytes],
        );
      await dropped(readFileSync(at("roman")));
      await page.waitFor(see.isAnswered, "…");
      await page.type("#answer-input-sequence", "2026");
      await page.waitFor(see.isAnswered, "MMXXVI");
      await dropped(Buffer.from("no network at all"));
      await page.waitFor(() => !document.querySelector("#trouble").hidden);
      assert.equal(await page.run(see.answer), "MMXXVI", "the one before stays");
      assert.deepEqual(page.problems, []);
    });
  });
