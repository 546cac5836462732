// SPDX-License-Identifier: MIT
//
// scripts/train_torch.py trains as the core does. tests/torch_losses.py has stored what it computed in PyTorch; `npm run torch` computes it
// anew, in one process and in two, in a folder that NEXTCHAR_TORCH names here, and goes on from checkpoints.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packCheckpoint } from "../web/core/checkpoint.js";
import { Training } from "../web/core/recipe.js";
import { SIZES, makeText, workshop } from "./command.mjs";
import { command, readTensors, root, writeTensors } from "./helpers.mjs";

const folder = process.env.NEXTCHAR_TORCH;
const TOLERANCE = 1e-4; // of a loss in nats, as of all that follows from 100 updates
const pathOf = name => fileURLToPath(new URL(name, root));
const losses = path => JSON.parse(readFileSync(path, "utf8"));
const stored = losses(pathOf("tests/golden/torch.json"));
const inCore = settings =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), value]));

/** @param {number[]} a @param {number[]} b @param {number} tolerance @param {string} what */
function assertNear(a, b, tolerance, what) {
  assert.equal(a.length, b.length);
  for (const [i, x] of a.entries()) assert.ok(Math.abs(x - b[i]) <= tolerance, `${what}, ${i}: ${x}, expected ${b[i]}`);
}

// ---- the losses ----

for (const { name, settings, losses: there } of folder ? losses(join(folder, "one.json")).cases : stored.cases)
  test(`the core has the losses of PyTorch over ${there.length} updates: ${name}`, async t => {
    const training = await Training.begin(readFileSync(pathOf(stored.text), "utf8"), inCore(settings));
    const here = there.map(() => training.update().bits * Math.LN2);
    assert.ok(here[0] - here.at(-1) > 0.3, "it learns");
    t.diagnostic(`largest difference: ${Math.max(...here.map((loss, i) => Math.abs(loss - there[i]))).toExponential(1)} nats`);
    assertNear(here, there, TOLERANCE, "the loss of update");
  });

for (const several of folder ? ["two.json", "machines.json"] : [])
  test(`two processes have the losses of one: ${several}`, t => {
    const [one, two] = ["one.json", several].map(name => losses(join(folder, name)).cases);
    const differences = one.flatMap(({ losses: alone }, i) => alone.map((loss, k) => Math.abs(loss - two[i].losses[k])));
    t.diagnostic(`largest difference: ${Math.max(...differences).toExponential(1)} nats`);
    for (const [i, { name, losses: alone }] of one.entries()) assertNear(two[i].losses, alone, 1e-5, `${name}: the loss of update`);
  });

// ---- how a training begins, without PyTorch ----

const pythons = ["python3", "/usr/bin/python3"];
const numpy = pythons.find(python => spawnSync(python, ["-c", "import numpy"], { timeout: 60_000 }).status === 0);
const { at, write: put, read, output, inspect } = workshop();
const shakespeare = readFileSync(pathOf("texts/shakespeare-like.txt"), "utf8");
const pushkin = readFileSync(pathOf("texts/pushkin-like.txt"), "utf8");

