// SPDX-License-Identifier: MIT
//
// What there is to see in the view Train: all in one glance, a slider that replays the learning, runs side by side, and what the network
// that has learnt is asked for. What the worker says is listened to on its way, and what it is told.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { load } from "../../web/core/model.js";
import { PATIENCE, textOf, words } from "./controls.mjs";
import { useSite } from "./harness.mjs";

const site = useSite();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NAMES = ["Anna", "Bella", "Clara", "Dora", "Emma", "Frida", "Gerda", "Hanna"];
const LIST = Array.from({ length: 200 }, (_, i) => `${NAMES[i % 8]}${["", "lie", "rose", "beth", "line"][(i * i) % 5]}`).join("\n");

/** Before the page's scripts: what each worker is told and says; what it was not asked for comes in its place. */
function listen(instead) {
  window.heard = [];
  window.told = [];
  window.Worker = class extends Worker {
    set onmessage(handler) {
      this.handler = handler;
      super.onmessage = ({ data }) => {
        const event = data.type === "prepared" && instead.plan ? { ...data, plan: instead.plan } : data;
        window.heard.push(event);
        handler({ data: event });
      };
    }
    postMessage(command, transfer) {
      window.told.push(command);
      const { which } = command;
      if (command.type === "items" && instead.items) this.handler({ data: { type: "items", which, items: instead.items } });
      else super.postMessage(command, transfer);
    }
  };
  URL.createObjectURL = blob => ((window.saved = blob), "#");
  HTMLAnchorElement.prototype.click = function () {
    window.savedAs = this.download;
  };
}

/** The view Train, its text read. */
async function open({ hash = "language=en", width = 1366, height = 768, scheme = "light", ...instead } = {}) {
  const visit = await site.visit(`web/#network=course&view=train&speed=0&length=20&${hash}`, {
    async prepare(page) {
      await page.setBypassCSP(true); // for axe itself
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.evaluateOnNewDocument(listen, instead);
    },
  });
  visit.page.setDefaultTimeout(PATIENCE);
  await isReady(visit.page);
  return visit;
}
const isReady = page => page.waitForSelector("#train-start:enabled");
const press = async (page, name) => {
  await page.waitForSelector(`#train-${name}:enabled`, { visible: true });
  await page.$eval(`#train-${name}`, button => button.click());
};
const count = (page, type) => page.evaluate(type => window.heard.filter(event => event.type === type).length, type);
/** Until the worker has prepared what was changed. */
async function change(page, doIt) {
  const before = await count(page, "prepared");
  await doIt();
  await page.waitForFunction(before => window.heard.filter(({ type }) => type === "prepared").length > before, {}, before);
  await isReady(page);
}
const set = (page, name, value) =>
  change(page, () =>
    page.$eval(
      `#train-${name}`,
      (box, value) => {
        box.value = value;
        box.dispatchEvent(new Event("change"));
      },
      String(value),
    ),
  );
const give = (page, name, text) =>
  change(page, () =>
    page.$eval(
      "#view-train input[type=file]",
      (input, name, text) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], name));
        input.files = transfer.files;
        input.dispatchEvent(new Event("change"));
      },
      name,
      text,
    ),
  );
/** A small network for a list in a file. */
async function giveList(page, passes) {
  await give(page, "names.txt", LIST);
  for (const [name, value] of Object.entries({ hidden: 32, batch: 4, window: 16, passes })) await set(page, name, value);
}
const isOver = page => page.waitForFunction(() => window.heard.some(({ type }) => type === "end"));
const last = (page, type, list = "told") => page.evaluate((type, list) => window[list].findLast(each => each.type === type), type, list);
const DAY = "\\d{4}-\\d\\d-\\d\\d";

