"""Examples that a net takes: those that fit stay in memory, the others are read while the net learns."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .errors import DataError
from .fit import Size, fit
from .pictures import Pictures

_PREFETCHED = 4
_MOST_WORKERS = 8


@dataclass(frozen=True)
class Data:
    """Examples to learn from, others to be judged by, and how many damaged ones were left out of both."""

    train: Examples
    held_out: Examples
    skipped: int = 0


class Examples(ABC):
    """Inputs and their targets.

    Attributes:
        targets: every example's class, int64; float32 where the data hold other numbers to be learnt.
        classes: the classes' names, in the order of their numbers.
    """

    def __init__(self, targets: Tensor, classes: tuple[str, ...]) -> None:
        self.targets = targets
        self.classes = classes

    def __len__(self) -> int:
        return len(self.targets)

    @abstractmethod
    def batches(
        self,
        order: Tensor,
        batch_size: int,
        device: torch.device | str = "cpu",
        workers: int | None = 0,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """The examples that `order` numbers, in that order, as batches of inputs and targets on the device.

        Inputs are float32, channels first, and from 0 to 1 where they are pictures. The last batch is smaller where the
        order ends within it. No random number is drawn. `workers` processes read what is not in memory; None stands
        for `usual_workers`. They stay for the next stream, which ends this one.

        Raises:
            DataError: an example cannot be read.
        """


class InMemory(Examples):
    """Examples in one tensor, which moves to the device where that has room for it.

    Pictures are kept as bytes and divided by 255 when they are asked for.
    """

    def __init__(
        self, inputs: Tensor, targets: Tensor, classes: tuple[str, ...]
    ) -> None:
        super().__init__(targets, classes)
        self.inputs = inputs
        self._resident: tuple[torch.device, Tensor, Tensor] | None = None

    def batches(
        self,
        order: Tensor,
        batch_size: int,
        device: torch.device | str = "cpu",
        workers: int | None = 0,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        device = torch.device(device)
        inputs, targets = self._near(device)
        for chosen in _chunks(order.to(inputs.device), batch_size):
            yield (
                _numbers(_moved(inputs.index_select(0, chosen), device)),
                _moved(targets.index_select(0, chosen), device),
            )

    def _near(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """All examples on the device, or where they are if half of its free memory cannot hold them."""
        if device.type == "cpu":
            return self.inputs, self.targets
        if self._resident is None or self._resident[0] != device:
            if (
                device.type == "cuda"
                and self.inputs.nbytes > torch.cuda.mem_get_info(device)[0] // 2
            ):
                return self.inputs, self.targets
            self._resident = device, self.inputs.to(device), self.targets.to(device)
        return self._resident[1:]


class Streamed(Examples):
    """Pictures that are read, a few batches ahead, by processes of their own."""

    def __init__(
        self,
        pictures: Pictures,
        size: Size,
        shape: tuple[int, ...],
        targets: Tensor,
        classes: tuple[str, ...],
    ) -> None:
        super().__init__(targets, classes)
        self._batches = _Batches(pictures, size)
        self._shape = shape
        self._order: list[list[int]] = []
        self._loaders: dict[tuple[int, bool], DataLoader[Tensor | str]] = {}

    def batches(
        self,
        order: Tensor,
        batch_size: int,
        device: torch.device | str = "cpu",
        workers: int | None = 0,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        device = torch.device(device)
        chunks = _chunks(order.cpu(), batch_size)
        self._order[:] = [chunk.tolist() for chunk in chunks]
        count = usual_workers() if workers is None else workers
        loader = self._loader(count, device.type == "cuda")
        for chunk, batch in zip(chunks, loader, strict=True):
            if isinstance(batch, str):
                raise DataError(batch)
            inputs = _numbers(_moved(batch, device)).reshape(-1, *self._shape)
            yield inputs, _moved(self.targets[chunk], device)

    def _loader(self, workers: int, pinned: bool) -> DataLoader[Tensor | str]:
        """What reads the batches of `_order`; its processes, once started, stay for the next order."""
        if (workers, pinned) not in self._loaders:
            self._loaders[workers, pinned] = DataLoader(
                self._batches,
                batch_size=None,
                sampler=self._order,
                num_workers=workers,
                persistent_workers=workers > 0,
                prefetch_factor=_PREFETCHED if workers else None,
                pin_memory=pinned,
                # Without one of its own the loader would draw from the generator that the training restores.
                generator=torch.Generator(),
            )
        return self._loaders[workers, pinned]


class _Batches(Dataset["Tensor | str"]):
    """A batch of pictures by the list of their places."""

    def __init__(self, pictures: Pictures, size: Size) -> None:
        self._pictures = pictures
        self._size = size

    def __getitem__(self, places: list[int]) -> Tensor | str:
        """The batch; if it cannot be read, the message: a worker's exception would bring its traceback."""
        try:
            return torch.from_numpy(
                np.stack(
                    [fit(self._pictures.read(place), self._size) for place in places]
                )
            )
        except DataError as error:
            return str(error)


def usual_workers() -> int:
    """As many processes as this one has cores, of which those of torchrun have equal parts; 8 at most."""
    known = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    return min(_MOST_WORKERS, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _chunks(order: Tensor, batch_size: int) -> tuple[Tensor, ...]:
    """The places of every batch; none where the order is empty."""
    return torch.split(order, batch_size) if len(order) else ()


def _numbers(batch: Tensor) -> Tensor:
    """Bytes as floats from 0 to 1; floats as they are."""
    return batch.float().div_(255) if batch.dtype == torch.uint8 else batch


def _moved(batch: Tensor, device: torch.device) -> Tensor:
    """The batch on the device; where that is CUDA the copy is made while the host goes on."""
    if device.type == "cpu" or batch.device.type != "cpu":
        return batch
    if device.type != "cuda":
        return batch.to(device)
    return batch.pin_memory().to(device, non_blocking=True)
