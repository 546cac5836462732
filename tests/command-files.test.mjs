// SPDX-License-Identifier: MIT
//
// Nothing that a person made is lost: what the command writes and where, full disks, kills, two trainings at once, a standard output that
// fails, a terminal.
import assert from "node:assert/strict";
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, beforeEach, test } from "node:test";
import { makeText, workshop } from "./command.mjs";
import { changed, command, dice, makeWeights, smallFileOfLargeNetwork, vocabTensor } from "./helpers.mjs";

const { folder, at, write, read, run, shell, output, assertFails, inspect, tensors, start, interruptedTraining } = workshop();
const SMALL = "--hidden 2 --embedding 0 --batch 2 --window 8 --passes 1";
const ENDLESS = `${SMALL} --passes 1000000`;
const names = (place = ".") => readdirSync(at(place)).sort();

before(() => {
  write("text.txt", makeText(40));
  write("held-out.txt", makeText(20));
  output(`train text.txt --output net.safetensors ${SMALL}`);
});
const kept = ["held-out.txt", "net.safetensors", "text.txt"];
beforeEach(() => {
  for (const name of names()) if (!kept.includes(name)) rmSync(at(name), { recursive: true });
});

/** Fails with wrong use; no file of the folder is another one then, and none is new. */
function assertRefused(args, sentence, input) {
  const bytes = () => Object.fromEntries(names().map(name => [name, lstatSync(at(name)).isFile() ? read(name) : name]));
  const before = bytes();
  assertFails(args, 2, sentence, input);
  assert.deepEqual(bytes(), before, args);
}

// ---- what may be written ----

test("what is read is not written over, under whatever name, forced or not", () => {
  linkSync(at("text.txt"), at("hard.txt"));
  symlinkSync("text.txt", at("soft.txt"));
  mkdirSync(at("inner"));
  symlinkSync("..", at("inner/up"));
  const TWICE = /are one file: one would overwrite the other/;
  for (const name of ["text.txt", "./text.txt", "hard.txt", "soft.txt", "inner/../text.txt", "inner/up/text.txt", at("text.txt")])
    for (const force of ["", " --force"]) {
      assertRefused(`train text.txt --output ${name} ${SMALL}${force}`, TWICE);
      assertRefused(`train text.txt --output new.st --checkpoint ${name} ${SMALL}${force}`, TWICE);
      assertRefused(`train held-out.txt --held-out ${name} --output text.txt ${SMALL}${force}`, TWICE);
      assertRefused(`train ${name} --output text.txt --resume --checkpoint net.safetensors${force}`, TWICE);
    }
  for (const force of ["", " --force"]) {
    assertRefused(`train text.txt --from net.safetensors --output ./net.safetensors ${SMALL}${force}`, TWICE);
    assertRefused(`train text.txt --resume --checkpoint net.safetensors --output ./net.safetensors${force}`, TWICE);
    assertRefused(`quantize net.safetensors --output ./net.safetensors${force}`, TWICE);
  }
  const { status, stderr } = shell(`"$nextchar" train - --output text.txt --force ${SMALL} <text.txt`);
  assert.match(stderr, TWICE);
  assert.equal(status, 2);
});

test("output and checkpoint are not one file, also before either is there", () => {
  mkdirSync(at("inner"));
  for (const [output, checkpoint] of [
    ["same.st", "same.st"],
    ["same.st", "./same.st"],
    ["inner/same.st", at("inner/same.st")],
  ])
    assertRefused(`train text.txt --output ${output} --checkpoint ${checkpoint} ${SMALL}`, /are one file: one would overwrite the other/);
  assert.equal(run(`train text.txt --output inner/same.st --checkpoint same.st ${SMALL}`).status, 0, "two folders are two files");
});

