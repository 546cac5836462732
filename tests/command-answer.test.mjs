// SPDX-License-Identifier: MIT
//
// Networks that answer, as the command makes and asks them: train --pattern, answer, score, inspect, quantize.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { workshop } from "./command.mjs";

const { at, write: put, read, run, shell, output, assertFails, inspect, tensors, interruptedTraining } = workshop();

/** A number and its digits from the end, a line each. */
const reversed = Array.from({ length: 300 }, (_, i) => [String(100 + i), [...String(100 + i)].reverse().join("")]);
const firsts = Array.from({ length: 254 }, (_, i) => (i + 2).toString(2).slice(1).replaceAll("0", "a").replaceAll("1", "b")).map(word => [
  word,
  word[0] === "a" ? "first a" : "first b",
]);
const capitals = Array.from({ length: 90 }, (_, i) => ["abcd"[i % 4] + "cab"[i % 3] + "dbca"[(i >> 2) % 4], ""]).map(([word]) => [
  word,
  word.toUpperCase(),
]);
/** The names of 25 classes, a01 to a25, each with its number. */
const classes = Array.from({ length: 75 }, (_, i) => String(1 + (i % 25)).padStart(2, "0")).map(number => [`a${number}`, number]);
const lines = examples => examples.map(example => example.join("\t")).join("\n");
const SIZES = "--batch 16 --rate 0.01 --warmup 10 --embedding 8";
const train = (name, pattern, more) => output(`train ${name}.txt --output ${name}.st --pattern ${pattern} ${SIZES} ${more}`);

before(() => {
  put("reversed.txt", lines(reversed));
  put("firsts.txt", `${lines(firsts)}\r\n\r\n`);
  put("capitals.txt", lines(capitals));
  train("reversed", "sequence", "--hidden 32 --passes 60");
  train("firsts", "many-to-one", "--cell gru --hidden 16 --passes 40");
  put("classes.txt", lines(classes));
  train("classes", "one-to-many", "--hidden 16 --passes 1");
  train("capitals", "synchronous", "--cell gru --hidden 16 --passes 40 --delay 1");
});

test("a line in, a line out: each is the answer of its example", () => {
  for (const [name, examples] of Object.entries({ reversed, firsts, capitals })) {
    const questions = examples.map(([question]) => question).join("\n");
    assert.equal(output(`answer ${name}.st`, questions), `${examples.map(([, answer]) => answer).join("\n")}\n`, name);
  }
  const questions = reversed.map(([question]) => question).join("\n");
  assert.equal(output("answer reversed.st --beam 4", questions), output("answer reversed.st", questions));
});

test("with --json each line is an object with the answer and the distribution at each unit", () => {
  const [{ answer, units }] = output("answer reversed.st --json", "123\n")
    .trim()
    .split("\n")
    .map(line => JSON.parse(line));
  assert.equal(answer, "321");
  assert.deepEqual(
    units.map(({ token }) => token),
    ["3", "2", "1", null],
  );
  for (const { token, distribution } of units) {
    assert.equal(distribution[0][0], token ?? "<end>");
    const sum = distribution.reduce((all, [, p]) => all + p, 0);
    assert.ok(sum > 0.97 && sum < 1.001, `${sum}`);
  }
  const read = JSON.parse(output("answer firsts.st --json", "bab"));
  assert.equal(read.answer, "first b");
  assert.deepEqual(
    read.units.map(({ token, distribution }) => [token, distribution[0][0]]),
    [
      ["b", "first b"],
      ["a", "first b"],
      ["b", "first b"],
    ],
  );
  const later = JSON.parse(output("answer capitals.st --json", "abc"));
  assert.deepEqual(
    later.units.slice(1).map(({ token, distribution }) => [token, distribution[0][0]]),
    [
      ["b", "A"],
      ["c", "B"],
      [null, "C"],
    ],
  );
});

