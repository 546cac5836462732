// SPDX-License-Identifier: MIT
//
// Getting the bytes: every kind of source, progress, stopping, servers that fail in every way, and
// rnn.wasm missing, broken or wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { gzipSync } from "node:zlib";
import { refuseForText } from "../web/core/filetypes.js";
import { checkWeights, readBytes, readJson } from "../web/core/sources.js";
import { RnnError, load, useWasm } from "../web/core/model.js";
import { ISAS, changed, makeWeights, root, serve, textOf, withWasm } from "./helpers.mjs";

const file = makeWeights({ hidden: 64 });
const MiB = 2 ** 20;

/** For assert.rejects: an RnnError of that code whose message and hint have all the parts. */
const fails =
  (code, ...parts) =>
  error => {
    assert.equal(error.name, "RnnError", error.stack);
    assert.equal(error.code, code, error.message);
    for (const part of parts) assert.ok(`${error.message} ${error.hint}`.includes(part), `${error.message} ${error.hint} lacks ${part}`);
    return true;
  };

async function writes(source) {
  const model = await load(source);
  assert.equal(model.bytes, file.length);
  return textOf(model.write("abc", { length: 20 }));
}
const text = await writes(file);

// ---- sources ----

test("the same network loads from bytes, buffer, view, Blob, File, path, file URL and http", async t => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "a b#c.safetensors");
  await writeFile(path, file);
  const site = await serve(t, (_, response) => response.end(file));
  const within = new Uint8Array([1, 2, 3, ...file, 4]).subarray(3, -1); // not aligned, in a larger buffer
  const sources = [
    file,
    file.slice().buffer,
    within,
    new DataView(within.buffer, 3, file.length),
    Buffer.from(file),
    new Blob([file]),
    new File([file], "a.safetensors"),
    path,
    pathToFileURL(path),
    String(pathToFileURL(path)),
    site.url,
    new URL(site.url),
  ];
  for (const source of sources) assert.equal(await writes(source), text);
});

test("without WebAssembly a load says so, before it asks for the file", async t => {
  const { WebAssembly } = globalThis;
  t.after(() => (globalThis.WebAssembly = WebAssembly));
  delete globalThis.WebAssembly;
  await assert.rejects(load("http://127.0.0.1:9/a.safetensors"), fails("E_WASM", "no WebAssembly here", "current browser"));
  await assert.rejects(useWasm(file), fails("E_WASM", "no WebAssembly here", "current browser"));
});

test("what is no source is refused", async () => {
  for (const source of [undefined, null, 5, {}, [1, 2], () => 0]) await assert.rejects(load(source), fails("E_ARGUMENT"));
  await assert.rejects(load("http://"), fails("E_ARGUMENT", "http://"));
  await assert.rejects(load(file, null), fails("E_ARGUMENT"));
  await assert.rejects(load(file, { isa: "avx512" }), fails("E_ARGUMENT", "avx512"));
});

test("a file that is not there, or a folder, is named", async () => {
  await assert.rejects(load("weights/none.safetensors"), fails("E_NETWORK", "weights/none.safetensors", "ENOENT"));
  await assert.rejects(load("/"), fails("E_NETWORK", "/"));
});

test("errors of the core name the source too", async t => {
  const site = await serve(t, (_, response) => response.end(file.subarray(0, 100)));
  await assert.rejects(load(site.url), fails("E_TRUNCATED", site.url));
  await assert.rejects(load(new File([file.subarray(0, 100)], "mine.safetensors")), fails("E_TRUNCATED", "mine.safetensors"));
});

test("a buffer changed or emptied afterwards changes nothing", async () => {
  const bytes = file.slice();
  const model = await load(bytes);
  bytes.fill(255);
  assert.equal(textOf(model.write("abc", { length: 20 })), text);
});

// ---- progress ----

/** The progress reports of a load. */
async function progressOf(source) {
  const reports = [];
  await load(source, { onProgress: report => reports.push(report) });
  assert.ok(reports.every(({ loaded }, i) => i === 0 || loaded >= reports[i - 1].loaded));
  assert.deepEqual(reports.at(-1), { loaded: file.length, total: file.length });
  return reports;
}

