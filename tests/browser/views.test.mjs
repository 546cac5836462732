// SPDX-License-Identifier: MIT
//
// The controls of each view in Chromium, those that the ten of ten.test.mjs leave out: what each does, what it refuses, and what is said
// when something fails below it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "../../web/core/model.js";
import { Training } from "../../web/core/recipe.js";
import { Branch } from "../../web/story/story.js";
import { PATIENCE, choose, copyLink, drop, isDone, isRested, said, shows, textOf, tintBy, troubles, weights, words } from "./controls.mjs";
import { useSite } from "./harness.mjs";

const site = useSite();
const course = await load(weights("course"));
const story = JSON.parse(readFileSync(new URL("../../web/lang/en.guide.json", import.meta.url)));

/** The page; its text is written as far as `least`. */
async function open(hash, { least = 0, prepare } = {}) {
  const usual = { network: "course", speed: 0, language: "en", prompt: "Today " };
  const settings = new URLSearchParams({ ...usual, ...Object.fromEntries(new URLSearchParams(hash)) });
  const visit = await site.visit(`web/#${settings}`, { prepare });
  const { page } = visit;
  page.setDefaultTimeout(PATIENCE);
  await page.waitForFunction(() => document.querySelector("#write")?.disabled === false);
  if (least) await page.waitForFunction(isDone, {}, least);
  return visit;
}

/** Types into a box in place of what stands there. */
async function typeIn(page, selector, text) {
  await page.waitForSelector(selector, { visible: true });
  await page.$eval(selector, box => (box.focus(), box.select()));
  await page.keyboard.press("Backspace");
  if (text) await page.type(selector, text);
}

/** The same, and leaves it. */
async function type(page, selector, text) {
  await typeIn(page, selector, text);
  await page.$eval(selector, box => box.blur());
}

/** From now on every step that the page computes fails. */
const breakSteps = page =>
  page.evaluate(async () => {
    const [{ State }, { Streams }] = await Promise.all([import("./core/state.js"), import("./core/streams.js")]);
    const fail = () => {
      throw new Error("this step is broken");
    };
    State.prototype.advance = fail;
    for (const name of Object.getOwnPropertyNames(Streams.prototype))
      if (typeof Object.getOwnPropertyDescriptor(Streams.prototype, name).value === "function" && !/constructor|free/.test(name))
        Streams.prototype[name] = fail;
  });

/** Requests of a file are held back until release() answers them, as they are or with a 404. */
function hold(name) {
  const held = [];
  return {
    async prepare(page) {
      await page.setRequestInterception(true);
      page.on("request", request => (request.url().endsWith(`/${name}`) ? held.push(request) : request.continue()));
    },
    async release(page, { status } = {}) {
      while (!held.length) await page.evaluate(() => new Promise(requestAnimationFrame));
      for (const request of held.splice(0)) status ? await request.respond({ status, body: "not here" }) : await request.continue();
    },
  };
}

/** The text that settings mean, by the library alone. */
function written(events, length) {
  const branch = new Branch(course, course.encode("Today "), 1, events);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch.steps.map(step => step.text).join("");
}

// ---- Write ----

test("a network's file is opened where it is dropped; two files at once, and no file, are not", async () => {
  const { page, problems } = await open("length=30", { least: 30 });
  assert.equal((await drop(page, "#text")).isTaken, false, "a dragged selection goes where it is dropped");
  await drop(page, "main", ["a.safetensors", weights("course")], ["b.safetensors", weights("course")]);
  await troubles(page, said("error.drop"));
  assert.equal((await drop(page, "main", ["mine.safetensors", weights("course")])).isTaken, true);
  await page.waitForFunction(() => /^mine$/.test(document.querySelector("#network").selectedOptions[0].textContent));
  await page.waitForFunction(isDone, {}, 30);
  assert.equal(await page.$eval("#trouble", trouble => trouble.hidden), true);
  assert.equal(await page.$eval("#network", list => list.value), "own.11c13ce3.mine");
  await page.select("#network", "course"); // another one takes its place
  await page.waitForFunction(() => /network=course/.test(location.hash));
  await page.waitForFunction(isDone, {}, 30);
  assert.deepEqual(problems, []);
});

test("an address that is changed by hand is heeded: other settings, another network, one that is too long", async () => {
  const { page, problems } = await open("length=30", { least: 30 });
  const text = await textOf(page);
  const go = change => page.evaluate(change => void (location.hash = `#speed=0&language=en&${change}`), change);
  await go("network=course&prompt=Today%20&length=30&seed=9");
  await page.waitForFunction(before => document.querySelector("#text").textContent !== before, {}, text);
  await page.waitForFunction(isDone, {}, 30);
  await go("network=alice-words&length=12");
  await shows(page, "#status", "^12 words");
  await go(`network=alice-words&length=12&path=${"9".repeat(3000)}`);
  await troubles(page, said("address.long", { names: "path" }));
  assert.deepEqual(problems, []);
});

test("the settings that are folded away take numbers within their bounds, and say why they take no other", async () => {
  const { page } = await open("length=20&speed=45", { least: 20 });
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#topP");
  assert.equal(await page.$eval("#speed", list => list.selectedOptions[0].textContent), "45/s");
  for (const [box, wrong, right] of [
    ["seed", "4294967296", "7"],
    ["length", "many", "25"],
    ["topK", "1.5", "3"],
    ["topP", "1.01", "0,9"],
  ]) {
    await typeIn(page, `#${box}`, wrong);
    await page.keyboard.press("Enter"); // who leaves the menu closes it
    await shows(page, "#more-note", `${said(box)}: .*“${wrong.replace(".", "\\.")}”`);
    assert.equal(await page.$eval(`#${box}`, input => input.getAttribute("aria-invalid")), "true");
    await typeIn(page, `#${box}`, right);
    await page.keyboard.press("Enter");
    assert.equal(await textOf(page, "#more-note"), "");
    assert.equal(await page.$eval(`#${box}`, input => input.getAttribute("aria-invalid")), null);
  }
  await page.select("#speed", "0");
  await page.focus("#speed");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), words.more);
  await page.locator("#write").click();
  await page.waitForFunction(isDone, {}, 25);
  await page.waitForFunction(() => /seed=7/.test(location.hash) && /topK=3/.test(location.hash) && /topP=0.9/.test(location.hash));
  // a chosen file is opened; none is nothing
  await page.$eval("#file", input => input.dispatchEvent(new Event("change")));
  await choose(page, "#file", ["mine.safetensors", weights("course")]);
  await page.waitForFunction(() => document.querySelector("#network").value === "own.11c13ce3.mine");
});

