"""Checkpoints of real PyTorch for the conversion tests: python3 make_torch.py FOLDER

Prints one JSON line a file: {"path", "options", "refused"}. `options` are those of the conversion; `refused` is a part of
the message, when the file cannot be converted with them.
"""

import json
import sys
from collections import OrderedDict
from pathlib import Path

import torch

root = Path(sys.argv[1])
torch.manual_seed(0)

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64"]


def every_dtype():
    values = torch.randn(3, 5) * 100
    return OrderedDict((name, values.to(getattr(torch, name))) for name in DTYPES)


def special_values():
    return {
        "float32": torch.tensor([0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e-45]),
        "nan bits": torch.tensor([0x7FC00001, -0x3FFFFF, 0x7F800001], dtype=torch.int32).view(torch.float32),
        "bfloat16": torch.tensor([float("nan"), 3e38, -0.0], dtype=torch.bfloat16),
        "int64": torch.tensor([-(2**63), 2**63 - 1]),
    }


def views():
    base = torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).reshape(2, 3, 4, 5)
    return {
        "whole": base,
        "transposed": base.transpose(1, 3),
        "permuted": base.permute(3, 1, 0, 2),
        "offset": base[1, 2],
        "column": base[:, :, :, 2],
        "stepped": base[:, ::2, 1::2, ::3],
        "expanded": torch.arange(4.0).expand(3, 4),
        "expanded inside": torch.arange(3.0).reshape(3, 1).expand(3, 5),
        "row of one": torch.arange(8.0)[::8],
        "unfolded": torch.arange(10.0).unfold(0, 4, 2),
        "diagonal": torch.arange(25.0).reshape(5, 5).diagonal(),
        "channels last": torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "bool steps": (torch.arange(9) % 2 == 0)[::2],
        "half transposed": torch.randn(7, 3).half().t(),
        "complex transposed": torch.randn(3, 2, dtype=torch.complex64).t(),
    }


def shapes():
    return {
        "scalar": torch.tensor(3.5),
        "empty": torch.empty(0),
        "empty rows": torch.empty(0, 7),
        "empty columns": torch.empty(7, 0, dtype=torch.int64),
        "one": torch.ones(1, 1, 1),
        "many": torch.arange(64).reshape([2] * 6),
    }


def names():
    return {name: torch.tensor([float(index)]) for index, name in enumerate(
        ["", " ", "a.b", "a/b", 'quote"back\\slash', "tab\tnew\nline", "\u00e9", "\u4e2d\u6587", "\uffee", "\U0001f600", "\x7f", "__proto__", "constructor"]
    )}


def tied():
    weight = torch.randn(6, 4)
    return {"b.weight": weight, "a.weight": weight, "part": weight[2:4], "other": torch.randn(2)}


def parameters():
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2))
    return OrderedDict((f"p.{name}", value) for name, value in net.named_parameters())


def state_dict():
    net = torch.nn.Sequential(torch.nn.Embedding(11, 6), torch.nn.LSTM(6, 5), torch.nn.BatchNorm1d(5))
    return net.state_dict()


def large():
    return {"transposed": torch.randn(3000, 2100).t(), "stepped": torch.randn(2000, 2000)[::2, ::3], "plain": torch.randn(1 << 20)}


def training():
    net = torch.nn.Linear(4, 3)
    optimiser = torch.optim.Adam(net.parameters())
    net(torch.randn(2, 4)).sum().backward()
    optimiser.step()
    return {
        "state_dict": net.state_dict(),
        "optimizer": optimiser.state_dict(),
        "epoch": 3,
        "rng": torch.get_rng_state(),
        "history": [1.5, 2.5],
        "name": "a run",
    }


class Command:
    def __reduce__(self):
        import os

        return os.system, ("echo this must never run",)


def write(name, value, options=None, refused=None, **how):
    path = root / f"{name}.pt"
    torch.save(value, path, **how)
    print(json.dumps({"path": str(path), "options": options or {}, "refused": refused}))


root.mkdir(parents=True, exist_ok=True)
LAYOUTS = {
    "zip": {},
    "zip4": {"pickle_protocol": 4},
    "zip5": {"pickle_protocol": 5},
    "legacy": {"_use_new_zipfile_serialization": False},
    "legacy4": {"_use_new_zipfile_serialization": False, "pickle_protocol": 4},
}
for layout, how in LAYOUTS.items():
    for make in (every_dtype, special_values, views, shapes, names, tied, parameters, state_dict):
        write(f"{make.__name__}-{layout}", make(), **how)
    write(f"tied_twice-{layout}", tied(), {"duplicateAliases": True}, **how)
    write(f"nested-{layout}", {"model": state_dict(), "ema": {"model": tied()}}, {"flatten": True}, **how)
    write(f"selected-{layout}", training(), {"select": "state_dict"}, **how)
    write(f"training-{layout}", training(), {"tensorsOnly": True}, **how)
    write(f"training_plain-{layout}", training(), refused="more than tensors", **how)
    write(f"complex128-{layout}", {"w": torch.ones(2, dtype=torch.complex128)}, refused="complex128", **how)
    write(f"sparse-{layout}", {"w": torch.eye(3).to_sparse()}, refused="sparse tensor", **how)
    write(f"quantised-{layout}", {"w": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, refused="quantised", **how)
    write(f"bare-{layout}", torch.ones(3), refused="one tensor without a name", **how)
    write(f"command-{layout}", {"w": torch.ones(2), "x": Command()}, refused="would run posix.system", **how)
write("module", torch.nn.Linear(2, 2), refused="state_dict()")
write("module-legacy", torch.nn.Linear(2, 2), refused="state_dict()", **LAYOUTS["legacy"])
write("large", large())
write("large-legacy", large(), **LAYOUTS["legacy"])
torch.jit.save(torch.jit.script(torch.nn.Linear(3, 2)), str(root / "script.pt"))
print(json.dumps({"path": str(root / "script.pt"), "options": {}, "refused": "TorchScript"}))
