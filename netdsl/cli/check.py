"""`netdsl check`: specs to diagnostics and reports, in the form that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from netdsl.analysis.report import Report
from netdsl.cli.files import UnreadableFileError, library_for, read_source
from netdsl.cli.further import further_operations
from netdsl.cli.options import FoldersOption, NetOption, OperationsOption, SetOption, SizeOption, settings, sizes
from netdsl.cli.report_text import figure, foot, head
from netdsl.cli.table import FURTHER_COLUMNS, chosen_columns, headings, is_number, rows, total_row, words
from netdsl.cli.terminal import print_lines, print_table
from netdsl.compiler import Program, check
from netdsl.diagnostics.core import did_you_mean
from netdsl.diagnostics.render import Line, concise, count_words, full, visible


class Format(StrEnum):
    """What `--output-format` offers."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"
    GITHUB = "github"
    SARIF = "sarif"


def command(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Specs; `-` reads the standard input.")],
    *,
    net: NetOption = None,
    set_: SetOption = None,
    size: SizeOption = None,
    batch: Annotated[int, typer.Option(metavar="N", min=1, help="Count costs for a batch of this size.")] = 1,
    columns: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"Add columns to the table: {', '.join(FURTHER_COLUMNS)}, or all."),
    ] = None,
    output_format: Annotated[Format, typer.Option(help="The form of the result.")] = Format.FULL,
    include: FoldersOption = None,
    ops: OperationsOption = None,
) -> None:
    """Print what is wrong with specs, and what their nets cost.

    The exit code is 0 if there are no errors, 1 if there are, 2 if a file cannot be read.
    """
    chosen = _columns(columns)
    given, known, further = settings(set_), sizes(size), further_operations(ops)
    programs: list[Program] = []
    unreadable = False
    for path in files:
        try:
            source = read_source(path)
        except UnreadableFileError as error:
            print(f"netdsl: {visible(str(error))}", file=sys.stderr)
            unreadable = True
            continue
        library = library_for(path, include or [])
        programs.append(check(source, net=net, settings=given, sizes=known, library=library, operations=further))
    _show(programs, output_format, chosen, batch)
    if unreadable:
        raise typer.Exit(2)
    raise typer.Exit(int(any(program.has_errors for program in programs)))


def _columns(listed: str | None) -> tuple[str, ...]:
    try:
        return chosen_columns(listed)
    except KeyError as error:
        word = str(error.args[0])
        nearest = did_you_mean(word, FURTHER_COLUMNS)
        advice = f"did you mean {nearest}?" if nearest else f"there are {', '.join(FURTHER_COLUMNS)}"
        raise typer.BadParameter(f"there is no column {word!r}; {advice}", param_hint="--columns") from None


def _show(programs: Sequence[Program], output_format: Format, columns: Sequence[str], batch: int) -> None:
    match output_format:
        case Format.FULL:
            _show_in_full(programs, columns, batch)
        case Format.CONCISE:
            _show_concisely(programs, batch)
        case _:
            from netdsl.cli.formats import show

            show(output_format.value, programs, columns, batch)


def _show_in_full(programs: Sequence[Program], columns: Sequence[str], batch: int) -> None:
    for program in programs:
        for net in program.nets:
            _show_report(net.report, columns, batch)
    found = [diagnostic for program in programs for diagnostic in program.diagnostics]
    for diagnostic in found:
        print_lines((*full(diagnostic), ()))
    if found:
        print_lines([((count_words(tuple(found)), "strong"),)])


def _show_report(report: Report, columns: Sequence[str], batch: int) -> None:
    print_lines(head(report, batch))
    if report.layers:
        cells = [[words(cell) for cell in row] for row in rows(report, columns, batch)]
        cells.append([words(cell) for cell in total_row(report, columns, batch)])
        print_table(headings(columns), cells, [is_number(name) for name in columns])
    print_lines([*foot(report, batch), ()])


def _show_concisely(programs: Sequence[Program], batch: int) -> None:
    """One line for each diagnostic, and one for each net."""
    lines: list[Line] = []
    for program in programs:
        lines.extend(concise(diagnostic) for diagnostic in program.diagnostics)
        lines.extend(_summary(net.report, batch) for net in program.nets)
    print_lines(lines)


def _summary(report: Report, batch: int) -> Line:
    place = f"{visible(report.span.source.name)}:{report.span.row}: "
    if not report.complete:
        return ((place, "plain"), (report.name, "strong"), (" has mistakes", "plain"))
    outputs = ", ".join(str(tensor.type) for tensor in report.outputs)
    totals = report.totals
    costs = f"{totals.params:,} parameters, {figure(totals.macs * batch)} MACs"
    costs += "".join(f", {figure(macs * batch)} in {name}" for name, macs in totals.further_macs)
    return ((place, "plain"), (report.name, "strong"), (f" -> {outputs}: {costs}", "plain"))