/** Sends the bytes in pieces that arrive one by one. */
function inPieces(response, bytes = file, pause = 5) {
  const send = at => {
    if (at >= bytes.length) return response.end();
    response.write(bytes.subarray(at, at + 10_000));
    setTimeout(send, pause, at + 10_000);
  };
  send(0);
}

test("progress has the bytes so far and in all where the server says its length", async t => {
  const site = await serve(t, (_, response) => inPieces(response.writeHead(200, { "Content-Length": file.length })));
  const reports = await progressOf(site.url);
  assert.ok(reports.length > 3);
  assert.ok(reports.every(({ total }) => total === file.length));
});

test("progress has a total of 0 until the end where the length is unknown or that of compressed bytes", async t => {
  const chunked = await serve(t, (_, response) => inPieces(response));
  assert.ok((await progressOf(chunked.url)).slice(0, -1).every(({ total }) => total === 0));
  const zipped = gzipSync(file);
  const compressed = await serve(t, (_, response) =>
    inPieces(response.writeHead(200, { "Content-Length": zipped.length, "Content-Encoding": "gzip" }), zipped),
  );
  assert.ok((await progressOf(compressed.url)).slice(0, -1).every(({ total }) => total === 0));
});

test("bytes, Blobs and files report their progress at least at the end", async t => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "a"), file);
  for (const source of [file, new Blob([file]), join(folder, "a")])
    assert.ok((await progressOf(source)).every(({ total }) => total === file.length));
});

// ---- stopping ----

