"""A picture file to a net's input array.

The rule: the picture is turned upright by its EXIF note and made grey (one channel) or RGB (three), with greys of 16
bits rounded to 8; its shorter side is resized to the input's (bilinear with antialiasing), the middle is cropped, bytes
are divided by 255, and channels come first. Everything further, such as means and deviations, is the net's own
`normalize`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_MODES = {1: "L", 3: "RGB"}
MAXIMUM_PIXELS = 200_000_000


class PictureRefused(Exception):
    """A file is no picture, or the net takes no pictures."""


def picture_array(path: Path, shape: tuple[int, ...], *, invert: bool = False) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The picture as an array of `shape` (channels, height, width), values from 0 to 1.

    Args:
        path: a file that Pillow reads.
        shape: the input's shape, channels first.
        invert: for dark ink on white, where the net was trained with light ink on black.

    Raises:
        PictureRefused: the file is no picture, or the input is none that a picture can be.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MAXIMUM_PIXELS:
                raise PictureRefused(f"{path.name} has more than {MAXIMUM_PIXELS:,} pixels")
            upright = ImageOps.exif_transpose(opened)
            upright.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureRefused(f"{path.name} cannot be read as a picture: {error}") from error
    return fit(upright, shape, invert=invert)


def fit(picture: Image.Image, shape: tuple[int, ...], *, invert: bool = False) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A picture in memory by the same rule.

    Raises:
        PictureRefused: the input is none that a picture can be.
    """
    import numpy as np
    from PIL import Image, ImageOps

    if len(shape) != 3 or shape[0] not in _MODES:
        words = "x".join(map(str, shape))
        raise PictureRefused(f"a picture has 1 or 3 channels, height and width; the net takes {words}")
    channels, height, width = shape
    picture = _on_white(_in_bytes(picture)).convert(_MODES[channels])
    fitted = ImageOps.fit(picture, (width, height), method=Image.Resampling.BILINEAR)
    numbers = np.asarray(fitted, dtype=np.float32) / np.float32(255)
    numbers = numbers[None] if channels == 1 else numbers.transpose(2, 0, 1)
    return np.ascontiguousarray(1 - numbers if invert else numbers)


def _in_bytes(picture: Image.Image) -> Image.Image:
    """Greys of 16 bits as 8: Pillow itself would cut all from 256 on to white."""
    import numpy as np
    from PIL import Image

    if not picture.mode.startswith("I"):
        return picture
    greys = np.asarray(picture).astype(np.int64).clip(0, 65535)
    if "transparency" in picture.info:
        greys = np.where(greys == picture.info["transparency"], 65535, greys)
    # 65,535 is 257 times 255.
    return Image.fromarray(((greys + 128) // 257).astype(np.uint8))


def _on_white(picture: Any) -> Any:
    """Transparent pixels show white paper."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture
    opaque = picture.convert("RGBA")
    paper = Image.new("RGBA", opaque.size, "white")
    return Image.alpha_composite(paper, opaque).convert("RGB")
