"""Pasted into generated code, from the class on: `nn.Embedding` puts channels last, and they are the second axis."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class ChannelEmbedding(nn.Embedding):
    """The vector of every index, looked up in a learned table."""

    def forward(self, indices: torch.Tensor) -> torch.Tensor:
        return super().forward(indices).movedim(-1, 1)
