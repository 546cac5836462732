// SPDX-License-Identifier: MIT
//
// How what is saved is called.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../web/page/filename.js";
import { titleOf } from "../web/page/train/known.js";

const day = "\\d{4}-\\d\\d-\\d\\d";
const matches = (name, pattern) => assert.match(name, new RegExp(`^${pattern}$`, "u"));

test("a file's name has the letters and digits of its title, of any script, the reader's day, and its ending", () => {
  for (const [title, name] of [
    ["names", "names"],
    ["English, like Shakespeare", "English-like-Shakespeare"],
    ["Мой дядя, самых честных", "Мой-дядя-самых-честных"],
    ["名前 2", "名前-2"],
    ["किताब", "किताब"], // its signs are marks, not letters
    ["../../etc/passwd\u0000\n", "etc-passwd"],
    ['"); import os #', "import-os"],
    ["…!", "network"],
    ["", "network"],
    ["e\u0301t\u00e9", "\u00e9t\u00e9"],
    ["a".repeat(300), "a".repeat(40)],
    ["𝒳".repeat(50), "𝒳".repeat(40)], // no half of a character
    ["one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"],
  ])
    matches(fileName(title, "-int8.safetensors"), `${name}-${day}-int8\\.safetensors`);
  const now = new Date();
  assert.ok(fileName("x", ".st").startsWith(`x-${now.getFullYear()}-`));
});

test("a training is called by its file, its ready text, or its first words", () => {
  assert.equal(titleOf("names.txt (utf-8)", "Anna"), "names");
  assert.equal(titleOf("my.list.of names.csv (windows-1251), b.txt (utf-8)", ""), "my.list.of names");
  assert.equal(titleOf("README (utf-8)", ""), "README");
  assert.equal(titleOf("English, like Shakespeare", "ROMEO:"), "English, like Shakespeare");
  assert.equal(titleOf("", "  Call me Ishmael. Some years ago"), "Call me Ishmael.");
  assert.equal(titleOf("", "x"), "");
});
