"""How far a run has come: what it has learnt so far is in the learner, and everything else is here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import recipe
from tally import Tally


@dataclass
class Standing:
    """The place of a run between two updates.

    Attributes:
        tally: what the updates of the epoch add up to, in this process.
        epoch: how many epochs are done.
        update: how many updates of the next one are.
        history: the figures of every epoch.
        best: the merit of the weights that are kept, and their epoch.
    """

    tally: Tally
    epoch: int = 0
    update: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"epoch {self.epoch + 1}, update {self.update}"

    def close_epoch(self) -> None:
        """Stand before the next epoch."""
        self.epoch, self.update = self.epoch + 1, 0
        self.tally.clear()

    def is_best(self, loss: float, merit: float) -> bool:
        """Whether weights of that merit are the best so far, which the epoch that was closed then has.

        With a loss that is not finite no weights are.
        """
        if not math.isfinite(loss) or (self.best and merit <= self.best["merit"]):
            return False
        self.best = {"merit": merit, "epoch": self.epoch}
        return True

    def is_stuck(self, patience: int) -> bool:
        """Whether the figures that are watched have got no better for as many epochs as are put up with; 0 is all."""
        if not patience or not self.history:
            return False
        better = 1 if recipe.PATIENCE_WATCHES == "eval_top1" else -1
        figures = [metrics[recipe.PATIENCE_WATCHES] for metrics in self.history]
        watched = [
            better * each if math.isfinite(each) else -math.inf for each in figures
        ]
        return len(watched) - 1 - watched.index(max(watched)) >= patience

    def state(self) -> dict[str, Any]:
        """What is the same in all processes; of the tallies each has its own."""
        names = ("epoch", "update", "history", "best")
        return {name: getattr(self, name) for name in names}

    def set_state(self, state: dict[str, Any]) -> None:
        """Stand where a checkpoint stood."""
        self.epoch, self.update = state["epoch"], state["update"]
        self.history, self.best = state["history"], state["best"]
