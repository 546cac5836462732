// SPDX-License-Identifier: MIT
//
// The C tests once more, in the relaxed SIMD build: Node 20 takes it only behind a flag, and then computes wrong numbers.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { test } from "node:test";
import { useSite } from "./harness.mjs";

const site = useSite();
const root = new URL("../../", import.meta.url);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const EMPTY_PAGE = "empty.html";

/** The repository's files instead of the site's, which serves neither programs nor packages. */
async function answerFromRepository(page) {
  await page.setRequestInterception(true);
  page.on("request", async request => {
    const path = new URL(request.url()).pathname.slice(1);
    const body = path === EMPTY_PAGE ? "<!doctype html>" : await readFile(new URL(path, root)).catch(() => null);
    await request.respond(body === null ? { status: 404 } : { contentType: TYPES[extname(path)], body });
  });
}

/** Runs a program in the page, as tests/wasi.mjs does in Node. */
async function runInPage(path) {
  const { ConsoleStdout, WASI } = await import("/node_modules/@bjorn3/browser_wasi_shim/dist/index.js");
  let printed = "";
  const output = ConsoleStdout.lineBuffered(line => {
    printed += `${line}\n`;
  });
  const wasi = new WASI([path], [], [output, output, output]);
  const imports = { wasi_snapshot_preview1: wasi.wasiImport, env: { emscripten_notify_memory_growth() {} } };
  const { instance } = await WebAssembly.instantiateStreaming(fetch(path), imports);
  return { status: wasi.start(instance), printed };
}

for (const source of readdirSync(new URL("tests/", root)).filter(name => name.endsWith("_test.c"))) {
  const name = basename(source, ".c");
  test(`${name} passes as wasm in the browser, relaxed`, async () => {
    const { page } = await site.visit(EMPTY_PAGE, { prepare: answerFromRepository });
    const { status, printed } = await page.evaluate(runInPage, `/build/wasm-relaxed/${name}.wasm`);
    assert.equal(status, 0, printed);
    assert.match(printed, /^\d+ tests, 0 failed$/m);
  });
}
