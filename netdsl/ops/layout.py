"""Shapes written as other frameworks write them: a tensor to the shape that is probably meant."""

from __future__ import annotations

from netdsl.types.tensors import TensorType, shape_words

_COLOURS = (1, 3, 4)
_SMALLEST_PICTURE = 16


def layout_advice(x: TensorType) -> str | None:
    """What to write where a shape has its channels last, a batch, or a picture's two sizes and no channel."""
    sizes = [size for size in x.shape if isinstance(size, int)]
    if len(sizes) != len(x.shape):
        return None
    match sizes:
        case [height, width] if height == width >= _SMALLEST_PICTURE:
            return f"a picture with one channel is `1x{height}x{width}`"
        case [height, width, channels] if _is_picture(channels, height, width):
            return f"shapes are channels first: `{shape_words((channels, height, width))}`"
        case [_, channels, height, width] if _is_picture(channels, height, width):
            return f"shapes have no batch: `{shape_words((channels, height, width))}`"
        case [_, height, width, channels] if _is_picture(channels, height, width):
            return f"shapes are channels first and have no batch: `{shape_words((channels, height, width))}`"
        case _:
            return None


def _is_picture(channels: int, height: int, width: int) -> bool:
    return channels in _COLOURS and min(height, width) >= _SMALLEST_PICTURE
