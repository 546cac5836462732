# SPDX-License-Identifier: MIT
"""The network of the lesson's PyTorch notebook, for what compares with it. Needs PyTorch."""
import torch
from torch import nn


class LSTMGenerator(nn.Module):
    """As in the lesson: one-hot characters, one LSTM, a linear head; with the hidden size as an argument (the lesson has 64)."""

    def __init__(self, vocab_size, hidden_dim):
        super().__init__()
        self.rnn = nn.LSTM(vocab_size, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, vocab_size)

    def forward(self, x, s=None):
        x = nn.functional.one_hot(x, self.fc.out_features).to(torch.float32)
        x, s = self.rnn(x, s)
        return self.fc(x), s
