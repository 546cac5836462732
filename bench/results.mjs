// SPDX-License-Identifier: MIT
//
// RESULTS.md from the rates of a run: what was asked for and reached, every table, the limits of the machine.
import { arch, availableParallelism, cpus, totalmem } from "node:os";
import { V, WORKS } from "./work.mjs";

/** Floats that a step reads: the recurrent matrix and the head. */
const weightsOf = H => 4 * H * H + V * H;

/** What the programs of bench/*.c are asked, in each engine. A product's answer is its share of the peak, the others' a rate. */
export const LIMITS = {
  "madd": ["limits", "madd"],
  ...Object.fromEntries(WORKS.write.flatMap(H => [
    [`load ${H}`, ["limits", "load", 4 * weightsOf(H)]],
    [`step ${H}`, ["speed", "step", "float32", 1, H]],
  ])),
  ...Object.fromEntries(WORKS.train.map(H => [`product ${H}`, ["limits", "product", H]])),
  "streams 1": ["speed", "write", "float32", 1, 256],
  "streams 5": ["speed", "write", "float32", 5, 256],
};

const ENGINES = ["Node", "Chromium", "native"];
const PEERS = ["onnxruntime-web", "onnxruntime-web, int8", "tfjs wasm", "tfjs cpu", "brain.js"]; // as they come
const IMPROVED = ["onnxruntime-web, basic operators", "tfjs wasm, gradient of ours", ...PEERS]; // as fast as we could make them

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const number = x => (x >= 1000 ? Math.round(x / 10 ** (Math.floor(Math.log10(x)) - 2)) * 10 ** (Math.floor(Math.log10(x)) - 2) : Number(x.toPrecision(3))).toLocaleString("en");
const times = x => (Number.isFinite(x) ? `${x >= 20 ? Math.round(x) : x.toFixed(x < 10 ? 2 : 1)}×` : "-");
const percent = x => (Number.isFinite(x) ? `${Math.round(100 * x)} %` : "-");
const row = cells => `| ${cells.join(" | ")} |\n`;
const table = (head, rows) => row(head) + row(head.map((_, i) => (i ? "---:" : "---"))) + rows.map(row).join("");

/** @param {Map<string, number[]>} rates @param {{ rounds: number, core: number, minutes: number, versions: Record<string, string> }} how */
export function results(rates, how) {
  const at = (...key) => (rates.has(key.join(" | ")) ? median(rates.get(key.join(" | "))) : NaN);
  const best = (engine, names, work, H) => {
    const known = names.map(name => at(engine, name, work, H)).filter(Number.isFinite);
    return known.length ? Math.max(...known) : NaN;
  };
  const names = engine => [...new Set([...rates.keys()].map(key => key.split(" | ")).filter(key => key[0] === engine && key.length === 4).map(key => key[1]))];

  return [
    opening(how),
    asked({ at, best }),
    "## Writing, characters a second\n\nOne stream, V = 96, a step, softmax at temperature 0.8 and a draw. The last row is nextchar in float32 against the best of the other names.\n",
    ...ENGINES.map(engine => rateTable(engine, "write", { at, best, names })),
    "## Training, characters a second\n\n32 streams of 64 characters, Adam; *lesson* is H = 64, one stream of 100 characters.\n",
    ...ENGINES.map(engine => rateTable(engine, "train", { at, best, names })),
    limits({ at }),
    spread(rates),
    NOTES,
  ].join("\n");
}

function opening({ rounds, core, minutes, versions }) {
  return `# Results of \`npm run bench\`

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)} in ${minutes} minutes; this file is its output. Medians of ${rounds} rounds; in each, every contestant is asked the
same thing in turn, each a process of its own, warm, all pinned to core ${core}. **Only ratios mean something**: on a shared machine
all rates together drift by a third within minutes.

Machine: ${cpus()[0].model.trim()} (${arch()}), ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB. ${Object.entries(versions).map(([name, version]) => `${name} ${version.replace(/^Chromium /, "")}`).join(", ")}.

To repeat: \`npm run build && KANN_DIR=/path/to/kann npm run bench\` (kann and PyTorch, Debian's \`python3-torch\`, are left out where they are not; \`-- --quick\`
takes a few minutes and prints instead).
`;
}

