// SPDX-License-Identifier: MIT
//
// The server of `npm start`: what it gives, to whom, and what it refuses.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { serve } from "../scripts/serve.mjs";
import { root } from "./helpers.mjs";

let site;
before(async () => {
  site = await serve(0);
});
after(() => site.close());

/** An answer to exactly that path, which fetch() would tidy up. */
const ask = (path, { method = "GET", headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(site.url);
    request({ hostname, port, path, method, headers, timeout: 10_000 }, async response => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    })
      .on("error", reject)
      .end();
  });

const WEIGHTS = "/weights/course.safetensors";
const weights = readFileSync(new URL(WEIGHTS.slice(1), root));

test("a file comes whole, with its type and length", async () => {
  const { status, headers, body } = await ask(WEIGHTS);
  assert.equal(status, 200);
  assert.deepEqual([headers["content-type"], Number(headers["content-length"])], ["application/octet-stream", weights.length]);
  assert.equal(headers["accept-ranges"], "bytes");
  assert.deepEqual(body, weights);
  assert.equal((await ask("/web/core/rnn.wasm")).headers["content-type"], "application/wasm");
});

test("a range of bytes comes alone", async () => {
  const size = weights.length;
  for (const [range, start, end] of [
    ["bytes=0-0", 0, 0],
    ["bytes=100-199", 100, 199],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    ["bytes=10-99999999999", 10, size - 1],
    ["bytes=-5", size - 5, size - 1],
    ["bytes=-99999999999", 0, size - 1],
  ]) {
    const { status, headers, body } = await ask(WEIGHTS, { headers: { range } });
    assert.equal(status, 206, range);
    assert.equal(headers["content-range"], `bytes ${start}-${end}/${size}`);
    assert.equal(Number(headers["content-length"]), end + 1 - start);
    assert.deepEqual(body, weights.subarray(start, end + 1));
  }
});

test("a range outside the file is refused with its size", async () => {
  for (const range of [`bytes=${weights.length}-`, "bytes=99999999999-99999999999", "bytes=-0"]) {
    const { status, headers } = await ask(WEIGHTS, { headers: { range } });
    assert.deepEqual([status, headers["content-range"]], [416, `bytes */${weights.length}`], range);
  }
});

test("a range that may be passed over gives the whole file", async () => {
  for (const headers of [
    { range: "bytes=5-2" },
    { range: "bytes=-" },
    { range: "bytes=0-1,5-6" },
    { range: "lines=1-2" },
    { range: "bytes=0-1", "if-range": '"a mark of another server"' },
  ]) {
    const { status, body } = await ask(WEIGHTS, { headers });
    assert.deepEqual([status, body.length], [200, weights.length], JSON.stringify(headers));
  }
});

test("HEAD gives the headers of GET and no body, whatever range it names", async () => {
  for (const headers of [{}, { range: "bytes=0-1" }]) {
    const head = await ask(WEIGHTS, { method: "HEAD", headers });
    assert.deepEqual([head.status, Number(head.headers["content-length"]), head.body.length], [200, weights.length, 0]);
  }
});

test("other methods are refused with those that are allowed", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const { status, headers } = await ask("/web/", { method });
    assert.deepEqual([status, headers.allow], [405, "GET, HEAD"], method);
  }
});

test("nothing outside the three folders is given, however the path is written", async () => {
  for (const path of [
    "/package.json",
    "/web/../package.json",
    "/web/%2e%2e/package.json",
    "/web/..%2fpackage.json",
    "/web/..%5cpackage.json",
    "/web/../../../../../../etc/passwd",
    "//etc/passwd",
    "/web//../src/rnn.h",
    "/webs",
    "/web/core",
    "/web/none.js",
    "/web/%",
    "/web/%00",
    "/web/index.html%00.js",
    "http://127.0.0.1/package.json",
  ]) {
    const { status, body } = await ask(path);
    assert.deepEqual([status, body.toString()], [404, "No such file.\n"], path);
  }
});

test("a name that was pointed at this machine from elsewhere gets nothing", async () => {
  const { port } = new URL(site.url);
  for (const host of ["localhost", `localhost:${port}`, `127.0.0.1:${port}`, "LOCALHOST:9000", "[::1]:9000"])
    assert.equal((await ask("/web/", { headers: { host } })).status, 200, host);
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost:80@evil.example",
  ])
    assert.equal((await ask("/web/", { headers: { host } })).status, 421, host);
});

test("the policy is as wide as what the page does, and no wider", () => {
  const page = readFileSync(new URL("web/index.html", root), "utf8");
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page);
  assert.deepEqual(policy.split("; "), [
    "default-src 'none'", // frames, objects, fonts, media, manifests: nothing of it
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'", // the icon
    "connect-src 'self'", // weights, texts and words lie beside the page
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types nextchar",
  ]);
});

test("each answer carries the page's policy, and who may frame it: this machine", async () => {
  const page = readFileSync(new URL("web/index.html", root), "utf8");
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page);
  for (const path of ["/web/", "/web/trainer/worker.js", "/none"]) {
    const { headers } = await ask(path);
    assert.equal(headers["content-security-policy"], `${policy}; frame-ancestors 'self' http://localhost:* http://127.0.0.1:* file:`);
    assert.equal(headers["x-content-type-options"], "nosniff");
  }
});

test("a reader that leaves in the middle of a file leaves the server well", async () => {
  const { hostname, port } = new URL(site.url);
  for (let i = 0; i < 20; i++)
    await new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(`GET ${WEIGHTS} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
      socket.once("data", () => socket.destroy()).once("close", resolve);
      socket.once("error", reject);
    });
  assert.equal((await ask(WEIGHTS)).status, 200);
});
