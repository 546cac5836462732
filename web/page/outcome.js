// SPDX-License-Identifier: MIT
//
// outcome.js - what one does with a network that has learnt: write with it, save it, load the file in PyTorch.
import { elementsOf, make } from "./elements.js";

/** @typedef {import("../trainer/messages.js").Prepared} Prepared */
/** "write", or the name under which it is saved. @typedef {(use: string, quantized: boolean) => void} Ask */

export class Outcome {
  element;
  #python = make("pre", { tabIndex: 0 });

  /** @param {import("./contract.js").Desk} desk @param {Ask} ask asks for the network's file */
  constructor(desk, ask) {
    const { button, folded } = elementsOf(desk);
    const actions = make(
      "div",
      { className: "row wrap actions" },
      button("train.use", () => ask("write", false), "main"),
      button("train.save", () => ask("network.safetensors", false)),
      button("train.small", () => ask("network-int8.safetensors", true)),
    );
    this.element = make("div", { className: "desk" }, actions, folded("train.python", false, this.#python));
  }

  /** @param {Prepared | null} prepared null: there is no network yet */
  show(prepared) {
    this.element.hidden = !prepared;
    if (prepared) this.#python.textContent = pythonLines(prepared);
  }
}

/** The few lines that load the file in PyTorch. @param {Prepared} prepared */
function pythonLines({ settings, facts }) {
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

tensors = load_file("network.safetensors")
vocabulary = bytes(tensors.pop("vocab").tolist()).decode().split("\\0")[:-1]
network = Network()
network.load_state_dict(tensors)
`;
}
