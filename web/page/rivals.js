// SPDX-License-Identifier: MIT
//
// rivals.js - what others reach on the text that a network of the page was measured on, with their bytes, what they learnt from, and where
// that is said.
import { elementsOf, make } from "./elements.js";

/**
 * What reads the same text. bits: per token; learnt: a key of rivals.*; source: an address, where it was not measured here, as
 * docs/NETWORKS.md says.
 * @typedef {{ name: string, bits: number, bytes?: number, learnt: "same" | "reading", source?: string }} Rival
 */

/**
 * The best n-gram of 1 to 12 characters before, and the best PPMd; in docs/NETWORKS.md.
 * @param {[context: number, bits: number]} grams @param {[order: number, bits: number]} [ppmd]
 */
const counting = ([context, bits], ppmd) =>
  /** @type {Rival[]} */ ([
    { name: `Kneser–Ney, ${context + 1}-grams`, bits, learnt: "same" },
    ...(ppmd ? [{ name: `PPMd, order ${ppmd[0]}`, bits: ppmd[1], learnt: "reading" }] : []),
  ]);

/** @type {Rival[]} */
const shakespeare = [
  { name: "nanoGPT, 10.7 M", bits: 2.12, bytes: 42_980_352, learnt: "same", source: "https://github.com/karpathy/nanoGPT" },
  { name: "nanoGPT, 0.8 M", bits: 2.71, bytes: 3_216_384, learnt: "same", source: "https://github.com/karpathy/nanoGPT" },
  ...counting([6, 2.1879], [6, 2.0351]),
];
const pushkin = counting([12, 2.5185], [12, 2.4726]);

/** By the names of weights/index.json. @type {Record<string, Rival[]>} */
const RIVALS = {
  first: shakespeare,
  shakespeare,
  "first-ru": pushkin,
  pushkin,
  "war-and-peace": [
    { name: "Karpathy et al. 2015", bits: 1.583, learnt: "same", source: "https://arxiv.org/abs/1506.02078" },
    ...counting([8, 1.7575], [8, 1.7466]),
  ],
  course: counting([12, 1.8083], [8, 1.7936]),
  "alice-words": counting([2, 6.2555]),
};

const EXACTLY = { minimumFractionDigits: 3, maximumFractionDigits: 3 };

/**
 * A table of them and of the network, the best first.
 * @param {import("./contract.js").Desk} desk @param {import("../core/model.js").Model} model @param {number} bits of it
 * @returns {HTMLElement | undefined} undefined: nobody else was measured on that text
 */
export function rivalsOf(desk, { bytes, metadata }, bits) {
  const { name: network } = metadata;
  const others = Object.hasOwn(RIVALS, network) ? RIVALS[network] : undefined;
  if (!others || !bits) return undefined;
  const { say, number } = desk.words;
  const head = [say("rivals.bits"), say("facts.bytes")].map(textContent => make("th", { scope: "col", textContent }));
  const row = (/** @type {Rival} */ rival) => {
    const { name, learnt, source } = rival;
    const isOwn = rival === own;
    const who = source
      ? make("a", { href: source, target: "_blank", rel: "noopener", textContent: name })
      : make("bdi", { textContent: name });
    const note = make("div", { className: "note", textContent: say(`rivals.${learnt}`) });
    const figures = [number(rival.bits, EXACTLY), rival.bytes ? megabytes(rival.bytes) : "–"].map(textContent =>
      make("td", { textContent }),
    );
    return make("tr", { className: isOwn ? "chosen" : "" }, make("th", { scope: "row" }, who, note), ...figures);
  };
  const megabytes = (/** @type {number} */ count) => say("rivals.bytes", { size: number(count / 1e6, { maximumSignificantDigits: 2 }) });
  /** @type {Rival} */
  const own = { name: say("rivals.own"), bits, bytes, learnt: "same" };
  const rows = [own, ...others].sort((one, other) => one.bits - other.bits).map(row);
  const { worded } = elementsOf(desk);
  return make("table", {}, worded("caption", "rivals"), make("thead", {}, make("tr", {}, make("td"), ...head)), make("tbody", {}, ...rows));
}
