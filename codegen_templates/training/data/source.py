"""What a reader finds, before sizes are adapted, and how a part of it is held out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import DataError
from .pictures import Array, Pictures


@dataclass(frozen=True)
class Source:
    """Examples as they lie on the disk.

    Attributes:
        inputs: pictures, or an array of float32 that is ready for the net.
        targets: their classes, int64; float32 where they are other numbers.
        classes: the classes' names.
    """

    inputs: Pictures | Array
    targets: Array
    classes: tuple[str, ...]

    def part(self, places: Array) -> Source:
        """Some of the examples."""
        inputs = (
            self.inputs.part(places)
            if isinstance(self.inputs, Pictures)
            else self.inputs[places]
        )
        return replace(self, inputs=inputs, targets=self.targets[places])


Parts = tuple[Source, Source]


def split(source: Source, share: float) -> Parts:
    """Hold out a share of every class.

    Which examples these are depends on their number and classes, and on no seed of a training: so a net that is looked
    at again later is never judged by what it learnt from.

    Raises:
        DataError: there are too few of them.
    """
    count = len(source.targets)
    groups = (
        source.targets
        if source.classes and source.targets.ndim == 1
        else np.zeros(count)
    )
    generator = np.random.default_rng(0)
    held_out = np.zeros(count, dtype=bool)
    for group in np.unique(groups):
        members = generator.permutation(np.flatnonzero(groups == group))
        held_out[members[: round(share * len(members))]] = True
    if held_out.all() or not held_out.any():
        raise DataError(
            f"{count} examples in {len(source.classes)} classes are too few to hold out {share:.0%} of each"
        )
    return source.part(np.flatnonzero(~held_out)), source.part(np.flatnonzero(held_out))
