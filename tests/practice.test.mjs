// SPDX-License-Identifier: MIT
//
// Trainings of examples in the worker: what it says to each command, how often it measures, which network it keeps, and where it goes
// back to. The page is left out: what is said goes into a list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { packCheckpoint } from "../web/core/checkpoint.js";
import { RnnError } from "../web/core/errors.js";
import { ExampleTraining } from "../web/core/examples.js";
import { Pattern, loadPattern } from "../web/core/pattern.js";
import { Training } from "../web/core/recipe.js";
import { baselineOf, shareRight } from "../web/trainer/baseline.js";
import { Trainer } from "../web/trainer/commands.js";
import { Practice } from "../web/trainer/practice.js";

const { update: updateOf } = ExampleTraining.prototype;
const backwards = text => [...text].reverse().join("");
const NUMBERS = Array.from({ length: 240 }, (_, i) => [String(100 + 3 * i), backwards(String(100 + 3 * i))]);
const TABLE = NUMBERS.map(example => example.join("\t")).join("\n");
const SMALL = { pattern: "sequence", hidden: 24, embedding: 8, batch: 16, rate: 0.01, warmup: 10, passes: 4 };
const EXAMPLES = { train: NUMBERS.slice(0, 200), heldOut: NUMBERS.slice(200) };
const linesOf = examples => examples.map(example => example.join("\t")).join("\n");
const same = (a, b) => assert.deepEqual(Buffer.from(a), Buffer.from(b));

/** A worker that posts into a list, and how it is asked. */
function beginTrainer() {
  const said = [];
  const trainer = new Trainer(event => said.push(event));
  /** What it says to a command. */
  const ask = async command => {
    const from = said.length;
    await trainer.hear(command);
    return said.slice(from);
  };
  return { said, trainer, ask, of: type => said.filter(event => event.type === type) };
}

/** A practice whose clock goes on by a second an update. */
async function beginPractice(t, { settings = {}, examples = EXAMPLES, update = () => {} } = {}) {
  const said = [];
  let seconds = 0;
  t.mock.restoreAll(); // of one before it
  t.mock.method(performance, "now", () => 1000 * seconds);
  t.mock.method(ExampleTraining.prototype, "update", function () {
    seconds++;
    update(this);
    return updateOf.call(this);
  });
  const tools = { post: event => said.push(event), partner: { dismiss() {} } };
  const about = { name: "backwards", why: null, problems: [], refused: 0 };
  const practice = await Practice.begin(tools, { examples, settings: { ...SMALL, ...settings }, ...about });
  return { practice, said, tools, of: type => said.filter(event => event.type === type) };
}

// ---- commands ----

test("a table becomes a lesson, which is learnt, stopped, and gives its network and its checkpoint", async () => {
  const { ask, trainer, of } = beginTrainer();
  const [lesson] = await ask({ type: "practise", text: `${TABLE}\nalone\n` });
  assert.deepEqual([lesson.type, lesson.pattern, lesson.name], ["lesson", "sequence", null]);
  assert.deepEqual(lesson.why, { different: 240, examples: 240 });
  assert.deepEqual([lesson.problems, lesson.refused], [[{ line: 241, what: "one column" }], 1]);
  assert.deepEqual(lesson.facts, { examples: 216, heldOut: 24, asked: 24, tokens: 10, labels: 11 });
  assert.deepEqual([lesson.done, lesson.factor, lesson.best], [0, 1, null]);
  assert.ok(lesson.updates >= 590 && lesson.parameters > 10_000);
  assert.equal(lesson.watched.length, 10);
  assert.ok(lesson.watched.every(([input, answer]) => answer === backwards(input)));
  assert.deepEqual(lesson.baseline, { kind: "nearest", accuracy: 0 });

  await ask({ type: "rate", factor: 0.5 });
  await ask({ type: "temperature", temperature: 0.5 }); // of samples, which it has none of
  const started = trainer.hear({ type: "start", workers: 2, keep: true });
  while (of("accuracy").length < 1) await new Promise(resolve => setImmediate(resolve));
  await ask({ type: "stop" });
  await started;
  const [first] = of("accuracy");
  assert.deepEqual([first.done, first.seconds, first.accuracy, first.left, first.factor], [0, 0, 0, null, 0.5]);
  assert.equal(first.answers.length, 10);
  const [end] = of("end");
  assert.deepEqual([end.reason, end.best.done], ["stopped", of("accuracy").at(-1).done]);
  assert.deepEqual([of("trouble"), of("invite"), of("kept"), of("unkept")], [[], [], [], []]);

  for (const quantized of [false, true]) {
    const [{ bytes, use }] = await ask({ type: "weights", quantized, use: "save" });
    const network = await loadPattern(bytes);
    assert.deepEqual([network.quantized, network.pattern, use], [quantized, "sequence", "save"]);
  }
  const [{ bytes }] = await ask({ type: "checkpoint" });
  const [opened] = await ask({ type: "practise", checkpoint: new Blob([bytes]) });
  const { why, problems, refused, done, factor, best, ...rest } = opened;
  assert.deepEqual([why, problems, refused, done, factor], [null, [], 0, of("end")[0].best.done, 0.5]);
  assert.deepEqual(best, end.best);
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(value, lesson[name], name);
});

