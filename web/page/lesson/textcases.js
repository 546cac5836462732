// SPDX-License-Identifier: MIT
//
// textcases.js - mistakes of samples that are seen in what a network writes: each with its two halves, by the network in use.
import { temperatureText } from "../describe.js";
import { make } from "../elements.js";
import { start } from "../pace.js";
import { inOneLine, note, partingOf, passage, row, samplingAt, table } from "./stage.js";
import { again, asW, carried, feed, maskedByZeros, oneHot, textOf, twice, withPadding } from "../../story/aswritten.js";
import { draw as drawBars } from "../../views/likely.js";
import { drawColumns } from "../../views/shares.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./stage.js").Things} Things */
/** @typedef {import("../../core/model.js").Model} Model */

/**
 * A mistake: where it stands, the lines that matter, and what shows it.
 * @typedef {object} Case
 * @property {string} key of its words, and in the address
 * @property {string} sample key of what the sample is called
 * @property {string} repository
 * @property {string} path in it
 * @property {string} wrong lines
 * @property {string} right lines
 * @property {(model: Model) => boolean} [fits] whether a network can show it; without this it needs none
 * @property {(stage: Stage) => (things: Things) => void} mount what it gives shows both halves
 */

const SEED = 5;
const OF_RESET = 8; // a seed whose texts part early by the networks that come with the page
const LENGTH = 60; // characters of a text
const MOST_PROMPT = 40; // characters
const MOST_WORD = 7; // letters
const MOST_DRAWS = 5000;
const SHOWN_DRAWS = 48;
const ROWS = 3; // of what is fed
const BARS = 5;
const PADDED = 3; // places in front of the word
const PADDING_SHARE = 0.001; // at temperature 1
const OF_BLOG = [1, 0.7, 0.4, 0.1]; // temperatures

const LESSON = { repository: "microsoft/AI-For-Beginners" };
const FOLDER = "lessons/5-NLP/17-GenerativeNetworks/";
const TENSORFLOW = { ...LESSON, sample: "tensorflow", path: `${FOLDER}GenerativeTF.ipynb` };

/** Samples of the lesson and others read characters. @param {Model} model */
const readsCharacters = ({ level }) => level === "characters";

/** @param {string} text @param {number} most characters */
const beginningOf = (text, most) => [...text].slice(0, most).join("");

/** @type {Case} */
const alias = {
  ...TENSORFLOW,
  key: "alias",
  fits: readsCharacters,
  wrong: "chars = inp\n…\nchars.append(nc)\ninp = inp + [nc]",
  right: "chars = list(inp)\n…\nchars.append(nc)\ninp = inp + [nc]",
  mount(stage) {
    const promptOf = stage.text("mistakes.prompt", MOST_PROMPT);
    const temperatureOf = stage.slider("mistakes.temperature", { min: 0, max: 1.8, step: 0.1, value: 0 });
    return ({ model, prompt }) => {
      const beginning = promptOf(beginningOf(prompt, MOST_PROMPT));
      const sampling = samplingAt(temperatureOf());
      if (!model) return;
      const ids = [...model.encode(beginning).ids];
      const tokens = (/** @type {number[]} */ some) => some.map(id => model.vocabulary[id]);
      const [wrong, right] = [true, false].map(isAliased => feedTo(model, ids, sampling, isAliased));
      const texts = [wrong, right].map(({ written }) => tokens(written).join(""));
      const parting = partingOf(texts[0], texts[1]);
      const fed = (/** @type {number[][]} */ rows, /** @type {number} */ marked) =>
        rows.slice(0, ROWS).map(ids => row(ids.map((id, i) => ({ text: model.vocabulary[id], id, isMarked: i === marked }))));
      stage.wrong.replaceChildren(...fed(wrong.rows, ids.length + 1), passage(beginning, texts[0], parting));
      stage.right.replaceChildren(...fed(right.rows, -1), passage(beginning, texts[1]));
      stage.verdict.textContent = stage.tell(texts[0] === texts[1] ? "same" : "verdict", { place: parting + 1 });
    };
  },
};

