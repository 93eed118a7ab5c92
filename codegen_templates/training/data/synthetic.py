"""Numbers drawn by a seed, for benchmarks and trials: every class has a pattern of its own, under noise."""

from __future__ import annotations

import numpy as np

from .source import Parts, Source

_EXAMPLES = 1024


def read(shape: tuple[int, ...], classes: int, share: float, seed: int, count: int = _EXAMPLES) -> Parts:
    """Floats of the net's own shape, from 0 to 1; every class is held out in the same share."""
    generator = np.random.default_rng(seed)
    patterns = generator.random((classes, *shape), dtype=np.float32)
    targets = np.arange(count, dtype=np.int64) % classes
    noise = generator.random((count, *shape), dtype=np.float32)
    source = Source((patterns[targets] + noise) / 2, targets, tuple(map(str, range(classes))))
    held_out = round(share * count)
    return source.part(np.arange(held_out, count)), source.part(np.arange(held_out))
