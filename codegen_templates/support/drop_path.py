"""Pasted into generated code, from the class on: PyTorch itself has no layer that drops whole examples."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class DropPath(nn.Module):
    """In training, sets examples to 0 with the probability `rate`, and scales the others to keep the mean."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        kept = (
            torch.rand(x.shape[0], *(1,) * (x.dim() - 1), device=x.device) >= self.rate
        )
        return x * kept / (1 - self.rate)
