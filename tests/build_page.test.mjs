// SPDX-License-Identifier: MIT
//
// Where the page is built nothing of somebody else's is lost.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildPage } from "../scripts/build_page.mjs";

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
