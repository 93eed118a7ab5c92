"""Which examples an update learns from: by seed, epoch, and process, and by nothing else."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import dataclass

import torch
from torch import Tensor

import recipe
from data import DataError, Examples
from parallel import Processes
from stopping import WRONG_USE, Stop


@dataclass(frozen=True)
class Plan:
    """How the examples are dealt out.

    Attributes:
        places: the examples that are taken.
        batch_size: how many of them a process takes at once.
        examples: how many an update takes, all processes and parts together.
        updates: how many updates an epoch has: as many as are whole.
    """

    seed: int
    here: Processes
    places: Tensor
    batch_size: int
    examples: int
    updates: int

    def order(self, epoch: int, done: int) -> Tensor:
        """This process's examples of an epoch, behind the updates that are done."""
        generator = torch.Generator().manual_seed((self.seed << 32) + epoch)
        order = self.places[torch.randperm(len(self.places), generator=generator)]
        taken = order[done * self.examples : self.updates * self.examples]
        return taken[self.here.rank :: self.here.count]


def limited(count: int, flags: Namespace) -> int:
    """How many of so many examples are taken."""
    return min(count, flags.limit or count)


def chosen(count: int, total: int) -> Tensor:
    """The numbers of so many of all examples: of a part, always the same ones, from anywhere.

    Many data are sorted by their classes, so that their first examples would be of one class.
    """
    if count == total:
        return torch.arange(total)
    order = torch.randperm(total, generator=torch.Generator().manual_seed(0))
    return order[:count].sort().values


def plan(flags: Namespace, here: Processes, total: int) -> Plan:
    """The plan for so many examples, of which the flags may take a part.

    Raises:
        Stop: they are too few for an update.
    """
    count = limited(total, flags)
    shares = flags.grad_accum_steps * here.count
    if count < shares:
        reason = f"{count} examples are too few for {shares} parts of a batch"
        raise Stop(reason, WRONG_USE)
    wanted = flags.batch_size or max(1, recipe.BATCH_SIZE // shares)
    size = min(wanted, count // shares)
    examples = size * shares
    return Plan(
        flags.seed, here, chosen(count, total), size, examples, count // examples
    )


def refuse_other_targets(examples: Examples) -> None:
    """See that the targets are of the shape that the loss compares with."""
    found, wanted = tuple(examples.targets.shape[1:]), recipe.TARGET
    if wanted is None or found == wanted:
        return
    if recipe.CLASSES is None and math.prod(found) == math.prod(wanted):
        return
    raise DataError(
        f"the data have targets of shape {found}, and the loss takes {wanted}"
    )
