// SPDX-License-Identifier: MIT
//
// enclosed.js - what a page that is one file has in place of a server: the files that were put into it, some with every such page
// (scripts/build_onefile.mjs), some where the page was saved with a network in it (page/onepage.js). Its worker has the first ones.
import { RnnError } from "../core/errors.js";
import { unpack } from "../page/archive.js";

/** @typedef {import("../page/archive.js").Archive} Archive */
/** @typedef {import("../page/onepage.js").Work} Work */

const BASE = "nextchar:/"; // what the addresses of a page's own files begin with
const LIST = "weights/index.json";
const PAGE = "web/nextchar.html";
const FRAME = "web/onefile/page.html";

/** @param {string} id of an element that holds data @returns {any} null: there is none */
const dataIn = id => JSON.parse(globalThis.document?.getElementById(id)?.textContent || "null");

/** The files of every such page. @type {Archive} */
export const archive = dataIn("files") ?? /** @type {any} */ (globalThis).nextcharFiles;
/** What this one was saved with. @type {Work | null} */
export const work = dataIn("work");

/** Unpacked when the first one is asked for. @type {{ files?: Promise<import("../page/archive.js").Files> }} */
const unpacked = {};

async function unpackAll() {
  const [all, more] = await Promise.all([unpack(archive), work ? unpack(work.archive) : []]);
  return new Map([...all, ...more]);
}

/** @param {string} name @returns {Promise<Uint8Array>} @throws {RnnError} E_HTTP */
async function read(name) {
  unpacked.files ??= unpackAll();
  const bytes = (await unpacked.files).get(name);
  if (bytes) return bytes;
  throw new RnnError("E_HTTP", `${name} is not in this page, which is one file`, "The page on a web server has it.");
}

const textOf = async (/** @type {string} */ name) => new TextDecoder().decode(await read(name));

/** This page as it was before it started, saved with nothing. */
async function wholePage() {
  const partOf = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? "";
  return (await textOf(FRAME)).replace(/\{(\w+)\}/g, (_, id) => partOf(id));
}

/** Stands for the browser's fetch(). @param {URL} url @returns {Promise<Response>} */
async function fetchEnclosed(url) {
  const name = url.href.slice(BASE.length);
  if (name === PAGE) return new Response(await wholePage());
  if (name === LIST && work) return Response.json([work.listed, ...JSON.parse(await textOf(LIST))]);
  return new Response(/** @type {BodyInit} */ (await read(name)));
}

export { fetchEnclosed as fetch };
