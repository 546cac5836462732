// SPDX-License-Identifier: MIT
//
// Where the page is built nothing of somebody else's is lost, and what is built is one library under all its names.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildPage } from "../scripts/build_page.mjs";
import * as source from "../web/core/model.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const place = await mkdtemp(join(tmpdir(), "nextchar-build-"));
after(() => rm(place, { recursive: true }));

test("a folder that was not made here is refused, and left as it is", async () => {
  const folder = join(place, "public");
  await mkdir(join(folder, "web"), { recursive: true });
  await writeFile(join(folder, "web", "mine.txt"), "mine");
  await assert.rejects(buildPage(folder), /public is not empty, and was not made by this script/);
  assert.deepEqual([await readdir(folder), await readFile(join(folder, "web", "mine.txt"), "utf8")], [["web"], "mine"]);
  await assert.rejects(buildPage(join(folder, "web", "mine.txt")), { code: "EEXIST" });
});

test("one that holds the project is refused, by whatever name", async () => {
  const link = join(place, "link");
  await symlink(ROOT, link);
  for (const folder of [ROOT, `${ROOT}/`, dirname(ROOT), "/", link])
    await assert.rejects(buildPage(folder), /holds the project itself/, folder);
});

test("one that was made here is made anew; what else lies in it stays", async () => {
  const folder = join(place, "dist");
  await mkdir(folder); // an empty one is taken
  await buildPage(folder);
  for (const name of ["CNAME", "web/old.js"]) await writeFile(join(folder, name), "");
  await buildPage(folder);
  assert.deepEqual((await readdir(folder)).sort(), [".nextchar-page", "CNAME", "LICENSE", "texts", "web", "weights"]);
  assert.equal((await readdir(join(folder, "web"))).includes("old.js"), false);
});

for (const name of ["build_page", "build_onefile"])
  test(`${name}.mjs takes no option for a name`, () => {
    const script = fileURLToPath(new URL(`../scripts/${name}.mjs`, import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--help"], { cwd: place, encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 1);
    assert.match(stderr, /^nextchar: Unknown option '--help'/);
    assert.equal(existsSync(join(place, "--help")), false);
  });

test("a module has its exports under its own name, once for all who import it, and finds its files", async () => {
  const folder = join(place, "whole");
  await buildPage(folder);
  const builtOf = name => import(pathToFileURL(join(folder, "web", name)).href);
  const [built, errors] = await Promise.all(["core/model.js", "core/errors.js"].map(builtOf));
  assert.deepEqual(Object.keys(built), Object.keys(source));
  const weights = new URL("../weights/course.safetensors", import.meta.url);
  const textOf = model => [...model.write("Today ", { length: 40, seed: 7 })].map(({ text }) => text).join("");
  const models = await Promise.all([built, source].map(({ load }) => load(weights)));
  assert.equal(textOf(models[0]), textOf(models[1]));
  const refused = await builtOf("core/markov.js").then(({ Markov }) => Markov.of("", {}).catch(error => error)); // it is fetched late
  assert.ok(refused instanceof errors.RnnError, String(refused));
});
