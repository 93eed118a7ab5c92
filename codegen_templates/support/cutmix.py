"""Pasted into generated code, from the class on: a rectangle of another example, the labels by area."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class CutMix(nn.Module):
    """Puts a rectangle of another picture into each; the part that stays comes from a beta distribution."""

    def __init__(self, classes: int, alpha: float) -> None:
        super().__init__()
        self.classes = classes
        self.part = torch.distributions.Beta(alpha, alpha)

    def forward(
        self, pictures: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        others = torch.randperm(len(pictures), device=pictures.device)
        certain = F.one_hot(labels, self.classes).to(pictures)
        inside = self.rectangle(*pictures.shape[-2:]).to(pictures.device)
        part = 1 - inside.float().mean()
        return torch.where(inside, pictures[others], pictures), part * certain + (
            1 - part
        ) * certain[others]

    def rectangle(self, height: int, width: int) -> torch.Tensor:
        """Which places come from the other picture; the rectangle is cut off at the edges."""
        side = (1 - self.part.sample()).sqrt()
        rows = (
            torch.arange(height) - torch.randint(height, ())
        ).abs() < side * height / 2
        columns = (
            torch.arange(width) - torch.randint(width, ())
        ).abs() < side * width / 2
        return rows[:, None] & columns
