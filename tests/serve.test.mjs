// SPDX-License-Identifier: MIT
//
// The server of `npm start`: what it gives, to whom, and what it refuses.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { serve } from "../scripts/serve.mjs";
import { root } from "./helpers.mjs";

let site;
before(async () => {
  site = await serve(0);
});
after(() => site.close());

/** An answer to exactly that path, which fetch() would tidy up. */
const ask = (path, { method = "GET", headers = {}, from = site } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(from.url);
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
    { range: "bytes=0-1", "if-range": '"a mark of another file"' },
    { range: "bytes=0-1", "if-range": "Wed, 21 Oct 2026 07:28:00 GMT" },
    { range: `bytes=${weights.length}-`, "if-range": '"a mark of another file"' },
  ]) {
    const { status, body } = await ask(WEIGHTS, { headers });
    assert.deepEqual([status, body.length], [200, weights.length], JSON.stringify(headers));
  }
});

test("a range of the file that was seen before comes where it is still that file", async () => {
  const { etag } = (await ask(WEIGHTS)).headers;
  const rest = await ask(WEIGHTS, { headers: { range: "bytes=5000-", "if-range": etag } });
  assert.deepEqual([rest.status, rest.headers.etag], [206, etag]);
  assert.deepEqual(rest.body, weights.subarray(5000));
  const weak = await ask(WEIGHTS, { headers: { range: "bytes=5000-", "if-range": `W/${etag}` } });
  assert.deepEqual([weak.status, weak.body.length], [200, weights.length], "a weak mark does not say that the bytes are the same");
});

test("who has the file as it is gets no body, and all that says how it may be kept", async () => {
  for (const path of [WEIGHTS, "/web/"])
    for (const encoding of ["identity", "gzip"]) {
      const headers = { "accept-encoding": encoding };
      const found = await ask(path, { headers });
      const { etag } = found.headers;
      assert.match(etag, /^"[^"]+"$/);
      assert.equal(found.headers["cache-control"], "no-cache", "it may be kept, and is asked for again");
      for (const method of ["GET", "HEAD"])
        for (const mark of [etag, `W/${etag}`, `"another", ${etag}`, "*"]) {
          const kept = await ask(path, { method, headers: { ...headers, "if-none-match": mark } });
          assert.deepEqual([kept.status, kept.body.length], [304, 0], `${method} ${path}, ${mark}`);
          for (const name of ["etag", "vary", "cache-control", "content-security-policy"])
            assert.equal(kept.headers[name], found.headers[name], name);
          for (const name of ["content-type", "content-length", "content-encoding"]) assert.equal(kept.headers[name], undefined, name);
        }
      for (const mark of ['"another"', etag.slice(1, -1)])
        assert.equal((await ask(path, { headers: { ...headers, "if-none-match": mark } })).status, 200, mark);
    }
  const { etag } = (await ask(WEIGHTS)).headers;
  assert.equal((await ask(WEIGHTS, { headers: { range: "bytes=0-1", "if-none-match": etag } })).status, 304, "before any range");
});

test("a file's mark is of its bytes: of others it is another one, though time and length are the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nextchar-serve-"));
  await mkdir(join(folder, "web"));
  await writeFile(join(folder, "web/index.html"), readFileSync(new URL("web/index.html", root)));
  const marks = [];
  const from = await serve(0, folder);
  try {
    for (const text of ["1", "2", "1"]) {
      await writeFile(join(folder, "web/a.txt"), text);
      await utimes(join(folder, "web/a.txt"), 1e9, 1e9);
      marks.push((await ask("/web/a.txt", { from })).headers.etag);
    }
  } finally {
    await from.close();
    await rm(folder, { recursive: true });
  }
  assert.notEqual(marks[0], marks[1]);
  assert.equal(marks[0], marks[2]);
});

