"""What a reader finds, before sizes are adapted, and how a part of it is held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .examples import DataError

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Source:
    """Examples as they lie on the disk.

    Attributes:
        inputs: pictures as bytes (n, height, width) or (n, height, width, 3), or floats that are ready for the net.
        targets: their classes, int64.
        classes: the classes' names.
    """

    inputs: Array
    targets: Array
    classes: tuple[str, ...]

    def part(self, places: Array) -> Source:
        """Some of the examples."""
        return replace(self, inputs=self.inputs[places], targets=self.targets[places])


Parts = tuple[Source, Source]


def split(source: Source, share: float) -> Parts:
    """Hold out a share of every class.

    Which examples these are depends on nothing but their classes and order: no seed of a training moves an example
    from one part to the other, so that a net is never judged by what it learnt from.
    """
    generator = np.random.default_rng(0)
    held_out = np.zeros(len(source.targets), dtype=bool)
    for number in np.unique(source.targets):
        members = generator.permutation(np.flatnonzero(source.targets == number))
        held_out[members[: round(share * len(members))]] = True
    if held_out.all() or not held_out.any():
        raise DataError(f"{len(held_out)} examples are too few to hold out {share:.0%} of every class")
    return source.part(np.flatnonzero(~held_out)), source.part(np.flatnonzero(held_out))
