#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains a network of nextchar in PyTorch, on GPUs and on several machines, as `nextchar train` does on one:

    python3 scripts/train_torch.py book.txt --output book.safetensors
    torchrun --nproc_per_node 2 scripts/train_torch.py book.txt --output book.safetensors --batch 64
    torchrun --nnodes 2 --nproc_per_node 8 --rdzv_backend c10d --rdzv_endpoint HOST:29500 scripts/train_torch.py …

The recipe, the options and the files are those of `nextchar train`: the same text and options give the same losses but for rounding,
however many processes there are, and with --resume each goes on from the other's checkpoint. The streams of --batch are divided among the
processes, whose gradients DistributedDataParallel averages (gloo, or nccl where there are GPUs), so their number must divide it. Every
machine reads the same texts and checkpoint, in a folder that all see or in copies; the first process alone writes and says how it goes.
torchrun gives each of several processes one thread unless OMP_NUM_THREADS says otherwise.

It is for texts of characters. Lists, words and examples are learnt by `nextchar train` alone; a list is read as a text here. Of a text
of which nothing is held out the last network is written, of others the one with the fewest bits on what is held out, as there.

Needs PyTorch 1.13 or later and numpy.
"""
import argparse
import math
import os
import re
import signal
import sys
import time
import zlib

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from torch_files import Files, check_files, say
from torch_job import Refused, begin, need, parts_of, resume, setting
from torch_recipe import SETTINGS, dropout_keys, dropout_places, mix, rate_of, recurrent_key, window_of

CELLS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
JUDGE_EVERY = 20  # updates at least
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


# ---- the processes ----

class Processes:
    """Those of torchrun, or this one alone."""

    def __init__(self):
        self.rank, self.count, self.local = (int(os.environ.get(name, usual)) for name, usual in
                                             (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
        gpus, here = torch.cuda.device_count(), int(os.environ.get("LOCAL_WORLD_SIZE", 1))
        need(not gpus or here <= gpus, f"this machine has {gpus} GPUs, and {here} processes: let torchrun start {gpus}, or fewer")
        self.device = torch.device("cuda", self.local) if gpus else torch.device("cpu")
        torch.backends.cudnn.allow_tf32 = False  # float32, as the recipe has it
        if "RANK" in os.environ:
            if gpus:
                torch.cuda.set_device(self.device)
            dist.init_process_group("nccl" if gpus else "gloo")

    def sum(self, numbers):
        tensor = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        if self.count > 1:
            dist.all_reduce(tensor)
        return tensor.tolist()

    def gather(self, tensor):
        """The rows of all processes, in their order."""
        rows = [torch.empty_like(tensor) for _ in range(self.count)]
        if self.count == 1:
            return tensor
        dist.all_gather(rows, tensor.contiguous())
        return torch.cat(rows)

    def check_agree(self, job):
        """Two texts in two places would be learnt as one, in silence."""
        own = zlib.crc32(repr(sorted(job.settings.items())).encode())
        for array in job.ids, job.held_out, *job.arrays.values():
            own = zlib.crc32(array, own)
        all = self.gather(torch.tensor([own], device=self.device)).tolist()
        need({*all} == {own}, "the processes have not read the same: give all the same texts, checkpoint and options")


# ---- the network ----

class Network(nn.Module):
    """The core's: an embedding or one-hot characters, layers with a dropout behind each, a linear head."""

    def __init__(self, s, V):
        super().__init__()
        width, hidden = s["embedding"] or V, s["hidden"]
        self.V = V
        self.embedding = nn.Embedding(V, width) if s["embedding"] else None
        self.layers = nn.ModuleList(CELLS[s["cell"]](hidden if layer else width, hidden) for layer in range(s["layers"]))
        self.fc = nn.Linear(hidden, V)

    def forward(self, x, states, kept):
        """ids (steps, streams), a state and a dropout's factors (or 1) for each layer -> logits, the states behind the last step."""
        x = self.embedding(x) if self.embedding else nn.functional.one_hot(x, self.V).float()
        behind = []
        for layer, state, factors in zip(self.layers, states, kept):
            x, state = layer(x, state)
            x = x * factors
            behind.append(state)
        return self.fc(x), behind

    def named(self):
        """Its parameters by the names of the file, in that order."""
        return {re.sub(r"layers\.(\d+)\.(\w+)_l0", r"rnn.\2_l\1", name): parameter for name, parameter in self.named_parameters()}


