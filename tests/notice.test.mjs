// SPDX-License-Identifier: MIT
//
// The terms of what others wrote are where the WebAssembly is, and name each file of theirs that is in it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildPage } from "../scripts/build_page.mjs";
import { root } from "./helpers.mjs";

const NOTICE = "web/core/NOTICE.md";
const read = path => readFileSync(new URL(path, root), "utf8");

test("the package has the core and the terms of what is linked into it", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, encoding: "utf8", timeout: 60_000 });
  const names = JSON.parse(packed)[0].files.map(({ path }) => path);
  for (const name of [NOTICE, "LICENSE", "web/core/rnn.wasm"]) assert.ok(names.includes(name), name);
});

test("the page that is built has these terms too, and none of the notes for who changes it", async t => {
  const folder = mkdtempSync(join(tmpdir(), "nextchar-notice-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await buildPage(folder);
  assert.equal(readFileSync(join(folder, NOTICE), "utf8"), read(NOTICE));
  assert.deepEqual(
    ["web/README.md", "web/lang/README.md"].filter(name => existsSync(join(folder, name))),
    [],
  );
});

test("the notice names the files that the linker took from others in any build, and no others", () => {
  const linked = ["simd128", "relaxed", "scalar"].flatMap(build => {
    const map = `build/wasm-${build}/rnn.map`;
    assert.ok(existsSync(new URL(map, root)), `${map} is missing: npm run build makes it`);
    return [...read(map).matchAll(/(?:\.a\(|\/)(\w+)\.o\)?:\(/g)].map(match => match[1]);
  });
  const named = read(NOTICE)
    .match(/^\|.*/gm)
    .flatMap(row => row.match(/(?<=`)\w+(?=`)/g) ?? []);
  assert.deepEqual([...new Set(linked)].sort(), [...new Set(named)].sort());
});
