// SPDX-License-Identifier: MIT
//
// onepage.js - "Save as a page": nextchar.html, the whole page in one file, with a network and settings of the reader's in it.
import { RnnError } from "../core/errors.js";
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

const FILE = `${SAVED}.safetensors`;
const PAGE = new URL("../nextchar.html", import.meta.url);
const MOST = 100_000; // characters, as of a prompt in an address
const PLACE = /(<script type="application\/json" id="work">)[^<]*(?=<\/script>)/;

/**
 * @param {Uint8Array} network its file
 * @param {{ title: string, prompt: string, about: string }} known of it; about: what it learnt from
 * @param {Partial<import("./contract.js").Settings>} settings
 * @returns {Promise<Work>}
 */
export async function workOf(network, known, settings) {
  return {
    settings: toHash({ ...defaults, ...settings, network: SAVED }, Infinity),
    listed: listedAs(known),
    archive: await pack(new Map([[`weights/${FILE}`, network]])),
  };
}

/** What a page holds that may have been tampered with. @param {any} data @returns {Work | null} null: it is not what workOf() makes */
export function checkedWork(data) {
  const { settings, listed, archive } = data ?? {};
  const texts = [settings, listed?.prompt, listed?.title?.en, archive?.gzip];
  const isWhole = texts.every(text => typeof text === "string") && typeof archive.lengths === "object" && archive.lengths;
  const about = typeof listed?.about === "string" ? listed.about : "";
  return isWhole
    ? { settings, listed: listedAs({ title: cut(listed.title.en), prompt: cut(listed.prompt), about: cut(about) }), archive }
    : null;
}

/** @param {string} text that may be of any length */
const cut = text => text.slice(0, MOST);

/** @param {{ title: string, prompt: string, about: string }} known @returns {Listed} */
const listedAs = ({ title, ...known }) => ({ name: SAVED, file: FILE, language: "", prompts: [], title: { en: title }, ...known });

/** @param {string} html of the page in one file @param {Work} work takes the place of what it was saved with before */
export function pageWith(html, work) {
  const escaped = (/** @type {string} */ sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const data = JSON.stringify(work).replace(/[<\u007f-\uffff]/g, escaped); // it cannot end its element, and is of ASCII as the page is
  if (!PLACE.test(html))
    throw new RnnError("E_FILETYPE", `what came from ${PAGE} is not the page in one file`, "Its server has to have it.");
  return html.replace(PLACE, (_, begin) => begin + data);
}

/**
 * Hands the page to the browser's downloads.
 * @param {import("./contract.js").Desk} desk whose settings it has @param {Uint8Array} network @param {Parameters<typeof workOf>[1]} known
 * @param {Partial<import("./contract.js").Settings>} [exactly] other settings
 * @returns {Promise<string>} what is to be said
 */
export async function savePage({ settings, words }, network, known, exactly) {
  const { view, text } = settings.now;
  const wanted = { ...settings.now, text: view === "score" ? text : "", prompt: known.prompt, ...exactly };
  const [work, html] = await Promise.all([workOf(network, known, wanted), readBytes(PAGE), words.more("takeaway")]);
  const name = fileName(known.title.replace(/\.safetensors$/i, ""), ".html");
  save(new TextEncoder().encode(pageWith(new TextDecoder().decode(html), work)), name);
  return words.say("takeaway.page.saved", { name });
}
