# SPDX-License-Identifier: MIT
"""What scripts/train_torch.py trains, from texts, a network or a checkpoint, and back into files; src/recipe.c and cli_checkpoint.c do so
for the command. Needs numpy alone.
"""
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from safetensors_numpy import pack, unpack
from torch_recipe import (FIXED, SETTINGS, first_weights, hash_of, held_out_share, ids_of, plan, possible, shapes_of, text_of, value_of,
                          vocabulary_of, windows_of)

MOST_CARRIED = 20 << 20  # bytes of a text in a checkpoint
MOST_UNKNOWN = 0.05  # of a text's characters
OF_THE_FILE = "text", "held_out", "best", "vocab"
STALE = "train.loss", "train.bits", "train.held-out", "train.rate-factor"  # of a checkpoint alone


class Refused(Exception):
    """What cannot be done, in a sentence for the person who asked."""


def need(condition, sentence):
    if not condition:
        raise Refused(sentence)


@dataclass
class Job:
    """All that a checkpoint holds."""
    settings: dict
    vocabulary: list
    arrays: dict  # by the names in the file: the network's and, of a training that goes on, its moments and states
    ids: np.ndarray
    held_out: np.ndarray
    kept_apart: str  # as --held-out: the share of the text, or a file
    texts: dict  # as a checkpoint has them: text, held_out
    meta: dict = field(default_factory=dict)  # what others have written into the file
    best: bytes = b""  # the file of the best network so far
    rate_factor: float = 1.0
    loss: float = math.nan  # smoothed
    minutes: float = 0.0  # of earlier runs
    hash: str = ""

    @property
    def windows(self):
        return windows_of(len(self.ids), self.settings["batch"], self.settings["window"])

    @property
    def updates(self):
        return self.windows * self.settings["passes"]

    @property
    def done(self):
        return int.from_bytes(self.arrays["trainer.updates"].tobytes(), "little") if "trainer.updates" in self.arrays else 0


def parts_of(settings):
    """Of a layer's state."""
    return "hc" if settings["cell"] == "lstm" else "h"


# ---- settings ----

def setting(name, text):
    value = value_of(name, text)
    need(value is not None, f"{name} is {text}; it must be {possible(name)}")
    return value


def obey(given, settings, path):
    for name, value in settings.items():
        need(given.get(name, value) == value, f"--{name} {given.get(name)} cannot be obeyed: {path} has {value}")


# ---- texts ----

def read_text(path):
    data = Path(path).read_bytes()
    need(len(data) < 1 << 31, f"{path} has 2 GiB or more")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8: no character at byte {error.start + 1}; nextchar train says what makes UTF-8 of it") from None
    need("\0" not in text, f"{path} is no text: it has a NUL in it")
    for line_end in "\r\n", "\r", "\x85", "\u2028", "\u2029":
        text = text.replace(line_end, "\n")
    return text


def carried_text(carried, name):
    try:
        return carried[name].tobytes().decode()
    except UnicodeDecodeError:
        raise Refused(f"the checkpoint's {name} is not UTF-8") from None


def take_texts(options, carried, said):
    """The text, the one that is held out apart (None: none), and the share that is held out (None: as the text's length has it)."""
    text = read_text(options.text) if options.text else carried_text(carried, "text")
    if options.held_out is None and "held_out" in carried:
        return text, carried_text(carried, "held_out"), said
    share = said if options.held_out is None else options.held_out
    try:
        need(share is None or 0 <= float(share) < 1, "--held-out needs a file, or a share from 0 to below 1")
        return text, None, share
    except ValueError:
        need(options.held_out, f"the checkpoint measures with the file {said} and does not hold it: give it with --held-out")
        return text, read_text(share), share