test("what is text or a module is compressed for who takes that; what hardly shrinks or is short never is", async () => {
  const headers = { "accept-encoding": "gzip, deflate, br, zstd" };
  for (const path of [
    "web/index.html",
    "web/page/desk.js",
    "web/style.css",
    "web/lang/ru.json",
    "web/core/rnn.wasm",
    "texts/pushkin-like.txt",
  ]) {
    const file = readFileSync(new URL(path, root));
    const zipped = await ask(`/${path}`, { headers });
    assert.deepEqual([zipped.status, zipped.headers["content-encoding"], zipped.headers.vary], [200, "gzip", "Accept-Encoding"], path);
    assert.deepEqual(gunzipSync(zipped.body), file);
    assert.equal(Number(zipped.headers["content-length"]), zipped.body.length);
    assert.ok(zipped.body.length < 0.5 * file.length, `${path}: ${zipped.body.length} of ${file.length}`);
    const plain = await ask(`/${path}`);
    assert.deepEqual([plain.headers["content-encoding"], plain.headers.vary], [undefined, "Accept-Encoding"], path);
    assert.deepEqual(plain.body, file);
    assert.equal(plain.headers["content-type"], zipped.headers["content-type"]);
    assert.notEqual(plain.headers.etag, zipped.headers.etag, "other bytes have another mark");
  }
  for (const path of ["web/preview.webp", "weights/course.safetensors", "web/icon.svg", "texts/index.json"]) {
    const plain = await ask(`/${path}`, { headers });
    assert.deepEqual([plain.headers["content-encoding"], plain.headers.vary], [undefined, undefined], path);
    assert.deepEqual(plain.body, readFileSync(new URL(path, root)));
  }
});

test("a part of a file is a part of its own bytes, never of the compressed ones", async () => {
  const page = readFileSync(new URL("web/index.html", root));
  const part = await ask("/web/", { headers: { "accept-encoding": "gzip", range: "bytes=10-19" } });
  assert.deepEqual([part.status, part.headers["content-encoding"], part.headers.vary], [206, undefined, "Accept-Encoding"]);
  assert.deepEqual(part.body, page.subarray(10, 20));
  assert.equal(part.headers.etag, (await ask("/web/")).headers.etag);
  const { etag } = (await ask("/web/", { headers: { "accept-encoding": "gzip" } })).headers;
  const whole = await ask("/web/", { headers: { "accept-encoding": "gzip", range: "bytes=10-19", "if-range": etag } });
  assert.deepEqual([whole.status, gunzipSync(whole.body)], [200, page], "the rest of a compressed copy cannot be had: it comes whole");
});

test("what a reader says of encodings is heeded, with its weights", async () => {
  for (const [accepted, isZipped] of [
    ["gzip", true],
    ["GZIP", true],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
    ["gzip ; q=0.001", true],
    ["*", true],
    ["identity;q=0, *", true],
    ["gzip;q=0.5, identity;q=0.5", true],
    ["", false],
    ["identity", false],
    ["br, deflate", false],
    ["gzip;q=0", false],
    ["gzip;q=0.000, *", false],
    ["*;q=0", false],
    ["gzip;q=0.2, identity;q=0.5", false],
    ["gzipped", false],
    ["gzip;q=lots", false],
  ]) {
    const { headers } = await ask("/web/", { headers: { "accept-encoding": accepted } });
    assert.equal(headers["content-encoding"], isZipped ? "gzip" : undefined, accepted);
  }
});

test("HEAD gives the headers of GET and no body, whatever range it names", async () => {
  for (const encoding of ["identity", "gzip"]) {
    const headers = { "accept-encoding": encoding };
    const [get, head] = await Promise.all(["GET", "HEAD"].map(method => ask("/web/", { method, headers })));
    const { date: _, ...said } = head.headers;
    assert.deepEqual({ date: get.headers.date, ...said }, get.headers);
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  }
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

const REFUSED = "This server answers to localhost, 127.0.0.1 and [::1] alone: open it by one of these names.\n";

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
  ]) {
    const { status, body } = await ask("/web/", { headers: { host } });
    assert.deepEqual([status, body.toString()], [421, REFUSED], host);
  }
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
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types nextchar",
  ]);
});

test("each answer carries the page's policy, and no word of who may frame it: anybody may, as from a host without headers", async () => {
  const page = readFileSync(new URL("web/index.html", root), "utf8");
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page);
  for (const path of ["/web/", "/web/trainer/worker.js", "/none"]) {
    const { headers } = await ask(path);
    assert.equal(headers["content-security-policy"], policy);
    assert.equal(headers["x-frame-options"], undefined);
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