def kept_of(dice, rate):
    """What the core's dice keep, as factors."""
    rate = np.float32(rate)
    return (mix(dice) >> 8 >= int(rate * np.float32(1 << 24))).float() * float(1 / (1 - rate))


class Training:
    def __init__(self, job, processes):
        s, device = job.settings, processes.device
        self.job, self.processes, self.done, self.broken = job, processes, job.done, False
        need(s["batch"] % processes.count == 0, f"{processes.count} processes cannot share {s['batch']} streams: give --batch a multiple")
        need(s["batch"] % s["slices"] == 0, f"slices is {s['slices']}; it must divide batch, which is {s['batch']}")
        need(job.windows, f"the text has {len(job.ids)} characters to train on; {s['batch']} streams of {s['window']} need "
             f"{s['batch'] * s['window'] + 1}: take a longer text, or a smaller batch, window or held-out")
        processes.check_agree(job)
        own = s["batch"] // processes.count
        self.streams = range(processes.rank * own, (processes.rank + 1) * own)
        if s["dropout"]:
            places = torch.tensor(dropout_places(s, self.streams), device=device)
            self.places = places[:, :, None] + torch.arange(s["hidden"], device=device)
        self.network = Network(s, len(job.vocabulary)).to(device)
        self.take_weights(job.arrays)
        self.shared = nn.parallel.DistributedDataParallel(self.network) if processes.count > 1 else self.network
        self.states = self.zero_states(own)
        self.optimizer = self.make_optimizer()
        if self.done:
            self.take_position()

    @torch.no_grad()
    def take_weights(self, arrays):
        for name, parameter in self.network.named().items():
            parameter.copy_(torch.tensor(arrays[name]))

    # Moments as the file has them: of all parameters, one behind the other.

    def make_optimizer(self):
        if self.job.settings["optimizer"] == "adam":
            self.moments = {"trainer.m": "exp_avg", "trainer.v": "exp_avg_sq"}
            return torch.optim.Adam(self.network.parameters(), betas=(0.9, 0.999), eps=1e-8)
        self.moments = {"trainer.v": "square_avg"}
        return torch.optim.RMSprop(self.network.parameters(), alpha=0.99, eps=1e-8)

    def take_position(self):
        """The moments and the state of each stream, as the checkpoint has them."""
        arrays, place = self.job.arrays, 0
        for parameter in self.network.parameters():
            own = slice(place, place := place + parameter.numel())
            state = {name: torch.tensor(arrays[key][own]).to(parameter).view_as(parameter) for key, name in self.moments.items()}
            self.optimizer.state[parameter] = {"step": torch.tensor(float(self.done)), **state}
        for layer, state in enumerate(self.states):
            for part, tensor in zip(parts_of(self.job.settings), state):
                tensor.copy_(torch.tensor(arrays[f"trainer.{part}_l{layer}"][self.streams]))

    def position(self):
        """The same as arrays; each process has to ask for it."""
        states = {f"trainer.{part}_l{layer}": self.processes.gather(tensor[0]).cpu().numpy()
                  for layer, state in enumerate(self.states) for part, tensor in zip(parts_of(self.job.settings), state)}
        parameters = list(self.network.parameters())
        zero = {name: np.zeros(sum(map(torch.numel, parameters)), np.float32) for name in ("trainer.m", "trainer.v")}
        kept = {key: np.concatenate([self.optimizer.state[p][name].cpu().numpy().ravel() for p in parameters])
                for key, name in self.moments.items() if self.done}
        return {**zero, **kept, **states, "trainer.updates": np.frombuffer(self.done.to_bytes(4, "little"), np.uint8)}

    # A state is (h, c) or (h,) of a layer, each (1, streams, units).

    def zero_states(self, streams):
        s = self.job.settings
        return [tuple(torch.zeros(1, streams, s["hidden"], device=self.processes.device) for _ in parts_of(s)) for _ in range(s["layers"])]

    def run(self, network, x, states, kept):
        logits, behind = network(x, [state if len(state) > 1 else state[0] for state in states], kept)
        return logits, [tuple(part.detach() for part in (state if isinstance(state, tuple) else (state,))) for state in behind]

    # ---- an update ----

    def factors(self, layer):
        """What the core's dice keep of a layer's outputs."""
        s = self.job.settings
        if not s["dropout"]:
            return 1.0
        keys = torch.tensor(dropout_keys(s, self.done, layer, self.streams), device=self.places.device)
        return kept_of(keys[:, None] ^ self.places, s["dropout"])

    @torch.no_grad()
    def drop_weights(self):
        """Each weight_hh without its share: the parameter, what it was, and the factors."""
        s, dropped = self.job.settings, []
        for layer, cell in enumerate(self.network.layers if s["recurrent-dropout"] else ()):
            weight = cell.weight_hh_l0
            places = torch.arange(weight.numel(), device=weight.device).view_as(weight)
            factors = kept_of(places ^ recurrent_key(s, self.done, layer), s["recurrent-dropout"])
            dropped.append((weight, weight.clone(), factors))
            weight.mul_(factors)
        return dropped

    @torch.no_grad()
    def restore_weights(self, dropped):
        for weight, before, factors in dropped:
            weight.copy_(before)
            weight.grad.mul_(factors)

    def update(self, *flags):
        """The loss of the window in nats, and the sums of the processes' flags. If a number is not finite, nothing is updated."""
        s = self.job.settings
        ids, begins = window_of(self.job.ids, s, self.done, self.streams)
        ids = torch.from_numpy(ids.astype(np.int64)).to(self.processes.device)
        states = self.zero_states(len(self.streams)) if begins else self.states
        dropped = self.drop_weights()
        logits, behind = self.run(self.shared, ids[:-1], states, [self.factors(layer) for layer in range(s["layers"])])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        self.optimizer.zero_grad()
        loss.backward()
        self.restore_weights(dropped)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), s["clip"] or math.inf)
        total, *flags = self.processes.sum([loss.item() / self.processes.count, *flags])
        if not math.isfinite(total) or not math.isfinite(norm):
            self.broken = True
            return math.nan, *flags
        for group in self.optimizer.param_groups:
            group["lr"] = rate_of(self.done, self.job.updates, s) * self.job.rate_factor
        self.optimizer.step()
        self.states, self.done = behind, self.done + 1
        self.job.loss = total if math.isnan(self.job.loss) else 0.98 * self.job.loss + 0.02 * total
        return total, *flags

    # ---- how good it is ----

    @torch.no_grad()
    def bits(self, ids):
        """Of texts side by side, (characters, texts), each from the zero state; all together."""
        ids, steps, nats = torch.from_numpy(ids.astype(np.int64)).to(self.processes.device), 256, 0.0
        states = self.zero_states(ids.shape[1])
        logits = self.network.fc.bias.expand(1, ids.shape[1], -1)  # before the first
        for place in range(0, len(ids), steps):
            y = ids[place:place + steps]
            x = ids[max(0, place - 1):place + len(y) - 1]
            if len(x):
                after, states = self.run(self.network, x, states, [1.0] * len(states))
                logits = after if place else torch.cat([logits, after])
            nats += nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum").item()
        return nats / math.log(2)

    def measure_about(self):
        """Bits per character of what is held out, in long parts side by side: quick, and a little above what it is."""
        ids = self.job.held_out
        parts = max(1, min(32, len(ids) // 1024))
        each = len(ids) // parts
        own = ids[:parts * each].reshape(parts, each)[self.processes.rank::self.processes.count].T
        return self.processes.sum([self.bits(own) if own.size else 0.0])[0] / (each * parts)

    def measure(self, arrays):
        """The same of another network of this kind, exactly, and by this process alone."""
        self.take_weights(arrays)
        return self.bits(self.job.held_out[:, None]) / len(self.job.held_out)

    def weights(self):
        return {name: parameter.detach().cpu().numpy() for name, parameter in self.network.named().items()}


# ---- the command ----

def parse(argv):
    """The options, and the settings that are given."""
    usage, about = __doc__.split("\n\n", 1)
    parser = argparse.ArgumentParser(description=usage, epilog=about, allow_abbrev=False, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="a file in UTF-8; with --resume the checkpoint may have it")
    parser.add_argument("--output", metavar="FILE", required=True, help="the weights file to write")
    parser.add_argument("--held-out", metavar="FILE|SHARE", help="text to measure with, or the share of TEXT's end to keep for it")
    parser.add_argument("--from", dest="from_file", metavar="FILE", help="begin with this file's network and vocabulary")
    for name, kinds in SETTINGS.items():
        parser.add_argument(f"--{name}", metavar="NAME" if isinstance(kinds[0], str) else "N" if kinds[0] is int else "X")
    parser.add_argument("--checkpoint", metavar="FILE", help="OUTPUT.checkpoint if not given")
    parser.add_argument("--checkpoint-minutes", type=float, default=10, metavar="X", help="how often it is written")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint, of nextchar train or the page too")
    parser.add_argument("--force", action="store_true", help="write over OUTPUT if it is there")
    options = parser.parse_args(argv)
    given = {name: vars(options)[name.replace("-", "_")] for name in SETTINGS}
    options.keeps_checkpoint = options.checkpoint is not None
    options.checkpoint = options.checkpoint or f"{options.output}.checkpoint"
    need(options.text or options.resume, "train_torch needs a text; with --resume it may be left out")
    need(not (options.resume and options.from_file), "--from cannot be obeyed with --resume: the checkpoint has its network in it")
    return options, {name: setting(name, text) for name, text in given.items() if text is not None}


def report(training, bits, characters_per_second):
    job = training.job
    left = int((job.updates - training.done) * job.settings["batch"] * job.settings["window"] / characters_per_second)
    held = f"held out about {bits:.3f} bits  " if bits is not None else ""
    begin, end = ("\r\33[K", "") if sys.stderr.isatty() else ("", "\n")
    say(f"{begin}pass {training.done / job.windows:.2f} of {job.settings['passes']}  loss {job.loss:.4f} nats  {held}"
        f"{characters_per_second:.0f} chars/s  {left // 60}:{left % 60:02d} left", end)


def catch_signals():
    """Those that have come, in this list."""
    come = []
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda number, frame: come.append(number))
    return come


def loop(training, files):
    """Updates until all are done, a signal has come to any process, or a number is not finite. Returns the signal, or 0."""
    job, first, come = training.job, training.processes.rank == 0, catch_signals()
    judged = -(-JUDGE_EVERY // job.windows) * job.windows
    saved = reported = time.monotonic()
    bits, before = None, training.done
    while True:
        passed = training.done % judged == 0 or training.done == job.updates
        if passed and len(job.held_out):
            bits = training.measure_about()
            if first:
                files.keep_best(training, bits)
        seconds = time.monotonic() - reported
        if first and training.done > before and (passed and bits is not None or seconds > (0.5 if sys.stderr.isatty() else 30)):
            report(training, bits, (training.done - before) * job.settings["batch"] * job.settings["window"] / seconds)
            reported, before = time.monotonic(), training.done
        if training.done == job.updates:
            return 0
        _, stop, due = training.update(len(come), time.monotonic() - saved > 60 * files.options.checkpoint_minutes)
        if training.broken:
            return 0
        if stop:
            return come[0] if come else signal.SIGTERM
        if due:
            position = training.position()
            if first:
                files.save_checkpoint(training, position)
            saved = time.monotonic()


def end(training, files, stopped):
    """Writes what there is to go on from, or the network. Returns the exit code."""
    first = training.processes.rank == 0
    if first and sys.stderr.isatty():
        say("")
    if stopped:
        position = training.position()
        failed = files.stop(training, position) if first else 0
        return failed or 128 + stopped
    return files.finish(training) if first else int(training.broken)


def run(argv):
    options, given = parse(argv)
    if int(os.environ.get("RANK", 0)) == 0:
        check_files(options)
    job = (resume if options.resume else begin)(options, given)
    processes = Processes()
    training, files, s = Training(job, processes), Files(options, job), job.settings
    if processes.rank == 0:
        say(f"a text: {len(job.ids)} characters to train on, {len(job.held_out)} held out; {s['passes']} passes of {job.windows} updates, "
            f"{s['batch']} x {s['window']} characters each; {s['hidden']} units; {processes.count} x {processes.device.type}")
    stopped = loop(training, files)
    code = end(training, files, stopped)
    if stopped or training.broken:
        processes.sum([0])  # they leave together: half a minute after one has failed torchrun kills the one that still writes
    return code


def main(argv):
    try:
        return run(argv)
    except (Refused, OSError) as error:
        if os.environ.get("LOCAL_RANK", "0") == "0":  # once on each machine
            say(f"train_torch: {f'{error.filename}: {error.strerror}' if getattr(error, 'filename', None) else error}")
        return 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if dist.is_initialized():  # all is written; processes of PyTorch 1.13 were seen to wait for ever as they took the group down
        os._exit(code)
    sys.exit(code)
