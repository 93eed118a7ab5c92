"""Pasted into generated code, from the class on: pictures as evaluation shows them."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class TenCrop(nn.Module):
    """The windows in the corners and in the middle, and their mirror images, (batch, 10, channels, height, width)."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.height, self.width = size

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        down = pictures.shape[-2] - self.height
        right = pictures.shape[-1] - self.width
        corners = [
            (0, 0),
            (0, right),
            (down, 0),
            (down, right),
            (down // 2, right // 2),
        ]
        crops = [
            pictures[..., top : top + self.height, left : left + self.width]
            for top, left in corners
        ]
        return torch.stack([*crops, *(crop.flip(-1) for crop in crops)], dim=1)