test("a signal stops the load before it starts, without an answer, and within the body", async t => {
  const reason = new Error("not wanted any more");
  const site = await serve(t, (_, response) => response.end(file));
  await assert.rejects(load(site.url, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(site.requests, 0);

  const controllers = [new AbortController(), new AbortController()];
  const silent = await serve(t, request => {
    controllers[0].abort(reason);
    request.socket.on("close", () => silent.closed());
  });
  const closed = new Promise(resolve => (silent.closed = resolve));
  await assert.rejects(load(silent.url, { signal: controllers[0].signal }), reason);
  await closed;

  const slow = await serve(t, (request, response) => {
    response.writeHead(200, { "Content-Length": file.length }).write(file.subarray(0, 1000));
    request.socket.on("close", () => slow.closed());
  });
  const closedToo = new Promise(resolve => (slow.closed = resolve));
  const onProgress = () => controllers[1].abort(reason);
  await assert.rejects(load(slow.url, { signal: controllers[1].signal, onProgress }), reason);
  await closedToo;
  assert.equal(slow.requests, 1);
});

test("a signal that aborts at the last byte stops the load", async () => {
  const controller = new AbortController();
  const reason = new Error("not wanted any more");
  await assert.rejects(load(file, { signal: controller.signal, onProgress: () => controller.abort(reason) }), reason);
});

test("a signal without a reason rejects with an AbortError", async t => {
  const controller = new AbortController();
  const silent = await serve(t, () => controller.abort());
  await assert.rejects(load(silent.url, { signal: controller.signal }), { name: "AbortError" });
});

test("a signal that aborts after the load does nothing", async () => {
  const controller = new AbortController();
  const model = await load(file, { signal: controller.signal });
  controller.abort();
  assert.equal(textOf(model.write("abc", { length: 20 })), text);
});

// ---- servers ----

for (const status of [404, 403, 500, 503])
  test(`an answer of ${status} is named with its address and type, and not asked for again`, async t => {
    const site = await serve(t, (_, response) => response.writeHead(status, { "Content-Type": "text/html" }).end("<h1>Sorry</h1>"));
    await assert.rejects(load(site.url), fails("E_HTTP", site.url, String(status), "text/html"));
    assert.equal(site.requests, 1);
  });

test("a web page instead of weights is named with its address, status and type", async t => {
  for (const page of ["<!DOCTYPE html><title>App</title>", "\ufeff\n <html>", "<"]) {
    const site = await serve(t, (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(page));
    await assert.rejects(load(site.url), fails("E_HTML", site.url, "200", "text/html", "check the address"));
  }
});

test("a wrong MIME type does not matter", async t => {
  const site = await serve(t, (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(file));
  assert.equal(await writes(site.url), text);
});

test("a body that breaks off is fetched once more", async t => {
  const site = await serve(t, (_, response, request) => {
    response.writeHead(200, { "Content-Length": file.length });
    if (request === 1) response.write(file.subarray(0, 5000), () => setTimeout(() => response.destroy(), 50));
    else response.end(file);
  });
  assert.equal(await writes(site.url), text);
  assert.equal(site.requests, 2);
});

test("a body that breaks off twice is an error that says after how many bytes", async t => {
  const site = await serve(t, (_, response) => {
    response
      .writeHead(200, { "Content-Length": file.length })
      .write(file.subarray(0, 5000), () => setTimeout(() => response.destroy(), 50));
  });
  await assert.rejects(load(site.url), fails("E_NETWORK", site.url, "5000"));
  assert.equal(site.requests, 2);
});

test("a server that does not answer is named, and not asked again", async t => {
  const site = await serve(t, (_, response) => response.destroy());
  await assert.rejects(load(site.url), fails("E_NETWORK", site.url, "Check the connection"));
  assert.equal(site.requests, 1);
  await assert.rejects(load("http://127.0.0.1:9/a.safetensors"), fails("E_NETWORK", "http://127.0.0.1:9/a.safetensors"));
});

test("a server that falls silent is given up, before and within the body", async t => {
  for (const begin of [() => {}, response => response.write(file.subarray(0, 1000))]) {
    const site = await serve(t, (_, response) => begin(response));
    await assert.rejects(readBytes(site.url, { patience: 100 }), fails("E_STALL", site.url, "0.1 seconds"));
    assert.equal(site.requests, 1);
  }
});

test("a server that sends a byte now and then is given up, whatever length it says", async t => {
  for (const headers of [{}, { "Content-Length": file.length }]) {
    let sent = 0;
    const site = await serve(t, (_, response) => {
      response.writeHead(200, headers);
      const timer = setInterval(() => response.write(file.subarray(sent, ++sent)), 10);
      response.once("close", () => clearInterval(timer));
    });
    await assert.rejects(readBytes(site.url, { patience: 300 }), error => {
      const [, bytes] = /sent (\d+) bytes in 0\.3 seconds/.exec(error.message);
      return error.code === "E_STALL" && bytes > 0 && bytes <= sent;
    });
  }
});

test("what came until a source was given up or stopped is never taken for the whole", async () => {
  const silent = Object.assign(new Blob([file]), {
    stream: () => new ReadableStream({ start: controller => controller.enqueue(file.subarray(0, 1000)) }),
  });
  await assert.rejects(readBytes(silent, { patience: 100 }), fails("E_STALL", "the file"));
  const controller = new AbortController();
  const reason = new Error("not wanted any more");
  await assert.rejects(readBytes(silent, { signal: controller.signal, onProgress: () => controller.abort(reason) }), reason);
});

test("an endless body is given up where it is too much, however fast it comes", async t => {
  const site = await serve(t, (_, response) => {
    const more = () => (response.write(new Uint8Array(10_000)) ? setImmediate(more) : response.once("drain", more));
    response.once("close", () => response.removeAllListeners("drain"));
    more();
  });
  await assert.rejects(readBytes(site.url, { limit: 100_000 }), fails("E_TOO_BIG", site.url, "100000"));
});

test("a list that is no JSON is named with its address", async t => {
  for (const body of ["<!doctype html><title>App</title>", "", '["cut']) {
    const site = await serve(t, (_, response) => response.end(body));
    await assert.rejects(readJson(new URL(site.url)), fails("E_NETWORK", site.url, "no JSON"));
  }
  const site = await serve(t, (_, response) => response.end('\ufeff{"й":[1]}'));
  assert.deepEqual(await readJson(new URL(site.url)), { й: [1] });
});

test("a slow server is waited for as long as bytes come", async t => {
  const site = await serve(t, (_, response) => inPieces(response, file, 150)); // more than a second in all
  assert.deepEqual(await readBytes(site.url, { patience: 1000 }), file);
});

// ---- size ----

test("a body of 300 MB is cut at 256 MiB, whatever length the server says", async t => {
  const begin = new Uint8Array(MiB);
  begin.set(file.subarray(0, 100));
  const site = await serve(t, (_, response) => {
    let left = 300;
    const more = () => {
      while (left-- > 0) if (!response.write(begin)) return response.once("drain", more);
      response.end();
    };
    more();
  });
  let most = 0;
  await assert.rejects(load(site.url, { onProgress: ({ loaded }) => (most = loaded) }), fails("E_TOO_BIG", site.url, String(256 * MiB)));
  assert.ok(most <= 256 * MiB && most > 250 * MiB);
});

test("a length above 256 MiB is refused before the body", async t => {
  const site = await serve(t, (_, response) => response.writeHead(200, { "Content-Length": 300_000_000 }).write("{"));
  await assert.rejects(load(site.url), fails("E_TOO_BIG", "300000000"));
  await assert.rejects(readBytes(file, { limit: 100 }), fails("E_TOO_BIG", String(file.length)));
  await assert.rejects(readBytes(new Blob([file]), { limit: 100 }), fails("E_TOO_BIG", String(file.length)));
});

// ---- other kinds of files ----

const bytesOf = latin1 => Buffer.from(latin1, "latin1");
const SAVE = 'from nextchar_notebook import save; save("network.safetensors", network, vocabulary)';
const kinds = {
  "a zip archive of no known program": [
    "PK\x03\x04\x14\0\x06\0",
    "E_FILETYPE",
    "zip",
    SAVE,
    "torch.load(path)",
    "load_model(path)",
  ],
  "PyTorch's zip (.pt)": [
    `PK\x03\x04${"\0".repeat(26)}archive/data.pkl`,
    "E_FILETYPE",
    "PyTorch file",
    "scripts/nextchar_notebook.py",
    SAVE,
    "torch.load(path)",
  ],
  "PyTorch's zip under its own name": [`PK\x03\x04${"\0".repeat(26)}net/.format_version`, "E_FILETYPE", "PyTorch file", SAVE],
  "Keras' zip (.keras)": [`PK\x03\x04${"\0".repeat(26)}metadata.json`, "E_FILETYPE", "Keras file", SAVE, "load_model(path)"],
  "a pickle (older .pt)": ["\x80\x02}q\0(X", "E_FILETYPE", "pickle", SAVE, "state_dict"],
  "HDF5 (.h5)": ["\x89HDF\r\n\x1a\n\0", "E_FILETYPE", "HDF5", SAVE, "load_model(path)", "Tokenizer"],
  "Torch7, in bytes": ["\x04\0\0\0\x01\0\0\0\x03\0\0\0V 1", "E_FILETYPE", "Torch7", "train"],
  "Torch7, in digits": ["4\n1\n3\nV 1\n", "E_FILETYPE", "Torch7"],
  gzip: ["\x1f\x8b\x08\0\0\0\0\0\0", "E_FILETYPE", "gzip", "gunzip"],
  GGUF: ["GGUF\x03\0\0\0\0", "E_FILETYPE", "GGUF"],
  ONNX: ["\x08\x07\x12\x07pytorch", "E_FILETYPE", "ONNX", "from where it was trained", SAVE],
  "Git LFS pointer": ["version https://git-lfs.github.com/spec/v1\noid", "E_FILETYPE", "git lfs pull"],
  "TensorFlow.js": [
    '{"format": "layers-model", "modelTopology": {"class_name": "Sequential"}}',
    "E_FILETYPE",
    "TensorFlow.js",
    "tensorflowjs_converter",
    SAVE,
  ],
  "ml5 charRNN": [
    '{"rnnlm/multi_rnn_cell/cell_0/basic_lstm_cell/kernel": {"filename": "a", "shape": [2]}}',
    "E_FILETYPE",
    "ml5 charRNN",
    "train",
  ],
  JSON: ['{"a": {}}', "E_FILETYPE", "JSON"],
  "JSON list": ["[1, 2, 3]", "E_FILETYPE", "JSON"],
  "web page": ["<!doctype html>", "E_HTML", "web page"],
  text: ["Once upon a time there was", "E_HEADER", "safetensors"],
};
for (const [kind, [begin, code, ...parts]] of Object.entries(kinds))
  test(`${kind} given as weights is called what it is`, async () => {
    for (const bytes of [bytesOf(begin), Buffer.concat([bytesOf(begin), Buffer.alloc(1000)])])
      await assert.rejects(load(new File([bytes], "given")), fails(code, "given", ...parts));
  });

test("of a text a web page is told by its first word: a poem may begin with < too", () => {
  for (const page of ["<!DOCTYPE html>", " \n<html lang=en>"])
    assert.throws(() => refuseForText(page, "a.txt"), { code: "E_HTML", message: "a.txt is a web page, not a text" });
  for (const text of ["<3 is a heart", "once <html>"]) refuseForText(text, "a.txt");
});

test("the hint for Keras does not speak of PyTorch, nor the other way round", async () => {
  const hintOf = begin => load(bytesOf(begin)).then(assert.fail, error => error.hint);
  assert.doesNotMatch(await hintOf("\x89HDF\r\n\x1a\n\0"), /torch|state_dict/i);
  assert.doesNotMatch(await hintOf("\x80\x02}q\0(X"), /Keras|Tokenizer/i);
});

test("a network of PyTorch without a vocabulary is told how it gets one", async () => {
  const bare = changed(file, ({ tensors }) => delete tensors.vocab);
  await assert.rejects(load(bare), fails("E_VOCAB", "no vocabulary", "scripts/nextchar_notebook.py", "load_file(path), vocabulary"));
});

test("a network whose tensors have other names is told what takes them as they are", async () => {
  const other = changed(file, ({ tensors }) => {
    tensors["module.rnn.weight_hh_l0"] = tensors["rnn.weight_hh_l0"];
    delete tensors["rnn.weight_hh_l0"];
  });
  await assert.rejects(load(other), fails("E_SHAPE", "no tensor rnn.weight_hh_l0", "scripts/nextchar_notebook.py", "whatever their names"));
});

test("a large file of another kind is refused at its first bytes, not at the limit", async t => {
  const site = await serve(t, (request, response) => {
    response.write(Buffer.concat([bytesOf("PK\x03\x04"), Buffer.alloc(1000)])); // and never ends
    request.socket.on("close", () => site.closed());
  });
  const closed = new Promise(resolve => (site.closed = resolve));
  await assert.rejects(load(site.url), fails("E_FILETYPE", "zip"));
  await closed;
});

test("the check of the first bytes lets every right header pass", async () => {
  for (const length of [2, 0x3c, 0x504b, 0x8b1f, 0x8002, 0x0708, 0x10000, 0x100000])
    for (const next of ["{", " ", "\n"]) {
      const bytes = new Uint8Array(9);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      bytes[8] = next.charCodeAt(0);
      await checkWeights(bytes, "a header");
    }
});

// ---- rnn.wasm ----

const wasm = name => new Uint8Array(readFileSync(new URL(`web/core/${name}`, root)));
const page = Buffer.from("<!doctype html><title>App</title>");

/** As withWasm, without the relaxed build, which not every Node takes. */
const withoutRelaxed = (t, files) => withWasm(t, { "rnn-relaxed.wasm": null, ...files });

test("without a wish the fastest build is taken that runs here; each can be asked for", async () => {
  for (const [wish, isa] of [[undefined, ISAS[0]], ...ISAS.map(isa => [isa, isa])]) {
    const model = await load(file, { isa: wish });
    assert.deepEqual([model.isa, model.refused], [isa, []]);
  }
});

test("where the relaxed build is missing or computes wrong numbers the SIMD build is taken, and the model says why", async t => {
  setFlagsFromString("--experimental-wasm-relaxed-simd"); // Node 20 takes it only so
  for (const [bytes, code] of [
    [null, "E_WASM"],
    [page, "E_WASM"],
    [miscomputing("rnn-relaxed.wasm"), "E_SELFTEST"],
  ]) {
    const { load } = await withWasm(t, { "rnn-relaxed.wasm": bytes });
    await assert.rejects(load(file, { isa: "relaxed" }), fails(code, "rnn-relaxed.wasm"));
    const model = await load(file);
    assert.equal(model.isa, "simd128");
    assert.equal(model.refused.length, 1);
    assert.ok(fails(code, "rnn-relaxed.wasm")(model.refused[0]));
  }
});

test("rnn.wasm missing, replaced by a page, or no module is named with its place", async t => {
  for (const [bytes, ...parts] of [
    [null, "cannot be read"],
    [page, "web page"],
    [Buffer.from("wasm"), "not a WebAssembly module"],
  ]) {
    const core = await withoutRelaxed(t, { "rnn.wasm": bytes });
    await assert.rejects(core.load(file), fails("E_WASM", "rnn.wasm", "beside wasm.js", ...parts));
  }
});

test("a build that does not validate gives way to the scalar one", async t => {
  const { load } = await withoutRelaxed(t, { "rnn.wasm": wasm("rnn.wasm").subarray(0, 5000) });
  const model = await load(file);
  assert.equal(model.isa, "scalar");
  assert.equal(textOf(model.write("abc", { length: 20 })), text);
});

test("two broken builds are an error, not a crash", async t => {
  const cut = name => wasm(name).subarray(0, 5000);
  const { load } = await withoutRelaxed(t, { "rnn.wasm": cut("rnn.wasm"), "rnn-scalar.wasm": cut("rnn-scalar.wasm") });
  await assert.rejects(load(file), fails("E_WASM", "rnn-scalar.wasm"));
});

test("a wasm of another version is refused", async t => {
  const later = readFileSync(new URL("web/core/wasm.js", root), "utf8").replace(
    /(VERSION = )(\d+)/,
    (_, name, number) => name + (Number(number) + 1),
  );
  for (const files of [{ "rnn.wasm": bytesOf("\0asm\x01\0\0\0") }, { "wasm.js": later }]) {
    const { load } = await withoutRelaxed(t, files);
    await assert.rejects(load(file), fails("E_WASM", "version", "reload"));
  }
});

/** The module with the constant log2(e) of its exp changed: it runs, and computes wrong numbers. */
function miscomputing(name) {
  const bytes = Buffer.from(wasm(name));
  let at = bytes.indexOf("3baab83f", "hex");
  assert.ok(at > 0, `${name} has no constant log2(e)`);
  for (; at > 0; at = bytes.indexOf("3baab83f", at + 1, "hex")) bytes[at + 2] ^= 32;
  return bytes;
}

test("a SIMD build that computes wrong numbers gives way to the scalar one, and the model says why", async t => {
  const { load } = await withoutRelaxed(t, { "rnn.wasm": miscomputing("rnn.wasm") });
  await assert.rejects(load(file, { isa: "simd128" }), fails("E_SELFTEST", "rnn.wasm"));
  const model = await load(file);
  assert.equal(model.isa, "scalar");
  assert.ok(fails("E_SELFTEST", "rnn.wasm")(model.refused.at(-1)));
  assert.equal(textOf(model.write("abc", { length: 20 })), text);
});

test("if both compute wrong numbers, nothing is written", async t => {
  const { load } = await withoutRelaxed(t, { "rnn.wasm": miscomputing("rnn.wasm"), "rnn-scalar.wasm": miscomputing("rnn-scalar.wasm") });
  await assert.rejects(load(file), fails("E_SELFTEST"));
});

test("after a failed start a later load tries again", async t => {
  const { load, folder } = await withoutRelaxed(t, { "rnn.wasm": null });
  await assert.rejects(load(file), fails("E_WASM"));
  await writeFile(join(folder, "rnn.wasm"), wasm("rnn.wasm"));
  assert.equal((await load(file)).isa, "simd128");
});

// ---- a core that is handed in ----

test("a core that was handed in, as bytes or a module, is the one in use, without its files and without a compiler", async t => {
  const none = { "rnn.wasm": null, "rnn-relaxed.wasm": null, "rnn-scalar.wasm": null };
  const { compile, validate } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { compile, validate }));
  const bytes = wasm("rnn-scalar.wasm");
  for (const given of [new WebAssembly.Module(bytes), bytes, bytes.buffer, Buffer.from(bytes)]) {
    const { load, useWasm, folder } = await withWasm(t, none);
    Object.assign(WebAssembly, { compile, validate });
    await assert.rejects(load(file), fails("E_WASM", "rnn.wasm"));
    if (given instanceof WebAssembly.Module) Object.assign(WebAssembly, { compile: null, validate: null }); // as at an edge
    await useWasm(given);
    const model = await load(file);
    assert.deepEqual([model.isa, model.refused], ["scalar", []]);
    assert.equal(textOf(model.write("abc", { length: 20 })), text);
    const { Markov } = await import(pathToFileURL(join(folder, "markov.js")));
    assert.equal((await Markov.of("abcabc")).vocabulary.length, 3);
  }
});

test("a core that is handed in takes the place of another one; whoever loads at once waits for it", async t => {
  const { load, useWasm } = await withWasm(t, {});
  await load(file);
  const given = [useWasm(wasm("rnn-scalar.wasm")), load(file)];
  assert.equal((await Promise.all(given))[1].isa, "scalar");
  await useWasm(wasm("rnn.wasm"));
  assert.equal((await load(file)).isa, "simd128");
});

test("a core that is handed in is checked as a file is, and the files are taken after one that is refused", async t => {
  const { load, useWasm } = await withoutRelaxed(t, {});
  const WHICH = "rnn-scalar.wasm";
  for (const [given, code, ...parts] of [
    [undefined, "E_ARGUMENT", "WebAssembly.Module"],
    ["rnn.wasm", "E_ARGUMENT", "string"],
    [page, "E_WASM", "the wasm that was given", "web page"],
    [bytesOf("\0asm"), "E_WASM", "does not run", WHICH],
    [wasm("rnn-scalar.wasm").subarray(0, 5000), "E_WASM", "does not run", WHICH],
    [bytesOf("\0asm\x01\0\0\0"), "E_WASM", "version", WHICH],
    [new WebAssembly.Module(bytesOf("\0asm\x01\0\0\0")), "E_WASM", "version"],
    [miscomputing("rnn-scalar.wasm"), "E_SELFTEST", "the wasm that was given", "wrong numbers"],
  ]) {
    await assert.rejects(useWasm(given), fails(code, ...parts));
    assert.equal((await load(file)).isa, "simd128");
  }
});

test("a core that was handed in stays while the files that were asked for before it fail", async t => {
  const { load, useWasm } = await withWasm(t, { "rnn.wasm": null, "rnn-relaxed.wasm": null });
  const early = assert.rejects(load(file), fails("E_WASM")); // it may fail before the other one is taken
  await useWasm(wasm("rnn-scalar.wasm"));
  await early;
  assert.equal((await load(file)).isa, "scalar");
});

test("where a bundle does not know its own place the error says what to do, and a core that is handed in runs", async t => {
  const builds = readFileSync(new URL("web/core/builds.js", root), "utf8").replaceAll("import.meta.url", "({}).url");
  const { load, useWasm } = await withWasm(t, { "builds.js": builds });
  await assert.rejects(load(file), fails("E_WASM", "does not know where rnn.wasm lies", "useWasm()"));
  await useWasm(wasm("rnn.wasm"));
  assert.equal((await load(file)).isa, "simd128");
});

test("an error is an RnnError, an Error, and has a code, a sentence and a hint", async () => {
  const error = await load("/nothing").catch(error => error);
  assert.ok(error instanceof RnnError && error instanceof Error);
  assert.deepEqual(
    [typeof error.code, typeof error.message, typeof error.hint, error.cause.code],
    ["string", "string", "string", "ENOENT"],
  );
});