test("Enter writes, with Shift it is a line; the same text again takes its own place in the tree", async () => {
  const { page, problems } = await open("length=30&panel=branches", { least: 30 });
  const rows = () => page.$$eval(".branches li", all => all.length);
  await page.waitForFunction(() => document.querySelectorAll(".branches li").length === 1);
  const text = await textOf(page);
  await page.focus("#prompt");
  await page.keyboard.down("Shift");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Shift");
  assert.equal(await page.$eval("#prompt", box => box.value), "Today \n");
  assert.equal(await page.$eval("#stop", stop => stop.hidden), true, "it writes nothing");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  await page.waitForFunction(isDone, {}, 30);
  assert.equal(await textOf(page), text);
  await page.waitForFunction(isRested);
  assert.equal(await rows(), 1);
  // where another one grew out of it, it stays
  await page.click('#text [data-place="20"]');
  await page.click("#tab-why");
  await page.click("button.bar:not(.chosen)");
  await page.waitForFunction(isDone, {}, 30);
  await page.click("#undo");
  await page.click("#write");
  await page.waitForFunction(isDone, {}, 30);
  await page.click("#tab-branches");
  await page.waitForFunction(() => document.querySelectorAll(".branches li").length === 3);
  await page.$eval("#branches", list => list.click()); // beside every button
  assert.equal(await textOf(page), text);
  assert.deepEqual(problems, []);
});

test("a greedy text is led out of its circle at another temperature, which names its branch", async () => {
  const { page, problems } = await open("length=200&temperature=0", { least: 200 });
  const text = await textOf(page);
  await shows(page, "#loop", ".");
  await page.click("#loop-temperature");
  await page.waitForFunction(isDone, {}, 200);
  assert.notEqual(await textOf(page), text);
  await page.click("#tab-branches");
  await page.waitForSelector(".branches li:nth-child(2)");
  const names = await page.$$eval(".branches .go > span", all => all.map(name => name.textContent));
  assert.match(names[0], new RegExp(`^${said("branch.start", { temperature: "0", seed: 1 })}$`));
  assert.match(names[1], new RegExp(`^${said("branch.temperature", { temperature: "0\\.8" })}$`));
  assert.equal(await page.$eval("#loop", loop => loop.hidden), true);
  // back at the greedy one the circle is there again
  await page.click("#undo");
  await shows(page, "#loop", ".");
  assert.deepEqual(problems, []);
});

test("a text that is laid beside says whether the two part; laid again it is taken away, and so by going there", async () => {
  const { page, problems } = await open("length=30&panel=branches", { least: 30 });
  await page.click("#tab-why");
  await type(page, "#same-temperature", "warm");
  await page.click("#same-write");
  assert.equal(await page.$eval("#same-temperature", box => box.hasAttribute("aria-invalid")), true);
  assert.equal(await page.$eval("#beside-text", beside => beside.hidden), true, "nothing was written");
  await type(page, "#same-temperature", "0.8"); // the same: they do not part
  await page.click("#same-write");
  await page.waitForFunction(isDone, {}, 30);
  await shows(page, "#beside-note", said("beside.same"));
  assert.equal(await textOf(page, "#beside-text"), await textOf(page));
  await page.click("#tab-branches");
  await page.waitForSelector(".branches li:nth-child(2)");
  await page.click(".branches li:nth-child(2) .keep");
  assert.equal(await page.$eval("#beside-text", beside => beside.hidden), true);
  await page.click(".branches li:nth-child(2) .keep");
  assert.equal(await page.$eval("#beside-text", beside => beside.hidden), false);
  await page.click(".branches li:nth-child(2) .go"); // to the one that lies beside
  assert.equal(await page.$eval("#beside-text", beside => beside.hidden), true);
  assert.deepEqual(problems, []);
});

test("the mouse shows what stands below it as long as it rests there; keys with modifiers, and others, move nothing", async () => {
  const { page } = await open("length=60", { least: 60 });
  const shown = () => page.$eval("#distribution .of", note => note.textContent);
  const last = await shown();
  await page.hover('#text [data-place="10"]');
  await page.waitForFunction(before => document.querySelector("#distribution .of").textContent !== before, {}, last);
  assert.equal(await page.$$eval("button.bar:enabled", all => all.length), 0, "nothing can be chosen there");
  await page.hover("#status");
  await page.waitForFunction(before => document.querySelector("#distribution .of").textContent === before, {}, last);
  await page.click('#text [data-place="10"]');
  const chosen = () => page.$eval("#text .selected", character => Number(character.dataset.place));
  await page.focus("#text");
  for (const modifier of ["Control", "Alt", "Meta"]) {
    await page.keyboard.down(modifier);
    await page.$eval(
      "#text",
      (text, modifier) => {
        const held = { ctrlKey: modifier === "Control", altKey: modifier === "Alt", metaKey: modifier === "Meta" };
        text.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, ...held }));
      },
      modifier,
    );
    await page.keyboard.up(modifier);
  }
  await page.keyboard.press("x");
  assert.equal(await chosen(), 10);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await chosen(), 9);
  await page.keyboard.press("Home");
  for (const key of ["ArrowLeft", "ArrowUp"]) await page.keyboard.press(key);
  assert.equal(await chosen(), 0);
  await page.keyboard.press("End");
  for (const key of ["ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  assert.equal(await chosen(), 65);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  assert.equal(await shown(), last);
  // beside every character
  await page.$eval("#text", text => text.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  assert.equal(await shown(), last);
});

test("the focus goes from Write to Stop and back; what was written so far stays, and is gone on with", async () => {
  const { page } = await open("length=10", { least: 10 });
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#speed");
  await page.select("#speed", "200");
  await type(page, "#length", "100000");
  await page.focus("#write");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "stop");
  await page.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length > 12);
  // going on with it while it is written begins again from there
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "write");
  await shows(page, "#status", said("status.stopped"));
  const text = await textOf(page);
  await page.click("#one");
  await page.waitForFunction(before => document.querySelector("#text").textContent.length === before + 1, {}, text.length);
  assert.ok((await textOf(page)).startsWith(text));
  await page.select("#speed", "0");
  await type(page, "#temperature-number", "1.7"); // the same dice at that temperature, as many
  await page.waitForFunction(isDone, {}, text.length + 1 - 6);
  assert.equal(await textOf(page), written([{ place: 0, temperature: 1.7 }], text.length + 1 - 6));
  await page.click("#undo");
  assert.equal(await textOf(page), written([{ place: 0, temperature: 0.8 }], text.length + 1 - 6));
  assert.equal(await page.$eval("#temperature-number", box => box.value), "0.8", "the slider says what is written");
});

