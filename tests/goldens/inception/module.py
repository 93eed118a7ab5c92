from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class GoogLeNet(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=1)
        self.conv3 = nn.Conv2d(64, 192, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(192, 64, kernel_size=1)
        self.conv5 = nn.Conv2d(192, 96, kernel_size=1)
        self.conv6 = nn.Conv2d(96, 128, kernel_size=3, padding=1)
        self.conv7 = nn.Conv2d(192, 16, kernel_size=1)
        self.conv8 = nn.Conv2d(16, 32, kernel_size=5, padding=2)
        self.conv9 = nn.Conv2d(192, 32, kernel_size=1)
        self.conv10 = nn.Conv2d(256, 128, kernel_size=1)
        self.conv11 = nn.Conv2d(256, 128, kernel_size=1)
        self.conv12 = nn.Conv2d(128, 192, kernel_size=3, padding=1)
        self.conv13 = nn.Conv2d(256, 32, kernel_size=1)
        self.conv14 = nn.Conv2d(32, 96, kernel_size=5, padding=2)
        self.conv15 = nn.Conv2d(256, 64, kernel_size=1)
        self.conv16 = nn.Conv2d(480, 192, kernel_size=1)
        self.conv17 = nn.Conv2d(480, 96, kernel_size=1)
        self.conv18 = nn.Conv2d(96, 208, kernel_size=3, padding=1)
        self.conv19 = nn.Conv2d(480, 16, kernel_size=1)
        self.conv20 = nn.Conv2d(16, 48, kernel_size=5, padding=2)
        self.conv21 = nn.Conv2d(480, 64, kernel_size=1)
        self.dropout1 = nn.Dropout(0.4)
        self.fc1 = nn.Linear(512, classes)
        self.conv22 = nn.Conv2d(512, 128, kernel_size=1)
        self.fc2 = nn.Linear(2048, 1024)
        self.fc3 = nn.Linear(1024, classes)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = F.pad(x, (2, 3, 2, 3))
        x = F.relu(self.conv1(x))  # 64x112x112
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 64x56x56
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))  # 192x56x56
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 192x28x28
        branch1 = F.relu(self.conv4(x))  # 64x28x28
        branch2 = F.relu(self.conv5(x))  # 96x28x28
        branch2 = F.relu(self.conv6(branch2))  # 128x28x28
        branch3 = F.relu(self.conv7(x))  # 16x28x28
        branch3 = F.relu(self.conv8(branch3))  # 32x28x28
        branch4 = F.max_pool2d(x, 3, stride=1, padding=1)
        branch4 = F.relu(self.conv9(branch4))  # 32x28x28
        x = torch.cat([branch1, branch2, branch3, branch4], dim=1)  # 256x28x28
        branch1 = F.relu(self.conv10(x))  # 128x28x28
        branch2 = F.relu(self.conv11(x))  # 128x28x28
        branch2 = F.relu(self.conv12(branch2))  # 192x28x28
        branch3 = F.relu(self.conv13(x))  # 32x28x28
        branch3 = F.relu(self.conv14(branch3))  # 96x28x28
        branch4 = F.max_pool2d(x, 3, stride=1, padding=1)
        branch4 = F.relu(self.conv15(branch4))  # 64x28x28
        x = torch.cat([branch1, branch2, branch3, branch4], dim=1)  # 480x28x28
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))
        x = F.max_pool2d(x, 3, stride=2)  # 480x14x14
        branch1 = F.relu(self.conv16(x))  # 192x14x14
        branch2 = F.relu(self.conv17(x))  # 96x14x14
        branch2 = F.relu(self.conv18(branch2))  # 208x14x14
        branch3 = F.relu(self.conv19(x))  # 16x14x14
        branch3 = F.relu(self.conv20(branch3))  # 48x14x14
        branch4 = F.max_pool2d(x, 3, stride=1, padding=1)
        branch4 = F.relu(self.conv21(branch4))  # 64x14x14
        i4a = torch.cat([branch1, branch2, branch3, branch4], dim=1)  # 512x14x14
        x = self.dropout1(F.adaptive_avg_pool2d(i4a, 1))  # 512x1x1
        x = torch.flatten(x, 1)
        logits = self.fc1(x)  # classes
        if self.training:
            x = F.avg_pool2d(i4a, 5, stride=3)  # 512x4x4
            x = F.relu(self.conv22(x))  # 128x4x4
            x = torch.flatten(x, 1)  # 2048
            x = F.relu(self.fc2(x))  # 1024
            aux = self.fc3(x)  # classes
            return logits, aux
        return logits

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 1000) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
