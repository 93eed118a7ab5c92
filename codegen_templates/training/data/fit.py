"""A picture of any size to the bytes that a net takes: the one rule of sizes.

The picture is made grey (one channel) or RGB (three), transparent pixels showing white, and greys of 16 bits rounded
to 8; its shorter side is resized to the input's (bilinear with antialiasing), and the middle is cropped. Bytes are
divided by 255 later, and channels come first. Means and deviations are the net's own `normalize`.

A net that takes a vector of n numbers gets a flattened square: grey if n is a square, RGB if n / 3 is one.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DataError

if TYPE_CHECKING:
    from PIL import Image

_MODES = {1: "L", 3: "RGB"}

Size = tuple[int, int, int]


def picture_size(shape: tuple[int, ...]) -> Size:
    """Channels, height and width of the pictures that an input of this shape takes.

    Raises:
        DataError: the input is none that a picture can be.
    """
    if len(shape) == 3 and shape[0] in _MODES:
        return shape[0], shape[1], shape[2]
    if len(shape) == 1:
        for channels in _MODES:
            side = isqrt(shape[0] // channels)
            if channels * side * side == shape[0]:
                return channels, side, side
    raise DataError(
        f"the data are pictures, with 1 or 3 channels, height and width, and the net takes {words(shape)}"
    )


def fit(picture: Image.Image, size: Size) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture as bytes of that size: channels, height, width."""
    from PIL import Image, ImageOps

    channels, height, width = size
    picture = _on_white(_in_bytes(picture)).convert(_MODES[channels])
    fitted = ImageOps.fit(picture, (width, height), method=Image.Resampling.BILINEAR)
    pixels = np.asarray(fitted)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def words(shape: tuple[int, ...]) -> str:
    """`1x32x32`."""
    return "x".join(map(str, shape)) or "1"


def _in_bytes(picture: Image.Image) -> Image.Image:
    """Greys of 16 bits as 8: Pillow itself would cut all from 256 on to white."""
    from PIL import Image

    if not picture.mode.startswith("I"):
        return picture
    greys = np.asarray(picture).astype(np.int64).clip(0, 65535)
    if "transparency" in picture.info:
        greys = np.where(greys == picture.info["transparency"], 65535, greys)
    # 65,535 is 257 times 255.
    return Image.fromarray(((greys + 128) // 257).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent pixels show white paper."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture
    opaque = picture.convert("RGBA")
    paper = Image.new("RGBA", opaque.size, "white")
    return Image.alpha_composite(paper, opaque).convert("RGB")
