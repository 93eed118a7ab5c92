"""What the updates of an epoch add up to, on the device: a sum is read seldom, since reading waits for the device."""

from __future__ import annotations

import torch
from torch import Tensor

import recipe
from parallel import Processes


class Tally:
    """The sum of the examples' losses, how many were answered right, and how many there were, in this process.

    The examples are counted by Python, which needs no device for it.
    """

    def __init__(self, device: torch.device) -> None:
        self.sums = torch.zeros(2, dtype=torch.float64, device=device)
        self.loss, self.right = self.sums.unbind()
        self.examples = 0

    def add_loss(self, mean: Tensor, examples: int) -> None:
        """Count a batch by the mean of its losses."""
        self.loss.add_(mean.detach(), alpha=examples)
        self.examples += examples

    def clear(self) -> None:
        """Begin anew."""
        self.sums.zero_()
        self.examples = 0

    def state(self) -> dict[str, Tensor | int]:
        """This process's sums, for a checkpoint."""
        return {"sums": self.sums.cpu(), "examples": self.examples}

    def set_state(self, state: dict[str, Tensor | int]) -> None:
        """Go on from a checkpoint's sums."""
        self.sums.copy_(torch.as_tensor(state["sums"]))
        self.examples = int(state["examples"])

    def read(self, here: Processes, asked: bool) -> tuple[dict[str, float], bool]:
        """The means over all processes, and whether one of them was `asked` to stop.

        Without examples there are no means.
        """
        own = torch.cat([self.sums, self.sums.new_tensor([self.examples, asked])])
        loss, right, examples, stops = here.sum(own).tolist()
        if not examples:
            return {}, stops > 0
        figures = {"train_loss": loss / examples}
        if recipe.CLASSES is not None:
            figures["train_top1"] = right / examples
        return figures, stops > 0
