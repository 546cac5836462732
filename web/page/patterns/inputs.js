// SPDX-License-Identifier: MIT
//
// inputs.js - how a network that answers is given what it reads: a line of text, one of its classes, or (drawing.js) a picture. Each
// stands in the address as text.
import { elementsOf, fill, make } from "../elements.js";

/** @typedef {import("../contract.js").Desk} Desk */
/** @typedef {import("../../core/pattern.js").Input} Input */
/** @typedef {import("./depict.js").Answering} Answering */

/**
 * @typedef {object} Control
 * @property {HTMLElement} element
 * @property {(text: string) => void} show what stands in the address
 * @property {() => void} free
 */

/** Makes a control; key: of its label. @typedef {(desk: Desk, key: string, changed: (text: string) => void) => Control} MakeControl */

/**
 * How a network is asked.
 * @typedef {object} Inputs
 * @property {MakeControl} control
 * @property {MakeControl} other where one control is there already
 * @property {(text: string) => Input | null} valueOf what the network reads where that stands in the address; null: nothing
 */

const MOST = 200; // characters that are read
const CLOTHES = "clothes"; // how the names of networks begin that know their pictures

/** @param {Answering} network @returns {network is import("../../core/pattern.js").Pattern} */
export const isPicture = network => network.pattern === "one-to-many" && network.side > 0;

/** @param {Answering} network */
export const isClass = network => network.pattern === "one-to-many" && !network.side;

/** @param {Answering} network @returns {Promise<Inputs>} */
export async function inputsOf(network) {
  if (network.metadata.name?.startsWith(CLOTHES)) return (await import("./clothing.js")).clothing;
  if (isPicture(network)) return (await import("./drawing.js")).inputsOf(network);
  const { vocabulary } = network;
  /** @type {MakeControl} */
  const list = (desk, key, changed) => listOf(desk, vocabulary, key, changed);
  if (isClass(network)) return { control: list, other: list, valueOf: text => (vocabulary.includes(text) ? text : null) };
  return { control: line, other: line, valueOf: text => [...text.normalize("NFC")].slice(0, MOST).join("") || null };
}

/** @type {MakeControl} */
function line(desk, key, changed) {
  const box = make("input", { type: "text", spellcheck: false, autocomplete: "off", dir: "auto", maxLength: MOST });
  box.oninput = () => changed(box.value);
  return {
    element: elementsOf(desk).field(key, box),
    show(text) {
      if (box.value !== text) box.value = text;
    },
    free() {},
  };
}

/**
 * @param {Desk} desk @param {string[]} names @param {string} key @param {(text: string) => void} changed
 * @param {(name: string) => string} [titleOf] what a name is called @returns {Control}
 */
export function listOf(desk, names, key, changed, titleOf = name => name) {
  const box = make("select", { onchange: () => changed(box.value) });
  return {
    element: elementsOf(desk).field(key, box),
    show(text) {
      const options = names.map(name => /** @type {[string, string]} */ ([name, titleOf(name)]));
      fill(box, options, text);
    },
    free() {},
  };
}
