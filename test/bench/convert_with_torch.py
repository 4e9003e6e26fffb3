"""What people run today to convert a checkpoint: python3 convert_with_torch.py IN OUT"""

import sys

import torch
from safetensors.torch import save_file

state = torch.load(sys.argv[1], map_location="cpu")
save_file({name: tensor.contiguous() for name, tensor in state.items()}, sys.argv[2], metadata={"format": "pt"})
