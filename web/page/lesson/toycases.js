// SPDX-License-Identifier: MIT
//
// toycases.js - mistakes of samples that are seen in a distribution: each with its two halves, by a few numbers or words.
import { make } from "../elements.js";
import { note, samplingAt, table } from "./stage.js";
import { followersOf, mostLogit, turnedRound, unguarded } from "../../story/aswritten.js";
import { draw as drawBars } from "../../views/likely.js";
import { drawColumns } from "../../views/shares.js";

/** @typedef {import("./textcases.js").Case} Case */

const LOGITS = { e: 12, a: 10.5, o: 9, i: 6, u: 3 };
const TOKENS = 200; // of the flat distribution
const MOST_COUNTED = 50; // of them, as Transformer Explainer has it

/** @type {Case} */
const overflow = {
  repository: "microsoft/AI-For-Beginners",
  sample: "pytorch",
  path: "lessons/5-NLP/17-GenerativeNetworks/GenerativePyTorch.ipynb",
  key: "overflow",
  wrong: "out[0][-1].div(T).exp()",
  right: "torch.softmax(out[0][-1] / T, 0)",
  mount(stage) {
    const temperatureOf = stage.slider("mistakes.temperature", { min: 0.05, max: 1, step: 0.05, value: 0.1 });
    return ({ sampler }) => {
      const { words } = stage.desk;
      const T = temperatureOf();
      const logits = Object.values(LOGITS);
      const most = Math.max(...logits);
      const { weights, shares } = unguarded(logits, T);
      const probs = sampler.probs(Float32Array.from(logits), samplingAt(T));
      const rows = (/** @type {(i: number) => string[]} */ cells) =>
        Object.keys(LOGITS).map((name, i) => ({ cells: [name, words.number(logits[i]), ...cells(i)], isMarked: weights[i] === Infinity }));
      const heads = (/** @type {string} */ third) => ["token", "logit", third, "share"].map(name => stage.tell(name));
      const shareOf = (/** @type {number} */ share) => (Number.isNaN(share) ? "NaN" : stage.percent(share));
      stage.wrong.replaceChildren(table(heads("weight"), rows(i => [scientific(weights[i]), shareOf(shares[i])])));
      const below = rows(i => [words.number(logits[i] - most), shareOf(probs[i])]);
      stage.right.replaceChildren(table(heads("below"), below.map(({ cells }) => ({ cells }))));
      const count = weights.filter(weight => weight === Infinity).length;
      const bound = words.number(mostLogit(T), { maximumFractionDigits: 1 });
      const values = { bound, temperature: words.number(T), count, all: logits.length };
      stage.verdict.textContent = stage.tell(count ? "verdict" : "none", values);
    };
  },
};

/** @param {number} value */
const scientific = value => (value === Infinity ? "∞" : value.toExponential(1).replace("e+", "e"));

/** @type {Case} */
const markov = {
  repository: "klaudia-nazarko/nlg-text-generation",
  sample: "markov",
  path: "Chain_class.py",
  key: "markov",
  wrong: "w = np.where(w == 0, 0, np.log(w)) / T\nw = np.exp(w)",
  right: "w = np.where(w == 0, -np.inf, np.log(w)) / T\nw = np.exp(w)",
  mount(stage) {
    const temperatureOf = stage.slider("mistakes.temperature", { min: 0.1, max: 0.9, step: 0.1, value: 0.7 });
    const wordOf = stage.choice("mistakes.markov.word");
    const text = note("");
    const lists = [make("ol"), make("ol")];
    stage.element.prepend(text);
    stage.wrong.append(lists[0]);
    stage.right.append(lists[1]);
    return ({ sampler }) => {
      const { say } = stage.desk.words;
      const learnt = say("mistakes.markov.text");
      const T = temperatureOf();
      const { vocabulary } = followersOf(learnt, "");
      const usual = vocabulary.find(each => followersOf(learnt, each).shares.includes(0.5)) ?? vocabulary[0];
      const word = wordOf(vocabulary, usual);
      const { shares } = followersOf(learnt, word);
      text.textContent = stage.tell("learnt", { text: learnt });
      if (!shares.some(Boolean)) {
        for (const list of lists) list.replaceChildren();
        stage.verdict.textContent = stage.tell("last", { word });
        return;
      }
      const wrong = turnedRound(shares, T);
      const right = sampler.probs(Float32Array.from(shares, Math.log), samplingAt(T));
      [wrong, right].forEach((probs, side) =>
        drawBars(lists[side], {
          rows: vocabulary.map((name, i) => ({ name, p: probs[i], text: stage.percent(probs[i]), isMarked: !shares[i] })),
          most: Math.max(...right),
        }),
      );
      const unseen = wrong.reduce((sum, share, i) => (shares[i] ? sum : sum + share), 0);
      const temperature = stage.desk.words.number(T);
      stage.verdict.textContent = stage.tell("verdict", { percent: stage.percent(unseen), temperature, word });
    };
  },
};

/** @type {Case} */
const nucleus = {
  repository: "poloclub/transformer-explainer",
  sample: "explainer",
  path: "src/components/Temperature.svelte",
  key: "nucleus",
  wrong: "// 0.05, 0.1, // error in Math.exp()\ntop = sorted(p)[:50]\nkeep = fewest(top / sum(top), 0.99)",
  right: "p = softmax(logits / T)\nkeep = fewest(sorted(p), 0.99)",
  mount(stage) {
    const reachOf = stage.slider("mistakes.nucleus.p", { min: 0.5, max: 1, step: 0.01, value: 0.99 });
    const halves = [stage.wrong, stage.right].map(box => {
      const [columns, said] = [make("div"), note("")];
      box.append(columns, said);
      return { columns, said };
    });
    return ({ sampler }) => {
      const topP = reachOf();
      const logits = Float32Array.from({ length: TOKENS }, (_, i) => -Math.log(i + 10)); // falls slowly, as words' do
      const all = sampler.probs(logits, samplingAt(1));
      const kept = [MOST_COUNTED, 0].map(topK => sampler.probs(logits, { temperature: 1, topK, topP }));
      const [wrong, right] = kept.map((probs, side) => {
        const count = probs.filter(p => p > 0).length;
        const share = probs.reduce((sum, p, id) => (p > 0 ? sum + all[id] : sum), 0);
        const said = stage.tell("kept", { count, all: TOKENS, percent: stage.percent(share) });
        const columns = [...all].map((value, id) => ({ value, isMarked: probs[id] > 0 }));
        drawColumns(halves[side].columns, columns, all[0], said);
        halves[side].said.textContent = said;
        return stage.percent(share);
      });
      stage.verdict.textContent = stage.tell("verdict", { p: stage.percent(topP), wrong, right });
    };
  },
};

export const toyCases = { overflow, markov, nucleus };
