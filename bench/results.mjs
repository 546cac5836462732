// SPDX-License-Identifier: MIT
//
// RESULTS.md from the rates of a run: what was asked for and reached, every table, the limits of the machine.
import { arch, availableParallelism, cpus, totalmem } from "node:os";
import { ANSWERING, V, WORKS } from "./work.mjs";

/** Floats that a step reads: the recurrent matrix and the head. */
const weightsOf = H => 4 * H * H + V * H;

/** What bench/limits.c is asked in each engine. */
export const LIMITS = ["madd", ...WORKS.write.map(H => `step ${H}`), ...WORKS.train.map(H => `product ${H}`)];

const ENGINES = ["Node", "Chromium", "native"];
const PEERS = ["onnxruntime-web", "onnxruntime-web, int8", "tfjs wasm", "tfjs cpu", "brain.js"]; // as they come
// as fast as we could make them
const IMPROVED = ["onnxruntime-web, basic operators", "onnxruntime-web, int8, basic operators", "tfjs wasm, gradient of ours", ...PEERS];

const LAYERS = ["tfjs wasm, layers", "tfjs cpu, layers"]; // of networks that answer, the same two
const LAYERS_IMPROVED = ["tfjs wasm, layers, products of ours", ...LAYERS];
const ANSWERING_HEADING = "## Training of networks that answer, examples a second";

/** NaN where a round has no number. */
const finite = values => values.filter(Number.isFinite);

function median(values) {
  const sorted = finite(values).sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : NaN;
}

/** Round by round, because a machine's drift is in both. */
const ratios = (above, below) => above.map((x, round) => x / below[round]);

function threeDigits(x) {
  const unit = x >= 1000 ? 10 ** (Math.floor(Math.log10(x)) - 2) : 0;
  return unit ? Math.round(x / unit) * unit : Number(x.toPrecision(3));
}

const number = x => (Number.isFinite(x) ? threeDigits(x).toLocaleString("en") : "-");
const times = x => (Number.isFinite(x) ? `${x >= 20 ? Math.round(x) : x.toFixed(x < 10 ? 2 : 1)}×` : "-");
const percent = x => (Number.isFinite(x) ? `${Math.round(100 * x)} %` : "-");

/** The median and, of several rounds, the least and the most; form is times or percent. */
function range(values, form) {
  const known = finite(values);
  const bare = x => form(x).replace(/ ?[×%]/, "");
  const ends = known.length > 1 ? ` (${bare(Math.min(...known))}–${bare(Math.max(...known))})` : "";
  return form(median(known)) + ends;
}

const row = cells => `| ${cells.join(" | ")} |\n`;
const table = (head, rows) => row(head) + row(head.map((_, i) => (i ? "---:" : "---"))) + rows.map(row).join("");

/** What all sections ask of the rates. */
function questions(rates, rounds) {
  const all = (...key) => rates.get(key.join(" | ")) ?? [];
  const best = (engine, names, work, H) => {
    const series = names.map(name => all(engine, name, work, H));
    return Array.from({ length: rounds }, (_, round) => {
      const known = finite(series.map(values => values[round]));
      return known.length ? Math.max(...known) : NaN;
    });
  };
  const against = (engine, name, names, work, H) => ratios(all(engine, name, work, H), best(engine, names, work, H));
  const names = engine => [
    ...new Set(
      [...rates.keys()]
        .map(key => key.split(" | "))
        .filter(key => key[0] === engine && key.length === 4)
        .map(key => key[1]),
    ),
  ];
  return { all, against, names };
}

/**
 * @typedef {{ rounds: number, core: number, minutes: number, versions: Record<string, string> }} How
 * @param {Map<string, number[]>} rates of every round @param {How} how
 */
export function results(rates, how) {
  const { all, against, names } = questions(rates, how.rounds);
  return [
    opening(how),
    asked({ all, against }),
    "## Writing, characters a second\n\nOne stream, V = 96, a step, softmax at temperature 0.8 and a draw. " +
      "The last row is nextchar in float32 against the best of the other names.\n",
    ...ENGINES.map(engine => rateTable(engine, "write", { all, against, names })),
    "## Training, characters a second\n\n32 streams of 64 characters, Adam; *lesson* is H = 64, one stream of 100 characters.\n",
    ...ENGINES.map(engine => rateTable(engine, "train", { all, against, names })),
    answering({ all, against, names }, ""),
    limits(all),
    spread(rates),
    NOTES,
  ].join("\n");
}

