#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/nextchar_notebook.py with networks of PyTorch and Keras themselves: how they are called, and what is refused by its numbers.

    python3 tests/notebook_frameworks_test.py Torch            # or Keras3, or Keras2
"""
import importlib
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from nextchar_notebook import save

ABC, V, H = "abcdefgh", 8, 5


class Saves(unittest.TestCase):
    def saved(self, network, vocabulary=ABC, **meta):
        """The metadata of the file."""
        with tempfile.TemporaryDirectory() as folder:
            save(f"{folder}/network.safetensors", network, vocabulary, **meta)
            data = Path(folder, "network.safetensors").read_bytes()
        return json.loads(data[8:8 + int.from_bytes(data[:8], "little")])["__metadata__"]

    def refused(self, words, network, vocabulary=ABC, **meta):
        self.assertRaisesRegex(ValueError, words, self.saved, network, vocabulary, **meta)


def torch_networks(torch):
    nn = torch.nn

    class Generator(nn.Module):
        """What stands between its layers is given; the state is taken as the lesson's network takes it."""

        def __init__(self, cell=nn.LSTM, between=lambda h: h, after=lambda logits: logits, **settings):
            super().__init__()
            self.rnn, self.fc, self.between, self.after = cell(V, H, batch_first=True, **settings), nn.Linear(H, V), between, after

        def forward(self, x, s=None):
            x, s = self.rnn(nn.functional.one_hot(x, V).to(self.fc.weight.dtype), s)
            return self.after(self.fc(self.between(x))), s

    class Last(Generator):
        """State as two arguments, one-hot input of two dimensions in each step, a flat output, as in many tutorials."""

        def forward(self, x, h, c):
            x, (h, c) = self.rnn(x, (h, c))
            return self.fc(x.reshape(-1, H)), h, c

    class Remembering(Generator):
        """Keeps its state from call to call."""
        state = None

        def forward(self, x):
            logits, self.state = super().forward(x, self.state)
            return logits

    return Generator, Last, Remembering


class Torch(Saves):
    @classmethod
    def setUpClass(cls):
        import torch
        torch.manual_seed(1)
        cls.torch = torch
        cls.Generator, cls.Last, cls.Remembering = torch_networks(torch)

    def test_however_the_network_is_called_its_numbers_are_found(self):
        nn = self.torch.nn
        for cell in nn.RNN, nn.GRU, nn.LSTM:
            self.saved(self.Generator(cell, num_layers=2, dropout=0.5))
        self.saved(self.Last())
        self.saved(self.Remembering())
        self.saved(self.Generator(after=nn.LogSoftmax(dim=-1)))
        self.saved(self.Generator(after=nn.Softmax(dim=-1)))
        self.saved(nn.DataParallel(self.Generator()))
        if hasattr(self.torch, "compile"):
            self.saved(self.torch.compile(self.Generator()))

    def test_any_precision_is_taken_and_the_network_stays_as_it_is(self):
        for dtype in self.torch.float16, self.torch.bfloat16, self.torch.float64:
            network = self.Generator().to(dtype)
            self.saved(network)
            self.assertEqual((network.fc.weight.dtype, network.training), (dtype, True))

    def test_what_stands_between_the_layers_is_refused_by_its_numbers(self):
        nn, functional = self.torch.nn, self.torch.nn.functional
        self.refused("the network itself gives other numbers", self.Generator(between=functional.relu))
        self.refused("the network itself gives other numbers", self.Generator(between=lambda h: functional.layer_norm(h, (H,))))
        self.refused("the network itself gives other numbers", self.Generator(after=lambda logits: logits / 0.8))
        self.refused("no place for all of", self.Generator(between=nn.Linear(H, H)))
        self.refused("no place for between.weight", self.Generator(between=nn.LayerNorm(H)))
        self.refused("nonlinearity is relu", self.Generator(nn.RNN, nonlinearity="relu"))
        self.refused("weight_ih_l0_reverse", self.Generator(bidirectional=True, between=lambda h: h[..., :H]))
        self.refused("weight_hr_l0", self.Generator(proj_size=2, between=lambda h: functional.pad(h, (0, H - 2))))

    def test_a_network_that_cannot_be_called_names_the_way_out_which_helps(self):
        class Odd(self.Generator):
            def forward(self, x, temperature, *, mode):
                return super().forward(x)[0] * mode

        network = Odd()
        self.refused("could not be run to compare its numbers .TypeError: .*ask=lambda ids", network)
        self.saved(network, ask=lambda ids: network(self.torch.tensor([ids]), 1, mode=1))
        self.refused("other numbers", network, ask=lambda ids: network(self.torch.tensor([ids]), 1, mode=2))

    def test_a_checkpoint_of_torch_load_is_taken_with_its_tokens(self):
        with tempfile.TemporaryDirectory() as folder:
            self.torch.save({"state_dict": self.Generator().state_dict(), "tokens": tuple(ABC)}, f"{folder}/net.pt")
            self.saved(self.torch.load(f"{folder}/net.pt"), None)


