// SPDX-License-Identifier: MIT
//
// npm run bits: tests/bits.c in every build that this machine can make and run, natively by gcc and clang and as wasm in Chromium;
// prints one table of the hashes, "=" where one is that of the first build. Exit code 1 if any differs, or a build cannot be made.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../tests/browser/chromium.mjs";

const path = name => fileURLToPath(new URL(`../${name}`, import.meta.url));
const LIMIT = 600_000; // milliseconds for a process
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", timeout: LIMIT, stdio: ["ignore", "pipe", "inherit"] });

/** What rnn_isa() calls it, and how it is built. */
const ISAS = {
  scalar: ["-DNEXTCHAR_ISA=scalar"],
  sse2: ["-DNEXTCHAR_ISA=baseline"],
  avx2: ["-DNEXTCHAR_ISA=baseline", "-DCMAKE_C_FLAGS=-mavx2"],
  avx512: ["-DNEXTCHAR_ISA=native"],
};
const WASM = ["scalar", "simd128", "relaxed"];

const flags = readFileSync("/proc/cpuinfo", "utf8");
const isHere = isa => isa === "scalar" || isa === "sse2" || new RegExp(isa === "avx2" ? "\\bavx2\\b" : "\\bavx512bw\\b").test(flags);

function runNative(compiler, isa) {
  const folder = path(`build/bits-${compiler}-${isa}`);
  run("cmake", "-S", path("."), "-B", folder, `-DCMAKE_C_COMPILER=${compiler}`, ...ISAS[isa]);
  run("cmake", "--build", folder, "--target", "bits");
  return run(`${folder}/tests/bits`);
}

/** In a page: what a standalone program prints that takes no arguments and opens no files. @param {string} base64 */
async function runInPage(base64) {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
  let printed = "";
  let memory;
  function fd_write(_, vectors, count, written) {
    const view = new DataView(memory.buffer);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const length = view.getUint32(vectors + 8 * i + 4, true);
      printed += new TextDecoder().decode(new Uint8Array(memory.buffer, view.getUint32(vectors + 8 * i, true), length));
      total += length;
    }
    view.setUint32(written, total, true);
    return 0;
  }
  const ended = {};
  const proc_exit = code => {
    throw code === 0 ? ended : new Error(`exit code ${code}`);
  };
  const wasi = new Proxy({ fd_write, proc_exit }, { get: (own, name) => own[name] ?? (() => 0) });
  const env = { emscripten_notify_memory_growth() {} };
  const { instance } = await WebAssembly.instantiate(bytes, { wasi_snapshot_preview1: wasi, env });
  memory = instance.exports.memory;
  try {
    instance.exports._start();
  } catch (error) {
    if (error !== ended) throw error;
  }
  return printed;
}

async function runWasm(isa) {
  const browser = await launchChromium({ protocolTimeout: LIMIT });
  try {
    const page = await browser.newPage();
    return await page.evaluate(runInPage, readFileSync(path(`build/wasm-${isa}/bits.wasm`)).toString("base64"));
  } finally {
    await browser.close();
  }
}

/** @type {{ name: string, hashes: Map<string, string> }[]} */
const columns = [];
function add(name, isa, printed) {
  const [said, ...lines] = printed.trim().split("\n");
  if (said !== isa) throw new Error(`${name} says that it is ${said}`);
  columns.push({ name, hashes: new Map(lines.map(line => [line.slice(0, -9), line.slice(-8)])) });
}

for (const compiler of ["gcc", "clang"])
  for (const isa of Object.keys(ISAS).filter(isHere)) add(`${compiler} ${isa}`, isa, runNative(compiler, isa));
for (const isa of WASM) add(`wasm ${isa}`, isa, await runWasm(isa));

const [{ hashes: expected }, ...others] = columns;
const row = cells => console.log(`| ${cells.join(" | ")} |`);
row(["", ...columns.map(({ name }) => name)]);
row(["---", ...columns.map(() => "---")]);
for (const [what, hash] of expected)
  row([what, `\`${hash}\``, ...others.map(({ hashes }) => (hashes.get(what) === hash ? "=" : hashes.get(what)))]);
const isSame = others.every(({ hashes }) => [...expected].every(([what, hash]) => hash !== "00000000" && hashes.get(what) === hash));
if (!isSame) process.exitCode = 1;
