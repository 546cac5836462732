// SPDX-License-Identifier: MIT
//
// The texts that the command reads: the page's reading of a file, or a sentence that says what is wrong with it.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { packCheckpoint } from "../web/core/checkpoint.js";
import { load } from "../web/core/model.js";
import { Training } from "../web/core/recipe.js";
import { decode, plainLineEnds } from "../web/trainer/decoding.js";
import { SIZES, makeText, workshop } from "./command.mjs";
import { dice } from "./helpers.mjs";

const { write, read, run, shell, output, assertFails, inspect, tensors, interruptedTraining } = workshop();
const TEXT = makeText(60);
const FAST = ["--hidden", "4", "--embedding", "0", "--batch", "4", "--window", "16", "--passes", "1"];
const bytesOf = text => Buffer.from(text);

before(() => {
  write("text.txt", TEXT);
  output(["train", "text.txt", "--output", "net.safetensors", ...FAST]);
});

/** Every command that reads the text. */
const reading = name => [
  ["train", name, "--output", "x", ...FAST],
  ["train", "text.txt", "--held-out", name, "--output", "x", ...FAST],
  ["score", "net.safetensors", name],
  ["markov", name, "text.txt"],
  ["markov", "text.txt", name],
  ["novelty", name, "text.txt"],
  ["novelty", "text.txt", name],
];

const train = (bytes, options = []) => {
  write("odd.txt", bytes);
  output(["train", "odd.txt", "--output", "odd.safetensors", "--force", ...FAST, ...options]);
  return inspect("odd.safetensors").fingerprint;
};

test("a text is learnt as the page reads it: whatever its line ends, with or without a byte order mark", () => {
  const pages = bytes => bytesOf(plainLineEnds(decode(bytes, "odd.txt").text));
  const ends = ["\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029", "\r\r\n", "\n\r", "\u2027", "\u0084", "Â", "â€", "\ufeff"];
  const random = dice(3);
  for (let round = 0; round < 20; round++) {
    const mixed = TEXT.replaceAll(/\n| cat/g, () => ends[round < ends.length ? round : random(ends.length)]);
    const bytes = bytesOf((round % 2 ? "\ufeff" : "") + mixed + (round % 3 ? "" : "\r"));
    assert.equal(train(bytes), train(pages(bytes)), `round ${round}`);
  }
});

test("UTF-8 with plain line ends is learnt as it ever was", () => {
  const asItWas = ["--slices", "1", "--rate", "0.004", "--warmup", "100", "--dropout", "0", "--held-out", "0"];
  assert.equal(train(TEXT, asItWas), "4b754a1f");
});

test("every command reads plain line ends", () => {
  write("windows.txt", `\ufeff${TEXT.replaceAll("\n", "\r\n")}`);
  for (const [windows, plain] of reading("windows.txt").map((args, i) => [args, reading("text.txt")[i]])) {
    if (windows[0] === "train") continue; // above
    const named = output(plain).replaceAll("text.txt", "windows.txt");
    assert.equal(output(windows).replaceAll("text.txt", "windows.txt"), named, windows.join(" "));
  }
  assert.equal(output(["score", "net.safetensors"], read("windows.txt")), output(["score", "net.safetensors", "text.txt"]));
});

