# SPDX-License-Identifier: MIT
"""What src/recipe.c says of the training of a text of characters, for scripts/train_torch.py: settings, ids, plan, windows, rates, dice.

Needs numpy alone. tests/torch.test.mjs holds what it says against the core.
"""
import math

import numpy as np

BITS = 0xffffffff  # of the core's numbers of 32 bits

# Each setting of a file with what is possible: names, or a type and the least and the most. The other settings of src/recipe.c are of
# lists, words and examples.
SETTINGS = {
    "cell": ("tanh", "gru", "lstm"),
    "layers": (int, 1, 4),
    "hidden": (int, 1, 4096),
    "embedding": (int, 0, 4096),
    "batch": (int, 1, 65536),
    "window": (int, 1, 65536),
    "slices": (int, 1, 65536),
    "passes": (int, 1, 10 ** 9),
    "rate": (float, 0, 1e6),
    "final-rate": (float, 0, 1),
    "warmup": (int, 0, BITS),
    "clip": (float, 0, 1e6),
    "dropout": (float, 0, 1),
    "recurrent-dropout": (float, 0, 1),
    "optimizer": ("adam", "rmsprop"),
    "seed": (int, 0, BITS),
}
BELOW = "dropout", "recurrent-dropout"  # of which the most itself is too much
INITIAL = {"cell": "lstm", "layers": 1, "final-rate": 0.02, "clip": 1.0, "optimizer": "adam", "seed": 1}
FIXED = {"kind": "text", "level": "characters", "vocabulary": "0"}


def value_of(name, text):
    """A setting that is given as text; None if it is not possible."""
    kinds = SETTINGS[name]
    if isinstance(kinds[0], str):
        return text if text in kinds else None
    kind, least, most = kinds
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if least <= value <= most and not (name in BELOW and value == most) else None


def possible(name):
    """In words."""
    kinds = SETTINGS[name]
    if isinstance(kinds[0], str):
        return f"one of {', '.join(kinds)}"
    return f"a {'whole ' if kinds[0] is int else ''}number from {kinds[1]} to {'below ' if name in BELOW else ''}{kinds[2]:.12g}"


def text_of(value):
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


# ---- text ----

def points_of(text):
    """The numbers of its characters, one behind the other."""
    return np.frombuffer(text.encode(), np.uint8) if text.isascii() else np.frombuffer(text.encode("utf-32-le"), "<u4")


def vocabulary_of(text):
    seen = np.zeros(0x110000, bool)
    seen[points_of(text)] = True
    return [chr(point) for point in np.flatnonzero(seen)]


def ids_of(text, vocabulary):
    """The ids of a text's characters, without those that the vocabulary lacks; in as few bytes as they need, for texts of gigabytes."""
    unknown = len(vocabulary)
    table = np.full(0x110000, unknown, np.min_scalar_type(unknown))
    for id, token in enumerate(vocabulary):
        if len(token) == 1:
            table[ord(token)] = id
    ids = table[points_of(text)]
    known = ids < unknown
    return ids if known.all() else ids[known]


def hash_of(ids):
    """Which text a checkpoint is of. Each step needs the one before, so numpy is no help: a minute for a text of 1 GB."""
    hash = 0x811c9dc5
    for begin in range(0, len(ids), 1 << 20):
        for id in ids[begin:begin + (1 << 20)].tolist():
            hash = (hash ^ id) * 0x01000193 & BITS
    return f"{hash:08x}"


# ---- plan ----

