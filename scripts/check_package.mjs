// SPDX-License-Identifier: MIT
//
// node scripts/check_package.mjs [FOLDER]: the last step before a package is made: refuses one without a file that package.json says is
// there. What is built is not in git, and npm packs without a word what there is.
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const folder = process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url));
const { main, types, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The paths in exports, under whatever conditions. @param {string | object} value @returns {string[]} */
const pathsOf = value => (typeof value === "string" ? [value] : Object.values(value).flatMap(pathsOf));

const paths = [...new Set([main, types, ...pathsOf(exports)])].filter(path => !path.includes("*"));
const lacking = paths.filter(path => !statSync(join(folder, path), { throwIfNoEntry: false })?.size);
for (const path of lacking)
  console.error(`nextchar: ${path} is missing or empty: no package is made of that. npm run build and npm run types make it.`);
if (lacking.length) process.exitCode = 1;