class OfKeras:
    @classmethod
    def setUpClass(cls):
        cls.keras = importlib.import_module(cls.framework)
        cls.layers = cls.keras.layers
        cls.keras.utils.set_random_seed(1)

    def network(self, *stack, shape=(None, V)):
        return self.keras.Sequential([self.keras.Input(shape), *stack, self.layers.Dense(V, activation="softmax")])

    def lstm(self, **settings):
        return self.layers.LSTM(H, return_sequences=True, **settings)

    def test_each_kind_of_layer_is_taken(self):
        layers = self.layers
        for cell in layers.LSTM, layers.GRU, layers.SimpleRNN:
            for settings in {}, {"use_bias": False}:
                self.saved(self.network(layers.Masking(), cell(H, return_sequences=True, **settings), layers.Dropout(0.5)))
        self.assertEqual(self.saved(self.network(layers.Embedding(V, 3, mask_zero=True), self.lstm(), shape=(None,)))["pad"], "0")
        self.saved(self.network(self.lstm(), self.keras.Sequential([self.lstm()])))

    def test_a_network_with_a_window_is_run_with_one_and_a_stateful_one_from_the_zero_state(self):
        self.saved(self.network(self.layers.LSTM(H), shape=(40, V)))
        inputs = self.keras.Input(batch_shape=(3, None, V))
        network = self.keras.Model(inputs, self.layers.Dense(V)(self.lstm(stateful=True)(inputs)))
        for _ in range(2):
            self.saved(network)

    def test_a_model_with_a_call_of_its_own_is_taken_by_its_layers(self):
        keras, layers = self.keras, self.layers

        class Model(keras.Model):
            """As in TensorFlow's tutorial on text generation."""

            def __init__(self):
                super().__init__()
                self.embedding, self.gru = layers.Embedding(V, 4), layers.GRU(H, return_sequences=True, return_state=True)
                self.dense = layers.Dense(V)

            def call(self, inputs, states=None, training=False):
                x, states = self.gru(self.embedding(inputs, training=training), initial_state=states, training=training)
                return self.dense(x, training=training), states

        import numpy
        network = Model()
        network(numpy.array([[1, 2]]))
        self.saved(network)

    def test_half_precision_is_taken(self):
        for policy in "mixed_float16", "mixed_bfloat16":
            self.keras.mixed_precision.set_global_policy(policy)
            try:
                network = self.network(self.lstm(), self.lstm())
            finally:
                self.keras.mixed_precision.set_global_policy("float32")
            self.saved(network)

    def test_what_would_have_other_numbers_is_refused(self):
        layers = self.layers
        self.refused("the weights cannot be turned into such: train it with reset_after=True",
                     self.network(layers.GRU(H, return_sequences=True, reset_after=False)))
        self.refused("recurrent_activation='hard_sigmoid'", self.network(self.lstm(recurrent_activation="hard_sigmoid")))
        self.refused("activation='relu'", self.network(layers.SimpleRNN(H, activation="relu", return_sequences=True)))
        self.refused("no place for the layer .*Bidirectional", self.network(layers.Bidirectional(self.lstm())))
        self.refused("no place for the layer", self.network(self.lstm(), layers.LayerNormalization()))
        self.refused("the network itself gives other numbers", self.network(self.lstm(), layers.ReLU()))

    def test_the_vocabulary_of_a_text_vectorization_is_taken(self):
        vectorization = self.layers.TextVectorization(standardize=None, split="character")
        vectorization.adapt(["abcdef", "fedcba"])
        made = self.saved(self.network(self.layers.Embedding(V, 3), self.lstm(), shape=(None,)), vectorization)
        self.assertEqual((made["pad"], made["unknown"]), ("0", "1"))

    def test_a_tokenizer_of_words_makes_a_network_of_words(self):
        from tensorflow.keras.preprocessing.text import Tokenizer
        tokenizer = Tokenizer(oov_token="<oov>")
        tokenizer.fit_on_texts(["The cat sat on the mat."])
        made = self.saved(self.network(self.lstm()), tokenizer)
        self.assertEqual((made["level"], made["pad"], made["unknown"], made["end"]), ("words, folded", "0", "1", "7"))


class Keras3(OfKeras, Saves):
    framework = "keras"


class Keras2(OfKeras, Saves):
    framework = "tf_keras"


if __name__ == "__main__":
    unittest.main()
