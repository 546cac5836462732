// SPDX-License-Identifier: MIT
//
// node scripts/build_page.mjs [FOLDER]: the page as visitors get it, in dist/ or another folder: web/, weights/ and texts/ with the same
// files under the same names, scripts, styles and words without what only their readers need. The modules that the first text needs come
// as one file, first.js: asked for one by one they took a quarter of the time to the first character. Under their own names stand modules
// that hand on what is in it, so that whoever imports one has the same as the page.
import { cp, mkdir, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, transform } from "esbuild";
import { buildOneFile } from "./build_onefile.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WEB = join(ROOT, "web");
const TARGET = "es2022"; // what engines with WebAssembly SIMD run
const MARKER = ".nextchar-page"; // a file in each folder that was made here
const ONE_FILE = join(WEB, "onefile"); // what nextchar.html alone is made of
const OTHERS = ["README.md", "nextchar.html"]; // files that are not copied
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

const PRELOAD = /<link rel="modulepreload" href="(.+?)">\n*/g;
const FIRST = "first.js";

/** The names of the modules that the page asks for at once. */
const modulesOf = (/** @type {string} */ html) => [...html.matchAll(PRELOAD)].map(([, name]) => name);

/** What a module exports. @param {string} name */
async function exportsOf(name) {
  const { metafile } = await build({ entryPoints: [join(WEB, name)], bundle: false, write: false, format: "esm", metafile: true });
  return Object.values(metafile.outputs)[0].exports;
}

/**
 * Some modules as one that lies in web/: addresses that follow from a module's place, and modules that are fetched late, stay what they
 * were. @param {{ name: string, exports: string[] }[]} modules @returns {Promise<string>}
 */
async function joined(modules) {
  /** @type {import("esbuild").Plugin} */
  const places = {
    name: "places",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        if (kind === "dynamic-import") return { path: `./${relative(WEB, join(resolveDir, path))}`, external: true };
      });
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        return { contents: source.replaceAll("import.meta.url", `new URL("./${relative(WEB, path)}", import.meta.url)`) };
      });
    },
  };
  const contents = modules.map(({ name, exports }, i) => handOn(exports, "", `_${i}`, name)).join("\n");
  const options = { bundle: true, write: false, minify: true, metafile: true, target: TARGET, plugins: [places] };
  const { outputFiles, metafile } = await build({ ...options, format: "esm", legalComments: "none", stdin: { contents, resolveDir: WEB } });
  const others = Object.keys(metafile.inputs).length - 1 - modules.length; // one is the line of exports
  if (others) throw new Error(`index.html does not ask for ${others} modules that those it asks for need: they would be there twice`);
  return outputFiles[0].text;
}

/**
 * A line that exports what another module has; both may have an ending to the names.
 * @param {string[]} names @param {string} has @param {string} gives @param {string} from
 */
const handOn = (names, has, gives, from) => `export{${names.map(name => `${name}${has} as ${name}${gives}`)}}from"./${from}";`;

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
  const names = await readdir(WEB, { recursive: true, withFileTypes: true });
  for (const entry of names.filter(entry => entry.isFile() && !OTHERS.includes(entry.name))) {
    const from = join(entry.parentPath, entry.name);
    if (dirname(from) === ONE_FILE) continue;
    const to = join(folder, "web", relative(WEB, from));
    const shorten = shorter[extname(from)];
    await mkdir(dirname(to), { recursive: true });
    if (shorten) await writeFile(to, await shorten(await readFile(from, "utf8")));
    else await cp(from, to);
  }
  await cp(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await buildOneFile(join(folder, "web", "nextchar.html"));
  await joinFirst(join(folder, "web"));
}

/** @param {string} web that was made */
async function joinFirst(web) {
  const page = join(web, "index.html");
  const html = await readFile(page, "utf8");
  const modules = await Promise.all(modulesOf(html).map(async name => ({ name, exports: await exportsOf(name) })));
  await writeFile(join(web, FIRST), await joined(modules));
  for (const [i, { name, exports }] of modules.entries()) {
    const to = join(web, name);
    await writeFile(to, handOn(exports, `_${i}`, "", relative(dirname(to), join(web, FIRST))));
  }
  const asked = [FIRST, "page/desk.js"].map(name => `<link rel="modulepreload" href="${name}">\n`).join("");
  await writeFile(page, html.replaceAll(PRELOAD, "").replace("</head>", `${asked}</head>`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const [folder = join(ROOT, "dist")] = parseArgs({ allowPositionals: true }).positionals; // it throws at an option
    await buildPage(folder);
    console.log(`nextchar: the page is in ${folder}`);
  } catch (error) {
    console.error(`nextchar: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}
