"""The operations: one file per family, with all facets of an operation side by side.

Found by scanning: an operation is a class of this package with a line `word = "conv"` in it. There is no registry to
edit. A family is imported when a word of its is first used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from netdsl.ops.contract import Operation

_WORD = re.compile(r'^    word = "(\w+)"$', re.MULTILINE)


@cache
def words() -> dict[str, str]:
    """The family of every word that the language has for an operation, read from the families' texts."""
    families = sorted(Path(__path__[0]).glob("*.py"))
    return {word: path.stem for path in families for word in _WORD.findall(path.read_text(encoding="utf-8"))}


@cache
def find(word: str) -> type[Operation] | None:
    """The operation that a word stands for, None where it stands for none."""
    family = words().get(word)
    return dict(operations_in(import_module(f"{__name__}.{family}")))[word] if family else None


def operations() -> dict[str, type[Operation]]:
    """All operations by word."""
    return {word: operation for word in words() if (operation := find(word)) is not None}


def operations_in(module: ModuleType) -> Iterator[tuple[str, type[Operation]]]:
    """The operations that a module defines, with their words."""
    for value in vars(module).values():
        if type(value) is type and issubclass(value, Operation) and "word" in vars(value):
            yield value.word, value
