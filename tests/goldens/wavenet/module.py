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
        self.conv1_pad = nn.ZeroPad1d((dilation, 0))
        self.conv1 = nn.Conv1d(32, 32, kernel_size=2, dilation=dilation)
        self.conv2_pad = nn.ZeroPad1d((dilation, 0))
        self.conv2 = nn.Conv1d(32, 32, kernel_size=2, dilation=dilation)
        self.conv3 = nn.Conv1d(32, 256, kernel_size=1)
        self.conv4 = nn.Conv1d(32, 32, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.conv1_pad(x)
        y = torch.tanh(self.conv1(y))  # 32xT
        z = self.conv2_pad(x)
        z = torch.sigmoid(self.conv2(z))  # 32xT
        z = y * z
        skip = self.conv3(z)  # 256xT
        y = self.conv4(z)
        x = y + x
        return x, skip


class Gated2(nn.Module):
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
        self.layer1 = Gated(1)
        self.layer2 = Gated(2)
        self.layer3 = Gated(4)
        self.layer4 = Gated(8)
        self.layer5 = Gated(16)
        self.layer6 = Gated(32)
        self.layer7 = Gated(64)
        self.layer8 = Gated(128)
        self.layer9 = Gated(256)
        self.layer10 = Gated(512)
        self.layer11 = Gated(1)
        self.layer12 = Gated(2)
        self.layer13 = Gated(4)
        self.layer14 = Gated(8)
        self.layer15 = Gated(16)
        self.layer16 = Gated(32)
        self.layer17 = Gated(64)
        self.layer18 = Gated(128)
        self.layer19 = Gated(256)
        self.layer20 = Gated(512)
        self.layer21 = Gated(1)
        self.layer22 = Gated(2)
        self.layer23 = Gated(4)
        self.layer24 = Gated(8)
        self.layer25 = Gated(16)
        self.layer26 = Gated(32)
        self.layer27 = Gated(64)
        self.layer28 = Gated(128)
        self.layer29 = Gated(256)
        self.layer30 = Gated2()
        self.conv2 = nn.Conv1d(256, 256, kernel_size=1)
        self.conv3 = nn.Conv1d(256, 256, kernel_size=1)

    def forward(self, sound: Tensor) -> Tensor:
        x = self.conv1(sound)  # 32xT
        x, skip1 = self.layer1(x)
        x, skip2 = self.layer2(x)
        x, skip3 = self.layer3(x)
        x, skip4 = self.layer4(x)
        x, skip5 = self.layer5(x)
        x, skip6 = self.layer6(x)
        x, skip7 = self.layer7(x)
        x, skip8 = self.layer8(x)
        x, skip9 = self.layer9(x)
        x, skip10 = self.layer10(x)
        x, skip11 = self.layer11(x)
        x, skip12 = self.layer12(x)
        x, skip13 = self.layer13(x)
        x, skip14 = self.layer14(x)
        x, skip15 = self.layer15(x)
        x, skip16 = self.layer16(x)
        x, skip17 = self.layer17(x)
        x, skip18 = self.layer18(x)
        x, skip19 = self.layer19(x)
        x, skip20 = self.layer20(x)
        x, skip21 = self.layer21(x)
        x, skip22 = self.layer22(x)
        x, skip23 = self.layer23(x)
        x, skip24 = self.layer24(x)
        x, skip25 = self.layer25(x)
        x, skip26 = self.layer26(x)
        x, skip27 = self.layer27(x)
        x, skip28 = self.layer28(x)
        x, skip29 = self.layer29(x)
        skip30 = self.layer30(x)  # 256xT
        x = F.relu(
            sum(
                [
                    skip1,
                    skip2,
                    skip3,
                    skip4,
                    skip5,
                    skip6,
                    skip7,
                    skip8,
                    skip9,
                    skip10,
                    skip11,
                    skip12,
                    skip13,
                    skip14,
                    skip15,
                    skip16,
                    skip17,
                    skip18,
                    skip19,
                    skip20,
                    skip21,
                    skip22,
                    skip23,
                    skip24,
                    skip25,
                    skip26,
                    skip27,
                    skip28,
                    skip29,
                    skip30,
                ],
            ),
        )
        x = F.relu(self.conv2(x))
        return self.conv3(x)

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
