"""Writes the files that the benchmark scans and converts: python3 make_bench_files.py FOLDER

small/        200 pickles of about 8 kB: values, NumPy arrays, nested dictionaries
large.pt      a PyTorch zip of 500 MB, 250 tensors of 2 MB
large.pkl     a raw pickle of 300 MB: ten byte strings of 30 MB
"""

import os
import pickle
import sys
from collections import OrderedDict

import numpy as np
import torch

folder = sys.argv[1]
os.makedirs(os.path.join(folder, "small"), exist_ok=True)

for number in range(200):
    values = {
        "config": {f"option_{key}": key * 0.5 for key in range(120)},
        "vocabulary": [f"token_{number}_{key}" for key in range(150)],
        "weights": np.arange(300, dtype="f4") * number,
        "history": [{"epoch": epoch, "loss": 1 / (epoch + 1)} for epoch in range(40)],
    }
    with open(os.path.join(folder, "small", f"{number:03d}.pkl"), "wb") as file:
        pickle.dump(values, file, 2 + number % 4)

torch.manual_seed(0)
block = torch.randn(1 << 19)
torch.save(
    OrderedDict((f"layer.{number}.weight", (block + number).reshape(512, 1024)) for number in range(250)),
    os.path.join(folder, "large.pt"),
)
with open(os.path.join(folder, "large.pkl"), "wb") as file:
    pickle.dump([os.urandom(1 << 20) * 30 for _ in range(10)], file, 4)
