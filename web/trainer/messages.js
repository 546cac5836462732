// SPDX-License-Identifier: MIT
//
// messages.js - what a page and its worker that trains say to each other, and that worker and its partner: types alone.

/** @typedef {import("../core/recipe.js").TrainSettings} TrainSettings */
/** @typedef {import("../core/examples.js").ExampleSettings} ExampleSettings */
/** @typedef {import("../core/types.js").ErrorCode} ErrorCode */
/** @typedef {import("./decoding.js").Choice} Choice */
/** @typedef {import("./decoding.js").Read} Read */
/** @typedef {import("./history.js").History} History */
/** @typedef {import("./history.js").Point} Point */
/** @typedef {import("./history.js").Sample} Sample */
/** @typedef {import("./history.js").Best} Best */
/** @typedef {import("./baseline.js").Baseline} Baseline */
/** @typedef {import("./sheet.js").Problem} Problem */
/** @typedef {import("./tasks.js").Example} Example */

/**
 * What the page asks for. The first five come before a training:
 * text: makes one text of files, or of a given one, as its person chooses or by guess; answered by text.
 * read: prepares a training of a text, of a new network or of that of a file; answered by prepared. So are resume, of what the browser
 * keeps, and open, of a file that a checkpoint's answer gave.
 * practise: prepares a training of examples: a task by its name in tasks.js; a table of two columns, see sheet.js, pasted or of
 * files, as the pattern that is given or that it looks like; or a file that a checkpoint's answer gave. Answered by lesson.
 *
 * Of the training that was prepared last, of a text or of examples:
 * start: begins or goes on, with 1 or 2 workers; keep: in the browser's storage: examples are learnt by one and not kept. pause:
 * answered by paused. stop: ends it early, its network stays; answered by end. rate: a factor of the learning rate. temperature: of
 * the samples of a text.
 * items: what its network, of a text, writes: of a list lines, of other texts pieces up to the end of a sentence or paragraph.
 * weights: the network as a file; use comes back with it. checkpoint: the training as a file. Each answered by its namesake.
 * which, of items and weights: the network as it is now, or the one that was best on what is held out; the answer says which one it is:
 * "last" too, where none was measured. weights without it: "best".
 *
 * Of the browser's storage: look: answered by found; forget: empties it.
 * Of texts: index: takes one, in which copies then finds what of another one stands there. Each answered by its namesake.
 * relay: what the partner says, see FromPartner. ping: answered by pong.
 *
 * @typedef {({ type: "text", given: string | File[], id: number } & Choice)
 *   | { type: "read", text: string, settings: Partial<TrainSettings>, from?: Uint8Array }
 *   | { type: "resume" }
 *   | { type: "open", file: Blob }
 *   | { type: "practise", task: string }
 *   | { type: "practise", text: string | File[], pattern?: "many-to-one" | "sequence" }
 *   | { type: "practise", checkpoint: Blob }
 *   | { type: "start", workers: number, keep: boolean }
 *   | { type: "pause" }
 *   | { type: "stop" }
 *   | { type: "rate", factor: number }
 *   | { type: "temperature", temperature: number }
 *   | { type: "items", which: "last" | "best", count: number, temperature: number, seed: number }
 *   | { type: "weights", quantized: boolean, use: string, which?: "last" | "best" }
 *   | { type: "checkpoint" }
 *   | { type: "look" }
 *   | { type: "forget" }
 *   | { type: "index", text: string }
 *   | { type: "copies", text: string, least: number }
 *   | { type: "relay", message: FromPartner }
 *   | { type: "ping" }} Command
 */

/**
 * A training that can begin or go on.
 * @typedef {object} Prepared
 * @property {"prepared"} type
 * @property {{ characters: number, tokens: number, heldOut: number, vocabulary: number, unknown: number }} facts of the text
 * @property {import("../core/recipe.js").Plan} plan what the text was taken for, and what of it is held out
 * @property {number} parameters
 * @property {number} windows updates of a pass
 * @property {number} updates in all
 * @property {number} done
 * @property {Readonly<TrainSettings>} settings
 * @property {number} uniform bits of a guess at random
 * @property {number} factor of the learning rate
 * @property {{ inputs: string[], targets: string[] }[]} example the first streams of its next window
 * @property {number} [tokensPerSecond] of one worker, where it was measured
 * @property {{ text: string, history: History, isKept: boolean }} [resumed] if it goes on with another text than the page's
 */

