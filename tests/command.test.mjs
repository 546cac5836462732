// SPDX-License-Identifier: MIT
//
// The command build/nextchar as a person uses it: write, score, inspect, quantize, markov, novelty, and what it says to wrong use.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { before, test } from "node:test";
import { SIZES, makeText, workshop } from "./command.mjs";
import { changed, readTensors, vocabTensor } from "./helpers.mjs";
import { PROMPTS, writerOf } from "./prompts.mjs";

const COMMANDS = ["train", "write", "answer", "score", "inspect", "quantize", "markov", "novelty"];
const { at, write: put, read, run, output, assertFails, inspect, tensors } = workshop();

before(() => {
  put("text.txt", makeText(400));
  put("held-out.txt", makeText(450).slice(makeText(400).length));
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
    [["score", "net.safetensors", "--learn", "1.5"], /--learn: the rate is from 0 to 1/],
    [["write", "net.safetensors", "--learn", "-1"], /--learn: the rate is from 0 to 1/],
    [["write", "net.safetensors", "--learn", "nan"], /--learn: the rate is from 0 to 1/],
    [["train", "text.txt"], /needs a text file and --output/],
    [["train", "--output", "x.safetensors"], /needs a text file and --output/],
    [["train", "text.txt", "--output", "text.txt"], /--output text\.txt and TEXT text\.txt are one file/],
    [["train", "text.txt", "--output", "x", "--held-out", "x"], /--output x and --held-out x are one file/],
    [["train", "text.txt", "--output", "x", "--checkpoint", "x"], /--output x and --checkpoint x are one file/],
    [["train", "--output", "x.safetensors", "--from", "net.safetensors"], /needs a text file and --output/],
    [["train", "text.txt", "--output", "x", "--cell", "transformer"], /--cell is transformer; it must be one of tanh, gru, lstm/],
    [["train", "text.txt", "--output", "x", "--optimizer", "sgd"], /--optimizer is sgd; it must be one of adam, rmsprop/],
    [["train", "text.txt", "--output", "x", "--hidden", "0"], /--hidden is 0; it must be a whole number from 1 to 4096/],
    [["train", "text.txt", "--output", "x", "--rate=fast"], /--rate is fast; it must be a number from 0 to 1000000/],
    [["train", "text.txt", "--output", "x", "--dropout", "1"], /--dropout is 1; it must be a number from 0 to below 1/],
    [["train", "text.txt", "--output", "x", "--batch", "20", "--slices", "3"], /slices is 3; it must divide batch, which is 20/],
    [["train", "text.txt", "--output", "x", "--passes", "1000000000"], /passes is 1000000000: with \d+ updates each these are too many/],
    [["train", "text.txt", "--output", "x", "--held-out", "2"], /--held-out needs a file, or a share/],
    [["train", "text.txt", "--output", "x", "--meta", "corpus"], /--meta needs KEY=VALUE/],
    [["train", "text.txt", "--output", "x", "--meta", "a=1", "--meta", "a=2"], /the metadata has the key a twice/],
    [["train", "text.txt", "--output", "x", "--meta", "train.seed=2"], /the metadata has the key train\.seed twice/],
    [["quantize", "net.safetensors"], /needs a weights file and --output/],
    [["quantize", "--output", "x"], /needs a weights file and --output/],
    [["inspect"], /needs a weights file/],
    [["score"], /needs a weights file/],
    [["novelty"], /novelty needs a training text, and --least of 1 or more/],
    [["novelty", "text.txt", "--least", "0"], /--least of 1 or more/],
    [["markov", "text.txt", "text.txt", "--level", "syllables"], /--level is characters, words or folded, not "syllables"/],
    [["train", "text.txt", "--output", "x", "--meta", "=1"], /--meta needs KEY=VALUE/],
    [["train", "text.txt", "--output", "x", ...Array(65).fill("--meta=a=1")], /--meta needs KEY=VALUE, at most 64 times/],
    [["write", "net.safetensors", "--length="], /--length needs a whole number/],
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
  const whole = read("net.safetensors");
  const nan = Buffer.from(whole);
  nan.writeUInt32LE(0x7fc00000, 8 + whole.readUInt32LE(0));
  const data = 8 + Number(whole.readBigUInt64LE(0));
  const renamed = (name, other) =>
    Buffer.concat([whole.subarray(0, 8), Buffer.from(whole.toString("utf8", 8, data).replace(name, other)), whole.subarray(data)]);
  for (const [bytes, sentence] of [
    [Buffer.alloc(0), /the file has 0 bytes/],
    [Buffer.from("PK\u0003\u0004..."), /no weights file \(\.safetensors\) but a zip archive, .*Keras.*save\("network\.safe/],
    [Buffer.from([0x80, 2, 0x63]), /but a Python pickle, .*scripts\/nextchar_notebook\.py/],
    [Buffer.from("\u0089HDF\r\n", "latin1"), /but an HDF5 file, .*Keras.*save\("network\.safetensors", network, vocabulary\)/],
    [Buffer.from("\x04\0\0\0\x01\0\0\0\x03\0\0\0", "latin1"), /but a Torch7 file/],
    [Buffer.from("4\n1\n3\nV 1\n"), /but a Torch7 file/],
    [Buffer.from("\x08\x07\x12\x07pytorch", "latin1"), /but an ONNX model: .*save\(/],
    [Buffer.from("GGUF"), /but a GGUF file/],
    [Buffer.from([0x1f, 0x8b, 8]), /but compressed by gzip: .*gunzip/],
    [Buffer.from("version https://git-lfs.github.com/spec/v1\n"), /but a Git LFS pointer, .*git lfs pull/],
    [Buffer.from("<!DOCTYPE html><title>404</title>"), /but a web page/],
    [Buffer.from('{"cell": "lstm"}'), /but JSON, .*TensorFlow\.js/],
    [Buffer.from("some other bytes"), /does not begin with the length of a safetensors header/],
    [whole.subarray(0, 1000), /ends within its header|ends within/],
    [whole.subarray(0, whole.length - 1), /ends within vocab/],
    [Buffer.concat([whole, whole]), /goes on after its last tensor/],
    [nan, /NaN or infinite/],
    [renamed('"nextchar.format":"1"', '"nextchar.format":"2"'), /is of format 2/],
    [renamed('"vocab"', '"vocaB"'), /has a tensor vocaB, which this kind of network does not: take it out only if/],
    [renamed('"vocab"', '"best" '), /has no vocabulary.*save\(\) of scripts\/nextchar_notebook\.py/],
    [renamed('"rnn.weight_hh_l0"', '"net.weight_hh_l0"'), /no tensor rnn\.weight_hh_l0.*save\(\) of scripts\/nextchar_notebook\.py/],
  ]) {
    put("bad.safetensors", bytes);
    for (const name of ["write", "inspect", "score"])
      assertFails([name, "bad.safetensors"], 1, new RegExp(`bad\\.safetensors(:| is) .*${sentence.source}`), "the cat");
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

test("\\n in a prompt is a line end, \\t a tab, two backslashes one; what else follows a backslash stays", () => {
  put("letters.txt", "abc\n\t\\ xyz n t".repeat(40));
  output(["train", "letters.txt", "--output", "letters.safetensors", "--passes", "1", ...SIZES]);
  const echo = prompt => output(["write", "letters.safetensors", "--prompt", prompt, "--length", "0"]);
  assert.equal(echo("a\\nb"), "a\nb\n");
  assert.equal(echo("a\\tb"), "a\tb\n");
  assert.equal(echo("a\\\\nb"), "a\\nb\n");
  assert.equal(echo("a\\xb\\"), "a\\xb\\\n");
});

// ---- score, inspect, quantize ----

test("what was trained on a text finds it probable, and the score of the held-out text is the stored one", () => {
  const score = name => JSON.parse(output(["score", "net.safetensors", name, "--json"]));
  const { metadata } = tensors("net.safetensors");
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

test("score --learn puts the figure of a network that learns as it reads beside its own, which stays as it is", () => {
  const input = "a dog sees naïve cats and sees. ".repeat(40);
  const plain = output(["score", "net.safetensors"], input);
  const { learning, ...frozen } = JSON.parse(output("score net.safetensors --json --learn 0.0015", input));
  assert.deepEqual(frozen, JSON.parse(output("score net.safetensors --json", input)));
  assert.deepEqual(Object.keys(learning), ["rate", "bitsPerCharacter"]);
  assert.equal(learning.rate, 0.0015);
  assert.ok(learning.bitsPerCharacter < 0.8 * frozen.bitsPerCharacter, `${learning.bitsPerCharacter} of ${frozen.bitsPerCharacter}`);
  const line = `${learning.bitsPerCharacter.toFixed(4)} bits per character where it learns as it reads, at the rate 0.0015\n`;
  assert.equal(output("score net.safetensors --learn 0.0015", input), plain + line);
  assert.equal(output("score net.safetensors --learn 0", input), plain);
});

test("write --learn learns the prompt, and nothing from what it writes", () => {
  const write = (learn, length = 60) =>
    output(["write", "net.safetensors", "--prompt", "catsee".repeat(60), "--temperature", "0", "--length", `${length}`, ...learn]).slice(
      360,
    );
  assert.equal(write(["--learn", "0.02"]), `${"catsee".repeat(10)}\n`);
  assert.equal(write(["--learn", "0"]), write([]));
  assert.doesNotMatch(write([]), /catsee/);
  assert.match(output("write net.safetensors --prompt the --learn 0.01"), /^the/);
});

test("inspect says what the file holds, as text and as JSON", () => {
  const text = output(["inspect", "net.safetensors"]);
  assert.match(text, /^lstm, 1 layer of 24 units, embedding of 8, vocabulary of \d+ characters\n/);
  assert.match(text, /\ncorpus: a few words\n/);
  assert.ok(text.includes("\nnote: a\u001b[2J\nb \u007fя\n"), "to a pipe as it is");
  const json = inspect("net.safetensors");
  const { metadata, tensors: parts } = tensors("net.safetensors");
  assert.deepEqual([json.cell, json.layers, json.hidden, json.embedding, json.quantized], ["lstm", 1, 24, 8, false]);
  assert.deepEqual(json.vocabulary, [...new Set(makeText(400))].sort());
  assert.deepEqual(json.metadata, metadata);
  assert.equal(json.metadata["train.seed"], "1");
  assert.equal(json.metadata["train.held-out"], undefined, "a path of the person's machine is not in the file");
  assert.equal(
    json.parameters,
    Object.values(parts)
      .filter(t => t.dtype === "F32")
      .reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b), 0),
  );
  assert.equal(json.bytes, read("net.safetensors").length);
});

test("a quantized network is smaller, keeps its metadata and scores about the same", () => {
  output(["quantize", "net.safetensors", "--output", "small.safetensors", "--meta", "licence=other", "--meta", "rounded=yes"]);
  const small = inspect("small.safetensors");
  const whole = inspect("net.safetensors");
  assert.equal(small.quantized, true);
  assert.ok(small.bytes < 0.6 * whole.bytes, "of a small file the header is much");
  assert.deepEqual(small.metadata, { ...whole.metadata, licence: "other", rounded: "yes" });
  const score = name => JSON.parse(output(["score", name, "held-out.txt", "--json"])).bitsPerCharacter;
  assert.ok(Math.abs(score("small.safetensors") - score("net.safetensors")) < 0.02);
});

// ---- words ----

const TALE = "The cat saw the small dog, and the dog saw the cat.\n“Who is there?” said the dog; nobody answered.\n".repeat(30);

test("a network of words learns a tale, writes it with its spaces, and is scored by perplexity", () => {
  put("tale.txt", TALE);
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
  const { metadata, vocabulary } = inspect("words.safetensors");
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
  assert.match(output(["write", "words.safetensors", "--prompt", "The old king,", "--length", "0"]), /^The old king,\n$/);
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
  assert.equal(inspect("again.safetensors").metadata["train.level"], "words");
});

test("a prompt of words is printed as the person wrote it, and what is written is joined to it", () => {
  for (const [level, prompt, token, text] of PROMPTS) {
    put("writer.safetensors", writerOf(level, token));
    const { stdout, stderr } = run(["write", "writer.safetensors", "--prompt", prompt, "--temperature", "0", "--length", "1"]);
    assert.equal(stdout, `${text}\n`, `${level}: ${JSON.stringify(prompt)}: ${stderr}`);
    assert.doesNotMatch(stderr, level === "lacking" ? /<unknown>/ : /left out/, prompt);
  }
});

test("a network of words goes on with the unknown one that it has, or with none", () => {
  const file = read("words.safetensors");
  const tokens = inspect("words.safetensors").vocabulary;
  for (const [vocabulary, unknown] of [
    [[...tokens.slice(1), tokens[0]], "20"],
    [["king", ...tokens.slice(1)], undefined],
  ]) {
    put(
      "other.safetensors",
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
      "--force",
      "--from",
      "other.safetensors",
      "--passes",
      "1",
      "--batch",
      "4",
      "--window",
      "16",
    ]);
    assert.equal(inspect("again.safetensors").metadata.unknown, unknown);
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
  const inspected = inspect("whole.safetensors");
  assert.equal(inspected.vocabulary.length, 12);
  assert.equal(inspected.metadata.level, "words, folded");
  assert.equal(inspected.metadata["train.slices"], "2");
  output(["quantize", "whole.safetensors", "--output", "small.safetensors", "--force"]);
  assert.equal(inspect("small.safetensors").metadata.level, "words, folded");
});

test("markov counts what follows what, of characters and of words", () => {
  put("tale-end.txt", TALE.slice(0, 300));
  const characters = output(["markov", "tale.txt", "tale-end.txt"]);
  assert.match(characters, /^order 1: \d\.\d{4} bits per character over 300\n/);
  const bits = [...characters.matchAll(/: (\d\.\d+) bits/g)].map(match => Number(match[1]));
  assert.equal(bits.length, 6);
  assert.ok(bits[5] < 0.2 && bits[0] > 1, characters);
  assert.match(output(["markov", "tale.txt", "tale-end.txt", "--level", "words"]), /order 2: .* bits per token, perplexity \d/);
  assertFails(["markov", "tale.txt"], 2, /needs a text/);
  put("empty.txt", "");
  assertFails(["markov", "tale.txt", "empty.txt"], 1, /empty\.txt has no character/);
});

test("of a long span novelty shows the beginning and the end", () => {
  const text = `${"a".repeat(99)}b${"кот".repeat(50)}c${"d".repeat(99)}`;
  put("long.txt", text);
  const shown = `350 characters, line 1 of long.txt: ${text.slice(0, 100)} ... ${text.slice(-100)}\n`;
  assert.ok(output("novelty long.txt --least 300", text).startsWith(shown));
  const short = "e".repeat(200);
  put("short.txt", short);
  assert.ok(output("novelty short.txt --least 200", short).startsWith(`200 characters, line 1 of short.txt: ${short}\n`));
});

test("novelty finds the spans that stand letter for letter in the training text", () => {
  const copied = "the small dog, and the dog saw";
  const own = "quite another thing. ";
  const result = output(["novelty", "tale.txt", "--least", "12"], own + copied + " xyz");
  assert.match(result, /^32 characters, line \d+ of tale\.txt:  the small dog, and the dog saw $/m);
  assert.match(result, /novelty 41\.8 %: 23 of 55 characters/);
  assert.match(output(["novelty", "tale.txt"], "nothing of it"), /novelty 100\.0 %/);
  put("overlapping.txt", "abcdefghijklmnopqrst#\nklmnopqrstuvwxyz");
  const overlapping = output(["novelty", "overlapping.txt", "--least", "8"], "abcdefghijklmnopqrstuvwxyz");
  assert.match(overlapping, /^20 characters, line 1 .*\n13 characters, line 2 .*\nnovelty 0\.0 %/);
});

test("words are folded for markov too; texts with nothing in them are told of, or are novel", () => {
  put("tale.txt", TALE);
  put("empty.txt", "");
  assert.match(output(["markov", "tale.txt", "tale.txt", "--level", "folded", "--vocabulary", "9"]), /order 6: .* perplexity/);
  assertFails(["markov", "empty.txt", "tale.txt"], 1, /empty\.txt: the text has 0 different characters/);
  assertFails(["novelty", "empty.txt", "tale.txt"], 1, /empty\.txt: /);
  assert.match(output(["novelty", "tale.txt", "empty.txt"]), /novelty 100\.0 %: 0 of 0 characters/);
  assert.match(output(["novelty", "tale.txt", "tale.txt", "--least", "4294967295"]), /novelty 100\.0 %/);
});

test("score and inspect speak of words and perplexity, of layers and of one-hot input", () => {
  put("tale.txt", TALE);
  const args = [
    "train",
    "tale.txt",
    "--output",
    "two.safetensors",
    "--level",
    "words",
    "--layers",
    "2",
    "--passes",
    "1",
    "--held-out",
    "0.2",
  ];
  const { status, stderr } = run([...args, "--hidden", "4", "--embedding", "0", "--batch", "4", "--window", "8"]);
  assert.equal(status, 0);
  assert.match(stderr, /held out: \d\.\d{4} bits per token, perplexity \d+\.\d\d, over \d+ tokens/);
  assert.match(output(["inspect", "two.safetensors"]), /^lstm, 2 layers of 4 units, one-hot input, vocabulary of 21 words\n/);
  assert.match(output(["score", "two.safetensors"], "The cat saw the unicorn"), /bits per token, perplexity \d.* 1 unknown ones read/);
  const { bitsPerToken, perplexity, learning } = JSON.parse(output("score two.safetensors tale.txt --json --learn 0.0015"));
  assert.ok(learning.bitsPerToken < bitsPerToken && learning.perplexity < perplexity);
  assert.ok(Math.abs(learning.perplexity - 2 ** learning.bitsPerToken) < 0.001);
  assert.match(output("score two.safetensors --learn 0.1", "the cat"), /\n\d\.\d+ bits per token, perplexity \d.* at the rate 0\.1\n$/);
  output(["quantize", "two.safetensors", "--output", "two8.safetensors"]);
  assert.match(output(["inspect", "two8.safetensors"]), / parameters as int8, /);
});

test("a text ends at the token that the metadata calls the end; logits that are not finite end it with 1", () => {
  const last = tensors("net.safetensors").metadata && inspect("net.safetensors").vocabulary.length - 1;
  const bias = (id, value) => parts => parts.tensors["fc.bias"].data.set(new Uint8Array(new Float32Array([value]).buffer), 4 * id);
  put(
    "ending.safetensors",
    changed(read("net.safetensors"), parts => {
      parts.metadata.end = String(last);
      bias(last, 1000)(parts);
    }),
  );
  assert.equal(output(["write", "ending.safetensors", "--prompt", "the", "--length", "1000"]), "the\n");
  put(
    "huge.safetensors",
    changed(read("net.safetensors"), parts => {
      const data = parts.tensors["fc.weight"].data;
      for (let at = 0; at < data.length; at += 4) data.set(new Uint8Array(new Float32Array([3e38]).buffer), at);
    }),
  );
  const { status, stderr } = run(["write", "huge.safetensors", "--prompt", "the cat", "--length", "1000"]);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /finite/);
});
