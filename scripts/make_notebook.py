#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stores networks of PyTorch or Keras and what they compute there, after scripts/nextchar_notebook.py has saved each:

    python3 scripts/make_notebook.py torch|keras|tf_keras [OUT_DIR]      # default: tests/golden/notebook

    OUT_DIR/torch.json, keras.json, tf_keras.json   small networks: weights, vocabulary, and what they give for some ids; and, with
                                  weights that drawn() makes, the networks of the lesson and of Keras' example in their own size
    OUT_DIR/network.safetensors   of torch: the lesson's network, trained on a few sentences as its notebook does
    OUT_DIR/pytorch.json          its logits after each character of a text, and what it writes greedily

tf_keras is Keras 2. `npm run notebook` has each of them, and runs this into a folder of its own.
"""
import importlib
import json
import sys
import tempfile
from pathlib import Path
from random import Random

from nextchar_notebook import save

TEXTS = [
    "Wall St. Bears Claw Back Into the Black (Reuters) Short-sellers are seeing green again, and the market is up today.",
    "Oil prices fell today after the company said that it would open the wells in the north again within a few weeks.",
    "Today the president of the company said in a statement that sales were up by a third of what they had been before.",
]
NCHARS, STEPS = 40, 240
UNITS = 3


def drawn(shapes):
    """Weights that need not be stored: they are the same numbers in each Python."""
    random = Random(1)

    def tensor(rows, *columns):
        return [tensor(*columns) if columns else random.uniform(-0.25, 0.25) for _ in range(rows)]
    return [tensor(*shape) for shape in shapes]


# ---- PyTorch ----

def batch(torch, text, ids):
    """All windows of one text, and the same shifted by one, as the notebook's get_batch."""
    encoded = [ids[c] for c in text]
    ins = torch.tensor([encoded[i:i + NCHARS] for i in range(len(encoded) - NCHARS)])
    outs = torch.tensor([encoded[i + 1:i + NCHARS + 1] for i in range(len(encoded) - NCHARS)])
    return ins, outs


def classes_of_torch(torch):
    from lesson_torch import LSTMGenerator
    nn = torch.nn

    class OtherNames(nn.Module):
        """Time first, an embedding, no biases; the state is asked for."""

        def __init__(self, cell, V):
            super().__init__()
            self.encoder = nn.Embedding(V, UNITS)
            self.layers = cell(UNITS, UNITS, 2, bias=False)
            self.decoder = nn.Linear(UNITS, V, bias=False)

        def forward(self, x, hidden):
            x, hidden = self.layers(self.encoder(x), hidden)
            return self.decoder(x), hidden

    class Cells(nn.Module):
        """An LSTMCell in a loop of its own; gives the logits after the last character alone."""

        def __init__(self, V):
            super().__init__()
            self.cell = nn.LSTMCell(V, UNITS)
            self.out = nn.Linear(UNITS, V)

        def forward(self, one_hot):
            state = None
            for x in one_hot.unbind(1):
                state = self.cell(x, state)
            return torch.log_softmax(self.out(state[0]), dim=-1)

    return LSTMGenerator, OtherNames, Cells


def train_lesson(torch, LSTMGenerator, out):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    vocab = list(dict.fromkeys("".join(TEXTS)))  # in the order of first appearance, as torchtext has it
    ids = {character: i for i, character in enumerate(vocab)}
    net = LSTMGenerator(len(vocab), 64)
    optimizer, loss = torch.optim.Adam(net.parameters(), 0.01), torch.nn.CrossEntropyLoss()
    for step in range(STEPS):
        ins, outs = batch(torch, TEXTS[step % len(TEXTS)], ids)
        optimizer.zero_grad()
        logits, _ = net(ins)
        error = loss(logits.view(-1, len(vocab)), outs.flatten())
        error.backward()
        optimizer.step()
    save(out / "network.safetensors", net, vocab, corpus="three sentences", source="scripts/make_notebook.py")
    prompt = "Today the company said "
    with torch.no_grad():
        logits, state = net(torch.tensor([[ids[c] for c in prompt]]))
        written, last = [], logits[0, -1]
        for _ in range(60):
            nc = torch.argmax(last)
            written.append(vocab[nc])
            answer, state = net(nc.view(1, -1), state)
            last = answer[0, -1]
    made = f"PyTorch {torch.__version__}, scripts/make_notebook.py"
    stored = {"made": made, "loss": error.item(), "prompt": prompt, "greedy": "".join(written),
              "logits": [[round(x, 7) for x in row] for row in logits[0].tolist()]}
    (out / "pytorch.json").write_text(json.dumps(stored) + "\n")


def networks_of_torch(torch, out):
    """name, network, vocabulary, what it gives for ids, its parts"""
    LSTMGenerator, OtherNames, Cells = classes_of_torch(torch)
    train_lesson(torch, LSTMGenerator, out)
    plain, gru, tanh, cells = LSTMGenerator(6, UNITS).half(), OtherNames(torch.nn.GRU, 6), OtherNames(torch.nn.RNN, 6), Cells(6)
    exact = LSTMGenerator(6, UNITS)
    exact.load_state_dict({name: tensor.float() for name, tensor in plain.state_dict().items()})
    for name, network, vocabulary, ask in [
        ("lstm-half", plain, "abcde ", lambda ids: exact(torch.tensor([ids]))[0][0]),
        ("gru-without-biases", gru, {character: id for id, character in enumerate("abcde", 1)},
         lambda ids: gru(torch.tensor(ids)[:, None], None)[0][:, 0]),
        ("tanh-without-biases", tanh, ["<unk>", "<pad>", *"abcd"], lambda ids: tanh(torch.tensor(ids)[:, None], None)[0][:, 0]),
        ("lstm-cell", cells, "abcde ", lambda ids: cells(torch.eye(6)[ids][None])),
    ]:
        state = {name: tensor.tolist() for name, tensor in network.state_dict().items()}
        yield name, network, vocabulary, vocabulary, ask, {"state": state}


