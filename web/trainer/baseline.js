// SPDX-License-Identifier: MIT
//
// baseline.js - how many answers are right, and how many would be without a network: the least that a network has to beat.

/** @typedef {import("./tasks.js").Example} Example */
/** @typedef {import("../core/examples.js").ExampleSettings["pattern"]} Kind */

/**
 * majority: the most frequent answer; nearest: that of the nearest example; letters: what each character most often becomes.
 * @typedef {{ kind: "majority" | "nearest" | "letters", accuracy: number }} Baseline of the examples that the network is asked too
 */

/**
 * The share of right answers. In a synchronous pattern of all places at which the answer is not what is read: most of what is read
 * may only be copied. Where all of it is, each place counts.
 * @param {Kind} pattern @param {Example[]} examples @param {string[]} answers
 */
export function shareRight(pattern, examples, answers) {
  if (pattern !== "synchronous") return share(examples, ([, truth], i) => answers[i] === truth);
  const places = examples.flatMap(([input, truth], i) => {
    const written = [...answers[i]];
    return placesOf(input, truth).map((place, at) => ({ ...place, isRight: written[at] === place.label }));
  });
  const changed = places.filter(isChanged);
  return share(changed.length ? changed : places, ({ isRight }) => isRight);
}

/** @template T @param {T[]} list @param {(each: T, i: number) => boolean} counts */
const share = (list, counts) => list.filter(counts).length / list.length;

/** What is read and what belongs there. @param {string} input @param {string} answer of the same length */
function placesOf(input, answer) {
  const labels = [...answer];
  return Array.from(input, (token, place) => ({ token, label: labels[place] }));
}

/** @param {{ token: string, label: string }} place */
const isChanged = ({ token, label }) => token !== label;

/**
 * What the answer of counting is: of a sequence that of the nearest example; in a synchronous pattern each token's most frequent
 * label; else the most frequent answer.
 * @param {Kind} pattern @param {Example[]} train @param {Example[]} asked @returns {Baseline}
 */
export function baselineOf(pattern, train, asked) {
  const { kind, answer } = pattern === "sequence" ? nearest(train) : pattern === "synchronous" ? letters(train) : majority(train);
  return { kind, accuracy: shareRight(pattern, asked, asked.map(answer)) };
}

/** How often each. @param {Iterable<string>} list */
function counted(list) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const each of list) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

/** @param {Map<string, number>} counts */
const mostFrequent = counts => [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];

/** @param {Example[]} train */
function majority(train) {
  const answer = mostFrequent(counted(train.map(([, answer]) => answer)));
  return { kind: /** @type {const} */ ("majority"), answer: () => answer };
}

/** @param {Example[]} train */
function letters(train) {
  /** @type {Map<string, string[]>} */
  const labels = new Map(); // by token
  for (const [input, answer] of train)
    for (const { token, label } of placesOf(input, answer).filter(isChanged)) labels.get(token)?.push(label) ?? labels.set(token, [label]);
  const best = new Map(Array.from(labels, ([token, all]) => [token, mostFrequent(counted(all))]));
  const answer = (/** @type {Example} */ [input]) => Array.from(input, token => best.get(token) ?? token).join("");
  return { kind: /** @type {const} */ ("letters"), answer };
}

// ---- the nearest example ----

const MOST_EXAMPLES = 50_000; // that are looked at
const MOST_ALIKE = 32; // characters that are compared from either end

/** @param {Example[]} train */
function nearest(train) {
  const some = train.slice(0, MOST_EXAMPLES);
  const answer = (/** @type {Example} */ [input]) => {
    let best = { gap: Infinity, answer: "" };
    for (const [other, answer] of some) {
      const gap = gapBetween(input, other);
      if (gap < best.gap) best = { gap, answer };
    }
    return best.answer;
  };
  return { kind: /** @type {const} */ ("nearest"), answer };
}

/**
 * What two texts do not have in common at their beginnings and ends: so many edits lead from one to the other.
 * @param {string} a @param {string} b
 */
function gapBetween(a, b) {
  const most = Math.min(a.length, b.length);
  let [begin, end] = [0, 0];
  while (begin < Math.min(most, MOST_ALIKE) && a[begin] === b[begin]) begin++;
  while (end < Math.min(most - begin, MOST_ALIKE) && a.at(-1 - end) === b.at(-1 - end)) end++;
  return Math.max(a.length, b.length) - begin - end;
}
