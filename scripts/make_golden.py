#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the stored vectors that the C core is compared with:

    /usr/bin/python3 scripts/make_golden.py [OUT_DIR]          # default: tests/golden

    OUT_DIR/pytorch/CELL-LAYERS-INPUT.safetensors   networks that write
    OUT_DIR/patterns/NAME.safetensors               networks that answer: sequence, class, picture, table
    OUT_DIR/computed/NAME.safetensors               what PyTorch computes of each: logits, loss, gradients, training steps
    OUT_DIR/sampling.safetensors                    distributions after temperature, top-k and top-p, in float64

Needs Debian's python3-torch. tests/golden/pytorch/README.md says what each tensor is and which version made the stored files.
"""
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

V, E, H = 11, 5, 7          # tokens, embedding, hidden units: odd, so that no kernel sees whole vectors only
T, B = 12, 2                # the window whose logits and gradients are stored
TRAIN_T, TRAIN_B, STEPS = 8, 3, 100
RATE, CLIP = 0.01, 0.4     # so that about half of the updates are clipped


class Network(nn.Module):
    """The lesson's LSTMGenerator with any cell, any number of layers, one-hot or embedded input."""

    def __init__(self, cell, layers, embedded):
        super().__init__()
        if embedded:
            self.embedding = nn.Embedding(V, E)
        self.rnn = cell(E if embedded else V, H, layers, batch_first=False)
        self.fc = nn.Linear(H, V)

    def forward(self, tokens, state=None):   # tokens (T, B) -> logits (T, B, V)
        x = self.embedding(tokens) if hasattr(self, "embedding") else F.one_hot(tokens, V).float()
        h, state = self.rnn(x, state)
        return self.fc(h), state


def mean_loss(logits, targets):
    return F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def token_stream(rows, length, generator):
    """A stream with something to learn: mostly 3 x + 1 modulo V, at random otherwise."""
    noise = torch.randint(0, V, (rows, length), generator=generator)
    keep = torch.rand((rows, length), generator=generator) < 0.75
    for t in range(1, length):
        noise[:, t] = torch.where(keep[:, t], (3 * noise[:, t - 1] + 1) % V, noise[:, t])
    return noise


