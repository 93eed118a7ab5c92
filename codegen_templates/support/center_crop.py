"""Pasted into generated code, from the class on: pictures as evaluation shows them."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class CenterCrop(nn.Module):
    """The window in the middle, (batch, 1, channels, height, width)."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.height, self.width = size

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        top = (pictures.shape[-2] - self.height) // 2
        left = (pictures.shape[-1] - self.width) // 2
        return pictures[:, None, :, top : top + self.height, left : left + self.width]
