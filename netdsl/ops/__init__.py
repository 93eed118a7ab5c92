"""The operations: one file per family, with all facets of an operation side by side.

Found by scanning: every module of this package that is not part of the contract may define operations, and
every `Operation` with a `word` in it is one. There is no registry to edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from netdsl.ops.contract import Operation

_CONTRACT = frozenset(("contract", "parameters", "lowering", "windows"))


@cache
def operations() -> dict[str, type[Operation]]:
    """All operations by the word that the language has for them."""
    found: dict[str, type[Operation]] = {}
    for module in iter_modules(__path__):
        if module.name not in _CONTRACT:
            found.update(operations_in(import_module(f"{__name__}.{module.name}")))
    return found


def operations_in(module: ModuleType) -> Iterator[tuple[str, type[Operation]]]:
    """The operations that a module defines, with their words."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Operation) and "word" in vars(value):
            yield value.word, value