/** What the project set out to reach. */
function asked({ at, best }) {
  const rows = [];
  const add = (what, least, ...reached) => rows.push([what, least, ...reached.map(([ratio, ok, text = times(ratio)]) => (Number.isFinite(ratio) ? `${ok ? "" : "**"}${text}${ok ? "" : "**"}` : "-"))]);
  const both = (what, least, ratio) => add(what, `${least}×`, ...["Node", "Chromium"].map(engine => [ratio(engine), ratio(engine) >= least]));
  for (const [H, least] of [[64, 10], [128, 6], [256, 4], [512, 1.5]])
    both(`write, float32, H = ${H}: the best peer`, least, engine => at(engine, "nextchar", "write", H) / best(engine, PEERS, "write", H));
  both("write, int8, H = 512, SIMD: the best peer", 5, engine => at(engine, "nextchar, int8", "write", 512) / best(engine, PEERS, "write", 512));
  both("write, int8, H = 512, relaxed SIMD: the best peer", 8, engine => at(engine, "nextchar relaxed, int8", "write", 512) / best(engine, PEERS, "write", 512));
  for (const [H, least] of [[128, 12], [256, 13], [512, 13]])
    both(`train, H = ${H}: the best of tfjs, brain.js`, least, engine => at(engine, "nextchar", "train", H) / best(engine, PEERS, "train", H));
  for (const [H, least] of [[128, 1.5], [256, 2], [512, 2.5]])
    both(`train, H = ${H}: kann, native`, least, engine => at(engine, "nextchar", "train", H) / at("native", "kann", "train", H));
  for (const H of [128, 256]) both(`train, H = ${H}: PyTorch, native`, 0.6, engine => at(engine, "nextchar", "train", H) / at("native", "PyTorch", "train", H));
  both("train, the lesson's shape: PyTorch, native", 2, engine => at(engine, "nextchar", "lesson", 64) / at("native", "PyTorch", "lesson", 64));
  for (const H of [128, 256])
    add(`train, H = ${H}, native: PyTorch`, "1.2×", ...[at("native", "nextchar", "train", H) / at("native", "PyTorch", "train", H)].flatMap(x => [[x, x >= 1.2], [NaN]]));
  const share = (what, least, ratio) => add(what, percent(least), ...["Node", "Chromium"].map(engine => [ratio(engine), ratio(engine) >= least, percent(ratio(engine))]));
  for (const H of [128, 256, 512]) share(`products of training, H = ${H}: the multiply-add peak`, 0.9, engine => at(engine, `product ${H}`));
  for (const H of [256, 512]) share(`a step, float32, H = ${H}: the time to load its weights`, 0.75, engine => loadShare(at, engine, H));
  add("5 streams at once, H = 256: the time of one", "at most 2×", ...["Node", "Chromium"].map(engine => (5 * at(engine, "streams 1")) / at(engine, "streams 5")).map(x => [x, x <= 2]));
  return `## Asked for and reached

nextchar as WebAssembly (SIMD, one thread) against what is named; bold is not reached, and [SPEED.md](../SPEED.md) says why. Where
the rows say native, so is the other side, and nextchar is still WebAssembly unless the row says otherwise.

${table(["", "at least", "Node", "Chromium"], rows)}
Peers as they come: onnxruntime-web by its LSTM operator, tfjs by its own gradients. Against the best that we could make of them, a cell of basic
operators and a gradient that turns matrices before it multiplies:

${table(["", "Node", "Chromium"], improved({ at, best }))}`;
}

function improved({ at, best }) {
  const line = (what, name, work, H) => [what, ...["Node", "Chromium"].map(engine => times(at(engine, name, work, H) / best(engine, IMPROVED, work, H)))];
  return [
    ...[64, 128, 256, 512].map(H => line(`write, float32, H = ${H}`, "nextchar", "write", H)),
    line("write, int8, H = 512, SIMD", "nextchar, int8", "write", 512),
    line("write, int8, H = 512, relaxed SIMD", "nextchar relaxed, int8", "write", 512),
    ...[64, 128, 256, 512].map(H => line(`train, H = ${H}`, "nextchar", "train", H)),
  ];
}

