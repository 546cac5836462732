// SPDX-License-Identifier: MIT
//
// What the page keeps of its texts, without the page: branches, events, loops, settings, traces of units.
import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, findLoop } from "../web/story/circle.js";
import { load } from "../web/core/model.js";
import { defaults, fromHash, readHash, toHash } from "../web/page/settings.js";
import { readTemperatures } from "../web/page/settings.js";
import { writeTogether } from "../web/story/together.js";
import { Reader } from "../web/core/learning.js";
import { Readers } from "../web/story/adapted.js";
import { Branch, Story, eventsFromText, eventsToText, firstDifference } from "../web/story/story.js";
import { Cells, Trace, cellsOf } from "../web/story/trace.js";
import { CELLS, makeWeights } from "./helpers.mjs";
import { PROMPTS, writerOf } from "./prompts.mjs";

const model = await load(makeWeights({ layers: 2, embedding: 6, hidden: 12 }));
const hello = model.encode("hello");
const textOf = branch => branch.steps.map(step => step.text).join("");

/** A branch that was read and written to that length. */
function written(length, events = [{ place: 0, temperature: 0.9 }], of = model) {
  const branch = new Branch(of, of.encode("hello"), 7, events);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}

// ---- branches ----

test("a branch writes what write() does, behind its prompt, a step for each character", () => {
  const branch = written(700);
  const alone = [...model.write("hello", { temperature: 0.9, seed: 7, length: 700 })];
  assert.equal(textOf(branch), `hello${alone.map(step => step.text).join("")}`);
  assert.deepEqual([branch.given, branch.written], [5, 700]);
  for (const [i, step] of alone.entries()) assert.deepEqual([branch.steps[5 + i].u, branch.steps[5 + i].logits], [step.u, step.logits]);
  assert.ok(branch.steps.slice(0, 5).every(step => step.u === null));
});

test("a branch of words has its prompt as the person wrote it, and what is written joined to it", async () => {
  for (const [level, prompt, token, text] of PROMPTS) {
    const m = await load(writerOf(level, token));
    const [branch, other] = [1, 2].map(seed => new Branch(m, m.encode(prompt), seed, [{ place: 0, temperature: 0 }]));
    for (const _ of branch.read());
    for (const _ of branch.write(() => 1));
    assert.equal(textOf(branch), text, `${level}: ${JSON.stringify(prompt)}`);
    for (const _ of writeTogether([other], 1));
    assert.equal(textOf(other), text);
  }
});

test("the state at any place is that of reading everything again", () => {
  const branch = written(600);
  for (const place of [0, 1, 5, 255, 256, 257, 511, 512, 605]) {
    const [state, fresh] = [branch.stateAt(place), model.start()];
    fresh.advance(Int32Array.from(branch.steps.slice(0, place), step => step.id));
    assert.deepEqual(state.save(), fresh.save(), `place ${place}`);
  }
});

test("a fork is a fresh run that is forced to the same choice", () => {
  const parent = written(300);
  for (const place of [0, 1, 17, 250, 251, 252, 299]) {
    const id = (parent.steps[5 + place].id + 1) % 27;
    const fork = parent.fork(place, { id });
    for (const _ of fork.write(() => 400));
    const state = model.start();
    state.advance(Int32Array.from([...parent.steps.slice(0, 5 + place).map(step => step.id), id]));
    const rest = [...model.write(state, { temperature: 0.9, seed: 7, position: place + 1, length: 400 - place - 1 })]
      .map(step => step.text)
      .join("");
    assert.equal(textOf(fork), textOf(parent).slice(0, 5 + place) + model.vocabulary[id] + rest);
    assert.equal(firstDifference(parent, fork), 5 + place);
    assert.deepEqual([fork.parent, fork.from], [parent, place]);
  }
  assert.equal(parent.written, 300);
});

test("prompt, seed and events make the same text again, also after a way through an address", () => {
  const branch = written(40);
  branch.events.push({ place: 40, temperature: 2, topK: 3 });
  for (const _ of branch.write(() => 80));
  const fork = branch.fork(60, { id: 3 });
  for (const _ of fork.write(() => 120));
  fork.events.push({ place: 120, temperature: 0, topP: 0.5 });
  for (const _ of fork.write(() => 150));
  const text = eventsToText(fork.events);
  assert.match(text, /^[0-9a-zA-Z._+-]+$/);
  assert.deepEqual(eventsFromText(text, 27), fork.events);
  assert.equal(textOf(written(150, eventsFromText(text, 27))), textOf(fork));
});