test("a step that fails is said, whatever computes it, and the page is ready for the next try", async () => {
  const { page } = await open("length=20", { least: 20 });
  await breakSteps(page);
  for (const press of ["#write", "#one"]) {
    await page.click(press);
    await troubles(page, "this step is broken");
    assert.deepEqual(await page.$$eval("#write, #stop", all => all.map(({ hidden }) => hidden)), [false, true]);
  }
  await page.click("#tab-temperatures");
  await page.waitForSelector("#together:enabled");
  await page.evaluate(() => document.querySelector("#trouble").replaceChildren());
  await page.click("#together");
  await troubles(page, "this step is broken");
  assert.equal(await page.$eval("#together", button => button.hidden), false);
  await page.click("#tab-score");
  await page.waitForSelector("#score:enabled");
  await page.evaluate(() => document.querySelector("#trouble").replaceChildren());
  await type(page, "#score-input", "To be");
  await page.click("#score");
  await troubles(page, "this step is broken");
  assert.equal(await page.$eval("#score-result", result => result.ariaBusy), "false");
});

test("a step that fails in the midst of writing, or of tracing a unit, is said", async () => {
  const { page } = await open("length=20", { least: 20 });
  await page.evaluate(async () => {
    const [{ Branch }, { Trace }] = await Promise.all([import("./story/story.js"), import("./story/trace.js")]);
    for (const [made, name] of [
      [Branch, "write"],
      [Trace, "more"],
    ])
      made.prototype[name] = function* () {
        throw new Error(`${name} is broken`);
      };
  });
  await page.click("#write");
  await troubles(page, "write is broken");
  assert.equal(await page.$eval("#write", button => button.hidden), false);
  await tintBy(page, "unit");
  await troubles(page, "more is broken");
});

test("what is fetched when a text is greedy, laid beside, or tinted by a unit, and cannot be had, is said; it is written on", async () => {
  for (const [file, settings, act] of [
    ["loop.js", "temperature=0", () => {}],
    ["shades.js", "tint=unit", () => {}],
    ["parted.js", "", page => page.click("#same-write")],
  ]) {
    const { prepare, release } = hold(file);
    const { page } = await open(`length=20&${settings}`, { prepare });
    if (!settings) await page.waitForFunction(isDone, {}, 20);
    await act(page);
    await release(page, { status: 404 });
    await troubles(page, file);
    await page.waitForFunction(isDone, {}, 20);
    await page.click("#tab-score");
    await page.click("#tab-write");
    assert.equal((await textOf(page)).length, 26, file);
  }
});

test("a greedy text that is stopped, or gone, before its notice came stays so", async () => {
  const { prepare, release } = hold("loop.js");
  const { page, problems } = await open("length=20&temperature=0", { prepare });
  await page.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length === 20);
  await page.click("#stop");
  await shows(page, "#status", said("status.stopped", { count: 20 }));
  await release(page);
  await page.waitForNetworkIdle({ idleTime: 300 });
  await shows(page, "#status", said("status.stopped", { count: 20 }));
  const other = hold("loop.js");
  const { page: gone, problems: none } = await open("length=20&temperature=0", other);
  await gone.waitForFunction(() => document.querySelectorAll("#text .c:not(.given)").length === 20);
  await gone.evaluate(() => (document.querySelector("#tab-score").click(), document.querySelector("#tab-score").textContent));
  await gone.select("#network", "alice-words"); // its texts are not those of this one
  await gone.waitForFunction(() => !document.querySelector("#text .c"));
  await other.release(gone);
  await gone.waitForNetworkIdle({ idleTime: 300 });
  assert.equal(await gone.$eval("#loop", loop => loop.hidden), true);
  assert.deepEqual([...problems, ...none], []);
});

test("before a network is there nothing is written, and a link leads to the settings alone", async () => {
  const { prepare } = hold("course.safetensors");
  const { page } = await site.visit("web/#network=course&language=en&seed=8", { prepare });
  await page.waitForFunction(() => document.querySelector("#write")?.textContent === "Write");
  await page.evaluate(() => (navigator.clipboard.writeText = async text => (window.copied = text)));
  await copyLink(page);
  await shows(page, "#status", words.copied);
  assert.match(await page.evaluate(() => window.copied), /#network=course&seed=8&language=en$/);
  await page.focus("#prompt");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  assert.deepEqual(await page.$$eval("#write, #stop", all => all.map(({ hidden }) => hidden)), [false, true]);
  assert.match(await textOf(page, "#distribution"), new RegExp(`^${said("why.none")}$`));
});

test("of a long text what is far away is plain until one goes there; it is gone on with while it is written", async () => {
  const { page, problems } = await open("length=6000", { least: 1 });
  await shows(page, "#status", "^6,000");
  await page.click("#go-on");
  await shows(page, "#status", "^12,000");
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#speed");
  await page.select("#speed", "30");
  await page.click("#go-on");
  await page.waitForFunction(() => !document.querySelector("#stop").hidden);
  await page.click("#one"); // in its midst: one more than there is, and done
  await page.waitForFunction(isDone, {}, 1);
  const { length } = await textOf(page);
  assert.ok(length > 12_006 && length < 18_000, String(length));
  await page.focus("#text");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("#text .selected")?.dataset.place === "0");
  const isInSight = () => {
    const box = document.querySelector("#text").getBoundingClientRect();
    const { top, bottom } = document.querySelector("#text .selected").getBoundingClientRect();
    return top >= box.top && bottom <= box.bottom;
  };
  await page.waitForFunction(isInSight);
  await page.keyboard.press("End");
  await page.waitForFunction(place => document.querySelector("#text .selected")?.dataset.place === place, {}, String(length - 1));
  await page.select("#speed", "0");
  await page.click("button.bar:not(.chosen)");
  await page.waitForFunction(isDone, {}, 1);
  await page.click("#undo"); // drawn anew, thousands at once
  assert.equal((await textOf(page)).length, length);
  assert.deepEqual(problems, []);
});

