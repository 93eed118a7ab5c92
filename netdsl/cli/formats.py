"""Checked specs to the forms that other programs read: JSON, Markdown, CSV, GitHub annotations and SARIF."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from netdsl.analysis.receptive import Field
from netdsl.analysis.report import CONVENTION, LayerReport, NamedTensor, Report
from netdsl.cli.table import headings, is_number, raw, rows, total_row, words
from netdsl.compiler import Program
from netdsl.diagnostics.core import Diagnostic
from netdsl.diagnostics.render import concise, plain_text
from netdsl.types.sizes import OpenSize, Size
from netdsl.types.tensors import TensorType

JSON_VERSION = 1


def show(output_format: str, programs: Sequence[Program], columns: Sequence[str], batch: int) -> None:
    """Write all programs to the standard output in one of the forms."""
    reports = [net.report for program in programs for net in program.nets]
    found = [diagnostic for program in programs for diagnostic in program.diagnostics]
    match output_format:
        case "json":
            _write_json(as_data(reports, found, batch))
        case "markdown":
            _show_markdown(reports, found, columns, batch)
        case "csv":
            _show_csv(reports, found, columns, batch)
        case "github":
            from netdsl.diagnostics.export import as_github

            sys.stdout.writelines(f"{as_github(diagnostic)}\n" for diagnostic in found)
        case "sarif":
            _show_sarif(found)


def as_data(reports: Sequence[Report], found: Sequence[Diagnostic], batch: int = 1) -> dict[str, Any]:
    """Diagnostics and reports as JSON data, in the form that docs/json.md describes."""
    diagnostics = []
    if found:
        from netdsl.diagnostics.export import as_data as diagnostic_data

        diagnostics = [diagnostic_data(diagnostic) for diagnostic in found]
    return {"version": JSON_VERSION, "diagnostics": diagnostics, "nets": [_net(report, batch) for report in reports]}


# ---- JSON ----------------------------------------------------------------------------------------


def _net(report: Report, batch: int) -> dict[str, Any]:
    totals = report.totals
    return {
        "name": report.name,
        "inputs": [_tensor(tensor) for tensor in report.inputs],
        "outputs": [_tensor(tensor) for tensor in report.outputs],
        "totals": {
            "params": totals.params,
            "trainable": totals.trainable,
            "buffers": totals.buffers,
            "macs": _size(totals.macs * batch),
            "flops": _size(totals.flops * batch),
            "activations": _size(totals.activations * batch),
            "attention": _size(totals.attention * batch),
            "recurrence": _size(totals.recurrence * batch),
        },
        "layers": [_layer(layer, batch) for layer in report.layers],
    }


def _layer(layer: LayerReport, batch: int) -> dict[str, Any]:
    row, column = layer.span.location
    return {
        "name": layer.name,
        "op": layer.operation,
        "source": {"filename": layer.span.source.name, "row": row, "column": column},
        "inputs": [_shape(tensor) for tensor in layer.inputs],
        "output": _shape(layer.output),
        "outputs": [_shape(tensor) for tensor in layer.outputs],
        "params": layer.parameters,
        "macs": _size(layer.macs * batch),
        "further_macs": {name: _size(macs * batch) for name, macs in layer.further_macs},
        "receptive_field": _field(layer),
    }


def _tensor(tensor: NamedTensor) -> dict[str, Any]:
    return {"name": tensor.name, "shape": _shape(tensor.type), "dtype": tensor.type.element}


def _shape(tensor: TensorType) -> list[int | str]:
    return [_size(size) for size in tensor.shape]


def _size(size: Size) -> int | str:
    return str(size) if isinstance(size, OpenSize) else size


def _field(layer: LayerReport) -> dict[str, list[int | float]] | str | None:
    field = layer.receptive_field
    if not isinstance(field, Field):
        return field
    return {"size": list(field.size), "stride": list(field.stride), "offset": list(field.offset)}


def _write_json(data: dict[str, Any]) -> None:
    # json.dump writes piece by piece in Python; dumps makes the text in C.
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


# ---- tables --------------------------------------------------------------------------------------


def _show_markdown(reports: Sequence[Report], found: Sequence[Diagnostic], columns: Sequence[str], batch: int) -> None:
    lines = []
    for report in reports:
        of_batch = f", for a batch of {batch:,}" if batch != 1 else ""
        lines += [f"## {report.name}", "", f"{CONVENTION}{of_batch}.", ""]
        lines.append(markdown_row(headings(columns)))
        lines.append(markdown_row(["---:" if is_number(name) else "---" for name in columns]))
        lines += [markdown_row([words(cell) for cell in row]) for row in rows(report, columns, batch)]
        lines += [markdown_row([words(total) for total in total_row(report, columns, batch)]), ""]
        lines += [] if report.complete else [f"{report.name} has mistakes: the layers behind them are left out.", ""]
    lines += [f"* {plain_text(concise(diagnostic))}" for diagnostic in found]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def markdown_row(cells: Sequence[str]) -> str:
    """A row of a table, with all characters as they are."""
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(cell: str) -> str:
    for character in "\\|*_`":
        cell = cell.replace(character, f"\\{character}")
    return cell


def _show_csv(reports: Sequence[Report], found: Sequence[Diagnostic], columns: Sequence[str], batch: int) -> None:
    """The tables of all nets as one; diagnostics go to the standard error, so that what is read is the table alone."""
    from csv import writer

    table = writer(sys.stdout, lineterminator="\n")
    table.writerow(["net", *columns])
    for report in reports:
        table.writerows([report.name, *map(raw, row)] for row in rows(report, columns, batch))
    for diagnostic in found:
        print(plain_text(concise(diagnostic)), file=sys.stderr)


def _show_sarif(found: Sequence[Diagnostic]) -> None:
    from importlib.metadata import PackageNotFoundError, version

    from netdsl.diagnostics.export import as_sarif

    try:
        own_version = version("netdsl")
    except PackageNotFoundError:
        own_version = "0"
    sys.stdout.write(json.dumps(as_sarif(found, own_version), ensure_ascii=False, indent=2) + "\n")