test("the same dice at another temperature are a fresh run at it, which has at once what stays the same", () => {
  const before = written(300);
  for (const temperature of [0, 0.85, 0.9, 2]) {
    const branch = before.again({ temperature, topK: 0, topP: 1 });
    const alike = branch.written;
    for (const _ of branch.write(() => 300));
    const fresh = written(300, [{ place: 0, temperature }]);
    assert.equal(textOf(branch), textOf(fresh));
    const parted = firstDifference(before, fresh);
    assert.equal(alike, parted < 0 ? 300 : parted - 5);
    assert.deepEqual([branch.parent, branch.from], [before, alike]);
    assert.equal(textOf(written(300, eventsFromText(eventsToText(branch.events), 27))), textOf(fresh), "by its address");
  }
});

test("what was chosen by hand stays at another temperature as far as the text does, and no further", () => {
  const parent = written(60);
  const near = parent.fork(0, { id: 3 });
  const both = near.fork(50, { id: 4 });
  for (const _ of both.write(() => 100));
  const hot = both.again({ temperature: 3, topK: 0, topP: 1 });
  for (const _ of hot.write(() => 100));
  assert.ok(firstDifference(both, hot) - 5 < 50);
  assert.deepEqual(hot.events, [{ place: 0, id: 3, temperature: 3, topK: 0, topP: 1 }]);
  assert.deepEqual(both.again(both.samplingAt(0)).events, [
    { place: 0, id: 3, ...both.samplingAt(0) },
    { place: 50, id: 4 },
  ]);
});

test("a branch that was left out again leaves no trace in the way back; one that others parted from stays", () => {
  const story = new Story();
  const [a, b, c] = [written(10), written(10), written(10)];
  for (const branch of [a, b]) story.go(branch);
  story.drop(b, a);
  assert.deepEqual([story.current, story.branches, story.canUndo], [a, [a], false]);
  const child = a.fork(3, { id: 1 });
  story.go(child);
  story.drop(a);
  assert.deepEqual(story.branches, [a, child]);
  story.keep(c);
  assert.deepEqual([story.current, story.branches.length], [child, 3]);
});

test("events of a hostile address are dropped one by one", () => {
  assert.deepEqual(eventsFromText("x_3i99_4i2_5t-1_6tNaN_7p1.5_8k1.5_9t0.5_9999999i1__i_12t1e3_13tInfinity", 27), [
    { place: 4, id: 2 },
    { place: 9, temperature: 0.5 },
    { place: 12, temperature: 1000 },
    { place: 13, temperature: Infinity },
  ]);
  assert.deepEqual(
    eventsFromText("5t1_2t3", 27).map(event => event.place),
    [2, 5],
  );
});

test("branches written together are those written alone", () => {
  const make = temperature => new Branch(model, hello, 7, [{ place: 0, temperature, topK: 0, topP: 1 }]);
  const together = [0.3, 0.8, 1, 1.3, 1.8].map(make);
  for (const _ of writeTogether(together, 100));
  for (const [i, temperature] of [0.3, 0.8, 1, 1.3, 1.8].entries())
    assert.equal(textOf(together[i]), textOf(written(100, [{ place: 0, temperature }])));
  assert.ok(together.every(branch => branch.written === 100));
});

test("bits are the mean surprisal, and equal the core's score", () => {
  const branch = written(60);
  const { bitsPerCharacter } = model.score(textOf(branch));
  assert.ok(Math.abs(branch.score().bits - bitsPerCharacter) < 1e-6);
});

test("one walks back and forth through branches; a new one ends what was ahead", () => {
  const story = new Story();
  const [a, b, c] = [0, 1, 2].map(() => new Branch(model, hello, 1, []));
  story.go(a);
  story.go(b);
  assert.deepEqual([story.current, story.canUndo, story.canRedo], [b, true, false]);
  story.undo();
  assert.equal(story.current, a);
  story.undo();
  assert.deepEqual([story.current, story.canUndo, story.canRedo], [a, false, true]);
  story.redo();
  assert.equal(story.current, b);
  story.undo();
  story.go(c);
  assert.deepEqual([story.canRedo, story.branches.length], [false, 3]);
});

// ---- loops ----