def windows_of(n, batch, window):
    """How many updates a pass through n characters has."""
    stride = (n - 1) // batch
    return 0 if stride < window else max(1, (stride - window + 1) // window)


def held_out_share(text):
    return 0.0 if len(text[:5000].encode()) < 5000 else 0.1


def plan(given, trained, held_out):
    """All settings: what is not given follows from how many characters are trained on and held out, as in choose_plan() of recipe.c."""
    n, s = max(1, trained - 1), {**INITIAL, **given}
    s.setdefault("window", 64)
    batch = min(16, n // (32 * s["window"]))
    s.setdefault("batch", 1 if batch < 2 else batch // 2 * 2)
    if "window" not in given:
        s["window"] = max(1, min(s["window"], n // s["batch"]))
    s.setdefault("slices", 1 if s["batch"] % 2 else 2)
    windows = windows_of(trained, s["batch"], s["window"])
    updates = min(400.0 * math.sqrt(windows), 4000.0 + 2.8 * windows) if held_out else 100.0 * math.sqrt(windows) + 12.0 * windows
    updates = min(40000.0, max(300.0 if held_out else 1000.0, updates))
    s.setdefault("passes", math.ceil(updates / windows) if windows else 1)
    s.setdefault("warmup", min(100, int(windows * s["passes"] / 10)))
    s.setdefault("hidden", 384 if n >= 300000 else 256 if n >= 100000 else 128)
    s.setdefault("embedding", 64)
    s.setdefault("rate", 0.005 if s["hidden"] > 384 else 0.007 if s["hidden"] > 256 else 0.01)
    s.setdefault("dropout", 0.0 if not held_out else 0.3 if n >= 800000 else 0.4 if n >= 300000 else 0.5)
    s.setdefault("recurrent-dropout", 0.3 if held_out and n < 300000 else 0.0)
    return s


def rate_of(update, updates, s):
    """Of an update: a straight line up, then a cosine down."""
    if update < s["warmup"]:
        return s["rate"] * (update + 1) / s["warmup"]
    done = (update - s["warmup"]) / (updates - s["warmup"] - 1) if updates > s["warmup"] + 1 else 1.0
    return s["rate"] * (s["final-rate"] + (1 - s["final-rate"]) * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0))))


def window_of(ids, s, update, streams):
    """The ids of some streams in an update's window and the one behind it, (steps + 1, streams), and whether a pass begins."""
    windows = windows_of(len(ids), s["batch"], s["window"])
    stride = (len(ids) - 1) // s["batch"]
    slack = min(stride - windows * s["window"] + 1, s["window"])
    offset = int(np.float32(dice(s["seed"] ^ 0x68bc21eb, update // windows)) * np.float32(slack))
    begin = offset + update % windows * s["window"]
    return ids[np.arange(s["window"] + 1)[:, None] + (np.array(streams) * stride + begin)], update % windows == 0


# ---- dice: of numbers, arrays of numpy and tensors of PyTorch alike, if these have 64 bits ----

def mix(x):
    x = x ^ x >> 16
    x = x * 0x7feb352d & BITS
    x = x ^ x >> 15
    x = x * 0x846ca68b & BITS
    return x ^ x >> 16


def dice(seed, position):
    return (mix(mix(seed + 0x9e3779b9 & BITS) ^ mix(position + 0x85ebca6b & BITS)) >> 8) * 2.0 ** -24


def dropout_keys(s, update, layer, streams):
    """Of each stream: those of a slice have one."""
    slice_of = [stream // (s["batch"] // s["slices"]) for stream in streams]
    return [mix(mix(s["seed"] + 0x27d4eb2f + slice * 0x9e3779b9 & BITS) + update * 4 + layer & BITS) for slice in slice_of]


def dropout_places(s, streams):
    """Of a step and a stream: where its units begin in the window of its slice."""
    width = s["batch"] // s["slices"]
    return [[(step * width + stream % width) * s["hidden"] for stream in streams] for step in range(s["window"])]


def recurrent_key(s, update, layer):
    """Of a layer's weight_hh: of all slices the same."""
    return mix(mix(s["seed"] + 0x165667b1 & BITS) + update * 4 + layer & BITS)


# ---- the first weights ----

def shapes_of(s, V):
    """The network's tensors, in the order of its file."""
    width, gates = s["embedding"] or V, {"tanh": 1, "gru": 3, "lstm": 4}[s["cell"]] * s["hidden"]
    shapes = {"embedding.weight": (V, width)} if s["embedding"] else {}
    for layer in range(s["layers"]):
        shapes[f"rnn.weight_ih_l{layer}"] = gates, s["hidden"] if layer else width
        shapes[f"rnn.weight_hh_l{layer}"] = gates, s["hidden"]
        shapes[f"rnn.bias_ih_l{layer}"] = shapes[f"rnn.bias_hh_l{layer}"] = (gates,)
    return {**shapes, "fc.weight": (V, s["hidden"]), "fc.bias": (V,)}


def normal(seed, position):
    """Nearly: the sum of 12 dice, less 6."""
    total = np.full(position.shape, -6, np.float32)
    for i in range(12):
        total += dice(seed, position * 12 + i).astype(np.float32)
    return total


def first_weights(s, V):
    arrays, place, bound = {}, 0, 1 / np.sqrt(np.float32(s["hidden"]))
    for name, shape in shapes_of(s, V).items():
        position = np.arange(place, place := place + math.prod(shape))
        if name == "embedding.weight":
            numbers = normal(s["seed"], position)
        else:
            numbers = (2 * dice(s["seed"] ^ 0x5bd1e995, position) - 1).astype(np.float32) * bound
        arrays[name] = numbers.reshape(shape)
    if s["cell"] == "lstm":  # the forget gate's
        for layer in range(s["layers"]):
            arrays[f"rnn.bias_ih_l{layer}"][s["hidden"]:2 * s["hidden"]] += 1
    return arrays
