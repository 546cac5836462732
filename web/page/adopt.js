// SPDX-License-Identifier: MIT
//
// adopt.js - the page's style sheets for a desk in a shadow root, which those of the document do not reach.
import { readBytes } from "../core/sources.js";

const ROOT = /^(:root|html|body)$/;
const WIDTH = /\bwidth\b/;

/** By their paths: all shadow roots share them. @type {Map<string, Promise<CSSStyleSheet>>} */
const sheets = new Map();

/**
 * @param {ShadowRoot} shadow @param {...string} paths from web/page/
 * @returns {Promise<void>} when they are there
 */
export async function adopt(shadow, ...paths) {
  const adopted = shadow.adoptedStyleSheets;
  for (const sheet of await Promise.all(paths.map(sheetOf))) if (!adopted.includes(sheet)) adopted.push(sheet);
}

/** One that could not be fetched is asked for again by the next one. @param {string} path */
function sheetOf(path) {
  const known = sheets.get(path);
  if (known) return known;
  const fetched = fetchSheet(path);
  sheets.set(path, fetched);
  fetched.catch(() => sheets.delete(path));
  return fetched;
}

/** @param {string} path */
async function fetchSheet(path) {
  const text = new TextDecoder().decode(await readBytes(new URL(path, import.meta.url)));
  const sheet = new CSSStyleSheet({ media: path.endsWith("/print.css") ? "print" : "all" });
  sheet.replaceSync(text.replace(/(?<=\d)vw\b/g, "cqw"));
  settle(sheet);
  return sheet;
}

/** What is said of a page is said of the desk, and its width is the element's. @param {CSSStyleSheet | CSSGroupingRule} within */
function settle(within) {
  for (let i = within.cssRules.length - 1; i >= 0; i--) {
    const rule = within.cssRules[i];
    if (rule instanceof CSSStyleRule && ROOT.test(rule.selectorText)) rule.selectorText = ":where(.nextchar)";
    if (!(rule instanceof CSSMediaRule)) continue;
    settle(rule);
    if (!WIDTH.test(rule.conditionText)) continue;
    const body = [...rule.cssRules].map(({ cssText }) => cssText).join("\n");
    within.deleteRule(i);
    for (const condition of rule.conditionText.split(",")) within.insertRule(inContainer(condition, body), i);
  }
}

/** @param {string} condition such as "(min-width: 36rem) and (max-height: 30rem)" @param {string} body */
function inContainer(condition, body) {
  const parts = condition.trim().split(" and ");
  const heights = parts.filter(part => !WIDTH.test(part)).join(" and ") || "all";
  const widths = parts.filter(part => WIDTH.test(part)).join(" and ");
  return `@media ${heights} { @container ${widths} { ${body} } }`;
}
