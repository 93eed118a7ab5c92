"""A net's report to text: what stands above its table, the table, and what stands below it."""

from __future__ import annotations

from collections.abc import Sequence

from netdsl.analysis.report import CONVENTION, NamedTensor, Report
from netdsl.diagnostics.render import PLAIN, STRONG, Line, visible
from netdsl.types.sizes import OpenSize, Size


def head(report: Report, batch: int = 1) -> list[Line]:
    """The net's name, inputs and outputs, the sizes that it holds for, and how its costs are counted."""
    lines: list[Line] = [
        ((report.name, STRONG), (f"  {visible(report.span.source.name)}:{report.span.row}", PLAIN)),
        ((f"{_tensors(report.inputs)} -> {_tensors(report.outputs) or '?'}", PLAIN),),
    ]
    if report.training_outputs:
        lines.append(((f"in training also -> {_tensors(report.training_outputs)}", PLAIN),))
    if report.needs:
        needed = dict.fromkeys(f"{size} >= {least}" for size, least in report.needs)
        lines.append(((f"holds where {', '.join(needed)}", PLAIN),))
    lines.append(((CONVENTION, PLAIN),))
    if batch != 1:
        lines.append(((f"MACs, FLOPs, activations and memory are those of a batch of {batch:,}", PLAIN),))
    return lines


def foot(report: Report, batch: int = 1) -> list[Line]:
    """The totals, and whether they are those of the whole net."""
    totals = report.totals
    kinds = f"{totals.trainable:,} trainable"
    buffers = f", and {totals.buffers:,} numbers in buffers" if totals.buffers else ""
    figures = {
        "parameters": f"{totals.params:,} ({kinds}){buffers}; {figure(totals.bytes)} bytes",
        "MACs": figure(totals.macs * batch),
        "FLOPs": figure(totals.flops * batch),
        "activations": figure(totals.activations * batch),
    }
    lines: list[Line] = [((f"{word:<12}", STRONG), (text, PLAIN)) for word, text in figures.items()]
    if not report.complete:
        what = f"{report.name} has mistakes: the layers behind them are left out, here and in the totals"
        lines.append(((what, "error"),))
    return lines


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
        lines.append("  ".join(text.rjust(width) if right else text.ljust(width) for text, width, right in parts).rstrip())
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _tensors(tensors: Sequence[NamedTensor]) -> str:
    return ", ".join(f"{tensor.name} {tensor.type}" for tensor in tensors)