const beginnings = [
  ["a short text, which has nothing held out", shakespeare.slice(0, 300), {}],
  ["a text below the least that is held out of, above it in bytes", pushkin.slice(0, 3000), {}],
  ["a text of some thousand characters", shakespeare.slice(0, 9000), {}],
  ["a text of another alphabet", pushkin, { passes: 2, "final-rate": 0.1 }],
  ["a long text", shakespeare.repeat(3), { passes: 1 }],
  [
    "a GRU of two layers, one-hot",
    shakespeare,
    { cell: "gru", layers: 2, hidden: 10, embedding: 0, batch: 7, window: 50, passes: 3, seed: 5 },
  ],
  [
    "a tanh RNN",
    shakespeare,
    { cell: "tanh", hidden: 300, embedding: 3, warmup: 0, optimizer: "rmsprop", rate: 0.00001, clip: 0, passes: 2 },
  ],
];
for (const [name, text, settings] of beginnings)
  test(`a training begins in Python with the core's plan, weights, windows and rates: ${name}`, { skip: !numpy }, async () => {
    put("text.txt", text);
    const args = [pathOf("tests/torch_begin.py"), at("text.txt"), at("begun.safetensors"), JSON.stringify(settings)];
    const { status, stdout, stderr } = spawnSync(numpy, args, { encoding: "utf8", timeout: 120_000, maxBuffer: 1 << 28 });
    assert.equal(status, 0, stderr);
    const there = JSON.parse(stdout);
    const training = await Training.begin(text, inCore({ kind: "text", ...settings }));
    assert.deepEqual([there.updates, there.heldOut], [training.updates, training.facts.heldOut]);

    const [begun, own] = [new Uint8Array(read("begun.safetensors")), training.weights()].map(readTensors);
    delete begun.metadata["train.minutes"];
    const numbers = metadata => Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, isNaN(+value) ? value : +value]));
    assert.deepEqual(numbers(begun.metadata), numbers(own.metadata));
    assert.deepEqual(begun.tensors, own.tensors);

    const characters = training.model.vocabulary;
    for (let i = 0; i < 2 && i < there.ids.length; i++) {
      while (training.done < 17 * i) training.update();
      for (const [b, { inputs, targets }] of training.window(training.settings.batch).entries()) {
        const stream = there.ids[i].map(ids => characters[ids[b]]);
        assert.deepEqual([stream.slice(0, -1), stream.slice(1)], [inputs, targets], `stream ${b} of update ${17 * i}`);
      }
      assert.ok(Math.abs(training.update().rate - there.rates[i]) < 1e-6 * there.rates[i] + 1e-9);
    }
  });

// ---- what is written, without PyTorch ----

/** What the class Files of scripts/torch_files.py does at the end of a training, in the workshop's folder. */
function ends(action, more = {}) {
  put("text.txt", shakespeare.slice(0, 9000));
  const options = { text: "text.txt", output: "end.safetensors", checkpoint: "end.safetensors.checkpoint", ...more };
  const env = { ...process.env, TMPDIR: at("spare") };
  return spawnSync(numpy, [pathOf("tests/torch_end.py"), action, JSON.stringify(options)], {
    cwd: at("."),
    encoding: "utf8",
    timeout: 60_000,
    env,
  });
}

const namesIn = name => readdirSync(at(name)).filter(name => /end\.safetensors/.test(name));

test("a file that has come since a training began is not written over: not by a checkpoint", { skip: !numpy }, () => {
  put("end.safetensors.checkpoint", "mine");
  const { status, stderr } = ends("save_checkpoint");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /cannot write end\.safetensors\.checkpoint: File exists; the training goes on/);
  assert.equal(String(read("end.safetensors.checkpoint")), "mine");
  assert.equal(ends("finish").status, 0);
  assert.equal(String(read("end.safetensors.checkpoint")), "mine", "nor is it removed");
  for (const name of namesIn(".")) rmSync(at(name));
});

for (const [action, name] of [
  ["stop", "end.safetensors.checkpoint"],
  ["finish", "end.safetensors"],
])
  test(`a file that has come since a training began stays, and another is written beside it: ${action}`, { skip: !numpy }, () => {
    put(name, "mine");
    const { status, stderr } = ends(action);
    assert.equal(status, 1, stderr);
    const [, other] = new RegExp(`cannot write ${name}: File exists\n.*wrote (saved-\\d+-${name}) instead`).exec(stderr) ?? [];
    assert.ok(other, stderr);
    assert.equal(readTensors(new Uint8Array(read(other))).metadata["nextchar.format"], "1");
    assert.equal(String(read(name)), "mine");
    assert.deepEqual(namesIn(".").sort(), [name, other].sort(), "nothing else is left");
    for (const name of namesIn(".")) rmSync(at(name));
  });

test("the network that is written has exactly measured bits, and the minutes of the whole training", { skip: !numpy }, () => {
  const { status, stderr } = ends("finish");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^held out: 4\.2500 bits per character over 900 characters\nwrote end\.safetensors after 60\.\d minutes\n$/);
  const { metadata } = readTensors(new Uint8Array(read("end.safetensors")));
  const told = Object.entries(metadata).filter(([key]) => key.startsWith("heldOut."));
  assert.deepEqual(Object.fromEntries(told), { "heldOut.bitsPerCharacter": "4.2500", "heldOut.characters": "900" });
  assert.ok(Math.abs(metadata["train.minutes"] - 60) < 1, metadata["train.minutes"]);
  rmSync(at("end.safetensors"));
});

