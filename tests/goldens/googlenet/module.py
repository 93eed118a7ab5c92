from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Inception(nn.Module):
    """Figure 2b: convolutions of 1x1 make the others cheap."""

    def __init__(
        self,
        in_channels: int,
        c1: int,
        r3: int,
        c3: int,
        r5: int,
        c5: int,
        projection: int,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, c1, kernel_size=1)
        self.conv2 = nn.Conv2d(in_channels, r3, kernel_size=1)
        self.conv3 = nn.Conv2d(r3, c3, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(in_channels, r5, kernel_size=1)
        self.conv5 = nn.Conv2d(r5, c5, kernel_size=5, padding=2)
        self.conv6 = nn.Conv2d(in_channels, projection, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        branch1 = F.relu(self.conv1(x))
        branch2 = F.relu(self.conv2(x))
        branch2 = F.relu(self.conv3(branch2))
        branch3 = F.relu(self.conv4(x))
        branch3 = F.relu(self.conv5(branch3))
        branch4 = F.max_pool2d(x, 3, stride=1, padding=1)
        branch4 = F.relu(self.conv6(branch4))
        return torch.cat([branch1, branch2, branch3, branch4], dim=1)


class Head(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.dropout1 = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 5, stride=3)
        x = F.relu(self.conv1(x))  # 128x4x4
        x = torch.flatten(x, 1)  # 2048
        x = self.dropout1(F.relu(self.fc1(x)))  # 1024
        return self.fc2(x)  # 1000


class GoogLeNet(nn.Module):
    """Also called Inception v1."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=1)
        self.conv3 = nn.Conv2d(64, 192, kernel_size=3, padding=1)
        self.inception_3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception_3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.inception_4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception_4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception_4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception_4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception_4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.inception_5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception_5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.dropout1 = nn.Dropout(0.4)
        self.fc1 = nn.Linear(1024, 1000)
        self.aux1 = Head(512)
        self.aux2 = Head(528)

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = F.pad(image, (2, 3, 2, 3))
        x = F.relu(self.conv1(x))  # 64x112x112
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 64x56x56
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))  # 192x56x56
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 192x28x28
        x = self.inception_3a(x)  # 256x28x28
        x = self.inception_3b(x)  # 480x28x28
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 480x14x14
        i4a = self.inception_4a(x)  # 512x14x14
        x = self.inception_4b(i4a)
        x = self.inception_4c(x)
        i4d = self.inception_4d(x)  # 528x14x14
        x = self.inception_4e(i4d)  # 832x14x14
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 832x7x7
        x = self.inception_5a(x)
        x = self.inception_5b(x)  # 1024x7x7
        x = F.adaptive_avg_pool2d(x, 1)  # 1024x1x1
        x = self.dropout1(torch.flatten(x, 1))  # 1024
        logits = self.fc1(x)  # 1000
        if self.training:
            aux1 = self.aux1(i4a)  # 1000
            aux2 = self.aux2(i4d)  # 1000
            return logits, aux1, aux2
        return logits

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
