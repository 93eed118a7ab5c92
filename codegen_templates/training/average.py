"""The average of a model's weights over the updates, which is judged and kept in their place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from parallel import set_model_weights, shard, weights_of


class Average:
    """A copy of a model in which each number is a moving mean of the model's: `decay` old + (1 - `decay`) new.

    Buffers of whole numbers, such as counts and tables of indices, are the model's own.

    Attributes:
        model: the copy.
        count: how many updates it has followed; the first one is taken as it is.
    """

    def __init__(self, model: nn.Module, decay: float, *, sharded: bool) -> None:
        self.model = deepcopy(model).requires_grad_(False)
        self.decay, self.count = decay, 0
        if sharded:
            shard(self.model)

    @torch.no_grad()
    def follow(self, model: nn.Module) -> None:
        """Take in the model after an update."""
        share = 1 - self.decay if self.count else 1.0
        _approach(list(self.model.parameters()), list(model.parameters()), share)
        _approach(list(self.model.buffers()), list(model.buffers()), share)
        self.count += 1

    def state(self) -> dict[str, Any]:
        """The averages, gathered from all processes where they are sharded, and the count."""
        return {"weights": weights_of(self.model), "count": self.count}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        set_model_weights(self.model, state["weights"])
        self.count = state["count"]


def _approach(means: list[Tensor], numbers: list[Tensor], share: float) -> None:
    """Go that share of the way from the means to the numbers, in place; whole numbers are taken over."""
    pairs = list(zip(means, numbers, strict=True))
    moving = [pair for pair in pairs if pair[0].is_floating_point()]
    if moving:
        torch._foreach_lerp_(*map(list, zip(*moving, strict=True)), share)
    for mean, number in pairs:
        if not mean.is_floating_point():
            mean.copy_(number)
