// SPDX-License-Identifier: MIT
//
// facts.js - what the network in use is and where it comes from, for whoever opens that.
import { short } from "./describe.js";
import { rivalsOf } from "./rivals.js";
import { draw } from "../views/list.js";

/** @typedef {import("./contract.js").Words} Words */
/** @typedef {import("../core/model.js").Model} Model */

/** @param {HTMLElement} root @param {import("./contract.js").Desk} desk */
export function mount(root, desk) {
  const { network, settings, words } = desk;
  function show() {
    const { model } = network;
    if (!model) return;
    draw(root, factsOf(words, model, network.about));
    const isListed = model.metadata.name === settings.now.network; // a file of the reader's may have any name
    const rivals = isListed && rivalsOf(desk, model, heldOutOf(model));
    if (rivals) root.append(rivals);
  }
  return { show, free: () => root.replaceChildren() };
}

/** Bits per token on a text that it was not trained on; NaN: its file says none. @param {Model} model */
const heldOutOf = ({ metadata }) => Number(metadata["heldOut.bitsPerCharacter"] ?? metadata["heldOut.bitsPerToken"]);

const MOST = 500; // characters of what a file says of itself

/** @param {string} text */
const cut = text => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);

/** @param {Words} words @param {Model} model @param {string} about what it learnt from, where its file does not say so */
function factsOf(words, model, about) {
  const { say, number } = words;
  const { metadata } = model;
  const heldOut = heldOutOf(model);
  const perplexity = number(2 ** heldOut, { maximumSignificantDigits: 3 });
  const list = [
    ["facts.cell", model.cell.toUpperCase()],
    ["facts.size", say("facts.size.value", { layers: model.layers, hidden: model.hidden })],
    ["facts.vocabulary", say("facts.vocabulary.value", { count: model.vocabulary.length })],
    [
      "facts.bytes",
      say("facts.bytes.value", { kilobytes: number(Math.round(model.bytes / 1000)), int8: model.quantized ? say("facts.int8") : "" }),
    ],
    ["facts.heldout", heldOut ? say("facts.heldout.value", { bits: short(words, heldOut), perplexity }) : ""],
    ["facts.corpus", cut(metadata.corpus ?? about)],
    ["facts.terms", cut(metadata.terms ?? "")],
    ["facts.build", { relaxed: "WebAssembly, relaxed SIMD", simd128: "WebAssembly SIMD", scalar: "WebAssembly" }[model.isa]],
  ];
  list.push(["language", say("language.note")]); // who wrote these words, where that is to be said
  return list.filter(([, value]) => value).map(([name, value]) => ({ name: say(name), value }));
}
