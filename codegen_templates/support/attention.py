"""Pasted into generated code, from the class on: `nn.MultiheadAttention` takes channels last, and has two outputs."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """`nn.MultiheadAttention` of all places to each other, with channels first."""

    def __init__(
        self,
        channels: int,
        heads: int,
        causal: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.causal = causal
        self.dropout = dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * channels, channels))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * channels)) if bias else None
        self.out_proj = nn.Linear(channels, channels, bias)
        nn.init.xavier_uniform_(self.in_proj_weight)
        if bias:
            nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        projected = F.linear(x.flatten(2).mT, self.in_proj_weight, self.in_proj_bias)
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in projected.chunk(3, dim=2)
        )
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(
            query, key, value, dropout_p=rate, is_causal=self.causal
        )
        return self.out_proj(mixed.transpose(1, 2).flatten(2)).mT.reshape(x.shape)
