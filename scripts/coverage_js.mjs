// SPDX-License-Identifier: MIT
//
// node scripts/coverage_js.mjs [--no-browser] [TEST...]: runs the tests of JavaScript (those without a browser, then those in
// Chromium) with V8's counters, and prints a table of what of web/ they reach: lines, and branches, which are V8's blocks.
// --lines adds the lines that are not reached. --join=FILE adds what earlier runs have written there, and writes the whole: so a
// long run can be made test by test. Exit code 1 if a test fails or less than BOUND percent of the branches is reached.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const BOUND = 95; // percent of the branches of web/
const LIMIT = 1_800_000; // milliseconds for all tests
const root = new URL("../", import.meta.url);

const sourceOf = path => readFileSync(new URL(`web/${path}`, root), "utf8");

/** What of the files of web/ was reached, over many reports of V8. */
export class Reached {
  /** Path in web/ -> whether each character of the file was reached, where its blocks begin, and the file's hash. */
  #files = new Map();

  #fileOf(path) {
    if (!this.#files.has(path)) {
      const source = sourceOf(path);
      const hash = createHash("sha256").update(source).digest("hex");
      this.#files.set(path, { reached: new Uint8Array(source.length), blocks: new Set(), hash });
    }
    return this.#files.get(path);
  }

  /** Adds a script's functions, as Profiler.takePreciseCoverage gives them: the counts of ranges, an inner one over an outer one. */
  add(path, functions) {
    const { reached, blocks } = this.#fileOf(path);
    const ranges = functions.flatMap(each => each.ranges).sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
    const now = new Uint8Array(reached.length);
    for (const { startOffset, endOffset, count } of ranges) {
      now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      blocks.add(startOffset);
    }
    now.forEach((one, i) => (reached[i] |= one));
  }

  /** What save() has written; of files that have changed since then nothing. */
  read(file) {
    for (const [path, { reached, blocks, hash }] of JSON.parse(readFileSync(file, "utf8"))) {
      if (!existsSync(new URL(`web/${path}`, root))) continue;
      const mine = this.#fileOf(path);
      if (hash !== mine.hash) continue;
      reached.forEach(([from, to]) => mine.reached.fill(1, from, to));
      blocks.forEach(block => mine.blocks.add(block));
    }
  }

  save(file) {
    const files = [...this.#files].map(([path, file]) => [path, { ...file, reached: runsOf(file.reached), blocks: [...file.blocks] }]);
    writeFileSync(file, JSON.stringify(files));
  }

  /** @returns {{ path: string, lines: number[], branches: number[], missing: number[] }[]} reached and all of each file */
  table() {
    const paths = readdirSync(new URL("web/", root), { recursive: true }).filter(name => name.endsWith(".js"));
    const sources = paths.sort().map(path => ({ path, source: sourceOf(path) }));
    const isOfTypes = ({ source }) => codeLines(source).length === 1; // export {}
    return sources
      .filter(each => !isOfTypes(each))
      .map(({ path, source }) => {
        const { reached, blocks } = this.#files.get(path) ?? { reached: new Uint8Array(source.length), blocks: new Set([0]) };
        const lines = codeLines(source);
        const isReached = ({ from, to }) => reached.subarray(from, to).includes(1);
        const missing = [...lines.filter(line => !isReached(line)).map(({ number }) => number)];
        for (const block of blocks) if (!reached[block]) missing.push(source.slice(0, block).split("\n").length);
        return {
          path,
          lines: [lines.filter(isReached).length, lines.length],
          branches: [[...blocks].filter(block => reached[block]).length, blocks.size],
          missing: [...new Set(missing)].sort((a, b) => a - b),
        };
      });
  }
}

/** From and to of each run of ones. */
function runsOf(bits) {
  const runs = [];
  for (let from = bits.indexOf(1); from >= 0; from = bits.indexOf(1, runs.at(-1)[1])) {
    const end = bits.indexOf(0, from);
    runs.push([from, end < 0 ? bits.length : end]);
    if (end < 0) break;
  }
  return runs;
}

