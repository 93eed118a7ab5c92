"""CIFAR-10 and CIFAR-100, in the binary or the Python version, to pictures and classes.

A picture is 3,072 bytes: 32x32 red ones row by row, then the green, then the blue. A binary file is nothing but records
of one label (CIFAR-100: the coarse and the fine one) and a picture (https://www.cs.toronto.edu/~kriz/cifar.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cifar_pickle import read_pickle
from .errors import DataError
from .pictures import Array, Pixels
from .source import Parts, Source

PICTURE = 3 * 32 * 32


@dataclass(frozen=True)
class Version:
    """What the files of a data set are called and hold.

    Attributes:
        folders: in which its page packs it, by the suffix of the files: binary, and Python's without one.
        train: the files for training, which are alike.
        test: the file for tests.
        ratio: how many pictures a file for training has for each one for tests.
        label_bytes: in front of a picture; the last is the class.
        label_key: of the classes in the Python version.
        names: the classes; where that is empty, `names_file` lists them.
    """

    folders: Mapping[str, str]
    train: tuple[str, ...]
    test: str
    ratio: int
    label_bytes: int
    label_key: str
    names: tuple[str, ...] = ()
    names_file: str = ""


CIFAR10 = Version(
    folders={".bin": "cifar-10-batches-bin", "": "cifar-10-batches-py"},
    train=tuple(f"data_batch_{number}" for number in range(1, 6)),
    test="test_batch",
    ratio=1,
    label_bytes=1,
    label_key="labels",
    names=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
)
CIFAR100 = Version(
    folders={".bin": "cifar-100-binary", "": "cifar-100-python"},
    train=("train",),
    test="test",
    ratio=5,
    label_bytes=2,
    label_key="fine_labels",
    names_file="fine_label_names.txt",
)


@dataclass(frozen=True)
class _Batch:
    path: Path
    pixels: Array
    labels: Array


def read(folder: Path, version: Version) -> Parts:
    """The pictures for training and those for tests.

    Raises:
        DataError: a file is missing or damaged.
    """
    place, suffix = _find(folder, version)
    train = [_batch(place / f"{name}{suffix}", version) for name in version.train]
    test = _batch(place / f"{version.test}{suffix}", version)
    _compare(train, test, version.ratio)
    names = version.names or _names(place, suffix, version)
    return _source(train, names), _source([test], names)


def _find(folder: Path, version: Version) -> tuple[Path, str]:
    """Where the files lie, in the folder itself or in the one that its page packs, and their suffix."""
    for suffix, name in version.folders.items():
        for place in (folder, folder / name):
            if (place / f"{version.test}{suffix}").is_file():
                return place, suffix
    raise DataError(
        f"{folder} lacks {version.test}.bin (the binary version) and {version.test} (the Python version)"
    )


def _batch(path: Path, version: Version) -> _Batch:
    if not path.is_file():
        raise DataError(f"{path.parent} lacks {path.name}")
    if path.suffix == ".bin":
        return _binary(path, version.label_bytes)
    content = read_pickle(path)
    pixels, labels = content.get("data"), content.get(version.label_key)
    if (
        not isinstance(pixels, np.ndarray)
        or pixels.ndim != 2
        or pixels.shape[1] != PICTURE
    ):
        raise DataError(
            f"{path} holds no array `data` with {PICTURE:,} bytes for each picture"
        )
    if not isinstance(labels, list) or not all(
        type(label) is int and 0 <= label < 100 for label in labels
    ):
        raise DataError(f"{path} holds no list `{version.label_key}` of classes")
    if len(labels) != len(pixels):
        raise DataError(
            f"{path} holds {len(pixels):,} pictures and {len(labels):,} labels"
        )
    return _Batch(path, pixels, np.array(labels, dtype=np.int64))


def _binary(path: Path, label_bytes: int) -> _Batch:
    record = label_bytes + PICTURE
    content = np.fromfile(path, np.uint8)
    if not len(content) or len(content) % record:
        whole = -(-len(content) // record) or 1
        raise DataError(
            f"{path} is not whole: {whole:,} records of {record:,} bytes are {whole * record:,}, "
            f"and {len(content):,} are there"
        )
    records = content.reshape(-1, record)
    return _Batch(
        path, records[:, label_bytes:], records[:, label_bytes - 1].astype(np.int64)
    )


def _compare(train: list[_Batch], test: _Batch, ratio: int) -> None:
    """A file that ends between two pictures shows by the others, which have a fixed proportion to it."""
    unit = max(len(test.labels), *(-(-len(batch.labels) // ratio) for batch in train))
    for batch, expected in (*((batch, ratio * unit) for batch in train), (test, unit)):
        if len(batch.labels) != expected:
            raise DataError(
                f"{batch.path} is not whole: by the other files it has {expected:,} pictures, "
                f"and {len(batch.labels):,} are there ({batch.path.stat().st_size:,} bytes)"
            )


def _names(place: Path, suffix: str, version: Version) -> tuple[str, ...]:
    """The names of CIFAR-100's classes, from the file beside the pictures; their numbers if there is none."""
    listed: list[str] = []
    if suffix and (place / version.names_file).is_file():
        listed = (
            (place / version.names_file)
            .read_text(encoding="utf-8", errors="replace")
            .split()
        )
    elif not suffix and (place / "meta").is_file():
        found = read_pickle(place / "meta").get("fine_label_names")
        listed = [
            name if isinstance(name, str) else name.decode("latin-1")
            for name in found or ()
        ]
    return tuple(listed) if len(listed) == 100 else tuple(map(str, range(100)))


def _source(batches: list[_Batch], names: tuple[str, ...]) -> Source:
    pixels = (
        np.concatenate([batch.pixels for batch in batches])
        .reshape(-1, 3, 32, 32)
        .transpose(0, 2, 3, 1)
    )
    for batch in batches:
        if batch.labels.max() >= len(names):
            raise DataError(
                f"{batch.path} holds the class {batch.labels.max()}, and there are {len(names)}, from 0 on"
            )
    return Source(
        Pixels(pixels), np.concatenate([batch.labels for batch in batches]), names
    )
