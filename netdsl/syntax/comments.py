"""Comments that belong to something: those on the lines directly above a net or a block are its description."""

from __future__ import annotations

from netdsl.source import Span

_MARK = "#"


def doc_comment(item: Span) -> str:
    """The comment lines directly above a net or a block, without their marks; empty where there are none.

    Args:
        item: where the net or block stands. Its line and those above it decide, so that the AST is not needed.
    """
    source, row = item.source, item.row
    lines: list[str] = []
    while row > 1 and source.line(row - 1).lstrip().startswith(_MARK):
        row -= 1
        text = source.line(row).lstrip()[len(_MARK) :]
        lines.append(text.removeprefix(" ").rstrip())
    return "\n".join(reversed(lines)).strip("\n")
