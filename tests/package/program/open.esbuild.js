// SPDX-License-Identifier: MIT
//
// In place of open.js for a bundler that puts files into the bundle, as bytes.
import { load, useWasm } from "nextchar";
import wasm from "nextchar/rnn.wasm";
import weights from "nextchar/weights/course.safetensors";

export async function open() {
  await useWasm(wasm);
  return load(weights);
}
