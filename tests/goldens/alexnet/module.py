from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class AlexNet(nn.Module):
    """AlexNet (Krizhevsky, Sutskever, Hinton 2012), grouped convolutions as on two
    GPUs.
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, kernel_size=11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=2)
        self.fc1 = nn.Linear(9216, 4096)
        self.dropout1 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(4096, 4096)
        self.dropout2 = nn.Dropout(0.5)
        self.fc3 = nn.Linear(4096, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.conv1(image))  # 96x55x55
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.max_pool2d(x, 3, stride=2)  # 96x27x27
        x = F.relu(self.conv2(x))  # 256x27x27
        x = F.local_response_norm(x, 5, alpha=0.0005, k=2.0)
        x = F.max_pool2d(x, 3, stride=2)  # 256x13x13
        x = F.relu(self.conv3(x))  # 384x13x13
        x = F.relu(self.conv4(x))
        x = F.relu(self.conv5(x))  # 256x13x13
        x = F.max_pool2d(x, 3, stride=2)  # 256x6x6
        x = torch.flatten(x, 1)  # 9216
        x = self.dropout1(F.relu(self.fc1(x)))  # 4096
        x = self.dropout2(F.relu(self.fc2(x)))
        return self.fc3(x)  # classes

    @classmethod
    def from_weights(cls, path: str | PathLike[str], classes: int = 1000) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls(classes)
        net.load_state_dict(load_file(path))
        return net
