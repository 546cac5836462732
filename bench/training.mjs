// SPDX-License-Identifier: MIT
//
// node bench/training.mjs [TINY-SHAKESPEARE]: training in the page, in Chromium and Firefox, beside the same wasm headless. Each
// round asks all in turn; figures are medians of ROUNDS, ratios medians of the rounds' ratios. Prints Markdown.
import { readFileSync } from "node:fs";
import { serve } from "../scripts/serve.mjs";
import { launch } from "../tests/browser/engines.mjs";
import { Training } from "../web/core/recipe.js";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = 4; // of training a figure
const SIZES = [128, 256, 512];
const SHAPE = { batch: 32, window: 64, passes: 10_000, heldOut: 0.1 };
const TARGET = 2; // bits per character
const PATIENCE = 600; // seconds
const ready = readFileSync(new URL("../texts/shakespeare-like.txt", import.meta.url), "utf8");
const [shakespeare] = process.argv.slice(2).map(path => readFileSync(path, "utf8"));

const median = list => list.toSorted((a, b) => a - b)[list.length >> 1];
const figure = rate => Number(rate.toPrecision(3)).toLocaleString("en");
const say = row => console.log(`| ${row.join(" | ")} |`);

// ---- who trains ----

/** A bare loop here in Node; characters a second. */
async function bare(text, settings, seconds) {
  const training = await Training.begin(text, settings);
  const { batch, window } = training.settings;
  for (let i = 0; i < 3; i++) training.update();
  const began = performance.now();
  const first = training.done;
  while (performance.now() - began < 1000 * seconds) training.update();
  return ((training.done - first) * batch * window * 1000) / (performance.now() - began);
}

/** In the page: the worker as the view uses it; its speed. */
async function inWorker(text, settings, workers, seconds) {
  const { Pair } = await import("./trainer/pair.js");
  let hear = () => {};
  let fail = () => {};
  const pair = new Pair({ hear: event => hear(event), failed: error => fail(error) });
  const until = type =>
    new Promise((resolve, reject) => {
      hear = event => event.type === type && resolve(event);
      fail = reject;
    });
  pair.post({ type: "read", text, settings });
  await until("prepared");
  pair.post({ type: "start", workers, keep: false });
  const first = await until("progress");
  const began = performance.now();
  let last = first;
  while (performance.now() - began < 1000 * seconds) last = await until("progress");
  pair.end();
  return ((last.done - first.done) * settings.batch * settings.window) / (last.seconds - first.seconds);
}

// ---- figures ----

const site = await serve(0);
const engines = Object.fromEntries(
  await Promise.all(
    ["chromium", "firefox"].map(async engine => {
      const browser = await launch(engine);
      const page = await browser.newPage();
      await page.goto(new URL("web/#length=0", site.url).href);
      return [engine, { browser, page }];
    }),
  ),
);

async function speeds() {
  console.log("## Characters a second, LSTM, 32 streams × 64\n");
  say([
    "units",
    "Node, bare loop",
    "Chromium, 1 worker",
    "of Node",
    "2 workers",
    "of 1",
    "Firefox, 1 worker",
    "of Node",
    "2 workers",
    "of 1",
  ]);
  say(Array(10).fill("---:"));
  for (const hidden of SIZES) {
    const settings = { ...SHAPE, hidden };
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) {
      const round = { node: await bare(ready, settings, SECONDS) };
      for (const [engine, { page }] of Object.entries(engines))
        for (const workers of [1, 2]) round[engine + workers] = await page.run(inWorker, ready, settings, workers, SECONDS);
      rounds.push(round);
    }
    const rate = key => figure(median(rounds.map(round => round[key])));
    const ratio = (a, b) => median(rounds.map(round => a(round) / b(round))).toFixed(2);
    const of = engine => [
      rate(`${engine}1`),
      ratio(
        round => round[`${engine}1`],
        round => round.node,
      ),
      rate(`${engine}2`),
      ratio(
        round => round[`${engine}2`],
        round => round[`${engine}1`],
      ),
    ];
    say([hidden, rate("node"), ...of("chromium"), ...of("firefox")]);
  }
}

