// SPDX-License-Identifier: MIT
//
// node bundle.mjs BUNDLER FOLDER: bundles FOLDER's index.html, page.js and worker.js, the program of tests/package/program, into
// FOLDER/BUNDLER/web, with as few settings as the bundler does with.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { importMetaAssets } from "@web/rollup-plugin-import-meta-assets";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

const [bundler, folder] = process.argv.slice(2);
const out = join(folder, bundler, "web");
const entries = ["page.js", "worker.js"].map(name => join(folder, name));

const bundle = {
  /** It begins from the page. */
  async vite() {
    await vite.build({ root: folder, base: "./", logLevel: "warn", build: { outDir: out }, worker: { format: "es" } });
  },

  async webpack() {
    const settings = { mode: "production", context: folder, entry: entries[0], experiments: { outputModule: true } };
    const compiler = webpack({ ...settings, output: { path: out, filename: "page.js", module: true } });
    const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  },

  /** It copies no file: the program hands both in. */
  async esbuild() {
    const loader = { ".wasm": "binary", ".safetensors": "binary" };
    await esbuild.build({ entryPoints: entries, bundle: true, format: "esm", outdir: out, loader });
  },

  /** The plugin copies what a module names by new URL(); the worker is no file to copy, but an entry. */
  async rollup() {
    const made = await rollup({
      input: entries,
      plugins: [nodeResolve(), importMetaAssets({ exclude: "**/page.js" })],
      onwarn: warning => {
        throw new Error(warning.message);
      },
    });
    await made.write({ dir: out });
  },
};

await bundle[bundler]();
if (bundler !== "vite") await copyFile(join(folder, "index.html"), join(out, "index.html"));
