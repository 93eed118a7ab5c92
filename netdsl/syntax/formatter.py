"""A spec's text to the same spec in the one style of docs/formatting.md."""

from __future__ import annotations

from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax.format.columns import align
from netdsl.syntax.format.lines import lines_of
from netdsl.syntax.format.pieces import pieces_of
from netdsl.syntax.format.rows import pad_rows
from netdsl.syntax.parser import parse


def format_source(source: Source) -> str | None:
    """The formatted text, lines ended by LF; None where the text has a mistake in its syntax.

    The result has the same words in the same order, so it means the same net; formatting it again changes nothing.
    """
    diagnostics = Diagnostics()
    parse(source, diagnostics)
    if diagnostics.has_errors:
        return None
    pieces = pieces_of(source)
    pad_rows(pieces)
    return align(lines_of(pieces))
