// SPDX-License-Identifier: MIT
//
// The command build/nextchar as a person uses it: train, write, score, inspect, quantize, markov, novelty, and what it says to wrong use.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { changed, command, readTensors, vocabTensor } from "./helpers.mjs";

const folder = mkdtempSync(join(tmpdir(), "nextchar-"));
const at = name => join(folder, name);
const COMMANDS = ["train", "write", "score", "inspect", "quantize", "markov", "novelty"];

/** Runs the command in the folder of the test's files. */
const run = (args, input = "") => spawnSync(command, args, { cwd: folder, input, encoding: "utf8", maxBuffer: 1 << 26 });

/** Its standard output; anything but exit code 0 fails the test. */
function output(args, input) {
  const { status, stdout, stderr } = run(args, input);
  assert.equal(status, 0, stderr);
  return stdout;
}

function assertFails(args, code, sentence, input) {
  const { status, stderr } = run(args, input);
  assert.match(stderr, sentence, args.join(" "));
  assert.equal(status, code, `${args.join(" ")}: ${stderr}`);
}

/** Sentences of a few words and signs in some order, the same every time. */
function makeText(sentences) {
  const words = ["the", "cat", "sees", 'a "small" dog', "and", "naïve", "кот", "back\\slash"];
  let dice = 1;
  let text = "";
  for (let i = 0; i < sentences; i++) {
    const sentence = Array.from({ length: 4 }, () => words[(dice = (dice * 48271) % 0x7fffffff) % words.length]);
    text += `${sentence.join(" ")}.\n`;
  }
  return text;
}

const SIZES = ["--hidden", "24", "--embedding", "8", "--batch", "4", "--window", "16"];

before(() => {
  writeFileSync(at("text.txt"), makeText(400));
  writeFileSync(at("held-out.txt"), makeText(450).slice(makeText(400).length));
  output([
    "train",
    "text.txt",
    "--output",
    "net.safetensors",
    "--held-out",
    "held-out.txt",
    "--passes",
    "12",
    "--rate",
    "0.01",
    "--warmup",
    "10",
    ...SIZES,
    "--meta",
    "corpus=a few words",
    "--meta",
    "licence=none",
    "--meta",
    "note=a\u001b[2J\nb \u007fя",
  ]);
});
after(() => rmSync(folder, { recursive: true }));

// ---- help and wrong use ----

