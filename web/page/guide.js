// SPDX-License-Identifier: MIT
//
// guide.js - moments of the lesson: each sets the page up; lang/ says in two sentences what to look at.

/**
 * @typedef {object} Moment
 * @property {string} key of its words: guide.KEY, guide.KEY.note
 * @property {Partial<import("./settings.js").Settings>} settings others than the defaults
 * @property {(writing: typeof import("./write.js")) => void} [then] what to do once the network is there
 */

/** @type {Moment[]} */
export const moments = [
  { key: "loop", settings: { network: "shakespeare", temperature: 0, length: 300 } },
  { key: "play", settings: { network: "shakespeare", prompt: "Play", temperature: 1, length: 60, at: 4 } },
  { key: "temperatures", settings: { view: "temperatures", length: 300 } },
  { key: "dice", settings: { network: "shakespeare", prompt: "ROMEO:\n", length: 120 }, then: writing => writing.sameDiceAtEnd(1.2) },
  {
    key: "score",
    settings: {
      view: "score",
      network: "shakespeare",
      text: "To be, or not to be, that is the questoin:\nWhether 'tis nobler in the mind to suffer\nThe slings and arrows of outrageous fortune,",
    },
  },
  { key: "cell", settings: { network: "shakespeare", panel: "cell", tint: "unit", length: 300 } },
];
