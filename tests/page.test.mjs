// SPDX-License-Identifier: MIT
//
// What the page says and how it paces its work, without a browser: the modules of web/page/ that need no document.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RnnError, load } from "../web/core/model.js";
import {
  candidate,
  contextOf,
  distribution,
  nameOf,
  probability,
  sentencesOf,
  short,
  signOf,
  tints,
  unitClass,
} from "../web/page/describe.js";
import { Catalog } from "../web/page/catalog.js";
import { legend } from "../web/page/legend.js";
import { Copies } from "../web/page/text/copies.js";
import { bits, duration, speed } from "../web/page/measures.js";
import { start } from "../web/page/pace.js";
import { noteOf } from "../web/page/text/parted.js";
import { SettingsInUse, mostOf, read } from "../web/page/settings.js";
import { Shades } from "../web/page/text/shades.js";
import { Unison } from "../web/page/text/unison.js";
import { Words, languageOf } from "../web/page/words.js";
import { Branch } from "../web/story/story.js";

const never = new AbortController().signal;

/** The words of a language, those of what is mounted late too. */
async function wordsOf(tag, level = "characters") {
  const words = new Words();
  await words.use(tag, never);
  await Promise.all(["views", "train"].map(part => words.more(part)));
  return Object.assign(words, { level });
}
const english = await wordsOf("en");
const model = await load(new URL("../weights/course.safetensors", import.meta.url));

/** A text that is written already. */
function written(prompt, length, sampling = { temperature: 0.8 }, seed = 1) {
  const branch = new Branch(model, model.encode(prompt), seed, [{ place: 0, ...sampling }]);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}

beforeEach(() => {
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["de-AT", "ru-RU", "en"] }, configurable: true });
});

// ---- words ----

test("the language is the one that was asked for, else the reader's first one that there is, else English", () => {
  assert.equal(languageOf("en"), "en");
  for (const tag of ["", "de", "toString", "__proto__"]) assert.equal(languageOf(tag), "ru", tag);
  navigator.languages = ["de", "fr-FR"];
  assert.equal(languageOf(""), "en");
});

test("a sentence has its places filled in and its words for the network's level; a key without one is empty", async () => {
  const words = await wordsOf("en", "words");
  assert.equal(english.say("prompt.read", { count: 3 }).includes("3"), true);
  assert.notEqual(english.say("prompt.read", { count: 3 }), words.say("prompt.read", { count: 3 }));
  assert.equal(words.say("prompt.read", { count: 3 }, "characters"), english.say("prompt.read", { count: 3 }));
  assert.doesNotMatch(english.say("prompt.read"), /[{}]|undefined/); // a place without a value is left out
  assert.equal(english.say("there.is.none"), "");
  assert.equal(english.percent(0.0123), "1.2%");
  assert.equal(english.percent(0.5), "50%");
  assert.equal(new Words().number(1234.5), "1,234.5"); // before any language is there
});

test("of two languages that are asked for the last one is spoken, with the words of what is mounted late", async () => {
  const words = new Words();
  await words.more("train"); // too early: the language brings them
  await Promise.all([words.use("ru", never), words.use("en", never), words.use("ru", never)]);
  assert.equal(words.language, "ru");
  assert.match(words.say("train.start"), /[а-я]/);
  const late = words.more("train");
  await words.use("en", never); // while they are there already
  await late;
  assert.equal(words.say("train.start"), "Train");

  // while they are on their way
  const hurried = new Words();
  await hurried.use("ru", never);
  const asked = hurried.use("en", never);
  const coming = hurried.more("train"); // of the language that is spoken until the other one is there
  await Promise.all([asked, coming]);
  assert.equal(hurried.say("train.start"), "Train");
  await hurried.use("en", never);
  assert.equal(hurried.language, "en");
});

test("words that could not be had are asked for again; those in use stay", async () => {
  const words = new Words();
  await words.use("en", never);
  await assert.rejects(words.use("xx", never));
  assert.equal(words.say("write"), "Write");
  words.language = "xx"; // of which there is no file
  await assert.rejects(words.more("train"));
  await assert.rejects(words.more("train")); // asked for again
  words.language = "en";
  await words.more("train");
  assert.equal(words.say("train.start"), "Train");
});

