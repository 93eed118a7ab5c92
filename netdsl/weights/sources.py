"""Where a net's weights come from: drawn by their schemes, drawn to exercise a net, or read from a file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from netdsl.diagnostics import targets
from netdsl.diagnostics.core import Fact
from netdsl.ops.contract import Weight
from netdsl.weights.draw import pieces
from netdsl.weights.initializers import Constant, Initialisation, Uniform, he_uniform

if TYPE_CHECKING:
    import numpy as np


class WeightSource(Protocol):
    """Gives the numbers of a weight by its full name."""

    def pieces(self, name: str, weight: Weight) -> Iterable[bytes | memoryview]:
        """The numbers as little-endian float32, piece by piece."""


@dataclass(frozen=True)
class Drawn:
    """Weights drawn by each operation's documented scheme; a tensor's numbers hang on seed and name alone."""

    seed: int = 0

    def pieces(self, name: str, weight: Weight) -> Iterator[memoryview]:
        """The numbers as little-endian float32, piece by piece."""
        return pieces(weight.initializer, weight.count, name, self.seed)


@dataclass(frozen=True)
class Lively:
    """Weights that keep a signal alive through a deep net, for comparing two targets.

    Fresh nets hide mistakes: by PyTorch's scheme the signal of a deep one fades until its outputs are equal for
    all inputs, and fresh statistics of normalisation are 0 and 1. Here matrices are drawn by He's scheme, and
    biases, scales and statistics around what they are in trained nets.
    """

    seed: int = 0

    def pieces(self, name: str, weight: Weight) -> Iterator[memoryview]:
        """The numbers as little-endian float32, piece by piece."""
        return pieces(self._scheme(weight), weight.count, name, self.seed)

    @staticmethod
    def _scheme(weight: Weight) -> Initialisation:
        if len(weight.shape) > 1:
            return he_uniform(math.prod(weight.shape[1:]))
        if isinstance(weight.initializer, Constant):
            value = weight.initializer.value
            return Uniform(value - 0.2, value + 0.2)
        return Uniform(-0.2, 0.2)


@dataclass(frozen=True)
class Stored:
    """Weights as read from a file.

    Attributes:
        arrays: the arrays by the names of the weights.
        origins: the arrays' names in the file, where they were matched by order.
        path: the file, where it is known.
    """

    arrays: Mapping[str, Any]
    origins: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None

    def pieces(self, name: str, weight: Weight) -> Iterator[memoryview]:
        """The numbers as little-endian float32."""
        import numpy as np

        array = np.ascontiguousarray(self.arrays[name], dtype="<f4")
        yield array.reshape(-1).view(np.uint8).data


def array_of(source: WeightSource, name: str, weight: Weight) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A weight as an array of its shape."""
    import numpy as np

    data = b"".join(bytes(piece) for piece in source.pieces(name, weight))
    return np.frombuffer(data, "<f4").reshape(weight.shape)


def mismatches(needed: Mapping[str, Weight], arrays: Mapping[str, Any]) -> Iterator[tuple[str | None, Fact]]:
    """What keeps arrays from being the weights of a net: (the weight's name, the fact); None for a surplus array."""
    for name, weight in needed.items():
        if name not in arrays:
            yield name, targets.WeightMissing(name, tuple(weight.shape))
        elif tuple(arrays[name].shape) != weight.shape:
            yield name, targets.WeightMisshapen(name, tuple(arrays[name].shape), tuple(weight.shape))
        else:
            yield from faults(name, arrays[name])
    for name in arrays:
        if name not in needed:
            yield None, targets.WeightSurplus(name, tuple(arrays[name].shape))


def faults(name: str, array: Any) -> Iterator[tuple[str | None, Fact]]:
    """What keeps an array from being float32 numbers: (the weight's name, the fact)."""
    import numpy as np

    if array.dtype.kind != "f":
        yield name, targets.WeightNotFloat(name, str(array.dtype))
        return
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32, copy=False)
    if not np.isfinite(numbers).all():
        yield name, targets.WeightNotFinite(name)
