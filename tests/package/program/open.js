// SPDX-License-Identifier: MIT
//
// For Node and the bundlers that copy what a module names by new URL(): the weights here, and in the library the wasm.
import { load } from "nextchar";

export const open = () => load(new URL("./node_modules/nextchar/weights/course.safetensors", import.meta.url));
