// SPDX-License-Identifier: MIT
//
// Serves web/, weights/ and texts/ on this machine alone, as a static host would: node scripts/serve.mjs [--port N] [--root FOLDER].
// Another root is what scripts/build_page.mjs made.
// The page's own Content-Security-Policy goes out with every file, so that workers are held to it too; a header alone can say
// who may frame the page, and here that is this machine.
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["web", "weights", "texts"];
const FIRST_PORT = 8080;
const FRAME_ANCESTORS = "frame-ancestors 'self' http://localhost:* http://127.0.0.1:* file:";
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

/** The policy stands in the page, for hosts that set no headers; here it is read from there. */
async function contentSecurityPolicy(root) {
  const page = await readFile(join(root, "web/index.html"), "utf8");
  const meta = /<meta\s+http-equiv="Content-Security-Policy"\s+content="([^"]+)"/i.exec(page);
  if (!meta) throw new Error('web/index.html has no <meta http-equiv="Content-Security-Policy" content="…">.');
  return meta[1].replace(/\s+/g, " ").trim();
}

/** The file that a URL's path names, or null: it must lie in one of the folders, after symbolic links. */
async function fileOf(root, pathname) {
  try {
    let path = join(root, decodeURIComponent(pathname));
    if (path.endsWith(sep)) path += "index.html";
    path = await realpath(path);
    const inside = FOLDERS.some(folder => path.startsWith(join(root, folder) + sep));
    const info = await stat(path);
    return inside && info.isFile() ? { path, bytes: info.size } : null;
  } catch {
    return null; // no such file, a malformed %-sequence, a NUL byte
  }
}

/**
 * The bytes that a Range header asks for; all where there is none, or one that may be passed over (RFC 9110, 14.2).
 * @param {string | undefined} header @param {number} size of the file
 * @returns {{ start: number, end: number, isPart: boolean } | null} end: the last byte; null: the file has none of them
 */
function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  const isWrong = first && last && Number(last) < Number(first);
  if ((!first && !last) || isWrong) return { start: 0, end: size - 1, isPart: false };
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start <= end ? { start, end, isPart: true } : null;
}

async function answer(root, request, response, headers) {
  const { url, method } = request;
  const pathname = url.split(/[?#]/)[0];
  const end = (status, text, more = {}) =>
    response.writeHead(status, { ...headers, "Content-Type": "text/plain; charset=utf-8", ...more }).end(text);

  if (!HOST.test(request.headers.host ?? "")) return end(421, "This server answers to localhost and 127.0.0.1 alone.\n");
  if (method !== "GET" && method !== "HEAD") return end(405, "Only GET and HEAD.\n", { Allow: "GET, HEAD" });
  if (pathname === "/" || FOLDERS.some(folder => pathname === `/${folder}`))
    return end(302, "", { Location: pathname === "/" ? "/web/" : `${pathname}/` });
  const file = await fileOf(root, pathname);
  if (!file) return end(404, "No such file.\n");

  // Range is of GET alone; nothing here has a mark that an If-Range could name.
  const asked = method === "GET" && !request.headers["if-range"] ? request.headers.range : undefined;
  const range = rangeOf(asked, file.bytes);
  if (!range) return end(416, `The file has ${file.bytes} bytes.\n`, { "Content-Range": `bytes */${file.bytes}` });
  const { start, end: last, isPart } = range;
  response.writeHead(isPart ? 206 : 200, {
    ...headers,
    "Accept-Ranges": "bytes",
    "Content-Type": TYPES[extname(file.path)] ?? "application/octet-stream",
    "Content-Length": last + 1 - start,
    ...(isPart && { "Content-Range": `bytes ${start}-${last}/${file.bytes}` }),
  });
  if (method === "HEAD" || !file.bytes) return response.end();
  await pipeline(createReadStream(file.path, { start, end: last }), response);
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
    "Content-Security-Policy": `${await contentSecurityPolicy(root)}; ${FRAME_ANCESTORS}`,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
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
