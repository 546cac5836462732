// SPDX-License-Identifier: MIT
//
// describe.js - what the views draw, from a model and its steps, in the words of a desk.

/** @typedef {import("../core/model.js").Step} Step */
/** @typedef {import("../story/story.js").Branch} Branch */
/** @typedef {import("../story/story.js").Sampling} Sampling */
/** @typedef {import("./contract.js").Words} Words */

export const TOP = 10; // bars
export const CONTEXT = 24; // characters before the one that is shown

const INVISIBLE = new Map(Object.entries({ " ": "space", "\n": "newline", "\t": "tab", "\u00a0": "nbsp" }));
const SIGNS = new Map(Object.entries({ " ": "␣", "\n": "↵", "\t": "⇥" }));

/** A token without the blanks that a prompt of words has in front of a line end. @param {string} text */
const bare = text => (text.endsWith("\n") ? "\n" : text);

/** How a token is called: a word without the space in front of it. @param {Words} words @param {string} text */
export function nameOf({ say }, text) {
  const name = INVISIBLE.get(bare(text));
  return name ? say(`character.${name}`) : text.trimStart() || text;
}

/** What stands for a character where there is no room for a word; undefined: itself. @param {string} text @returns {string | undefined} */
export function signOf(text) {
  return SIGNS.get(bare(text));
}

/** Enough digits to tell small probabilities apart. @param {Words} words @param {number} p */
export function probability({ percent }, p) {
  return p > 0 && p < 0.0005 ? `< ${percent(0.001)}` : percent(p);
}

/** @param {Words} words @param {number} value @param {number} [digits] after the point */
export function short({ number }, value, digits = 2) {
  return number(Number(value.toFixed(digits)) + 0, { maximumFractionDigits: digits, minimumFractionDigits: digits }); // + 0: no "-0"
}

/** @param {Words} words @param {number} T */
export function temperatureText({ number }, T) {
  return number(T, { maximumSignificantDigits: 6 });
}

/** Messages have a small letter, as they may stand in another one; a name in front, such as a file's, stays. @param {string} text */
const capital = text => text.replace(/^\p{Ll}(?=\p{L}* )/u, letter => letter.toUpperCase());
/** @param {string} text */
export const asSentence = text => capital(/[.!?…:]$/.test(text) ? text : `${text}.`);

/** What an error says at once. @param {Words} words @param {unknown} error */
export function sentencesOf({ say }, error) {
  const { code, message = String(error), hint } = Object(error);
  return [say(`error.${code}`), message, hint].filter(Boolean).map(asSentence).join(" ");
}

/**
 * Says it in an element, soon in the reader's language. @param {Words} words @param {unknown} error
 * @param {HTMLElement} element @param {(said: string) => string} phrase what else is said there
 */
export function explain(words, error, element, phrase) {
  element.textContent = phrase(sentencesOf(words, error));
  import("./reasons.js").then(reasons => reasons.explain(words, error, element, phrase)).catch(() => {});
}

/** The network's own distribution. @param {Step} step */
export function asLearnt(step) {
  return step.probs(1, { topK: 0, topP: 1 });
}