test("a file that is there is written over only by --force", () => {
  write("mine.st", "something of mine");
  symlinkSync("gone", at("dangling.st"));
  const THERE = /(mine|dangling)\.st is there already: .*--force/;
  for (const name of ["mine.st", "dangling.st"]) {
    assertRefused(`train text.txt --output ${name} ${SMALL}`, THERE);
    assertRefused(`quantize net.safetensors --output ${name}`, THERE);
  }
  assertRefused(`train text.txt --output new.st --checkpoint mine.st ${SMALL}`, /mine\.st is there from an earlier training/);
  assertRefused(`train text.txt --output new.st --checkpoint mine.st ${SMALL} --force`, /mine\.st is there from an earlier training/);
  output(`train text.txt --output mine.st ${SMALL} --force`);
  assert.equal(inspect("mine.st").hidden, 2);
  output("quantize net.safetensors --output mine.st --force");
  assert.equal(inspect("mine.st").quantized, true);
});

test("a link that leads to the output stays one, and its file is replaced", () => {
  mkdirSync(at("inner"));
  write("inner/real.st", "old");
  symlinkSync("inner/real.st", at("link.st"));
  output("quantize net.safetensors --output link.st --force");
  assert.ok(lstatSync(at("link.st")).isSymbolicLink());
  assert.equal(inspect("inner/real.st").quantized, true);
  assert.deepEqual(names("inner"), ["real.st"]);
});

test("folders, devices, pipes and places where nothing can be made are told before any training", () => {
  mkdirSync(at("inner"));
  for (const [name, sentence] of [
    ["inner", /cannot write inner: Is a directory/],
    ["/dev/null", /cannot write \/dev\/null: it is a device or a pipe, no file/],
    ["no-folder/x", /cannot write no-folder\/x: No such file/],
    ["text.txt/x", /cannot write text\.txt\/x: Not a directory/],
    [`${"x".repeat(249)}`, /cannot write x+: File name too long/],
    ["/sys/x", /cannot write \/sys\/x: /],
  ]) {
    assertFails(`train text.txt --output ${name} ${ENDLESS} --force`, 1, sentence);
    if (name !== "/dev/null" && name !== "inner") assertFails(`train text.txt --output x --checkpoint ${name} ${ENDLESS}`, 1, sentence);
    assertFails(`quantize net.safetensors --output ${name} --force`, 1, sentence);
  }
  assertFails(["train", "text.txt", "--output", ""], 2, /a file to write needs a name/);
  assert.deepEqual(names(), [...kept, "inner"].sort());
});

test("a file that appears at the output's place during the training stays", () => {
  mkdirSync(at("out"));
  // Nobody reads what it tells: it waits amid the training once the pipe is full, and the file appears meanwhile.
  const { status, stdout } = shell(
    `mkfifo pipe; exec 3<>pipe
     "$nextchar" train text.txt --output out/net.st --held-out 0.1 ${SMALL} --passes 1200 2>pipe 3>&- & training=$!
     while kill -0 $training && ! [ -e out/net.st.locked ]; do sleep 0.01; done
     printf "another's" >out/net.st
     exec 4<pipe 3>&-; cat <&4; wait $training`,
  );
  assert.ok(stdout.length > 65536, `${stdout.length} bytes: more than the pipe holds`);
  assert.equal(status, 1, stdout);
  assert.match(stdout, /cannot write out\/net\.st: File exists\nnextchar: wrote out\/saved-\d+-net\.st instead/);
  assert.equal(String(read("out/net.st")), "another's");
  assert.equal(inspect(`out/${names("out").find(name => name.startsWith("saved-"))}`).hidden, 2);
});

test("keys of the metadata that nextchar writes itself are refused before the training", () => {
  for (const key of ["heldOut.bitsPerCharacter", "train.minutes", "train.loss", "train.seed", "level"])
    assertFails(`train text.txt --output x ${ENDLESS} --meta ${key}=1`, 2, new RegExp(`metadata has the key ${key} twice`));
});

