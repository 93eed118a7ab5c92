"""What a model stores: a layer's weights as they are, in another shape, or with what came behind them worked in.

Numbers are made when they are written, piece by piece: nothing here holds them, but for vectors of one number for each
channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from netdsl.graph.model import Layer
from netdsl.ops.contract import Weight
from netdsl.weights.initializers import PIECE
from netdsl.weights.sources import WeightSource

if TYPE_CHECKING:
    import numpy as np

    Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
    Numbers: TypeAlias = Callable[[WeightSource], Vector]

_FLOAT = 4


class ModelTensor(Protocol):
    """A float32 tensor that a model stores."""

    @property
    def name(self) -> str:
        """Its name in the model."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    def pieces(self, source: WeightSource) -> Iterable[bytes | memoryview]:
        """Its numbers as little-endian float32, row by row, piece by piece."""


@dataclass(frozen=True, eq=False, slots=True)
class NamedWeight:
    """A weight and the layer that it belongs to.

    `path` is its full name, `layer1.0.conv1.weight`; in the model it has the same, unless an input or output has that.
    """

    name: str
    path: str
    weight: Weight
    layer: Layer

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the layer gives it."""
        return self.weight.shape

    def pieces(self, source: WeightSource) -> Iterable[bytes | memoryview]:
        """The source's numbers."""
        return source.pieces(self.path, self.weight)


@dataclass(frozen=True, eq=False, slots=True)
class Reshaped:
    """The same numbers in another shape."""

    base: ModelTensor
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of the tensor itself."""
        return self.base.name

    def pieces(self, source: WeightSource) -> Iterable[bytes | memoryview]:
        """The numbers of the tensor itself."""
        return self.base.pieces(source)


@dataclass(frozen=True, eq=False, slots=True)
class Affine:
    """What a layer does to every channel: `x * factor + summand`, both read when they are needed."""

    factor: Numbers
    summand: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class ScaledKernel:
    """The kernel of a convolution or a dense layer, times a factor for every output channel.

    Output channels are axis 0, or axis 1 of each group where the kernel belongs to a transposed convolution.
    """

    base: ModelTensor
    affine: Affine
    groups: int = 1
    transposed: bool = False

    @property
    def name(self) -> str:
        """The name of the kernel itself."""
        return self.base.name

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the kernel itself."""
        return self.base.shape

    def pieces(self, source: WeightSource) -> Iterator[memoryview]:
        """The kernel's numbers, scaled in float64."""
        import numpy as np

        factors, start = self.affine.factor(source), 0
        for piece in self.base.pieces(source):
            numbers = np.frombuffer(piece, "<f4")
            for first in range(0, numbers.size, PIECE):
                part = numbers[first : first + PIECE]
                channels = self._channels(np.arange(start, start + part.size))
                yield (part * factors[channels]).astype("<f4").view(np.uint8).data
                start += part.size

    def _channels(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The output channels that the numbers at these places of the flat kernel belong to."""
        if not self.transposed:
            return places // prod(self.shape[1:])
        rows, columns = places // prod(self.shape[1:]), places // prod(self.shape[2:]) % self.shape[1]
        return rows // (self.shape[0] // self.groups) * self.shape[1] + columns


@dataclass(frozen=True, eq=False, slots=True)
class MovedBias:
    """The bias that goes with a `ScaledKernel`: `bias * factor + summand`, where there was one."""

    name: str
    base: ModelTensor | None
    affine: Affine
    shape: tuple[int, ...]

    def pieces(self, source: WeightSource) -> Iterator[memoryview]:
        """The bias in one piece."""
        import numpy as np

        bias = self.affine.summand(source)
        if self.base is not None:
            bias = bias + vector(self.base, source) * self.affine.factor(source)
        yield bias.astype("<f4").view(np.uint8).data


def normalisation(
    scale: Numbers,
    bias: Numbers,
    mean: Numbers,
    variance: Numbers,
    eps: float,
) -> Affine:
    """`(x - mean) / sqrt(variance + eps) * scale + bias` as a factor and a summand."""

    def factor(source: WeightSource) -> Vector:
        result: Vector = scale(source) / (variance(source) + eps) ** 0.5
        return result

    return Affine(factor, lambda source: bias(source) - mean(source) * factor(source))


def vector(tensor: ModelTensor, source: WeightSource) -> Vector:
    """A small tensor's numbers in float64, without its axes."""
    import numpy as np

    return np.frombuffer(b"".join(map(bytes, tensor.pieces(source))), "<f4").astype(np.float64)


def size_in_bytes(tensor: ModelTensor) -> int:
    """How many bytes a tensor's numbers take."""
    return _FLOAT * prod(tensor.shape)
