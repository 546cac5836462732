// SPDX-License-Identifier: MIT
//
// The controls of the view Train in Chromium, those that training.test.mjs leaves out: what each does, what it refuses, and what is said
// when something fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PATIENCE, choose, drop, isDone, said, shows, textOf, tintBy, troubles, weights, words } from "./controls.mjs";
import { useSite } from "./harness.mjs";

const site = useSite();
const SENTENCES = Array.from(
  { length: 200 },
  (_, i) => `${["The cat", "A dog", "Nobody"][i % 3]} sees ${["it", "her", "us"][(i * i) % 3]}.\n`,
).join("");
const TRAIN = "#view-train";

/** The view Train; every worker of the page is kept, and every download. */
async function openTrain(hash = "", prepare = async () => {}) {
  const visit = await site.visit(`web/#network=course&language=en&view=train&speed=0&length=20&${hash}`, {
    async prepare(page) {
      await page.evaluateOnNewDocument(() => {
        window.workers = [];
        window.Worker = class extends Worker {
          constructor(...given) {
            super(...given);
            window.workers.push(this);
          }
        };
        window.downloads = [];
        URL.createObjectURL = blob => (window.downloads.push(blob), "#");
        HTMLAnchorElement.prototype.click = function () {
          window.saved = this.download;
        };
      });
      await prepare(page);
    },
  });
  visit.page.setDefaultTimeout(PATIENCE);
  await visit.page.waitForSelector(`${TRAIN} textarea`);
  return visit;
}
const measured = page => page.waitForFunction(() => /updates take about/.test(document.querySelector("#view-train").innerText));
const trainShows = (page, pattern) =>
  page.waitForFunction(pattern => new RegExp(pattern, "s").test(document.querySelector("#view-train").innerText), {}, pattern);
const note = page => textOf(page, "#train-read");
/** Pastes as Ctrl+V would; whether the page takes it past the box. */
const paste = (page, text, from = 0, to = Infinity) =>
  page.$eval(
    `${TRAIN} textarea`,
    (box, text, from, to) => {
      box.setSelectionRange(from, to ?? box.value.length);
      const event = new Event("paste", { bubbles: true, cancelable: true });
      event.clipboardData = { getData: () => text };
      box.dispatchEvent(event);
      return event.defaultPrevented;
    },
    text,
    from,
    to === Infinity ? null : to,
  );
const typed = (page, text) =>
  page.$eval(
    `${TRAIN} textarea`,
    (box, text) => {
      box.value = text;
      box.dispatchEvent(new Event("change"));
    },
    text,
  );
const setField = (page, name, value) =>
  page.$eval(
    `#train-${name}`,
    (box, value) => {
      box.value = value;
      box.dispatchEvent(new Event("change"));
    },
    String(value),
  );
const fieldOf = (page, name) => page.$eval(`#train-${name}`, box => box.value);
const press = (page, name) =>
  page.waitForSelector(`#train-${name}:enabled`, { visible: true }).then(() => page.$eval(`#train-${name}`, button => button.click()));
/** A small network, its text read. */
async function prepareSmall(page, passes) {
  await paste(page, SENTENCES.repeat(4));
  for (const [name, value] of Object.entries({ hidden: 32, passes, batch: 4, window: 16 })) await setField(page, name, value);
  await trainShows(page, `^(?=.*${(SENTENCES.length * 4).toLocaleString("en")} characters).*updates take about`);
}

