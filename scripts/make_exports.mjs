// SPDX-License-Identifier: MIT
//
// Writes web/core/exports.js, the types of what rnn.wasm exports, from src/rnn.h: node scripts/make_exports.mjs. A test holds the
// two together, so that a wrong name, a wrong number of arguments or a handle of another kind does not pass tsc.
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const OUTPUT = new URL("web/core/exports.js", root);

const HEAD = `// SPDX-License-Identifier: MIT
//
// exports.js - the functions of src/rnn.h as rnn.wasm exports them. Made by scripts/make_exports.mjs; not to be edited.
// Types alone: no program imports it.

/** An opaque handle of src/rnn.h: its address. @template {string} Name @typedef {number & { readonly handle: Name }} Handle */
`;

/** @param {string} type of C @returns {string} */
function typeOf(type) {
  const handle = /\b(rnn_\w+) \*$/.exec(type.replace(/\bconst\b ?/g, "").trim());
  if (handle) return `Handle<"${handle[1]}">`;
  if (type.includes("*")) return "number";
  return type.trim() === "void" ? "void" : "number";
}

/** A parameter as C declares it. @param {string} parameter @returns {string} */
function parameterOf(parameter) {
  const [, type, name] = /^(.*?)(\w+)$/s.exec(parameter.trim()) ?? [];
  return `${name}: ${typeOf(type)}`;
}

/** The signatures of a header, in its order. @param {string} header @returns {{ name: string, type: string }[]} */
function signatures(header) {
  const code = header.replace(/\/\*[^]*?\*\//g, "");
  return [...code.matchAll(/^RNN_API\s+([^;]*?)(\w+)\(([^;]*)\);/gm)].map(([, result, name, parameters]) => {
    const list = parameters.trim() === "void" ? [] : parameters.replace(/\s+/g, " ").split(",").map(parameterOf);
    return { name, type: `(${list.join(", ")}) => ${typeOf(result)}` };
  });
}

/** The whole text of exports.js. */
export function makeExports() {
  const functions = signatures(readFileSync(new URL("src/rnn.h", root), "utf8"));
  const lines = functions.map(({ name, type }) => wrapped(` * @property {${type}} ${name}`));
  return `${HEAD}
/**
 * An address is a number; as a result it is an int32, which \`>>> 0\` makes the uint32 that it is.
 * @typedef {object} Exports
 * @property {{ readonly buffer: ArrayBuffer }} memory
 * @property {() => void} [_initialize]
${lines.join("\n")}
 */

export {};
`;
}

/** A line of at most 140 columns is as it is; a longer one goes on below. @param {string} line */
function wrapped(line) {
  if (line.length <= 140) return line;
  const cut = line.lastIndexOf(", ", 138) + 1;
  return `${line.slice(0, cut)}\n${wrapped(` *  ${line.slice(cut)}`)}`;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) writeFileSync(OUTPUT, makeExports());
