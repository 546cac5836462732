#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Loads a one-hot LSTM weights file into the network of the lesson's PyTorch notebook and compares what both compute:

    /usr/bin/python3 scripts/check_pytorch.py weights/course.safetensors [PROMPT]

Needs Debian's python3-torch and build/nextchar. Reads the file with the safetensors library where it is installed.
"""
import json
import math
import subprocess
import sys
from pathlib import Path

import torch

from lesson_torch import LSTMGenerator
from safetensors_numpy import unpack

NEXTCHAR = Path(__file__).parent.parent / "build" / "nextchar"


def load_tensors(path):
    try:
        from safetensors.torch import load_file
        return load_file(path), "the safetensors library"
    except ImportError:
        arrays, _ = unpack(Path(path).read_bytes())
        tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
        return tensors, "safetensors_numpy.py (the safetensors library is not installed)"


def load_lesson_network(tensors):
    for name in ("rnn.weight_hh_l0", "vocab"):
        if name not in tensors:
            sys.exit(f"check_pytorch: the file has no {name}")
    if "embedding.weight" in tensors or tensors["rnn.weight_hh_l0"].dtype != torch.float32:
        sys.exit("check_pytorch: the lesson's network reads one-hot input and float32 weights; this file has an embedding or int8 weights")
    characters = bytes(tensors["vocab"].tolist()).decode().split("\0")[:-1]
    network = LSTMGenerator(len(characters), tensors["rnn.weight_hh_l0"].shape[1])
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    assert missing == [] and unexpected == ["vocab"], (missing, unexpected)
    return network.eval(), characters


def bits_of(network, ids):
    """Surprisal of each token from the zero state, whose logits are the head's bias; and the logits after the last."""
    with torch.no_grad():
        logits, _ = network(torch.tensor([ids]))
    logits = torch.cat([network.fc.bias[None], logits[0]])
    log_probs = torch.log_softmax(logits.double(), dim=1)
    return [-log_probs[t, token].item() / math.log(2) for t, token in enumerate(ids)], logits[-1]


def main(path, prompt="Today "):
    tensors, reader = load_tensors(path)
    print(f"{path}: {len(tensors)} tensors, read by {reader}")
    network, characters = load_lesson_network(tensors)
    print("LSTMGenerator.load_state_dict: nothing missing, only vocab left over")
    ids = [characters.index(character) for character in prompt if character in characters]
    bits, logits = bits_of(network, ids)
    print(f"after {prompt!r}: " + "  ".join(f"{characters[i]!r} {logits[i]:.5f}" for i in logits.argsort(descending=True)[:5]))
    ours = json.loads(subprocess.run([NEXTCHAR, "score", path, "--json"], input=prompt.encode(), stdout=subprocess.PIPE, check=True).stdout)
    difference = abs(sum(bits) / len(bits) - ours["bitsPerCharacter"])
    print(f"bits per character of the prompt: PyTorch {sum(bits) / len(bits):.6f}, nextchar {ours['bitsPerCharacter']:.6f}")
    return 0 if ours["characters"] == len(ids) and difference < 1e-5 else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