def part(text, apart, share, vocabulary, options):
    """The ids that are trained on, those that are held out, and the share."""
    ids = ids_of(text, vocabulary)
    lost = 1 - len(ids) / max(1, len(text))
    need(lost <= MOST_UNKNOWN or options.force,
         f"{100 * lost:.1f} % of the text's characters are not among those that the network knows; --force trains on the others")
    if apart is not None:
        return ids, ids_of(apart, vocabulary), share
    share = text_of(held_out_share(text)) if share is None else share
    trained = len(ids) - int(float(share) * len(ids))
    return ids[:trained], ids[trained:], share


def carried(text, apart):
    """The texts that have room in a checkpoint."""
    encoded = {name: text.encode() for name, text in (("text", text), ("held_out", apart)) if text and len(text) <= MOST_CARRIED}
    return {name: np.frombuffer(data, np.uint8) for name, data in encoded.items() if len(data) <= MOST_CARRIED}


# ---- a new training ----

def begin(options, given):
    text, apart, share = take_texts(options, {}, None)
    arrays, own, vocabulary = {}, {}, vocabulary_of(text)
    if options.from_file:
        arrays, _, vocabulary, own = read_network(options.from_file)
        arrays = {name: arrays[name] for name in shapes_of(own, len(vocabulary))}
        obey(given, own, options.from_file)
    need(len(vocabulary) > 1, "the text is empty, or one and the same character over and over: there is nothing to learn")
    ids, held_out, share = part(text, apart, share, vocabulary, options)
    settings = plan({**given, **own}, len(ids), len(held_out))
    return Job(settings, vocabulary, arrays or first_weights(settings, len(vocabulary)), ids, held_out, share, carried(text, apart))


# ---- files ----

