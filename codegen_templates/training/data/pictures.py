"""Pictures wherever they lie, as pixels in an array or as files, read one by one, or all of them by threads."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from struct import error as StructError
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from .errors import DataError
from .fit import Size, fit

if TYPE_CHECKING:
    from PIL import Image

Array = np.ndarray[Any, np.dtype[Any]]

MAXIMUM_PIXELS = 200_000_000
# What Pillow's readers raise for bytes that are not as they should be.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    StructError,
)


class Pictures(ABC):
    """Pictures by their places: 0, 1, 2 and so on."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def part(self, places: Array) -> Pictures:
        """Some of them."""

    @abstractmethod
    def read(self, place: int) -> Image.Image:
        """One of them, upright.

        Raises:
            DataError: it is damaged; the message names it.
        """


class Pixels(Pictures):
    """Pictures of one size in an array of bytes (n, height, width) or (n, height, width, 3)."""

    def __init__(self, pixels: Array) -> None:
        self._pixels = pixels

    def __len__(self) -> int:
        return len(self._pixels)

    def part(self, places: Array) -> Pixels:
        return Pixels(self._pixels[places])

    def read(self, place: int) -> Image.Image:
        picture: Image.Image = pillow().fromarray(
            np.ascontiguousarray(self._pixels[place])
        )
        return picture

    def as_they_are(self, size: Size) -> Array | None:
        """All of them, channels first, if they have the right size and channels already."""
        channels, height, width = size
        if self._pixels.shape[1:] == (height, width) and channels == 1:
            return self._pixels[:, None].copy()
        if self._pixels.shape[1:] == (height, width, channels):
            return self._pixels.transpose(0, 3, 1, 2).copy()
        return None


class Files(Pictures):
    """Pictures in files."""

    def __init__(self, paths: Array) -> None:
        # One array of bytes: a list of strings would be copied into every worker, page by page, as it is counted.
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def part(self, places: Array) -> Files:
        return Files(self._paths[places])

    def read(self, place: int) -> Image.Image:
        path = os.fsdecode(self._paths[place])
        return open_picture(path, path)


def open_picture(file: str | IO[bytes], name: str) -> Image.Image:
    """A picture file, decoded and turned upright by its EXIF note.

    Raises:
        DataError: it is no picture, is cut off, or has more than MAXIMUM_PIXELS.
    """
    images = pillow()
    from PIL import ImageOps

    try:
        with images.open(file) as opened:
            if opened.width * opened.height > MAXIMUM_PIXELS:
                raise DataError(
                    f"{name} has {opened.width * opened.height:,} pixels, above {MAXIMUM_PIXELS:,}"
                )
            upright: Image.Image = ImageOps.exif_transpose(opened)
            upright.load()
    except (*_DAMAGE, images.DecompressionBombError) as error:
        raise DataError(
            f"{name} cannot be read as a picture{_size(file)}: {error}"
        ) from error
    return upright


def read_all(pictures: Pictures, size: Size) -> Iterator[Array | DataError]:
    """Every picture as bytes of that size, or what is wrong with it, in their order.

    Raises:
        DataError: Pillow is missing, which is no damage.
    """
    pillow()

    def read(place: int) -> Array | DataError:
        try:
            return fit(pictures.read(place), size)
        except DataError as error:
            return error

    places = range(len(pictures))
    if isinstance(pictures, Pixels):
        yield from map(read, places)
        return
    # Pillow lets other threads run while it decodes and resizes.
    with ThreadPoolExecutor(min(16, os.cpu_count() or 1)) as threads:
        for start in range(0, len(places), 256):
            yield from threads.map(read, places[start : start + 256])


def pillow() -> Any:
    """Pillow's module of pictures.

    Raises:
        DataError: it is not installed.
    """
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise DataError(
            "to read or resize pictures takes Pillow: `pip install pillow`"
        ) from None
    return Image


def _size(file: str | IO[bytes]) -> str:
    if isinstance(file, str):
        return f" ({os.path.getsize(file):,} bytes)" if os.path.isfile(file) else ""
    return f" ({file.seek(0, os.SEEK_END):,} bytes)"
