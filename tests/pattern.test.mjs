// SPDX-License-Identifier: MIT
//
// Networks that answer, in JavaScript: the same answers, figures and distributions as the command's; the state between the halves.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadBigrams } from "../web/core/bigrams.js";
import { ExampleTraining } from "../web/core/examples.js";
import { load } from "../web/core/model.js";
import { loadPattern } from "../web/core/pattern.js";
import { workshop } from "./command.mjs";
import { changed, makeWeights, readTensors } from "./helpers.mjs";

const { write: put, read, output } = workshop();
const SIZES = "--batch 16 --rate 0.01 --warmup 10 --embedding 8";
const numbers = Array.from({ length: 300 }, (_, i) => String(100 + i));
const lines = examples => examples.map(example => example.join("\t")).join("\n");
const backwards = text => [...text].reverse().join("");
const bar = (i, upright) => Uint8Array.from({ length: 100 }, (_, at) => ((upright ? at % 10 : Math.floor(at / 10)) === i ? 220 : 0));
const base64 = bytes => Buffer.from(bytes).toString("base64");

before(() => {
  const train = (name, settings) => output(`train ${name}.txt --output ${name}.st ${SIZES} ${settings}`);
  put("sequence.txt", lines(numbers.map(text => [text, backwards(text)])));
  put("first.txt", lines(numbers.map(text => [text, `first ${text[0]}`])));
  put("later.txt", lines(numbers.map(text => [text, text.replaceAll("1", "i")])));
  put("class.txt", lines(numbers.map((_, i) => (i % 2 ? ["sky", "blue"] : ["grass", "green"]))));
  put("picture.txt", lines(numbers.map((_, i) => [base64(bar(i % 10, i % 3 === 0)), i % 3 === 0 ? "up" : "level"])));
  train("sequence", "--pattern sequence --hidden 32 --passes 60");
  train("first", "--pattern many-to-one --cell gru --layers 2 --hidden 16 --passes 30");
  train("later", "--pattern synchronous --cell tanh --hidden 16 --passes 30 --delay 1");
  train("class", "--pattern one-to-many --hidden 16 --passes 10");
  train("picture", "--pattern one-to-many --side 10 --maps 2 --cell gru --hidden 16 --passes 10");
  output("quantize sequence.st --output int8.st");
});

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const open = name => loadPattern(read(`${name}.st`));

test("the answers are the command's, greedy, by beam and drawn, of int8 too", async () => {
  for (const name of ["sequence", "int8", "first", "later"]) {
    const pattern = await open(name);
    const some = numbers.slice(0, 20);
    const answers = options => some.map((text, i) => `${pattern.answer(text, { ...options, seed: 1 + i })}\n`).join("");
    assert.equal(answers({}), output(`answer ${name}.st`, some.join("\n")), name);
    assert.equal(answers({ beam: 3 }), output(`answer ${name}.st --beam 3`, some.join("\n")), name);
    assert.equal(answers({ temperature: 2 }), output(`answer ${name}.st --temperature 2`, some.join("\n")), name);
    pattern.free();
  }
  const pictures = await open("picture");
  assert.equal(pictures.answer(bar(3, true)), "up");
  assert.equal(pictures.answer(bar(4, false)), "level");
  assert.equal((await open("class")).answer("sky"), "blue");
});

test("who loads it as a network that writes on is told what it is", async () => {
  for (const name of ["sequence", "first", "later", "class", "picture"])
    await assert.rejects(load(read(`${name}.st`)), {
      code: "E_SHAPE",
      message: /the network answers, and does not write on/,
      hint: "loadPattern() opens it.",
    });
});

test("who loads one that writes on as one that answers is told what it is", async () => {
  const writes = makeWeights();
  await assert.rejects(loadPattern(writes), { code: "E_SHAPE", message: /no network that answers/, hint: /writes on, load\(\) opens it/ });
});

test("what the network does not know of an input is a list, each once", async () => {
  const pattern = await open("sequence");
  assert.deepEqual(pattern.unknown("1é2éж"), ["é", "ж"]);
  assert.deepEqual(pattern.unknown("12\r\n"), ["\r", "\n"]);
  assert.deepEqual(pattern.unknown("1\ud83d"), ["\ufffd"]);
  assert.deepEqual([pattern.unknown("123"), pattern.unknown("")], [[], []]);
  assert.deepEqual([(await open("class")).unknown("sky"), (await open("picture")).unknown(bar(1, true))], [[], []]);
  assert.throws(() => pattern.unknown(5), { code: "E_ARGUMENT" });
});

test("an empty input has an empty answer and no units, and no state", async () => {
  for (const name of ["sequence", "first", "later", "class"]) {
    const pattern = await open(name);
    assert.deepEqual([pattern.answer(""), pattern.answer("", { beam: 2 }), [...pattern.units("")]], ["", "", []], name);
    assert.throws(() => pattern.begin(""), { code: name === "sequence" || name === "class" ? "E_ARGUMENT" : "E_STATE" });
  }
});

