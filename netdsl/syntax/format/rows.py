"""Lists whose items are rows of values on a line each: the values of one column stand below each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from netdsl.syntax.format.pieces import Piece
from netdsl.syntax.format.spacing import space_between
from netdsl.syntax.format.words import CLOSERS, OPENERS

_Cell: TypeAlias = list[Piece]


@dataclass(eq=False, slots=True)
class _Bracket:
    """Indices of an opening piece, of what begins an item inside, and of the closing piece."""

    start: int
    items: list[int] = field(default_factory=list)
    end: int = 0


def pad_rows(pieces: list[Piece]) -> None:
    """Set the padding of the pieces so that the columns of such lists are aligned; numbers to the right."""
    brackets = _brackets(pieces)
    for bracket in brackets.values():
        if pieces[bracket.start].rule == "list":
            _pad(_table(pieces, bracket, brackets))


def _brackets(pieces: list[Piece]) -> dict[int, _Bracket]:
    brackets: dict[int, _Bracket] = {}
    opened: list[_Bracket] = []
    for index, piece in enumerate(pieces):
        if piece.type in OPENERS:
            opened.append(_Bracket(index, [index + 1]))
        elif piece.type in CLOSERS:
            bracket = opened.pop()
            bracket.end = index
            brackets[bracket.start] = bracket
        elif piece.type == "COMMA" and opened:
            opened[-1].items.append(index + 1)
    return brackets


def _table(pieces: list[Piece], bracket: _Bracket, brackets: dict[int, _Bracket]) -> list[list[_Cell]]:
    """The cells of a list by row; nothing where it is no table."""
    rows = []
    starts = [start for start in bracket.items if start < bracket.end]
    for start, behind in pairwise([*starts, bracket.end]):
        row = brackets.get(start)
        if row is None or row.end < behind - 2 or not _is_row(pieces[start : row.end + 1]):
            return []
        cuts = [*(item for item in row.items if item < row.end), row.end + 1]
        rows.append([pieces[first : next_first - 1] for first, next_first in pairwise(cuts)])
    return rows if len({len(row) for row in rows}) == 1 else []


def _is_row(pieces: list[Piece]) -> bool:
    """Whether a tuple or list has a line to itself."""
    first, *others = pieces
    is_whole = not any(piece.new_row or piece.remarks for piece in others)
    return is_whole and (first.new_row or bool(first.remarks)) and first.rule in ("tuple", "list")


def _pad(rows: list[list[_Cell]]) -> None:
    owed = [0] * len(rows)
    for column in zip(*rows, strict=True):
        widths = [_width(cell) for cell in column]
        missing = [max(widths) - width for width in widths]
        is_numeric = all(cell[-1].type == "NUMBER" and len(cell) <= 2 for cell in column)
        for row, cell in enumerate(column):
            cell[0].padding = owed[row] + (missing[row] if is_numeric else 0)
        owed = [0] * len(rows) if is_numeric else missing


def _width(cell: _Cell) -> int:
    return sum(len(text) for text in _words(cell))


def _words(cell: _Cell) -> Iterator[str]:
    yield cell[0].text
    for previous, piece in pairwise(cell):
        yield space_between(previous, piece) + piece.text
