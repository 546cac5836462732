// SPDX-License-Identifier: MIT
//
// What the reader's own networks are called and known by, and what is made of records that somebody else has written.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isOwn, keyOf } from "../web/page/catalog.js";
import { fileName } from "../web/page/filename.js";
import { OwnNetworks, factsOf, idOf, nameIn, nameOf, sumOf } from "../web/page/own/ownnetworks.js";
import { crc32 } from "../web/trainer/crc32.js";

const bytesOf = text => new TextEncoder().encode(text);
const fileOf = (text, name) => new File([bytesOf(text)], name);

test("a sum is the CRC-32 of the bytes, in one piece or in several, with 8 digits", () => {
  assert.equal(sumOf(bytesOf("123456789")), "cbf43926");
  assert.equal(crc32(bytesOf("6789"), crc32(bytesOf("12345"))), 0xcbf43926);
  assert.equal(sumOf(new Uint8Array()), "00000000");
  assert.equal(sumOf(readFileSync(new URL("../weights/course.safetensors", import.meta.url))), "11c13ce3");
});

test("a setting names one by its sum, and has its name for those who do not have it; whatever the name is", () => {
  for (const name of ["names", "own.1a2b3c4d.x", "a.b\nc", "", "Имена, 2", "&network=course"]) {
    const id = idOf({ sum: "1a2b3c4d", name });
    assert.deepEqual([isOwn(id), keyOf(id), nameIn(id)], [true, "own.1a2b3c4d", nameOf(name)], name);
  }
  assert.ok(isOwn("own.1a2b3c4d"));
  for (const other of ["shakespeare", "own", "own.", "own.1A2B3C4D.x", "own.1a2b3c4.x", "own.1a2b3c4dx", "my.own.1a2b3c4d.x"])
    assert.deepEqual([isOwn(other), keyOf(other)], [false, other]);
});

test("a name is a line of at most 100 characters, without what cannot be seen", () => {
  assert.equal(nameOf("  Names\n of\t all \u0000\u202e"), "Names of all");
  assert.equal(nameOf("<b>&amp;"), "<b>&amp;");
  assert.equal(nameOf("😀".repeat(150)), "😀".repeat(100));
  assert.equal(nameOf("x".repeat(1e7)).length, 100);
});

test("a file gives its network the name that it was saved with, and another one of that name a number", async () => {
  const networks = new OwnNetworks();
  const names = [];
  const saved = [fileName("Имена: 2", ".safetensors"), fileName("names", "-int8.safetensors")];
  const others = ["names.SAFETENSORS", "names.checkpoint", "x".repeat(200), "x".repeat(300), ".safetensors"];
  for (const [i, name] of [...saved, ...others].entries())
    names.push((await networks.take(fileOf(`file ${i}`, name), {})).name);
  const x = "x".repeat(100);
  assert.deepEqual(names.slice(0, 6), ["Имена-2", "names-int8", "names", "names 2", x, `${x.slice(2)} 2`]);
  assert.equal(names[6], sumOf(bytesOf("file 6")));
  const again = await networks.take(fileOf("file 2", "other.safetensors"), {});
  assert.equal(again.name, "names"); // it is the same file
});

test("where there is no storage a network is there as long as the page is; its text too, unless it is long", async () => {
  const networks = new OwnNetworks();
  const facts = await networks.take(fileOf("bytes", "mine.safetensors"), { from: "trained", text: " To be,\n or not ".repeat(9) });
  assert.deepEqual(
    { ...facts, when: 0 },
    {
      sum: sumOf(bytesOf("bytes")),
      name: "mine",
      when: 0,
      kind: "writes",
      from: "trained",
      learnt: "To be, or not To be, or not To be, or not To be, or not To b",
      input: "",
      bytes: 5,
      isKept: false,
    },
  );
  await assert.rejects(networks.keep(facts.sum), { code: "E_STORAGE", message: /^the browser keeps nothing here/ });
  const { file, text } = await networks.open(idOf(facts));
  assert.deepEqual([await file.text(), file.name, text.length], ["bytes", "mine", 9 * 16]);
  const long = await networks.take(fileOf("other", "long.safetensors"), { text: "x".repeat(1e6 + 1) });
  assert.equal((await networks.open(idOf(long))).text, "");
  assert.equal(await networks.open("own.00000000.x"), "missing");
  await networks.rename(facts, "yours");
  assert.equal(networks.find(idOf({ ...facts, name: "whatever" })).name, "yours");
});

test("where storage is forbidden one that is not kept is removed and brought back, and one that is kept is not lost", async () => {
  const networks = new OwnNetworks();
  const facts = await networks.take(fileOf("bytes", "mine.safetensors"), {});
  const removed = await networks.remove(facts);
  assert.deepEqual([networks.all, new TextDecoder().decode(removed.file.bytes)], [[], "bytes"]);
  networks.restore(removed);
  assert.equal(await (await networks.open(idOf(facts))).file.text(), "bytes");
  await assert.rejects(networks.remove({ ...facts, isKept: true }), { code: "E_STORAGE" });
  assert.equal(await (await networks.open(idOf(facts))).file.text(), "bytes");
});

test("facts are of the right kinds, whatever a record has", () => {
  const usual = { sum: "1a2b3c4d", name: "1a2b3c4d", when: 0, kind: "writes", from: "file", learnt: "", input: "", bytes: 0, isKept: true };
  const wrong = { name: {}, when: NaN, kind: "toString", from: 1, learnt: [], input: {}, bytes: -1 };
  for (const record of [null, undefined, 7, "text", [], {}, wrong])
    assert.deepEqual(factsOf("1a2b3c4d", record), usual);
  const long = { name: "x".repeat(200), learnt: "y".repeat(1e4), input: "z".repeat(1e4) };
  const record = { ...long, when: 1e300, kind: "sequence", from: "trained", bytes: 9 };
  const facts = factsOf("1a2b3c4d", record);
  assert.deepEqual(
    [facts.name.length, facts.when, facts.kind, facts.from, facts.learnt.length, facts.input, facts.bytes],
    [100, 8.64e15, "sequence", "trained", 120, "", 9],
  );
  for (const sum of ["", "<img>", "1A2B3C4D", "1a2b3c4d5"]) assert.equal(factsOf(sum, {}), null);
});
