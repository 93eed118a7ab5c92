from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Cbr(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        kernel: int,
        channels: int,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                channels,
                kernel_size=kernel,
                stride=stride,
                padding=kernel // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )


class Inverted(nn.Module):
    """Expand, filter, project; with a shortcut where the shape stays."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.residual = in_channels == channels
        self.conv = nn.Sequential(
            Cbr(in_channels, 1, 6 * in_channels),
            Cbr(
                6 * in_channels,
                3,
                6 * in_channels,
                stride=stride,
                groups=6 * in_channels,
            ),
            nn.Conv2d(6 * in_channels, channels, kernel_size=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv = self.conv(x)
        return conv + x if self.residual else conv


class MobileNetV2(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            Cbr(3, 3, 32, stride=2),
            Inverted(32, 16, 1),
            Inverted(16, 24, 2),
            Inverted(24, 24, 1),
            Inverted(24, 32, 2),
            *(Inverted(32, 32, 1) for _ in range(2)),
            Inverted(32, 64, 2),
            *(Inverted(64, 64, 1) for _ in range(3)),
            Inverted(64, 96, 1),
            *(Inverted(96, 96, 1) for _ in range(2)),
            Inverted(96, 160, 2),
            *(Inverted(160, 160, 1) for _ in range(2)),
            Cbr(160, 1, 1280),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)  # 1280x2x2
        x = F.adaptive_avg_pool2d(x, 1)  # 1280x1x1
        x = torch.flatten(x, 1)  # 1280
        return self.classifier(x)  # classes

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 1000) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
