"""Pasted into generated code, from the class on, where PyTorch has no layer for an average over uneven padding."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class InnerAvgPool(nn.Module):
    """Average pooling whose windows may reach over the edges; only the cells inside count.

    `padding` is in the order of `F.pad`: the last axis first, (before, after) for each.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...],
        padding: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pool = {3: F.avg_pool1d, 4: F.avg_pool2d, 5: F.avg_pool3d}[x.dim()]
        inside = torch.ones_like(x[:1, :1])
        means = pool(F.pad(x, self.padding), self.kernel_size, self.stride)
        shares = pool(F.pad(inside, self.padding), self.kernel_size, self.stride)
        return means / shares
