// SPDX-License-Identifier: MIT
//
// moments.js - how the desk is set up for each moment of the lesson. Fetched when one is taken.

/**
 * @typedef {object} Moment
 * @property {Partial<import("./contract.js").Settings>} settings others than the defaults
 * @property {(writing: import("./write.js").Write) => void} [then] what to do once the network is there
 */

/** By the keys of their words. @type {Readonly<Record<string, Moment>>} */
export const moments = {
  loop: { settings: { network: "shakespeare", temperature: 0, length: 300 } },
  play: { settings: { network: "shakespeare", prompt: "Play", temperature: 1, length: 60, at: 4 } },
  temperatures: { settings: { view: "temperatures", length: 300 } },
  dice: { settings: { network: "shakespeare", prompt: "ROMEO:\n", length: 120 }, then: writing => writing.sameDiceAtEnd(1.2) },
  score: {
    settings: {
      view: "score",
      network: "shakespeare",
      text: `To be, or not to be, that is the questoin:
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune,`,
    },
  },
  cell: { settings: { network: "shakespeare", panel: "cell", tint: "unit", length: 300 } },
  patterns: { settings: { view: "patterns", pattern: "sequence" } },
};