/** In bits. @param {Float32Array} probs */
export function entropy(probs) {
  return probs.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

// ---- tints ----

export const SHADES = 8;
export const ENTROPY_OF_A_SHADE = 0.625; // bits: 5 bits are 32 choices
export const RANKS = [1, 2, 3, 5, 9, 17, 33]; // first rank of each shade

/** Among thousands of words more is uncertain: their shades are wider. @param {string} level */
export const widthOf = level => (level === "characters" ? 1 : 2);

/** How a step of a network of that level is shaded, 0 to SHADES - 1. @type {Record<string, (step: Step, level: string) => number>} */
export const tints = {
  surprisal: (step, level) => Math.min(Math.floor(step.surprisal / widthOf(level)), SHADES - 1),
  entropy: (step, level) => Math.min(Math.floor(entropy(asLearnt(step)) / (ENTROPY_OF_A_SHADE * widthOf(level))), SHADES - 1),
  rank: step => RANKS.findLastIndex(rank => step.rank >= rank),
  none: () => 0,
};

/** The class of a unit's value. @param {number} value -1 to 1; undefined while it is not computed */
export function unitClass(value) {
  return value === undefined ? "" : `u${Math.round((Math.min(Math.max(value, -1), 1) + 1) * 4)}`;
}

// ---- the distribution ----

/**
 * @param {Words} words
 * @param {import("./contract.js").Shown} shown
 * @param {Sampling} sampling what the bars "after" show
 * @returns {import("../views/distribution.js").DistributionData}
 */
export function distribution(words, { branch, place, canChoose }, sampling) {
  const { say } = words;
  const step = branch.steps[place];
  const { model } = branch;
  const { id, u } = step;
  const before = asLearnt(step);
  const after = step.probs(sampling.temperature, sampling);
  const ids = [...before.keys()].sort((a, b) => after[b] - after[a] || before[b] - before[a]);
  const top = ids.slice(0, TOP);
  if (!top.includes(id)) top[TOP - 1] = id; // what came is always there to see
  const others = ids.filter(id => !top.includes(id));
  const restOf = (/** @type {Float32Array} */ p) => others.reduce((sum, id) => sum + p[id], 0);
  const rest = { before: restOf(before), after: restOf(after) };
  const candidates = (/** @type {number[]} */ some) =>
    some.map(id => candidate(words, model.vocabulary[id], { id, before: before[id], after: after[id] }));
  return {
    top: candidates(top),
    rest: { ...rest, beforeText: probability(words, rest.before), afterText: probability(words, rest.after) },
    strip: pieces(after, id),
    all: () => candidates(ids),
    chosen: id,
    u,
    canChoose,
    numbers: numbers(words, before, after, id),
    words: {
      came: say("quoted", { text: nameOf(words, step.text) }),
      of: say("why.of", { character: nameOf(words, step.text), context: contextOf(branch, place) }),
      before: say("why.before"),
      after: say("why.after", { temperature: temperatureText(words, sampling.temperature) }),
      dice: diceNote(words, branch, place, sampling),
      whatIf: canChoose ? say("why.whatif") : "",
      rest: say("why.rest", { count: others.length }),
      table: say("why.table"),
      character: say("why.character"),
      csv: say("why.csv"),
    },
  };
}

const NARROW = 1 / 2000; // of the strip

/**
 * The strip's pieces: those of thousands of words would take longer to draw than a step to compute.
 * @param {Float32Array} probs
 * @param {number} chosen
 * @param {number} [least] what is less wide cannot be seen
 */
export function pieces(probs, chosen, least = NARROW) {
  /** @type {{ id: number, p: number }[]} */
  const made = [];
  probs.forEach((p, id) => {
    const last = made.at(-1);
    const narrow = p < least && id !== chosen;
    if (narrow && last && last.p < least && last.id !== chosen) last.p += p;
    else if (p > 0) made.push({ id, p });
  });
  return made;
}

/** What stands before a place, with line ends made visible. @param {Branch} branch @param {number} place */
export function contextOf(branch, place) {
  const texts = branch.steps.slice(Math.max(0, place - CONTEXT), place).map(step => step.text);
  return `${place > CONTEXT ? "…" : ""}${texts.join("").replaceAll("\n", "↵")}`;
}

/** @param {Words} words @param {Branch} branch @param {number} place @param {Sampling} sampling */
function diceNote(words, branch, place, sampling) {
  const { say } = words;
  const step = branch.steps[place];
  const { id, u } = step;
  const came = nameOf(words, step.text);
  if (u === null) return say(place < branch.given ? "why.given" : "why.byhand", { character: came });
  const fallen = step.pick(sampling.temperature, sampling);
  const values = { u: short(words, u, 3), character: came };
  return fallen === id
    ? say("why.dice", values)
    : say("why.dice.other", { ...values, other: nameOf(words, branch.model.vocabulary[fallen]) });
}

/** @param {Words} words @param {Float32Array} before @param {Float32Array} after @param {number} id */
export function numbers(words, before, after, id) {
  const { say } = words;
  const rows = [
    { name: say("why.p"), of: (/** @type {Float32Array} */ p) => probability(words, p[id]) },
    {
      name: say("why.bits"),
      of: (/** @type {Float32Array} */ p) => (p[id] > 0 ? say("bits", { bits: short(words, Math.log2(1 / p[id])) }) : "∞"),
    },
    { name: say("why.entropy"), of: (/** @type {Float32Array} */ p) => say("bits", { bits: short(words, entropy(p)) }) },
    { name: say("why.choices"), of: (/** @type {Float32Array} */ p) => short(words, 2 ** entropy(p), 1) },
  ];
  return rows.map(({ name, of }) => ({ name, before: of(before), after: of(after) }));
}

/** @param {Words} words @param {string} text @param {{ id: number, before: number, after: number }} shares */
export function candidate(words, text, { id, before, after }) {
  const { say } = words;
  const name = nameOf(words, text);
  const beforeText = probability(words, before);
  const afterText = after > 0 ? probability(words, after) : say("why.cut");
  const label = say("why.choose", { before: beforeText });
  return { id, name, described: INVISIBLE.has(bare(text)), before, after, beforeText, afterText, label };
}

/** What wrote a text, below its picture and on paper; one that was only read had no dice. @param {import("./contract.js").Taken} taken */
export function captionOf({ branch, name }) {
  if (!branch.written) return name;
  const sampled = [0, ...branch.events.map(({ place }) => place)].map(place => branch.samplingAt(place).temperature);
  const temperatures = sampled.filter((T, i) => T !== sampled[i - 1]);
  const learn = branch.learn && ` · learn ${branch.learn}`;
  return `${name} · T = ${temperatures.map(T => String(T)).join(" → ")} · seed ${branch.seed}${learn || ""}`;
}
