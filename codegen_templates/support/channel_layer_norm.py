"""Pasted into generated code, from the class on: `nn.LayerNorm` works on the last axes, and channels are the second."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels of every place."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
