// SPDX-License-Identifier: MIT
//
// enclosed.js - what a page that is one file has in place of a server: the files that were put into it, some with every such page
// (scripts/build_onefile.mjs), and the network that this one was saved with (page/onepage.js). The worker has only the files of every page.
import { RnnError } from "../core/errors.js";
import { unpack } from "../page/archive.js";
import { checkedWork } from "../page/onepage.js";

/** @typedef {import("../page/archive.js").Archive} Archive */
/** @typedef {import("../page/archive.js").Files} Files */
/** @typedef {import("../page/onepage.js").Work} Work */

const BASE = "nextchar:/"; // what the addresses of a page's own files begin with
const LIST = "weights/index.json";
const PAGE = "web/nextchar.html";
const FRAME = "web/onefile/page.html";
const RUSSIAN = /^web\/lang\/ru/; // files with a byte for a letter, not two

/** @param {string} id of an element that holds data @returns {any} null: there is none */
const dataIn = id => JSON.parse(globalThis.document?.getElementById(id)?.textContent || "null");

/** The files of every such page. @type {Archive} */
export const archive = dataIn("files") ?? /** @type {any} */ (globalThis).nextcharFiles;
/** What this one was saved with. @type {Work | null} */
export const work = savedWork();

/** Whatever stands there, the page starts. */
function savedWork() {
  try {
    return checkedWork(dataIn("work"));
  } catch {
    return null;
  }
}

/** Unpacked when one of them is asked for. @type {{ files?: Promise<Files>, saved?: Promise<Files> }} */
const unpacked = {};

/** @param {string} name @returns {Promise<Uint8Array>} @throws {RnnError} E_HTTP, E_DAMAGED */
async function read(name) {
  const bytes = (await (unpacked.files ??= unpack(archive))).get(name) ?? (await readSaved(name));
  if (bytes) return bytes;
  throw new RnnError("E_HTTP", `${name} is not in this page, which is one file`, "The page on a web server has it.");
}

/** The network that the page was saved with; nothing else of that comes in the place of a file of the page. @param {string} name */
async function readSaved(name) {
  if (!work || name !== `weights/${work.listed.file}`) return undefined;
  unpacked.saved ??= unpack(work.archive);
  const files = await unpacked.saved.catch(cause => {
    throw new RnnError("E_DAMAGED", "the network that this page was saved with is damaged", "Save the page again.", cause);
  });
  return files.get(name);
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
  const bytes = await read(name);
  return new Response(RUSSIAN.test(name) ? new TextDecoder("windows-1251").decode(bytes) : /** @type {BodyInit} */ (bytes));
}

export { fetchEnclosed as fetch };
