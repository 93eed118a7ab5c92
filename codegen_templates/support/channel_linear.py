"""Pasted into generated code, from the class on: `nn.Linear` works on the last axis, and channels are the second."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class ChannelLinear(nn.Linear):
    """The same linear layer at every place, from the channels there to new channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
