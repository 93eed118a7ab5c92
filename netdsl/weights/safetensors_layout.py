"""The layout of safetensors files: where each array lies, and the head of a file that is written array by array.

A file begins with the length of its head (8 bytes, little-endian), and the head, JSON: for every array its type, shape
and place among the bytes behind the head. Source: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

FLOAT32 = "F32"
_LENGTH = 8
_FLOAT = 4
_LIMIT = 100_000_000
_ALIGNMENT = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array lies in its file, in bytes from the file's beginning, and what it is."""

    element: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int


def places(path: Path) -> dict[str, Place]:
    """The places of a file's arrays by name.

    Raises:
        ValueError: the file is no safetensors file.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        text = file.read(length) if length <= _LIMIT else b""
        size = file.seek(0, 2)
    try:
        entries = json.loads(text)
        found = {name: _place(entry, _LENGTH + length) for name, entry in entries.items() if name != "__metadata__"}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path.name} is no safetensors file that can be read") from error
    if any(place.offset < _LENGTH + length or place.offset + place.nbytes > size for place in found.values()):
        raise ValueError(f"{path.name} is no safetensors file that can be read: it is cut off")
    return found


def head(shapes: Mapping[str, tuple[int, ...]]) -> tuple[bytes, dict[str, Place]]:
    """The head of a file of float32 arrays that follow each other in this order, and their places.

    The numbers begin with a page, so that they can be mapped into memory as they are.
    """
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + _FLOAT * prod(shape)
        entries[name] = {"dtype": FLOAT32, "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(_LENGTH + len(text)) % _ALIGNMENT)
    first = _LENGTH + len(text)
    found = {name: _place(entries[name], first) for name in shapes}
    return len(text).to_bytes(_LENGTH, "little") + text, found


def _place(entry: Mapping[str, Any], first: int) -> Place:
    start, end = (int(offset) for offset in entry["data_offsets"])
    return Place(str(entry["dtype"]), tuple(int(size) for size in entry["shape"]), first + start, end - start)