test("an option that there is not is refused, with those that there are", async () => {
  const pattern = await open("sequence");
  const refused = (ask, message) => assert.throws(ask, { code: "E_ARGUMENT", message });
  refused(() => pattern.answer("1", { beem: 3 }), /"beem" in options is none of temperature, seed, most, beam$/);
  refused(() => pattern.units("1", { beam: 3 }), /"beam" in options is none of temperature, seed, most$/);
  refused(() => pattern.write(pattern.begin("1"), { temprature: 1 }), /"temprature" in options is none/);
  refused(() => pattern.units("1", null), /not an object/);
});

test("it says what it is, and scores examples as the command does", async () => {
  const pattern = await open("sequence");
  assert.deepEqual([pattern.pattern, pattern.cell, pattern.layers, pattern.hidden, pattern.quantized], ["sequence", "lstm", 1, 32, false]);
  assert.deepEqual(pattern.vocabulary, [..."0123456789"]);
  assert.deepEqual(pattern.labels, [..."0123456789", "<end>"]);
  assert.deepEqual(
    [(await open("later")).delay, (await open("picture")).side, (await open("class")).vocabulary],
    [1, 10, ["grass", "sky"]],
  );
  const { right, examples, bitsPerLabel } = pattern.score("123\t321\n124\t999");
  const said = JSON.parse(output("score sequence.st --json", "123\t321\n124\t999"));
  assert.deepEqual([right, examples], [said.right, said.examples]);
  assert.ok(Math.abs(bitsPerLabel - said.bitsPerLabel) < 1e-6);
});

test("a training's network has its rules before it was ever saved", async () => {
  const pictures = await ExampleTraining.begin(read("picture.txt").toString(), { pattern: "one-to-many", side: 10, hidden: 8 });
  assert.deepEqual([pictures.network.pattern, pictures.network.side], ["one-to-many", 10]);
  assert.equal(typeof pictures.network.answer(bar(1, true)), "string");
  const later = await ExampleTraining.begin(read("later.txt").toString(), { pattern: "synchronous", delay: 2, hidden: 8 });
  assert.equal(later.network.delay, 2);
});

test("the units are what is read, then what is written, with the command's distributions", async () => {
  const pattern = await open("sequence");
  const units = [...pattern.units("123")];
  assert.deepEqual(
    units.map(({ stack, token, label }) => [stack, token, label]),
    [
      ["encoder", "3", null], // it is read from its end
      ["encoder", "2", null],
      ["encoder", "1", null],
      ["network", null, "3"],
      ["network", "3", "2"],
      ["network", "2", "1"],
      ["network", "1", null],
    ],
  );
  const said = JSON.parse(output("answer sequence.st --json", "123")).units;
  for (const [i, { distribution }] of said.entries())
    for (const [label, p] of distribution) assert.ok(Math.abs(units[3 + i].probs[pattern.labels.indexOf(label)] - p) < 6e-5);
  assert.deepEqual([units[0].probs, units[0].h.length, units[0].c.length, units[0].gates.length], [null, 32, 32, 128]);
  const later = [...(await open("later")).units("191")];
  assert.deepEqual(
    later.slice(1).map(({ token, label }) => [token, label]),
    [
      ["9", "i"],
      ["1", "9"],
      [null, "i"],
    ],
  );
});

test("the state between the halves is all that is known: another number's state writes that number", async () => {
  const pattern = await open("sequence");
  const written = state => [...pattern.write(state)].map(({ label }) => label ?? "").join("");
  for (const number of ["123", "204", "399"]) assert.equal(written(pattern.begin(number)), backwards(number));
  const scrambled = pattern.begin("123").map((x, i) => (i < 16 ? -x : x));
  assert.notEqual(written(scrambled), "321");
  assert.match(written(scrambled), /^\d+$/);
  assert.equal(pattern.answer("123"), "321", "the network itself is as it was");
  const classes = await open("class");
  const name = state => [...classes.write(state)].map(({ label }) => label ?? "").join("");
  assert.equal(name(classes.begin("grass")), "green");
  const [sky, grass] = ["sky", "grass"].map(text => classes.begin(text));
  assert.match(name(sky.map((x, i) => 0.9 * x + 0.1 * grass[i])), /^blue$/);
});

/** What PyTorch's Conv2d, ReLU and MaxPool2d(2) make of maps (channels x side x side), in double precision. */
function convolved(maps, side, { weight, bias }) {
  const half = Math.floor((side - 2) / 2);
  return [...bias].map((b, out) =>
    Array.from({ length: half * half }, (_, place) => {
      const at = (y, x) =>
        maps.reduce((sum, map, c) => {
          for (let i = 0; i < 9; i++) sum += weight[(out * maps.length + c) * 9 + i] * map[(y + Math.floor(i / 3)) * side + x + (i % 3)];
          return sum;
        }, b);
      const [y, x] = [2 * Math.floor(place / half), 2 * (place % half)];
      return Math.max(0, at(y, x), at(y, x + 1), at(y + 1, x), at(y + 1, x + 1));
    }),
  );
}