# ---- Keras, 2 and 3 ----

CONFIG = ("activation", "recurrent_activation", "go_backwards", "reset_after", "mask_zero")


def tokenizer_of(characters, **settings):
    from tensorflow.keras.preprocessing.text import Tokenizer
    tokenizer = Tokenizer(char_level=True, **settings)
    tokenizer.fit_on_texts([characters])
    return tokenizer


def strings(vocabulary):
    return {key: getattr(vocabulary, key) for key in ("word_index", "num_words", "oov_token", "char_level", "lower")}


def asker(network, V, one_hot=True):
    import numpy

    def ask(ids):
        x = numpy.array([ids])
        return network.predict(numpy.eye(V, dtype="float32")[x] if one_hot else x, verbose=0).reshape(-1, V)
    return ask


def parts_of(network, weights_of):
    """What the test makes the network of."""
    kept = [{"kind": type(layer).__name__, "config": {key: value for key, value in layer.get_config().items() if key in CONFIG},
             **weights_of(layer.get_weights())} for layer in network.layers]
    return {"layers": kept, "input": list(network.input_shape)}


def networks_in_their_size(keras):
    """The lesson's, of 82 characters, padding 0 and end 83; and that of Keras' example, with two windows that are one character apart."""
    import numpy
    layers, letters = keras.layers, "".join(map(chr, range(33, 33 + 82)))
    titles, example = tokenizer_of(letters, lower=False), letters[:56]
    for name, shape, stack, vocabulary, stored, texts in [
        ("lesson-128", (None, 84), [layers.Masking(), layers.LSTM(128, return_sequences=True), layers.Dense(84, activation="softmax")],
         titles, strings(titles), []),
        ("window-40", (40, 56), [layers.LSTM(128), layers.Dense(56, activation="softmax")],
         example, example, [[place * 17 % 56 for place in range(first, first + 40)] for first in (0, 1)]),
    ]:
        network = keras.Sequential([keras.Input(shape), *stack])
        network.set_weights([*map(numpy.array, drawn([weight.shape for weight in network.get_weights()]))])
        ask = asker(network, shape[-1])
        parts = parts_of(network, lambda weights: {"shapes": [list(weight.shape) for weight in weights]})
        windows = [{"ids": ids, "output": ask(ids)[0].tolist()} for ids in texts]
        yield name, network, vocabulary, stored, ask, {**parts, "windows": windows}


def networks_of_keras(keras, _):
    import numpy
    random, layers = numpy.random.default_rng(1), keras.layers
    tokenizer, marked = tokenizer_of("abacabad", lower=False), tokenizer_of("abacabad", oov_token="?")

    # The lesson's: ids 1 to 4, padding 0, end 5. Its Masking masks nothing of a one-hot input.
    lesson = [layers.Masking(), layers.LSTM(UNITS, return_sequences=True), layers.Dense(6, activation="softmax")]
    gru = [layers.Embedding(6, 2, mask_zero=True), layers.GRU(UNITS, return_sequences=True), layers.Dropout(0.5),
           layers.GRU(UNITS, return_sequences=True, use_bias=False), layers.Dense(6)]
    # As in Keras' own example: of a window, the character behind it.
    window = [layers.LSTM(UNITS, return_sequences=True), layers.LSTM(UNITS, use_bias=False), layers.Dense(6, activation="softmax")]
    simple = [layers.SimpleRNN(UNITS, return_sequences=True), layers.TimeDistributed(layers.Dense(6, use_bias=False)), layers.Softmax()]
    for name, shape, stack, vocabulary, stored in [
        ("lesson", (None, 6), lesson, tokenizer, strings(tokenizer)),
        ("gru-embedding", (None,), gru, marked, strings(marked)),
        ("window", (5, 6), window, "abcde ", "abcde "),
        ("simple", (None, 6), simple, {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}, {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}),
    ]:
        network = keras.Sequential([keras.Input(shape), *stack])
        network.set_weights([random.normal(0, 0.7, weight.shape) for weight in network.get_weights()])
        parts = parts_of(network, lambda weights: {"weights": [weight.tolist() for weight in weights]})
        yield name, network, vocabulary, stored, asker(network, 6, len(shape) == 2), parts
    yield from networks_in_their_size(keras)


def rounded(data):
    """To the nine digits that a float32 has."""
    if isinstance(data, dict):
        return {key: rounded(part) for key, part in data.items()}
    return [rounded(part) for part in data] if isinstance(data, list) else float(f"{data:.9g}") if isinstance(data, float) else data


def main(framework, out="tests/golden/notebook"):
    out = Path(out)
    library = importlib.import_module(framework)
    made, cases = f"{framework} {library.__version__}, scripts/make_notebook.py", []
    if framework == "torch":
        library.manual_seed(1)
    for name, network, vocabulary, stored, ask, parts in (networks_of_torch if framework == "torch" else networks_of_keras)(library, out):
        asked = []

        def record(ids):
            asked.append((ids, ask(ids).tolist()))
            return asked[0][1]
        with tempfile.TemporaryDirectory() as folder:
            save(Path(folder) / "found.safetensors", network, vocabulary)  # which calls it by itself
            save(Path(folder) / "asked.safetensors", network, vocabulary, ask=record)
        ids, outputs = asked[0]
        cases.append(rounded({"name": name, **parts, "vocabulary": stored, "ids": ids, "outputs": outputs}))
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (out / f"{framework}.json").write_text(f'{{"made":"{made}","networks":[\n{text}\n]}}\n')


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
