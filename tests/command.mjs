// SPDX-License-Identifier: MIT
//
// What the tests of the command build/nextchar share: a folder to run it in, a text to learn.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { command, readTensors } from "./helpers.mjs";

export const SIZES = ["--hidden", "24", "--embedding", "8", "--batch", "4", "--window", "16"];
const terminal = join(dirname(command), "tests/terminal");
const LIMIT = { timeout: 120_000, killSignal: "SIGKILL" }; // of a process

/** Sentences of a few words and signs in some order, the same every time. */
export function makeText(sentences) {
  const words = ["the", "cat", "sees", 'a "small" dog', "and", "naïve", "кот", "back\\slash"];
  let dice = 1;
  let text = "";
  for (let i = 0; i < sentences; i++) {
    const sentence = Array.from({ length: 4 }, () => words[(dice = (dice * 48271) % 0x7fffffff) % words.length]);
    text += `${sentence.join(" ")}.\n`;
  }
  return text;
}

const listOf = args => (typeof args === "string" ? args.split(" ") : args);

const MEMORY = "/dev/shm"; // a file system where fsync takes no time, on Linux

/** A folder that is removed after the tests of the file, and the command run in it. */
export function workshop() {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "nextchar-"));
  after(() => rmSync(folder, { recursive: true }));
  const at = name => join(folder, name);
  const write = (name, bytes) => writeFileSync(at(name), bytes);
  const read = name => readFileSync(at(name));

  /** The command; args are a list, or a line that blanks part. */
  const run = (args, input = "", options = {}) =>
    spawnSync(command, listOf(args), { cwd: folder, input, encoding: "utf8", maxBuffer: 1 << 26, ...LIMIT, ...options });

  /** The same by a line of the shell, where $nextchar is the command, and $terminal runs one on a terminal. */
  const shell = (line, env = {}, encoding = "utf8") =>
    spawnSync("bash", ["-c", line], { cwd: folder, encoding, ...LIMIT, env: { ...process.env, nextchar: command, terminal, ...env } });

  /** Its standard output; anything but exit code 0 fails the test. */
  function output(args, input) {
    const { status, stdout, stderr } = run(args, input);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  function assertFails(args, code, sentence, input) {
    const { status, stderr } = run(args, input);
    assert.match(stderr, sentence, String(args));
    assert.equal(status, code, `${args}: ${stderr}`);
  }

  const inspect = name => JSON.parse(output(["inspect", name, "--json"]));
  const tensors = name => readTensors(read(name));
  /** Starts the command; `ended` gives how it did, `until` waits for something of it that has no event. */
  function start(args, options = {}) {
    const child = spawn(command, listOf(args), { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...LIMIT, ...options });
    const started = { child, stderr: "", ended: undefined, until: undefined };
    child.stderr?.setEncoding("utf8").on("data", data => (started.stderr += data));
    started.ended = new Promise((done, failed) => {
      child.on("error", failed);
      child.on("close", (status, signal) => done({ status, signal, stderr: started.stderr }));
    });
    started.until = async condition => {
      while (!condition() && child.exitCode === null && child.signalCode === null) await new Promise(resolve => setTimeout(resolve, 1));
    };
    return started;
  }

  const savedAt = name => (existsSync(at(name)) ? statSync(at(name)).mtimeMs : 0);

  /** A training that the signal stops once it has written its checkpoint, and `wait` is over. */
  async function interruptedTraining(args, signal, checkpoint = "cut.safetensors.checkpoint", wait = async () => {}) {
    const before = savedAt(checkpoint);
    const training = start(args);
    await training.until(() => savedAt(checkpoint) > before);
    await wait();
    training.child.kill(signal);
    return training.ended;
  }

  return { folder, at, write, read, run, shell, output, assertFails, inspect, tensors, start, interruptedTraining };
}