test("the maps of a picture are those of two convolutions", async () => {
  const pictures = await open("picture");
  const { tensors } = readTensors(read("picture.st"));
  const floats = name => new Float32Array(new Uint8Array(tensors[name].data).buffer);
  const most = [0, 0];
  for (let i = 0; i < 20; i++) {
    const picture = bar(i % 10, i < 10);
    let maps = [[...picture].map(byte => byte / 255)];
    let side = 10;
    for (const [which, found] of pictures.maps(picture).entries()) {
      const name = `conv${which + 1}`;
      maps = convolved(maps, side, { weight: floats(`${name}.weight`), bias: floats(`${name}.bias`) });
      side = Math.floor((side - 2) / 2);
      assert.deepEqual([found.side, found.maps.length], [side, maps.length]);
      for (const [k, map] of maps.entries()) for (const [place, x] of map.entries()) assert.ok(Math.abs(found.maps[k][place] - x) < 1e-5);
      most[which] = Math.max(most[which], ...maps.flat());
    }
  }
  assert.ok(Math.min(...most) > 0.01, String(most));
  const sequence = await open("sequence");
  assert.throws(() => sequence.maps(bar(3, true)), { code: "E_STATE" });
});

test("wrong questions and files are refused with a code and a sentence", async () => {
  const pattern = await open("sequence");
  const pictures = await open("picture");
  const classes = await open("class");
  const refused = (ask, code, sentence) =>
    assert.throws(ask, error => error.code === code && sentence.test(error.message), String(sentence));
  refused(() => pattern.answer(123), "E_ARGUMENT", /not a string/);
  refused(() => pattern.answer("1", { beam: 0 }), "E_RANGE", /beam is 0/);
  refused(() => pattern.answer("1", { beam: 2, temperature: 1 }), "E_ARGUMENT", /temperature 0/);
  refused(() => pattern.answer("1", { most: 2000 }), "E_RANGE", /most is 2000/);
  refused(() => classes.answer("sea"), "E_ARGUMENT", /"sea" is no class/);
  assert.throws(() => classes.answer("sea"), { hint: 'It knows "grass", "sky".' });
  const many = await ExampleTraining.begin(numbers.map(n => `${n}\t${n}`).join("\n"), { pattern: "one-to-many", hidden: 2 });
  assert.throws(() => many.network.answer("sea"), { hint: /^It knows ("\d+", ){19}"\d+" and \d+ more\.$/ });
  refused(() => pictures.answer(new Uint8Array(99)), "E_ARGUMENT", /99 bytes/);
  refused(() => pictures.answer("up"), "E_ARGUMENT", /not a Uint8Array/);
  refused(() => [...pattern.write(new Float32Array(3))], "E_ARGUMENT", /3 numbers, expected 64/);
  refused(() => [...pattern.write(new Float32Array(64).fill(NaN))], "E_ARGUMENT", /not finite/);
  refused(() => pattern.score("no tab"), "E_TEXT", /line 1/);
  refused(() => pattern.score(`${"1".repeat(70_000)}\t1`), "E_TEXT", /line 1 has 70000 characters/);
  refused(() => pattern.answer("1".repeat(70_000)), "E_TEXT", /more than 65536/);
  const first = await open("first");
  refused(() => first.begin("123"), "E_STATE", /hands no state/);
  first.free();
  refused(() => first.answer("123"), "E_FREED", /freed/);
  const broken = changed(read("sequence.st"), ({ metadata }) => delete metadata["decoder.end"]);
  await assert.rejects(loadPattern(broken), { code: "E_HEADER", message: /needs an "end"/ });
  await assert.rejects(loadPattern(changed(read("sequence.st"), ({ metadata }) => delete metadata.pattern)), { code: "E_SHAPE" });
  const more = name => changed(read("sequence.st"), ({ tensors }) => (tensors[name] = tensors["decoder.fc.bias"]));
  for (const name of ["attention.weight", "third.rnn.weight_hh_l0", "fc.bias", "decoder.norm.weight"])
    await assert.rejects(loadPattern(more(name)), error => error.code === "E_SHAPE" && error.message.includes(`tensor ${name},`));
});

test("a table of bigrams remembers nothing: a letter has the same row each time", async () => {
  const letters = await loadBigrams(at("weights/patterns/letters.safetensors"));
  assert.deepEqual([letters.pattern, letters.vocabulary.length, letters.end], ["one-to-one", 27, -1]);
  const units = [...letters.units("qaqé")];
  assert.deepEqual(units.map(({ token, label }) => [token, label]).slice(0, 3), [
    ["q", "u"],
    ["a", units[1].label],
    ["q", "u"],
  ]);
  assert.deepEqual(units[0].probs, units[2].probs);
  assert.equal(units[3].token, null, "it does not know é");
  assert.deepEqual(letters.unknown("éqéü"), ["é", "ü"]);
  for (const { probs, h } of units) {
    assert.ok(Math.abs(probs.reduce((sum, p) => sum + p, 0) - 1) < 1e-6);
    assert.equal(h.length, 0);
  }
  await assert.rejects(loadBigrams(at("weights/course.safetensors")), { code: "E_SHAPE", message: /has layers/ });
  letters.free();
  assert.throws(() => [...letters.units("a")], { code: "E_FREED" });
});
