"""The pickles of CIFAR's Python version, read without running anything that they name.

A pickle is a program that may call whatever it names. The few names that such a file needs get stand-ins here, which
only keep what they are given; any other name is refused. The array is then made of the kept bytes.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DataError

_DAMAGE = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
)


class Refused(pickle.UnpicklingError):
    """A pickle names something that no CIFAR file needs."""


class _Kept:
    """Stands in for numpy's array and type: keeps what they would be made of."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts
        self.state: object = None

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Type(_Kept):
    """Stands in for `numpy.dtype`."""


class _Array(_Kept):
    """Stands in for `numpy.ndarray`."""

    def array(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """The array of bytes that it describes.

        Raises:
            ValueError: it describes none, or one of another length.
        """
        match self.state:
            case (
                _,
                tuple(shape),
                _Type(parts=("u1" | b"u1", *_)),
                False,
                bytes() | bytearray() as content,
            ):
                return np.frombuffer(content, np.uint8).reshape(
                    [int(size) for size in shape]
                )
        raise ValueError("an array that is not of plain bytes")


def _encode(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes into the old protocols."""
    if encoding != "latin1":
        raise Refused(f"text in {encoding!r}")
    return text.encode("latin-1")


def _from_buffer(content: object, kind: object, shape: object, order: object) -> _Array:
    """How numpy writes arrays into protocol 5."""
    array = _Array()
    array.state = (1, shape, kind, order != "C", content)
    return array


_STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("numpy._core.numeric", "_frombuffer"): _from_buffer,
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _STAND_INS:
            raise Refused(f"it names {module}.{name}")
        return _STAND_INS[module, name]


def read_pickle(path: Path) -> dict[str, Any]:
    """The dictionary in a file of CIFAR's Python version, its arrays as arrays of bytes.

    Raises:
        DataError: the file is damaged, or names anything that such a file does not need.
    """
    there = f"{path} ({path.stat().st_size:,} bytes)"
    try:
        with path.open("rb") as file:
            content = _Unpickler(file, encoding="bytes").load()
        if not isinstance(content, dict):
            raise TypeError("it holds no dictionary")
        return {
            key.decode("latin-1") if isinstance(key, bytes) else str(key): _plain(value)
            for key, value in content.items()
        }
    except Refused as error:
        raise DataError(
            f"{there} is no file of CIFAR, and is not read: {error}"
        ) from error
    except (*_DAMAGE, MemoryError, OSError) as error:
        raise DataError(f"{there} is damaged or cut off: {error}") from error


def _plain(value: Any) -> Any:
    return value.array() if isinstance(value, _Array) else value
