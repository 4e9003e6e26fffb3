"""Builds small PyTorch modules, one or several operators each, exports them as ONNX, and saves what autograd says of them.

Usage: operatorGradients.py FOLDER

For each case: NAME.onnx, NAME-x.npy (the input), NAME-s.npy (a random seed of the shape of the output) and NAME-g.npy (the gradient of
sum(output * seed) by PyTorch). Prints the names, one a line.
"""
import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


class Call(nn.Module):
    """A function with the modules that it uses."""

    def __init__(self, function, *modules):
        super().__init__()
        self.function = function
        self.parts = nn.ModuleList(modules)

    def forward(self, x):
        return self.function(x, *self.parts)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        self.norm = nn.LayerNorm(16)
        self.wide = nn.Linear(16, 32)
        self.narrow = nn.Linear(32, 16)

    def forward(self, x):
        x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
        return x + self.narrow(F.gelu(self.wide(x)))


class Residual(nn.Module):
    """A small residual network with a squeeze-and-excitation block: a whole model."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU6())
        self.deep = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.BatchNorm2d(8), nn.Hardswish(), nn.Conv2d(8, 8, 1))
        self.squeeze = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8), nn.Hardsigmoid())
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.first(x)
        y = self.deep(x)
        y = y * self.squeeze(y.mean((2, 3)))[:, :, None, None]
        return self.head(self.pool(x + y).mean((2, 3)))


picture = (2, 4, 9, 8)
CASES = {
    "conv": (nn.Conv2d(4, 6, 3, padding=1), picture, (11, 13, 17)),
    "conv-strided": (nn.Conv2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0)), picture, (13,)),
    "conv-dilated-grouped": (nn.Conv2d(4, 8, 3, dilation=2, groups=2), picture, (13,)),
    "conv-1d": (nn.Conv1d(4, 6, 3, stride=2), (2, 4, 15), (13,)),
    "conv-transpose": (nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), picture, (13,)),
    "linear": (nn.Linear(5, 7), (4, 5), (11, 13)),
    "matmul": (Call(lambda x: x @ x.transpose(1, 2)), (2, 3, 5), (13,)),
    "activations": (Call(lambda x: F.elu(x) + F.selu(x) * F.leaky_relu(x, 0.2) - F.celu(x) / (1 + F.softplus(x)) + F.softsign(x)), (3, 7), (13,)),
    "gates": (Call(lambda x: torch.sigmoid(x) * torch.tanh(x) + F.hardsigmoid(x) * F.hardswish(x) + F.mish(x) * F.silu(x)), (3, 7), (14,)),
    "gelu": (Call(lambda x: F.gelu(x) + F.gelu(x, approximate="tanh")), (3, 7), (13,)),
    "prelu": (nn.PReLU(4), picture, (13,)),
    "clips": (Call(lambda x: F.relu6(3 * x) + x.clamp(-0.5, 0.7) + torch.max(x, -x) + torch.min(x, x * x)), (3, 7), (13,)),
    "powers": (Call(lambda x: (x.abs() + 0.5) ** 1.5 + torch.exp(x) * torch.log(x.abs() + 1) + torch.sqrt(x * x + 1) + x.sin() * x.cos() + torch.erf(x)), (3, 7), (13,)),
    "softmaxes": (Call(lambda x: F.softmax(x, 1) + F.log_softmax(x, -1)), (3, 5, 4), (11, 13)),
    "max-pool": (nn.MaxPool2d(3, 2, 1), picture, (11, 16)),
    "max-pool-ceil": (nn.MaxPool2d(3, 2, ceil_mode=True), picture, (13, 16)),
    "average-pool": (nn.AvgPool2d(3, 2, 1), picture, (13,)),
    "average-pool-exclusive": (nn.AvgPool2d(3, 2, 1, count_include_pad=False), picture, (13,)),
    "global-pools": (Call(lambda x: F.adaptive_avg_pool2d(x, 1) * F.adaptive_max_pool2d(x, 1)), picture, (13,)),
    "batch-norm": (nn.BatchNorm2d(4), picture, (13,)),
    "instance-norm": (nn.InstanceNorm2d(4, affine=True), picture, (13,)),
    "group-norm": (nn.GroupNorm(2, 4), picture, (13,)),
    "layer-norm": (nn.LayerNorm(7), (3, 7), (13, 17)),
    "reductions": (Call(lambda x: x.mean((1, 2), keepdim=True) * x.sum(2, keepdim=True) + x.amax(1, keepdim=True) - x.norm(dim=2, keepdim=True) + torch.logsumexp(x, 1, keepdim=True)), (3, 5, 4), (11, 13)),
    "joins": (Call(lambda x: torch.cat([x, x.tanh()], 1) * torch.cat(x.exp().chunk(2, 1)[::-1] * 2, 1)), (3, 4, 5), (13,)),
    "shapes": (Call(lambda x: x.permute(0, 2, 1).reshape(3, -1).unsqueeze(1).expand(-1, 2, -1).flatten(1) * torch.arange(40.0)), (3, 4, 5), (13,)),
    "slices": (Call(lambda x: x[:, 1:, ::2] * x[:, :-1, -3:]), (3, 4, 5), (13,)),
    "gathers": (Call(lambda x: x[:, [2, 0, 2, 1]] + x[:, :1].repeat(1, 4, 1)), (3, 4, 5), (13,)),
    "wheres": (Call(lambda x: torch.where(x > 0.2, x * x, -x)), (3, 4, 5), (13,)),
    "pads": (Call(lambda x: F.pad(x, (1, 2, 0, 1)) + F.pad(x, (1, 2, 0, 1), mode="reflect") * F.pad(x, (1, 2, 0, 1), mode="replicate")), picture, (13,)),
    "resizes": (Call(lambda x: F.interpolate(x, scale_factor=2) + F.interpolate(x, scale_factor=2, mode="bilinear") * F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)), picture, (13,)),
    "cubic": (Call(lambda x: F.interpolate(x, scale_factor=2, mode="bicubic")), picture, (13,)),
    "pixel-shuffle": (nn.PixelShuffle(2), (2, 8, 3, 4), (13,)),
    "einsum": (Call(lambda x: torch.einsum("bij,bkj->bik", x, x.exp())), (2, 3, 5), (13,)),
    "cumulative": (Call(lambda x: x.cumsum(1)), (2, 3, 5), (13,)),
    "transformer": (Attention(), (2, 5, 16), (13, 17)),
    "residual-network": (Residual(), (2, 3, 12, 12), (14, 17)),
}


def main(folder):
    for name, (module, shape, opsets) in CASES.items():
        torch.manual_seed(len(name))
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=0.4)
        module.eval()
        x = torch.randn(shape, requires_grad=True)
        y = module(x)
        seed = torch.randn_like(y)
        (y * seed).sum().backward()
        for opset in opsets:
            case = f"{name}-{opset}"
            torch.onnx.export(module, x.detach(), f"{folder}/{case}.onnx", opset_version=opset, input_names=["x"],
                              output_names=["y"], dynamic_axes={"x": {0: "n"}})
            np.save(f"{folder}/{case}-x.npy", x.detach().numpy())
            np.save(f"{folder}/{case}-s.npy", seed.numpy())
            np.save(f"{folder}/{case}-g.npy", x.grad.numpy())
            print(case)


main(sys.argv[1])
