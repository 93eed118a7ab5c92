"""The name of some data to the examples: a reader for each kind of source, then the rule of sizes."""

from __future__ import annotations

from typing import Literal

import torch

from . import digits, synthetic
from .examples import Data, DataError, Examples, InMemory
from .fit import fit_all, picture_shape, words
from .source import Parts, Source

Damaged = Literal["error", "skip"]

SOURCES = ("digits", "mnist:DIR", "fashion:DIR", "cifar10:DIR", "cifar100:DIR", "folder:DIR", "npz:FILE", "hf:NAME")


def open_data(
    name: str,
    *,
    shape: tuple[int, ...],
    classes: int | None = None,
    seed: int = 0,
    held_out: float = 0.2,
    damaged: Damaged = "error",
    resize: int | None = None,
) -> Data:
    """Open data by their name.

    Args:
        name: a kind, and behind a colon the place where it lies: `mnist:~/data/mnist`.
        shape: of one input of the net, without the batch: (1, 32, 32).
        classes: how many outputs the net has; None asks for nothing.
        seed: what synthetic examples are drawn by.
        held_out: the share that is held out where the source does not say itself what is.
        damaged: whether a picture that cannot be read is an error, or left out and counted.
        resize: height and width of the pictures, where they are not those of the net: for crops of a larger picture.

    Raises:
        DataError: the data cannot be read, or do not fit the net.
    """
    if not 0 < held_out < 1:
        raise DataError(f"a share of the examples is held out, between 0 and 1, and not {held_out}")
    train, other = _read(name, shape, classes, seed, held_out)
    if classes is not None and len(train.classes) != classes:
        raise DataError(f"{name} has {len(train.classes)} classes, and the net has {classes} outputs")
    wanted = shape if resize is None else (picture_shape(shape)[0], resize, resize)
    return Data(_examples(name, train, wanted), _examples(name, other, wanted))


def _read(name: str, shape: tuple[int, ...], classes: int | None, seed: int, share: float) -> Parts:
    kind, _, _place = name.partition(":")
    match kind:
        case "digits":
            return digits.read(share)
        case "synthetic":
            return synthetic.read(shape, classes or 10, share, seed)
    raise DataError(f"there are no data `{name}`; known are {', '.join(SOURCES)} and synthetic")


def _examples(name: str, source: Source, shape: tuple[int, ...]) -> Examples:
    targets = torch.from_numpy(source.targets)
    if source.inputs.dtype == "uint8":
        fitted = fit_all(source.inputs, picture_shape(shape)).reshape(-1, *shape)
        return InMemory(torch.from_numpy(fitted), targets, source.classes)
    if source.inputs.shape[1:] != shape:
        raise DataError(f"{name} holds arrays of {words(source.inputs.shape[1:])}, and the net takes {words(shape)}")
    return InMemory(torch.from_numpy(source.inputs), targets, source.classes)
