// SPDX-License-Identifier: MIT
//
// Who is asked: a process for each contestant, all pinned to one core, all alive for the whole run. Each
// { engine, name, ask(work, H, seconds) -> characters (examples) a second or null, end() }.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ANSWERING_NAMES, contestants } from "./contestants/index.mjs";

const run = promisify(execFile);
const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const NODE = [process.execPath, "--no-warnings"];

// PyTorch's library for products does not know every processor's name and then takes its slowest code.
const FASTEST_PYTORCH = {
  OPENBLAS_NUM_THREADS: "1",
  ...(/\bavx512bw\b/.test(readFileSync("/proc/cpuinfo", "utf8")) && { OPENBLAS_CORETYPE: "SkylakeX", ATEN_CPU_CAPABILITY: "avx512" }),
};

/** A process that says a line when it is ready, then answers a line with a line. */
async function partner(core, command, env) {
  const child = spawn("taskset", ["-c", String(core), ...command], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function answer(to) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command.join(" ")} ended at ${to}`);
    return value;
  }
  await answer("its start");
  return {
    say(line) {
      child.stdin.write(`${line}\n`);
      return answer(line);
    },
    end: () => child.stdin.end(),
  };
}

async function asker(engine, name, core, command, env) {
  const { say, end } = await partner(core, command, env);
  return { engine, name, ask: async (work, H, seconds) => JSON.parse(await say(`${work} ${H} ${seconds}`)), end };
}

async function pytorch() {
  try {
    return (await run("/usr/bin/python3", ["-c", "import torch; print(torch.__version__)"])).stdout.trim();
  } catch {
    return null;
  }
}

async function buildKann() {
  const { KANN_DIR } = process.env;
  if (!KANN_DIR) return null;
  const program = at("build/kann");
  mkdirSync(at("build"), { recursive: true });
  await run("cc", [
    "-O3",
    "-march=native",
    `-I${KANN_DIR}`,
    "-o",
    program,
    at("bench/kann.c"),
    `${KANN_DIR}/kann.c`,
    `${KANN_DIR}/kautodiff.c`,
    "-lm",
  ]);
  return program;
}

/** @param {number} core @param {boolean} answers those alone that train networks that answer */
export async function makeAskers(core, answers) {
  const askers = [];
  const takesRelaxed = WebAssembly.validate(readFileSync(at("web/core/rnn-relaxed.wasm"))); // Chromium does, Node from 21 on
  for (const name of answers ? ANSWERING_NAMES : Object.keys(contestants)) {
    if (takesRelaxed || !name.includes("relaxed")) askers.push(await asker("Node", name, core, [...NODE, at("bench/node.mjs"), name]));
    askers.push(await asker("Chromium", name, core, [...NODE, at("bench/chromium.mjs"), name]));
  }
  if (answers) return askers;
  askers.push(await asker("native", "nextchar", core, [at("build/speed"), "float32"]));
  askers.push(await asker("native", "nextchar, int8", core, [at("build/speed"), "int8"]));
  if (await pytorch()) askers.push(await asker("native", "PyTorch", core, ["/usr/bin/python3", at("bench/pytorch.py")], FASTEST_PYTORCH));
  const kann = await buildKann();
  if (kann) askers.push(await asker("native", "kann", core, [kann]));
  return askers;
}

/** Asks bench/limits.c, in each engine: { engine, ask(line) -> the object that it answers, end() }. @param {number} core */
export async function makeLimits(core) {
  const limits = async (engine, command, program = "") => {
    const { say, end } = await partner(core, command);
    return { engine, ask: async line => JSON.parse(await say(program + line)), end };
  };
  const wasm = "build/wasm-simd128/limits.wasm ";
  return [
    await limits("Node", [...NODE, at("bench/node.mjs")], wasm),
    await limits("Chromium", [...NODE, at("bench/chromium.mjs")], wasm),
    await limits("native", [at("build/limits")]),
  ];
}

/** What ran, for the page of results. */
export async function versions() {
  const { dependencies } = JSON.parse(readFileSync(at("bench/package.json"), "utf8"));
  const chromium = ["chromium", "google-chrome"].map(async name => (await run(name, ["--version"])).stdout.trim());
  return {
    Node: process.version,
    Chromium: await Promise.any(chromium).catch(() => "none"),
    PyTorch: (await pytorch()) ?? "none",
    kann:
      process.env.KANN_DIR && existsSync(`${process.env.KANN_DIR}/kann.h`)
        ? /KANN_VERSION "(.*)"/.exec(readFileSync(`${process.env.KANN_DIR}/kann.h`, "utf8"))[1]
        : "none",
    tfjs: dependencies["@tensorflow/tfjs"],
    "onnxruntime-web": dependencies["onnxruntime-web"],
    "brain.js": dependencies["brain.js"],
  };
}
