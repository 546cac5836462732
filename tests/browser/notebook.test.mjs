// SPDX-License-Identifier: MIT
//
// What show() of scripts/nextchar_notebook.py displays, in Chromium: the page in one file writes what PyTorch wrote with the network
// that scripts/make_notebook.py has stored. In a real Jupyter server: jupyter.mjs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildOneFile } from "../../scripts/build_onefile.mjs";
import { PATIENCE } from "./controls.mjs";
import { useSite } from "./harness.mjs";

const site = useSite();
const pathOf = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const skip = spawnSync("python3", ["--version"], { timeout: 10_000 }).status === 0 ? false : "there is no python3";

test("the page that show() displays in a notebook writes what PyTorch wrote, in a frame without an origin", { skip }, async t => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-"));
  t.after(() => rm(folder, { recursive: true }));
  const [file, html] = ["shown.html", "nextchar.html"].map(name => join(folder, name));
  await buildOneFile(html);
  const { prompt, greedy } = JSON.parse(await readFile(pathOf("golden/notebook/pytorch.json"), "utf8"));
  const given = [pathOf("nextchar_notebook_test.py"), "show", file, html, pathOf("golden/notebook/network.safetensors"), prompt];
  const { status, stderr } = spawnSync("python3", given, { encoding: "utf8", timeout: PATIENCE });
  assert.equal(status, 0, stderr);
  const { page, problems } = await site.visit(pathToFileURL(file).href);
  const frame = await (await page.$("iframe")).contentFrame();
  const isWritten = length => document.querySelectorAll("#text .c:not(.given)").length >= length;
  await frame.waitForFunction(isWritten, { timeout: PATIENCE }, greedy.length);
  const text = await frame.$eval("#text", text => text.textContent);
  assert.equal(text.slice(0, prompt.length + greedy.length), prompt + greedy);
  assert.equal(await frame.evaluate(() => origin), "null");
  assert.deepEqual(problems, []);
});