test("its lines are those of a text: a byte order mark is dropped, each kind of line end is one", () => {
  const answers = "321\n421\n521\n";
  for (const input of ["\ufeff123\n124\n125\n", "123\r124\r125\r", "123\r\n124\r\n125", "123\u0085124\u2028125\u2029"])
    assert.equal(output("answer reversed.st", input), answers, JSON.stringify(input));
  assert.equal(output("answer reversed.st", "\ufeff"), "");
  assert.equal(output("answer reversed.st", "\ufeff\r\r123\r"), "\n\n321\n");
});

test("a line that cannot be answered is said by its number and its answer is empty; the others are answered", () => {
  const said = (net, input, more = "") => {
    const { status, stdout, stderr } = run(`answer ${net}.st${more}`, input);
    assert.equal(status, 1);
    return { stdout, stderr };
  };
  const bytes = Buffer.from("123\r1\xe92\n1\x002\n124\n", "latin1");
  assert.deepEqual(said("reversed", bytes), {
    stdout: "321\n\n\n421\n",
    stderr:
      "nextchar: line 2: not UTF-8: no character at byte 2. If it is in WINDOWS-1252, let iconv -f WINDOWS-1252 -t UTF-8 read it first\n" +
      "nextchar: line 3: not UTF-8: a NUL at byte 2. If it is in UTF-16LE, let iconv -f UTF-16LE -t UTF-8 read it first\n",
  });
  const long = said("reversed", `${"1".repeat(70_000)}\n124`);
  assert.deepEqual(long, { stdout: "\n421\n", stderr: "nextchar: line 1: what is to be read has more than 65536 characters\n" });
  const named = Array.from({ length: 20 }, (_, i) => `"a${String(i + 1).padStart(2, "0")}"`).join(", ");
  const unknown = `"Elbisch" is no class that the network knows: ${named} and 5 more`;
  const wrong = said("classes", "a01\nElbisch\na02\n");
  assert.equal(wrong.stderr, `nextchar: line 2: ${unknown}\n`);
  assert.match(wrong.stdout, /^\d*\n\n\d*\n$/);
  const [, object] = said("classes", "a01\nElbisch", " --json").stdout.trim().split("\n");
  assert.deepEqual(JSON.parse(object), { answer: "", unknown: [], units: [], error: unknown });
  assertFails("score classes.st", 1, new RegExp(`line 2: ${unknown}`), "a01\t01\nElbisch\t02");
  assertFails("score firsts.st", 1, /line 1: "second" is no class that the network knows: "first a", "first b"/, "ab\tsecond\nno tab");
  assertFails("score firsts.st", 1, /line 1: an example is/, "no tab\nab\tsecond");
});

test("a line of any length costs no more memory than a stated one, whatever ends it; an endless device is refused", () => {
  for (const end of ["\\n", "\\r\\n", "\\342\\200\\250", ""]) {
    const long = `head -c 100000000 /dev/zero | tr '\\0' 1; printf '${end}'; printf '${end && "124"}'`;
    const { stdout, stderr, status } = shell(`(${long}) | (ulimit -v 60000; timeout 60 "$nextchar" answer reversed.st)`);
    assert.equal(stderr, "nextchar: line 1: a line of 100000000 bytes; at most 1048576 are read\n");
    assert.equal(stdout, end ? "\n421\n" : "\n");
    assert.equal(status, 1);
  }
  const most = "1".repeat(2 ** 20);
  for (const begin of ["", "\ufeff"]) {
    const said = line => run("answer reversed.st", Buffer.concat([Buffer.from(begin), line])).stderr;
    assert.match(said(Buffer.from(most)), /^nextchar: line 1: what is to be read has more than 65536 characters\n$/);
    assert.match(said(Buffer.from(`${most}1`)), /^nextchar: line 1: a line of 1048577 bytes; at most 1048576 are read\n$/);
    assert.match(said(Buffer.from(`${most.slice(1)}\xff`, "latin1")), /line 1: not UTF-8: no character at byte 1048576\./);
  }
  const { stderr, status } = shell('timeout 20 "$nextchar" answer reversed.st </dev/zero');
  assert.equal(stderr, "nextchar: cannot read standard input: it is a device, no file\n");
  assert.equal(status, 1);
});