/** The lines that are more than a comment or a bracket. */
function codeLines(source) {
  const lines = [];
  let at = 0;
  for (const [i, line] of source.split("\n").entries()) {
    const code = line.trim();
    const from = at + line.indexOf(code);
    if (/\w/.test(code) && !/^(\/\/|\/\*|\*)/.test(code)) lines.push({ number: i + 1, from, to: from + code.length });
    at += line.length + 1;
  }
  return lines;
}

/** The path in web/ of a script; undefined if it is none of ours. Tests load copies of web/core/ from folders of their own, too. */
export function pathOf(url) {
  if (url.startsWith(String(new URL("web/", root)))) return url.slice(String(new URL("web/", root)).length);
  const copied = url.startsWith("file:") && /\/nextchar-\w+\/\w+\.js$/.test(url);
  return copied ? `core/${basename(url)}` : undefined;
}

/** Runs tests; those in Chromium write what they reach themselves (tests/browser/reached.mjs). */
function run(tests, env) {
  const args = ["--no-concurrent-recompilation", "--test", "--test-timeout=600000", "--test-reporter=dot", ...tests];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...env },
    timeout: LIMIT,
  });
  return status === 0;
}

const percent = ([some, all]) => (all ? `${((100 * some) / all).toFixed(1)} %` : "");
const sum = pairs => pairs.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);

function print(rows, withLines) {
  const wings = [...new Set(rows.map(({ path }) => path.split("/")[0]))];
  const totals = wings.map(wing => rows.filter(({ path }) => path.split("/")[0] === wing));
  const row = (name, lines, branches, missing) =>
    console.log(
      `| ${name.padEnd(24)} | ${percent(lines).padStart(8)} | ${percent(branches).padStart(8)} |${withLines ? ` ${missing}` : ""}`,
    );
  console.log(`| file of web/             |    lines | branches |\n| ------------------------ | -------: | -------: |`);
  for (const { path, lines, branches, missing } of rows) row(path, lines, branches, missing.join(" "));
  for (const [i, some] of [...totals, rows].entries())
    row(`**${wings[i] ?? "all"}**`, sum(some.map(({ lines }) => lines)), sum(some.map(({ branches }) => branches)), "");
  return sum(rows.map(({ branches }) => branches));
}

function main(args) {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-reached-"));
  const reached = new Reached();
  const named = args.filter(arg => !arg.startsWith("--"));
  const joined = args.find(arg => arg.startsWith("--join="))?.slice("--join=".length);
  const all = under => readdirSync(new URL(under, root)).map(name => `${under}${name}`);
  const tests = (named.length ? named : [...all("tests/"), ...all("tests/browser/")]).filter(name => /\.test\.mjs$/.test(name));
  const inBrowser = tests.filter(name => name.includes("browser/"));
  const others = tests.filter(name => !inBrowser.includes(name) && !/(linear|wasi)\.test/.test(name)); // these reach nothing else
  try {
    let good = !others.length || run(others, { NODE_V8_COVERAGE: folder });
    for (const name of readdirSync(folder))
      for (const { url, functions } of JSON.parse(readFileSync(join(folder, name), "utf8")).result)
        if (pathOf(url)) reached.add(pathOf(url), functions);
    if (!args.includes("--no-browser") && inBrowser.length) {
      good = run(inBrowser, { NEXTCHAR_REACHED: folder }) && good;
      for (const name of readdirSync(folder)) if (name.startsWith("browser-")) reached.read(join(folder, name));
    }
    if (joined && existsSync(joined)) reached.read(joined);
    if (joined) reached.save(joined);
    const [some, whole] = print(reached.table(), args.includes("--lines"));
    return good && 100 * some >= BOUND * whole ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