/** The section of a run with --answers. @param {Map<string, number[]>} rates @param {How} how */
export function answeringAlone(rates, how) {
  const made = `${madeBy("npm run bench -- --answers", how)}.\n\n${machine(how)}\n\n`;
  return `${answering(questions(rates, how.rounds), made)}\n${spread(rates)}`;
}

/** A page of results with that section in the place of its own. @param {string} page @param {string} section */
export function withAnswering(page, section) {
  const begin = page.indexOf(ANSWERING_HEADING);
  const end = page.indexOf("\n## ", begin);
  if (begin < 0 || end < 0) throw new Error(`RESULTS.md has no section "${ANSWERING_HEADING}": run npm run bench whole`);
  return page.slice(0, begin) + section + page.slice(end);
}

const madeBy = (command, { rounds, minutes }) =>
  `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)} in ${minutes} minutes; medians of ${rounds} rounds`;

function machine({ versions }) {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version.replace(/^Chromium /, "")}`);
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `Machine: ${cpus()[0].model.trim()} (${arch()}), ${availableParallelism()} cores, ${gigabytes} GiB. ${list.join(", ")}.`;
}

function opening(how) {
  return `# Results of \`npm run bench\`

${madeBy("npm run bench", how)}; this file is its output.
In each round every contestant is asked the
same thing in turn, each a process of its own, warm, all pinned to core ${how.core}. **Only ratios mean something**: on a shared machine
all rates together drift within minutes. A ratio is the median of the ratios of the rounds, the best of several names taken in each.

${machine(how)}

To repeat: \`npm run build && KANN_DIR=/path/to/kann npm run bench\` (kann and PyTorch, Debian's \`python3-torch\`, are left out where
they are not; \`-- --answers\` measures one section alone and replaces it here; \`-- --quick\`
takes a few minutes and prints instead).
`;
}

/** What the project set out to reach. */
function asked({ all, against }) {
  const rows = [];
  /** reached(engine) gives the rounds' values, of the engines that the target is for. */
  const add = (what, target, engines, reached, ok, form = times) => {
    const cell = engine => {
      const values = engines.includes(engine) ? reached(engine) : [];
      const text = range(values, form);
      return ok(median(values)) || !finite(values).length ? text : `**${text}**`;
    };
    rows.push([what, target, ...ENGINES.map(cell)]);
  };
  const WEB = ["Node", "Chromium"];
  const faster = (what, least, reached, engines = WEB) => add(what, `${least}×`, engines, reached, x => x >= least);
  const share = (what, least, reached) => add(what, percent(least), WEB, reached, x => x >= least, percent);
  const native = (name, work, H) => engine => ratios(all(engine, "nextchar", work, H), all("native", name, work, H));

  for (const [H, least] of [
    [64, 10],
    [128, 6],
    [256, 4],
    [512, 1.5],
  ])
    faster(`write, float32, H = ${H}: the best peer`, least, engine => against(engine, "nextchar", PEERS, "write", H));
  faster("write, int8, H = 512, SIMD: the best peer", 5, engine => against(engine, "nextchar, int8", PEERS, "write", 512));
  faster("write, int8, H = 512, relaxed SIMD: the best peer", 8, engine => against(engine, "nextchar relaxed, int8", PEERS, "write", 512));
  for (const [H, least] of [
    [128, 12],
    [256, 13],
    [512, 13],
  ])
    faster(`train, H = ${H}: the best of tfjs, brain.js`, least, engine => against(engine, "nextchar", PEERS, "train", H));
  for (const [H, least] of [
    [128, 1.5],
    [256, 2],
    [512, 2.5],
  ])
    faster(`train, H = ${H}: kann, native`, least, native("kann", "train", H));
  for (const H of [128, 256]) faster(`train, H = ${H}: PyTorch, native`, 0.6, native("PyTorch", "train", H));
  for (const H of [128, 256]) faster(`train, H = ${H}: PyTorch, both native`, 1.2, native("PyTorch", "train", H), ["native"]);
  faster("train, the lesson's shape: PyTorch, native", 2, native("PyTorch", "lesson", 64));
  for (const H of [128, 256, 512])
    share(`products of training, H = ${H}: the multiply-add peak`, 0.9, engine => all(engine, `product ${H} ofPeak`));
  for (const H of [256, 512])
    share(`a step, float32, H = ${H}: the time to load its weights`, 0.75, engine => all(engine, `step ${H} ofLoads`));
  for (const [name, most] of [
    ["nextchar by model.write()", 1.3],
    ["nextchar by the page", 1.5],
  ]) {
    const slower = engine => ratios(all(engine, "nextchar", "write", 64), all(engine, name, "write", 64));
    add(
      `a character, H = 64, ${name.replace("nextchar ", "")}: the functions of the wasm`,
      `at most ${most}×`,
      WEB,
      slower,
      x => x <= most,
    );
  }
  const fiveTimes = engine =>
    ratios(
      all(engine, "nextchar", "write", 256).map(x => 5 * x),
      all(engine, "nextchar", "five", 256),
    );
  add("5 streams at once, H = 256: the time of one", "at most 2×", WEB, fiveTimes, x => x <= 2);
  return `## Asked for and reached

nextchar against what is named, in parentheses the least and the most of the rounds; bold is not reached, and [SPEED.md](../SPEED.md) says
why. In the columns
Node and Chromium nextchar is WebAssembly (SIMD, one thread), even where the other side is native.

${table(["", "asked", ...ENGINES], rows)}
Peers as they come: onnxruntime-web by its LSTM operators, tfjs by its own gradients. Against the best that we could make of them, cells
of basic
operators and a gradient that turns matrices before it multiplies:

${table(["", ...WEB], improved(against, WEB))}`;
}