test("the slider replays the learning: each sample with its update, and a mark on the curve; at its end it follows", async () => {
  const { page, problems } = await open();
  await giveList(page, 3000);
  await press(page, "start");
  await page.waitForFunction(() => document.querySelector("#train-replay").max >= 3 && document.querySelector(".curve"));
  const shown = () =>
    page.evaluate(() => ({
      text: document.querySelector(".sample").textContent,
      said: document.querySelector("#train-replay").ariaValueText,
      value: Number(document.querySelector("#train-replay").value),
      mark: Number(document.querySelector(".curve line.mark").getAttribute("x1")),
    }));
  const samples = () => page.evaluate(() => window.heard.filter(({ type }) => type === "sample"));
  await page.focus("#train-replay");
  await page.keyboard.press("Home");
  const first = await shown();
  assert.equal(first.text, (await samples())[0].text);
  assert.match(first.said, /^update 0 of [\d,]+, nothing learnt yet$/);
  let before = first;
  for (let i = 1; i < 3; i++) {
    await page.keyboard.press("ArrowRight");
    const now = await shown();
    const { done, text } = (await samples())[i];
    assert.equal(now.text, text);
    assert.match(now.said, new RegExp(`^update ${done.toLocaleString("en")} of [\\d,]+, [\\d.]+\\sbits$`));
    assert.ok(now.mark > before.mark, `${now.mark} after ${before.mark}`);
    before = now;
  }
  const { length } = await samples();
  await page.waitForFunction(length => window.heard.filter(({ type }) => type === "sample").length > length, {}, length);
  assert.equal((await shown()).value, 2, "it stays where the reader put it");
  await page.keyboard.press("End");
  assert.match((await shown()).said, /– live$/);
  const { length: then } = await samples();
  await page.waitForFunction(length => window.heard.filter(({ type }) => type === "sample").length > length, {}, then);
  const newest = (await samples()).at(-1);
  await page.waitForFunction(text => document.querySelector(".sample").textContent === text, {}, newest.text);
  await press(page, "stop");
  await isOver(page);
  assert.doesNotMatch((await shown()).said, /live/);
  assert.deepEqual(problems, []);
});

for (const [width, height] of [
  [1366, 768],
  [1024, 768],
  [390, 844],
])
  test(`${width} x ${height}: text and button in sight before; what it writes, the curve, Pause and the state then`, async () => {
    for (const language of ["en", "ru"]) {
      const { page, problems } = await open({ hash: `language=${language}`, width, height });
      const boxes = selectors =>
        page.evaluate(
          selectors =>
            selectors.map(selector => {
              const { top, bottom, left, right, width, height } = document.querySelector(selector).getBoundingClientRect();
              return { selector, isIn: top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth, top, left, width, height };
            }),
          selectors,
        );
      const areIn = async selectors => {
        const found = await boxes(selectors);
        for (const each of found) assert.ok(each.isIn && each.height > 0, `${language}: ${JSON.stringify(each)}`);
        return found;
      };
      const [box] = await areIn(["#view-train textarea", "#train-start", ".promise"]);
      assert.ok(box.height > 60);
      await press(page, "start");
      await page.waitForFunction(() => document.querySelector(".curve") && document.querySelector(".speed").textContent);
      const [sheet, curve] = await areIn([".train .sheet", ".curve", "#train-pause", "#train-stop", ".speed", "#train-replay"]);
      assert.ok(sheet.width * sheet.height > curve.width * curve.height, "what it writes is larger than the curve");
      assert.equal(await page.$eval(".setup", details => details.open), false);
      assert.ok(width < 1000 ? curve.top > sheet.top + sheet.height : curve.left > sheet.left + sheet.width);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await press(page, "stop");
      await isOver(page);
      assert.deepEqual(problems, []);
    }
  });

test("the tab and the title say that it learns, elsewhere too, and that it is over until somebody looks", async () => {
  const { page, problems } = await open();
  await page.evaluate(async () => {
    const { mountDesk } = await import("./page/desk.js");
    const root = document.body.appendChild(document.createElement("div"));
    window.second = mountDesk(root, { prefix: "b-", settings: { view: "train", network: "course", language: "en", length: 20 } });
  });
  await page.waitForSelector("#b-train-start:enabled");
  await page.$eval("#b-train-start", button => button.click());
  await page.waitForFunction(() => /^\d+%$/.test(document.querySelector("#b-tab-train").dataset.sign));
  assert.equal(await page.title(), "nextchar"); // the page's own desk has nothing to say
  await page.evaluate(() => window.second.free());
  await giveList(page, 500);
  await press(page, "start");
  await page.click("#tab-write");
  await page.waitForFunction(() => /^[1-9]\d*% · nextchar$/.test(document.title));
  assert.match(await page.$eval("#tab-train", tab => tab.dataset.sign), /^\d+%$/);
  assert.equal(await page.$eval("#tab-train", tab => tab.closest("[aria-live]")), null); // not each percent is spoken
  await page.waitForFunction(() => document.title === "✓ · nextchar");
  assert.match(await textOf(page, "#spoken"), /^It has learnt/);
  await page.click("#tab-train");
  await page.waitForFunction(() => document.title === "nextchar" && !("sign" in document.querySelector("#tab-train").dataset));
  assert.deepEqual(problems, []);
});