test("a task is learnt to its end; its network has the bits of the library's, and says its name", async () => {
  const { ask, of } = beginTrainer();
  const [lesson] = await ask({ type: "practise", task: "roman" });
  assert.deepEqual([lesson.name, lesson.why, lesson.facts.heldOut, lesson.facts.asked], ["roman", null, 400, 300]);
  await ask({ type: "start", workers: 1, keep: false });
  const last = of("accuracy").at(-1);
  assert.deepEqual([last.done, last.left, of("end")[0].reason], [lesson.updates, 0, "done"]);
  assert.ok(last.accuracy >= 0.98, String(last.accuracy));
  assert.ok(last.answers.filter((answer, i) => answer === lesson.watched[i][1]).length >= 9);
  const [{ bytes }] = await ask({ type: "weights", quantized: true, use: "" });
  const network = await loadPattern(bytes);
  assert.deepEqual([network.answer("1999"), network.metadata.name], ["MCMXCIX", "roman"]);
  assert.equal(Number(network.metadata["heldOut.accuracy"]), of("end")[0].best.accuracy);
});

test("files are tables too, in any encoding; the pattern can be chosen", async () => {
  const { ask } = beginTrainer();
  const utf16 = Buffer.from(`\uFEFF${TABLE.replaceAll("\n", "\r\n")}`, "utf16le");
  const [lesson] = await ask({ type: "practise", text: [new File([utf16], "table.csv")] });
  assert.deepEqual([lesson.type, lesson.facts.examples], ["lesson", 216]);
  const classes = NUMBERS.map(([number]) => `${number}\t${Number(number) % 2 ? "odd" : "even"}`).join("\n");
  const [parity] = await ask({ type: "practise", text: classes });
  assert.deepEqual([parity.pattern, parity.facts.labels, parity.baseline.kind], ["many-to-one", 2, "majority"]);
  assert.ok(parity.baseline.accuracy > 0.2 && parity.baseline.accuracy < 0.8);
  const [written] = await ask({ type: "practise", text: classes, pattern: "sequence" });
  assert.deepEqual([written.pattern, written.why.different], ["sequence", 2]);
});

test("what cannot be learnt is told with a code and a sentence, and there is no training then", async () => {
  const { ask } = beginTrainer();
  await ask({ type: "practise", text: TABLE });
  const text = "a text that is learnt. ".repeat(200);
  const ofText = await Training.begin(text, { hidden: 8, batch: 4, window: 8 });
  for (const [command, code, message] of [
    [{ task: "alchemy" }, "E_ARGUMENT", /^there is no task "alchemy"$/],
    [{ text: "no table" }, "E_TEXT", /at least 8/],
    [{ text: [new File([new Uint8Array(1000)], "zeros")] }, "E_TEXT", /^zeros is no text$/],
    [{ checkpoint: new Blob(["no checkpoint"]) }, "E_CHECKPOINT", /no checkpoint/],
    [{ checkpoint: new Blob([ofText.save()]) }, "E_CHECKPOINT", /with its text/],
  ]) {
    const [trouble] = await ask({ type: "practise", ...command });
    assert.deepEqual([trouble.type, trouble.code, trouble.command], ["trouble", code, "practise"]);
    assert.match(trouble.message, message);
    assert.equal((await ask({ type: "start", workers: 1, keep: false })).at(-1).message, "no network is there yet");
  }
});

test("a text's training does not open a checkpoint of examples, nor one of examples what holds out a share", async () => {
  const { ask, said } = beginTrainer();
  await ask({ type: "practise", text: TABLE });
  await ask({ type: "checkpoint" });
  const [trouble] = await ask({ type: "open", file: new Blob([said.at(-1).bytes]) });
  assert.deepEqual([trouble.code, trouble.message], ["E_CHECKPOINT", "the checkpoint is of a training of examples"]);
  const shared = await ExampleTraining.begin(TABLE, { ...SMALL, heldOut: 0.2 });
  const file = await packCheckpoint(shared.save(), TABLE, null);
  const [refused] = await ask({ type: "practise", checkpoint: new Blob([file]) });
  assert.match(`${refused.code} ${refused.message}`, /^E_CHECKPOINT the checkpoint holds out a share/);
});

