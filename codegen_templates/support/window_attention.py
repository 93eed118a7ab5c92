"""Pasted into generated code, from the class on: PyTorch itself has no attention within windows."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class WindowAttention(nn.Module):
    """Multi-head attention within windows, with a learned number for every distance.

    With a shift the windows lie that much further on. Those over an edge go on at the
    other side, where places that are no neighbours do not see each other. An axis that
    is one window long is not shifted.
    """

    relative_position_index: torch.Tensor

    def __init__(
        self,
        channels: int,
        window: tuple[int, int],
        heads: int,
        shift: tuple[int, int] = (0, 0),
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.window = window
        self.heads = heads
        self.shift = shift
        self.dropout = dropout
        rows, columns = (2 * cells - 1 for cells in window)
        self.relative_position_bias_table = nn.Parameter(
            torch.empty(rows * columns, heads)
        )
        self.qkv = nn.Linear(channels, 3 * channels, bias)
        self.proj = nn.Linear(channels, channels, bias)
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        places = torch.cartesian_prod(*map(torch.arange, window))
        distances = places[:, None] - places + torch.tensor(window) - 1
        index = (distances[..., 0] * columns + distances[..., 1]).flatten()
        self.register_buffer("relative_position_index", index, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[2:]
        down = self.shift[0] if height > self.window[0] else 0
        right = self.shift[1] if width > self.window[1] else 0
        windows = self._windows(x.roll((-down, -right), (2, 3)))
        query, key, value = (
            self.qkv(windows)
            .unflatten(3, (3, self.heads, -1))
            .permute(3, 0, 1, 4, 2, 5)
        )
        bias = self.relative_position_bias_table[
            self.relative_position_index
        ].mT.unflatten(1, (query.shape[3], -1))
        if down or right:
            rows, columns = (
                torch.arange(height, device=x.device),
                torch.arange(width, device=x.device),
            )
            regions = 2 * (rows[:, None] >= height - down) + 1 * (
                columns >= width - right
            )
            regions = self._windows(regions[None, None])[0]
            bias = bias.masked_fill((regions != regions.mT)[:, None], -torch.inf)
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(
            query, key, value, attn_mask=bias, dropout_p=rate
        )
        windows = self.proj(mixed.transpose(2, 3).flatten(3))
        parts = windows.unflatten(2, self.window).unflatten(
            1, (height // self.window[0], width // self.window[1])
        )
        return (
            parts.permute(0, 5, 1, 3, 2, 4).reshape(x.shape).roll((down, right), (2, 3))
        )

    def _windows(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, channels, height, width) as (batch, windows, places, channels)."""
        rows, columns = self.window
        parts = x.unflatten(3, (-1, columns)).unflatten(2, (-1, rows))
        return parts.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(1, 2)
