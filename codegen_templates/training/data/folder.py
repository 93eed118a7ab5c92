"""A folder of pictures for each class, to pictures and classes.

    DIR/cat/1.jpg  DIR/dog/2.jpg                      a share of every class is held out
    DIR/train/cat/1.jpg  DIR/val/cat/2.jpg            `val`, `valid`, `validation` or `test` is what is held out

The classes are the folders, sorted by name. Pictures may lie deeper; hidden files and files of other kinds are left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .errors import DataError
from .pictures import Files
from .source import Parts, Source, split

SUFFIXES = (
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)
_HELD_OUT = ("val", "valid", "validation", "test")


def read(folder: Path, share: float) -> Parts:
    """The pictures to learn from and those held out.

    Raises:
        DataError: there are none, or the parts have different classes.
    """
    train = folder / "train"
    if not train.is_dir():
        return split(_part(folder, _classes(folder)), share)
    classes = _classes(train)
    for name in _HELD_OUT:
        if (folder / name).is_dir():
            unknown = sorted(set(_classes(folder / name)) - set(classes))
            if unknown:
                raise DataError(
                    f"{folder / name} has the class {unknown[0]!r}, and {train} has not"
                )
            return _part(train, classes), _part(folder / name, classes)
    return split(_part(train, classes), share)


def _classes(folder: Path) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        found = sorted(
            entry.name
            for entry in entries
            if entry.is_dir() and not entry.name.startswith(".")
        )
    if not found:
        raise DataError(f"{folder} holds no folders; there is one for each class")
    return tuple(found)


def _part(folder: Path, classes: tuple[str, ...]) -> Source:
    paths: list[bytes] = []
    targets: list[int] = []
    for number, name in enumerate(classes):
        # A class may be missing among those held out.
        found = sorted(_pictures(folder / name)) if (folder / name).is_dir() else []
        paths += found
        targets += [number] * len(found)
    if not paths:
        raise DataError(f"{folder} holds no pictures ({', '.join(SUFFIXES)})")
    return Source(Files(np.array(paths)), np.array(targets, dtype=np.int64), classes)


def _pictures(folder: Path) -> Iterator[bytes]:
    for place, _, names in os.walk(folder, onerror=_fail):
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield os.fsencode(os.path.join(place, name))


def _fail(error: OSError) -> None:
    """A folder that cannot be listed is not an empty one."""
    raise error