/** @param {Model} model @param {number[]} ids @param {import("../../story/story.js").Sampling} sampling @param {boolean} isAliased */
function feedTo(model, ids, sampling, isAliased) {
  const state = model.start();
  let read = 0;
  try {
    return feed(
      ids,
      LENGTH,
      (fed, place) => {
        state.advance(Int32Array.from(fed.slice(read))); // what it has read stays at the front of what is fed
        read = fed.length;
        const { id } = state.draw(sampling, SEED, place);
        return id === model.end ? -1 : id;
      },
      isAliased,
    );
  } finally {
    state.free();
  }
}

/** @type {Case} */
const padding = {
  ...TENSORFLOW,
  key: "padding",
  fits: readsCharacters,
  wrong: "probs = exp(log(out) / T)\nnc = draw(probs / probs.sum())\ndecode([nc])",
  right: "logits[0] = -inf\nprobs = softmax(logits / T)\nnc = draw(probs)",
  mount(stage) {
    const { words } = stage.desk;
    let seed = SEED;
    const temperatureOf = stage.slider("mistakes.temperature", { min: 0.3, max: 1.8, step: 0.1, value: 1.8 });
    stage.button("again", () => {
      seed++;
      stage.onChange();
    });
    const lists = [make("ol"), make("ol")];
    const results = [make("div"), make("div")];
    stage.wrong.append(lists[0], results[0]);
    stage.right.append(lists[1], results[1]);
    return ({ model, sampler, prompt }) => {
      const sampling = samplingAt(temperatureOf());
      if (!model) return;
      const state = model.start();
      try {
        state.read(beginningOf(prompt, MOST_PROMPT));
        const logits = withPadding(state.logits, PADDING_SHARE);
        const wrong = sampler.probs(logits, sampling);
        logits[0] = -Infinity;
        const right = sampler.probs(logits, sampling);
        const names = [words.say("mistakes.padding.name"), ...model.vocabulary.map(stage.nameOf)];
        const top = [0, ...[...wrong.keys()].slice(1).sort((a, b) => wrong[b] - wrong[a]).slice(0, BARS)];
        const most = Math.max(...right);
        [wrong, right].forEach((probs, i) =>
          drawBars(lists[i], {
            rows: top.map(id => ({ name: names[id], p: probs[id], text: stage.percent(probs[id]), isMarked: id === 0 })),
            most,
          }),
        );
        const drawn = drawUntil(place => sampler.pick(wrong, state.draw(sampling, seed, place).u ?? 0));
        const same = drawn.map((_, place) => sampler.pick(right, state.draw(sampling, seed, place).u ?? 0));
        const [failed, never] = [drawn.at(-1) === 0, !same.includes(0)];
        const last = (/** @type {number[]} */ ids) => {
          const texts = ids.filter(Boolean).map(id => model.vocabulary[id - 1]);
          return [note(stage.tell("drawn")), passage("… ", inOneLine(texts.slice(-SHOWN_DRAWS).join("")))];
        };
        results[0].replaceChildren(...last(drawn), ...(failed ? [make("code", { textContent: "KeyError: 0" })] : []));
        results[1].replaceChildren(...last(same));
        stage.verdict.textContent = stage.tell(failed && never ? "verdict" : "none", { count: drawn.length });
      } finally {
        state.free();
      }
    };
  },
};

/** What is drawn, place by place, as far as the padding. @param {(place: number) => number} draw */
function drawUntil(draw) {
  const drawn = [];
  while (drawn.length < MOST_DRAWS && drawn.at(-1) !== 0) drawn.push(draw(drawn.length));
  return drawn;
}

/** @type {Case} */
const masking = {
  ...TENSORFLOW,
  key: "masking",
  wrong: "x = one_hot(pad_sequences(z), 84)\nMasking()(x)",
  right: "ids = pad_sequences(z)\nmask = ids != 0\nloss = (loss * mask).sum() / mask.sum()",
  mount(stage) {
    const wordOf = stage.text("mistakes.masking.word", MOST_WORD);
    return () => {
      const { say } = stage.desk.words;
      const word = [...wordOf("Hello")];
      const letters = [...new Set(word)];
      const ids = [...Array(PADDED).fill(0), ...word.map(letter => letters.indexOf(letter) + 1)];
      const rows = ids.map(id => oneHot(id, letters.length + 1));
      const masks = [maskedByZeros(rows), ids.map(id => id === 0)];
      const heads = ["read", "vector", "masked"].map(name => stage.tell(name));
      masks.forEach((masked, side) =>
        [stage.wrong, stage.right][side].replaceChildren(
          table(
            heads,
            ids.map((id, i) => ({
              cells: [id ? word[i - PADDED] : say("mistakes.padding.name"), rows[i].join(" "), stage.tell(masked[i] ? "yes" : "no")],
              isMarked: id === 0 && !masked[i],
            })),
          ),
        ),
      );
      const [wrong, right] = masks.map(masked => masked.filter(Boolean).length);
      stage.verdict.textContent = stage.tell("verdict", { wrong, right, count: PADDED });
    };
  },
};

