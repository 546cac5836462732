// SPDX-License-Identifier: MIT
//
// Networks that answer, as the command makes and asks them: train --pattern, answer, score, inspect, quantize.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { workshop } from "./command.mjs";

const { write: put, read, run, output, assertFails, inspect, tensors, interruptedTraining } = workshop();

/** A number and its digits from the end, a line each. */
const reversed = Array.from({ length: 300 }, (_, i) => [String(100 + i), [...String(100 + i)].reverse().join("")]);
const firsts = Array.from({ length: 254 }, (_, i) => (i + 2).toString(2).slice(1).replaceAll("0", "a").replaceAll("1", "b")).map(word => [
  word,
  word[0] === "a" ? "first a" : "first b",
]);
const capitals = Array.from({ length: 90 }, (_, i) => ["abcd"[i % 4] + "cab"[i % 3] + "dbca"[(i >> 2) % 4], ""]).map(([word]) => [
  word,
  word.toUpperCase(),
]);
const lines = examples => examples.map(example => example.join("\t")).join("\n");
const SIZES = "--batch 16 --rate 0.01 --warmup 10 --embedding 8";
const train = (name, pattern, more) => output(`train ${name}.txt --output ${name}.st --pattern ${pattern} ${SIZES} ${more}`);

before(() => {
  put("reversed.txt", lines(reversed));
  put("firsts.txt", `${lines(firsts)}\r\n\r\n`);
  put("capitals.txt", lines(capitals));
  train("reversed", "sequence", "--hidden 32 --passes 60");
  train("firsts", "many-to-one", "--cell gru --hidden 16 --passes 40");
  train("capitals", "synchronous", "--cell gru --hidden 16 --passes 40 --delay 1");
});

test("a line in, a line out: each is the answer of its example", () => {
  for (const [name, examples] of Object.entries({ reversed, firsts, capitals })) {
    const questions = examples.map(([question]) => question).join("\n");
    assert.equal(output(`answer ${name}.st`, questions), `${examples.map(([, answer]) => answer).join("\n")}\n`, name);
  }
  const questions = reversed.map(([question]) => question).join("\n");
  assert.equal(output("answer reversed.st --beam 4", questions), output("answer reversed.st", questions));
});

test("with --json each line is an object with the answer and the distribution at each unit", () => {
  const [{ answer, units }] = output("answer reversed.st --json", "123\n")
    .trim()
    .split("\n")
    .map(line => JSON.parse(line));
  assert.equal(answer, "321");
  assert.deepEqual(
    units.map(({ token }) => token),
    ["3", "2", "1", null],
  );
  for (const { token, distribution } of units) {
    assert.equal(distribution[0][0], token ?? "<end>");
    const sum = distribution.reduce((all, [, p]) => all + p, 0);
    assert.ok(sum > 0.97 && sum < 1.001, `${sum}`);
  }
  const read = JSON.parse(output("answer firsts.st --json", "bab"));
  assert.equal(read.answer, "first b");
  assert.deepEqual(
    read.units.map(({ token, distribution }) => [token, distribution[0][0]]),
    [
      ["b", "first b"],
      ["a", "first b"],
      ["b", "first b"],
    ],
  );
  const later = JSON.parse(output("answer capitals.st --json", "abc"));
  assert.deepEqual(
    later.units.slice(1).map(({ token, distribution }) => [token, distribution[0][0]]),
    [
      ["b", "A"],
      ["c", "B"],
      [null, "C"],
    ],
  );
});

test("above temperature 0 what is written is drawn: the same seed writes the same, another one another", () => {
  const hot = seed => output(`answer reversed.st --temperature 3 --seed ${seed}`, "123\n123\n123\n123\n");
  assert.equal(hot(1), hot(1));
  assert.notEqual(hot(1), hot(9));
  assert.ok(new Set(hot(1).split("\n")).size > 2, "each line has dice of its own");
});

test("score says how many examples are right, and what they cost; of int8 weights too", () => {
  const score = JSON.parse(output("score reversed.st reversed.txt --json"));
  assert.deepEqual([score.examples, score.right, score.labels, score.labelsRight], [300, 300, 1200, 1200]);
  assert.ok(score.bitsPerLabel > 0 && score.bitsPerLabel < 0.1);
  assert.match(output("score reversed.st", "123\t321\n123\t322"), /^1 of 2 right \(50\.00 %\); 87\.50 % of 8 labels, /);
  output("quantize reversed.st --output reversed8.st");
  assert.equal(JSON.parse(output("score reversed8.st reversed.txt --json")).right, 300);
  assert.ok(read("reversed8.st").length < read("reversed.st").length / 2);
  assertFails("quantize reversed.st --output no.st --meta pattern=synchronous", 2, /writes this key itself/);
});

