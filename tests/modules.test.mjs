// SPDX-License-Identifier: MIT
//
// Every module of web/ can be imported where there is neither a document nor an address: it does nothing until it is called.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const web = new URL("../web/", import.meta.url);
const modules = readdirSync(web, { recursive: true }).filter(name => name.endsWith(".js"));

test("there is no browser here", () => {
  for (const name of ["document", "location", "window", "Worker"]) assert.equal(globalThis[name], undefined, name);
  assert.ok(modules.length > 30);
});

for (const path of modules)
  test(`web/${path} can be imported without a browser`, async () => {
    const { fetch } = globalThis;
    globalThis.fetch = () => assert.fail(`web/${path} fetches while it is imported`);
    try {
      await import(new URL(path, web).href);
    } finally {
      globalThis.fetch = fetch;
    }
  });
