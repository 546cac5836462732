// SPDX-License-Identifier: MIT
//
// node scripts/release_notes.mjs [TAG]: prints what CHANGELOG.md says of the version of package.json. It fails where another place has
// another version, or TAG is not v and this version.
import { readFileSync } from "node:fs";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

/** 10203 is 1.2.3. @param {string | undefined} digits */
const dotted = digits => [1e4, 100, 1].map(unit => Math.floor(Number(digits) / unit) % 100).join(".");

const { version } = JSON.parse(read("package.json"));
const others = {
  "package-lock.json": JSON.parse(read("package-lock.json")).version,
  "src/rnn.c": dotted(/int rnn_version\(void\) \{ return (\d+); \}/.exec(read("src/rnn.c"))?.[1]),
  "web/core/wasm.js": dotted(/^const VERSION = (\d+);/m.exec(read("web/core/wasm.js"))?.[1]),
  ...(process.argv[2] && { "the tag": process.argv[2].replace(/^v/, "") }),
};
const errors = Object.entries(others)
  .filter(([, found]) => found !== version)
  .map(([place, found]) => `package.json has version ${version}, ${place} has ${found}: make them one`);
const notes = read("CHANGELOG.md")
  .split(/^## /m)
  .find(section => section.startsWith(`${version}\n`));
if (!notes) errors.push(`CHANGELOG.md has no heading "## ${version}": call what is new by its version`);

if (errors.length) {
  console.error(errors.map(error => `nextchar: ${error}`).join("\n"));
  process.exitCode = 1;
} else console.log(notes?.slice(version.length).trim());