test("inspect draws the pattern and says what is read and written", () => {
  assert.match(
    output("inspect reversed.st"),
    /^sequence: encoder and decoder lstm, 1 layer of 32 units.*reads 10 characters, writes 11 labels/,
  );
  assert.match(output("inspect reversed.st"), /\n {2}encoder {2}\[ \]-\[ \]/);
  assert.match(output("inspect firsts.st"), /^many-to-one: gru/);
  const { pattern, encoder, labels, vocabulary, metadata } = inspect("capitals.st");
  assert.deepEqual([pattern, encoder, labels, vocabulary, metadata.delay], ["synchronous", undefined, [..."ABCD"], [..."abcd"], "1"]);
  assert.equal(inspect("reversed.st").encoder.outputs, 0);
  assert.deepEqual(
    Object.keys(tensors("reversed.st").tensors)
      .filter(name => name.endsWith("rnn.weight_hh_l0"))
      .sort(),
    ["decoder.rnn.weight_hh_l0", "encoder.rnn.weight_hh_l0"],
  );
});

test("what is held out is measured and said", () => {
  const { status, stderr } = run(`train reversed.txt --output held.st --pattern sequence ${SIZES} --hidden 32 --passes 20 --held-out 0.2`);
  assert.equal(status, 0, stderr);
  const [, right, of] = /held out: (\d+) of (\d+) right/.exec(stderr);
  const { metadata } = inspect("held.st");
  assert.deepEqual([metadata["heldOut.right"], metadata["heldOut.examples"]], [right, of]);
  assert.ok(of > 30 && of < 90, of);
});

test("a training that was stopped goes on to the same network", async () => {
  const args = `--pattern sequence ${SIZES} --hidden 32 --passes 100 --checkpoint-minutes 0`.split(" ");
  await interruptedTraining(["train", "reversed.txt", "--output", "cut.safetensors", ...args], "SIGINT");
  output("train --resume --output cut.safetensors");
  output(["train", "reversed.txt", "--output", "whole.safetensors", ...args]);
  assert.deepEqual(tensors("cut.safetensors").tensors, tensors("whole.safetensors").tensors);
});

test("a training can begin with a network that answers", () => {
  output(`train reversed.txt --output more.st --from reversed.st ${SIZES} --passes 1`);
  assert.equal(inspect("more.st").pattern, "sequence");
  assertFails("train reversed.txt --output no.st --from reversed.st --pattern synchronous", 2, /cannot be obeyed/);
});

test("one-to-one is counted at once and writes as n-grams of order 1 do", () => {
  put("plain.txt", "the cat sat on the mat and the dog sat on the log. ".repeat(20));
  put("rest.txt", "the dog and the cat sat. ".repeat(4));
  output("train plain.txt --output pairs.st --pattern one-to-one --held-out rest.txt");
  const { bitsPerCharacter } = JSON.parse(output("score pairs.st rest.txt --json"));
  const [, counted] = /^order 1: ([\d.]+)/.exec(output("markov plain.txt rest.txt"));
  assert.ok(Math.abs(bitsPerCharacter - counted) < 0.05, `${bitsPerCharacter} ${counted}`); // but for the first character
  assert.equal(output("write pairs.st --prompt th --length 40").length, 43);
});

test("wrong use and wrong lines are said", () => {
  assertFails("answer", 2, /needs a network/);
  assertFails("answer reversed.st --beam 0", 2, /--beam/);
  assertFails("answer reversed.st --beam 3 --temperature 1", 2, /no beam/);
  assertFails("answer pairs.st", 1, /no network that answers/);
  assert.equal(output("answer reversed.st", "123\n\n124"), "321\n\n421\n", "a line out for each line in");
  assertFails("score capitals.st", 1, /no label that this network knows/, "abc\tXYZ");
  assertFails("write reversed.st", 1, /answers, and does not write on/);
  put("bad.txt", "a\tb\nno tab\n");
  assertFails("train bad.txt --output no.st --pattern sequence --batch 1", 1, /line 2: an example is/);
  assertFails("train reversed.txt --output no.st --pattern sequence --batch 1000", 1, /300 examples to train on; a batch is of 1000/);
  assertFails("train reversed.txt --output no.st --pattern triangle", 2, /pattern is triangle/);
});
