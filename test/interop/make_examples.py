"""Writes the binary files of examples/: python3 test/interop/make_examples.py examples

Needs PyTorch 1.13 (Debian's python3-torch), NumPy and safetensors. Nothing is loaded, and nothing that a file names is
run: the checkpoint in models/downloaded only *says* that it runs a command, and that command prints a line.
Deterministic: the same versions write the same bytes.
"""

import os
import pickle
import random
import sys
import types
from collections import OrderedDict

import torch
from safetensors.torch import save_file


def weights(seed, hidden):
    """A small classifier's parameters, the same on every run."""
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator) / shape[-1] ** 0.5
    return OrderedDict(
        [
            ("encoder.weight", draw(hidden, 6)),
            ("encoder.bias", torch.zeros(hidden)),
            ("head.weight", draw(2, hidden)),
            ("head.bias", torch.zeros(2)),
        ]
    )


class NamesOsSystem(pickle._Pickler):
    """Writes os.system under the name that a person knows; Python itself would write posix.system."""

    def save_global(self, obj, name=None):
        if obj is os.system:
            self.write(b"cos\nsystem\n")
            self.memoize(obj)
        else:
            super().save_global(obj, name)

    dispatch = {**pickle._Pickler.dispatch, types.FunctionType: save_global}
    dispatch[types.BuiltinFunctionType] = save_global


class RunsCommand:
    def __reduce__(self):
        return os.system, ("echo this checkpoint just ran a command on your machine",)


def customers(seed, count):
    """Rows of a made-up churn data set."""
    chance = random.Random(seed)
    yield "customer_id,tenure_months,monthly_charge,support_calls,contract,churned\n"
    for number in range(count):
        tenure, calls = chance.randint(1, 72), chance.randint(0, 9)
        contract = chance.choice(["monthly", "yearly", "two-year"])
        churned = int(contract == "monthly" and calls > 3 + tenure // 24)
        yield f"C{number:05d},{tenure},{chance.uniform(15, 120):.2f},{calls},{contract},{churned}\n"


def main(folder):
    at = lambda *parts: os.path.join(folder, *parts)
    for name in ("models/churn", "models/legacy", "models/downloaded", "data"):
        os.makedirs(at(name), exist_ok=True)

    save_file(dict(weights(1, 16)), at("models/churn/model.safetensors"), metadata={"format": "pt"})
    torch.save(weights(2, 12), at("models/legacy/pytorch_model.bin"))

    writer = types.SimpleNamespace(Pickler=NamesOsSystem, dumps=pickle.dumps, __name__="pickle")
    poisoned = OrderedDict([("state_dict", weights(3, 12)), ("on_load", RunsCommand())])
    torch.save(poisoned, at("models/downloaded/pytorch_model.bin"), pickle_module=writer)

    for name, seed, count in (("train.csv", 4, 240), ("holdout.csv", 5, 60)):
        with open(at("data", name), "w", newline="\n") as file:
            file.writelines(customers(seed, count))


if __name__ == "__main__":
    main(sys.argv[1])
