#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How scripts/train_torch.py begins a training, without PyTorch, for tests/torch.test.mjs to hold against the core:

    python3 tests/torch_begin.py TEXT FILE SETTINGS [HELD_OUT]

writes the network before the first update to FILE, and says the plan, learning rates and, of every 17th update, the window's ids.
"""
import json
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from safetensors_numpy import write_whole
from torch_job import begin, file_of, setting
from torch_recipe import rate_of, window_of

text, file, settings, held_out = [*sys.argv[1:], None][:4]
given = {name: setting(name, str(value)) for name, value in json.loads(settings).items()}
job = begin(SimpleNamespace(text=text, held_out=held_out, from_file=None, force=False), given)
write_whole(file, file_of(job, job.arrays, 0, 0, {}), True)
seen = range(0, job.updates, 17)
ids = [window_of(job.ids, job.settings, update, range(job.settings["batch"]))[0].tolist() for update in seen]
print(json.dumps({"updates": job.updates, "heldOut": len(job.held_out), "ids": ids,
                  "rates": [rate_of(update, job.updates, job.settings) for update in seen]}))