/** @type {Case} */
const whole = {
  ...TENSORFLOW,
  key: "whole",
  fits: readsCharacters,
  wrong: "for i in range(size):\n    out = model(inp)[-1]\n    inp = inp + [draw(out)]",
  right: "out, state = model(inp)\nfor i in range(size):\n    nc = draw(out)\n    out, state = model(nc, state)",
  mount(stage) {
    const sizeOf = stage.slider("mistakes.whole.size", { min: 20, max: 200, step: 20, value: 100 });
    const halves = [stage.wrong, stage.right].map(box => {
      const [columns, said, text] = [make("div"), note(""), make("div")];
      box.append(columns, said, text);
      return { columns, said, text };
    });
    return ({ model, prompt }) => {
      const size = sizeOf();
      stage.stop();
      stage.verdict.textContent = "";
      if (!model) return;
      const beginning = beginningOf(prompt, MOST_PROMPT);
      const { ids } = model.encode(beginning);
      const plan = { size, sampling: samplingAt(0.8), seed: SEED };
      const ways = [again, carried].map(way => ({ steps: way(model, ids, plan), written: /** @type {Written[]} */ ([]), spent: 0 }));
      const show = () => ways.forEach((way, i) => showWay(stage, halves[i], way, { beginning, most: ids.length + size }));
      show();
      stage.stopWork = start({
        steps: inTurn(ways),
        onSteps: show,
        onEnd(error) {
          stage.stopWork = null;
          if (error) return stage.desk.trouble(error);
          show();
          const [wrong, right] = ways.map(readBy);
          const values = { wrong, right, times: Math.round(wrong / Math.max(1, right)) };
          const texts = ways.map(({ written }) => textOf(written.map(({ step }) => step)));
          if (texts[0] === texts[1]) stage.verdict.textContent = stage.tell("verdict", values);
        },
      });
    };
  },
};

/** @typedef {import("../../story/aswritten.js").Written} Written */
/** @typedef {{ steps: Iterator<Written>, written: Written[], spent: number }} Way spent: milliseconds */

/** One after the other, each with its clock. @param {Way[]} ways */
function* inTurn(ways) {
  for (const way of ways)
    for (;;) {
      const before = performance.now();
      const { value, done } = way.steps.next();
      way.spent += performance.now() - before;
      if (done) break;
      way.written.push(value);
      yield;
    }
}

/** Tokens that were read so far. @param {Way} way */
const readBy = ({ written }) => written.reduce((sum, { read }) => sum + read, 0);

/**
 * @param {Stage} stage @param {{ columns: HTMLElement, said: HTMLElement, text: HTMLElement }} half
 * @param {Way} way @param {{ beginning: string, most: number }} of
 */
function showWay(stage, half, way, { beginning, most }) {
  const { written, spent } = way;
  const values = { count: readBy(way), milliseconds: spent < 10 ? Math.round(10 * spent) / 10 : Math.round(spent) };
  const said = stage.tell("read", values);
  drawColumns(half.columns, written.map(({ read }) => ({ value: read, isMarked: true })), most, said);
  half.said.textContent = said;
  half.text.replaceChildren(passage(beginning, textOf(written.map(({ step }) => step))));
}

