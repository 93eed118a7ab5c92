"""Paths on the command line to sources: the one place where specs are read."""

from __future__ import annotations

import sys
from pathlib import Path

from netdsl.library import FolderLibrary
from netdsl.resources import beside_or_packaged
from netdsl.source import Source
from netdsl.syntax.parser import MAXIMUM_CHARACTERS

STANDARD_INPUT = "-"

# No character takes more than four bytes.
_MAXIMUM_BYTES = 4 * MAXIMUM_CHARACTERS


class UnreadableFileError(Exception):
    """A file that cannot be read; the text says why, and is fit to be printed."""


def read_source(path: str) -> Source:
    """The text of a file, or of the standard input for `-`; a byte-order mark at its start is left out.

    Raises:
        UnreadableFileError: it does not exist, is a folder, is too large, or is not UTF-8.
    """
    name = "<stdin>" if path == STANDARD_INPUT else path
    data = _bytes(path, name)
    if len(data) > _MAXIMUM_BYTES:
        raise UnreadableFileError(f"{name} is too large: a spec has at most {_MAXIMUM_BYTES:,} bytes")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(f"{name} is not UTF-8 text: see byte {error.start + 1:,}, on line {row:,}") from None


def library_for(path: str, folders: list[Path]) -> FolderLibrary:
    """Where `use` finds files: in the working folder if the spec lies in it, else beside the spec; and in `folders`."""
    here = Path.cwd()
    beside = here if path == STANDARD_INPUT else beside_or_packaged(Path(path)).resolve().parent
    return FolderLibrary(here if beside.is_relative_to(here) else beside, tuple(folders))


def _bytes(path: str, name: str) -> bytes:
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read(_MAXIMUM_BYTES + 1)
        with beside_or_packaged(Path(path)).open("rb") as handle:
            return handle.read(_MAXIMUM_BYTES + 1)
    except IsADirectoryError:
        raise UnreadableFileError(f"{name} is a folder, not a spec") from None
    except FileNotFoundError:
        raise UnreadableFileError(f"{name} does not exist") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFileError(f"{name} cannot be read: {reason}") from None