function improved(against, engines) {
  const line = (what, name, work, H) => [what, ...engines.map(engine => range(against(engine, name, IMPROVED, work, H), times))];
  return [
    ...[64, 128, 256, 512].map(H => line(`write, float32, H = ${H}`, "nextchar", "write", H)),
    line("write, int8, H = 512, SIMD", "nextchar, int8", "write", 512),
    line("write, int8, H = 512, relaxed SIMD", "nextchar relaxed, int8", "write", 512),
    ...[64, 128, 256, 512].map(H => line(`train, H = ${H}`, "nextchar", "train", H)),
  ];
}

function rateTable(engine, work, { all, against, names }) {
  const columns = WORKS[work].map(H => [work, H]).concat(work === "train" ? [["lesson", 64]] : []);
  const rows = names(engine)
    .map(name => [name, ...columns.map(([work, H]) => number(median(all(engine, name, work, H))))])
    .filter(([, ...cells]) => cells.some(cell => cell !== "-"));
  const others = names(engine).filter(name => !name.startsWith("nextchar"));
  rows.push(["nextchar : best other", ...columns.map(([work, H]) => times(median(against(engine, "nextchar", others, work, H))))]);
  return `### ${engine}\n\n${table(["", ...columns.map(([work, H]) => (work === "lesson" ? "lesson" : `H = ${H}`))], rows)}`;
}

/** @param {string} made how, if it was in a run of its own */
function answering({ all, against, names }, made) {
  const columns = ["Node", "Chromium"].flatMap(engine => ANSWERING.map(work => [engine, work, WORKS[work][0]]));
  const rates = [...new Set([...names("Chromium"), ...names("Node")])]
    .map(name => [name, ...columns.map(([engine, ...of]) => number(median(all(engine, name, ...of))))])
    .filter(([, ...cells]) => cells.some(cell => cell !== "-"));
  const ofTfjs = peers => columns.map(([engine, ...of]) => range(against(engine, "nextchar", peers, ...of), times));
  const rows = [...rates, ["nextchar : tfjs", ...ofTfjs(LAYERS)], ["nextchar : tfjs, products of ours too", ...ofTfjs(LAYERS_IMPROVED)]];
  return `${ANSWERING_HEADING}

${made}*Sequence*: numbers of six digits become English words; encoder and decoder LSTM ${WORKS.sequence[0]}, embedding 32.
*Caption*: pictures of 28 × 28 become the names of digits; two convolutions (8 and 16 maps), GRU ${WORKS.caption[0]}, embedding 8.
An update is of 32 examples, by Adam, with gradients clipped to norm 1 and the loss of the labels that are written and of their end.
tfjs by its layers, in networks that begin with nextchar's weights: their first loss is nextchar's to 1e-5 and the fifth to 1e-2, or
the run ends. The end of this page says what is not equal.

${table(["", ...columns.map(([engine, work]) => `${engine}, ${work}`)], rows)}`;
}

