// SPDX-License-Identifier: MIT
//
// Serves web/, weights/ and texts/ on this machine alone, as a static host would: node scripts/serve.mjs [--port N] [--root FOLDER].
// Another root is what scripts/build_page.mjs made.
// The page's own Content-Security-Policy goes out with every file, so that workers are held to it too. Nothing says who may frame
// the page: anybody may, as where a host sets no headers.
import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { gzip } from "node:zlib";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["web", "weights", "texts"];
const FIRST_PORT = 8080;
/** Any port: there may be a tunnel. A name that a foreign page has pointed at this machine is none of these. */
const HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".safetensors": "application/octet-stream",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/**
 * Types of which gzip leaves a third to a half. Networks are not among them: a twelfth would be saved, and the page would not know how
 * long a file is, so how much of it has come. Brotli leaves a twentieth less than gzip in about the same time: not worth a second kind.
 */
const SHRINKS = /^text\/|^application\/(json|wasm|manifest\+json)|^image\/svg/;
const LEAST = 1024; // bytes: less is one packet in any case

/** The policy stands in the page, for hosts that set no headers; here it is read from there. */
async function contentSecurityPolicy(root) {
  const page = await readFile(join(root, "web/index.html"), "utf8");
  const meta = /<meta\s+http-equiv="Content-Security-Policy"\s+content="([^"]+)"/i.exec(page);
  if (!meta) throw new Error('web/index.html has no <meta http-equiv="Content-Security-Policy" content="…">.');
  return meta[1].replace(/\s+/g, " ").trim();
}

/** The path of the file that a URL's path names, or null: it must lie in one of the folders, after symbolic links. */
async function fileOf(root, pathname) {
  try {
    let path = join(root, decodeURIComponent(pathname));
    if (path.endsWith(sep)) path += "index.html";
    path = await realpath(path);
    const inside = FOLDERS.some(folder => path.startsWith(join(root, folder) + sep));
    return inside && (await stat(path)).isFile() ? path : null;
  } catch {
    return null; // no such file, a malformed %-sequence, a NUL byte
  }
}

/**
 * The bytes that a Range header asks for (RFC 9110, 14.2).
 * @param {string | undefined} header @param {number} size of the file
 * @returns {{ start: number, end: number } | null | undefined} end: the last byte; null: the file has none of them; undefined: there is
 *   no header, or one that may be passed over
 */
function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  const isWrong = first && last && Number(last) < Number(first);
  if ((!first && !last) || isWrong) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start <= end ? { start, end } : null;
}

/** Whether an Accept-Encoding header takes gzip at least as gladly as the bytes as they are (RFC 9110, 12.5.3). */
function takesGzip(header = "") {
  const weights = new Map();
  for (const item of header.toLowerCase().split(",")) {
    const [, name, weight = 1] = /^\s*([^\s;]+)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(item) ?? [];
    weights.set(name, Number(weight));
  }
  const weight = weights.get("gzip") ?? weights.get("*") ?? 0;
  return weight > 0 && weight >= (weights.get("identity") ?? 0);
}

/** Whether an If-None-Match header names the mark; a weak one will do. */
function isKept(header = "", etag) {
  const marks = header.split(",").map(mark => mark.trim().replace(/^W\//, ""));
  return marks.includes(etag) || marks.includes("*");
}

/** @type {Map<string, Promise<Buffer>>} by the file's hash: made once, as a visit would wait for it */
const zipped = new Map();

/** @param {Buffer} file @param {string} hash */
function zip(file, hash) {
  if (!zipped.has(hash)) zipped.set(hash, promisify(gzip)(file));
  return zipped.get(hash);
}

const say = (response, status, text, headers) =>
  response.writeHead(status, { ...headers, "Content-Type": "text/plain; charset=utf-8" }).end(text);

async function answer(root, request, response, headers) {
  const { url, method } = request;
  const pathname = url.split(/[?#]/)[0];
  const end = (status, text, more = {}) => say(response, status, text, { ...headers, ...more });

  if (!HOST.test(request.headers.host ?? ""))
    return end(421, "This server answers to localhost, 127.0.0.1 and [::1] alone: open it by one of these names.\n");
  if (method !== "GET" && method !== "HEAD") return end(405, "Only GET and HEAD.\n", { Allow: "GET, HEAD" });
  if (pathname === "/" || FOLDERS.some(folder => pathname === `/${folder}`))
    return end(302, "", { Location: pathname === "/" ? "/web/" : `${pathname}/` });
  const path = await fileOf(root, pathname);
  if (!path) return end(404, "No such file.\n");
  await give(await readFile(path), TYPES[extname(path)] ?? "application/octet-stream", request, response, headers);
}

/**
 * Gives a file, the part of it that is asked for, or the word that the reader has it. Its mark is made of its bytes. One made of time
 * and length would call two files the same that are not: all files of an npm package have one time.
 */
async function give(file, type, { method, headers: asked }, response, headers) {
  const hash = createHash("sha256").update(file).digest("base64url");
  const isSame = [undefined, `"${hash}"`].includes(asked["if-range"]);
  const range = method === "GET" && isSame ? rangeOf(asked.range, file.length) : undefined;
  const shrinks = SHRINKS.test(type) && file.length >= LEAST;
  const isZipped = shrinks && range === undefined && takesGzip(asked["accept-encoding"]);
  const etag = `"${hash}${isZipped ? "-gzip" : ""}"`;
  const known = { ...headers, ETag: etag, ...(shrinks && { Vary: "Accept-Encoding" }) };
  if (isKept(asked["if-none-match"], etag)) return response.writeHead(304, known).end();
  if (range === null)
    return say(response, 416, `The file has ${file.length} bytes.\n`, { ...headers, "Content-Range": `bytes */${file.length}` });

  const body = isZipped ? await zip(file, hash) : range ? file.subarray(range.start, range.end + 1) : file;
  response.writeHead(range ? 206 : 200, {
    ...known,
    "Accept-Ranges": "bytes",
    "Content-Type": type,
    "Content-Length": body.length,
    ...(isZipped && { "Content-Encoding": "gzip" }),
    ...(range && { "Content-Range": `bytes ${range.start}-${range.end}/${file.length}` }),
  });
  response.end(method === "HEAD" ? undefined : body);
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(server.address().port);
    });
  });
}

async function listenFrom(server, port) {
  for (; ; port++) {
    try {
      return await listen(server, port);
    } catch (error) {
      if (error.code !== "EADDRINUSE" || port >= 65535) throw error;
    }
  }
}

/**
 * Starts the server on `port` (0: any free one; left out: 8080 or the next free one), of the files in `folder`.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve(port, folder = HERE) {
  const root = await realpath(folder);
  const headers = {
    "Content-Security-Policy": await contentSecurityPolicy(root),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache", // kept, but never used without asking whether it is still the same
  };
  const server = createServer((request, response) => answer(root, request, response, headers).catch(() => response.destroy()));
  const bound = port === undefined ? await listenFrom(server, FIRST_PORT) : await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}/`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(text) {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`--port is a number from 0 to 65535, not "${text}".`);
  return port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { port: { type: "string" }, root: { type: "string" } } });
    const site = await serve(portOf(values.port), values.root);
    console.log(`nextchar: ${site.url} (Ctrl-C ends)`);
    process.once("SIGINT", () => site.close());
  } catch (error) {
    const text = error.code === "EADDRINUSE" ? `port ${error.port} is in use; choose another with --port.` : error.message;
    console.error(`nextchar: ${text}`);
    process.exitCode = 1;
  }
}
