// SPDX-License-Identifier: MIT
//
// The package as a developer gets it: packed, installed into an empty folder, and run there: by Node, as the README says; checked by
// tsc; bundled by Vite, webpack, Rollup and esbuild, and opened in Chromium, where the page and its worker write what Node writes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serve } from "../../scripts/serve.mjs";
import { launchChromium } from "./chromium.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tools = join(root, "tests/package");
const LIMIT = 120_000; // milliseconds for a process
const { version, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What a program prints. @param {string} program @param {string[]} args @param {string} cwd */
async function run(program, args, cwd) {
  try {
    return (await promisify(execFile)(program, args, { cwd, timeout: LIMIT, killSignal: "SIGKILL" })).stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`);
  }
}

let temporary;
let folder; // empty but for the package
before(async () => {
  assert.ok(existsSync(join(tools, "node_modules")), "there are no bundlers: run scripts/setup.sh bundlers");
  temporary = await mkdtemp(join(tmpdir(), "nextchar-"));
  folder = join(temporary, "empty");
  await mkdir(folder);
  await run("npm", ["pack", "--pack-destination", temporary], root);
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(temporary, `nextchar-${version}.tgz`)], folder);
});
after(() => temporary && rm(temporary, { recursive: true }));

// ---- what is in it ----

test("the package has the library, types, wasm, three networks, a text, what a notebook needs; no page, less than 2.75 MB", async () => {
  const installed = join(folder, "node_modules/nextchar");
  const names = await readdir(installed);
  assert.deepEqual(names.sort(), ["LICENSE", "README.md", "package.json", "scripts", "texts", "types", "web", "weights"]);
  assert.deepEqual(await readdir(join(installed, "web")), ["core"]);
  const files = (await readdir(installed, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0);
  assert.ok(bytes < 2_750_000, `${bytes} bytes`);
});

test("each path that the package exports is there, and nothing else can be imported", async () => {
  const names = Object.keys(exports).filter(name => !name.includes("*"));
  const weights = ["course", "first", "shakespeare"].map(name => `./weights/${name}.safetensors`);
  const asked = [...names, ...weights, "./texts/shakespeare-like.txt"];
  const program = `import { existsSync } from "node:fs";
    const placeOf = name => new URL(import.meta.resolve(name.replace(".", "nextchar")));
    for (const name of ${JSON.stringify(asked)}) if (!existsSync(placeOf(name))) console.log(name);
    for (const name of ["nextchar/web/core/wasm.js", "nextchar/core"]) await import(name).then(() => console.log(name), () => {});`;
  assert.equal(await run(process.execPath, ["--input-type=module", "-e", program], folder), "");
});

test("without one of the files that it promises no package is made", async () => {
  const lacking = join(temporary, "lacking");
  await cp(join(folder, "node_modules/nextchar"), lacking, { recursive: true });
  const check = () => run(process.execPath, [join(root, "scripts/check_package.mjs"), lacking], root);
  assert.equal(await check(), "");
  await writeFile(join(lacking, "web/core/rnn-scalar.wasm"), "");
  await rename(join(lacking, "types/recipe.d.ts"), join(lacking, "types/gone.d.ts"));
  await assert.rejects(check(), error => {
    assert.match(error.message, /\.\/web\/core\/rnn-scalar\.wasm is missing or empty: no package is made/);
    assert.match(error.message, /\.\/types\/recipe\.d\.ts is missing or empty/);
    assert.doesNotMatch(error.message, /rnn\.wasm|model/);
    return true;
  });
});

// ---- Node ----

const readme = readFileSync(join(root, "README.md"), "utf8");
/** The README's programs that use a file of the package, each with what it prints. */
const programs = [...readme.matchAll(/```js\n([^]*?)```[^]*?```text\n([^]*?)```/g)].filter(([, program]) => program.includes("nextchar/"));
const nodes = { "this Node": process.execPath };
for (const name of ["node-22", "node-24"]) nodes[name] = join(tools, "node_modules", name, "bin/node");

for (const [name, node] of Object.entries(nodes))
  test(`the README's first two programs print in an empty folder what the README says, in ${name}`, async t => {
    if (!existsSync(node)) return t.skip(`${name} is not to be had for this machine`);
    assert.ok(programs.length >= 2);
    for (const [, program, printed] of programs.slice(0, 2)) {
      await writeFile(join(folder, "program.mjs"), program);
      assert.equal(await run(node, ["program.mjs"], folder), printed);
    }
  });

// ---- types ----

/** Each way to resolve modules, with and without the browser's types. */
const OPTIONS = [
  { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"] },
  { module: "esnext", moduleResolution: "bundler", lib: ["es2022"] },
  { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"] },
];

for (const options of OPTIONS)
  test(`strict tsc takes right programs and refuses wrong ones: ${options.moduleResolution}, ${options.lib.join(" and ")}`, async () => {
    await cp(join(tools, "types.mts"), join(folder, "types.mts"));
    const compilerOptions = {
      ...options,
      target: "es2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, include: ["*.mts"] }),
    );
    assert.equal(await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], folder), "");
  });

// ---- bundles ----

describe("a bundle", () => {
  let browser;
  let expected; // what Node writes
  before(async () => {
    await cp(join(tools, "program"), folder, { recursive: true });
    await writeFile(join(folder, "node.mjs"), `import { write } from "./write.js";\nconsole.log(await write());\n`);
    expected = (await run(process.execPath, ["node.mjs"], folder)).trim();
    assert.match(expected, /^.{60}\|\d\.\d+\|\d+$/s);
    browser = await launchChromium();
  });
  after(() => browser?.close());

  for (const bundler of ["vite", "webpack", "rollup", "esbuild"])
    test(`of ${bundler} writes in Chromium what Node writes, on the page and in a worker`, async t => {
      if (bundler === "esbuild") await rename(join(folder, "open.esbuild.js"), join(folder, "open.js"));
      await run(process.execPath, [join(tools, "bundle.mjs"), bundler, folder], tools);
      const site = await serve(0, join(folder, bundler));
      t.after(() => site.close());
      const page = await browser.newPage();
      const failed = [];
      page.on("response", response => response.status() >= 400 && failed.push(response.url()));
      page.on("console", message => ["error", "warn"].includes(message.type()) && failed.push(message.text()));
      page.on("pageerror", error => failed.push(String(error)));
      await page.goto(site.url);
      await page
        .waitForFunction(() => globalThis.written, { timeout: LIMIT })
        .catch(error => assert.fail(`${failed.join("\n")}\n${error}`));
      assert.deepEqual(await page.evaluate(() => globalThis.written), [expected, expected]);
      assert.deepEqual(failed, []);
    });
});
