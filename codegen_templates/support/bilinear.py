"""Pasted into generated code, from the function on: PyTorch itself does not begin weights by interpolation."""
# ruff: noqa: TID251, TID253

import torch


@torch.no_grad()
def bilinear_(weight: torch.Tensor) -> torch.Tensor:
    """Let a transposed convolution enlarge every channel by itself, by linear interpolation."""
    window = torch.ones(())
    for size in weight.shape[2:]:
        factor = (size + 1) // 2
        centre = factor - 1 if size % 2 else factor - 0.5
        window = window[..., None] * (1 - (torch.arange(size) - centre).abs() / factor)
    weight.zero_()
    for channel in range(min(weight.shape[:2])):
        weight[channel, channel] = window
    return weight
