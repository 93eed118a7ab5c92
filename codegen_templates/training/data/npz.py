"""Arrays in an npz file to examples: `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`.

`x` as bytes is pictures: (n, height, width), with 1 or 3 channels before or behind these two. As other numbers it is
what the net takes, as it is. `y` as whole numbers is classes from 0 on, one for an example or one for each of its
places, whose names an array `classes` may give; as floats it is what the net has to say.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .errors import DataError
from .pictures import Array, Pictures, Pixels
from .source import Parts, Source, split

_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
)


def read(path: Path, shape: tuple[int, ...], share: float) -> Parts:
    """The examples to learn from and those held out.

    Raises:
        DataError: the file is damaged, would run code, or does not hold these arrays.
    """
    arrays = _arrays(path)
    if "x_train" not in arrays:
        classes = _classes(path, arrays, "y")
        return split(_source(path, arrays, "", shape, classes), share)
    classes = _classes(path, arrays, "y_train", "y_test")
    return _source(path, arrays, "_train", shape, classes), _source(
        path, arrays, "_test", shape, classes
    )


def _arrays(path: Path) -> dict[str, Array]:
    if not path.is_file():
        raise DataError(f"{path} {'is no file' if path.exists() else 'does not exist'}")
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                return dict(loaded)
    except _DAMAGE as error:
        there = f"{path} ({path.stat().st_size:,} bytes)"
        raise DataError(f"{there} cannot be read as npz: {error}") from error
    raise DataError(f"{path} is no npz file, which holds arrays by their names")


def _classes(path: Path, arrays: Mapping[str, Array], *names: str) -> tuple[str, ...]:
    targets = [_array(path, arrays, name) for name in names]
    if any(target.dtype.kind not in "iu" for target in targets):
        return ()
    if any(target.size and target.min() < 0 for target in targets):
        raise DataError(f"{path} holds a class below 0")
    count = max((int(target.max()) + 1 for target in targets if target.size), default=0)
    given = (
        arrays["classes"].astype(str).ravel().tolist()
        if "classes" in arrays
        else list(map(str, range(count)))
    )
    if count > len(given):
        raise DataError(
            f"{path} holds the class {count - 1} and names {len(given)} classes, from 0 on"
        )
    return tuple(given)


def _source(
    path: Path,
    arrays: Mapping[str, Array],
    part: str,
    shape: tuple[int, ...],
    classes: tuple[str, ...],
) -> Source:
    inputs, targets = _array(path, arrays, f"x{part}"), _array(path, arrays, f"y{part}")
    if targets.ndim == 2 and targets.shape[1] == 1 and classes:
        targets = targets[:, 0]
    count, answers = (len(array) if array.ndim else 0 for array in (inputs, targets))
    if not count or count != answers:
        raise DataError(
            f"{path} holds {count:,} examples in x{part}, and {answers:,} in y{part}"
        )
    targets = targets.astype(np.int64 if classes else np.float32)
    return Source(_inputs(inputs, shape), targets, classes)


def _inputs(inputs: Array, shape: tuple[int, ...]) -> Pictures | Array:
    """Bytes as pictures, numbers as they are, perhaps with the axis of a single channel."""
    if inputs.dtype == np.uint8 and inputs.ndim == 3:
        return Pixels(inputs)
    if inputs.dtype == np.uint8 and inputs.ndim == 4 and inputs.shape[1] in {1, 3}:
        return Pixels(_last(inputs.transpose(0, 2, 3, 1)))
    if inputs.dtype == np.uint8 and inputs.ndim == 4 and inputs.shape[3] in {1, 3}:
        return Pixels(_last(inputs))
    numbers = inputs.astype(np.float32)
    return numbers[:, None] if (1, *numbers.shape[1:]) == shape else numbers


def _last(pixels: Array) -> Array:
    """Without the axis of a single channel."""
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _array(path: Path, arrays: Mapping[str, Array], name: str) -> Array:
    if name not in arrays:
        raise DataError(
            f"{path} lacks `{name}`; it holds {', '.join(sorted(arrays)) or 'nothing'}"
        )
    return arrays[name]
