"""Operations of a user's own, from a Python file to classes like the built-in ones: the contract is the same.

Only who runs the compiler names such a file, on the command line or through the API. A spec cannot: specs are not
trusted, and this file is run.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from netdsl import ops
from netdsl.diagnostics.core import Diagnostic
from netdsl.diagnostics.names import OperationsUnusable
from netdsl.ops.contract import Operation
from netdsl.ops.parameters import KINDS, parameters_of
from netdsl.source import Source, Span

_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
_FACETS = ("infer", "onnx", "pytorch")


class OperationsRefusedError(Exception):
    """A file of operations that cannot be used; `diagnostic` says why, and where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


@dataclass(frozen=True, eq=False, slots=True)
class FurtherOperation:
    """An operation that is not built in, and where its class stands."""

    operation: type[Operation]
    span: Span


def load_operations(paths: Iterable[Path]) -> Mapping[str, FurtherOperation]:
    """The operations of Python files, by word.

    Args:
        paths: the files, which are run.

    Raises:
        OperationsRefusedError: a file cannot be read or run, or holds no operation, or one that is not complete or
            whose word is taken.
    """
    found: dict[str, FurtherOperation] = {}
    for path in paths:
        source = _source(path)
        module = _run(path, source)
        own = [value for _, value in ops.operations_in(module) if value.__module__ == module.__name__]
        if not own:
            raise _refused(source, 1, "defines no operation: a class with a `word`, decorated with `@operation`")
        for operation in own:
            row = _row(source, operation)
            fault = _fault(operation, found)
            if fault is not None:
                raise _refused(source, row, fault)
            found[operation.word] = FurtherOperation(operation, _line(source, row))
    return found


def as_operations(given: Iterable[type[Operation] | str | os.PathLike[str]]) -> Mapping[str, FurtherOperation]:
    """Classes, and those that Python files define, by word.

    Raises:
        OperationsRefusedError: as for `load_operations`; a class that is given must be as complete.
    """
    known = list(given)
    found = dict(load_operations(Path(each) for each in known if not isinstance(each, type)))
    for operation in (each for each in known if isinstance(each, type)):
        source = Source(f"{operation.__module__}.{operation.__qualname__}", "")
        fault = _fault(operation, found)
        if fault is not None:
            raise _refused(source, 1, fault)
        found[operation.word] = FurtherOperation(operation, Span(source, 0, 0))
    return found


def _source(path: Path) -> Source:
    try:
        return Source(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(Source(str(path), ""), 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _refused(Source(str(path), ""), 1, "is not UTF-8 text") from None


def _run(path: Path, source: Source) -> ModuleType:
    """The module that a file makes; it stays known by name, where dataclasses look for it."""
    name = f"netdsl_further_{path.stem}"
    specification = spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise _refused(source, 1, "is no Python file: its name ends in `.py`")
    module = module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except SyntaxError as error:
        raise _refused(source, error.lineno or 1, f"is no Python: {error.msg}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's own code may raise anything
        raise _refused(source, _row_of(error, path), f"cannot be run: {type(error).__name__}: {error}") from None
    return module


def _fault(operation: type[Operation], found: Mapping[str, FurtherOperation]) -> str | None:
    """What is wrong with a class, if anything."""
    name, word = operation.__name__, operation.word
    if not _WORD.match(str(word)):
        return f"calls `{name}` by {word!r}: a word is of small letters, digits and `_`"
    if ops.find(word) is not None or word in found:
        return f"calls `{name}` by `{word}`, which is the word of another operation"
    lacking = [facet for facet in _FACETS if getattr(operation, facet) is getattr(Operation, facet)]
    if lacking:
        return f"leaves out the facet `{lacking[0]}` of `{name}`"
    if "__dataclass_fields__" not in vars(operation):
        return f"does not decorate `{name}` with `@operation`"
    try:
        table = parameters_of(operation)
    except KeyError:
        return f"declares a parameter of `{name}` without `parameter(…)`"
    strange = [each for each in table.values() if each.kind.removesuffix(" | None") not in KINDS]
    if strange:
        return f"gives `{strange[0].name}` of `{name}` a kind that the language has not: `{strange[0].kind}`"
    return None


def _row(source: Source, operation: type[Operation]) -> int:
    """The line of a class."""
    found = re.search(rf"^class {operation.__name__}\b", source.text, re.MULTILINE)
    return source.text.count("\n", 0, found.start()) + 1 if found else 1


def _row_of(error: BaseException, path: Path) -> int:
    """The line of the file in which an error arose."""
    rows = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return next((row for row in reversed(rows) if row), 1)


def _line(source: Source, row: int) -> Span:
    start = source.line_starts[min(row, len(source.line_starts)) - 1]
    return Span(source, start, start + len(source.line(row).rstrip()))


def _refused(source: Source, row: int, reason: str) -> OperationsRefusedError:
    return OperationsRefusedError(Diagnostic(OperationsUnusable(source.name, reason), _line(source, row)))