test("a name that is too long for a sentence is cut between two characters, on stderr and in the JSON", () => {
  const names = Array.from({ length: 20 }, (_, i) => `${i + 10}${"\u{10330}".repeat(63)}`); // more than a sentence holds
  put("long.txt", lines(names.map((name, i) => [name, String(i % 10)])));
  train("long", "one-to-many", "--hidden 4 --passes 1");
  for (const letter of ["ы", "€", "\u{10330}"])
    for (const first of ["", "a", "aa", "aaa"]) {
      const name = first + letter.repeat(200);
      const shown = first + letter.repeat((255 - first.length) / Buffer.byteLength(letter));
      const begin = `"${shown}" is no class that the network knows: "${names[0]}", "`;
      const { status, stdout, stderr } = run("answer long.st --json", name);
      const { error } = JSON.parse(stdout);
      const bytes = Buffer.byteLength(error);
      assert.equal(status, 1);
      assert.ok(error.startsWith(begin) && bytes > 4090 && bytes < 4096, `${bytes} ${error}`);
      assert.ok(`nextchar: line 1: ${error}`.startsWith(stderr.trimEnd()), stderr);
      const scored = run("score long.st", `${name}\t1`).stderr;
      assert.ok(scored.includes(begin), scored);
      assert.doesNotMatch(stdout + stderr + scored, /\ufffd/); // what was no UTF-8
    }
});

test("characters that the network does not know are named, each once", () => {
  const { status, stderr, stdout } = run("answer reversed.st", "1é2\n3é4ж\n123\n");
  assert.equal(status, 0, stderr);
  assert.equal(
    stderr,
    'nextchar: line 1: not in this network\'s vocabulary, read as no input: "é"\n' +
      'nextchar: line 2: not in this network\'s vocabulary, read as no input: "ж"\n',
  );
  assert.equal(stdout.split("\n")[2], "321");
  const unknown = input => JSON.parse(output("answer reversed.st --json", input)).unknown;
  assert.deepEqual(unknown("1é2éж"), ["é", "ж"]);
  assert.deepEqual(unknown("123"), []);
  assert.deepEqual(unknown("\n"), []);
  const score = input => run("score reversed.st", input).stderr;
  assert.equal(
    score("12é\tx21\n\n12\té2"),
    'nextchar: not in this network\'s vocabulary, read as no input: "é"\n' +
      'nextchar: not among this network\'s labels, so that no answer with them is right: "x", "é"\n',
  );
  assert.equal(score("123\t321"), "");
  const all = String.fromCodePoint(...Array.from({ length: 30 }, (_, i) => 0x410 + i));
  assert.match(score(`${all}\t1`), /read as no input: "А", "Б", .* "У" and 10 more\n/);
  assert.equal(run("score firsts.st", "abx\tfirst a").stderr, 'nextchar: not in this network\'s vocabulary, read as no input: "x"\n');
});

test("above temperature 0 what is written is drawn: the same seed writes the same, another one another", () => {
  const hot = seed => output(`answer reversed.st --temperature 3 --seed ${seed}`, "123\n123\n123\n123\n");
  assert.equal(hot(1), hot(1));
  assert.notEqual(hot(1), hot(9));
  assert.ok(new Set(hot(1).split("\n")).size > 2, "each line has dice of its own");
});

test("score says how many examples are right, and what they cost; of int8 weights too", () => {
  const score = JSON.parse(output("score reversed.st reversed.txt --json"));
  assert.deepEqual([score.examples, score.right, score.labels, score.labelsRight], [300, 300, 1200, 1200]);
  assert.ok(score.bitsPerLabel > 0 && score.bitsPerLabel < 0.1);
  assert.match(output("score reversed.st", "123\t321\n123\t322"), /^1 of 2 right \(50\.00 %\); 87\.50 % of 8 labels, /);
  output("quantize reversed.st --output reversed8.st");
  assert.equal(JSON.parse(output("score reversed8.st reversed.txt --json")).right, 300);
  assert.ok(read("reversed8.st").length < read("reversed.st").length / 2);
  assertFails("quantize reversed.st --output no.st --meta pattern=synchronous", 2, /writes this key itself/);
  const again = run("quantize reversed8.st --output again8.st");
  assert.deepEqual([again.status, again.stderr], [0, "nextchar: reversed8.st is int8 already: its weights stay as they are\n"]);
  assert.deepEqual(tensors("again8.st"), tensors("reversed8.st"));
});