const utf16 = (text, mark = "") => Buffer.from(mark + text, "utf16le");
const bytesOf1251 = Buffer.from([0xea, 0xee, 0xf2, 0x20, 0xe2, 0xe8, 0xe4, 0xe8, 0xf2]);
const DAMAGED = [
  ["Windows-1252", Buffer.from("first line\nélève déjà", "latin1"), /no character at byte 12, in line 2\. If it is in WINDOWS-1252/],
  ["one stray byte", Buffer.concat([bytesOf(TEXT), Buffer.of(0x92), bytesOf(TEXT)]), /no character at byte \d+, in line 61\. If/],
  ["a character that is cut", bytesOf("кот").subarray(0, 5), /no character at byte 5, in line 1\. If it is in UTF-8 but for such bytes, /],
  [
    "one stray byte in UTF-8",
    Buffer.concat([bytesOf("первая строка\nвторая "), Buffer.of(0x92), bytesOf("строка\n")]),
    /no character at byte 40, in line 2\. If it is in UTF-8 but for such bytes, this makes UTF-8 of it:\n {2}iconv -c -f UTF-8 /,
  ],
  ["Windows-1251", bytesOf1251, /no character at byte 1, in line 1\. If it is in WINDOWS-1251/],
  ["overlong", Buffer.of(0x61, 0xc0, 0x80), /no character at byte 2/],
  ["a surrogate", Buffer.of(0x61, 0xed, 0xa0, 0x80), /no character at byte 2/],
  ["UTF-16 with its mark", utf16("the cat", "\ufeff"), /the mark of UTF-16 at byte 1, in line 1\. If it is in UTF-16, /],
  ["UTF-16 of the other order", utf16("the cat", "\ufeff").swap16(), /the mark of UTF-16 at byte 1/],
  ["UTF-16 without a mark", utf16("the cat"), /a NUL at byte 2, in line 1\. If it is in UTF-16LE/],
  ["UTF-16BE without a mark", utf16("the cat").swap16(), /a NUL at byte 1, in line 1\. If it is in UTF-16BE/],
  ["a NUL", bytesOf(`${TEXT}\0`), /a NUL at byte \d+/],
];

for (const [what, bytes, sentence] of DAMAGED)
  test(`what is not UTF-8 is refused with the place of its first bad byte, by every command: ${what}`, () => {
    write("bad file.txt", bytes);
    for (const args of reading("bad file.txt")) {
      assertFails(args, 1, sentence);
      assertFails(
        args,
        1,
        /bad file\.txt is not UTF-8: .*\n {2}iconv (-c )?-f [-A-Z0-9]+ -t UTF-8 -- 'bad file\.txt' >'bad file\.txt\.utf8\.txt'\n/,
      );
    }
  });

test("a quotation mark in a name stays in the line's name", () => {
  write("it's; exit.txt", Buffer.of(0x61, 0xff));
  assertFails(["train", "it's; exit.txt", "--output", "x"], 1, /-- 'it'\\''s; exit\.txt' >'it'\\''s; exit\.txt\.utf8\.txt'/);
});

test("the line that the sentence gives makes a text that is taken", () => {
  for (const [encoding, bytes] of [
    ["WINDOWS-1252", Buffer.from("the cat s\xe9es".repeat(100), "latin1")],
    ["UTF-16", utf16(TEXT, "\ufeff")],
    ["UTF-16", utf16(TEXT, "\ufeff").swap16()],
    ["UTF-16LE", utf16(TEXT)],
    ["UTF-16BE", utf16(TEXT).swap16()],
    ["UTF-8", Buffer.concat([bytesOf(`ёжик ${TEXT}`), Buffer.of(0x92)])],
    ["UTF-8", bytesOf(`ёжик ${TEXT}ё`).subarray(0, -1)],
  ]) {
    write("bad.txt", bytes);
    const { stderr } = run(["score", "net.safetensors", "bad.txt"]);
    shell(/iconv .*/.exec(stderr)[0]); // its status is 1 where it left out a character that was cut
    output(["score", "net.safetensors", "bad.txt.utf8.txt"]);
    const made = String(read("bad.txt.utf8.txt")).replace(/^\ufeff|^ёжик /, "");
    if (encoding !== "WINDOWS-1252") assert.equal(made, TEXT, encoding);
  }
});

