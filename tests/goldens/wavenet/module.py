from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Gated(nn.Module):
    """Figure 4: one layer. What the last one would hand on, nobody takes."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.padding = (dilation, 0)
        self.conv1 = nn.Conv1d(32, 32, kernel_size=2, dilation=dilation)
        self.conv2 = nn.Conv1d(32, 32, kernel_size=2, dilation=dilation)
        self.conv3 = nn.Conv1d(32, 256, kernel_size=1)
        self.conv4 = nn.Conv1d(32, 32, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = F.pad(x, self.padding)
        y = torch.tanh(self.conv1(y))  # 32xT
        z = F.pad(x, self.padding)
        z = torch.sigmoid(self.conv2(z))  # 32xT
        z = y * z
        skip = self.conv3(z)  # 256xT
        y = self.conv4(z)
        x = y + x
        return x, skip


class GatedWithoutConv(nn.Module):
    """Figure 4: one layer. What the last one would hand on, nobody takes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(32, 32, kernel_size=2, dilation=512)
        self.conv2 = nn.Conv1d(32, 32, kernel_size=2, dilation=512)
        self.conv3 = nn.Conv1d(32, 256, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.pad(x, (512, 0))
        y = torch.tanh(self.conv1(y))  # 32xT
        z = F.pad(x, (512, 0))
        z = torch.sigmoid(self.conv2(z))  # 32xT
        z = y * z
        return self.conv3(z)  # 256xT


class WaveNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(256, 32, kernel_size=1)
        for i in range(29):
            self.add_module(f"layer{i + 1}", Gated(2 ** (i % 10)))
        self.layer30 = GatedWithoutConv()
        self.conv2 = nn.Conv1d(256, 256, kernel_size=1)
        self.conv3 = nn.Conv1d(256, 256, kernel_size=1)

    def forward(self, sound: Tensor) -> Tensor:
        x = self.conv1(sound)  # 32xT
        skips = []
        for i in range(29):
            x, skip = getattr(self, f"layer{i + 1}")(x)
            skips.append(skip)
        skip = self.layer30(x)  # 256xT
        x = F.relu(sum([*skips, skip]))  # 256xT
        x = F.relu(self.conv2(x))
        return self.conv3(x)

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
