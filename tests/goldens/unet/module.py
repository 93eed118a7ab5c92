from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Double(nn.Module):
    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, kernel_size=3)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        return F.relu(self.conv2(x))


class Up(nn.Module):
    """A step up: what came over the bridge at this level loses the border that the
    convolutions have eaten.
    """

    def __init__(self, channels: int, crop: int) -> None:
        super().__init__()
        self.crop = crop
        self.upconv1 = nn.ConvTranspose2d(
            2 * channels, channels, kernel_size=2, stride=2
        )
        self.conv1 = nn.Conv2d(2 * channels, channels, kernel_size=3)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3)

    def forward(self, x: Tensor, bridge: Tensor) -> Tensor:
        upper = self.upconv1(x)
        x = bridge[:, :, self.crop : -self.crop, self.crop : -self.crop]
        x = torch.cat([x, upper], dim=1)
        x = F.relu(self.conv1(x))
        return F.relu(self.conv2(x))


class UNet(nn.Module):
    """The paper's: no convolution is padded."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        self.down1 = Double(1, 64)
        self.down2 = Double(64, 128)
        self.down3 = Double(128, 256)
        self.down4 = Double(256, 512)
        self.dropout1 = nn.Dropout(0.5)
        self.bottom = Double(512, 1024)
        self.dropout2 = nn.Dropout(0.5)
        self.up4 = Up(512, 4)
        self.up3 = Up(256, 16)
        self.up2 = Up(128, 40)
        self.up1 = Up(64, 88)
        self.out = nn.Conv2d(64, classes, kernel_size=1)

    def forward(self, tile: Tensor) -> Tensor:
        d1 = self.down1(tile)  # 64x568x568
        x = F.max_pool2d(d1, 2)  # 64x284x284
        d2 = self.down2(x)  # 128x280x280
        x = F.max_pool2d(d2, 2)  # 128x140x140
        d3 = self.down3(x)  # 256x136x136
        x = F.max_pool2d(d3, 2)  # 256x68x68
        d4 = self.dropout1(self.down4(x))  # 512x64x64
        x = F.max_pool2d(d4, 2)  # 512x32x32
        x = self.dropout2(self.bottom(x))  # 1024x28x28
        x = self.up4(x, d4)  # 512x52x52
        x = self.up3(x, d3)  # 256x100x100
        x = self.up2(x, d2)  # 128x196x196
        x = self.up1(x, d1)  # 64x388x388
        return self.out(x)  # (classes, 388, 388)

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 2) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