def train(network, stream, optimizer):
    losses, state = [], None
    for step in range(STEPS):
        at = step * TRAIN_T
        x, y = stream[:, at:at + TRAIN_T].t(), stream[:, at + 1:at + 1 + TRAIN_T].t()
        logits, state = network(x, state)
        state = detached(state)
        loss = mean_loss(logits, y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        losses.append(loss.item())
    return losses


def case(cell, layers, embedded, optimizer, seed):
    """A network's file, and what is computed of it."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = Network(cell, layers, embedded)
    tensors = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    tensors["vocab"] = vocabulary()

    tokens, targets = (torch.randint(0, V, (T, B), generator=generator) for _ in range(2))
    logits, _ = network(tokens)
    loss = mean_loss(logits, targets)
    loss.backward()
    computed = {"tokens": tokens.float(), "targets": targets.float(), "logits": logits.detach(), "loss": loss.detach()[None]}
    computed |= {f"grad.{name}": weight.grad.clone() for name, weight in network.named_parameters()}

    stream = token_stream(TRAIN_B, STEPS * TRAIN_T + 1, generator)
    computed["settings"] = torch.tensor([RATE, CLIP])
    computed["stream"] = stream.float()
    computed["losses"] = torch.tensor(train(network, stream, optimizer(network.parameters(), lr=RATE)))
    computed |= {f"final.{name}": weight.detach() for name, weight in network.named_parameters()}
    return tensors, computed


# ---- networks that answer: the lesson's patterns, with the names of the file ----

READ, WRITTEN, ANSWER_STEPS = 5, 6, 30
LAYERS = 2


def embedded(layer, ids):
    """-1 is no input: a zero vector."""
    return layer(ids.clamp(min=0)) * (ids >= 0)[..., None]


class Encoder(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.rnn = cell(E, H, LAYERS)

    def forward(self, ids, lengths):   # ids (READ, B), right-padded; each stream's state is that behind its own last token
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lengths, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.rnn = cell(E, H, LAYERS)
        self.fc = nn.Linear(H, V)

    def forward(self, ids, state):
        return self.fc(self.rnn(embedded(self.embedding, ids), state)[0])


class Source(Decoder):
    """A state from a vector or, through two convolutions, from a picture: for each layer h and, if LSTM, c."""

    def __init__(self, cell, size, maps=()):
        super().__init__(cell)
        parts = LAYERS * (2 if cell is nn.LSTM else 1)
        if maps:
            self.conv1 = nn.Conv2d(1, maps[0], 3)
            self.conv2 = nn.Conv2d(maps[0], maps[1], 3)
            side = ((size - 2) // 2 - 2) // 2
            size = maps[1] * side * side
        self.init = nn.Linear(size, parts * H)

    def forward(self, ids, vectors):
        if hasattr(self, "conv1"):
            for conv in (self.conv1, self.conv2):
                vectors = F.max_pool2d(F.relu(conv(vectors)), 2)
            vectors = vectors.flatten(1)
        parts = torch.tanh(self.init(vectors)).split(H, dim=1)
        if isinstance(self.rnn, nn.LSTM):
            return super().forward(ids, (torch.stack(parts[0::2]), torch.stack(parts[1::2])))
        return super().forward(ids, torch.stack(parts))


class Pair(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.encoder, self.decoder = Encoder(cell), Decoder(cell)

    def forward(self, ids, read):
        return self.decoder(ids, self.encoder(*read))


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.fc = nn.Linear(E, V)

    def forward(self, ids, _):
        return self.fc(embedded(self.embedding, ids))


def answering_case(network, given, x, y, more=None):
    """x, y (WRITTEN, B), -1: no input, no loss. The trainings of all stacks are clipped each by itself, as here by 1e9: not at all."""
    tensors = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    logits = network(x, given)
    loss = F.cross_entropy(logits.reshape(-1, V), y.reshape(-1), ignore_index=-1)
    loss.backward()
    computed = {"x": x.float(), "y": y.float(), "logits": logits.detach(), "loss": loss.detach()[None]}
    computed |= {f"grad.{name}": weight.grad.clone() for name, weight in network.named_parameters()}
    optimizer, losses = torch.optim.Adam(network.parameters(), lr=RATE), []
    for _ in range(ANSWER_STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(x, given).reshape(-1, V), y.reshape(-1), ignore_index=-1)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    computed |= {"losses": torch.tensor(losses), "rate": torch.tensor([RATE])}
    computed |= {f"final.{name}": weight.detach() for name, weight in network.named_parameters()}
    return tensors, computed | (more or {})


def answering_cases(seed):
    """Three streams whose sequences have different lengths."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    lengths = torch.tensor([READ, 2, 4])
    read = torch.randint(0, V, (READ, 3), generator=generator)
    y = torch.randint(0, V, (WRITTEN, 3), generator=generator)
    x = torch.cat([torch.full((1, 3), -1), y[:-1]])
    for stream, length in enumerate((WRITTEN, 3, 4)):
        x[length:, stream] = y[length:, stream] = -1
    for t in range(READ):
        read[t, lengths <= t] = 0   # padding, which PyTorch never looks at
    aligned = torch.full((READ, 3), -2)   # the same for the core: clear, then the tokens, all ending together
    for stream, length in enumerate(lengths.tolist()):
        aligned[READ - length:, stream] = read[:length, stream]
    vector, picture = (torch.rand(shape, generator=generator) for shape in ((3, 4), (3, 1, 13, 13)))
    for name, cell in (("lstm", nn.LSTM), ("gru", nn.GRU)):
        yield f"sequence-{name}", answering_case(Pair(cell), (read, lengths), x, y, {"read": aligned.float()}), {}
    yield "class-lstm", answering_case(Source(nn.LSTM, 4), vector, x, y, {"vectors": vector}), {}
    for name, cell in (("gru", nn.GRU), ("lstm", nn.LSTM)):
        source = Source(cell, 13, (2, 3))
        yield f"picture-{name}", answering_case(source, picture, x, y, {"vectors": picture.flatten(1)}), {"side": "13"}
    yield "table", answering_case(Table(), None, x, y), {}


def vocabulary():
    return np.frombuffer("".join(chr(ord("a") + i) + "\0" for i in range(V)).encode(), np.uint8)


def write_safetensors(path, tensors, metadata=None):
    """Header length (8 bytes), JSON header padded to a multiple of 64 bytes, then the tensors without a gap."""
    kinds = {np.dtype(np.float32): "F32", np.dtype(np.uint8): "U8"}
    arrays = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    order = sorted(arrays, key=lambda name: -arrays[name].itemsize)   # floats first: each tensor is aligned
    header, at = {"__metadata__": metadata} if metadata else {}, 0
    for name in order:
        array = arrays[name]
        header[name] = {"dtype": kinds[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(arrays[name].tobytes() for name in order))
    print(f"{path}  {path.stat().st_size} bytes")


def cut_distribution(logits, temperature, top_k, top_p):
    """softmax(logits / T), the k most probable renormalized, of these the fewest that reach p (Holtzman et al. 2019), renormalized:
    the order and the rules of TemperatureLogitsWarper, TopKLogitsWarper and TopPLogitsWarper of Hugging Face transformers."""
    scaled = logits.astype(np.float64) / temperature
    probs = np.exp(scaled - scaled.max())
    order = np.argsort(-probs)
    if top_k:
        probs[order[top_k:]] = 0
    probs /= probs.sum()
    if top_p < 1:
        reached = np.cumsum(probs[order])
        assert np.abs(reached - top_p).min() > 1e-4, "a sum so close to top-p that float32 may cut elsewhere"
        probs[order[np.searchsorted(reached, top_p) + 1:]] = 0
    return probs / probs.sum()


def sampling_cases(seed):
    random = np.random.default_rng(seed)
    settings = [(1, 0, 1), (0.3, 0, 1), (0.8, 0, 1), (1.8, 0, 1), (1, 1, 1), (1, 5, 1), (1, 0, 0.9), (1, 0, 0.05), (0.7, 40, 0.92), (1.3, 8, 0.6), (25, 3, 0.7)]
    tensors = {}
    for number, (size, (temperature, top_k, top_p)) in enumerate(itertools.product([1, 2, 10, 65], settings)):
        logits = (random.standard_normal(size) * 3).astype(np.float32)
        used = np.float32([temperature, top_k, top_p])
        tensors[f"case.{number}.logits"] = logits
        tensors[f"case.{number}.settings"] = used
        tensors[f"case.{number}.probs"] = cut_distribution(logits, float(used[0]), top_k, float(used[2])).astype(np.float32)
    return tensors


def main(out):
    torch.set_num_threads(1)
    metadata = {"made_by": f"scripts/make_golden.py with PyTorch {torch.__version__}, NumPy {np.__version__}"}

    def write(folder, name, made, more=None):
        network, computed = made
        write_safetensors(out / folder / f"{name}.safetensors", network, metadata | (more or {}))
        write_safetensors(out / "computed" / f"{name}.safetensors", computed, metadata)

    cells = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
    shapes = [(cell, layers) for cell in cells for layers in (1, 2)] + [("lstm", 4)]
    for seed, ((cell, layers), embedded) in enumerate(itertools.product(shapes, (False, True)), start=1):
        name = f"{cell}-{layers}-{'embedding' if embedded else 'onehot'}"
        write("pytorch", name, case(cells[cell], layers, embedded, torch.optim.Adam, seed))
    write("pytorch", "lstm-1-embedding-rmsprop", case(nn.LSTM, 1, True, torch.optim.RMSprop, seed=100))
    for name, made, more in answering_cases(seed=200):
        write("patterns", name, made, more)
    write_safetensors(out / "sampling.safetensors", sampling_cases(seed=7), metadata)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests" / "golden")
