# SPDX-License-Identifier: MIT
"""What scripts/train_torch.py writes, and where; src/cli_train.c, cli_checkpoint.c and cli_output.c do so for the command. Needs numpy alone.
"""
import os
import sys
import time
from pathlib import Path

from safetensors_numpy import unpack, write_whole
from torch_job import best_of, bits_of_best, checkpoint_of, file_of, need


def say(sentence, end="\n"):
    print(sentence, end=end, file=sys.stderr, flush=True)


def check_files(options):
    """Whether the files to write are two, that nobody reads, and are not there yet, or may be written over."""
    read = [os.path.realpath(path) for path in (options.text, options.held_out, options.from_file) if path]
    written = [os.path.realpath(path) for path in (options.output, options.checkpoint)]
    need(not {*read} & {*written} and written[0] != written[1], "--output and --checkpoint must be two files, neither of which is read")
    need(options.force or not os.path.lexists(options.output), f"{options.output} is there already: --force writes over it")
    need(options.resume or not os.path.lexists(options.checkpoint),
         f"{options.checkpoint} is there from an earlier training: go on from it with --resume, or remove it")
    folder = Path(options.output).resolve().parent
    need(folder.is_dir() and os.access(folder, os.W_OK), f"{folder} is no folder that can be written to")


def write_file(path, data, replaces):
    """Returns why it could not be written; None: it was."""
    try:
        write_whole(path, data, replaces)
    except OSError as error:
        return error.strerror or repr(error)


def write_somewhere(path, data, replaces, beside):
    """Where the file cannot be written, another one is, in a folder that takes it. Returns why it could not."""
    failed = write_file(path, data, replaces)
    if not failed:
        return None
    say(f"train_torch: cannot write {path}: {failed}")
    for folder in Path(path).parent, Path(beside).parent, os.environ.get("TMPDIR"), "/tmp", os.environ.get("HOME"), ".":
        other = Path(folder or ".", f"saved-{os.getpid()}-{Path(path).name}")
        if not write_file(other, data, False):
            say(f"train_torch: wrote {other} instead")
            return failed
    say("train_torch: nor is there room in another folder")
    return failed


class Files:
    """What the first process writes."""

    def __init__(self, options, job):
        self.options, self.job, self.began = options, job, time.monotonic()
        self.owns_checkpoint = options.resume

    def minutes(self):
        return (time.monotonic() - self.began) / 60

    def checkpoint(self, training, position):
        return checkpoint_of(self.job, {**training.weights(), **position}, training.done, self.minutes())

    def save_checkpoint(self, training, position):
        """One that cannot be written ends no training: the one before stays, and there will be another."""
        failed = write_file(self.options.checkpoint, self.checkpoint(training, position), self.owns_checkpoint)
        self.owns_checkpoint |= not failed
        if failed:
            say(f"train_torch: cannot write {self.options.checkpoint}: {failed}; the training goes on")

    def stop(self, training, position):
        """Returns the exit code."""
        data = self.checkpoint(training, position)
        if write_somewhere(self.options.checkpoint, data, self.owns_checkpoint, self.options.output):
            say("stopped; go on with --resume --checkpoint and the name of that file")
            return 1
        say(f"stopped; wrote {self.options.checkpoint}: go on with --resume")
        return 0

    def keep_best(self, training, bits):
        if bits < bits_of_best(self.job):
            more = {"heldOut.bitsPerToken": repr(bits)}
            self.job.best = file_of(self.job, training.weights(), training.done, self.minutes(), more)

    def best(self, training):
        bits = training.measure(unpack(self.job.best)[0])
        say(f"held out: {bits:.4f} bits per character over {len(self.job.held_out)} characters")
        return best_of(self.job, bits, self.minutes())

    def finish(self, training):
        """Writes the best network, or the last one where nothing is held out, and returns the exit code. The checkpoint stays where one
        may want to go on from it."""
        if training.broken:
            say(f"train_torch: after {training.done} updates a number is not finite any more: try a lower --rate")
            if not self.job.best:
                return 1
        data = self.best(training) if self.job.best else file_of(self.job, training.weights(), training.done, self.minutes(), {})
        if write_somewhere(self.options.output, data, self.options.force, self.options.checkpoint):
            return 1
        say(f"wrote {self.options.output} after {self.job.minutes + self.minutes():.1f} minutes")
        if self.owns_checkpoint and not training.broken and not (self.options.resume and self.options.keeps_checkpoint):
            Path(self.options.checkpoint).unlink(missing_ok=True)
        return int(training.broken)
