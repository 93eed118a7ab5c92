"""Initialisation schemes: from the fan of a layer to the distribution of its first weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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


Initialisation: TypeAlias = Uniform | Normal | Constant


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
