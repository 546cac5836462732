// SPDX-License-Identifier: MIT
//
// depict.js - what the view "Five patterns" draws, from the units of a network that answers, in the words of a desk.
import { TOP, candidate, nameOf, numbers, pieces, probability, signOf } from "../describe.js";

/** @typedef {import("../../core/pattern.js").Unit} Unit */
/** @typedef {import("../../core/pattern.js").Pattern | import("../../core/bigrams.js").Bigrams} Answering */
/** @typedef {import("../contract.js").Words} Words */

/** What stands for a token where there is room for a few letters. @param {Words} words @param {string | null} token */
const signed = (words, token) => (token === null ? "" : (signOf(token) ?? nameOf(words, token)));

/** The id of what a unit wrote. @param {Answering} network @param {Unit} unit */
const idOf = ({ labels, end }, { label }) => (label === null ? end : labels.indexOf(label));

/** How a label is called. @param {Words} words @param {Answering} network @param {number} id */
const nameAt = (words, { labels, end }, id) => (id === end ? words.say("unit.end") : nameOf(words, labels[id]));

/** How probable what a unit wrote was; null: it wrote nothing. @param {Answering} network @param {Unit} unit */
const shareOf = (network, unit) => unit.probs && unit.probs[idOf(network, unit)];

/** @param {Words} words @param {Answering} network @param {Unit[]} units @returns {import("../../views/unrolled.js").Column[]} */
export function columnsOf(words, network, units) {
  return units.map((unit, at) => {
    const share = shareOf(network, unit);
    const read = signed(words, unit.token);
    const written = share === null ? "" : unit.label === null ? words.say("unit.end") : signed(words, unit.label);
    const p = share === null ? "" : probability(words, share);
    return {
      read,
      written,
      p,
      share: share ?? 0,
      state: unit.h,
      isFirst: at === 0 || unit.stack !== units[at - 1].stack,
      label: sentenceOf(words, unit, at, p),
    };
  });
}

/** A unit in words. @param {Words} words @param {Unit} unit @param {number} at @param {string} p */
function sentenceOf(words, { token, label, probs }, at, p) {
  const { say, number } = words;
  const reads = token === null ? say("unit.reads.nothing") : say("unit.reads", { token: nameOf(words, token) });
  const writes = !probs
    ? say("unit.writes.nothing")
    : say("unit.writes", { label: label === null ? say("unit.end") : nameOf(words, label), p });
  return say("unit.label", { number: number(at + 1), reads, writes });
}

/** Probabilities at a temperature; at 0, where the best is taken, as learnt. @param {Float32Array} probs @param {number} temperature */
function atTemperature(probs, temperature) {
  if (temperature === 0 || temperature === 1) return probs;
  const most = Math.max(...probs);
  const raised = probs.map(p => (p / most) ** (1 / temperature));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map(p => p / sum);
}

/**
 * @param {Words} words @param {Answering} network @param {Unit} unit that writes @param {number} temperature
 * @returns {import("../../views/distribution.js").DistributionData}
 */
export function distributionOf(words, network, unit, temperature) {
  const { say, number } = words;
  const { token } = unit;
  const before = /** @type {Float32Array} */ (unit.probs);
  const after = atTemperature(before, temperature);
  const chosen = idOf(network, unit);
  const ids = [...before.keys()].sort((a, b) => after[b] - after[a]);
  const others = ids.slice(TOP);
  const restOf = (/** @type {Float32Array} */ p) => others.reduce((sum, id) => sum + p[id], 0);
  const candidates = (/** @type {number[]} */ some) =>
    some.map(id => candidate(words, nameAt(words, network, id), { id, before: before[id], after: after[id] }));
  return {
    top: candidates(ids.slice(0, TOP)),
    rest: {
      before: restOf(before),
      after: restOf(after),
      beforeText: probability(words, restOf(before)),
      afterText: probability(words, restOf(after)),
    },
    strip: pieces(after, chosen),
    all: () => candidates(ids),
    chosen,
    u: null,
    canChoose: false,
    numbers: numbers(words, before, after, chosen),
    words: {
      came: say("quoted", { text: nameAt(words, network, chosen) }),
      of: token === null ? say("unit.of.nothing") : say("unit.of", { token: nameOf(words, token) }),
      before: say("why.before"),
      after: after === before ? say("why.before") : say("why.after", { temperature: number(temperature) }),
      dice: "",
      whatIf: "",
      rest: say("why.rest", { count: others.length }),
      table: say("why.table"),
      character: say("unit.label.heading"),
      csv: say("why.csv"),
    },
  };
}

/** The best labels of a unit. @param {Words} words @param {Answering} network @param {Unit} unit @param {number} count */
export function bestOf(words, network, unit, count) {
  const all = unit.probs ?? new Float32Array();
  const ids = [...all.keys()].sort((a, b) => all[b] - all[a]).slice(0, count);
  return ids.map(id => ({
    name: nameAt(words, network, id),
    sign: signOf(network.labels[id]),
    p: all[id],
    text: probability(words, all[id]),
    chosen: id === idOf(network, unit),
  }));
}

/** A table's rows, one a unit. @param {Words} words @param {Answering} network @param {Unit[]} units @returns {string[][]} */
export function rowsOf(words, network, units) {
  return columnsOf(words, network, units).map(({ read, written, p }, at) => [
    words.number(at + 1),
    words.say(units[at].stack === "encoder" ? "unit.encoder" : "unit.network"),
    read,
    written,
    p,
    bestOf(words, network, units[at], 3)
      .slice(1)
      .map(({ name, text }) => `${name} ${text}`)
      .join(", "),
  ]);
}
