// SPDX-License-Identifier: MIT
//
// Programs as a developer writes them in TypeScript: right ones, and wrong ones that must be errors. Checked, never run.
import { load, useWasm, RnnError, type Model, type State, type Step } from "nextchar";
import { loadBigrams } from "nextchar/bigrams";
import { ExampleTraining } from "nextchar/examples";
import { Markov } from "nextchar/markov";
import { loadPattern } from "nextchar/pattern";
import { pictureOf } from "nextchar/picture";
import { Reader } from "nextchar/reader";
import { Training, type TrainSettings } from "nextchar/train";

export async function right(weights: Uint8Array, wasm: ArrayBuffer): Promise<string> {
  await useWasm(wasm);
  const model: Model = await load(weights, { isa: "scalar", onProgress: ({ loaded, total }) => loaded / total });
  const steps: Step[] = [...model.write("a", { temperature: 0.5, seed: 6, length: 80 })];
  const state: State = model.start();
  const h: Float32Array = state.h(0);
  const reader = new Reader(model, { rate: 0.0015, tokens: 9 });
  reader.model.write(reader.start()).next();
  const { tokens, bitsPerCharacter } = model.score("a");
  const settings: Partial<TrainSettings> = { hidden: 8, cell: "gru" };
  const training = await Training.begin("a text", settings);
  const { bits } = training.update();
  const examples = await ExampleTraining.begin("a\tb", { pattern: "sequence" });
  const answer: string = (await loadPattern(examples.weights())).answer("a");
  const seen = (await Markov.of("a text")).seen("a", 1).times;
  const followers = [...(await loadBigrams("letters.safetensors")).units("a")].length;
  const picture: Uint8Array = pictureOf([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  const error: Error = new RnnError("E_TEXT", "no text", "Give it one.");
  return [steps[0]?.text, h.length, tokens.length, bitsPerCharacter, bits, answer, seen, followers, picture.length, error].join();
}

export async function wrong(model: Model): Promise<void> {
  // @ts-expect-error a number is no source
  await load(5);
  // @ts-expect-error nor is an object that has an address
  await load({ href: "https://a.b/c.safetensors" });
  // @ts-expect-error no signal
  await load("a.safetensors", { signal: {} });
  // @ts-expect-error no prompt
  model.write(5);
  // @ts-expect-error no such option
  model.write("a", { heat: 1 });
  // @ts-expect-error no rate
  new Reader(model, {});
  // @ts-expect-error no such cell
  await Training.begin("a text", { cell: "none" });
  // @ts-expect-error no such pattern
  await ExampleTraining.begin("a\tb", { pattern: "two-to-two" });
  // @ts-expect-error no such code
  new RnnError("E_NONE", "nothing");
}
