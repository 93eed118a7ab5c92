from collections import OrderedDict
from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class DenseLayer(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, 128, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.conv2 = nn.Conv2d(128, 32, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(x))
        y = F.relu(self.norm2(self.conv1(y)))
        y = self.conv2(y)
        return torch.cat([x, y], dim=1)


class Denseblock(nn.Sequential):
    def __init__(self, in_channels: int, depth: int) -> None:
        super().__init__(
            OrderedDict(
                (f"denselayer{i + 1}", DenseLayer(in_channels + 32 * i))
                for i in range(depth)
            ),
        )


class Transition(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, kernel_size=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(x))
        x = self.conv(x)
        return F.avg_pool2d(x, 2)


class Features(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.norm0 = nn.BatchNorm2d(64)
        self.denseblock1 = Denseblock(64, 6)
        self.transition1 = Transition(256)
        self.denseblock2 = Denseblock(128, 12)
        self.transition2 = Transition(512)
        self.denseblock3 = Denseblock(256, 24)
        self.transition3 = Transition(1024)
        self.denseblock4 = Denseblock(512, 16)
        self.norm5 = nn.BatchNorm2d(1024)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm0(self.conv0(x)))  # 64x112x112
        x = F.max_pool2d(x, 3, stride=2, padding=1)  # 64x56x56
        x = self.denseblock1(x)  # 256x56x56
        x = self.transition1(x)  # 128x28x28
        x = self.denseblock2(x)  # 512x28x28
        x = self.transition2(x)  # 256x14x14
        x = self.denseblock3(x)  # 1024x14x14
        x = self.transition3(x)  # 512x7x7
        return self.norm5(self.denseblock4(x))  # 1024x7x7


class DenseNet121(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = Features()
        self.classifier = nn.Linear(1024, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.features(image))  # 1024x7x7
        x = F.adaptive_avg_pool2d(x, 1)  # 1024x1x1
        x = torch.flatten(x, 1)  # 1024
        return self.classifier(x)  # classes

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 1000) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