test("inspect draws the pattern and says what is read and written", () => {
  assert.match(
    output("inspect reversed.st"),
    /^sequence: encoder and decoder lstm, 1 layer of 32 units.*reads 10 characters, writes 11 labels/,
  );
  assert.match(output("inspect reversed.st"), /\n {2}encoder {2}\[ \]-\[ \]/);
  assert.match(output("inspect firsts.st"), /^many-to-one: gru/);
  const later = `
  read      x   x   x   x
            |   |   |   |
  state    [ ]-[ ]-[ ]-[ ]-[ ]
                |   |   |   |
  written       y   y   y   y
`;
  assert.ok(output("inspect capitals.st").includes(later), output("inspect capitals.st"));
  output(`train capitals.txt --output never.st --pattern synchronous ${SIZES} --hidden 2 --passes 1 --delay 9`);
  assert.ok(output("inspect never.st").includes("  state    [ ]-[ ]-[ ]-[ ]-...-[ ]-[ ]-[ ]-[ ]\n"));
  const { pattern, encoder, labels, vocabulary, metadata } = inspect("capitals.st");
  assert.deepEqual([pattern, encoder, labels, vocabulary, metadata.delay], ["synchronous", undefined, [..."ABCD"], [..."abcd"], "1"]);
  assert.equal(inspect("reversed.st").encoder.outputs, 0);
  assert.deepEqual(
    Object.keys(tensors("reversed.st").tensors)
      .filter(name => name.endsWith("rnn.weight_hh_l0"))
      .sort(),
    ["decoder.rnn.weight_hh_l0", "encoder.rnn.weight_hh_l0"],
  );
});

test("what is held out is measured and said", () => {
  const { status, stderr } = run(`train reversed.txt --output held.st --pattern sequence ${SIZES} --hidden 32 --passes 20 --held-out 0.2`);
  assert.equal(status, 0, stderr);
  const [, right, of] = /held out: (\d+) of (\d+) right/.exec(stderr);
  const { metadata } = inspect("held.st");
  assert.deepEqual([metadata["heldOut.right"], metadata["heldOut.examples"]], [right, of]);
  assert.ok(of > 30 && of < 90, of);
});

test("a training that was stopped goes on to the same network", async () => {
  const args = `--pattern sequence ${SIZES} --hidden 32 --passes 100 --checkpoint-minutes 0`.split(" ");
  await interruptedTraining(["train", "reversed.txt", "--output", "cut.safetensors", ...args], "SIGINT");
  output("train --resume --output cut.safetensors");
  output(["train", "reversed.txt", "--output", "whole.safetensors", ...args]);
  assert.deepEqual(tensors("cut.safetensors").tensors, tensors("whole.safetensors").tensors);
});

test("a training can begin with a network that answers", () => {
  output(`train reversed.txt --output more.st --from reversed.st ${SIZES} --passes 1`);
  assert.equal(inspect("more.st").pattern, "sequence");
  assertFails("train reversed.txt --output no.st --from reversed.st --pattern synchronous", 2, /cannot be obeyed/);
});

