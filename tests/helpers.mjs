// SPDX-License-Identifier: MIT
//
// What the tests of web/core/ share: weights files made to measure, servers on loopback, dice.
import { readFileSync, readdirSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = new URL("../", import.meta.url);
/** The command; scripts/coverage.sh names one that counts. */
export const command = process.env.NEXTCHAR_COMMAND ?? fileURLToPath(new URL("build/nextchar", root));
export const BUILDS = { relaxed: "rnn-relaxed.wasm", simd128: "rnn.wasm", scalar: "rnn-scalar.wasm" };
/** The builds that this Node takes: relaxed SIMD is there from 21 on. */
export const ISAS = Object.keys(BUILDS).filter(isa => WebAssembly.validate(readFileSync(new URL(`web/core/${BUILDS[isa]}`, root))));
export const CELLS = { tanh: 1, gru: 3, lstm: 4 };
export const LETTERS = "abcdefghijklmnopqrstuvwxyz ";

// ---- weights files ----

/** The exports of a build in an instance of its own, without web/core/ between. */
export function rawCore(isa = "scalar") {
  const module = new WebAssembly.Module(readFileSync(new URL(`web/core/${BUILDS[isa]}`, root)));
  const { exports } = new WebAssembly.Instance(module, { env: { emscripten_notify_memory_growth() {} } });
  exports._initialize();
  return exports;
}

/** The address of a copy of the bytes in wasm memory. */
export function put(core, bytes) {
  const address = core.rnn_alloc(bytes.length || 1) >>> 0;
  if (!address) throw new Error("no memory");
  new Uint8Array(core.memory.buffer, address, bytes.length).set(bytes);
  return address;
}

const utf8 = text => new TextEncoder().encode(text);

/** 600 kB of int8 whose network takes 267 MB: each of 65,536 tokens has a row of a table. The vocabulary makes it none. */
export function smallFileOfLargeNetwork(vocab) {
  const [tokens, units] = [65_536, 256];
  const int8 = (...shape) => ({ dtype: "I8", shape, data: new Uint8Array(shape[0] * shape[1]) });
  const floats = length => ({ dtype: "F32", shape: [length], data: new Uint8Array(4 * length) });
  const tensors = {};
  for (const [name, rows, columns] of [
    ["embedding.weight", tokens, 1],
    ["rnn.weight_ih_l0", 4 * units, 1],
    ["rnn.weight_hh_l0", 4 * units, units],
    ["fc.weight", 2, units],
  ]) {
    tensors[`${name}.scale`] = floats(rows);
    tensors[name] = int8(rows, columns);
  }
  for (const name of ["rnn.bias_ih_l0", "rnn.bias_hh_l0"]) tensors[name] = floats(4 * units);
  tensors["fc.bias"] = floats(2);
  return writeTensors({ tensors: { ...tensors, ...(vocab && { vocab }) } });
}

/** The bytes of a weights file of random weights, as the core writes it. */
export function makeWeights({
  cell = "lstm",
  layers = 1,
  embedding = 0,
  hidden = 8,
  seed = 1,
  text = LETTERS,
  metadata = {},
  quantize = false,
} = {}) {
  const core = rawCore();
  const characters = utf8(text);
  const vocab = core.rnn_vocab_build(put(core, characters), characters.length);
  const V = core.rnn_vocab_size(vocab);
  let model = core.rnn_model_new(CELLS[cell], layers, V, embedding, hidden, V, seed);
  if (quantize) model = core.rnn_model_quantize(model);
  const meta = put(
    core,
    utf8(
      Object.entries(metadata)
        .flat()
        .map(part => `${part}\0`)
        .join("") + "\0",
    ),
  );
  const size = core.rnn_model_save(model, vocab, meta, 0, 0) >>> 0;
  const out = core.rnn_alloc(size);
  core.rnn_model_save(model, vocab, meta, out, size);
  return new Uint8Array(core.memory.buffer, out, size).slice();
}

/** A safetensors file: its header as an object, and its tensors' bytes by name. */
export function readTensors(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [begin, end],
    },
  ] of Object.entries(entries))
    tensors[name] = { dtype, shape, data: bytes.slice(8 + length + begin, 8 + length + end) };
  return { metadata, tensors };
}

/** The bytes of a file with that header (an object or JSON) and those tensors' bytes. */
export function withHeader(header, data = new Uint8Array()) {
  const json = utf8(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

export function writeTensors({ metadata = {}, tensors }) {
  const header = { __metadata__: metadata };
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  return withHeader(header, new Uint8Array(Buffer.concat(Object.values(tensors).map(tensor => tensor.data))));
}

/** The file with something changed by `change(parts)`, which gets what readTensors() returns; a checkpoint then has no sum. */
export function changed(bytes, change) {
  const parts = readTensors(bytes);
  delete parts.tensors["trainer.sum"];
  change(parts);
  return writeTensors(parts);
}

export function vocabTensor(tokens) {
  const data = utf8(tokens.map(token => `${token}\0`).join(""));
  return { dtype: "U8", shape: [data.length], data };
}

export function floatsOf({ data }) {
  return new Float32Array(data.slice().buffer);
}

// ---- a copy of the library with another core ----

/** The library loaded anew from a folder of its own, where the given files (name -> bytes, or null for none) replace those of web/core/. */
export async function withWasm(t, files) {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of readdirSync(new URL("web/core/", root)))
    if (!(name in files)) await cp(new URL(`web/core/${name}`, root), join(folder, name));
  for (const [name, bytes] of Object.entries(files)) if (bytes) await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const { load, useWasm } = await import(pathToFileURL(join(folder, "model.js")));
  return { load, useWasm, folder };
}

// ---- servers, dice ----

/** A server on loopback that closes after the test; counts its requests. */
export async function serve(t, answer) {
  const server = createServer((request, response) => {
    site.requests++;
    answer(request, response, site.requests);
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const site = { url: `http://127.0.0.1:${server.address().port}/weights/a.safetensors`, requests: 0 };
  t.after(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });
  return site;
}

/** Repeatable random whole numbers below n (mulberry32). */
export function dice(seed) {
  return n => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), seed | 1);
    x = (x + Math.imul(x ^ (x >>> 7), x | 61)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

export const textOf = steps => Array.from(steps, step => step.text).join("");
export const argmax = numbers => numbers.indexOf(Math.max(...numbers));
export const sum = numbers => numbers.reduce((total, x) => total + x, 0);