test("of two lessons that are asked for at once the last one counts", async () => {
  const { trainer, said } = beginTrainer();
  const file = new File([TABLE], "table.txt");
  let read;
  const lost = new File([TABLE], "lost.txt");
  lost.arrayBuffer = async () => {
    await file.read;
    throw new DOMException("it is gone", "NotFoundError");
  };
  file.read = new Promise(resolve => (read = resolve));
  file.arrayBuffer = async () => (await file.read, Buffer.from(TABLE));
  const earlier = [file, lost].map(each => trainer.hear({ type: "practise", text: [each] }));
  await trainer.hear({ type: "practise", task: "roman" });
  read();
  await Promise.all(earlier);
  assert.deepEqual(
    said.map(({ type, name }) => [type, name]),
    [["lesson", "roman"]],
  );
});

test("a text takes the place of examples that are being learnt, and examples that of a text", async () => {
  const { trainer, ask, said } = beginTrainer();
  await ask({ type: "practise", text: TABLE });
  const started = trainer.hear({ type: "start", workers: 1, keep: false });
  await ask({ type: "read", text: "a text that is learnt. ".repeat(200), settings: { hidden: 8, batch: 4, window: 8 } });
  await started;
  assert.equal(said.at(-1).type, "prepared");
  const [lesson] = await ask({ type: "practise", text: TABLE });
  assert.equal(lesson.type, "lesson");
});

// ---- a practice ----

test("it measures after half a second, then ever more seldom, before the first update and after the last", async t => {
  const { practice, of } = await beginPractice(t, { settings: { passes: 20 } });
  await practice.start();
  const measured = of("accuracy").map(({ done }) => done);
  const { updates } = practice.describe();
  const gaps = measured.slice(1).map((done, i) => done - measured[i]);
  assert.deepEqual([measured[0], measured[1], measured.at(-1)], [0, 1, updates]);
  assert.ok(gaps.slice(1, -1).every((gap, i) => gap >= gaps[i]) && gaps.at(-2) > 5, gaps.join());
  for (const { seconds, done, rate } of of("accuracy").slice(1)) assert.ok(seconds === done && rate > 0, `${seconds} ${done} ${rate}`);
  const { left, done } = of("accuracy")[3];
  assert.equal(left, updates - done); // an update takes a second
});

test("the network that is kept answers most, of equals with the fewest bits", async t => {
  const { practice, of } = await beginPractice(t, { settings: { passes: 60 } });
  await practice.start();
  const [{ best }] = of("end");
  const measured = of("accuracy").slice(1);
  const most = Math.max(...measured.map(({ accuracy }) => accuracy));
  const bits = Math.min(...measured.filter(({ accuracy }) => accuracy === most).map(({ bitsPerLabel }) => bitsPerLabel));
  const ofBest = measured.find(({ done }) => done === best.done);
  assert.deepEqual([best.accuracy, best.heldOut, ofBest.accuracy, ofBest.bitsPerLabel], [most, bits, most, bits]);
  assert.ok(most > 0.3, String(most));
  const network = await loadPattern(practice.weights().file);
  const { right, examples, bitsPerLabel } = network.score(linesOf(EXAMPLES.heldOut));
  assert.deepEqual([right / examples, bitsPerLabel], [most, bits]);
});

test("of equal accuracies the fewest bits count, of equal ones the first; what has learnt nothing is not kept", async t => {
  const { practice, of } = await beginPractice(t);
  const figures = [[9, 0.1], [3, 1], [4, 3], [4, 2.5], [4, 2.5], [4, 2.7], [3, 0.2]]; // prettier-ignore
  let asked = 0;
  t.mock.method(Pattern.prototype, "score", () => {
    const [right, bitsPerLabel] = figures[Math.min(asked++, figures.length - 1)];
    return { right, examples: 10, bitsPerLabel };
  });
  await practice.start();
  const { best } = of("end")[0];
  assert.deepEqual(best, { done: of("accuracy")[3].done, heldOut: 2.5, accuracy: 0.4 });
  t.mock.restoreAll();
  const { metadata } = await loadPattern(practice.weights().file);
  assert.deepEqual([Number(metadata["train.updates"]), metadata["heldOut.accuracy"]], [best.done, "0.4"]);
});

