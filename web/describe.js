// SPDX-License-Identifier: MIT
//
// describe.js - what the views draw, from a model and its steps, in the reader's language.
import { number, percent, say } from "./i18n.js";

/** @typedef {import("./rnn.js").Model} Model */
/** @typedef {import("./rnn.js").Step} Step */

/**
 * A character of the text: the step that wrote it, and what stands there, which a reader may have changed.
 * @typedef {{ step: Step, id: number, text: string, bits: number, byHand: boolean }} Written
 */

const TOP = 10;

/** @type {Record<string, string>} */
const INVISIBLE = { " ": "character.space", "\n": "character.newline", "\t": "character.tab", "\u00a0": "character.nbsp" };

/** How a character is called. @param {string} text */
export function nameOf(text) {
  return text in INVISIBLE ? say(INVISIBLE[text]) : text;
}

/** Enough digits to tell small probabilities apart. @param {number} p */
function probability(p) {
  return p > 0 && p < 0.0005 ? `< ${percent(0.001)}` : percent(p);
}

/** @param {number} value */
function short(value) {
  return number(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
}

/** @param {Float32Array} probs */
function entropy(probs) {
  return probs.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

/**
 * @param {Model} model
 * @param {Written} written
 * @param {number} place in the text written, from 0
 * @returns {import("./views/distribution.js").DistributionData}
 */
export function distribution(model, { step, id, text, byHand }, place) {
  const before = step.probs(1, { topK: 0, topP: 1 }), after = step.probs();
  const ids = [...before.keys()].sort((a, b) => after[b] - after[a] || before[b] - before[a]).slice(0, TOP);
  if (!ids.includes(id)) ids[TOP - 1] = id; // what came is always there to see
  const character = `“${nameOf(text)}”`, temperature = number(step.temperature, { maximumSignificantDigits: 6 });
  return {
    top: ids.map((id) => candidate(model, id, before[id], after[id])),
    strip: [...after.keys()].filter((id) => after[id] > 0).map((id) => ({ id, p: after[id] })),
    chosen: id,
    u: byHand ? null : step.u,
    words: {
      of: say("why.of", { position: number(place + 1) }),
      before: say("why.before"),
      after: say("why.after", { temperature }),
      dice: byHand ? say("why.byhand", { character }) : say("why.dice", { u: number(step.u, { maximumFractionDigits: 3 }), character }),
      whatIf: say("why.whatif"),
      table: say("why.table"),
      character: say("why.character"),
    },
    numbers: [
      { name: say("why.p"), value: probability(after[id]) },
      { name: say("why.bits"), value: after[id] > 0 ? say("why.bits.unit", { bits: short(Math.log2(1 / after[id])) }) : "∞" },
      { name: say("why.entropy"), value: say("why.bits.unit", { bits: short(entropy(after)) }) },
    ],
  };
}

/** @param {Model} model @param {number} id @param {number} before @param {number} after */
function candidate(model, id, before, after) {
  const name = nameOf(model.vocabulary[id]), beforeText = probability(before), afterText = probability(after);
  return { id, name, before, after, beforeText, afterText, label: say("why.choose", { character: name, before: beforeText, after: afterText }) };
}

/** @param {Model} model */
export function facts(model) {
  const { metadata } = model;
  const heldOut = Number(metadata["heldOut.bitsPerCharacter"]);
  const list = [
    ["facts.cell", model.cell.toUpperCase()],
    ["facts.size", say("facts.size.value", { layers: model.layers, hidden: number(model.hidden) })],
    ["facts.vocabulary", say("facts.vocabulary.value", { count: number(model.vocabulary.length) })],
    ["facts.bytes", say("facts.bytes.value", { kilobytes: number(Math.round(model.bytes / 1000)), int8: model.quantized ? say("facts.int8") : "" })],
    ["facts.heldout", heldOut ? say("facts.heldout.value", { bits: short(heldOut) }) : ""],
    ["facts.corpus", metadata.corpus ?? ""],
    ["facts.terms", metadata.terms ?? ""],
    ["facts.build", model.isa === "scalar" ? "WebAssembly" : "WebAssembly SIMD"],
  ];
  return list.filter(([, value]) => value).map(([name, value]) => ({ name: say(name), value }));
}
