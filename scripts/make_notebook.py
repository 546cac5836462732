#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains the network of the lesson's PyTorch notebook as the notebook does, on a few sentences, and stores what it computes:

    /usr/bin/python3 scripts/make_notebook.py [OUT_DIR]          # default: tests/golden/notebook

    OUT_DIR/network.safetensors   the network, by scripts/export_torch.py
    OUT_DIR/pytorch.json          logits after each character of a text, and what it writes greedily

Needs Debian's python3-torch.
"""
import json
import sys
from pathlib import Path

import torch
from torch import nn

from export_torch import export

TEXTS = [
    "Wall St. Bears Claw Back Into the Black (Reuters) Short-sellers are seeing green again, and the market is up today.",
    "Oil prices fell today after the company said that it would open the wells in the north again within a few weeks.",
    "Today the president of the company said in a statement that sales were up by a third of what they had been before.",
]
NCHARS, STEPS = 40, 240


class LSTMGenerator(nn.Module):
    """As in the notebook: one-hot characters, one LSTM, a linear head."""

    def __init__(self, vocab_size, hidden_dim):
        super().__init__()
        self.rnn = nn.LSTM(vocab_size, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, vocab_size)

    def forward(self, x, s=None):
        x = nn.functional.one_hot(x, self.fc.out_features).to(torch.float32)
        x, s = self.rnn(x, s)
        return self.fc(x), s


def batch(text, ids):
    """All windows of one text, and the same shifted by one, as the notebook's get_batch."""
    encoded = [ids[c] for c in text]
    ins = torch.tensor([encoded[i:i + NCHARS] for i in range(len(encoded) - NCHARS)])
    outs = torch.tensor([encoded[i + 1:i + NCHARS + 1] for i in range(len(encoded) - NCHARS)])
    return ins, outs


def main(out):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    vocab = list(dict.fromkeys("".join(TEXTS)))  # in the order of first appearance, as torchtext has it
    ids = {character: i for i, character in enumerate(vocab)}
    net = LSTMGenerator(len(vocab), 64)
    optimizer, loss = torch.optim.Adam(net.parameters(), 0.01), nn.CrossEntropyLoss()
    for step in range(STEPS):
        ins, outs = batch(TEXTS[step % len(TEXTS)], ids)
        optimizer.zero_grad()
        logits, _ = net(ins)
        error = loss(logits.view(-1, len(vocab)), outs.flatten())
        error.backward()
        optimizer.step()
    export(net, vocab, out / "network.safetensors", corpus="three sentences", source="scripts/make_notebook.py")
    prompt = "Today the company said "
    with torch.no_grad():
        logits, state = net(torch.tensor([[ids[c] for c in prompt]]))
        written, last = [], logits[0, -1]
        for _ in range(60):
            nc = torch.argmax(last)
            written.append(vocab[nc])
            answer, state = net(nc.view(1, -1), state)
            last = answer[0, -1]
    stored = {"made": f"PyTorch {torch.__version__}, scripts/make_notebook.py", "loss": error.item(), "prompt": prompt, "greedy": "".join(written),
              "logits": [[round(x, 7) for x in row] for row in logits[0].tolist()]}
    (out / "pytorch.json").write_text(json.dumps(stored) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "tests" / "golden" / "notebook")
