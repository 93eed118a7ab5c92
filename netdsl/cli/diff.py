"""`netdsl diff`: what differs between two nets, as a table or as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from netdsl.analysis.difference import ADDED, CHANGED, REMOVED, Change, ComparedLayer, Difference, Figure, difference
from netdsl.analysis.receptive import Field, ReceptiveField
from netdsl.analysis.report import Report
from netdsl.cli import nets
from netdsl.cli.formats import JSON_VERSION
from netdsl.cli.options import FoldersOption, OperationsOption, SetOption, SizeOption
from netdsl.cli.report_text import figure
from netdsl.cli.table import size_of_field
from netdsl.cli.terminal import print_lines, print_table
from netdsl.diagnostics.render import PLAIN, STRONG, Line, visible
from netdsl.graph.model import Graph
from netdsl.types.sizes import OpenSize, Size
from netdsl.types.tensors import TensorType

_FILE_AND_NET = re.compile(r"(.+):([A-Za-z_][A-Za-z0-9_]*)")
_MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}
_HEADINGS = ("", "layer", "operation", "output", "parameters", "MACs", "settings")
_RIGHT = (False, False, False, False, True, True, False)


class Format(StrEnum):
    """What `--output-format` offers."""

    FULL = "full"
    JSON = "json"


def command(
    before: Annotated[str, typer.Argument(metavar="FILE[:NET]", help="A spec, and one of its nets.")],
    after: Annotated[str, typer.Argument(metavar="FILE[:NET]", help="What it is compared with.")],
    *,
    set_: SetOption = None,
    size: SizeOption = None,
    output_format: Annotated[Format, typer.Option(help="The form of the result.")] = Format.FULL,
    include: FoldersOption = None,
    ops: OperationsOption = None,
) -> None:
    """Print the layers that differ between two nets, and the difference in their figures.

    The exit code is 0 whether or not the nets differ, and 1 if a spec has mistakes.
    """
    graphs = [_graph(which, set_, size, include, ops) for which in (before, after)]
    found = difference(*graphs)
    if output_format is Format.JSON:
        sys.stdout.write(json.dumps(as_data(found), ensure_ascii=False) + "\n")
    else:
        _show(found)


def _graph(
    which: str,
    settings: list[str] | None,
    size: list[str] | None,
    folders: list[Path] | None,
    ops: list[Path] | None,
) -> Graph:
    parts = None if Path(which).exists() else _FILE_AND_NET.fullmatch(which)
    file, name = (parts[1], parts[2]) if parts else (which, None)
    return nets.one_net(nets.specification(file, name, settings, size, folders, ops), file).graph


# ---- text ----------------------------------------------------------------------------------------


def _show(found: Difference) -> None:
    print_lines([((f"{_title(found.before)} -> {_title(found.after)}", STRONG),)])
    if found.changes:
        cells = [_row(change) for change in found.changes]
        total = {each.name: _arrow(figure(each.before), figure(each.after)) for each in found.figures}
        cells.append(["", "total", "", "", total["parameters"], total["MACs"], ""])
        print_table(_HEADINGS, cells, _RIGHT)
    print_lines(_foot(found))


def _title(report: Report) -> str:
    return f"{report.name} ({visible(report.span.source.name)}:{report.span.row})"


def _row(change: Change) -> list[str]:
    """A layer's cells; what a change keeps stands once."""
    old, new = (_cells(layer) for layer in (change.before, change.after))
    cells = [_arrow(*pair) for pair in zip(old, new, strict=True)] if old and new else old or new
    settings = [f"{name} {one} -> {other}" for name, (one, other) in change.settings.items()]
    return [_MARKS[change.kind], *cells, ", ".join(settings)]


def _cells(layer: ComparedLayer | None) -> list[str]:
    if layer is None:
        return []
    own = layer.figures
    costs = (figure(cost) if isinstance(cost, OpenSize) or cost else "" for cost in (own.parameters, own.macs))
    return [own.name, own.operation, ", ".join(map(str, own.outputs)), *costs]


def _arrow(one: str, other: str) -> str:
    return one if one == other else f"{one or '0'} -> {other or '0'}"


def _foot(found: Difference) -> Iterator[Line]:
    counts = [f"{found.count(kind):,} {kind}" for kind in (CHANGED, ADDED, REMOVED)]
    yield from _entry("layers", f"{', '.join(counts)}, {found.same:,} the same")
    for each in found.figures:
        yield from _entry(each.name, _figure_words(each))
    fields = [size_of_field(field) or "none" for field in found.fields]
    yield from _entry("receptive field", _arrow(*fields))


def _entry(heading: str, text: str) -> Iterator[Line]:
    yield ((f"{heading:<16} ", STRONG), (text, PLAIN))


def _figure_words(each: Figure) -> str:
    """`25,557,032 -> 44,549,160 (+18,992,128, +74.3%)`."""
    text = _arrow(figure(each.before), figure(each.after))
    change = each.after - each.before
    if not isinstance(change, int):
        return f"{text} ({change})"
    if not change:
        return text
    share = f", {change / each.before:+.1%}" if isinstance(each.before, int) and each.before else ""
    return f"{text} ({change:+,}{share})"


# ---- JSON ----------------------------------------------------------------------------------------


def as_data(found: Difference) -> dict[str, Any]:
    """A difference as JSON data; sizes that are open are text."""
    return {
        "version": JSON_VERSION,
        "before": _net(found.before),
        "after": _net(found.after),
        "same": found.same,
        "changes": [_change(change) for change in found.changes],
        "figures": {
            each.name.lower(): {
                "before": _size(each.before),
                "after": _size(each.after),
                "difference": _size(each.after - each.before),
            }
            for each in found.figures
        },
        "receptive_field": dict(zip(("before", "after"), map(_field, found.fields), strict=True)),
    }


def _net(report: Report) -> dict[str, Any]:
    return {"name": report.name, "filename": report.span.source.name, "row": report.span.row}


def _change(change: Change) -> dict[str, Any]:
    settings = {name: {"before": one, "after": other} for name, (one, other) in change.settings.items()}
    return {
        "kind": change.kind,
        "before": _layer(change.before),
        "after": _layer(change.after),
        "settings": settings,
    }


def _layer(layer: ComparedLayer | None) -> dict[str, Any] | None:
    if layer is None:
        return None
    own = layer.figures
    return {
        "name": own.name,
        "op": own.operation,
        "output": _shape(own.output),
        "outputs": [_shape(tensor) for tensor in own.outputs],
        "params": own.parameters,
        "macs": _size(own.macs),
        "row": own.span.row,
    }


def _shape(tensor: TensorType) -> list[int | str]:
    return [_size(size) for size in tensor.shape]


def _size(size: Size) -> int | str:
    return str(size) if isinstance(size, OpenSize) else size


def _field(field: ReceptiveField) -> list[int | float] | str | None:
    return list(field.size) if isinstance(field, Field) else field
