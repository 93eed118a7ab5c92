"""How a spec lets a layer's weights begin (`init=he`): from a word and an array's shape to an initialisation scheme."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from netdsl.weights.initializers import Bilinear, Constant, Identity, Initialisation, Normal, Orthogonal, Uniform

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """What `init=` says: `he`, `normal(0.01)`, or a number for all.

    Attributes:
        word: one of `STARTS`, or `constant`.
        numbers: what stands in its parentheses.
    """

    word: str
    numbers: tuple[float, ...] = ()

    def __str__(self) -> str:
        if self.word == "constant":
            return f"{self.numbers[0]:g}"
        return f"{self.word}({', '.join(f'{number:g}' for number in self.numbers)})" if self.numbers else self.word

    def fits(self, shape: Shape) -> bool:
        """Whether an array of this shape can begin so: fans need inputs and outputs, windows need spatial axes."""
        return len(shape) >= _LEAST_AXES.get(self.word, 0)

    def scheme(self, shape: Shape) -> Initialisation:
        """The scheme for an array in PyTorch's layout, whose shape it fits."""
        return _SCHEMES[self.word](shape, self.numbers)


def fans(shape: Shape) -> tuple[int, int]:
    """The inputs that feed one output and the outputs that one input feeds, as `torch.nn.init` counts them."""
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _he(shape: Shape, _: tuple[float, ...]) -> Initialisation:
    return Normal(0.0, math.sqrt(2 / fans(shape)[0]))


def _he_fan_out(shape: Shape, _: tuple[float, ...]) -> Initialisation:
    return Normal(0.0, math.sqrt(2 / fans(shape)[1]))


def _xavier(shape: Shape, _: tuple[float, ...]) -> Initialisation:
    bound = math.sqrt(6 / sum(fans(shape)))
    return Uniform(-bound, bound)


def _normal(_: Shape, numbers: tuple[float, ...]) -> Initialisation:
    return Normal(0.0, numbers[0])


def _uniform(_: Shape, numbers: tuple[float, ...]) -> Initialisation:
    return Uniform(-numbers[0], numbers[0])


def _constant(_: Shape, numbers: tuple[float, ...]) -> Initialisation:
    return Constant(numbers[0])


_SCHEMES: dict[str, Callable[[Shape, tuple[float, ...]], Initialisation]] = {
    "he": _he,
    "he_fan_out": _he_fan_out,
    "xavier": _xavier,
    "normal": _normal,
    "uniform": _uniform,
    "constant": _constant,
    "orthogonal": lambda shape, _: Orthogonal(shape),
    "identity": lambda shape, _: Identity(shape),
    "bilinear": lambda shape, _: Bilinear(shape),
}
_LEAST_AXES = {"he": 2, "he_fan_out": 2, "xavier": 2, "orthogonal": 2, "identity": 3, "bilinear": 3}

# The words that stand alone; `normal` and `uniform` take a number.
STARTS: dict[str, Start] = {
    "he": Start("he"),
    "he_fan_out": Start("he_fan_out"),
    "xavier": Start("xavier"),
    "zeros": Start("constant", (0.0,)),
    "ones": Start("constant", (1.0,)),
    "orthogonal": Start("orthogonal"),
    "identity": Start("identity"),
    "bilinear": Start("bilinear"),
}