test("settings of a notebook have no dropout, as the notebook has none, and say what is not as there", async () => {
  const { page, problems } = await openTrain();
  await paste(page, SENTENCES.repeat(4));
  await measured(page);
  assert.equal(await fieldOf(page, "dropout"), "0.5"); // what the text alone would have
  const isSaid = () => page.$eval(TRAIN, (view, note) => view.innerText.includes(note), words["train.preset.note"]);
  await page.$eval("#train-preset", list => (list.closest("details").open = true));
  assert.equal(await isSaid(), false);
  for (const preset of ["pytorch", "tensorflow", "keras"]) {
    await setField(page, "preset", preset);
    await measured(page); // what is not set has been decided
    assert.equal(await fieldOf(page, "dropout"), "0", preset);
    assert.equal(await isSaid(), true, preset);
  }
  await setField(page, "preset", "ours");
  await measured(page);
  assert.deepEqual([await fieldOf(page, "dropout"), await isSaid()], ["0.5", false]);
  assert.deepEqual(problems, []);
});

test("the form of a training: each list and number says what it is set to, and a number out of bounds is refused", async () => {
  const { page, problems } = await openTrain();
  await paste(page, SENTENCES);
  await measured(page);
  for (const [preset, fields] of Object.entries({
    pytorch: { embedding: "0", hidden: "64", batch: "16", window: "100", rate: "0.01", optimizer: "adam" },
    tensorflow: { embedding: "0", hidden: "128", batch: "8", rate: "0.001", optimizer: "rmsprop", finalRate: "1", warmup: "0", clip: "0" },
    keras: { embedding: "0", hidden: "128", batch: "128", window: "40", rate: "0.01", optimizer: "rmsprop", passes: "40" },
    ours: { embedding: "64", hidden: "128", batch: "16", window: "64", rate: "0.01", optimizer: "adam", passes: "10" },
  })) {
    await setField(page, "preset", preset);
    for (const [name, value] of Object.entries(fields)) assert.equal(await fieldOf(page, name), value, `${preset}: ${name}`);
  }
  await setField(page, "level", "words");
  assert.deepEqual([await fieldOf(page, "dropout"), await fieldOf(page, "embedding")], ["0.6", "128"]);
  await setField(page, "level", "characters");
  for (const [name, value] of [
    ["layers", "2"],
    ["cell", "gru"],
    ["optimizer", "rmsprop"],
    ["workers", "1"],
    ["hidden", "32"],
  ]) {
    await setField(page, name, value);
    assert.equal(await fieldOf(page, name), value);
  }
  await page.$eval("#train-passes", box => (box.closest("details").open = true));
  for (const [name, wrong] of [
    ["batch", "1"],
    ["dropout", "0.96"],
    ["passes", "many"],
  ]) {
    const kept = await fieldOf(page, name);
    await setField(page, name, wrong);
    await trainShows(page, `${said(`train.${name}`)}: a number from .* “${wrong.replace(".", "\\.")}” is not\\. It stays ${kept}`);
    assert.equal(await page.$eval(`#train-${name}`, box => box.getAttribute("aria-invalid")), "true");
  }
  await setField(page, "batch", "8");
  assert.equal(await page.$eval("#train-batch", box => box.getAttribute("aria-invalid")), null);
  await setField(page, "window", "16");
  await measured(page);
  assert.deepEqual(problems, []);
});

