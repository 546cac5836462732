// SPDX-License-Identifier: MIT
//
// No text takes a command more time than its length explains: 1 MB of each of ten nasty shapes go through each command that reads a
// text (5 MB by npm run soak), and 5 MB where work that grew with the square of the length was met once. Such work would take minutes
// and more, and is ended at a limit; the others take seconds.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { makeText, workshop } from "./command.mjs";

const BYTES = Number(process.env.NEXTCHAR_LINEAR ?? 1_000_000);
const LIMIT = 100_000; // milliseconds for a command
const SIZES = "--hidden 1 --embedding 1 --batch 512 --window 64 --passes 1";

const { write, run, output } = workshop();
const repeated = piece => piece.repeat(BYTES / Buffer.byteLength(piece));
const shapes = {
  "one word": () => repeated("a"),
  "words in one line": () => repeated("the cat sat on the mat "),
  blanks: () => repeated(" "),
  "line ends": () => repeated("\n"),
  "returns with line ends": () => repeated("\r\n"),
  "combining marks": () => repeated("\u0301"),
  tabs: () => repeated("\t"),
  "an example in each line": () => repeated("a\tx\n"),
  "quotes and signs": () => repeated("'\"(-"),
  "no text but its last byte": () => `${repeated(" ")}a`,
};
const commands = [
  `train text.txt --output out.st --force ${SIZES}`,
  `train text.txt --level words --output out.st --force ${SIZES}`,
  `train text.txt --pattern many-to-one --output out.st --force --hidden 1 --embedding 1 --batch 512 --passes 1`,
  "score net.st text.txt",
  "score answers.st text.txt",
  "markov text.txt text.txt",
  "novelty small.txt text.txt",
  "novelty text.txt small.txt",
  "answer answers.st <text.txt",
];
const WANT_EXAMPLES = /pattern|answers/; // or short lines

before(() => {
  write("small.txt", makeText(20));
  write("answered.txt", "a\tx\nb\ty\n".repeat(20));
  output("train small.txt --output net.st --hidden 2 --embedding 2 --batch 2 --window 8 --passes 1");
  output("train answered.txt --output answers.st --pattern many-to-one --hidden 2 --embedding 2 --passes 1");
});

for (const [name, make] of Object.entries(shapes))
  test(`${name}: ${BYTES / 1e6} MB through each command`, () => {
    const text = make();
    write("text.txt", text);
    for (const line of commands) {
      const [args, input] = line.split(" <");
      const { status, signal, stderr } = run(args, input ? text : "", { timeout: LIMIT, maxBuffer: 1 << 29 });
      assert.ok(status === 0 || status === 1, `${line}: ${signal ?? status} ${stderr.slice(0, 300)}`);
      if (status) assert.match(stderr, /^nextchar: ./m, line);
      if (name === "words in one line") assert.equal(status, WANT_EXAMPLES.test(line) ? 1 : 0, `${line}: ${stderr}`);
    }
  });

test("5 MB of line ends, and of lines without a tab, are no examples, which is said at once", () => {
  for (const piece of ["\n", "\r", "a\n"]) {
    write("text.txt", piece.repeat(5_000_000 / piece.length));
    const { status, stderr } = run("score answers.st text.txt", "", { timeout: 20_000 });
    assert.match(stderr, /^nextchar: text\.txt: (the text has no examples|line 1: an example is)/);
    assert.equal(status, 1);
  }
});
