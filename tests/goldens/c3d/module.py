from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class C3D(nn.Module):
    def __init__(self, classes: int = 487) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, 64, kernel_size=3, padding=1)
        self.conv2 = nn.Conv3d(64, 128, kernel_size=3, padding=1)
        self.conv3 = nn.Conv3d(128, 256, kernel_size=3, padding=1)
        self.conv4 = nn.Conv3d(256, 256, kernel_size=3, padding=1)
        self.conv5 = nn.Conv3d(256, 512, kernel_size=3, padding=1)
        self.conv6 = nn.Conv3d(512, 512, kernel_size=3, padding=1)
        self.conv7 = nn.Conv3d(512, 512, kernel_size=3, padding=1)
        self.conv8 = nn.Conv3d(512, 512, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(8192, 4096)
        self.dropout1 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(4096, 4096)
        self.dropout2 = nn.Dropout(0.5)
        self.fc3 = nn.Linear(4096, classes)

    def forward(self, video: Tensor) -> Tensor:
        x = F.relu(self.conv1(video))  # 64x16x112x112
        x = F.max_pool3d(x, (1, 2, 2))  # 64x16x56x56
        x = F.relu(self.conv2(x))  # 128x16x56x56
        x = F.max_pool3d(x, 2)  # 128x8x28x28
        x = F.relu(self.conv3(x))  # 256x8x28x28
        x = F.relu(self.conv4(x))
        x = F.max_pool3d(x, 2)  # 256x4x14x14
        x = F.relu(self.conv5(x))  # 512x4x14x14
        x = F.relu(self.conv6(x))
        x = F.max_pool3d(x, 2)  # 512x2x7x7
        x = F.relu(self.conv7(x))
        x = F.relu(self.conv8(x))
        x = F.max_pool3d(x, 2, padding=(0, 1, 1))  # 512x1x4x4
        x = torch.flatten(x, 1)  # 8192
        x = self.dropout1(F.relu(self.fc1(x)))  # 4096
        x = self.dropout2(F.relu(self.fc2(x)))
        return self.fc3(x)  # classes

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 487) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