function rateTable(engine, work, { at, best, names }) {
  const columns = WORKS[work].map(H => [work, H]).concat(work === "train" ? [["lesson", 64]] : []);
  const rows = names(engine)
    .filter(name => columns.some(([work, H]) => Number.isFinite(at(engine, name, work, H))))
    .map(name => [name, ...columns.map(([work, H]) => (Number.isFinite(at(engine, name, work, H)) ? number(at(engine, name, work, H)) : "-"))]);
  const others = names(engine).filter(name => !name.startsWith("nextchar"));
  rows.push(["nextchar : best other", ...columns.map(([work, H]) => times(at(engine, "nextchar", work, H) / best(engine, others, work, H)))]);
  return `### ${engine}\n\n${table(["", ...columns.map(([work, H]) => (work === "lesson" ? "lesson" : `H = ${H}`))], rows)}`;
}

/** Time to load the weights of a step at the bandwidth seen : time of the step. */
const loadShare = (at, engine, H) => ((4 * weightsOf(H)) / (1e9 * at(engine, `load ${H}`))) * at(engine, `step ${H}`);

function limits({ at }) {
  const rows = ENGINES.flatMap(engine => [
    [`${engine}: loads, GB/s, float32`, ...WORKS.write.map(H => number(at(engine, `load ${H}`)))],
    [`${engine}: time to load : a step, float32`, ...WORKS.write.map(H => percent(loadShare(at, engine, H)))],
    [`${engine}: multiply-adds of a step : peak, float32`, ...WORKS.write.map(H => percent((2 * weightsOf(H) * at(engine, `step ${H}`)) / (1e9 * at(engine, "madd"))))],
    [`${engine}: products of training : peak`, ...WORKS.write.map(H => percent(at(engine, `product ${H}`)))],
    [`${engine}: multiply-adds of training : peak`, ...WORKS.write.map(H => percent((6 * (weightsOf(H)) * at(engine, "nextchar", "train", H)) / (1e9 * at(engine, "madd"))))],
  ]);
  return `## Limits of the machine in the same run

Multiply-adds at most, two roundings each, as every build computes: ${ENGINES.map(engine => `${engine} ${number(at(engine, "madd"))} GFLOP/s`).join(", ")}. *Loads* reads memory of the size of a step's weights
(${WORKS.write.map(H => `${number((4 * weightsOf(H)) / 1024)} KiB`).join(", ")}) again and again. Products of training are measured in turn with the peak; *multiply-adds of
training* counts the whole window with Adam. Node and Chromium run the SIMD build.

${table(["", ...WORKS.write.map(H => `H = ${H}`)], rows)}`;
}

function spread(rates) {
  const ratios = [...rates.values()].filter(values => values.length > 1).map(values => Math.max(...values) / Math.min(...values));
  return ratios.length ? `Largest : smallest rate of the rounds: median ${median(ratios).toFixed(2)}, at most ${Math.max(...ratios).toFixed(2)}.\n` : "";
}

const NOTES = `## What is not equal

- Written by TensorFlow.js, ONNX Runtime and PyTorch: the softmax and the draw are ours in JavaScript, PyTorch's own natively. ONNX Runtime multiplies the
  one-hot input as well, as its LSTM operator must; all others add a row of a table. nextchar makes the whole distribution and draws in the core.
- brain.js draws until its end sign, and trains one sequence of 64 characters at a time with its own RMSprop; kann trains with RMSprop on one-hot input,
  compiled with \`-O3 -march=native\`, without a BLAS. kann and tfjs begin every window at a state of zeros, the others carry it on.
- A backward pass of tfjs written by hand, operator by operator, would be up to 1.8 times as fast again as the gradient of ours at H = 512: nextchar is then about
  3 times as fast there. It is not among the contestants.
- *nextchar by rnn.js* is \`model.write()\`, whose steps carry copies of the logits, h, c and gates; the other rows call the functions of the wasm.
- PyTorch is told the processor (\`OPENBLAS_CORETYPE\`, \`ATEN_CPU_CAPABILITY\`): on a virtual machine its library for products may take code without AVX.
- int8 writes with integers (h in 7 bits): not the same numbers as float32, 0.0002 to 0.0022 bits per character worse on held-out text.
`;
