#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows a network of PyTorch or Keras in nextchar's page under the cell, or saves it as a file that nextchar opens: that of the
lesson's notebooks, or any of its kind.

In the notebook, with this file beside it or its text in a cell:

    from nextchar_notebook import save, show
    show(network, vocabulary, prompt="Today ", temperature=0.8)     # needs nextchar.html beside it too
    save("network.safetensors", network, vocabulary)

network     of PyTorch: a module with one nn.LSTM, nn.GRU or nn.RNN (or several, or cells, one behind the other), an nn.Linear
            and, unless its input is one-hot, an nn.Embedding, under any names.
            of Keras: LSTM, GRU or SimpleRNN layers, a Dense and, unless its input is one-hot, an Embedding.
            A state_dict, or what torch.load() gives with one in it, is taken too; it cannot be run, so that nothing is compared.
vocabulary  the tokens in the order of their ids: a list or a string; a dict {token: id} or {id: token}; a torchtext vocabulary; of
            Keras a Tokenizer, TextVectorization or StringLookup. If its ids begin at 1, id 0 is padding, "<pad>", and one id
            behind the last is "<end>", as in the lesson. Padding and what stands for unknown tokens is never drawn, an end ends
            the text: they are known by names such as "<pad>", "<unk>", "<eos>"; of others, say pad=0, unknown=1 or end=2.
ask         a function that gives the network's logits or probabilities for a list of ids, after each or after the last, where
            it is not found out how the network is called: ask=lambda ids: network(torch.tensor([ids]), None)[0]
meta        further strings to write into the file, such as corpus="AG News"; level="words" if the tokens are words
page        of show(): nextchar's page in one file: its path, from the notebook or from this file, or its address
height      of show(): of the page, in pixels

What show() displays is the whole page, about 1 MB, with the network in it; the notebook's file grows by as much. Nothing is loaded from
elsewhere, and the frame of the page reaches nothing of the notebook's. Jupyter shows it to the next reader of the notebook who trusts
it or runs the cell.

Before it is shown or written, a short prompt runs through the network and through the file's numbers, in PyTorch's formulas. If the two
differ, or if nextchar could not open the file, ValueError says why and nothing is written. Needs nothing but the network's own
framework and, for show(), the notebook.

