"""From an initialisation scheme, a tensor's name and a seed to the tensor's bytes, piece by piece.

A tensor's numbers depend on the seed and its own name only: they stay the same when layers are added around it. They
come one after the other from numpy's SFC64 generator, so they depend on neither the size of the pieces nor the
machine's byte order. numpy promises that SFC64's bits stay as they are; how it makes uniform or normal numbers of them
may change with a new version of numpy, and has not for float32 since 1.17.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netdsl.weights.initializers import PIECE, Constant, Initialisation, is_structured

if TYPE_CHECKING:
    import numpy as np

FLOAT_SIZE = 4


def pieces(initializer: Initialisation, count: int, key: str, seed: int, piece: int = PIECE) -> Iterator[memoryview]:
    """The bytes of `count` little-endian float32 numbers for the tensor `key`, `piece` numbers at a time.

    Every piece has memory of its own, except that a constant's pieces share theirs: write to none of them.
    """
    import numpy as np

    draws = not isinstance(initializer, Constant)
    generator = generator_for(key, seed)
    if is_structured(initializer):
        yield initializer.draw(generator, count).astype("<f4", copy=False).view(np.uint8).data
        return
    numbers = np.empty(0, np.float32)
    for start in range(0, count, piece):
        length = min(piece, count - start)
        if draws or numbers.size < length:
            numbers = np.empty(length, np.float32)
            initializer.fill(generator, numbers)
        yield numbers[:length].astype("<f4", copy=False).view(np.uint8).data


def generator_for(key: str, seed: int) -> np.random.Generator:
    """The random numbers that belong to one tensor under one seed (any whole number)."""
    import numpy as np

    digest = hashlib.sha256(f"{seed}\0{key}".encode()).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest, "little")))
