"""Neural Cleanse in PyTorch, by the rules of its authors' code: what scans are held to.

Usage: neuralCleanse.py FOLDER NAME STEPS BATCHES INITIAL_COST PATIENCE STOP_PATIENCE [CLASS...]

Prints one line of JSON: the norm of each class, or of those that are named (null where no trigger was found), and the seconds that it
took.
"""
import json
import sys
import time
import warnings

import numpy as np
import torch
import torch.nn.functional as functional

from trainTwins import network

warnings.filterwarnings("ignore")


def search(model, x, target, steps, batches, initial, patience, stop_patience):
    torch.manual_seed(target)
    mask = torch.atanh((torch.rand(1, 1, 8, 8) * 2 - 1) * (1 - 1e-6)).requires_grad_()
    pattern = torch.atanh((torch.rand(1, 1, 8, 8) * 2 - 1) * (1 - 1e-6)).requires_grad_()
    optimizer = torch.optim.Adam([mask, pattern], lr=0.1, betas=(0.5, 0.9))
    label = torch.full((32,), target)
    cost, begun, ups, downs, up, down = 0.0, 0, 0, 0, False, False
    best, early, without = float("inf"), float("inf"), 0
    for _ in range(steps):
        rates = []
        for _ in range(batches):
            m, p = torch.tanh(mask) / 2 + 0.5, torch.tanh(pattern) / 2 + 0.5
            scores = model((1 - m) * x[torch.randperm(len(x))[:32]] + m * p)
            loss = functional.cross_entropy(scores, label) + cost * m.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.append(float((scores.argmax(1) == target).float().mean()))
        norm = float((torch.tanh(mask) / 2 + 0.5).sum())
        works = np.mean(rates) >= 0.99
        if works and norm < best:
            best = norm
        if best < float("inf"):
            without = without + 1 if best >= early else 0
            early = min(best, early)
            if up and down and without >= stop_patience:
                break
        if cost == 0:
            begun = begun + 1 if works else 0
            if begun >= patience:
                cost, ups, downs, up, down = initial, 0, 0, False, False
            continue
        ups, downs = (ups + 1, 0) if works else (0, downs + 1)
        if ups >= patience:
            ups, cost, up = 0, cost * 2, True
        elif downs >= patience:
            downs, cost, down = 0, cost / 2 ** 1.5, True
    return None if best == float("inf") else best


def main(folder, name, steps, batches, initial, patience, stop_patience, *classes):
    torch.set_num_threads(1)
    model = network()
    model.load_state_dict(torch.load(f"{folder}/{name}.pt"))
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    x = torch.tensor(np.load(f"{folder}/samples.npz")["x"])
    started = time.perf_counter()
    norms = [search(model, x, target, int(steps), int(batches), float(initial), int(patience), int(stop_patience)) for target in map(int, classes or range(10))]
    print(json.dumps({"norms": norms, "seconds": time.perf_counter() - started}))


main(*sys.argv[1:])
