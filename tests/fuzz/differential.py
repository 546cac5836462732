# SPDX-License-Identifier: MIT
"""Compares what the header's reader and the safetensors library say to mutants of weights files.

    npm run fuzz -- differential [--runs N]      1,000,000 mutants if not said otherwise

Whatever the library refuses must be refused. What it takes may be refused only for a rule that safetensors.h states, and
the mutant must break that very rule, as this script finds it by Python's own JSON.
"""
import argparse
import json
import random
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import safetensors

BATCH = 2000
KEYS = {"dtype", "shape", "data_offsets"}
DTYPES = set("F32 F16 BF16 I8 U8 BOOL I16 U16 I32 U32 I64 U64 F64 F8_E4M3 F8_E5M2".split())
WORDS = [b'"__metadata__":', b'"dtype":', b'"shape":', b'"data_offsets":', b'"U8"', b'"F32"', b'"F4"', b'"F8_E8M0"', b'"a":', b'null',
         b'true', b'{}', b'[]', b'[0,0]', b'""', b'"":""', b'{', b'}', b'[', b']', b',', b':', b'"', b'\\', b'\\u0041', b'\\ud83d\\ude00',
         b'\\ud800', b'\\u0000', b' ', b'\n', b'\t', b'-', b'.', b'e', b'1e0', b'0', b'1', b'2', b'8', b'00', b'2147483648',
         b'9007199254740993', b'18446744073709551616', b'\xef\xbb\xbf', b'\xc3\xa9', b'\xf0\x9f\x98\x80', b'\xff', b'\xed\xa0\x80']


def entry(name, dtype, shape, begin, end):
    return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}'.encode()


SMALL = [(b"{}", b""), (b" { } ", b""), (b'{"__metadata__":{"a":"b","c":"\\u0041\\n"}}', b""),
         (b"{" + entry("a", "U8", [2], 0, 2) + b"}", b"ab"),
         (b"{" + entry("a", "U8", [2, 1], 2, 4) + b"," + entry("b", "F16", [1], 0, 2) + b',"__metadata__":{"x":"y"}}', b"abcd"),
         (b"{" + entry("a", "F32", [], 0, 4) + b"," + entry("e", "I64", [0, 3], 4, 4) + b"," + entry("c", "BOOL", [1, 1, 2, 2], 4, 8) + b"}",
          b"abcdefgh"),
         (b'{"a":["U8",[1],[0,1]]}', b"a"),
         (b'{"a":{"dtype":{"U8":null},"shape":[1],"data_offsets":[0,1],"more":{"x":[1]}}}', b"a")]


def split(file):
    length = struct.unpack("<Q", file[:8])[0]
    return file[8:8 + length], file[8 + length:]


def change(dice, header, others):
    """One edit of a header's text."""
    at = dice.randrange(len(header) + 1)
    end = min(len(header), at + dice.choice((1, 1, 1, 2, 4, 16)))
    what = dice.randrange(12)
    if what == 0:
        return header[:at] + header[end:]
    if what == 1:
        return header[:at] + dice.choice(WORDS) + header[at:]
    if what == 2:
        return header[:at] + dice.choice(WORDS) + header[end:]
    if what == 3:
        return header[:at] + bytes([dice.randrange(256)]) + header[at + 1:]
    if what == 4:
        return header[:at] + header[at:end] * 2 + header[end:]
    if what == 5:  # an entry twice, under its name or another one
        parts = header.split(b"},")
        return b"},".join(parts[:1] + [dice.choice(parts)] + parts[1:])
    if what == 6:
        other = dice.choice(others)
        begin = dice.randrange(len(other) + 1)
        return header[:at] + other[begin:begin + dice.randrange(40)] + header[end:]
    if what == 7:  # blanks where they may be
        return header[:at] + header[at:].replace(b",", dice.choice((b" ,", b",\n", b"\t, ")), 1)
    if what == 8:  # another name of as many letters
        return header.replace(b'"%c"' % dice.choice(b"abce"), b'"%c"' % dice.choice(b"abcdefg"), 1)
    if what == 9:  # the same letter as an escape
        return header.replace(dice.choice((b'"a', b'"d', b'"s')), b'"\\u00%02x' % dice.choice(b"ads"), 1)
    digits = [i for i, byte in enumerate(header) if 48 <= byte < 58]
    if not digits:
        return header
    at = dice.choice(digits)
    return header[:at] + dice.choice((b"0", b"1", b"2", b"3", b"4", b"8", b"16", b"")) + header[at + 1:]


