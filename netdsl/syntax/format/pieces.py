"""Words to pieces: every word of a spec in order, with the comments before it and the line ends that stay.

What is printed later means what was read, since every word is here, parentheses and digits included: only the space
between the words changes, and commas behind the last item of a list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from netdsl.source import Source
from netdsl.syntax.format.words import CLOSERS, OPENERS, Place, words_of
from netdsl.syntax.tokens import Layout, Lexeme

_OPERATORS = frozenset("STAR SLASH FLOOR_DIVIDE PERCENT PLUS MINUS COMPARE AND OR IF ELSE".split())
_EXPRESSIONS = frozenset(("binary", "conditional"))


class Position(Enum):
    """Where a comment stands: behind code, on its own line, or under a comment that it continues."""

    TRAILING = "trailing"
    OWN_LINE = "own line"
    UNDER = "under"


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment; `blank` tells that an empty line stands above it."""

    text: str
    position: Position
    blank: bool


@dataclass(eq=False, slots=True)
class Piece:
    """One word with its rule; `new_row` tells that a line end of the user's before it stays, `blank` an empty line.

    `padding` is the number of spaces that a table wants before it.
    """

    type: str
    text: str
    rule: str
    place: Place
    new_row: bool = False
    blank: bool = False
    remarks: list[Remark] = field(default_factory=list)
    padding: int = 0


def pieces_of(source: Source) -> list[Piece]:
    """The pieces of a text without mistakes; the last one is `$END`, which has no text."""
    layout = Layout(source)
    words = list(words_of(source, layout))
    remarks = _Remarks(source, layout.comments)
    pieces = []
    for lexeme, rule, place in words:
        breaks, blank = _gap(source.text, lexeme.span.start)
        piece = Piece(lexeme.type, lexeme.text, rule, place, breaks, blank)
        if lexeme.type != "COMMA":
            piece.remarks = remarks.before(lexeme.span.start)
        pieces.append(piece)
    _move_arrows_down(pieces)
    _settle_rows(pieces)
    return pieces


# ---- what stands between them ----------------------------------------------------------------


def _gap(text: str, start: int) -> tuple[bool, bool]:
    """Whether the text at `start` is the first on its row, and whether an empty row is above it."""
    is_first, blank, breaks = start == 0, False, 0
    while start > 0 and text[start - 1] in " \t\f;\r\n":
        start -= 1
        if text[start] == ";":
            breaks = 0
        elif text[start] == "\n" or (text[start] == "\r" and text[start + 1 : start + 2] != "\n"):
            breaks += 1
            is_first = True
            blank = blank or breaks > 1
    return is_first or start == 0, blank


class _Remarks:
    """Hands out the comments in the order of the text."""

    def __init__(self, source: Source, comments: list[Lexeme]) -> None:
        self.source = source
        self.comments = comments
        self.next = 0

    def before(self, offset: int) -> list[Remark]:
        """The comments between the place of the last call and `offset`."""
        remarks: list[Remark] = []
        column_above: int | None = None
        while self.next < len(self.comments) and self.comments[self.next].span.start < offset:
            comment = self.comments[self.next]
            column = comment.span.location[1]
            is_first, blank = _gap(self.source.text, comment.span.start)
            position = Position.OWN_LINE if is_first else Position.TRAILING
            if is_first and not blank and column == column_above:
                position = Position.UNDER
            column_above = None if position is Position.OWN_LINE else column
            remarks.append(Remark(comment.text.rstrip(), position, blank))
            self.next += 1
        return remarks


def _move_arrows_down(pieces: list[Piece]) -> None:
    """Where a row ends with `->`, make the arrow begin the next one, behind the comments between them."""
    for arrow, piece in pairwise(pieces):
        if arrow.type != "ARROW" or not piece.new_row:
            continue
        arrow.new_row = True
        arrow.blank = arrow.blank or piece.blank
        arrow.remarks += piece.remarks
        piece.new_row = False
        piece.blank = False
        piece.remarks = []


def _settle_rows(pieces: list[Piece]) -> None:
    """Forget the line ends that do not stay; a closing bracket begins a line where the first item does."""
    broken: list[bool] = []
    for previous, piece in pairwise(pieces):
        if previous.type in OPENERS:
            broken.append(piece.type not in CLOSERS and (piece.new_row or bool(piece.remarks)))
        if piece.type in CLOSERS:
            piece.new_row = broken.pop()
        else:
            piece.new_row = piece.new_row and _may_break(previous, piece)


def _may_break(previous: Piece, piece: Piece) -> bool:
    if piece.place is not Place.INSIDE or piece.type == "RBRACE":
        return previous.type != "BAR"
    if piece.type == "ARROW" or previous.type == "COMMA" or previous.type in OPENERS:
        return True
    return any(one.type in _OPERATORS and one.rule in _EXPRESSIONS for one in (previous, piece))