/**
 * A training of examples that can begin or go on.
 * @typedef {object} Lesson
 * @property {"lesson"} type
 * @property {string | null} name of the task; null: it is a table or a file
 * @property {ExampleSettings["pattern"]} pattern
 * @property {{ different: number, examples: number } | null} why a table is of this pattern: so many different answers of so many
 * @property {Problem[]} problems of a table, the first hundred
 * @property {number} refused lines that are no pair
 * @property {{ examples: number, heldOut: number, asked: number, tokens: number, labels: number }} facts examples to train on, held
 *   out, and asked each time: of the held-out ones, or where there are none of the others; tokens that can be read (of pictures 0),
 *   labels that can be written
 * @property {Readonly<ExampleSettings>} settings
 * @property {number} parameters
 * @property {number} updates in all
 * @property {number} done
 * @property {number} factor of the learning rate
 * @property {Best | null} best
 * @property {Baseline} baseline
 * @property {Example[]} watched the first ten that are asked, fewer where there are fewer
 */

/**
 * How the examples that are asked are answered, before the first update, now and then, and when it rests.
 * @typedef {object} Accuracy
 * @property {"accuracy"} type
 * @property {number} done
 * @property {number} updates in all
 * @property {number} seconds of training so far
 * @property {number} accuracy share of right answers; synchronous: of the places at which the answer is not what is read, if there are any
 * @property {number} bitsPerLabel
 * @property {string[]} answers to the watched ones
 * @property {number} rate of learning
 * @property {number} factor of the schedule's rate
 * @property {number | null} left seconds, where they can be told
 */

/**
 * @typedef {object} Progress after an update; bits per token
 * @property {"progress"} type
 * @property {number} done
 * @property {number} seconds of training so far
 * @property {number} bits of the training, smoothed
 * @property {number | null} heldOut bits, as they were measured last
 * @property {Best | null} best
 * @property {number} rate of learning
 * @property {number} factor of the schedule's rate
 * @property {number} tokensPerSecond
 * @property {number} left seconds
 * @property {number} workers
 */

/**
 * What the worker says beside those four. here: it runs, and hears; isInPage: it is no worker, but the page itself. kept, unkept:
 * whether the browser's storage has the training now. diverged: the loss ran away at update done, and it goes on from update back.
 * trouble: that command failed. invite, dismiss: a partner is wanted, or not any more; relay: what the partner is to hear.
 *
 * @typedef {{ type: "here", isInPage: boolean }
 *   | { type: "text", id: number } & Read
 *   | Prepared
 *   | Progress
 *   | Lesson
 *   | Accuracy
 *   | { type: "markov", order: number, bits: number }
 *   | { type: "sample" } & Sample
 *   | { type: "kept", done: number, bytes: number, milliseconds: number }
 *   | { type: "unkept", reason: "other tab" | "refused", message: string }
 *   | { type: "diverged", done: number, back: number, factor: number }
 *   | { type: "paused", done: number }
 *   | { type: "end", reason: "done" | "stopped", best: Best | null }
 *   | { type: "items", which: "last" | "best", items: import("./items.js").Item[] }
 *   | { type: "weights", bytes: Uint8Array, quantized: boolean, use: string, which: "last" | "best" }
 *   | { type: "checkpoint", bytes: Uint8Array }
 *   | { type: "found", training: { done: number, updates: number } | null }
 *   | { type: "forgotten" }
 *   | { type: "index" }
 *   | { type: "copies" } & Copies
 *   | { type: "invite" }
 *   | { type: "dismiss" }
 *   | { type: "relay", message: ToPartner }
 *   | { type: "pong" }
 *   | Trouble} Event
 */

/** @typedef {{ spans: { from: number, to: number, at: number }[], novelty: number }} Copies of TextIndex.find() */
/** @typedef {{ type: "trouble", code: ErrorCode, message: string, hint: string, command: Command["type"] }} Trouble */

/**
 * What the partner, which runs the second slice of each window, is told: which training to join, and for each update what the
 * first slice left behind. A round begins when it joins.
 * @typedef {{ type: "join", round: number, checkpoint: Uint8Array, utf8: Uint8Array }
 *   | { type: "parts", round: number, nats: number[], part: Float32Array, factor: number }} ToPartner
 */

/**
 * And what it says: that it runs, what the second slice left behind, or that it cannot go on.
 * @typedef {{ type: "here" }
 *   | { type: "part", round: number, nats: number, part: Float32Array }
 *   | { type: "failed", round: number }} FromPartner
 */

/**
 * One function for each type of message.
 * @template {{ type: string }} M
 * @typedef {{ [T in M["type"]]: (message: Extract<M, { type: T }>) => unknown }} Handlers
 */

export {};
