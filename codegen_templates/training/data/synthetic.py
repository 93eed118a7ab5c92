"""Numbers drawn by a seed, for benchmarks and trials: every class has a pattern of its own, under noise."""

from __future__ import annotations

import numpy as np

from .source import Parts, Source

_EXAMPLES = 1024
_NUMBERS = 2**26


def read(shape: tuple[int, ...], classes: int, share: float, seed: int) -> Parts:
    """1,024 examples of the net's own shape, numbers from 0 to 1; fewer where that would pass 256 MB."""
    count = max(2, min(_EXAMPLES, _NUMBERS // int(np.prod(shape))))
    generator = np.random.default_rng(seed)
    inputs = generator.random((count, *shape), dtype=np.float32)
    targets = np.arange(count, dtype=np.int64) % classes
    for number in range(min(classes, count)):
        inputs[number::classes] += generator.random(shape, dtype=np.float32)
    inputs /= 2
    source = Source(inputs, targets, tuple(map(str, range(classes))))
    held_out = min(max(1, round(share * count)), count - 1)
    return source.part(np.arange(held_out, count)), source.part(np.arange(held_out))
