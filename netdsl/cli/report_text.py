"""A net's report to text: what stands above its table, the table, and what stands below it."""

from __future__ import annotations

from collections.abc import Sequence

from netdsl.analysis.report import CONVENTION, NamedTensor, Report, Totals
from netdsl.diagnostics.render import PLAIN, STRONG, Line, visible
from netdsl.types.sizes import OpenSize, Size, largest_symbol_for, smallest_symbol_for


def head(report: Report, batch: int = 1) -> list[Line]:
    """The net's name, inputs and outputs, the sizes that it holds for, and how its costs are counted."""
    lines: list[Line] = [
        ((report.name, STRONG), (f"  {visible(report.span.source.name)}:{report.span.row}", PLAIN)),
        ((f"{_tensors(report.inputs) or '?'} -> {_tensors(report.outputs) or '?'}", PLAIN),),
    ]
    if report.training_outputs:
        lines.append(((f"in training also -> {_tensors(report.training_outputs)}", PLAIN),))
    if report.needs:
        lines.append(((f"holds where {', '.join(_needs(report))}", PLAIN),))
    lines.append(((CONVENTION, PLAIN),))
    if batch != 1:
        lines.append(((f"MACs, FLOPs, activations and memory are those of a batch of {batch:,}", PLAIN),))
    return lines


def foot(report: Report, batch: int = 1) -> list[Line]:
    """The totals, and whether they are those of the whole net."""
    lines: list[Line] = []
    if report.layers:
        lines.extend(((f"{word:<12}", STRONG), (text, PLAIN)) for word, text in _figures(report, batch).items())
    if not report.complete:
        what = f"{report.name} has mistakes: the layers behind them are left out, here and in the totals"
        lines.append(((what, "error"),))
    return lines


def _figures(report: Report, batch: int) -> dict[str, str]:
    totals = report.totals
    kinds = f"{totals.trainable:,} trainable"
    buffers = f", and {totals.buffers:,} numbers in buffers" if totals.buffers else ""
    return {
        "parameters": f"{totals.params:,} ({kinds}){buffers}; {figure(totals.bytes)} bytes",
        "MACs": figure(totals.macs * batch) + _further(totals, batch),
        "FLOPs": figure(totals.flops * batch),
        "activations": figure(totals.activations * batch),
    }


def _further(totals: Totals, batch: int) -> str:
    """`, and 357,663,744 in attention`: what is added apart."""
    return "".join(f", and {figure(macs * batch)} in {name}" for name, macs in totals.further_macs)


def figure(number: Size) -> str:
    """`724,406,816`, or the expression of an open size."""
    return str(number) if isinstance(number, OpenSize) else f"{number:,}"


def aligned(headings: Sequence[str], cells: Sequence[Sequence[str]], to_the_right: Sequence[bool]) -> list[str]:
    """A table in plain text; the last of the rows is set off as the totals."""
    table = [headings, *cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        parts = zip(row, widths, to_the_right, strict=True)
        lines.append(
            "  ".join(text.rjust(width) if right else text.ljust(width) for text, width, right in parts).rstrip()
        )
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _tensors(tensors: Sequence[NamedTensor]) -> str:
    return ", ".join(f"{tensor.name} {tensor.type}" for tensor in tensors)


def _needs(report: Report) -> list[str]:
    """What the open sizes must reach, for each symbol once: `H >= 32`, `T <= 60`."""
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    others = []
    for size, needed in report.needs:
        smallest = smallest_symbol_for(size, needed)
        largest = largest_symbol_for(size, needed) if smallest is None else None
        for symbol, value in (largest or {}).items():
            most[symbol] = min(value, most.get(symbol, value))
        if smallest is None and largest is None:
            others.append(f"{size} >= {needed}")
        for symbol, value in (smallest or {}).items():
            least[symbol] = max(value, least.get(symbol, 1))
    bounds = [f"{symbol} >= {value}" for symbol, value in least.items()]
    bounds += [f"{symbol} <= {value}" for symbol, value in most.items()]
    return [*bounds, *dict.fromkeys(others)]
