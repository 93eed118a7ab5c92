"""Which braces of a spec stay on one line."""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.syntax.format.pieces import Piece


@dataclass(eq=False, slots=True)
class _Chain:
    """What the bodies of one `if … else if … else` share: all of them stay on one line, or none."""

    flat: bool = True


@dataclass(eq=False, slots=True)
class Braces:
    """A pair of braces."""

    chain: _Chain
    empty: bool = False

    @property
    def flat(self) -> bool:
        """Whether the inside stays on one line."""
        return self.empty or self.chain.flat

    def open(self) -> None:
        """Put the inside on lines of its own."""
        self.chain.flat = False


def pair_braces(pieces: list[Piece]) -> dict[int, Braces]:
    """The braces of a spec by the indices of their two pieces; flat are those that end on the row they begin on."""
    pairs: dict[int, Braces] = {}
    opened: list[tuple[int, int, Braces]] = []
    chain = _Chain()
    row = 0
    for index, piece in enumerate(pieces):
        row += piece.new_row or bool(piece.remarks)
        if piece.type == "LBRACE":
            pairs[index] = Braces(chain)
            opened.append((index, row, pairs[index]))
            chain = _Chain()
        elif piece.type == "RBRACE":
            start, first_row, braces = opened.pop()
            pairs[index] = braces
            braces.empty = index == start + 1 and not piece.remarks
            if row != first_row and not braces.empty:
                braces.open()
            chain = braces.chain if _goes_on(pieces[index + 1]) else _Chain()
    return pairs


def _goes_on(piece: Piece) -> bool:
    return piece.type == "ELSE" and piece.rule == "choice"
