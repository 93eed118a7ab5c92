"""Draws parameters and input sizes at random, for tests that try many."""

from __future__ import annotations

from random import Random
from typing import Any

from netdsl.ops.contract import Operation
from netdsl.types.tensors import TensorType
from tests.ops.harness import OPSET, RefusedError, check


class Draw:
    """Random numbers for windows over tensors of a rank.

    Attributes:
        rank: how many spatial axes.
        random: the source; the same seed gives the same numbers.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - no secrets here
        self.rank = self.random.choice((1, 2, 2, 3))

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def sizes(self, least: int, most: int) -> tuple[int, ...]:
        return tuple(self.number(least, most) for _ in range(self.rank))

    def pairs(self, limits: tuple[int, ...]) -> Any:
        """`same`, or padding per axis up to the limits: none, the same on both sides, or of its own on each."""
        kind = self.random.choice(("same", "none", "even", "uneven"))
        if kind == "same":
            return kind
        if kind == "none":
            return ((0, 0),) * self.rank
        befores = [self.number(0, limit) for limit in limits]
        return tuple(
            (before, before if kind == "even" else self.number(0, limit))
            for before, limit in zip(befores, limits, strict=True)
        )

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def tensor(self, channels: int, most: int = 9) -> TensorType:
        return TensorType((channels, *self.sizes(1, most)))


def accepted(operation: Operation, *inputs: TensorType, seed: int = 0, opset: int = OPSET) -> bool:
    """Whether the shape rule takes the inputs; if so, the runtimes must agree with it."""
    try:
        check(operation, *inputs, seed=seed, opset=opset)
    except RefusedError:
        return False
    return True
