// SPDX-License-Identifier: MIT
//
// nextchar train: checkpoints and what goes on from them, cells, texts, which network is written.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SIZES, makeText, workshop } from "./command.mjs";
import { changed, readTensors, vocabTensor } from "./helpers.mjs";

const CHECKPOINT = "cut.safetensors.checkpoint";
const { at, write: put, read, run, output, assertFails, inspect, tensors, interruptedTraining } = workshop();

before(() => {
  put("text.txt", makeText(400));
  put("held-out.txt", makeText(450).slice(makeText(400).length));
  output(["train", "text.txt", "--output", "net.safetensors", "--passes", "1", ...SIZES]);
});

beforeEach(() => {
  for (const name of ["cut.safetensors", CHECKPOINT, "uncut.safetensors"]) rmSync(at(name), { force: true });
});

const LONG = ["train", "text.txt", "--held-out", "0.1", "--passes", "20", "--dropout", "0.2", "--layers", "2", ...SIZES];

test("Ctrl-C writes a checkpoint, and --resume ends with the weights of an uninterrupted run", async () => {
  output([...LONG, "--output", "uncut.safetensors"]);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const { status, stderr } = await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], signal);
    assert.equal(status, 130);
    assert.match(stderr, /stopped; wrote cut\.safetensors\.checkpoint: go on with --resume/);
    assert.ok(!existsSync(at("cut.safetensors")));
    const text = signal === "SIGINT" ? ["text.txt"] : []; // it is in the checkpoint too
    output(["train", ...text, "--output", "cut.safetensors", "--resume"]);
    const [cut, uncut] = ["cut", "uncut"].map(name => readTensors(readFileSync(at(`${name}.safetensors`))));
    delete cut.metadata["train.minutes"];
    delete uncut.metadata["train.minutes"];
    assert.deepEqual(cut, uncut);
    assert.ok(!existsSync(at("cut.safetensors.checkpoint")), "the finished training removes its checkpoint");
    rmSync(at("cut.safetensors"));
  }
});

test("a checkpoint goes on only with its own text", async () => {
  await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  const checkpoint = read("cut.safetensors.checkpoint");
  put("other.txt", `the ${makeText(400)}`);
  const resume = (...args) => ["train", ...args, "--output", "cut.safetensors", "--resume"];
  assertFails(resume("other.txt"), 1, /cut\.safetensors\.checkpoint: .* made from another text/);
  assertFails(resume("text.txt", "--held-out", "0.2"), 1, /made from another text, or with another part of it held out/);
  assertFails(resume("text.txt", "--held-out", "held-out.txt"), 1, /another part of it held out/);
  assertFails(resume("text.txt", "--batch", "5"), 1, /does not fit this trainer/);
  assertFails([...resume("text.txt"), "--checkpoint", "none"], 1, /none: No such file/);
  assertFails(
    [...resume("text.txt"), "--checkpoint", "net.safetensors"],
    1,
    /net\.safetensors: these bytes are a network, but no checkpoint of a training/,
  );
  assertFails(["train", "text.txt", "--output", "cut.safetensors", ...SIZES], 2, /cut\.safetensors\.checkpoint is there .* --resume/);
  assert.deepEqual(read("cut.safetensors.checkpoint"), checkpoint, "none of this changes it");
  put("cut.safetensors.checkpoint", checkpoint.subarray(0, checkpoint.length / 2));
  assertFails(resume("text.txt"), 1, /cut\.safetensors\.checkpoint: .*ends within/);
});

