// SPDX-License-Identifier: MIT
//
// newcomers.js - files that come to the page and may be texts: told from others, with the offer to learn from them.
import { latin1 } from "../core/sources.js";
import { refuseForWeights } from "../core/filetypes.js";
import { elementsOf, make, style } from "./elements.js";

const HEAD = 4096; // bytes that are looked at
const NAMED = /\.(txt|text|md|csv|tsv|srt|log|tex|rst)$/i;
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/; // no text of 8 bits has them
const UTF16 = /^(\xff\xfe|\xfe\xff)/;
const WEIGHTS = /^[^]{2}[\0-\x10]\0{5}[\s{]/; // a length, then JSON

/** Whether all of them read as text. @param {File[]} files */
async function areTexts(files) {
  const each = await Promise.all(files.map(isText));
  return files.length > 0 && each.every(Boolean);
}

/** @param {File} file */
async function isText(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const head = new TextDecoder("latin1").decode(bytes);
  if (!head || WEIGHTS.test(head)) return false;
  if (NAMED.test(file.name)) return true;
  return (UTF16.test(head) || !CONTROLS.test(head)) && !isKnown(latin1(bytes), file.name);
}

/** Whether its first bytes are those of another kind of file. @param {string} head @param {string} name */
function isKnown(head, name) {
  try {
    refuseForWeights(head, name);
    return head.startsWith("%PDF");
  } catch {
    return true;
  }
}

/**
 * Asks whether a network shall learn them; false: they are no texts.
 * @param {import("./contract.js").Desk} desk @param {HTMLElement} box where it asks @param {File[]} files
 */
export async function offer(desk, box, files) {
  const { noTrouble, trouble, words } = desk;
  if (!(await areTexts(files))) return false;
  await Promise.all([words.more("takeaway"), style("./late.css")]);
  const { button } = elementsOf(desk);
  const name = files.length === 1 ? files[0].name : words.say("takeaway.several", { count: files.length });
  const yes = button("takeaway.learn", () => learn(desk, files).catch(trouble), "main", "learn");
  const no = button("takeaway.notnow", noTrouble, "", "learn-not");
  box.replaceChildren(words.say("takeaway.offer", { name }), make("div", { className: "row answers" }, yes, no));
  box.hidden = false;
  box.scrollIntoView({ block: "nearest", behavior: "instant" });
  yes.focus();
  return true;
}

/** @param {import("./contract.js").Desk} desk @param {File[]} files */
async function learn({ go, noTrouble, view, words }, files) {
  noTrouble();
  go("train");
  const train = await view();
  if (train?.openFile && !(await train.openFile(...files))) throw new Error(words.say("takeaway.busy"));
}