test("it has the library's weights, whatever is asked of it in between, and from its checkpoint too", async t => {
  const { practice, tools, of } = await beginPractice(t);
  const plain = await ExampleTraining.begin(linesOf(EXAMPLES.train), SMALL, { heldOutLines: linesOf(EXAMPLES.heldOut) });
  await practice.start();
  while (plain.done < plain.updates) plain.update();
  const best = await loadPattern(practice.weights().file);
  assert.equal(of("end")[0].best.done, plain.updates);
  same(await loadPattern(plain.weights()).then(network => network.begin("123")), best.begin("123"));

  const stopped = await beginPractice(t, { update: training => training.done === 9 && stopped.practice.pause() });
  await stopped.practice.start();
  assert.deepEqual(stopped.of("paused"), [{ type: "paused", done: 10 }]);
  assert.equal(stopped.of("accuracy").at(-1).done, 10);
  const opened = await Practice.open(tools, await stopped.practice.file());
  const { done, best: kept } = opened.describe();
  assert.deepEqual([done, kept.done], [10, stopped.practice.describe().best.done]);
  await opened.start();
  same((await loadPattern(opened.weights().file)).begin("123"), best.begin("123"));
});

test("it starts once, pauses, goes on and stops when it is told to, and says each time that it rests", async t => {
  let amid = () => {};
  const { practice, of, said } = await beginPractice(t, { update: training => amid(training) });
  practice.stop(); // before it began
  assert.deepEqual(said, [{ type: "end", reason: "stopped", best: null }]);
  amid = () => {
    practice.start(); // it runs already
    practice.pause();
  };
  await practice.start();
  assert.deepEqual(of("paused"), [{ type: "paused", done: 1 }]);
  amid = () => practice.stop();
  await practice.start();
  assert.deepEqual([of("end").at(-1).reason, of("end").at(-1).best.done], ["stopped", 2]);
  amid = () => {};
  await Promise.all([practice.start(), practice.start()]);
  assert.equal(of("end").at(-1).reason, "done");
  assert.equal(of("accuracy").filter(({ done }) => done === 0).length, 1);
  const dones = of("accuracy").map(({ done }) => done);
  assert.equal(new Set(dones).size, dones.length, "none is measured twice");
});

test("rates out of range change nothing; one that is good is heeded at the next update", async t => {
  const factors = [];
  const { practice } = await beginPractice(t, {
    update(training) {
      if (training.done === 3) practice.setRate(0.5);
      if (training.done === 5) for (const factor of [0, -1, 1001, NaN]) practice.setRate(factor);
      factors.push(training.rateFactor);
    },
  });
  await practice.start();
  assert.deepEqual(factors.slice(0, 6), [1, 1, 1, 0.5, 0.5, 0.5]);
  assert.equal(factors.at(-1), 0.5);
});

test("numbers that are none lead back to what was good last, with half the rate; the third time it is given up", async t => {
  let failures = 0;
  const fail = () => {
    throw new RnnError("E_NONFINITE", "no number");
  };
  const { practice, of } = await beginPractice(t, { update: training => training.done === 7 && failures++ < 2 && fail() });
  await practice.start();
  const good = Math.max(...of("accuracy").map(({ done }) => (done <= 7 ? done : 0)));
  assert.deepEqual(
    of("diverged").map(({ done, factor }) => [done, factor]),
    [
      [7, 0.5],
      [7, 0.25],
    ],
  );
  assert.ok(of("diverged").every(({ back }) => back >= good - 3 && back <= 7));
  assert.deepEqual([of("end")[0].reason, of("accuracy").at(-1).factor], ["done", 0.25]);

  const failed = [];
  const { practice: patient, of: said } = await beginPractice(t, {
    update({ done }) {
      if (done === 5 && failed.length === 2) patient.pause();
      if (![3, 7].includes(done) || failed.filter(each => each === done).length === 2) return;
      failed.push(done);
      fail();
    },
  });
  await patient.start();
  await patient.start(); // a person wants it to go on: it may fail twice more
  assert.deepEqual([failed, said("end")[0].reason], [[3, 3, 7, 7], "done"]);

  const { practice: lost } = await beginPractice(t, { update: training => training.done === 7 && fail() });
  await assert.rejects(lost.start(), error => error.code === "E_DIVERGED" && /at update 7$/.test(error.message));
  const { practice: broken } = await beginPractice(t, {
    update() {
      throw new RnnError("E_MEMORY", "no room");
    },
  });
  await assert.rejects(broken.start(), { code: "E_MEMORY" });
});

test("one that another one replaces says nothing more", async t => {
  let silentFrom;
  const begun = await beginPractice(t, {
    update(training) {
      if (training.done < 5) return;
      begun.practice.retire();
      silentFrom = begun.said.length;
    },
  });
  await begun.practice.start();
  assert.ok(silentFrom > 0);
  assert.equal(begun.said.length, silentFrom);
  await begun.practice.start();
  assert.equal(begun.said.length, silentFrom);
});

