"""Pieces to lines: where a line ends, and how far it is indented."""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.syntax.format.braces import Braces, pair_braces
from netdsl.syntax.format.columns import Line
from netdsl.syntax.format.pieces import Piece, Position, Remark
from netdsl.syntax.format.spacing import space_between
from netdsl.syntax.format.words import CLOSERS, OPENERS, Place

WIDTH = 110
_INDENTATION = 4
_AFTER_BAR = 2
_NOT_IN_ASSERTION = frozenset(("ARROW", "LBRACE", "RBRACE", "BAR"))
_INNER_FLOWS = frozenset(("output_flow", "recipe_line"))


@dataclass(eq=False, slots=True)
class _Frame:
    """The inside of braces, or the file; `anchor` is the indentation of the line that closes it."""

    braces: Braces | None
    indent: int
    anchor: int
    has_branches: bool

    @property
    def statement_indent(self) -> int:
        return self.indent + (_AFTER_BAR if self.has_branches else 0)


def lines_of(pieces: list[Piece]) -> list[Line]:
    """The lines of a file, not yet aligned.

    Braces that were on one row stay on one line where it has room; otherwise the outermost are opened first.
    """
    pairs = pair_braces(pieces)
    while True:
        lines = _Printer(pieces, pairs).print()
        crowded = [braces for line in lines if line.width > WIDTH for braces in line.flat_braces]
        if not crowded:
            return lines
        for braces in crowded:
            braces.open()


class _Printer:
    """One pass over the pieces; `brackets` holds the indentation of the lines on which open brackets stand."""

    def __init__(self, pieces: list[Piece], pairs: dict[int, Braces]) -> None:
        self.pieces = pieces
        self.pairs = pairs
        self.lines: list[Line] = []
        self.frames = [_Frame(None, 0, 0, has_branches=False)]
        self.brackets: list[int] = []
        self.anchor = 0
        self.base = 0
        self.flat_depth = 0
        self.words: list[str] = []
        self.assertion_start: int | None = None

    def print(self) -> list[Line]:
        """The lines of all pieces."""
        previous: Piece | None = None
        for index, piece in enumerate(self.pieces):
            if previous is None or self._starts_line(previous, piece):
                self._new_line(previous, piece)
            else:
                self._go_on(previous, piece)
            self._follow_brackets(index, piece)
            previous = piece
        return self.lines[:-1]

    # ---- line ends ---------------------------------------------------------------------------

    def _starts_line(self, previous: Piece, piece: Piece) -> bool:
        braces = self.frames[-1].braces
        if piece.remarks:
            return True
        if piece.place is Place.STATEMENT and previous.type == "BAR":
            return False
        if piece.type == "RBRACE" or piece.place is not Place.INSIDE:
            return braces is None or not braces.flat
        return piece.new_row

    def _new_line(self, previous: Piece | None, piece: Piece) -> None:
        self._finish_line()
        is_first = previous is None or previous.type == "LBRACE" or previous.type in OPENERS
        indent = self._indent(piece)
        remarks = piece.remarks
        if previous is not None and remarks and remarks[0].position is Position.TRAILING:
            self.lines[-1].comment = remarks[0].text
            remarks = remarks[1:]
        for remark in remarks:
            self._remark(remark, indent, is_first)
            is_first = False
        closes = piece.type in ("RBRACE", "$END") or piece.type in CLOSERS
        if piece.type == "RBRACE":
            indent = self.anchor = self.frames[-1].anchor
        elif piece.type in CLOSERS:
            indent = self.brackets[-1]
        self.base = self.anchor if piece.place is Place.BRANCH else indent
        paragraph = None if piece.type == "RBRACE" else self.base
        self.lines.append(Line(indent, paragraph, blank=piece.blank and not is_first and not closes))
        self.words = [piece.text]

    def _indent(self, piece: Piece) -> int:
        """The indentation of what begins a line, or of the comments before it where it closes brackets."""
        frame = self.frames[-1]
        if piece.place is Place.BRANCH or piece.type == "RBRACE":
            self.anchor = frame.statement_indent
            return frame.indent
        if piece.place is Place.STATEMENT:
            self.anchor = frame.statement_indent
            return self.anchor
        if piece.type == "ARROW":
            self.anchor = frame.statement_indent + (_INDENTATION if piece.rule in _INNER_FLOWS else 0)
            return self.anchor
        if piece.type == "ELSE" and piece.rule == "choice":
            return self.anchor
        return (self.brackets[-1] if self.brackets else self.anchor) + _INDENTATION

    def _remark(self, remark: Remark, indent: int, is_first: bool) -> None:
        """Add a comment's line; it belongs to the paragraph above, whose columns it does not interrupt."""
        above = self.lines[-1] if self.lines else Line(indent, indent)
        if above.comment is not None and remark.position is Position.UNDER:
            self.lines.append(Line(0, above.paragraph, comment=remark.text, under=True))
        else:
            self.lines.append(Line(indent, above.paragraph, remark.text, blank=remark.blank and not is_first))

    # ---- within a line -----------------------------------------------------------------------

    def _go_on(self, previous: Piece, piece: Piece) -> None:
        if piece.place is Place.STATEMENT and previous.type not in ("LBRACE", "BAR"):
            self.words.append(";")
        if piece.type == "ASSERT":
            self.assertion_start = len(self.words)
        elif piece.type in _NOT_IN_ASSERTION:
            self.assertion_start = None
        self.words.append(" " * piece.padding + space_between(previous, piece) + piece.text)

    def _finish_line(self) -> None:
        """Give the last line its text."""
        if not self.lines:
            return
        line, start = self.lines[-1], self.assertion_start
        line.text = "".join(self.words[:start])
        line.assertion = None if start is None else "".join(self.words[start:]).lstrip()
        self.assertion_start = None

    def _follow_brackets(self, index: int, piece: Piece) -> None:
        if piece.type == "LBRACE":
            self._enter(self.pairs[index], has_branches=piece.rule == "branches")
        elif piece.type == "RBRACE":
            self.frames.pop()
            self.flat_depth -= self.pairs[index].flat
        elif piece.type in OPENERS:
            self.brackets.append(self.base)
        elif piece.type in CLOSERS:
            self.brackets.pop()

    def _enter(self, braces: Braces, has_branches: bool) -> None:
        self.frames.append(_Frame(braces, self.anchor + _INDENTATION, self.anchor, has_branches))
        if braces.flat and not braces.empty and self.flat_depth == 0:
            self.lines[-1].flat_braces.append(braces)
        self.flat_depth += braces.flat
