"""Pasted into generated code, from the class on: PyTorch itself has no layer that normalises by fixed numbers."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class Normalize(nn.Module):
    """Subtracts a mean from each channel and divides it by a standard deviation."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("std", torch.tensor(std), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = (-1,) + (1,) * (x.dim() - 2)
        return (x - self.mean.view(shape)) / self.std.view(shape)
