// SPDX-License-Identifier: MIT
//
// builds.js - which build of the core is used here: the fastest that the engine runs and that computes right.
import { RnnError, bytesOf } from "./errors.js";
import { checkWasm, readBytes } from "./sources.js";
import { Core } from "./wasm.js";

/** @import { Build, Isa, Wasm } from "./types.js" */

const SELF_TEST = 0xff22610d; // what rnn_self_test() returns on every right build

/** @internal Written out so that bundlers find the files; called late: some bundles have no address. @type {Record<Isa, () => URL>} */
export const BUILDS = {
  relaxed: () => new URL("./rnn-relaxed.wasm", import.meta.url),
  simd128: () => new URL("./rnn.wasm", import.meta.url),
  scalar: () => new URL("./rnn-scalar.wasm", import.meta.url),
};

/** A module of one function that does nothing but i32x4.relaxed_dot_i8x16_i7x16_add_s of zeros. */
const RELAXED_DOT = fromHex(
  "00 61 73 6d 01 00 00 00", // "\0asm", version 1
  "01 05 01 60 00 01 7b", // its type: () -> v128
  "03 02 01 00", // function 0 has that type
  "0a 13 01 11 00 41 00 fd 0f 41 00 fd 0f 41 00 fd 0f fd 93 02 0b", // three times i8x16.splat of 0, the product, end
);

/** @param {...string} lines */
function fromHex(...lines) {
  return Uint8Array.from(lines.join(" ").split(" "), byte => parseInt(byte, 16));
}

/** @type {Map<string, Promise<Build>>} */
const builds = new Map();

/**
 * The promise made under that name; a failed one is forgotten, so that a later load tries again.
 * @param {string} name
 * @param {() => Promise<Build>} make
 */
function once(name, make) {
  let promise = builds.get(name);
  if (!promise) {
    promise = make();
    builds.set(name, promise);
    promise.catch(() => builds.get(name) === promise && builds.delete(name));
  }
  return promise;
}

const FIX_INSTALLATION =
  "Put rnn.wasm, rnn-relaxed.wasm and rnn-scalar.wasm of the same version beside wasm.js and reload without the cache; " +
  "a Content-Security-Policy needs script-src 'wasm-unsafe-eval'.";
const FIX_GIVEN = "Give rnn.wasm of the same version, or rnn-scalar.wasm where the engine has no SIMD.";

/** Throws where nothing can run. */
export function checkEngine() {
  if (typeof WebAssembly === "undefined")
    throw new RnnError("E_WASM", "there is no WebAssembly here", "Use a current browser, with WebAssembly allowed.");
}

/**
 * A build that runs and computes right.
 * @param {() => Promise<WebAssembly.Module>} compile @param {URL} [url] of its file; none: it was handed in
 * @returns {Promise<Build>}
 */
async function tested(compile, url) {
  const name = url ?? "the wasm that was given";
  let module;
  let sampler;
  let result;
  try {
    module = await compile();
    sampler = await Core.start(module);
    result = sampler.wasm.rnn_self_test() >>> 0;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new RnnError("E_WASM", `${name} does not run: ${why}`, url ? FIX_INSTALLATION : FIX_GIVEN, cause);
  }
  if (result !== SELF_TEST)
    throw new RnnError(
      "E_SELFTEST",
      `${name} computes wrong numbers on this machine`,
      "Update the browser, or report this with its version.",
    );
  return { module, sampler, refused: [] };
}

/** @param {Uint8Array} bytes */
const compiled = bytes => WebAssembly.compile(/** @type {BufferSource} */ (bytes));

/** The build in that file. @param {Isa} isa */
async function compileFile(isa) {
  const url = placeOf(isa);
  return tested(async () => compiled(await readBytes(url, { check: checkWasm })), url);
}

/** @param {Isa} isa */
function placeOf(isa) {
  try {
    return BUILDS[isa]();
  } catch (cause) {
    throw new RnnError("E_WASM", "the bundle does not know where rnn.wasm lies", "Hand it in by useWasm().", cause);
  }
}

/** The best build that runs right here. */
async function compileBest() {
  checkEngine();
  /** @type {RnnError[]} */
  const refused = [];
  if (WebAssembly.validate(RELAXED_DOT)) {
    const relaxed = await buildFor("relaxed").catch(error => void refused.push(error)); // only faster: without it all goes on
    if (relaxed) return relaxed;
  }
  const build = await buildFor("simd128").catch(error => {
    // An engine without SIMD finds rnn.wasm invalid; Safari 16.4 to 17.1 computed wrong floats with it.
    if (!(error.cause instanceof WebAssembly.CompileError) && error.code !== "E_SELFTEST") throw error;
    refused.push(error);
    return buildFor("scalar");
  });
  return { ...build, refused };
}

/**
 * That build, compiled and tested once; without isa the best one.
 * @param {Isa} [isa]
 * @returns {Promise<Build>}
 */
export function buildFor(isa) {
  return isa === undefined ? once("best", compileBest) : once(isa, () => compileFile(isa));
}

/**
 * Hands in the core, in place of the files beside this one: for a bundle that has not got them, or an engine that may not compile.
 * Whatever is made from here on, in this thread, is made of it; of one that is refused the files are.
 * @param {Wasm} wasm a build of this version: its bytes or its module
 * @throws {RnnError} E_ARGUMENT, E_WASM, E_SELFTEST
 */
export async function useWasm(wasm) {
  checkEngine();
  const compile = compilerOf(wasm);
  builds.delete("best");
  await once("best", () => tested(compile));
}

/** @param {unknown} wasm @returns {() => Promise<WebAssembly.Module>} */
function compilerOf(wasm) {
  if (wasm instanceof WebAssembly.Module) return async () => wasm;
  const bytes = bytesOf("the wasm", wasm, "a WebAssembly.Module, a Uint8Array or an ArrayBuffer");
  return async () => {
    await checkWasm(bytes, "it");
    return compiled(bytes);
  };
}
