// SPDX-License-Identifier: MIT
//
// The command where a call of the system fails, where its input is closed or too long, and at the edges of what it takes.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { constants } from "node:os";
import { afterEach, before, test } from "node:test";
import { makeText, workshop } from "./command.mjs";
import { command } from "./helpers.mjs";

const { at, write, read, run, shell, output, assertFails } = workshop();
const SMALL = "--hidden 2 --embedding 0 --batch 2 --window 8 --passes 1";
const { EACCES, EINVAL, EIO, ENOENT, ENOLCK, EPERM } = constants.errno;
const TRAIN = `train text.txt --output new.st ${SMALL}`;
const QUANTIZE = "quantize net.safetensors --output new.st";

before(() => {
  write("text.txt", makeText(40));
  output(`train text.txt --output net.safetensors ${SMALL}`);
});
afterEach(() => {
  for (const name of ["new.st", "new.st.locked", "new.st.checkpoint.locked"]) rmSync(at(name), { force: true });
});

/** Runs a line with a library of the tests before it. */
function runWith(name, line, settings, input = "") {
  return run(line, input, { env: { ...process.env, LD_PRELOAD: join(dirname(command), `tests/lib${name}.so`), ...settings } });
}
const skip = existsSync(join(dirname(command), "tests/libfail_call.so")) ? false : "a build with sanitizers has its own calls";

for (const [call, errno, line, code, sentence] of [
  ["fsync", EIO, QUANTIZE, 1, /cannot write new\.st: Input\/output error/],
  ["fsync", EINVAL, QUANTIZE, 0, /^/],
  ["close", EIO, QUANTIZE, 1, /cannot write new\.st: Input\/output error/],
  ["link", EPERM, QUANTIZE, 0, /^/],
  ["rename", EACCES, `${QUANTIZE} --force`, 1, /cannot write new\.st: Permission denied/],
  ["fstat", EIO, QUANTIZE, 1, /cannot read net\.safetensors: Input\/output error/],
  ["fcntl", EACCES, TRAIN, 1, /another training is writing new\.st/],
  ["fcntl", ENOLCK, TRAIN, 0, /^/],
  ["stat", ENOENT, TRAIN, 0, /^/],
])
  test(`where ${call} fails with ${errno}, ${line.split(" ")[0]} ends with ${code}, and a file is whole or not there`, { skip }, () => {
    output(line);
    const whole = read("new.st");
    rmSync(at("new.st"));
    const { status, stderr } = runWith("fail_call", line, { FAIL_CALL: call, FAIL_ERRNO: String(errno) });
    assert.equal(status, code, stderr);
    assert.match(stderr, sentence);
    assert.equal(existsSync(at("new.st")), code === 0);
    if (code === 0) assert.deepEqual(read("new.st"), whole);
  });

/** Runs a line with one allocation refused, each in turn: it writes what it writes with all of them, or says that memory ended. */
function refuseEach(line, input) {
  const whole = run(line, input);
  assert.equal(whole.status, 0, whole.stderr);
  let [refused, granted] = [0, 0]; // granted: in a row
  for (let nth = 1; granted < 15; nth++) {
    assert.ok(nth < 500);
    const { status, signal, stdout, stderr } = runWith("refuse_nth", line, { REFUSE_NTH: String(nth) }, input);
    assert.equal(signal, null, `allocation ${nth}`);
    granted = status === 0 ? granted + 1 : 0;
    refused += status !== 0;
    if (status === 0) assert.deepEqual([stdout, stderr], [whole.stdout, whole.stderr], `allocation ${nth}`);
    else assert.match(stderr, /memory/, `allocation ${nth}`);
  }
  assert.ok(refused > 5);
  return whole.stdout;
}

test("a text from standard input of any length is read whole, or memory that ends is said", { skip }, () => {
  const text = makeText(3200); // more than the 64 KiB that are had ready
  assert.ok(text.length > 1 << 16);
  write("long.txt", text);
  const expected = output("score net.safetensors long.txt");
  assert.equal(refuseEach("score net.safetensors -", text), expected.replaceAll("long.txt", "-"));
});

test("lines from standard input are answered to the last, or memory that ends is said", { skip }, () => {
  write("pairs.txt", Array.from({ length: 40 }, (_, i) => `${i}\t${i % 2 ? "odd" : "even"}`).join("\n"));
  output("train pairs.txt --output pairs.st --pattern many-to-one --hidden 2 --embedding 2 --batch 4 --passes 1");
  refuseEach("answer pairs.st", `1\n${"2".repeat(1000)}\nx3\n`); // the second line needs more room, the third has what is unknown
});

