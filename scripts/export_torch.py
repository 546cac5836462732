#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Saves a network of PyTorch as a file that nextchar opens: the one of the lesson's notebook, or any of its kind.

In the notebook, with this file beside it:

    from export_torch import export
    export(net, vocab, "network.safetensors")

net    a module with `rnn` (nn.RNN, nn.GRU or nn.LSTM, one direction, at most 4 layers), `fc` (nn.Linear) and, unless its input
       is one-hot, `embedding` (nn.Embedding): the lesson's LSTMGenerator has those names. Biases that it lacks are zeros. A
       state_dict is taken too, but does not say whether an nn.RNN was of tanh or of ReLU: it is taken for tanh, unless
       nonlinearity="relu" says so, which is refused.
vocab  the tokens in the order of their ids: a list of strings; a dict {token: id} or {id: token}; or a torchtext vocabulary
       (get_itos() or itos).
meta   further strings to write into the file, such as corpus="AG News"

Ids without a character (padding, an unknown one) need a name of several characters, such as "<pad>". Those named "<pad>",
"<unk>" or "<unknown>" are never drawn; name others with pad=0 or unknown=0. Needs nothing but PyTorch.
"""
import json
import re
import struct

NAMES = re.compile(r"embedding\.weight|rnn\.(weight|bias)_[ih]h_l\d+|fc\.(weight|bias)")
MOST_LAYERS, MOST_UNITS, MOST_TOKENS, MOST_TOKEN_BYTES, MOST_TABLE, MOST_HEADER = 4, 4096, 65536, 255, 1 << 26, 1 << 20
NEVER_DRAWN = {"pad": ["<pad>"], "unknown": ["<unknown>", "<unk>"]}


def need(condition, sentence):
    if not condition:
        raise ValueError(sentence)


def tokens_of(vocab):
    """The tokens in the order of their ids."""
    if hasattr(vocab, "get_itos"):
        vocab = vocab.get_itos()
    vocab = getattr(vocab, "itos", vocab)
    need(not isinstance(vocab, (set, frozenset)), "a set has no order: give the tokens as a list, in the order of their ids")
    if isinstance(vocab, dict):
        of_ids = vocab if all(isinstance(key, int) for key in vocab) else {id: token for token, id in vocab.items()}
        need(len(of_ids) == len(vocab) and set(of_ids) == set(range(len(vocab))), f"the ids of the vocabulary must be 0 to {len(vocab) - 1}, each once")
        vocab = [of_ids[id] for id in range(len(of_ids))]
    tokens = list(vocab)
    for id, token in enumerate(tokens):
        need(isinstance(token, str), f"token {id} is {token!r}, which is no string")
        need(token and "\0" not in token, f"token {id} is empty or has a NUL in it: give it a name, such as <pad>")
        need(len(token.encode()) <= MOST_TOKEN_BYTES, f"token {id} has {len(token.encode())} bytes; at most {MOST_TOKEN_BYTES} are possible")
    need(len(set(tokens)) == len(tokens), "two tokens are the same: give each id a name of its own")
    return tokens


def tensors_of(net):
    """What nextchar reads of a network: {name: (shape, little-endian F32)}, with zeros for biases that it lacks."""
    state = net if isinstance(net, dict) else net.state_dict()
    kind = getattr(getattr(net, "rnn", None), "nonlinearity", "tanh")
    need(kind == "tanh", f"the RNN's nonlinearity is {kind}; nextchar computes tanh, so its numbers would be others")
    left = sorted(name for name in state if not NAMES.fullmatch(name))
    need(not left, f"nextchar has no place for {', '.join(left)}: it opens rnn (one direction), fc and embedding alone")
    for name in ("rnn.weight_ih_l0", "rnn.weight_hh_l0", "fc.weight"):
        need(name in state, f"the network has no {name}")
    tensors = {}
    for name, tensor in state.items():
        tensor = tensor.detach().cpu().float().contiguous()
        need(bool(tensor.isfinite().all()), f"{name} has a number that is NaN or infinite, or too large for float32")
        tensors[name] = list(tensor.shape), tensor.numpy().astype("<f4").tobytes()
    for name in [name for name in tensors if "weight" in name and not name.startswith("embedding")]:
        bias, rows = name.replace("weight", "bias"), tensors[name][0][0]
        tensors.setdefault(bias, ([rows], bytes(4 * rows)))
    return tensors


def check_shapes(tensors, V):
    """Each tensor must be there in the shape that the others ask for."""
    shapes = {name: shape for name, (shape, _) in tensors.items()}
    for name in ("rnn.weight_ih_l0", "rnn.weight_hh_l0", "fc.weight", "embedding.weight"):
        need(len(shapes.get(name, [0, 0])) == 2, f"{name} has {len(shapes.get(name, []))} dimensions, expected 2")
    gates, H = shapes["rnn.weight_hh_l0"]
    E = shapes["embedding.weight"][1] if "embedding.weight" in shapes else 0
    layers = sum(name.startswith("rnn.weight_hh_l") for name in shapes)
    need(1 <= H <= MOST_UNITS and E <= MOST_UNITS, f"a layer has {H} units, the embedding {E}; at most {MOST_UNITS} are possible")
    need(gates in (H, 3 * H, 4 * H), f"rnn.weight_hh_l0 is {gates} x {H}; H, 3 H or 4 H rows are possible")
    need(layers <= MOST_LAYERS, f"the network has {layers} layers; at most {MOST_LAYERS} are possible")
    need(V == shapes["fc.weight"][0], f"the vocabulary has {V} tokens, fc writes {shapes['fc.weight'][0]}; they must be equal")
    need(1 <= V <= MOST_TOKENS and V * gates <= MOST_TABLE, f"{V} tokens with {gates} gates are none or too many")
    expected = {"fc.weight": [V, H], "fc.bias": [V], **({"embedding.weight": [V, E]} if "embedding.weight" in shapes else {})}
    for layer in range(layers):
        for side, columns in ("ih", H if layer else E or V), ("hh", H):
            expected[f"rnn.weight_{side}_l{layer}"], expected[f"rnn.bias_{side}_l{layer}"] = [gates, columns], [gates]
    for name in sorted({*expected, *shapes}):
        need(shapes.get(name) == expected.get(name), f"{name} is {shapes.get(name)}, expected {expected.get(name)}")


def metadata_of(meta, tokens):
    for name, words in NEVER_DRAWN.items():
        for word in words:
            if word in tokens:
                meta.setdefault(name, tokens.index(word))
    meta = {"nextchar.format": "", **{key: str(value) for key, value in meta.items()}} | {"nextchar.format": "1"}
    for name in ("pad", "unknown", "end"):
        id = meta.get(name, "0")
        need(id.isascii() and id.isdecimal() and int(id) < len(tokens), f"{name} is {id}; it must be an id below {len(tokens)}")
    need(not meta.get("level", "").startswith("words") or "<unknown>" not in tokens or int(meta["unknown"]) == tokens.index("<unknown>"),
         "unknown is another id than that of <unknown>")
    kind = meta.get("nonlinearity", "tanh")
    need(kind == "tanh", f"the metadata's nonlinearity is {kind}; nextchar computes tanh, so its numbers would be others")
    need("" not in meta, "a key of the metadata is empty")
    "".join([*meta, *meta.values()]).encode()  # raises a ValueError where a text is no Unicode
    return meta


def export(net, vocab, path, **meta):
    """Writes `net` with its vocabulary to `path`; see above. Raises ValueError with a sentence if nextchar could not open it."""
    tensors, tokens = tensors_of(net), tokens_of(vocab)
    check_shapes(tensors, len(tokens))
    header, data = {"__metadata__": metadata_of(meta, tokens)}, bytearray()
    text = b"".join(token.encode() + b"\0" for token in tokens)
    for name, dtype, shape, content in [*((name, "F32", *tensor) for name, tensor in tensors.items()), ("vocab", "U8", [len(text)], text)]:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    need(len(head) <= MOST_HEADER and len(header["__metadata__"]) <= 256, "the metadata has more than 1 MiB or 256 entries")
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)
