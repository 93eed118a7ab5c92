from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Tower(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, kernel_size=10)
        self.conv2 = nn.Conv2d(64, 128, kernel_size=7)
        self.conv3 = nn.Conv2d(128, 128, kernel_size=4)
        self.fc1 = nn.Linear(10368, 4096)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))  # 64x96x96
        x = F.max_pool2d(x, 2)  # 64x48x48
        x = F.relu(self.conv2(x))  # 128x42x42
        x = F.max_pool2d(x, 2)  # 128x21x21
        x = F.relu(self.conv3(x))  # 128x18x18
        x = F.max_pool2d(x, 2)  # 128x9x9
        x = torch.flatten(x, 1)  # 10368
        return torch.sigmoid(self.fc1(x))  # 4096


class Siamese(nn.Module):
    """Two inputs, one set of weights (Bromley et al. 1993)."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = Tower()
        self.fc1 = nn.Linear(4096, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        a = self.tower(left)  # 4096
        b = self.tower(right)  # 4096
        x = torch.abs(a - b)
        return torch.sigmoid(self.fc1(x))  # 1

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