test("keys that are no arrows leave the tabs as they are; a panel that cannot be drawn says so, and is drawn when it can", async () => {
  const { page } = await open("length=20", { least: 20 });
  await page.focus("#tab-why");
  await page.keyboard.press("x");
  assert.equal(await page.$eval("#tab-why", tab => tab.ariaSelected), "true");
  await page.keyboard.press("ArrowLeft"); // round to the last one
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-guess");
  await page.keyboard.press("ArrowRight");
  await page.evaluate(async () => {
    const { Step } = await import("./core/step.js");
    const { probs } = Step.prototype;
    window.mend = () => (Step.prototype.probs = probs);
    Step.prototype.probs = () => {
      throw new Error("no probabilities");
    };
  });
  await page.click('#text [data-place="9"]');
  await shows(page, "#panel-why > [role=alert]", `${said("view.failed")}.*no probabilities`);
  await page.evaluate(() => window.mend());
  await page.click('#text [data-place="10"]');
  await page.waitForFunction(() => document.querySelectorAll("#panel-why button.bar").length === 10);
});

test("the view that one looks at is taken again: nothing is other; without a selection nothing is copied", async () => {
  const { page, problems } = await open("length=20", { least: 20 });
  const text = await textOf(page);
  await page.click("#tab-write");
  assert.equal(await textOf(page), text);
  assert.equal(await page.$eval("#view-write #text", box => box.checkVisibility()), true);
  const isTaken = select =>
    page.evaluate(select => {
      getSelection().removeAllRanges();
      if (select) getSelection().selectAllChildren(document.querySelector(select));
      const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
      document.querySelector(select || "#text").dispatchEvent(event);
      return event.defaultPrevented;
    }, select);
  assert.deepEqual(
    [await isTaken(""), await isTaken("#status"), await isTaken("#text"), await isTaken("#text .c")],
    [false, false, true, true],
    "nothing, what is no text of a network, the whole of one, a character",
  );
  assert.deepEqual(problems, []);
});

/** Visits a stop of the story from the list of all. */
const visitStops = (page, ...titles) =>
  page.evaluate(
    titles => titles.forEach(title => [...document.querySelectorAll("#stops .go")].find(go => go.textContent === title).click()),
    titles,
  );

test("of two stops of the story that are asked for one after the other the last one is set up", async () => {
  const { page, problems } = await open("length=20&view=lesson");
  await page.waitForSelector("#stops .go");
  await visitStops(page, story["stop.dice"], story["stop.surprise"]);
  await page.waitForFunction(() => document.querySelectorAll("#surprising li").length > 0);
  assert.deepEqual(await page.$$eval("[id^=tab-][aria-selected=true]", all => all.map(({ id }) => id)), ["tab-score", "tab-why"]);
  assert.equal(await page.$$eval(".stream", all => all.length), 0);
  assert.deepEqual(problems, []);
});

test("a stop whose network is not listed is set up with the one in use; a network without a title is called by its name", async () => {
  const prepare = page =>
    page.evaluateOnNewDocument(() => {
      const { fetch } = window;
      window.fetch = async (url, options) => {
        const answer = await fetch(url, options);
        if (!String(url).endsWith("/weights/index.json")) return answer;
        const list = (await answer.json()).filter(({ name }) => name === "course");
        return new Response(JSON.stringify(list.map(each => ({ ...each, title: {}, language: "xx" }))), answer);
      };
    });
  const { page, problems } = await open("network=shakespeare&length=20&prompt=Play", { prepare });
  await troubles(page, 'There is no network "shakespeare" here\\.');
  assert.deepEqual(await page.$$eval("#network option", all => all.map(({ value, text }) => [value, text])), [["course", "course"]]);
  await page.click("#tab-lesson");
  await page.waitForSelector("#stops .go");
  await visitStops(page, story["stop.greedy"]); // of Shakespeare's
  await page.waitForFunction(isDone, {}, 300);
  assert.equal(await page.$eval("#network", list => list.value), "course");
  await shows(page, "#loop", ".");
  assert.deepEqual(problems, []);
});

test("files are chosen with the buttons that ask for them", async () => {
  const { page } = await open("length=20&tint=copied", { least: 20 });
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#open");
  await shows(page, "#copies", said("copies.none"));
  for (const [button, isMany] of [
    ["#open", true], // texts, too, of which one may learn from many
    ["#copies-choose", false],
    ["#train-files", true],
  ]) {
    if (button === "#train-files") await page.click("#tab-train");
    await page.waitForSelector(button, { visible: true });
    const [chooser] = await Promise.all([page.waitForFileChooser(), page.$eval(button, element => element.click())]);
    assert.equal(chooser.isMultiple(), isMany, button);
    await chooser.cancel();
  }
});

test("a saved file's memory is given back", async () => {
  const { page } = await open("length=0");
  const given = await page.evaluate(async () => {
    const { save } = await import("./page/elements.js");
    const seen = [];
    const { setTimeout } = window;
    URL.createObjectURL = blob => `blob:${blob.size}`;
    URL.revokeObjectURL = url => seen.push(`${url} given back`);
    HTMLAnchorElement.prototype.click = function () {
      seen.push(`${this.href} saved as ${this.download}`);
    };
    window.setTimeout = (call, milliseconds) => (seen.push(milliseconds), call());
    save(new Uint8Array(7), "x.bin");
    window.setTimeout = setTimeout;
    return seen;
  });
  assert.deepEqual(given, ["blob:7 saved as x.bin", 10_000, "blob:7 given back"]);
});