test("where links cannot be made, a file that appears at the output's place during the training stays", { skip }, () => {
  const { status, stdout } = shell(
    `mkfifo pipe; exec 3<>pipe
     LD_PRELOAD=$library FAIL_CALL=link FAIL_ERRNO=${EPERM} "$nextchar" ${TRAIN} --held-out 0.1 --passes 1200 2>pipe 3>&- & training=$!
     while kill -0 $training && ! [ -e new.st.locked ]; do sleep 0.01; done
     printf "another's" >new.st
     exec 4<pipe 3>&-; cat <&4; wait $training; code=$?; rm pipe; exit $code`,
    { library: join(dirname(command), "tests/libfail_call.so") },
  );
  assert.equal(status, 1, stdout);
  const [, saved] = /cannot write new\.st: File exists\nnextchar: wrote \.\/(saved-\d+-new\.st) instead/.exec(stdout);
  assert.equal(String(read("new.st")), "another's");
  rmSync(at(saved));
});

test("a file of the name that an unfinished one would have is left alone, and so is a folder of the name of a lock", () => {
  const { status, stderr } = shell(`name=$(printf "new.st.~%05x" $$); echo mine >$name; exec "$nextchar" ${QUANTIZE}`);
  assert.equal(status, 0, stderr);
  const [name] = readdirSync(at(".")).filter(each => each.startsWith("new.st.~"));
  assert.equal(String(read(name)), "mine\n");
  rmSync(at(name));
  mkdirSync(at("new.st.locked"));
  rmSync(at("new.st"));
  assertFails(TRAIN, 1, /new\.st\.locked is in the way: its name is that of a lock/);
  rmSync(at("new.st.locked"), { recursive: true });
});

test("part of an option's name is none, and a number ends with its digits", () => {
  assertFails("train text.txt --output new.st --outp x", 2, /there is no option --outp/);
  assertFails("write net.safetensors --length 12x", 2, /--length needs a whole number from 0 to 4294967295, not "12x"/);
});

test("a file to write has a name, and a folder that is there", () => {
  assertFails(["train", "text.txt", "--output", "new.st", "--checkpoint", ""], 2, /a file to write needs a name/);
  assertFails("train text.txt --output none/x --checkpoint none/x", 1, /cannot write none\/x: No such file or directory/);
});

test("bytes that only begin as a mark of UTF-16 are no such mark; control characters are no text", () => {
  for (const first of [0xff, 0xfe]) {
    write("new.st", Buffer.from([first, 0x41, 0x42]));
    assertFails("score net.safetensors new.st", 1, /new\.st is not UTF-8: no character at byte 1/);
  }
  write("new.st", "ab\u000e".repeat(9));
  assertFails("score net.safetensors new.st", 1, /9 of its 27 characters are control characters/);
});

test("a length of a header before anything but an object is no weights file", () => {
  write("new.st", Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("[1] ")]));
  assertFails("inspect new.st", 1, /new\.st: /);
});

test("a standard input that is closed is not missed, and a full standard output is said", () => {
  assert.equal(shell('"$nextchar" inspect net.safetensors <&-').status, 0);
  for (const line of ["train --help", "write net.safetensors --length 20000", "inspect net.safetensors"]) {
    const { status, stderr } = shell(`"$nextchar" ${line} >/dev/full`);
    assert.equal(status, 1, line);
    assert.match(stderr, /cannot write to standard output/, line);
  }
});

test("without folders to go to, or with the name of one that is too long, no room is said all the same", () => {
  for (const folders of ["env -u HOME TMPDIR=", `env -u HOME TMPDIR=/${"x".repeat(4090)}`]) {
    const { status, stderr } = shell(`${folders} prlimit --fsize=100 "$nextchar" ${TRAIN}`);
    assert.equal(status, 1);
    assert.match(stderr, /nor is there room in another folder\n/);
  }
});

test("metadata that says how a network is read is not for --meta to say", () => {
  for (const key of ["nextchar.format", "level", "unknown", "pad", "end"])
    assertFails(`${QUANTIZE} --meta ${key}=1`, 2, new RegExp(`--meta ${key}=1: nextchar writes this key itself`));
});

test("bytes of a name that are no character are shown on a terminal as they are, whatever comes behind them", () => {
  for (const bytes of ["\xc2", "\xe2", "\xe2\x80", "\xe2@n", "\xe2\x80n"]) {
    const escaped = bytes.replace(/[^\x20-\x7e]/g, byte => `\\x${byte.charCodeAt(0).toString(16)}`); // no argument of Node's can have them
    const seen = args => shell(`"$terminal" "$nextchar" ${args}`, {}, "latin1").stdout;
    assert.ok(seen(`inspect "$(printf "none${escaped}")"`).includes(`none${bytes}: No such file`), escaped);
    assert.ok(seen(`train "$(printf -- "--none${escaped}")"`).includes(`no option --none${bytes}\r`), escaped);
  }
});

test("a terminal gets letters of any script and tabs as they are", () => {
  const { stdout } = shell('"$terminal" "$nextchar" inspect "$name"', { name: "a©\té" });
  assert.match(stdout, /a©\t\s*é/);
});
