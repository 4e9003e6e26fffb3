"""Compares conversions with what PyTorch loads: JSON lines {"input", "output", "options", "aliases"} on standard input.

Prints one JSON line a conversion: {"input", "tensors", "sameBytes", "differences"}. The converted file is read by the Python
package `safetensors`; every tensor is compared bit by bit. `sameBytes` says whether `save_file` writes the very same file.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save


def bits(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes()


def flat(value, prefix=""):
    """Tensors by name; those of nested dictionaries and lists with the names joined by dots."""
    if isinstance(value, torch.Tensor):
        yield prefix, value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, item in items:
        yield from flat(item, f"{prefix}.{key}" if prefix else str(key))


for line in sys.stdin:
    job = json.loads(line)
    options = job["options"]
    loaded = torch.load(job["input"], map_location="cpu")
    if "select" in options:
        loaded = loaded[options["select"]]
    nested = bool(options.get("flatten") or options.get("tensorsOnly"))
    expected = dict(flat(loaded)) if nested else dict(loaded)
    aliases = job["aliases"]
    written = load_file(job["output"])
    differences = []
    for name, tensor in expected.items():
        if name in aliases:
            kept = expected[aliases[name]]
            if bits(tensor) != bits(kept) or tensor.shape != kept.shape:
                differences.append(f"{name!r} is no alias of {aliases[name]!r}")
            continue
        ours = written.pop(name, None)
        if ours is None:
            differences.append(f"{name!r} is missing")
        elif ours.dtype != tensor.dtype or ours.shape != tensor.shape or bits(ours) != bits(tensor):
            differences.append(f"{name!r} differs")
    differences += [f"{name!r} is too much" for name in written]
    same = None
    if not aliases:
        dense = {name: tensor.detach().contiguous().clone() for name, tensor in expected.items()}
        same = save(dense, metadata={"format": "pt"}) == Path(job["output"]).read_bytes()
    print(json.dumps({"input": job["input"], "tensors": len(expected), "sameBytes": same, "differences": differences}))
