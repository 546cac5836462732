// SPDX-License-Identifier: MIT
//
// node scripts/build_onefile.mjs [FILE]: the whole page in one file, web/nextchar.html or another one, which works by a double click, in a
// sandbox and in a notebook. In it are the program (page and worker in one script), the styles, and what the page would fetch: the core,
// a small network, English and Russian. What it fetches comes from web/onefile/enclosed.js, its worker's script from program.js there.
import { createHash } from "node:crypto";
import { readFile, readdir, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipAsync } from "@gfx/zopfli";
import { build, transform } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WEB = join(ROOT, "web");
const TARGET = "es2022"; // what engines with WebAssembly SIMD run
const BASE = "nextchar:/"; // see web/onefile/enclosed.js
const FRAME = "web/onefile/page.html";
const NETWORK = "course";
const PATTERN = "letters"; // of the view "Five patterns"; of its other networks those are listed that can be trained without a file
const TRAINED = ["roman", "dates", "numbers-en", "numbers-ru", "digits-en", "digits-ru"];
const LANGUAGES = ["en", "ru"];

/** The file is of ASCII alone: read in a wrong encoding, as part of a page without one, its sums would not be those of its policy. */
const FOREIGN = /[^\0-\x7f]/g;

const textOf = (/** @type {string} */ name) => readFile(join(ROOT, name), "utf8");
const sumOf = (/** @type {string} */ text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Addresses follow from a module's place; the worker's script is the page's. @type {import("esbuild").Plugin} */
const enclosing = {
  name: "enclosing",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/scripts\.js$/ }, () => ({ path: join(WEB, "onefile/program.js") }));
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replaceAll("import.meta.url", JSON.stringify(BASE + relative(ROOT, path))) };
    });
  },
};

async function program() {
  const { outputFiles } = await build({
    entryPoints: [join(WEB, "onefile/start.js")],
    inject: [join(WEB, "onefile/enclosed.js")],
    plugins: [enclosing],
    bundle: true,
    write: false,
    format: "iife",
    minify: true,
    target: TARGET,
    legalComments: "none",
  });
  return outputFiles[0].text.trim().replace(FOREIGN, escaped); // in patterns alone
}

/** \u00e4 for ä. @param {string} unit */
const escaped = unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** @param {(name: string) => boolean} isWanted */
async function styles(isWanted) {
  const names = (await readdir(WEB, { recursive: true })).filter(name => name.endsWith(".css") && isWanted(name));
  const isLate = (/** @type {string} */ name) => Number(name !== "style.css"); // and counts more
  const texts = names.sort((a, b) => isLate(a) - isLate(b)).map(name => textOf(`web/${name}`));
  return (await transform((await Promise.all(texts)).join("\n"), { loader: "css", minify: true, legalComments: "none" })).code.trim();
}

/** @param {string} name of a file @param {(list: { name: string }[]) => object[]} change */
const listed = async (name, change) => JSON.stringify(change(JSON.parse(await textOf(name))));

/** What the page would fetch, by the same names; what is alike lies side by side. */
async function enclosed() {
  const files = new Map();
  const put = (/** @type {string} */ name, /** @type {string | Buffer} */ content) => files.set(name, Buffer.from(content));
  const parts = (await readdir(join(WEB, "lang"))).map(name => /^en(.*\.json)$/.exec(name)?.[1]).filter(part => part !== undefined);
  for (const part of parts)
    for (const language of LANGUAGES) {
      const name = `web/lang/${language}${part}`;
      const words = JSON.stringify(JSON.parse(await textOf(name)));
      put(name, language === "ru" ? narrow(words) : words);
    }
  const isHere = (/** @type {{ name: string }} */ { name }) => [NETWORK, PATTERN].includes(name);
  const isKnown = (/** @type {{ name: string }} */ { name }) => [PATTERN, ...TRAINED].includes(name);
  const absent = (/** @type {{ name: string }} */ each) => (isHere(each) ? each : { ...each, isAbsent: true });
  put("weights/index.json", await listed("weights/index.json", list => list.filter(isHere)));
  put("weights/patterns/index.json", await listed("weights/patterns/index.json", list => list.filter(isKnown).map(absent)));
  for (const name of [`weights/${NETWORK}.safetensors`, `weights/patterns/${PATTERN}.safetensors`])
    put(name, await readFile(join(ROOT, name)));
  put("texts/index.json", "[]");
  put("web/core/rnn.wasm", await readFile(join(WEB, "core/rnn.wasm")));
  return files;
}

const letters = new TextDecoder("windows-1251");
const byteOf = new Map(Array.from({ length: 256 }, (_, byte) => [letters.decode(Uint8Array.of(byte)), byte]));

/** JSON in that encoding, as web/onefile/enclosed.js reads it: packed, a tenth less than in UTF-8. @param {string} json */
function narrow(json) {
  const known = Array.from({ length: json.length }, (_, i) => (byteOf.has(json[i]) ? json[i] : escaped(json[i]))).join("");
  return Buffer.from(Array.from(known, letter => /** @type {number} */ (byteOf.get(letter))));
}

/** As pack() of web/page/archive.js, but small rather than quick: 3 % of the whole page. @param {Map<string, Buffer>} files */
async function packed(files) {
  const lengths = Object.fromEntries([...files].map(([name, { length }]) => [name, length]));
  const gzip = await gzipAsync(Buffer.concat([...files.values()]), { blocksplittingmax: 0 }); // as many blocks as make it small
  return JSON.stringify({ lengths, gzip: Buffer.from(gzip).toString("base64") });
}

/** The frame with what belongs into its places. @param {string} frame @param {Record<string, string>} places */
const filled = (frame, places) => frame.replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);

/** Whether it is a page of this script with nothing saved in it, or nothing at all. @param {string} file */
async function mayBeReplaced(file) {
  const before = await readFile(file, "utf8").catch(error => {
    if (error.code !== "ENOENT") throw error;
  });
  return before === undefined || before.includes('id="work">null</script>');
}

/** @param {string} file @throws where it is somebody's; a reader of it has the old page or the new one, whole */
export async function buildOneFile(file) {
  if (!(await mayBeReplaced(file)))
    throw new Error(`${file} is there, and not an empty page of this script: name another file, or remove it`);
  const [script, css, printed, icon] = await Promise.all([
    program(),
    styles(name => !["print.css", "page/host.css"].includes(name)),
    styles(name => name === "print.css"),
    textOf("web/icon.svg"),
  ]);
  const drawn = encodeURIComponent(icon.replace(/<!--.*?-->\s*/gs, "").trim());
  const sums = { script: sumOf(script), style: `${sumOf(css)} ${sumOf(printed)}`, icon: drawn };
  const frame = filled(
    (await textOf(FRAME)).replace(FOREIGN, sign => `&#${sign.charCodeAt(0)};`),
    sums,
  );
  const terms = `${await textOf("LICENSE")}\n${await textOf("web/core/NOTICE.md")}`.replaceAll("©", "(c)");
  const files = await packed((await enclosed()).set(FRAME, Buffer.from(frame))); // from which the page saves itself anew
  const page = filled(frame, { css, printed, terms, files, program: script });
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, page, { flag: "wx" });
  await rename(part, file);
  return page;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const [file = join(WEB, "nextchar.html")] = parseArgs({ allowPositionals: true }).positionals; // it throws at an option
    const { length } = Buffer.from(await buildOneFile(file));
    console.log(`nextchar: the page in one file is ${file}, ${length} bytes`);
  } catch (error) {
    console.error(`nextchar: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}