test("a desk is taken away whatever lies on it: nothing of it is left, and no worker of it lives", async () => {
  const prepare = page =>
    page.evaluateOnNewDocument(() => {
      window.alive = new Set();
      window.Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          window.alive.add(this);
        }
        terminate() {
          super.terminate();
          window.alive.delete(this);
        }
      };
    });
  const { page, problems } = await open("length=0", { prepare });
  await page.evaluate(async () => {
    const { mountDesk } = await import("./page/desk.js");
    window.root = document.body.appendChild(document.createElement("div"));
    const settings = { network: "course", prompt: "Today ", length: 3000, speed: 0, language: "en", text: "To be" };
    window.desk = mountDesk(window.root, { prefix: "o-", settings });
  });
  await page.waitForFunction(() => document.querySelectorAll("#o-text .c").length > 300);
  for (const part of ["more", "share"])
    await page.evaluate(part => void (window.root.querySelector(`details[data-part=${part}]`).open = true), part);
  for (const tab of ["cell", "branches", "why", "temperatures", "score", "train"]) {
    await page.$eval(`#o-tab-${tab}`, button => button.click());
    await page.waitForFunction(tab => window.root.querySelector(`.view-${tab}, .panel-${tab}`).ariaBusy === "false", {}, tab);
    if (tab === "score") await page.select("#o-score-other", "course");
    if (tab === "temperatures" || tab === "score") {
      const button = await page.waitForSelector(`#o-${tab === "score" ? "score" : "together"}:enabled`);
      await button.evaluate(each => each.click());
    }
  }
  await page.$eval("#o-tab-write", button => button.click());
  await page.waitForFunction(() => window.alive.size === 1); // that of Train
  for (const tint of ["copied", "unit"]) {
    await page.select("#o-tint", tint);
    await page.waitForFunction(() => document.querySelector("#o-copies button") !== null);
  }
  await choose(page, "#o-copies input[type=file]", ["learnt.txt", "It rains. ".repeat(1000)]);
  await page.waitForFunction(() => window.alive.size === 2);
  await page.$eval("#o-write", button => button.click());
  await page.evaluate(() => {
    document.querySelector("#o-tint").value = "unit";
    window.desk.free();
  });
  assert.deepEqual(await page.evaluate(() => [window.root.childNodes.length, window.alive.size, window.root.lang]), [0, 0, ""]);
  await page.evaluate(async () => {
    for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame);
  });
  assert.equal(await page.evaluate(() => window.root.childNodes.length), 0);
  assert.deepEqual(problems, []);
});

// ---- Five temperatures ----

test("the texts are written together on Enter, and end at once on Stop; one of them is selected, another place by the keys", async () => {
  const { page, problems } = await open("length=60&view=temperatures&temperatures=0.5%2C1");
  const done = count =>
    page.waitForFunction(
      count =>
        document.querySelector("#together-stop").hidden &&
        document.querySelectorAll(".stream .c:not(.given)").length === count &&
        document.querySelector("#view-temperatures").checkVisibility(),
      {},
      count,
    );
  await done(120);
  assert.deepEqual(
    await page.$$eval(".stream .page", all => all.map(box => box.textContent)),
    [0.5, 1].map(temperature => written([{ place: 0, temperature }], 60)),
  );
  await page.click(".stream:nth-child(2) [data-place='20']");
  assert.equal(await page.$eval(".stream:nth-child(2) .selected", character => character.dataset.place), "20");
  await page.focus(".stream:nth-child(2) .page");
  for (let i = 0; i < 2; i++) await page.keyboard.press("ArrowRight");
  assert.equal(await page.$eval(".stream:nth-child(2) .selected", character => character.dataset.place), "22");
  await page.$eval("#streams", streams => streams.click()); // beside every character
  assert.deepEqual(
    await page.$$eval(".stream .selected", all => all.map(({ dataset }) => dataset.place)),
    ["22", "22"],
    "the same place in each",
  );
  await tintBy(page, "unit"); // which these texts have not: they keep their surprise
  await page.waitForFunction(isRested);
  assert.ok(await page.$$eval(".stream .c", all => all.every(({ className }) => /\bs\d/.test(className))));

  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#speed");
  await page.select("#speed", "30");
  await page.focus("#temperatures");
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    () => !document.querySelector("#together-stop").hidden && document.querySelectorAll(".stream .c:not(.given)").length > 4,
  );
  await page.click("#together-stop");
  const counts = () => page.$$eval(".stream .c", all => all.length);
  const stopped = await counts();
  await page.evaluate(async () => {
    for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame);
  });
  assert.equal(await counts(), stopped);
  await page.$eval("#temperatures", box => {
    box.value = "warm";
    box.dispatchEvent(new Event("input"));
  });
  await page.focus("#temperatures");
  await page.keyboard.press("x");
  await page.keyboard.press("Enter");
  assert.equal(await textOf(page, "#temperatures-note"), words["streams.wrong"]);
  assert.equal(await counts(), stopped);
  await type(page, "#prompt", "a".repeat(5));
  await page.$eval("#prompt", box => {
    box.value = "a".repeat(2 ** 20 + 1);
  });
  await type(page, "#temperatures", "1");
  await page.click("#together");
  await troubles(page, "1048576");
  assert.deepEqual(problems, []);
});

// ---- Score ----

