// SPDX-License-Identifier: MIT
//
// csv.js - a distribution's table for other programs, by the clipboard.

/** @typedef {import("../../views/distribution.js").DistributionData} DistributionData */

/** @param {import("../contract.js").Desk} desk @param {DistributionData} data */
export async function copyCsv({ status, trouble, words }, data) {
  try {
    await navigator.clipboard.writeText(csv(data)); // there is none where the page came without https
    status(words.say("copied"));
  } catch {
    await words.more();
    trouble(new Error(words.say("copied.not")));
  }
}

/** Comma-separated values, every digit kept. @param {DistributionData} data */
function csv({ all, words }) {
  const quoted = (/** @type {string} */ text) => `"${text.replaceAll('"', '""')}"`;
  const rows = all().map(({ name, before, after }) => [quoted(name), before, after]);
  const columns = words.after === words.before ? 2 : 3; // the same twice is said once
  const lines = [[words.character, words.before, words.after].map(quoted), ...rows];
  return lines.map(line => `${line.slice(0, columns).join(",")}\n`).join("");
}
