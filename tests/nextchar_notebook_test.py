#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/nextchar_notebook.py without PyTorch and Keras: what only knows its shapes and numbers stands for theirs.

    python3 tests/nextchar_notebook_test.py                      # every refusal
    python3 tests/nextchar_notebook_test.py NAME FILE            # writes one of the networks below, for tests/notebook.test.mjs to open
    python3 tests/nextchar_notebook_test.py NAME FILE STORED     # or one that scripts/make_notebook.py has stored in STORED
    python3 tests/nextchar_notebook_test.py show FILE PAGE NETWORK PROMPT    # writes what show() displays of a weights file, at T = 0
"""
import gzip
import json
import math
import os
import sys
import tempfile
import threading
import unittest
from array import array
from base64 import b64decode
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from unittest import mock
from urllib.parse import parse_qs

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
import nextchar_notebook
from make_notebook import drawn
from nextchar_notebook import save, show


class Tensor:
    """As much as save() asks for of a tensor of PyTorch, or of an array of numpy."""

    def __init__(self, numbers):
        self.numbers, self.shape = numbers, [len(numbers)]
        if isinstance(numbers[0], list):
            self.shape.append(len(numbers[0]))

    def __iter__(self):
        return map(Tensor, self.numbers)

    @property
    def T(self):
        return Tensor([list(column) for column in zip(*self.numbers)])

    def tolist(self):
        return self.numbers

    def detach(self):
        return self

    cpu = detach


def tensor(*shape):
    rows = [[(i * shape[-1] + j) / 64 for j in range(shape[-1])] for i in range(math.prod(shape[:-1]))]
    return Tensor(rows if len(shape) > 1 else rows[0])


def state(V=3, H=2, cell=4, layers=1, E=0, bias=True):
    tensors = {"embedding.weight": tensor(V, E)} if E else {}
    for layer in range(layers):
        tensors[f"rnn.weight_ih_l{layer}"] = tensor(cell * H, H if layer else E or V)
        tensors[f"rnn.weight_hh_l{layer}"] = tensor(cell * H, H)
        if bias:
            tensors[f"rnn.bias_ih_l{layer}"], tensors[f"rnn.bias_hh_l{layer}"] = tensor(cell * H), tensor(cell * H)
    tensors["fc.weight"] = tensor(V, H)
    return {**tensors, "fc.bias": tensor(V)} if bias else tensors


def renamed(old, new, tensors):
    return {name.replace(old, new): tensor for name, tensor in tensors.items()}


def module(tensors, nonlinearity="tanh"):
    return SimpleNamespace(modules=lambda: [SimpleNamespace(nonlinearity=nonlinearity)], state_dict=lambda: tensors)


def layer(kind, weights, **config):
    """Of Keras."""
    made = type(kind, (), {"name": kind.lower(), "get_config": lambda self: config, "get_weights": lambda self: weights})()
    if kind == "TimeDistributed":
        made.layer = layer("Dense", weights, **config)
    return made


def keras(*layers, input_shape=(None, None, 3)):
    return SimpleNamespace(layers=layers, get_weights=None, input_shape=input_shape)


def lstm(**config):
    return layer("LSTM", [tensor(3, 8), tensor(2, 8), tensor(8)], activation="tanh", recurrent_activation="sigmoid", **config)


def gru(reset_after, bias):
    return layer("GRU", [tensor(3, 6), tensor(2, 6), bias], activation="tanh", recurrent_activation="sigmoid", reset_after=reset_after)


DENSE = layer("Dense", [tensor(2, 3), tensor(3)], activation="softmax")
ABC = ["a", "b", "c"]
NETWORKS = {
    "plain": (state(), ABC, {"corpus": "none"}),
    "without-biases": (state(bias=False, layers=2, E=2, cell=3), ABC, {}),
    "other-names": (renamed("fc.", "_orig_mod.module.out.", renamed("rnn.", "model.lstm.", state(E=2))), ABC, {}),
    "cells": (renamed("_l0", "", state(cell=3)), ABC, {}),
    "stacked": (renamed("rnn.weight_hh_l1", "b.weight_hh_l0", renamed("rnn.weight_ih_l1", "b.weight_ih_l0", state(layers=2, bias=False))),
                ABC, {}),
    "checkpoint": ({"state_dict": state(), "tokens": ("a", "b", "c"), "n_hidden": 2}, None, {}),
    "checkpoint-with-vocabulary": ({"model_state_dict": state(), "epoch": 3}, "abc", {}),
    "ids-of-tokens": (state(), {"c": 2, "a": 0, "b": 1}, {}),
    "tokens-of-ids": (state(), {2: "c", 0: "a", 1: "b"}, {}),
    "ids-from-1": (state(), {"b": 1, "c": 2}, {}),
    "empty-token": (state(), ["", "b", "c"], {}),
    "text-vectorization": (state(), SimpleNamespace(get_vocabulary=lambda: ["", "[UNK]", "c"]), {}),
    "num-words": (state(), SimpleNamespace(word_index={"b": 1, "c": 2, "d": 3}, num_words=3, oov_token=None), {}),
    "oov": (state(), SimpleNamespace(word_index={"?": 1, "c": 2}, oov_token="?"), {}),
    "torchtext": (state(), SimpleNamespace(get_itos=lambda: ["<pad>", "<unk>", "c"]), {"end": 2}),
    "older-torchtext": (state(), SimpleNamespace(itos=["<unk>", "b", "c"]), {"level": "words"}),
}


def without(name, tensors=None):
    tensors = tensors or state()
    del tensors[name]
    return tensors


def bad_number(number):
    tensors = state()
    tensors["fc.weight"].numbers[1][1] = number
    return tensors


REFUSED = [
    (module(state(cell=1), "relu"), ABC, {}, "nonlinearity is relu"),
    (state(cell=1), ABC, {"nonlinearity": "relu"}, "nonlinearity is relu"),
    (state(), None, {}, "which token is which: give a list"),
    (state(), 3, {}, "the vocabulary is a int: give a list"),
    (state(), {"a", "b", "c"}, {}, "a set has no order"),
    (state(), {"a": 1, "b": 2, "c": 3}, {}, "the vocabulary has 4: id 3 is none of the network's"),
    (state(), {"a": 0, "b": 1, "c": 1}, {}, "each token needs an id of its own"),
    (state(), {"a": "0", "b": "1", "c": "2"}, {}, "each token needs an id of its own"),
    (state(), {0: "a", 1: "b", 3: "c"}, {}, "the vocabulary has 3, none for id 2"),
    (state(), ["a", 1, "c"], {}, "token 1 is 1, which is no string"),
    (state(), ["", "", "c"], {}, "two tokens are the same"),
    (state(), ["a", "b\0", "c"], {}, "token 1 has a NUL"),
    (state(), ["a", "b", "a"], {}, "two tokens are the same"),
    (state(), ["a", "b" * 256, "c"], {}, "token 1 has 256 bytes; at most 255"),
    (state(), ["a", "\ud800", "c"], {}, "surrogates"),
    (state(), ["a", "b"], {}, "the network writes 3 tokens, the vocabulary has 2, none for id 2"),
    (state(), [], {}, "the vocabulary has 0, none for ids 0, 1, 2"),
    (state(layers=5), ABC, {}, "has 5 layers; at most 4"),
    (state(E=4097), ABC, {}, "the embedding 4097; at most 4096"),
    (state(cell=2), ABC, {}, "rnn.weight_hh_l0 is 4 x 2"),
    (bad_number(math.nan), ABC, {}, "fc.weight has a number that is NaN"),
    (bad_number(-math.inf), ABC, {}, "fc.weight has a number that is NaN"),
    (bad_number(1e39), ABC, {}, "too large for float32"),
    (without("fc.weight"), ABC, {}, "lacks an LSTM, GRU or RNN of PyTorch, or an nn.Linear"),
    ({"fc.weight": tensor(3, 2)}, ABC, {}, "lacks an LSTM, GRU or RNN of PyTorch"),
    (without("rnn.weight_hh_l0"), ABC, {}, "has no rnn.weight_hh_l0"),
    (without("rnn.weight_ih_l1", state(layers=2)), ABC, {}, "has no rnn.weight_ih_l1"),
    ({**state(), "rnn.weight_hh_l0_reverse": tensor(8, 2)}, ABC, {}, "no place for rnn.weight_hh_l0_reverse"),
    ({**state(), "norm.weight": tensor(2), "norm.bias": tensor(2)}, ABC, {}, "no place for norm.weight"),
    ({**state(), "hidden.weight": tensor(2, 2), "hidden.bias": tensor(2)}, ABC, {}, "no place for all of fc, hidden"),
    ({**state(), "rnn.bias_ih_l0": tensor(7)}, ABC, {}, "rnn.bias_ih_l0 is [7], expected [8]"),
    ({**state(), "rnn.weight_hh_l0": tensor(8)}, ABC, {}, "rnn.weight_hh_l0 has 1 dimensions, expected 2"),
    ({**state(), "rnn.bias_ih_l7": tensor(8)}, ABC, {}, "has no rnn.weight_ih_l7"),
    ({**state(), "fc.weight": tensor(3)}, ABC, {}, "no place for fc.weight"),
    ({**state(E=2), "embedding.weight": tensor(4, 2)}, ABC, {}, "embedding.weight is [4, 2], expected [3, 2]"),
    (state(), ABC, {"pad": 3}, "pad is 3; it must be an id below 3"),
    (state(), ABC, {"end": "one"}, "end is one"),
    (state(), ABC, {"": "x"}, "empty"),
    (state(), ABC, {"corpus": "\udc00"}, "surrogates"),
    (state(), ABC, {"corpus": "x" * (1 << 20)}, "more than 1 MiB"),
    (state(), ["<unknown>", "b", "c"], {"level": "words", "unknown": 1}, "another id than that of <unknown>"),
    (keras(gru(False, tensor(6)), DENSE), ABC, {}, "reset_after=False computes other numbers than nextchar; the weights cannot be turned "
     "into such: train it with reset_after=True"),
    (keras(lstm(go_backwards=True), DENSE), ABC, {}, "go_backwards=True computes other numbers"),
    (keras(layer("LSTM", [tensor(3, 8), tensor(2, 8)], activation="relu"), DENSE), ABC, {}, "train it with activation='tanh'"),
    (keras(layer("LSTM", [tensor(3, 8), tensor(2, 8)], recurrent_activation="hard_sigmoid"), DENSE), ABC, {},
     "train it with recurrent_activation='sigmoid'"),
    (keras(lstm()), ABC, {}, "lacks an LSTM, GRU or SimpleRNN layer with a Dense"),
    (keras(DENSE, lstm()), ABC, {}, "no place for the layer dense, Dense"),
    (keras(layer("Bidirectional", [tensor(3, 8)]), DENSE), ABC, {}, "no place for the layer bidirectional, Bidirectional"),
    (keras(lstm(), DENSE, DENSE), ABC, {}, "no place for the layer dense, Dense"),
    (keras(lstm(), layer("LSTM", [tensor(2, 12), tensor(3, 12)]), layer("Dense", [tensor(3, 3)])), ABC, {}, "must be of one kind and size"),
    (module(state()), ABC, {"ask": lambda ids: [[0.5, 0.0, 0.0]] * 8}, "the network itself gives other numbers"),
    (module(state()), ABC, {"ask": lambda ids: [math.nan, 0.0, 0.0]}, "could not be run to compare its numbers"),
    (module(state()), ABC, {"ask": lambda ids: [[0.5, 0.0]] * 8}, "it gives no numbers for each token"),
    (module(state()), ABC, {"ask": lambda ids: ids["x"]}, "TypeError: list indices"),
]


class Stored:
    """A network that scripts/make_notebook.py has stored, as it was in its own program."""

    def __init__(self, path, name):
        case = next(case for case in json.loads(Path(path).read_text())["networks"] if case["name"] == name)
        vocabulary = case["vocabulary"]
        self.vocabulary = SimpleNamespace(**vocabulary) if "word_index" in vocabulary else vocabulary
        if "state" in case:
            self.network = module({name: Tensor(numbers) for name, numbers in case["state"].items()})
        else:
            weights = iter(drawn([shape for held in case["layers"] for shape in held.get("shapes", [])]))
            stored = [held["weights"] if "weights" in held else [next(weights) for _ in held["shapes"]] for held in case["layers"]]
            self.network = keras(*(layer(held["kind"], [*map(Tensor, numbers)], **held["config"])
                                   for held, numbers in zip(case["layers"], stored)), input_shape=tuple(case["input"]))
        self.outputs = {tuple(case["ids"]): case["outputs"]}

    def ask(self, ids):
        return self.outputs[tuple(ids)]

    def save(self, path):
        save(path, self.network, self.vocabulary, ask=self.ask)


class Save(unittest.TestCase):
    def test_what_nextchar_could_not_open_is_refused_with_a_sentence_and_nothing_is_written(self):
        for network, vocabulary, meta, words in REFUSED:
            with self.subTest(words), tempfile.TemporaryDirectory() as folder:
                with self.assertRaises(ValueError) as refused:
                    save(f"{folder}/network.safetensors", network, vocabulary, **meta)
                self.assertIn(words, str(refused.exception))
                self.assertEqual(os.listdir(folder), [])

    def test_where_it_cannot_be_written_no_part_of_it_is_left(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/network.safetensors")
            with self.assertRaises(OSError):
                save(f"{folder}/network.safetensors", *NETWORKS["plain"][:2])
            self.assertEqual(os.listdir(folder), ["network.safetensors"])

    def test_nothing_is_written_over_but_the_file_itself_which_has_the_rights_that_others_have(self):
        with tempfile.TemporaryDirectory() as folder:
            names = "network.safetensors.part", "network.safetensors"
            for name in names:
                Path(folder, name).write_text("somebody's own")
            before = Path(folder, names[1]).stat().st_mode
            save(f"{folder}/network.safetensors", *NETWORKS["plain"][:2])
            self.assertEqual(sorted(os.listdir(folder)), sorted(names))
            self.assertEqual(Path(folder, names[0]).read_text(), "somebody's own")
            self.assertEqual(Path(folder, names[1]).stat().st_mode, before)

    def test_gates_in_another_order_show_in_the_numbers(self):
        golden = Path(__file__).parent / "golden" / "notebook"
        right = nextchar_notebook.cell_step
        for path, name in ("keras.json", "lesson"), ("keras.json", "gru-embedding"), ("torch.json", "lstm-half"):
            stored = Stored(golden / path, name)
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                def wrong(a, b, h, c):
                    H = len(h)
                    return right(a[H:2 * H] + a[:H] + a[2 * H:], b[H:2 * H] + b[:H] + b[2 * H:], h, c)
                try:
                    nextchar_notebook.cell_step = wrong
                    self.assertRaisesRegex(ValueError, "other numbers", stored.save, f"{folder}/network.safetensors")
                finally:
                    nextchar_notebook.cell_step = right
                stored.save(f"{folder}/network.safetensors")


PAGE = '<!doctype html>\n<p>before</p>\n<script type="application/json" id="work">null</script>\n<script>"behind"</script>\n'


def displayed(*given, **named):
    """What show() displays in a notebook."""
    bundles = []
    display = SimpleNamespace(display=lambda bundle, raw: bundles.append(bundle))
    with mock.patch.dict(sys.modules, {"IPython": SimpleNamespace(display=display), "IPython.display": display}):
        show(*given, **named)
    [bundle] = bundles
    return bundle["text/html"]


def shown(*given, **named):
    """The attributes of the frame in it."""
    frames = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: frames.append(dict(attributes, tag=tag))
    parser.feed(displayed(*given, **named))
    [frame] = frames
    return frame


def read_weights(path):
    """The state_dict of a weights file, and its tokens."""
    data, state = Path(path).read_bytes(), {}
    begin = 8 + int.from_bytes(data[:8], "little")
    for name, held in json.loads(data[8:begin]).items():
        if name == "vocab":
            tokens = data[begin + held["data_offsets"][0]:begin + held["data_offsets"][1]].decode().split("\0")[:-1]
        elif name != "__metadata__":
            numbers = [*array("f", data[begin + held["data_offsets"][0]:begin + held["data_offsets"][1]])]
            columns = held["shape"][1] if len(held["shape"]) == 2 else 0
            state[name] = Tensor([numbers[i:i + columns] for i in range(0, len(numbers), columns)] if columns else numbers)
    return state, tokens


class Show(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.page = Path(self.folder, "nextchar.html")
        self.page.write_text(PAGE)

    def test_the_page_stands_in_a_frame_of_its_own_with_the_network_and_the_prompt_as_they_are(self):
        prompt = "</script><!-- & \"it's\"\n\t+%41ё"
        frame = shown(*NETWORKS["plain"][:2], prompt=prompt, temperature=0.3, height=500, page=str(self.page), corpus="</script>")
        self.assertEqual((frame["tag"], frame["sandbox"], frame["height"]), ("iframe", "allow-scripts allow-downloads", "500"))
        before, behind = PAGE.split("null")
        self.assertTrue(frame["srcdoc"].startswith(before) and frame["srcdoc"].endswith(behind))
        work = frame["srcdoc"][len(before):-len(behind)]
        self.assertNotIn("<", work)
        work = json.loads(work)
        self.assertEqual(parse_qs(work["settings"][1:]), {"network": ["saved"], "prompt": [prompt], "temperature": ["0.3"]})
        save(f"{self.folder}/network.safetensors", *NETWORKS["plain"][:2], corpus="</script>")
        data = Path(self.folder, "network.safetensors").read_bytes()
        self.assertEqual(work["archive"]["lengths"], {f"weights/{work['listed']['file']}": len(data)})
        self.assertEqual(gzip.decompress(b64decode(work["archive"]["gzip"])), data)

    def test_the_page_is_found_beside_the_notebook_beside_the_script_or_at_an_address(self):
        class Site(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/nextchar.html" else 404)
                self.end_headers()
                self.wfile.write(PAGE.encode())

            def log_message(self, *_):
                pass
        server = HTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        site = f"http://127.0.0.1:{server.server_port}"
        network = NETWORKS["plain"][:2]
        self.addCleanup(os.chdir, os.getcwd())
        with tempfile.TemporaryDirectory() as elsewhere:
            os.chdir(self.folder)
            self.assertIn("before", shown(*network)["srcdoc"])
            os.chdir(elsewhere)
            self.assertIn("before", shown(*network, page=f"{site}/nextchar.html")["srcdoc"])
            with mock.patch.object(nextchar_notebook, "__file__", f"{self.folder}/nextchar_notebook.py"):
                self.assertIn("before", shown(*network)["srcdoc"])
            for page, words in (f"{site}/other.html", "HTTP Error 404"), ("nextchar.html", "No such file"):
                with self.assertRaisesRegex(ValueError, f"{words}.* `npm run onefile` makes"):
                    shown(*network, page=page)
            Path("nextchar.html").write_text("<p>another page")
            with self.assertRaisesRegex(ValueError, "nextchar.html is not nextchar's page in one file.* `npm run onefile` makes"):
                shown(*network)
            os.chdir(self.folder)

    def test_a_network_that_would_have_other_numbers_there_is_not_shown(self):
        with self.assertRaisesRegex(ValueError, "other numbers"):
            shown(module(state()), ABC, page=str(self.page), ask=lambda ids: [[0.5, 0.0, 0.0]] * 8)


if __name__ == "__main__":
    if len(sys.argv) == 6:
        _, _, file, page, weights, prompt = sys.argv
        Path(file).write_text(displayed(*read_weights(weights), prompt=prompt, temperature=0, page=page))
    elif len(sys.argv) == 4:
        Stored(sys.argv[3], sys.argv[1]).save(sys.argv[2])
    elif len(sys.argv) == 3:
        network, vocabulary, meta = NETWORKS[sys.argv[1]]
        save(sys.argv[2], network, vocabulary, **meta)
    else:
        unittest.main()
