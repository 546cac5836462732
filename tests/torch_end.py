#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a training of scripts/train_torch.py writes at its end, without PyTorch, for tests/torch.test.mjs to look at:

    python3 tests/torch_end.py save_checkpoint|stop|finish OPTIONS

The exit code is the training's. No update is made.
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
training = SimpleNamespace(done=0, broken=False, weights=lambda: job.arrays)
position = [] if action == "finish" else [{}]
sys.exit(getattr(Files(options, job), action)(training, *position))
