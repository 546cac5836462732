#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What scripts/train_torch.py says of checkpoints and texts, without PyTorch, for tests/torch.test.mjs to look at:

    python3 tests/torch_read.py checkpoint|text FILE...

says for each file, a line each, why it is refused, or else the bits of a checkpoint's best network, or how many characters a text has.
"""
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from torch_job import Refused, bits_of_best, read_text, resume

for path in sys.argv[2:]:
    try:
        if sys.argv[1] == "text":
            print(len(read_text(path)))
        else:
            print(bits_of_best(resume(SimpleNamespace(text=None, held_out=None, checkpoint=path, force=False), {})))
    except Refused as error:
        print(error)
