#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The losses of scripts/train_torch.py, update after update, for the settings that a file of losses names; alone or by torchrun:

    python3 tests/torch_losses.py tests/golden/torch.json LOSSES [UPDATES]
"""
import json
import os
import sys
from pathlib import Path

root = Path(__file__).parent.parent
sys.path.insert(0, str(root / "scripts"))
import torch
import train_torch

stored, out, updates = [*sys.argv[1:], 100][:3]
golden, processes = json.loads(Path(stored).read_text()), train_torch.Processes()
for case in golden["cases"]:
    arguments = [f"--{name}={value}" for name, value in case["settings"].items()]
    options, given = train_torch.parse([str(root / golden["text"]), "--output=none", *arguments])
    training = train_torch.Training(train_torch.begin(options, given), processes)
    case["losses"] = [training.update()[0] for _ in range(int(updates))]
golden["made"] = f"PyTorch {torch.__version__}"
if processes.rank == 0:
    lines = ",\n".join(f"    {json.dumps({**case, 'losses': [round(loss, 7) for loss in case['losses']]})}" for case in golden.pop("cases"))
    head = json.dumps(golden)[1:-1]
    Path(out).write_text(f'{{\n  {head},\n  "cases": [\n{lines}\n  ]\n}}\n')
if torch.distributed.is_initialized():
    os._exit(0)  # as train_torch.py ends