const loopOf = text => findLoop(text.length, place => text.charCodeAt(place));

test("a loop is found with its shortest period and its first place", () => {
  assert.deepEqual(loopOf(`Today ${"the street of ".repeat(4)}`), { from: 5, period: 14 });
  assert.deepEqual(loopOf(`x${"a".repeat(24)}`), { from: 1, period: 1 });
  assert.deepEqual(loopOf("abcdefgh".repeat(3)), { from: 0, period: 8 });
});

test("what repeats less than three times or 24 characters is no loop", () => {
  for (const text of [
    "",
    "a",
    "a".repeat(23),
    "abcdefghijklmnop".repeat(2),
    "abcdefgh".repeat(3).slice(1),
    "the cat and the dog and the bird and the cow",
  ])
    assert.equal(loopOf(text), null, text);
});

// ---- inside the cell ----

for (const cell of Object.keys(CELLS))
  test(`traces and cells are those of a state that reads along: ${cell}`, async () => {
    const m = await load(makeWeights({ cell, layers: 2, hidden: 9 }));
    const branch = written(50, [], m);
    const trace = new Trace(branch, 4);
    for (const _ of trace.more());
    const { values, gates, c } = cellsOf(branch, 20, 40, 31);
    const state = m.start();
    for (const [place, step] of branch.steps.entries()) {
      state.take(step.id);
      assert.equal(trace.values[place], state.h(1)[4]);
      if (place >= 20 && place < 40) assert.deepEqual(values.slice((place - 20) * 9, (place - 19) * 9), state.h(1));
      if (place === 31) assert.deepEqual([gates, c], [state.gates(1), state.c(1)]);
    }
  });

test("a state is at no distance from itself, and a text in a loop comes back near", () => {
  const branch = written(60);
  assert.equal(distance(branch, 30, 30), 0);
  assert.ok(distance(branch, 30, 31) > 0.01);
});

test("a text ends where its end is drawn, and a branch keeps nothing more", async () => {
  const m = await load(makeWeights({ metadata: { end: "5" } }));
  const branch = written(1000, [{ place: 0, temperature: 1 }], m);
  assert.equal(textOf(branch).slice(5), [...m.write("hello", { seed: 7, length: 1000 })].map(step => step.text).join(""));
  assert.ok(branch.written < 1000);
});

test("the score goes on with the text, from any place, and never counts what nothing can draw", async () => {
  const m = await load(makeWeights({ metadata: { unknown: "3" } }));
  const branch = new Branch(m, m.encode("a cab"), 7, []); // the unknown one is c: " abcd..."
  const steps = [];
  for (const step of branch.read()) {
    steps.push(step.surprisal);
    for (const from of [0, 2]) {
      const counted = steps.slice(from).filter(bits => bits < Infinity);
      const { bits, count } = branch.score(from);
      assert.equal(count, counted.length);
      assert.ok(Math.abs(bits - counted.reduce((sum, each) => sum + each, 0) / Math.max(1, counted.length)) < 1e-12);
    }
  }
  assert.equal(steps.filter(bits => bits === Infinity).length, 1);
});

test("a prompt of 200,000 characters is written from at several temperatures; one whose steps nobody could keep is refused", async () => {
  const m = await load(makeWeights({ cell: "tanh", hidden: 2 }));
  const long = m.encode("ab".repeat(100_000));
  const branches = [0.5, 1].map(temperature => new Branch(m, long, 1, [{ place: 0, temperature }]));
  for (const _ of writeTogether(branches, 3));
  assert.deepEqual(
    branches.map(branch => branch.written),
    [3, 3],
  );
  assert.throws(() => new Branch({ outputs: 2 ** 17 }, { ids: new Int32Array(1025), own: new Map() }, 1, []), {
    code: "E_RANGE",
    message: "the text has 1025 tokens; of this network at most 1024 are kept",
  });
});

test("the way through the branches goes back and forth; there is no step to where one is", () => {
  const story = new Story();
  story.undo();
  assert.equal(story.current, null);
  const [a, b] = [written(3), written(4)];
  story.go(a);
  story.go(a);
  assert.deepEqual([story.canUndo, story.branches], [false, [a]]);
  story.go(b);
  story.undo();
  assert.deepEqual([story.current, story.canUndo, story.canRedo], [a, false, true]);
  story.undo();
  story.redo();
  story.redo();
  assert.deepEqual([story.current, story.canUndo, story.canRedo], [b, true, false]);
  assert.equal(firstDifference(a, a), -1);
  assert.equal(firstDifference(a, b), -1);
});

