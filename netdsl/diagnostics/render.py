"""Diagnostics to text for people: the full form with the source lines, and the concise form of one line each.

A rendered line is a tuple of pieces, each a text and the name of its role (`error`, `gutter`, ...); what colours the
roles have, and whether there are any, is the command line's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from netdsl.diagnostics.core import Diagnostic, Note
from netdsl.source import Span

Piece: TypeAlias = tuple[str, str]
Line: TypeAlias = tuple[Piece, ...]

PLAIN, STRONG, GUTTER, HELP, NOTE = "plain", "strong", "gutter", "help", "note"

_TAB = 4
_LONGEST_LINE = 160
_BEFORE_CUT = 40


def full(diagnostic: Diagnostic) -> tuple[Line, ...]:
    """A diagnostic with the lines of the spec that it is about, and those of its notes."""
    severity = diagnostic.severity
    lines: list[Line] = [
        ((f"{severity}[{diagnostic.code} {diagnostic.name}]", severity), (f": {visible(diagnostic.message)}", STRONG))
    ]
    margin = _margin(diagnostic)
    lines.extend(_excerpt(diagnostic.span, margin, "^", severity))
    if diagnostic.help:
        lines.append(((f"{'':{margin}} = ", GUTTER), ("help", HELP), (f": {visible(diagnostic.help)}", PLAIN)))
    for note in diagnostic.related:
        lines.append((("note", NOTE), (f": {visible(note.message)}", PLAIN)))
        lines.extend(_excerpt(note.span, margin, "-", NOTE))
    return tuple(lines)


def concise(diagnostic: Diagnostic) -> Line:
    """`file:row:column: error[E204] message (help)`."""
    row, column = diagnostic.span.location
    advice = f" ({visible(diagnostic.help)})" if diagnostic.help else ""
    return (
        (f"{visible(diagnostic.span.source.name)}:{row}:{column}: ", PLAIN),
        (f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity),
        (f" {visible(diagnostic.message)}{advice}", PLAIN),
    )


def plain_text(line: Line) -> str:
    """A line without its roles."""
    return "".join(text for text, _ in line)


def visible(text: str) -> str:
    """The text with `\ufffd` for what a terminal would take as a command, and a space for the end of a line."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " if each in "\r\n\t" else "\ufffd" for each in text)


def count_words(diagnostics: tuple[Diagnostic, ...]) -> str:
    """`2 errors, 1 warning`; empty where there are none."""
    counts = {"error": 0, "warning": 0}
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in counts.items() if count)


# ---- the lines of the spec ---------------------------------------------------------------------


def _margin(diagnostic: Diagnostic) -> int:
    """How wide the row numbers of all places are."""
    places: list[Diagnostic | Note] = [diagnostic, *diagnostic.related]
    return max(len(str(place.span.end_location[0])) for place in places)


def _excerpt(span: Span, margin: int, mark: str, role: str) -> Iterator[Line]:
    """`--> file:4:12` and the marked lines; of a long span the first and the last one."""
    gutter = " " * margin
    yield ((f"{gutter}--> ", GUTTER), (visible(str(span)), PLAIN))
    if not span.source.text:
        return
    (first, start), (last, end) = span.location, span.end_location
    if end == 1 and last > first:
        last, end = last - 1, len(span.source.line(last - 1)) + 1
    yield ((f"{gutter} |", GUTTER),)
    if first == last:
        yield from _marked(span, first, start, max(end, start + 1), margin, mark, role)
        return
    yield from _marked(span, first, start, len(span.source.line(first).rstrip()) + 1, margin, mark, role)
    if last > first + 1:
        yield ((f"{gutter} | ", GUTTER), ("...", GUTTER))
    line = span.source.line(last)
    yield from _marked(span, last, len(line) - len(line.lstrip()) + 1, end, margin, mark, role)


def _marked(span: Span, row: int, start: int, end: int, margin: int, mark: str, role: str) -> Iterator[Line]:
    """A row of the spec, and marks under the columns from `start` up to `end` (both from 1)."""
    text, start, end = _window(span.source.line(row), start - 1, end - 1)
    indent = _columns(text[:start])
    width = max(_columns(text[:end]) - indent, 1)
    yield ((f"{row:>{margin}} | ", GUTTER), (_shown(text), PLAIN))
    yield ((f"{'':{margin}} | ", GUTTER), (" " * indent + mark * width, role))


def _window(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around its marked part, and the marked part's place in it."""
    if len(text) <= _LONGEST_LINE:
        return text, start, end
    first = max(min(start - _BEFORE_CUT, len(text) - _LONGEST_LINE), 0)
    last = first + _LONGEST_LINE
    head, tail = "…" if first else "", "…" if last < len(text) else ""
    shift = len(head) - first
    return head + text[first:last] + tail, start + shift, min(end, last) + shift


def _shown(text: str) -> str:
    """A line of the spec with its tabs widened; columns are those of `_columns`."""
    if "\t" not in text:
        return visible(text)
    shown = ""
    for part in text.split("\t"):
        shown += visible(part)
        shown += " " * (_TAB - _columns(shown) % _TAB)
    return shown.rstrip()


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: tabs reach the next stop, wide characters take two."""
    if text.isascii() and "\t" not in text:
        return len(text)
    from unicodedata import combining, east_asian_width

    columns = 0
    for character in text:
        if character == "\t":
            columns += _TAB - columns % _TAB
        elif not combining(character):
            columns += 2 if east_asian_width(character) in "WF" else 1
    return columns
