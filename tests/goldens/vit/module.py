from collections import OrderedDict
from os import PathLike
from typing import Self

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


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


class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels of every place."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ChannelLinear(nn.Linear):
    """The same linear layer at every place, from the channels there to new channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Positions(nn.Module):
    """Adds a learned vector to every place: the first to the first place, and so on."""

    def __init__(self, length: int, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(length, channels))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.weight[: x.shape[-1]].mT


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = ChannelLayerNorm(768, eps=1e-06)
        self.self_attention = Attention(768, 12)
        self.ln_2 = ChannelLayerNorm(768, eps=1e-06)
        self.mlp = nn.Sequential(
            OrderedDict(
                [
                    ("0", ChannelLinear(768, 3072)),
                    ("1", nn.GELU()),
                    ("3", ChannelLinear(3072, 768)),
                ],
            ),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.self_attention(self.ln_1(x))  # 768x197
        y = y + x
        z = self.ln_2(y)
        z = self.mlp(z)
        return z + y


class Layers(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            OrderedDict((f"encoder_layer_{i}", Layer()) for i in range(12))
        )


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pos_embedding = Positions(197, 768)
        self.layers = Layers()
        self.ln = ChannelLayerNorm(768, eps=1e-06)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pos_embedding(x)  # 768x197
        return self.ln(self.layers(x))


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(768, 1000)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x)  # 1000


class ViT_B16(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, 768, kernel_size=16, stride=16)
        self.class_token = nn.Parameter(torch.zeros((1, 768, 1)))
        self.encoder = Encoder()
        self.heads = Heads()

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_proj(image)  # 768x14x14
        x = x.flatten(2)  # 768x196
        y = self.class_token.expand(x.shape[0], -1, -1)  # 768x1
        x = torch.cat([y, x], dim=2)  # 768x197
        x = self.encoder(x)
        x = x[:, :, :1]  # 768x1
        x = torch.flatten(x, 1)  # 768
        return self.heads(x)  # 1000

    @classmethod
    def from_weights(cls, path: str | PathLike[str]) -> Self:
        """The net with the weights of a safetensors file."""
        net = cls()
        net.load_state_dict(load_file(path))
        return net
