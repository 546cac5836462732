// SPDX-License-Identifier: MIT
//
// What the tests of the page's controls share: the page's own words, what it shows, and files that are given to it.
import { readFileSync } from "node:fs";

export const PATIENCE = 60_000; // milliseconds for something to become true

const read = name => JSON.parse(readFileSync(new URL(`../../web/lang/${name}.json`, import.meta.url)));
export const words = { ...read("en"), ...read("en.views"), ...read("en.learn"), ...read("en.train"), ...read("en.takeaway") };
/** A sentence of the page as a pattern; what is filled in is anything, with the form that it takes. */
export const said = (key, values = {}) =>
  words[key]
    .replace(/\[([^|\]]*)\|[^\]]*\]/g, "$1")
    .replace(/\{(\w+)(\|[^}]*)?\}|[.*+?^$()|\\]/g, (found, name, forms) => {
      const value = values[name] ?? ".*";
      return forms ? `.*${value}.*` : name ? value : `\\${found}`;
    });
export const weights = name => readFileSync(new URL(`../../weights/${name}.safetensors`, import.meta.url));

export const isDone = least => document.querySelector("#stop")?.hidden && document.querySelectorAll("#text .c:not(.given)").length >= least;
export const isRested = () => !document.querySelector('[aria-busy="true"]');

export const textOf = (page, selector = "#text") => page.$eval(selector, element => element.textContent);
/** Until what is shown there matches. */
export const shows = (page, selector, pattern) =>
  page.waitForFunction(
    (selector, pattern) => new RegExp(pattern, "is").test(document.querySelector(selector)?.textContent),
    {},
    `${selector}:not([hidden])`,
    pattern,
  );
export const troubles = (page, pattern) => shows(page, "#trouble", pattern);
/** Gives files to a box for files; each is a name and its bytes, or its text. */
export const choose = (page, selector, ...files) =>
  page.$eval(
    selector,
    (input, files) => {
      const transfer = new DataTransfer();
      for (const [name, content] of files)
        transfer.items.add(new File([typeof content === "string" ? content : Uint8Array.from(content)], name));
      input.files = transfer.files;
      input.dispatchEvent(new Event("change"));
    },
    files.map(([name, content]) => [name, typeof content === "string" ? content : [...content]]),
  );
/** Drops files, or a dragged text, on an element; whether the page takes it. */
export const drop = (page, selector, ...files) =>
  page.$eval(
    selector,
    (target, files) => {
      const dataTransfer = new DataTransfer();
      for (const [name, content] of files) dataTransfer.items.add(new File([Uint8Array.from(content)], name));
      if (!files.length) dataTransfer.setData("text/plain", "a dragged selection");
      const event = type => new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
      target.dispatchEvent(event("dragover"));
      const wasOver = Boolean(target.closest(".over"));
      target.dispatchEvent(event("dragleave"));
      target.dispatchEvent(event("dragover"));
      const dropped = event("drop");
      target.dispatchEvent(dropped);
      return { isTaken: dropped.defaultPrevented, wasOver, isOver: Boolean(target.closest(".over")) };
    },
    files.map(([name, content]) => [name, [...Buffer.from(content)]]),
  );

/** Opens what is folded away under a part's name, until it is there. @param {any} page of puppeteer or an engine @param {string} there */
export async function unfold(page, part, there) {
  const open = part => void (document.querySelector(`details[data-part=${part}]`).open = true);
  await (page.run ? page.run(open, part) : page.evaluate(open, part));
  const isThere = selector => Boolean(document.querySelector(selector));
  await (page.waitFor ? page.waitFor(isThere, there) : page.waitForFunction(isThere, {}, there));
}
/** Colours the text by that. */
export async function tintBy(page, tint) {
  await unfold(page, "more", "#tint option");
  await page.select("#tint", tint);
}
/** Copies the link to what is shown. */
export async function copyLink(page) {
  await unfold(page, "share", "#link");
  await page.click("#link");
}
