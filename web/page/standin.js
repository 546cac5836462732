// SPDX-License-Identifier: MIT
//
// standin.js - sentences of one language among those of another: each is kept apart, as it may run the other way.

const [APART, END] = ["\u2068", "\u2069"]; // first strong isolate, pop directional isolate

/** @param {Record<string, string>} sentences */
export const apart = sentences =>
  Object.fromEntries(Object.entries(sentences).map(([key, sentence]) => [key, `${APART}${sentence}${END}`]));
