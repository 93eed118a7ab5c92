"""Pasted into generated code, from the class on: crops of pictures of random scale, a scale for each picture."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class RandomScaleCrop(nn.Module):
    """A crop at a random place of pictures whose shorter side is drawn from `least` to `greatest`."""

    def __init__(self, size: tuple[int, int], sides: tuple[int, int]) -> None:
        super().__init__()
        self.size = size
        self.least, self.greatest = sides

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        batch, channels, *around = pictures.shape
        side = torch.randint(
            self.least, self.greatest + 1, (batch, 1), device=pictures.device
        )
        # Parts of width and height that the crop covers, and the crop's middle from -1 to 1.
        scale = min(around) / side
        parts = scale * torch.tensor(
            [self.size[1] / around[1], self.size[0] / around[0]], device=pictures.device
        )
        middles = (1 - parts) * (2 * torch.rand(batch, 2, device=pictures.device) - 1)
        places = torch.cat([torch.diag_embed(parts), middles[:, :, None]], dim=2)
        grid = F.affine_grid(places, [batch, channels, *self.size], align_corners=False)
        return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
