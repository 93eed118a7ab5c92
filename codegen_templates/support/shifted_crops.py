"""Pasted into generated code, from the class on: pictures as evaluation shows them."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class ShiftedCrops(nn.Module):
    """The picture and its shifts to all eight sides, zeros behind them, (batch, 9, channels, height, width)."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        height, width = pictures.shape[-2:]
        wide = F.pad(pictures, (self.by,) * 4)
        starts = [
            (row * self.by, column * self.by) for row in range(3) for column in range(3)
        ]
        return torch.stack(
            [
                wide[..., top : top + height, left : left + width]
                for top, left in starts
            ],
            dim=1,
        )