test("a text comes by hand, pasted in part or whole, dropped, or from the list; an empty box clears it", async () => {
  const { page, problems } = await openTrain();
  await measured(page);
  const selected = () => page.$eval("#train-ready", list => list.selectedOptions[0].textContent);
  assert.notEqual(await selected(), words["train.ready.choose"]);
  assert.equal(await paste(page, ""), false); // nothing, which the browser sees to
  assert.equal(await paste(page, "short"), true, "a long text is replaced as a whole, wherever the caret is");
  await page.waitForFunction(() => document.querySelector("#train-read").textContent.startsWith("5 characters"));
  assert.equal(await selected(), words["train.ready.choose"]);
  assert.equal(await paste(page, "er", 5, 5), false, "short into short: the browser does that");
  await typed(page, "shorter");
  await page.waitForFunction(() => document.querySelector("#train-read").textContent.startsWith("7 characters"));
  assert.equal(await paste(page, "x".repeat(5000), 1, 4), true);
  await page.waitForFunction(() => document.querySelector("#train-read").textContent.startsWith("5,004 characters"));
  await typed(page, ""); // the box shows a part: what is done to it is not done to the text
  assert.match(await note(page), /^5,004 characters/);
  await paste(page, "short");
  await page.waitForFunction(() => document.querySelector("#train-read").textContent.startsWith("5 characters"));
  await typed(page, "short"); // nothing is other
  await typed(page, "");
  assert.equal(await note(page), words["train.none"]);

  const dropped = await drop(page, `${TRAIN} fieldset`, ["one.txt", "Dropped here."], ["two.txt", "And here."]);
  assert.deepEqual(dropped, { isTaken: true, wasOver: true, isOver: false });
  const isSource = name => document.querySelector("#train-read").textContent.replace("\u2068", "").startsWith(name);
  await page.waitForFunction(isSource, {}, "one.txt (utf-8), two.txt (utf-8)");
  assert.equal((await drop(page, `${TRAIN} textarea`)).isTaken, false, "a dragged selection goes into the box");
  await drop(page, `${TRAIN} fieldset`, ["mine.safetensors", weights("course")]);
  await page.waitForFunction(() => /^mine$/.test(document.querySelector("#network").selectedOptions[0].textContent));
  await page.$eval(`${TRAIN} input[type=file]`, input => input.dispatchEvent(new Event("change"))); // none was chosen
  await page.select("#train-ready", "1");
  await page.waitForFunction(isSource, {}, await selected());
  await page.select("#train-ready", ""); // "none" is no text
  await press(page, "clear");
  assert.equal(await note(page), words["train.none"]);
  assert.equal(await page.$eval("#train-start", button => button.disabled), true);
  await page.focus(`${TRAIN} textarea`);
  await page.keyboard.type("a key");
  await page.keyboard.press("Backspace");
  assert.equal(await page.$eval(`${TRAIN} textarea`, box => box.value), "a ke");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BUTTON", "it leads out of the box");
  await page.waitForFunction(() => document.querySelector("#train-read").textContent.startsWith("4 characters"));
  assert.deepEqual(problems, []);
});

test("ready texts that cannot be had: without their list there are none, a missing one is said", async () => {
  /** Of these files of texts/ the server has none. */
  const without = names => page =>
    page.evaluateOnNewDocument(names => {
      const { fetch } = window;
      window.fetch = (url, options) => {
        const isMissing = names.some(name => String(url).endsWith(`/texts/${name}`));
        return isMissing ? Promise.resolve(new Response("not here", { status: 404 })) : fetch(url, options);
      };
    }, names);
  const { page: none } = await openTrain("", without(["index.json"]));
  await trainShows(none, said("train.none"));
  assert.equal(await none.$$eval("#train-ready option", all => all.length), 1);
  await typed(none, SENTENCES);
  await measured(none);
  const ready = JSON.parse(readFileSync(new URL("../../texts/index.json", import.meta.url))).map(({ file }) => file);
  const { page: some } = await openTrain("", without(ready));
  await troubles(some, "404");
  assert.equal(await note(some), words["train.none"]);
});

