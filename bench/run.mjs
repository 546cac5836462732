// SPDX-License-Identifier: MIT
//
// npm run bench [-- --answers] [-- --quick] [-- --core N]: all contestants side by side, then bench/RESULTS.md.
// --answers: networks that answer alone, then their section there.
//
// The rate of a shared machine drifts within minutes, so only ratios taken together mean anything: every round
// asks every contestant the same thing in turn, and a ratio is the median of the ratios of the rounds.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeAskers, makeLimits, versions } from "./askers.mjs";
import { LIMITS, answeringAlone, results, withAnswering } from "./results.mjs";
import { ANSWERING, WORKS } from "./work.mjs";

const FLAG = /** @type {const} */ ({ type: "boolean", default: false });
const { values: options } = parseArgs({ options: { answers: FLAG, quick: FLAG, core: { type: "string", default: "1" } } });
const core = Number(options.core);
const ROUNDS = options.quick ? 1 : 7;
const SECONDS = options.quick ? 0.1 : 0.2; // of one question
const WARM_UP = options.quick ? 0.5 : 1; // of the same question before the first round

/**
 * A number for each round, NaN where there is none, by "engine | name | work | H" or "engine | question what" of limits.c.
 * @type {Map<string, number[]>}
 */
const rates = new Map();
const keep = (key, value) => rates.set(key, [...(rates.get(key) ?? []), value]);
const say = text => process.stderr.write(`bench: ${text}\n`);

async function askAll(askers, seconds, use) {
  for (const work of options.answers ? ANSWERING : Object.keys(WORKS))
    for (const H of WORKS[work])
      for (const { engine, name, ask } of askers) use(`${engine} | ${name} | ${work} | ${H}`, (await ask(work, H, seconds)) ?? NaN);
}

async function askLimits(limits, use) {
  for (const line of LIMITS)
    for (const { engine, ask } of limits)
      for (const [what, value] of Object.entries(await ask(line))) use(`${engine} | ${line} ${what}`, value);
}

const begun = Date.now();
const askers = await makeAskers(core, options.answers);
const limits = options.answers ? [] : await makeLimits(core);
say("warming up");
await askAll(askers, WARM_UP, () => {});
await askLimits(limits, () => {});
for (let round = 1; round <= ROUNDS; round++) {
  say(`round ${round} of ${ROUNDS}, ${Math.round((Date.now() - begun) / 60_000)} minutes so far`);
  await askAll(askers, SECONDS, keep);
  await askLimits(limits, keep);
}
for (const { end } of [...askers, ...limits]) end();

const how = { rounds: ROUNDS, core, minutes: Math.round((Date.now() - begun) / 60_000), versions: await versions() };
const page = options.answers ? answeringAlone(rates, how) : results(rates, how);
const file = new URL("RESULTS.md", import.meta.url);
if (options.quick) console.log(page);
else writeFileSync(file, options.answers ? withAnswering(readFileSync(file, "utf8"), page) : page);
