// SPDX-License-Identifier: MIT
//
// node scripts/build_page.mjs [FOLDER]: the page as visitors get it, in dist/ or another folder: web/, weights/ and texts/ with the same
// files under the same names, scripts, styles and words without what only their readers need. Nothing is bundled: modules stay modules.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = "es2022"; // what engines with WebAssembly SIMD run

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

/** @param {string} folder to be made anew */
export async function buildPage(folder) {
  await rm(folder, { recursive: true, force: true });
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
  await buildPage(folder);
  console.log(`nextchar: the page is in ${folder}`);
}