test("help lists the commands, and each command's help its options", () => {
  const help = output(["--help"]);
  for (const name of COMMANDS) {
    assert.match(help, new RegExp(`nextchar ${name} `));
    assert.match(output([name, "--help"]), new RegExp(`usage: nextchar ${name} `));
  }
  assert.match(output(["train", "--help"]), /--held-out .*\n.*--from[\s\S]*--resume/);
  assert.match(output(["--version"]), /^nextchar \d+\.\d+\.\d+ \(\w+/);
});

test("wrong use exits with 2 and says what was wrong", () => {
  assert.equal(run([]).status, 2);
  for (const [args, sentence] of [
    [["sing"], /no command sing/],
    [["write"], /needs a weights file/],
    [["write", "net.safetensors", "more"], /one operand too many: more/],
    [["write", "net.safetensors", "--colour", "red"], /no option --colour/],
    [["write", "net.safetensors", "--length"], /--length needs N/],
    [["write", "net.safetensors", "--length", "ten"], /--length needs a whole number .* not "ten"/],
    [["write", "net.safetensors", "--length", "-1"], /--length needs a whole number .* not "-1"/],
    [["write", "net.safetensors", "--seed", "99999999999"], /--seed needs a whole number/],
    [["write", "net.safetensors", "--temperature", "warm"], /--temperature needs a number, not "warm"/],
    [["write", "net.safetensors", "--temperature", "0,8"], /--temperature needs a number, not "0,8"/],
    [["write", "net.safetensors", "--temperature="], /--temperature needs a number, not ""/],
    [["write", "net.safetensors", "--temperature", "-1"], /temperature must be a number from 0 up/],
    [["write", "net.safetensors", "--temperature", "nan"], /temperature must be a number from 0 up/],
    [["write", "net.safetensors", "--top-p", "1.5"], /top_p from 0 to 1/],
    [["score", "net.safetensors", "--json=yes"], /--json takes no value/],
    [["train", "text.txt"], /needs a text file and --output/],
    [["train", "--output", "x.safetensors"], /needs a text file and --output/],
    [["train", "text.txt", "--output", "text.txt"], /text\.txt is given for two things/],
    [["train", "text.txt", "--output", "x", "--held-out", "x"], /x is given for two things/],
    [["train", "text.txt", "--output", "x", "--checkpoint", "x"], /x is given for two things/],
    [["train", "--output", "x.safetensors", "--from", "net.safetensors"], /needs a text file and --output/],
    [["train", "text.txt", "--output", "x", "--cell", "transformer"], /--cell is transformer; it must be one of tanh, gru, lstm/],
    [["train", "text.txt", "--output", "x", "--optimizer", "sgd"], /--optimizer is sgd; it must be one of adam, rmsprop/],
    [["train", "text.txt", "--output", "x", "--hidden", "0"], /--hidden is 0; it must be a whole number from 1 to 4096/],
    [["train", "text.txt", "--output", "x", "--rate=fast"], /--rate is fast; it must be a number from 0 to 1000000/],
    [["train", "text.txt", "--output", "x", "--dropout", "1"], /--dropout is 1; it must be a number from 0 to below 1/],
    [["train", "text.txt", "--output", "x", "--slices", "3"], /20 streams cannot be parted into 3 equal slices/],
    [["train", "text.txt", "--output", "x", "--passes", "1000000000"], /passes is 1000000000: with \d+ updates each these are too many/],
    [["train", "text.txt", "--output", "x", "--held-out", "2"], /--held-out needs a file, or a share/],
    [["train", "text.txt", "--output", "x", "--meta", "corpus"], /--meta needs KEY=VALUE/],
    [["train", "text.txt", "--output", "x", "--meta", "a=1", "--meta", "a=2"], /the metadata has the key a twice/],
    [["train", "text.txt", "--output", "x", "--meta", "train.seed=2"], /the metadata has the key train\.seed twice/],
    [["quantize", "net.safetensors"], /needs a weights file and --output/],
  ])
    assertFails(args, 2, sentence);
  assert.ok(!existsSync(at("x")));
});

test("files that cannot be read or written end with 1 and their name, before any training", () => {
  mkdirSync(at("a-folder"), { recursive: true });
  assertFails(["write", "none.safetensors"], 1, /none\.safetensors: No such file/);
  assertFails(["write", "a-folder"], 1, /a-folder: Is a directory/);
  assertFails(["train", "none.txt", "--output", "x"], 1, /none\.txt: No such file/);
  assertFails(
    ["train", "text.txt", "--output", "no-folder/x", "--passes", "1000000", ...SIZES],
    1,
    /cannot write no-folder\/x: No such file/,
  );
  assertFails(
    ["train", "text.txt", "--output", "x", "--checkpoint", "no-folder/y", "--passes", "1000000", ...SIZES],
    1,
    /cannot write no-folder\/y/,
  );
});

test("files that are no network end with 1 and the reason", () => {
  const whole = readFileSync(at("net.safetensors"));
  const nan = Buffer.from(whole);
  nan.writeUInt32LE(0x7fc00000, 8 + whole.readUInt32LE(0));
  const header = Number(whole.readBigUInt64LE(0));
  for (const [bytes, sentence] of [
    [Buffer.alloc(0), /the file has 0 bytes/],
    [Buffer.from("<!DOCTYPE html><title>404</title>"), /does not begin with the length of a safetensors header/],
    [whole.subarray(0, 1000), /ends within its header|ends within/],
    [whole.subarray(0, whole.length - 1), /ends within vocab/],
    [Buffer.concat([whole, whole]), /goes on after its last tensor/],
    [nan, /NaN or infinite/],
    [
      Buffer.concat([
        whole.subarray(0, 8),
        Buffer.from(
          whole
            .subarray(8, 8 + header)
            .toString()
            .replace('"nextchar.format":"1"', '"nextchar.format":"2"'),
        ),
        whole.subarray(8 + header),
      ]),
      /is of format 2/,
    ],
    [
      Buffer.concat([
        whole.subarray(0, 8),
        Buffer.from(
          whole
            .subarray(8, 8 + header)
            .toString()
            .replace('"vocab"', '"vocaB"'),
        ),
        whole.subarray(8 + header),
      ]),
      /has no vocabulary/,
    ],
  ]) {
    writeFileSync(at("bad.safetensors"), bytes);
    for (const name of ["write", "inspect", "score"])
      assertFails([name, "bad.safetensors"], 1, new RegExp(`bad\\.safetensors: .*${sentence.source}`), "the cat");
  }
});

// ---- write ----

test("the same seed writes the same text, another seed another", () => {
  const write = seed => output(["write", "net.safetensors", "--prompt", "the ", "--length", "200", "--seed", seed]);
  assert.equal(write("7"), write("7"));
  assert.notEqual(write("7"), write("8"));
  assert.ok(write("7").startsWith("the "));
  assert.equal([...write("7")].length, 4 + 200 + 1, "the prompt, as many characters as asked for, a line end");
});

test("temperature 0 takes the most probable character whatever the seed", () => {
  const write = (...args) => output(["write", "net.safetensors", "--length", "100", ...args]);
  const cold = write("--temperature", "0", "--seed", "1");
  assert.equal(write("--temperature", "0", "--seed", "2"), cold);
  assert.equal(write("--temperature", "1e-30", "--seed", "3"), cold);
  assert.equal(write("--top-k", "1", "--seed", "4"), cold);
  assert.equal(write("--top-p", "0", "--seed", "5"), cold);
  assert.notEqual(write("--temperature", "1.5", "--seed", "1"), cold);
});

test("every temperature from 0 up writes", () => {
  for (const temperature of ["1e-9", "0.5", "100", "1e9", "1e300", "inf"])
    assert.equal([...output(["write", "net.safetensors", "--length", "50", "--temperature", temperature])].length, 51);
});

test("an empty prompt, length 0 and a long prompt are fine", () => {
  assert.equal(output(["write", "net.safetensors", "--length", "0"]), "\n");
  assert.equal(output(["write", "net.safetensors", "--prompt", "", "--length", "0"]), "\n");
  const long = "the cat ".repeat(10000);
  assert.equal(output(["write", "net.safetensors", "--prompt", long, "--length", "0"]), `${long}\n`);
});

test("characters of the prompt that the network lacks are told and left out", () => {
  const { status, stdout, stderr } = run(["write", "net.safetensors", "--prompt", "the Ω😀cat", "--length", "0"]);
  assert.equal(status, 0);
  assert.equal(stdout, "the cat\n");
  assert.match(stderr, /2 characters of the prompt .* left out/);
});

// ---- score, inspect, quantize ----

test("what was trained on a text finds it probable, and the score of the held-out text is the stored one", () => {
  const score = name => JSON.parse(output(["score", "net.safetensors", name, "--json"]));
  const { metadata } = readTensors(readFileSync(at("net.safetensors")));
  const heldOut = score("held-out.txt");
  assert.ok(heldOut.bitsPerCharacter < 1.3, `${heldOut.bitsPerCharacter}`);
  assert.equal(heldOut.bitsPerCharacter.toFixed(4), metadata["heldOut.bitsPerCharacter"]);
  assert.equal(String(heldOut.characters), metadata["heldOut.characters"]);
  assert.equal(heldOut.unknown, 0);
});

test("score reads stdin and counts what it leaves out", () => {
  const fromInput = JSON.parse(output(["score", "net.safetensors", "--json"], "the catΩ sees"));
  assert.deepEqual([fromInput.characters, fromInput.unknown], [12, 1]);
  assert.match(output(["score", "net.safetensors", "-"], "the cat sees"), /^\d+\.\d{4} bits per character over 12 characters; 0 left out/);
  assertFails(["score", "net.safetensors"], 1, /no character that this network knows/, "ΩΩ");
});

test("inspect says what the file holds, as text and as JSON", () => {
  const text = output(["inspect", "net.safetensors"]);
  assert.match(text, /^lstm, 1 layer of 24 units, embedding of 8, vocabulary of \d+ characters\n/);
  assert.match(text, /\ncorpus: a few words\n/);
  assert.match(text, /\nnote: a \[2J b  я\n/, "without the control characters, which a terminal would obey");
  const json = JSON.parse(output(["inspect", "net.safetensors", "--json"]));
  const { metadata, tensors } = readTensors(readFileSync(at("net.safetensors")));
  assert.deepEqual([json.cell, json.layers, json.hidden, json.embedding, json.quantized], ["lstm", 1, 24, 8, false]);
  assert.deepEqual(json.vocabulary, [...new Set(makeText(400))].sort());
  assert.deepEqual(json.metadata, metadata);
  assert.equal(json.metadata["train.seed"], "1");
  assert.equal(json.metadata["train.held-out"], undefined, "a path of the person's machine is not in the file");
  assert.equal(
    json.parameters,
    Object.values(tensors)
      .filter(t => t.dtype === "F32")
      .reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b), 0),
  );
  assert.equal(json.bytes, readFileSync(at("net.safetensors")).length);
});

