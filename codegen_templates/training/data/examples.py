"""Examples that are ready for a net: those that fit stay in memory, the others are read while the net learns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


class DataError(Exception):
    """The data cannot be used; the message says in one sentence what, where and why."""


@dataclass(frozen=True)
class Data:
    """Examples to learn from, others to be judged by, and how many damaged ones were left out of both."""

    train: Examples
    held_out: Examples
    skipped: int = 0


class Examples(ABC):
    """Inputs and their targets.

    Attributes:
        classes: the classes' names, in the order of their numbers.
        targets: every example's class, int64.
    """

    def __init__(self, targets: Tensor, classes: tuple[str, ...]) -> None:
        self.targets = targets
        self.classes = classes

    def __len__(self) -> int:
        return len(self.targets)

    @abstractmethod
    def batches(
        self, order: Tensor, batch_size: int, device: torch.device | str = "cpu", workers: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """The examples that `order` numbers, in that order, as batches on the device.

        Inputs are float32, channels first, and from 0 to 1 where they are pictures; targets are int64. The last batch
        is smaller where the order ends within it.

        Raises:
            DataError: an example cannot be read.
        """


class InMemory(Examples):
    """Examples in one tensor, which moves to the device where that has room for it.

    Pictures are kept as bytes and divided by 255 when they are asked for.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, classes: tuple[str, ...]) -> None:
        super().__init__(targets, classes)
        self.inputs = inputs
        self._resident: tuple[torch.device, Tensor, Tensor] | None = None

    def batches(
        self, order: Tensor, batch_size: int, device: torch.device | str = "cpu", workers: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        device = torch.device(device)
        inputs, targets = self._near(device)
        for chosen in torch.split(order.to(inputs.device), batch_size):
            batch, answers = inputs[chosen], targets[chosen]
            if batch.device != device:
                batch, answers = to_device(batch, device), to_device(answers, device)
            yield numbers(batch), answers

    def _near(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """All examples on the device, or where they are if half of its free memory cannot hold them."""
        if device.type == "cpu":
            return self.inputs, self.targets
        if self._resident is None or self._resident[0] != device:
            if device.type == "cuda" and self.inputs.nbytes > torch.cuda.mem_get_info(device)[0] // 2:
                return self.inputs, self.targets
            self._resident = device, self.inputs.to(device), self.targets.to(device)
        return self._resident[1:]


def numbers(batch: Tensor) -> Tensor:
    """Bytes as floats from 0 to 1; floats as they are."""
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


def to_device(batch: Tensor, device: torch.device) -> Tensor:
    """A copy on the device, made while the host goes on where it is CUDA."""
    if device.type != "cuda":
        return batch.to(device)
    return batch.pin_memory().to(device, non_blocking=True)
