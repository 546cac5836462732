// SPDX-License-Identifier: MIT
//
// textindex.js - where a text stands in another one, letter for letter.
import { buildFor } from "./builds.js";
import { RnnError, checkWhole } from "./errors.js";
import { encode } from "./network.js";
import { utf8Of } from "./utf8.js";
import { Core, charactersIn } from "./wasm.js";

/** A text in which others are looked up, character by character. */
export class TextIndex {
  #core;
  #vocab;
  #index;
  #starts;

  /** @param {string} text @returns {Promise<TextIndex>} @throws {RnnError} E_TEXT: it is empty */
  static async of(text) {
    if (text === "") throw new RnnError("E_TEXT", "the text is empty: there is nothing to look in", "Give it a text.");
    return new TextIndex(await Core.start((await buildFor()).module), text);
  }

  /** @internal @param {Core} core an instance for it alone @param {string} text */
  constructor(core, text) {
    const { wasm } = core;
    const utf8 = utf8Of(text);
    this.#core = core;
    this.#vocab = core.lendBytes(utf8, address => core.made(wasm.rnn_vocab_build(address, utf8.length, 0, 0)));
    const { ids } = encode(core, this.#vocab, utf8);
    this.#index = core.lend(4 * ids.length, address => {
      core.allIds.set(ids, address / 4);
      return core.made(wasm.rnn_index_new(address, ids.length));
    });
    this.#starts = startsOf(text);
  }

  /**
   * The spans of a text that stand in the indexed one letter for letter, each as long as can be; they may overlap.
   * @param {string} text @param {number} [least] characters of a span
   * @returns {{ spans: { from: number, to: number, at: number }[], novelty: number }} places as in a string: `at` in the
   *   indexed text; novelty is the share of the characters that stand in no span
   */
  find(text, least = 20) {
    checkWhole("least", least, 1, 2 ** 20);
    const { ids } = encode(this.#core, this.#vocab, utf8Of(text));
    const starts = startsOf(text);
    /** @type {{ from: number, to: number, at: number }[]} */
    const spans = [];
    let copied = 0;
    let end = 0;
    const { lengths, at } = this.#look(ids);
    for (let begin = 0; begin < ids.length; begin++) {
      if (lengths[begin] < least) continue;
      const behind = begin + lengths[begin];
      spans.push({ from: starts(begin), to: starts(behind), at: this.#starts(at[begin]) });
      copied += behind - Math.max(begin, end);
      end = behind;
      begin = end - least; // the next one may begin within this one, but ends behind it
    }
    return { spans, novelty: ids.length ? 1 - copied / ids.length : 1 };
  }

  /** How many of the tokens from each on stand in the indexed text, and where. @param {Int32Array} ids */
  #look(ids) {
    const core = this.#core;
    return core.lend(12 * ids.length, address => {
      const [lengths, at] = [address + 4 * ids.length, address + 8 * ids.length];
      core.allIds.set(ids, address / 4);
      core.wasm.rnn_index_find(this.#index, address, ids.length, lengths, at);
      return { lengths: core.ids(lengths, ids.length).slice(), at: core.ids(at, ids.length).slice() };
    });
  }
}

/** From the number of a character to its place in the string. @param {string} text @returns {(character: number) => number} */
function startsOf(text) {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) return character => character;
  const starts = new Int32Array(charactersIn(text) + 1);
  let at = 0;
  let i = 0;
  for (const character of text) starts[i++] = (at += character.length) - character.length;
  starts[i] = at;
  return character => starts[character];
}
