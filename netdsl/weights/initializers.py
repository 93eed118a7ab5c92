"""Initialisation schemes: from the fan of a layer to the distribution of its first weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Numbers drawn at a time: 128 KiB stay in the processor's cache until they are scaled and written. With pieces of
# 512 KiB, Linux took four times as long to write them.
PIECE = 1 << 15


class _Scheme:
    """What all schemes can do."""

    __slots__ = ()

    def fill(self, generator: np.random.Generator, numbers: NDArray[np.float32]) -> None:
        """Overwrite a contiguous array with the scheme's numbers, drawn from the generator."""
        raise NotImplementedError

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float32]:
        """`count` numbers in a new vector, made piece by piece, so that a piece is scaled while the cache holds it."""
        import numpy as np

        numbers = np.empty(count, np.float32)
        for start in range(0, count, PIECE):
            self.fill(generator, numbers[start : start + PIECE])
        return numbers


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Uniform(_Scheme):
    """Every number between `low` and `high` is as likely as any other; rounding may give the ends themselves."""

    low: float
    high: float

    def fill(self, generator: np.random.Generator, numbers: NDArray[np.float32]) -> None:
        import numpy as np

        generator.random(out=numbers, dtype=np.float32)
        numbers *= np.float32(self.high - self.low)
        numbers += np.float32(self.low)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Normal(_Scheme):
    """The bell curve around `mean` with the standard deviation `deviation`."""

    mean: float
    deviation: float

    def fill(self, generator: np.random.Generator, numbers: NDArray[np.float32]) -> None:
        import numpy as np

        generator.standard_normal(out=numbers, dtype=np.float32)
        numbers *= np.float32(self.deviation)
        numbers += np.float32(self.mean)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Constant(_Scheme):
    """The same number everywhere; takes nothing from the generator."""

    value: float

    def fill(self, generator: np.random.Generator, numbers: NDArray[np.float32]) -> None:
        numbers.fill(self.value)


class _Structured(_Scheme):
    """A scheme whose numbers hang together: drawn whole, for an array of a known shape in PyTorch's layout."""

    __slots__ = ()
    shape: tuple[int, ...]

    def fill(self, generator: np.random.Generator, numbers: NDArray[np.float32]) -> None:
        numbers[:] = self.draw(generator, numbers.size)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Bilinear(_Structured):
    """Each channel is enlarged by itself, by linear interpolation along every axis (Long et al. 2015, section 3.3).

    For a transposed convolution with the window 2s - s % 2 and the stride s.
    """

    shape: tuple[int, ...]

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float32]:
        import numpy as np

        window = np.ones((), np.float64)
        for size in self.shape[2:]:
            factor = (size + 1) // 2
            centre = factor - 1 if size % 2 else factor - 0.5
            window = np.multiply.outer(window, 1 - np.abs(np.arange(size) - centre) / factor)
        return _on_the_diagonal(self.shape, window)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Identity(_Structured):
    """Each channel is passed on as it is (Yu and Koltun 2016, section 4; `torch.nn.init.dirac_`)."""

    shape: tuple[int, ...]

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float32]:
        import numpy as np

        window = np.zeros(self.shape[2:])
        window[tuple(size // 2 for size in self.shape[2:])] = 1
        return _on_the_diagonal(self.shape, window)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class Orthogonal(_Structured):
    """Rows (or columns, if they are fewer) at right angles and of length 1 (Saxe et al. 2014)."""

    shape: tuple[int, ...]

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float32]:
        import numpy as np

        rows = self.shape[0]
        columns = count // rows
        square, upper = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        square *= np.sign(np.diagonal(upper))
        return (square if rows >= columns else square.T).astype(np.float32).reshape(-1)


@dataclass(frozen=True, eq=True, repr=False, slots=True)
class WithZeroRow(_Structured):
    """Numbers of another scheme, and zeros in one row: the vector of an index that only fills up sequences."""

    shape: tuple[int, ...]
    others: Uniform | Normal | Constant | Bilinear | Identity | Orthogonal
    row: int

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float32]:
        numbers = self.others.draw(generator, count)
        numbers.reshape(self.shape)[self.row] = 0
        return numbers


Initialisation: TypeAlias = Uniform | Normal | Constant | Bilinear | Identity | Orthogonal | WithZeroRow


def is_structured(scheme: Initialisation) -> bool:
    """Whether a scheme's numbers hang together, so that they cannot be drawn piece by piece."""
    return isinstance(scheme, _Structured)


def _on_the_diagonal(shape: tuple[int, ...], window: NDArray[Any]) -> NDArray[np.float32]:
    """A window from every channel to itself, and zeros from each to the others."""
    import numpy as np

    array = np.zeros(shape, np.float32)
    for channel in range(min(shape[:2])):
        array[channel, channel] = window
    return array.reshape(-1)


def fan_in_uniform(gain_squared: float, fan_in: int) -> Uniform:
    """Uniform numbers around 0 with the variance `gain_squared / fan_in`; the bound is sqrt(3) times its root."""
    return _symmetric(math.sqrt(3 * gain_squared / _at_least_one(fan_in)))


def pytorch_default(fan_in: int) -> Uniform:
    """Between -1 / sqrt(fan_in) and 1 / sqrt(fan_in): PyTorch's start for the weights and biases of Linear and Conv.

    There it is written `kaiming_uniform_(weight, a=math.sqrt(5))`, whose squared gain 2 / (1 + 5) gives that bound.
    """
    return _symmetric(1 / math.sqrt(_at_least_one(fan_in)))


def he_uniform(fan_in: int) -> Uniform:
    """The variance 2 / fan_in, which ReLU layers keep (He et al. 2015, section 2.2)."""
    return fan_in_uniform(2, fan_in)


def xavier_uniform(fan_in: int, fan_out: int) -> Uniform:
    """The variance 2 / (fan_in + fan_out), between what both directions keep (Glorot and Bengio 2010, equation 16)."""
    return fan_in_uniform(2, fan_in + fan_out)


def _symmetric(bound: float) -> Uniform:
    return Uniform(-bound, bound)


def _at_least_one(fan: int) -> int:
    if fan < 1:
        raise ValueError(f"A weight is fed by at least one number, not {fan}.")
    return fan