A network that is asked about windows, as that of Keras' example about 40 characters, begins each with the zero state. In nextchar the
state goes on: up to the end of a first window the numbers are the notebook's, behind it they are those of a longer one, for which it
was not trained. With the last 40 characters as the prompt they are the notebook's again.
"""
import copy
import gzip
import json
import math
import numbers
import os
import re
import struct
from array import array
from base64 import b64encode
from html import escape
from operator import mul
from urllib.parse import quote, urlencode
from urllib.request import urlopen

MOST_LAYERS, MOST_UNITS, MOST_TOKENS, MOST_TOKEN_BYTES, MOST_TABLE, MOST_HEADER = 4, 4096, 65536, 255, 1 << 26, 1 << 20
KINDS = "weight_ih", "weight_hh", "bias_ih", "bias_hh"  # of a layer
CELLS = {1: "tanh RNN", 3: "GRU", 4: "LSTM"}  # by blocks of gates
SPECIAL = {"<unknown>": "unknown", "<unk>": "unknown", "[unk]": "unknown", "<oov>": "unknown", "<pad>": "pad", "[pad]": "pad",
           "<end>": "end", "<eos>": "end", "[eos]": "end", "</s>": "end", "<|endoftext|>": "end"}
STEPS = 8  # of the prompt that is compared
PROBABLE = math.log(1e-6)  # of a token whose numbers are compared
LIST = "give a list of the tokens in the order of their ids, with a name such as <pad> for an id without a character"
WORK = '<script type="application/json" id="work">'  # of the page in one file: what it begins with
PAGE = ("each release of nextchar has it, `npm run onefile` makes it; put it beside the notebook, or say where it is: "
        'show(..., page="its path or address")')
ASK = "say how it is called: save(..., ask=lambda ids: its logits after each of these ids)"


def need(condition, sentence):
    if not condition:
        raise ValueError(sentence)


# ---- the vocabulary ----

def names_of(vocabulary, V):
    """{id: token}"""
    for method in "get_itos", "get_vocabulary":
        vocabulary = getattr(vocabulary, method, lambda: vocabulary)()
    vocabulary = getattr(vocabulary, "itos", vocabulary)
    need(not isinstance(vocabulary, (set, frozenset)), f"a set has no order: {LIST}")
    if isinstance(vocabulary, (list, tuple, str)):
        return dict(enumerate(vocabulary))
    most = getattr(vocabulary, "num_words", None) or math.inf
    pairs = getattr(vocabulary, "word_index", vocabulary)
    need(isinstance(pairs, dict), f"the vocabulary is a {type(vocabulary).__name__}: {LIST}")
    if not all(isinstance(key, numbers.Integral) for key in pairs):
        pairs = [(id, token) for token, id in pairs.items() if not isinstance(id, numbers.Integral) or id < most]
    names = dict(pairs)
    need(len(names) == len(pairs) and all(isinstance(id, numbers.Integral) for id in names), f"each token needs an id of its own: {LIST}")
    if names and 0 not in names:
        names[0] = "<pad>"
        if len(names) == V - 1:
            names.setdefault(V - 1, "<end>")
    return names


def some(ids):
    return f"{'id' if len(ids) == 1 else 'ids'} {', '.join(map(str, ids[:5]))}{' ...' if len(ids) > 5 else ''}"


def tokens_of(vocabulary, V):
    """The tokens in the order of their ids, of a network that writes V."""
    names = names_of(vocabulary, V)
    without, beyond = sorted({*range(V)} - {*names}), sorted({*names} - {*range(V)})
    need(not without, f"the network writes {V} tokens, the vocabulary has {len(names)}, none for {some(without)}: {LIST}")
    need(not beyond, f"the network writes {V} tokens, the vocabulary has {len(names)}: {some(beyond)} is none of the network's")
    tokens = [names[id] or "<pad>" for id in range(V)]
    for id, token in enumerate(tokens):
        need(isinstance(token, str), f"token {id} is {token!r}, which is no string")
        need("\0" not in token, f"token {id} has a NUL in it: give it a name, such as <pad>")
        size = len(token.encode())
        need(size <= MOST_TOKEN_BYTES, f"token {id} has {size} bytes; at most {MOST_TOKEN_BYTES} are possible")
    need(len({*tokens}) == V, "two tokens are the same: give each id a name of its own")
    return tokens


def metadata_of(meta, vocabulary, tokens):
    lower = [token.lower() for token in tokens]
    oov = getattr(vocabulary, "oov_token", None)  # of Keras: any name
    for word, name in [*([(oov.lower(), "unknown")] if isinstance(oov, str) else []), *SPECIAL.items()]:
        if word in lower:
            meta.setdefault(name, lower.index(word))
    if getattr(vocabulary, "char_level", True) is False:  # a Tokenizer of words
        meta.setdefault("level", "words, folded" if vocabulary.lower else "words")
    meta = {"nextchar.format": "", **{key: str(value) for key, value in meta.items()}} | {"nextchar.format": "1"}
    for name in ("pad", "unknown", "end"):
        id = meta.get(name, "0")
        need(id.isascii() and id.isdecimal() and int(id) < len(tokens), f"{name} is {id}; it must be an id below {len(tokens)}")
    need(not meta.get("level", "").startswith("words") or "<unknown>" not in tokens or int(meta["unknown"]) == tokens.index("<unknown>"),
         "unknown is another id than that of <unknown>")
    kind = meta.get("nonlinearity", "tanh")
    need(kind == "tanh", f"the metadata's nonlinearity is {kind}; nextchar computes tanh, so its numbers would be others")
    need("" not in meta and len(meta) <= 256, "a key of the metadata is empty, or there are more than 256")
    "".join([*meta, *meta.values()]).encode()  # raises a ValueError where a text is no Unicode
    return meta


# ---- the network's numbers, under the names of the file: a matrix is a list of rows ----

def numbers_of(name, tensor):
    """float32 of any precision."""
    rows = [array("f", row.tolist()) for row in tensor] if len(tensor.shape) == 2 else [array("f", tensor.tolist())]
    need(all(all(map(math.isfinite, row)) for row in rows), f"{name} has a number that is NaN or infinite, or too large for float32")
    return rows if len(tensor.shape) == 2 else rows[0]


def read_torch(state):
    """By the names that PyTorch gives within a module, whatever the module is called."""
    recurrent, others = {}, {}
    for name, tensor in state.items():
        part = re.fullmatch(r"(.*?)((?:weight|bias)_[ih]h)(?:_l(\d+))?", name)
        owner, kind = (part[1], part[2]) if part else name.rpartition(".")[::2]
        held = recurrent.setdefault((owner, int(part[3] or 0)), {}) if part else others.setdefault(owner, {})
        held[kind] = name, tensor.detach().cpu()
    strange = sorted(name for held in others.values() for kind, (name, tensor) in held.items()
                     if kind not in ("weight", "bias") or len(tensor.shape) != (2 if kind == "weight" else 1))
    need(not strange, f"nextchar has no place for {', '.join(strange)}: it opens an LSTM, GRU or RNN of one direction, a Linear and an "
         "Embedding")
    # An embedding has no bias, and stands before.
    *before, head = sorted(others.values(), key=lambda held: "bias" in held) or [{}]
    need(recurrent and "weight" in head, "the network lacks an LSTM, GRU or RNN of PyTorch, or an nn.Linear behind it")
    need(not before or len(before) == 1 and "bias" not in before[0],
         f"nextchar has no place for all of {', '.join(others)}: of these it opens one Linear and one Embedding")
    tensors = {"embedding.weight": numbers_of(*before[0]["weight"])} if before else {}
    owners = [owner for owner, _ in recurrent]
    for layer, key in enumerate(sorted(recurrent, key=lambda key: (owners.index(key[0]), key[1]))):
        for kind in KINDS:
            need(kind in recurrent[key] or "bias" in kind, f"the network has no {key[0]}{kind}_l{key[1]}")
            if kind in recurrent[key]:
                tensors[f"rnn.{kind}_l{layer}"] = numbers_of(*recurrent[key][kind])
    return tensors | {f"fc.{kind}": numbers_of(*named) for kind, named in head.items()}


def check_keras(name, cell, config):
    """What computes other numbers than a layer of PyTorch."""
    for key, right, advice in [("activation", "tanh", "train it"), ("recurrent_activation", "sigmoid", "train it"),
                               ("go_backwards", False, "train it"),
                               ("reset_after", True, "the weights cannot be turned into such: train it")]:
        need(config.get(key, right) == right, f"{name}: a {cell} with {key}={config.get(key)!r} computes other numbers than "
             f"nextchar; {advice} with {key}={right!r}")


def read_keras_layer(name, layer, config):
    """The four tensors of a recurrent layer: transposed, and the gates z r h of a GRU in the order r z h."""
    kernel, recurrent, *bias = layer.get_weights()
    H, cell = recurrent.shape[0], type(layer).__name__
    check_keras(name, cell, config)
    swap = (lambda rows: rows[H:2 * H] + rows[:H] + rows[2 * H:]) if cell == "GRU" else (lambda rows: rows)
    biases = [numbers_of(f"{name}.bias", bias[0])] if bias else []
    if bias and len(bias[0].shape) == 2:
        biases = biases[0]
    weights = [numbers_of(f"{name}.{kind}", weight.T) for kind, weight in (("kernel", kernel), ("recurrent_kernel", recurrent))]
    return dict(zip(KINDS, map(swap, [*weights, *biases])))


def layers_of_keras(network):
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from layers_of_keras(layer)
        else:
            yield layer.layer if type(layer).__name__ == "TimeDistributed" else layer


def read_keras(network):
    """By the classes of the layers. Those without weights are passed over: what they compute shows as the prompt is run."""
    tensors, layers, meta = {}, 0, {}
    for layer in layers_of_keras(network):
        kind, name = type(layer).__name__, layer.name
        if not layer.get_weights():
            continue
        config = layer.get_config()
        if kind in ("LSTM", "GRU", "SimpleRNN"):
            tensors |= {f"rnn.{of}_l{layers}": held for of, held in read_keras_layer(name, layer, config).items()}
            layers += 1
        elif kind == "Embedding" and not tensors:
            tensors["embedding.weight"] = numbers_of(name, layer.get_weights()[0])
            meta = {"pad": 0} if config.get("mask_zero") else {}
        elif kind == "Dense" and layers and "fc.weight" not in tensors:
            kernel, *bias = layer.get_weights()
            tensors |= {"fc.weight": numbers_of(name, kernel.T), **({"fc.bias": numbers_of(name, bias[0])} if bias else {})}
        else:
            need(False, f"nextchar has no place for the layer {name}, {kind}: it opens an Embedding, LSTM, GRU or SimpleRNN layers, and a "
                 "Dense")
    need("fc.weight" in tensors, "the network lacks an LSTM, GRU or SimpleRNN layer with a Dense behind it")
    return tensors, meta


def shape_of(tensor):
    return [len(tensor), len(tensor[0])] if isinstance(tensor, list) else [len(tensor)]


def check_shapes(tensors):
    """Each tensor must be there in the shape that the others ask for. Biases that a network lacks become zeros."""
    for name in [name for name in tensors if "weight" in name and name != "embedding.weight"]:
        tensors.setdefault(name.replace("weight", "bias"), array("f", bytes(4 * len(tensors[name]))))
    shapes = {name: shape_of(tensor) for name, tensor in tensors.items()}
    for name in shapes:
        need(len(shapes[name]) == ("weight" in name) + 1, f"{name} has {len(shapes[name])} dimensions, expected {('weight' in name) + 1}")
    (gates, H), V = shapes["rnn.weight_hh_l0"], shapes["fc.weight"][0]
    E = shapes["embedding.weight"][1] if "embedding.weight" in shapes else 0
    layers = sum("weight_hh" in name for name in shapes)
    need(1 <= H <= MOST_UNITS and E <= MOST_UNITS, f"a layer has {H} units, the embedding {E}; at most {MOST_UNITS} are possible")
    need(gates in [blocks * H for blocks in CELLS], f"rnn.weight_hh_l0 is {gates} x {H}; H, 3 H or 4 H rows are possible")
    need(layers <= MOST_LAYERS, f"the network has {layers} layers; at most {MOST_LAYERS} are possible")
    need(1 <= V <= MOST_TOKENS and V * gates <= MOST_TABLE, f"{V} tokens with {gates} gates are none or too many")
    expected = {"fc.weight": [V, H], "fc.bias": [V], **({"embedding.weight": [V, E]} if E else {})}
    for layer in range(layers):
        for side, columns in ("ih", H if layer else E or V), ("hh", H):
            expected |= {f"rnn.weight_{side}_l{layer}": [gates, columns], f"rnn.bias_{side}_l{layer}": [gates]}
    for name in sorted({*expected, *shapes}):
        need(shapes.get(name) == expected.get(name), f"{name} is {shapes.get(name)}, expected {expected.get(name)}: all layers "
             "must be of one kind and size, each behind the other")
    return layers, H, gates // H, V


# ---- what the file's numbers compute, in PyTorch's formulas ----

def product(matrix, x, bias):
    return [sum(map(mul, row, x)) + b for row, b in zip(matrix, bias)]


def sigmoid(x):
    return (1 + math.tanh(x / 2)) / 2


def cell_step(a, b, h, c):
    """One layer, one step: a = W_ih x + b_ih, b = W_hh h + b_hh."""
    H = len(h)
    if len(a) == H:
        return [math.tanh(p + q) for p, q in zip(a, b)], c
    s = [sigmoid(p + q) for p, q in zip(a, b)]
    if len(a) == 3 * H:
        n = [math.tanh(p + r * q) for p, q, r in zip(a[2 * H:], b[2 * H:], s)]
        return [(1 - z) * m + z * old for z, m, old in zip(s[H:], n, h)], c
    g = [math.tanh(p + q) for p, q in zip(a[2 * H:3 * H], b[2 * H:])]
    c = [f * old + i * new for i, f, old, new in zip(s, s[H:], c, g)]
    return [o * math.tanh(x) for o, x in zip(s[3 * H:], c)], c


def logits_of(tensors, layers, H, ids):
    """The logits after each of the ids."""
    states, rows = [([0.0] * H, [0.0] * H)] * layers, []
    for id in ids:
        for layer in range(layers):
            weight_ih, weight_hh, bias_ih, bias_hh = (tensors[f"rnn.{kind}_l{layer}"] for kind in KINDS)
            if layer or "embedding.weight" in tensors:
                a = product(weight_ih, states[layer - 1][0] if layer else tensors["embedding.weight"][id], bias_ih)
            else:
                a = [row[id] + b for row, b in zip(weight_ih, bias_ih)]
            h, c = states[layer]
            states[layer] = cell_step(a, product(weight_hh, h, bias_hh), h, c)
        rows.append(product(tensors["fc.weight"], states[-1][0], tensors["fc.bias"]))
    return rows


# ---- what the network itself computes; how it is called has to be tried ----

def calls_of_torch(network, layers, H, V, ids):
    """Each of a copy in float32, so that its numbers are those of the file, and the network stays as it is."""
    import torch
    if type(network).__name__ in ("DataParallel", "DistributedDataParallel", "OptimizedModule"):  # the last: of torch.compile()
        network = getattr(network, "module", None) or network._orig_mod
    ids, zero = torch.tensor(ids), torch.zeros(layers, 1, H)
    for x in ids, torch.eye(V)[ids]:
        for x in x[None], x[:, None]:  # (batch, time) or (time, batch)
            for state in (), (None,), ((zero, zero),), (zero,), (zero, zero):
                yield lambda: copy.deepcopy(network).float().cpu().eval()(x, *state)


def calls_of_keras(network, V, batch, ids):
    import numpy

    def call():
        for layer in layers_of_keras(network):
            if getattr(layer, "stateful", False):
                (getattr(layer, "reset_states", None) or layer.reset_state)()
        return network(x)
    ids = numpy.array([ids] * batch)
    for x in ids, numpy.eye(V, dtype="float32")[ids]:
        yield call


def rows_of(output, V):
    """The first of the outputs that has V numbers in a row, as rows; None if there is none."""
    if hasattr(output, "numpy") and not hasattr(output, "reshape"):  # a tensor of TensorFlow
        output = output.numpy()
    if hasattr(output, "reshape"):
        return output.reshape(-1, V).tolist() if len(output.shape) and output.shape[-1] == V else None
    if not isinstance(output, (list, tuple)):
        return None
    if len(output) == V and isinstance(output[0], float):
        return [output]
    if all(isinstance(row, list) and len(row) == V for row in output):
        return output
    return next(filter(None, (rows_of(part, V) for part in output)), None)


def log_probs(row):
    """Of logits, or of probabilities."""
    if min(row) >= 0 and abs(sum(row) - 1) < 0.01:
        return [math.log(max(p, 1e-38)) for p in row]
    most = max(row)
    total = most + math.log(sum(math.exp(x - most) for x in row))
    return [x - total for x in row]


def difference(theirs, ours):
    """The largest between two rows, where a token is not quite improbable; of large logits in proportion."""
    scale = max(1, *map(abs, ours))
    pairs = zip(log_probs(theirs), log_probs(ours))
    return max(abs(a - b) / scale if a == a else math.inf for a, b in pairs if not max(a, b) < PROBABLE)


def compare(calls, ours, V, batch, tolerance):
    """Whether a call gives the same numbers, after each token or after the last; the difference."""
    least, trouble = math.inf, "it gives no numbers for each token"
    for call in calls:
        try:
            rows = rows_of(call(), V) or []
        except Exception as error:  # it is called in another way
            trouble = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            continue
        rows = rows[:len(rows) // batch]
        if len(rows) in (1, len(ours)):
            least = min(least, max(map(difference, rows, ours[-len(rows):])))
        if least <= tolerance:
            return least
    need(least < math.inf, f"the network could not be run to compare its numbers ({trouble}): {ASK}")
    need(False, f"the network itself gives other numbers than its layers do in nextchar (by {least:.2g}; at most {tolerance:g}): what it "
         f"computes between its layers is not in the file. If it is called in an unusual way, {ASK}")


# ---- the file ----

def bytes_of(tensors, tokens, meta):
    text, header, data = b"".join(token.encode() + b"\0" for token in tokens), {"__metadata__": meta}, bytearray()
    floats = [(name, "F32", shape_of(tensor), tensor if isinstance(tensor, list) else [tensor]) for name, tensor in tensors.items()]
    for name, dtype, shape, rows in [*floats, ("vocab", "U8", [len(text)], None)]:
        begin = len(data)
        for row in rows or []:
            data += struct.pack(f"<{len(row)}f", *row)
        data += b"" if rows else text
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, len(data)]}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    need(len(head) <= MOST_HEADER, "the metadata has more than 1 MiB")
    return struct.pack("<Q", len(head)) + head + data


def write(path, data):
    part = f"{path}.{os.urandom(4).hex()}.part"  # nobody's own; unlike tempfile's it can be read by whoever may
    try:
        with open(part, "xb") as file:
            file.write(data)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def torch_tensors(network):
    for module in getattr(network, "modules", list)():
        kind = getattr(module, "nonlinearity", "tanh")
        need(kind == "tanh", f"the RNN's nonlinearity is {kind}; nextchar computes tanh, so its numbers would be others: train it so")
    return read_torch(network if isinstance(network, dict) else network.state_dict())


def keras_input(network):
    """How many texts and tokens it asks for, where it does, and how exact it is."""
    shape = getattr(network, "input_shape", None)
    batch, steps = ((shape[i] if isinstance(shape, tuple) and isinstance(shape[i], int) else usual) for i, usual in ((0, 1), (1, STEPS)))
    half = any(getattr(layer, "compute_dtype", "") in ("float16", "bfloat16") for layer in layers_of_keras(network))
    return batch, steps, 1e-2 if half else 1e-3  # on a GPU float32 may be rounded to TF32


def file_of(network, vocabulary, ask, meta):
    """The file's bytes, compared with what the network computes; and what is to be said of them."""
    if isinstance(network, dict):  # a checkpoint may have both
        vocabulary = next((network[key] for key in ("tokens", "vocab", "chars") if vocabulary is None and key in network), vocabulary)
        network = network.get("state_dict", network.get("model_state_dict", network))
    need(vocabulary is not None, f"the network's numbers do not say which token is which: {LIST}")
    keras = hasattr(network, "get_weights")
    tensors, found = read_keras(network) if keras else (torch_tensors(network), {})
    layers, H, gates, V = check_shapes(tensors)
    tokens = tokens_of(vocabulary, V)
    meta = metadata_of({**found, **meta}, vocabulary, tokens)

    batch, steps, tolerance = keras_input(network) if keras else (1, STEPS, 1e-3 if ask else 1e-4)
    drawn = [id for id in range(V) if str(id) not in (meta.get("pad"), meta.get("unknown"), meta.get("end"))] or [0]
    ids = [drawn[step * len(drawn) // steps] for step in range(steps)]
    compared = "not compared with the network, as a state_dict cannot be run"
    if ask:
        calls, batch = [lambda: ask(ids)], 1
    elif keras:
        calls = calls_of_keras(network, V, batch, ids)
    else:
        calls = calls_of_torch(network, layers, H, V, ids)
    if ask or not isinstance(network, dict):
        distance = compare(calls, logits_of(tensors, layers, H, ids), V, batch, tolerance)
        compared = f"after {steps} of them it computes what the network does (to {distance:.0e})"
    return bytes_of(tensors, tokens, meta), f"{CELLS[gates]}, {layers} x {H} units, {V} tokens; {compared}"


def save(path, network, vocabulary=None, ask=None, **meta):
    """Writes `network` with its vocabulary to `path`; see above. Raises ValueError if it would be another network in nextchar."""
    data, said = file_of(network, vocabulary, ask, meta)
    write(path, data)
    print(f"{path}: {said}")


# ---- the page ----

def page_at(place):
    """The text of nextchar's page in one file, before and behind what is put into it."""
    try:
        if re.match("https?://", str(place)):
            with urlopen(place, timeout=60) as answer:
                text = answer.read().decode()
        else:
            beside = os.path.join(os.path.dirname(globals().get("__file__", "")), place)
            with open(place if os.path.exists(place) else beside, encoding="utf-8") as file:
                text = file.read()
    except (OSError, UnicodeError) as error:
        raise ValueError(f"the page could not be read from {place} ({error}): {PAGE}") from error
    before, work, rest = text.partition(WORK)
    need(work, f"{place} is not nextchar's page in one file: {PAGE}")
    return before + work, rest[rest.index("</script>"):]


def work_of(data, prompt, temperature):
    """What the page is to begin with: the network, and settings as in its address."""
    name, file = "saved", "saved.safetensors"
    title = {"en": "The notebook’s network", "ru": "Сеть из блокнота", "he": "הרשת של המחברת"}
    archive = {"lengths": {f"weights/{file}": len(data)}, "gzip": b64encode(gzip.compress(data, mtime=0)).decode()}
    work = {"settings": "#" + urlencode({"network": name, "prompt": prompt, "temperature": temperature}, quote_via=quote),
            "listed": {"name": name, "file": file, "language": "", "prompt": prompt, "prompts": [], "title": title}, "archive": archive}
    return json.dumps(work).replace("<", r"\u003c")  # it cannot end its element


def show(network, vocabulary=None, prompt="", temperature=0.8, height=720, page="nextchar.html", ask=None, **meta):
    """Shows nextchar's page with `network` under the cell; see above. Raises ValueError if it would be another network there."""
    from IPython.display import display
    data, said = file_of(network, vocabulary, ask, meta)
    before, behind = page_at(page)
    source = escape(before + work_of(data, prompt, temperature) + behind)
    frame = (f'<iframe title="nextchar" sandbox="allow-scripts allow-downloads" srcdoc="{source}" width="100%" height="{height}" '
             'style="border: 0"></iframe>')
    print(said)
    display({"text/html": frame, "text/plain": "nextchar"}, raw=True)