test("a checkpoint carries its texts, and a held-out file of its own is not needed again", async () => {
  const args = ["train", "text.txt", "--held-out", "gone.txt", "--passes", "20", ...SIZES];
  put("gone.txt", read("held-out.txt"));
  output([...args, "--output", "uncut.safetensors"]);
  await interruptedTraining([...args, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  rmSync(at("gone.txt"));
  const { tensors, metadata } = readTensors(read(CHECKPOINT));
  assert.equal(metadata["train.held-out"], "gone.txt");
  assert.deepEqual(Buffer.from(tensors.text.data), read("text.txt"));
  assert.deepEqual(Buffer.from(tensors.held_out.data), read("held-out.txt"));
  output(["train", "--output", "cut.safetensors", "--resume"]);
  const [cut, uncut] = ["cut", "uncut"].map(name => readTensors(readFileSync(at(`${name}.safetensors`))));
  assert.deepEqual(cut.tensors, uncut.tensors);
  assert.equal(cut.metadata["heldOut.bitsPerCharacter"], uncut.metadata["heldOut.bitsPerCharacter"]);
});

test("a text above 20 MiB stays outside the checkpoint and is asked for", async () => {
  put(
    "long.txt",
    makeText(400)
      .repeat(2100)
      .slice(0, 21 * 2 ** 20),
  );
  const options = ["--checkpoint-minutes", "0", "--hidden", "1", "--embedding", "0", "--batch", "512", "--window", "64"];
  const { stderr } = await interruptedTraining(["train", "long.txt", "--output", "cut.safetensors", ...options], "SIGINT");
  assert.match(stderr, /stopped/);
  assert.equal(readTensors(read(CHECKPOINT)).tensors.text, undefined);
  assertFails(["train", "--output", "cut.safetensors", "--resume"], 1, /no text in it: give the text that it was made from/);
  rmSync(at(CHECKPOINT));
  rmSync(at("long.txt"));
});

const tensorsOf = bytes => readTensors(bytes).tensors;
const golden = name => fileURLToPath(new URL(`golden/checkpoints/${name}`, import.meta.url));

test("checkpoints of the page and of earlier versions go on to the weights that they would have had", () => {
  const finish = (name, ...args) => {
    put("old.checkpoint", readFileSync(golden(name)));
    output(["train", ...args, "--output", "old.safetensors", "--checkpoint", "old.checkpoint", "--resume", "--keep", "last", "--force"]);
    assert.ok(existsSync(at("old.checkpoint")), "a checkpoint that was named stays");
    return JSON.parse(output(["inspect", "old.safetensors", "--json"])).fingerprint;
  };
  assert.equal(finish("page.safetensors"), "b28c126a");
  assert.equal(finish("page.safetensors", golden("text.txt")), "b28c126a");
  assert.equal(finish("command.safetensors", golden("text.txt"), "--held-out", golden("held-out.txt")), "e9cf8121");
  const kept = read("held-out.txt");
  put("held-out.txt", readFileSync(golden("held-out.txt")));
  assert.equal(finish("command.safetensors", golden("text.txt")), "e9cf8121", "its metadata names the held-out file");
  put("held-out.txt", kept);
});

test("what a page's checkpoint has besides stays in it when the command goes on", async () => {
  const bestOf = async bits => {
    const best = changed(tensorsOf(readFileSync(golden("page.safetensors"))).best.data, parts => {
      parts.metadata["heldOut.bitsPerToken"] = bits;
    });
    put(
      CHECKPOINT,
      changed(readFileSync(golden("page.safetensors")), ({ tensors }) => {
        tensors.best = { dtype: "U8", shape: [best.length], data: best };
      }),
    );
    const options = ["--resume", "--passes", "100000", "--checkpoint-minutes", "0.0002"];
    const { status } = await interruptedTraining(["train", "--output", "cut.safetensors", ...options], "SIGINT");
    assert.equal(status, 130);
    const kept = Buffer.from(tensorsOf(read(CHECKPOINT)).best.data);
    rmSync(at(CHECKPOINT));
    return { best: Buffer.from(best), kept };
  };
  const good = await bestOf("0.5");
  assert.deepEqual(good.kept, good.best, "the best network stays until there is a better one");
  const poor = await bestOf("99");
  assert.ok(Number(readTensors(poor.kept).metadata["heldOut.bitsPerToken"]) < 5);
});

test("a checkpoint whose vocabulary is not its network's is refused", async () => {
  await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  const many = Array.from({ length: 50_000 }, (_, i) => String.fromCodePoint(0x20 + i));
  put(
    CHECKPOINT,
    changed(read(CHECKPOINT), ({ tensors }) => (tensors.vocab = vocabTensor(many))),
  );
  assertFails(
    ["train", "text.txt", "--output", "cut.safetensors", "--resume"],
    1,
    /the vocabulary has 50000 tokens, the network reads \d+ and writes \d+; they must be equal/,
  );
});

test("every cell trains, from the zero state or from a network that exists", () => {
  for (const cell of ["tanh", "gru", "lstm"]) {
    output(["train", "text.txt", "--output", "cell.safetensors", "--cell", cell, "--passes", "1", "--force", ...SIZES]);
    assert.equal(JSON.parse(output(["inspect", "cell.safetensors", "--json"])).cell, cell);
  }
  output([
    "train",
    "text.txt",
    "--from",
    "net.safetensors",
    "--output",
    "more.safetensors",
    "--passes",
    "1",
    "--rate",
    "0",
    "--batch",
    "4",
    "--window",
    "16",
  ]);
  const [net, more] = ["net", "more"].map(name => readTensors(readFileSync(at(`${name}.safetensors`))));
  assert.deepEqual(more.tensors, net.tensors, "at rate 0 it stays what it was");
  assert.equal(more.metadata["train.hidden"], "24");
});

test("texts too poor to train on are refused", () => {
  put("empty.txt", "");
  put("short.txt", "short");
  put("one.txt", "a".repeat(500));
  put("one-word.txt", "a ".repeat(500));
  const train = (name, ...more) => ["train", name, "--output", "odd.safetensors", "--passes", "1", ...SIZES, ...more];
  assertFails(train("empty.txt"), 1, /empty\.txt: the text has 0 different characters/);
  assertFails(train("short.txt"), 1, /short\.txt: the text has 5 characters to train on; 4 streams of 16 need 65/);
  assertFails(train("one.txt"), 1, /one and the same character over and over: there is nothing to learn/);
  assertFails(train("one-word.txt", "--level", "words"), 1, /one and the same token over and over/);
});
