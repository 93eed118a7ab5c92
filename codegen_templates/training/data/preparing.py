"""What a reader found to examples that the net takes: sizes adapted, damage left out, in memory if all of it fits."""

from __future__ import annotations

from math import prod
from typing import Literal, NamedTuple

import numpy as np
import torch

from .errors import DataError
from .examples import Examples, InMemory, Streamed
from .fit import Size, picture_size, words
from .pictures import Array, Pictures, Pixels, read_all
from .source import Parts, Source

Damaged = Literal["error", "skip"]


class Prepared(NamedTuple):
    """Examples, and how many damaged ones were left out."""

    examples: Examples
    skipped: int = 0


def prepare(
    name: str,
    parts: Parts,
    shape: tuple[int, ...],
    *,
    resize: int | tuple[int, int] | None,
    damaged: Damaged,
    memory: int,
) -> tuple[Prepared, Prepared]:
    """Both parts, with the options of `open_data`.

    Raises:
        DataError: the examples do not fit the net, or one is damaged.
    """
    train, held_out = parts
    if not isinstance(train.inputs, Pictures):
        return _numbers(name, train, shape), _numbers(name, held_out, shape)
    size = picture_size(shape)
    if resize is not None and len(shape) == 1:
        raise DataError(
            f"the net takes a vector of {shape[0]:,} numbers, and no pictures of another size"
        )
    if resize is not None:
        height, width = (resize, resize) if isinstance(resize, int) else resize
        size = shape = size[0], height, width
    fits = (len(train.targets) + len(held_out.targets)) * prod(size) <= memory
    if fits:
        return _kept(train, size, shape, damaged), _kept(held_out, size, shape, damaged)
    return _streamed(train, size, shape, damaged), _streamed(
        held_out, size, shape, damaged
    )


def _numbers(name: str, source: Source, shape: tuple[int, ...]) -> Prepared:
    """Numbers that go into the net as they are."""
    inputs = source.inputs
    assert not isinstance(inputs, Pictures)
    if inputs.shape[1:] != shape:
        raise DataError(
            f"{name} holds arrays of {words(inputs.shape[1:])}, and the net takes {words(shape)}"
        )
    return Prepared(
        InMemory(
            torch.from_numpy(inputs), torch.from_numpy(source.targets), source.classes
        )
    )


def _kept(
    source: Source, size: Size, shape: tuple[int, ...], damaged: Damaged
) -> Prepared:
    """All pictures in one tensor of bytes."""
    pictures = source.inputs
    assert isinstance(pictures, Pictures)
    pixels = pictures.as_they_are(size) if isinstance(pictures, Pixels) else None
    whole = np.ones(len(pictures), dtype=bool)
    if pixels is None:
        pixels = np.empty((len(pictures), *size), np.uint8)
        for place, found in enumerate(read_all(pictures, size)):
            if isinstance(found, DataError):
                whole[place] = _skips(found, damaged)
            else:
                pixels[place] = found
    if not whole.all():
        source, pixels = _without(source, whole), pixels[whole]
    inputs = torch.from_numpy(pixels).reshape(-1, *shape)
    return Prepared(
        InMemory(inputs, torch.from_numpy(source.targets), source.classes),
        int((~whole).sum()),
    )


def _streamed(
    source: Source, size: Size, shape: tuple[int, ...], damaged: Damaged
) -> Prepared:
    """Pictures that are read when they are asked for; to skip the damaged ones, all are looked through before."""
    pictures = source.inputs
    assert isinstance(pictures, Pictures)
    whole = np.ones(len(pictures), dtype=bool)
    if damaged == "skip" and not isinstance(pictures, Pixels):
        whole[:] = [
            not isinstance(found, DataError) for found in read_all(pictures, size)
        ]
        source = _without(source, whole)
    assert isinstance(source.inputs, Pictures)
    examples = Streamed(
        source.inputs, size, shape, torch.from_numpy(source.targets), source.classes
    )
    return Prepared(examples, int((~whole).sum()))


def _skips(found: DataError, damaged: Damaged) -> bool:
    """False for an example that is left out.

    Raises:
        DataError: none may be.
    """
    if damaged == "error":
        raise found
    return False


def _without(source: Source, whole: Array) -> Source:
    if not whole.any():
        raise DataError(f"none of {len(whole):,} pictures can be read")
    return source.part(np.flatnonzero(whole))