test("a nonlinearity that is not the network's is refused before the training, as no file with it is read", () => {
  assertFails(`train text.txt --output x ${ENDLESS} --meta nonlinearity=relu`, 2, /the metadata's nonlinearity is relu/);
  output(`train text.txt --output tanh.st ${SMALL} --meta nonlinearity=tanh`);
  assert.equal(inspect("tanh.st").hidden, 2);
});

// ---- two trainings ----

test("of two trainings with one output or one checkpoint the second is told at once; a killed one leaves no lock", async () => {
  const first = start(`train text.txt --output a.st --checkpoint c ${ENDLESS} --checkpoint-minutes 0`);
  await first.until(() => existsSync(at("c")));
  symlinkSync(folder, at("here"));
  for (const name of ["a.st", "here/a.st"])
    assertFails(`train text.txt --output ${name} --checkpoint d ${ENDLESS}`, 1, /another training is writing .*a\.st/);
  assertFails("train --resume --checkpoint c --output b.st", 1, /another training is writing c/);
  first.child.kill("SIGKILL");
  await first.ended;
  output(`train text.txt --output a.st ${SMALL}`);
  const { status, stderr } = await interruptedTraining("train --resume --checkpoint c --output b.st --checkpoint-minutes 0", "SIGINT", "c");
  assert.equal(status, 130, stderr);
  assert.deepEqual(
    names().filter(name => name.endsWith(".locked")),
    [],
  );
});

test("a file that has the name of a lock is left alone", () => {
  write("x.st.locked", "mine");
  assertFails(`train text.txt --output x.st ${SMALL}`, 1, /x\.st\.locked is in the way/);
  assert.equal(String(read("x.st.locked")), "mine");
});

// ---- full disks ----

/** In bash: for each size of files from `from` up to `to` in steps, `work` under that limit, then `check` of $code and $err. */
function sweep(from, to, step, work, check) {
  const { status, stdout, stderr } = shell(
    `for ((limit = ${from}; limit < ${to}; limit += ${step})); do
       err=$( { ${work}; } 2>&1 ); code=$?
       { ${check}; } || { echo "at $limit of ${to} bytes: exit $code, files" *; echo "$err"; exit 1; }
     done`,
  );
  assert.equal(status, 0, stdout + stderr);
}

test("the disk full at each 13th byte of a weights file: the old file stays, nothing else is left, exit 1", () => {
  output("quantize net.safetensors --output new.st");
  const size = read("new.st").length;
  write("old", "an older file");
  const files = names().join(" ");
  sweep(
    size % 13, // so that the last byte is among them
    size,
    13,
    'cp old new.st; prlimit --fsize=$limit "$nextchar" quantize net.safetensors --output new.st --force',
    `[ $code = 1 ] && cmp -s old new.st && [ "$(echo *)" = "${files}" ] && [[ $err = *"cannot write new.st: File too large" ]]`,
  );
  assert.equal(run("quantize net.safetensors --output new.st --force").status, 0);
  assert.equal(read("new.st").length, size);
});

test("the disk full at each 41st byte of a checkpoint: the old one stays, and the training goes on to its end", async () => {
  for (let tried = 0, status = 0; status !== 130; tried++) {
    assert.ok(tried < 100, "each of so short trainings ended before it was stopped");
    for (const name of ["new.st", "c"]) rmSync(at(name), { force: true });
    const training = `train held-out.txt --output new.st --checkpoint c ${SMALL} --checkpoint-minutes 0`;
    ({ status } = await interruptedTraining(training, "SIGINT", "c"));
  }
  write("old", read("c"));
  output("train --resume --checkpoint c --output whole.st --checkpoint-minutes 0");
  write("new.st", "");
  const [size, least] = [read("c").length - 50, read("whole.st").length + 50]; // the numbers in the metadata differ by some digits
  assert.ok(size > 2 * least);
  sweep(
    least,
    size,
    41,
    'cp old c; prlimit --fsize=$limit "$nextchar" train --resume --checkpoint c --output new.st --force --checkpoint-minutes 0',
    `[ $code = 0 ] && cmp -s old c && [ "$(echo *)" = "${names().join(" ")}" ] &&
       [[ $err = *"cannot write c: File too large; the training goes on"* ]]`,
  );
  assert.deepEqual(tensors("new.st").tensors, tensors("whole.st").tensors, "the weights are those of a training without faults");
});

test("the disk full at the end: the weights are tried again, then elsewhere, and the checkpoint stays", async () => {
  const name = `a${"ы".repeat(100)}`; // longer than what is written elsewhere has of it
  mkdirSync(at("out"));
  mkdirSync(at("tmp"));
  const training = start(`train text.txt --output out/${name} --checkpoint-minutes 0 ${SMALL} --passes 100`, {
    env: { ...process.env, TMPDIR: at("tmp") },
  });
  await training.until(() => existsSync(at(`out/${name}.checkpoint`)));
  renameSync(at("out"), at("gone")); // at once, whatever is being written in it
  const { status, stderr } = await training.ended;
  assert.match(stderr, /cannot write out\/aы{100}\.checkpoint: No such file or directory; the training goes on/);
  assert.match(stderr, /cannot write out\/aы{100}: No such file or directory\nnextchar: wrote .*\/tmp\/saved-\d+-aы{99} instead\n$/);
  assert.equal(status, 1);
  const [saved] = names("tmp");
  output(`train text.txt --output calm.st ${SMALL} --passes 100`);
  assert.deepEqual(tensors(`tmp/${saved}`).tensors, tensors("calm.st").tensors);
});

test("Ctrl-C where the checkpoint cannot be written: it is written elsewhere", async () => {
  mkdirSync(at("out"));
  mkdirSync(at("tmp"));
  const training = start(`train text.txt --output x.st --checkpoint out/c --checkpoint-minutes 0 ${ENDLESS}`);
  await training.until(() => existsSync(at("out/c")));
  renameSync(at("out"), at("gone")); // at once, whatever is being written in it
  await training.until(() => /goes on/.test(training.stderr));
  training.child.kill("SIGINT");
  const { status, stderr } = await training.ended;
  assert.equal(status, 1);
  const saved = /wrote \.\/(saved-\d+-c) instead/.exec(stderr)[1];
  assert.ok(inspect(saved).metadata["train.updates"] > 0);
});

test("no room anywhere: exit 1 and a sentence", () => {
  const { status, stderr } = shell(`prlimit --fsize=100 "$nextchar" train text.txt --output new.st ${SMALL}`);
  assert.equal(status, 1);
  assert.match(stderr, /cannot write new\.st: File too large\nnextchar: nor is there room in another folder\n$/);
  assert.deepEqual(names(), kept);
});

// ---- signals ----

test("killed at 200 random moments the checkpoint is whole each time, and goes on", async () => {
  const random = dice(14);
  const options = `--output x.st --checkpoint c --checkpoint-minutes 0`;
  await interruptedTraining(`train text.txt ${options} ${ENDLESS}`, "SIGKILL", "c");
  let updates = Number(tensors("c").metadata["train.updates"]);
  for (let round = 0; round < 200; round++) {
    const wait = () => new Promise(resolve => setTimeout(resolve, random(25)));
    const { status, signal, stderr } = await interruptedTraining(`train --resume ${options}`, "SIGKILL", "c", wait);
    assert.deepEqual([status, signal], [null, "SIGKILL"], `round ${round}: ${stderr}`);
    const before = updates;
    updates = Number(tensors("c").metadata["train.updates"]);
    assert.ok(updates > before, `round ${round}: ${updates} updates, ${before} before`);
  }
  const { status, stderr } = await interruptedTraining(`train --resume ${options}`, "SIGINT", "c");
  assert.equal(status, 130, stderr);
  assert.deepEqual(names(), [...kept, "c"].sort(), "what the killed ones had begun is taken away");
});

test("what a killed training had begun to write is taken away by the next one, in silence; what is not sure to be that stays", () => {
  const others = ["c.~1a2b", "c.~1a2b3x", "c.~1a2b3c", "c.~1a2b3~", "c.01a2b3", "b.~1a2b3", "x.st.~12", "c.~0000a.txt"];
  const begun = ["c.~1a2b3", "c.~0000a", "x.st.~fffff"];
  for (const name of [...others, ...begun]) write(name, name);
  mkdirSync(at("c.~abcde"));
  const train = `train text.txt --output x.st --checkpoint c ${SMALL} --force`;
  const calm = run(train).stderr;
  assert.deepEqual(names(), [...kept, ...others, ...begun, "c.~abcde", "x.st"].sort(), "no training was killed here");
  for (const name of ["c.locked", "x.st.locked"]) write(name, "");
  const { status, stderr } = run(train);
  assert.deepEqual([status, stderr.replace(/[\d.]+ minutes/, "")], [0, calm.replace(/[\d.]+ minutes/, "")]);
  assert.deepEqual(names(), [...kept, ...others, "c.~abcde", "x.st"].sort());
});

test("a closed terminal (SIGHUP) writes a checkpoint, unless nohup says that it is nothing", async () => {
  const options = `--checkpoint c --checkpoint-minutes 0`;
  const { status } = await interruptedTraining(`train text.txt --output x.st ${options} ${ENDLESS}`, "SIGHUP", "c");
  assert.equal(status, 129);
  const ended = shell(
    `rm c; trap '' HUP; "$nextchar" train text.txt --output x.st ${options} ${SMALL} --passes 100 & training=$!
     while ! [ -e c ]; do sleep 0.01; done; kill -HUP $training; wait $training`,
  );
  assert.equal(ended.status, 0, ended.stderr);
  assert.match(ended.stderr, /wrote x\.st/);
});

test("a standard error that is closed, full or a broken pipe ends no training", () => {
  for (const place of ["2>&-", "2>/dev/full", "2> >(true)"]) {
    const { status } = shell(`"$nextchar" train text.txt --output x.st --force ${SMALL} --passes 20 --held-out 0.1 ${place}`);
    assert.equal(status, 0, place);
    assert.equal(inspect("x.st").hidden, 2, place);
  }
});

// ---- standard output ----

const PRINTING = [
  "",
  "--help",
  "--version",
  ...["train", "write", "score", "inspect", "quantize", "markov", "novelty"].map(name => `${name} --help`),
  "write net.safetensors",
  "write net.safetensors --length 0",
  "score net.safetensors text.txt",
  "score net.safetensors text.txt --json",
  "inspect net.safetensors",
  "inspect net.safetensors --json",
  "markov text.txt held-out.txt",
  "novelty text.txt held-out.txt",
  "answer answers.safetensors <text.txt",
];

test("a standard output that is full, closed or a broken pipe is exit 1 and a sentence, in every command", () => {
  write("answered.txt", "1\tone\n2\ttwo\n".repeat(20));
  output("train answered.txt --output answers.safetensors --pattern many-to-one --hidden 4 --embedding 4 --passes 1");
  for (const args of PRINTING)
    for (const place of [">/dev/full", ">&-", ">&4"]) {
      // 4 is a pipe whose reader has gone
      const { status, stderr } = shell(`mkfifo pipe; exec 3<>pipe 4>pipe 3<&-; rm pipe; "$nextchar" ${args} ${place}`);
      assert.match(stderr, /^nextchar: cannot write to standard output: \w/m, `${args} ${place}`);
      assert.equal(status, 1, `${args} ${place}`);
    }
});

test("a long text ends where its reader ends", () => {
  const { status, stderr, stdout } = shell(
    `set -o pipefail; timeout 30 "$nextchar" write net.safetensors --length 4000000000 | head -c 100`,
  );
  assert.ok(stdout.length > 40);
  assert.match(stderr, /standard output: Broken pipe/);
  assert.equal(status, 1);
});

// ---- a terminal ----

const NASTY = "a\u001b[2Jb\u0007\u009b31m\u007f\r\u202ec\u2066"; // and what a person sees of it:
const SHOWN = "a\\u001b[2Jb\\u0007\\u009b31m\\u007f\\u000d\\u202ec\\u2066";

/** What a terminal gets from the command. */
function onTerminal(line) {
  const { stdout, stderr, status } = shell(`"$terminal" "$nextchar" ${line}`);
  assert.equal(status, 0, stdout + stderr);
  return stdout.replaceAll("\r\n", "\n");
}

test("a terminal is shown the control characters of tokens and metadata and does not get them; a pipe gets them", () => {
  const { vocabulary } = inspect("net.safetensors");
  const odd = vocabulary.map((token, i) => (i ? token : NASTY));
  write(
    "odd.safetensors",
    changed(read("net.safetensors"), parts => {
      parts.tensors.vocab = vocabTensor(odd);
      parts.metadata.note = NASTY;
      parts.metadata[NASTY] = "key";
      parts.tensors["fc.bias"].data.set(new Uint8Array(new Float32Array([1000]).buffer)); // nothing but the first token is drawn
    }),
  );
  const inspected = onTerminal("inspect odd.safetensors");
  assert.ok(inspected.includes(`\nnote: ${SHOWN}\n`), inspected);
  assert.ok(inspected.includes(`\n${SHOWN}: key\n`));
  assert.equal(onTerminal("write odd.safetensors --length 2"), `${SHOWN}${SHOWN}\n`);
  assert.ok(output("inspect odd.safetensors").includes(`\nnote: ${NASTY}\n`));
  assert.equal(output("write odd.safetensors --length 2"), `${NASTY}${NASTY}\n`);
  for (const json of [onTerminal("inspect odd.safetensors --json"), output("inspect odd.safetensors --json")]) {
    assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]/);
    assert.deepEqual(JSON.parse(json).vocabulary, odd);
    assert.equal(JSON.parse(json).metadata.note, NASTY);
  }
});

