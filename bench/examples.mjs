// SPDX-License-Identifier: MIT
//
// examples.mjs - what the networks that answer learn, and nextchar's training of it through the functions of its wasm.
//
// One batch of examples is learnt again and again, so that every contestant has the same one, whatever its order.
import { english } from "../web/trainer/numerals.js";
import { randomFloats } from "./work.mjs";

export const BATCH = 32;
export const SIDE = 28;
export const RATE = 0.001;
export const CLIP = 1;
const LONG_ENOUGH = 1_000_000; // updates: nobody comes to the end of the plan
const DIGITS = "zero one two three four five six seven eight nine".split(" ");

const each = make => Array.from({ length: BATCH }, (_, i) => make(i));

/** Numbers of six digits. */
const numbers = [...randomFloats(BATCH, 450_000)].map(x => Math.floor(550_000 + x));

/** Rings, wider or narrower by the digit; those of one digit lie in different places. */
function picture(i) {
  const bytes = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) bytes[y * SIDE + x] = ((x - 10 - (i % 7)) ** 2 + (y - 8 - (i % 11)) ** 2) * ((i % 10) + 1);
  return bytes;
}

/** What is read and what is written, by the names of the work. */
export const EXAMPLES = {
  sequence: numbers.map(n => [String(n), english(n)]),
  caption: each(i => [picture(i), DIGITS[i % 10]]),
};

/** Widths, under the core's names for them. */
export const SETTINGS = {
  sequence: { pattern: "sequence", cell: "lstm", embedding: 32 },
  caption: { pattern: "one-to-many", cell: "gru", embedding: 8, side: SIDE, maps: 8 },
};

const SHARED = { batch: BATCH, slices: 1, rate: RATE, "final-rate": 1, warmup: 0, clip: CLIP, passes: LONG_ENOUGH };

/** The lines as nextchar reads them. */
function linesOf(work) {
  const text = input => (typeof input === "string" ? input : btoa(String.fromCharCode(...input)));
  return EXAMPLES[work].map(([input, output]) => `${text(input)}\t${output}\n`).join("");
}

/** A training of H units: recipe, as rnn.h has it, and update(), which gives the loss before it in nats for each written label. */
export function begin(core, work, H) {
  const check = result => {
    if (!(result >= 0)) throw new Error(`nextchar's training of ${work} failed with ${core.rnn_error_code()}, see src/rnn.h`);
    return result;
  };
  const lend = (text, use) => {
    const utf8 = new TextEncoder().encode(`${text}\0`);
    const address = core.rnn_alloc(utf8.length);
    new Uint8Array(core.memory.buffer, address, utf8.length).set(utf8);
    use(address, utf8.length - 1);
    core.rnn_free(address);
  };
  const recipe = core.rnn_recipe_new();
  for (const [name, value] of Object.entries({ ...SHARED, ...SETTINGS[work], hidden: H }))
    lend(name, at => lend(value, text => check(core.rnn_recipe_set(recipe, at, text))));
  lend(linesOf(work), (at, bytes) => check(core.rnn_recipe_begin(recipe, at, bytes, 0, 0, 0, 0)));
  return {
    recipe,
    update() {
      check(core.rnn_recipe_window(recipe, 0, 0));
      const loss = check(core.rnn_recipe_slice(recipe, 0));
      check(core.rnn_recipe_update(recipe));
      return loss;
    },
  };
}
