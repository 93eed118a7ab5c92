"""Pasted into generated code, from the class on: `nn.LSTM` takes places first, and they are the last axis."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class ChannelLSTM(nn.LSTM):
    """What the layer leaves at every place of a sequence."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = super().forward(x.permute(2, 0, 1))
        return states.permute(1, 2, 0)