test("runs stay with their curves, named and told apart; one can be hidden and taken away", async () => {
  const { page, problems } = await open();
  await giveList(page, 300);
  await press(page, "start");
  await isOver(page);
  assert.equal(await page.$eval(".runs", shelf => shelf.checkVisibility()), false); // one alone
  await set(page, "cell", "gru");
  await page.evaluate(() => window.heard.splice(0));
  await press(page, "start");
  await isOver(page);
  const labels = () => page.$$eval(".curve .label.heldout", all => all.map(({ textContent }) => textContent).sort());
  const lines = () =>
    page.$$eval(".curve polyline.heldout", all =>
      all.map(line => getComputedStyle(line)).map(style => `${style.stroke} ${style.strokeDasharray}`),
    );
  assert.deepEqual(await labels(), ["GRU 32", "LSTM 32"]);
  const drawn = await lines();
  assert.equal(drawn.length, 2);
  assert.notEqual(drawn[0].split(" ").at(-1), drawn[1].split(" ").at(-1), "not by the colour alone");
  const ends = await page.evaluate(() =>
    [...document.querySelectorAll(".curve .label.heldout")].map(label => {
      const key = [...label.classList].find(name => name.startsWith("run-"));
      const { points } = document.querySelector(`.curve polyline.heldout.${key}`);
      const end = points.getItem(points.numberOfItems - 1);
      return [Number(label.getAttribute("x")) - end.x, Number(label.getAttribute("y")) - end.y];
    }),
  );
  for (const [x, y] of ends) assert.ok(x > 0 && x < 15 && Math.abs(y) < 25, `beside their lines' ends: ${ends}`);
  const rows = await page.$$eval(".runs li", all => all.map(({ innerText }) => innerText.replace(/\s+/g, " ").trim()));
  assert.match(rows[0], /^names, LSTM 32 best [\d.]+\sbits/);
  assert.match(rows[1], /^names, GRU 32 best [\d.]+\sbits/);
  await page.click(".runs li:first-child input");
  assert.deepEqual(await lines(), [drawn[1]]);
  await page.click(".runs li:first-child input");
  assert.deepEqual(await lines(), drawn);
  await page.click(".runs li:first-child button");
  assert.deepEqual(await lines(), [drawn[1]]);
  assert.equal(await page.$eval(".runs", shelf => shelf.checkVisibility()), false);
  // another text's curves are no comparison, unless one wants to see them
  await give(page, "other.txt", `${LIST}\nZ`);
  await page.evaluate(() => window.heard.splice(0));
  await press(page, "start");
  await isOver(page);
  assert.deepEqual(await page.$$eval(".runs input", all => all.map(({ checked }) => checked)), [false, true]);
  assert.deepEqual(problems, []);
});

test("of the last network and the best the reader takes one: it writes, and is saved by a good name", async () => {
  const { page, problems } = await open();
  await giveList(page, 400);
  await press(page, "start");
  await isOver(page);
  const { best } = await last(page, "end", "heard");
  const { updates } = await last(page, "prepared", "heard");
  assert.ok(best.done < updates, `best at ${best.done} of ${updates}`); // such a small text is soon known by heart
  const [lastName, bestName] = await page.$$eval(".which label", all => all.map(({ textContent }) => textContent));
  assert.match(lastName, new RegExp(`^The last network \\(update ${updates.toLocaleString("en")}, [\\d.]+\\sbits\\)$`));
  assert.match(bestName, new RegExp(`^The best on held-out text \\(update ${best.done.toLocaleString("en")}, [\\d.]+\\sbits\\)$`));
  const saved = async name => {
    await page.evaluate(() => delete window.savedAs);
    await press(page, name);
    await page.waitForFunction(() => window.savedAs);
    return page.evaluate(async () => ({ name: window.savedAs, bytes: [...new Uint8Array(await window.saved.arrayBuffer())] }));
  };
  const whole = await saved("save");
  assert.match(whole.name, new RegExp(`^names-${DAY}\\.safetensors$`));
  assert.equal((await load(Uint8Array.from(whole.bytes))).metadata["train.updates"], String(updates));
  assert.ok((await textOf(page, ".outcome pre")).includes(`load_file("${whole.name}")`));
  await page.click("#train-which-best");
  assert.equal((await load(Uint8Array.from((await saved("save")).bytes))).metadata["train.updates"], String(best.done));
  assert.match((await saved("small")).name, new RegExp(`^names-${DAY}-int8\\.safetensors$`));
  await press(page, "use");
  await page.waitForFunction(() => /^your network: names, update/.test(document.querySelector("#network").selectedOptions[0].textContent));
  assert.ok((await textOf(page, "#network option:checked")).endsWith(`update ${best.done.toLocaleString("en")}`));
  assert.deepEqual(problems, []);
});

