"""MNIST's IDX files, gzipped or not, to pictures and classes.

An IDX file is two zero bytes, a byte for the type (8: unsigned bytes), one for the number of axes, the size of each
axis in four bytes, the highest first, and the numbers (http://yann.lecun.com/exdb/mnist).
"""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .errors import DataError
from .pictures import Array, Pixels
from .source import Parts, Source

DIGITS = tuple("0123456789")
FASHION = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_BYTES = 8
_PIECE = 2**20


def read(folder: Path, classes: tuple[str, ...]) -> Parts:
    """The pictures for training and those for tests.

    Raises:
        DataError: a file is missing or damaged.
    """
    return _part(folder, "train", classes), _part(folder, "t10k", classes)


def _part(folder: Path, name: str, classes: tuple[str, ...]) -> Source:
    pictures = find(folder, f"{name}-images", 3)
    labels = find(folder, f"{name}-labels", 1)
    pixels, targets = read_idx(pictures, 3), read_idx(labels, 1).astype(np.int64)
    if len(pixels) != len(targets):
        raise DataError(
            f"{pictures} holds {len(pixels):,} pictures, and {labels} {len(targets):,} labels"
        )
    if not len(targets):
        raise DataError(f"{pictures} holds no pictures")
    if targets.max() >= len(classes):
        raise DataError(
            f"{labels} holds the class {targets.max()}, and there are {len(classes)}, from 0 on"
        )
    return Source(Pixels(pixels), targets, classes)


def find(folder: Path, name: str, axes: int) -> Path:
    """The file, under the name that MNIST's page gave it or the one with a point in it, perhaps gzipped.

    Raises:
        DataError: there is none.
    """
    names = [
        f"{name}{mark}idx{axes}-ubyte{suffix}"
        for suffix in ("", ".gz")
        for mark in "-."
    ]
    found = next((folder / each for each in names if (folder / each).is_file()), None)
    if found is None:
        raise DataError(f"{folder} lacks {names[0]} (or {names[2]})")
    return found


def read_idx(path: Path, axes: int) -> Array:
    """The array of bytes in an IDX file.

    Raises:
        DataError: it is no such file, or not whole; the message has the number of bytes that there should be.
    """
    try:
        with path.open("rb") as raw:
            return _array(
                path, gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw, axes
            )
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} ({path.stat().st_size:,} bytes) cannot be read: {error}"
        ) from error


def _array(path: Path, opened: BinaryIO | gzip.GzipFile, axes: int) -> Array:
    header = opened.read(4 + 4 * axes)
    if header[:4] != bytes((0, 0, _BYTES, axes))[: len(header)] or not header:
        raise DataError(
            f"{path} is no IDX file of bytes with {axes} axes: it begins with {header[:4].hex(' ')!r}"
        )
    if len(header) < 4 + 4 * axes:
        raise DataError(
            f"{path} is cut off: its header has {4 + 4 * axes} bytes, and {len(header)} are there"
        )
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4", axes, offset=4))
    if not prod(shape):
        raise DataError(
            f"{path} holds nothing: its header says {'x'.join(map(str, shape))} bytes"
        )
    content = _read(opened, prod(shape) + 1)
    if len(content) != prod(shape):
        expected, there = len(header) + prod(shape), len(header) + len(content)
        much = f"{there:,} are there" if there < expected else "there are more"
        raise DataError(
            f"{path} is not whole: its header promises {expected:,} bytes, and {much}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read(opened: BinaryIO | gzip.GzipFile, most: int) -> bytearray:
    """So many bytes, or as many as there are: a damaged header may promise more than any memory holds."""
    content = bytearray()
    while piece := opened.read(min(_PIECE, most - len(content))):
        content += piece
    return content
