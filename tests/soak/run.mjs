// SPDX-License-Identifier: MIT
//
// npm run soak [-- write loads page draws texts] [-- --minutes N]: what takes too long for every day; all of it, or what is named.
// The page trains for ten minutes, or for N. Prints the tables of docs/RELIABILITY.md; exit code 1 if something does not hold.
import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { load } from "../../web/core/model.js";
import { residentOf, trainInPage } from "./page.mjs";

const { values, positionals } = parseArgs({ options: { minutes: { type: "string", default: "10" } }, allowPositionals: true });
const asked = part => positionals.length === 0 || positionals.includes(part);
const path = name => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const run = promisify(execFile);

const WEIGHTS = path("weights/course.safetensors");
const CHARACTERS = 1e7;
const LOADS = 1000;
const TEXT = 5_000_000; // bytes
const LIMIT = 3_600_000; // milliseconds for a process
const SLACK = { native: 1, wasm: 20, page: 40 }; // MiB between an early and a late sample: of malloc, of V8, of a browser

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
/** MiB of this process after its collector ran. */
const resident = () => (collect(), residentOf(process.pid));

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Prints a row: the memory in the second tenth of the time and in the last one; the first tenth warms up. */
function row(name, samples, slack) {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const early = median(samples.slice(tenth, 2 * tenth));
  const late = median(samples.slice(-tenth));
  const isFlat = late <= early + slack;
  console.log(`| ${name} | ${early.toFixed(1)} | ${late.toFixed(1)} | ${Math.max(...samples).toFixed(1)} | ${isFlat ? "flat" : "GROWS"} |`);
  if (!isFlat) process.exitCode = 1;
}

/** The command writes all in one run; its output is counted, not kept. */
async function writeNatively() {
  const child = spawn(path("build/nextchar"), ["write", WEIGHTS, "--length", String(CHARACTERS)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LIMIT,
  });
  const ended = new Promise(resolve => child.on("close", resolve));
  const samples = [];
  let bytes = 0;
  for await (const chunk of child.stdout) {
    if (Math.floor((bytes + chunk.length) / 1e5) > Math.floor(bytes / 1e5)) samples.push(residentOf(child.pid));
    bytes += chunk.length;
  }
  if ((await ended) !== 0 || bytes < CHARACTERS) throw new Error(`the command wrote ${bytes} bytes`);
  row(`${CHARACTERS} characters by the command`, samples.filter(Number.isFinite), SLACK.native);
}

async function writeInWasm() {
  const model = await load(WEIGHTS);
  const samples = [];
  let count = 0;
  for (const _ of model.write("", { length: CHARACTERS })) if (++count % (CHARACTERS / 50) === 0) samples.push(resident());
  if (count !== CHARACTERS) throw new Error(`${count} characters were written`);
  row(`${CHARACTERS} characters in Node, ${model.isa}`, samples, SLACK.wasm);
}

async function loadNatively() {
  const { stdout } = await run(path("build/tests/soak"), ["loads", WEIGHTS, String(LOADS)], { timeout: LIMIT });
  row(`${LOADS} times loaded and freed, native`, stdout.trim().split("\n").map(Number), SLACK.native);
}

async function loadInWasm() {
  const samples = [];
  for (let i = 1; i <= LOADS; i++) {
    const model = await load(WEIGHTS);
    model.write("a", { length: 3 }).next();
    model.free();
    if (i % 10 === 0) samples.push(resident());
  }
  row(`${LOADS} times loaded and freed in Node`, samples, SLACK.wasm);
}

async function train() {
  const minutes = Number(values.minutes);
  const { samples, passes, problems } = await trainInPage(minutes);
  for (const problem of problems) console.log(problem);
  if (problems.length || passes < 2) process.exitCode = 1;
  row(`${minutes} minutes of training in the page, ${passes} passes`, samples, SLACK.page);
}

async function draw() {
  console.log("\n| draws | how many | degrees of freedom | chi-square | p | |\n| --- | --- | --- | --- | --- | --- |");
  const child = spawn(path("build/tests/soak"), ["draws"], { stdio: ["ignore", "inherit", "inherit"], timeout: LIMIT });
  if ((await new Promise(resolve => child.on("close", resolve))) !== 0) process.exitCode = 1;
}

/** Five megabytes of each nasty shape through all that reads texts, and through the command. */
async function readTexts() {
  const { stdout } = await run(path("build/tests/linear_test"), ["", String(TEXT)], { timeout: LIMIT });
  console.log(`\n${stdout.trim()}\n`);
  const env = { ...process.env, NEXTCHAR_LINEAR: String(TEXT) };
  const child = spawn(process.execPath, ["--test", path("tests/command-linear.test.mjs")], { env, stdio: "inherit", timeout: LIMIT });
  if ((await new Promise(resolve => child.on("close", resolve))) !== 0) process.exitCode = 1;
}

console.log("| run | MiB early | MiB late | MiB at most | |\n| --- | --- | --- | --- | --- |");
if (asked("write")) {
  await writeNatively();
  await writeInWasm();
}
if (asked("loads")) {
  await loadNatively();
  await loadInWasm();
}
if (asked("page")) await train();
if (asked("draws")) await draw();
if (asked("texts")) await readTexts();
