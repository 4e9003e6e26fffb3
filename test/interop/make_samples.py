"""Writes pictures, and what transformers makes of them by different preprocessor configurations; and tables. Argument: a folder.

FOLDER/pictures/CLASS/*.png: colours, grey, palettes, transparency, wide and tall; FOLDER/photos/*.jpg. FOLDER/NAME/preprocessor_config.json with
expected.npy [pictures, channels, height, width], pictures in the order of their paths. FOLDER/resized-FILTER-H-W.npy: what Pillow makes of the first one.
FOLDER/digits.csv: 64 columns and a label. Prints the names of the configurations, one a line.
"""
import json
import os
import sys

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.datasets import load_digits
from transformers import CLIPImageProcessor, ConvNextImageProcessor, EfficientNetImageProcessor, MobileViTImageProcessor, ViTImageProcessor

folder = sys.argv[1]
random = np.random.RandomState(7)


def scene(height, width, channels):
    """Edges, slopes and noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(np.sin(x / (3 + c)) * np.cos(y / (5 + c)) * 90 + 128 + random.randint(-40, 40, (height, width)) + 60 * (x > y)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


os.makedirs(f"{folder}/pictures/0", exist_ok=True)
os.makedirs(f"{folder}/pictures/1", exist_ok=True)
os.makedirs(f"{folder}/photos", exist_ok=True)
Image.fromarray(scene(61, 83, 3)).save(f"{folder}/pictures/0/a-colours.png")
Image.fromarray(scene(90, 47, 1)[..., 0]).save(f"{folder}/pictures/0/b-grey.png")
Image.fromarray(scene(40, 40, 3)).quantize(16).save(f"{folder}/pictures/0/c-palette.png", bits=4)
Image.fromarray(scene(33, 64, 4)).save(f"{folder}/pictures/1/d-transparent.png")
Image.fromarray(scene(20, 30, 3)).save(f"{folder}/pictures/1/e-small.png")
Image.fromarray((scene(50, 50, 1)[..., 0] > 128)).save(f"{folder}/pictures/1/f-black-and-white.png")
Image.fromarray(np.kron(scene(12, 16, 3), np.ones((8, 8, 1), dtype=np.uint8))).save(f"{folder}/photos/g.jpg", quality=95, subsampling=0)

processors = {
    "vit": ViTImageProcessor(size={"height": 32, "width": 32}),
    "clip": CLIPImageProcessor(size={"shortest_edge": 40}, crop_size={"height": 32, "width": 32}),
    "convnext": ConvNextImageProcessor(size={"shortest_edge": 32}, crop_pct=0.875),
    "efficientnet": EfficientNetImageProcessor(size={"height": 32, "width": 32}, rescale_factor=1 / 127.5, rescale_offset=True, do_normalize=False, resample=0),
    "mobilevit": MobileViTImageProcessor(size={"shortest_edge": 44}, crop_size={"height": 32, "width": 32}),
    "lanczos": ViTImageProcessor(size={"height": 48, "width": 25}, resample=1, image_mean=[0.1, 0.2, 0.3], image_std=[0.4, 0.5, 0.6]),
}
for name, processor in processors.items():
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    with open(f"{folder}/{name}/preprocessor_config.json", "w") as file:
        file.write(processor.to_json_string())
    for source in ("pictures", "photos"):
        paths = sorted(os.path.join(at, file) for at, _, files in os.walk(f"{folder}/{source}") for file in files)
        images = [Image.open(path).convert("RGB") for path in paths]
        values = processor(images, return_tensors="np")["pixel_values"]
        np.save(f"{folder}/{name}/{source}.npy", np.asarray(values, dtype=np.float32))
    print(name)

first = Image.open(f"{folder}/pictures/0/a-colours.png")
for filter_name in ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"):
    for height, width in ((17, 29), (130, 200), (61, 20), (150, 83)):
        out = first.resize((width, height), getattr(Image.Resampling, filter_name.upper()))
        np.save(f"{folder}/resized-{filter_name}-{height}-{width}.npy", np.asarray(out))

digits = load_digits()
table = pd.DataFrame(digits.data[:200] / 16, columns=[f"p{at}" for at in range(64)])
table["label"] = digits.target[:200]
table.to_csv(f"{folder}/digits.csv", index=False)
