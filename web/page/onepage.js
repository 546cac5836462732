// SPDX-License-Identifier: MIT
//
// onepage.js - "Save as a page": nextchar.html, the whole page in one file, with a network and settings of the reader's in it.
import { readBytes } from "../core/sources.js";
import { pack } from "./archive.js";
import { SAVED } from "./catalog.js";
import { save } from "./elements.js";
import { fileName } from "./filename.js";
import { defaults, toHash } from "./settings.js";

/** @typedef {import("./archive.js").Archive} Archive */
/** @typedef {import("./catalog.js").Listed} Listed */

/**
 * What a page is saved with.
 * @typedef {object} Work
 * @property {string} settings as an address has them
 * @property {Listed} listed the network, as weights/index.json would list it
 * @property {Archive} archive with its file
 */

const PAGE = new URL("../nextchar.html", import.meta.url);
const PLACE = /(<script type="application\/json" id="work">)[^<]*(?=<\/script>)/;

/**
 * @param {Uint8Array} network its file
 * @param {{ title: string, prompt: string, about: string }} known of it; about: what it learnt from
 * @param {Partial<import("./contract.js").Settings>} settings
 * @returns {Promise<Work>}
 */
export async function workOf(network, { title, ...known }, settings) {
  const file = `${SAVED}.safetensors`;
  return {
    settings: toHash({ ...defaults, ...settings, network: SAVED }),
    listed: { name: SAVED, file, language: "", prompts: [], title: { en: title }, ...known },
    archive: await pack(new Map([[`weights/${file}`, network]])),
  };
}

/** @param {string} html of the page in one file @param {Work} work takes the place of what it was saved with before */
export function pageWith(html, work) {
  const data = JSON.stringify(work).replaceAll("<", "\\u003c"); // it cannot end its element
  return html.replace(PLACE, (_, begin) => begin + data);
}

/**
 * Hands the page to the browser's downloads.
 * @param {import("./contract.js").Desk} desk whose settings it has @param {Uint8Array} network @param {Parameters<typeof workOf>[1]} known
 * @param {Partial<import("./contract.js").Settings>} [exactly] other settings
 * @returns {Promise<string>} what is to be said
 */
export async function savePage({ settings, words }, network, known, exactly) {
  const wanted = { ...settings.now, prompt: known.prompt, ...exactly };
  const [work, html] = await Promise.all([workOf(network, known, wanted), readBytes(PAGE), words.more("takeaway")]);
  const name = fileName(known.title.replace(/\.safetensors$/i, ""), ".html");
  save(new TextEncoder().encode(pageWith(new TextDecoder().decode(html), work)), name);
  return words.say("takeaway.page.saved", { name });
}
