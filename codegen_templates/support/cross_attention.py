"""Pasted into generated code, from the class on: `nn.MultiheadAttention` takes channels last, and has two outputs."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class CrossAttention(nn.Module):
    """`nn.MultiheadAttention` to the places of another tensor, with channels first."""

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

    def forward(self, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        biases = (
            (None, None, None)
            if self.in_proj_bias is None
            else self.in_proj_bias.chunk(3)
        )
        query, key, value = (
            F.linear(source.flatten(2).mT, weight, bias)
            .unflatten(2, (self.heads, -1))
            .transpose(1, 2)
            for source, weight, bias in zip(
                (x, memory, memory), self.in_proj_weight.chunk(3), biases, strict=True
            )
        )
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(
            query, key, value, dropout_p=rate, is_causal=self.causal
        )
        return self.out_proj(mixed.transpose(1, 2).flatten(2)).mT.reshape(x.shape)
