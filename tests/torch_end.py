#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a training of scripts/train_torch.py writes at its end, without PyTorch, for tests/torch.test.mjs to look at:

    python3 tests/torch_end.py save_checkpoint|stop|finish OPTIONS

The exit code is the training's. No update is made; the network was kept an hour ago, with about 4.5 bits, which are 4.25.
"""
import json
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from torch_files import Files
from torch_job import begin

action, given = sys.argv[1], json.loads(sys.argv[2])
usual = {"held_out": None, "from_file": None, "force": False, "resume": False, "keeps_checkpoint": False}
options = SimpleNamespace(**{**usual, **given})
job = begin(options, {"hidden": 8, "embedding": 4})
files = Files(options, job)
training = SimpleNamespace(done=0, broken=False, weights=lambda: job.arrays, measure=lambda arrays: 4.25)
files.keep_best(training, 4.5)
files.began -= 60 * 60
position = [] if action == "finish" else [{}]
sys.exit(getattr(files, action)(training, *position))
