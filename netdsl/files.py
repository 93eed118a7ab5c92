"""Writing files whole or not at all: what a path names is the old file until the new one is complete.

The new bytes go to a temporary file in the same folder, which takes the path's place in one step of the operating
system. A full disk, an error while the bytes are made, or Ctrl-C leaves the old file as it was and nothing beside it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_FilePath = str | os.PathLike[str]


@contextmanager
def replace_file(path: _FilePath) -> Iterator[BinaryIO]:
    """A handle for the bytes of a new file, which replaces `path` when the `with` block ends without an error.

    The new file has the old one's permissions, or those that the umask leaves. A symbolic link stays, and the file
    that it leads to is replaced. A device or a pipe cannot be replaced, and is written straight.

    Raises:
        OSError: the file cannot be written; `filename` is the path that was asked for where that is known.
    """
    with replace_files(path) as (handle,):
        yield handle


@contextmanager
def replace_files(*paths: _FilePath) -> Iterator[tuple[BinaryIO, ...]]:
    """Handles for several new files that replace `paths` together, as `replace_file` does for one.

    The last file is the one that gives the others their meaning, as an index does: it is set aside first and put in
    place last. So a process that is killed between two of the steps leaves the last path without a file (the old one
    is next to it, under a hidden name), and never an old file beside a new one.

    Raises:
        OSError: a file cannot be written; then all the old files are in their places.
    """
    replacements: list[_Replacement] = []
    handles: list[BinaryIO] = []
    with ExitStack() as stack:
        for path in map(Path, paths):
            if path.exists() and not path.is_file():
                handles.append(stack.enter_context(path.open("wb")))
                continue
            replacement = _Replacement(path)
            stack.callback(replacement.clean_up)
            handles.append(stack.enter_context(replacement.open()))
            replacements.append(replacement)
        yield tuple(handles)
        for handle in handles:
            _finish(handle)
        _put_in_place(replacements)


def write_bytes(path: _FilePath, data: bytes | memoryview) -> None:
    """Replace the file at `path` by one that holds `data`; see `replace_file`."""
    with replace_file(path) as handle:
        handle.write(data)


def write_text(path: _FilePath, text: str) -> None:
    """Replace the file at `path` by one that holds `text` as UTF-8, its line ends as they are; see `replace_file`."""
    write_bytes(path, text.encode("utf-8"))


def write_folder(folder: _FilePath, texts: Mapping[str, str]) -> None:
    """Write texts by their paths inside a folder, which is made where it is missing; each file whole or not at all.

    Raises:
        OSError: a file or folder cannot be written.
    """
    for name, text in texts.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)


class _Replacement:
    """One path, the temporary file that shall stand there, and the name under which the old file waits meanwhile."""

    def __init__(self, path: Path) -> None:
        self.asked = path
        self.target = path.resolve()
        token = f".netdsl-{os.urandom(8).hex()}"
        self.temporary = self.target.with_name(f"{token}.tmp")
        self.old = self.target.with_name(f"{token}.old")

    def open(self) -> BinaryIO:
        """Create the temporary file, with the old file's permissions."""
        exists = self.target.exists()
        if exists and not os.access(self.target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.asked))
        try:
            handle = self.temporary.open("xb")
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.asked)) from None
        if exists:
            self.temporary.chmod(stat.S_IMODE(self.target.stat().st_mode))
        return handle

    def set_aside(self) -> None:
        """Move the old file, if there is one, out of the way."""
        with suppress(FileNotFoundError):
            self.target.replace(self.old)

    def put_in_place(self) -> None:
        """Give the new file its name."""
        self.temporary.replace(self.target)

    def take_back(self) -> None:
        """Undo `put_in_place` and `set_aside`; the folder itself tells how far they came."""
        if self.old.exists():
            self.old.replace(self.target)
        elif not self.temporary.exists():
            self.target.unlink(missing_ok=True)

    def clean_up(self) -> None:
        """Remove what is left over, but never the only copy of the old file."""
        self.temporary.unlink(missing_ok=True)
        if self.target.exists():
            self.old.unlink(missing_ok=True)


def _finish(handle: BinaryIO) -> None:
    """Bring the bytes to the disk: a full one may only be noticed here."""
    handle.flush()
    if stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
        os.fsync(handle.fileno())
    handle.close()


def _put_in_place(replacements: list[_Replacement]) -> None:
    """Move all the new files to their paths, or none of them."""
    try:
        if len(replacements) > 1:
            for replacement in reversed(replacements):
                replacement.set_aside()
        for replacement in replacements:
            replacement.put_in_place()
    except BaseException:
        if any(replacement.temporary.exists() for replacement in replacements):
            for replacement in replacements:
                replacement.take_back()
        raise
