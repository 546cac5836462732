// SPDX-License-Identifier: MIT
//
// Tables that are pasted: which lines are pairs, what is said of the others, and how they are learnt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { partSheet, readSheet, settingsFor } from "../web/trainer/sheet.js";

/** So many lines that are pairs, no answer twice. */
const pairs = (count, separator = "\t") => Array.from({ length: count }, (_, i) => `in ${i}${separator}out ${i}`);
const read = (...lines) => readSheet([...lines, ...pairs(8)].join("\n"));
const added = sheet => sheet.examples.slice(0, -8);

test("the separator is the one that gives two columns on most lines, of equals the tab, then the semicolon", () => {
  for (const separator of ["\t", ";", ","]) {
    const { examples, refused } = readSheet(pairs(20, separator).join("\n"));
    assert.deepEqual([examples.length, examples[7], refused], [20, ["in 7", "out 7"], 0]);
  }
  const sentences = Array.from({ length: 10 }, (_, i) => `well, ${i}\tja; ${i}`);
  assert.deepEqual(readSheet(sentences.join("\n")).examples[3], ["well, 3", "ja; 3"]);
  const decimals = Array.from({ length: 10 }, (_, i) => `1,${i};2,${i}`);
  assert.deepEqual(readSheet(decimals.join("\n")).examples[3], ["1,3", "2,3"]);
  const commas = [...pairs(9, ","), "a\tb"];
  assert.deepEqual(readSheet(commas.join("\n")).problems, [{ line: 10, what: "one column" }]);
});

test("blanks around columns go, blank lines are passed over, each kind of line end is one, and no first line is a header", () => {
  const text = `\uFEFFname\tanswer\r\n\r\n  a b \t\u00a0c \r \t \u2028d\te\n${pairs(8).join("\n")}\n\n`;
  assert.deepEqual(readSheet(text).examples.slice(0, 4), [
    ["name", "answer"],
    ["a b", "c"],
    ["d", "e"],
    ["in 0", "out 0"],
  ]);
});

test("columns in quotation marks may hold the separator, and two marks are one within", () => {
  const lines = ['"a, b",c', 'd,"e ""f"", g"', '"""",""""""', ' x ," y "', '5" long,6"'];
  const { examples, refused } = readSheet([...lines, ...pairs(8, ",")].join("\n"));
  assert.deepEqual(examples.slice(0, -8), [
    ["a, b", "c"],
    ["d", 'e "f", g'],
    ['"', '""'],
    ["x", "y"],
    ['5" long', '6"'],
  ]);
  assert.equal(refused, 0);
});

test("beside tabs a quotation mark that does not close at the column's end is one like any other character", () => {
  assert.deepEqual(added(read('"Go," he said.\t"Los."', '"a\tb', '"one\ttwo"\tb')), [
    ['"Go," he said.', "Los."],
    ['"a', "b"],
  ]);
});

test("a line that is no pair is told with its number and what it is, the first hundred of them", () => {
  const lines = [
    "one",
    "a\tb\tc",
    "\tb",
    "a\t  ",
    `${"x".repeat(1001)}\tb`,
    `${"x".repeat(9000)}\tb`,
    "a\u0000\tb",
    '"a\tb"\tc',
    "a\u0085\tb",
  ];
  const { problems, refused, examples } = read(...lines);
  assert.deepEqual(problems, [
    { line: 1, what: "one column" },
    { line: 2, what: "more columns" },
    { line: 3, what: "empty column" },
    { line: 4, what: "empty column" },
    { line: 5, what: "long column" },
    { line: 6, what: "long column" },
    { line: 7, what: "control character" },
    { line: 8, what: "control character" },
    { line: 9, what: "one column" }, // U+0085 is a line end
    { line: 10, what: "empty column" },
  ]);
  assert.deepEqual([refused, examples.length], [10, 8]);
  const open = readSheet(['"a,b', 'a,"b"c', ...pairs(8, ",")].join("\n"));
  assert.deepEqual(open.problems, [
    { line: 1, what: "open quotation mark" },
    { line: 2, what: "open quotation mark" },
  ]);
  const many = readSheet([...pairs(200), ...Array(150).fill("alone")].join("\n"));
  assert.deepEqual([many.problems.length, many.problems[99].line, many.refused], [100, 300, 150]);
  assert.equal(added(read(`${"x".repeat(1000)}\tb`)).length, 1);
});