test("a text is scored on Ctrl+Enter, beside another network, then without; one that cannot be had is said", async () => {
  const missing = new Set();
  const prepare = async page => {
    await page.setRequestInterception(true);
    page.on("request", request =>
      missing.has(request.url().split("/").pop()) ? request.respond({ status: 404, body: "not here" }) : request.continue(),
    );
  };
  const { page } = await open("view=score&text=To%20be%2C%20or%20not%20to%20be", { prepare });
  await page.waitForFunction(() => document.querySelectorAll("#surprising li").length > 0);
  const bits = await textOf(page, "#score-bits");
  await page.focus("#score-input");
  await page.keyboard.press("End");
  await page.keyboard.type("!");
  await page.keyboard.press("Enter"); // a line of the text
  assert.equal(await textOf(page, "#score-bits"), bits);
  const others = await page.$$eval("#score-other option", all => all.map(({ value }) => value));
  assert.deepEqual([others.includes("pushkin"), others.includes("course")], [true, false], "the one in use is not offered");
  await page.select("#score-other", "pushkin"); // is compared with at once
  await page.waitForFunction(() => /bits/.test(document.querySelector("#score-other-bits").textContent));
  await page.waitForFunction(isRested);
  await page.focus("#score-input");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await page.waitForFunction(() => /bits/.test(document.querySelector("#score-other-bits").textContent));
  await page.waitForFunction(isRested);
  assert.notEqual(await textOf(page, "#score-bits"), bits);
  assert.equal(await page.$eval("#score-other-result", result => result.hidden), false);
  const places = await page.$$eval("#score-text .c", all => all.length);
  await page.click('#score-text [data-place="3"]');
  assert.equal(await page.$eval("#score-text .selected", character => character.dataset.place), "3");
  await page.$eval("#score-text", box => box.click()); // beside every character
  assert.equal(await page.$eval("#score-text .selected", character => character.dataset.place), "3");
  await page.click("#tab-cell");
  await page.waitForSelector('#guesses [data-place="5"]');
  await page.$eval('#guesses [data-place="5"]', button => button.click());
  assert.equal(await page.$eval("#score-text .selected", character => character.dataset.place), "5");
  await page.click("#score"); // the same other network, which is here already
  await page.waitForFunction(isRested);
  assert.equal(await page.$$eval("#score-text .c", all => all.length), places);

  missing.add("alice-words.safetensors");
  await page.select("#score-other", "alice-words");
  await page.click("#score");
  await troubles(page, "404");
  assert.equal(
    await page.$eval("#score-result", result => result.hidden),
    true,
    "what was said of the text before is not said of this one",
  );
  await page.select("#score-other", "");
  await page.click("#score");
  await page.waitForFunction(() => !document.querySelector("#score-result").hidden);
  await page.waitForFunction(isRested);
  assert.equal(await page.$eval("#score-other-result", result => result.hidden), true);
  assert.equal(await page.$eval("#trouble", trouble => trouble.hidden), true);
  await page.$eval("#score-input", box => {
    box.value = "a".repeat(2 ** 20 + 1);
  });
  await page.click("#score");
  await troubles(page, "1048576");
  await type(page, "#score-input", "");
  await page.click("#score");
  await page.waitForFunction(isRested);
  assert.equal(await page.$$eval("#surprising li", all => all.length), 0);
});

test("a view that is left while the network to compare with still comes is not scored; the next press does it", async () => {
  let held;
  const asked = [];
  const prepare = async page => {
    await page.setRequestInterception(true);
    page.on("request", request => {
      if (!request.url().endsWith("pushkin.safetensors") || asked.length) return request.continue();
      asked.push(request.url());
      held = request;
    });
  };
  const { page, problems } = await open("view=score&text=To%20be", { prepare });
  await page.waitForFunction(() => document.querySelectorAll("#surprising li").length > 0);
  await page.select("#score-other", "pushkin"); // is compared with at once
  while (!held) await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.click("#tab-write");
  await held.continue();
  await page.waitForNetworkIdle({ idleTime: 300 });
  await page.click("#tab-score");
  assert.equal(await page.$eval("#score-result", result => result.hidden), true);
  await page.click("#score");
  await page.waitForFunction(() => /bits/.test(document.querySelector("#score-other-bits").textContent));
  assert.deepEqual(problems, []);
});

// ---- what of a text is copied ----

test("what of a text stands in the training text is marked, once that is chosen; a worker that dies is replaced", async () => {
  const prepare = page =>
    page.evaluateOnNewDocument(() => {
      window.workers = [];
      window.Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          window.workers.push(this);
        }
      };
    });
  const { page, problems } = await open("length=60&tint=copied", { least: 60, prepare });
  await shows(page, "#copies", said("copies.none"));
  const text = await textOf(page);
  const classes = () => page.$$eval("#text .c", all => all.map(({ className }) => /\bs4\b/.test(className)));
  assert.ok(!(await classes()).includes(true));
  const box = "#copies input[type=file]";
  await page.$eval(box, input => input.dispatchEvent(new Event("change"))); // none
  await choose(page, box, ["photo.jpg", Array.from({ length: 5000 }, (_, i) => (i * i * 7) % 256)]);
  await troubles(page, "photo.jpg is no text");
  const copied = text.slice(10, 45);
  await choose(page, box, ["learnt.txt", `Nothing of it.#${copied}#§ the end`]);
  await shows(page, "#copies", said("copies.found", { count: 1, least: 20, longest: 35 }));
  await page.waitForFunction(() => document.querySelectorAll("#text .c.s4").length > 0);
  assert.deepEqual(
    await classes(),
    [...text].map((_, i) => i >= 10 && i < 45),
  );
  assert.match(await textOf(page, "#copies li"), /^…Nothing of it\.#.*the end…$/);
  // it has died: the next question has another one
  await page.evaluate(() => window.workers[0].onerror(new ErrorEvent("error", { message: "out of memory", cancelable: true })));
  await page.click("#one");
  await page.waitForFunction(isDone, {}, 61);
  await page.waitForFunction(
    () => document.querySelectorAll("#text .c.s0").length + document.querySelectorAll("#text .c.s4").length === 67,
  );
  await page.waitForFunction(() => window.workers.length === 2);
  await shows(page, "#copies", said("copies.found", { count: 1, least: 20, longest: 35 }));
  // where no other one can be started the page itself looks
  await page.evaluate(() => {
    window.workers[1].onerror(new Event("error", { cancelable: true }));
    delete window.Worker;
    window.Worker = undefined;
  });
  await page.click("#one");
  await page.waitForFunction(isDone, {}, 62);
  await page.waitForFunction(
    () => document.querySelectorAll("#text .c.s0").length + document.querySelectorAll("#text .c.s4").length === 68,
  );
  assert.equal(await page.$eval("#trouble", trouble => trouble.hidden), true);
  await tintBy(page, "surprisal");
  assert.equal(await page.$eval("#copies", copies => copies.hidden), true);
  assert.deepEqual(problems, []);
});

// ---- what is drawn of unusual data ----