test("with --force, and of a checkpoint that is one's own, the file that is there is written over", { skip: !numpy }, () => {
  for (const [action, name, more] of [
    ["stop", "end.safetensors.checkpoint", { resume: true }],
    ["finish", "end.safetensors", { force: true }],
  ]) {
    put(name, "old");
    const { status, stderr } = ends(action, more);
    assert.equal(status, 0, stderr);
    assert.equal(readTensors(new Uint8Array(read(name))).metadata["nextchar.format"], "1");
    assert.deepEqual(namesIn("."), [name]);
    rmSync(at(name));
  }
});

for (const [action, name] of [
  ["stop", "end.safetensors.checkpoint"],
  ["finish", "end.safetensors"],
])
  test(`where a folder takes no file any more, another does, and the exit code says so: ${action}`, { skip: !numpy }, () => {
    mkdirSync(at("spare"), { recursive: true });
    put("end.safetensors.checkpoint", "one's own");
    const more = action === "stop" ? { checkpoint: `gone/${name}`, output: "gone/end" } : { output: `gone/${name}`, resume: true };
    if (action === "finish") more.checkpoint = "end.safetensors.checkpoint";
    const { status, stderr } = ends(action, more);
    assert.equal(status, 1, stderr);
    const folder = action === "stop" ? "spare" : ".";
    assert.match(stderr, new RegExp(`cannot write gone/${name}: No such file or directory`));
    const [other] = namesIn(folder).filter(there => there.startsWith("saved-"));
    assert.ok(other.endsWith(name) && stderr.includes(`${other} instead`), stderr);
    assert.equal(readTensors(new Uint8Array(read(join(folder, other)))).metadata["nextchar.format"], "1");
    assert.equal(String(read("end.safetensors.checkpoint")), "one's own", "one goes on from the checkpoint");
    assert.doesNotMatch(stderr, /^(stopped; )?wrote/m);
    rmSync(at("spare"), { recursive: true });
    for (const name of namesIn(".")) rmSync(at(name));
  });

// ---- what is read, without PyTorch ----

