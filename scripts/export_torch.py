#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Saves a network of PyTorch as a file that nextchar opens: the one of the lesson's notebook, or any of its kind.

In the notebook, with this file beside it:

    from export_torch import export
    export(net, vocab, "network.safetensors")

net    a module with `rnn` (nn.RNN, nn.GRU or nn.LSTM, one direction), `fc` (nn.Linear) and, unless its input is one-hot,
       `embedding` (nn.Embedding): the lesson's LSTMGenerator has those names. A state_dict of them is taken too.
vocab  the tokens in the order of their ids: a list of strings, or a torchtext vocabulary (get_itos() or itos).
meta   further strings to write into the file, such as corpus="AG News"

Ids without a character (padding, an unknown one) need a name of several characters, such as "<pad>"; name them with
pad=0 or unknown=0, so that they are never drawn. Needs nothing but PyTorch.
"""
import json
import re
import struct

NAMES = re.compile(r"embedding\.weight|rnn\.(weight|bias)_[ih]h_l\d+|fc\.(weight|bias)")


def tokens_of(vocab):
    """The tokens in the order of their ids."""
    if hasattr(vocab, "get_itos"):
        return list(vocab.get_itos())
    return list(getattr(vocab, "itos", vocab))


def export(net, vocab, path, **meta):
    """Writes `net` with its vocabulary to `path`; see above. Raises ValueError with a sentence if nextchar could not open it."""
    state = net if isinstance(net, dict) else net.state_dict()
    tensors = {name: tensor.detach().cpu().float().contiguous() for name, tensor in state.items() if NAMES.fullmatch(name)}
    left = sorted(set(state) - set(tensors))
    if left:
        raise ValueError(f"nextchar has no place for {', '.join(left)}: it opens rnn (one direction), fc and embedding alone")
    tokens = tokens_of(vocab)
    if "fc.weight" not in tensors or len(tokens) != tensors["fc.weight"].shape[0]:
        raise ValueError(f"the vocabulary has {len(tokens)} tokens, fc writes {tensors['fc.weight'].shape[0] if 'fc.weight' in tensors else 'none'}; they must be equal")
    text = b"".join(token.encode() + b"\0" for token in tokens)
    if len(set(tokens)) < len(tokens) or b"\0\0" in b"\0" + text:
        raise ValueError("two tokens are the same, or one is empty: give each id a name of its own, such as <pad>")
    header, data = {"__metadata__": {"nextchar.format": "1", **{key: str(value) for key, value in meta.items()}}}, bytearray()
    for name, tensor in tensors.items():
        place(header, data, name, "F32", list(tensor.shape), tensor.numpy().astype("<f4").tobytes())
    place(header, data, "vocab", "U8", [len(text)], text)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


def place(header, data, name, dtype, shape, content):
    """Appends a tensor to `data` and says so in `header`."""
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