/** @type {Case} */
const unknown = {
  ...LESSON,
  sample: "pytorch",
  path: `${FOLDER}GenerativePyTorch.ipynb`,
  key: "unknown",
  fits: model => readsCharacters(model) && model.vocabulary.includes("W"),
  wrong: "def encode(x, unk=0):\n    return [stoi.get(c, unk) for c in x]\n# itos[0] == 'W'",
  right: "known = [c for c in x if c in stoi]\nunknown = set(x) - set(known)\nprint(unknown)",
  mount(stage) {
    const promptOf = stage.text("mistakes.prompt", MOST_PROMPT);
    return ({ model }) => {
      const prompt = promptOf("Málaga, 5 € ");
      if (!model) return;
      const { ids, unknown } = model.encode(prompt);
      const known = Array.from(ids, id => model.vocabulary[id]);
      const fed = asW(prompt, model.vocabulary);
      const marked = Array.from(prompt, (character, i) => ({ text: fed[i], isMarked: unknown.includes(character) }));
      const write = (/** @type {string} */ text) => {
        const steps = model.write(text, { ...samplingAt(0.5), seed: SEED, length: LENGTH });
        return passage(text, textOf(steps));
      };
      const names = unknown.join(" ");
      stage.wrong.replaceChildren(row(marked), write(fed.join("")));
      stage.right.replaceChildren(
        row(known.map(text => ({ text }))),
        ...(unknown.length ? [note(stage.tell("named", { names }))] : []),
        write(known.join("")),
      );
      const count = marked.filter(({ isMarked }) => isMarked).length;
      stage.verdict.textContent = unknown.length ? stage.tell("verdict", { count }) : stage.tell("none");
    };
  },
};

/** @type {Case} */
const loop = {
  repository: "klaudia-nazarko/nlg-text-generation",
  sample: "lstm",
  path: "lstm.ipynb",
  key: "loop",
  fits: readsCharacters,
  wrong: "for T in [1, 0.7, 0.4, 0.1]:\n    print(T)\n    generate(temperature=0.7)",
  right: "for T in [1, 0.7, 0.4, 0.1]:\n    print(T)\n    generate(temperature=T)",
  mount(stage) {
    let seed = SEED;
    stage.button("again", () => {
      seed++;
      stage.onChange();
    });
    return ({ model, prompt }) => {
      if (!model) return;
      const beginning = beginningOf(prompt, MOST_PROMPT);
      const options = { length: LENGTH, seed };
      const write = (/** @type {number[]} */ list) => {
        const texts = list.map(() => "");
        const together = model.writeTogether(beginning, list.map(temperature => ({ temperature })), options);
        for (const steps of together) steps.forEach((step, i) => (texts[i] += step?.text ?? ""));
        return texts;
      };
      const texts = [write(OF_BLOG.map(() => 0.7)), write(OF_BLOG)];
      texts.forEach((some, side) =>
        [stage.wrong, stage.right][side].replaceChildren(
          ...some.flatMap((text, i) => [
            make("h5", { textContent: `T = ${temperatureText(stage.desk.words, OF_BLOG[i])}` }),
            passage(inOneLine(beginning), inOneLine(text)),
          ]),
        ),
      );
      const [wrong, right] = texts.map(some => new Set(some).size);
      stage.verdict.textContent = stage.tell("verdict", { wrong, right });
    };
  },
};

/** @type {Case} */
const charrnn = {
  repository: "ml5js/ml5-library",
  sample: "charrnn",
  path: "src/CharRNN/index.js",
  key: "charrnn",
  fits: readsCharacters,
  wrong: "h = state.h[1]\np = exp(logits / T)\nreset() { /* the state stays */ }",
  right: "h = state.h.at(-1)\np = exp((logits - max) / T)\nreset() { state = zeros }",
  mount(stage) {
    return ({ model, prompt }) => {
      if (!model) return;
      const beginning = beginningOf(prompt, MOST_PROMPT);
      const plan = { size: LENGTH, sampling: samplingAt(0.8), seed: OF_RESET };
      const [wrong, right] = [false, true].map(isReset => twice(model, beginning, plan, isReset).map(inOneLine));
      [wrong, right].forEach((texts, side) =>
        [stage.wrong, stage.right][side].replaceChildren(
          ...texts.flatMap((text, i) => [
            make("h5", { textContent: stage.tell(i ? "second" : "first") }),
            passage(inOneLine(beginning), text, i ? partingOf(text, texts[0]) : undefined),
          ]),
        ),
      );
      const isSame = wrong[0] === wrong[1];
      stage.verdict.textContent = stage.tell(isSame ? "same" : "verdict");
    };
  },
};

export const textCases = { alias, padding, masking, whole, unknown, loop, charrnn };