test("twenty more: each that stands in the text is marked with a word; the slider leads back to what was written before", async () => {
  const items = Array.from({ length: 20 }, (_, i) => ({ text: `Name${i}`, isKnown: i % 4 === 0 }));
  const { page, problems } = await open({ items, plan: { kind: "list", heldOut: "lines" } });
  await giveList(page, 100);
  assert.match(await textOf(page, ".plan"), /^A list of 200 lines: 20 of them, taken at random, are only measured\.$/);
  await press(page, "start");
  await isOver(page);
  await press(page, "items-more");
  const { which, count, temperature, seed } = await last(page, "items");
  assert.deepEqual({ which, count, temperature, seed }, { which: "last", count: 20, temperature: 0.8, seed: 1 });
  const written = await page.$$eval(".items li", all => all.map(({ textContent }) => textContent));
  assert.deepEqual(
    written,
    items.map(({ text, isKnown }) => (isKnown ? `${text} ${words["train.known"]}` : text)),
  );
  assert.match(await textOf(page, ".train .sheet .note"), /^The last network.* has written:$/);
  await press(page, "items-more");
  assert.equal((await last(page, "items")).seed, 2);
  await page.focus("#train-replay");
  await page.keyboard.press("Home");
  assert.equal(await page.$(".items"), null);
  assert.ok(await page.$(".sample"));
  assert.deepEqual(problems, []);
});

test("what will be held out is a sentence; only what the reader has changed is sent, what was decided is shown", async () => {
  const { page } = await open({ plan: { kind: "text", heldOut: "none" } });
  assert.deepEqual((await last(page, "read")).settings, {});
  assert.equal(await textOf(page, ".plan"), words["train.plan.none"]);
  await set(page, "heldOut", 0);
  assert.equal(await textOf(page, ".plan"), words["train.plan.all"]);
  await set(page, "cell", "gru");
  assert.deepEqual((await last(page, "read")).settings, { heldOut: 0, cell: "gru" });
  await set(page, "level", "words");
  const { settings } = await last(page, "read");
  assert.deepEqual([settings.level, settings.cell, settings.dropout], ["words", "gru", 0.6]);
  await set(page, "level", "characters");
  assert.deepEqual((await last(page, "read")).settings, { heldOut: 0, cell: "gru" });
  await set(page, "preset", "ours");
  assert.deepEqual((await last(page, "read")).settings, {});
  // what is typed while the worker measures stays
  await page.$eval("#train-rate", box => (box.closest("details").open = true));
  const before = await count(page, "prepared");
  await page.$eval("#train-passes", box => {
    box.value = "7";
    box.dispatchEvent(new Event("change"));
    const other = document.querySelector("#train-rate");
    other.focus();
    other.value = "0.0";
  });
  await page.waitForFunction(before => window.heard.filter(({ type }) => type === "prepared").length > before, {}, before);
  assert.equal(await page.$eval("#train-rate", box => box.value), "0.0");
  const { page: usual } = await open();
  assert.equal(await textOf(usual, ".plan"), "The last 10% is only measured, never learnt.");
});

test("what is kept goes on at one press, with the lines that counting reaches; a checkpoint has a good name", async () => {
  const { page, problems } = await open();
  await giveList(page, 10_000);
  await press(page, "start");
  await page.waitForFunction(() => window.heard.some(({ type }) => type === "kept"));
  await page.evaluate(() => location.reload());
  await page.waitForNavigation();
  await press(page, "resume");
  await page.waitForFunction(() => window.heard.some(({ type }) => type === "progress"));
  await page.waitForFunction(() => document.querySelectorAll(".curve .reference:not(text)").length === 7);
  await press(page, "pause");
  await press(page, "checkpoint");
  await page.waitForFunction(() => window.savedAs);
  assert.match(await page.evaluate(() => window.savedAs), new RegExp(`^Anna-${DAY}\\.checkpoint\\.safetensors$`)); // its first words
  assert.deepEqual(problems, []);
});

for (const [scheme, width, height, language] of [
  ["light", 1366, 768, "en"],
  ["dark", 390, 844, "ru"],
])
  test(`${scheme}, ${width} px, ${language}: no finding of axe before, while it learns, and after`, async () => {
    const { page } = await open({ hash: `language=${language}`, width, height, scheme });
    await page.evaluate(axe);
    const findings = async state => {
      const { violations, passes } = await page.evaluate(() => window.axe.run("#view-train"));
      assert.ok(passes.length > 10);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${state}: ${id}: ${nodes[0].html}`),
        [],
      );
    };
    await findings("before");
    await giveList(page, 10_000);
    await press(page, "start");
    await page.waitForFunction(() => document.querySelector("#train-replay").max >= 1 && document.querySelector(".curve .heldout"));
    await findings("while it learns");
    await press(page, "stop");
    await isOver(page);
    await set(page, "cell", "gru");
    await page.evaluate(() => window.heard.splice(0));
    await press(page, "start");
    await page.waitForFunction(() => document.querySelectorAll(".curve .label.heldout").length === 2);
    await press(page, "stop");
    await isOver(page);
    await press(page, "items-more");
    await page.waitForSelector(".items");
    await page.$$eval("#view-train details", all => all.forEach(details => (details.open = true)));
    await findings("after");
  });