def mutant(dice, seeds, others):
    header, data = dice.choice(seeds)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        header = change(dice, header, others)
    if dice.randrange(4) == 0:
        size = max(0, len(data) + dice.choice((-8, -4, -2, -1, 1, 2, 4, 8)))
        data = (data + b"\0" * 8)[:size]
    length = len(header)
    if dice.randrange(16) == 0:
        length = dice.choice((0, 1, length + 1, max(0, length - 1), 2**20 + 1, 2**63, 2**64 - 1))
    file = struct.pack("<Q", length) + header + data
    return file if dice.randrange(64) else file[:dice.randrange(len(file))]


class Pairs(list):
    """A JSON object as it stands, keys that come twice among them."""


def is_repeated(keys):
    return len(set(keys)) < len(keys)


def stricter(file):
    """The rules of safetensors.h that the file breaks, of those that the library does not have."""
    header = split(file)[0]
    if len(header) > 2**20:
        yield "a header above 1 MiB"
    pairs = json.loads(header, object_pairs_hook=Pairs, strict=False)
    tensors = [(name, value) for name, value in pairs if name != "__metadata__"]
    if is_repeated([name.replace("\0", "\ufffd") for name, _ in tensors]):  # a NUL is read as U+FFFD
        yield "a tensor twice"
    if len(tensors) > 256:
        yield "more than 256 tensors"
    for name, value in pairs:
        if name != "__metadata__":
            yield from stricter_tensor(value)
        elif value is None:
            yield "null for the metadata"
        else:
            keys = [key.replace("\0", "\ufffd") for key, _ in value]
            if is_repeated(keys):
                yield "a key of the metadata twice"
            if "" in keys:
                yield "an empty key of the metadata"
            if len(keys) > 256:
                yield "more than 256 entries of metadata"


def stricter_tensor(value):
    if not isinstance(value, Pairs):
        yield "a tensor as a list"
        return
    if {key for key, _ in value} - KEYS:
        yield "an unknown key of a tensor"
    for key, part in value:
        if key == "dtype" and isinstance(part, Pairs):
            yield "a dtype as an object"
        elif key == "dtype" and part not in DTYPES:
            yield "a dtype of later versions"
        if key == "shape" and len(part) > 4:
            yield "more than 4 dimensions"
        if key == "shape" and any(n >= 2**31 for n in part):
            yield "a dimension of 2^31 or more"


def takes(file):
    try:
        safetensors.deserialize(file)
        return True
    except safetensors.SafetensorError:
        return False


def compare(file, verdict, counts):
    """Returns whether the two agree, or why not is known."""
    theirs, ours = takes(file), verdict == 0
    counts["both take" if theirs and ours else "both refuse" if not theirs and not ours else "only one takes"] += 1
    if theirs == ours:
        return True
    rules = set(stricter(file)) if theirs else set()
    counts.update("stricter: " + rule for rule in rules)
    return bool(rules)


def ask(program, files):
    stream = b"".join(struct.pack("<I", len(file)) + file for file in files)
    return subprocess.run([program], input=stream, stdout=subprocess.PIPE, check=True, timeout=600).stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", help="build/fuzz/tests/fuzz/verdicts")
    parser.add_argument("corpora", nargs="*", type=Path, help="folders of files to begin with")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    files = [path.read_bytes() for folder in options.corpora for path in sorted(folder.iterdir())]
    seeds = SMALL + [split(file) for file in files if 8 <= len(file) < 2500 and takes(file)]
    others = [header for header, _ in seeds if header]
    counts, unexplained, done = Counter(), [], 0
    while done < options.runs:
        batch = [mutant(dice, seeds, others) for _ in range(min(BATCH, options.runs - done))]
        verdicts = ask(options.program, batch)
        assert len(verdicts) == len(batch)
        unexplained += [file for file, verdict in zip(batch, verdicts) if not compare(file, verdict, counts)]
        done += len(batch)
    for what, count in sorted(counts.items()):
        print(f"{count:9,d}  {what}")
    for file in unexplained[:10]:
        print("unexplained:", file, file=sys.stderr)
    print(f"{done:,d} mutants against safetensors {safetensors.__version__}, {len(unexplained)} unexplained disagreements")
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
