// SPDX-License-Identifier: MIT
//
// npm run bench [-- --quick] [-- --core N]: all contestants side by side, then bench/RESULTS.md.
//
// The rate of a shared machine drifts by half within minutes, so only ratios taken together mean anything:
// every round asks every contestant the same thing in turn, and medians are taken over the rounds.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeAskers, makePrograms, versions } from "./askers.mjs";
import { LIMITS, results } from "./results.mjs";
import { WORKS } from "./work.mjs";

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false }, core: { type: "string", default: "1" } } });
const core = Number(options.core);
const ROUNDS = options.quick ? 1 : 7;
const SECONDS = options.quick ? 0.1 : 0.2; // of one question
const WARM_UP = options.quick ? 0.5 : 1; // of the same question before the first round

/** @type {Map<string, number[]>} the rates of every round, by "engine | name | work | H" */
const rates = new Map();
const keep = (key, value) => rates.set(key, [...(rates.get(key) ?? []), value]);
const say = text => process.stderr.write(`bench: ${text}\n`);

async function askAll(askers, seconds, use) {
  for (const [work, sizes] of Object.entries(WORKS))
    for (const H of sizes)
      for (const { engine, name, ask } of askers) {
        const rate = await ask(work, H, seconds);
        if (rate !== null) use(`${engine} | ${name} | ${work} | ${H}`, rate);
      }
}

async function measureLimits(programs) {
  for (const engine of ["Node", "Chromium", "native"])
    for (const [key, [program, ...args]] of Object.entries(LIMITS)) {
      const { rate, gflops, gbps, share } = await programs[engine](program, ...args);
      keep(`${engine} | ${key}`, share ?? rate ?? gflops ?? gbps);
    }
}

const begun = Date.now();
const askers = await makeAskers(core), programs = await makePrograms(core);
say("warming up");
await askAll(askers, WARM_UP, () => {});
for (let round = 1; round <= ROUNDS; round++) {
  say(`round ${round} of ${ROUNDS}, ${Math.round((Date.now() - begun) / 60_000)} minutes so far`);
  await askAll(askers, SECONDS, keep);
  await measureLimits(programs);
}
for (const { end } of [...askers, programs]) end();

const page = results(rates, { rounds: ROUNDS, core, minutes: Math.round((Date.now() - begun) / 60_000), versions: await versions() });
if (options.quick) console.log(page);
else writeFileSync(new URL("RESULTS.md", import.meta.url), page);
