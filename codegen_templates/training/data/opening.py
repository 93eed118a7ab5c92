"""The name of some data to its examples: the reader of its kind, then the rule of sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import cifar, digits, folder, hf, idx, npz, synthetic
from .errors import DataError
from .examples import Data
from .preparing import Damaged, prepare
from .source import Parts

_FOLDERS: dict[str, Callable[[Path, float], Parts]] = {
    "mnist": lambda place, _: idx.read(place, idx.DIGITS),
    "fashion": lambda place, _: idx.read(place, idx.FASHION),
    "cifar10": lambda place, _: cifar.read(place, cifar.CIFAR10),
    "cifar100": lambda place, _: cifar.read(place, cifar.CIFAR100),
    "folder": folder.read,
}
SOURCES = (
    "digits",
    *(f"{kind}:DIR" for kind in _FOLDERS),
    "npz:FILE",
    "hf:NAME",
    "synthetic",
)
MEMORY = 2 * 2**30


def open_data(
    name: str,
    *,
    shape: tuple[int, ...],
    classes: int | None = None,
    seed: int = 0,
    held_out: float = 0.2,
    damaged: Damaged = "error",
    resize: int | tuple[int, int] | None = None,
    memory: int = MEMORY,
) -> Data:
    """Open data by their name.

    Args:
        name: a kind, and behind a colon the place where it lies: `mnist:~/data/mnist`.
        shape: of one input of the net, without the batch: (1, 32, 32).
        classes: how many outputs the net has; None asks for nothing.
        seed: what synthetic examples are drawn by. What is held out hangs on no seed.
        held_out: the share that is held out where the source does not say itself what is.
        damaged: whether a picture that cannot be read is an error, or left out and counted; for the latter all are
            read once.
        resize: height and width of the pictures, where they are not those of the net: for crops of a larger picture.
        memory: as many bytes of pictures are kept; of more, none are.

    Raises:
        DataError: the data cannot be read, or do not fit the net.
    """
    if not 0 < held_out < 1:
        raise DataError(
            f"a share of the examples is held out, between 0 and 1, and not {held_out}"
        )
    try:
        parts = _read(name, shape, classes, seed, held_out)
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error}") from error
    if classes is not None and len(parts[0].classes) != classes:
        raise DataError(
            f"{name} has {len(parts[0].classes):,} classes, and the net has {classes:,} outputs"
        )
    train, held_back = prepare(
        name, parts, shape, resize=resize, damaged=damaged, memory=memory
    )
    return Data(train.examples, held_back.examples, train.skipped + held_back.skipped)


def _read(
    name: str, shape: tuple[int, ...], classes: int | None, seed: int, share: float
) -> Parts:
    kind, _, place = name.partition(":")
    path = Path(place).expanduser()
    if kind == "digits" and not place:
        return digits.read(share)
    if kind == "synthetic" and not place:
        return synthetic.read(shape, classes or 10, share, seed)
    if kind == "npz" and place:
        return npz.read(path, shape, share)
    if kind == "hf" and place:
        return hf.read(place, share)
    if kind not in _FOLDERS or not place:
        raise DataError(f"there are no data `{name}`; there are {', '.join(SOURCES)}")
    if not path.is_dir():
        raise DataError(f"{path} is no folder")
    return _FOLDERS[kind](path, share)