function limits(all) {
  const at = (...key) => median(all(...key));
  const ofPeak = (engine, H) =>
    median(
      ratios(
        all(engine, "nextchar", "train", H).map(x => (6 * weightsOf(H) * x) / 1e9),
        all(engine, "madd gflops"),
      ),
    );
  const rows = ENGINES.flatMap(engine => [
    [`${engine}: loads, GB/s, float32`, ...WORKS.write.map(H => number(at(engine, `step ${H} loads`)))],
    [`${engine}: time to load : a step, float32`, ...WORKS.write.map(H => percent(at(engine, `step ${H} ofLoads`)))],
    [`${engine}: multiply-adds of a step : peak, float32`, ...WORKS.write.map(H => percent(at(engine, `step ${H} ofPeak`)))],
    [`${engine}: products of training : peak`, ...WORKS.write.map(H => percent(at(engine, `product ${H} ofPeak`)))],
    [`${engine}: multiply-adds of training : peak`, ...WORKS.write.map(H => percent(ofPeak(engine, H)))],
  ]);
  return `## Limits of the machine in the same run

Multiply-adds at most, two roundings each, as every build computes:
${ENGINES.map(engine => `${engine} ${number(at(engine, "madd gflops"))} GFLOP/s`).join(", ")}, the best of several tiles in
registers. *Loads* reads memory of the size of a step's weights
(${WORKS.write.map(H => `${number((4 * weightsOf(H)) / 1024)} KiB`).join(", ")}) again and again, in the best of several orders.
Steps and products are measured in turn with what they are compared with; *multiply-adds of training* counts the whole window with Adam.
Node and Chromium run the SIMD build.

${table(["", ...WORKS.write.map(H => `H = ${H}`)], rows)}`;
}

function spread(rates) {
  const spreads = [...rates.values()]
    .map(finite)
    .filter(values => values.length > 1)
    .map(values => Math.max(...values) / Math.min(...values));
  return spreads.length
    ? `Largest : smallest rate of the rounds: median ${median(spreads).toFixed(2)}, at most ${Math.max(...spreads).toFixed(2)}.\n`
    : "";
}

const NOTES = `## What is not equal

- Written by TensorFlow.js and ONNX Runtime: the softmax and the draw are those of nextchar's wasm, faster than in JavaScript; what they
  pay more is a copy
  of the logits. brain.js, PyTorch and kann draw by themselves.
- One-hot input is multiplied by ONNX Runtime's LSTM operators and by kann, and by tfjs where it trains, whose wasm back end has no
  gradient of gather; all
  others take a row of a table.
- brain.js draws until its end sign, and trains one sequence of 64 characters at a time with its own RMSprop; kann trains with RMSprop,
  compiled with \`-O3 -march=native\`, without a BLAS. kann and tfjs begin every window at a state of zeros, the others carry it on.
- A backward pass of tfjs written by hand, operator by operator, would be faster still than the gradient of ours; it is not among the
  contestants
  ([SPEED.md](../SPEED.md) says by how much).
- Networks that answer learn one batch again and again. tfjs has it ready as tensors, one-hot as above; nextchar lays it out in each
  update. The GRU layer of tfjs resets before the product, which is another network: a cell of ours stands there, with one product less.
  Its LSTM has one bias, nextchar's has two as PyTorch's: from the second loss on they differ a little. Its wasm back end lacks the
  gradient of a convolution's filter, and takes that of three dimensions, which it has. *Products of ours* turn matrices before they
  multiply, as the gradient of ours does. WebGL is not measured: without a graphics card it runs in software.
- *nextchar by model.write()* and *by the page* (a branch of a story, which keeps every step with its distribution) are JavaScript above
  the wasm; the other
  rows call its functions.
- PyTorch is told the processor (\`OPENBLAS_CORETYPE\`, \`ATEN_CPU_CAPABILITY\`): on a virtual machine its library for products may take
  code without AVX.
- int8 writes with integers (nextchar: h in 7 bits): not the same numbers as float32; [SPEED.md](../SPEED.md) says how much worse on
  held-out text.
`;
