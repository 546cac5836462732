// SPDX-License-Identifier: MIT
//
// Loads a network, writes with it, trains another one for a moment and counts: the entries of the package that need the core.
import { Markov } from "nextchar/markov";
import { Training } from "nextchar/train";
import { open } from "./open.js";

export async function write() {
  const model = await open();
  const text = [...model.write("Today ", { length: 60, seed: 7 })].map(step => step.text).join("");
  const training = await Training.begin("To be, or not to be, that is the question. ".repeat(9), { hidden: 8, heldOut: 0 });
  const { bits } = training.update();
  const markov = await Markov.of(text);
  return `${text}|${bits}|${markov.seen(text, 1).times}`;
}
