// SPDX-License-Identifier: MIT
//
// ahead.js - where each alternative at a place would lead: the next words of the text that parts there. Fetched when a text rests.
import { start } from "../pace.js";

/** @typedef {import("../contract.js").Shown} Shown */
/** @typedef {import("../../story/story.js").Sampling} Sampling */
/** @typedef {{ id: number }[]} Candidates */

const LENGTH = 24; // tokens

export class Ahead {
  /** @type {Map<number, string>} by the id that is chosen */
  #texts = new Map();
  #key = ""; // of what they belong to
  /** @type {Shown["branch"] | null} */
  #branch = null;
  /** @type {(() => void) | null} */
  #stopWork = null;
  #changed;

  /** @param {() => void} changed more of them are known */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * What is known of them; the rest is written from now on.
   * @param {Shown | null} shown null: nothing is to be looked at @param {Candidates} candidates @param {Sampling} sampling
   */
  of(shown, candidates, sampling) {
    const key = JSON.stringify([shown?.place, candidates.map(({ id }) => id), sampling]);
    if (shown?.branch !== this.#branch || key !== this.#key) {
      this.stop();
      this.#key = key;
      this.#branch = shown?.branch ?? null;
      if (shown) this.#begin(shown, candidates, sampling);
    }
    return this.#texts;
  }

  /** Forgets them. */
  stop() {
    this.#stopWork?.();
    this.#stopWork = null;
    this.#branch = null;
    this.#texts = new Map();
  }

  /** @param {Shown} shown @param {Candidates} candidates @param {Sampling} sampling */
  #begin({ branch, place }, candidates, sampling) {
    const texts = this.#texts;
    this.#stopWork = start({
      steps: stepsAhead(branch, place - branch.given, candidates, sampling, texts),
      onSteps: () => this.#changed(),
    });
  }
}

/**
 * Writes them, one after the other, into texts.
 * @param {Shown["branch"]} branch @param {number} place of the written text @param {Candidates} candidates @param {Sampling} sampling
 * @param {Map<number, string>} texts
 */
function* stepsAhead(branch, place, candidates, sampling, texts) {
  for (const { id } of candidates) {
    const fork = branch.fork(place, { ...sampling, id });
    for (const step of fork.write(() => place + 1 + LENGTH)) {
      if (fork.written > place + 1) texts.set(id, (texts.get(id) ?? "") + step.text.replace("\n", "↵"));
      yield step;
    }
  }
}