const says = (kind, names) => {
  const result = spawnSync(numpy, [pathOf("tests/torch_read.py"), kind, ...names], { cwd: at("."), encoding: "utf8", timeout: 120_000 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout.trimEnd().split("\n");
};

/** The bytes of a weights file with another header, which is JSON. */
function withHeader(bytes, change) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = new TextEncoder().encode(change(new TextDecoder().decode(bytes.subarray(8, 8 + length))));
  const size = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  return Buffer.concat([size, header, bytes.subarray(8 + length)]);
}

const inHeader = change => bytes =>
  withHeader(bytes, text => {
    const header = JSON.parse(text);
    change(header);
    return JSON.stringify(header);
  });
const inMetadata = (key, value) => inHeader(header => (header.__metadata__[key] = value));

/** A checkpoint with a best network, whose metadata has more. */
async function checkpoint(more, settings = {}, of = settings) {
  const text = shakespeare.slice(0, 9000);
  const [own, other] = await Promise.all(
    [settings, of].map(sizes => Training.begin(text, { kind: "text", hidden: 8, embedding: 4, ...sizes })),
  );
  own.update();
  const best = readTensors(other.weights());
  return new Uint8Array(await packCheckpoint(own.save(), text, writeTensors({ ...best, metadata: { ...best.metadata, ...more } })));
}

test("a checkpoint that is damaged, or made to harm, is refused in a sentence", { skip: !numpy }, async () => {
  const good = await checkpoint({ "heldOut.bitsPerToken": "4.25" });
  const parts = readTensors(good);
  const notUtf8 = new Uint8Array(parts.tensors.text.data.length).fill(0xff);
  const NONE = / is no network or checkpoint of nextchar with its vocabulary, in floats$/;
  const cases = [
    [good, /^4\.25$/],
    [withHeader(good, text => text.replace('"train.dropout":"0.5"', '"train.dropout":"0.9995"')), /^4\.25$/],
    [inMetadata("train.dropout", "1")(good), /^dropout is 1; it must be a number from 0 to below 1$/],
    [inHeader(header => (header.__metadata__ = 5))(good), NONE],
    [inMetadata("train.batch", [4])(good), NONE],
    [inMetadata("train.minutes", [4])(good), NONE],
    [withHeader(good, () => `{"a":${"[".repeat(200_000)}`), NONE],
    [withHeader(good, () => "5"), NONE],
    [withHeader(good, () => "[[[1],2]]"), NONE],
    [inHeader(header => (header["fc.weight"] = 5))(good), NONE],
    [inHeader(header => (header["fc.weight"].shape = [1e30]))(good), NONE],
    [withHeader(good, text => text.replace(/("fc.bias":.*?"shape":)\[\d+\]/, `$1[1${"0".repeat(30)}]`)), NONE],
    [inHeader(header => header["fc.weight"].data_offsets.push(2))(good), NONE],
    [inMetadata("train.rate-factor", "much")(good), /the checkpoint's train\.rate-factor is much, which is no number/],
    [writeTensors({ ...parts, tensors: { ...parts.tensors, text: { ...parts.tensors.text, data: notUtf8 } } }), /text is not UTF-8$/],
    [inHeader(header => (header.best = header.text))(good), /^the best network in \S+ is no network or checkpoint/],
    [await checkpoint({ "heldOut.bitsPerToken": "4" }, {}, { hidden: 9 }), /^the best network in \S+ is not of this training$/],
    [await checkpoint({ "heldOut.bitsPerToken": "few" }), /^the best network's heldOut\.bitsPerToken is few, which is no number$/],
    [await checkpoint({}), /^inf$/],
    [await checkpoint({ "heldOut.bitsPerToken": "nan" }), /^inf$/],
  ];
  const names = cases.map(([bytes], i) => (put(`hostile-${i}`, bytes), `hostile-${i}`));
  for (const [i, sentence] of says("checkpoint", names).entries()) assert.match(sentence, cases[i][1], `case ${i}`);

  let dice = 1;
  const throws = below => (dice = (dice * 48271) % 0x7fffffff) % below;
  const length = Number(new DataView(good.buffer, good.byteOffset).getBigUint64(0, true));
  const broken = Array.from({ length: 300 }, (_, i) => {
    const bytes = good.slice();
    for (let changes = 1 + throws(3); changes--;) bytes[8 + throws(length)] = '"{}[]:,0919ae.-'.charCodeAt(throws(15));
    put(`broken-${i}`, bytes);
    return `broken-${i}`;
  });
  assert.equal(says("checkpoint", broken).length, broken.length);
  for (const name of [...names, ...broken]) rmSync(at(name));
});

test("of a text behind a byte order mark the place that is no UTF-8 is told, and the mark is no character", { skip: !numpy }, () => {
  put("marked.txt", "\ufeffab\ncd");
  put("bad.txt", Buffer.concat([Buffer.from("\ufeffab"), Buffer.from([0xff]), Buffer.from("cd")]));
  assert.deepEqual(says("text", ["marked.txt", "bad.txt"]), [
    "5",
    "bad.txt is not UTF-8: no character at byte 6; nextchar train says what makes UTF-8 of it",
  ]);
});

// ---- files: with PyTorch alone ----

const skip = folder ? false : "npm run torch does";
const limited = { skip, timeout: 600_000 };
const CHECKPOINT = "cut.safetensors.checkpoint";
const python = "/usr/bin/python3";
const script = pathOf("scripts/train_torch.py");
const inFolder = { cwd: at("."), encoding: "utf8", timeout: 240_000, env: { ...process.env, OMP_NUM_THREADS: "1" } };
const alone = args => spawnSync(python, [script, ...args], inFolder);
const TORCHRUN = ["--redirects", "1", "--tee", "1", "--nproc_per_node", "2", script];
const together = args => spawnSync("torchrun", [...TORCHRUN, ...args], inFolder);

function succeeds(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}

/** How a process ends that gets a signal once it has written the checkpoint anew. Its time limit ends it in any case. */
async function interrupted(program, args, signal, meanwhile = () => {}) {
  const written = () => (existsSync(at(CHECKPOINT)) ? readFileSync(at(CHECKPOINT)) : Buffer.alloc(0));
  const before = written();
  const child = spawn(program, args, { ...inFolder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", data => (stderr += data));
  const ended = new Promise(done => child.on("close", done));
  const goesOn = () => child.exitCode === null && child.signalCode === null;
  while (written().equals(before) && goesOn()) await new Promise(done => setTimeout(done, 1));
  meanwhile();
  child.kill(signal);
  await ended;
  return { status: child.exitCode, stderr };
}

async function stopped(program, args, signal) {
  const { stderr } = await interrupted(program, args, signal);
  assert.match(stderr, /stopped; wrote cut\.safetensors\.checkpoint: go on with --resume/);
  return new Uint8Array(read(CHECKPOINT));
}

for (const [cell, ...more] of [
  ["lstm", "--layers", "2", "--dropout", "0.2", "--recurrent-dropout", "0.1"],
  ["gru", "--optimizer", "rmsprop", "--dropout", "0"],
  ["tanh", "--rate", "0.00005"],
])
  test(
    `a checkpoint of the command goes on in two processes, and theirs in the core, with the core's losses: ${cell}`,
    limited,
    async () => {
      const text = makeText(2000);
      put("text.txt", text);
      rmSync(at(CHECKPOINT), { force: true });
      const args = ["--output", "cut.safetensors", "--checkpoint-minutes", "0"];
      const begun = ["train", "text.txt", ...args, "--cell", cell, ...more, ...SIZES, "--passes", "20", "--meta", "corpus=words"];
      const own = await Training.resume(await stopped(command, begun, "SIGINT"), text);
      let loss = Number(readTensors(read(CHECKPOINT)).metadata["train.loss"]);
      const there = await Training.resume(await stopped("torchrun", [...TORCHRUN, ...args, "--resume"], "SIGTERM"), text);
      const { metadata } = readTensors(read(CHECKPOINT));

      assert.ok(own.done > 0 && there.done > own.done && there.done < there.updates, `${own.done}, then ${there.done} of ${there.updates}`);
      while (own.done < there.done) loss = 0.98 * loss + 0.02 * own.update().bits * Math.LN2;
      assert.ok(Math.abs(metadata["train.loss"] - loss) < TOLERANCE, `${metadata["train.loss"]}, in the core ${loss}`);
      const [here, after] = [own, there].map(training => Array.from({ length: 30 }, () => training.update().bits * Math.LN2));
      assertNear(after, here, TOLERANCE, "the loss of a later update");
      output(["train", "--output", "cut.safetensors", "--resume"]); // text and all are in the file
      assert.equal(inspect("cut.safetensors").metadata.corpus, "words");
      rmSync(at("cut.safetensors"));
    },
  );

test("what cannot be written as a signal ends two processes lies elsewhere, and goes on from there", limited, async () => {
  put("text.txt", makeText(800));
  rmSync(at(CHECKPOINT), { force: true });
  const args = ["text.txt", "--output", "cut.safetensors", ...SIZES, "--passes", "3", "--checkpoint-minutes", "0"];
  const inTheWay = () => {
    for (let tries = 0; ; tries++)
      try {
        rmSync(at(CHECKPOINT), { force: true });
        return mkdirSync(at(CHECKPOINT)); // no file takes its place
      } catch (error) {
        assert.ok(tries < 100, error); // it has been written anew just then
      }
  };
  const { status, stderr } = await interrupted("torchrun", [...TORCHRUN, ...args], "SIGTERM", inTheWay);
  assert.notEqual(status, 0);
  assert.match(stderr, /cannot write cut\.safetensors\.checkpoint: Is a directory/);
  const [, other] = /wrote (saved-\d+-cut\.safetensors\.checkpoint) instead/.exec(stderr) ?? [];
  assert.ok(other, stderr);
  assert.doesNotMatch(stderr, /a number is not finite|stopped; wrote/);
  rmSync(at(CHECKPOINT), { recursive: true });
  succeeds(alone(["--output", "cut.safetensors", "--checkpoint", other, "--resume"]));
  assert.ok(existsSync(at("cut.safetensors")));
});

test("more processes than GPUs are refused before they wait for each other", limited, () => {
  const code = `import sys; sys.path.insert(0, ${JSON.stringify(pathOf("scripts"))}); import torch, train_torch
torch.cuda.device_count = lambda: 1
try: train_torch.Processes()
except train_torch.Refused as error: print(error)`;
  for (const rank of ["0", "1"]) {
    const env = { ...inFolder.env, RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: "2", LOCAL_WORLD_SIZE: "2" };
    const { stdout, stderr } = spawnSync(python, ["-c", code], { ...inFolder, env });
    assert.equal(stdout, "this machine has 1 GPUs, and 2 processes: let torchrun start 1, or fewer\n", stderr);
  }
});

test("a checkpoint of the page's library, with its best network and a rate that was lowered, goes on in PyTorch", limited, async () => {
  const text = makeText(800);
  const training = await Training.begin(text, { ...inCore({ hidden: 16, batch: 4, window: 16 }), passes: 2 });
  while (training.done < 20) training.update();
  const best = training.weights();
  training.rateFactor = 0.25;
  put("page.safetensors", await packCheckpoint(training.save(), text, best));
  succeeds(alone(["--output", "own.safetensors", "--checkpoint", "page.safetensors", "--resume"]));
  while (training.done < training.updates) training.update();
  put("library.safetensors", training.weights());
  const [there, here] = ["own", "library"].map(
    name => JSON.parse(output(["score", `${name}.safetensors`, "--json"], text)).bitsPerCharacter,
  );
  assert.ok(Math.abs(there - here) < 1e-3, `${there}, in the core ${here}`);
  assert.ok(existsSync(at("page.safetensors")), "a checkpoint that was named stays");
});

test("what is written is read by the command with the figures that were said, and begins a training there", limited, () => {
  put("text.txt", makeText(800));
  put("held-out.txt", makeText(900).slice(makeText(800).length));
  const args = ["text.txt", "--held-out", "held-out.txt", ...SIZES, "--passes", "2"];
  const { stderr } = succeeds(together([...args, "--output", "torch.safetensors"]));
  const said = Number(/^held out: (\S+) bits per character over \d+ characters$/m.exec(stderr)[1]);
  const { metadata } = inspect("torch.safetensors");
  assert.equal(Number(metadata["heldOut.bitsPerCharacter"]), said);
  const scored = JSON.parse(output(["score", "torch.safetensors", "held-out.txt", "--json"]));
  assert.equal(Number(metadata["heldOut.characters"]), scored.characters);
  assert.ok(Math.abs(scored.bitsPerCharacter - said) < 1e-4, `${scored.bitsPerCharacter}, said ${said}`);
  output(["train", ...args, "--output", "command.safetensors"]);
  const byCommand = JSON.parse(output(["score", "command.safetensors", "held-out.txt", "--json"]));
  assert.ok(
    Math.abs(scored.bitsPerCharacter - byCommand.bitsPerCharacter) < 1e-3,
    `${scored.bitsPerCharacter}, ${byCommand.bitsPerCharacter}`,
  );
  assert.ok(!existsSync(at("torch.safetensors.checkpoint")));
  succeeds(alone(["text.txt", "--from", "torch.safetensors", "--batch", "4", "--passes", "1", "--output", "more.safetensors"]));
  output(["train", "text.txt", "--from", "more.safetensors", "--passes", "1", "--output", "again.safetensors"]);
  assert.deepEqual(
    readdirSync(at(".")).filter(name => name.endsWith(".part")),
    [],
  );
});

test("what cannot be done is said in a sentence, by one process, and no file is touched", limited, () => {
  put("text.txt", makeText(400));
  put("other.txt", `the ${makeText(400)}`);
  put("list.txt", "Anna\nBert\nCleo\nDora\nEmil\nFay\nGus\nHal\nIda\nJo\n".repeat(30));
  put("broken.txt", Buffer.from("caf\xe9 ".repeat(200), "latin1"));
  put("same.txt", "a".repeat(3000));
  put("there.safetensors", "mine");
  put("busy.safetensors.checkpoint", "mine");
  output(["train", "list.txt", "--output", "list.safetensors", "--passes", "2"]);
  output(["train", "text.txt", "--output", "net.safetensors", "--passes", "1", ...SIZES]);
  output(["quantize", "net.safetensors", "--output", "int8.safetensors"]);
  const begun = new Uint8Array(read("net.safetensors"));
  put("cut.bin", begun.slice(0, 1000));
  const refusals = [
    [["--output", "a"], /needs a text/],
    [["text.txt", "--output", "there.safetensors"], /there\.safetensors is there already: --force writes over it/],
    [
      ["text.txt", "--output", "busy.safetensors"],
      /busy\.safetensors\.checkpoint is there from an earlier training: go on from it with --resume/,
    ],
    [["text.txt", "--output", "text.txt", "--force"], /must be two files, neither of which is read/],
    [["text.txt", "--output", "no/folder"], /no is no folder that can be written to/],
    [["none.txt", "--output", "a"], /none\.txt/],
    [["broken.txt", "--output", "a"], /broken\.txt is not UTF-8: no character at byte 4/],
    [["same.txt", "--output", "a"], /one and the same character over and over/],
    [["text.txt", "--output", "a", "--cell", "rnn"], /cell is rnn; it must be one of tanh, gru, lstm/],
    [["text.txt", "--output", "a", "--batch", "0"], /batch is 0; it must be a whole number from 1 to 65536/],
    [["text.txt", "--output", "a", "--batch", "5", "--slices", "2"], /slices is 2; it must divide batch, which is 5/],
    [["text.txt", "--output", "a", "--batch", "900", "--window", "64"], /900 streams of 64 need 57601: take a longer text/],
    [["text.txt", "--output", "a", "--held-out", "1.5"], /--held-out needs a file, or a share from 0 to below 1/],
    [["text.txt", "--output", "a", "--from", "text.txt"], /text\.txt is no network or checkpoint of nextchar/],
    [["text.txt", "--output", "a", "--from", "cut.bin"], /cut\.bin is no network or checkpoint of nextchar/],
    [["text.txt", "--output", "a", "--from", "int8.safetensors"], /int8\.safetensors has no .* of floats/],
    [["text.txt", "--output", "a", "--from", "net.safetensors", "--hidden", "7"], /--hidden 7 cannot be obeyed: net\.safetensors has 24/],
    [["list.txt", "--output", "a", "--from", "list.safetensors"], /is of words, a list or examples: nextchar train goes on with those/],
    [["list.txt", "--output", "a", "--from", "net.safetensors"], /% of the text's characters are not among those .* --force trains/],
    [["--output", "a", "--checkpoint", "net.safetensors", "--resume"], /is a network, but no checkpoint of a training/],
    [["text.txt", "--output", "a", "--resume", "--from", "net.safetensors"], /--from cannot be obeyed with --resume/],
  ];
  for (const [args, sentence] of refusals) {
    const { status, stderr } = alone(args);
    assert.match(stderr, sentence, String(args));
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(status, 1);
    assert.ok(!existsSync(at("a")));
  }
  const { status, stderr } = together(["text.txt", "--output", "a", "--batch", "5", "--slices", "1"]);
  assert.notEqual(status, 0);
  assert.equal(stderr.match(/train_torch: 2 processes cannot share 5 streams: give --batch a multiple/g)?.length, 1, stderr);
  for (const name of ["there.safetensors", "busy.safetensors.checkpoint"]) assert.equal(String(read(name)), "mine");
  assert.deepEqual(new Uint8Array(read("net.safetensors")), begun);
});

test("numbers that are no longer finite end a training, and are not written", limited, () => {
  put("text.txt", makeText(400));
  output(["train", "text.txt", "--output", "small.safetensors", "--passes", "1", ...SIZES]);
  const file = readTensors(new Uint8Array(read("small.safetensors")));
  const { data } = file.tensors["fc.weight"];
  file.tensors["fc.weight"].data = new Uint8Array(new Float32Array(data.length / 4).fill(3e38).buffer);
  put("huge.safetensors", writeTensors(file));
  const { status, stderr } = together(["text.txt", "--from", "huge.safetensors", "--output", "never.safetensors", "--batch", "4"]);
  assert.notEqual(status, 0);
  assert.match(stderr, /after 0 updates a number is not finite any more: try a lower --rate/);
  assert.ok(!existsSync(at("never.safetensors")));
});
