from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(64, 128, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(128, 128, kernel_size=3, padding=1)
        self.conv5 = nn.Conv2d(128, 256, kernel_size=3, padding=1)
        self.conv6 = nn.Conv2d(256, 256, kernel_size=3, padding=1)
        self.conv7 = nn.Conv2d(256, 512, kernel_size=3, padding=1)
        self.conv8 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.upconv1 = nn.ConvTranspose2d(512, 256, kernel_size=2, stride=2)
        self.conv9 = nn.Conv2d(512, 256, kernel_size=3, padding=1)
        self.conv10 = nn.Conv2d(256, 256, kernel_size=3, padding=1)
        self.upconv2 = nn.ConvTranspose2d(256, 128, kernel_size=2, stride=2)
        self.conv11 = nn.Conv2d(256, 128, kernel_size=3, padding=1)
        self.conv12 = nn.Conv2d(128, 128, kernel_size=3, padding=1)
        self.upconv3 = nn.ConvTranspose2d(128, 64, kernel_size=2, stride=2)
        self.conv13 = nn.Conv2d(128, 64, kernel_size=3, padding=1)
        self.conv14 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.conv15 = nn.Conv2d(64, 2, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))  # (64, 16*H, 16*W)
        d1 = F.relu(self.conv2(x))
        x = F.max_pool2d(d1, 2)  # (64, 8*H, 8*W)
        x = F.relu(self.conv3(x))  # (128, 8*H, 8*W)
        d2 = F.relu(self.conv4(x))
        x = F.max_pool2d(d2, 2)  # (128, 4*H, 4*W)
        x = F.relu(self.conv5(x))  # (256, 4*H, 4*W)
        d3 = F.relu(self.conv6(x))
        x = F.max_pool2d(d3, 2)  # (256, 2*H, 2*W)
        x = F.relu(self.conv7(x))  # (512, 2*H, 2*W)
        x = F.relu(self.conv8(x))
        x = self.upconv1(x)  # (256, 4*H, 4*W)
        x = torch.cat([d3, x], dim=1)  # (512, 4*H, 4*W)
        x = F.relu(self.conv9(x))  # (256, 4*H, 4*W)
        x = F.relu(self.conv10(x))
        x = self.upconv2(x)  # (128, 8*H, 8*W)
        x = torch.cat([d2, x], dim=1)  # (256, 8*H, 8*W)
        x = F.relu(self.conv11(x))  # (128, 8*H, 8*W)
        x = F.relu(self.conv12(x))
        x = self.upconv3(x)  # (64, 16*H, 16*W)
        x = torch.cat([d1, x], dim=1)  # (128, 16*H, 16*W)
        x = F.relu(self.conv13(x))  # (64, 16*H, 16*W)
        x = F.relu(self.conv14(x))
        return F.softmax(self.conv15(x), dim=1)  # (2, 16*H, 16*W)

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
