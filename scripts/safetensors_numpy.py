# SPDX-License-Identifier: MIT
"""safetensors files as arrays of numpy, for what reads and writes nextchar's files in Python."""
import errno
import json
import os
import secrets
from pathlib import Path

import numpy as np

KINDS = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I8": np.dtype("i1"), "U8": np.dtype("u1")}


def array_of(body, dtype, shape, data_offsets):
    begin, end = data_offsets
    return np.frombuffer(body[begin:end], KINDS[dtype]).reshape(shape)


def unpack(data):
    """({name: array}, metadata) of a file's bytes. Raises ValueError for bytes that are no such file."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise ValueError("these bytes are no safetensors file")
    try:
        header, body = dict(json.loads(data[8:8 + size])), memoryview(data)[8 + size:]
        metadata = dict(header.pop("__metadata__", {}))
        arrays = {name: array_of(body, **entry) for name, entry in header.items()}
    except (KeyError, TypeError, OverflowError, RecursionError):
        raise ValueError("these bytes have no header of a safetensors file") from None
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("their metadata are not strings")
    return arrays, metadata


def pack(arrays, metadata):
    """A file's bytes. Those of numbers of four bytes come first, so that all are aligned."""
    header, end = {"__metadata__": metadata}, 0
    arrays = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))
    for name, array in arrays.items():
        kind = next(kind for kind, dtype in KINDS.items() if dtype == array.dtype)
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [end, end := end + array.nbytes]}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return b"".join([len(head).to_bytes(8, "little"), head, *(array.tobytes() for array in arrays.values())])


def put_in_place(part, path, replaces):
    """A link, unlike a rename, never takes the place of a file; but not every file system has it."""
    if replaces:
        return os.replace(part, path)
    try:
        os.link(part, path)
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(part, path)


def write_whole(path, data, replaces):
    """Where a file of that name was, either it or the new one is there at any time, and never a part."""
    part = Path(f"{path}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, path, replaces)
    finally:
        part.unlink(missing_ok=True)
