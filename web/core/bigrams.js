// SPDX-License-Identifier: MIT
//
// bigrams.js - a network without layers, the lesson's one-to-one: each token has its row of logits and nothing is remembered. Made by
// counting (nextchar train --pattern one-to-one), it is the bigram table.
import { RnnError, checkText } from "./errors.js";
import { openWeights } from "./model.js";
import { Stream } from "./pattern.js";

/** @typedef {import("./wasm.js").Core} Core */
/** @typedef {import("./pattern.js").Unit} Unit */

/**
 * @param {import("./types.js").Source} source as load() takes it
 * @param {import("./types.js").LoadOptions} [options]
 * @returns {Promise<Bigrams>}
 * @throws {RnnError} E_SHAPE: the network has layers
 */
export async function loadBigrams(source, options = {}) {
  return openWeights(source, options, (core, file) =>
    core.lendBytes(file, at =>
      core.lend(4, out => {
        const model = core.made(core.wasm.rnn_network_load(at, file.length, out));
        if (core.wasm.rnn_layers(model)) throw new RnnError("E_SHAPE", "the network has layers", "Open it with load().");
        return new Bigrams(core, model, /** @type {import("./pattern.js").VocabHandle} */ (core.count(out)), file.length);
      }),
    ),
  );
}

/** What follows each token. Made by loadBigrams(). */
export class Bigrams {
  /** @type {Core | null} null: it was freed */
  #core;
  #model;
  #ids;
  pattern = /** @type {const} */ ("one-to-one");
  /** no label ends what it writes */
  end = -1;

  /**
   * @internal
   * @param {Core} core an instance for it alone @param {import("./pattern.js").ModelHandle} model
   * @param {import("./pattern.js").VocabHandle} vocab @param {number} bytes of its file
   */
  constructor(core, model, vocab, bytes) {
    const { wasm } = core;
    this.#core = core;
    this.#model = model;
    /** of the file */
    this.bytes = bytes;
    /** what the file says of itself; without a prototype, so that any key is safe */
    this.metadata = core.metadata(wasm.rnn_meta(model) >>> 0);
    /** texts of the tokens, in id order */
    this.vocabulary = Array.from({ length: wasm.rnn_vocab_size(vocab) }, (_, id) => core.text(wasm.rnn_token(vocab, id)));
    this.labels = this.vocabulary;
    this.#ids = new Map(this.vocabulary.map((token, id) => [token, id]));
  }

  /** The characters of a text that it does not know, each once. @param {string} input */
  unknown(input) {
    return [...new Set(input)].filter(character => !this.#ids.has(character));
  }

  /**
   * A unit for each character; of one that it does not know the token is null.
   * @param {string} input @returns {Generator<Unit, void, undefined>}
   */
  *units(input) {
    checkText(input, "what is to be read");
    const core = this.#core;
    if (!core) throw new RnnError("E_FREED", "the table was freed", "Load it again.");
    const stream = new Stream(core, this.#model);
    const nothing = new Float32Array();
    try {
      for (const character of input) {
        const id = this.#ids.get(character) ?? -1;
        stream.read(id);
        const probs = core.probs(stream.logits(this.labels.length), { temperature: 1, topK: 0, topP: 1 });
        const label = this.labels[probs.indexOf(Math.max(...probs))];
        yield { stack: "network", token: this.vocabulary[id] ?? null, label, probs, h: nothing, c: nothing, gates: nothing };
      }
    } finally {
      stream.free();
    }
  }

  /** Gives its memory back. */
  free() {
    this.#core = null;
  }
}