def sizes_of(arrays):
    """The settings that a network's shapes give."""
    layers = sum(name.startswith("rnn.weight_hh_l") for name in arrays)
    gates, hidden = arrays["rnn.weight_hh_l0"].shape
    embedding = arrays["embedding.weight"].shape[1] if "embedding.weight" in arrays else 0
    return {"cell": {1: "tanh", 3: "gru", 4: "lstm"}[gates // hidden], "layers": layers, "hidden": hidden, "embedding": embedding}


def read_network(path):
    return network_of(Path(path).read_bytes(), path)


def network_of(data, path):
    """A file's arrays, metadata and vocabulary, and the sizes of its network."""
    try:
        arrays, meta = unpack(data)
        vocabulary = arrays["vocab"].tobytes().decode().split("\0")[:-1]
        need(meta.get("pattern", "text") == "text" and "level" not in meta and meta.get("train.kind", "text") == "text"
             and not {"unknown", "pad", "end"} & {*meta}, f"{path} is of words, a list or examples: nextchar train goes on with those")
        need("train.settings" not in meta, f"{path} is a checkpoint of nextchar 0.2: nextchar train goes on with it")
        sizes = sizes_of(arrays)
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError):
        raise Refused(f"{path} is no network or checkpoint of nextchar with its vocabulary, in floats") from None
    shapes = shapes_of(sizes, len(vocabulary))
    for name, shape in shapes.items():
        need(name in arrays and arrays[name].shape == shape and arrays[name].dtype.kind == "f", f"{path} has no {name} of floats {shape}")
        arrays[name] = arrays[name].astype(np.float32)
    more = [name for name in arrays if name not in shapes and name not in OF_THE_FILE and not name.startswith("trainer.")]
    need(not more, f"{path} has {', '.join(more)}, which is no part of a network of nextchar")
    return arrays, meta, vocabulary, sizes


def number(meta, key, usual, of="the checkpoint"):
    try:
        return float(meta.get(key, usual))
    except ValueError:
        raise Refused(f"{of}'s {key} is {meta[key]}, which is no number") from None


def resume(options, given):
    path = options.checkpoint
    arrays, meta, vocabulary, own = read_network(path)
    need("trainer.updates" in arrays and "train.text" in meta, f"{path} is a network, but no checkpoint of a training")
    need(options.text or "text" in arrays, f"{path} has no text in it: give the text that it was made from")
    obey(given, own, path)
    text, apart, share = take_texts(options, arrays, meta.get("train.held-out"))
    ids, held_out, share = part(text, apart, share, vocabulary, options)
    said = {name: setting(name, meta.get(f"train.{name}", "missing")) for name in SETTINGS if name not in own}
    job = Job({**own, **said, **given}, vocabulary, arrays, ids, held_out, share, carried(text, apart))
    job.meta = {key: value for key, value in meta.items() if key not in STALE and not key.startswith("heldOut.")}
    if "best" in arrays and len(held_out):
        job.best = take_best(arrays["best"].tobytes(), vocabulary, own, path)
    job.rate_factor, job.loss = number(meta, "train.rate-factor", 1), number(meta, "train.loss", math.nan)
    job.minutes, job.hash = number(meta, "train.minutes", 0), meta["train.text"]
    check_place(job, path)
    return job


def take_best(data, vocabulary, sizes, path):
    """A best network without its bits on what is held out is none."""
    _, meta, own_vocabulary, own_sizes = network_of(data, f"the best network in {path}")
    need(own_vocabulary == vocabulary and own_sizes == sizes, f"the best network in {path} is not of this training")
    return data if math.isfinite(number(meta, "heldOut.bitsPerToken", math.inf, "the best network")) else b""


def check_place(job, path):
    """Whether a checkpoint is of this text and fits its plan."""
    s = job.settings
    need(hash_of(job.ids) == job.hash, f"{path} was made from another text, or with another part of it held out")
    need(job.done <= job.updates, f"{path} has had {job.done} updates, more than the {job.updates} of its plan")
    floats = sum(math.prod(shape) for shape in shapes_of(s, len(job.vocabulary)).values())
    states = {f"trainer.{part}_l{layer}": (s["batch"], s["hidden"]) for layer in range(s["layers"]) for part in parts_of(s)}
    for name, shape in {"trainer.m": (floats,), "trainer.v": (floats,), **states}.items():
        need(name in job.arrays and job.arrays[name].shape == shape,
             f"{path} has no {name} of {' x '.join(map(str, shape))}, as its network and a batch of {s['batch']} ask for")


def minutes_of(job, minutes):
    return f"{job.minutes + minutes:.2f}"


def file_of(job, arrays, done, minutes, more):
    """A file's bytes: the network's arrays after so many updates, and what more is said of it."""
    job.hash = job.hash or hash_of(job.ids)
    meta = {"nextchar.format": "1", **job.meta, "train.minutes": minutes_of(job, minutes)}
    meta |= {f"train.{name}": text_of(value) for name, value in {**FIXED, **job.settings}.items()}
    meta |= {"train.characters": str(len(job.ids)), "train.text": job.hash, "train.updates": str(done), **more}
    vocabulary = "".join(token + "\0" for token in job.vocabulary).encode()
    return pack({**arrays, "vocab": np.frombuffer(vocabulary, np.uint8)}, meta)


def checkpoint_of(job, arrays, done, minutes):
    """The same of a checkpoint, whose arrays are the training's too."""
    more = {"train.rate-factor": text_of(job.rate_factor), "train.loss": repr(job.loss)}
    if job.kept_apart is not None:
        more["train.held-out"] = job.kept_apart
    best = {"best": np.frombuffer(job.best, np.uint8)} if job.best else {}
    return file_of(job, {**arrays, **job.texts, **best}, done, minutes, more)


def bits_of_best(job):
    return float(unpack(job.best)[1]["heldOut.bitsPerToken"]) if job.best else math.inf


def best_of(job, bits, minutes):
    """The file of the best network, as it is left to others: with how long the whole training took and what exactly was measured."""
    arrays, meta = unpack(job.best)
    del meta["heldOut.bitsPerToken"]
    measured = {"heldOut.bitsPerCharacter": f"{bits:.4f}", "heldOut.characters": str(len(job.held_out))}
    return pack(arrays, {**meta, "train.minutes": minutes_of(job, minutes), **measured})
