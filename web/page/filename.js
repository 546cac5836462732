// SPDX-License-Identifier: MIT
//
// filename.js - how what is saved is called: by what it is about, and by the day.

const MOST = 40; // characters of the title: some systems take but 255 bytes in all

/**
 * names-2026-11-25.safetensors
 * @param {string} title anything: its letters and digits are taken, of any script; "network" where it has none
 * @param {string} ending what comes behind the day, such as "-int8.safetensors"
 */
export function fileName(title, ending) {
  const words = title.normalize("NFC").match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  let name = [...(words[0] ?? "network")].slice(0, MOST).join("");
  for (const word of words.slice(1)) {
    if ([...name, ...word].length >= MOST) break;
    name += `-${word}`;
  }
  return `${name}-${today()}${ending}`;
}

/** In the reader's own time zone. */
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(number => String(number).padStart(2, "0")).join("-");
}
