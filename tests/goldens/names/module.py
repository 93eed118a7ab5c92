from os import PathLike
from typing import Self

import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


class Weird(nn.ModuleList):
    def __init__(self) -> None:
        super().__init__(nn.Conv2d(4, 4, kernel_size=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        x = self[0](x)  # 4x16x16
        y = self[1](x)
        return x + y


class Group(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(4, 4, kernel_size=1))
        self.weird = Weird()

    def forward(self, x: Tensor) -> Tensor:
        x = self.get_submodule("0")(x)  # 4x16x16
        return self.weird(x)


class Keys(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.append = nn.Conv2d(4, 4, kernel_size=1)
        self.items = nn.Conv2d(4, 4, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.append(x))  # 4x16x16
        return self.items(x)


class NetTensor(nn.Module):
    """Labels and names that mean something else in Python."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(3, 4, kernel_size=3, padding=1))
        self.add_module("class", nn.Conv2d(4, 4, kernel_size=3, padding=1))
        self.add_module("__hidden", nn.Conv2d(4, 4, kernel_size=3, padding=1))
        self.add_module("3", Group())
        self.keys = Keys()
        self.torch = nn.Conv2d(4, 4, kernel_size=1)
        self.F = nn.Conv2d(4, 4, kernel_size=1)

    def forward(self, class_: Tensor) -> tuple[Tensor, Tensor]:
        x = self.get_submodule("0")(class_)  # 4x16x16
        x = self.get_submodule("class")(x)
        lambda_ = self.get_submodule("__hidden")(x)
        x = self.get_submodule("3")(lambda_)
        x = self.keys(x)
        self_ = lambda_ + x
        x = self.torch(self_)
        nn_ = self.F(x)
        return nn_, self_

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
