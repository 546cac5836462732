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
const { at, write: put, read, run, output, assertFails, inspect, tensors, start, interruptedTraining, shell } = workshop();

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
  for (const [signal, code] of [
    ["SIGINT", 130], // 128 and the signal's number, as a shell says it
    ["SIGTERM", 143],
  ]) {
    const { status, stderr } = await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], signal);
    assert.equal(status, code);
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
  assertFails(resume("text.txt", "--batch", "5"), 1, /does not fit a batch of 5/);
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

test("a checkpoint with one bit changed, in whatever it holds, is refused and named", async () => {
  const args = [...LONG, "--held-out", "held-out.txt", "--meta", "note=mine", "--output", "cut.safetensors"];
  await interruptedTraining([...args, "--checkpoint-minutes", "0"], "SIGINT");
  const whole = read(CHECKPOINT);
  const names = Object.keys(tensorsOf(whole));
  for (const name of ["trainer.m", "trainer.v", "fc.weight", "vocab", "trainer.sum", "text", "held_out", "best"])
    assert.ok(names.includes(name), name);
  for (const name of [...names, "the metadata"]) {
    const damaged = Buffer.from(whole);
    if (name === "the metadata") damaged[damaged.indexOf("mine")] ^= 1;
    else tensorsOf(damaged)[name].data[2] ^= 1; // it lies in the file's own bytes
    assert.notDeepEqual(damaged, whole, name);
    put(CHECKPOINT, damaged);
    assertFails("train --resume --output cut.safetensors", 1, /cut\.safetensors\.checkpoint: the file is damaged: .*; take another copy\n/);
    assert.deepEqual(read(CHECKPOINT), damaged, name);
  }
  put(CHECKPOINT, whole);
  output("train --resume --output cut.safetensors");
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
});

test("a file that a checkpoint names is not opened: it is asked for", () => {
  put("old.checkpoint", readFileSync(golden("command.safetensors"))); // it names held-out.txt, which is here
  const resume = ["train", golden("text.txt"), "--output", "unmade.safetensors", "--checkpoint", "old.checkpoint", "--resume"];
  assertFails(resume, 2, /measures with the file held-out\.txt and does not hold it: give it with --held-out/);
});

test("a checkpoint's place that another file has taken in the meantime is left to it", async () => {
  const training = start([...LONG, "--output", "slow.safetensors", "--passes", "1000000"]);
  await training.until(() => /pass \d/.test(training.stderr));
  put("slow.safetensors.checkpoint", "precious");
  training.child.kill("SIGINT");
  const { status, stderr } = await training.ended;
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /cannot write slow\.safetensors\.checkpoint: File exists\n.*wrote .*saved-\d+-slow\.safetensors\.checkpoint instead/,
  );
  assert.equal(String(read("slow.safetensors.checkpoint")), "precious");
  rmSync(at(/wrote (.*) instead/.exec(stderr)[1]));
});

test("a checkpoint is not named as a lock is, nor as standard input", () => {
  const train = (...args) => ["train", "text.txt", "--output", "odd.safetensors", ...args, ...SIZES];
  assertFails(train("--checkpoint", "odd.safetensors.locked"), 1, /its name is that of a lock/);
  assertFails(train("--checkpoint", "-"), 2, /a file to write needs a name/);
  assertFails(train("--checkpoint", ""), 2, /a file to write needs a name/);
});

