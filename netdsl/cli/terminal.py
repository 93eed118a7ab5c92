"""Lines and tables to the standard output: in colour and fitted to the width on a terminal, as plain text elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from netdsl.cli.report_text import aligned
from netdsl.diagnostics.render import Line, plain_text

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "help": "bold green",
    "gutter": "blue",
    "strong": "bold",
    "plain": "",
}


@cache
def is_terminal() -> bool:
    """Whether a person looks at the standard output."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines whose pieces have roles."""
    if not is_terminal():
        sys.stdout.writelines(f"{plain_text(line)}\n" for line in lines)
        return
    from rich.text import Text

    for line in lines:
        text = Text.assemble(*((piece, _STYLES[role]) for piece, role in line))
        _console().print(text, soft_wrap=True)


def print_table(headings: Sequence[str], cells: Sequence[Sequence[str]], to_the_right: Sequence[bool]) -> None:
    """Print a table whose last row is that of the totals, with an empty line before and after it."""
    if not is_terminal():
        sys.stdout.writelines(f"{line}\n" for line in ("", *aligned(headings, cells, to_the_right), ""))
        return
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        box=SIMPLE, pad_edge=False, padding=(0, 1), show_footer=True, header_style="bold", footer_style="bold"
    )
    for heading, total, right in zip(headings, cells[-1], to_the_right, strict=True):
        table.add_column(heading, total, justify="right" if right else "left", overflow="fold")
    for row in cells[:-1]:
        table.add_row(*row)
    _console().print(table)


@cache
def _console() -> Console:
    """Rich's console; the words of a spec are no markup. It minds NO_COLOR and COLUMNS by itself."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)
