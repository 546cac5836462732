// SPDX-License-Identifier: MIT
//
// The programs in the README, run as they stand there, print what the README says they print.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The contents of the fenced blocks of a language, in order. */
const blocks = language => [...readme.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map(match => match[1]);

for (const [i, program] of blocks("js").entries())
  test(`program ${i + 1} in the README prints what the README says`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
    assert.equal(stdout, blocks("text")[i]);
  });

test("the command in the README prints what the README says", async () => {
  const line = /^build\/nextchar (write .*)$/m.exec(readme)?.[1];
  const { stdout } = await promisify(execFile)("sh", ["-c", `build/nextchar ${line}`], { cwd: root });
  assert.equal(stdout, blocks("text").at(-1));
});

test("the lines of C in docs/lstm.md stand in src/cells.c", () => {
  const source = readFileSync(new URL("../src/cells.c", import.meta.url), "utf8");
  const lstm = source.slice(source.indexOf("static void lstm_forward"), source.indexOf("/* ---- B streams"));
  const page = readFileSync(new URL("../docs/lstm.md", import.meta.url), "utf8");
  const quoted = [...page.matchAll(/```c\n([^]*?)```/g)].flatMap(([, code]) => code.trim().split("\n"));
  assert.ok(quoted.length > 10);
  for (const line of quoted) assert.ok(lstm.includes(line.trim()), line);
});
