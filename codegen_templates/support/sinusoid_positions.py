"""Pasted into generated code, from the class on: PyTorch itself has no layer that adds waves of the places."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class SinusoidPositions(nn.Module):
    """Adds a sine of the place to even channels and its cosine to odd ones, slower from pair to pair."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channel = torch.arange(x.shape[1], dtype=torch.float64, device=x.device)
        rate = 10000 ** (-2 * (channel // 2) / x.shape[1])
        angle = rate[:, None] * torch.arange(x.shape[2], device=x.device)
        waves = torch.where(channel[:, None] % 2 == 0, angle.sin(), angle.cos())
        return x + waves.to(x.dtype)
