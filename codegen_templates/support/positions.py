"""Pasted into generated code, from the class on: PyTorch itself has no layer that adds what a place is."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class Positions(nn.Module):
    """Adds a learned vector to every place: the first to the first place, and so on."""

    def __init__(self, length: int, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(length, channels))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.weight[: x.shape[-1]].mT