// ---- what is said of a network's steps ----

test("tokens are called by what can be read: a space by its name, a word without the space in front of it", () => {
  assert.deepEqual(
    [" ", "\n", " \n", "\t", "\u00a0", " word", "a", "\u2003", "constructor"].map(text => nameOf(english, text)),
    ["space", "new line", "new line", "tab", "no-break space", "word", "a", "\u2003", "constructor"],
  );
  assert.deepEqual(
    [" ", "\n", "\r\n", "\t", "a", "constructor"].map(text => signOf(text)),
    ["␣", "↵", "↵", "⇥", undefined, undefined],
  );
});

test("a candidate that is called by a name of ours is told from one that is called by itself", () => {
  const shares = { id: 0, before: 0.5, after: 0.5 };
  assert.deepEqual(
    [" ", "\n", " \n", "\t", "a", "size", "constructor"].map(text => candidate(english, text, shares).described),
    [true, true, true, true, false, false, false],
  );
});

test("boxes keep their ends in sight until the reader scrolls, whether the event comes before the next growth or behind it", () => {
  /** A box of 100 pixels that scrolls as a browser's does. */
  class Box {
    clientHeight = 100;
    #top = 0;
    scrollHeight = 300;
    get scrollTop() {
      return Math.min(this.#top, this.scrollHeight - this.clientHeight);
    }
    set scrollTop(top) {
      this.#top = Math.max(0, Math.min(top, this.scrollHeight - this.clientHeight));
    }
  }
  const grown = (boxes, by) => boxes.forEach(box => (box.scrollHeight += by));
  for (const hasEvent of [true, false]) {
    const boxes = [new Box(), new Box()];
    const unison = new Unison();
    unison.set(boxes);
    unison.follows = true;
    unison.toEnds();
    grown(boxes, -50); // a shorter text takes the longer one's place: that is not the reader
    unison.toEnds();
    grown(boxes, 150);
    unison.toEnds();
    assert.deepEqual(
      boxes.map(({ scrollTop }) => scrollTop),
      [300, 300],
    );
    boxes[0].scrollTop -= 40;
    if (hasEvent) assert.equal(unison.moved(boxes[0], true), true);
    grown(boxes, 100);
    unison.toEnds();
    assert.deepEqual(
      boxes.map(({ scrollTop }) => scrollTop),
      [260, 260],
    );
    assert.equal(unison.moved(boxes[0], true), false, "the event tells nothing new");
  }
});

test("numbers are as long as they tell something", () => {
  assert.deepEqual(
    [0, 0.0001, 0.0005, 0.05, 0.5, 1].map(p => probability(english, p)),
    ["0%", "< 0.1%", "0.1%", "5%", "50%", "100%"],
  );
  assert.deepEqual([short(english, -0.001), short(english, 1.005, 1), short(english, NaN)], ["0.00", "1.0", "NaN"]);
  assert.deepEqual(
    [undefined, -2, -1, 0, 0.13, 1, 7].map(value => unitClass(value)),
    ["", "u0", "u0", "u4", "u5", "u8", "u8"],
  );
});

test("an error is said at once: its kind, what it is, and what to do", () => {
  assert.equal(sentencesOf(english, new Error("no luck")), "No luck.");
  assert.equal(sentencesOf(english, "no luck!"), "No luck!");
  assert.equal(sentencesOf(english, undefined), "undefined.");
  const empty = new RnnError("E_TEXT", "it is empty", "Paste one.");
  assert.equal(sentencesOf(english, empty), `${english.say("error.E_TEXT")} It is empty. Paste one.`);
});

test("the legend of a tint names its shades from the first to the last, of words in wider ones", async () => {
  const words = await wordsOf("en", "words");
  assert.deepEqual(legend(english, "surprisal"), ["0", "1", "2", "3", "4", "5", "6", "≥ 7"]);
  assert.deepEqual(legend(words, "surprisal"), ["0", "2", "4", "6", "8", "10", "12", "≥ 14"]);
  assert.deepEqual(legend(english, "rank"), ["1", "2", "3–4", "5–8", "9–16", "17–32", "≥ 33"]);
  assert.equal(legend(english, "entropy").length, 8);
  assert.equal(legend(english, "unit").length, 9);
  for (const tint of ["none", "copied"]) assert.deepEqual(legend(english, tint), [], tint);
});

test("a step's shade follows its surprisal, its entropy or its rank, and stops at the last one", () => {
  const step = { surprisal: 2.5, rank: 6, probs: () => Float32Array.of(0.25, 0.25, 0.25, 0.25) };
  assert.deepEqual(
    ["surprisal", "entropy", "rank", "none"].map(tint => tints[tint](step, "characters")),
    [2, 3, 3, 0],
  );
  assert.deepEqual(
    ["surprisal", "entropy"].map(tint => tints[tint](step, "words")),
    [1, 1],
  );
  assert.equal(tints.surprisal({ surprisal: Infinity }, "characters"), 7);
});

test("the distribution behind a character: ten bars, what came among them, the rest together, and what the dice says", () => {
  const branch = written("The ", 40);
  const at = (place, sampling) => distribution(english, { branch, place, canChoose: place >= branch.given }, sampling);
  const wide = { temperature: 0.8, topK: 0, topP: 1 };
  for (const place of branch.steps.keys()) {
    const { top, rest, chosen, strip, all, u, words } = at(place, wide);
    assert.equal(chosen, branch.steps[place].id);
    assert.ok(top.length === 10 && top.some(({ id }) => id === chosen));
    const sum = top.reduce((sum, { after }) => sum + after, rest.after);
    assert.ok(Math.abs(sum - 1) < 1e-5, String(sum));
    assert.ok(Math.abs(strip.reduce((sum, { p }) => sum + p, 0) - 1) < 1e-5);
    assert.ok(strip.some(({ id }) => id === chosen) || top.find(({ id }) => id === chosen).after === 0);
    assert.equal(all().length, model.vocabulary.length);
    assert.equal(u === null, place < branch.given);
    if (u !== null)
      assert.equal(words.dice, english.say("why.dice", { u: short(english, u, 3), character: nameOf(english, branch.steps[place].text) }));
    assert.equal(words.whatIf === "", place < branch.given);
  }
  assert.equal(at(1, wide).words.dice, english.say("why.given", { character: "h" }));

  // with other settings the same dice falls elsewhere, and what came may be cut away
  const place = [...branch.steps.keys()].find(place => place >= branch.given && branch.steps[place].rank > 1);
  const greedy = at(place, { temperature: 0, topK: 1, topP: 1 });
  const best = branch.steps[place].top(1, branch.steps[place].probs(1, { topK: 0, topP: 1 }))[0].text;
  assert.match(greedy.words.dice, new RegExp(`“?${nameOf(english, best)}`));
  const came = greedy.top.find(({ id }) => id === greedy.chosen);
  assert.deepEqual([came.after, came.afterText], [0, english.say("why.cut")]);
  assert.ok(greedy.numbers.some(({ after }) => after === "∞"));

  // what was chosen by hand has no dice
  const forced = branch.fork(3, { id: 5 });
  for (const _ of forced.write(() => 5));
  const shown = { branch: forced, place: forced.given + 3, canChoose: true };
  assert.equal(
    distribution(english, shown, wide).words.dice,
    english.say("why.byhand", { character: nameOf(english, model.vocabulary[5]) }),
  );
  assert.equal(contextOf(branch, 3), "The");
  assert.equal(contextOf(branch, 30).length, 25);
});

test("why two texts part: another choice, or the same dice at two temperatures", () => {
  const a = written("The ", 40, { temperature: 0.3 });
  const b = written("The ", 40, { temperature: 1.5 });
  const place = a.steps.findIndex((step, i) => step.id !== b.steps[i].id);
  assert.equal(noteOf(english, a, b, -1), english.say("beside.same"));
  const said = noteOf(english, a, b, place);
  assert.match(said, /0\.3/);
  assert.match(said, /1\.5/);
  const other = written("The ", 40, { temperature: 0.3 }, 2);
  const where = a.steps.findIndex((step, i) => step.id !== other.steps[i].id);
  assert.notEqual(noteOf(english, a, other, where), said); // another seed is no dice in common
  const forced = a.fork(3, { id: model.vocabulary.findIndex((_, id) => id !== a.steps[a.given + 3].id) });
  for (const _ of forced.write(() => 40));
  const [one, two] = [a, forced].map(branch => nameOf(english, branch.steps[a.given + 3].text));
  assert.equal(noteOf(english, a, forced, a.given + 3), english.say("beside.choice", { place: 4, a: one, b: two }));
});

// ---- a training's figures ----

test("times, bits and speeds of a training are rounded to what one can use", () => {
  const { say } = english;
  for (const [seconds, key, count] of [
    [-1, "train.seconds", "0"],
    [89.4, "train.seconds", "89"],
    [90, "train.minutes", "2"],
    [5399, "train.minutes", "90"],
    [5400, "train.hours", "1.5"],
    [36_000, "train.hours", "10"],
  ])
    assert.equal(duration(english, seconds), say(key, { count }), `${seconds} s`);
  assert.deepEqual(
    [null, NaN].map(value => bits(english, "characters", value)),
    ["–", "–"],
  );
  assert.equal(bits(english, "characters", 2), say("bits", { bits: "2.00" }));
  assert.match(bits(english, "words", 5), /5\.00.*32/);
  assert.equal(speed(english, 12_345), "12,000");
});

// ---- settings ----

test("a typed number is taken within its bounds alone", () => {
  assert.deepEqual(
    ["0", "2,5", "1e3", "-1", "", "x"].map(text => read("temperature", text)),
    [0, 2.5, 1000, undefined, undefined, undefined],
  );
  assert.deepEqual([read("seed", "4294967295"), read("seed", "4294967296"), read("nothing", "1")], [4294967295, undefined, undefined]);
  assert.deepEqual([read("view", "score"), read("view", "admin")], ["score", undefined]);
  assert.deepEqual([mostOf("length"), mostOf("nothing")], [100_000, Infinity]);
});

test("settings stand in the address where the desk is the page, at once or a moment later; elsewhere they do not", t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const replaced = [];
  globalThis.location = { hash: "#seed=5&lock=seed,length&hide=guide", href: "https://example.org/web/#seed=5" };
  globalThis.history = { replaceState: (_, __, hash) => replaced.push(hash) };
  try {
    const page = new SettingsInUse({ topK: 3 }, true);
    assert.deepEqual([page.now.seed, page.now.topK, page.isLocked("seed"), page.isLocked("topK")], [5, 3, true, false]);
    assert.deepEqual([page.isHidden("guide"), page.isHidden("seed")], [true, false]);
    page.set({ seed: 6 });
    page.set({ seed: 7 });
    assert.match(replaced.join(), /^[^,]*seed=6[^,]*$/);
    t.mock.timers.tick(200);
    assert.equal(replaced.length, 2); // however often
    assert.match(replaced[1], /seed=7/);
    assert.match(page.link({ seed: 8 }), /^https:\/\/example\.org\/web\/#.*seed=8/);
    location.hash = "#seed=7";
    assert.equal(page.readAddress(), true);
    assert.equal(page.readAddress(), false); // nothing is other
    location.hash = `#seed=7&path=${"9".repeat(2001)}`;
    assert.equal(page.readAddress(), true);
    assert.deepEqual(page.tooLong, ["path"]);
    page.set({ seed: 9 });
    page.set({ seed: 10 });
    page.free();
    t.mock.timers.tick(1000);
    assert.equal(replaced.length, 3); // not any more

    const desk = new SettingsInUse({ seed: 4 }, false);
    desk.set({ seed: 5 });
    t.mock.timers.tick(1000);
    assert.equal(replaced.length, 3);
    assert.match(desk.link({}), /^file:.*\/web\/#seed=5$/);
  } finally {
    delete globalThis.location;
    delete globalThis.history;
  }
});

// ---- the pace ----

/** Frames that come when the test says so. */
function useFrames(t) {
  const asked = new Map();
  let number = 0;
  globalThis.requestAnimationFrame = call => (asked.set(++number, call), number);
  globalThis.cancelAnimationFrame = id => asked.delete(id);
  t.after(() => {
    delete globalThis.requestAnimationFrame;
    delete globalThis.cancelAnimationFrame;
  });
  return {
    next(time) {
      const calls = [...asked.values()];
      asked.clear();
      for (const call of calls) call(time);
    },
    get isAsked() {
      return asked.size > 0;
    },
  };
}

function* count(to) {
  for (let i = 0; i < to; i++) yield i;
}

test("work goes on at so many steps a second, from the first one on, and is done once", t => {
  const frames = useFrames(t);
  const done = [];
  const ends = [];
  start({ steps: count(5), pace: () => 2, onSteps: steps => done.push(...steps), onEnd: error => ends.push(error) });
  frames.next(1000);
  assert.deepEqual(done, [0]);
  frames.next(1400);
  assert.deepEqual(done, [0]);
  frames.next(1500);
  assert.deepEqual(done, [0, 1]);
  for (let time = 2000; frames.isAsked; time += 500) frames.next(time);
  assert.deepEqual([done, ends], [[0, 1, 2, 3, 4], [undefined]]);
});

test("work without a pace is done in slices of a frame; it is stopped at once, within a frame too", t => {
  const frames = useFrames(t);
  let clock = 0;
  t.mock.method(performance, "now", () => (clock += 1));
  let sizes = [];
  start({ steps: count(20), onSteps: steps => sizes.push(steps.length) });
  while (frames.isAsked) frames.next(0);
  assert.ok(sizes.length > 2 && sizes.every(size => size < 8), sizes.join());
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    20,
  );
  let freed = 0;
  function* endless() {
    try {
      for (;;) yield 0;
    } finally {
      freed++;
    }
  }
  sizes = [];
  const stop = start({
    steps: endless(),
    onSteps(steps) {
      sizes.push(steps.length);
      stop();
    },
    onEnd: () => assert.fail("it was stopped"),
  });
  frames.next(0);
  assert.deepEqual([sizes.length, freed, frames.isAsked], [1, 1, false]);
});

test("work that fails is told once, whoever fails: the steps or what is done with them", t => {
  const frames = useFrames(t);
  const errors = [];
  function* broken() {
    yield 1;
    throw new Error("the step");
  }
  start({ steps: broken(), onSteps() {}, onEnd: error => errors.push(error.message) });
  start({
    steps: count(3),
    onSteps() {
      throw new Error("the drawing");
    },
    onEnd: error => errors.push(error.message),
  });
  const stop = start({
    steps: count(3),
    onSteps() {
      stop();
      throw new Error("after its end");
    },
    onEnd: error => errors.push(error.message),
  });
  start({ steps: count(1), onSteps() {} }); // nobody waits for its end
  while (frames.isAsked) frames.next(0);
  assert.deepEqual(errors, ["the step", "the drawing"]);
});

// ---- shades that a step does not tell ----

test("a unit's shades come bit by bit; those of another unit end the work for the first, and so does the end", t => {
  const frames = useFrames(t);
  let clock = 0;
  t.mock.method(performance, "now", () => (clock += 2)); // four steps a frame
  let again = 0;
  const branch = written("The ", 40);
  const shades = new Shades({}, {}, () => again++);
  assert.equal(shades.of(branch, "unit", 3).count, 0);
  frames.next(0);
  const { count } = shades.of(branch, "unit", 3);
  assert.ok(count > 0 && count < branch.steps.length, String(count));
  assert.equal(shades.of(branch, "unit", 5).count, 0);
  while (frames.isAsked) frames.next(0);
  const known = shades.of(branch, "unit", 5);
  const state = model.start();
  branch.steps.forEach((step, place) => {
    state.take(step.id);
    assert.equal(known.classAt(place), unitClass(state.h(0)[5]));
  });
  state.free();
  assert.equal(known.count, branch.steps.length);
  assert.ok(again > 2);
  shades.of(branch, "unit", 6);
  assert.equal(frames.isAsked, true);
  shades.free();
  assert.equal(frames.isAsked, false);
});

test("who looks for copies and is gone before they can be looked for starts no worker and says nothing", async t => {
  let workers = 0;
  globalThis.Worker = class {
    constructor() {
      workers++;
    }
    postMessage() {}
    terminate() {}
  };
  t.after(() => delete globalThis.Worker);
  const root = { replaceChildren: t.mock.fn() };
  const desk = { network: { trainingText: "The text." }, words: english, trouble: error => assert.fail(error) };
  const branch = written("The ", 4);
  const shades = new Shades(root, desk, () => assert.fail("nobody draws it"));
  assert.equal(shades.of(branch, "copied", 0).count, 0);
  shades.free(); // while what looks for copies is fetched
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual([workers, root.replaceChildren.mock.callCount()], [0, 0]);

  const copies = new Copies(root, desk, () => {});
  const found = copies.find(branch);
  copies.free();
  await assert.rejects(found, /nobody waits/);
  assert.equal(workers, 0);
});

test("another network is offered for a text in its script alone", async () => {
  const settings = { now: { network: "shakespeare" } };
  const listed = ["en", "ru"].map(language => ({ name: { en: "shakespeare", ru: "pushkin" }[language], language, title: {} }));
  const catalog = new Catalog({ settings, words: english }, {}, Promise.resolve(listed), {}, never);
  await catalog.read(never);
  const offered = () => ["Мой дядя", "To be", "é", "你好", "שלום", "😀 12"].map(text => catalog.otherFor(text)?.[0] ?? "");
  assert.deepEqual(offered(), ["pushkin", "", "", "", "", ""]);
  settings.now.network = "pushkin";
  assert.deepEqual(offered(), ["", "shakespeare", "shakespeare", "", "", ""]);
  await assert.rejects(catalog.lend("course"), /^Error: there is no network "course" here$/);
});

test("a larger network of the same text is offered where there is one, and the reader may choose", async () => {
  const settings = { now: { network: "small" }, isHidden: () => false, isLocked: () => false };
  const listed = [
    { name: "small", larger: "large", title: {} },
    { name: "large", bytes: 1_252_430, title: { en: "The large one" } },
    { name: "other", larger: "absent", title: {} },
  ];
  const catalog = new Catalog({ settings, words: english }, {}, Promise.resolve(listed), {}, never);
  await catalog.read(never);
  assert.deepEqual(catalog.larger(), { name: "large", title: "The large one", bytes: 1_252_430 });
  for (const name of ["isHidden", "isLocked"]) {
    settings[name] = part => part === "network";
    assert.equal(catalog.larger(), undefined, name);
    settings[name] = () => false;
  }
  for (const network of ["large", "other", "own.1a2b3c4d.x"]) {
    settings.now.network = network;
    assert.equal(catalog.larger(), undefined, network);
  }
});

test("when the desk is no more no network is loaded, and none of the reader's own is looked for", async () => {
  const life = new AbortController();
  const said = [];
  const desk = { settings: { now: { network: "course" } }, words: english, status: sentence => said.push(sentence) };
  const catalog = new Catalog(desk, {}, Promise.resolve([]), {}, life.signal);
  const source = new URL("../weights/course.safetensors", import.meta.url);
  const model = await catalog.load(source, "course");
  assert.equal(model.level, "characters");
  model.free();
  assert.ok(said.splice(0).length > 0);
  const late = catalog.load(source, "course");
  life.abort();
  catalog.free();
  assert.equal(await late, undefined);
  said.splice(0);
  assert.equal(await catalog.load(source, "course"), undefined);
  assert.deepEqual(said, []);
});
