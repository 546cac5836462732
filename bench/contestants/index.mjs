// SPDX-License-Identifier: MIT
//
// Who runs in an engine, by the name in the tables: each (read, folder, isNode) => a contestant of work.mjs.
// read(path) gives a file of the repository, folder is where the packages lie.
import { brainJs } from "./brain.mjs";
import { layers } from "./layers.mjs";
import { library, pagePath } from "./library.mjs";
import { nextchar } from "./nextchar.mjs";
import { onnxruntime } from "./onnxruntime.mjs";
import { tfjs } from "./tfjs.mjs";

export const contestants = {
  "nextchar scalar": nextchar("rnn-scalar", false),
  "nextchar scalar, int8": nextchar("rnn-scalar", true),
  nextchar: nextchar("rnn", false),
  "nextchar, int8": nextchar("rnn", true),
  "nextchar relaxed": nextchar("rnn-relaxed", false),
  "nextchar relaxed, int8": nextchar("rnn-relaxed", true),
  "nextchar by model.write()": library(false),
  "nextchar by model.write(), int8": library(true),
  "nextchar by the page": pagePath,
  "onnxruntime-web": onnxruntime("LSTM"),
  "onnxruntime-web, int8": onnxruntime("DynamicQuantizeLSTM"),
  "onnxruntime-web, basic operators": onnxruntime("basic"),
  "onnxruntime-web, int8, basic operators": onnxruntime("basic int8"),
  "tfjs wasm": tfjs("wasm"),
  "tfjs wasm, gradient of ours": tfjs("wasm", true),
  "tfjs cpu": tfjs("cpu"),
  "tfjs wasm, layers": layers("wasm"),
  "tfjs wasm, layers, products of ours": layers("wasm", true),
  "tfjs cpu, layers": layers("cpu"),
  "brain.js": brainJs,
};

/** Those that train networks that answer. */
export const ANSWERING_NAMES = Object.keys(contestants).filter(name => /^nextchar( scalar| relaxed)?$|layers/.test(name));