test("a quantized network is smaller, keeps its metadata and scores about the same", () => {
  output(["quantize", "net.safetensors", "--output", "small.safetensors", "--meta", "licence=other", "--meta", "rounded=yes"]);
  const small = JSON.parse(output(["inspect", "small.safetensors", "--json"]));
  const whole = JSON.parse(output(["inspect", "net.safetensors", "--json"]));
  assert.equal(small.quantized, true);
  assert.ok(small.bytes < 0.6 * whole.bytes, "of a small file the header is much");
  assert.deepEqual(small.metadata, { ...whole.metadata, licence: "other", rounded: "yes" });
  const score = name => JSON.parse(output(["score", name, "held-out.txt", "--json"])).bitsPerCharacter;
  assert.ok(Math.abs(score("small.safetensors") - score("net.safetensors")) < 0.02);
});

// ---- train ----

const CHECKPOINT = "cut.safetensors.checkpoint";
const savedAt = () => (existsSync(at(CHECKPOINT)) ? statSync(at(CHECKPOINT)).mtimeMs : 0);

/** Starts a training that saves after every update, and stops it by the signal, again and again, once it has saved. */
function interruptedTraining(args, signal) {
  const before = savedAt();
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", data => (stderr += data));
    const poll = setInterval(() => savedAt() > before && child.kill(signal), 5);
    child.on("error", failed);
    child.on("close", status => {
      clearInterval(poll);
      done({ status, stderr });
    });
  });
}

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
  const checkpoint = readFileSync(at("cut.safetensors.checkpoint"));
  writeFileSync(at("other.txt"), `the ${makeText(400)}`);
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
  assert.deepEqual(readFileSync(at("cut.safetensors.checkpoint")), checkpoint, "none of this changes it");
  writeFileSync(at("cut.safetensors.checkpoint"), checkpoint.subarray(0, checkpoint.length / 2));
  assertFails(resume("text.txt"), 1, /cut\.safetensors\.checkpoint: .*ends within/);
  rmSync(at("cut.safetensors.checkpoint"));
});