test("a network of four tokens has four bars and four guesses, and another network begins a tree of its own", async () => {
  const { page, problems } = await open("length=30", { least: 30 });
  await page.click("#same-write");
  await page.click("#tab-branches");
  await page.waitForFunction(() => document.querySelectorAll(".branches li").length === 2);
  await page.click("#tab-cell");
  await page.waitForSelector("#guesses td");
  await page.click("#tab-why");
  await page.waitForFunction(() => document.querySelectorAll("button.bar").length === 10);
  const training = await Training.begin("ab a\nba b\n".repeat(100), { hidden: 4, embedding: 0, batch: 4, window: 8, passes: 1 });
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#file");
  await choose(page, "#file", ["four.safetensors", training.weights()]);
  await page.$eval("[data-part=more]", details => (details.open = false)); // it lies over the tabs
  await page.waitForFunction(() => document.querySelectorAll("button.bar").length === 4);
  await page.waitForFunction(isDone, {}, 30);
  assert.match(await textOf(page, "#distribution div.bar .name"), new RegExp(`^${said("why.rest", { count: 0 })}$`));
  await page.click("#tab-branches");
  await page.waitForFunction(() => document.querySelectorAll(".branches li").length === 1);
  await page.click("#tab-cell");
  await page.waitForFunction(isRested);
  const rows = await page.$$eval("#guesses tr", all => all.map(row => [...row.querySelectorAll("td .p")].map(p => p.textContent)));
  assert.ok(rows[4].length > 5 && rows[4].every(text => text), "the fourth guess is one");
  assert.ok(rows[5].length > 5 && rows[5].every(text => !text), "the fifth is none");
  assert.deepEqual(problems, []);
});

test("the views draw what is empty or long: a cell without characters, a curve of hundreds of points, an open table anew", async () => {
  const { page, problems } = await open("length=0");
  const seen = await page.evaluate(async () => {
    const [cell, curve, distribution] = await Promise.all(
      ["activations", "curve", "distribution"].map(name => import(`./views/${name}.js`)),
    );
    document.documentElement.lang = "";
    const target = () => document.querySelector("#view-write").appendChild(document.createElement("div"));
    const cellWords = new Proxy({}, { get: (_, name) => String(name) });
    const box = target();
    const chosen = [];
    const data = {
      hidden: 2,
      characters: [],
      values: new Float32Array(),
      selected: 0,
      unit: 1,
      gates: [],
      order: Int32Array.of(0, 1),
      finders: [],
    };
    const full = {
      ...data,
      characters: [
        { name: "a", place: 0 },
        { name: "space", place: 1 },
      ],
      values: Float32Array.of(-1, 0.25, 1, -0.001),
    };
    cell.draw(box, { ...data, words: cellWords }, (...given) => chosen.push(given));
    const strip = box.querySelector(".units-strip");
    strip.click();
    strip.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    const empty = [strip.querySelector("div:last-child").hidden, box.querySelector("h3").hidden, chosen.length];
    cell.draw(box, { ...full, words: cellWords }, () => {});
    box.querySelector("details").open = true;
    cell.draw(box, { ...full, words: cellWords }, () => {});
    const axis = box.querySelector(".units-axis").textContent;
    const rows = [...box.querySelectorAll(".units-table td")].map(td => td.textContent);
    cell.clear(box);

    const points = Array.from({ length: 300 }, (_, x) => ({ x, y: 3 - x / 300 }));
    const curves = [
      { key: "training", name: "training", points },
      { key: "heldout", name: "held out", points: [{ x: 299, y: 2.5 }] },
    ];
    const words = { x: "x", y: "y", table: "table", description: "how it goes" };
    const drawn = { curves, references: [{ name: "guess", y: 3 }], best: null, endX: 300, nameOfX: String, nameOfY: String, words };
    const chart = target();
    curve.draw(chart, drawn);
    chart.querySelector("details").open = true;
    curve.draw(chart, drawn);
    const table = [...chart.querySelectorAll("tr")].map(row => [...row.children].map(({ textContent }) => textContent));
    const flat = target();
    curve.draw(flat, { ...drawn, curves: [], references: [{ name: "guess", y: 2 }], endX: 0 });
    const numbers = [...flat.querySelectorAll("line, text")].flatMap(({ attributes }) => [...attributes].map(({ value }) => value));

    const bars = target();
    const candidate = { id: 0, name: "a", described: false, before: 1, after: 1, beforeText: "100%", afterText: "100%", label: "a" };
    const shown = {
      top: [candidate],
      rest: { before: 0, after: 0, beforeText: "", afterText: "" },
      strip: [{ id: 0, p: 1 }],
      all: () => [candidate],
      chosen: 0,
      u: null,
      canChoose: true,
      words: new Proxy({}, { get: (_, name) => String(name) }),
      numbers: [],
    };
    distribution.draw(bars, { ...shown, top: [candidate, { ...candidate, id: 1, name: "b" }] });
    distribution.draw(bars, shown);
    const count = bars.querySelectorAll("button.bar").length;
    bars.querySelector("details").open = true;
    distribution.draw(bars, { ...shown, all: () => [candidate, { ...candidate, id: 1, name: "b" }] });
    return {
      empty,
      axis,
      rows,
      table,
      hasNaN: numbers.some(text => /NaN|Infinity/.test(text)),
      count,
      listed: bars.querySelectorAll(".as-table tr").length,
    };
  });
  assert.deepEqual(seen.empty, [true, true, 0]);
  assert.equal(seen.axis, "a·");
  assert.deepEqual(seen.rows, ["0.25", "0.00"]);
  assert.ok(seen.table.length > 30 && seen.table.length <= 42, String(seen.table.length));
  assert.deepEqual(seen.table.at(-1).slice(0, 1).concat(seen.table.at(-1)[2]), ["299", "2.5"]);
  assert.equal(seen.hasNaN, false);
  assert.deepEqual([seen.count, seen.listed], [1, 3]);
  assert.deepEqual(problems, []);
});

// ---- inside the cell ----

/** Networks of each kind of cell, which have learnt nothing. */
async function networkOf(cell) {
  const training = await Training.begin("Today it rains. Tomorrow, he said, it rains again.\n".repeat(20), {
    cell,
    hidden: 6,
    embedding: 0,
    batch: 4,
    window: 8,
    passes: 1,
  });
  return training.weights();
}

for (const [cell, gates] of [
  ["gru", ["r", "z", "n", "h"]],
  ["tanh", ["h"]],
])
  test(`of a network with ${cell} the gates are its own`, async () => {
    const { page, problems } = await open("length=20&panel=cell&tint=unit&unit=2", { least: 20 });
    await choose(page, "#file", ["mine.safetensors", await networkOf(cell)]).catch(async () => {
      await page.$eval("[data-part=more]", details => (details.open = true));
      await page.waitForSelector("#file");
      await choose(page, "#file", ["mine.safetensors", await networkOf(cell)]);
    });
    await page.waitForFunction(count => document.querySelectorAll(".gate").length === count, {}, gates.length);
    assert.deepEqual(await page.$$eval(".gate b", all => all.map(symbol => symbol.textContent)), gates);
    await page.$eval("[data-part=more]", details => (details.open = true));
    await shows(page, "#facts", cell.toUpperCase());
    assert.deepEqual(problems, []);
  });

