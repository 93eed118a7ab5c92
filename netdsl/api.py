"""The Python API: the same compiler as the command line's, for other tools.

program = netdsl.load("alexnet.net")
net = program["AlexNet"]
net.report.totals.params
net.write_onnx("alexnet.onnx")
print(net.pytorch())
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from netdsl.analysis.report import Report
from netdsl.compiler import Program, check
from netdsl.diagnostics.core import Diagnostic, Fact
from netdsl.library import FolderLibrary
from netdsl.net import Net, NetdslError
from netdsl.ops.contract import Operation
from netdsl.ops.further import as_operations
from netdsl.source import Source

__all__ = ["Diagnostic", "Fact", "Net", "NetdslError", "Report", "Specification", "load", "parse"]


def load(
    path: str | os.PathLike[str],
    *,
    net: str | None = None,
    settings: Mapping[str, str] | None = None,
    sizes: Mapping[str, int] | None = None,
    folders: tuple[str | os.PathLike[str], ...] = (),
    operations: Iterable[type[Operation] | str | os.PathLike[str]] = (),
) -> Specification:
    """Read and check a file; `use` finds files beside it and in `folders`.

    Args:
        path: a `.net` file, UTF-8.
        net: the one net that is wanted; all by default.
        settings: values for the nets' parameters, as text of the language: `{"classes": "10"}`.
        sizes: values for the symbols of the inputs: `{"H": 224}`.
        folders: where else `use` may look.
        operations: operations of your own, as classes or as Python files, which are run.

    Raises:
        OperationsRefusedError: an operation of your own is not complete.
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    where = Path(path)
    source = Source(os.fspath(path), where.read_text(encoding="utf-8-sig"))
    library = FolderLibrary(where.parent, tuple(map(Path, folders)))
    further = as_operations(operations) if operations else None
    program = check(source, net=net, settings=settings, sizes=sizes, library=library, operations=further)
    return Specification(program)


def parse(
    text: str,
    *,
    name: str = "<text>",
    net: str | None = None,
    settings: Mapping[str, str] | None = None,
    sizes: Mapping[str, int] | None = None,
    operations: Iterable[type[Operation] | str | os.PathLike[str]] = (),
) -> Specification:
    """Check a text; `use` reaches only the standard library. `name` is what diagnostics call it.

    The other arguments are those of `load`.
    """
    library = FolderLibrary(Path(os.devnull))
    source = Source(name, text)
    further = as_operations(operations) if operations else None
    program = check(source, net=net, settings=settings, sizes=sizes, library=library, operations=further)
    return Specification(program)


class Specification:
    """A file that has been checked, with its nets by name."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._nets = {checked.name: Net(checked, program.diagnostics) for checked in program.nets}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that was found, in the order of the text."""
        return self.program.diagnostics

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.program.has_errors

    @property
    def nets(self) -> tuple[Net, ...]:
        """The nets in the file's order."""
        return tuple(self._nets.values())

    def __getitem__(self, name: str) -> Net:
        return self._nets[name]

    def __iter__(self) -> Iterator[Net]:
        return iter(self._nets.values())

    def only(self) -> Net:
        """The net of a file that has one.

        Raises:
            NetdslError: the file has mistakes.
            ValueError: it has several nets, or none.
        """
        if self.program.has_errors:
            raise NetdslError(self.diagnostics)
        if len(self._nets) != 1:
            raise ValueError(f"name one of the nets: {', '.join(self._nets)}")
        return self.nets[0]
