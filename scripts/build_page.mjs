// SPDX-License-Identifier: MIT
//
// node scripts/build_page.mjs [FOLDER]: the page as visitors get it, in dist/ or another folder: web/, weights/ and texts/ with the same
// files under the same names, scripts, styles and words without what only their readers need. Nothing is bundled: modules stay modules.
import { cp, mkdir, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = "es2022"; // what engines with WebAssembly SIMD run
const MARKER = ".nextchar-page"; // a file in each folder that was made here
const PARTS = ["web", "weights", "texts", "LICENSE"]; // what is made in it

/** What becomes of a file's text, by its ending; other files are copied. */
const shorter = {
  ".js": text => minified(text, { loader: "js", format: "esm", target: TARGET }),
  ".css": text => minified(text, { loader: "css" }),
  ".json": async text => JSON.stringify(JSON.parse(text)),
  ".html": async text => text.replace(/<!--(?! SPDX).*?-->/gs, "").replace(/\n\s*/g, "\n"),
};

/** @param {string} text @param {import("esbuild").TransformOptions} options */
async function minified(text, options) {
  return (await transform(text, { ...options, minify: true, legalComments: "none" })).code;
}

/** Takes away what was made here before, and nothing else. @param {string} folder @throws where it is somebody's, for another use */
async function prepare(folder) {
  await mkdir(folder, { recursive: true });
  if (`${await realpath(ROOT)}${sep}`.startsWith(`${await realpath(folder)}${sep}`.replace(/[\\/]+$/, sep)))
    throw new Error(`${folder} holds the project itself: name another folder`);
  const names = await readdir(folder);
  if (names.length && !names.includes(MARKER))
    throw new Error(`${folder} is not empty, and was not made by this script: name another folder, or remove this one`);
  for (const part of PARTS) await rm(join(folder, part), { recursive: true, force: true });
  await writeFile(join(folder, MARKER), "Made by nextchar's scripts/build_page.mjs, which may make it anew.\n");
}

/** @param {string} folder new, empty, or made here before */
export async function buildPage(folder) {
  await prepare(folder);
  for (const part of ["weights", "texts"]) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  const names = await readdir(join(ROOT, "web"), { recursive: true, withFileTypes: true });
  for (const entry of names.filter(entry => entry.isFile() && extname(entry.name) !== ".md")) {
    const from = join(entry.parentPath, entry.name);
    const to = join(folder, "web", from.slice(join(ROOT, "web").length));
    const shorten = shorter[extname(from)];
    await mkdir(dirname(to), { recursive: true });
    if (shorten) await writeFile(to, await shorten(await readFile(from, "utf8")));
    else await cp(from, to);
  }
  await cp(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(ROOT, "dist");
  try {
    await buildPage(folder);
    console.log(`nextchar: the page is in ${folder}`);
  } catch (error) {
    console.error(`nextchar: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}
