"""The type of a tensor: its shape, channels first and without the batch, and its element type."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from netdsl.types.sizes import Size, is_open

FLOAT32 = "float32"
INT64 = "int64"
ELEMENT_TYPES = (FLOAT32, INT64)

MAXIMUM_SIZE = 2**31 - 1
MAXIMUM_ELEMENTS = 2**40


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape and element type; the batch is always there, always first, and never written.

    The first axis is the channels, the others are spatial; a vector has channels only.
    """

    shape: tuple[Size, ...]
    element: str = FLOAT32

    @property
    def channels(self) -> Size:
        """The size of the first axis."""
        return self.shape[0]

    @property
    def spatial(self) -> tuple[Size, ...]:
        """The sizes behind the channels."""
        return self.shape[1:]

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return len(self.shape) - 1

    @property
    def elements(self) -> Size:
        """How many numbers one example has."""
        return prod(self.shape, start=1)

    @property
    def is_open(self) -> bool:
        """Whether any size is an expression in symbols."""
        return any(is_open(size) for size in self.shape)

    def with_shape(self, *shape: Size) -> TensorType:
        """The same element type in another shape."""
        return TensorType(shape, self.element)

    def with_channels(self, channels: Size) -> TensorType:
        """The same spatial sizes with other channels."""
        return TensorType((channels, *self.spatial), self.element)

    def with_spatial(self, spatial: tuple[Size, ...]) -> TensorType:
        """The same channels with other spatial sizes."""
        return TensorType((self.channels, *spatial), self.element)

    def __str__(self) -> str:
        words = shape_words(self.shape)
        return words if self.element == FLOAT32 else f"{self.element}[{words}]"


def shape_words(shape: tuple[Size, ...]) -> str:
    """The one notation for shapes: `3x227x227`, `256xT`, and `(1, 16*H, 16*W)` where a size is an expression."""
    sizes = [str(size) for size in shape]
    if all(size.isalnum() for size in sizes):
        return "x".join(sizes)
    return f"({', '.join(sizes)})"


def term_words(size: Size) -> str:
    """A size as it stands in a sum or a product: `224`, `H`, `(H + 1)`."""
    text = str(size)
    return text if text.isalnum() else f"({text})"


AXIS_NAMES = {0: (), 1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def axis_name(rank: int, axis: int) -> str:
    """The word for a spatial axis of a tensor of that rank: `height`, `width`, `length`, `depth`."""
    names = AXIS_NAMES.get(rank)
    return names[axis] if names else f"axis {axis + 1}"
