// SPDX-License-Identifier: MIT
//
// opening.js - a weights file, from wherever it is, in an instance of wasm of its own.
import { BUILDS, buildFor } from "./builds.js";
import { RnnError, checkOptions, wrongType } from "./errors.js";
import { checkWeights, nameOf, readBytes, unlessAborted } from "./sources.js";
import { Core } from "./wasm.js";

/**
 * @typedef {object} LoadOptions
 * @property {AbortSignal} [signal] stops loading; its reason is thrown
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] bytes so far and in all (0: not known)
 * @property {import("./types.js").Isa} [isa] forces a build; without it the fastest is taken that runs and computes right
 */

/**
 * What `use` makes of the file.
 * @template T
 * @param {import("./types.js").Source} source
 * @param {LoadOptions} options
 * @param {(core: Core, file: Uint8Array, build: import("./types.js").Build) => T} use
 * @returns {Promise<T>}
 * @throws {RnnError} with a code of types.js
 */
export async function openWeights(source, options, use) {
  checkOptions(options);
  const { signal, onProgress, isa } = options;
  if (isa !== undefined && !Object.hasOwn(BUILDS, isa))
    throw new RnnError("E_ARGUMENT", `isa is "relaxed", "simd128", "scalar" or not given, but not ${String(isa)}`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType("signal", "an AbortSignal", signal);
  if (onProgress !== undefined && typeof onProgress !== "function") throw wrongType("onProgress", "a function", onProgress);
  if (typeof WebAssembly === "undefined")
    throw new RnnError("E_WASM", "there is no WebAssembly here", "Use a current browser, with WebAssembly allowed.");
  const building = buildFor(isa); // while the file is on its way
  building.catch(() => {}); // the file's own error comes first
  const file = await readBytes(source, { signal, onProgress, check: checkWeights });
  const build = await unlessAborted(building, signal);
  const core = await unlessAborted(Core.start(build.module), signal);
  try {
    return use(core, file, build);
  } catch (error) {
    if (error instanceof RnnError) throw new RnnError(error.code, `${nameOf(source)}: ${error.message}`, error.hint);
    throw error;
  }
}