test("weights so large that the logits are no numbers have no score", () => {
  const huge = changed(read("net.safetensors"), ({ tensors }) => {
    const { data } = tensors["fc.weight"];
    for (let i = 0; i < data.length; i += 4) data.set(new Uint8Array(Float32Array.of(3e38).buffer), i);
  });
  put("huge.safetensors", huge);
  assertFails(["score", "huge.safetensors", "text.txt"], 1, /the logits are no numbers any more/);
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

// ---- which network is written ----

const HUGE = new Uint8Array(new Float32Array([3e38]).buffer); // a weight that makes the loss infinite
const withHugeBias = bytes =>
  changed(bytes, ({ tensors }) => {
    for (const i of [0, 1, 2]) tensors["fc.weight"].data.set(HUGE, 4 * i);
  });
const scoreOf = (name, text) => JSON.parse(output(["score", name, text, "--json"])).bitsPerCharacter;
const OVERFIT =
  "train short.txt --held-out held-out.txt --hidden 48 --embedding 8 --batch 2 --window 16 --passes 60 --rate 0.02 --warmup 5";

test("with a held-out text the best network of all passes is written, with its own figure; --keep last writes the last", () => {
  put("short.txt", makeText(25));
  const { stderr } = run(`${OVERFIT} --output best.st`);
  const [, before, after] = /it was better before, with about ([\d.]+) bits \(([\d.]+) at the end\); that network is the one/.exec(stderr);
  assert.ok(Number(before) < Number(after));
  const { metadata } = inspect("best.st");
  const updates = Number(metadata["train.updates"]);
  assert.ok(updates > 0 && updates % 22 === 0 && updates < 60 * 22, `${updates} updates: so many passes of 22`);
  assert.equal(scoreOf("best.st", "held-out.txt").toFixed(4), metadata["heldOut.bitsPerCharacter"]);
  assert.equal(metadata["heldOut.bitsPerToken"], undefined);
  const last = run(`${OVERFIT} --output last.st --keep last`);
  assert.match(last.stderr, /better before, .*; the last one is written all the same/);
  assert.equal(inspect("last.st").metadata["train.updates"], String(60 * 22));
  assert.ok(scoreOf("last.st", "held-out.txt") > scoreOf("best.st", "held-out.txt"));
});

test("the best network is the same one with and without a stop on the way", async () => {
  put("short.txt", makeText(25));
  output(`${OVERFIT} --output uncut.safetensors`);
  const stopped = await interruptedTraining(`${OVERFIT} --output cut.safetensors --checkpoint-minutes 0.0001`, "SIGINT");
  assert.equal(stopped.status, 130, stopped.stderr);
  for (let stop = 0; stop < 3; stop++)
    await interruptedTraining("train --resume --output cut.safetensors --force --checkpoint-minutes 0.0001", "SIGINT");
  if (!existsSync(at("cut.safetensors"))) output("train --resume --output cut.safetensors");
  const [cut, uncut] = ["cut.safetensors", "uncut.safetensors"].map(tensors);
  for (const { metadata } of [cut, uncut]) delete metadata["train.minutes"];
  assert.deepEqual(cut, uncut);
});

test("where the held-out text finds the beginning better than all passes, the beginning is written", () => {
  put("gibberish.txt", [...makeText(60)].reverse().join(""));
  output(["train", "text.txt", "--output", "good.st", "--passes", "6", ...SIZES, "--rate", "0.01"]);
  const args = ["train", "gibberish.txt", "--from", "good.st", "--held-out", "held-out.txt", "--output", "kept.st", "--passes", "3"];
  const { status, stderr } = run([...args, "--batch", "4", "--window", "16"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /it was better before/);
  assert.deepEqual(tensors("kept.st").tensors, tensors("good.st").tensors);
});

test("without a held-out text a training that explodes keeps what it was before, and says so", async () => {
  const small = ["train", "text.txt", ...SIZES, "--passes", "3", "--held-out", "0"];
  const exploding = [...small, "--rate", "1000", "--clip", "0"];
  const { stderr } = run([...exploding, "--output", "calm.st"]);
  assert.match(stderr, /better before, with about 4\.\d+ bits \(\d+\.\d+ at the end\); that network is the one/);
  assert.equal(inspect("calm.st").metadata["train.updates"], "0");
  assert.equal(inspect("calm.st").metadata["train.bits"], undefined);
  const last = run([...exploding, "--output", "wild.st", "--keep", "last"]);
  assert.match(last.stderr, /bits per character this network is worse than a guess among all \(4\.\d+ bits\): a lower --rate/);
  assert.equal(last.status, 0);
  const calm = run([...small, "--output", "plain.st"]);
  assert.doesNotMatch(calm.stderr, /better before|worse than a guess/);
  assert.equal(inspect("plain.st").metadata["train.updates"], String(3 * (Math.floor(([...makeText(400)].length - 1) / 64) - 1)));
});

test("where a number is not finite any more the best network is written, exit 1; without one the checkpoint is named", async () => {
  put("short.txt", makeText(25));
  await interruptedTraining(`${OVERFIT} --passes 5000 --output cut.safetensors --checkpoint-minutes 0.0001`, "SIGINT");
  const best = Buffer.from(tensors(CHECKPOINT).tensors.best.data);
  put("broken", withHugeBias(read(CHECKPOINT)));
  const checkpoint = read("broken");
  const { status, stderr } = run("train --resume --checkpoint broken --output saved.st");
  assert.match(stderr, /after \d+ updates a number is not finite any more: try a lower --rate\n.*better before/);
  assert.match(stderr, /wrote saved\.st/);
  assert.equal(status, 1);
  assert.deepEqual(tensors("saved.st").tensors, readTensors(best).tensors);
  assert.deepEqual(read("broken"), checkpoint, "no checkpoint is replaced by one that is broken");
  put(CHECKPOINT, checkpoint);
  assert.equal(run("train --resume --output cut.safetensors").status, 1);
  assert.deepEqual(read(CHECKPOINT), checkpoint, "its own one stays too");
  put(
    "broken",
    changed(checkpoint, parts => delete parts.tensors.best),
  );
  assertFails("train --resume --checkpoint broken --output none.st", 1, /no better network to write; .* there is broken/);
  put("huge.st", withHugeBias(read("net.safetensors")));
  assertFails("train text.txt --from huge.st --output none.st --batch 4 --window 16", 1, /there is no better network to write\n/);
  assert.ok(!existsSync(at("none.st")));
});

test("a checkpoint whose best network is damaged is refused", () => {
  put(
    CHECKPOINT,
    changed(readFileSync(golden("page.safetensors")), ({ tensors }) => {
      tensors.best = { dtype: "U8", shape: [100], data: tensors.best.data.slice(0, 100) };
    }),
  );
  assertFails("train --resume --output cut.safetensors", 1, /the best network in the checkpoint: .*ends within/);
});

test("a checkpoint whose best network is of other sizes, or reads other tokens, is refused", async () => {
  await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  const checkpoint = read(CHECKPOINT);
  put("other.txt", `${makeText(400)}z`);
  for (const [text, ...args] of [
    ["text.txt", "--cell", "gru"],
    ["text.txt", "--layers", "1"],
    ["text.txt", "--hidden", "25"],
    ["text.txt", "--embedding", "9"],
    ["other.txt"],
  ]) {
    output(["train", text, "--output", "best.st", "--force", "--layers", "2", ...SIZES, "--passes", "1", ...args]);
    put(
      CHECKPOINT,
      changed(checkpoint, ({ tensors }) => {
        tensors.best = { dtype: "U8", shape: [read("best.st").length], data: read("best.st") };
      }),
    );
    assertFails(
      "train --resume --output cut.safetensors",
      1,
      /cut\.safetensors\.checkpoint: the best network in it is not of this training/,
    );
  }
});

test("a text with other line ends is the same text to its checkpoint, and another one is not", async () => {
  output([...LONG, "--held-out", "held-out.txt", "--output", "uncut.safetensors"]);
  await interruptedTraining([...LONG, "--held-out", "held-out.txt", "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  put("old-text.txt", makeText(400).replaceAll("\n", "\r"));
  put("old-held-out.txt", String(read("held-out.txt")).replaceAll("\n", "\r"));
  put("other.txt", `the ${makeText(400)}`.replaceAll("\n", "\r"));
  assertFails("train other.txt --resume --output cut.safetensors", 1, /made from another text/);
  output("train old-text.txt --held-out old-held-out.txt --resume --output cut.safetensors");
  assert.deepEqual(tensors("cut.safetensors").tensors, tensors("uncut.safetensors").tensors);
});

test("a checkpoint of a training that has had all its updates is written as a network at once", async () => {
  put("line.txt", "to be, or not to be: that is the");
  const sizes = "--hidden 2 --embedding 0 --batch 2 --window 8"; // a pass is one update
  await interruptedTraining(`train line.txt --output cut.safetensors ${sizes} --passes 1000000 --checkpoint-minutes 0`, "SIGINT");
  const { metadata, tensors: stopped } = tensors(CHECKPOINT);
  output(`train --resume --output cut.safetensors --passes ${metadata["train.updates"]} --keep last`);
  const written = tensors("cut.safetensors");
  assert.equal(written.metadata["train.updates"], metadata["train.updates"]);
  assert.ok(Object.keys(written.tensors).length > 6);
  for (const [name, tensor] of Object.entries(written.tensors)) assert.deepEqual(tensor, stopped[name], name);
});

test("the last figure of the progress and the final one agree, also of a short text and of one in parts", () => {
  const long = makeText(2000);
  put("list.txt", [...new Set(long.split(/[^a-zа-яï]+/i))].join("\n").repeat(20));
  put("long.txt", long);
  for (const [name, share] of [
    ["list.txt", "0.3"],
    ["long.txt", "0.3"],
    ["long.txt", "0.9"], // in as many parts as there are at most
  ]) {
    const args = ["train", name, "--held-out", share, "--output", "x.st", "--force", ...SIZES, "--passes", "1"];
    const { stderr } = run(args);
    const about = Number(/held out about ([\d.]+) bits/.exec(stderr)[1]);
    const final = Number(/held out: ([\d.]+) bits/.exec(stderr)[1]);
    assert.ok(Math.abs(about - final) < 0.02, `${name}: about ${about}, finally ${final}`);
  }
});

// ---- what is asked for ----

test("a setting that the network cannot obey is refused by its name", async () => {
  const from = ["train", "text.txt", "--from", "net.safetensors", "--output", "x", "--batch", "4", "--window", "16"];
  for (const [name, value, is] of [
    ["hidden", "25", "24"],
    ["hidden", "256", "24"],
    ["embedding", "0", "8"],
    ["layers", "2", "1"],
    ["cell", "gru", "lstm"],
    ["level", "words", "characters"],
  ]) {
    const sentence = new RegExp(`--${name} ${value} cannot be obeyed: the network has ${is}`);
    assertFails([...from, `--${name}`, value], 2, sentence);
    await interruptedTraining([...LONG, "--layers", "1", "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
    assertFails(["train", "--resume", "--output", "cut.safetensors", `--${name}`, value], 2, sentence);
    rmSync(at(CHECKPOINT));
  }
  output([...from, "--hidden", "024", "--cell", "lstm", "--level", "characters", "--passes", "1"]);
  assertFails([...from, "--resume", "--checkpoint", "net.safetensors"], 2, /--from cannot be obeyed with --resume/);
  assertFails([...from, "--keep", "first", "--force"], 2, /--keep is best or last, not "first"/);
  put("words.txt", "one two three four five six seven. ".repeat(60));
  const words = ["train", "words.txt", "--level", "words", "--batch", "2", "--window", "8", "--passes", "1", "--hidden", "4", "--force"];
  output([...words, "--output", "words.st", "--vocabulary", "5"]);
  assert.equal(inspect("words.st").vocabulary.length, 5);
  for (const vocabulary of ["5", "0"])
    output([...words, "--from", "words.st", "--output", "more.st", "--vocabulary", vocabulary, "--embedding", "128"]);
  output([...from, "--vocabulary", "4", "--passes", "1", "--force"]); // of words only
  assertFails([...words, "--from", "words.st", "--output", "more.st", "--vocabulary", "4"], 2, /--vocabulary 4 cannot be obeyed/);
});

test("a text that the network of --from hardly knows is refused unless forced", () => {
  put("greek.txt", `${"αβγδε ".repeat(50)}${"the cat ".repeat(60)}`);
  const args = [
    "train",
    "greek.txt",
    "--from",
    "net.safetensors",
    "--output",
    "greek.st",
    "--passes",
    "1",
    "--batch",
    "4",
    "--window",
    "16",
  ];
  assertFails(args, 1, /32\.1 % of the text's characters are not among those that net\.safetensors knows; --force/);
  const { status, stderr } = run([...args, "--force"]);
  assert.equal(status, 0);
  assert.match(stderr, /250 characters are not in the vocabulary and were left out/);
  put("some-greek.txt", `${"α".repeat(4)}${"the cat ".repeat(60)}`);
  output(["train", "some-greek.txt", ...args.slice(2), "--force"]);
});

test("words or examples that the network of --from hardly knows are refused too; where it knows none, always", () => {
  const sizes = "--passes 1 --batch 2 --window 8 --hidden 4";
  put("animals.txt", "the cat sees a dog . ".repeat(60));
  output(`train animals.txt --level words --output animals.st ${sizes}`);
  const share = known => `${"the cat ".repeat(known)}${"un chien ".repeat(100 - known)}`.repeat(4);
  let asked = 0;
  const more = (text, from, ...rest) => {
    put("more.txt", text);
    return ["train", "more.txt", "--from", from, "--output", `strange${asked++}.st`, "--passes", "1", "--batch", "2", ...rest];
  };
  const refused = /60\.0 % of the text's words are not among those that animals\.st knows; --force/;
  assertFails(more(share(40), "animals.st", "--window", "8"), 1, refused);
  output(more(share(60), "animals.st", "--window", "8"));
  output(more(share(40), "animals.st", "--window", "8", "--force"));
  const none = [share(0), "animals.st", "--window", "8"];
  for (const args of [more(...none), more(...none, "--force")])
    assertFails(args, 1, /the text has no word that animals\.st knows: there is nothing to learn/);

  const table = letters => Array.from({ length: 60 }, (_, i) => `${letters}\t${i % 2 ? "one" : "two"}\n`).join("");
  put("latin.txt", table("abc"));
  output("train latin.txt --pattern many-to-one --output latin.st --hidden 4 --embedding 4 --passes 1 --batch 2");
  assertFails(more(table("abcд"), "latin.st"), 1, /25\.0 % of the text's characters are not among those that latin\.st knows/);
  assertFails(more(table("где"), "latin.st", "--force"), 1, /the text has no character that latin\.st knows/);
});

test("the metadata of --meta outlasts a stop; what is given anew replaces it", async () => {
  const meta = ["--meta", "corpus=a few words", "--meta", "train.before=nothing", "--meta", "terms=none"];
  await interruptedTraining([...LONG, ...meta, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  await interruptedTraining("train --resume --output cut.safetensors --checkpoint-minutes 0 --meta terms=some", "SIGINT");
  output("train --resume --output cut.safetensors");
  const { metadata } = inspect("cut.safetensors");
  assert.equal(metadata.corpus, "a few words");
  assert.equal(metadata["train.before"], "nothing");
  assert.equal(metadata.terms, "some");
  assert.equal(metadata["train.loss"], undefined);
});

test("progress on a terminal is one line that is written over", () => {
  const { stdout, status } = shell('"$terminal" "$nextchar" train text.txt --output tty.st --passes 2 --held-out 0.1 --batch 4');
  assert.equal(status, 0);
  assert.match(stdout, /\r\u001b\[Kpass 1\.00 of 2 .*\r\u001b\[Kpass 2\.00 of 2 .* left\r\nheld out: /s);
});

test("what goes wrong amid it gets a line of its own there", () => {
  const limit = 500_000; // bytes: the network has 300,000, its checkpoint three times as many
  const options = `${SIZES.join(" ")} --hidden 128 --passes 15 --held-out 0 --checkpoint-minutes 0.005`;
  const line = `"$terminal" prlimit --fsize=${limit} "$nextchar" train text.txt --output tty.st --force ${options}`;
  const { stdout, status } = shell(line);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /\r\u001b\[Kpass \d+\.\d\d of 15  loss \d\.\d+ nats  \d+ chars\/s  \d+:\d\d left\r?\n/);
  assert.match(stdout, /\r\nnextchar: cannot write tty\.st\.checkpoint: File too large; the training goes on\r\n/);
  assert.equal(inspect("tty.st").hidden, 128);
});
