"""Pasted into generated code, from the class on: neither PyTorch nor kornia has the lighting of AlexNet."""
# ruff: noqa: TID251, TID253

import torch
from torch import nn


class PCALighting(nn.Module):
    """Adds the main directions of ImageNet's colours, each times its eigenvalue and a random number."""

    values: torch.Tensor
    directions: torch.Tensor

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation
        self.register_buffer("values", torch.tensor([0.2175, 0.0188, 0.0045]))
        directions = [
            [-0.5675, 0.7192, 0.4009],
            [-0.5808, -0.0045, -0.8140],
            [-0.5836, -0.6948, 0.4203],
        ]
        self.register_buffer("directions", torch.tensor(directions))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        strength = (
            torch.randn(pictures.shape[0], 3, device=pictures.device) * self.deviation
        )
        light = (strength * self.values) @ self.directions.T
        return (pictures + light[:, :, None, None]).clamp(0, 1)