test("beside the facts of a network stand others on the same text, the best first, each with what it learnt from", async () => {
  const { page, problems } = await open("network=course&length=20", { least: 20 });
  await page.$eval("[data-part=more]", details => (details.open = true));
  await page.waitForSelector("#facts table");
  const rows = await page.$$eval("#facts tbody tr", all => all.map(row => [...row.cells].map(cell => cell.innerText.trim())));
  assert.deepEqual(
    rows.map(([who]) => who.split("\n")[0]),
    ["PPMd, order 8", "Kneser–Ney, 13-grams", "this network"],
  );
  const bits = rows.map(([, figure]) => Number(figure));
  assert.deepEqual(
    bits,
    bits.toSorted((a, b) => a - b),
  );
  const facts = await page.$eval("#facts", element => element.innerText);
  assert.match(facts, new RegExp(`${bits[2].toFixed(2)}\\sbits per character`), "the network's own figure, as its file has it");
  assert.deepEqual(problems, []);
});

test("a unit is chosen on the strip by keys and mouse, by its number, by what it follows; and none again", async () => {
  const { page, problems } = await open("length=60&panel=cell", { least: 60 });
  await page.waitForSelector("#cell canvas");
  await page.waitForFunction(isRested);
  const strip = ".units-strip";
  const unit = () => page.$eval(".units-choice input", box => box.value);
  const now = () => page.$eval(strip, element => Number(element.getAttribute("aria-valuenow")));
  assert.equal(await unit(), "");
  /** The middle of a cell of the strip, where its window has all 66 characters. */
  const at = async (column, row) => {
    const { left, top, width, height } = await page.$eval(strip, element => {
      element.scrollIntoView({ block: "center" });
      return element.getBoundingClientRect().toJSON();
    });
    return [left + (width * (column + 0.5)) / 66, top + (height * (row + 0.5)) / 64];
  };
  await page.mouse.click(...(await at(30, 10)));
  assert.deepEqual([await unit(), await page.$eval("#text .selected", c => c.dataset.place)], ["10", "30"]);
  await page.mouse.down();
  await page.mouse.move(...(await at(45, 12)));
  await page.mouse.up();
  assert.deepEqual([await unit(), await page.$eval("#text .selected", c => c.dataset.place)], ["12", "45"]);
  await page.mouse.move(...(await at(2, 2))); // with no button down nothing is chosen
  assert.equal(await unit(), "12");
  await page.focus(strip);
  for (const [key, row] of [
    ["ArrowDown", 13],
    ["ArrowUp", 12],
    ["PageDown", 22],
    ["PageUp", 12],
    ["Home", 0],
    ["ArrowUp", 0],
    ["End", 63],
  ]) {
    await page.keyboard.press(key);
    assert.equal(await now(), row, key);
  }
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.$eval("#text .selected", c => c.dataset.place), "44");
  await page.keyboard.press("x");
  await page.keyboard.down("Control");
  await page.keyboard.press("Home");
  await page.keyboard.up("Control");
  assert.equal(await now(), 63);
  await page.keyboard.press("ArrowRight");

  const number = ".units-choice input";
  await page.$eval(number, input => input.select());
  await page.focus(number);
  await page.keyboard.press("Backspace");
  await page.keyboard.type("7");
  assert.equal(await now(), 7);
  await page.keyboard.type("77"); // there is none: it is not taken, and what is in use comes back
  assert.equal(await page.$eval(number, input => input.getAttribute("aria-invalid") !== null), true);
  assert.equal(await now(), 7);
  await page.$eval('#text [data-place="50"]', character => character.click());
  await page.waitForFunction(isRested);
  assert.equal(await unit(), "777", "nobody is interrupted who types");
  await page.focus(strip);
  assert.deepEqual([await unit(), await page.$eval(number, input => input.getAttribute("aria-invalid"))], ["7", null]);
  await page.$eval("#cell .as-table", details => (details.open = true));
  await page.waitForFunction(() => document.querySelectorAll(".units-table tr").length > 20);
  const rows = await page.$$eval(".units-table tr", all => all.map(row => [row.className, row.children[1].textContent]));
  assert.equal(rows.filter(([name]) => name === "chosen").length, 1);
  assert.ok(rows.slice(1).every(([, value]) => /^-?[01]\.\d\d$/.test(value) && value !== "-0.00"));
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]); // the canvas follows
  const pressed = () => page.$$eval(".finders button", all => all.map(button => button.getAttribute("aria-pressed")).indexOf("true"));
  await page.waitForSelector(".finders button");
  await page.$eval(".finders button", button => button.click());
  assert.equal(await pressed(), 0);
  await page.$eval(".finders div", buttons => buttons.click()); // between the buttons
  assert.equal(await pressed(), 0);
  await page.$eval(".finders button", button => button.click());
  assert.deepEqual([await pressed(), await unit()], [-1, ""]);
  await page.keyboard.press("ArrowDown"); // from none to the first
  await page.waitForFunction(() => document.querySelector(".units-choice button").checkVisibility());
  await page.click(".units-choice button");
  assert.deepEqual([await unit(), await page.evaluate(() => document.activeElement.type)], ["", "number"]);
  await page.waitForFunction(() => /^#(?!.*tint=unit)/.test(location.hash));

  // the guesses: one stop for Tab, and arrows go on from it
  await page.focus("#guesses .here button");
  await page.keyboard.press("ArrowLeft");
  const guessed = () =>
    page.evaluate(() => [document.activeElement.dataset.place, document.querySelector("#text .selected").dataset.place]);
  const [place, selected] = await guessed();
  assert.equal(place, selected);
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await guessed(), [String(Number(place) + 1), String(Number(place) + 1)]);
  await page.keyboard.press("x");
  assert.deepEqual(await guessed(), [String(Number(place) + 1), String(Number(place) + 1)]);
  await page.$eval("#guesses table", table => table.click()); // no character
  assert.deepEqual(problems, []);
});