/** In the page: a training until its loss is there, or the time is over. */
async function until(text, settings, workers, bits, seconds, keep) {
  const { Pair } = await import("./trainer/pair.js");
  const saved = [];
  let progress;
  let sample = "";
  return new Promise((resolve, reject) => {
    const hear = event => {
      if (event.type === "prepared") pair.post({ type: "start", workers, keep });
      if (event.type === "sample") sample = event.text;
      if (event.type === "kept") saved.push(event);
      if (event.type === "progress") progress = event;
      const isThere = event.type === "progress" && (event.bits <= bits || event.seconds >= seconds);
      if (!isThere && !["trouble", "end"].includes(event.type)) return;
      pair.end();
      resolve({ ...progress, sample, saved, trouble: event.message });
    };
    const pair = new Pair({ hear, failed: reject });
    pair.post({ type: "read", text, settings });
  });
}

/** In the view Train: how long its main thread was away at most while a default network learnt. */
async function mainThread(seconds) {
  let longest = 0;
  let last = performance.now();
  let over = false;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!over) setTimeout(() => port2.postMessage(0));
  };
  document.querySelector("#view-train .actions .main").click();
  port2.postMessage(0);
  await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  over = true;
  return longest;
}

async function view() {
  console.log("\n## The view Train, its ready text and default settings: how long the main thread was away at most\n");
  for (const [engine, { browser }] of Object.entries(engines)) {
    const runs = [];
    for (let i = 0; i < ROUNDS; i++) {
      const page = await browser.newPage();
      await page.goto(new URL("web/#view=train&language=en", site.url).href);
      await page.waitFor(() => document.querySelector("#view-train .actions .main")?.disabled === false);
      runs.push(await page.run(mainThread, 8));
      await page.close();
    }
    console.log(`${engine}: ${runs.map(ms => Math.round(ms)).join(", ")} ms\n`);
  }
}

async function goals() {
  console.log("\n## A text of 100 kB, LSTM 128, 60 seconds\n");
  const text = ready.slice(0, 100_000);
  const words = new Set(text.toLowerCase().match(/[a-z']+/g));
  for (const [engine, { page }] of Object.entries(engines)) {
    const { bits, heldOut, sample, done, saved } = await page.run(until, text, { hidden: 128, passes: 40 }, 2, 0, 60, true);
    const written = sample.toLowerCase().match(/[a-z']+/g) ?? [];
    const known = written.filter(word => words.has(word)).length;
    console.log(
      `${engine}: ${done} updates, ${bits.toFixed(2)} bits in training, ${heldOut?.toFixed(2)} held out; ` +
        `${known} of ${written.length} words of a sample stand in the text. A checkpoint: ${saved.at(-1)?.bytes} bytes, ` +
        `${median(saved.map(({ milliseconds }) => milliseconds)).toFixed(0)} ms. It writes: ${JSON.stringify(sample.slice(0, 160))}\n`,
    );
  }
  if (!shakespeare) return console.log("(tiny Shakespeare was not given)");
  console.log(`## Seconds to ${TARGET} bits per character in training on tiny Shakespeare\n`);
  for (const [engine, { page }] of Object.entries(engines))
    for (const [hidden, workers] of [
      [128, 2],
      [256, 1],
      [256, 2],
    ]) {
      const { seconds, bits, heldOut, done } = await page.run(until, shakespeare, { hidden, passes: 4 }, workers, TARGET, PATIENCE, false);
      console.log(
        `${engine}, LSTM ${hidden}, ${workers} workers: ${seconds.toFixed(0)} s, ${done} updates, ` +
          `${bits.toFixed(3)} bits in training, held out ${heldOut.toFixed(3)}`,
      );
    }
}

await speeds();
await view();
await goals();
for (const { browser } of Object.values(engines)) await browser.close();
await site.close();