// ---- settings ----

test("the address holds what is not default, and only what is possible comes back", () => {
  assert.equal(toHash(defaults), "#");
  const settings = {
    ...defaults,
    temperature: 1.3,
    topK: 5,
    path: "3i4_9t0.5",
    view: "score",
    text: "a&b=c\n#",
    prompt: "",
    lock: "temperature",
  };
  assert.deepEqual(fromHash(toHash(settings)), settings);
  assert.deepEqual(fromHash("#view=admin&tint=%00&panel=&temperature=-1&topP=2&seed=1e3&at=-5&length=999999999"), defaults);
});

test("what an address has too long is left out, and its name is told; the rest is taken", () => {
  const long = "0.5,".repeat(50_000); // 200 kB
  const path = "12t0.7_".repeat(110_000); // 770 kB
  for (const [hash, changes, tooLong] of [
    [`#topK=3&temperatures=${long}`, { topK: 3 }, ["temperatures"]],
    [`#path=${path}&seed=4`, { seed: 4 }, ["path"]],
    [`#network=${long}&hide=${long}&lock=${long}&language=${long}`, {}, ["network", "language", "hide", "lock"]],
    [`#prompt=${"x".repeat(100_000)}`, { prompt: "x".repeat(100_000) }, []],
    [`#prompt=${"x".repeat(100_001)}&text=${"y".repeat(100_001)}`, {}, ["prompt", "text"]],
    [`#path=${"9".repeat(2000)}`, { path: "9".repeat(2000) }, []],
    [`#seed=4&prompt=${"x".repeat(2 ** 20)}`, {}, ["#"]],
    [`#seed=${"9".repeat(50_000)}&temperature=${"1".repeat(50_000)}&temperature=2`, { temperature: Infinity }, []],
  ])
    assert.deepEqual(readHash(hash), { settings: { ...defaults, ...changes }, tooLong }, hash.slice(0, 30));
});

test("a list of temperatures may have blanks, semicolons, commas, decimal commas", () => {
  for (const text of ["0.3,0.8,1", "0.3, 0.8, 1", " 0.3  0.8 1 ", "0,3 0,8 1", "0,3; 0,8; 1"])
    assert.deepEqual(readTemperatures(text), [0.3, 0.8, 1], text);
  for (const text of ["", "x", "1 -1", "1 2 3 4 5 6 7 8 9"]) assert.equal(readTemperatures(text), undefined, text);
});

// ---- a prompt that the network learns as it reads it ----

const PROMPT = model.encode("hello hello yellow mellow fellow hello yellow bellow jello cello ");
const LEARN = 0.01;

/** The same as written(), of a network that learns the prompt. */
function learnt(length, { readers = new Readers(), events = [{ place: 0, temperature: 0.9, learn: LEARN }] } = {}) {
  const branch = new Branch(model, PROMPT, 7, events, null, 0, readers);
  for (const _ of branch.read());
  for (const _ of branch.write(() => length));
  return branch;
}

/** A reader that has read so much of the prompt. */
function readerAt(place) {
  const reader = new Reader(model, { rate: LEARN });
  reader.advance(PROMPT.ids.subarray(0, place));
  return reader;
}

test("a branch whose prompt is learnt writes what a reader's network writes, and learns nothing from that", () => {
  const branch = learnt(600);
  const reader = new Reader(model, { rate: LEARN });
  const read = [...reader.steps(PROMPT.ids)];
  const alone = [...reader.model.write(reader, { temperature: 0.9, seed: 7, length: 600 })];
  assert.deepEqual(
    branch.steps.map(({ logits }) => logits),
    [...read, ...alone].map(({ logits }) => logits),
  );
  assert.notEqual(textOf(branch), textOf(learnt(600, { events: [{ place: 0, temperature: 0.9 }] })));
});

test("a prompt that is read in pieces is learnt as in one go, and what is dropped is learnt again to the same bits", () => {
  const [whole, pieces] = [
    learnt(300),
    new Branch(model, PROMPT, 7, [{ place: 0, temperature: 0.9, learn: LEARN }], null, 0, new Readers()),
  ];
  for (let i = 0; pieces.steps.length < pieces.given; i++) {
    const reading = pieces.read();
    for (let k = 0; k < 7; k++) reading.next();
    reading.return();
    assert.ok(i < 20);
  }
  for (let length = 100; length <= 300; length += 100) {
    for (const _ of pieces.write(() => length));
    pieces.readers.free();
  }
  assert.equal(textOf(pieces), textOf(whole));
});

