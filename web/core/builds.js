// SPDX-License-Identifier: MIT
//
// builds.js - which build of the core is used here: the fastest that the engine runs and that computes right.
import { RnnError } from "./errors.js";
import { checkWasm, readBytes } from "./sources.js";
import { Core } from "./wasm.js";

/** @import { Build, Isa } from "./types.js" */

const SELF_TEST = 0xff22610d; // what rnn_self_test() returns on every right build

/** Written out so that bundlers find the files. @type {Record<Isa, URL>} */
export const BUILDS = {
  relaxed: new URL("./rnn-relaxed.wasm", import.meta.url),
  simd128: new URL("./rnn.wasm", import.meta.url),
  scalar: new URL("./rnn-scalar.wasm", import.meta.url),
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
    promise.catch(() => builds.delete(name));
    builds.set(name, promise);
  }
  return promise;
}

const FIX_INSTALLATION =
  "Put rnn.wasm, rnn-relaxed.wasm and rnn-scalar.wasm of the same version beside wasm.js and reload without the cache; " +
  "a Content-Security-Policy needs script-src 'wasm-unsafe-eval'.";

/**
 * @param {Isa} isa
 * @returns {Promise<Build>}
 */
async function compile(isa) {
  const url = BUILDS[isa];
  let module;
  let sampler;
  let result;
  try {
    module = await WebAssembly.compile(/** @type {BufferSource} */ (await readBytes(url, { check: checkWasm })));
    sampler = await Core.start(module);
    result = sampler.wasm.rnn_self_test() >>> 0;
  } catch (cause) {
    throw new RnnError("E_WASM", `${url} does not run: ${cause instanceof Error ? cause.message : cause}`, FIX_INSTALLATION, cause);
  }
  if (result !== SELF_TEST)
    throw new RnnError(
      "E_SELFTEST",
      `${url} computes wrong numbers on this machine`,
      "Update the browser, or report this with its version.",
    );
  return { isa, module, sampler, refused: [] };
}

/** The best build that runs right here. */
async function compileBest() {
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
  return isa === undefined ? once("best", compileBest) : once(isa, () => compile(isa));
}