test("where nothing is held out it is asked what it learns from", async t => {
  const { practice, of } = await beginPractice(t, { examples: { train: NUMBERS.slice(0, 19), heldOut: [] }, settings: { batch: 8 } });
  const { facts, watched } = practice.describe();
  assert.deepEqual([facts.examples, facts.heldOut, facts.asked, watched.length], [19, 0, 19, 10]);
  await practice.start();
  assert.equal(of("end")[0].reason, "done");
});

test("where every answer is what is read, all places count: the network that is kept has the most of them right", async t => {
  const copied = NUMBERS.map(([number]) => [number, number]);
  const { practice, of } = await beginPractice(t, {
    examples: { train: copied.slice(0, 200), heldOut: copied.slice(200) },
    settings: { pattern: "synchronous", passes: 20 },
  });
  assert.deepEqual(practice.describe().baseline, { kind: "letters", accuracy: 1 });
  await practice.start();
  const measured = of("accuracy").map(({ accuracy }) => accuracy);
  const most = Math.max(...measured.slice(1));
  assert.ok(measured[0] < 0.5 && most > 0.9, measured.join());
  assert.equal(of("end")[0].best.accuracy, most);
  const { metadata } = await loadPattern(practice.weights().file);
  assert.equal(metadata["heldOut.accuracy"], String(most));
});

test("of many and long examples so many are asked as can be answered now and then", async t => {
  const long = Array.from({ length: 100 }, (_, i) => [`${i} ${"long ".repeat(150)}`.trim(), String(i)]);
  const { practice } = await beginPractice(t, { examples: { train: NUMBERS, heldOut: long }, settings: { hidden: 4 } });
  const { asked } = practice.describe().facts;
  assert.ok(asked > 20 && asked < 30, String(asked));
  const pictures = Array.from({ length: 400 }, (_, i) => [Buffer.alloc(784, i % 256).toString("base64"), i % 2 ? "odd" : "even"]);
  const { practice: ofPictures, of } = await beginPractice(t, {
    examples: { train: pictures.slice(0, 80), heldOut: pictures.slice(80) },
    settings: { pattern: "one-to-many", side: 28, maps: 1, hidden: 4, passes: 1 },
  });
  const lesson = ofPictures.describe();
  assert.deepEqual([lesson.facts.asked, lesson.facts.tokens, lesson.watched[0][0].length], [300, 0, 1048]);
  assert.deepEqual(lesson.baseline.kind, "majority");
  await ofPictures.start();
  assert.equal(of("accuracy").at(-1).answers.length, 10);
});

// ---- without a network ----

test("the most frequent answer, the nearest example's, and what each character becomes are what a network has to beat", () => {
  const classes = ["a", "b", "b", "c"].map((answer, i) => [`in ${i}`, answer]);
  const others = ["b", "a", "b", "c"].map((answer, i) => [`other ${i}`, answer]);
  assert.deepEqual(baselineOf("many-to-one", classes, others), { kind: "majority", accuracy: 0.5 });
  assert.deepEqual(baselineOf("one-to-many", classes, [["x", "b"]]), { kind: "majority", accuracy: 1 });
  const plurals = [
    ["house", "houses"],
    ["mouse", "mice"],
    ["box", "boxes"],
    ["x", "y"],
  ];
  const asked = [
    ["houses", "houses"], // nearest: house
    ["mousse", "mice"], // mouse
    ["fox", "boxes"], // box
    ["dox", "foxes"], // box, whose answer is another one
  ];
  assert.deepEqual(baselineOf("sequence", plurals, asked), { kind: "nearest", accuracy: 0.75 });
  const struck = [
    ["b*n*n*", "banana"],
    ["t*n", "ten"],
  ];
  assert.deepEqual(baselineOf("synchronous", struck, [["c*b*n*", "cabina"]]), { kind: "letters", accuracy: 2 / 3 });
  assert.equal(shareRight("synchronous", [["c*b*n*", "cabina"]], ["cabena"]), 2 / 3);
  const copied = [
    ["ab", "ab"],
    ["c", "c"],
  ];
  assert.equal(shareRight("synchronous", copied, ["ax", "c"]), 2 / 3);
  assert.equal(shareRight("synchronous", [...copied, ["d", "D"]], ["ax", "c", "D"]), 1); // copied places do not count beside it
  assert.equal(shareRight("sequence", classes, ["a", "x", "b", "bc"]), 0.5);
});
