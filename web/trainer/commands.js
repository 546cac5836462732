// SPDX-License-Identifier: MIT
//
// commands.js - what the worker does for each command of the page.
import { RnnError } from "../core/errors.js";
import { quantize } from "../core/quantize.js";
import { Training } from "../core/recipe.js";
import { TextIndex } from "../core/textindex.js";
import { readText, readWhole } from "./decoding.js";
import { Partner } from "./partner.js";
import { Practice } from "./practice.js";
import { Session } from "./session.js";
import { lessonOfSheet } from "./sheet.js";
import { Storage } from "./storage.js";
import { lessonOfTask } from "./tasks.js";
import { now, turn } from "./timing.js";

/** @typedef {import("./messages.js").Command} Command */
/** @typedef {import("./messages.js").Event} Event */

const ESTIMATE = 0.4; // seconds
const LINGERING = 2000; // milliseconds that the worker of a page that was just left may still have the storage

export class Trainer {
  #post;
  #storage = new Storage();
  #partner;
  /** @type {Session | Practice | null} the training of a text or of examples */
  #training = null;
  /** @type {Command | null} the examples that were asked for last */
  #practised = null;
  /** @type {TextIndex | null} the text in which copies are looked for */
  #index = null;

  /** @param {(event: Event, transfer?: Transferable[]) => void} post */
  constructor(post) {
    this.#post = post;
    this.#partner = new Partner(post);
  }

  /** @param {Command} command */
  async hear(command) {
    const asked = this.#training;
    try {
      await /** @type {(command: Command) => unknown} */ (this.#commands[command.type])(command);
    } catch (error) {
      if (command.type === "start") {
        if (asked !== this.#training) return; // another training has taken its place
        asked?.pause();
        this.#partner.dismiss();
      }
      this.#post(troubleOf(error, command.type));
    }
  }

  /** What it computes is not wanted any more. */
  end() {
    this.#practised = null;
    this.#take(null);
    this.#partner.dismiss();
    this.#storage.free();
  }

  /** @type {import("./messages.js").Handlers<Command>} */
  #commands = {
    text: async ({ given, id, ...choice }) => this.#post({ type: "text", id, ...(await readText(given, choice)) }),
    read: async ({ text, settings, from }) => {
      this.#take(null);
      const session = await Session.begin(this.#tools, text, settings, from);
      const tokensPerSecond = await estimate(await Training.begin(text, settings, from));
      this.#take(session);
      this.#post({ ...session.describe(), tokensPerSecond });
    },
    resume: async () => this.#goOn(await Session.resume(this.#tools), true),
    open: async ({ file }) => this.#goOn(await Session.open(this.#tools, new Uint8Array(await file.arrayBuffer())), false),
    practise: async command => {
      this.#take(null);
      this.#practised = command;
      const isWanted = () => this.#practised === command; // no other examples were asked for meanwhile
      try {
        const practice = await practiceOf(this.#tools, command);
        if (!isWanted()) return;
        this.#take(practice);
        this.#post(practice.describe());
      } catch (error) {
        if (isWanted()) throw error;
      }
    },

    start: ({ workers, keep }) => this.#current.start(workers, keep),
    pause: () => this.#current.pause(),
    stop: () => this.#current.stop(),
    rate: ({ factor }) => this.#current.setRate(factor),
    temperature: ({ temperature }) => {
      if (this.#current instanceof Session) this.#current.setTemperature(temperature);
    },
    items: async command => {
      const session = this.#current;
      if (!(session instanceof Session)) throw new RnnError("E_ARGUMENT", "a network that answers writes no items");
      this.#post({ type: "items", ...(await session.items(command)) });
    },
    weights: async ({ quantized, use, which: wanted }) => {
      const { which, file } = this.#current.weights(wanted);
      const bytes = quantized ? await quantize(file) : file.slice();
      this.#post({ type: "weights", bytes, quantized, use, which }, [/** @type {ArrayBuffer} */ (bytes.buffer)]);
    },
    checkpoint: async () => this.#post({ type: "checkpoint", bytes: await this.#current.file() }),

    look: async () => {
      const isTaken = await this.#storage.isTaken(LINGERING);
      const stored = isTaken ? null : await this.#storage.newest().catch(() => null); // it may be forbidden
      this.#post({ type: "found", training: stored && { done: stored.about.done, updates: stored.about.updates } });
    },
    forget: async () => {
      await this.#storage.clear();
      this.#post({ type: "forgotten" });
    },

    index: async ({ text }) => {
      this.#index = await TextIndex.of(text);
      this.#post({ type: "index" });
    },
    copies: ({ text, least }) => {
      if (!this.#index) throw new RnnError("E_ARGUMENT", "no text is there yet to look in");
      this.#post({ type: "copies", ...this.#index.find(text, least) });
    },

    relay: ({ message }) => this.#partner.hear(message),
    ping: () => this.#post({ type: "pong" }),
  };

  get #tools() {
    return { post: this.#post, storage: this.#storage, partner: this.#partner };
  }

  get #current() {
    if (!this.#training) throw new RnnError("E_ARGUMENT", "no network is there yet");
    return this.#training;
  }

  /** @param {Session | Practice | null} training takes the place of the one before */
  #take(training) {
    this.#training?.retire();
    this.#training = training;
  }

  /** @param {Session} session @param {boolean} isKept */
  #goOn(session, isKept) {
    this.#take(session);
    this.#post(session.describeResumed(isKept));
  }
}

/**
 * @param {import("./practice.js").Tools} tools @param {Extract<Command, { type: "practise" }>} command
 * @returns {Promise<Practice>}
 */
async function practiceOf(tools, command) {
  if ("checkpoint" in command) return Practice.open(tools, new Uint8Array(await command.checkpoint.arrayBuffer()));
  if ("task" in command) return Practice.begin(tools, await lessonOfTask(command.task));
  const { text } = await readWhole(command.text);
  return Practice.begin(tools, lessonOfSheet(text, command.pattern));
}

/** Tokens a second on this machine, of one worker, by some updates. @param {Training} copy of a training */
async function estimate(copy) {
  const { batch, window } = copy.settings;
  let began = now();
  let count = 1;
  copy.update();
  if (now() - began < ESTIMATE) [began, count] = [now(), 0]; // a quick one is not counted: the code was still being compiled
  while (now() - began < ESTIMATE && copy.done < copy.updates) {
    copy.update();
    count++;
    await turn(); // it may be the page's own thread
  }
  return (count * batch * window) / (now() - began);
}

/** @param {unknown} error @param {Command["type"]} command that failed @returns {Event} */
function troubleOf(error, command) {
  const known = error instanceof RnnError ? error : new RnnError("E_WORKER", error instanceof Error ? error.message : String(error));
  const { code, message, hint } = known;
  return { type: "trouble", code, message, hint, command };
}