test("a span that is copied and a sentence of an error are shown on a terminal in the same way", () => {
  const text = `${"plain text ".repeat(30)}b\u0007\u009b31m`;
  write("bell.txt", text);
  assert.ok(onTerminal("novelty bell.txt bell.txt --least 12").includes("b\\u0007\\u009b31m\n"));
  assert.ok(output("novelty bell.txt bell.txt --least 12").includes("b\u0007\u009b31m\n"));
  const named = line => shell(`"$terminal" "$nextchar" ${line}`, { name: "no\u001b[2Jfile" }).stdout;
  assert.match(named('inspect "$name"'), /cannot read no\\u001b\[2Jfile: No such file/);
  assert.match(named(`train text.txt --output "$name" ${SMALL}`), /wrote no\\u001b\[2Jfile after/);
  write("no\u001b[2Jfile", read("text.txt"));
  assert.match(named('novelty "$name" text.txt'), /line 1 of no\\u001b\[2Jfile: /);
});

// ---- what is read ----

test("a device without an end, and a file above the stated size, are refused at once and cost no memory", () => {
  const limited = line => shell(`ulimit -v 400000; timeout 20 "$nextchar" ${line}`);
  for (const line of ["score net.safetensors /dev/zero", "inspect /dev/zero", "score net.safetensors </dev/zero"]) {
    const { status, stderr } = limited(line);
    assert.match(stderr, /cannot read .*: it is a device, no file/, line);
    assert.equal(status, 1);
  }
  shell("truncate -s 3G big.txt; truncate -s 17G big.safetensors");
  for (const [line, sentence] of [
    ["score net.safetensors big.txt", /big\.txt has 3221225472 bytes; at most 2147483647 are read/],
    ["inspect big.safetensors", /big\.safetensors has 18253611008 bytes; at most 17179869184 are read/],
  ]) {
    const { status, stderr } = limited(line);
    assert.match(stderr, sentence);
    assert.equal(status, 1);
  }
});

test("a file of another kind is refused by its first bytes, however large it is, also from a pipe", () => {
  write("not.st", "");
  for (const [begin, sentence] of [
    ["", /not\.st: the file does not begin with the length of a safetensors header/],
    ["PK\u0003\u0004", /not\.st is no weights file \(\.safetensors\) but a zip archive/],
    ["\u0010\0\0\0\0\0\0\0 [1]", /not\.st: the header is not safetensors' JSON/],
  ]) {
    write("not.st", begin);
    shell("truncate -s 200M not.st");
    const limited = from => shell(`ulimit -v 100000; "$nextchar" inspect ${from}`);
    const { status, stderr } = limited("not.st");
    assert.match(stderr, sentence);
    assert.equal(status, 1);
    assert.equal(limited("- <not.st").stderr, stderr.replace("not.st", "-"));
    assert.equal(limited("- < <(cat not.st)").stderr, stderr.replace("not.st", "-"));
  }
  rmSync(at("not.st"));
});

test("a network that is longer than what its first bytes show is read whole, also from a pipe", () => {
  write("long.st", makeWeights({ hidden: 256 }));
  assert.ok(read("long.st").length > 1.1 * 2 ** 20);
  const whole = output("inspect long.st --json");
  for (const from of ["<long.st", "< <(cat long.st)"]) assert.equal(shell(`"$nextchar" inspect - --json ${from}`).stdout, whole);
  rmSync(at("long.st"));
});

test("a network whose vocabulary does not fit is refused before it has memory", () => {
  write("misfit.st", smallFileOfLargeNetwork(vocabTensor([..."abc"])));
  for (const line of ["inspect misfit.st", `train some.txt --from misfit.st --output x.st`]) {
    const { status, stderr } = shell(`echo some >some.txt; ulimit -v 60000; "$nextchar" ${line}`);
    assert.match(stderr, /misfit\.st: the vocabulary has 3 tokens, the network reads 65536 and writes 2; they must be equal/);
    assert.equal(status, 1);
  }
  for (const name of ["misfit.st", "some.txt"]) rmSync(at(name));
});

test("whatever memory there is, a command does its work or says that memory is lacking, and leaves nothing", () => {
  write("big.txt", makeText(1500));
  const before = names();
  for (const line of [
    `train big.txt --output x.st --held-out 0.5 --force ${SMALL} --batch 64 --hidden 64`,
    "quantize big.st --output x.st --force",
    "score big.st big.txt",
    "markov big.txt big.txt",
    "novelty big.txt big.txt",
    "write big.st --length 1",
  ]) {
    if (line.startsWith("quantize")) output(`train big.txt --output big.st ${SMALL} --batch 64 --hidden 64`);
    let done = false;
    for (let kilobytes = 3000; !done; kilobytes = Math.ceil(kilobytes * 1.07)) {
      assert.ok(kilobytes < 4_000_000, line);
      const { status, signal, stderr } = shell(`rm -f x.st; ulimit -v ${kilobytes}; exec "$nextchar" ${line}`);
      if (status === 127 || /loading shared libraries|cannot execute/.test(stderr)) continue; // not even the program fits
      assert.equal(signal, null, `${line}, ${kilobytes} kB: ${stderr}`);
      done = status === 0;
      if (!done) assert.match(stderr, /memory/i, `${line}, ${kilobytes} kB`);
      if (!done) assert.equal(status, 1, `${line}, ${kilobytes} kB: ${stderr}`);
    }
    rmSync(at("x.st"), { force: true });
  }
  assert.deepEqual(names(), [...before, "big.st"].sort());
});

test("whichever allocation is refused, a file that is written is whole, and what is there stays", t => {
  const library = join(dirname(command), "tests/librefuse_nth.so");
  if (!existsSync(library)) return t.skip("a build with sanitizers has its own malloc");
  write("some.txt", makeText(20));
  output(`train some.txt --output some.st ${SMALL}`);
  for (const line of [`train some.txt --output y.st --held-out 0.5 --checkpoint-minutes 0 ${SMALL}`, "quantize some.st --output y.st"]) {
    let written = 0;
    for (let nth = 1; written < 40; nth++) {
      // behind its last allocation none is refused
      assert.ok(nth < 2000, line);
      rmSync(at("y.st.checkpoint"), { force: true });
      rmSync(at("y.st"), { force: true });
      const { status, signal, stderr } = run(line, "", { env: { ...process.env, LD_PRELOAD: library, REFUSE_NTH: String(nth) } });
      assert.equal(signal, null, `${line}, allocation ${nth}: ${stderr}`);
      assert.equal(existsSync(at("y.st")), status === 0, `${line}, allocation ${nth}: ${stderr}`);
      for (const name of ["y.st", "y.st.checkpoint"]) if (existsSync(at(name))) output(["inspect", name]);
      written = status === 0 && !/memory/.test(stderr) ? written + 1 : 0;
    }
  }
  for (const name of ["y.st", "some.st", "some.txt"]) rmSync(at(name));
});
