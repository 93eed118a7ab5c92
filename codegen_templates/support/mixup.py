"""Pasted into generated code, from the class on: a blend of two examples, pictures and labels alike."""
# ruff: noqa: N812, TID251, TID253

import torch
import torch.nn.functional as F
from torch import nn


class MixUp(nn.Module):
    """Blends each picture and its label with another one's; the part of each comes from a beta distribution."""

    def __init__(self, classes: int, alpha: float) -> None:
        super().__init__()
        self.classes = classes
        self.part = torch.distributions.Beta(alpha, alpha)

    def forward(
        self, pictures: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        part = self.part.sample((len(pictures), 1)).to(pictures)
        others = torch.randperm(len(pictures), device=pictures.device)
        certain = F.one_hot(labels, self.classes).to(pictures)
        across = part[:, :, None, None]
        blended = across * pictures + (1 - across) * pictures[others]
        return blended, part * certain + (1 - part) * certain[others]