test("at most 40 different answers with three examples of each are classes, others are written out", () => {
  const table = (count, different) => Array.from({ length: count }, (_, i) => `word ${i};class ${i % different}`).join("\n");
  for (const [count, different, pattern] of [
    [120, 40, "many-to-one"],
    [119, 40, "sequence"],
    [1000, 41, "sequence"],
    [1000, 2, "many-to-one"],
    [9, 3, "many-to-one"],
    [8, 3, "sequence"],
  ]) {
    const sheet = readSheet(table(count, different));
    assert.deepEqual([sheet.pattern, sheet.why], [pattern, { different, examples: count }], `${count} ${different}`);
    assert.equal(readSheet(table(count, different), "sequence").pattern, "sequence");
    assert.equal(readSheet(table(count, different), "many-to-one").pattern, "many-to-one");
  }
});

test("classes have names of 80 characters at most; longer answers are written out", () => {
  for (const [length, pattern] of [
    [80, "many-to-one"],
    [81, "sequence"],
  ]) {
    const lines = Array.from({ length: 30 }, (_, i) => `${i}\t${String(i % 2).repeat(length)}`);
    assert.equal(readSheet(lines.join("\n")).pattern, pattern);
  }
});

test("too few lines, one answer alone and too much text are refused with what to do", () => {
  for (const [text, code, message] of [
    ["", "E_TEXT", /^the table has 0 lines of two columns; at least 8/],
    [pairs(7).join("\n"), "E_TEXT", /has 7 lines/],
    ["just words\n".repeat(50), "E_TEXT", /has 0 lines/],
    [Array.from({ length: 9 }, (_, i) => `${i}\tyes`).join("\n"), "E_TEXT", /the same answer/],
    ["a\tb\n".repeat(2 ** 24 + 1), "E_TOO_BIG", /67108868 characters; at most 67108864/],
  ])
    assert.throws(
      () => readSheet(text),
      error => error.code === code && message.test(error.message) && error.hint.length > 10,
    );
});

test("each shape of text is read in so many looks at it, however it is made", () => {
  const size = 400_000;
  const shapes = ["\n", '"', ",", "\t", '"\t', '"\n', " ", "a", '"""a\t', '""""a,\n', `${" ".repeat(1000)}\n`, "\r", '"",'];
  for (const shape of shapes) {
    let looks = 0;
    const { indexOf } = String.prototype;
    String.prototype.indexOf = function (...given) {
      const at = indexOf.apply(this, given);
      looks += 1 + ((at < 0 ? this.length : at) - (given[1] ?? 0));
      return at;
    };
    try {
      assert.throws(() => readSheet(shape.repeat(Math.ceil(size / shape.length))), { code: "E_TEXT" }, JSON.stringify(shape));
    } finally {
      String.prototype.indexOf = indexOf;
    }
    assert.ok(looks < 20 * size, `${JSON.stringify(shape)}: ${looks}`);
  }
});

test("a tenth is held out, at least ten of forty, none of fewer than twenty, a thousand at most; equal inputs stay together", () => {
  const examples = count => Array.from({ length: count }, (_, i) => [`in ${i}`, `out ${i}`]);
  for (const [count, heldOut] of [
    [8, 0],
    [19, 0],
    [20, 2],
    [39, 4],
    [40, 10],
    [100, 10],
    [101, 10],
    [1000, 100],
    [20_000, 1000],
  ]) {
    const parts = partSheet(examples(count));
    assert.deepEqual([parts.train.length, parts.heldOut.length], [count - heldOut, heldOut], String(count));
  }
  const doubled = examples(100).flatMap(([input, answer]) => [
    [input, answer],
    [input, `${answer}!`],
  ]);
  const { train, heldOut } = partSheet(doubled);
  assert.equal(heldOut.length, 20);
  const seen = new Set(train.map(([input]) => input));
  assert.ok(heldOut.every(([input]) => !seen.has(input)));
  assert.ok(heldOut.some(([input]) => Number(input.slice(3)) > 50) && heldOut.some(([input]) => Number(input.slice(3)) < 50));
  const same = partSheet(Array.from({ length: 50 }, (_, i) => ["in", `out ${i}`]));
  assert.deepEqual([same.train.length, same.heldOut.length], [50, 0]);
});

test("settings follow from how many examples there are: 600 to 3,000 updates, of one pass at least", () => {
  for (const count of [8, 20, 50, 100, 399, 400, 1000, 3999, 4000, 20_000, 90_000]) {
    const { batch, passes } = settingsFor(count, "sequence");
    const updates = passes * Math.floor(count / batch);
    assert.ok(updates >= 590 && updates <= 3200, `${count}: ${updates}`);
    assert.ok(batch >= 8 && batch <= 32 && batch <= count);
  }
  assert.equal(settingsFor(1_000_000, "sequence").passes, 1);
  assert.equal(settingsFor(100, "sequence").hidden, 96);
  assert.equal(settingsFor(100, "many-to-one").hidden, 64);
});