test("the state at any place is that of a reader, of the prompt with the weights of that moment", () => {
  const branch = learnt(600);
  for (const place of [0, 1, 19, 20, 21, 41, branch.given - 1, branch.given, 256, 300, 512, branch.given + 600]) {
    const [state, fresh] = [branch.stateAt(place), readerAt(Math.min(place, branch.given))];
    fresh.settle();
    fresh.advance(Int32Array.from(branch.steps.slice(branch.given, place), step => step.id));
    assert.deepEqual(state.logits, fresh.logits, `place ${place}`);
    assert.deepEqual(state.h(1), fresh.h(1), `place ${place}`);
    for (const each of [state, fresh]) each.free();
  }
});

test("forks, other temperatures and the way through an address keep that the prompt is learnt", () => {
  const branch = learnt(60);
  const first = branch.fork(0, { id: (branch.steps[branch.given].id + 1) % 27 });
  const later = first.fork(30, { temperature: 2 });
  const warmer = later.again({ temperature: 1.2, topK: 0, topP: 1 });
  for (const each of [first, later, warmer]) {
    assert.equal(each.learn, LEARN);
    for (const _ of each.write(() => 60));
    const events = eventsFromText(eventsToText(each.events), 27);
    assert.equal(events.filter(({ learn }) => learn).length, 1);
    assert.equal(textOf(learnt(60, { events })), textOf(each), eventsToText(each.events));
  }
  assert.equal(eventsToText([{ place: 0, learn: 0.0015 }]), "0l0.0015");
  assert.deepEqual(eventsFromText("0l0.0015_5t0.7_7l0.1_0l2", 27), [
    { place: 0, learn: 0.0015 },
    { place: 5, temperature: 0.7 },
  ]);
});

test("streams that are written together stand on what was learnt", () => {
  const readers = new Readers();
  const events = temperature => [{ place: 0, temperature, learn: LEARN }];
  const branches = [0.5, 0.9].map(T => new Branch(model, PROMPT, 7, events(T), null, 0, readers));
  for (const _ of writeTogether(branches, 50));
  assert.equal(textOf(branches[1]), textOf(learnt(50)));
});

test("a unit's trace along a prompt that is learnt is that of the reader; what comes behind, of the network that it has become", () => {
  const branch = learnt(40);
  const trace = new Trace(branch, 3);
  const some = trace.more();
  for (let i = 0; i < 25; i++) some.next();
  some.return();
  for (const _ of trace.more());
  const reader = readerAt(0);
  const expected = branch.steps.map(({ id }, place) => {
    if (place === branch.given) reader.settle();
    reader.take(id);
    return reader.h(1)[3];
  });
  assert.deepEqual(trace.values, expected);
});

test("the row of cells behind a prompt that is learnt has the states of the network that it has become", () => {
  const branch = learnt(40);
  const cells = new Cells();
  const { given } = branch;
  for (const [from, to] of [
    [given, given + 6],
    [given + 2, given + 20],
  ]) {
    const { values } = cellsOf(branch, from, to, from);
    cells.of(branch, from, to).forEach((h, i) => assert.deepEqual([...h], [...values.slice(i * h.length, (i + 1) * h.length)]));
  }
});

test("a reader that fails is not gone on with: no token is read twice", () => {
  const branch = new Branch(model, PROMPT, 7, [{ place: 0, temperature: 0.9, learn: LEARN }], null, 0, new Readers());
  const { steps } = Reader.prototype;
  Reader.prototype.steps = function* (...given) {
    for (const step of steps.apply(this, given)) {
      if (branch.steps.length === 10) throw new Error("too much"); // it has read one more by now
      yield step;
    }
  };
  assert.throws(() => [...branch.read()], /too much/);
  delete Reader.prototype.steps; // which is the one of every state again
  for (const _ of branch.read());
  for (const _ of branch.write(() => 30));
  assert.deepEqual(
    branch.steps.map(({ logits }) => logits),
    learnt(30).steps.map(({ logits }) => logits),
  );
});
