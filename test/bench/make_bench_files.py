"""Writes the files that the benchmark scans and converts: python3 make_bench_files.py FOLDER

small/        200 pickles of about 8 kB: values, NumPy arrays, nested dictionaries
large.pt      a PyTorch zip of 500 MB, 250 tensors of 2 MB
large.pkl     a raw pickle of 300 MB: ten byte strings of 30 MB
opcodes.pkl   a pickle of 12 MB with 5.6 million opcodes: small numbers in lists
tensors.pt, tensors.safetensors   100,000 tensors of two numbers
mixed/        5,000 files as a repository of models has them: pickles, arrays, archives, safetensors, texts
"""

import os
import pickle
import sys
from collections import OrderedDict

import numpy as np
import torch
from safetensors.numpy import save_file

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

# Protocol 2 writes a list of 16 small numbers as 20 opcodes in 40 bytes.
with open(os.path.join(folder, "opcodes.pkl"), "wb") as file:
    pickle.dump([[number for number in range(16)] for _ in range(280_000)], file, 2)

pair = torch.zeros(2)
torch.save(OrderedDict((f"layer.{number}.weight", pair) for number in range(100_000)), os.path.join(folder, "tensors.pt"))
numbers = np.zeros(2, dtype="f4")
save_file({f"layer.{number}.weight": numbers for number in range(100_000)}, os.path.join(folder, "tensors.safetensors"))

mixed = os.path.join(folder, "mixed")
os.makedirs(mixed, exist_ok=True)
array = np.arange(64, dtype="f4")
for number in range(5000):
    inside = os.path.join(mixed, f"{number % 50:02d}")
    os.makedirs(inside, exist_ok=True)
    path = os.path.join(inside, f"{number:04d}")
    kind = number % 10
    if kind < 3:
        with open(f"{path}.pkl", "wb") as file:
            pickle.dump({"weights": array, "epoch": number, "names": [f"n{key}" for key in range(20)]}, file, 2 + number % 4)
    elif kind == 3:
        np.save(f"{path}.npy", array)
    elif kind == 4:
        np.savez(f"{path}.npz", x=array, y=array)
    elif kind == 5:
        torch.save({"weight": torch.zeros(4, 4)}, f"{path}.pt")
    elif kind == 6:
        save_file({"weight": array}, f"{path}.safetensors")
    else:
        suffix, text = [("json", '{"a": 1}'), ("py", "import os\n"), ("txt", "text\n")][kind - 7]
        with open(f"{path}.{suffix}", "w") as file:
            file.write(text * 20 if suffix != "json" else text)
