#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/export_torch.py without PyTorch: tensors that only know their shape and numbers stand for its own.

    python3 tests/export_torch_test.py            # every refusal
    python3 tests/export_torch_test.py NAME FILE  # writes one of the networks below, for tests/notebook.test.mjs to open
"""
import math
import struct
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from export_torch import export


class Tensor:
    """As much of torch.Tensor as export() asks for."""

    def __init__(self, *shape, start=0.0):
        self.shape, self.numbers = shape, [start + i / 64 for i in range(math.prod(shape))]

    def detach(self):
        return self

    cpu = float = contiguous = numpy = detach

    def isfinite(self):
        return SimpleNamespace(all=lambda: all(map(math.isfinite, self.numbers)))

    def astype(self, dtype):
        assert dtype == "<f4"
        return SimpleNamespace(tobytes=lambda: struct.pack(f"<{len(self.numbers)}f", *self.numbers))


def state(V=3, H=2, cell=4, layers=1, E=0, bias=True):
    tensors = {"embedding.weight": Tensor(V, E)} if E else {}
    for layer in range(layers):
        tensors[f"rnn.weight_ih_l{layer}"] = Tensor(cell * H, H if layer else E or V)
        tensors[f"rnn.weight_hh_l{layer}"] = Tensor(cell * H, H)
        if bias:
            tensors[f"rnn.bias_ih_l{layer}"], tensors[f"rnn.bias_hh_l{layer}"] = Tensor(cell * H), Tensor(cell * H)
    tensors["fc.weight"] = Tensor(V, H)
    return {**tensors, "fc.bias": Tensor(V)} if bias else tensors


def module(nonlinearity):
    return SimpleNamespace(rnn=SimpleNamespace(nonlinearity=nonlinearity), state_dict=lambda: state(cell=1))


NETWORKS = {
    "plain": (state(), ["a", "b", "c"], {"corpus": "none"}),
    "without-biases": (state(bias=False, layers=2, E=2, cell=3), ["a", "b", "c"], {}),
    "tanh": (module("tanh"), "abc", {}),
    "ids-of-tokens": (state(), {"c": 2, "a": 0, "b": 1}, {}),
    "tokens-of-ids": (state(), {2: "c", 0: "a", 1: "b"}, {}),
    "torchtext": (state(), SimpleNamespace(get_itos=lambda: ["<pad>", "<unk>", "c"]), {"end": 2}),
    "older-torchtext": (state(), SimpleNamespace(itos=["<unk>", "b", "c"]), {"level": "words"}),
}


def without(name, tensors=None):
    tensors = tensors or state()
    del tensors[name]
    return tensors


def bad_number(number):
    tensors = state()
    tensors["fc.weight"].numbers[3] = number
    return tensors


ABC = ["a", "b", "c"]
REFUSED = [
    (module("relu"), ABC, {}, "nonlinearity is relu"),
    (state(cell=1), ABC, {"nonlinearity": "relu"}, "nonlinearity is relu"),
    (state(), {"a", "b", "c"}, {}, "a set has no order"),
    (state(), {"a": 1, "b": 2, "c": 3}, {}, "must be 0 to 2, each once"),
    (state(), {"a": 0, "b": 1, "c": 1}, {}, "must be 0 to 2, each once"),
    (state(), {0: "a", 1: "b", 3: "c"}, {}, "must be 0 to 2, each once"),
    (state(), ["a", 1, "c"], {}, "token 1 is 1, which is no string"),
    (state(), ["a", "", "c"], {}, "token 1 is empty"),
    (state(), ["a", "b\0", "c"], {}, "token 1 is empty or has a NUL"),
    (state(), ["a", "b", "a"], {}, "two tokens are the same"),
    (state(), ["a", "b" * 256, "c"], {}, "token 1 has 256 bytes; at most 255"),
    (state(), ["a", "\ud800", "c"], {}, "surrogates"),
    (state(), ["a", "b"], {}, "the vocabulary has 2 tokens, fc writes 3"),
    (state(), [], {}, "the vocabulary has 0 tokens"),
    (state(layers=5), ABC, {}, "has 5 layers; at most 4"),
    (state(E=4097), ABC, {}, "the embedding 4097; at most 4096"),
    (state(cell=2), ABC, {}, "rnn.weight_hh_l0 is 4 x 2"),
    (bad_number(math.nan), ABC, {}, "fc.weight has a number that is NaN"),
    (bad_number(-math.inf), ABC, {}, "fc.weight has a number that is NaN"),
    (without("fc.weight"), ABC, {}, "has no fc.weight"),
    (without("rnn.weight_hh_l0"), ABC, {}, "has no rnn.weight_hh_l0"),
    (without("rnn.weight_ih_l1", state(layers=2)), ABC, {}, "rnn.weight_ih_l1 is None, expected [8, 2]"),
    ({**state(), "rnn.weight_hh_l0_reverse": Tensor(8, 2)}, ABC, {}, "no place for rnn.weight_hh_l0_reverse"),
    ({**state(), "norm.weight": Tensor(2), "norm.bias": Tensor(2)}, ABC, {}, "no place for norm.bias, norm.weight"),
    ({**state(), "rnn.bias_ih_l0": Tensor(7)}, ABC, {}, "rnn.bias_ih_l0 is [7], expected [8]"),
    ({**state(), "rnn.bias_ih_l7": Tensor(8)}, ABC, {}, "rnn.bias_ih_l7 is [8], expected None"),
    ({**state(), "fc.weight": Tensor(3)}, ABC, {}, "fc.weight has 1 dimensions"),
    ({**state(E=2), "embedding.weight": Tensor(4, 2)}, ABC, {}, "embedding.weight is [4, 2], expected [3, 2]"),
    (state(), ABC, {"pad": 3}, "pad is 3; it must be an id below 3"),
    (state(), ABC, {"end": "one"}, "end is one"),
    (state(), ABC, {"": "x"}, "empty"),
    (state(), ABC, {"corpus": "\udc00"}, "surrogates"),
    (state(), ABC, {"corpus": "x" * (1 << 20)}, "more than 1 MiB"),
    (state(), ["<unknown>", "b", "c"], {"level": "words", "unknown": 1}, "another id than that of <unknown>"),
]


class Export(unittest.TestCase):
    def test_what_nextchar_could_not_open_is_refused_with_a_sentence_and_nothing_is_written(self):
        for net, vocab, meta, words in REFUSED:
            with self.subTest(words), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "network.safetensors"
                with self.assertRaises(ValueError) as refused:
                    export(net, vocab, path, **meta)
                self.assertIn(words, str(refused.exception))
                self.assertFalse(path.exists())


if __name__ == "__main__":
    if len(sys.argv) == 3:
        net, vocab, meta = NETWORKS[sys.argv[1]]
        export(net, vocab, sys.argv[2], **meta)
    else:
        unittest.main()
