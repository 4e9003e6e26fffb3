"""Checkpoints of a current PyTorch, with the element types that 1.13 does not have, and their comparison.

    newer_torch.py make FOLDER      writes checkpoints, prints their paths
    newer_torch.py compare          reads {"input", "output"} lines, prints {"tensors", "dtypes", "differences"} lines
"""

import json
import os
import sys

import torch
from safetensors import safe_open

NEWER = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu", "uint16", "uint32", "uint64"]
OLDER = ["float32", "bfloat16", "float16", "int64", "uint8", "bool", "complex64"]


def tensor(dtype):
    kind = getattr(torch, dtype)
    size = torch.empty(0, dtype=kind).element_size()
    if dtype == "bool":
        return torch.arange(24).reshape(4, 6) % 2 == 0
    # Any bit pattern will do: values are copied, not computed with.
    return torch.arange(24 * size, dtype=torch.uint8).view(kind).reshape(4, 6)


def make(folder):
    state = {f"{dtype}.weight": tensor(dtype) for dtype in NEWER + OLDER}
    views = {f"{dtype}.transposed": tensor(dtype).t() for dtype in NEWER}
    views |= {f"{dtype}.row": tensor(dtype)[1] for dtype in NEWER}
    # PyTorch cannot read back the newer types from its own legacy format, so that format gets the older ones.
    older = {f"{dtype}.weight": tensor(dtype) for dtype in OLDER}
    for name, content, zipped in (("state", state, True), ("views", views, True), ("legacy", older, False)):
        for protocol in (2, 4):
            path = os.path.join(folder, f"{name}-{protocol}.pt")
            torch.save(content, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
            print(json.dumps(path))


def compare():
    for line in sys.stdin:
        job = json.loads(line)
        # This script wrote the files itself; the restricted unpickler knows protocol 2 only.
        expected = torch.load(job["input"], weights_only=False)
        differences = []
        with safe_open(job["output"], framework="pt") as file:
            names = set(file.keys())
            if names != set(expected):
                differences.append(f"names: {sorted(names ^ set(expected))}")
            for name in names & set(expected):
                want, got = expected[name].contiguous(), file.get_tensor(name)
                same = got.dtype == want.dtype and got.shape == want.shape
                if not same or not torch.equal(got.contiguous().view(torch.uint8), want.view(torch.uint8)):
                    differences.append(f"{name}: {want.dtype} {tuple(want.shape)} and {got.dtype} {tuple(got.shape)}")
        dtypes = sorted({str(value.dtype) for value in expected.values()})
        print(json.dumps({"tensors": len(expected), "dtypes": dtypes, "differences": differences}))


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    compare()