test("while it learns the rate, the samples' temperature and the curve's axis can be changed; its network is saved", async () => {
  const { page, problems } = await openTrain();
  await prepareSmall(page, 4000);
  await press(page, "start");
  const rate = async () => Number(/Learning rate ([\d.,e-]+), /.exec(await textOf(page, TRAIN))?.[1] ?? NaN);
  await trainShows(page, "Learning rate");
  await page.waitForFunction(() => document.querySelector("#train-replay").max > 0);
  const temperature = await page.evaluateHandle(() => document.querySelector(".replay input[type=text]"));
  const setTemperature = value =>
    temperature.evaluate((input, value) => {
      input.value = value;
      input.dispatchEvent(new Event("change"));
    }, value);
  await setTemperature("warm");
  await shows(page, "#status", said("temperature.wrong", { value: "warm", kept: "0\\.8" }));
  assert.equal(await temperature.evaluate(input => input.getAttribute("aria-invalid")), "true");
  await setTemperature("0,25");
  assert.equal(await temperature.evaluate(input => input.getAttribute("aria-invalid")), null);
  const written = await page.$eval("#train-replay", slider => Number(slider.max));
  await page.waitForFunction(written => document.querySelector("#train-replay").max > written + 1, {}, written);
  assert.doesNotMatch(await textOf(page, ".replay .at"), /T = /); // as it is set
  await page.focus("#train-replay");
  await page.keyboard.press("Home");
  assert.match(await textOf(page, ".replay .at"), /T = 0\.8/);
  await page.keyboard.press("End");
  // over time, and back
  await page.select("#train-axis", "time");
  await page.waitForFunction(() => /\d s$/.test([...document.querySelectorAll(".curve .tick.middle")].at(-1).textContent));
  await page.select("#train-axis", "steps");
  await page.waitForFunction(() => /^[\d,]+$/.test([...document.querySelectorAll(".curve .tick.middle")].at(-1).textContent));
  await page.$eval(".curve + .as-table", details => (details.open = true));
  await page.waitForFunction(() => document.querySelectorAll(".curve + .as-table tr").length > 2);
  // a quarter of the rate, and twice that
  const before = await rate();
  for (const name of ["slower", "slower"]) await press(page, name);
  await page.waitForFunction(
    before => Number(/Learning rate ([\d.,e-]+), /.exec(document.querySelector("#view-train").innerText)?.[1]) < 0.3 * before,
    {},
    before,
  );
  await press(page, "faster");
  await page.waitForFunction(
    before => Number(/Learning rate ([\d.,e-]+), /.exec(document.querySelector("#view-train").innerText)?.[1]) > 0.35 * before,
    {},
    before,
  );
  await press(page, "pause");
  await page.waitForFunction(() => document.activeElement.id !== "train-pause" && !document.querySelector("#train-start").hidden);
  await press(page, "save");
  await page.waitForFunction(() => window.downloads.length === 1);
  assert.match(await page.evaluate(() => window.saved), /^The-cat-sees-\d{4}-\d\d-\d\d\.safetensors$/);
  await press(page, "small");
  await page.waitForFunction(() => window.downloads.length === 2);
  assert.match(await page.evaluate(() => window.saved), /^The-cat-sees-\d{4}-\d\d-\d\d-int8\.safetensors$/);
  const [whole, small] = await page.evaluate(() => window.downloads.map(({ size }) => size));
  assert.ok(small < whole / 2, `${small} of ${whole} bytes`);
  assert.match(await textOf(page, `${TRAIN} pre`), /Embedding\(\d+, 64\)/);
  await press(page, "stop");
  assert.deepEqual(problems, []);
});

test("what is kept is offered, taken up or forgotten; with an embedding of 0 the lines for PyTorch have none", async () => {
  const { page, problems } = await openTrain();
  await prepareSmall(page, 3000);
  await setField(page, "embedding", 0);
  await measured(page);
  await press(page, "start");
  await trainShows(page, "Kept in this browser");
  await press(page, "pause");
  await page.waitForSelector("#train-start", { visible: true });
  assert.match(await textOf(page, `${TRAIN} pre`), /one_hot\(ids, \d+\)\.float\(\)/);
  await page.evaluate(() => location.reload());
  await page.waitForNavigation();
  await page.waitForSelector(`${TRAIN} textarea`);
  await trainShows(page, said("train.kept"));
  await press(page, "forget");
  await measured(page); // a ready text is there to begin with
  assert.equal(await page.$eval("#train-resume", button => button.checkVisibility()), false);
  await page.evaluate(() => location.reload());
  await page.waitForNavigation();
  await measured(page);
  assert.equal(await page.$eval("#train-resume", button => button.checkVisibility()), false);
  assert.deepEqual(problems, []);
});