test("one-to-one is counted at once and writes as n-grams of order 1 do", () => {
  put("plain.txt", "the cat sat on the mat and the dog sat on the log. ".repeat(20));
  put("rest.txt", "the dog and the cat sat. ".repeat(4));
  output("train plain.txt --output pairs.st --pattern one-to-one --held-out rest.txt");
  const { bitsPerCharacter } = JSON.parse(output("score pairs.st rest.txt --json"));
  const [, counted] = /^order 1: ([\d.]+)/.exec(output("markov plain.txt rest.txt"));
  assert.ok(Math.abs(bitsPerCharacter - counted) < 0.05, `${bitsPerCharacter} ${counted}`); // but for the first character
  assert.equal(output("write pairs.st --prompt th --length 40").length, 43);
  assert.match(run("score pairs.st", "the cät").stderr, /^nextchar: not in this network's vocabulary, left out: "ä"\n/);
  assert.match(run(["write", "pairs.st", "--prompt", "cät жä"]).stderr, /^nextchar: 3 characters of the prompt .* left out: "ä", "ж"\n/);
  assert.match(output("inspect pairs.st"), /\n {2}read {6}x {3}x.*\n.*\n {2}written {3}y {3}y/);
  const told = more => run(`train plain.txt --output told.st --force --pattern one-to-one${more}`).stderr;
  assert.match(told(""), /^on the text itself: \d\.\d{4} bits per character over 1020 characters\nwrote told\.st/);
  assert.match(told(" --held-out rest.txt"), /^held out: \d\.\d{4} bits per character over 100 characters\nwrote told\.st/);
});

test("wrong use and wrong lines are said", () => {
  assertFails("answer", 2, /needs a network/);
  assertFails("answer reversed.st --beam 0", 2, /--beam/);
  assertFails("answer reversed.st --beam 3 --temperature 1", 2, /no beam/);
  assertFails("answer pairs.st", 1, /no network that answers/);
  assert.equal(output("answer reversed.st", "123\n\n124"), "321\n\n421\n", "a line out for each line in");
  assertFails("score capitals.st", 1, /no label that this network knows/, "abc\tXYZ");
  assertFails("write reversed.st", 1, /answers, and does not write on/);
  put("bad.txt", "a\tb\nno tab\n");
  assertFails("train bad.txt --output no.st --pattern sequence --batch 1", 1, /line 2: an example is/);
  assertFails("train reversed.txt --output no.st --pattern sequence --batch 1000", 1, /batch is 1000; there are 300 examples to train on/);
  assertFails("train reversed.txt --output no.st --pattern triangle", 2, /pattern is triangle/);
  const refused = (more, sentence, code = 2) => assertFails(`train reversed.txt --output no.st ${more}`, code, sentence);
  refused("--pattern sequence --delay 1", /delay is of synchronous alone, but pattern is sequence/);
  refused("--side 28", /side is of one-to-many alone, but pattern is text/);
  refused("--pattern one-to-many --side 5", /--side is 5; it must be 0 or a whole number from 10 to 64/);
  refused("--pattern sequence --slices 3", /slices is 3; it must divide batch, which is 20/);
  refused("--pattern sequence --held-out 0.9999", /reversed\.txt: held-out leaves none of the 300 examples to train on/, 1);
  put("empty.txt", "");
  assertFails("score reversed.st empty.txt", 1, /empty\.txt: there is nothing to read/);
  assertFails("score reversed.st empty.txt --learn 0.001", 2, /--learn: reversed\.st answers/);
  assert.match(shell('"$nextchar" score reversed.st </dev/null').stderr, /standard input: there is nothing to read/);
  assert.match(shell('"$nextchar" score pairs.st </dev/null').stderr, /standard input: there is nothing to read/);
  assert.equal(output("answer reversed.st", ""), "");
  const held = at("reversed.txt");
  for (const [args, named] of [
    ["train reversed.txt --output reversed.txt", "--output reversed.txt and TEXT reversed.txt"],
    ["train reversed.txt --output no.st --checkpoint ./no.st", "--output no.st and --checkpoint ./no.st"],
    [`train firsts.txt --held-out ${held} --output reversed.txt`, `--output reversed.txt and --held-out ${held}`],
    ["quantize reversed.st --output reversed.st", "--output reversed.st and WEIGHTS reversed.st"],
  ])
    assert.ok(run(args).stderr.includes(`${named} are one file: one would overwrite the other`), run(args).stderr);
});