test("a checkpoint carries its texts, and a held-out file of its own is not needed again", async () => {
  const args = ["train", "text.txt", "--held-out", "gone.txt", "--passes", "20", ...SIZES];
  writeFileSync(at("gone.txt"), readFileSync(at("held-out.txt")));
  output([...args, "--output", "uncut.safetensors"]);
  await interruptedTraining([...args, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  rmSync(at("gone.txt"));
  const { tensors, metadata } = readTensors(readFileSync(at(CHECKPOINT)));
  assert.equal(metadata["train.held-out"], "gone.txt");
  assert.deepEqual(Buffer.from(tensors.text.data), readFileSync(at("text.txt")));
  assert.deepEqual(Buffer.from(tensors.held_out.data), readFileSync(at("held-out.txt")));
  output(["train", "--output", "cut.safetensors", "--resume"]);
  const [cut, uncut] = ["cut", "uncut"].map(name => readTensors(readFileSync(at(`${name}.safetensors`))));
  assert.deepEqual(cut.tensors, uncut.tensors);
  assert.equal(cut.metadata["heldOut.bitsPerCharacter"], uncut.metadata["heldOut.bitsPerCharacter"]);
});

test("a text above 20 MiB stays outside the checkpoint and is asked for", async () => {
  writeFileSync(
    at("long.txt"),
    makeText(400)
      .repeat(2100)
      .slice(0, 21 * 2 ** 20),
  );
  const options = ["--checkpoint-minutes", "0", "--hidden", "1", "--embedding", "0", "--batch", "512", "--window", "64"];
  const { stderr } = await interruptedTraining(["train", "long.txt", "--output", "cut.safetensors", ...options], "SIGINT");
  assert.match(stderr, /stopped/);
  assert.equal(readTensors(readFileSync(at(CHECKPOINT))).tensors.text, undefined);
  assertFails(["train", "--output", "cut.safetensors", "--resume"], 1, /no text in it: give the text that it was made from/);
  rmSync(at(CHECKPOINT));
  rmSync(at("long.txt"));
});

const golden = name => fileURLToPath(new URL(`golden/checkpoints/${name}`, import.meta.url));

test("checkpoints of the page and of earlier versions go on to the weights that they would have had", () => {
  const finish = (name, ...args) => {
    writeFileSync(at("old.checkpoint"), readFileSync(golden(name)));
    output(["train", ...args, "--output", "old.safetensors", "--checkpoint", "old.checkpoint", "--resume"]);
    assert.ok(existsSync(at("old.checkpoint")), "a checkpoint that was named stays");
    return JSON.parse(output(["inspect", "old.safetensors", "--json"])).fingerprint;
  };
  assert.equal(finish("page.safetensors"), "b28c126a");
  assert.equal(finish("page.safetensors", golden("text.txt")), "b28c126a");
  assert.equal(finish("command.safetensors", golden("text.txt"), "--held-out", golden("held-out.txt")), "e9cf8121");
  const kept = readFileSync(at("held-out.txt"));
  writeFileSync(at("held-out.txt"), readFileSync(golden("held-out.txt")));
  assert.equal(finish("command.safetensors", golden("text.txt")), "e9cf8121", "its metadata names the held-out file");
  writeFileSync(at("held-out.txt"), kept);
});

test("what a page's checkpoint has besides stays in it when the command goes on", async () => {
  writeFileSync(at(CHECKPOINT), readFileSync(golden("page.safetensors")));
  const best = readTensors(readFileSync(at(CHECKPOINT))).tensors.best.data;
  const options = ["--resume", "--passes", "100000", "--checkpoint-minutes", "0"];
  const { status } = await interruptedTraining(["train", "--output", "cut.safetensors", ...options], "SIGINT");
  assert.equal(status, 130);
  assert.deepEqual(readTensors(readFileSync(at(CHECKPOINT))).tensors.best.data, best);
  rmSync(at(CHECKPOINT));
});

test("a checkpoint whose vocabulary is not its network's is refused", async () => {
  await interruptedTraining([...LONG, "--output", "cut.safetensors", "--checkpoint-minutes", "0"], "SIGINT");
  const many = Array.from({ length: 50_000 }, (_, i) => String.fromCodePoint(0x20 + i));
  writeFileSync(
    at(CHECKPOINT),
    changed(readFileSync(at(CHECKPOINT)), ({ tensors }) => (tensors.vocab = vocabTensor(many))),
  );
  assertFails(
    ["train", "text.txt", "--output", "cut.safetensors", "--resume"],
    1,
    /the vocabulary has 50000 tokens, the network reads \d+ and writes \d+; they must be equal/,
  );
  rmSync(at(CHECKPOINT));
});

test("every cell trains, from the zero state or from a network that exists", () => {
  for (const cell of ["tanh", "gru", "lstm"]) {
    output(["train", "text.txt", "--output", "cell.safetensors", "--cell", cell, "--passes", "1", ...SIZES]);
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

test("texts too poor to train on are refused, odd ones are told of", () => {
  writeFileSync(at("empty.txt"), "");
  writeFileSync(at("short.txt"), "short");
  writeFileSync(at("bytes.txt"), Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0xc3]), Buffer.from("ab".repeat(500))]));
  writeFileSync(at("one.txt"), "a".repeat(500));
  const train = name => ["train", name, "--output", "odd.safetensors", "--passes", "1", ...SIZES];
  assertFails(train("empty.txt"), 1, /empty\.txt: the text has 0 different characters/);
  assertFails(train("short.txt"), 1, /short\.txt: the text has 5 characters to train on; 4 streams of 16 need 65/);
  const { status, stderr } = run(train("bytes.txt"));
  assert.equal(status, 0);
  assert.match(stderr, /4 characters are not in the vocabulary \(or not UTF-8\) and were left out/);
  output(train("one.txt"));
  assert.equal(output(["write", "odd.safetensors", "--length", "5"]), "aaaaa\n");
});

// ---- words ----

const TALE = "The cat saw the small dog, and the dog saw the cat.\n“Who is there?” said the dog; nobody answered.\n".repeat(30);

test("a network of words learns a tale, writes it with its spaces, and is scored by perplexity", () => {
  writeFileSync(at("tale.txt"), TALE);
  output([
    "train",
    "tale.txt",
    "--output",
    "words.safetensors",
    "--level",
    "words",
    "--passes",
    "60",
    "--hidden",
    "24",
    "--embedding",
    "8",
    "--batch",
    "4",
    "--window",
    "16",
    "--rate",
    "0.02",
  ]);
  assert.match(output(["inspect", "words.safetensors"]), /vocabulary of 21 words/);
  const { metadata, vocabulary } = JSON.parse(output(["inspect", "words.safetensors", "--json"]));
  assert.equal(metadata.level, "words");
  assert.equal(metadata.unknown, "0");
  assert.deepEqual(vocabulary.slice(0, 3), ["<unknown>", "the", "dog"]);
  assert.match(
    output(["write", "words.safetensors", "--prompt", "The cat", "--temperature", "0", "--length", "24"]),
    /^The cat saw the small dog, and the dog saw the cat\.\n“Who is there\?” said the dog;/,
  );
  const { perplexity, bitsPerToken, tokens, unknown } = JSON.parse(
    output(["score", "words.safetensors", "--json"], "The cat saw the purple dog, and the dog"),
  );
  assert.equal(unknown, 1);
  assert.equal(tokens, 9);
  assert.ok(Math.abs(perplexity - 2 ** bitsPerToken) < 0.01 * perplexity);
  const { stderr } = run(["write", "words.safetensors", "--prompt", "The unicorn", "--length", "1"]);
  assert.match(stderr, /1 tokens of the prompt .* read as <unknown>/);
  assert.match(output(["write", "words.safetensors", "--prompt", "The old king,", "--length", "0"]), /^The <unknown> <unknown>,\n$/);
  output([
    "train",
    "tale.txt",
    "--output",
    "again.safetensors",
    "--from",
    "words.safetensors",
    "--passes",
    "1",
    "--batch",
    "4",
    "--window",
    "16",
  ]);
  assert.equal(JSON.parse(output(["inspect", "again.safetensors", "--json"])).metadata["train.level"], "words");
});

test("a network of words goes on with the unknown one that it has, or with none", () => {
  const file = readFileSync(at("words.safetensors"));
  const tokens = JSON.parse(output(["inspect", "words.safetensors", "--json"])).vocabulary;
  for (const [vocabulary, unknown] of [
    [[...tokens.slice(1), tokens[0]], "20"],
    [["king", ...tokens.slice(1)], undefined],
  ]) {
    writeFileSync(
      at("other.safetensors"),
      changed(file, ({ tensors, metadata }) => {
        tensors.vocab = vocabTensor(vocabulary);
        if (unknown) metadata.unknown = unknown;
        else delete metadata.unknown;
      }),
    );
    output([
      "train",
      "tale.txt",
      "--output",
      "again.safetensors",
      "--from",
      "other.safetensors",
      "--passes",
      "1",
      "--batch",
      "4",
      "--window",
      "16",
    ]);
    assert.equal(JSON.parse(output(["inspect", "again.safetensors", "--json"])).metadata.unknown, unknown);
  }
});

test("words can be folded and limited to the most frequent, trained in slices, and stay words as int8", () => {
  const options = [
    "--level",
    "folded",
    "--vocabulary",
    "12",
    "--slices",
    "2",
    "--dropout",
    "0.2",
    "--passes",
    "4",
    "--hidden",
    "16",
    "--embedding",
    "4",
    "--batch",
    "4",
    "--window",
    "8",
  ];
  output(["train", "tale.txt", "--output", "whole.safetensors", ...options]);
  const inspected = JSON.parse(output(["inspect", "whole.safetensors", "--json"]));
  assert.equal(inspected.vocabulary.length, 12);
  assert.equal(inspected.metadata.level, "words, folded");
  assert.equal(inspected.metadata["train.slices"], "2");
  output(["quantize", "whole.safetensors", "--output", "small.safetensors"]);
  assert.equal(JSON.parse(output(["inspect", "small.safetensors", "--json"])).metadata.level, "words, folded");
});

test("markov counts what follows what, of characters and of words", () => {
  writeFileSync(at("tale-end.txt"), TALE.slice(0, 300));
  const characters = output(["markov", "tale.txt", "tale-end.txt"]);
  assert.match(characters, /^order 1: \d\.\d{4} bits per character over 300\n/);
  const bits = [...characters.matchAll(/: (\d\.\d+) bits/g)].map(match => Number(match[1]));
  assert.equal(bits.length, 6);
  assert.ok(bits[5] < 0.2 && bits[0] > 1, characters);
  assert.match(output(["markov", "tale.txt", "tale-end.txt", "--level", "words"]), /order 2: .* bits per token, perplexity \d/);
  assertFails(["markov", "tale.txt"], 2, /needs a text/);
  writeFileSync(at("empty.txt"), "");
  assertFails(["markov", "tale.txt", "empty.txt"], 1, /empty\.txt has no character/);
});

test("novelty finds the spans that stand letter for letter in the training text", () => {
  const copied = "the small dog, and the dog saw";
  const own = "quite another thing. ";
  const result = output(["novelty", "tale.txt", "--least", "12"], own + copied + " xyz");
  assert.match(result, /^32 characters, line \d+ of tale\.txt:  the small dog, and the dog saw $/m);
  assert.match(result, /novelty 41\.8 %: 23 of 55 characters/);
  assert.match(output(["novelty", "tale.txt"], "nothing of it"), /novelty 100\.0 %/);
  writeFileSync(at("overlapping.txt"), "abcdefghijklmnopqrst#\nklmnopqrstuvwxyz");
  const overlapping = output(["novelty", "overlapping.txt", "--least", "8"], "abcdefghijklmnopqrstuvwxyz");
  assert.match(overlapping, /^20 characters, line 1 .*\n13 characters, line 2 .*\nnovelty 0\.0 %/);
});