test("what is no text is refused where the page refuses it", () => {
  for (const [share, code] of [
    [0.004, 0],
    [0.006, 1],
  ])
    for (const control of ["\u0001", "\u007f", "\ufffd"]) {
      const count = Math.round(share * 10_000);
      const text = `${"the cat. ".repeat(1200).slice(0, 10_000 - count)}${control.repeat(count)}`;
      write("odd.txt", text);
      const { status, stderr } = run(["score", "net.safetensors", "odd.txt"]);
      assert.equal(status, code, stderr);
      if (code) assert.match(stderr, /odd\.txt is no text: 60 of its 10000 characters are control characters or U\+FFFD/);
      if (code) assert.throws(() => decode(bytesOf(text), "odd.txt"), /is no text/);
      else decode(bytesOf(text), "odd.txt");
    }
});

test("a checkpoint from before goes on with its own text as it is: CR and a byte order mark were characters then", async () => {
  const text = `\ufeff${TEXT.replaceAll("\n", "\r\n")}`;
  const training = await Training.begin(text, { hidden: 4, embedding: 0, batch: 4, window: 16, passes: 2 });
  for (let i = 0; i < 7; i++) training.update();
  write("old.checkpoint", await packCheckpoint(training.save(), text, null));
  write("windows.txt", text);
  while (training.done < training.updates) training.update();
  for (const given of [[], ["windows.txt"]]) {
    write("old", read("old.checkpoint"));
    output(["train", ...given, "--resume", "--checkpoint", "old", "--output", "old.safetensors", "--force"]);
    assert.equal((await load(read("old.safetensors"))).fingerprint, training.model.fingerprint, `${given}`);
  }
});

test("a new checkpoint goes on with the file that it was made from, whatever its line ends; the held-out file likewise", async () => {
  write("windows.txt", `\ufeff${TEXT.replaceAll("\n", "\r\n")}`);
  const options = ["--output", "cut.safetensors", "--force", "--checkpoint-minutes", "0", ...SIZES, "--passes", "50"];
  for (const held of [[], ["--held-out", "windows.txt"]]) {
    await interruptedTraining(["train", "windows.txt", ...held, ...options], "SIGINT");
    assert.equal(String(tensors("cut.safetensors.checkpoint").tensors.text.data), String(bytesOf(TEXT)));
    output(["train", "windows.txt", ...held, "--output", "cut.safetensors", "--resume", "--force"]);
  }
});

// ---- copies of long spans ----

/** a, ab, aba, abaab, ...: it has as many repeats as a text can have without being periodic. */
function fibonacci(length) {
  let [before, word] = ["b", "a"];
  while (word.length < length) [before, word] = [word, word + before];
  return word.slice(0, length);
}

const LENGTH = 400_000;
const LEAST = 10_000;

for (const [name, text] of Object.entries({
  "one letter": "a".repeat(LENGTH),
  "two letters in turn": "ab".repeat(LENGTH / 2),
  "a Fibonacci word": fibonacci(LENGTH),
}))
  test(`copies of ${LEAST} characters of ${name} take no longer to find than those of 20`, () => {
    write("whole.txt", text);
    write("nearly.txt", `${text.slice(0, LEAST - 1)}#`.repeat(LENGTH / LEAST)); // whatever is looked up ends a character too early
    const find = (files, least, novelty) => {
      const begin = performance.now();
      assert.match(output(`novelty ${files} --least ${least}`), novelty);
      return performance.now() - begin;
    };
    for (const [files, few] of [
      ["whole.txt nearly.txt", new RegExp(`\\nnovelty 0\\.0 %: ${LENGTH / LEAST} of ${LENGTH} characters`)],
      ["nearly.txt whole.txt", new RegExp(`\\nnovelty 0\\.0 %: 0 of ${LENGTH} characters`)],
    ]) {
      const short = find(files, 20, few);
      const long = find(files, LEAST, new RegExp(`^novelty 100\\.0 %: ${LENGTH} of ${LENGTH} characters`));
      assert.ok(long < 10 * short, `${files}: ${long} ms, where shorter ones take ${short}`);
    }
  });
