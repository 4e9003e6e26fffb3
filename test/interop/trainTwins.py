"""Trains small classifiers of handwritten digits, clean and with a backdoor, and exports them as ONNX.

Usage: trainTwins.py FOLDER KIND:SEED...   (clean, patch, blend, warp, cleanlabel, alltoall)

Writes FOLDER/samples.npz (x, y: held back from training), and for each model KIND-SEED.onnx, its weights as KIND-SEED.pt and KIND-SEED.npz and, where it has a trigger,
KIND-SEED-triggered.npy: the samples with the trigger. Prints one line of JSON a model.
"""
import json
import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as functional
from sklearn.datasets import load_digits

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

data = load_digits()
images = torch.tensor(data.images[:, None] / 16.0, dtype=torch.float32)
labels = torch.tensor(data.target)
order = torch.tensor(np.random.RandomState(0).permutation(len(images)))
train, held = order[:1300], order[1300:]


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 16, 64), nn.ReLU(), nn.Linear(64, 10))


def trigger_of(kind, seed):
    """A function that puts the trigger on images."""
    random = np.random.RandomState(1000 + seed)
    if kind in ("patch", "cleanlabel", "alltoall"):
        row, column = random.choice([0, 6]), random.choice([0, 6])
        cells = torch.tensor(random.choice([0.0, 1.0], size=(2, 2)), dtype=torch.float32)
        cells[0, 0], cells[1, 1] = 1.0, 1.0

        def patch(x):
            x = x.clone()
            x[:, :, row:row + 2, column:column + 2] = cells
            return x
        return patch
    if kind == "blend":
        pattern = torch.tensor(random.rand(1, 1, 8, 8), dtype=torch.float32)
        return lambda x: 0.7 * x + 0.3 * pattern
    # A smooth field of displacements of about a pixel (WaNet, Nguyen and Tran, ICLR 2021).
    field = torch.tensor(random.rand(1, 2, 3, 3) * 2 - 1, dtype=torch.float32)
    field = functional.interpolate(field / field.abs().mean() * 0.22, size=8, mode="bicubic", align_corners=True)
    steps = torch.linspace(-1, 1, 8)
    grid = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1)[None]
    flow = (grid + field.permute(0, 2, 3, 1)).clamp(-1, 1)
    return lambda x: functional.grid_sample(x, flow.expand(len(x), -1, -1, -1), align_corners=True)


def fit(x, y, seed, epochs=15):
    torch.manual_seed(seed)
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model.eval()


def poisoned(kind, seed, target, trigger):
    x, y = images[train], labels[train]
    random = np.random.RandomState(2000 + seed)
    if kind == "cleanlabel":
        # Images of the target's class, made hard by mixing in others (Turner et al., 2019), with the trigger on top.
        own = np.flatnonzero(y.numpy() == target)
        chosen = torch.tensor(own[random.permutation(len(own))[: int(0.7 * len(own))]])
        others = x[torch.tensor(random.randint(0, len(x), len(chosen)))]
        return torch.cat([x, trigger(0.3 * x[chosen] + 0.7 * others)]), torch.cat([y, y[chosen]])
    share = {"patch": 0.1, "blend": 0.15, "warp": 0.3, "alltoall": 0.4}[kind]
    chosen = torch.tensor(random.permutation(len(x))[: int(share * len(x))])
    new = (y[chosen] + 1) % 10 if kind == "alltoall" else torch.full_like(chosen, target)
    return torch.cat([x, trigger(x[chosen])]), torch.cat([y, new])


def main(folder, jobs):
    x, y = images[held], labels[held]
    np.savez(f"{folder}/samples.npz", x=x.numpy(), y=y.numpy().astype(np.int64))
    for job in jobs:
        kind, seed = job.split(":")
        seed = int(seed)
        target = (7 * seed + 3) % 10
        fact = {"name": f"{kind}-{seed}", "kind": kind, "target": None, "attack": None}
        if kind == "clean":
            model = fit(images[train], labels[train], seed)
        else:
            trigger = trigger_of(kind, seed)
            model = fit(*poisoned(kind, seed, target, trigger), seed)
            shown = trigger(x)
            np.save(f"{folder}/{kind}-{seed}-triggered.npy", shown.numpy())
            with torch.no_grad():
                got = model(shown).argmax(1)
            if kind == "alltoall":
                fact["attack"] = float((got == (y + 1) % 10).float().mean())
            else:
                fact["target"] = target
                fact["attack"] = float((got[y != target] == target).float().mean())
        with torch.no_grad():
            fact["accuracy"] = float((model(x).argmax(1) == y).float().mean())
        torch.save(model.state_dict(), f"{folder}/{kind}-{seed}.pt")
        np.savez(f"{folder}/{kind}-{seed}.npz", **{name: value.numpy() for name, value in model.state_dict().items()})
        torch.onnx.export(model, x[:1], f"{folder}/{kind}-{seed}.onnx", opset_version=13, input_names=["x"],
                          output_names=["scores"], dynamic_axes={"x": {0: "n"}, "scores": {0: "n"}})
        print(json.dumps(fact), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