test("a worker that dies again and again is given up with its reason; the next text begins anew", async () => {
  const { page } = await openTrain();
  await measured(page);
  for (let i = 0; i < 3; i++) {
    await page.waitForFunction(count => window.workers.length > count, {}, i);
    await page.evaluate(() => window.workers.at(-1).onmessage({ data: { type: "here" } })); // it runs
    await page.evaluate(() => window.workers.at(-1).onerror(new ErrorEvent("error", { message: "out of memory", cancelable: true })));
    await troubles(page, "the worker ended: out of memory");
  }
  assert.equal(await page.$eval("#train-start", button => button.disabled), true);
  const { length } = await page.evaluate(() => window.workers);
  await paste(page, SENTENCES);
  await measured(page);
  assert.ok((await page.evaluate(() => window.workers.length)) > length);
});

test("a text that is given while another one is measured is not lost where a setting is changed at once", async () => {
  const { page, problems } = await openTrain();
  await page.waitForFunction(
    (text, measuring) => {
      if (!document.querySelector("#view-train").innerText.includes(measuring)) return false;
      const box = document.querySelector("#view-train textarea");
      const event = new Event("paste", { bubbles: true, cancelable: true });
      event.clipboardData = { getData: () => text };
      box.dispatchEvent(event);
      const list = document.querySelector("#train-hidden");
      list.value = "32";
      list.dispatchEvent(new Event("change"));
      return true;
    },
    {},
    SENTENCES,
    words["train.measuring"],
  );
  await trainShows(page, `^(?=.*${SENTENCES.length.toLocaleString("en")} characters).*updates take about`);
  assert.equal(await fieldOf(page, "hidden"), "32");
  assert.deepEqual(problems, []);
});

test("a loss that runs away is said each time, and in the end that it was given up; then it can be begun again", async () => {
  const { page } = await openTrain();
  await prepareSmall(page, 400);
  for (const [name, value] of Object.entries({ rate: 1000, clip: 0, warmup: 0 })) await setField(page, name, value);
  await measured(page);
  await page.evaluate(() => {
    window.said = [];
    new MutationObserver(() => window.said.push(document.querySelector("#status").textContent)).observe(document.querySelector("#status"), {
      childList: true,
    });
  });
  await press(page, "start");
  await troubles(page, said("error.E_DIVERGED"));
  const diverged = (await page.evaluate(() => window.said)).filter(sentence => new RegExp(said("train.diverged")).test(sentence));
  assert.deepEqual(
    diverged.map(sentence => /× ([\d.]+)\.$/.exec(sentence)[1]),
    ["0.5", "0.25"],
  );
  await page.waitForSelector("#train-start:enabled", { visible: true });
  await setField(page, "rate", 0.01);
  await measured(page);
  assert.equal(await page.$eval("#trouble", trouble => trouble.hidden), true);
});

test("without a held-out text there is no best network, and without a blank in the text nothing to begin with", async () => {
  const { page, problems } = await openTrain();
  const text = SENTENCES.replace(/\s/g, "").repeat(2);
  await paste(page, text);
  for (const [name, value] of Object.entries({ heldOut: 0, hidden: 32, passes: 1, batch: 4, window: 16 }))
    await setField(page, name, value);
  await trainShows(page, `^(?=.*${text.length.toLocaleString("en")} characters).*updates take about`);
  await press(page, "start");
  await page.waitForFunction(name => document.querySelector("#train-start").textContent === name, {}, words["train.again"]);
  assert.match(await textOf(page, TRAIN), /bits in training, – held out/);
  await press(page, "use");
  await page.waitForFunction(() => /^your network/.test(document.querySelector("#network").selectedOptions[0].textContent));
  await page.waitForFunction(isDone, {}, 20);
  assert.equal(await page.$eval("#prompt", box => box.value), "");
  await tintBy(page, "copied"); // what it learnt from is known
  await shows(page, "#copies", said("copies.found"));
  assert.deepEqual(problems, []);
});
