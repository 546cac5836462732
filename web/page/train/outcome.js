// SPDX-License-Identifier: MIT
//
// outcome.js - what one does with a network that has learnt, the last one or the best: have it write, save it, load the file in PyTorch.
import { lastHeldOut } from "../../trainer/history.js";
import { elementsOf, make } from "../elements.js";
import { fileName } from "../filename.js";
import { doneOf } from "./known.js";
import { bits } from "../measures.js";

/** @typedef {import("../../trainer/messages.js").Prepared} Prepared */
/** @typedef {import("./known.js").Known} Known */
/** @typedef {"last" | "best"} Which */

/**
 * What the reader asks for; which network: see `which`.
 * @typedef {object} Heed
 * @property {() => void} write some items anew
 * @property {(use: "write" | "save" | "page", quantized: boolean) => void} ask for its file
 */

const NAMES = /** @type {const} */ (["last", "best"]);

export class Outcome {
  element;
  /** The network that writes and is saved. @type {Which} */
  which = "last";
  #desk;
  #parts;
  /** @type {Known | null} */
  #known = null;

  /** @param {import("../contract.js").Desk} desk @param {Heed} heed */
  constructor(desk, heed) {
    const { button, folded, worded } = elementsOf(desk);
    this.#desk = desk;
    const python = make("pre", { tabIndex: 0 });
    const radios = NAMES.map(which => this.#radio(which));
    const fieldset = make("fieldset", { className: "which" }, worded("legend", "train.which"), ...radios.map(({ label }) => label));
    const only = make("p", {});
    const actions = make(
      "div",
      { className: "row wrap actions" },
      button("train.items.more", heed.write, "main"),
      button("train.use", () => heed.ask("write", false)),
      button("train.save", () => heed.ask("save", false), "plain"),
      button("train.page", () => heed.ask("page", false), "plain"),
      button("train.small", () => heed.ask("save", true), "plain"),
    );
    this.#parts = { python, radios, fieldset, only };
    this.element = make("section", { className: "outcome" }, fieldset, only, actions, folded("train.python", false, python));
  }

  /** @param {Which} which */
  #radio(which) {
    const name = this.#desk.id("train-which");
    const box = make("input", { type: "radio", name, value: which, id: `${name}-${which}`, onchange: () => (this.which = which) });
    const text = make("span", {});
    return { which, box, text, label: make("label", { className: "small" }, box, text) };
  }

  /** @param {Known | null} known null: there is no network yet */
  show(known) {
    if (known !== this.#known) this.which = "last"; // which wrote what was seen
    this.#known = known;
    this.element.hidden = !known?.prepared;
    if (!known?.prepared) return;
    const { python, radios, fieldset, only } = this.#parts;
    const hasBest = Boolean(known.course.best && !this.#isOne(known));
    if (!hasBest) this.which = "last";
    fieldset.hidden = !hasBest;
    only.hidden = hasBest;
    only.textContent = this.nameOf(known, "last");
    for (const { which, box, text } of radios) {
      box.checked = which === this.which;
      text.textContent = this.nameOf(known, which);
    }
    python.textContent = pythonLines(known.prepared, fileName(known.title, ".safetensors"));
  }

  /** How one of a run's networks is called. @param {Known} known @param {Which} which */
  nameOf(known, which) {
    const { words } = this.#desk;
    const { course, prepared } = known;
    const { best, points } = course;
    const done = which === "best" && best ? best.done : doneOf(known);
    const value = which === "best" && best ? best.heldOut : (lastHeldOut(course) ?? points.at(-1)?.bits ?? NaN);
    const key = this.#isOne(known) ? "both" : which;
    return words.say(`train.which.${key}`, {
      done,
      bits: bits(words, prepared?.settings.level ?? "characters", value),
    });
  }

  /** Whether the last network is the best. @param {Known} known */
  #isOne(known) {
    return known.course.best?.done === doneOf(known);
  }
}

/** The few lines that load the file in PyTorch. @param {Prepared} prepared @param {string} file */
function pythonLines({ settings, facts }, file) {
  const { cell, layers, hidden, embedding } = settings;
  const V = facts.vocabulary;
  const name = { lstm: "LSTM", gru: "GRU", tanh: "RNN" }[cell];
  return `import torch
from safetensors.torch import load_file

class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()${embedding ? `\n        self.embedding = torch.nn.Embedding(${V}, ${embedding})` : ""}
        self.rnn = torch.nn.${name}(${embedding || V}, ${hidden}, num_layers=${layers}, batch_first=True)
        self.fc = torch.nn.Linear(${hidden}, ${V})

    def forward(self, ids, state=None):
        x = ${embedding ? "self.embedding(ids)" : `torch.nn.functional.one_hot(ids, ${V}).float()`}
        x, state = self.rnn(x, state)
        return self.fc(x), state

tensors = load_file("${file}")
vocabulary = bytes(tensors.pop("vocab").tolist()).decode().split("\\0")[:-1]
network = Network()
network.load_state_dict(tensors)
`;
}
