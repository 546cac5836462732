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
const blocks = (language) => [...readme.matchAll(new RegExp("```" + language + "\\n([\\s\\S]*?)```", "g"))].map((match) => match[1]);

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
